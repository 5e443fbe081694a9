"""Read a file with GDAL, alone in a process of its own, and write down what it holds.

``python -m sro_geo.exchange.reader FORM FILE FOLDER WISHES`` is started by
:mod:`sro_geo.exchange.apart`, never by a person. The process gives up what it does not need
before it looks at the file: time, memory, room on the disk, and every GDAL driver but those
of the form. Nothing in the file can make it open another file or an address.

It leaves ``records.npz`` in FOLDER, or ``said.json`` with the code of an error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

#: Every vector driver of GDAL as pyogrio brings it; all but those wanted are switched off.
#: The process refuses to work where one is left over (a newer GDAL): then it belongs here.
# fmt: off
DRIVERS = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRI Shapefile", "ESRIJSON", "Elasticsearch", "FlatGeobuf", "GDALG", "GML",
    "GPKG", "GPSBabel", "GPX", "GTFS", "GeoJSON", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML",
    "JSONFG", "KML", "LIBKML", "LVBAG", "MBTiles", "MEM", "MVT", "MapInfo File", "MapML",
    "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM",
    "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite",
    "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)
# fmt: on
ALLOWED: Mapping[str, tuple[str, ...]] = {"osm": ("OSM",)}

_TAGS = ("foot", "bicycle", "access", "motorroad", "vehicle", "highway")
_TAG = re.compile(rf'"({"|".join(_TAGS)})"=>"((?:[^"\\]|\\.)*)"')

_NO_MEMORY = re.compile("memory|failed to map|bad_alloc", re.IGNORECASE)


class _Said(Exception):
    """What is wrong with the file: the code of an error and its parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.said = {"code": code, "params": params}


def main(arguments: list[str]) -> int:
    """Read the file, return the exit status: 0 records, 3 something is wrong with the file."""
    form, file, folder, wishes = arguments
    want = json.loads(wishes)
    _restrict(want["seconds"], want["memory_mb"])
    os.environ["GDAL_SKIP"] = ",".join(d for d in DRIVERS if d not in ALLOWED[form])
    try:
        _FORMS[form](Path(file), Path(folder), want)
    except _Said as wrong:
        (Path(folder) / "said.json").write_text(json.dumps(wrong.said), encoding="utf-8")
        return 3
    except (MemoryError, ImportError) as why:
        # A library that no longer fits into the memory is "not found".
        if isinstance(why, MemoryError) or _NO_MEMORY.search(str(why)):
            return 4
        raise
    return 0


def _restrict(seconds: int, memory_mb: int) -> None:
    """Give up everything beyond these limits; on Windows only the time is kept, outside."""
    try:
        import resource
    except ImportError:
        return
    for what, limit in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, seconds + 5),
        (resource.RLIMIT_FSIZE, memory_mb << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (limit, limit))


def _read_osm(file: Path, folder: Path, want: Mapping[str, Any]) -> None:
    if file.suffix == ".osm":
        _check_xml(file)
    reading = _pyogrio("osm")
    bounds = tuple(want["bounds"]) if want["bounds"] else None
    rows: list[tuple[str | None, ...]] = []
    shapes: list[bytes] = []
    # Squares people may cross are polygons to GDAL: their highway is among the other tags.
    for layer, where in (
        ("lines", "highway IS NOT NULL"),
        ("multipolygons", "other_tags LIKE '%\"highway\"=>%'"),
    ):
        columns = ["osm_id", "osm_way_id", "name", "highway", "other_tags"]
        found = reading(file, layer, columns, where, bounds, None)
        if bounds and layer == "lines" and not len(found[1]):
            elsewhere = reading(file, layer, columns, where, None, 500)
            if len(elsewhere[1]):
                _elsewhere(elsewhere[1])
        table, wkb = found
        shapes.extend(wkb)
        size = len(wkb)
        empty = [None] * size
        ids, ways = table.get("osm_id", empty), table.get("osm_way_id", empty)
        names, kinds = table.get("name", empty), table.get("highway", empty)
        for position, other in enumerate(table.get("other_tags", empty)):
            tags = _tags(other)
            way, relation = ways[position], ids[position]
            key = relation if layer == "lines" else (way or f"r{relation}")
            rows.append(
                (
                    key,
                    names[position],
                    kinds[position] or tags.get("highway"),
                    tags.get("foot"),
                    tags.get("bicycle"),
                    tags.get("access"),
                )
            )
    names_of_columns = ("osm_id", "name", "highway", "foot", "bicycle", "access")
    texts = {n: [row[i] for row in rows] for i, n in enumerate(names_of_columns)}
    _write(folder, shapes, texts, "EPSG:4326")


def _tags(text: str | None) -> dict[str, str]:
    """Return the tags of ``other_tags`` that say who may use a way."""
    found = {key: value.split(";")[0] for key, value in _TAG.findall(text or "")}
    if found.get("motorroad") == "yes":
        found.setdefault("foot", "no")
        found.setdefault("bicycle", "no")
    if found.get("vehicle") in ("no", "private"):
        found.setdefault("bicycle", "no")
    return found


def _check_xml(file: Path) -> None:
    """Read the XML once without GDAL: whole, and without a DOCTYPE that could define entities."""
    from xml.parsers import expat

    def refuse(*_: object) -> None:
        raise _Said("file_has_doctype")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        with file.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as why:
        raise _Said("file_malformed", format="OSM XML", reason=str(why)) from None


def _pyogrio(form: str) -> Callable[..., tuple[dict[str, Any], Any]]:
    """Return a function that reads one layer, with no other driver within reach."""
    import pyogrio
    import pyogrio.raw
    from pyogrio.errors import DataSourceError, FeatureError

    if extra := set(pyogrio.list_drivers()) - set(ALLOWED[form]):
        raise RuntimeError(f"GDAL drivers not switched off: {sorted(extra)}")

    def read(
        file: Path,
        layer: str,
        columns: list[str],
        where: str,
        bounds: tuple[float, ...] | None,
        most: int | None,
    ) -> tuple[dict[str, Any], Any]:
        try:
            meta, _, wkb, data = pyogrio.raw.read(
                str(file),
                layer=layer,
                columns=columns,
                where=where,
                bbox=bounds,
                max_features=most,
            )
        except (DataSourceError, FeatureError) as why:
            if _NO_MEMORY.search(str(why)):
                raise MemoryError from None
            reason = str(why).replace(str(file), file.name)
            raise _Said("file_malformed", format=form.upper(), reason=reason[:200]) from None
        return dict(zip(meta["fields"], data, strict=True)), wkb

    return read


def _elsewhere(wkb: Any) -> None:
    import numpy as np
    import shapely

    west, south, east, north = shapely.bounds(shapely.from_wkb(wkb)).T
    lon = round(float(np.median(west + east)) / 2, 4)
    lat = round(float(np.median(south + north)) / 2, 4)
    raise _Said("streets_elsewhere", lon=lon, lat=lat)


def _write(folder: Path, shapes: list[bytes], texts: dict[str, list[str | None]], crs: str) -> None:
    """Leave plain arrays behind: nothing that has to be trusted to be read again."""
    import numpy as np

    lengths = np.array([len(shape) for shape in shapes], np.int64)
    words = json.dumps({"crs": crs, "columns": texts}, ensure_ascii=True).encode()
    np.savez(
        folder / "records.npz",
        wkb=np.frombuffer(b"".join(shapes), np.uint8),
        lengths=lengths,
        words=np.frombuffer(words, np.uint8),
    )


_FORMS: Mapping[str, Callable[[Path, Path, Mapping[str, Any]], None]] = {"osm": _read_osm}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
