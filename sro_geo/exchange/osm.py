"""OpenStreetMap: is a file an extract of it, and who may use which way."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import shapely

from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.exchange.apart import read_apart
from sro_geo.exchange.records import FaultLog, Records, words

#: Who takes in a file of a whole state wants the streets of the city: of files larger than
#: this, streets further than the margin beyond the bounds of the city are left.
WHOLE_UP_TO = 20 << 20
MARGIN_KM = 5.0
_XML = re.compile(rb"<(?:!DOCTYPE\s+)?osm[\s>]")

# Ways nobody can travel on (yet), and those where people walk but do not ride.
UNBUILT = words("construction proposed planned abandoned razed demolished disused")
_NOBODY = UNBUILT | words(
    "motorway motorway_link bus_guideway busway escape via_ferrata raceway no rest_area services"
)
_NOT_BY_DEFAULT = words("trunk trunk_link")
_ON_FOOT = words("footway pedestrian steps corridor platform elevator access_ramp bridleway ladder")
_YES = words("yes designated permissive official")
_NO = words("no private military")


def open_to(
    highway: str, foot: str | None, bicycle: str | None, access: str | None
) -> tuple[bool, bool]:
    """Return whether people may walk, and cycle, on a way with these tags.

    What is said of one mode goes before ``access``, and both before what is usual for the
    kind of way. Motorways are for neither whatever is said; trunk roads, and riding on
    footways and steps, only where it is said.
    """
    if highway in _NOBODY:
        return False, False
    usual = access not in _NO
    walk = usual and highway not in _NOT_BY_DEFAULT
    bike = walk and highway not in _ON_FOOT
    if foot is not None:
        walk = foot in _YES or (walk and foot not in _NO)
    if bicycle is not None:
        bike = bicycle in _YES or (bike and bicycle not in (*_NO, "dismount"))
    return walk, bike


def ways_open(
    highway: np.ndarray, foot: np.ndarray, bicycle: np.ndarray, access: np.ndarray
) -> tuple[list[bool | None], list[bool | None]]:
    """Return :func:`open_to` of many ways, None where no tag says what a way is."""
    known: dict[tuple[str | None, ...], tuple[bool | None, bool | None]] = {}
    walk: list[bool | None] = []
    bike: list[bool | None] = []
    for tags in zip(highway, foot, bicycle, access, strict=True):
        if tags not in known:
            known[tags] = open_to(*tags) if tags[0] is not None else (None, None)
        walk.append(known[tags][0])
        bike.append(known[tags][1])
    return walk, bike


def unbuilt(highway: np.ndarray) -> np.ndarray:
    """Return a mask: ways that are planned, being built or gone."""
    return np.array([value in UNBUILT for value in highway], bool)


def osm_suffix(source: Path | bytes, name: str) -> str:
    """Return ``.osm.pbf`` or ``.osm`` for an extract of OpenStreetMap, else nothing.

    Raises
    ------
    SroError
        ``file_not_osm`` for a file that only calls itself one; ``file_empty``.
    """
    if isinstance(source, bytes):
        start = source[:4096]
    else:
        if not source.is_file():
            return ""  # said by whoever reads it
        try:
            with source.open("rb") as stream:
                start = stream.read(4096)
        except OSError:
            return ""
    if b"OSMHeader" in start[:64]:
        return ".osm.pbf"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _XML.search(start):
        return ".osm"
    if Path(name).suffix.lower() in (".pbf", ".osm"):
        if not start.strip(b"\x00 \t\r\n"):
            raise SroError("file_empty", file=name)
        raise SroError("file_not_osm", file=name)
    return ""


def read_osm(source: Path | bytes, name: str, suffix: str, city: City, log: FaultLog) -> Records:
    """Return the ways of an extract; of a large one, those near the city."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    bounds = city.bounds if size > WHOLE_UP_TO else None
    if bounds is not None:
        west, south, east, north = bounds
        up = MARGIN_KM / 111.2
        aside = up / max(0.1, float(np.cos(np.radians((south + north) / 2))))
        bounds = (west - aside, south - up, east + aside, north + up)
        log.add("streets_clipped", severity="note", column="geometry", km=MARGIN_KM)
    records = read_apart("osm", source, name, suffix, bounds=bounds)
    if records.geometry is not None and len(records):
        # A square is walked along its edge.
        area = shapely.get_dimensions(records.geometry) == 2
        records.geometry[area] = shapely.boundary(records.geometry[area])
    else:
        log.add("streets_none")
    return records
