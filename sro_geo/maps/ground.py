"""The ground of the map: land, green, water, ways, borders and names, packed into one file.

The file is served by its address and kept by the browser, so a rerun sends none of it.
Addresses have no login: only open geometry may go in here, never a figure, never a
protected place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sro_geo.city import City
from sro_geo.maps.assets import publish
from sro_geo.maps.packing import pack

# Ways and ground are drawn thinner than this; borders are kept exactly as they are.
_SIMPLIFY_M = 0.8
# Rows and columns of places tried for an area's name.
_LABEL_GRID = 18
_LABEL_PLACES = 24


@dataclass(frozen=True)
class Ground:
    """A published ground: the file's name and where the city lies.

    ``bounds`` is west, south, east, north in degrees.
    """

    file: str
    bounds: tuple[float, float, float, float]
    size: int


def publish_ground(
    folder: Path,
    *,
    city: City,
    areas: gpd.GeoDataFrame,
    basemap: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
) -> Ground:
    """Pack the ground into ``folder`` and return what the base map needs to know of it.

    Parameters
    ----------
    folder
        Folder that is served; the file is named by its content, so the same ground is
        written once.
    areas, basemap, streets
        Tables as in :mod:`sro_geo.tables`, in a projected CRS in metres.
    """
    data, bounds = encode_ground(city=city, areas=areas, basemap=basemap, streets=streets)
    return Ground(publish(folder, "ground.bin", data), bounds, len(data))


def encode_ground(
    *,
    city: City,
    areas: gpd.GeoDataFrame,
    basemap: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
) -> tuple[bytes, tuple[float, float, float, float]]:
    """Return (bytes of the ground, bounds in degrees); see :func:`publish_ground`."""
    kinds: list[str] = []
    names: list[str] = []
    closed: list[int] = []
    shares: list[int] = []
    parts: list[npt.NDArray[np.float64]] = []

    def add(frame: gpd.GeoDataFrame, kind: pd.Series, *, simplify: bool) -> None:
        """Append the features of ``frame`` with rings and lines as parts."""
        geometry = frame.geometry
        if simplify:
            geometry = geometry.simplify(_SIMPLIFY_M)
        shapes = geometry.to_crs(4326).to_numpy()
        for shape, what, name in zip(shapes, kind, _names(frame), strict=True):
            for lines, ring in ((rings(shape), 1), (_lines(shape), 0)):
                if lines:
                    kinds.append(str(what))
                    names.append(name)
                    closed.append(ring)
                    shares.append(len(lines))
                    parts.extend(lines)

    # Exactly one feature for each area: the ids below are counted off against them.
    drawable = [bool(shape is not None and rings(shape)) for shape in areas.geometry]
    shown = areas[np.array(drawable, dtype=bool)].reset_index(drop=True)
    shown = shown.set_geometry([shapely.MultiPolygon(polygons(s)) for s in shown.geometry])
    if basemap is not None and len(basemap):
        drawn = basemap[basemap.geometry.notna()]
        add(drawn, drawn["kind"], simplify=True)
    if streets is not None and len(streets):
        drawn = streets[streets.geometry.notna()]
        add(drawn, "street:" + drawn["kind"].fillna("residential"), simplify=True)
    around = (
        [
            [name, label_places(shapely.MultiPolygon(polygons(shape)), basemap.crs)]
            for shape, name, kind in zip(
                basemap.geometry, _names(basemap), basemap["kind"], strict=True
            )
            if kind == "neighbour" and name and shape is not None and polygons(shape)
        ]
        if basemap is not None
        else []
    )
    first_area = len(kinds)
    add(shown, "area:" + shown["level"].astype(str), simplify=False)

    west, south, east, north = (float(v) for v in _bounds(city, shown))
    header = {
        "bounds": [round(v, 6) for v in (west, south, east, north)],
        "plan": [level.level for level in city.plan_levels],
        "kinds": kinds,
        "names": names,
        "closed": closed,
        "shares": shares,
        "firstArea": first_area,
        "areas": [str(area_id) for area_id in shown["area_id"]],
        "around": around,
        "places": [label_places(shape, shown.crs) for shape in shown.geometry],
    }
    return pack(header, parts), (west, south, east, north)


def _bounds(city: City, areas: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return where the city lies in degrees: its areas, or what ``city.toml`` says."""
    if len(areas):
        return np.asarray(areas.to_crs(4326).total_bounds)
    return np.asarray(city.bounds or (5.9, 47.3, 15.1, 55.1))


def _names(frame: pd.DataFrame) -> list[str]:
    if "name" not in frame:
        return [""] * len(frame)
    return [str(name) if isinstance(name, str) else "" for name in frame["name"]]


def _flat(shape: Any) -> list[Any]:
    """Return the single parts of ``shape``, however deeply they are nested."""
    if not hasattr(shape, "geoms"):
        return [shape]
    return [part for inner in shape.geoms for part in _flat(inner)]


def polygons(shape: Any) -> list[shapely.Polygon]:
    """Return the polygons in ``shape``, however deeply they are nested."""
    return [p for p in _flat(shape) if p.geom_type == "Polygon" and not p.is_empty]


def rings(shape: Any) -> list[npt.NDArray[np.float64]]:
    """Return every ring of the polygons in ``shape`` as (n, 2), without its last point."""
    return [
        shapely.get_coordinates(ring)[:-1]
        for part in polygons(shape)
        for ring in (part.exterior, *part.interiors)
    ]


def _lines(shape: Any) -> list[npt.NDArray[np.float64]]:
    """Return every line in ``shape`` as (n, 2)."""
    return [
        shapely.get_coordinates(part)
        for part in _flat(shape)
        if part.geom_type in ("LineString", "LinearRing") and not part.is_empty
    ]


def label_places(shape: Any, crs: Any) -> list[list[float]]:
    """Return places for a name in ``shape``, best first: [lon, lat, room in metres].

    A place is a point of a lattice inside the largest part, as far from the border as can
    be; ``room`` is the width of the area there, which the browser compares with the width
    of the text.
    """
    polygon = max(polygons(shape), key=lambda p: p.area)
    west, south, east, north = polygon.bounds
    steps = (np.arange(_LABEL_GRID) + 0.5) / _LABEL_GRID
    x, y = (
        grid.ravel()
        for grid in np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    )
    pole = shapely.get_point(shapely.maximum_inscribed_circle(polygon, 1.0), 0)
    x, y = np.append(x, pole.x), np.append(y, pole.y)
    inside = shapely.contains_xy(polygon, x, y)
    x, y = x[inside], y[inside]
    if not len(x):
        return []
    away = shapely.distance(polygon.boundary, shapely.points(x, y))
    chosen = [int(np.argmax(away))]
    # Spread the rest: not nearer to one another than a third of the best distance.
    for index in np.argsort(-away):
        if len(chosen) == _LABEL_PLACES or away[index] < away.max() * 0.25:
            break
        if min(np.hypot(x[index] - x[c], y[index] - y[c]) for c in chosen) > away.max() * 0.33:
            chosen.append(int(index))
    places = gpd.GeoSeries(gpd.points_from_xy(x[chosen], y[chosen]), crs=crs).to_crs(4326)
    out = []
    for place, index in zip(places, chosen, strict=True):
        level = shapely.LineString([(west - 1, y[index]), (east + 1, y[index])])
        spans = [
            line.bounds
            for line in shapely.get_parts(shapely.intersection(polygon, level))
            if line.bounds[0] <= x[index] <= line.bounds[2]
        ]
        # Twice the shorter side, because the name is centred on its place.
        room = 2 * min(x[index] - spans[0][0], spans[0][2] - x[index]) if spans else 0.0
        out.append([round(place.x, 6), round(place.y, 6), round(float(room))])
    return out
