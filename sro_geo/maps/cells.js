// Blocks or cells in classes: painted by the ground below its borders, named on hover.
"use strict";

// Bits of a cell's byte (sro_geo/maps/cell_layer.py writes them).
sro.NO_VALUE = 255;
sro.HATCHED = 64;
sro.OUTLINED = 128;

sro.Cells = L.Class.extend({
  initialize: function (map, colours) {
    this.map = map;
    this.colours = colours;
    this.shapes = null;
    this.data = null;
    map.on("mousemove", this.onMove, this);
    map.on("mouseout zoomstart movestart", this.leave, this);
    map.on("click", this.onClick, this);
  },

  // Takes the data of the layer; the file is asked for when it is a new one.
  setData: function (data) {
    this.data = data;
    const raw = atob(data.classes);
    this.bytes = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
    this.leave();
    if (this.shapes && this.shapes.file === data.file) {
      this.sort();
      return;
    }
    this.shapes = null;
    fetch(data.file, { cache: "force-cache" })
      .then((answer) => { if (!answer.ok) { throw new Error(answer.status); } return answer.arrayBuffer(); })
      .then((buffer) => {
        if (!this.data || this.data.file !== data.file) { return; }
        this.shapes = this.read(data.file, sro.unpack(buffer));
        this.sort();
      })
      .catch(() => sro.hint(this.map.getContainer(), this.map.sroWords.failed, true));
  },

  clear: function () {
    this.data = null;
    this.leave();
    this.map.sroGround.redraw();
  },

  ready: function () {
    return !!(this.data && this.shapes && this.shapes.file === this.data.file);
  },

  // Shapes as pixels of PATH_ZOOM relative to their middle; corners that are one get one number.
  read: function (file, { header, parts }) {
    const map = this.map, [west, south, east, north] = header.bounds;
    const middle = L.latLng((south + north) / 2, (west + east) / 2);
    const origin = map.project(middle, sro.PATH_ZOOM);
    const known = new Map(), rings = [];
    const x = [], y = [];
    parts.forEach((part) => {
      const ring = new Uint32Array(part.length / 2);
      for (let i = 0; i < ring.length; i++) {
        const lon = part[2 * i], lat = part[2 * i + 1];
        const key = Math.round(lon * 1e6) * 2 ** 26 + Math.round((lat - south) * 1e6);
        let corner = known.get(key);
        if (corner === undefined) {
          const point = map.project([lat, lon], sro.PATH_ZOOM);
          corner = x.length;
          known.set(key, corner);
          x.push(point.x - origin.x);
          y.push(point.y - origin.y);
        }
        ring[i] = corner;
      }
      rings.push(ring);
    });
    const firsts = [0];
    header.shares.forEach((share) => firsts.push(firsts[firsts.length - 1] + share));
    const shapes = { file, middle, origin, rings, firsts, x, y };
    this.index(shapes);
    return shapes;
  },

  // A grid over the cells, so that the one under the pointer is found at once.
  index: function (shapes) {
    const { rings, firsts, x, y } = shapes, count = firsts.length - 1;
    const boxes = new Float32Array(count * 4);
    let sizes = 0;
    for (let cell = 0; cell < count; cell++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let r = firsts[cell]; r < firsts[cell + 1]; r++) {
        rings[r].forEach((corner) => {
          west = Math.min(west, x[corner]);
          east = Math.max(east, x[corner]);
          north = Math.min(north, y[corner]);
          south = Math.max(south, y[corner]);
        });
      }
      boxes.set([west, north, east, south], cell * 4);
      if (east > west) { sizes += Math.max(east - west, south - north); }
    }
    shapes.side = count ? Math.max(1, sizes / count) : 1;
    shapes.boxes = boxes;
    shapes.grid = new Map();
    for (let cell = 0; cell < count; cell++) {
      const [west, north, east, south] = boxes.subarray(cell * 4, cell * 4 + 4);
      for (let i = Math.floor(west / shapes.side); i <= Math.floor(east / shapes.side); i++) {
        for (let j = Math.floor(north / shapes.side); j <= Math.floor(south / shapes.side); j++) {
          const key = i * 65536 + j;
          if (!shapes.grid.has(key)) { shapes.grid.set(key, []); }
          shapes.grid.get(key).push(cell);
        }
      }
    }
  },

  // One path for each class, one for what is hatched, one for the border of the gap.
  sort: function () {
    const { rings, firsts, x, y } = this.shapes;
    this.fills = this.data.colours.map(() => null);
    this.hatch = null;
    const edges = new Map();
    const draw = (path, ring) => {
      path.moveTo(x[ring[0]], y[ring[0]]);
      for (let i = 1; i < ring.length; i++) { path.lineTo(x[ring[i]], y[ring[i]]); }
      path.closePath();
    };
    this.bytes.forEach((byte, cell) => {
      if (byte === sro.NO_VALUE) { return; }
      const group = byte & 63;
      const fill = this.fills[group] || (this.fills[group] = new Path2D());
      for (let r = firsts[cell]; r < firsts[cell + 1]; r++) {
        const ring = rings[r];
        draw(fill, ring);
        if (byte & sro.HATCHED) { draw(this.hatch || (this.hatch = new Path2D()), ring); }
        if (byte & sro.OUTLINED) {
          // A border between two cells of the gap comes twice and falls out.
          for (let i = 0; i < ring.length; i++) {
            const from = ring[i], to = ring[(i + 1) % ring.length];
            const key = Math.min(from, to) * 2 ** 26 + Math.max(from, to);
            if (!edges.delete(key)) { edges.set(key, [from, to]); }
          }
        }
      }
    });
    this.border = this.chain(edges);
    this.map.sroGround.redraw();
  },

  // Single edges as lines as long as they go, so that corners are joined.
  chain: function (edges) {
    if (!edges.size) { return null; }
    const { x, y } = this.shapes, path = new Path2D(), next = new Map();
    edges.forEach(([from, to]) => {
      if (!next.has(from)) { next.set(from, []); }
      next.get(from).push(to);
    });
    next.forEach((ends, first) => {
      while (ends.length) {
        let at = ends.pop();
        path.moveTo(x[first], y[first]);
        while (at !== first) {
          path.lineTo(x[at], y[at]);
          const onward = next.get(at);
          if (!onward || !onward.length) { break; }
          at = onward.pop();
        }
        if (at === first) { path.closePath(); }
      }
    });
    return path;
  },

  // Lays the context over the paths; calls action(scale) and leaves the context as it was.
  over: function (context, ground, action) {
    const scale = this.map.getZoomScale(this.map.getZoom(), sro.PATH_ZOOM);
    const shift = this.map.latLngToLayerPoint(this.shapes.middle);
    const min = ground._bounds.min, ratio = ground.ratio;
    context.save();
    context.setTransform(scale * ratio, 0, 0, scale * ratio, (shift.x - min.x) * ratio, (shift.y - min.y) * ratio);
    context.lineJoin = "round";
    context.lineCap = "round";
    action(scale);
    context.restore();
  },

  paint: function (context, ground) {
    this.over(context, ground, (scale) => {
      context.globalAlpha = ground.hasTiles ? 0.75 : 1;
      // From near each cell is seen, from far only its class.
      const seam = this.shapes.side * scale >= 14;
      this.fills.forEach((path, group) => {
        if (!path) { return; }
        context.fillStyle = this.data.colours[group];
        context.fill(path, "evenodd");
        context.strokeStyle = seam ? "rgba(255, 255, 255, 0.5)" : this.data.colours[group];
        context.lineWidth = 0.6 / scale;
        context.stroke(path);
      });
      if (this.hatch) {
        context.fillStyle = this.pattern(context, scale, ground.ratio);
        context.fill(this.hatch, "evenodd");
      }
    });
  },

  // Thin white lines with a dark edge: seen on the palest and on the darkest class.
  pattern: function (context, scale, ratio) {
    if (!this.tile) {
      this.tile = document.createElement("canvas");
      this.tile.width = this.tile.height = 12;
      const pen = this.tile.getContext("2d");
      [["rgba(27, 39, 51, 0.55)", 3], ["rgba(255, 255, 255, 0.95)", 1.6]].forEach(([colour, width]) => {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.stroke(new Path2D("M-3 3L3-3M-3 15L15-3M9 15L15 9"));
      });
    }
    const pattern = context.createPattern(this.tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(0.5 / scale * Math.max(1, ratio / 2)));
    return pattern;
  },

  outline: function (context, ground) {
    if (!this.border) { return; }
    this.over(context, ground, (scale) => {
      // Thinner where cells are small: scattered gaps must not become one blot.
      const wide = Math.max(1.1, Math.min(2.6, this.shapes.side * scale / 4));
      context.strokeStyle = this.colours.casing;
      context.lineWidth = (wide + Math.min(3, wide * 1.2)) / scale;
      context.stroke(this.border);
      context.strokeStyle = this.colours.accent;
      context.lineWidth = wide / scale;
      context.stroke(this.border);
    });
  },

  at: function (latlng) {
    if (!this.ready()) { return -1; }
    const { rings, firsts, x, y, grid, side, origin } = this.shapes;
    const point = this.map.project(latlng, sro.PATH_ZOOM).subtract(origin);
    const near = grid.get(Math.floor(point.x / side) * 65536 + Math.floor(point.y / side)) || [];
    const inside = (cell) => {
      let within = false;
      for (let r = firsts[cell]; r < firsts[cell + 1]; r++) {
        const ring = rings[r];
        for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
          const [a, b] = [ring[i], ring[j]];
          if (y[a] > point.y !== y[b] > point.y &&
            point.x < (x[b] - x[a]) * (point.y - y[a]) / (y[b] - y[a]) + x[a]) { within = !within; }
        }
      }
      return within;
    };
    const found = near.find((cell) => this.bytes[cell] !== sro.NO_VALUE && inside(cell));
    return found === undefined ? -1 : found;
  },

  onMove: function (event) {
    const taken = this.map.sroOffers && this.map.sroOffers.over;
    const cell = taken ? -1 : this.at(event.latlng);
    if (cell < 0) {
      this.leave();
    } else if (this.tooltip && this.bytes[cell] === this.shown) {
      this.tooltip.setLatLng(event.latlng);
    } else {
      this.tell(cell, event.latlng);
    }
  },

  // A finger cannot hover: a tap tells as well.
  onClick: function (event) {
    if (!L.Browser.touch || !this.ready() || this.map.sroOffers.pick(event.layerPoint, 10)) { return; }
    const cell = this.at(event.latlng);
    if (cell < 0) { this.leave(); } else { this.tell(cell, event.latlng); }
  },

  // Words are written by textContent: they may hold anything.
  tell: function (cell, latlng) {
    this.leave();
    const byte = this.bytes[cell], node = document.createElement("div");
    const line = (text, className) => {
      const row = node.appendChild(document.createElement("div"));
      row.textContent = text;
      row.className = className;
    };
    line(this.data.words[byte & 63], "sro-tooltip-name");
    if (byte & sro.OUTLINED) { line(this.data.outlined, "sro-tooltip-more"); }
    if (byte & sro.HATCHED) { line(this.data.uncertain, "sro-tooltip-more"); }
    this.shown = byte;
    this.tooltip = L.tooltip({ direction: "top", opacity: 1, offset: [0, -12], className: "sro-tooltip sro-cell-tooltip" })
      .setLatLng(latlng).setContent(node).addTo(this.map);
  },

  leave: function () {
    if (this.tooltip) { this.tooltip.remove(); this.tooltip = null; }
  },
});

// Called by the layer on every run of the page whose classes changed.
sro.showCells = function (map, group, data) {
  map.sroCellsShown = group;
  group.on("remove", () => {
    if (map.sroCellsShown === group) {
      map.sroCellsShown = null;
      setTimeout(() => map.sroCellsShown || map.sroCells.clear());
    }
  });
  map.sroCells.setData(data);
};
