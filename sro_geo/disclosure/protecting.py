"""From a table and what is known already to a problem the solver takes, and back.

Published zeros settle their atoms, atoms no table tells apart are one, sums of the same
atoms are one. What is left is small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from sro_geo.disclosure.attacker import Knowledge, bounds
from sro_geo.disclosure.suppression import Problem, protect
from sro_geo.errors import SroError

_LARGE = 2**61
# Up to so many cells the cheapest choice is proven, unless too much is known around them.
_SMALL_TABLE, _SMALL_YEAR = 150, 400


@dataclass(frozen=True, eq=False)
class Facts:
    """Sums that were published, and sums that were hidden.

    Parameters
    ----------
    matrix
        Statements × atoms.
    low, high
        A published sum has one value; a hidden one is at least ``low``.
    hidden
        Which are hidden.
    required
        How wide the interval of a hidden one must stay.
    owner
        The position of the release among those asked for, and ``cell`` the row in it.
    """

    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    hidden: np.ndarray
    required: np.ndarray
    owner: np.ndarray
    cell: np.ndarray

    def kept(self, which: np.ndarray) -> Facts:
        """Return some of the facts."""
        return Facts(
            sparse.csr_array(self.matrix[which]),
            self.low[which],
            self.high[which],
            self.hidden[which],
            self.required[which],
            self.owner[which],
            self.cell[which],
        )

    def knowledge(self, atom_high: np.ndarray) -> Knowledge:
        """Return the facts as what an attacker knows."""
        return Knowledge(self.matrix, self.low, self.high, atom_high)


def joined(parts: Sequence[Facts]) -> Facts:
    """Return all facts together."""
    return Facts(
        sparse.csr_array(sparse.vstack([p.matrix for p in parts], format="csr")),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("low", "high", "hidden", "required", "owner", "cell")
        ),
    )


@dataclass(frozen=True, eq=False)
class Task:
    """Cells of one table over all its atoms, and what stands around them.

    ``primary`` must be hidden, ``open`` was published before, ``low`` is what an attacker
    knows of each if it is hidden, ``required`` how wide it must be then. ``watched`` are
    sums that are no cells and must stay as wide as ``watched_required``.
    """

    matrix: sparse.csr_array
    truth: np.ndarray
    high: np.ndarray
    primary: np.ndarray
    open: np.ndarray
    low: np.ndarray
    required: np.ndarray
    cost: np.ndarray
    earlier: Facts
    watched: sparse.csr_array
    watched_required: np.ndarray


@dataclass(frozen=True, eq=False)
class Outcome:
    """Which cells are hidden, and what could not be protected."""

    hidden: np.ndarray
    exact: bool
    failed: np.ndarray
    watched_failed: bool
    before_failed: bool


def signs(matrix: sparse.csr_array) -> np.ndarray:
    """Return two numbers for each row, the same for the same row of 0 and 1."""
    marks = np.random.default_rng(2021).integers(1, _LARGE, (matrix.shape[1], 2))
    out: np.ndarray = sparse.csr_array(matrix, dtype=np.int64) @ marks
    return out


def solve(
    task: Task,
    *,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Hide what must be hidden and what would give it away."""
    values = task.matrix @ task.truth
    cells = len(values)
    zero = (values == 0) & ~task.primary
    settled = _touched(task.matrix, zero) | (task.high <= 0)
    told = ~task.earlier.hidden & (task.earlier.high == 0)
    settled |= _touched(task.earlier.matrix, told)
    free = np.flatnonzero(~settled)
    own = sparse.csr_array(task.matrix[:, free])
    known = sparse.csr_array(task.earlier.matrix[:, free])
    watched = sparse.csr_array(task.watched[:, free])
    column = _same(signs(sparse.csr_array(sparse.vstack([own, known, watched]).T)))
    first = np.unique(column, return_index=True)[1]
    truth = _summed(column, task.truth[free], len(first))
    high = _summed(column, task.high[free], len(first))
    own, known, watched = (sparse.csr_array(m[:, first]) for m in (own, known, watched))

    empty = np.diff(own.indptr) == 0
    mark = signs(sparse.csr_array(sparse.vstack([own, known, watched])))
    group = _same(mark)
    at_cell, at_known = group[:cells], group[cells : cells + known.shape[0]]
    at_watched = group[cells + known.shape[0] :]
    hidden_before = task.earlier.hidden & (np.diff(known.indptr) > 0)
    # What was hidden once and is settled by the zeros of this table would be found.
    lost = task.earlier.hidden & ~hidden_before & (task.earlier.required > 0)
    lost &= _live(task.earlier.matrix, task.high)

    rows = np.unique(at_cell[~empty])
    position = np.full(int(group.max(initial=-1)) + 1, -1)
    position[rows] = np.arange(len(rows))
    row = np.where(empty, -1, position[at_cell])
    used = row >= 0
    size = len(rows)
    primary, published = np.zeros(size, bool), np.zeros(size, bool)
    low, required, cost = np.zeros(size), np.zeros(size), np.zeros(size)
    np.logical_or.at(primary, row[used], task.primary[used])
    np.logical_or.at(published, row[used], task.open[used])
    np.maximum.at(low, row[used], task.low[used])
    np.maximum.at(required, row[used], task.required[used])
    np.add.at(cost, row[used], task.cost[used])
    before = position[at_known[hidden_before]]
    met = before >= 0
    primary[before[met]] = True
    np.maximum.at(required, before[met], task.earlier.required[hidden_before][met])

    sums: list[sparse.csr_array] = []
    wides: list[np.ndarray] = []
    kinds: list[np.ndarray] = []
    for which, matrix, wanted, place in (
        (0, known[hidden_before][~met], task.earlier.required[hidden_before][~met], at_known),
        (1, watched, task.watched_required, at_watched),
    ):
        taken = np.ones(matrix.shape[0], bool)
        if which == 1:
            said = at_known[~task.earlier.hidden]
            taken = (position[place] < 0) & (np.diff(matrix.indptr) > 0) & ~np.isin(place, said)
        sums.append(sparse.csr_array(matrix[taken]))
        wides.append(wanted[taken])
        kinds.append(np.full(int(taken.sum()), which))
    also = sparse.csr_array(sparse.vstack(sums, format="csr"))
    also_wide, kind_of = np.concatenate(wides), np.concatenate(kinds)
    again = _same(signs(also))
    once = np.unique(again, return_index=True)[1].astype(np.int64)
    wide, kind = np.zeros(len(once)), np.ones(len(once), dtype=np.int64)
    np.maximum.at(wide, again, also_wide)
    np.minimum.at(kind, again, kind_of)
    also = sparse.csr_array(also[once])

    sample = np.full(size, -1)
    sample[row[used][::-1]] = np.flatnonzero(used)[::-1]
    matrix = sparse.csr_array(own[sample])
    kept = np.diff(known.indptr) > 0
    facts = task.earlier.kept(kept)
    low = np.minimum(low, matrix @ truth)
    earlier = (
        Knowledge(sparse.csr_array(known[kept]), facts.low, facts.high, high)
        if kept.any()
        else None
    )
    hidden = np.zeros(cells, dtype=bool)
    failed = np.zeros(cells, dtype=bool)
    if not size or not (primary.any() or len(wide)):
        return Outcome(hidden, True, failed, False, bool(lost.any()))
    problem = Problem(
        matrix, truth, primary, published & ~primary, low, required, high, cost, earlier,
        also, wide,
    )  # fmt: skip
    around = matrix.shape[0] + also.shape[0] + int(kept.sum())
    small = _SMALL_TABLE if around <= _SMALL_YEAR else 0
    found = protect(problem, exact_cells=small, progress=progress, stop=stop)
    hidden[used] = found.hidden[row[used]]
    failing = np.zeros(size, bool)
    failing[list(found.failures)] = True
    failed[used] = failing[row[used]]
    missed = kind[list(found.watched_failures)]
    return Outcome(
        hidden,
        found.exact,
        failed,
        bool((missed == 1).any()),
        bool((missed == 0).any() or lost.any()),
    )


def widths(
    facts: Facts,
    atom_high: np.ndarray,
    targets: sparse.csr_array,
    enough: np.ndarray | float,
    stop: Callable[[], bool] | None = None,
) -> np.ndarray:
    """Return how wide an attacker's intervals are; exact where narrower than ``enough``.

    Where the population contradicts what was published, the attacker goes without it.
    """
    if not targets.shape[0]:
        return np.zeros(0)
    # What is settled by zeros and told apart by nothing is put together here too.
    told = _touched(facts.matrix, ~facts.hidden & (facts.high == 0))
    free = np.flatnonzero(~told)
    both = sparse.csr_array(sparse.vstack([facts.matrix, targets], format="csr")[:, free])
    column = _same(signs(sparse.csr_array(both.T)))
    first = np.unique(column, return_index=True)[1]
    high = _summed(column, atom_high[free], len(first))
    both = sparse.csr_array(both[:, first])
    count = facts.matrix.shape[0]
    known, asked = sparse.csr_array(both[:count]), sparse.csr_array(both[count:])
    low, top = facts.low, facts.high
    # Without atoms left a sum is 0: a fact that says otherwise contradicts the zeros.
    bare = np.diff(known.indptr) == 0
    if (low[bare] > 0).any():
        raise SroError("disclosure_inconsistent")
    known, low, top = sparse.csr_array(known[~bare]), low[~bare], top[~bare]
    limit = np.broadcast_to(np.asarray(enough, float), (asked.shape[0],))
    out = np.zeros(asked.shape[0])
    group = _same(signs(asked))
    wanted = np.zeros(int(group.max(initial=-1)) + 1)
    np.maximum.at(wanted, group, limit)
    sample = np.unique(group, return_index=True)[1]
    live = np.diff(asked.indptr)[sample] > 0
    if not live.any():
        return out
    questions, most = sparse.csr_array(asked[sample[live]]), wanted[live]
    try:
        found = bounds(Knowledge(known, low, top, high), questions, enough=most, stop=stop)
    except SroError as error:
        if error.code != "disclosure_inconsistent":
            raise
        boundless = np.full(len(high), np.inf)
        found = bounds(Knowledge(known, low, top, boundless), questions, enough=most, stop=stop)
    width = np.zeros(len(sample))
    width[live] = found[:, 1] - found[:, 0]
    answer: np.ndarray = width[group]
    return answer


def _touched(matrix: sparse.csr_array, rows: np.ndarray) -> np.ndarray:
    """Tell which atoms lie in one of the rows."""
    out = np.zeros(matrix.shape[1], dtype=bool)
    out[sparse.csr_array(matrix[np.flatnonzero(rows)]).indices] = True
    return out


def _live(matrix: sparse.csr_array, high: np.ndarray) -> np.ndarray:
    """Tell which rows have an atom that could hold anything."""
    out: np.ndarray = matrix @ (high > 0).astype(float) > 0
    return out


def _summed(group: np.ndarray, values: np.ndarray, size: int) -> np.ndarray[Any, Any]:
    out: np.ndarray[Any, Any] = np.bincount(group, values, minlength=size).astype(float)
    return out


def _same(marks: np.ndarray) -> np.ndarray:
    """Return the number of each row, the same for the same marks."""
    if not len(marks):
        return np.zeros(0, dtype=np.int64)
    return np.unique(marks, axis=0, return_inverse=True)[1].reshape(-1)
