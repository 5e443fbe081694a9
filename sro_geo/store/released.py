"""``released.sqlite``: what was released, and nothing else.

The public view opens this one file and no other; it can be carried to another machine and
read there alone. It is written anew with each release or withdrawal and takes its place
whole, so a reader sees one state or the next. It holds its own areas, ground and the few
facts of the city that a map of it needs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import CRSError

from sro_geo.city import City, Level, Speed
from sro_geo.errors import SroError
from sro_geo.store.connection import create_file, on_disk, speaking
from sro_geo.store.plain import frame_of, insert_into, names_of, rows_of
from sro_geo.store.rows import Row
from sro_geo.store.schema import columns_of, quote
from sro_geo.tables import Column, Table

if TYPE_CHECKING:
    # Imported late: a command that only reads plain tables starts half a second sooner.
    import geopandas as gpd

RELEASED = "released.sqlite"
RELEASED_ID = 0x53524F52  # "SROR"
RELEASED_VERSION = 1
GEOMETRY = "geometry"
#: What is told of a release; a fact that is not named here is refused.
RELEASE_FACTS = frozenset(
    [
        *("release_id", "subject", "year", "counting_rule", "unit", "version"),
        *("cut", "levels", "by_type", "ages", "by_place"),
        *("rules", "small_to", "width", "min_denominator", "min_population", "population_date"),
        *("approved_at", "proposed_by", "approved_by"),
    ]
)


def _table(name: str, key: str, *columns: Column, geometry: str | None = None) -> Table:
    return Table(name, tuple(key.split()), columns, geometry)


def _text(name: str) -> Column:
    return Column(name, "text", True)


_AREAS = _table(
    "areas",
    "area_id level version",
    _text("area_id"),
    _text("level"),
    _text("name"),
    Column("parent_id"),
    _text("version"),
    Column("valid_from", "date"),
    Column("valid_to", "date"),
    geometry="area",
)
_BASEMAP = _table(
    "basemap", "feature_id", _text("feature_id"), _text("kind"), Column("name"), geometry="any"
)
_CELLS = _table(
    "cells",
    "area_id release_id level help_type age_group place",
    _text("release_id"),
    _text("area_id"),
    _text("level"),
    Column("name"),
    Column("help_type"),
    Column("age_group"),
    Column("place"),
    Column("status", "choice", True, ("released", "suppressed", "missing")),
    Column("count", "integer", minimum=0),
    Column("denominator", "number", minimum=0),
)
_INDICATORS = _table(
    "indicators",
    "indicator area_id level year",
    _text("indicator"),
    _text("area_id"),
    _text("level"),
    Column("year", "integer", True),
    Column("numerator", "number"),
    Column("denominator", "number"),
    Column("value", "number"),
    Column("status", "choice", True, ("given", "suppressed", "suppressed_at_source", "missing")),
    Column("source"),
    Column("reference_date", "date"),
)
_TABLES = (_AREAS, _BASEMAP, _CELLS, _INDICATORS)
_SQL_TYPES = {"integer": "INTEGER", "number": "REAL"}
# The file itself keeps no number beside a hidden cell, whoever writes it.
_CHECKS = {
    "cells": "CHECK ((status = 'released') = (count IS NOT NULL))",
    "indicators": "CHECK (status = 'given' OR (numerator IS NULL AND value IS NULL))",
}


@dataclass(frozen=True, eq=False)
class Released:
    """Everything that was released, as one file holds it.

    ``city`` has the identity, names, CRS, levels, bounds and notes of the city; its
    categories, thresholds and speeds are not part of the file. ``areas`` are those of every
    version with a release; ``releases`` are facts about each, in the order they were
    written; ``cells`` and ``indicators`` hold no number where one is hidden. ``digest``
    names the content of the file.
    """

    city: City
    areas: gpd.GeoDataFrame = field(repr=False)
    basemap: gpd.GeoDataFrame = field(repr=False)
    releases: tuple[Mapping[str, Any], ...] = field(repr=False)
    cells: pd.DataFrame = field(repr=False)
    indicators: pd.DataFrame = field(repr=False)
    published_at: str
    digest: str


def write_released(
    workspace: Path,
    *,
    city: City,
    areas: gpd.GeoDataFrame,
    basemap: gpd.GeoDataFrame | None,
    releases: Sequence[Mapping[str, Any]],
    cells: pd.DataFrame,
    indicators: pd.DataFrame,
    published_at: str,
) -> None:
    """Write the released snapshot (mode 0644) in the place of the one before, at once.

    Columns that the snapshot does not know are left out. Call it before another change of
    the ledger can be kept (within the transaction), or an older state may come last.

    Raises
    ------
    ValueError
        A cell that is not released has a count, or a released one has none; an indicator
        that is not published, or not given but with a number; a fact about a release that
        is not to be told; a cell of an unknown release.
    SroError
        ``crs_differs``, ``value_not_storable``, ``text_not_storable``, ``id_doubled``,
        ``workspace_read_only``, ``workspace_full``.
    """
    _refuse_unreleased(releases, cells, indicators)
    content: dict[str, list[Row]] = {
        "areas": _spatial_rows(_AREAS, areas, city),
        "basemap": [] if basemap is None else _spatial_rows(_BASEMAP, basemap, city),
        "cells": rows_of(_CELLS, cells),
        "indicators": rows_of(_INDICATORS, indicators),
    }
    meta = {
        "schema_version": str(RELEASED_VERSION),
        "published_at": published_at,
        "city": _as_json(_facts(city)),
    }
    told = [
        (n, str(release["release_id"]), _as_json(dict(release)))
        for n, release in enumerate(releases)
    ]
    file = workspace / RELEASED
    unfinished = file.with_name(f".{RELEASED}.{secrets.token_hex(4)}")
    with on_disk(workspace), speaking(workspace):
        try:
            with closing(create_file(unfinished, 0o600)) as connection:
                # Nobody else sees the file yet: no journal beside it.
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.execute("BEGIN IMMEDIATE")
                _lay_out(connection)
                connection.executemany("INSERT INTO sro_meta VALUES (?, ?)", sorted(meta.items()))
                connection.executemany("INSERT INTO releases VALUES (?, ?, ?)", told)
                for table in _TABLES:
                    more = [GEOMETRY] if table.geometry else []
                    connection.executemany(insert_into(table, more), content[table.name])
                connection.execute("COMMIT")
            unfinished.chmod(0o644)
            unfinished.replace(file)
            _flush(workspace)
        finally:
            unfinished.unlink(missing_ok=True)


def read_released(file: Path) -> Released:
    """Read a released snapshot, alone and wherever it lies.

    The file is read as a whole and never written to: no lock, no journal, nothing beside it
    is looked at, and the digest is that of the very content returned.

    Raises
    ------
    SroError
        ``released_missing``, ``released_damaged``, ``released_newer``,
        ``released_unreadable``.
    """
    try:
        held = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SroError("released_missing", file=str(file)) from None
    except OSError as why:
        raise SroError("released_unreadable", file=str(file), detail=str(why)) from why
    # SQLite takes emptiness for a lack of memory.
    if not held.startswith(b"SQLite format 3\0"):
        raise _damaged(file, "not a database")
    digest = hashlib.sha256(held).hexdigest()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            connection.deserialize(held)
            connection.execute("PRAGMA trusted_schema = OFF")
            _check(connection, file)
            return _read(connection, digest)
        except (
            sqlite3.Error,
            shapely.errors.ShapelyError,
            CRSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as why:
            raise _damaged(file, str(why)) from why


def _refuse_unreleased(
    releases: Sequence[Mapping[str, Any]], cells: pd.DataFrame, indicators: pd.DataFrame
) -> None:
    shown = cells["status"] == "released"
    numbered = cells["count"].notna()
    if (numbered & ~shown).any():
        raise ValueError("cells: one that is not released has a count")
    if (shown & ~numbered).any():
        raise ValueError("cells: a released one has no count")
    for release in releases:
        if unknown := set(release) - RELEASE_FACTS:
            raise ValueError(f"releases: {', '.join(sorted(unknown))} is not to be told")
    known = {str(release["release_id"]) for release in releases}
    if not set(cells["release_id"].astype(str)) <= known:
        raise ValueError("cells: one belongs to no release")
    if not len(indicators):
        return
    if "published" in indicators and not indicators["published"].fillna(False).all():
        raise ValueError("indicators: one is not published")
    hidden = indicators[indicators["status"] != "given"]
    for name in ("numerator", "value"):
        if name in hidden and hidden[name].notna().any():
            raise ValueError(f"indicators: one that is not given has a {name}")


def _spatial_rows(table: Table, frame: gpd.GeoDataFrame, city: City) -> list[Row]:
    if frame.crs is not None and frame.crs != city.crs:
        found = frame.crs.to_string()
        raise SroError("crs_differs", table=table.name, found=found, expected=city.crs)
    shapes = np.empty(len(frame), dtype=object)
    shapes[:] = np.asarray(frame.geometry, dtype=object)
    shapes[pd.isna(shapes)] = None
    blobs = shapely.to_wkb(shapely.force_2d(shapes), byte_order=1).tolist()
    rows = rows_of(table, pd.DataFrame(frame.drop(columns=frame.geometry.name)))
    return [(*row, blob) for row, blob in zip(rows, blobs, strict=True)]


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE sro_meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)")
    connection.execute(
        "CREATE TABLE releases (position INTEGER PRIMARY KEY, release_id TEXT NOT NULL UNIQUE,"
        " content TEXT NOT NULL)"
    )
    for table in _TABLES:
        parts = [
            f"{quote(column.name)} {_SQL_TYPES.get(column.kind, 'TEXT')}"
            + (" NOT NULL" if column.required else "")
            for column in table.columns
        ]
        parts += [f"{GEOMETRY} BLOB"] if table.geometry else []
        parts += [_CHECKS[table.name]] if table.name in _CHECKS else []
        connection.execute(f"CREATE TABLE {quote(table.name)} ({', '.join(parts)})")
    connection.execute(f"PRAGMA application_id = {RELEASED_ID}")


def _flush(folder: Path) -> None:
    """Let the new name survive a power cut; SQLite has seen to the content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(file: Path, detail: str) -> SroError:
    return SroError("released_damaged", file=str(file), detail=detail)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != RELEASED_ID:
        raise ValueError("not a snapshot of this program")
    meta = "SELECT value FROM sro_meta WHERE key = 'schema_version'"
    version = int(connection.execute(meta).fetchone()[0])
    if version > RELEASED_VERSION:
        raise SroError("released_newer", file=str(file), found=version, known=RELEASED_VERSION)
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise ValueError(said)
    for table in _TABLES:
        # Asked for a quoted column that is not there, SQLite answers with its name.
        if absent := {*table.column_names} - {*columns_of(connection, table.name)}:
            raise ValueError(f"{table.name}: {', '.join(sorted(absent))} missing")


def _read(connection: sqlite3.Connection, digest: str) -> Released:
    meta = dict(connection.execute("SELECT key, value FROM sro_meta"))
    city = _city(json.loads(meta["city"]))
    told = connection.execute("SELECT content FROM releases ORDER BY position").fetchall()
    releases = tuple(json.loads(row[0]) for row in told)
    cells = _frame(connection, _CELLS)
    indicators = _frame(connection, _INDICATORS)
    # Once more on the way out: nobody vouches for who wrote the file.
    _refuse_unreleased(releases, cells, indicators)
    return Released(
        city=city,
        areas=_spatial(connection, _AREAS, city),
        basemap=_spatial(connection, _BASEMAP, city),
        releases=releases,
        cells=cells,
        indicators=indicators,
        published_at=meta["published_at"],
        digest=digest,
    )


def _select(table: Table, more: Sequence[str] = ()) -> str:
    names = ", ".join(map(quote, [*names_of(table), *more]))
    return f"SELECT {names} FROM {quote(table.name)} ORDER BY rowid"


def _frame(connection: sqlite3.Connection, table: Table) -> pd.DataFrame:
    return frame_of(table, connection.execute(_select(table)))


def _spatial(connection: sqlite3.Connection, table: Table, city: City) -> gpd.GeoDataFrame:
    import geopandas as gpd

    rows = connection.execute(_select(table, [GEOMETRY])).fetchall()
    blobs = np.empty(len(rows), dtype=object)
    blobs[:] = [row[-1] for row in rows]
    shapes = gpd.GeoSeries(shapely.from_wkb(blobs), crs=city.crs)
    return gpd.GeoDataFrame(frame_of(table, [row[:-1] for row in rows]), geometry=shapes)


def _facts(city: City) -> dict[str, Any]:
    return {
        "id": city.city_id,
        "names": city.names,
        "crs": city.crs,
        "levels": [dataclasses.asdict(level) for level in city.levels],
        "sample_data": city.sample_data,
        "source_note": city.source_note,
        "bounds": city.bounds,
        "border_tolerance_m": city.border_tolerance_m,
    }


def _city(facts: dict[str, Any]) -> City:
    bounds = facts["bounds"]
    return City(
        city_id=facts["id"],
        names=facts["names"],
        crs=facts["crs"],
        sample_data=bool(facts["sample_data"]),
        levels=tuple(Level(**level) for level in facts["levels"]),
        speeds=(Speed(0, 4.0, 13.0),),
        default_age=30,
        detour_factor=1.3,
        stale_after_days=365,
        border_tolerance_m=float(facts["border_tolerance_m"]),
        bounds=None if bounds is None else tuple(float(v) for v in bounds),  # type: ignore[arg-type]
        thresholds=(),
        categories={},
        groups={},
        source_note=facts["source_note"],
    )


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
