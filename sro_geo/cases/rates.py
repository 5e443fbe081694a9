"""Rates of released cells: exact intervals, smoothing, change, nearness to home, comparison.

Every frame here holds *cells* as the gate released them (area_id, level, help_type,
age_group, place, status, count, denominator; more where a function says so). Only cells with
the status ``released`` are ever calculated with: whatever stands in the others is not looked
at, and what would follow from them is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from sro_geo.cases.help_types import PLACES_OF_HELP

RELEASED = "released"
_WHAT = ("level", "help_type", "age_group", "place")
_VERSION = ("version", "counting_rule", "unit")

_Numbers = NDArray[np.float64]


def poisson_interval(
    counts: ArrayLike, *, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the exact limits (low, high) of the mean a count was drawn from; NaN stays NaN.

    With at most (1 - confidence) / 2 on either side, as in Garwood (1936): half the quantiles
    of chi-squared with 2k and 2k + 2 degrees of freedom. The limits of 0 begin at 0.
    """
    counted = np.asarray(counts, dtype=float)
    tail = (1 - confidence) / 2
    low = gammaincinv(np.where(counted > 0, counted, 1.0), tail)
    high = gammaincinv(counted + 1, 1 - tail)
    low = np.where(counted > 0, low, np.where(counted == 0, 0.0, np.nan))
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def rates(cells: pd.DataFrame, *, per: int = 1000) -> pd.DataFrame:
    """Return the cells with rate, rate_low and rate_high (95 %, exact) per ``per`` persons.

    NaN wherever a cell is not released or has no denominator.
    """
    counted, persons = _released(cells)
    low, high = poisson_interval(counted)
    scale = per / persons
    return cells.assign(rate=counted * scale, rate_low=low * scale, rate_high=high * scale)


def smoothed(cells: pd.DataFrame, *, per: int = 1000) -> pd.Series:
    """Return rates drawn towards the mean of their kind, the more the fewer persons there are.

    Global empirical Bayes after Marshall (1991), by moments: cells of one year, version,
    level, help, age group and place form a kind, and only released ones count. Where the
    areas differ by no more than chance would have it, all of them get the mean.

    Returns
    -------
    pandas.Series
        On the index of ``cells``; NaN where nothing was released.
    """
    counted, persons = _released(cells)
    usable = np.isfinite(counted)
    kind = _numbered(cells, [c for c in ("year", *_VERSION, *_WHAT) if c in cells.columns])
    kinds = int(kind.max(initial=-1)) + 1
    kind, counted, persons = kind[usable], counted[usable], persons[usable]

    def total(values: _Numbers) -> _Numbers:
        return np.bincount(kind, values, minlength=kinds).astype(np.float64)

    with np.errstate(invalid="ignore", divide="ignore"):  # kinds without a released cell
        population = total(persons)
        mean = (total(counted) / population)[kind]
        own = counted / persons
        spread = total(persons * (own - mean) ** 2) / population
        chance = mean * (total(np.ones_like(own)) / population)[kind]
    between = np.maximum(spread[kind] - chance, 0.0)
    within = mean / persons
    weight = np.divide(between, between + within, out=np.zeros_like(own), where=within > 0)
    out = np.full(len(cells), np.nan)
    out[usable] = per * (weight * own + (1 - weight) * mean)
    return pd.Series(out, index=cells.index, name="smoothed")


def change(cells: pd.DataFrame, *, per: int = 1000) -> pd.DataFrame:
    """Return how each cell differs from the year before, on the index of ``cells``.

    Besides the columns of cells, ``cells`` needs year, version, counting_rule and unit; one
    cell is there once a year and version. Figures of different versions, rules or units are
    never subtracted.

    Returns
    -------
    pandas.DataFrame
        count_change, rate_change (NaN unless both years are released) and broken: True where
        the year before was only counted on another version, by another rule or in another
        unit.
    """
    counted, persons = _released(cells)
    years = cells["year"].to_numpy(np.int64)
    cell = _numbered(cells, ["area_id", *_WHAT, *_VERSION])
    here = pd.Index(_pairs(cell, years))
    if not here.is_unique:
        raise ValueError("a cell is there twice in one year")
    before = here.get_indexer(pd.Index(_pairs(cell, years - 1)))
    known = before >= 0
    kind, way = _numbered(cells, list(_WHAT)), _numbered(cells, [*_WHAT, *_VERSION])
    given = np.isin(_pairs(kind, years - 1), _pairs(kind, years))
    alike = np.isin(_pairs(way, years - 1), _pairs(way, years))
    rate = per * counted / persons
    return pd.DataFrame(
        {
            "count_change": np.where(known, counted - counted[before], np.nan),
            "rate_change": np.where(known, rate - rate[before], np.nan),
            "broken": given & ~alike,
        },
        index=cells.index,
    )


def place_shares(cells: pd.DataFrame) -> pd.DataFrame:
    """Return which share of the help is given within the space, the region and the city.

    The shares are cumulative (help within the region includes help within the space) and
    refer to the released total, help at an unknown place included; that has its own share.

    Returns
    -------
    pandas.DataFrame
        within_social_space, within_region, within_city, outside, unknown (0 to 1), one row
        for each cell without a place, on its index. NaN where the total is 0 or anything
        needed is not released.
    """
    counted, _ = _released(cells, rated=False)
    key = ["area_id", *(c for c in ("year", *_VERSION, *_WHAT) if c in cells.columns)]
    key.remove("place")
    cell = _numbered(cells, key)
    is_total = cells["place"].isna().to_numpy()
    by_place: dict[str, _Numbers] = {}
    for place in PLACES_OF_HELP:
        own = (cells["place"] == place).fillna(False).to_numpy(bool)
        # A place without a cell is not known to be 0.
        column = np.full(int(cell.max(initial=-1)) + 1, np.nan)
        column[cell[own]] = counted[own]
        by_place[place] = column[cell[is_total]]
    total = counted[is_total]
    total = np.where(total > 0, total, np.nan)
    space, far = by_place["social_space"], by_place["outside"] + by_place["unknown"]
    region = space + by_place["region"]
    city = region + by_place["city"]
    shares = {
        "within_social_space": space,
        # What is near may be hidden piece by piece while all that is far was released.
        "within_region": np.where(np.isnan(region), total - by_place["city"] - far, region),
        "within_city": np.where(np.isnan(city), total - far, city),
        "outside": by_place["outside"],
        "unknown": by_place["unknown"],
    }
    return pd.DataFrame({n: v / total for n, v in shares.items()}, index=cells.index[is_total])


def compared(
    cells: pd.DataFrame, parents: Mapping[str, str | None], *, per: int = 1000
) -> pd.DataFrame:
    """Return the rates of what lies above each area, and how the area stands to them.

    ``parents`` gives the area above each (a region above a social space), None for the city.
    A figure is compared with the same help, age group, place, year and version.

    Returns
    -------
    pandas.DataFrame
        On the index of ``cells``: parent_id, parent_rate, city_id, city_rate, and
        against_parent, against_city: ``above`` or ``below`` where the exact interval of the
        area's own rate lies beyond, else ``alike``; None where either is not released.
    """
    rated = rates(cells, per=per)
    areas = [str(area) for area in cells["area_id"]]
    tops = {area: _top(area, parents) for area in set(areas)}
    above = {"parent": [parents.get(a) for a in areas], "city": [tops[a] for a in areas]}
    same = [c for c in ("year", *_VERSION, *_WHAT) if c in cells.columns and c != "level"]
    kind = _numbered(cells, same)
    names = pd.Index(sorted(tops), dtype=object)
    place = pd.Index(_pairs(names.get_indexer(pd.Index(areas, dtype=object)), kind))
    if not place.is_unique:
        raise ValueError("a cell is there twice")
    rate = rated["rate"].to_numpy(float)
    out = pd.DataFrame(index=cells.index)
    for name, ids in above.items():
        known = names.get_indexer(pd.Index(ids, dtype=object))
        found = np.where(known >= 0, place.get_indexer(pd.Index(_pairs(known, kind))), -1)
        theirs = np.where(found >= 0, rate[found], np.nan) if len(rate) else rate
        out[f"{name}_id"] = pd.Series(ids, index=cells.index, dtype=object)
        out[f"{name}_rate"] = theirs
        out[f"against_{name}"] = _stands(rated, theirs)
    return out


def _stands(rated: pd.DataFrame, theirs: _Numbers) -> pd.Series:
    low, high = rated["rate_low"].to_numpy(float), rated["rate_high"].to_numpy(float)
    out = np.full(len(rated), None, dtype=object)
    out[np.isfinite(low) & np.isfinite(theirs)] = "alike"
    out[low > theirs] = "above"
    out[high < theirs] = "below"
    return pd.Series(out, index=rated.index, dtype=object)


def _top(area: str, parents: Mapping[str, str | None]) -> str | None:
    """Return the uppermost area over ``area``; None where nothing lies over it."""
    seen = {area}
    top = None
    while (over := parents.get(area)) is not None and over not in seen:
        seen.add(over)
        area = top = over
    return top


def _released(cells: pd.DataFrame, *, rated: bool = True) -> tuple[_Numbers, _Numbers]:
    """Return counts and denominators, NaN unless released (and with a denominator)."""
    shown = (cells["status"] == RELEASED).fillna(False).to_numpy(bool)
    persons = cells["denominator"].to_numpy(float, na_value=np.nan)
    if rated:
        shown = shown & (persons > 0)
    counted = cells["count"].to_numpy(float, na_value=np.nan)
    shown = shown & np.isfinite(counted)
    return np.where(shown, counted, np.nan), np.where(shown, persons, np.nan)


def _numbered(cells: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each row, alike where the columns are alike (missing is a value)."""
    number = np.zeros(len(cells), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(cells[column], use_na_sentinel=True)
        number = number * (len(values) + 1) + codes + 1
        # Squeezed after each column, so that many columns cannot run over.
        number = np.unique(number, return_inverse=True)[1].astype(np.int64)
    return number


def _pairs(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number for each pair; ``first`` may be -1, ``second`` is under 2^20."""
    return (first + 1) * (1 << 20) + second
