// The ground: land, green, ways, water, rail, a veil outside the city, borders.
"use strict";

// Geometry is kept as paths in pixels of this zoom, relative to the middle of the city, and
// scaled by the canvas: small numbers, because a path keeps only 32 bits.
sro.PATH_ZOOM = 15;

sro.Ground = sro.CanvasLayer.extend({
  initialize: function (colours, hasTiles) {
    sro.CanvasLayer.prototype.initialize.call(this, { pane: "sroGround" });
    this.colours = colours;
    this.hasTiles = hasTiles;
    this.paths = {};
    this.area = null;
    this.level = null;
  },

  // Takes what sro.unpack returned; the map must have a view.
  setData: function (map, data) {
    const { header, parts } = data;
    const [west, south, east, north] = header.bounds;
    this.origin = L.latLng((south + north) / 2, (west + east) / 2);
    const origin = map.project(this.origin, sro.PATH_ZOOM);
    const path = (key) => this.paths[key] || (this.paths[key] = new Path2D());
    this.features = [];
    let next = 0;
    header.kinds.forEach((kind, i) => {
      const own = parts.slice(next, next + header.shares[i]);
      next += header.shares[i];
      // Pixels of PATH_ZOOM relative to the origin, kept for names along streets.
      const lines = own.map((part) => {
        const line = new Float32Array(part.length);
        for (let j = 0; j < part.length; j += 2) {
          const point = map.project([part[j + 1], part[j]], sro.PATH_ZOOM);
          line[j] = point.x - origin.x;
          line[j + 1] = point.y - origin.y;
        }
        return line;
      });
      const isArea = i >= header.firstArea, closed = !!header.closed[i];
      lines.forEach((line) => {
        // Open lines apart: a stream must not be filled like a lake.
        this.trace(path(closed ? kind : kind + ":line"), line, closed);
        if (isArea) { this.trace(path("id:" + header.areas[i - header.firstArea]), line, true); }
      });
      this.features.push({ kind, name: header.names[i], lines });
    });
    this.plan = header.plan;
    this.header = header;
    this.redraw();
  },

  trace: function (path, line, closed) {
    path.moveTo(line[0], line[1]);
    for (let j = 2; j < line.length; j += 2) { path.lineTo(line[j], line[j + 1]); }
    if (closed) { path.closePath(); }
  },

  draw: function (context, bounds) {
    const colours = this.colours, zoom = this._map.getZoom();
    if (!this.hasTiles) {
      context.fillStyle = colours.land;
      context.fillRect(bounds.min.x, bounds.min.y,
        bounds.max.x - bounds.min.x, bounds.max.y - bounds.min.y);
    }
    if (!this.origin) { return; }

    const scale = this._map.getZoomScale(zoom, sro.PATH_ZOOM);
    const shift = this._map.latLngToLayerPoint(this.origin);
    const ratio = this.ratio, min = bounds.min;
    context.setTransform(scale * ratio, 0, 0, scale * ratio,
      (shift.x - min.x) * ratio, (shift.y - min.y) * ratio);
    context.lineJoin = "round";
    context.lineCap = "round";
    const fill = (key, colour) => {
      if (!this.paths[key]) { return; }
      context.fillStyle = colour;
      context.fill(this.paths[key], "evenodd");
    };
    const stroke = (key, colour, width, dash) => {
      if (!this.paths[key]) { return; }
      context.strokeStyle = colour;
      context.lineWidth = width / scale;
      context.setLineDash((dash || []).map((d) => d / scale));
      context.stroke(this.paths[key]);
      context.setLineDash([]);
    };

    // What is coloured by a class, from the back to the front.
    const coloured = [this.areas, this.cells].filter((layer) => layer && layer.ready());
    const own = coloured.find((layer) => layer === this.areas);
    if (!this.hasTiles) { this.drawLand(fill, stroke); }
    coloured.forEach((layer) => layer.paint(context, this));
    if (!this.hasTiles) {
      if (coloured.length) { this.drawWaysOver(fill, stroke, zoom); } else { this.drawWays(stroke, zoom); }
    }
    this.drawVeil(context, bounds, scale, shift);
    // Areas in classes bring their own borders: they may be those of an earlier year.
    if (own) { own.borders(context, this); }
    this.drawBorders(fill, stroke, !!own);
    coloured.forEach((layer) => layer.outline(context, this));
    this.toLayerPoints(context);
  },

  // Width of a way in pixels: thin in the overview, as wide as a street from near.
  wide: function (zoom, metres, least) {
    return Math.max(least, metres * Math.pow(2, zoom - 17));
  },

  drawLand: function (fill, stroke) {
    const colours = this.colours;
    fill("green", colours.green);
    fill("water", colours.water);
    stroke("water:line", colours.water, this.wide(this._map.getZoom(), 6, 1.8));
    stroke("neighbour", "#cfcbc0", 1, [4, 4]);
  },

  // Over coloured cells ways are only a hint, so that the classes stay what is seen first.
  drawWaysOver: function (fill, stroke, zoom) {
    const line = "rgba(255, 255, 255, 0.5)", colours = this.colours;
    fill("water", colours.water);
    stroke("water:line", colours.water, this.wide(zoom, 6, 1.8));
    if (zoom >= 14.5) { stroke("street:residential:line", "rgba(255, 255, 255, 0.35)", 1); }
    const main = this.wide(zoom, 8, 1.6);
    ["street:main:line", "road:line", "road"].forEach((key) => stroke(key, line, main));
    ["rail:line", "rail"].forEach((key) => {
      stroke(key, colours.rail, 1.6);
      stroke(key, "#ffffff", 0.8, [4, 4]);
    });
  },

  drawWays: function (stroke, zoom) {
    const colours = this.colours, wide = (metres, least) => this.wide(zoom, metres, least);
    if (zoom >= 14) { stroke("street:path:line", colours.roadEdge, 1, zoom >= 16 ? [4, 3] : [2, 2]); }
    const main = wide(14, zoom < 13 ? 1.8 : 2.4), small = zoom < 13 ? 0.9 : wide(9, 1.6);
    const edge = zoom < 13 ? 1 : 1.4;
    if (zoom >= 13) { stroke("street:residential:line", colours.roadEdge, small + edge); }
    ["street:main:line", "road:line", "road"].forEach((key) => stroke(key, colours.roadEdge, main + edge));
    stroke("street:residential:line", colours.road, small);
    ["street:main:line", "road:line", "road"].forEach((key) => stroke(key, colours.road, main));
    ["rail:line", "rail"].forEach((key) => {
      stroke(key, colours.rail, 2);
      stroke(key, "#ffffff", 1, [4, 4]);
    });
  },

  drawVeil: function (context, bounds, scale, shift) {
    const city = this.paths["area:" + this.plan[0]];
    if (!city) { return; }
    const veil = new Path2D();
    veil.rect((bounds.min.x - shift.x) / scale, (bounds.min.y - shift.y) / scale,
      (bounds.max.x - bounds.min.x) / scale, (bounds.max.y - bounds.min.y) / scale);
    veil.addPath(city);
    context.fillStyle = "rgba(255, 255, 255, 0.45)";
    context.fill(veil, "evenodd");
  },

  drawBorders: function (fill, stroke, cityOnly) {
    const colours = this.colours, plan = this.plan;
    const level = this.level || plan[plan.length - 1];
    const lines = cityOnly ? [] : ["area:" + level];
    // The levels between the city and the one shown, wider the higher they are.
    if (!cityOnly && plan.includes(level)) {
      for (let i = plan.indexOf(level) - 1; i > 0; i--) { lines.push("area:" + plan[i]); }
    }
    lines.forEach((key, i) => stroke(key, colours.casing, 2.4 + i * 1.4));
    lines.forEach((key, i) => stroke(key, colours.ink, 0.7 + i * 0.7));
    stroke("area:" + plan[0], colours.casing, 5);
    stroke("area:" + plan[0], colours.ink, 1.8);
    if (this.area && this.paths["id:" + this.area]) {
      fill("id:" + this.area, "rgba(194, 65, 12, 0.05)");
      stroke("id:" + this.area, colours.casing, 5.6);
      stroke("id:" + this.area, colours.accent, 2.6);
    }
  },
});
