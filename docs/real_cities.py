"""Folders of three real cities: ``python docs/real_cities.py CITY FOLDER`` (see the README).

Writes what ``init --from FOLDER`` needs and nobody publishes as a file: ``city.toml``,
``categories.toml``; for Norderstedt the four areas made from the outline of the city, for
Heidelberg, of which there are the streets only, invented people and youth clubs on both banks
of the Neckar. The data themselves stay where ``SRO_REALDATA`` says and are imported from there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sys
from pathlib import Path

import shapely
from shapely.geometry import LineString, mapping, shape

ROOT = Path(__file__).resolve().parent.parent

TOML = """\
[city]
id = "{id}"
name = {{ de = "{name}", en = "{name}" }}
crs = "EPSG:25832"
bounds = {bounds}
sample_data = {invented}

{levels}

[travel]
detour_factor = 1.3
speeds = [
  {{ age_from = 0, walk_kmh = 2.5, bike_kmh = 7.0 }},
  {{ age_from = 6, walk_kmh = 3.5, bike_kmh = 10.0 }},
  {{ age_from = 10, walk_kmh = 4.0, bike_kmh = 13.0 }},
  {{ age_from = 65, walk_kmh = 3.5, bike_kmh = 12.0 }},
]
"""
LEVELS = {
    "city": ("Stadt", "Städte", "City", "Cities"),
    "region": ("Region", "Regionen", "Region", "Regions"),
    "social_space": ("Sozialraum", "Sozialräume", "Social space", "Social spaces"),
    "district": ("Stadtteil", "Stadtteile", "District", "Districts"),
}
CITIES = {
    "norderstedt": ("Norderstedt", [9.85, 53.60, 10.16, 53.81], ["city", "region", "social_space"]),
    "flensburg": ("Flensburg", [9.33, 54.72, 9.56, 54.87], ["city", "district"]),
    "heidelberg": ("Heidelberg", [8.62, 49.37, 8.75, 49.44], ["city", "district"]),
}
# The Buchenweg, border of the two regions.
NORTH_SOUTH = 53.699
# Heidelberg: squares with people, about 220 m a side, and roughly the middle of the Neckar.
WEST, SOUTH, SQUARE = 8.655, 49.395, (0.003, 0.002)
COLUMNS, ROWS = 18, 16
NECKAR = 49.412


def write_settings(city: str, folder: Path) -> None:
    """Write ``city.toml`` and copy ``categories.toml``."""
    name, bounds, levels = CITIES[city]
    entries, parent = [], ""
    for level in levels:
        de, de_many, en, en_many = LEVELS[level]
        entries.append(
            f'[[levels]]\nlevel = "{level}"\nname = {{ de = "{de}", en = "{en}" }}\n'
            f'plural = {{ de = "{de_many}", en = "{en_many}" }}\n'
            + (f'parent = "{parent}"\n' if parent else "")
        )
        parent = level
    text = TOML.format(
        id=city,
        name=name,
        bounds=bounds,
        levels="\n".join(entries),
        invented="true" if city == "heidelberg" else "false",
    )
    (folder / "city.toml").write_text(text, encoding="utf-8")
    shutil.copyfile(ROOT / "data" / "categories.toml", folder / "categories.toml")


def write_norderstedt_areas(outline_file: Path, file: Path) -> None:
    """Cut the outline at the Buchenweg and each half at the meridian of its centre.

    All cuts are made in one go, so that neighbours share every vertex.
    """
    features = json.loads(outline_file.read_text(encoding="utf-8"))["features"]
    outline = shape(features[0]["geometry"])
    west, south, east, north = outline.bounds
    cuts = [LineString([(west - 1, NORTH_SOUTH), (east + 1, NORTH_SOUTH)])]
    for low, high in ((south - 1, NORTH_SOUTH), (NORTH_SOUTH, north + 1)):
        middle = outline.intersection(shapely.box(west, low, east, high)).centroid.x
        cuts.append(LineString([(middle, low), (middle, high)]))
    lines = shapely.node(shapely.GeometryCollection([outline.boundary, *cuts]))
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    rows = [("nord", "region", "Nord", None), ("sued", "region", "Süd", None)]
    parts: dict[str, list[shapely.Geometry]] = {}
    for piece in pieces:
        spot = piece.representative_point()
        if not outline.contains(spot):
            continue
        half = "nord" if spot.y > NORTH_SOUTH else "sued"
        side = "west" if spot.x < cuts[2 if half == "nord" else 1].coords[0][0] else "ost"
        parts.setdefault(f"{half}-{side}", []).append(piece)
    drawn = [
        {
            "type": "Feature",
            "properties": {
                "area_id": area_id,
                "level": "social_space",
                "name": area_id.replace("sued", "süd").title(),
                "parent_id": area_id.split("-")[0],
            },
            "geometry": mapping(shapely.union_all(shapes)),
        }
        for area_id, shapes in sorted(parts.items())
    ]
    regions = [
        {
            "type": "Feature",
            "properties": {"area_id": i, "level": level, "name": name, "parent_id": parent},
            "geometry": None,
        }
        for i, level, name, parent in rows
    ]
    file.parent.mkdir(exist_ok=True)
    collection = {"type": "FeatureCollection", "features": [*regions, *drawn]}
    file.write_text(json.dumps(collection, ensure_ascii=False, indent=1), encoding="utf-8")


def write_heidelberg(folder: Path) -> None:
    """Write squares with invented children and nine invented youth clubs, always the same."""
    draw = random.Random(3)
    features, people = [], []
    for row in range(ROWS):
        for column in range(COLUMNS):
            block = f"{row:02}{column:02}"
            x, y = WEST + column * SQUARE[0], SOUTH + row * SQUARE[1]
            side = "nord" if y + SQUARE[1] / 2 > NECKAR else "sued"
            square = shapely.box(
                x, y, WEST + (column + 1) * SQUARE[0], SOUTH + (row + 1) * SQUARE[1]
            )
            named = {"block_id": block, "name": f"Quadrat {block}", "district_id": side}
            features.append({"type": "Feature", "properties": named, "geometry": mapping(square)})
            people.append([block, "2025-12-31", 10, 13, draw.randrange(30)])
    areas = [["nord", "district", "Nördlich des Neckars", "heidelberg"]]
    areas += [["sued", "district", "Südlich des Neckars", "heidelberg"]]
    areas += [["heidelberg", "city", "Heidelberg", ""]]
    clubs = []
    for number in range(1, 10):
        lon = WEST + draw.random() * COLUMNS * SQUARE[0]
        # All but one south of the river.
        lat = SOUTH + draw.random() * 0.012 if number > 1 else NECKAR + 0.01
        clubs.append([f"H-{number}", f"Jugendclub {number}", "youth_centre", "active", lon, lat])
    tables = {
        "boundaries/areas.csv": (["area_id", "level", "name", "parent_id"], areas),
        "population/population.csv": (
            ["block_id", "reference_date", "age_from", "age_to", "persons"],
            people,
        ),
        "offers/offers.csv": (["offer_id", "name", "category", "status", "lon", "lat"], clubs),
    }
    for path, (header, rows) in tables.items():
        (folder / path).parent.mkdir(exist_ok=True)
        with (folder / path).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    collection = {"type": "FeatureCollection", "features": features}
    blocks = folder / "boundaries" / "blocks.geojson"
    blocks.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


def main() -> int:
    """Write the folder of one city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", choices=sorted(CITIES))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_settings(options.city, options.folder)
    if options.city == "norderstedt":
        source = os.environ.get("SRO_REALDATA")
        if not source:
            print("Name the folder with the real data in SRO_REALDATA.", file=sys.stderr)
            return 1
        outline = Path(source) / "norderstedt" / "city_outline_simplified.geojson"
        write_norderstedt_areas(outline, options.folder / "boundaries" / "areas.geojson")
    if options.city == "heidelberg":
        write_heidelberg(options.folder)
    print(f"{options.folder}: ready for init --from")
    return 0


if __name__ == "__main__":
    sys.exit(main())
