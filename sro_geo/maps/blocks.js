// Blocks on a canvas that can be painted: shapes and their spaces, what lies under a brush
// or in a lasso, and drawing no more of it anew than changed.
"use strict";

sro.NONE = -1;

// Shapes come from sro_geo/maps/block_shapes.py; everything here is in pixels of PATH_ZOOM
// relative to the middle, as sro.Cells reads them.
sro.Blocks = sro.Cells.extend({
  initialize: function (map, buffer) {
    this.map = map;
    const data = sro.unpack(buffer), spots = data.parts.pop();
    const shapes = this.shapes = this.read("", data);
    this.header = data.header;
    this.count = shapes.firsts.length - 1;
    shapes.x = Float64Array.from(shapes.x);
    shapes.y = Float64Array.from(shapes.y);
    this.spotX = new Float64Array(this.count);
    this.spotY = new Float64Array(this.count);
    for (let b = 0; b < this.count; b++) {
      const p = map.project([spots[2 * b + 1], spots[2 * b]], sro.PATH_ZOOM);
      this.spotX[b] = p.x - shapes.origin.x;
      this.spotY[b] = p.y - shapes.origin.y;
    }
    this.codes = new Int16Array(this.count).fill(sro.NONE);
    this.old = null;
    this.held = new Uint8Array(this.count);
    this.seen = new Int32Array(this.count);
    this.turn = 0;
    this.raster();
  },

  // Layer point → the pixels of the shapes, and how many of them one screen pixel is.
  frame: function () {
    const scale = this.map.getZoomScale(this.map.getZoom(), sro.PATH_ZOOM);
    return { scale, shift: this.map.latLngToLayerPoint(this.shapes.middle) };
  },

  at: function (x, y) {
    const { grid, side } = this.shapes;
    const near = grid.get(Math.floor(x / side) * 65536 + Math.floor(y / side)) || [];
    for (const block of near) { if (this.holds(block, x, y)) { return block; } }
    return -1;
  },

  holds: function (block, px, py) {
    const { corners, after, firsts, x, y } = this.shapes;
    let within = false;
    for (let i = firsts[block]; i < firsts[block + 1]; i++) {
      const a = corners[i], b = corners[after[i]];
      if (y[a] > py !== y[b] > py && px < (x[b] - x[a]) * (py - y[a]) / (y[b] - y[a]) + x[a]) { within = !within; }
    }
    return within;
  },

  // Blocks whose box meets a box, each once.
  inBox: function (west, north, east, south) {
    const { grid, side, boxes } = this.shapes, found = [], turn = ++this.turn;
    const [i0, i1] = [Math.floor(west / side), Math.floor(east / side)];
    const [j0, j1] = [Math.floor(north / side), Math.floor(south / side)];
    // A box larger than the city: every block is asked once, no cell of the grid.
    if ((i1 - i0 + 1) * (j1 - j0 + 1) > grid.size * 2) {
      for (let b = 0; b < this.count; b++) { if (this.meets(b, west, north, east, south)) { found.push(b); } }
      return found;
    }
    for (let i = i0; i <= i1; i++) {
      for (let j = j0; j <= j1; j++) {
        for (const block of grid.get(i * 65536 + j) || []) {
          if (this.seen[block] === turn) { continue; }
          this.seen[block] = turn;
          if (this.meets(block, west, north, east, south)) { found.push(block); }
        }
      }
    }
    return found;
  },

  meets: function (b, west, north, east, south) {
    const boxes = this.shapes.boxes, k = 4 * b;
    return boxes[k] <= east && boxes[k + 2] >= west && boxes[k + 1] <= south && boxes[k + 3] >= north;
  },

  // Blocks a brush passes over on its straight way from a to b: those it runs through, and
  // those whose inner point comes under it. Nothing is skipped however long the way is.
  under: function (a, b, radius) {
    const near = this.inBox(Math.min(a.x, b.x) - radius, Math.min(a.y, b.y) - radius,
      Math.max(a.x, b.x) + radius, Math.max(a.y, b.y) + radius);
    return near.filter((block) =>
      sro.toSegment(this.spotX[block], this.spotY[block], a, b) <= radius * radius ||
      this.holds(block, a.x, a.y) || (a !== b && this.crossed(block, a, b)));
  },

  crossed: function (block, p, q) {
    const { corners, after, firsts, x, y } = this.shapes;
    for (let i = firsts[block]; i < firsts[block + 1]; i++) {
      const a = corners[i], b = corners[after[i]];
      if (sro.cross(p.x, p.y, q.x, q.y, x[a], y[a], x[b], y[b])) { return true; }
    }
    return false;
  },

  // Blocks whose inner point lies in a polygon [{x, y}, …].
  within: function (corners) {
    const xs = corners.map((p) => p.x), ys = corners.map((p) => p.y);
    const near = this.inBox(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    return near.filter((block) => {
      const px = this.spotX[block], py = this.spotY[block];
      let inside = false;
      for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
        if (ys[i] > py !== ys[j] > py && px < (xs[j] - xs[i]) * (py - ys[i]) / (ys[j] - ys[i]) + xs[i]) { inside = !inside; }
      }
      return inside;
    });
  },

  // All blocks of the same area of a parallel level.
  district: function (block) {
    const own = this.header.districts;
    if (block < 0 || !own || own[block] < 0) { return []; }
    const found = [];
    for (let b = 0; b < this.count; b++) { if (own[b] === own[block]) { found.push(b); } }
    return found;
  },

  // The same sum as on the server: whether both hold the same.
  sum: function () {
    let total = 0;
    for (let b = 0; b < this.count; b++) {
      total = (total + Math.imul(this.codes[b] + 2, Math.imul(b + 1, 2654435761))) | 0;
    }
    return total >>> 0;
  },

  boxOf: function (blocks) {
    const boxes = this.shapes.boxes, box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const b of blocks) {
      box[0] = Math.min(box[0], boxes[4 * b]);
      box[1] = Math.min(box[1], boxes[4 * b + 1]);
      box[2] = Math.max(box[2], boxes[4 * b + 2]);
      box[3] = Math.max(box[3], boxes[4 * b + 3]);
    }
    return box;
  },

  trace: function (path, block) {
    const { corners, after, firsts, x, y } = this.shapes;
    for (let i = firsts[block], fresh = true; i < firsts[block + 1]; i++) {
      const corner = corners[i];
      if (fresh) { path.moveTo(x[corner], y[corner]); } else { path.lineTo(x[corner], y[corner]); }
      fresh = after[i] <= i; // the ring is closed
      if (fresh) { path.closePath(); }
    }
  },

  moved: function (block) {
    return this.old !== null && this.old[block] !== this.codes[block];
  },

  // A coarse picture of which block lies where, made once, to find room for names in.
  raster: function () {
    const { boxes } = this.shapes, n = sro.RASTER;
    const all = this.boxOf(Array.from({ length: this.count }, (_, b) => b).filter((b) => boxes[4 * b + 2] > boxes[4 * b]));
    const step = Math.max(all[2] - all[0], all[3] - all[1]) / n || 1;
    const wide = Math.max(1, Math.ceil((all[2] - all[0]) / step)), high = Math.max(1, Math.ceil((all[3] - all[1]) / step));
    const blocks = new Int32Array(wide * high);
    for (let j = 0; j < high; j++) {
      for (let i = 0; i < wide; i++) {
        blocks[j * wide + i] = this.at(all[0] + (i + 0.5) * step, all[1] + (j + 0.5) * step);
      }
    }
    this.picture = { west: all[0], north: all[1], step, wide, high, blocks };
  },

  // Where each space has most room around: {code: {x, y, room}}.
  middles: function () {
    const { west, north, step, wide, high, blocks } = this.picture;
    const label = new Int16Array(wide * high), far = new Float32Array(wide * high);
    for (let k = 0; k < label.length; k++) { label[k] = blocks[k] < 0 ? -2 : this.codes[blocks[k]]; }
    // Distance to the next other label, straight steps 1, slanting ones 1.41; there and back.
    const relax = (k, i, j, di, dj, cost) => {
      const inside = i + di >= 0 && i + di < wide && j + dj >= 0 && j + dj < high;
      const other = k + dj * wide + di;
      far[k] = Math.min(far[k], inside && label[other] === label[k] ? far[other] + cost : 1);
    };
    far.fill(1e6);
    for (let j = 0; j < high; j++) {
      for (let i = 0; i < wide; i++) {
        const k = j * wide + i;
        relax(k, i, j, -1, 0, 1); relax(k, i, j, 0, -1, 1); relax(k, i, j, -1, -1, 1.41); relax(k, i, j, 1, -1, 1.41);
      }
    }
    const sums = {};
    for (let j = high - 1; j >= 0; j--) {
      for (let i = wide - 1; i >= 0; i--) {
        const k = j * wide + i;
        relax(k, i, j, 1, 0, 1); relax(k, i, j, 0, 1, 1); relax(k, i, j, 1, 1, 1.41); relax(k, i, j, -1, 1, 1.41);
        if (label[k] < 0) { continue; }
        const s = sums[label[k]] || (sums[label[k]] = { n: 0, i: 0, j: 0, best: 0 });
        s.n++; s.i += i; s.j += j;
        s.best = Math.max(s.best, far[k]);
      }
    }
    // Of the roomy places the one nearest to the middle.
    const found = {};
    for (let j = 0; j < high; j++) {
      for (let i = 0; i < wide; i++) {
        const k = j * wide + i, s = sums[label[k]];
        if (label[k] < 0 || far[k] < 0.75 * s.best) { continue; }
        const away = Math.hypot(i - s.i / s.n, j - s.j / s.n) - 0.5 * far[k];
        if (!found[label[k]] || away < found[label[k]].away) {
          found[label[k]] = { away, x: west + (i + 0.5) * step, y: north + (j + 0.5) * step, room: far[k] * step };
        }
      }
    }
    return found;
  },
});

sro.RASTER = 110;

// Square of the distance of a point from the way from a to b.
sro.toSegment = function (x, y, a, b) {
  const dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / length)) : 0;
  return (x - a.x - t * dx) ** 2 + (y - a.y - t * dy) ** 2;
};

sro.cross = function (ax, ay, bx, by, cx, cy, dx, dy) {
  const side = (px, py, qx, qy, rx, ry) => (qx - px) * (ry - py) - (qy - py) * (rx - px);
  return side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 &&
    side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0;
};

// A canvas that can be drawn anew in a part of it only. Subclasses give
// paint(context, blocks, scale); the context is in the pixels of the shapes.
sro.PartCanvas = sro.CanvasLayer.extend({
  initialize: function (blocks, look, pane) {
    sro.CanvasLayer.prototype.initialize.call(this, { pane, padding: 0.15 });
    this.blocks = blocks;
    this.look = look;
  },

  place: function (context) {
    const { scale, shift } = this.blocks.frame(), ratio = this.ratio, min = this._bounds.min;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, (shift.x - min.x) * ratio, (shift.y - min.y) * ratio);
    return { scale, shift, min };
  },

  draw: function (context, bounds) {
    const { scale, shift } = this.place(context), { min, max } = bounds;
    this.paint(context, this.blocks.inBox((min.x - shift.x) / scale, (min.y - shift.y) / scale,
      (max.x - shift.x) / scale, (max.y - shift.y) / scale), scale);
    this.toLayerPoints(context);
  },

  // Draws a box [west, north, east, south] of the shapes anew, with a margin for lines.
  part: function (box) {
    if (!this._map || !this._bounds) { return; }
    const context = this._context, { scale, shift, min } = this.place(context), ratio = this.ratio, margin = 8;
    const pixel = (value, side, from) => Math.round((value * scale + side - from) * ratio);
    const left = pixel(box[0], shift.x - margin, min.x), top = pixel(box[1], shift.y - margin, min.y);
    const right = pixel(box[2], shift.x + margin, min.x), bottom = pixel(box[3], shift.y + margin, min.y);
    context.save();
    context.resetTransform();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    this.place(context);
    // Lines of blocks beyond the box reach into it.
    const more = 2 * margin / scale;
    this.paint(context, this.blocks.inBox(box[0] - more, box[1] - more, box[2] + more, box[3] + more), scale);
    context.restore();
  },

  pattern: function (context, name, scale, make) {
    this.tiles = this.tiles || {};
    if (!this.tiles[name]) {
      const tile = document.createElement("canvas"), pen = tile.getContext("2d");
      tile.width = tile.height = 20;
      make(pen);
      this.tiles[name] = tile;
    }
    const pattern = context.createPattern(this.tiles[name], "repeat");
    pattern.setTransform(new DOMMatrix().scale(0.5 / scale));
    return pattern;
  },
});

// The colours of the spaces; what belongs to none is hatched.
sro.BlockFills = sro.PartCanvas.extend({
  paint: function (context, blocks, scale) {
    const groups = new Map(), { codes } = this.blocks;
    for (const block of blocks) {
      const group = groups.get(codes[block]);
      if (group) { group.push(block); } else { groups.set(codes[block], [block]); }
    }
    groups.forEach((own, code) => {
      context.beginPath();
      for (const block of own) { this.blocks.trace(context, block); }
      context.fillStyle = code >= 0 ? this.look.colour(code) : this.pattern(context, "none", scale, (pen) => {
        pen.strokeStyle = "rgba(27, 39, 51, 0.6)";
        pen.lineWidth = 2;
        pen.stroke(new Path2D("M0 0L20 20M0 20L20 0"));
      });
      context.fill("evenodd");
    });
  },
});

// Borders of spaces, strong; of regions, stronger; of blocks, thin; the moved hatched.
sro.BlockLines = sro.PartCanvas.extend({
  paint: function (context, blocks, scale) {
    const { corners, after, across, cellOf, firsts, x, y, side } = this.blocks.shapes;
    const { codes, held } = this.blocks, look = this.look;
    context.lineCap = context.lineJoin = "round";
    const hatched = (name, chosen, make) => {
      if (!chosen.length) { return; }
      context.beginPath();
      for (const block of chosen) { this.blocks.trace(context, block); }
      context.fillStyle = this.pattern(context, name, scale, make);
      context.fill("evenodd");
    };
    if (look.hatching) {
      hatched("moved", blocks.filter((b) => this.blocks.moved(b)), (pen) => {
        [["rgba(255, 255, 255, 0.8)", 5], ["#c2410c", 2.4]].forEach(([colour, width]) => {
          pen.strokeStyle = colour;
          pen.lineWidth = width;
          pen.stroke(new Path2D("M-5 -5L25 25M-5 15L5 25M15 -5L25 5"));
        });
      });
    }
    hatched("held", blocks.filter((b) => held[b]), (pen) => {
      pen.fillStyle = "rgba(27, 39, 51, 0.7)";
      [[5, 5], [15, 15]].forEach(([px, py]) => { pen.beginPath(); pen.arc(px, py, 2.2, 0, 7); pen.fill(); });
    });
    const thin = new Path2D(), space = new Path2D(), region = new Path2D(), rim = new Path2D();
    const near = side * scale > 9;
    let any = false;
    for (const block of blocks) {
      const own = codes[block];
      for (let i = firsts[block]; i < firsts[block + 1]; i++) {
        const twin = across[i];
        // Each border once: by the block that comes first.
        if (twin >= 0 && twin < i) { continue; }
        const other = twin < 0 ? -2 : codes[cellOf[twin]];
        let path = thin;
        if (other !== own) {
          path = twin < 0 ? rim : look.region(own) !== look.region(other) ? region : space;
          any = true;
        } else if (!near) { continue; }
        const a = corners[i], b = corners[after[i]];
        path.moveTo(x[a], y[a]);
        path.lineTo(x[b], y[b]);
      }
    }
    const stroke = (path, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width / scale;
      context.stroke(path);
    };
    if (near) { stroke(thin, "rgba(27, 39, 51, 0.22)", 0.8); }
    if (!any) { return; }
    [[space, 4.6], [rim, 5], [region, 7]].forEach(([path, width]) => stroke(path, "rgba(255, 255, 255, 0.9)", width));
    [[space, 2.2], [rim, 2.4], [region, 3.6]].forEach(([path, width]) => stroke(path, look.ink, width));
  },
});

// Number and name in each space, and the border as it was, dashed; drawn when all rests.
sro.BlockNames = sro.CanvasLayer.extend({
  initialize: function (blocks, look, pane) {
    sro.CanvasLayer.prototype.initialize.call(this, { pane, padding: 0.15 });
    this.blocks = blocks;
    this.look = look;
  },

  draw: function (context) {
    const { scale, shift } = this.blocks.frame(), look = this.look;
    if (look.hatching && this.blocks.old) { this.drawOld(context, scale, shift); }
    const middles = this.blocks.middles(), narrow = this._map.getSize().x < 500;
    const size = narrow ? 13 : 15, family = "px 'Source Sans', 'Source Sans 3', system-ui, sans-serif";
    context.textBaseline = "middle";
    Object.entries(middles).forEach(([code, { x, y, room }]) => {
      const area = look.area(Number(code));
      if (!area) { return; }
      const px = x * scale + shift.x, py = y * scale + shift.y, half = room * scale;
      const word = (area.locked ? "\u{1F512}\uFE0E " : "") + area.name;
      context.font = "600 " + size + family;
      const wide = context.measureText(word).width;
      // The name where there is room for it, the number always.
      const named = wide < 2.6 * half + 20 && half > 18;
      const top = named ? py - size * (area.caption ? 1.35 : 0.8) : py;
      const mark = String(area.number), radius = mark.length > 1 ? 12 : 11;
      context.beginPath();
      context.arc(px, top, radius, 0, 7);
      context.fillStyle = look.ink;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = "#ffffff";
      context.stroke();
      context.textAlign = "center";
      context.fillStyle = "#ffffff";
      context.font = "700 13" + family;
      context.fillText(mark, px, top + 1);
      if (!named) { return; }
      context.font = "600 " + size + family;
      sro.haloText(context, word, px, top + radius + size * 0.75, look.ink, "rgba(255,255,255,0.85)", 4);
      if (!area.caption) { return; }
      context.font = "400 " + (size - 2) + family;
      sro.haloText(context, area.caption, px, top + radius + size * 1.95, look.ink, "rgba(255,255,255,0.85)", 4);
    });
  },

  // The earlier borders where there is none any more.
  drawOld: function (context, scale, shift) {
    const { corners, after, across, cellOf, x, y } = this.blocks.shapes, { old, codes } = this.blocks;
    const ends = new Map(), edges = [];
    for (let i = 0; i < across.length; i++) {
      const twin = across[i];
      if (twin < i || old[cellOf[i]] === old[cellOf[twin]] || codes[cellOf[i]] !== codes[cellOf[twin]]) { continue; }
      edges.push([corners[i], corners[after[i]], false]);
    }
    edges.forEach((edge) => edge.slice(0, 2).forEach((corner) => {
      if (ends.has(corner)) { ends.get(corner).push(edge); } else { ends.set(corner, [edge]); }
    }));
    const path = new Path2D(), go = (corner, first) => {
      const px = x[corner] * scale + shift.x, py = y[corner] * scale + shift.y;
      if (first) { path.moveTo(px, py); } else { path.lineTo(px, py); }
    };
    const walk = (start) => {
      let at = start, edge;
      go(at, true);
      while ((edge = ends.get(at).find((e) => !e[2]))) {
        edge[2] = true;
        at = edge[0] === at ? edge[1] : edge[0];
        go(at, false);
      }
    };
    ends.forEach((own, corner) => { if (own.length !== 2) { own.forEach((e) => { if (!e[2]) { walk(corner); } }); } });
    ends.forEach((own, corner) => { if (own.some((e) => !e[2])) { walk(corner); } });
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = "rgba(255, 255, 255, 0.9)";
    context.stroke(path);
    context.lineWidth = 2;
    context.setLineDash([7, 5]);
    context.strokeStyle = this.look.ink;
    context.stroke(path);
    context.setLineDash([]);
  },
});
