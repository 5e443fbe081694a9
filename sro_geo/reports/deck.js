"use strict";
(() => {
  const say = JSON.parse(document.getElementById("words").textContent);
  const slides = [...document.querySelectorAll("main>section")];
  const at = (id) => document.getElementById(id);
  const root = document.documentElement;
  const presenting = location.hash === "#presenter" && !!window.opener;
  let now = 0, child = null, zoomed = null;

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, k) => values[k]);
  const title = (i) => slides[i].querySelector("h2").textContent;
  const wanted = () => Math.max(0, (parseInt(location.hash.slice(1), 10) || 1) - 1);

  function show(to, focus) {
    now = Math.min(slides.length - 1, Math.max(0, to));
    leaveMap();
    slides.forEach((slide, i) => { slide.hidden = presenting || i !== now; });
    at("where").textContent = fill(say.where, { n: now + 1, of: slides.length });
    at("jump").value = String(now);
    at("zoom").hidden = !slides[now].querySelector("figure");
    if (presenting) { notes(); return; }
    document.title = `${now + 1} · ${title(now)} · ${say.title}`;
    history.replaceState(null, "", `#${now + 1}`);
    if (focus) slides[now].querySelector("h2").focus({ preventScroll: true });
    tell(child);
  }
  const tell = (to) => { if (to && !to.closed) to.postMessage({ sroDeck: true, now }, "*"); };
  function go(to) {
    if (presenting) window.opener.postMessage({ sroDeck: true, go: to }, "*");
    else show(to, true);
  }

  // The same drawing, to be dragged and zoomed.
  function enterMap() {
    const figure = slides[now].querySelector("figure");
    if (!figure || !window.L) return;
    const drawing = figure.querySelector("svg.map"), box = document.createElement("div");
    const [, , wide, high] = drawing.getAttribute("viewBox").split(" ").map(Number);
    box.className = "map-box";
    figure.append(box);
    const map = L.map(box, {
      crs: L.CRS.Simple, attributionControl: false, zoomControl: false, minZoom: -4, maxZoom: 4,
      zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false, inertia: false,
    });
    L.control.zoom({ zoomInTitle: say.in, zoomOutTitle: say.out }).addTo(map);
    const copy = drawing.cloneNode(true), bounds = [[0, 0], [high, wide]];
    copy.removeAttribute("class");
    L.svgOverlay(copy, bounds).addTo(map);
    map.fitBounds(bounds);
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", say.map);
    zoomed = { map, box };
    at("zoom").setAttribute("aria-pressed", "true");
    box.focus();
  }
  function leaveMap() {
    if (!zoomed) return;
    zoomed.map.remove();
    zoomed.box.remove();
    zoomed = null;
    at("zoom").setAttribute("aria-pressed", "false");
  }
  const toggleMap = () => { if (zoomed) { leaveMap(); at("zoom").focus(); } else enterMap(); };

  function dark() {
    const on = root.dataset.theme !== "dark";
    root.dataset.theme = on ? "dark" : "";
    at("theme").setAttribute("aria-pressed", String(on));
  }
  const blank = () => document.body.classList.toggle("blank");
  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen().catch(() => {});
  }
  function present() {
    child = window.open(`${location.href.split("#")[0]}#presenter`, "sro-presenter", "width=900,height=700");
  }

  // The second window: note, clock, what comes next.
  let started = Date.now();
  function notes() {
    at("p-title").textContent = `${now + 1}/${slides.length} · ${title(now)}`;
    at("p-note").textContent = slides[now].dataset.note || say.none;
    at("p-next").textContent = now + 1 < slides.length ? fill(say.next, { title: title(now + 1) }) : say.end;
  }
  function tick() {
    const two = (n) => String(n).padStart(2, "0"), day = new Date();
    const gone = Math.floor((Date.now() - started) / 1000);
    at("p-clock").textContent = `${two(day.getHours())}:${two(day.getMinutes())} · ${two(Math.floor(gone / 60))}:${two(gone % 60)}`;
  }

  const keys = {
    ArrowRight: () => go(now + 1), PageDown: () => go(now + 1), ArrowLeft: () => go(now - 1),
    PageUp: () => go(now - 1), Home: () => go(0), End: () => go(slides.length - 1),
    b: blank, ".": blank, f: full, d: dark, p: () => { if (!presenting) present(); }, z: toggleMap,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && zoomed) { toggleMap(); return; }
    const inside = event.target instanceof Element ? event.target : null;
    const own = inside && inside.closest("select,.map-box");
    if (own && !["PageDown", "PageUp", "z"].includes(event.key)) return;
    const scrolls = inside && inside.closest(".body");
    if (scrolls && ["Home", "End"].includes(event.key) && scrolls.scrollHeight > scrolls.clientHeight) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  addEventListener("hashchange", () => { if (!presenting) show(wanted(), true); });
  addEventListener("message", (event) => {
    if (!event.data || event.data.sroDeck !== true) return;
    if (presenting && event.source === window.opener) show(event.data.now, false);
    if (!presenting && event.source === child) {
      if (event.data.hello) tell(child); else if (Number.isInteger(event.data.go)) show(event.data.go, false);
    }
  });
  at("back").onclick = () => go(now - 1);
  at("on").onclick = () => go(now + 1);
  at("jump").onchange = (event) => go(Number(event.target.value));
  at("theme").onclick = dark;
  at("full").onclick = full;
  at("zoom").onclick = toggleMap;
  at("notes").onclick = present;
  if (presenting) {
    document.title = say.presenter;
    at("presenter").hidden = false;
    for (const id of ["notes", "zoom", "full"]) at(id).hidden = true;
    at("p-reset").onclick = () => { started = Date.now(); tick(); };
    tick();
    setInterval(tick, 1000);
    show(0, false);
    window.opener.postMessage({ sroDeck: true, hello: true }, "*");
  } else show(wanted(), false);
})();
