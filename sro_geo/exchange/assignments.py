"""A plan as a file: which block belongs to which area, as CSV, GeoJSON or GeoPackage.

Ids are text. What is read is only compared with the blocks there are; nothing is written.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import assign_points
from sro_geo.city import City
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.exchange.placing import placed
from sro_geo.exchange.reading import MAX_BYTES, clean, file_name, read_bytes, read_records
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import FaultLog, Records, listed
from sro_geo.exchange.write import replace_file, write_table

FORMATS = ("csv", "geojson", "gpkg")
_SQLITE = b"SQLite format 3\x00"
_MAX_ROWS = 1_000_000
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "block_id": ("block_id", "block", "baublock", "blockid", "blocknummer", "geoid"),
    "area_id": ("area_id", "area", "social_space", "sozialraum", "sozialraum_id", "district"),
    "area_name": ("area_name", "name", "sozialraum_name", "social_space_name"),
    "parent_id": ("parent_id", "parent", "region", "region_id"),
    "block_set": ("block_set", "baublockstand", "blockstand"),
}


@dataclass(frozen=True)
class Assignment:
    """What a file says: ``area_ids`` per known block (None: left out), names and parents.

    ``faults`` are all notes, repairs that were consented to included.
    """

    file: str
    area_ids: np.ndarray
    names: Mapping[str, str]
    parents: Mapping[str, str]
    faults: tuple[Fault, ...]


def read_assignment(
    source: Path | bytes,
    city: City,
    blocks: gpd.GeoDataFrame,
    block_set: str,
    *,
    known_areas: Sequence[str] = (),
    name: str | None = None,
    repair: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Assignment:
    """Read a file and compare it with the blocks there are.

    Rows name a block and its area. GeoJSON without a column of blocks holds outlines of
    areas: then each block goes where its interior point lies.

    Parameters
    ----------
    block_set
        Fingerprint of ``blocks``; a file that states another one is refused.
    known_areas
        Ids of areas, so that zeros a spreadsheet took from them are found.
    repair
        Consent to give ids back the zeros they lost.

    Raises
    ------
    InputRefused
        With every fault and its row.
    SroError
        For a file that cannot be read at all.
    """
    file = file_name(source, name)
    log = FaultLog(file)
    records, columns = _told(source, file, log, "area_id", max_bytes)
    stated = {s for s in columns.get("block_set", ()) if s is not None}
    if stated and stated != {block_set}:
        log.add("assignment_other_blocks", column="block_set")
    ids = blocks["block_id"].to_numpy(object)
    found = np.full(len(ids), None, object)
    if "block_id" in columns:
        at = _known(columns["block_id"], ids, "block_id", records.rows, log)
        _refuse_twice(at, columns["block_id"], records.rows, log)
        areas = _repaired_areas(columns["area_id"], known_areas, records.rows, log)
        good = at >= 0
        found[at[good]] = areas[good]
    elif records.geometry is not None:
        areas = columns["area_id"]
        found = _by_outline(records, areas, city, blocks, log)
    else:
        log.add("assignment_column_missing", column="block_id", columns=listed(records.columns))
        raise InputRefused(file, log.closed())
    left = np.array([area is None for area in found], bool)
    if left.any() and not stated - {block_set}:
        log.add(
            "assignment_blocks_left_out",
            severity="note",
            count=int(left.sum()),
            blocks=listed(ids[left][:6], total=int(left.sum())),
        )
    faults = _refuse(file, log, repair)
    names, parents = (_of_areas(areas, columns.get(c)) for c in ("area_name", "parent_id"))
    return Assignment(file, found, names, parents, faults)


def read_block_ids(
    source: Path | bytes,
    blocks: gpd.GeoDataFrame,
    area_id: str,
    *,
    name: str | None = None,
    repair: bool = False,
) -> list[str]:
    """Return the blocks a file names: all of them, or those of ``area_id`` where it has areas.

    Raises as :func:`read_assignment` does.
    """
    file = file_name(source, name)
    log = FaultLog(file)
    records, columns = _told(source, file, log, "block_id", MAX_BYTES)
    ids = blocks["block_id"].to_numpy(object)
    at = _known(columns["block_id"], ids, "block_id", records.rows, log)
    _refuse_twice(at, columns["block_id"], records.rows, log)
    _refuse(file, log, repair)
    own = columns["area_id"] == area_id if "area_id" in columns else np.ones(len(at), bool)
    return [str(block) for block in ids[at[own]]]


def _refuse(file: str, log: FaultLog, repair: bool) -> tuple[Fault, ...]:
    faults = log.closed()
    worst = {fault.severity for fault in faults}
    if "error" in worst or ("repair" in worst and not repair):
        raise InputRefused(file, faults)
    return faults


def _told(
    source: Path | bytes, file: str, log: FaultLog, needed: str, max_bytes: int
) -> tuple[Records, dict[str, np.ndarray]]:
    """Read a file of either kind; without the column it needs it is refused."""
    data = read_bytes(source, file, max_bytes)
    if data.startswith(_SQLITE):
        records = _geopackage(data, file)
    else:
        records = read_records(data, file, {}, log, max_bytes)
        clean(records, log)
    columns = _columns(records)
    if needed not in columns:
        log.add("assignment_column_missing", column=needed, columns=listed(records.columns))
        raise InputRefused(file, log.closed())
    return records, columns


def _columns(records: Records) -> dict[str, np.ndarray]:
    by_name = {plain(column): column for column in records.columns}
    out = {}
    for field, synonyms in _FIELDS.items():
        for word in synonyms:
            if (column := by_name.get(plain(word))) is not None:
                out[field] = records.columns[column]
                break
    return out


def _known(
    values: np.ndarray, ids: np.ndarray, column: str, rows: np.ndarray, log: FaultLog
) -> np.ndarray:
    """Return the position of each id, -1 where unknown; lost zeros are found and said."""
    place = {str(block): k for k, block in enumerate(ids)}
    short = _without_zeros(ids)
    at = np.full(len(values), -1, np.int64)
    repaired = np.zeros(len(values), bool)
    for k, value in enumerate(values):
        if value is None:
            log.add("assignment_block_missing", row=int(rows[k]), column=column)
            continue
        found = place.get(value, -1)
        if found < 0 and (full := short.get(_number(value))) is not None:
            found, repaired[k] = place[full], True
        if found < 0:
            log.add("assignment_block_unknown", row=int(rows[k]), column=column, value=value)
        at[k] = found
    if repaired.any():
        first = int(np.argmax(repaired))
        log.counted(
            "assignment_zeros_lost",
            repaired,
            rows,
            column=column,
            severity="repair",
            value=str(values[first]),
            meant=str(ids[at[first]]),
        )
    return at


def _without_zeros(ids: Sequence[str] | np.ndarray) -> dict[str, str]:
    """Return the full id by the number a spreadsheet makes of it, where that is unambiguous."""
    out: dict[str, str] = {}
    twice: set[str] = set()
    for value in map(str, ids):
        short = _number(value)
        if value.isdecimal() and short != value:
            if short in out:
                twice.add(short)
            out[short] = value
    return {short: full for short, full in out.items() if short not in twice}


def _number(value: str) -> str:
    """Return digits as a spreadsheet writes them; anything else as it is."""
    digits = value.removesuffix(".0")
    return digits.lstrip("0") or "0" if digits.isdecimal() else value


def _repaired_areas(
    values: np.ndarray, known: Sequence[str], rows: np.ndarray, log: FaultLog
) -> np.ndarray:
    held, short = set(known), _without_zeros(list(known))
    out = values.copy()
    repaired = np.zeros(len(values), bool)
    for k, value in enumerate(values):
        if value is not None and value not in held and (full := short.get(_number(value))):
            out[k], repaired[k] = full, True
    if repaired.any():
        first = int(np.argmax(repaired))
        log.counted(
            "assignment_zeros_lost",
            repaired,
            rows,
            column="area_id",
            severity="repair",
            value=str(values[first]),
            meant=str(out[first]),
        )
    return out


def _refuse_twice(at: np.ndarray, values: np.ndarray, rows: np.ndarray, log: FaultLog) -> None:
    seen: dict[int, int] = {}
    for k, position in enumerate(at.tolist()):
        if position < 0:
            continue
        if position in seen:
            log.add(
                "assignment_block_twice",
                row=int(rows[k]),
                column="block_id",
                value=str(values[k]),
                first=seen[position],
            )
        else:
            seen[position] = int(rows[k])


def _by_outline(
    records: Records,
    areas: np.ndarray,
    city: City,
    blocks: gpd.GeoDataFrame,
    log: FaultLog,
) -> np.ndarray:
    assert records.geometry is not None
    shapes, _ = placed(records.geometry, records.crs, city, records.rows, log)
    polygons = np.array(
        [
            shape
            if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
            else shapely.Polygon()
            for shape in shapes
        ],
        object,
    )
    found = np.full(len(blocks), None, object)
    spots = shapely.point_on_surface(blocks.geometry.to_numpy())
    at = assign_points(polygons, shapely.get_x(spots), shapely.get_y(spots))
    found[at >= 0] = areas[at[at >= 0]]
    return found


def _of_areas(areas: np.ndarray, values: np.ndarray | None) -> dict[str, str]:
    """Return the first value said of each area."""
    out: dict[str, str] = {}
    for area, value in zip(areas, () if values is None else values, strict=False):
        if area is not None and value is not None:
            out.setdefault(area, value)
    return out


def _geopackage(data: bytes, file: str) -> Records:
    """Return the columns of text of a GeoPackage's table of blocks; its shapes are not read.

    Plain SQLite on a copy, reading only: nothing in the schema is run.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "plan.gpkg"
        copy.write_bytes(data)
        try:
            with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as sql:
                sql.execute("PRAGMA trusted_schema = OFF")
                sql.execute("PRAGMA query_only = ON")
                return _table_of_blocks(sql, file)
        except (sqlite3.Error, UnicodeError) as why:
            reason = str(why)[:200]
            raise SroError(
                "file_malformed", file=file, format="GeoPackage", reason=reason
            ) from None


def _table_of_blocks(sql: sqlite3.Connection, file: str) -> Records:
    tables = sql.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    )
    for (table,) in tables.fetchall():
        quoted = '"' + str(table).replace('"', '""') + '"'
        names = [str(row[1]) for row in sql.execute(f"PRAGMA table_info({quoted})")]
        wanted = {plain(w): field for field, words in _FIELDS.items() for w in words}
        found = [name for name in names if plain(name) in wanted]
        fields = {wanted[plain(name)] for name in found}
        if not {"block_id", "area_id"} <= fields:
            continue
        quoted_names = ", ".join('"' + name.replace('"', '""') + '"' for name in found)
        rows = sql.execute(f"SELECT {quoted_names} FROM {quoted} LIMIT {_MAX_ROWS}").fetchall()
        columns = {}
        for k, name in enumerate(found):
            values = np.empty(len(rows), object)
            values[:] = [_cell(row[k]) for row in rows]
            columns[name] = values
        return Records(file, columns, np.arange(1, len(rows) + 1, dtype=np.int64))
    raise InputRefused(
        file, [Fault("assignment_column_missing", file, None, "block_id", {"columns": "–"})]
    )


def _cell(value: object) -> str | None:
    if value is None or value == "" or isinstance(value, bytes):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write_assignment(
    table: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    file: Path | BytesIO,
    *,
    format: str,
    note: str = "",
) -> None:
    """Write a plan: one row per block, and in a GeoPackage a second layer of the areas.

    Parameters
    ----------
    table
        block_id, area_id, area_name, parent_id, block_set and the shape of each block.
    areas
        area_id, level, name, parent_id and outline of each area.

    Raises
    ------
    SroError
        ``format_unknown``, ``file_not_writable``.
    """
    if format not in FORMATS:
        raise SroError("format_unknown", format=format, known=", ".join(FORMATS))
    if format == "csv":
        write_table(pd.DataFrame(table.drop(columns="geometry")), file, format="csv", note=note)
        return
    if format == "geojson":
        write_table(table, file, format="geojson", note=note)
        return
    data = _as_geopackage({"assignments": table, "areas": areas}, note)
    if isinstance(file, Path):
        replace_file(file, data)
    else:
        file.write(data)


def _as_geopackage(layers: Mapping[str, gpd.GeoDataFrame], note: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "plan.gpkg"
        for layer, frame in layers.items():
            whole = frame.assign(data_note=note) if note else frame
            whole.to_file(target, layer=layer, driver="GPKG", engine="pyogrio")
        return target.read_bytes()
