// Areas in classes: painted by the ground below its ways, named and told apart on hover.
"use strict";

sro.Areas = L.Class.extend({
  // Lays the context over the paths, as for cells.
  over: sro.Cells.prototype.over,

  initialize: function (map, colours) {
    this.map = map;
    this.colours = colours;
    this.shapes = null;
    this.data = null;
    this.stood = {};
    this.tiles = {};
    // Asked whether a point lies in a path; nothing is ever drawn on it.
    this.probe = document.createElement("canvas").getContext("2d");
    map.on("mousemove", this.onMove, this);
    map.on("mouseout zoomstart movestart", this.leave, this);
    map.on("click", this.onClick, this);
  },

  // Takes the data of sro_geo/maps/area_layer.py; the file is asked for when it is a new one.
  setData: function (data) {
    const told = this.tooltip && this.data && [this.data.ids[this.shown], this.tooltip.getLatLng()];
    this.data = data;
    this.leave();
    if (this.shapes && this.shapes.file === data.file) {
      this.refresh();
      // A tap on a phone both tells and changes what is shown: what it told stays.
      if (told && data.ids.includes(told[0])) { this.tell(data.ids.indexOf(told[0]), told[1]); }
      return;
    }
    this.shapes = null;
    fetch(data.file, { cache: "force-cache" })
      .then((answer) => { if (!answer.ok) { throw new Error(answer.status); } return answer.arrayBuffer(); })
      .then((buffer) => {
        if (!this.data || this.data.file !== data.file) { return; }
        this.shapes = this.read(data.file, sro.unpack(buffer));
        this.stood = {};
        this.refresh();
      })
      .catch(() => sro.hint(this.map.getContainer(), this.map.sroWords.failed, true));
  },

  clear: function () {
    this.data = null;
    this.leave();
    this.refresh();
  },

  ready: function () {
    return !!(this.data && this.shapes && this.shapes.file === this.data.file);
  },

  // The offers ask the labels for room, so they are drawn anew as well.
  refresh: function () {
    this.map.sroGround.redraw();
    this.map.sroOffers.redraw();
  },

  // Paths in pixels of PATH_ZOOM relative to the middle; those from header.count on are borders only.
  read: function (file, { header, parts }) {
    const map = this.map, [west, south, east, north] = header.bounds;
    const middle = L.latLng((south + north) / 2, (west + east) / 2);
    const origin = map.project(middle, sro.PATH_ZOOM);
    let next = 0;
    const all = header.shares.map((share) => {
      const path = new Path2D(), box = [Infinity, Infinity, -Infinity, -Infinity];
      parts.slice(next, next + share).forEach((part) => {
        for (let i = 0; i < part.length; i += 2) {
          const point = map.project([part[i + 1], part[i]], sro.PATH_ZOOM);
          const x = point.x - origin.x, y = point.y - origin.y;
          if (i) { path.lineTo(x, y); } else { path.moveTo(x, y); }
          box[0] = Math.min(box[0], x);
          box[1] = Math.min(box[1], y);
          box[2] = Math.max(box[2], x);
          box[3] = Math.max(box[3], y);
        }
        path.closePath();
      });
      next += share;
      return { path, box };
    });
    return { file, middle, origin, areas: all.slice(0, header.count), upper: all.slice(header.count), places: header.places };
  },

  // Fill, ink and halo of an area.
  look: function (index) {
    const state = this.data.states[index], none = this.data.none;
    if (state === "suppressed") { return { fill: none.ground, halo: none.ground, ink: none.ink, tile: "hatch" }; }
    if (state === "missing") { return { fill: none.missing, halo: none.missing, ink: none.ink, tile: "dots" }; }
    const colour = this.data.colours[state];
    return { fill: colour, halo: colour, ink: this.data.inks[state], tile: null };
  },

  paint: function (context, ground) {
    this.over(context, ground, (scale) => {
      context.globalAlpha = ground.hasTiles ? 0.8 : 1;
      this.shapes.areas.forEach(({ path }, index) => {
        const look = this.look(index);
        context.fillStyle = look.fill;
        context.fill(path, "evenodd");
        if (look.tile) {
          context.fillStyle = this.pattern(context, look.tile, scale);
          context.fill(path, "evenodd");
        }
      });
    });
  },

  // Drawn at twice its size: it stays sharp on fine screens.
  pattern: function (context, name, scale) {
    const colour = this.data.none[name];
    if (!this.tiles[name]) {
      const tile = document.createElement("canvas"), pen = tile.getContext("2d");
      tile.width = tile.height = name === "hatch" ? 14 : 16;
      if (name === "hatch") {
        pen.strokeStyle = colour;
        pen.lineWidth = 2.1;
        pen.stroke(new Path2D("M-3.5 3.5L3.5-3.5M-1 15L15-1M10.5 17.5L17.5 10.5"));
      } else {
        pen.fillStyle = colour;
        [[4, 4], [12, 12]].forEach(([x, y]) => { pen.beginPath(); pen.arc(x, y, 2.3, 0, 2 * Math.PI); pen.fill(); });
      }
      this.tiles[name] = tile;
    }
    const pattern = context.createPattern(this.tiles[name], "repeat");
    pattern.setTransform(new DOMMatrix().scale(0.5 / scale));
    return pattern;
  },

  borders: function (context, ground) {
    this.over(context, ground, (scale) => {
      const stroke = (shapes, colour, width) => {
        context.strokeStyle = colour;
        context.lineWidth = width / scale;
        shapes.forEach(({ path }) => context.stroke(path));
      };
      const { areas, upper } = this.shapes;
      stroke(areas, this.colours.casing, 2.6);
      stroke(upper, this.colours.casing, 4.2);
      stroke(areas, this.colours.ink, 0.8);
      stroke(upper, this.colours.ink, 1.5);
    });
  },

  // What the reader chose or should notice.
  outline: function (context, ground) {
    const chosen = this.data.highlight;
    if (!chosen.length) { return; }
    this.over(context, ground, (scale) => {
      // All casings first: neighbours must not cover one another.
      [[this.colours.casing, 7.2], [this.colours.accent, 3.8]].forEach(([colour, width]) => {
        context.strokeStyle = colour;
        context.lineWidth = width / scale;
        chosen.forEach((index) => context.stroke(this.shapes.areas[index].path));
      });
    });
  },

  // Index of the area at a point in pixels of PATH_ZOOM relative to the middle, or -1.
  find: function (x, y) {
    return this.shapes.areas.findIndex(({ path, box }) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3] &&
      this.probe.isPointInPath(path, x, y, "evenodd"));
  },

  at: function (latlng) {
    if (!this.ready()) { return -1; }
    const point = this.map.project(latlng, sro.PATH_ZOOM).subtract(this.shapes.origin);
    return this.find(point.x, point.y);
  },

  idAt: function (latlng) {
    const index = this.at(latlng);
    return index < 0 ? null : this.data.ids[index];
  },

  onMove: function (event) {
    const taken = this.map.sroOffers && this.map.sroOffers.over;
    const index = taken ? -1 : this.at(event.latlng);
    if (index < 0) {
      this.leave();
    } else if (this.tooltip && index === this.shown) {
      this.tooltip.setLatLng(event.latlng);
    } else {
      this.tell(index, event.latlng);
    }
  },

  // A finger cannot hover: a tap tells as well.
  onClick: function (event) {
    if (!L.Browser.touch || !this.ready() || this.map.sroOffers.pick(event.layerPoint, 10)) { return; }
    const index = this.at(event.latlng);
    if (index < 0) { this.leave(); } else { this.tell(index, event.latlng); }
  },

  // Words are written by textContent: they may hold anything.
  tell: function (index, latlng) {
    this.leave();
    const node = document.createElement("div");
    this.data.tips[index].filter(Boolean).forEach((text, i) => {
      const row = node.appendChild(document.createElement("div"));
      row.textContent = text;
      row.className = i ? "sro-tooltip-more" : "sro-tooltip-name";
    });
    this.map.getContainer().classList.add("sro-over-area");
    if (!node.firstChild) { return; }
    this.shown = index;
    this.tooltip = L.tooltip({ direction: "top", opacity: 1, offset: [0, -12], className: "sro-tooltip sro-area-tooltip" })
      .setLatLng(latlng).setContent(node).addTo(this.map);
  },

  leave: function () {
    this.map.getContainer().classList.remove("sro-over-area");
    if (this.tooltip) { this.tooltip.remove(); this.tooltip = null; }
  },
});

// Called by the layer on every run of the page whose data changed.
sro.showAreas = function (map, group, data) {
  map.sroAreasShown = group;
  group.on("remove", () => {
    if (map.sroAreasShown === group) {
      map.sroAreasShown = null;
      setTimeout(() => map.sroAreasShown || map.sroAreas.clear());
    }
  });
  map.sroAreas.setData(data);
};
