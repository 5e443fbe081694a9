"""Central or local: whom each offer serves, and what would change if it moved.

Help should take place in the space, the region or at least the town (Norderstedt 2011):
every offer is looked at for whom it really reaches, not for what it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sro_geo.coverage.demand import Demand
from sro_geo.coverage.measures import Result, cover, share_of
from sro_geo.coverage.supply import with_changes

MOSTLY = 0.8


def central_or_local(
    result: Result, demand: Demand, levels: Sequence[str], *, mostly: float = MOSTLY
) -> pd.DataFrame:
    """Return for each offer whom it serves and how many would lose it.

    Parameters
    ----------
    levels
        Levels from the smallest up, such as ``("social_space", "region", "city")``.
    mostly
        Share of the persons in reach that makes an offer one *of* an area.

    Returns
    -------
    One row per offer: ``offer_id``, ``name``, ``reach_level`` (as entered), ``reached``
    (persons within the threshold, those beyond the city included), ``outside`` (of them
    beyond), for each level ``<level>_id`` (the area the offer stands in, else the one that
    most of its people live in) and ``<level>_share`` (of the persons reached, those who live
    there); ``serves``, the smallest level with a share of at least ``mostly``, None where
    nobody is reached or most of them live elsewhere; ``only_one_for``, persons inside the
    city who reach this offer and no other: what is lost when it closes or moves away.
    """
    supply, pairs = result.supply, result.reached
    m = len(supply)
    persons = demand.persons[pairs.demand]
    reached = np.bincount(pairs.offer, persons, minlength=m)
    beyond = np.bincount(pairs.offer, persons * ~demand.inside[pairs.demand], minlength=m)
    choices = np.bincount(pairs.demand, minlength=len(demand))
    sole = (choices[pairs.demand] == 1) & demand.inside[pairs.demand]
    out = pd.DataFrame(
        {
            "offer_id": supply.offer_ids,
            "name": supply.names,
            "reach_level": supply.reach_level,
            "reached": reached,
            "outside": beyond,
        }
    )
    serves = np.full(m, None, object)
    for level in reversed(levels):
        ids = demand.areas_of_level(level)["area_id"].to_numpy(object)
        codes = demand.codes(level)[pairs.demand]
        here = codes >= 0
        cells = pairs.offer[here] * len(ids) + codes[here]
        sums = np.bincount(cells, persons[here], minlength=m * len(ids)).reshape(m, len(ids))
        area = pd.Index(ids).get_indexer(
            pd.Index(supply.areas[level].to_numpy(object), dtype=object)
        )
        most = sums.argmax(axis=1) if len(ids) else np.full(m, -1)
        area = np.where(area >= 0, area, np.where(sums.sum(axis=1) > 0, most, -1))
        own = np.where(area >= 0, sums[np.arange(m), area], 0.0) if len(ids) else np.zeros(m)
        share = share_of(own, reached)
        names = np.empty(len(ids) + 1, object)  # the last one is for area -1: none
        names[:-1] = ids
        out[f"{level}_id"] = pd.Series(names[area], dtype=object)
        out[f"{level}_share"] = share
        serves[np.nan_to_num(share) >= mostly] = level
    out["serves"] = pd.Series(serves, dtype=object)
    out["only_one_for"] = np.bincount(pairs.offer, persons * sole, minlength=m)
    return out


@dataclass(frozen=True)
class Move:
    """Persons covered before and after an offer moves; those who lose and who gain it."""

    covered_before: float
    covered_after: float
    lost: float
    gained: float


def move_of(result: Result, demand: Demand, offer_id: str, x: float, y: float) -> Move:
    """Return what moving an offer to another point (metres, city CRS) would change.

    Counts persons inside the city. Raises ``SroError("offer_unknown")``.
    """
    there = with_changes(result.supply, moved={offer_id: (x, y)})
    after = cover(demand, there, result.travel, result.threshold).covered
    before = result.covered
    inside = np.where(demand.inside, demand.persons, 0.0)
    return Move(
        float(inside[before].sum()),
        float(inside[after].sum()),
        float(inside[before & ~after].sum()),
        float(inside[after & ~before].sum()),
    )
