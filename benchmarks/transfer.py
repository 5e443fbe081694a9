"""40,000 cells → 60 areas by exact shares: ours beside tobler. Needs ``requirements-bench.txt``."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.points_to_areas import wedge_city
from benchmarks.side_by_side import compare
from sro_geo.transfer import transfer


def by_every_intersection(persons: np.ndarray, cells: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return the sums the slow, plain way: all touching pairs cut in double precision."""
    area, cell = shapely.STRtree(cells).query(areas, predicate="intersects")
    common = shapely.area(shapely.intersection(cells[cell], areas[area]))
    return np.bincount(
        area, persons[cell] * common / shapely.area(cells[cell]), minlength=len(areas)
    )


def main() -> None:
    """Measure and write the result."""
    from tobler.area_weighted import area_interpolate

    corner = np.arange(200) * 100.0
    west, south = (axis.ravel() for axis in np.meshgrid(corner, corner))
    cells = shapely.box(west, south, west + 100, south + 100)
    areas = wedge_city(60)
    persons = np.random.default_rng(1).integers(0, 30, len(cells)).astype(float)
    source = gpd.GeoDataFrame({"persons": persons}, geometry=cells, crs=25832)
    target = gpd.GeoDataFrame(geometry=areas, crs=25832)

    def ours() -> np.ndarray:
        return transfer(source["persons"].to_numpy(), source.geometry.to_numpy(), areas)

    def theirs() -> np.ndarray:
        found = area_interpolate(source, target, extensive_variables=["persons"])
        return found["persons"].to_numpy()

    exact = by_every_intersection(persons, cells, areas)
    difference = float(np.abs(ours() / exact - 1).max())
    # tobler keeps shares of area in single precision, so it is only near the truth.
    theirs_off = float(np.abs(theirs() / exact - 1).max())
    if difference > 1e-9 or theirs_off > 1e-7:
        raise SystemExit(f"the ways differ: ours by {difference}, tobler by {theirs_off}")
    what = (
        "40,000 cells to 60 areas of 500 corners, by area; off every polygon intersected: "
        f"ours {difference:.0e}, tobler {theirs_off:.0e} (single precision)"
    )
    compare("transfer", what, ours, theirs, "tobler.area_interpolate", goal=10, rounds=5)


if __name__ == "__main__":
    main()
