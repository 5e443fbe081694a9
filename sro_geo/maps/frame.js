// Puts the map together: panes, layers, controls, words for screen readers.
"use strict";

sro.createMap = function (id, parameters) {
  const { words, colours, bounds } = parameters;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const finger = window.matchMedia("(pointer: coarse)").matches;

  document.documentElement.lang = parameters.language;
  document.title = parameters.title;
  const container = document.getElementById(id);
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", parameters.label);
  container.parentElement.setAttribute("role", "main");
  container.parentElement.setAttribute("aria-label", parameters.title);
  const heading = document.createElement("h1");
  heading.textContent = parameters.title;
  heading.className = "sro-unseen";
  container.before(heading);

  const map = L.map(id, {
    zoomControl: false, attributionControl: false,
    minZoom: 9, maxZoom: 18, zoomSnap: 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 90,
    // One finger scrolls the page, two move the map.
    dragging: !finger,
    zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, inertia: !calm,
    maxBounds: L.latLngBounds(bounds).pad(1.5), maxBoundsViscosity: 0.6,
  });
  // Room below for the source line and the scale.
  const room = { paddingTopLeft: [14, 14], paddingBottomRight: [14, 40] };
  const wholeCity = () => map.fitBounds(bounds, { ...room, animate: !calm });
  map.fitBounds(bounds, { ...room, animate: false });

  // The panes take no clicks: the map asks the offers what lies under the pointer.
  [["sroGround", 210], ["sroOffers", 420], ["sroLabels", 410]].forEach(([name, order]) => {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    pane.style.pointerEvents = "none";
  });

  if (parameters.tiles) { L.tileLayer(parameters.tiles.url, { maxZoom: 18 }).addTo(map); }
  const ground = new sro.Ground(colours, !!parameters.tiles).addTo(map);
  const offers = new sro.Offers(parameters);
  // Names and symbols make room for one another, so each knows the other.
  const labels = new sro.Labels(colours, ground, offers);
  offers.labels = labels;
  labels.addTo(map);
  offers.addTo(map);
  map.sroGround = ground;
  map.sroOffers = offers;
  map.sroWords = words;
  map.sroCells = ground.cells = new sro.Cells(map, colours);
  map.sroAreas = ground.areas = labels.areas = new sro.Areas(map, colours);
  map.on("popupclose", () => {
    sro.closedJustNow = true;
    setTimeout(() => { sro.closedJustNow = false; }, 0);
  });

  // A name like the file's hash: the browser may keep it.
  fetch(parameters.ground, { cache: "force-cache" })
    .then((answer) => { if (!answer.ok) { throw new Error(answer.status); } return answer.arrayBuffer(); })
    .then((buffer) => {
      ground.setData(map, sro.unpack(buffer));
      offers.redraw();
      container.dataset.ready = "true";
    })
    .catch(() => sro.hint(container, words.failed, true));
  if (parameters.font) {
    new FontFace("Source Sans", "url(" + JSON.stringify(parameters.font) + ")", { weight: "200 900" })
      .load().then((font) => { document.fonts.add(font); offers.redraw(); }, () => {});
  }

  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  sro.wholeCityButton(map, words.whole_city, wholeCity);
  sro.scaleAndNorth(map, words.north, parameters.language);
  sro.sourceLine(map, parameters);
  sro.gentleGestures(map, container, words, finger);
  return map;
};

// A third button below the zoom buttons.
sro.wholeCityButton = function (map, title, action) {
  const bar = map.getContainer().querySelector(".leaflet-control-zoom");
  const button = bar.appendChild(document.createElement("a"));
  button.href = "#";
  button.title = title;
  button.setAttribute("role", "button");
  button.setAttribute("aria-label", title);
  button.innerHTML = '<svg viewBox="-10 -10 20 20" width="16" height="16" aria-hidden="true">' +
    '<path d="M-7-3V-7H-3M3-7H7V-3M7 3V7H3M-3 7H-7V3" fill="none" stroke="currentColor" stroke-width="2"/></svg>';
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", (event) => { event.preventDefault(); action(); });
};

// The scale bar, half dark and half white, and the arrow to the north.
sro.scaleAndNorth = function (map, title, language) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const node = L.DomUtil.create("div", "sro-scale");
    node.innerHTML = '<div class="sro-scale-bar"><div class="sro-scale-numbers"><span></span><span></span>' +
      '<span></span></div><div class="sro-scale-halves"><i></i><i></i></div></div>' +
      '<svg viewBox="-9 -20 18 40" width="18" height="40" role="img"><title></title>' +
      '<text y="-10" text-anchor="middle">N</text><path d="M0-6L7 16L0 11L-7 16Z"/></svg>';
    node.querySelector("title").textContent = title;
    return node;
  };
  control.addTo(map);
  const node = control.getContainer();
  const numbers = node.querySelectorAll(".sro-scale-numbers span");
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const update = () => {
    const lat = map.getCenter().lat;
    const metres = 40075016.686 * Math.cos(lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
    const widest = metres * (map.getSize().x < 500 ? 90 : 140);
    const power = Math.pow(10, Math.floor(Math.log10(widest)));
    const length = [5, 2, 1].map((n) => n * power).find((n) => n <= widest) || power;
    const inKm = length >= 1000;
    numbers[0].textContent = "0";
    numbers[1].textContent = format.format(length / 2 / (inKm ? 1000 : 1));
    numbers[2].textContent = format.format(length / (inKm ? 1000 : 1)) + (inKm ? " km" : " m");
    node.querySelector(".sro-scale-bar").style.width = length / metres + "px";
  };
  map.on("zoomend moveend resize", update);
  update();
};

// Where the data come from. Plain text: a link would lead out of the office's network.
sro.sourceLine = function (map, parameters) {
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => {
    const node = L.DomUtil.create("div", "sro-source");
    if (parameters.isSample) {
      node.appendChild(document.createElement("strong")).textContent = parameters.words.sample;
    }
    const note = parameters.isSample && parameters.source.startsWith(parameters.words.sample) ?
      parameters.source.slice(parameters.words.sample.length).replace(/^[\s,.:]+/, "") : parameters.source;
    [note, parameters.tiles && parameters.tiles.attribution, "Leaflet"].filter(Boolean).forEach((text) => {
      const part = node.appendChild(document.createElement("span"));
      part.textContent = text;
      // On a phone "sample data" is enough; a real source is always named in full.
      if (text === note && parameters.isSample) { part.className = "sro-wide-only"; }
    });
    const moved = node.appendChild(document.createElement("span"));
    moved.className = "sro-moved";
    moved.textContent = parameters.words.moved;
    moved.hidden = true;
    return node;
  };
  control.addTo(map);
};

sro.hint = function (container, text, stays) {
  let node = container.querySelector(".sro-hint");
  if (!node) {
    node = container.appendChild(document.createElement("div"));
    node.className = "sro-hint";
    node.setAttribute("role", "status");
  }
  node.textContent = text;
  node.classList.add("sro-hint-shown");
  clearTimeout(sro.hinting);
  if (!stays) { sro.hinting = setTimeout(() => node.classList.remove("sro-hint-shown"), 1600); }
};

// A map in a page must not catch the wheel or the finger that scrolls past it.
sro.gentleGestures = function (map, container, words, finger) {
  let entered = false;
  container.addEventListener("pointerdown", () => { entered = true; });
  container.addEventListener("mouseleave", () => { entered = false; });
  document.addEventListener("wheel", (event) => {
    if (entered || event.ctrlKey || event.metaKey || !container.contains(event.target)) { return; }
    event.stopPropagation();
    sro.hint(container, words.wheel_hint);
  }, { capture: true, passive: true });
  if (!finger) { return; }
  let from = null;
  container.addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 ? event.touches[0].clientX : null;
  }, { passive: true });
  container.addEventListener("touchmove", (event) => {
    if (event.touches.length === 1 && from !== null && Math.abs(event.touches[0].clientX - from) > 24) {
      sro.hint(container, words.touch_hint);
    }
  }, { passive: true });
};
