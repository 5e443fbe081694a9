"""A city of 40,000 blocks split by a line: whole blocks, and blocks cut exactly.

Whole blocks: by interior points kept from the block version, beside a spatial join of the
blocks' representative points (GeoPandas). Cut: noding of the crossed blocks and those
beside them, beside ``shapely.ops.split`` of every crossed block by itself, which leaves
corners without a counterpart; how many blocks do not fit afterwards is told.

    python -m benchmarks.plans_split
"""

from __future__ import annotations

import statistics

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import split as split_one

from benchmarks.redrawn_city import redrawn_city
from benchmarks.side_by_side import compare, keep, milliseconds
from sro_geo.plans import Plan
from sro_geo.plans.cleaning import loose_corners
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
    own = plan.codes == 0
    way = shapely.LineString([(-50, 4_900), (15_100, 5_300)])

    def cut() -> Refined:
        return refine(blocks, way, only=own)

    def each_by_itself() -> np.ndarray:
        crossed = own & shapely.crosses(geometry, way)
        parts = [part for g in geometry[crossed] for part in split_one(g, way).geoms]
        return np.concatenate([geometry[~crossed], np.array(parts, object)])

    refined, plain = cut().blocks.geometry.to_numpy(), each_by_itself()
    if not shapely.coverage_is_valid(refined) or loose_corners(refined).size:
        raise SystemExit("no coverage")
    pairs = [(milliseconds(cut), milliseconds(each_by_itself)) for _ in range(5)]
    faulty = len(loose_corners(plain))
    # The peer does less: it leaves corners that neighbours lack, so no ratio is claimed.
    keep(
        "plans_split_cut",
        {
            "what": f"{len(blocks)} blocks, {len(refined) - len(blocks)} cut, in one space",
            "ours_ms": round(statistics.median(p[0] for p in pairs), 1),
            "ours_blocks_that_do_not_fit": 0,
            "peer": "shapely.ops.split block by block",
            "peer_ms": round(statistics.median(p[1] for p in pairs), 1),
            "peer_blocks_that_do_not_fit": faulty,
        },
    )


if __name__ == "__main__":
    main()
