"""Small files as users write them, and what a workspace of four blocks knows."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from sro_geo.exchange import Known, Prepared, prepare
from sro_geo.tables import TABLES, conform
from tests.toy import ORIGIN, ToyCity, draw, shipped_city

CITY = shipped_city()
TOY: ToyCity = draw("AB CD", {"A": "nord", "B": "nord", "C": "sued", "D": "sued"})
LEVELS = ["area_id", "level", "name", "parent_id"]
KNOWN = Known(
    blocks=TOY.tables["blocks"],  # type: ignore[arg-type]
    areas=pd.concat([TOY.tables["plan_areas"][LEVELS], TOY.tables["parallel_areas"][LEVELS]]),
)
_TO_DEGREES = pyproj.Transformer.from_crs(25832, 4326, always_xy=True)


def degrees(east: float, north: float) -> tuple[float, float]:
    """Return (lon, lat) of metres from the south-west corner of the toy city."""
    lon, lat = _TO_DEGREES.transform(ORIGIN[0] + east, ORIGIN[1] + north)
    return round(lon, 7), round(lat, 7)


def csv_bytes(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """Return a CSV file of these lines."""
    return (end.join(lines) + end).encode(encoding)


def square(east: float, north: float, side: float = 100) -> dict[str, Any]:
    """Return a GeoJSON square in degrees."""
    ring = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    return {
        "type": "Polygon",
        "coordinates": [[list(degrees(east + x, north + y)) for x, y in ring]],
    }


def point(east: float, north: float) -> dict[str, Any]:
    """Return a GeoJSON point in degrees."""
    return {"type": "Point", "coordinates": list(degrees(east, north))}


def geojson_bytes(
    features: Sequence[tuple[Mapping[str, Any], Any]], crs: str | None = None
) -> bytes:
    """Return a GeoJSON file of (properties, geometry)."""
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": dict(p), "geometry": g} for p, g in features
        ],
    }
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(document).encode()


def xlsx_bytes(rows: Sequence[Sequence[Any]], **more: Any) -> bytes:
    """Return a workbook of one sheet; ``merge`` names cells to merge."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if "merge" in more:
        sheet.merge_cells(more["merge"])
    for title in more.get("sheets", ()):
        book.create_sheet(title).append(["x"])
    for cell, style in more.get("formats", {}).items():
        sheet[cell].number_format = style
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def take(kind: str, data: bytes, name: str = "datei.csv", **more: Any) -> Prepared:
    """Prepare a file against the toy city."""
    more.setdefault("known", KNOWN)
    return prepare(kind, data, more.pop("city", CITY), name=name, **more)


def codes(prepared: Prepared, severity: str | None = None) -> list[str]:
    """Return the codes of the faults, in order."""
    return [f.code for f in prepared.faults if severity in (None, f.severity)]


def places(*rows: tuple[str, str | None, float | None, float | None]) -> gpd.GeoDataFrame:
    """Return the table ``locations`` of (id, address, metres east, metres north)."""
    shapes = [
        None if e is None else shapely.Point(ORIGIN[0] + e, ORIGIN[1] + n) for *_, e, n in rows
    ]  # type: ignore[operator]
    frame = gpd.GeoDataFrame(
        {"location_id": [r[0] for r in rows], "address": [r[1] for r in rows]},
        geometry=gpd.GeoSeries(shapes, crs=CITY.crs),
    )
    return conform(TABLES["locations"], frame)  # type: ignore[return-value]
