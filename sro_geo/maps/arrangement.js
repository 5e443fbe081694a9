// Where the symbols stand: together where there are very many, apart where there are few.
"use strict";

// Up to this many offers each shows for itself; more are gathered into circles.
sro.FEW = 320;

sro.Arrangement = {
  // What is drawn at a zoom: offers on one point together, and of very many offers those
  // that lie close. Greedy from the first offer on, over a grid of cells.
  clustersAt: function (zoom) {
    const key = zoom.toFixed(2);
    if (this.clusters[key]) { return this.clusters[key]; }
    const data = this.data, scale = Math.pow(2, zoom);
    const single = this.items.filter((it) => it.id === data.selected);
    const open = this.items.filter((it) => !it.dimmed && it.id !== data.selected);
    const many = open.length > 1500 ? 44 : open.length > sro.FEW ? 32 : 3;
    let clusters = open.map((item) => this.cluster([item], scale));
    for (let round = 0; round < 4; round++) {
      const merged = this.merge(clusters, zoom >= 16 ? 3 : many, scale);
      if (merged.length === clusters.length) { break; }
      clusters = merged;
    }
    return (this.clusters[key] = { clusters, single });
  },

  // A cluster stands in the middle of its offers; x and y are pixels of its zoom.
  cluster: function (items, scale) {
    const middle = (axis) => items.reduce((sum, it) => sum + it.world[axis], 0) / items.length;
    return { items, x: middle("x") * scale, y: middle("y") * scale };
  },

  merge: function (clusters, reach, scale) {
    const cell = Math.max(reach, 42), grid = new Map(), out = [];
    clusters.forEach((c) => {
      const cx = Math.floor(c.x / cell), cy = Math.floor(c.y / cell);
      let near = null, least = Infinity;
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          (grid.get((cx + dx) + ":" + (cy + dy)) || []).forEach((seed) => {
            const away = Math.hypot(c.x - seed.x, c.y - seed.y);
            // Two single symbols may stand closer than a symbol and a numbered circle.
            const single = reach < 10 || (c.items.length === 1 && seed.items.length === 1);
            const limit = single ? reach : Math.max(reach, this.radius(c) + this.radius(seed) + 1);
            if (away < limit && away < least) { near = seed; least = away; }
          });
        }
      }
      if (near) {
        near.items.push(...c.items);
      } else {
        const seed = { x: c.x, y: c.y, items: c.items.slice() };
        out.push(seed);
        const at = cx + ":" + cy;
        if (!grid.has(at)) { grid.set(at, []); }
        grid.get(at).push(seed);
      }
    });
    return out.map((seed) => this.cluster(seed.items, scale));
  },

  radius: function (cluster) {
    const n = cluster.items.length;
    return n === 1 ? 8 : 10.5 + Math.min(9, Math.log2(n) * 1.3);
  },

  // Moves marks that lie on one another or on a name apart, never further than a symbol's
  // width or so from where they belong; what still overlaps then is counted together.
  // At a nearer zoom less overlaps, so less is moved.
  spread: function (marks, boxes, size) {
    const least = (a, b) => (a.r + b.r) * 0.94;
    for (let round = 0; round < 24; round++) {
      const grid = new Map();
      marks.forEach((m, i) => {
        const at = Math.floor(m.x / 40) + ":" + Math.floor(m.y / 40);
        if (!grid.has(at)) { grid.set(at, []); }
        grid.get(at).push(i);
      });
      const near = (m, action) => {
        for (let dx = -1; dx <= 1; dx++) {
          for (let dy = -1; dy <= 1; dy++) {
            (grid.get((Math.floor(m.x / 40) + dx) + ":" + (Math.floor(m.y / 40) + dy)) || []).forEach(action);
          }
        }
      };
      marks.forEach((m, i) => near(m, (j) => {
        if (j <= i) { return; }
        const other = marks[j];
        let dx = other.x - m.x, dy = other.y - m.y, away = Math.hypot(dx, dy);
        const push = (least(m, other) - away) / 2;
        if (push <= 0) { return; }
        // The same direction every time for two on one point.
        if (away < 0.01) { dx = Math.cos(i * 2.4); dy = Math.sin(i * 2.4); away = 1; }
        m.x -= dx / away * push;
        m.y -= dy / away * push;
        other.x += dx / away * push;
        other.y += dy / away * push;
      }));
      marks.forEach((m) => {
        boxes.forEach(([left, top, right, bottom]) => {
          const up = m.y + m.r - top, down = bottom - m.y + m.r;
          const back = m.x + m.r - left, forth = right - m.x + m.r;
          const push = Math.min(up, down, back, forth);
          if (push <= 0) { return; }
          if (push === up) { m.y -= up; } else if (push === down) { m.y += down; }
          else if (push === back) { m.x -= back; } else { m.x += forth; }
        });
        const dx = m.x - m.homeX, dy = m.y - m.homeY, away = Math.hypot(dx, dy), most = Math.max(20 * size, m.r * 1.7);
        // Drawn home a little in every round, held on a short leash.
        const keep = away > most ? most / away : 0.97;
        m.x = m.homeX + dx * keep;
        m.y = m.homeY + dy * keep;
      });
    }
    const out = [];
    marks.forEach((m) => {
      const other = out.find((o) => Math.hypot(o.x - m.x, o.y - m.y) < least(o, m) * 0.72);
      if (!other) {
        out.push(m);
        return;
      }
      other.items = other.items.concat(m.items);
      other.r = this.radius(other) * size;
    });
    return out;
  },
};
