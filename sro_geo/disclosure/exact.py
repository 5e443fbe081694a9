"""The cheapest choice of what to hide in a small table, proven.

Fischetti and Salazar (2001): a master program chooses what to hide, an attacker shows which
cells are too narrow and which published cells pin them; one of those has to be hidden as
well, and the master chooses again. Its cost never exceeds that of the best table.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from sro_geo.disclosure.program import NEAR, Floats, Program
from sro_geo.disclosure.table import Bools, Table

# Turns of master and attacker, and nodes of one master's search, before the proof is given
# up: bounds on the work, the same on every machine, so that a table comes out the same.
_MOST_TURNS = 100
_MOST_NODES = 300
# Optima over real and over whole numbers the attacker may ask for.
_MOST_OPTIMA = 3000
_MOST_SEARCHES = 4
# Below this the price of a row is a rounding error of the solver.
_NO_PRICE = 1e-9
Stop = Callable[[], bool] | None


def exact(
    table: Table,
    start: Bools,
    worlds: Floats,
    progress: Callable[[float], None],
    stop: Stop = None,
) -> tuple[Bools, bool]:
    """Return the cheapest choice and True, or ``start`` and False where no proof was found."""
    cost = table.problem.cost.astype(float)
    ceiling = float(cost[start].sum())
    attack = _Attack(table, start, worlds, stop)
    demanded = table.problem.primary.astype(bool)
    rows: dict[tuple[bytes, int], tuple[np.ndarray, int]] = {}
    floor = 0.0
    for turn in range(_MOST_TURNS):
        chosen = _cheapest(table, cost, list(rows.values()), stop)
        if chosen is None:
            return start, False
        floor = max(floor, float(cost[chosen].sum()))
        if floor >= ceiling - NEAR:
            return start, True
        cuts = attack.cuts(chosen)
        if attack.spent:
            return start, False
        if not cuts:
            return chosen, True
        for pins, target in cuts:
            always = target >= table.count or bool(demanded[target])
            unless = -1 if always else target
            rows[pins.tobytes(), unless] = (pins, unless)
        progress(turn / _MOST_TURNS)
    return start, False


def _cheapest(
    table: Table, cost: Floats, rows: list[tuple[np.ndarray, int]], stop: Stop
) -> Bools | None:
    """Return the cheapest choice that keeps the rows: one of the pins, if the cell is hidden."""
    at = [np.full(len(pins), i) for i, (pins, _) in enumerate(rows)]
    unless = [(i, target) for i, (_, target) in enumerate(rows) if target >= 0]
    row = np.concatenate([*at, [i for i, _ in unless]]).astype(int)
    column = np.concatenate([*(pins for pins, _ in rows), [t for _, t in unless]]).astype(int)
    value = np.where(np.arange(len(row)) < len(row) - len(unless), 1.0, -1.0)
    matrix = sparse.csr_array((value, (row, column)), shape=(len(rows), table.count))
    least = np.array([float(target < 0) for _, target in rows])
    primary = table.problem.primary.astype(float)
    master = Program(
        matrix,
        least,
        np.full(len(rows), np.inf),
        primary,
        np.maximum(primary, table.may.astype(float)),
        stop=stop,
    )
    found = master.minimise_whole(cost, nodes=_MOST_NODES)
    return None if found is None else found.at > 0.5


class _Attack:
    """The attacker, who tells which published cells make a hidden one too narrow."""

    def __init__(self, table: Table, hidden: Bools, worlds: Floats, stop: Stop) -> None:
        self._table, self._stop = table, stop
        known = table.knowledge(hidden)
        self._program = Program(
            known.matrix,
            known.low,
            known.high,
            np.zeros(len(table.problem.truth)),
            table.atom_cap(known),
            stop=stop,
        )
        self._targets = table.targets.toarray()
        self._worlds, self._values = worlds, worlds @ self._targets.T
        self._optima = self._searches = 0

    @property
    def spent(self) -> bool:
        """Whether the attacker has asked for as much as it may; its last cuts are not all."""
        return self._optima >= _MOST_OPTIMA or self._searches >= _MOST_SEARCHES

    def cuts(self, hidden: Bools) -> list[tuple[np.ndarray, int]]:
        """Return (pins, target) for each target too narrow if ``hidden`` is hidden."""
        table, count = self._table, self._table.count
        known = table.knowledge(hidden)
        self._program.rows(np.arange(count), known.low[:count], known.high[:count])
        cuts = []
        for target in table.concerned(hidden).tolist():
            if self.spent:
                break
            pins = self._pins(hidden, target)
            if pins is not None:
                cuts.append((pins, target))
        return cuts

    def _pins(self, hidden: Bools, target: int) -> np.ndarray | None:
        """Return the published cells of which one has to be hidden; None: wide enough."""
        table, count = self._table, self._table.count
        required = table.required[target]
        if self._width(hidden, target) >= required:
            return None
        could = table.may & ~hidden
        cost = self._targets[target]
        pinning = np.zeros(count, dtype=bool)
        ends = []
        for sign in (-1.0, 1.0):
            self._optima += 1
            found = self._program.minimise(sign * cost)
            if found is None:
                raise RuntimeError("the true table is not possible")
            point = self._program.point(found)
            if point is not None:
                self._learn(point[None, :])
            ends.append(np.ceil(found.value - NEAR))
            pinning |= np.abs(found.prices[:count]) > _NO_PRICE
        if -ends[0] - ends[1] < required:
            return np.flatnonzero(pinning & could)
        if self._width(hidden, target) >= required:
            return None
        # Real numbers leave room, whole ones may not: only the whole choice is to blame then.
        self._searches += 1
        search = table.search(hidden, np.array([target]), self._worlds, self._stop)
        low, high = search.intervals()[0]
        self._learn(np.array(search.worlds))
        return np.flatnonzero(could) if high - low < required else None

    def _width(self, hidden: Bools, target: int) -> float:
        """Return the width proven by the worlds that agree with all that is published."""
        shown = np.flatnonzero(~hidden)
        agree = (self._values[:, shown] == self._table.values[shown]).all(axis=1)
        values = self._values[agree, target]
        return float(values.max() - values.min())

    def _learn(self, worlds: Floats) -> None:
        self._worlds = np.vstack([self._worlds, worlds])
        self._values = np.vstack([self._values, worlds @ self._targets.T])
