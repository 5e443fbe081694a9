"""What else has to be hidden so that the small numbers cannot be worked out.

Small tables get the cheapest choice (``exact``), large ones a good one (``greedy``). Either
way the answer was searched by an attacker (``attacker``) before it is returned: of every
hidden cell, small or not, two possible worlds are known that differ by the required width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sro_geo.disclosure.exact import exact
from sro_geo.disclosure.greedy import Thinning, greedy
from sro_geo.disclosure.program import Floats, heed
from sro_geo.disclosure.table import Bools, Problem, Table, prepared

__all__ = ["Problem", "Protection", "protect"]


@dataclass(frozen=True)
class Protection:
    """What to hide.

    Parameters
    ----------
    hidden
        Per cell.
    exact
        No cheaper choice exists.
    failures, watched_failures
        Primary cells and watched sums that stay too narrow whatever is hidden. Such a table
        must not be published. All other hidden cells and watched sums are wide enough.
    bounds
        Cells, then watched sums × 2: of a published cell its value; of the others an interval
        an attacker cannot narrow down further. It ends where the required width is proven,
        so the whole interval may be wider.
    """

    hidden: Bools
    exact: bool
    failures: tuple[int, ...]
    watched_failures: tuple[int, ...]
    bounds: Floats | None


def protect(
    problem: Problem,
    *,
    exact_cells: int = 150,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Protection:
    """Return what to hide so that each hidden cell and watched sum is as wide as required.

    Parameters
    ----------
    problem
        The table.
    exact_cells
        Up to so many cells that could be hidden the cheapest choice is sought and proven.
    progress
        Called with the share done, from 0 to 1.
    stop
        Asked now and then; True ends with ``SroError("disclosure_stopped")``.

    Raises
    ------
    SroError
        ``disclosure_inconsistent``: the true numbers contradict what is said to be known.
    """
    heed(stop)
    tell = _Progress(progress)
    table = prepared(problem, stop)
    tell.part(0.0, 0.5)(0.1)
    hiding = greedy(table, tell.part(0.05, 0.55), stop)
    thinning = Thinning(hiding)
    hidden = thinning.run(tell.part(0.55, 0.9))
    proven = bool((hidden == problem.primary.astype(bool)).all())
    if not proven and np.count_nonzero(table.may) <= exact_cells:
        worlds = thinning.all_worlds()
        hidden, proven = exact(table, hidden, worlds, tell.part(0.9, 0.95), stop)
    interval = _audited(table, hidden, thinning.all_worlds(), stop)
    tell.part(0.0, 1.0)(1.0)
    return Protection(hidden, proven, table.failures, table.watched_failures, interval)


def _audited(
    table: Table, hidden: Bools, worlds: Floats, stop: Callable[[], bool] | None
) -> Floats:
    """Return the intervals of an attacker; what was promised and is not so is an error."""
    there = np.ones(len(table.values), dtype=bool)
    there[: table.count] = hidden
    asked = np.flatnonzero(there)
    interval = np.column_stack([table.values, table.values])
    interval[asked] = table.search(hidden, asked, worlds, stop).intervals()
    promised = table.concerned(hidden)
    if (interval[promised, 1] - interval[promised, 0] < table.required[promised]).any():
        raise RuntimeError("a hidden cell is too narrow")
    return interval


class _Progress:
    """Tells how much is done; never less than before."""

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self._progress, self._told = progress, -1.0

    def part(self, start: float, end: float) -> Callable[[float], None]:
        """Return what tells the progress of a part of the whole."""

        def tell(share: float) -> None:
            done = start + (end - start) * min(max(share, 0.0), 1.0)
            if self._progress is not None and done > self._told:
                self._told = done
                self._progress(done)

        return tell
