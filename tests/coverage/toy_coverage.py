"""Demand and supply of a few numbers, and the way between them done the slow, plain way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sro_geo.coverage import Demand, Supply
from sro_geo.reach import Reached

LEVELS = ("city", "region", "social_space")
PARENTS = {"A": "nord", "B": "nord", "C": "sued", "D": "sued"}
METRES_A_MINUTE = 50.0


class Plain:
    """Straight line at 50 m a minute, every pair computed."""

    method = "straight_line"

    def _minutes(self, x, y, xs, ys):
        return np.hypot(x[:, None] - xs[None, :], y[:, None] - ys[None, :]) / METRES_A_MINUTE

    def nearest(self, x, y, xs, ys):
        """Minutes to the nearest offer, and which."""
        minutes = self._minutes(x, y, xs, ys)
        return minutes.min(axis=1), minutes.argmin(axis=1)

    def within(self, x, y, xs, ys, minutes):
        """Every pair within the minutes."""
        ways = self._minutes(x, y, xs, ys)
        demand, offer = np.nonzero(ways <= minutes)
        return Reached(demand, offer, ways[demand, offer])


def catalogue() -> pd.DataFrame:
    """Four social spaces in two regions of a city."""
    rows = [("city", "city", "Stadt", None)]
    rows += [(region, "region", region, "city") for region in ("nord", "sued")]
    rows += [(space, "social_space", f"Raum {space}", PARENTS[space]) for space in "ABCD"]
    return pd.DataFrame(rows, columns=["area_id", "level", "name", "parent_id"])


def areas_of(spaces) -> pd.DataFrame:
    """Areas of every level for letters of social spaces; "." and None lie outside."""
    plain = [space if space in PARENTS else None for space in spaces]
    return pd.DataFrame(
        {
            "city": [None if space is None else "city" for space in plain],
            "region": [PARENTS.get(space) for space in plain],
            "social_space": plain,
        },
        dtype=object,
    )


def demand(places, *, group="10-13") -> Demand:
    """Return demand of (minutes east, minutes north, persons, space) each."""
    spaces = [place[3] for place in places]
    return Demand(
        place_ids=np.array([f"p{n}" for n in range(len(places))], object),
        x=np.array([place[0] for place in places], float) * METRES_A_MINUTE,
        y=np.array([place[1] for place in places], float) * METRES_A_MINUTE,
        persons=np.array([place[2] for place in places], float),
        areas=areas_of(spaces),
        inside=np.array([space != "." for space in spaces], bool),
        catalogue=catalogue(),
        group=group,
    )


def supply(*records, **common) -> Supply:
    """Return offers given as dicts: ``at`` in minutes (None: no point), ``space`` and fields."""
    rows = [{**common, **record} for record in records]

    def column(name, default, dtype=object):
        out = np.empty(len(rows), dtype)
        for position, row in enumerate(rows):
            out[position] = row.get(name, default)
        return out

    points = [row.get("at") or (np.nan, np.nan) for row in rows]
    spaces = [row.get("space", "A") for row in rows]
    return Supply(
        offer_ids=np.array([row.get("id", f"o{n}") for n, row in enumerate(rows)], object),
        names=np.array([f"Angebot {n}" for n in range(len(rows))], object),
        category=column("category", "youth_centre"),
        x=np.array([p[0] for p in points], float) * METRES_A_MINUTE,
        y=np.array([p[1] for p in points], float) * METRES_A_MINUTE,
        capacity=column("capacity", np.nan, float),
        provider_ids=column("provider", "P"),
        service=tuple(
            None if row.get("serves") is None else np.asarray(row["serves"], np.int64)
            for row in rows
        ),
        within_city=np.array([space != "." for space in spaces], bool),
        reach_level=column("reach_level", "social_space"),
        schedule=column("schedule", None),
        stale=column("stale", False, bool),
        age_min=column("age_min", 0, float),
        age_max=column("age_max", 200, float),
        areas=areas_of(spaces),
    )
