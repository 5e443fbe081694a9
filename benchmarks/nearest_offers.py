"""Nearest offer of each category for 40,000 cells: ours beside ``geopandas.sjoin_nearest``."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from benchmarks.side_by_side import compare
from sro_geo.city import load_city
from sro_geo.reach import straight_line

CELLS, OFFERS, CATEGORIES = 40_000, 500, 15


def main() -> None:
    """Measure and write the results."""
    city = load_city(Path(__file__).parent.parent / "data")
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 20_000, (2, CELLS))
    xs, ys = rng.uniform(0, 20_000, (2, OFFERS))
    category = rng.integers(0, CATEGORIES, OFFERS)
    travel = straight_line(city)
    cells = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y))
    offers = gpd.GeoDataFrame({"category": category}, geometry=gpd.points_from_xy(xs, ys))

    def ours() -> np.ndarray:
        found = [travel.nearest(x, y, xs[c], ys[c])[0] for c in groups]
        return np.array(found) * travel.metres_a_minute

    def theirs() -> np.ndarray:
        found = []
        for c in range(CATEGORIES):
            joined = gpd.sjoin_nearest(
                cells, offers[offers["category"] == c], distance_col="metres"
            )
            found.append(joined["metres"].to_numpy())
        return np.array(found)

    groups = [category == c for c in range(CATEGORIES)]
    if not np.allclose(ours(), theirs()):
        raise SystemExit("the two ways differ")
    what = f"{CELLS:,} cells × {OFFERS} offers in {CATEGORIES} categories, metres to the nearest"
    compare(
        "nearest_offers",
        what,
        ours,
        theirs,
        "geopandas.sjoin_nearest, category by category",
        goal=4,
        rounds=5,
    )


if __name__ == "__main__":
    main()
