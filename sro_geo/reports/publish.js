"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".cards>li")];
  const plain = (words) => words.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const held = cards.map((card) => plain(card.textContent));
  function narrow() {
    const words = plain(at("text").value).split(/\s+/).filter(Boolean), kind = at("kind").value;
    let shown = 0;
    cards.forEach((card, i) => {
      card.hidden = !(words.every((w) => held[i].includes(w)) && (!kind || card.dataset.kind === kind));
      shown += card.hidden ? 0 : 1;
    });
    at("count").textContent = at("count").dataset.words.replace("{count}", shown);
  }
  at("filter").hidden = false;
  at("filter").addEventListener("submit", (event) => event.preventDefault());
  at("text").addEventListener("input", narrow);
  at("kind").addEventListener("change", narrow);
  narrow();
})();
