"""A second small city with other levels and another zone, written as files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyproj
import shapely

CRS = "EPSG:25833"
SIDE = 500.0
CORNER = (420_000.0, 5_920_000.0)
# Letters are social spaces (a, b: Altdorf; c: Neudorf), rows from north to south.
PICTURE = ("aabbcc", "aabbcc", "aabccc")

CITY_TOML = """
[city]
id = "musterkreis"
name = { de = "Musterkreis", en = "Model county" }
crs = "EPSG:25833"

[[levels]]
level = "kreis"
name = { de = "Kreis", en = "County" }

[[levels]]
level = "gemeinde"
name = { de = "Gemeinde", en = "Municipality" }
parent = "kreis"

[[levels]]
level = "sozialraum"
name = { de = "Sozialraum", en = "Social space" }
parent = "gemeinde"
"""

CATEGORIES_TOML = """
[[groups]]
group = "treff"
name = { de = "Treffpunkte", en = "Meeting places" }
symbol = "circle"
colour = "#11366b"

[[categories]]
category = "dorftreff"
name = { de = "Dorftreff", en = "Village hall" }
group = "treff"

[[categories]]
category = "spielmobil"
name = { de = "Spielmobil", en = "Play bus" }
group = "treff"
"""

_DEGREES = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)


def metres(column: float, row: float) -> tuple[float, float]:
    """Return metres of a place given in blocks from the north-west corner."""
    return CORNER[0] + column * SIDE, CORNER[1] - row * SIDE


def lat_lon(column: float, row: float) -> tuple[float, float]:
    """Return (lat, lon) of a place given in blocks from the north-west corner."""
    lon, lat = _DEGREES.transform(*metres(column, row))
    return lat, lon


def feature(shape: shapely.Geometry, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature of a shape in metres."""
    moved = shapely.transform(shape, lambda c: _to_degrees(c))
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": shapely.geometry.mapping(moved),
    }


def _to_degrees(coordinates: Any) -> Any:
    import numpy as np

    return np.column_stack(_DEGREES.transform(coordinates[:, 0], coordinates[:, 1]))


def cell(column: float, row: float, columns: float = 1, rows: float = 1) -> shapely.Polygon:
    """Return a rectangle given in blocks from the north-west corner."""
    x, y = metres(column, row)
    return shapely.box(x, y - rows * SIDE, x + columns * SIDE, y)


def write_features(file: Path, features: list[dict[str, Any]]) -> Path:
    """Write a GeoJSON file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"type": "FeatureCollection", "features": features}
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def write_rows(file: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a CSV file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def block_features(*, assigned: bool = True) -> list[dict[str, Any]]:
    """Return the blocks of the picture, ids like ``r1c2``."""
    out = []
    for row, line in enumerate(PICTURE):
        for column, letter in enumerate(line):
            said = {"sozialraum_id": letter} if assigned else {}
            out.append(feature(cell(column, row), block_id=f"r{row}c{column}", **said))
    return out


AREAS = [
    {"area_id": "kreis", "level": "kreis", "name": "Musterkreis", "parent_id": ""},
    {"area_id": "alt", "level": "gemeinde", "name": "Altdorf", "parent_id": "kreis"},
    {"area_id": "neu", "level": "gemeinde", "name": "Neudorf", "parent_id": "kreis"},
    {"area_id": "a", "level": "sozialraum", "name": "Am Anger", "parent_id": "alt"},
    {"area_id": "b", "level": "sozialraum", "name": "Bahnhof", "parent_id": "alt"},
    {"area_id": "c", "level": "sozialraum", "name": "Am See", "parent_id": "neu"},
]


def write_settings(folder: Path) -> Path:
    """Write ``city.toml`` and ``categories.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(CITY_TOML, encoding="utf-8")
    (folder / "categories.toml").write_text(CATEGORIES_TOML, encoding="utf-8")
    return folder


def write_second_city(folder: Path) -> Path:
    """Write the whole city in the standard layout."""
    write_settings(folder)
    write_rows(folder / "boundaries/areas.csv", AREAS)
    write_features(folder / "boundaries/blocks.geojson", block_features())
    people = [
        {
            "block_id": f"r{row}c{column}",
            "reference_date": "2025-12-31",
            "age_from": low,
            "age_to": high,
            "persons": 10,
        }
        for row, line in enumerate(PICTURE)
        for column, _ in enumerate(line)
        for low, high in ((0, 17), (18, ""))
    ]
    write_rows(folder / "population/population.csv", people)
    write_rows(folder / "offers/providers.csv", [{"provider_id": "k", "name": "Kreisjugendring"}])
    lat, lon = lat_lon(0.5, 0.5)
    offer = {"provider_id": "k", "status": "active", "verified_on": "2026-10-01"}
    write_rows(
        folder / "offers/offers.csv",
        [
            {
                "offer_id": "1",
                "name": "Treff am Anger",
                "category": "dorftreff",
                **offer,
                "service_area": "",
                "address": "Anger 1",
                "lat": lat,
                "lon": lon,
            },
            {
                "offer_id": "2",
                "name": "Spielmobil",
                "category": "spielmobil",
                **offer,
                "service_area": "neu",
                "address": "",
                "lat": "",
                "lon": "",
            },
        ],
    )
    teams = [{"team_id": "t", "name": "Team Land", "contact": "Tel. 1", "office_hours": ""}]
    write_rows(folder / "steering/teams.csv", teams)
    write_rows(
        folder / "steering/responsibilities.csv",
        [{"area_id": "kreis", "team_id": "t", "valid_from": "2020-01-01", "valid_to": ""}],
    )
    return folder
