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
    if (!this.ground.header) { return; }
    this.taken = [];
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.drawAreas(context);
    if (this._map.getZoom() >= 15.5 && !this.ground.hasTiles) { this.drawStreets(context); }
  },

  // The part of the map that is in sight, in layer points, without the edge.
  sight: function (margin) {
    const size = this._map.getSize();
    const from = this._map.containerPointToLayerPoint([margin, margin]);
    const to = this._map.containerPointToLayerPoint([size.x - margin, size.y - margin]);
    return [from.x, from.y, to.x, to.y];
  },

  drawAreas: function (context) {
    const { header, plan } = this.ground, map = this._map, zoom = map.getZoom();
    const level = this.ground.level || plan[plan.length - 1];
    const sight = this.sight(6);
    const pixels = (metres, lat) =>
      metres * 256 * Math.pow(2, zoom) / (40075016.686 * Math.cos(lat * Math.PI / 180));
    const wanted = [];
    header.areas.forEach((id, i) => {
      const feature = this.ground.features[header.firstArea + i];
      if (feature.kind === "area:" + level && feature.name) {
        wanted.push({ id, name: feature.name, places: header.places[i] });
      }
    });
    // Fewest places first, so that the awkward ones still find room.
    wanted.sort((a, b) => a.places.length - b.places.length);
    const large = wanted.length <= 12;
    const size = (large ? 16 : 13) + (zoom >= 13 ? 1 : 0);
    context.font = this.font(600, size);
    const symbols = this.offers.drawn || [];
    wanted.forEach((area) => {
      const width = context.measureText(area.name).width, height = size * 1.15;
      let best = null;
      area.places.forEach(([lon, lat, room], rank) => {
        if (width > pixels(room, lat) * 0.96) { return; }
        const { x, y } = map.latLngToLayerPoint([lat, lon]);
        const box = [x - width / 2 - 4, y - height / 2 - 2, x + width / 2 + 4, y + height / 2 + 2];
        const inSight = box[0] > sight[0] && box[1] > sight[1] && box[2] < sight[2] && box[3] < sight[3];
        if (this.taken.some((other) => sro.overlap(box, other))) { return; }
        let cost = rank * 0.25 + (inSight ? 0 : 50);
        symbols.forEach((s) => {
          if (!s.small && sro.overlap(box, [s.x - s.r, s.y - s.r, s.x + s.r, s.y + s.r])) { cost += 1; }
        });
        if (this.stood[area.id] === rank) { cost -= 1.5; }
        if (!best || cost < best.cost) { best = { cost, rank, x, y, box }; }
      });
      if (!best) { return; }
      this.stood[area.id] = best.rank;
      this.taken.push(best.box);
      sro.haloText(context, area.name, best.x, best.y, this.colours.ink, "rgba(255,255,255,0.9)", 4);
    });
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
