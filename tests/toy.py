"""Toy cities drawn in ASCII: each letter a block of 100 m, rows from north to south."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import AreaVersion, area_version
from sro_geo.city import City, Level, load_city
from sro_geo.tables import TABLES, conform

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
SIDE = 100.0
# A corner near Norderstedt, in EPSG:25832, so that degrees come out plausible too.
ORIGIN = (566_000.0, 5_950_000.0)


@dataclass(frozen=True)
class ToyCity:
    """Tables of a toy city; ``at(column, row)`` is a point in metres, blocks as unit."""

    city: City
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def at(self, column: float, row: float) -> tuple[float, float]:
        """Return metres of a place given in blocks from the north-west corner."""
        rows = self.tables["_rows"].shape[0]
        return ORIGIN[0] + column * SIDE, ORIGIN[1] + (rows - row) * SIDE

    def version(self, on: str = "2026-01-01") -> AreaVersion:
        """Return the areas in force."""
        t = self.tables
        return area_version(
            self.city,
            t["blocks"],  # type: ignore[arg-type]
            t["plans"],
            t["plan_areas"],
            t["assignments"],
            t["parallel_areas"],
            t["neighbours"],  # type: ignore[arg-type]
            on=on,
        )


def shipped_city(**changes: object) -> City:
    """Return the shipped city's configuration, with changes."""
    return replace(load_city(DATA), **changes)  # type: ignore[arg-type]


def draw(
    picture: str, regions: dict[str, str], districts: str | None = None, city: City | None = None
) -> ToyCity:
    """Draw a city: letters are social spaces, ``regions`` maps each to its region.

    ``districts`` is a second picture of the same size for the parallel level.
    """
    city = city or shipped_city()
    rows = [line.strip() for line in picture.split()]
    second = [line.strip() for line in districts.split()] if districts else rows
    records = []
    for r, line in enumerate(rows):
        for c, letter in enumerate(line):
            if letter == ".":
                continue
            x, y = ORIGIN[0] + c * SIDE, ORIGIN[1] + (len(rows) - r - 1) * SIDE
            records.append(
                {
                    "block_id": f"{r:02d}{c:02d}",
                    "space": letter,
                    "statistical_district_id": second[r][c].lower(),
                    "geometry": shapely.box(x, y, x + SIDE, y + SIDE),
                }
            )
    table = gpd.GeoDataFrame(records, crs=city.crs)
    table["area_km2"] = table.area / 1e6
    blocks = conform(TABLES["blocks"], table, extra=["statistical_district_id"])
    top = city.plan_levels[0].level
    middle, lowest = (city.plan_levels[1].level, city.lowest.level)
    areas = [{"area_id": "city", "level": top, "name": "Stadt", "parent_id": None}]
    for region in dict.fromkeys(regions.values()):
        areas.append({"area_id": region, "level": middle, "name": region, "parent_id": "city"})
    for space, region in regions.items():
        areas.append({"area_id": space, "level": lowest, "name": space, "parent_id": region})
    plan_areas = pd.DataFrame(areas).assign(plan_id="P1")
    plans = pd.DataFrame([{"plan_id": "P1", "name": "eins", "status": "adopted", "block_set": "x"}])
    parallel = pd.DataFrame(
        [
            {"area_id": d, "level": "statistical_district", "name": d, "parent_id": "city"}
            for d in dict.fromkeys(table["statistical_district_id"])
        ]
    )
    assignments = pd.DataFrame(
        {"plan_id": "P1", "block_id": table["block_id"], "area_id": table["space"]}
    )
    neighbours = gpd.GeoDataFrame(
        {"feature_id": ["n"], "kind": ["neighbour"], "name": ["Nachbarstadt"]},
        geometry=[shapely.box(ORIGIN[0] - 2000, ORIGIN[1], ORIGIN[0] - 500, ORIGIN[1] + 500)],
        crs=city.crs,
    )
    return ToyCity(
        city,
        {
            "_rows": pd.DataFrame(np.zeros((len(rows), 1))),
            "blocks": blocks,
            "plans": conform(TABLES["plans"], plans),
            "plan_areas": conform(TABLES["plan_areas"], plan_areas),
            "assignments": conform(TABLES["assignments"], assignments),
            "parallel_areas": conform(TABLES["parallel_areas"], parallel),
            "neighbours": neighbours,
        },
    )


def other_levels() -> City:
    """Return a city with other levels and another zone: nothing is wired to one town."""
    levels = (
        Level("county", {"de": "Kreis"}, {"de": "Kreise"}, None, "plan"),
        Level("municipality", {"de": "Gemeinde"}, {"de": "Gemeinden"}, "county", "plan"),
        Level("social_space", {"de": "Sozialraum"}, {"de": "Sozialräume"}, "municipality", "plan"),
    )
    return shipped_city(city_id="kreis", crs="EPSG:25833", levels=levels, bounds=None)
