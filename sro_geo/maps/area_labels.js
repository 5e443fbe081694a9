// Names, values and circles of areas in classes: where they stand and how they are written.
"use strict";

sro.Areas.include({
  // Chooses a place for each area's name and value: inside, in sight, hiding the fewest of
  // the marks and little water. Returns [{block, box, x, y, index}] in the order they are drawn.
  place: function (context, marks, labels) {
    const { places } = this.shapes, data = this.data;
    const sight = labels.sight(6), taken = labels.controls();
    const wanted = data.ids.map((id, index) => ({ id, index, places: this.points(places[index]), r: data.circles[index] }))
      .filter((area) => area.places.length);
    // Large circles first, so that small ones lie on top; then those with the least choice.
    wanted.sort((a, b) => b.r - a.r || a.places.length - b.places.length);
    const size = this.size(context, wanted, labels), chosen = [];
    wanted.forEach((area) => {
      let best = null;
      for (const block of this.blocks(context, area, labels, size)) {
        area.places.forEach(([x, y], rank) => {
          if (block.forced && rank) { return; }
          const box = this.box(block, x, y);
          if (!block.forced && taken.some((other) => sro.overlap(box, other))) { return; }
          if (!block.forced && !this.fits(area.index, block, x, y)) { return; }
          const inSight = box[0] > sight[0] && box[1] > sight[1] && box[2] < sight[2] && box[3] < sight[3];
          let cost = rank * 0.06 + (inSight ? 0 : 50) - (this.stood[area.id] === rank ? 0.8 : 0);
          cost += 0.9 * this.wet(labels.ground, box) + (block.round ? 2 * this.beyond(area.index, block, x, y) : 0);
          marks.forEach((m) => {
            if (sro.overlap(box, [m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r])) { cost += 1; }
          });
          if (!best || cost < best.cost) { best = { cost, rank, x, y, box, block, index: area.index }; }
        });
        if (best) { break; }
      }
      if (!best) { return; }
      this.stood[area.id] = best.rank;
      taken.push(best.box);
      chosen.push(best);
    });
    return chosen;
  },

  points: function (places) {
    return places.map(([lon, lat]) => {
      const { x, y } = this.map.latLngToLayerPoint([lat, lon]);
      return [x, y];
    });
  },

  box: function (block, x, y) {
    const half = block.wide / 2 + 3, top = y - block.up;
    return [x - half, top - 1, x + half, top + block.high + 1];
  },

  // One size of letters for the whole map, as long as most names find room in it.
  size: function (context, wanted, labels) {
    const narrow = this.map.getSize().x < 500;
    const full = (narrow ? 13 : wanted.length > 24 ? 14 : 16) + (this.map.getZoom() >= 13.5 ? 1 : 0);
    const room = (high) => wanted.filter((area) => {
      const [block] = this.blocks(context, area, labels, high);
      return block && area.places.some(([x, y]) => this.fits(area.index, block, x, y));
    }).length;
    const small = Math.max(full - 2.5, 11);
    return room(full) >= 0.8 * room(small) ? full : small;
  },

  // What may be written, best first: name and value, smaller, on two lines, the value alone.
  blocks: function (context, area, labels, size) {
    const [name, value] = this.data.labels[area.index];
    const plain = typeof this.data.states[area.index] === "string";
    const line = (text, weight, high) => {
      context.font = labels.font(weight, high);
      return { text, font: context.font, wide: context.measureText(text).width, high: high * 1.14 };
    };
    const named = (high) => (name ? [line(name, 600, high)] : []);
    const valued = (high) => (value ? [line(value, plain ? 400 : 700, plain ? high - 1 : high + 4)] : []);
    const broken = (high) => sro.halves(name).map((part) => line(part, 600, high));
    const small = Math.max(size - 2.5, 11), sets = [];
    const round = area.r > 0 ? { r: area.r, value: null } : null;
    if (round) {
      // The value stands in its circle where it fits, else below the name.
      const high = Math.min(17, Math.max(11, area.r * 0.8)), within = value ? line(value, 700, high) : null;
      if (within && within.wide < 2 * area.r - 5 && area.r > 8) { round.value = within; }
      const below = round.value ? [] : valued(size - 2);
      sets.push([...named(size - 1), ...below], [...named(small), ...below], [...broken(small), ...below], below);
    } else {
      sets.push([...named(size), ...valued(size)], [...named(small), ...valued(size)]);
      sets.push([...broken(small), ...valued(size)], valued(size), valued(small - 2));
    }
    const seen = new Set(), out = [];
    sets.forEach((lines) => {
      const key = lines.map((l) => l.font + l.text).join("|");
      if (seen.has(key) || (!lines.length && !round)) { return; }
      seen.add(key);
      out.push(this.block(lines, round, false));
    });
    // A circle is a figure: it is drawn even where there is no room for words.
    if (round) { out.push(this.block([], round, true)); }
    return out;
  },

  // A circle stands on its place with the words below; words alone are centred on it.
  block: function (lines, round, forced) {
    const circle = round ? 2 * round.r + (lines.length ? 3 : 0) : 0;
    const words = lines.reduce((sum, line) => sum + line.high, 0);
    const wide = Math.max(round ? 2 * round.r : 0, ...lines.map((line) => line.wide));
    return { lines, round, forced, circle, wide, high: circle + words, up: round ? round.r : words / 2 };
  },

  // Tells whether a layer point lies in an area.
  inArea: function (index) {
    const { path } = this.shapes.areas[index], map = this.map;
    const scale = map.getZoomScale(map.getZoom(), sro.PATH_ZOOM), shift = map.latLngToLayerPoint(this.shapes.middle);
    return (x, y) => this.probe.isPointInPath(path, (x - shift.x) / scale, (y - shift.y) / scale, "evenodd");
  },

  // Whether every line of the words lies inside the area.
  fits: function (index, block, x, y) {
    const inside = this.inArea(index);
    let top = y - block.up + block.circle;
    return block.lines.every((line) => {
      const half = line.wide / 2 + 1, from = top + line.high * 0.12, to = top + line.high * 0.88;
      top += line.high;
      return [-1, -0.5, 0, 0.5, 1].every((part) => inside(x + part * half, from) && inside(x + part * half, to));
    });
  },

  // Share of the edge of a circle that lies beyond its area.
  beyond: function (index, block, x, y) {
    const inside = this.inArea(index), r = block.round.r;
    return [0, 1, 2, 3, 4, 5, 6, 7].filter((i) =>
      !inside(x + r * Math.cos(i * Math.PI / 4), y + r * Math.sin(i * Math.PI / 4))).length / 8;
  },

  // Share of a box that lies on water.
  wet: function (ground, [left, top, right, bottom]) {
    const water = ground.paths.water;
    if (!water || ground.hasTiles) { return 0; }
    const scale = this.map.getZoomScale(this.map.getZoom(), sro.PATH_ZOOM);
    const shift = this.map.latLngToLayerPoint(ground.origin);
    let wet = 0;
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        const x = left + (right - left) * i / 4, y = top + (bottom - top) * j / 4;
        if (this.probe.isPointInPath(water, (x - shift.x) / scale, (y - shift.y) / scale, "evenodd")) { wet++; }
      }
    }
    return wet / 25;
  },

  clip: function (context, index) {
    const map = this.map, scale = map.getZoomScale(map.getZoom(), sro.PATH_ZOOM);
    const shift = map.latLngToLayerPoint(this.shapes.middle), inner = new Path2D();
    inner.addPath(this.shapes.areas[index].path, new DOMMatrix([scale, 0, 0, scale, shift.x, shift.y]));
    context.clip(inner, "evenodd");
  },

  write: function (context, { block, x, y, index }) {
    const look = this.look(index);
    let top = y - block.up;
    if (block.round) {
      const { r, value } = block.round, { fill, ink } = this.data.circle;
      context.beginPath();
      context.arc(x, top + r, r, 0, 2 * Math.PI);
      context.strokeStyle = this.colours.casing;
      context.lineWidth = 3;
      context.stroke();
      context.fillStyle = fill;
      context.fill();
      if (value) {
        context.font = value.font;
        context.fillStyle = ink;
        context.fillText(value.text, x, top + r + 0.5);
      }
    }
    top += block.circle;
    block.lines.forEach((line) => {
      const middle = top + line.high / 2;
      context.font = line.font;
      // The halo has the colour of its area: it stays within.
      context.save();
      this.clip(context, index);
      context.lineJoin = "round";
      context.lineWidth = 4;
      context.strokeStyle = look.halo;
      context.strokeText(line.text, x, middle);
      context.restore();
      context.fillStyle = look.ink;
      context.fillText(line.text, x, middle);
      top += line.high;
    });
  },
});

// A long name in two parts, at the hyphen or blank nearest to its middle.
sro.halves = function (name) {
  let best = -1;
  for (let i = 1; i < name.length - 1; i++) {
    if ((name[i] === "-" || name[i] === " ") && Math.abs(i - name.length / 2) < Math.abs(best - name.length / 2)) { best = i; }
  }
  return best < 0 ? [name] : [name.slice(0, best + 1).trim(), name.slice(best + 1).trim()];
};
