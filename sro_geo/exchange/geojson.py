"""GeoJSON, read with the json module and shapely: nothing in it can open another file."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import shapely

from sro_geo.errors import SroError
from sro_geo.exchange.records import FaultLog, Records
from sro_geo.exchange.tabular import MAX_COLUMNS, MAX_ROWS

_NAMED_CRS = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?::|[\d.]+:)?(\d{4,6})", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:(?:1\.3:)?(?:2:)?CRS84h?", re.IGNORECASE)
_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_DEEPEST = 5  # lists within lists of a property


class _Wrong(Exception):
    """A shape that cannot be built; the code says why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read_geojson(text: str, name: str, encoding: str, log: FaultLog) -> Records:
    """Return the features of a collection: properties as text, shapes in the CRS stated.

    Heights are dropped and unclosed rings closed, both said; NaN, infinite or missing
    coordinates are faults of their feature.
    """
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as why:
        reason = f"{why.msg} (line {why.lineno}, column {why.colno})"
        raise SroError("file_malformed", file=name, format="GeoJSON", reason=reason) from None
    except (ValueError, RecursionError) as why:
        reason = type(why).__name__
        raise SroError("file_malformed", file=name, format="GeoJSON", reason=reason) from None
    features = _features(raw, name)
    if len(features) > MAX_ROWS:
        raise SroError("too_many_rows", file=name, limit=MAX_ROWS)
    crs = _crs(raw.get("crs"), log)
    rows = np.arange(1, len(features) + 1, dtype=np.int64)
    shapes = np.empty(len(features), object)
    raised = np.zeros(len(features), bool)
    properties: list[dict[str, str | None]] = []
    for position, feature in enumerate(features):
        row = position + 1
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            log.add("feature_malformed", row=row)
            properties.append({})
            continue
        properties.append(_properties(feature))
        try:
            shapes[position], raised[position] = _shape(feature.get("geometry"), row, log)
        except _Wrong as wrong:
            log.add(wrong.code, row=row, column="geometry", **wrong.params)
    log.counted("height_dropped", raised, rows, column="geometry")
    columns: dict[str, np.ndarray] = {}
    named = dict.fromkeys(key for record in properties for key in record)
    if len(named) > MAX_COLUMNS:
        # A name of its own in every feature would make a table of features × features.
        raise SroError("too_many_columns", file=name, limit=MAX_COLUMNS)
    for column in named:
        values = np.empty(len(features), object)
        values[:] = [record.get(column) for record in properties]
        columns[column] = values
    if not features:
        log.add("no_rows")
    return Records(name, columns, rows, shapes, crs, encoding, "")


def _features(raw: Any, name: str) -> list[Any]:
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind == "Feature":
        return [raw]
    if kind == "FeatureCollection" and isinstance(raw.get("features"), list):
        return list(raw["features"])
    reason = f"type {kind!r}"[:60] if kind is not None else "no type"
    raise SroError("file_malformed", file=name, format="GeoJSON", reason=reason)


def _crs(member: Any, log: FaultLog) -> str:
    """Return ``EPSG:…`` for the member ``crs``, empty where there is none."""
    if member is None:
        return ""
    name = None
    if isinstance(member, dict) and isinstance(member.get("properties"), dict):
        name = member["properties"].get("name")
    if isinstance(name, str):
        if _CRS84.fullmatch(name.strip()):
            return "EPSG:4326"
        if match := _NAMED_CRS.fullmatch(name.strip()):
            return f"EPSG:{match[1]}"
    log.add("crs_unknown", column="crs", value=str(name or member)[:80])
    return ""


def _properties(feature: dict[str, Any]) -> dict[str, str | None]:
    out: dict[str, str | None] = {}

    def put(key: str, value: Any, depth: int) -> None:
        if isinstance(value, dict) and depth < 5:
            for inner, part in value.items():
                put(f"{key}.{inner}", part, depth + 1)
        else:
            out[key] = _text(value)

    for key, value in (feature.get("properties") or {}).items():
        put(str(key), value, 0)
    if feature.get("id") is not None and "id" not in out:
        out["id"] = _text(feature["id"])
    return out


def _text(value: Any, depth: int = 0) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, list) and depth < _DEEPEST:
        return "; ".join(_text(part, depth + 1) or "" for part in value[:100]) or None
    if isinstance(value, list):
        return "…"
    try:
        return str(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return "…"


def _shape(geometry: Any, row: int, log: FaultLog) -> tuple[shapely.Geometry | None, bool]:
    """Return (shape or None, had heights)."""
    if geometry is None:
        return None, False
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list) or any(
            isinstance(p, dict) and p.get("type") == "GeometryCollection" for p in parts
        ):
            raise _Wrong("geometry_malformed", type="GeometryCollection")
        built = [_shape(part, row, log) for part in parts]
        shapes = [shape for shape, _ in built if shape is not None]
        return (shapely.GeometryCollection(shapes) if shapes else None), any(z for _, z in built)
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise _Wrong("geometry_malformed", type=str(kind)[:40])
    coordinates = geometry.get("coordinates")
    if not coordinates:
        raise _Wrong("geometry_empty", type=kind)
    heights: list[bool] = []
    closed: list[bool] = []

    def line(points: Any, fewest: int, *, ring: bool = False) -> np.ndarray:
        xy, high = _positions(points, kind)
        heights.append(high)
        if ring and len(xy) >= 3 and not np.array_equal(xy[0], xy[-1]):
            xy = np.vstack([xy, xy[:1]])
            closed.append(True)
        if len(xy) < fewest:
            raise _Wrong("geometry_too_short", type=kind, count=len(xy))
        return xy

    def area(rings: Any) -> shapely.Polygon:
        if not isinstance(rings, list) or not rings:
            raise _Wrong("geometry_empty", type=kind)
        built = [line(ring, 4, ring=True) for ring in rings]
        return shapely.Polygon(built[0], built[1:])

    if _DEPTH[kind] > 0 and not isinstance(coordinates, list):
        raise _Wrong("geometry_malformed", type=kind)
    shape: shapely.Geometry
    if kind == "Point":
        shape = shapely.Point(line([coordinates], 1)[0])
    elif kind == "MultiPoint":
        shape = shapely.MultiPoint(line(coordinates, 1))
    elif kind == "LineString":
        shape = shapely.LineString(line(coordinates, 2))
    elif kind == "MultiLineString":
        shape = shapely.MultiLineString([line(part, 2) for part in coordinates])
    elif kind == "Polygon":
        shape = area(coordinates)
    else:
        shape = shapely.MultiPolygon([area(part) for part in coordinates])
    if closed:
        log.add("ring_unclosed", row=row, column="geometry", severity="repair")
    return shape, any(heights)


def _positions(points: Any, kind: str) -> tuple[np.ndarray, bool]:
    """Return an (n, 2) array of finite coordinates, and whether there were heights."""
    if not isinstance(points, list) or not points:
        raise _Wrong("geometry_empty", type=kind)
    out = np.empty((len(points), 2), float)
    high = False
    for at, point in enumerate(points):
        if not isinstance(point, list) or len(point) < 2:
            raise _Wrong("geometry_malformed", type=kind)
        x, y = point[0], point[1]
        if type(x) not in (int, float) or type(y) not in (int, float):
            if x is None or y is None:
                raise _Wrong("geometry_not_finite", type=kind)
            raise _Wrong("geometry_malformed", type=kind)
        try:
            out[at] = x, y
        except (OverflowError, ValueError):
            raise _Wrong("geometry_not_finite", type=kind) from None
        high = high or len(point) > 2
    if not np.isfinite(out).all():
        raise _Wrong("geometry_not_finite", type=kind)
    return out, high
