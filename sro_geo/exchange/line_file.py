"""A line drawn elsewhere: GeoJSON, in degrees or in the CRS it states."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from sro_geo.city import City
from sro_geo.errors import InputRefused, SroError
from sro_geo.exchange.geojson import read_geojson
from sro_geo.exchange.placing import placed
from sro_geo.exchange.reading import MAX_BYTES, decode, file_name, read_bytes
from sro_geo.exchange.records import FaultLog

_LINES = ("LineString", "MultiLineString")


def read_line(source: Path | bytes, city: City, *, name: str | None = None) -> shapely.Geometry:
    """Return all lines of a GeoJSON file as one shape in the city's CRS.

    A bare geometry will do as well as features; shapes of other kinds are left aside.

    Raises
    ------
    InputRefused, SroError
        For a file that cannot be read; ``line_file_empty`` where it holds no line.
    """
    file = file_name(source, name)
    log = FaultLog(file)
    text, encoding = decode(read_bytes(source, file, MAX_BYTES), file, "", log)
    records = read_geojson(_as_feature(text), file, encoding, log)
    assert records.geometry is not None
    if any(fault.severity == "error" for fault in log.faults):
        raise InputRefused(file, log.closed())
    kinds = [getattr(shape, "geom_type", "") in _LINES for shape in records.geometry]
    own = records.part(np.array(kinds, bool))
    if not len(own) or own.geometry is None:
        raise SroError("line_file_empty", file=file)
    shapes, _ = placed(own.geometry, own.crs, city, own.rows, log, outside="unsaid")
    if any(fault.severity == "error" for fault in log.faults):
        raise InputRefused(file, log.closed())
    parts = shapely.get_parts(shapes)
    return parts[0] if len(parts) == 1 else shapely.multilinestrings(parts)


def _as_feature(text: str) -> str:
    """Return a bare line as a feature; anything else as it is."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return text  # whoever reads it next says what is wrong, and where
    if isinstance(raw, dict) and raw.get("type") in _LINES:
        return json.dumps({"type": "Feature", "properties": {}, "geometry": raw})
    return text
