"""Real towns as workspaces: their settings, and areas made from what is published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.toy import DATA

_LEVELS = """
[[levels]]
level = "city"
name = { de = "Stadt", en = "City" }
"""
_REGION = """
[[levels]]
level = "region"
name = { de = "Region", en = "Region" }
parent = "city"
"""
_SPACE = """
[[levels]]
level = "social_space"
name = { de = "Sozialraum", en = "Social space" }
parent = "%s"
"""
NORDERSTEDT = (
    """
[city]
id = "norderstedt-real"
name = { de = "Norderstedt", en = "Norderstedt" }
crs = "EPSG:25832"
bounds = [9.85, 53.60, 10.16, 53.81]
"""
    + _LEVELS
    + _REGION
    + _SPACE % "region"
)
FLENSBURG = (
    """
[city]
id = "flensburg"
name = { de = "Flensburg", en = "Flensburg" }
crs = "EPSG:25832"
bounds = [9.30, 54.72, 9.56, 54.87]
"""
    + _LEVELS
    + _SPACE % "city"
)


def settings_of(folder: Path, city: str) -> Path:
    """Write the settings of a real town, with the shipped categories."""
    folder.mkdir(parents=True)
    (folder / "city.toml").write_text(city, encoding="utf-8")
    shutil.copyfile(DATA / "categories.toml", folder / "categories.toml")
    return folder


def write_areas_from_outline(outline: Path, file: Path, latitude: float = 53.699) -> Path:
    """Cut an outline into Nord and Süd at a latitude, each in two at its median longitude.

    The median is that of the area: as much of it lies west as east.
    """
    document = json.loads(outline.read_text(encoding="utf-8"))
    town = shapely.geometry.shape(document["features"][0]["geometry"])
    west, south, east, north = town.bounds
    features = []

    def add(area_id: str, level: str, name: str, parent: str | None, shape: Any) -> None:
        said = {"area_id": area_id, "level": level, "name": name, "parent_id": parent}
        geometry = shapely.geometry.mapping(shape)
        features.append({"type": "Feature", "properties": said, "geometry": geometry})

    for region, name, low, high in (
        ("nord", "Nord", latitude, north),
        ("sued", "Süd", south, latitude),
    ):
        half = shapely.intersection(town, shapely.box(west, low, east, high))
        add(region, "region", name, "norderstedt-real", half)
        middle = _median_longitude(half)
        for side, a, b in (("West", west, middle), ("Ost", middle, east)):
            part = shapely.intersection(half, shapely.box(a, low, b, high))
            add(f"{region}-{side.lower()}", "social_space", f"{name}-{side}", region, part)
    # Corners that one side has and the other lacks would be gaps too thin to see.
    nodes = np.vstack([shapely.get_coordinates(_shape(f)) for f in features])
    for feature in features:
        exact = shapely.snap(_shape(feature), shapely.multipoints(nodes), 1e-12)
        feature["geometry"] = shapely.geometry.mapping(exact)
    file.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    return file


def _shape(feature: Any) -> Any:
    return shapely.geometry.shape(feature["geometry"])


def _median_longitude(shape: Any) -> float:
    west, south, east, north = shape.bounds
    low, high = west, east
    for _ in range(60):
        middle = (low + high) / 2
        left = shapely.intersection(shape, shapely.box(west, south, middle, north)).area
        low, high = (middle, high) if left < shape.area / 2 else (low, middle)
    return round(middle, 9)
