"""Floating catchments: places for each person, when many want the same ones.

``e2sfca`` is the enhanced two-step floating catchment area of Luo & Qi (2009,
doi:10.1016/j.healthplace.2009.06.002): near offers weigh more than far ones. It counts both
demand and supply more than once where catchments overlap; ``bfca``, the balanced form of
Paez, Higgins & Vivona (2019, doi:10.1371/journal.pone.0218773), hands every person and
every place out once, and is shown as a check.

Both work on the pairs within reach alone, so their cost grows with those and not with
places × offers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sro_geo.coverage.demand import Demand
from sro_geo.coverage.supply import Supply
from sro_geo.reach import Reached

Weight = Callable[[np.ndarray], np.ndarray]


def gaussian(minutes: float) -> Weight:
    """Return a weight falling from 1 at no distance to 0 at ``minutes`` (Dai 2010)."""
    foot = np.exp(-0.5)

    def weight(ways: np.ndarray) -> np.ndarray:
        bell = (np.exp(-0.5 * (ways / minutes) ** 2) - foot) / (1 - foot)
        return np.asarray(np.clip(bell, 0.0, None))

    return weight


def steps(edges: Sequence[float], weights: Sequence[float]) -> Weight:
    """Return a weight that is ``weights[i]`` up to and with ``edges[i]`` minutes, then 0.

    Luo & Qi use three zones: ``steps((10, 20, 30), (1, 0.68, 0.22))``.
    """
    limits, values = np.asarray(edges, float), np.append(np.asarray(weights, float), 0.0)

    def weight(ways: np.ndarray) -> np.ndarray:
        return np.asarray(values[np.searchsorted(limits, ways, "left")])

    return weight


def uniform(ways: np.ndarray) -> np.ndarray:
    """Return 1 for every way: the plain two-step floating catchment area."""
    return np.ones(len(ways))


@dataclass(frozen=True)
class Floating:
    """Places per person and how full the offers are.

    ``access`` is places per person of each demand place (0 where nothing is in reach);
    ``ratio`` places per weighted person of each offer (NaN where nobody comes, so its
    places help nobody: ``unreached`` sums them); ``unknown`` counts offers whose capacity is
    unknown and was taken as asked for.
    """

    access: np.ndarray
    ratio: np.ndarray
    unreached: float
    unknown: int


def e2sfca(
    demand: Demand, supply: Supply, reached: Reached, weight: Weight, *, unknown: float = 0.0
) -> Floating:
    """Return places per person after Luo & Qi.

    The sum of access × persons over all places, those beyond the city included, is the sum
    of the capacity that reaches anyone.

    Parameters
    ----------
    reached
        Pairs within the threshold, as ``Result.reached``.
    unknown
        Places of an offer whose capacity is not known. 0 gives the lower end of a range;
        the largest known capacity its upper end.
    """
    weights = weight(reached.minutes)
    places, missing = _places(supply, unknown)
    n, m = len(demand), len(supply)
    wanting = np.bincount(reached.offer, demand.persons[reached.demand] * weights, minlength=m)
    ratio = _ratio(places, wanting)
    each = np.nan_to_num(ratio)[reached.offer] * weights
    access = np.bincount(reached.demand, each, minlength=n)
    return Floating(access, ratio, float(places[wanting <= 0].sum()), missing)


def bfca(
    demand: Demand, supply: Supply, reached: Reached, weight: Weight, *, unknown: float = 0.0
) -> Floating:
    """Return balanced access after Paez, Higgins & Vivona.

    Every person is handed out once among the offers in reach, and every level of service
    once among the places in reach: the sum of ``access`` over the places is the sum of
    ``ratio`` over the offers (not persons × access = capacity, as in ``e2sfca``). Parameters
    as there.
    """
    weights = weight(reached.minutes)
    places, missing = _places(supply, unknown)
    n, m = len(demand), len(supply)
    of_place = np.bincount(reached.demand, weights, minlength=n)
    of_offer = np.bincount(reached.offer, weights, minlength=m)
    share = _divided(weights, of_place[reached.demand])
    wanting = np.bincount(reached.offer, demand.persons[reached.demand] * share, minlength=m)
    ratio = _ratio(places, wanting)
    each = np.nan_to_num(ratio)[reached.offer] * _divided(weights, of_offer[reached.offer])
    access = np.bincount(reached.demand, each, minlength=n)
    return Floating(access, ratio, float(places[wanting <= 0].sum()), missing)


def balanced(
    demand: Demand, supply: Supply, reached: Reached, weight: Weight, *, unknown: float = 0.0
) -> Floating:
    """Return balanced access per person: how full the offers are that a person goes to.

    Levels of service as in ``bfca`` (every person is handed out once among the offers in
    reach), weighted by the person's own shares. Unlike there the sum of persons × access is
    the capacity that reaches anyone, whatever the size of the places. Parameters as there.
    """
    weights = weight(reached.minutes)
    places, missing = _places(supply, unknown)
    n, m = len(demand), len(supply)
    of_place = np.bincount(reached.demand, weights, minlength=n)
    share = _divided(weights, of_place[reached.demand])
    wanting = np.bincount(reached.offer, demand.persons[reached.demand] * share, minlength=m)
    ratio = _ratio(places, wanting)
    each = np.nan_to_num(ratio)[reached.offer] * share
    access = np.bincount(reached.demand, each, minlength=n)
    return Floating(access, ratio, float(places[wanting <= 0].sum()), missing)


def _places(supply: Supply, unknown: float) -> tuple[np.ndarray, int]:
    missing = np.isnan(supply.capacity)
    return np.where(missing, unknown, supply.capacity), int(missing.sum())


def _ratio(places: np.ndarray, wanting: np.ndarray) -> np.ndarray:
    ratio = np.full(len(places), np.nan)
    np.divide(places, wanting, out=ratio, where=wanting > 0)
    return ratio


def _divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    share = np.zeros(len(part))
    np.divide(part, whole, out=share, where=whole > 0)
    return share
