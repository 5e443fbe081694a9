"""The table to protect: what may be hidden, what has to be wide, and what an attacker knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from sro_geo.disclosure.attacker import Knowledge, Search
from sro_geo.disclosure.program import Floats
from sro_geo.errors import SroError

Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Problem:
    """Sums of whole numbers (cells of atoms), some of which must not be found out.

    Parameters
    ----------
    matrix
        Cells × atoms, 0 or 1; the same sum twice is allowed.
    truth
        The atoms.
    primary
        Cells that must be hidden.
    open
        Cells that must stay published. A primary cell is hidden all the same.
    hidden_low
        What an attacker knows a cell to be at least if it is hidden (0 or 1). A cell that is
        less in truth cannot be hidden: the table would lie.
    required
        How wide the interval of the cell must be if it is hidden.
    atom_high
        What an attacker knows each atom to be at most; ``inf`` allowed.
    cost
        Of hiding the cell.
    earlier
        Everything known before, over the same atoms.
    watched, watched_required
        Sums that are no cells but have to stay as wide too.
    """

    matrix: sparse.csr_array
    truth: Floats
    primary: Bools
    open: Bools
    hidden_low: Floats
    required: Floats
    atom_high: Floats
    cost: Floats
    earlier: Knowledge | None
    watched: sparse.csr_array
    watched_required: Floats


@dataclass(frozen=True)
class Table:
    """A problem that was looked through.

    ``targets`` are the cells, then the watched sums. ``may`` marks the cells that can be
    hidden, ``demand`` the targets that have to be wide (a cell: if hidden); what is neither
    protected by hiding everything is in neither, but in ``failures``.
    """

    problem: Problem
    cells: sparse.csr_array
    targets: sparse.csr_array
    values: Floats
    required: Floats
    may: Bools
    demand: Bools
    failures: tuple[int, ...] = ()
    watched_failures: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """The number of cells."""
        return int(self.cells.shape[0])

    def knowledge(self, hidden: Bools) -> Knowledge:
        """Return what is known once all but ``hidden`` is published."""
        problem, values = self.problem, self.values[: self.count]
        low = np.where(hidden, problem.hidden_low, values)
        high = np.where(hidden, np.inf, values)
        if problem.earlier is None:
            return Knowledge(self.cells, low, high, problem.atom_high)
        earlier = problem.earlier
        return Knowledge(
            sparse.csr_array(sparse.vstack([self.cells, earlier.matrix], format="csr")),
            np.concatenate([low, earlier.low]),
            np.concatenate([high, earlier.high]),
            np.minimum(problem.atom_high, earlier.atom_high),
        )

    def atom_cap(self, known: Knowledge) -> Floats:
        """Return a limit of each atom beyond which no width that is asked for needs it."""
        far = 2 * float(self.required.max(initial=0.0)) + 10
        high = np.where(np.isinf(known.atom_high), self.problem.truth + far, known.atom_high)
        capped: Floats = np.floor(high)
        return capped

    def concerned(self, hidden: Bools) -> np.ndarray:
        """Return the targets that have to be wide if ``hidden`` is hidden."""
        there = np.ones(len(self.demand), dtype=bool)
        there[: self.count] = hidden
        return np.flatnonzero(self.demand & there)

    def search(
        self,
        hidden: Bools,
        targets: np.ndarray,
        worlds: Floats | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Search:
        """Return an attacker's search for these targets; it ends where they are wide enough."""
        known = self.problem.truth[None, :]
        return Search(
            self.knowledge(hidden),
            sparse.csr_array(self.targets[targets]),
            self.required[targets],
            known if worlds is None else np.vstack([known, worlds]),
            stop,
        )


def prepared(problem: Problem, stop: Callable[[], bool] | None = None) -> Table:
    """Return the table with what can be hidden at all and what cannot be protected at all.

    Hiding less only narrows intervals. So begin with everything hidden, publish what is too
    narrow even then, and again: no protected table hides a cell that this leaves out, and a
    primary cell too narrow at the end is so in every table.
    """
    cells = sparse.csr_array(problem.matrix, dtype=float)
    watched = sparse.csr_array(problem.watched, dtype=float)
    targets = sparse.csr_array(sparse.vstack([cells, watched], format="csr"))
    values = targets @ problem.truth
    count = cells.shape[0]
    primary = problem.primary.astype(bool)
    told = values[:count] >= problem.hidden_low
    if (primary & ~told).any():
        raise SroError("disclosure_inconsistent")
    table = Table(
        problem,
        cells,
        targets,
        values,
        np.concatenate([problem.required, problem.watched_required]).astype(float),
        may=primary | (~problem.open.astype(bool) & told),
        demand=np.ones(targets.shape[0], dtype=bool),
    )
    if not table.knowledge(table.may).allows(problem.truth[None, :]).all():
        raise SroError("disclosure_inconsistent")
    may = table.may.copy()
    worlds: Floats | None = None
    while True:
        asked = table.concerned(may)
        search = table.search(may, asked, worlds, stop)
        interval = search.intervals()
        narrow = asked[interval[:, 1] - interval[:, 0] < table.required[asked]]
        superfluous = narrow[narrow < count]
        superfluous = superfluous[~primary[superfluous]]
        if not len(superfluous):
            break
        may[superfluous] = False
        worlds = np.array(search.worlds)
    demand = table.demand.copy()
    demand[narrow] = False
    return replace(
        table,
        may=may,
        demand=demand,
        failures=tuple(narrow[narrow < count].tolist()),
        watched_failures=tuple((narrow[narrow >= count] - count).tolist()),
    )
