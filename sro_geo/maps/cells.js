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

  // Shapes as pixels of PATH_ZOOM relative to their middle. A corner of several cells has one
  // number; edge i runs from corners[i] to corners[after[i]], across[i] is the same edge of the
  // neighbour (-1 without one).
  read: function (file, { header, parts }) {
    const map = this.map, [west, south, east, north] = header.bounds;
    const middle = L.latLng((south + north) / 2, (west + east) / 2);
    const origin = map.project(middle, sro.PATH_ZOOM);
    const size = parts.reduce((sum, part) => sum + part.length / 2, 0);
    const corners = new Int32Array(size), after = new Int32Array(size), cellOf = new Int32Array(size);
    const across = new Int32Array(size).fill(-1), firsts = new Int32Array(header.shares.length + 1);
    const x = [], y = [], known = new Map(), edges = new Map();
    let at = 0, next = 0;
    header.shares.forEach((share, cell) => {
      for (const part of parts.slice(next, next + share)) {
        const count = part.length / 2;
        for (let i = 0; i < count; i++) {
          const lon = part[2 * i], lat = part[2 * i + 1];
          const key = Math.round((lon - west) * 1e6) * 2 ** 26 + Math.round((lat - south) * 1e6);
          let corner = known.get(key);
          if (corner === undefined) {
            const point = map.project([lat, lon], sro.PATH_ZOOM);
            corner = x.length;
            known.set(key, corner);
            x.push(point.x - origin.x);
            y.push(point.y - origin.y);
          }
          corners[at + i] = corner;
          after[at + i] = at + (i + 1) % count;
          cellOf[at + i] = cell;
        }
        at += count;
      }
      next += share;
      firsts[cell + 1] = at;
    });
    for (let i = 0; i < size; i++) {
      const from = corners[i], to = corners[after[i]];
      const key = Math.min(from, to) * 2 ** 26 + Math.max(from, to), twin = edges.get(key);
      if (twin === undefined) {
        edges.set(key, i);
      } else if (across[twin] < 0) {
        across[twin] = i;
        across[i] = twin;
      }
    }
    const shapes = { file, middle, origin, corners, after, cellOf, across, firsts, x, y };
    this.index(shapes);
    return shapes;
  },

  // A grid over the cells, so that the one under the pointer is found at once.
  index: function (shapes) {
    const { corners, firsts, x, y } = shapes, count = firsts.length - 1;
    const boxes = shapes.boxes = new Float32Array(count * 4);
    let sizes = 0, drawn = 0;
    for (let cell = 0; cell < count; cell++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let i = firsts[cell]; i < firsts[cell + 1]; i++) {
        west = Math.min(west, x[corners[i]]);
        east = Math.max(east, x[corners[i]]);
        north = Math.min(north, y[corners[i]]);
        south = Math.max(south, y[corners[i]]);
      }
      boxes.set([west, north, east, south], cell * 4);
      if (east > west) {
        sizes += Math.sqrt((east - west) * (south - north));
        drawn++;
      }
    }
    const side = shapes.side = drawn ? Math.max(1, sizes / drawn) : 1;
    const grid = shapes.grid = new Map();
    for (let cell = 0; cell < count; cell++) {
      const [west, north, east, south] = boxes.subarray(cell * 4, cell * 4 + 4);
      for (let i = Math.floor(west / side); i <= Math.floor(east / side); i++) {
        for (let j = Math.floor(north / side); j <= Math.floor(south / side); j++) {
          const key = i * 65536 + j;
          if (!grid.has(key)) { grid.set(key, []); }
          grid.get(key).push(cell);
        }
      }
    }
  },

  // One path for each class, one for what is hatched, one for the border of the gap; each is
  // the outer border of its cells, so that no seam shows between them.
  sort: function () {
    const bytes = this.bytes, known = (byte) => byte !== sro.NO_VALUE;
    const groups = this.borders((byte) => known(byte) ? byte & 63 : -1);
    this.fills = this.data.colours.map((_, group) => this.chain(groups.get(group)));
    this.hatch = this.chain(this.borders((byte) => known(byte) && byte & sro.HATCHED ? 0 : -1).get(0));
    const gap = this.borders((byte) => known(byte) && byte & sro.OUTLINED ? 0 : -1).get(0) || [];
    this.border = this.chain(gap);
    // How many cells a typical part of the gap is wide.
    const many = bytes.reduce((sum, byte) => sum + (known(byte) && byte & sro.OUTLINED ? 1 : 0), 0);
    this.compact = gap.length ? 4 * many / gap.length : 1;
    this.map.sroGround.redraw();
  },

  // Edges by label of their cell, where the neighbour has another; -1 is no label.
  borders: function (labelOf) {
    const { cellOf, across } = this.shapes, labels = Int16Array.from(this.bytes, labelOf), found = new Map();
    for (let i = 0; i < cellOf.length; i++) {
      const label = labels[cellOf[i]], twin = across[i];
      if (label < 0 || (twin >= 0 && labels[cellOf[twin]] === label)) { continue; }
      if (!found.has(label)) { found.set(label, []); }
      found.get(label).push(i);
    }
    return found;
  },

  // Single edges as lines as long as they go, so that corners are joined.
  chain: function (edges) {
    if (!edges || !edges.length) { return null; }
    const { corners, after, x, y } = this.shapes, path = new Path2D(), next = new Map();
    edges.forEach((edge) => {
      const from = corners[edge], others = next.get(from);
      if (others) { others.push(edge); } else { next.set(from, [edge]); }
    });
    next.forEach((open, first) => {
      while (open.length) {
        path.moveTo(x[first], y[first]);
        let at = corners[after[open.pop()]];
        while (at !== first) {
          path.lineTo(x[at], y[at]);
          const onward = next.get(at);
          if (!onward || !onward.length) { break; }
          at = corners[after[onward.pop()]];
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
      this.fills.forEach((path, group) => {
        if (!path) { return; }
        context.fillStyle = context.strokeStyle = this.data.colours[group];
        context.fill(path, "evenodd");
        // A hair wider than it is: no ground shines through between two classes.
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
      // Thinner where the gap is scattered cells: they must not become one blot.
      const wide = Math.max(1.1, Math.min(2.6, this.shapes.side * scale * this.compact / 6));
      context.strokeStyle = this.colours.casing;
      context.lineWidth = 2.1 * wide / scale;
      context.stroke(this.border);
      context.strokeStyle = this.colours.accent;
      context.lineWidth = wide / scale;
      context.stroke(this.border);
    });
  },

  at: function (latlng) {
    if (!this.ready()) { return -1; }
    const { corners, after, firsts, x, y, grid, side, origin } = this.shapes;
    const point = this.map.project(latlng, sro.PATH_ZOOM).subtract(origin);
    const near = grid.get(Math.floor(point.x / side) * 65536 + Math.floor(point.y / side)) || [];
    const inside = (cell) => {
      let within = false;
      for (let i = firsts[cell]; i < firsts[cell + 1]; i++) {
        const a = corners[i], b = corners[after[i]];
        if (y[a] > point.y !== y[b] > point.y &&
          point.x < (x[b] - x[a]) * (point.y - y[a]) / (y[b] - y[a]) + x[a]) { within = !within; }
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
