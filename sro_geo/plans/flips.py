"""The state of a search for better borders, kept up to date flip by flip.

A flip gives one block on a border to the area beside it. What each possible flip would do
to evenness, shape and people is reckoned for all of them at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sro_geo.errors import SroError

if TYPE_CHECKING:
    from sro_geo.plans.edges import Edges

# A block whose neighbours meet only a long way round is kept: it would leave a ring or a horn.
_DETOUR = 60

Pair = tuple[int, int]


class Search:
    """The state of a search, kept up to date block by block."""

    def __init__(
        self,
        codes: np.ndarray,
        edges: Edges,
        counting: list[tuple[np.ndarray, float]],
        persons: np.ndarray | None,
        points: np.ndarray | None,
        locked_blocks: np.ndarray | None,
        locked_areas: np.ndarray,
        bridges: tuple[Pair, ...],
        barriers: tuple[Pair, ...],
    ) -> None:
        self.origin = codes.astype(np.int64)
        self.n, self.k = len(codes), int(codes.max(initial=-1)) + 1
        values = [v for v, _ in counting]
        self.persons = np.asarray(values[0] if persons is None else persons, float)
        self.size = np.asarray(edges.size_m2, float)
        self.points = None if points is None else np.asarray(points, float).T.reshape(2, self.n)
        i, j = np.asarray(edges.i, np.int64), np.asarray(edges.j, np.int64)
        shared = np.asarray(edges.shared_m, float)
        exterior = np.asarray(edges.exterior_m, float)
        both = np.concatenate([i, j]), np.concatenate([j, i]), np.concatenate([shared, shared])
        self.around = exterior + np.bincount(both[0], both[2], self.n)
        self._borders = _rows(both[0], both[1], both[2], self.n)
        held = np.array([*barriers], np.int64).reshape(-1, 2)
        cut = np.isin(i * self.n + j, np.concatenate([held @ [self.n, 1], held @ [1, self.n]]))
        extra = np.array([*bridges], np.int64).reshape(-1, 2)
        self._i = np.concatenate([i[~cut], extra[:, 0]])
        self._j = np.concatenate([j[~cut], extra[:, 1]])
        self.links = [
            [b for b, _ in row]
            for row in _rows(
                np.concatenate([self._i, self._j]),
                np.concatenate([self._j, self._i]),
                np.ones(2 * len(self._i)),
                self.n,
            )
        ]
        used = np.bincount(self.origin[self.origin >= 0], minlength=self.k) > 0
        self.free = np.setdiff1d(np.flatnonzero(used), locked_areas)
        self._may = np.zeros(self.k + 1, bool)
        self._may[self.free] = True
        self._loose = np.ones(self.n, bool) if locked_blocks is None else ~locked_blocks
        inside = self._may[self.origin]
        # Relative excess per column: the mean is that of the areas that may change.
        rows, weights = [], []
        for v, weight in counting:
            mean = v[inside].sum() / max(len(self.free), 1)
            if mean > 0:
                rows.append(v / mean)
                weights.append(weight)
        if not rows and len(self.free) >= 2:
            raise SroError("balance_nothing")
        self.part = np.array(rows).reshape(-1, self.n)
        self.weights = np.array(weights)
        self._slack = np.where(self._may[:-1], 1.0, 0.0)
        self.restart()
        self.before = self.compactness()

    def restart(self) -> None:
        """Go back to the plan the search began with."""
        self.codes = self.origin.copy()
        known = self.codes >= 0
        self.excess = np.array(
            [np.bincount(self.codes[known], p[known], self.k) for p in self.part]
        ).reshape(-1, self.k)
        self.excess = (self.excess - 1.0) * self._slack
        self.count = np.bincount(self.codes[known], minlength=self.k)
        self.area = np.bincount(self.codes[known], self.size[known], self.k)
        # Length that a block shares with each area; the last column is "no area".
        self.touch = np.zeros((self.n, self.k + 1))
        for b, row in enumerate(self._borders):
            for other, metres in row:
                self.touch[b, self.codes[other]] += metres
        own = self.touch[np.arange(self.n), self.codes]
        self.length = np.bincount(self.codes[known], (self.around - own)[known], self.k)
        if self.points is not None:
            x, y = self.points - self.points.mean(1, keepdims=True)
            s, c = self.size[known], self.codes[known]
            self.lever = np.array([np.bincount(c, s * v[known], self.k) for v in (x, y)])
            self.points = np.array([x, y])
            square = np.bincount(c, s * (x**2 + y**2)[known], self.k)
            self.spread = square - (self.lever**2).sum(0) / np.maximum(self.area, 1e-9)
        self.steps = 0
        self.rests_until = np.zeros(self.n, np.int64)
        self.weigh()

    def weigh(self) -> None:
        """Prepare the measure of evenness for the areas as they lie beside each other now."""
        a, b = self.codes[self._i], self.codes[self._j]
        apart = (a != b) & self._may[a] & self._may[b]
        laplacian = np.zeros((self.k, self.k))
        laplacian[a[apart], b[apart]] = laplacian[b[apart], a[apart]] = -1.0
        laplacian[np.diag_indices(self.k)] = -laplacian.sum(1)
        self.effort = np.linalg.pinv(laplacian, hermitian=True) + 0.25 * np.eye(self.k)

    def deviation(self) -> float:
        """Return the largest relative distance of an area from the mean."""
        return float(np.abs(self.excess).max(initial=0.0))

    def moved_persons(self) -> float:
        """Return how many people live in blocks whose area changed."""
        return float(self.persons[self.codes != self.origin].sum())

    def compactness(self) -> float:
        """Return the mean Polsby-Popper of the areas that may change."""
        return float(_round(self.area[self.free], self.length[self.free]).mean())

    def candidates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return block, its area and the area beside it, for every step that is allowed."""
        a, b = self.codes[self._i], self.codes[self._j]
        apart = np.flatnonzero((a != b) & self._may[a] & self._may[b])
        block = np.concatenate([self._i[apart], self._j[apart]])
        area = np.concatenate([a[apart], b[apart]])
        to = np.concatenate([b[apart], a[apart]])
        fit = self._loose[block] & (self.count[area] > 1)
        return block[fit], area[fit], to[fit]

    def rounder(self, block: np.ndarray, area: np.ndarray, to: np.ndarray) -> np.ndarray:
        """Return by how much the sum of Polsby-Popper grows with each step."""
        size, around = self.size[block], self.around[block]
        now = _round(self.area, self.length)
        lose = _round(
            self.area[area] - size, self.length[area] - around + 2 * self.touch[block, area]
        )
        gain = _round(self.area[to] + size, self.length[to] + around - 2 * self.touch[block, to])
        grown: np.ndarray = lose + gain - now[area] - now[to]
        return grown

    def closer(self, block: np.ndarray, area: np.ndarray, to: np.ndarray) -> np.ndarray:
        """Return by how much the areas' normalised moment of inertia falls with each step.

        1 for a disc, more for anything else (Li, Goodchild and Church 2013).
        """
        if self.points is None:
            return np.zeros(len(block))
        size, place, whole = self.size[block], self.points[:, block], self.area
        middle = self.lever / np.maximum(whole, 1e-9)
        off = ((place - middle[:, area]) ** 2).sum(0)
        near = ((place - middle[:, to]) ** 2).sum(0)
        left, grown = np.maximum(whole[area] - size, 1e-9), whole[to] + size
        lose = (self.spread[area] - size * whole[area] / left * off) / left**2
        gain = (self.spread[to] + size * whole[to] / grown * near) / grown**2
        now = self.spread / np.maximum(whole, 1e-9) ** 2
        fall: np.ndarray = 2 * np.pi * (now[area] + now[to] - lose - gain)
        return fall

    def evener(self, block: np.ndarray, area: np.ndarray, to: np.ndarray) -> np.ndarray:
        """Return by how much the effort to even out falls with each step."""
        slope = self.excess @ self.effort
        part = self.part[:, block]
        m = self.effort
        stiff = m[to, to] + m[area, area] - 2 * m[area, to]
        change = part * (2 * (slope[:, to] - slope[:, area]) + part * stiff)
        fall: np.ndarray = -(self.weights @ change)
        return fall

    def dearer(self, block: np.ndarray, to: np.ndarray) -> np.ndarray:
        """Return by how much the share of people with another area grows with each step."""
        home = self.origin[block]
        turn = (self.codes[block] == home).astype(float) - (to == home)
        grown: np.ndarray = turn * self.persons[block] / max(self.persons.sum(), 1e-300)
        return grown

    def keeps_together(self, block: int) -> bool:
        """Tell whether the area of a block has no more pieces without it."""
        codes, links = self.codes, self.links
        area = codes[block]
        own = [b for b in links[block] if codes[b] == area]
        if len(own) < 2:
            return len(own) == 1 or self.count[area] > 1
        wanted = set(own[1:])
        seen, front = {block, own[0]}, [own[0]]
        # From one neighbour outwards until the others are met: mostly just around the corner.
        while front:
            ahead = []
            for at in front:
                for b in links[at]:
                    if b not in seen and codes[b] == area:
                        if b in wanted:
                            wanted.discard(b)
                            if not wanted:
                                return True
                        seen.add(b)
                        ahead.append(b)
            if len(seen) > _DETOUR:
                return False
            front = ahead
        return False

    def take(self, block: int, to: int) -> None:
        """Give a block to an area."""
        area = int(self.codes[block])
        self.excess[:, area] -= self.part[:, block]
        self.excess[:, to] += self.part[:, block]
        if self.points is not None:
            size, place = self.size[block], self.points[:, block]
            for at, sign in ((area, -1.0), (to, 1.0)):
                whole = max(self.area[at], 1e-9)
                off = ((place - self.lever[:, at] / whole) ** 2).sum()
                ratio = size * whole / max(whole + sign * size, 1e-9)
                self.spread[at] += sign * ratio * off
                self.lever[:, at] += sign * size * place
        self.count[area] -= 1
        self.count[to] += 1
        self.area[area] -= self.size[block]
        self.area[to] += self.size[block]
        self.length[area] += 2 * self.touch[block, area] - self.around[block]
        self.length[to] += self.around[block] - 2 * self.touch[block, to]
        for other, metres in self._borders[block]:
            self.touch[other, area] -= metres
            self.touch[other, to] += metres
        self.codes[block] = to
        self.steps += 1


def _rows(i: np.ndarray, j: np.ndarray, w: np.ndarray, n: int) -> list[list[tuple[int, float]]]:
    order = np.lexsort((j, i))
    ends = np.cumsum(np.bincount(i, minlength=n))[:-1]
    pairs = list(zip(j[order].tolist(), w[order].tolist(), strict=True))
    starts = [0, *ends.tolist(), len(pairs)]
    return [pairs[starts[b] : starts[b + 1]] for b in range(n)]


def _round(area: np.ndarray, length: np.ndarray) -> np.ndarray:
    value: np.ndarray = 4 * np.pi * area / np.maximum(length, 1e-9) ** 2
    return value
