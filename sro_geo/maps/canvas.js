// Ground for the other scripts: a canvas that follows the map, and the reader of packed
// geometry (sro_geo/maps/packing.py writes it).
"use strict";

window.sro = window.sro || {};

// Reads a packed file: {header, parts}, each part a Float64Array lon, lat, lon, lat, …
sro.unpack = function (buffer) {
  const bytes = new Uint8Array(buffer);
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  // Seven bits a byte, lowest first. Multiplication, not shifts: values exceed 32 bits.
  const number = () => {
    let value = 0, weight = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * weight;
      weight *= 128;
    } while (byte > 127);
    return value;
  };
  const step = () => {
    const value = number();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  const counts = Array.from({ length: header.parts }, number);
  let lon = 0, lat = 0;
  const parts = counts.map((count) => {
    const part = new Float64Array(count * 2);
    for (let i = 0; i < count; i++) {
      lon += step();
      lat += step();
      part[2 * i] = lon * header.unit;
      part[2 * i + 1] = lat * header.unit;
    }
    return part;
  });
  return { header, parts };
};

// A canvas over the whole view (and a margin, so that a short pan shows no gap) that is
// drawn anew whenever the map has come to rest. Subclasses give draw(context, bounds) and
// work in Leaflet's layer points.
sro.CanvasLayer = L.Renderer.extend({
  options: { padding: 0.25 },

  _initContainer: function () {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer: function () {
    cancelAnimationFrame(this._frame);
    this._container.remove();
    delete this._container;
    delete this._context;
  },

  _update: function () {
    if (this._map._animatingZoom && this._bounds) { return; }
    L.Renderer.prototype._update.call(this);
    const bounds = this._bounds, size = bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, bounds.min);
    this._container.width = Math.round(size.x * ratio);
    this._container.height = Math.round(size.y * ratio);
    this._container.style.width = size.x + "px";
    this._container.style.height = size.y + "px";
    this.ratio = ratio;
    this.toLayerPoints(this._context);
    this.draw(this._context, bounds);
  },

  // Sets the context so that (x, y) is a layer point.
  toLayerPoints: function (context) {
    const min = this._bounds.min, ratio = this.ratio;
    context.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
  },

  redraw: function () {
    if (!this._map) { return; }
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this._map && this._update());
  },
});

// Text with a halo, so that it can be read over lines.
sro.haloText = function (context, text, x, y, ink, halo, width) {
  context.lineJoin = "round";
  context.strokeStyle = halo;
  context.lineWidth = width;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
};

sro.overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
