"""The whole gap matrix of a city of 4,000 cells: 15 categories × 6 age groups × 4 spaces."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.side_by_side import keep, milliseconds
from sro_geo.coverage import Demand, Supply, Target, gap_matrix
from sro_geo.reach import StraightLine

GROUPS = ("0-2", "3-5", "6-9", "10-13", "14-17", "18-20")
GOAL_MS = 500


def random_demand(cells: int, seed: int = 5, side: float = 10_000.0) -> Demand:
    """Return people at random places of a square city of four spaces."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, side, cells), rng.uniform(0, side, cells)
    space = np.array(["nw", "no", "sw", "so"], object)[2 * (y < side / 2) + (x > side / 2)]
    catalogue = pd.DataFrame(
        [("city", "city", "Stadt", None)]
        + [(s, "social_space", s, "city") for s in ("nw", "no", "sw", "so")],
        columns=["area_id", "level", "name", "parent_id"],
    )
    return Demand(
        place_ids=np.arange(cells).astype(object),
        x=x,
        y=y,
        persons=rng.integers(0, 12, cells).astype(float),
        areas=pd.DataFrame({"city": "city", "social_space": space}, dtype=object),
        inside=np.ones(cells, bool),
        catalogue=catalogue,
    )


def random_supply(offers: int, kinds: int, seed: int = 6, side: float = 10_000.0) -> Supply:
    """Return offers of several categories at random points."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, side, offers), rng.uniform(0, side, offers)
    space = np.array(["nw", "no", "sw", "so"], object)[2 * (y < side / 2) + (x > side / 2)]
    levels = np.array(["social_space", "region", "city"], object)
    return Supply(
        offer_ids=np.array([f"o{n}" for n in range(offers)], object),
        names=np.array([f"Angebot {n}" for n in range(offers)], object),
        category=np.array([f"kind{n % kinds}" for n in range(offers)], object),
        x=x,
        y=y,
        capacity=np.where(rng.random(offers) < 0.3, np.nan, rng.integers(0, 90, offers)),
        provider_ids=np.array([f"t{n}" for n in rng.integers(0, 40, offers)], object),
        service=(None,) * offers,
        within_city=np.ones(offers, bool),
        reach_level=levels[rng.integers(0, 3, offers)],
        schedule=np.full(offers, None, object),
        stale=rng.random(offers) < 0.2,
        age_min=np.zeros(offers),
        age_max=np.full(offers, 200.0),
        areas=pd.DataFrame({"city": "city", "social_space": space}, dtype=object),
    )


def main() -> None:
    """Measure and write the result."""
    demand = random_demand(4_000)
    demands = {group: replace(demand, group=group) for group in GROUPS}
    supply = random_supply(500, 15)
    speeds = dict(zip(GROUPS, (32.0, 32.0, 45.0, 51.0, 51.0, 54.0), strict=True))
    kinds = [f"kind{n}" for n in range(15)]

    def ours() -> pd.DataFrame:
        return gap_matrix(
            demands,
            supply,
            lambda group: StraightLine(speeds[group]),
            lambda category, group: Target(None, "none"),
            "social_space",
            categories=kinds,
            default_minutes=15,
        )

    rows = len(ours())
    if rows != 15 * 6 * 4:
        raise SystemExit(f"{rows} cells")
    taken = statistics.median(milliseconds(ours) for _ in range(9))
    what = "gap matrix, 15 categories × 6 age groups × 4 spaces, 4,000 cells, 500 offers, warm"
    keep("gap_matrix", {"what": what, "ours_ms": round(taken, 1), "goal_ms": GOAL_MS})


if __name__ == "__main__":
    main()
