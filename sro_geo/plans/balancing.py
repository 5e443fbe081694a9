"""Proposals: borders shifted block by block until the areas are even, changing little.

A proposal starts from a plan as it is. Each step gives one block on a border to the area
beside it: the step that does most for balance and compactness per change of
responsibility. No area breaks into more pieces than it had, none becomes empty, locked
blocks and areas stay. Nothing is drawn at random: the same plan gives the same proposal.

Evenness is measured as the effort to carry the surplus of full areas over the borders to
those that lack (excess e, Laplacian L of the areas: eᵀL⁺e), so a surplus finds its way
through areas between; shape is measured as Polsby-Popper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sro_geo.errors import SroError
from sro_geo.plans.flips import Pair, Search

if TYPE_CHECKING:
    from sro_geo.plans.edges import Edges

ASK_EVERY = 25
_SHAPE = 0.1
_WHOLE = 0.15
_CHANGE = 0.02
_HALVINGS = 6
# Sums of many numbers are not exact to the last digit.
_EVEN = 1e-9
_NEARLY = 0.7
# Steps for which a block that held its area together is not asked again.
_REST = 100


@dataclass(frozen=True)
class Balanced:
    """A proposal: ``codes`` per block, and how it stands.

    ``deviation`` is the largest relative distance of an area from the mean, over all columns
    that count; ``moved_persons`` live in blocks whose area changed. ``ended`` is ``reached``
    (within the tolerance), ``stuck`` (no single block helps any more) or ``cancelled``.
    """

    codes: np.ndarray
    deviation: float
    moved_persons: float
    moved_blocks: int
    compactness_before: float
    compactness: float
    steps: int
    ended: str


def balance(
    codes: np.ndarray,
    edges: Edges,
    columns: Mapping[str, np.ndarray],
    *,
    weights: Mapping[str, float] | None = None,
    persons: np.ndarray | None = None,
    points: np.ndarray | None = None,
    locked_blocks: np.ndarray | None = None,
    locked_areas: np.ndarray | None = None,
    bridges: tuple[Pair, ...] = (),
    barriers: tuple[Pair, ...] = (),
    tolerance: float = 0.05,
    perimeter_weight: float = 1.0,
    cost_weight: float = 1.0,
    progress: Callable[[float, float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Balanced:
    """Return a proposal in which the areas differ little from their mean.

    Parameters
    ----------
    codes
        Area of each block as a small integer, -1 unassigned (stays so).
    edges
        Edge table of the blocks.
    columns
        What is to be even, per block (population, young people, cases, workload …).
    weights
        How much each column counts, relative to the others; default 1 each. Columns with
        weight 0 do not count.
    persons
        People per block, whose change of responsibility is the cost; default the first
        column that counts.
    points
        Middle of each block in metres, shape (n, 2). With it areas also stay round as a
        whole (moment of inertia), which keeps their borders from fraying on the way.
    locked_blocks, locked_areas
        Mask over blocks, and codes of areas that neither give nor take.
    bridges, barriers
        Pairs of blocks (positions) that count as neighbours though they do not touch, and
        that do not though they touch.
    tolerance
        Largest relative deviation from the mean that is good enough.
    perimeter_weight, cost_weight
        How much compactness, and people who keep their area, count against evenness.
    progress
        Called now and then with (largest deviation, people moved).
    stop
        Asked now and then; True ends the search with what was found.

    Raises
    ------
    SroError
        ``balance_settings`` for a tolerance or weight that is no number from 0,
        ``balance_nothing`` when no column counts or none has a sum above 0,
        ``balance_areas`` when fewer than two areas may change.
    """
    settings = (tolerance, perimeter_weight, cost_weight, *(weights or {}).values())
    if not all(np.isfinite(s) and s >= 0 for s in settings):
        raise SroError("balance_settings")
    search = Search(
        np.asarray(codes),
        edges,
        _counting(columns, weights),
        persons,
        points,
        locked_blocks,
        np.zeros(0, np.int64) if locked_areas is None else np.asarray(locked_areas, np.int64),
        bridges,
        barriers,
    )
    if len(search.free) < 2:
        raise SroError("balance_areas", count=len(search.free))
    watch = _Watch(search, progress, stop)
    best: Balanced | None = None
    tried = 0
    for stress in (1.0, 3.0, 9.0):
        search.restart()
        _even_out(search, tolerance, stress * perimeter_weight, cost_weight, watch)
        if perimeter_weight:
            _smooth(search, tolerance, watch)
        found = _result(search, tolerance, watch.cancelled)
        if best is None or _rank(found, tolerance) < _rank(best, tolerance):
            best = found
        rounder = found.compactness >= found.compactness_before - 1e-12
        tried += search.steps
        done = found.ended == "reached" and (rounder or not perimeter_weight)
        if watch.cancelled or done or tried > len(search.codes):
            break
    assert best is not None
    return best


def _counting(
    columns: Mapping[str, np.ndarray], weights: Mapping[str, float] | None
) -> list[tuple[np.ndarray, float]]:
    out = []
    for name, values in columns.items():
        weight = 1.0 if weights is None else float(weights.get(name, 0.0))
        filled = np.nan_to_num(np.asarray(values, float))
        if weight > 0 and filled.sum() > 0:
            out.append((filled, weight))
    if not out:
        raise SroError("balance_nothing")
    total = sum(weight for _, weight in out)
    return [(values, weight / total) for values, weight in out]


def _rank(found: Balanced, tolerance: float) -> tuple[float, float, float]:
    """Order proposals: within the tolerance first, then no less compact, then least moved."""
    lost = max(0.0, found.compactness_before - found.compactness)
    return (max(0.0, found.deviation - tolerance), lost, found.moved_persons)


def _result(search: Search, tolerance: float, cancelled: bool) -> Balanced:
    deviation = search.deviation()
    ended = "reached" if deviation <= tolerance + _EVEN else "stuck"
    return Balanced(
        search.codes.astype(np.int32),
        deviation,
        search.moved_persons(),
        int(np.count_nonzero(search.codes != search.origin)),
        search.before,
        search.compactness(),
        search.steps,
        "cancelled" if cancelled else ended,
    )


class _Watch:
    """Tells progress and asks whether to end, every few steps."""

    def __init__(
        self,
        search: Search,
        progress: Callable[[float, float], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.cancelled = False
        self._search, self._progress, self._stop, self._calls = search, progress, stop, -1

    def __call__(self) -> bool:
        self._calls += 1
        if self._calls % ASK_EVERY == 0 and not self.cancelled:
            if self._stop is not None and self._stop():
                self.cancelled = True
            elif self._progress is not None:
                self._progress(self._search.deviation(), self._search.moved_persons())
        return self.cancelled


def _even_out(search: Search, tolerance: float, shape: float, change: float, watch: _Watch) -> None:
    """Take the best step again and again, until the tolerance is reached or none helps.

    Where no step is worth its price, compactness and cost count less.
    """
    scale = 1.0
    limit = 20 * search.n + 1000
    patience = search.n // 2 + 100
    least, since, weighed = np.inf, 0, search.steps
    while search.deviation() > tolerance + _EVEN and search.steps < limit and not watch():
        if search.steps >= weighed + 50:
            search.weigh()
            weighed = search.steps
        block, area, to = search.candidates()
        worth = search.evener(block, area, to)
        if shape:
            worth = worth + scale * _SHAPE * shape * search.rounder(block, area, to)
            worth = worth + scale * _WHOLE * shape * search.closer(block, area, to)
        if change:
            worth = worth - scale * _CHANGE * change * search.dearer(block, to)
        if search.deviation() < least - 1e-9:
            least, since = search.deviation(), 0
        since += 1
        if _take_best(search, block, area, to, worth) and since <= patience:
            continue
        if scale == 0.0:
            return
        scale, since = (scale / 2, 0) if scale > 0.5**_HALVINGS else (0.0, 0)


def _take_best(
    search: Search,
    block: np.ndarray,
    area: np.ndarray,
    to: np.ndarray,
    worth: np.ndarray,
    *,
    last: bool = False,
) -> bool:
    """Take the most worthwhile step that keeps areas whole; False when there is none.

    Steps nearly as good are taken with it where they concern other areas.
    """
    good = np.flatnonzero((worth > 1e-12) & (search.rests_until[block] <= search.steps))
    # Equal worth: the block that comes first, then the area that comes first.
    order = good[np.lexsort((to[good], block[good], -np.round(worth[good], 13)))]
    least, busy = 0.0, set[int]()
    for at, b, giver, taker in zip(
        order.tolist(),
        block[order].tolist(),
        area[order].tolist(),
        to[order].tolist(),
        strict=True,
    ):
        if worth[at] < least:
            break
        if giver in busy or taker in busy:
            continue
        if not search.keeps_together(b):
            search.rests_until[b] = search.steps + _REST
            continue
        least = least or _NEARLY * worth[at]
        busy |= {giver, taker}
        search.take(b, taker)
    if not busy and (search.rests_until > search.steps).any():
        search.rests_until[:] = 0
        return _take_best(search, block, area, to, worth, last=True) if not last else False
    return bool(busy)


def _smooth(search: Search, tolerance: float, watch: _Watch) -> None:
    """Round off borders within the tolerance, until areas are as compact as they were."""
    roof = max(search.deviation(), tolerance)
    while search.compactness() < search.before and not watch():
        block, area, to = search.candidates()
        part = search.part[:, block]
        fits = (np.abs(search.excess[:, area] - part) <= roof).all(0) & (
            np.abs(search.excess[:, to] + part) <= roof
        ).all(0)
        worth = np.where(fits, search.rounder(block, area, to), 0.0)
        if not _take_best(search, block, area, to, worth):
            return
