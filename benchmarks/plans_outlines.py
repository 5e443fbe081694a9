"""Outlines of the touched spaces at 40,000 blocks beside GeoDataFrame.dissolve.

python -m benchmarks.plans_outlines
"""

from __future__ import annotations

import geopandas as gpd

from benchmarks.redrawn_city import redrawn_city
from benchmarks.side_by_side import compare
from sro_geo.plans import gestures, outlines


def main() -> None:
    """Compare 24 and 4 spaces; stop if the outlines differ."""
    for spaces in (24, 4):
        city = redrawn_city(spaces)
        codes = gestures.paint(city.plan, city.stroke, "s0").codes
        frame = gpd.GeoDataFrame({"space": codes}, geometry=city.geometry, crs="EPSG:25832")
        theirs = frame.dissolve("space").geometry
        for space, shape in outlines(city.geometry, codes, [0, 1]).items():
            if shape.symmetric_difference(theirs[space]).area > 1e-3:
                raise SystemExit(f"the outlines of space {space} differ")
        compare(
            "plans_outlines" if spaces == 24 else "plans_outlines_4_spaces",
            f"outlines of the 2 touched of {spaces} spaces of {len(codes)} blocks, no cache",
            lambda codes=codes, city=city: outlines(city.geometry, codes, [0, 1]),
            lambda frame=frame: frame.dissolve("space"),
            "geopandas dissolve",
            goal=20,
            rounds=5,
        )


if __name__ == "__main__":
    main()
