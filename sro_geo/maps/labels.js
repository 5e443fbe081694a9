// Names on the map: areas where there is room for them, streets from near.
"use strict";

sro.Labels = sro.CanvasLayer.extend({
  initialize: function (colours, ground, offers) {
    sro.CanvasLayer.prototype.initialize.call(this, { pane: "sroLabels" });
    this.colours = colours;
    this.ground = ground;
    this.offers = offers;
    // Where each name stood last: it stays there unless another place is clearly better.
    this.stood = {};
  },

  font: function (weight, size) {
    return weight + " " + size + "px 'Source Sans', 'Source Sans 3', system-ui, sans-serif";
  },

  draw: function (context) {
    if (!this.ground.header || !this.chosen) { return; }
    this.taken = this.controls().concat(this.chosen.map((label) => label.box),
      this.offers.drawn.map((d) => [d.x - d.r, d.y - d.r, d.x + d.r, d.y + d.r]));
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (!this.ground.hasTiles) {
      this.drawAround(context);
      if (this._map.getZoom() >= 15.5) { this.drawStreets(context); }
    }
    if (this.areas && this.areas.ready()) {
      this.chosen.forEach((label) => this.areas.write(context, label));
      return;
    }
    context.font = this.areaFont;
    this.chosen.forEach((label) => {
      sro.haloText(context, label.name, label.x, label.y, this.colours.ink, "rgba(255,255,255,0.9)", 4);
    });
  },

  // The part of the map that is in sight, in layer points, without the edge.
  sight: function (margin) {
    const size = this._map.getSize();
    const from = this._map.containerPointToLayerPoint([margin, margin]);
    const to = this._map.containerPointToLayerPoint([size.x - margin, size.y - margin]);
    return [from.x, from.y, to.x, to.y];
  },

  // Buttons, scale and source line: no name under them.
  controls: function () {
    const map = this._map, frame = map.getContainer().getBoundingClientRect();
    return Array.from(map.getContainer().querySelectorAll(".leaflet-control"), (node) => {
      const box = node.getBoundingClientRect();
      const from = map.containerPointToLayerPoint([box.left - frame.left, box.top - frame.top]);
      return [from.x, from.y, from.x + box.width, from.y + box.height];
    });
  },

  pixels: function (metres, lat) {
    return metres * 256 * Math.pow(2, this._map.getZoom()) / (40075016.686 * Math.cos(lat * Math.PI / 180));
  },

  // Chooses a place for the name of each area: where it fits, is in sight and hides the
  // fewest of the marks ({x, y, r}). Returns the boxes taken; the marks then give way.
  choose: function (context, marks) {
    this.chosen = [];
    const { header, plan } = this.ground, map = this._map, zoom = map.getZoom();
    if (this.areas && this.areas.ready()) {
      this.chosen = this.areas.place(context, marks, this);
      return this.chosen.map((label) => label.box);
    }
    if (!header) { return []; }
    const level = this.ground.level || plan[plan.length - 1];
    const sight = this.sight(6);
    const wanted = [];
    header.areas.forEach((id, i) => {
      const feature = this.ground.features[header.firstArea + i];
      if (feature.kind === "area:" + level && feature.name) {
        wanted.push({ id, name: feature.name, places: header.places[i] });
      }
    });
    // Fewest places first, so that the awkward ones still find room.
    wanted.sort((a, b) => a.places.length - b.places.length);
    const narrow = map.getSize().x < 500;
    const size = (wanted.length > 12 ? 13 : narrow ? 14 : 16) + (zoom >= 13 ? 1 : 0);
    this.areaFont = this.font(600, size);
    context.font = this.areaFont;
    const taken = this.controls();
    wanted.forEach((area) => {
      const half = context.measureText(area.name).width / 2 + 4, high = size * 0.58 + 2;
      let best = null;
      area.places.forEach(([lon, lat, room], rank) => {
        // The halo and a letter at each end may lie over the border.
        if (half * 2 - 24 > this.pixels(room, lat)) { return; }
        const { x, y } = map.latLngToLayerPoint([lat, lon]);
        const box = [x - half, y - high, x + half, y + high];
        if (taken.some((other) => sro.overlap(box, other))) { return; }
        const inSight = box[0] > sight[0] && box[1] > sight[1] && box[2] < sight[2] && box[3] < sight[3];
        let cost = rank * 0.06 + (inSight ? 0 : 50) - (this.stood[area.id] === rank ? 0.8 : 0);
        marks.forEach((m) => {
          if (sro.overlap(box, [m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r])) { cost += 1; }
        });
        if (!best || cost < best.cost) { best = { cost, rank, x, y, box, name: area.name }; }
      });
      if (!best) { return; }
      this.stood[area.id] = best.rank;
      taken.push(best.box);
      this.chosen.push(best);
    });
    return this.chosen.map((label) => label.box);
  },

  touchesCity: function (context, [left, top, right, bottom]) {
    const city = this.ground.paths["area:" + this.ground.plan[0]], map = this._map;
    if (!city) { return false; }
    const scale = map.getZoomScale(map.getZoom(), sro.PATH_ZOOM), shift = map.latLngToLayerPoint(this.ground.origin);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    const inside = [[left, top], [right, top], [left, bottom], [right, bottom], [(left + right) / 2, bottom]]
      .some(([x, y]) => context.isPointInPath(city, (x - shift.x) / scale, (y - shift.y) / scale, "evenodd"));
    context.restore();
    return inside;
  },

  // Names of the neighbouring municipalities, pale and spaced.
  drawAround: function (context) {
    const sight = this.sight(4);
    context.font = this.font(400, 13);
    context.letterSpacing = "1.5px";
    this.ground.header.around.forEach(([name, places]) => {
      const half = context.measureText(name).width / 2 + 4;
      for (const [lon, lat] of places) {
        const { x, y } = this._map.latLngToLayerPoint([lat, lon]);
        const box = [x - half, y - 10, x + half, y + 10];
        const inSight = box[0] > sight[0] && box[1] > sight[1] && box[2] < sight[2] && box[3] < sight[3];
        if (!inSight || this.touchesCity(context, box) || this.taken.some((other) => sro.overlap(box, other))) { continue; }
        this.taken.push(box);
        sro.haloText(context, name, x, y, "#6a7178", "rgba(255,255,255,0.8)", 3);
        break;
      }
    });
    context.letterSpacing = "0px";
  },

  drawStreets: function (context) {
    const map = this._map, ground = this.ground;
    const scale = map.getZoomScale(map.getZoom(), sro.PATH_ZOOM);
    const shift = map.latLngToLayerPoint(ground.origin);
    const sight = this.sight(0);
    const named = [];
    ground.features.forEach((feature) => {
      if (!feature.name || !(feature.kind.startsWith("street:") || feature.kind === "road")) { return; }
      feature.lines.forEach((line) => {
        sro.runs(line, scale, shift, sight).forEach((run) => {
          named.push({ name: feature.name, main: feature.kind !== "street:path", run });
        });
      });
    });
    named.sort((a, b) => b.run.length - a.run.length);
    const shown = [];
    context.font = this.font(400, 12.5);
    named.forEach(({ name, run }) => {
      const width = context.measureText(name).width;
      const place = sro.straight(run, width);
      if (!place) { return; }
      const reachX = Math.abs(Math.cos(place.angle)) * width / 2 + 7;
      const reachY = Math.abs(Math.sin(place.angle)) * width / 2 + 7;
      const box = [place.x - reachX, place.y - reachY, place.x + reachX, place.y + reachY];
      if (this.taken.some((other) => sro.overlap(box, other))) { return; }
      // The same street again only far away.
      if (shown.some((s) => s.name === name && Math.hypot(s.x - place.x, s.y - place.y) < 420)) { return; }
      shown.push({ name, x: place.x, y: place.y });
      this.taken.push(box);
      context.save();
      context.translate(place.x, place.y);
      context.rotate(place.angle);
      sro.haloText(context, name, 0, 0, this.colours.inkSoft, "rgba(255,255,255,0.95)", 3.5);
      context.restore();
    });
  },
});

// Cuts a line into the runs that lie in sight: {points: [[x, y], …], length}.
sro.runs = function (line, scale, shift, sight) {
  const runs = [];
  let run = null;
  for (let j = 0; j < line.length; j += 2) {
    const x = line[j] * scale + shift.x, y = line[j + 1] * scale + shift.y;
    if (x < sight[0] || x > sight[2] || y < sight[1] || y > sight[3]) {
      run = null;
      continue;
    }
    if (!run) {
      run = { points: [], length: 0 };
      runs.push(run);
    } else {
      const [px, py] = run.points[run.points.length - 1];
      run.length += Math.hypot(x - px, y - py);
    }
    run.points.push([x, y]);
  }
  return runs;
};

// Returns the middle of a run and its direction there, if it is straight enough over width.
sro.straight = function (run, width) {
  if (run.length < width * 1.15) { return null; }
  const at = (distance) => {
    let left = distance;
    for (let i = 1; i < run.points.length; i++) {
      const [ax, ay] = run.points[i - 1], [bx, by] = run.points[i];
      const length = Math.hypot(bx - ax, by - ay);
      if (left <= length && length > 0) {
        return [ax + (bx - ax) * left / length, ay + (by - ay) * left / length];
      }
      left -= length;
    }
    return run.points[run.points.length - 1];
  };
  const [ax, ay] = at(run.length / 2 - width / 2), [bx, by] = at(run.length / 2 + width / 2);
  const [mx, my] = at(run.length / 2);
  if (Math.hypot(bx - ax, by - ay) < width * 0.97) { return null; }
  let angle = Math.atan2(by - ay, bx - ax);
  if (angle > Math.PI / 2) { angle -= Math.PI; }
  if (angle < -Math.PI / 2) { angle += Math.PI; }
  return { x: mx, y: my, angle };
};
