"""The gap matrix: every category × age group × area at a glance, with the reason.

One search per age group finds all pairs of place and offer within the longest threshold;
everything after that is counting, so the whole matrix costs little more than one map.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.coverage.demand import Demand
from sro_geo.coverage.measures import reached_pairs, share_of
from sro_geo.coverage.supply import Supply, for_group, open_then
from sro_geo.coverage.targets import Target
from sro_geo.reach import Travel

# How a person stands to a category, best first; every person is in exactly one state.
STATES = ("reached", "only_central", "stale_entry", "closed_then", "full", "too_far", "no_offer")
CENTRAL = ("region", "city")


def gap_matrix(
    demands: Mapping[str, Demand],
    supply: Supply,
    travel: Callable[[str], Travel],
    targets: Callable[[str, str], Target],
    level: str,
    *,
    categories: Sequence[str],
    default_minutes: float,
    moment: dt.datetime | None = None,
    count_stale: bool = True,
    count_central: bool = True,
) -> pd.DataFrame:
    """Return one row per category, age group and area of a level, in that order.

    Parameters
    ----------
    demands
        Demand by age group, as ``demands_of`` makes them.
    supply
        Offers of all categories; those whose ages do not fit a group are left out for it.
        Its service areas refer to the places of the demands.
    travel
        Gives the travel of an age group.
    targets
        Gives the target of (category, age group).
    default_minutes
        Threshold where no target is set; the row then says so.
    moment
        Local time at which offers must be open; None: any time.
    count_stale, count_central
        Whether people reached by nothing but entries that are out of date, or by nothing but
        offers for a region or the town that stand outside their area, count as covered. By
        default they do, as on the coverage page.

    Returns
    -------
    ``category``, ``age_group``, ``area_id``, ``name``, ``minutes``, ``target_set``,
    ``share_target`` (NaN: none), ``population``, ``covered``, ``uncovered``, ``share``,
    ``missing`` (persons short of the target share, of everybody where none is set), one
    column of persons for each of ``STATES`` (they add up to the population), ``places_low``
    and ``places_high`` (places within reach, each offer's shared among all who reach it;
    NaN: nobody knows), and ``reason``: empty, or why the
    cell deserves a look. People not covered come first: the largest of ``no_offer``,
    ``too_far``, ``closed_then``, ``full``, ``stale_entry``, ``only_central``. Where the
    target is met: ``full`` when there are certainly fewer places than those covered want (by
    ``places_per_100`` of the target; without it, fewer than one each), ``stale_entry`` or
    ``only_central`` when it is met only with such offers.
    """
    parts = [
        _of_group(
            group,
            demand,
            supply,
            travel(group),
            [targets(category, group) for category in categories],
            level,
            list(categories),
            default_minutes,
            _open(supply, moment),
            (True, count_central, count_stale),
        )
        for group, demand in demands.items()
    ]
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    # Categories first: a line of the matrix is a kind of offer.
    areas = len(next(iter(demands.values())).areas_of_level(level))
    order = np.arange(len(table)).reshape(len(parts), len(categories), areas)
    return table.iloc[order.transpose(1, 0, 2).ravel()].reset_index(drop=True)


def _open(supply: Supply, moment: dt.datetime | None) -> np.ndarray:
    return np.ones(len(supply), bool) if moment is None else open_then(supply, moment)


def _of_group(
    group: str,
    demand: Demand,
    supply: Supply,
    travel: Travel,
    targets: Sequence[Target],
    level: str,
    categories: list[str],
    default_minutes: float,
    is_open: np.ndarray,
    counted: tuple[bool, bool, bool],
) -> pd.DataFrame:
    """Return the rows of one age group, categories × areas."""
    is_open = is_open[np.isin(supply.offer_ids, for_group(supply, group).offer_ids)]
    supply = for_group(supply, group)
    limits = np.array([t.minutes or default_minutes for t in targets], float)
    wanted = np.array([np.nan if t.share is None else t.share for t in targets])
    kind = pd.Index(categories).get_indexer(pd.Index(supply.category, dtype=object))
    areas = demand.areas_of_level(level)
    near = _near(demand, supply, travel, kind, limits)
    offered = np.bincount(kind[kind >= 0], minlength=len(limits)) > 0
    state = _states(demand, supply, near, level, offered, is_open)
    codes = demand.codes(level)
    persons = _persons_by_state(demand, state, codes, len(areas))
    everybody = persons.sum(axis=2)
    covered = (persons[:, :, :3] * np.array(counted)).sum(axis=2)
    goal = np.where(np.isnan(wanted), 1.0, wanted)[:, None]
    missing = np.clip(goal * everybody - covered, 0.0, None)
    missing[missing < 1e-9] = 0.0
    shape = (len(categories), len(areas))
    low, high = _places(demand, supply, near, codes, shape)
    per_100 = np.array(
        [100.0 if t.threshold is None else t.threshold.places_per_100 or 100.0 for t in targets]
    )
    # Never where the upper limit is unknown; the hair is for the sums of shares.
    short = high < covered * per_100[:, None] / 100 * (1 - 1e-9)
    reason = _reasons(persons, everybody, covered, missing, goal, short, counted)

    def by_category(values: object) -> np.ndarray:
        return np.broadcast_to(np.asarray(values)[:, None], shape).ravel()

    return pd.DataFrame(
        {
            "category": by_category(np.array(categories, object)),
            "age_group": group,
            "area_id": np.tile(areas["area_id"].to_numpy(object), shape[0]),
            "name": np.tile(areas["name"].to_numpy(object), shape[0]),
            "minutes": by_category(limits),
            "target_set": by_category([t.threshold is not None for t in targets]),
            "share_target": by_category(wanted),
            "population": everybody.ravel(),
            "covered": covered.ravel(),
            "uncovered": (everybody - covered).ravel(),
            "share": share_of(covered.ravel(), everybody.ravel()),
            "missing": missing.ravel(),
            **{name: persons[:, :, n].ravel() for n, name in enumerate(STATES)},
            "places_low": low.ravel(),
            "places_high": high.ravel(),
            "reason": reason.ravel(),
        }
    )


@dataclass(frozen=True)
class _Near:
    """Pairs of place and offer within the threshold of the offer's category ``kind``."""

    place: np.ndarray
    offer: np.ndarray
    kind: np.ndarray


def _near(
    demand: Demand, supply: Supply, travel: Travel, kind: np.ndarray, limits: np.ndarray
) -> _Near:
    pairs = reached_pairs(demand, supply, travel, float(limits.max()), full_too=True)
    of_pair = kind[pairs.offer]
    near = (of_pair >= 0) & (pairs.minutes <= limits[of_pair])
    return _Near(pairs.demand[near], pairs.offer[near], of_pair[near])


def _states(
    demand: Demand,
    supply: Supply,
    near: _Near,
    level: str,
    offered: np.ndarray,
    is_open: np.ndarray,
) -> np.ndarray:
    """Return the position in ``STATES`` of each category (row) and place (column)."""
    state = np.full((len(offered), len(demand)), STATES.index("too_far"), np.int8)
    state[~offered] = STATES.index("no_offer")
    place, offer = near.place, near.offer
    ids = pd.Index(demand.areas_of_level(level)["area_id"])
    stands = ids.get_indexer(pd.Index(supply.areas[level].to_numpy(object), dtype=object))
    comes = np.array([places is not None for places in supply.service], bool)
    elsewhere = (stands[offer] != demand.codes(level)[place]) & ~comes[offer]
    central = np.isin(supply.reach_level.astype(str), CENTRAL)[offer] & elsewhere
    of_pair = np.select(
        [~supply.usable[offer], ~is_open[offer], supply.stale[offer], central],
        [STATES.index(name) for name in ("full", "closed_then", "stale_entry", "only_central")],
        0,
    )
    # The best offer decides: write the worst first, so that the best is written last.
    flat = state.ravel()
    where = near.kind * len(demand) + place
    for value in range(STATES.index("full"), -1, -1):
        flat[where[of_pair == value]] = value
    return flat.reshape(state.shape)


def _persons_by_state(
    demand: Demand, state: np.ndarray, codes: np.ndarray, areas: int
) -> np.ndarray:
    """Return persons by category, area and state, shape (categories, areas, states)."""
    inside = codes >= 0
    count = len(STATES)
    column = codes[inside] * count + state[:, inside]
    column = column + np.arange(len(state))[:, None] * areas * count
    persons = np.broadcast_to(demand.persons[inside], column.shape)
    sums: np.ndarray = np.bincount(
        column.ravel(), persons.ravel(), minlength=len(state) * areas * count
    )
    return np.asarray(sums.reshape(len(state), areas, count))


def _places(
    demand: Demand, supply: Supply, near: _Near, codes: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places within reach of each category and area, shape (categories, areas).

    The places of an offer are shared out among all who reach it, those beyond the city
    included; so none is counted twice. The upper limit is NaN where an offer of unknown
    capacity is in reach.
    """
    persons = demand.persons[near.place]
    wanting = np.bincount(near.offer, persons, minlength=len(supply))[near.offer]
    area = codes[near.place]
    here = (area >= 0) & (wanting > 0) & (persons > 0)
    offer = near.offer[here]
    where = near.kind[here] * shape[1] + area[here]
    capacity = supply.capacity[offer]
    size = shape[0] * shape[1]
    each = np.nan_to_num(capacity) * persons[here] / wanting[here]
    low = np.bincount(where, each, minlength=size).reshape(shape)
    unknown = np.bincount(where, np.isnan(capacity), minlength=size).reshape(shape)
    return low, np.where(unknown > 0, np.nan, low)


def _reasons(
    persons: np.ndarray,
    everybody: np.ndarray,
    covered: np.ndarray,
    missing: np.ndarray,
    goal: np.ndarray,
    short: np.ndarray,
    counted: tuple[bool, bool, bool],
) -> np.ndarray:
    uncovered: np.ndarray = persons.copy()
    uncovered[:, :, :3][:, :, list(counted)] = 0.0
    largest = np.array(STATES, object)[uncovered.argmax(axis=2)]
    central, stale = persons[:, :, 1] * counted[1], persons[:, :, 2] * counted[2]
    lacking = goal * everybody - 1e-9
    meets = missing == 0
    reason: np.ndarray = np.select(
        [
            everybody == 0,
            ~meets,
            short,
            meets & (covered - stale < lacking),
            meets & (covered - central < lacking),
            meets & (covered - stale - central < lacking),
        ],
        ["", largest, "full", "stale_entry", "only_central", "only_central"],
        "",
    ).astype(object)
    return reason
