"""Who reaches an offer in time, who does not, and how sure that is.

Measures in the order in which they help: the share *and the number* of those not covered,
median and 90th percentile of the way, places per 100, choice between providers. Every
share comes with the band of a threshold 20 % shorter and 20 % longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from sro_geo.coverage.demand import Demand
from sro_geo.coverage.supply import Supply
from sro_geo.errors import SroError
from sro_geo.reach import Reached, Travel

BAND = 0.2


@dataclass(frozen=True)
class Result:
    """The way of every place to its nearest offer.

    ``minutes`` is ``inf`` where nothing can be reached and 0 where an offer comes to the
    place; ``nearest`` is the position in the supply, -1 where there is none; ``comes``
    marks places that a mobile offer or a service area comes to. ``method`` is that of the
    travel: ``straight_line`` is a screening, ``network`` knows barriers.
    """

    threshold: float
    minutes: np.ndarray
    nearest: np.ndarray
    comes: np.ndarray
    method: str
    demand: Demand
    supply: Supply
    travel: Travel

    @property
    def covered(self) -> np.ndarray:
        """Mask of the places within the threshold."""
        return self.covered_at(self.threshold)

    def covered_at(self, minutes: float) -> np.ndarray:
        """Return the mask of the places within another threshold."""
        return np.asarray(self.minutes <= minutes)

    @property
    def uncertain(self) -> np.ndarray:
        """Mask of the places whose answer changes within the band of the threshold."""
        low, high = self.threshold * (1 - BAND), self.threshold * (1 + BAND)
        return np.asarray(self.covered_at(low) != self.covered_at(high))

    @cached_property
    def reached(self) -> Reached:
        """Every pair of place and offer within the threshold."""
        return reached_pairs(self.demand, self.supply, self.travel, self.threshold)

    @cached_property
    def providers(self) -> np.ndarray:
        """How many different providers each place reaches within the threshold.

        Offers whose provider is not known count as one, and only where no known provider
        is reached: a number that is certain, not one that flatters.
        """
        codes, _ = pd.factorize(self.supply.provider_ids)
        provider = codes[self.reached.offer]
        place = self.reached.demand
        known = provider >= 0
        count = max(int(codes.max(initial=-1)) + 1, 1)
        pairs = np.unique(place[known].astype(np.int64) * count + provider[known])
        many = np.bincount(pairs // count, minlength=len(self.minutes))
        some = np.zeros(len(self.minutes), bool)
        some[place] = True
        return np.asarray(np.where((many == 0) & some, 1, many))


def cover(demand: Demand, supply: Supply, travel: Travel, minutes: float) -> Result:
    """Return the way of every place to the nearest offer that takes anybody in.

    Raises
    ------
    SroError
        ``minutes_wrong`` unless ``minutes`` is a number above 0.
    """
    _check(minutes)
    ways = np.full(len(demand), np.inf)
    nearest = np.full(len(demand), -1)
    comes = np.zeros(len(demand), bool)
    offers = np.flatnonzero(supply.placed & supply.usable)
    if len(offers) and len(demand):
        ways, index = travel.nearest(demand.x, demand.y, supply.x[offers], supply.y[offers])
        ways = np.array(ways, float)
        nearest = np.where(index >= 0, offers[index], -1)
    for position, places in enumerate(supply.service):
        if places is not None and supply.usable[position]:
            fresh = places[~comes[places]]
            comes[fresh] = True
            ways[fresh], nearest[fresh] = 0.0, position
    return Result(float(minutes), ways, nearest, comes, travel.method, demand, supply, travel)


def _check(minutes: float) -> None:
    if not (np.isfinite(minutes) and minutes > 0):
        raise SroError("minutes_wrong", minutes=minutes)


def reached_pairs(
    demand: Demand, supply: Supply, travel: Travel, minutes: float, *, full_too: bool = False
) -> Reached:
    """Return every pair of place and offer within ``minutes``, service areas at 0 minutes.

    Sorted by place, then offer, each pair once. Offers with capacity 0 only with
    ``full_too``.
    """
    _check(minutes)
    usable = supply.usable | full_too
    offers = np.flatnonzero(supply.placed & usable)
    place = np.empty(0, np.int64)
    offer, ways = place, np.empty(0)
    if len(offers) and len(demand):
        found = travel.within(demand.x, demand.y, supply.x[offers], supply.y[offers], minutes)
        place, offer, ways = found.demand, offers[found.offer], found.minutes
    served = [(at, p) for at, p in enumerate(supply.service) if p is not None and usable[at]]
    if not served:
        return Reached(place, offer, ways)
    place = np.concatenate([place, *(places for _, places in served)])
    offer = np.concatenate([offer, *(np.full(len(places), at) for at, places in served)])
    ways = np.concatenate([ways, np.zeros(len(place) - len(ways))])
    order = np.lexsort((ways, offer, place))
    place, offer, ways = place[order], offer[order], ways[order]
    again = np.zeros(len(place), bool)
    again[1:] = (np.diff(place) == 0) & (np.diff(offer) == 0)
    return Reached(place[~again], offer[~again], ways[~again])


def figures(result: Result, demand: Demand, level: str) -> pd.DataFrame:
    """Return the figures of every area of a level, in its order; empty areas stay.

    Returns
    -------
    Columns ``area_id``, ``name``; ``population``, ``covered``, ``uncovered`` (persons);
    ``share``, ``share_low``, ``share_high`` (at the threshold, 20 % shorter, 20 % longer);
    ``median_minutes``, ``p90_minutes`` (weighted by persons); ``places_low``,
    ``places_high`` (places of the offers in the area per 100 persons of it);
    ``providers_mean``, ``providers_min`` (different providers within reach) and
    ``choice_share`` (persons who reach at least two). NaN stands for *there is none*: no
    persons, a way that is infinite, an upper limit nobody knows.
    """
    areas = demand.areas_of_level(level)
    codes = demand.codes(level)
    places = _places_by_area(result.supply, demand, level, areas["area_id"])
    table = _figures(result, demand, codes, len(areas), places)
    return pd.concat([areas[["area_id", "name"]], table], axis=1)


def overall(result: Result, demand: Demand) -> dict[str, float]:
    """Return the same figures for all inside the city, and ``outside`` (persons beyond).

    Persons inside = covered + uncovered, whether or not they live in an area of some level.
    """
    own = result.supply.where(result.supply.within_city)
    known = np.nan_to_num(own.capacity).sum(keepdims=True)
    unknown = np.isnan(own.capacity).sum(keepdims=True)
    codes = np.where(demand.inside, 0, -1)
    places = _place_range(known, unknown, result.supply)
    row = _figures(result, demand, codes, 1, places).iloc[0]
    return {str(k): float(v) for k, v in row.items()} | {"outside": demand.outside}


def _figures(
    result: Result,
    demand: Demand,
    codes: np.ndarray,
    count: int,
    places: tuple[np.ndarray, np.ndarray],
) -> pd.DataFrame:
    inside = codes >= 0
    area, persons = codes[inside], demand.persons[inside]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(area, persons * values[inside], minlength=count)

    everybody = np.bincount(area, persons, minlength=count)
    covered = total(result.covered)
    low, high = (total(result.covered_at(result.threshold * (1 + sign * BAND))) for sign in (-1, 1))
    median, p90 = weighted_quantiles(result.minutes[inside], persons, area, count, (0.5, 0.9))
    lived_in = persons > 0
    least = np.full(count, np.inf)
    np.minimum.at(least, area[lived_in], result.providers[inside][lived_in])
    return pd.DataFrame(
        {
            "population": everybody,
            "covered": covered,
            # Not the difference: rounding must not make anybody appear.
            "uncovered": total(~result.covered),
            "share": share_of(covered, everybody),
            "share_low": share_of(low, everybody),
            "share_high": share_of(high, everybody),
            "median_minutes": np.where(np.isfinite(median), median, np.nan),
            "p90_minutes": np.where(np.isfinite(p90), p90, np.nan),
            "places_low": 100 * share_of(places[0], everybody),
            "places_high": 100 * share_of(places[1], everybody),
            "providers_mean": share_of(total(result.providers), everybody),
            "providers_min": np.where(np.isfinite(least), least, np.nan),
            "choice_share": share_of(total(result.providers >= 2), everybody),
        }
    )


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return ``part`` ÷ ``whole``, NaN where there is nobody."""
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def weighted_quantiles(
    values: np.ndarray,
    weights: np.ndarray,
    codes: np.ndarray,
    count: int,
    quantiles: tuple[float, ...],
) -> list[np.ndarray]:
    """Return for each of ``count`` groups the smallest value that a share of the weight reaches.

    Groups without weight have NaN; a value may be infinite.
    """
    some = (weights > 0) & (codes >= 0)
    values, weights, codes = values[some], weights[some], codes[some]
    order = np.lexsort((values, codes))
    values, codes = values[order], codes[order]
    running = np.cumsum(weights[order])
    first = np.searchsorted(codes, np.arange(count), "left")
    last = np.searchsorted(codes, np.arange(count), "right") - 1
    lived_in = last >= first
    out = []
    for quantile in quantiles:
        found = np.full(count, np.nan)
        start = np.where(first[lived_in] > 0, running[first[lived_in] - 1], 0.0)
        wanted = start + quantile * (running[last[lived_in]] - start)
        at = np.searchsorted(running, wanted * (1 - 1e-12), "left")
        found[lived_in] = values[np.clip(at, first[lived_in], last[lived_in])]
        out.append(found)
    return out


def _places_by_area(
    supply: Supply, demand: Demand, level: str, area_ids: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest number of places of each area.

    An offer counts where it stands. One that comes to several areas is shared out by the
    persons it comes to.
    """
    count = len(area_ids)
    known, unknown = np.zeros(count), np.zeros(count)
    at = pd.Index(area_ids).get_indexer(
        pd.Index(supply.areas[level].to_numpy(object), dtype=object)
    )
    capacity = np.nan_to_num(supply.capacity)
    missing = np.isnan(supply.capacity)
    standing = at >= 0
    known += np.bincount(at[standing], capacity[standing], minlength=count)
    unknown += np.bincount(at[standing], missing[standing], minlength=count)
    codes = demand.codes(level)
    for position in np.flatnonzero(~standing):
        places = supply.service[position]
        if places is None:
            continue
        area = codes[places]
        here = area >= 0
        persons = np.bincount(area[here], demand.persons[places][here], minlength=count)
        shares = persons / persons.sum() if persons.sum() > 0 else np.zeros(count)
        known += shares * capacity[position]
        unknown += shares * missing[position]
    return _place_range(known, unknown, supply)


def _place_range(
    known: np.ndarray, unknown: np.ndarray, supply: Supply
) -> tuple[np.ndarray, np.ndarray]:
    """An offer of unknown capacity has no place at least, and at most as many as the largest.

    Where no offer states its capacity nobody knows an upper limit.
    """
    stated = supply.capacity[np.isfinite(supply.capacity)]
    largest = stated.max() if len(stated) else np.nan
    high = np.where(unknown > 0, known + unknown * largest, known)
    return known, high


@dataclass(frozen=True)
class Surroundings:
    """What offers and people beyond the city limits change.

    ``offers_beyond`` and ``persons_beyond`` lie within ``buffer_metres`` of the city; None
    of either usually means that nobody loaded them, and the figures near the limits are
    then too low (offers) or the places too many (people): ``offers_missing`` and
    ``persons_missing`` say so.
    """

    covered: float
    covered_by_own: float
    share: float
    share_by_own: float
    offers_beyond: int
    persons_beyond: float
    buffer_metres: float

    @property
    def offers_missing(self) -> bool:
        """True where no offer beyond the limits is known."""
        return self.offers_beyond == 0

    @property
    def persons_missing(self) -> bool:
        """True where no person beyond the limits is known."""
        return self.persons_beyond == 0


def surroundings(
    result: Result, demand: Demand, outline: shapely.Geometry, reach_metres: float
) -> Surroundings:
    """Compare the coverage by all offers with that by the city's own.

    Parameters
    ----------
    outline
        The city, in its CRS.
    reach_metres
        How far the threshold reaches; twice as far beyond the limits matters.
    """
    supply = result.supply
    own = cover(demand, supply.where(supply.within_city), result.travel, result.threshold)
    buffer = 2 * reach_metres
    shapely.prepare(outline)
    beyond = np.flatnonzero(~supply.within_city & supply.placed)
    offers = shapely.dwithin(shapely.points(supply.x[beyond], supply.y[beyond]), outline, buffer)
    out = np.flatnonzero(~demand.inside)
    people = shapely.dwithin(shapely.points(demand.x[out], demand.y[out]), outline, buffer)
    with_all = float(demand.persons[result.covered & demand.inside].sum())
    by_own = float(demand.persons[own.covered & demand.inside].sum())
    population = demand.population
    return Surroundings(
        with_all,
        by_own,
        with_all / population if population else np.nan,
        by_own / population if population else np.nan,
        int(np.count_nonzero(offers)),
        float(demand.persons[out][people].sum()),
        buffer,
    )
