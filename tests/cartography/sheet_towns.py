"""Towns for the tests of static maps: the shipped one, real outlines, an invented large one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.toy import DATA

REAL = Path(os.environ.get("SRO_REALDATA", "/nowhere"))
CRS = "EPSG:25832"
SYLLABLES = ("Mühlen", "Stein", "Birken", "Linden", "Nord", "Ochsen", "Wiesen", "See", "Kirch",
             "Hummels", "Süd", "Alt", "Bahnhof-", "Hafen", "Rosen", "Am ", "Groß ")  # fmt: skip
ENDS = ("berg", "feld", "moor", "hof", "heide", "kamp", "grund", "viertel", "bruch", "park",
        "stadt", "Ost", "West")  # fmt: skip


@dataclass(frozen=True)
class SheetTown:
    """Areas with names, the ground below them, and points inside."""

    areas: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame | None
    points: np.ndarray


@cache
def shipped(level: str = "statistical_district") -> SheetTown:
    """The shipped city: its twelve districts, or its four spaces."""
    blocks = gpd.read_file(DATA / "boundaries" / "blocks.geojson").to_crs(CRS)
    names = pd.read_csv(DATA / "boundaries" / "areas.csv", dtype=str).set_index("area_id")["name"]
    areas = blocks.dissolve(f"{level}_id").reset_index()
    areas = areas.rename(columns={f"{level}_id": "area_id"})[["area_id", "geometry"]]
    areas["name"] = areas["area_id"].map(names)
    ground = gpd.read_file(DATA / "boundaries" / "basemap.geojson").to_crs(CRS)
    streets = gpd.read_file(DATA / "boundaries" / "streets.geojson").to_crs(CRS)
    main = streets[streets["kind"] == "main"][["kind", "geometry"]]
    ground = pd.concat([ground[["kind", "geometry"]], main], ignore_index=True)
    return SheetTown(areas, gpd.GeoDataFrame(ground, crs=CRS), _points(areas, 60))


@cache
def invented(count: int = 60, seed: int = 3) -> SheetTown:
    """A round city of ``count`` spaces with borders that are not straight, a river, roads."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    far = 5200 * (1 + 0.09 * np.sin(3 * turn + 1) + 0.05 * np.sin(7 * turn))
    x, y = 566_000 + np.cos(turn) * far * 1.35, 5_950_000 + np.sin(turn) * far
    edge = np.column_stack([x, y])
    areas = _cut(shapely.Polygon(edge), count, rng)
    west, south, east, north = areas.total_bounds
    x = np.linspace(west - 2000, east + 2000, 60)
    wave = (south + north) / 2 + 700 * np.sin(x / 1500)
    river = shapely.LineString(np.column_stack([x, wave])).buffer(90)
    roads = [
        shapely.LineString([(west - 2000, south + k * 2500), (east + 2000, south + k * 3300)])
        for k in range(4)
    ]
    rail = shapely.LineString(np.column_stack([x, wave - 1700 + 0.1 * (x - west)]))
    ground = gpd.GeoDataFrame(
        {"kind": ["water", *["road"] * 4, "rail"]}, geometry=[river, *roads, rail], crs=CRS
    )
    return SheetTown(areas, ground, _points(areas, 90))


@cache
def norderstedt() -> SheetTown:
    """The real outline of Norderstedt with twelve invented spaces."""
    outline = gpd.read_file(REAL / "norderstedt" / "city_outline_simplified.geojson").to_crs(CRS)
    areas = _cut(outline.geometry.union_all(), 12, np.random.default_rng(5))
    return SheetTown(areas, None, _points(areas, 40))


@cache
def flensburg() -> SheetTown:
    """The thirteen real districts of Flensburg."""
    found = gpd.read_file(REAL / "flensburg" / "stadtteile.geojson").to_crs(CRS)
    own = {str(c).lower(): c for c in found.columns}
    areas = found.rename(columns={own["area_id"]: "area_id", own["area_name"]: "name"})
    areas = areas[["area_id", "name", "geometry"]]
    return SheetTown(areas, None, _points(areas, 40))


def _cut(outline: shapely.Geometry, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Cut an outline into cells around evenly spread points, with wavy borders."""
    west, south, east, north = outline.bounds
    seeds = rng.uniform((west, south), (east, north), (count * 40, 2))
    seeds = seeds[shapely.contains_xy(outline, seeds[:, 0], seeds[:, 1])]
    chosen = [seeds[0]]
    while len(chosen) < count:
        away = np.min([np.hypot(*(seeds - c).T) for c in chosen], axis=0)
        chosen.append(seeds[int(np.argmax(away * rng.uniform(0.5, 1, len(seeds))))])
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(chosen), extend_to=outline)
    )
    size = np.sqrt(outline.area / count)

    def wavy(c: np.ndarray) -> np.ndarray:
        return c + 0.07 * size * np.column_stack(
            [np.sin(c[:, 1] / size * 5.0), np.sin(c[:, 0] / size * 4.3)]
        )

    cells = shapely.transform(shapely.segmentize(cells, size / 12), wavy)
    cells = shapely.intersection(cells, outline)
    cells = np.array([max(shapely.get_parts(c), key=lambda p: p.area) for c in cells])
    names: list[str] = []
    while len(names) < count:
        name = f"{rng.choice(SYLLABLES)}{rng.choice(ENDS)}"
        if name not in names:
            names.append(name)
    ids = [f"a{i:02d}" for i in range(count)]
    return gpd.GeoDataFrame({"area_id": ids, "name": names}, geometry=cells, crs=CRS)


def _points(areas: gpd.GeoDataFrame, count: int) -> np.ndarray:
    """Return points inside the areas, some of them close together."""
    rng = np.random.default_rng(8)
    west, south, east, north = areas.total_bounds
    tried = rng.uniform((west, south), (east, north), (count * 6, 2))
    whole = areas.geometry.union_all()
    return tried[shapely.contains_xy(whole, tried[:, 0], tried[:, 1])][:count]
