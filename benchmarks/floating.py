"""E2SFCA of 40,000 places × 500 offers: ours beside ``access`` as its users run it.

``access`` computes all distances first (``create_euclidean_distance``), then the catchments;
ours finds the pairs within reach and stays with them. Both start from coordinates. Needs
``requirements-bench.txt``.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import geopandas as gpd
import numpy as np

from benchmarks.gap_matrix import random_demand, random_supply
from benchmarks.side_by_side import compare
from sro_geo.coverage import e2sfca, steps
from sro_geo.coverage.measures import reached_pairs
from sro_geo.reach import StraightLine

METRES = 1_000.0


def main() -> None:
    """Measure and write the result."""
    from access import Access, weights

    logging.getLogger("access").setLevel(logging.ERROR)
    demand = random_demand(40_000, side=20_000.0)
    supply = random_supply(500, 1, side=20_000.0)
    demand = replace(demand, persons=demand.persons + 1)
    supply = replace(supply, capacity=np.nan_to_num(supply.capacity) + 1)
    travel = StraightLine(1.0)  # a metre is a minute: `access` knows metres
    zones = {METRES / 3: 1.0, 2 * METRES / 3: 0.68, METRES: 0.22}
    weight = steps(list(zones), list(zones.values()))

    def ours() -> np.ndarray:
        pairs = reached_pairs(demand, supply, travel, METRES)
        return e2sfca(demand, supply, pairs, weight).access

    people = gpd.GeoDataFrame(
        {"persons": demand.persons}, geometry=gpd.points_from_xy(demand.x, demand.y), crs=25832
    )
    offers = gpd.GeoDataFrame(
        {"places": supply.capacity}, geometry=gpd.points_from_xy(supply.x, supply.y), crs=25832
    )

    people.index.name = offers.index.name = "id"

    def theirs() -> np.ndarray:
        fca = Access(
            demand_df=people, demand_value="persons", supply_df=offers, supply_value="places"
        )
        fca.create_euclidean_distance(threshold=METRES)
        found = fca.enhanced_two_stage_fca(
            cost="euclidean",
            max_cost=METRES,
            weight_fn=weights.step_fn(zones),
        )
        return found.iloc[:, -1].reindex(people.index).fillna(0.0).to_numpy()

    if not np.allclose(ours(), theirs(), rtol=1e-9, atol=1e-12):
        raise SystemExit("the two ways differ")
    what = "E2SFCA, 40,000 places × 500 offers, 1 km, from coordinates to places per person"
    compare(
        "floating", what, ours, theirs, "access with create_euclidean_distance", goal=100, rounds=3
    )


if __name__ == "__main__":
    main()
