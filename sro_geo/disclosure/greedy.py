"""A good choice of what to hide in a large table, one narrow cell after the other.

For each hidden cell that is too narrow the cheapest change of the true table is sought in
which this cell differs by the required width; what else has to differ is hidden too (the
heuristic of Kelly, Golden and Assad 1992, as a linear program). At the end cells hidden in
vain are published again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from sro_geo.disclosure.attacker import limits
from sro_geo.disclosure.program import NEAR, Floats, Optimum, Program
from sro_geo.disclosure.table import Bools, Table

# A change is sought again with prices that favour many touches of one cell over one of many.
_AGAIN = 1
# Questions that may be asked to publish again, per table: a bound on time, not on safety.
_MOST_QUESTIONS = 300
Stop = Callable[[], bool] | None


class Hiding:
    """The cells hidden so far, and possible worlds that prove how wide they are.

    The columns of the program are the atoms, then how far each cell that may be hidden lies
    above its truth, then how far below: at a price while it is published; a hidden cell is
    free anyway.
    """

    def __init__(self, table: Table, stop: Stop = None) -> None:
        self.table, self.stop = table, stop
        problem, count = table.problem, table.count
        self.hidden: Bools = problem.primary.astype(bool)
        self.worlds = problem.truth[None, :].astype(float)
        self.values = table.values[None, :]
        self._may = np.flatnonzero(table.may)
        may, self._atoms = len(self._may), len(problem.truth)
        self._above = np.full(count, -1)
        self._above[self._may] = self._atoms + np.arange(may)
        known = table.knowledge(self.hidden)
        cells_of = (np.ones(may), (self._may, np.arange(may)))
        pick = sparse.csr_array(cells_of, shape=(known.matrix.shape[0], may))
        watched = table.targets[count:]
        blank = sparse.csr_array((watched.shape[0], 2 * may))
        self._first_watched = known.matrix.shape[0]
        matrix = sparse.vstack(
            [sparse.hstack([known.matrix, -pick, pick]), sparse.hstack([watched, blank])],
            format="csr",
        )
        free = np.full(watched.shape[0], np.inf)
        published = ~self.hidden[self._may]
        down = (table.values[:count] - problem.hidden_low)[self._may]
        self._program = Program(
            sparse.csr_array(matrix),
            np.concatenate([known.low, -free]),
            np.concatenate([known.high, free]),
            np.zeros(self._atoms + 2 * may),
            np.concatenate(
                [
                    table.atom_cap(known),
                    np.where(published, np.inf, 0.0),
                    np.where(published, down, 0.0),
                ]
            ),
            whole=np.arange(self._atoms + 2 * may) < self._atoms,
            stop=stop,
        )
        price = problem.cost[self._may].astype(float)
        self._price = np.concatenate([np.zeros(self._atoms), price, price])

    def learn(self, worlds: list[Floats]) -> None:
        """Keep more possible worlds."""
        if worlds:
            self.worlds = np.vstack([self.worlds, *worlds])
            self.values = np.vstack([self.values, np.array(worlds) @ self.table.targets.T])

    def narrow(self) -> np.ndarray:
        """Return the targets not proven to be wide enough, the smallest first."""
        asked = self.table.concerned(self.hidden)
        width = self.values[:, asked].max(axis=0) - self.values[:, asked].min(axis=0)
        left = asked[width < self.table.required[asked]]
        order = np.argsort(self.table.values[left], kind="stable")
        return np.asarray(left[order])

    def look(self) -> None:
        """Let an attacker search; the worlds met prove what is wide enough already."""
        asked = self.table.concerned(self.hidden)
        search = self.table.search(self.hidden, asked, self.worlds, self.stop)
        search.intervals()
        self.learn(search.worlds)

    def widen(self, target: int) -> None:
        """Hide as little as possible so that ``target`` becomes wide enough."""
        low, high = self.values[:, target].min(), self.values[:, target].max()
        required = self.table.required[target]
        for whole in (False, True):
            found = self._change(target, low + required, np.inf, whole)
            if found is None or self._cost(found) > 0:
                down = self._change(target, -np.inf, high - required, whole)
                ways = [way for way in (found, down) if way is not None]
                found = min(ways, key=self._cost, default=None)
            if found is not None and self._use(found):
                return
        # No single step is long enough or whole: with everything hidden it is wide for sure.
        self._hide(self.table.may)
        self.look()
        if target in self.narrow():
            raise RuntimeError("a cell that can be protected was not")

    def _change(self, target: int, low: float, high: float, whole: bool) -> Optimum | None:
        """Return the cheapest change that brings ``target`` between the limits."""
        if high < 0:
            return None
        beyond = target - self.table.count
        row = np.array([target if beyond < 0 else self._first_watched + beyond])
        before = self._program.row_low[row].copy(), self._program.row_high[row].copy()
        low, high = max(low, float(before[0][0])), min(high, float(before[1][0]))
        if low > high:
            return None
        self._program.rows(row, np.array([low]), np.array([high]))
        solve = self._program.minimise_whole if whole else self._program.minimise
        found = solve(self._price)
        for _ in range(0 if whole else _AGAIN):
            if found is None:
                break
            weight = 1 / (1 + self._moved(found))
            factor = np.concatenate([np.ones(self._atoms), weight, weight])
            found = self._program.minimise(self._price * factor)
        self._program.rows(row, *before)
        return found

    def _moved(self, change: Optimum) -> Floats:
        """Return how far each cell that may be hidden is moved."""
        moved: Floats = change.at[self._atoms :].reshape(2, -1).sum(axis=0)
        return moved

    def _cost(self, change: Optimum) -> float:
        touched = self._moved(change) > NEAR
        return float(self._price[self._atoms :][: len(touched)][touched].sum())

    def _use(self, change: Optimum) -> bool:
        """Hide what a change touches, if it leads to a world of whole numbers."""
        world = np.rint(change.at[: self._atoms])
        hide = np.zeros(self.table.count, dtype=bool)
        hide[self._may[self._moved(change) > NEAR]] = True
        if not self.table.knowledge(self.hidden | hide).allows(world[None, :])[0]:
            return False
        self._hide(hide)
        self.learn([world])
        return True

    def _hide(self, more: Bools) -> None:
        new = np.flatnonzero(more & ~self.hidden)
        self.hidden = self.hidden | more
        low = self.table.problem.hidden_low[new].astype(float)
        self._program.rows(new, low, np.full(len(new), np.inf))
        for column in (self._above[new], self._above[new] + len(self._may)):
            self._program.columns(column, np.zeros(len(new)), np.zeros(len(new)))
            self._price[column] = 0.0


def greedy(table: Table, progress: Callable[[float], None], stop: Stop = None) -> Hiding:
    """Return a choice in which every target that has to be wide is proven to be."""
    hiding = Hiding(table, stop)
    hiding.look()
    left = first = hiding.narrow()
    while len(left):
        hiding.widen(int(left[0]))
        left = hiding.narrow()
        progress(1 - len(left) / max(len(first), len(left), 1))
    return hiding


class Thinning:
    """Publishes again what is hidden in vain, the most expensive first.

    What is published stays so: atoms known now stay known, and the program asked is as small
    as the first knowledge allows.
    """

    def __init__(self, hiding: Hiding) -> None:
        self.table, self.hidden = hiding.table, hiding.hidden.copy()
        self.worlds, self.values = hiding.worlds, hiding.values
        self._before = hiding.worlds
        known = self.table.knowledge(self.hidden)
        self._low, high = limits(known)
        high = np.minimum(high, self.table.atom_cap(known))
        self._free = np.flatnonzero(self._low < high)
        matrix = sparse.csr_array(known.matrix[:, self._free])
        rest = self._low.copy()
        rest[self._free] = 0.0
        base = known.matrix @ rest
        row_low, row_high = known.low - base, known.high - base
        # Rows: what still says something, and every cell that may be published again.
        says = (matrix @ self._low[self._free] < row_low) | (matrix @ high[self._free] > row_high)
        says[: self.table.count] |= self.hidden & ~self.table.problem.primary.astype(bool)
        keep = np.flatnonzero(says & (np.diff(matrix.indptr) > 0))
        self._row = np.full(len(says), -1)
        self._row[keep] = np.arange(len(keep))
        self._base = base
        self._program = Program(
            sparse.csr_array(matrix[keep]),
            row_low[keep],
            row_high[keep],
            self._low[self._free],
            high[self._free],
            stop=hiding.stop,
        )
        self._asked = 0
        self._sizes = np.asarray(self.table.targets.sum(axis=1)).ravel()
        common = sparse.coo_array(self.table.targets @ self.table.cells.T)
        inside = common.data == self._sizes[common.row]
        pairs = (np.ones(int(inside.sum())), (common.row[inside], common.col[inside]))
        self._holders = sparse.csr_array(pairs, shape=common.shape)
        self._held = sparse.csr_array(self._holders.T)

    def run(self, progress: Callable[[float], None]) -> Bools:
        """Return what stays hidden."""
        problem, values = self.table.problem, self.table.values
        tries = np.flatnonzero(self.hidden & ~problem.primary.astype(bool))
        tries = tries[np.lexsort([tries, values[tries], -problem.cost[tries]])]
        for done, cell in enumerate(tries.tolist()):
            if self._asked >= _MOST_QUESTIONS:
                break
            self._try(cell)
            progress(done / len(tries))
        return self.hidden

    def all_worlds(self) -> Floats:
        """Return the possible worlds met, among them some that contradict what is hidden now."""
        return np.vstack([self._before, self.worlds])

    def _try(self, cell: int) -> None:
        trial = self.hidden.copy()
        trial[cell] = False
        asked = self.table.concerned(trial)
        same = self.values[:, cell] == self.table.values[cell]
        least = self.values[same][:, asked].min(axis=0)
        most = self.values[same][:, asked].max(axis=0)
        required = self.table.required[asked]
        row = self._row[[cell]]
        truth = self.table.values[[cell]] - self._base[[cell]]
        if row[0] < 0:  # known anyway
            self.hidden = trial
            return
        self._program.rows(row, truth, truth)
        met: list[Floats] = []
        good = True
        while good and (most - least < required).any():
            lack = required - (most - least)
            worst = int(np.lexsort([-lack, self._apart(cell)[asked], lack <= 0])[0])
            for sign in (-1.0, 1.0):
                found = self._push(int(asked[worst]), sign)
                if found is not None:
                    met.append(found)
                    values = (self.table.targets @ found)[asked]
                    least, most = np.minimum(least, values), np.maximum(most, values)
                if most[worst] - least[worst] >= required[worst]:
                    break
            good = bool(most[worst] - least[worst] >= required[worst])
        if met:
            self.worlds = np.vstack([self.worlds, *met])
            self.values = np.vstack([self.values, np.array(met) @ self.table.targets.T])
        if good:
            self.hidden = trial
            same = self.values[:, cell] == self.table.values[cell]
            self.worlds, self.values = self.worlds[same], self.values[same]
        else:
            low = self.table.problem.hidden_low[[cell]] - self._base[[cell]]
            self._program.rows(row, low, np.array([np.inf]))

    def _apart(self, cell: int) -> Floats:
        """Return the size of the smallest cell that holds both ``cell`` and each target.

        What suffers first from publishing a cell stands near it.
        """
        apart = np.full(len(self._sizes), np.inf)
        around = self._holders.indices[self._holders.indptr[cell] : self._holders.indptr[cell + 1]]
        for holder in around[np.argsort(-self._sizes[around])].tolist():
            held = self._held.indices[self._held.indptr[holder] : self._held.indptr[holder + 1]]
            apart[held] = self._sizes[holder]
        return apart

    def _push(self, target: int, sign: float) -> Floats | None:
        """Return the world at the least or greatest value of a target, if of whole numbers."""
        self._asked += 1
        cost = sign * self.table.targets[[target]].toarray()[0][self._free]
        point = self._program.point(self._program.minimise(cost))
        if point is None:
            return None
        world = self._low.copy()
        world[self._free] = point
        return world
