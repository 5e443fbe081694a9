"""The best sites for new offers, with the gain of each and a proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sro_geo.errors import SroError
from sro_geo.siting.bounding import bounded
from sro_geo.siting.improving import Search
from sro_geo.siting.problem import Floats, Ints, Problem, merged, restricted
from sro_geo.siting.solving import solve
from sro_geo.siting.watching import Watch

MOST_SITES = 10


class Pairs(Protocol):
    """Which place is reached from which candidate: positions, one entry for each pair."""

    @property
    def demand(self) -> npt.NDArray[np.int64]:
        """Position of the place."""

    @property
    def offer(self) -> npt.NDArray[np.int64]:
        """Position of the candidate."""


@dataclass(frozen=True)
class Sites:
    """Chosen sites in order of their gain.

    Parameters
    ----------
    chosen
        Ids of the candidates: first the one that adds most, then the one of the rest that
        adds most to it, and so on.
    gains
        Persons each adds to those before it; they sum to ``covered_after − covered_before``.
    optimality_gap
        Persons that might still be gained, as a share of the most that might be gained; 0
        when nothing better exists.
    complete
        Whether that is proven. Otherwise ``stopped`` is ``cancelled`` or ``time_limit``, and
        the sites are the best found until then.
    """

    chosen: tuple[str, ...]
    gains: tuple[float, ...]
    covered_before: float
    covered_after: float
    optimality_gap: float
    complete: bool
    stopped: str = ""


def best_sites(
    candidates: Sequence[str],
    persons: npt.ArrayLike,
    already_covered: npt.ArrayLike,
    reached: Pairs,
    count: int,
    *,
    rank: npt.ArrayLike | None = None,
    minimum_gain: float = 0.0,
    locked: Collection[str] = (),
    forbidden: Collection[str] = (),
    progress: Callable[[float, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    time_limit: float | None = None,
) -> Sites:
    """Return up to ``count`` sites that bring the most persons within reach.

    Without a time limit the answer depends on the values alone, not on the order of
    candidates, places or pairs. Among equally good sites the lower rank wins, then the id.

    Parameters
    ----------
    candidates
        Ids, shape (m,), each once.
    persons
        Persons at each place, shape (n,).
    already_covered
        Places that have an offer within reach already, shape (n,), boolean.
    reached
        Pairs of place (``demand``) and candidate (``offer``).
    count
        1 to 10, the locked ones among them.
    rank
        Shape (m,), whole numbers: 0 for the candidates to prefer among equals (a school, a
        Kita, a church), higher for the others (a mere cell).
    minimum_gain
        Persons a site has to add. The answer is the set with the most persons, less this
        number for every site: none in it adds less, and none that could be added adds more.
    locked
        Candidates that are chosen whatever they add.
    forbidden
        Candidates that are never chosen.
    progress
        Called now and then with (persons covered so far, persons that are still possible);
        what it raises ends the search and reaches the caller.
    cancelled
        Asked now and then; true ends the search with the best sites found.
    time_limit
        Seconds for the proof.

    Raises
    ------
    SroError
        ``site_count``, ``site_unknown``, ``site_locked_and_forbidden``,
        ``site_minimum_gain``.
    ValueError
        Shapes that do not fit, ids that come twice, persons that are no number.
    """
    ids = [str(candidate) for candidate in candidates]
    position = {candidate: at for at, candidate in enumerate(ids)}
    people = np.asarray(persons, float)
    covered = np.asarray(already_covered, bool)
    ranks = np.zeros(len(ids), np.int64) if rank is None else np.asarray(rank, np.int64)
    if len(position) != len(ids) or ranks.shape != (len(ids),):
        raise ValueError("candidates need different ids and a rank each")
    if people.ndim != 1 or covered.shape != people.shape:
        raise ValueError("persons and already_covered need the same shape (n,)")
    if not (np.isfinite(people).all() and (people >= 0).all()):
        raise ValueError("persons must be numbers, not negative")
    _check(position, count, minimum_gain, locked, forbidden)

    demand, site = np.asarray(reached.demand, np.int64), np.asarray(reached.offer, np.int64)
    fixed = sorted(position[candidate] for candidate in set(locked))
    open_place = ~covered
    open_place[demand[np.isin(site, fixed)]] = False

    # Candidates in the order of preference: lower number, sooner chosen among equals.
    barred = {*locked, *forbidden}
    order = [
        at
        for at in sorted(range(len(ids)), key=lambda at: (ranks[at], ids[at]))
        if ids[at] not in barred
    ]
    number = np.full(len(ids), -1, np.int64)
    number[order] = np.arange(len(order))
    usable = (number[site] >= 0) & open_place[demand]
    problem = merged(demand[usable], number[site[usable]], people, len(order))
    # Exact sums: the order of the places must not show, not even in the last digit.
    before, base = math.fsum(people[covered]), math.fsum(people[~open_place])
    told = (
        None
        if progress is None
        else lambda found, possible: progress(base + found, base + max(found, possible))
    )
    watch = Watch(told, cancelled, time_limit)
    found, missing = _best(problem, count - len(fixed), float(minimum_gain), watch)
    chosen, gains = _in_order_of_gain(
        [*fixed, *(order[s] for s in found)], ids, ranks, demand, site, people, covered
    )
    gained = math.fsum(gains)
    return Sites(
        chosen=tuple(ids[at] for at in chosen),
        gains=tuple(gains),
        covered_before=before,
        covered_after=before + gained,
        optimality_gap=missing / (gained + missing) if missing else 0.0,
        complete=not watch.stopped,
        stopped=watch.stopped,
    )


def _best(problem: Problem, count: int, least: float, watch: Watch) -> tuple[list[int], float]:
    """Return the best sites, and how many persons more are possible (0 when that is proven)."""
    if count == 0 or not len(problem.persons):
        return [], 0.0
    search = Search(problem)
    start = search.settled(search.extended([], count, least), count, least)
    first = bounded(search, start, count, least, watch)
    found, bound = first.chosen, first.bound
    if len(first.keep) and not watch.stopped:
        small = restricted(problem, first.keep)
        at = np.searchsorted(first.keep, found).tolist()
        solved = solve(small, count, least, at, watch)
        proposed = first.keep[solved.chosen].tolist()
        if search.worth(proposed, least) > search.worth(found, least):
            found = proposed
        # What was dropped before is not better than what was found.
        bound = max(min(bound, solved.bound), search.worth(found, least))
    if not watch.stopped:
        return search.settled(found, count, least), 0.0
    missing = bound - search.worth(found, least)
    return found, missing if missing > problem.tolerance else 0.0


def _check(
    position: dict[str, int],
    count: int,
    minimum_gain: float,
    locked: Collection[str],
    forbidden: Collection[str],
) -> None:
    """Refuse what nobody can have meant."""
    if not 1 <= count <= MOST_SITES or len(set(locked)) > count:
        raise SroError("site_count", count=count, locked=len(set(locked)), most=MOST_SITES)
    if not (np.isfinite(minimum_gain) and minimum_gain >= 0):
        raise SroError("site_minimum_gain", value=minimum_gain)
    for candidate in (*locked, *forbidden):
        if candidate not in position:
            raise SroError("site_unknown", candidate=candidate)
    if both := sorted(set(locked) & set(forbidden)):
        raise SroError("site_locked_and_forbidden", candidate=both[0])


def _in_order_of_gain(
    chosen: list[int],
    ids: list[str],
    ranks: Ints,
    demand: Ints,
    site: Ints,
    persons: Floats,
    covered: npt.NDArray[np.bool_],
) -> tuple[list[int], list[float]]:
    """Return the chosen sites, the one that adds most first, and what each adds."""
    reach = {at: demand[site == at] for at in chosen}
    missing = np.where(covered, 0.0, persons)
    left = sorted(chosen, key=lambda at: (ranks[at], ids[at]))
    order: list[int] = []
    gains: list[float] = []
    while left:
        adds = [math.fsum(missing[np.unique(reach[at])]) for at in left]
        best = adds.index(max(adds))
        order.append(left.pop(best))
        gains.append(adds[best])
        missing[reach[order[-1]]] = 0.0
    return order, gains
