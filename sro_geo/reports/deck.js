"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const say = JSON.parse(at("words").textContent);
  const slides = [...document.querySelectorAll("main>section")];
  const root = document.documentElement;
  const embedded = window.self !== window.top;
  const narrow = matchMedia("(max-width: 819px), (max-height: 419px), (max-aspect-ratio: 1/1)");
  let now = 0, map = null, second = null;

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, k) => values[k]);
  const title = (i) => slides[i].querySelector("h2").textContent;
  function wanted() {
    let link = "";
    try { link = decodeURIComponent(location.hash.slice(1)); } catch { /* a broken link: first slide */ }
    const named = slides.findIndex((slide) => slide.dataset.key === link);
    return named < 0 ? Math.max(0, (parseInt(link, 10) || 1) - 1) : named;
  }

  function show(to, focus) {
    now = Math.min(slides.length - 1, Math.max(0, to));
    leaveMap();
    slides.forEach((slide, i) => { slide.hidden = i !== now; });
    at("where").textContent = fill(say.where, { n: now + 1, of: slides.length });
    at("jump").value = String(now);
    document.title = `${now + 1} · ${title(now)} · ${say.title}`;
    // Inside of another page there is no address of our own.
    try { history.replaceState(null, "", `#${now + 1}`); } catch { /* nothing is lost */ }
    at("table").hidden = !slides[now].querySelector(".tables");
    at("table").setAttribute("aria-pressed", String(slides[now].classList.contains("tabled")));
    if (!root.classList.contains("stage")) scrollTo(0, 0);
    enterMap();
    reach();
    if (focus) slides[now].querySelector("h2").focus({ preventScroll: true });
    notes();
  }
  const go = (to) => show(to, true);

  // What scrolls can be reached by keyboard; what does not is no stop.
  function reach() {
    for (const box of slides[now].querySelectorAll(".body,.panel,.held")) {
      const scrolls = getComputedStyle(box).overflowX === "auto" &&
        (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1);
      if (scrolls) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  }
  // The table beside the map, in place of legend and words.
  function table() {
    if (!slides[now].querySelector(".tables")) return;
    const on = slides[now].classList.toggle("tabled");
    at("table").setAttribute("aria-pressed", String(on));
    if (map) fitMap();
    reach();
  }

  // The map: the same drawing in Leaflet, and above it the outlines that know their figures.
  function enterMap() {
    const figure = slides[now].querySelector("figure");
    if (!figure || !window.L) return;
    const drawing = figure.querySelector("svg.map");
    const [x, y, wide, high] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const box = document.createElement("div");
    box.className = "map-box";
    figure.append(box);
    const bounds = [[0, 0], [high, wide]];
    const leaflet = L.map(box, {
      crs: L.CRS.Simple, attributionControl: false, zoomControl: false, keyboard: false,
      zoomSnap: 0, zoomDelta: 0.5, minZoom: -6, maxZoom: 6, zoomAnimation: false,
      fadeAnimation: false, inertia: false, maxBoundsViscosity: 1,
      scrollWheelZoom: root.classList.contains("stage"), dragging: false,
    });
    const copy = drawing.cloneNode(true);
    copy.removeAttribute("class");
    copy.removeAttribute("role");
    copy.removeAttribute("aria-label");
    copy.setAttribute("aria-hidden", "true");
    L.svgOverlay(copy, bounds).addTo(leaflet);
    map = { figure, box, leaflet, bounds, drawing, least: 0, spots: [], mine: 0 };
    fitMap();
    addSpots(figure.querySelector("template"), bounds);
    addButtons();
    leaflet.setMaxBounds(bounds);
    leaflet.on("zoom", () => {
      // The whole map is not dragged: a finger then scrolls the page.
      leaflet.dragging[leaflet.getZoom() > map.least + 0.01 ? "enable" : "disable"]();
    });
  }
  // The box covers what is drawn, whatever room is left around it.
  function fitMap() {
    const { figure, box, leaflet, bounds, drawing } = map;
    const [, , wide, high] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const outer = figure.getBoundingClientRect(), inner = drawing.getBoundingClientRect();
    const scale = Math.min(inner.width / wide, inner.height / high);
    const size = [wide * scale, high * scale];
    box.style.left = `${inner.left - outer.left}px`;
    box.style.top = `${inner.top - outer.top}px`;
    box.style.width = `${size[0]}px`;
    box.style.height = `${size[1]}px`;
    leaflet.invalidateSize({ animate: false });
    leaflet.setMinZoom(-6);
    leaflet.fitBounds(bounds, { animate: false });
    map.least = leaflet.getZoom();
    leaflet.setMinZoom(map.least);
    leaflet.setMaxZoom(map.least + 3);
  }
  function addSpots(held, bounds) {
    const layer = held.content.firstElementChild.cloneNode(true);
    map.spots = [...layer.querySelectorAll("path")];
    const { box } = map;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", say.map);
    if (!map.spots.length) return;
    const lines = ["casing", "ring"].map((name) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      line.setAttribute("class", name);
      layer.append(line);
      return line;
    });
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    box.append(tip);
    function mark(spot) {
      for (const line of lines) line.setAttribute("d", spot ? spot.getAttribute("d") : "");
      tip.hidden = !spot;
      if (!spot) return;
      tip.textContent = spot.dataset.name;
      if (spot.dataset.figure) {
        const figure = document.createElement("b");
        figure.textContent = spot.dataset.figure;
        tip.append(figure);
      }
      const area = spot.getBoundingClientRect(), room = box.getBoundingClientRect();
      const inside = (v, most) => Math.max(4, Math.min(v, most - 4));
      const left = (area.left + area.right - tip.offsetWidth) / 2 - room.left;
      const above = area.top - room.top - tip.offsetHeight - 8;
      const down = above < 4 ? area.top - room.top + 8 : above;
      tip.style.left = `${inside(left, room.width - tip.offsetWidth)}px`;
      tip.style.top = `${inside(down, room.height - tip.offsetHeight)}px`;
    }
    map.spots.forEach((spot, i) => {
      const { name, figure } = spot.dataset;
      spot.setAttribute("role", "img");
      spot.setAttribute("aria-label", figure ? `${name}: ${figure}` : name);
      spot.setAttribute("tabindex", i ? "-1" : "0");
      spot.addEventListener("focus", () => {
        for (const other of map.spots) other.setAttribute("tabindex", other === spot ? "0" : "-1");
        map.mine = i;
        see(spot);
        mark(spot);
      });
      spot.addEventListener("blur", () => mark(null));
      spot.addEventListener("pointerenter", () => mark(spot));
      spot.addEventListener("pointerleave", () => mark(map.spots.find((s) => s === document.activeElement)));
      spot.addEventListener("click", () => spot.focus({ preventScroll: true }));
    });
    map.mark = mark;
    L.svgOverlay(layer, bounds, { interactive: false }).addTo(map.leaflet);
    map.leaflet.on("move zoom", () => mark(map.spots.find((s) => s === document.activeElement)));
  }
  // A zoomed map comes along when the focus leaves what is to be seen of it.
  function see(spot) {
    const area = spot.getBoundingClientRect(), room = map.box.getBoundingClientRect();
    const x = (area.left + area.right - room.left - room.right) / 2;
    const y = (area.top + area.bottom - room.top - room.bottom) / 2;
    if (map.leaflet.getZoom() > map.least + 0.01) map.leaflet.panBy([x, y], { animate: false });
    map.box.scrollTo(0, 0);
  }
  function addButtons() {
    const row = document.createElement("div");
    row.className = "zoom";
    for (const [face, words, act] of [["+", say.in, closer], ["−", say.out, further], ["⤢", say.whole, wholeMap]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = face;
      button.title = words;
      button.setAttribute("aria-label", words);
      button.onclick = act;
      row.append(button);
    }
    map.row = row;
    map.figure.append(row);
  }
  const closer = () => { if (map) map.leaflet.zoomIn(0.5, { animate: false }); };
  const further = () => { if (map) map.leaflet.zoomOut(0.5, { animate: false }); };
  const wholeMap = () => { if (map) map.leaflet.fitBounds(map.bounds, { animate: false }); };
  function leaveMap() {
    if (!map) return;
    map.leaflet.off().remove();
    map.box.remove();
    map.row.remove();
    map = null;
  }
  function step(by) {
    if (!map || !map.spots.length) return;
    const to = (map.mine + by + map.spots.length) % map.spots.length;
    map.spots[to].focus({ preventScroll: true });
  }

  function dark() {
    const on = root.dataset.theme !== "dark";
    root.dataset.theme = on ? "dark" : "";
    at("theme").setAttribute("aria-pressed", String(on));
  }
  function blank(white) {
    const on = !root.classList.contains("blank");
    root.classList.toggle("blank", on);
    root.classList.toggle("white", on && white);
  }
  const whole = () => document.fullscreenElement || document.webkitFullscreenElement;
  function full() {
    const enter = root.requestFullscreen || root.webkitRequestFullscreen;
    const leave = document.exitFullscreen || document.webkitExitFullscreen;
    const done = whole() ? leave.call(document) : enter && enter.call(root);
    if (done && done.catch) done.catch(() => {});
  }

  // The second window: note, clock, this slide and the next. It has no script: this page leads it,
  // so that it also opens where the deck is part of another page.
  let started = Date.now();
  const theirs = (id) => second.document.getElementById(id);
  function present() {
    if (second && !second.closed) { second.focus(); return; }
    second = window.open("", "", "popup,width=1180,height=760");
    if (!second) return;
    const page = second.document;
    page.documentElement.lang = root.lang;
    page.documentElement.className = "stage";
    page.documentElement.dataset.theme = root.dataset.theme || "";
    page.title = say.presenter;
    page.head.append(page.importNode(document.querySelector("style"), true));
    page.body.replaceChildren(page.importNode(at("second").content, true));
    theirs("p-back").onclick = () => show(now - 1, false);
    theirs("p-on").onclick = () => show(now + 1, false);
    theirs("p-reset").onclick = () => { started = Date.now(); tick(); };
    page.addEventListener("keydown", (event) => pressed(event, true));
    started = Date.now();
    notes();
    tick();
    theirs("p-note").focus();
  }
  function picture(i) {
    const slide = second.document.importNode(slides[i], true);
    slide.hidden = false;
    slide.classList.remove("tabled");
    slide.inert = true;
    slide.setAttribute("aria-hidden", "true");
    for (const extra of slide.querySelectorAll(".map-box,.zoom,.tables")) extra.remove();
    return slide;
  }
  function notes() {
    if (!second || second.closed) { second = null; return; }
    const more = now + 1 < slides.length;
    theirs("p-where").textContent = fill(say.where, { n: now + 1, of: slides.length });
    theirs("p-title").textContent = title(now);
    theirs("p-note").textContent = slides[now].dataset.note || say.none;
    theirs("p-next").textContent = more ? fill(say.next, { title: title(now + 1) }) : say.end;
    theirs("p-now").replaceChildren(picture(now));
    theirs("p-later").replaceChildren(...(more ? [picture(now + 1)] : []));
    theirs("p-note").scrollTo(0, 0);
  }
  function tick() {
    if (!second || second.closed) return;
    const two = (n) => String(n).padStart(2, "0"), day = new Date();
    const gone = Math.floor((Date.now() - started) / 1000);
    theirs("p-clock").textContent = `${two(day.getHours())}:${two(day.getMinutes())}`;
    theirs("p-gone").textContent = `${two(Math.floor(gone / 60))}:${two(gone % 60)}`;
  }
  setInterval(tick, 1000);
  addEventListener("pagehide", () => { if (second && !second.closed) second.close(); });

  const on = () => go(now + 1), back = () => go(now - 1);
  const keys = {
    ArrowRight: on, PageDown: on, ArrowLeft: back, PageUp: back,
    Home: () => go(0), End: () => go(slides.length - 1),
    b: () => blank(false), ".": () => blank(false), w: () => blank(true), ",": () => blank(true),
    f: full, d: dark, p: present, t: table, "+": closer, "-": further, 0: wholeMap,
    // z: nearer, and back again.
    z: () => {
      if (!map) return;
      if (map.leaflet.getZoom() > map.least + 0.01) wholeMap();
      else map.leaflet.setZoom(map.least + 1, { animate: false });
    },
  };
  function pressed(event, away) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const target = event.target && event.target.closest ? event.target : null;
    const within = (what) => target && target.closest(what);
    let act = keys[key];
    if (away) act = { ...keys, " ": on, f: null, p: null, t: null }[key];
    if (within("select") && !["PageDown", "PageUp"].includes(key)) return;
    if (within(".spots")) act = { ArrowDown: () => step(1), ArrowUp: () => step(-1) }[key] || act;
    if (key === " " && !within("button,select")) act = event.shiftKey ? back : on;
    if (key === "Escape") act = escape();
    const scrolls = within("[tabindex='0']");
    if (scrolls && ["Home", "End"].includes(key) && scrolls.scrollHeight > scrolls.clientHeight + 1) return;
    if (!act) return;
    event.preventDefault();
    act();
  }
  // Escape undoes one thing at a time; when nothing is left the page around the deck is told.
  function escape() {
    if (root.classList.contains("blank")) return () => blank(false);
    if (map && map.leaflet.getZoom() > map.least + 0.01) return wholeMap;
    if (map && map.spots.includes(document.activeElement)) return () => document.activeElement.blur();
    if (embedded && !whole()) return () => window.parent.postMessage({ sroDeck: "leave" }, "*");
    return null;
  }
  addEventListener("keydown", (event) => pressed(event, false));
  addEventListener("hashchange", () => { if (wanted() !== now) show(wanted(), true); });

  // A swipe turns the page, unless it moves the map or a table.
  let touched = null;
  addEventListener("touchstart", (event) => {
    const one = event.touches.length === 1 && !event.target.closest(".map-box,.held,nav");
    touched = one ? [event.touches[0].clientX, event.touches[0].clientY] : null;
  }, { passive: true });
  addEventListener("touchend", (event) => {
    if (!touched) return;
    const x = event.changedTouches[0].clientX - touched[0], y = event.changedTouches[0].clientY - touched[1];
    touched = null;
    if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) go(now + (x < 0 ? 1 : -1));
  }, { passive: true });

  // In full screen the bar goes when nobody needs it.
  let rest = 0;
  function stir() {
    root.classList.remove("quiet");
    clearTimeout(rest);
    if (whole()) rest = setTimeout(() => root.classList.add("quiet"), 3000);
  }
  for (const what of ["pointermove", "pointerdown", "fullscreenchange"]) addEventListener(what, stir);
  document.addEventListener("fullscreenchange", stir);

  function lay() {
    root.classList.toggle("stage", !narrow.matches);
    leaveMap();
    enterMap();
    reach();
  }
  let resized = 0;
  addEventListener("resize", () => { cancelAnimationFrame(resized); resized = requestAnimationFrame(lay); });
  addEventListener("beforeprint", () => { leaveMap(); root.classList.add("stage"); });
  addEventListener("afterprint", lay);

  at("back").onclick = back;
  at("on").onclick = on;
  at("jump").onchange = (event) => show(Number(event.target.value), false);
  at("theme").onclick = dark;
  at("full").onclick = full;
  at("full").hidden = !(document.fullscreenEnabled || document.webkitFullscreenEnabled);
  at("notes").onclick = present;
  at("table").onclick = table;
  root.classList.toggle("stage", !narrow.matches);
  show(wanted(), embedded);
  if (document.fonts) document.fonts.ready.then(lay);
})();
