// The offers: symbols, clusters, the chosen place with its reach; hover and click.
"use strict";

sro.Offers = sro.CanvasLayer.extend({
  includes: sro.Arrangement,

  initialize: function (parameters) {
    sro.CanvasLayer.prototype.initialize.call(this, { pane: "sroOffers" });
    this.colours = parameters.colours;
    this.words = parameters.words;
    this.shapes = {};
    Object.keys(parameters.shapes).forEach((shape) => {
      this.shapes[shape] = new Path2D(parameters.shapes[shape]);
    });
    this.items = [];
    this.drawn = [];
  },

  onAdd: function (map) {
    sro.CanvasLayer.prototype.onAdd.call(this, map);
    map.on("mousemove", this.onMove, this);
    map.on("mouseout", this.leave, this);
    map.on("click", this.onClick, this);
    map.on("dblclick zoomstart", () => clearTimeout(this.waiting));
    map.on("zoomstart movestart", this.leave, this);
  },

  // Takes the data of sro_geo/maps/offer_layer.py.
  setData: function (data) {
    const before = this.data;
    let lat = 0, lon = 0;
    const dimmed = new Set(data.dimmed);
    this.items = data.id.map((id, i) => {
      lat += data.lat[i];
      lon += data.lon[i];
      const [shape, colour, group] = data.groups[data.group[i]];
      return {
        id, name: data.name[i], lat: lat / 1e5, lon: lon / 1e5, dimmed: dimmed.has(i),
        // Mercator pixels at zoom 0, so that clusters do not move when the map does.
        world: this._map.project([lat / 1e5, lon / 1e5], 0), shape, colour, group,
      };
    });
    this.data = data;
    this.clusters = {};
    this.leave();
    // While a point is to be set, no symbol stands in the way of a click.
    this._map.getContainer().classList.toggle("sro-placing", !!data.placing);
    if (data.placing) { this._map.closePopup(); sro.closedJustNow = false; }
    this.follow(before);
    this.redraw();
  },

  clear: function () {
    this.items = [];
    this.data = null;
    this.clusters = {};
    this.leave();
    this.redraw();
  },

  // Moves the map when something newly chosen lies out of sight.
  follow: function (before) {
    const data = this.data, map = this._map;
    const old = before || this.last || {};
    this.last = data;
    const changed = (key) => JSON.stringify(data[key]) !== JSON.stringify(old[key]);
    const bring = (place, zoom) => {
      const point = map.latLngToContainerPoint(place), size = map.getSize();
      const near = point.x > 40 && point.y > 40 && point.x < size.x - 40 && point.y < size.y - 40;
      if (!near) { map.setView(place, zoom || map.getZoom()); }
    };
    if (data.here && data.reach && (changed("here") || changed("reach"))) {
      this.frame(data.here, data.reach);
    } else if (data.focus && data.around && changed("focus")) {
      this.frame(data.focus, data.around);
    } else if (data.focus && changed("focus")) {
      bring(data.focus, Math.max(map.getZoom(), 15));
    } else if (data.selected && changed("selected")) {
      const item = this.items.find((it) => it.id === data.selected);
      if (item) { bring([item.lat, item.lon]); }
    } else if (data.here && changed("here")) {
      bring(data.here);
    }
  },

  // Shows the whole reach around a place, unless it is well in view already.
  frame: function (place, reach) {
    const map = this._map, box = L.latLng(place).toBounds(2 * reach);
    const corner = (c) => map.latLngToContainerPoint(c);
    const width = corner(box.getNorthEast()).x - corner(box.getSouthWest()).x;
    const share = width / Math.min(map.getSize().x, map.getSize().y);
    if (share < 0.4 || share > 1 || !map.getBounds().contains(box)) {
      map.fitBounds(box, { padding: [24, 24] });
    }
  },

  // Says so in the source line when symbols stand beside their places.
  moved: function (marks) {
    const note = this._map.getContainer().querySelector(".sro-moved");
    if (note) { note.hidden = !marks.some((m) => Math.hypot(m.x - m.homeX, m.y - m.homeY) > 4); }
  },

  draw: function (context, bounds) {
    this.drawn = [];
    if (!this.data) {
      this.labels.choose(context, []);
      this.labels.redraw();
      return;
    }
    const map = this._map, zoom = map.getZoom();
    const scale = Math.pow(2, zoom), pixel = map.getPixelOrigin();
    const size = zoom < 12 ? 0.85 : zoom >= 15 ? 1.1 : 1;
    const outside = (m) => m.x < bounds.min.x - 24 || m.y < bounds.min.y - 24 ||
      m.x > bounds.max.x + 24 || m.y > bounds.max.y + 24;
    const mark = (items, x, y, r) =>
      ({ items, x: x - pixel.x, y: y - pixel.y, homeX: x - pixel.x, homeY: y - pixel.y, r });
    const { clusters, single } = this.clustersAt(zoom);
    const selected = single.map((it) => mark([it], it.world.x * scale, it.world.y * scale, 19));
    let marks = clusters.map((c) => mark(c.items, c.x, c.y, this.radius(c) * size)).filter((m) => !outside(m));
    const boxes = this.labels.choose(context, marks.concat(selected));
    marks = this.spread(marks, boxes, size);
    this.moved(marks);

    if (this.data.here) { this.drawReach(context, zoom); }
    context.globalAlpha = this.data.placing ? 0.35 : 1;
    this.items.forEach((item) => {
      const m = mark([item], item.world.x * scale, item.world.y * scale, 5);
      if (!item.dimmed || item.id === this.data.selected || outside(m)) { return; }
      this.dot(context, m.x, m.y);
      this.drawn.push(m);
    });
    marks.forEach((m) => {
      if (m.items.length === 1) {
        this.symbol(context, m.items[0], m.x, m.y, size);
      } else {
        this.number(context, m.items, m.x, m.y, m.r);
      }
      this.drawn.push(m);
    });
    context.globalAlpha = 1;
    if (this.data.here) { this.drawPin(context); }
    selected.forEach((m) => {
      this.ring(context, m.x, m.y);
      this.symbol(context, m.items[0], m.x, m.y, 1.3);
      this.drawn.push(m);
    });
    this.labels.redraw();
  },

  dot: function (context, x, y) {
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fillStyle = "#8b949c";
    context.strokeStyle = this.colours.casing;
    context.lineWidth = 1.5;
    context.stroke();
    context.fill();
  },

  symbol: function (context, item, x, y, size) {
    context.save();
    context.translate(x, y);
    context.scale(size, size);
    context.lineJoin = "round";
    context.lineWidth = 3.6;
    context.strokeStyle = this.colours.casing;
    context.stroke(this.shapes[item.shape]);
    context.fillStyle = item.colour;
    context.fill(this.shapes[item.shape]);
    context.restore();
  },

  number: function (context, items, x, y, r) {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = this.colours.casing;
    context.fill();
    // The ring has the colour of the group if all are of one.
    const same = items.every((it) => it.group === items[0].group);
    context.beginPath();
    context.arc(x, y, r - 1.8, 0, 2 * Math.PI);
    context.lineWidth = same ? 2.4 : 1.6;
    context.strokeStyle = same ? items[0].colour : this.colours.ink;
    context.stroke();
    context.font = "600 " + (r > 14 ? 13 : 12) + "px 'Source Sans', system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.colours.ink;
    context.fillText(String(items.length), x, y + 0.5);
  },

  ring: function (context, x, y) {
    context.beginPath();
    context.arc(x, y, 16, 0, 2 * Math.PI);
    context.fillStyle = "rgba(255, 255, 255, 0.92)";
    context.fill();
    context.strokeStyle = this.colours.casing;
    context.lineWidth = 6;
    context.stroke();
    context.strokeStyle = this.colours.accent;
    context.lineWidth = 3;
    context.stroke();
  },

  drawReach: function (context, zoom) {
    if (!this.data.reach) { return; }
    const [lat] = this.data.here;
    const { x, y } = this._map.latLngToLayerPoint(this.data.here);
    const metres = 40075016.686 * Math.cos(lat * Math.PI / 180) / (256 * Math.pow(2, zoom));
    context.beginPath();
    context.arc(x, y, this.data.reach / metres, 0, 2 * Math.PI);
    context.fillStyle = "rgba(194, 65, 12, 0.06)";
    context.fill();
    context.strokeStyle = this.colours.casing;
    context.lineWidth = 4.5;
    context.stroke();
    context.strokeStyle = this.colours.accent;
    context.lineWidth = 1.8;
    context.stroke();
  },

  // A crosshair: the place is its middle.
  drawPin: function (context) {
    const { x, y } = this._map.latLngToLayerPoint(this.data.here);
    const cross = new Path2D("M-13 0H-5M5 0H13M0-13V-5M0 5V13");
    const ring = new Path2D("M-8 0A8 8 0 1 1 8 0A8 8 0 1 1-8 0Z");
    const dot = new Path2D("M-2 0A2 2 0 1 1 2 0A2 2 0 1 1-2 0Z");
    context.save();
    context.translate(x, y);
    context.lineCap = "round";
    [[this.colours.casing, 5.5], [this.colours.accent, 2.2]].forEach(([colour, width]) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(cross);
      context.stroke(ring);
    });
    context.fillStyle = this.colours.accent;
    context.fill(dot);
    context.restore();
  },

  // What lies under a layer point; the last drawn lies on top. A finger is less exact.
  pick: function (point, extra) {
    let found = null, least = Infinity;
    if (this.data && this.data.placing) { return found; }
    this.drawn.forEach((d) => {
      const away = Math.hypot(d.x - point.x, d.y - point.y) - d.r;
      if (away <= extra && away <= Math.max(least, -1)) { found = d; least = away; }
    });
    return found;
  },

  onMove: function (event) {
    const found = this.pick(event.layerPoint, 2);
    this._map.getContainer().classList.toggle("sro-over-offer", !!found);
    if (found === this.over) { return; }
    this.over = found;
    if (this.tooltip) { this.tooltip.remove(); this.tooltip = null; }
    if (!found) { return; }
    this.tooltip = L.tooltip({ direction: "top", opacity: 1, offset: [0, -found.r - 2], className: "sro-tooltip" })
      .setLatLng(this._map.layerPointToLatLng([found.x, found.y]))
      .setContent(this.describe(found))
      .addTo(this._map);
  },

  // Names are written by textContent: they may hold anything.
  describe: function (found) {
    const node = document.createElement("div");
    const line = (text, className) => {
      const row = document.createElement("div");
      row.textContent = text;
      row.className = className;
      node.appendChild(row);
    };
    if (found.items.length === 1) {
      line(found.items[0].name, "sro-tooltip-name");
      if (found.items[0].group) { line(found.items[0].group, "sro-tooltip-more"); }
    } else {
      line(this.words.cluster.replace("{n}", found.items.length), "sro-tooltip-name");
      if (this.canSplit(found.items)) { line(this.words.cluster_hint, "sro-tooltip-more"); }
    }
    return node;
  },

  leave: function () {
    this.over = null;
    if (this.tooltip) { this.tooltip.remove(); this.tooltip = null; }
    if (this._map) { this._map.getContainer().classList.remove("sro-over-offer"); }
  },

  canSplit: function (items) {
    const spread = L.latLngBounds(items.map((it) => [it.lat, it.lon]));
    const map = this._map, zoom = map.getMaxZoom();
    const size = map.project(spread.getNorthEast(), zoom).subtract(map.project(spread.getSouthWest(), zoom));
    return map.getZoom() < zoom && Math.hypot(size.x, size.y) > 24;
  },

  onClick: function (event) {
    const found = this.pick(event.layerPoint, L.Browser.touch ? 10 : 2);
    clearTimeout(this.waiting);
    if (!found) {
      // A click beside an open list only closes it; a double click zooms.
      if (sro.closedJustNow) { sro.closedJustNow = false; return; }
      const { lat, lng } = event.latlng;
      const area = this.data && this.data.placing ? null : this._map.sroAreas.idAt(event.latlng);
      const told = area === null ? { kind: "place", lat: +lat.toFixed(6), lon: +lng.toFixed(6) } : { kind: "area", id: area };
      this.waiting = setTimeout(() => sro.tell(told), 260);
    } else if (found.items.length === 1) {
      sro.tell({ kind: "offer", id: found.items[0].id });
    } else if (this.canSplit(found.items)) {
      const spread = L.latLngBounds(found.items.map((it) => [it.lat, it.lon]));
      const zoom = Math.max(this._map.getBoundsZoom(spread, false, [60, 60]), this._map.getZoom() + 1);
      this._map.setView(spread.getCenter(), Math.min(zoom, 17));
    } else {
      this.list(found);
    }
  },

  // A list of the offers at one place, each a button.
  list: function (found) {
    const node = document.createElement("div");
    const head = document.createElement("p");
    head.textContent = this.words.same_place.replace("{n}", found.items.length);
    node.appendChild(head);
    const list = node.appendChild(document.createElement("ul"));
    found.items.forEach((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = item.name;
      button.addEventListener("click", () => {
        this._map.closePopup();
        sro.closedJustNow = false;
        sro.tell({ kind: "offer", id: item.id });
      });
      list.appendChild(document.createElement("li")).appendChild(button);
    });
    L.popup({ className: "sro-list", maxHeight: 220, minWidth: 180, offset: [0, -6] })
      .setLatLng(this._map.layerPointToLatLng([found.x, found.y]))
      .setContent(node)
      .openOn(this._map);
    const close = this._map.getContainer().querySelector(".leaflet-popup-close-button");
    if (close) { close.setAttribute("aria-label", this.words.close); }
    list.querySelector("button").focus();
  },
});

// Tells the page. n grows with every event, so the same click twice counts twice.
sro.tell = function (event) {
  sro.told = Math.max(Date.now(), (sro.told || 0) + 1);
  if (window.Streamlit) { window.Streamlit.setComponentValue({ ...event, n: sro.told }); }
};

// Called by the layer on every run of the page whose data changed.
sro.showOffers = function (map, group, data) {
  const offers = map.sroOffers, ground = map.sroGround;
  // streamlit-folium keeps every layer it was ever given in this list and never lets go.
  window.feature_group = (window.feature_group || []).filter((layer) => map.hasLayer(layer));
  map.sroShown = group;
  group.on("remove", () => {
    if (map.sroShown === group) { map.sroShown = null; setTimeout(() => map.sroShown || offers.clear()); }
  });
  if (ground.area !== data.area || ground.level !== data.level) {
    ground.area = data.area;
    ground.level = data.level;
    ground.redraw();
  }
  offers.setData(data);
};
