// The editor of boundaries: tools, gestures, keys, and what is told to the server. Drawing
// and geometry are in sro_geo/maps/blocks.js. The browser paints at once; the server hears
// of each gesture once, answers, and is always right.

const ICONS = {
  pan: "M0-8V8M-8 0H8M-3-5L0-8L3-5M-3 5L0 8L3 5M-5-3L-8 0L-5 3M5-3L8 0L5 3",
  brush: "M7-8L0 1M0 1C-4 1-4 6-8 7C-3 9 3 7 2 3Z",
  lasso: "M-1 4C-12 2-8-8 1-8S11 1 2 4C-1 5-3 4-3 6S0 8-2 9",
  rectangle: "M-7-6H7V6H-7Z",
  line: "M-8 6L-2-3L3 2L8-7",
  click: "M-2-8V3L1 0L4 7L6 6L3-1H7Z",
  district: "M-8-6L-2-8L2-6L8-8V6L2 8L-2 6L-8 8ZM-2-8V6M2-6V8",
};
const TOOLS = Object.keys(ICONS);
const SNAP = 14; // pixels between which a line tool takes a click as its end

export default async function start({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sro-editor");
  let editor = root.sroEditor;
  if (!editor) {
    editor = root.sroEditor = new Editor(root, data);
    await editor.open();
  } else if (editor.opening) {
    editor.latest = data;
    editor.send = setTriggerValue;
    return;
  }
  editor.send = setTriggerValue;
  editor.take(editor.latest || data);
  editor.latest = null;
}

class Editor {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.words = data.words;
    this.opening = true;
    this.tool = data.editable ? data.tool : "pan";
    this.to = null;
    this.from = "*";
    this.radius = 16;
    this.seq = 0;
    this.outbox = [];
    this.flight = null;
    this.version = null;
    this.spread = 0;
  }

  // Fetches scripts and geometry and builds the map around them.
  async open() {
    const { urls, words } = this.data, at = (url) => new URL(url, document.baseURI).href;
    for (const url of urls.styles) {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = at(url);
      this.root.before(link);
    }
    const bytes = (url) => fetch(at(url), { cache: "force-cache" }).then((answer) => {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.arrayBuffer();
    });
    try {
      const [L, draw, blocks, ground] = await Promise.all(
        [import(at(urls.leaflet)), import(at(urls.drawing)), bytes(urls.blocks), bytes(urls.ground)]);
      this.L = L;
      this.sro = draw.default(L, {});
      this.build(blocks, ground);
    } catch (error) {
      this.root.querySelector(".sro-editor-map").textContent = words.failed;
      throw error;
    } finally {
      this.opening = false;
    }
  }

  build(blocks, ground) {
    const { L, sro, data, words } = this, box = this.root.querySelector(".sro-editor-map");
    this.box = box;
    box.style.height = data.height + "px";
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", words.label);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = this.map = L.map(box, {
      zoomControl: false, attributionControl: false, minZoom: 8, maxZoom: 19, zoomSnap: 0.25,
      wheelPxPerZoomLevel: 90, boxZoom: false, doubleClickZoom: false, fadeAnimation: false,
      zoomAnimation: !calm, inertia: !calm,
    });
    const [west, south, east, north] = data.bounds, city = [[south, west], [north, east]];
    const whole = () => map.fitBounds(city, { padding: [10, 14], animate: false });
    whole();
    [["sroGround", 210], ["sroFills", 220], ["sroLines", 230], ["sroNames", 240], ["sroGesture", 250]]
      .forEach(([name, order]) => {
        const pane = map.createPane(name);
        pane.style.zIndex = order;
        pane.style.pointerEvents = "none";
      });
    map.getPane("sroFills").style.mixBlendMode = "multiply";
    const earth = new sro.Ground(data.colours, false).addTo(map);
    earth.drawBorders = () => {};
    earth.setData(map, sro.unpack(ground));
    this.blocks = new sro.Blocks(map, blocks);
    // Regions count for the width of borders; beyond the city there is none.
    const look = this.look = {
      ink: data.colours.ink, hatching: true,
      area: (code) => this.areas.get(code), region: (code) => this.areas.get(code)?.region,
      colour: (code) => this.areas.get(code)?.colour || "#ffffff",
    };
    this.areas = new Map();
    this.fills = new sro.BlockFills(this.blocks, look, "sroFills").addTo(map);
    this.lines = new sro.BlockLines(this.blocks, look, "sroLines").addTo(map);
    this.names = new sro.BlockNames(this.blocks, look, "sroNames").addTo(map);
    this.trail = new L.SVG({ pane: "sroGesture" }).addTo(map);
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    sro.wholeCityButton(map, words.whole_city, whole);
    sro.scaleAndNorth(map, words.north, data.language);
    this.brush = box.appendChild(document.createElement("div"));
    this.brush.className = "sro-brush";
    this.brush.hidden = true;
    this.link();
    this.gentle();
    if (data.editable || data.tools) { this.tools(); }
    this.pointers();
    this.keys();
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
    document.fonts?.ready.then(() => this.names.redraw());
    box.dataset.ready = "true";
  }

  // Takes what the server says; strokes it has not heard of yet stay on top.
  take(data) {
    if (!this.map) { return; }
    this.data = data;
    if (this.flight !== null && data.ack >= this.flight) {
      this.flight = null;
      this.box.dataset.answered = String(data.ack);
    }
    const later = this.outbox.length > 0 || this.flight !== null || this.gesture;
    this.areas = new Map(data.areas.map((area) => [area.code, area]));
    if (data.codes) {
      if (!later) {
        unpack(data.codes).then((codes) => {
          this.version = data.version;
          const held = this.blocks.codes;
          held.set(codes);
          this.settle();
        });
      }
    } else if (this.version === null) {
      this.tell({ kind: "codes" });
    } else if (!later) {
      this.version = data.version;
    }
    const given = data.old + "|" + data.held;
    if (given !== this.given) {
      this.given = given;
      Promise.all([data.old ? unpack(data.old) : null, data.held ? unpack(data.held) : null])
        .then(([old, held]) => {
          this.blocks.old = old;
          this.blocks.held = held ? Uint8Array.from(held) : new Uint8Array(this.blocks.count);
          this.settle();
        });
    } else {
      this.settle();
    }
    const stands = (id) => data.areas.some((area) => area.id === id);
    if (this.to === null || (this.to && this.to !== "+" && !stands(this.to))) {
      this.to = data.areas.find((area) => !area.locked)?.id ?? "";
    }
    // A space just made becomes the target, once.
    if (data.aim && data.aim !== this.aimed && stands(data.aim)) { this.to = data.aim; }
    this.aimed = data.aim;
    if (this.from !== "*" && this.from !== "" && !stands(this.from)) { this.from = "*"; }
    if (this.chips) { this.chipRow(); }
    this.flush();
  }

  // Draws everything anew, at the next frame.
  settle() {
    this.fills.redraw();
    this.lines.redraw();
    this.names.redraw();
    this.box.dataset.sum = String(this.blocks.sum());
  }

  tell(message) {
    if (message.kind === "codes") { this.outbox = []; }
    this.outbox.push(message);
    this.flush();
  }

  // One message at a time: the next leaves when the last was answered, so none is lost.
  flush() {
    if (this.flight !== null || !this.outbox.length) { return; }
    this.flight = this.seq = Math.max(this.seq, this.data.ack) + 1;
    const gestures = this.outbox.splice(0);
    this.send("gesture", { seq: this.flight, plan: this.data.plan, sum: this.blocks.sum(), gestures });
  }

  // ---------------------------------------------------------------- what may be changed

  code(id) {
    if (id === "") { return this.sro.NONE; }
    const area = this.data.areas.find((a) => a.id === id);
    return area ? area.code : null;
  }

  // Why nothing can be painted now, in words; empty when it can.
  obstacle() {
    const area = this.data.areas.find((a) => a.id === this.to);
    if (!this.data.editable) { return this.words.read_only; }
    if (area?.locked) { return this.words.target_locked.replace("{name}", area.name); }
    return "";
  }

  free(block) {
    const { codes, held } = this.blocks, own = codes[block];
    if (held[block] || own === this.target) { return false; }
    if (this.from !== "*" && own !== this.source) { return false; }
    return !this.areas.get(own)?.locked;
  }

  paint(found) {
    const changed = found.filter((block) => this.free(block));
    if (!changed.length) { return; }
    const { codes } = this.blocks;
    for (const block of changed) {
      this.gesture.before.set(block, codes[block]);
      codes[block] = this.target;
    }
    const box = this.blocks.boxOf(changed), dirty = this.dirty;
    this.dirty = dirty ? [Math.min(dirty[0], box[0]), Math.min(dirty[1], box[1]),
      Math.max(dirty[2], box[2]), Math.max(dirty[3], box[3])] : box;
  }

  repaint() {
    if (!this.dirty || this.waiting) { return; }
    const begun = this.began;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const at = performance.now(), box = this.dirty;
      this.dirty = null;
      if (!box) { return; }
      this.fills.part(box);
      this.lines.part(box);
      const now = performance.now();
      this.spread = Math.max(this.spread, now - at);
      (this.frames = this.frames || []).push([now - at, now - begun]);
    });
  }

  // ---------------------------------------------------------------- gestures

  begin(event, spot) {
    const stop = this.obstacle();
    if (stop) { this.say(stop); return false; }
    this.target = this.to === "+" ? 32000 : this.code(this.to);
    this.source = this.from === "*" ? null : this.code(this.from);
    if (this.to === "+") {
      this.areas.set(32000, { code: 32000, colour: this.data.fresh, number: "+", name: this.words.new_area, region: -1 });
    }
    this.gesture = { tool: this.tool, before: new Map(), spots: [spot], id: event.pointerId };
    return true;
  }

  // The pixels of the shapes at a pointer.
  spot(event) {
    const frame = this.box.getBoundingClientRect(), { scale, shift } = this.blocks.frame();
    const point = this.map.containerPointToLayerPoint([event.clientX - frame.left - this.box.clientLeft,
      event.clientY - frame.top - this.box.clientTop]);
    return { x: (point.x - shift.x) / scale, y: (point.y - shift.y) / scale };
  }

  reach() { return this.radius / this.blocks.frame().scale; }

  pointers() {
    const box = this.box;
    const onMap = (event) => !event.composedPath().some((n) => n.classList?.contains("leaflet-control"));
    box.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary && this.gesture && this.tool !== "line") { this.cancel(); return; }
      if (this.tool === "pan" || event.button !== 0 || !event.isPrimary || !onMap(event)) { return; }
      this.began = performance.now();
      const spot = this.spot(event);
      if (this.tool === "line") { this.lineTo(event, spot); return; }
      if (!this.begin(event, spot)) { return; }
      box.setPointerCapture(event.pointerId);
      if (this.tool === "brush") { this.paint(this.blocks.under(spot, spot, this.reach())); this.repaint(); }
    });
    box.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") { this.follow(event, onMap(event)); }
      const gesture = this.gesture;
      if (!gesture || (gesture.id !== event.pointerId && this.tool !== "line")) { return; }
      this.began = performance.now();
      const steps = event.getCoalescedEvents?.() || [];
      for (const step of steps.length ? steps : [event]) {
        const spot = this.spot(step), last = gesture.spots[gesture.spots.length - 1];
        if (this.tool === "brush") { this.paint(this.blocks.under(last, spot, this.reach())); }
        if (this.tool === "line") { this.draft(spot); } else if (this.tool === "rectangle") {
          gesture.spots[1] = spot;
        } else { gesture.spots.push(spot); }
      }
      if (this.tool === "lasso" || this.tool === "rectangle") { this.draft(); }
      this.repaint();
    });
    box.addEventListener("pointerup", (event) => {
      if (this.gesture && this.gesture.id === event.pointerId && this.tool !== "line") { this.end(this.spot(event)); }
    });
    box.addEventListener("pointercancel", () => this.cancel());
    box.addEventListener("pointerleave", () => { this.brush.hidden = true; });
    box.addEventListener("dblclick", (event) => {
      if (this.tool === "line" && this.gesture) { event.preventDefault(); this.endLine(); }
    });
  }

  end(spot) {
    const { tool, spots } = this.gesture, { blocks } = this;
    if (tool === "click") { const b = blocks.at(spot.x, spot.y); this.paint(b < 0 ? [] : [b]); }
    if (tool === "district") { this.paint(blocks.district(blocks.at(spot.x, spot.y))); }
    if (tool === "rectangle") { this.paint(blocks.within(corners(spots[0], spot))); }
    if (tool === "lasso") {
      const ring = thin([...spots, spot], 2 / blocks.frame().scale);
      if (ring.length < 3) { this.cancel(); return; }
      if (crossesItself(ring, this.sro.cross)) { this.cancel(); this.say(this.words.lasso_crosses); return; }
      this.paint(blocks.within(ring));
    }
    this.finish(tool);
  }

  finish(kind) {
    const { before } = this.gesture, changed = [...before.keys()].sort((a, b) => a - b);
    const onward = this.target;
    this.clear();
    if (!changed.length) { this.say(this.words.nothing); return; }
    this.repaint();
    this.names.redraw();
    this.box.dataset.sum = String(this.blocks.sum());
    this.box.dataset.stroke = String(changed.length);
    this.sent = performance.now();
    this.tell({ kind, to: this.to, blocks: runs(changed) });
    if (onward === 32000) { this.version = null; }
  }

  // Back to what was before the gesture.
  cancel() {
    if (!this.gesture) { return; }
    const { before } = this.gesture;
    before.forEach((code, block) => { this.blocks.codes[block] = code; });
    this.clear();
    if (before.size) { this.settle(); }
  }

  clear() {
    this.gesture = null;
    this.shown?.remove();
    this.shown = null;
  }

  // The line of a gesture as it is drawn: lasso, rectangle, line.
  draft(spot) {
    const { tool, spots } = this.gesture, { L } = this;
    const way = tool === "rectangle" ? corners(spots[0], spots[1] || spots[0]) : spot ? [...spots, spot] : spots;
    const places = way.map((p) => this.degrees(p));
    if (!this.shown) {
      this.shown = (tool === "line" ? L.polyline : L.polygon)(places, {
        renderer: this.trail, color: this.data.colours.accent, weight: 2.5, dashArray: "6 5",
        fillOpacity: 0.08, interactive: false,
      }).addTo(this.map);
    } else { this.shown.setLatLngs(places); }
  }

  degrees(p) {
    const { origin } = this.blocks.shapes;
    return this.map.unproject([p.x + origin.x, p.y + origin.y], this.sro.PATH_ZOOM);
  }

  lineTo(event, spot) {
    if (!this.gesture && !this.begin(event, spot)) { return; }
    const { spots } = this.gesture, { scale } = this.blocks.frame(), last = spots[spots.length - 1];
    if (spots.length > 1 && Math.hypot(last.x - spot.x, last.y - spot.y) * scale < SNAP) { this.endLine(); return; }
    if (spots[0] !== spot) { spots.push(spot); }
    this.draft();
    this.say(this.words.line_more);
  }

  endLine() {
    const { spots } = this.gesture, line = spots.map((p) => this.degrees(p)).map((d) => [round(d.lat), round(d.lng)]);
    this.clear();
    if (line.length < 2) { return; }
    this.tell({ kind: "line", to: this.to, from: this.from, line });
  }

  // ---------------------------------------------------------------- tools, keys, words

  follow(event, here) {
    const round = this.tool === "brush" && here;
    this.brush.hidden = !round;
    if (!round) { return; }
    const frame = this.box.getBoundingClientRect();
    this.brush.style.width = this.brush.style.height = 2 * this.radius + "px";
    this.brush.style.transform = "translate(" + (event.clientX - frame.left - this.radius - 1) + "px," +
      (event.clientY - frame.top - this.radius - 1) + "px)";
  }

  choose(tool) {
    this.cancel();
    this.tool = tool;
    const pan = tool === "pan";
    this.map.dragging[pan ? "enable" : "disable"]();
    this.box.classList.toggle("sro-draws", !pan);
    this.brush.hidden = true;
    this.root.querySelectorAll("[data-tool]").forEach((button) => {
      button.setAttribute("aria-checked", String(button.dataset.tool === tool));
      button.tabIndex = button.dataset.tool === tool ? 0 : -1;
    });
    const size = this.root.querySelector(".sro-size");
    if (size) { size.hidden = tool !== "brush"; }
    this.hint();
  }

  hint() {
    const node = this.root.querySelector(".sro-editor-hint");
    if (node) { node.textContent = this.words["hint_" + this.tool]; }
  }

  tools() {
    const { words, data } = this, bar = this.root.querySelector(".sro-editor-bar");
    const group = element("div", { role: "radiogroup", "aria-label": words.tools, class: "sro-tools" });
    for (const tool of TOOLS) {
      if (tool === "district" && !this.blocks.header.districts) { continue; }
      const button = element("button", { type: "button", role: "radio", "data-tool": tool, title: words["hint_" + tool] });
      button.innerHTML = '<svg viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true"><path d="' + ICONS[tool] + '"/></svg>';
      button.append(element("span", {}, words["tool_" + tool]));
      button.addEventListener("click", () => this.choose(tool));
      group.append(button);
    }
    arrows(group);
    const size = element("label", { class: "sro-size" }, words.size);
    const range = element("input", { type: "range", min: "0", max: "60", step: "2", value: String(this.radius) });
    range.addEventListener("input", () => { this.radius = Number(range.value); });
    size.append(range);
    const steps = element("div", { class: "sro-steps" });
    for (const [kind, sign] of [["undo", "↶"], ["redo", "↷"]]) {
      const button = element("button", { type: "button", "data-step": kind, title: words[kind + "_key"], "aria-label": words[kind] }, sign);
      button.addEventListener("click", () => this.step(kind));
      steps.append(button);
    }
    bar.append(group, steps);
    const row = this.root.querySelector(".sro-editor-targets");
    const from = element("label", { class: "sro-from" }, words.from);
    this.fromSelect = element("select", { "aria-label": words.from });
    this.fromSelect.addEventListener("change", () => { this.from = this.fromSelect.value; });
    from.append(this.fromSelect);
    this.chips = element("div", { role: "radiogroup", "aria-label": words.to, class: "sro-chips-row" });
    arrows(this.chips);
    const aims = element("div", { class: "sro-aims" });
    aims.append(element("span", { class: "sro-to", "aria-hidden": "true" }, words.to), this.chips);
    row.append(from, size, aims);
    this.root.querySelector(".sro-editor-hint").hidden = false;
    this.choose(this.tool);
  }

  chipRow() {
    const { data, words } = this, held = this.root.getRootNode().activeElement?.dataset?.to;
    const chips = [...data.areas, { id: "+", name: words.new_area, number: "+", colour: data.fresh }, { id: "", name: words.no_area, number: "–", colour: "" }];
    this.chips.replaceChildren(...chips.map((area) => {
      const on = area.id === this.to;
      const chip = element("button", { type: "button", role: "radio", "aria-checked": String(on), "data-to": area.id, tabindex: on ? "0" : "-1" });
      if (area.locked) { chip.disabled = true; }
      const mark = element("i", { "aria-hidden": "true", class: area.colour ? "" : "sro-none" }, String(area.number));
      mark.style.background = area.colour;
      chip.append(mark, element("span", {}, area.name), area.locked ? element("span", {}, " \u{1F512}\uFE0E") : "");
      chip.addEventListener("click", () => this.aim(area.id));
      return chip;
    }));
    const options = [["*", words.from_any], ...data.areas.map((a) => [a.id, a.number + " " + a.name]), ["", words.no_area]];
    this.fromSelect.replaceChildren(...options.map(([value, name]) => {
      const option = element("option", { value }, name);
      option.selected = value === this.from;
      return option;
    }));
    for (const button of this.root.querySelectorAll("[data-step]")) {
      button.disabled = !data[button.dataset.step];
    }
    if (held !== undefined) { this.chips.querySelector('[data-to="' + CSS.escape(held) + '"]')?.focus(); }
  }

  aim(id) {
    this.to = id;
    this.chips.querySelectorAll("[data-to]").forEach((chip) => {
      chip.setAttribute("aria-checked", String(chip.dataset.to === id));
      chip.tabIndex = chip.dataset.to === id ? 0 : -1;
    });
    const area = this.data.areas.find((a) => a.id === id);
    this.say(this.words.to + ": " + (area ? area.name : id ? this.words.new_area : this.words.no_area));
  }

  step(kind) {
    if (this.gesture) { this.cancel(); return; }
    this.tell({ kind });
  }

  keys() {
    this.root.addEventListener("keydown", (event) => {
      const strong = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
      if (event.key === "Escape" && this.gesture) { this.cancel(); event.preventDefault(); return; }
      if (event.key === "Enter" && this.gesture?.tool === "line" && event.target === this.box) { this.endLine(); event.preventDefault(); return; }
      if (!this.data.editable) { return; }
      if (strong && (key === "y" || (key === "z" && event.shiftKey))) { this.step("redo"); event.preventDefault(); return; }
      if (strong && key === "z") { this.step("undo"); event.preventDefault(); return; }
      if (strong || event.altKey || event.target.matches?.("input, select") || !/^[0-9]$/.test(event.key)) { return; }
      const area = this.data.areas.find((a) => a.number === (event.key === "0" ? 10 : Number(event.key)));
      if (area && !area.locked) { this.aim(area.id); event.preventDefault(); }
    });
    // A pointer on the map gives it the keys.
    this.box.addEventListener("pointerdown", () => this.box.focus({ preventScroll: true }));
  }

  // The wheel scrolls the page until somebody works in the map.
  gentle() {
    const { map, box } = this;
    map.scrollWheelZoom.disable();
    box.addEventListener("pointerdown", () => map.scrollWheelZoom.enable());
    box.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
    box.addEventListener("wheel", (event) => {
      if (!map.scrollWheelZoom.enabled() && !event.ctrlKey) { this.sro.hint(box, this.words.wheel_hint); }
    }, { passive: true });
  }

  // Maps of one group show the same part.
  link() {
    const group = this.data.group;
    if (!group) { return; }
    const all = (window.sroLinked = window.sroLinked || {}), mates = all[group] = (all[group] || []).filter((e) => e.root.isConnected);
    if (mates.length) { this.map.setView(mates[0].map.getCenter(), mates[0].map.getZoom(), { animate: false }); }
    mates.push(this);
    this.map.on("move zoom", () => {
      if (this.led) { return; }
      for (const mate of mates) {
        if (mate === this || !mate.root.isConnected) { continue; }
        mate.led = true;
        mate.map.setView(this.map.getCenter(), this.map.getZoom(), { animate: false });
        mate.led = false;
      }
    });
  }

  say(words) {
    const node = this.root.querySelector(".sro-editor-said");
    node.textContent = words;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { node.textContent = ""; }, 6000);
  }
}

function element(name, attributes, text) {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => { if (value !== "") { node.setAttribute(key, value); } });
  if (attributes["data-to"] === "") { node.dataset.to = ""; }
  if (attributes.value === "") { node.setAttribute("value", ""); }
  if (text) { node.append(text); }
  return node;
}

// Arrow keys move inside a group of which one is chosen.
function arrows(group) {
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) { return; }
    const all = [...group.querySelectorAll("button:not(:disabled)")], at = all.indexOf(event.target);
    const next = all[(at + step + all.length) % all.length];
    next.focus();
    next.click();
    event.preventDefault();
    event.stopPropagation();
  });
}

const round = (value) => Math.round(value * 1e6) / 1e6;

const corners = (a, b) => [{ x: a.x, y: a.y }, { x: b.x, y: a.y }, { x: b.x, y: b.y }, { x: a.x, y: b.y }];

// A way without points nearer to one another than `least`.
function thin(way, least) {
  const kept = [way[0]];
  for (const p of way) {
    const last = kept[kept.length - 1];
    if (Math.hypot(p.x - last.x, p.y - last.y) >= least) { kept.push(p); }
  }
  return kept;
}

function crossesItself(ring, cross) {
  const n = ring.length;
  for (let i = 0; i < n; i++) {
    const a = ring[i], b = ring[(i + 1) % n];
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) { continue; }
      const c = ring[j], d = ring[(j + 1) % n];
      if (cross(a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y)) { return true; }
    }
  }
  return false;
}

// Rising numbers as gaps and lengths of runs, seven bits a byte, base64.
function runs(numbers) {
  const bytes = [], put = (value) => {
    while (value > 127) { bytes.push((value & 127) | 128); value >>>= 7; }
    bytes.push(value);
  };
  for (let i = 0, end = 0; i < numbers.length;) {
    let length = 1;
    while (numbers[i + length] === numbers[i] + length) { length++; }
    put(numbers[i] - end);
    put(length);
    end = numbers[i] + length;
    i += length;
  }
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) { text += String.fromCharCode(...bytes.slice(i, i + 8192)); }
  return btoa(text);
}

// Small whole numbers, two bytes each, deflated and in base64.
async function unpack(text) {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Int16Array(await new Response(stream).arrayBuffer());
}
