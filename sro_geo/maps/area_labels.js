// Names, values and circles of areas in classes: where they stand and how they are written.
"use strict";

sro.Areas.include({
  // Chooses a place for each area's name and value: inside, in sight, hiding the fewest of
  // the marks. Returns [{box, lines, circle, …}] in the order they are drawn.
  place: function (context, marks, labels) {
    const map = this.map, { places } = this.shapes, data = this.data;
    const sight = labels.sight(6), taken = labels.controls();
    const wanted = data.ids.map((id, index) => ({ id, index, places: places[index], r: data.circles[index] }))
      .filter((area) => area.places.length);
    // Large circles first, so that small ones lie on top; then those with the least choice.
    wanted.sort((a, b) => b.r - a.r || a.places.length - b.places.length);
    const chosen = [];
    wanted.forEach((area) => {
      let best = null;
      for (const block of this.blocks(context, area, labels, wanted.length)) {
        area.places.forEach(([lon, lat], rank) => {
          if (block.forced && rank) { return; }
          const { x, y } = map.latLngToLayerPoint([lat, lon]);
          const box = [x - block.wide / 2 - 3, y - block.high / 2 - 1, x + block.wide / 2 + 3, y + block.high / 2 + 1];
          if (!block.forced && taken.some((other) => sro.overlap(box, other))) { return; }
          if (!block.forced && !this.fits(area.index, block, x, y)) { return; }
          const inSight = box[0] > sight[0] && box[1] > sight[1] && box[2] < sight[2] && box[3] < sight[3];
          let cost = rank * 0.06 + (inSight ? 0 : 50) - (this.stood[area.id] === rank ? 0.8 : 0);
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

  // What may be written, best first: name and value, smaller, on two lines, the value alone.
  blocks: function (context, area, labels, many) {
    const [name, value] = this.data.labels[area.index], zoom = this.map.getZoom();
    const narrow = this.map.getSize().x < 500;
    const size = (narrow ? 13 : many > 24 ? 14 : 16) + (zoom >= 13.5 ? 1 : 0);
    const plain = typeof this.data.states[area.index] === "string";
    const line = (text, weight, high) => {
      context.font = labels.font(weight, high);
      return { text, font: context.font, wide: context.measureText(text).width, high: high * 1.14 };
    };
    const named = (high) => (name ? [line(name, 600, high)] : []);
    const valued = (high) => (value ? [line(value, plain ? 400 : 700, plain ? high - 1 : high + 3)] : []);
    const broken = (high) => sro.halves(name).map((part) => line(part, 600, high));
    const small = size - 2.5, sets = [];
    const round = area.r > 0 ? { r: area.r, value: null } : null;
    if (round) {
      // The value stands in its circle where it fits, else below the name.
      const high = Math.min(17, Math.max(11, area.r * 0.8)), within = value ? line(value, 700, high) : null;
      if (within && within.wide < 2 * area.r - 5 && area.r > 8) { round.value = within; }
      const below = round.value ? [] : valued(size - 2);
      sets.push([...named(size - 1), ...below], [...named(small), ...below], [...broken(small), ...below], below);
    } else {
      sets.push([...named(size), ...valued(size)], [...named(small), ...valued(size - 1)]);
      sets.push([...broken(small), ...valued(size - 1)], valued(size - 1), valued(small - 1));
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

  block: function (lines, round, forced) {
    const circle = round ? 2 * round.r + (lines.length ? 3 : 0) : 0;
    const words = lines.reduce((sum, line) => sum + line.high, 0);
    const wide = Math.max(round ? 2 * round.r : 0, ...lines.map((line) => line.wide));
    return { lines, round, forced, circle, words, wide, high: circle + words };
  },

  // Whether every line lies inside the area; halo and half a letter may lie over the border.
  fits: function (index, block, x, y) {
    const { path } = this.shapes.areas[index], map = this.map;
    const scale = map.getZoomScale(map.getZoom(), sro.PATH_ZOOM), shift = map.latLngToLayerPoint(this.shapes.middle);
    const inside = (px, py) => this.probe.isPointInPath(path, (px - shift.x) / scale, (py - shift.y) / scale, "evenodd");
    let top = y - block.high / 2 + block.circle;
    return block.lines.every((line) => {
      const half = Math.max(line.wide / 2 - 3, 2), from = top + line.high * 0.15, to = top + line.high * 0.85;
      top += line.high;
      return [-1, -0.5, 0, 0.5, 1].every((part) => inside(x + part * half, from) && inside(x + part * half, to));
    });
  },

  write: function (context, { block, x, y, index }) {
    const look = this.look(index);
    let top = y - block.high / 2;
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
      context.font = line.font;
      context.globalAlpha = 1;
      sro.haloText(context, line.text, x, top + line.high / 2, look.ink, look.halo, 4);
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
