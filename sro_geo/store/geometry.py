"""GeoPackage geometry blobs to and from shapely: a small header before the WKB.

Layout: https://www.geopackage.org/spec140/#gpb_format. Everything is two-dimensional;
an empty geometry is stored as NULL, because a place without coordinates is missing.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

#: GeoPackage geometry type of each kind of table (:class:`sro_geo.tables.Table`)
GEOMETRY_TYPES = {
    "area": "MULTIPOLYGON",
    "line": "MULTILINESTRING",
    "point": "POINT",
    "any": "GEOMETRY",
}
_POINT, _LINE, _RING, _POLYGON, _MULTILINE, _MULTIPOLYGON = 0, 1, 2, 3, 5, 6
# Size of the envelope by its code in the flags: none, XY, XYZ, XYM, XYZM
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_LITTLE_ENDIAN, _XY_ENVELOPE = 0b1, 0b10
_EMPTY = 0b1_0000
_WKB_POINT = struct.Struct("<BIdd")

Geometries = npt.NDArray[np.object_]


class WrongKind(ValueError):
    """A geometry that its table does not take; ``position`` counts from 0."""

    def __init__(self, position: int, found: str) -> None:
        super().__init__(position, found)
        self.position = position
        self.found = found


def promote(geometries: Sequence[Any] | Geometries, kind: str) -> Geometries:
    """Return geometries as a table of ``kind`` keeps them: flat, multi-part, empty ones None.

    Raises :class:`WrongKind` for the first one that does not belong (a line among areas).
    """
    out: Geometries = np.array(shapely.force_2d(np.asarray(geometries, dtype=object)))
    out[shapely.is_empty(out)] = None
    types = shapely.get_type_id(out)
    if kind == "area":
        out = _multi(out, types == _POLYGON, shapely.multipolygons)
    elif kind == "line":
        out = _multi(out, (types == _LINE) | (types == _RING), shapely.multilinestrings)
    allowed = {"area": _MULTIPOLYGON, "line": _MULTILINE, "point": _POINT}.get(kind)
    if allowed is not None:
        types = shapely.get_type_id(out)
        if len(wrong := np.flatnonzero((types != allowed) & (types != -1))):
            raise WrongKind(int(wrong[0]), out[wrong[0]].geom_type)
    return out


def _multi(geometries: Geometries, single: npt.NDArray[np.bool_], build: Any) -> Geometries:
    if single.any():
        geometries[single] = build(geometries[single], indices=np.arange(single.sum()))
    return geometries


def encode(geometries: Geometries, srs_id: int) -> list[bytes | None]:
    """Return GeoPackage blobs; None stays None. Points carry no envelope, like GDAL's."""
    wkb = shapely.to_wkb(geometries, byte_order=1, output_dimension=2, flavor="iso")
    bounds = shapely.bounds(geometries)
    points = shapely.get_type_id(geometries) == _POINT
    plain = struct.pack("<2sBBi", b"GP", 0, _LITTLE_ENDIAN, srs_id)
    start = struct.pack("<2sBBi", b"GP", 0, _LITTLE_ENDIAN | _XY_ENVELOPE, srs_id)
    envelopes = np.ascontiguousarray(bounds[:, [0, 2, 1, 3]], dtype="<f8")
    return [
        None
        if blob is None
        else (plain + blob if point else start + envelopes[position].tobytes() + blob)
        for position, (blob, point) in enumerate(zip(wkb, points, strict=True))
    ]


def decode(blobs: Sequence[bytes | None]) -> Geometries:
    """Return shapely geometries; raises ``ValueError`` or a shapely error for a broken blob."""
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = [None if blob is None else blob[_wkb_start(blob) :] for blob in blobs]
    return np.asarray(shapely.from_wkb(wkb), dtype=object)


def _wkb_start(blob: bytes) -> int:
    if blob[:2] != b"GP" or len(blob) < 8:
        raise ValueError("not a GeoPackage geometry")
    code = (blob[3] >> 1) & 0b111
    if code >= len(_ENVELOPE_BYTES):
        raise ValueError("unknown envelope")
    return 8 + _ENVELOPE_BYTES[code]


def _bound(blob: bytes | None, position: int) -> float | None:
    """Return min x, max x, min y or max y (``position`` 0 to 3), as the R-tree triggers ask."""
    if blob is None or blob[3] & _EMPTY:
        return None
    flags = blob[3]
    if (flags >> 1) & 0b111:
        order = "<" if flags & _LITTLE_ENDIAN else ">"
        return float(struct.unpack_from(f"{order}d", blob, 8 + 8 * position)[0])
    if blob[8] == 1 and len(blob) == 8 + _WKB_POINT.size:
        return float(_WKB_POINT.unpack_from(blob, 8)[2 + position // 2])
    west, south, east, north = shapely.bounds(decode([blob])[0])
    return float((west, east, south, north)[position])


def _is_empty(blob: bytes | None) -> int | None:
    return None if blob is None else int(bool(blob[3] & _EMPTY))


#: The functions that the R-tree triggers of a GeoPackage call
SQL_FUNCTIONS = {
    "ST_MinX": lambda blob: _bound(blob, 0),
    "ST_MaxX": lambda blob: _bound(blob, 1),
    "ST_MinY": lambda blob: _bound(blob, 2),
    "ST_MaxY": lambda blob: _bound(blob, 3),
    "ST_IsEmpty": _is_empty,
}
