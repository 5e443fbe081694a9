"""A city of 40,000 blocks split by a line: whole blocks, and blocks cut exactly.

Whole blocks: by interior points kept from the block version, beside a spatial join of the
blocks' representative points (GeoPandas). Cut: noding of the crossed blocks and those
beside them, beside ``shapely.ops.split`` of every crossed block by itself, which leaves
corners without a counterpart; how many blocks do not fit afterwards is told.

    python -m benchmarks.plans_split
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import split as split_one

from benchmarks.redrawn_city import redrawn_city
from benchmarks.side_by_side import compare, keep
from sro_geo.plans import Plan
from sro_geo.plans.lines import interior_points, split
from sro_geo.plans.refining import Refined, refine


def main() -> None:
    """Compare both ways and write the results."""
    city = redrawn_city(spaces=4)
    geometry, plan = city.geometry, city.plan
    blocks = gpd.GeoDataFrame({"block_id": plan.block_ids}, geometry=geometry, crs="EPSG:25832")
    points = interior_points(geometry)
    west, south, east, north = shapely.total_bounds(geometry[plan.codes == 0])
    x = np.linspace(west - 50, east + 50, 40)
    y = (south + north) / 2 + 300 * np.sin(x / 700)
    line = shapely.LineString(np.column_stack([x, y]))

    def whole() -> Plan:
        return split(
            plan, plan.areas[0].area_id, line, geometry, new_id="new", name="N", points=points
        )

    def joined() -> gpd.GeoDataFrame:
        own = blocks[plan.codes == 0]
        outline = own.union_all(method="coverage")
        halves = gpd.GeoDataFrame(geometry=list(split_one(outline, line).geoms), crs=blocks.crs)
        spots = own.set_geometry(own.representative_point())
        return spots.sjoin(halves, predicate="within")

    north_half = joined()["index_right"].value_counts()
    mine = int(np.count_nonzero(whole().codes == len(plan.areas)))
    if mine not in north_half.to_numpy():
        raise SystemExit(f"the two differ: {mine} and {north_half.tolist()}")
    compare(
        "plans_split_whole",
        f"one of 4 spaces of {len(blocks)} blocks split, whole blocks",
        whole,
        joined,
        "shapely.ops.split of the dissolved space and GeoDataFrame.sjoin",
        goal=1,
        rounds=5,
    )
    long_way = shapely.LineString([(-50, 9_900), (20_100, 10_300)])

    def cut() -> Refined:
        return refine(blocks, long_way)

    def each_by_itself() -> np.ndarray:
        crossed = shapely.crosses(geometry, long_way)
        parts = [part for g in geometry[crossed] for part in split_one(g, long_way).geoms]
        return np.concatenate([geometry[~crossed], np.array(parts, object)])

    refined, plain = cut().blocks.geometry.to_numpy(), each_by_itself()
    if not shapely.coverage_is_valid(refined):
        raise SystemExit("no coverage")
    compare(
        "plans_split_cut",
        f"{len(blocks)} blocks, {len(refined) - len(blocks)} of them cut by one line",
        cut,
        each_by_itself,
        "shapely.ops.split block by block",
        goal=0,
        rounds=5,
    )
    faulty = int((~shapely.is_empty(shapely.coverage_invalid_edges(plain))).sum())
    keep(
        "plans_split_validity",
        {
            "what": "blocks that do not fit their neighbours after the cut",
            "ours": 0,
            "peer": "shapely.ops.split block by block",
            "peer_blocks": faulty,
        },
    )


if __name__ == "__main__":
    main()
