"""The tables of ``sro.gpkg`` and ``protected.sqlite`` as SQL.

``sro.gpkg`` is a GeoPackage 1.4 (OGC 12-128r19) with the extension ``gpkg_rtree_index``;
triggers and definitions follow the standard word for word, so that GDAL and QGIS treat it
as one of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyproj import CRS

from sro_geo.city import City
from sro_geo.store.geometry import GEOMETRY_TYPES
from sro_geo.store.protected_schema import add_tables
from sro_geo.tables import TABLES, Table

SCHEMA_VERSION = 1
APPLICATION_ID = 0x47504B47  # "GPKG"
# 1.3, not 1.4: QGIS 3.22 and GDAL before 3.7 open it without a warning. The triggers are
# those of 1.4, which mend the ones of 1.3.
USER_VERSION = 10300
PROTECTED_ID = 0x53524F50  # "SROP"
GEOMETRY = "geometry"
#: srs_id for a CRS that has no EPSG code
OWN_SRS_ID = 100_000

#: Columns that came later. They may all be empty, so a workspace without them is neither
#: damaged nor older: they are added on opening, and the version stays.
ADDED_SINCE = {"population": ("estimated",), "streets": ("walk", "bike")}

#: Tables that came later: made, empty, on opening; a file without them is whole.
TABLES_SINCE = ("variants", "moves", "block_lineage", "stories", "slides")

_SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "date": "DATE"}
INTERNAL = ("sro_meta", "sro_idempotency", "audit")
_GPKG = (
    "gpkg_spatial_ref_sys",
    "gpkg_contents",
    "gpkg_geometry_columns",
    "gpkg_extensions",
)


@dataclass(frozen=True)
class Layout:
    """One table as it lies in the file: the contract's columns, then the parallel levels'."""

    table: Table
    extra: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Columns that hold values, geometry last; without ``fid`` and ``row_version``."""
        plain = [column.name for column in self.table.columns]
        return [*plain, *self.extra, *([GEOMETRY] if self.table.geometry else [])]

    @property
    def addable(self) -> list[str]:
        """Columns an earlier workspace may lack: parallel levels and what came later."""
        return [*self.extra, *ADDED_SINCE.get(self.table.name, ())]

    def kind(self, name: str) -> str:
        """Return the kind of a column (:class:`sro_geo.tables.Column`) or ``"geometry"``."""
        if name == GEOMETRY:
            return GEOMETRY
        return "text" if name in self.extra else self.table.column(name).kind


def layouts(city: City) -> dict[str, Layout]:
    """Return how each table lies in the workspace of ``city``."""
    out = {}
    for name, table in TABLES.items():
        own = {column.name for column in table.columns}
        levels = [f"{level.level}_id" for level in city.parallel_levels]
        extra = tuple(level for level in levels if level not in own) if name == "blocks" else ()
        out[name] = Layout(table, extra)
    return out


def quote(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def srs_id(city: City) -> int:
    """Return the number under which the file keeps the city's CRS: its EPSG code."""
    return int(CRS.from_user_input(city.crs).to_epsg() or OWN_SRS_ID)


def required_tables() -> tuple[str, ...]:
    """Return every table without which the file is no workspace."""
    return (*_GPKG, *INTERNAL, *(name for name in TABLES if name not in TABLES_SINCE))


def create_workspace(connection: sqlite3.Connection, city: City, meta: dict[str, str]) -> None:
    """Lay out an empty workspace in an empty database, within the caller's transaction."""
    for statement in _gpkg_tables():
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", _reference_systems(city)
    )
    for statement in _INTERNAL_TABLES:
        connection.execute(statement)
    number = srs_id(city)
    note = city.source_note.get("de", "") if city.sample_data else ""
    for layout in layouts(city).values():
        create_table(connection, layout, number, note)
    connection.executemany("INSERT INTO sro_meta VALUES (?, ?)", sorted(meta.items()))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")


def create_table(
    connection: sqlite3.Connection, layout: Layout, number: int, note: str = ""
) -> None:
    """Lay out one empty table and enter it in the contents of the GeoPackage."""
    name = layout.table.name
    for statement in _table(layout):
        connection.execute(statement)
    spatial = layout.table.geometry is not None
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (name, "features" if spatial else "attributes", name, note, number if spatial else 0),
    )
    if layout.table.geometry:
        _register_geometry(connection, name, GEOMETRY_TYPES[layout.table.geometry], number)


def create_protected(connection: sqlite3.Connection, city: City) -> None:
    """Lay out an empty ``protected.sqlite``."""
    connection.execute(_INTERNAL_TABLES[0])
    connection.executemany(
        "INSERT INTO sro_meta VALUES (?, ?)",
        [
            ("schema_version", str(SCHEMA_VERSION)),
            ("city_id", city.city_id),
            ("revision", "0"),
        ],
    )
    add_tables(connection)
    connection.execute(f"PRAGMA application_id = {PROTECTED_ID}")


def missing_columns(connection: sqlite3.Connection, layout: Layout) -> list[str]:
    """Return columns to add: levels ``city.toml`` gained since, and what came later."""
    there = columns_of(connection, layout.table.name)
    return [name for name in layout.addable if name not in there]


def add_missing_columns(connection: sqlite3.Connection, layout: Layout) -> None:
    """Add the :func:`missing_columns`, empty."""
    for name in missing_columns(connection, layout):
        kind = _SQL_TYPES.get(layout.kind(name), "TEXT")
        connection.execute(
            f"ALTER TABLE {quote(layout.table.name)} ADD COLUMN {quote(name)} {kind}"
        )


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of a table's columns; empty if there is no such table."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({quote(table)})")]


def _register_geometry(
    connection: sqlite3.Connection, table: str, geometry_type: str, number: int
) -> None:
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
        (table, GEOMETRY, geometry_type, number),
    )
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (table, GEOMETRY),
    )
    for statement in rtree(table):
        connection.execute(statement)


def _table(layout: Layout) -> Iterator[str]:
    table = layout.table
    parts = ["fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"]
    for name in layout.names:
        if name == GEOMETRY:
            parts.append(f"{quote(name)} {GEOMETRY_TYPES[table.geometry or 'any']}")
            continue
        column = f"{quote(name)} {_SQL_TYPES.get(layout.kind(name), 'TEXT')}"
        if name in table.key:
            column += " NOT NULL"
        if reference := table.references.get(name):
            parent, key = map(quote, reference)
            column += f" REFERENCES {parent} ({key}) DEFERRABLE INITIALLY DEFERRED"
        parts.append(column)
    parts.append("row_version INTEGER NOT NULL DEFAULT 1")
    parts.append(f"UNIQUE ({', '.join(map(quote, table.key))})")
    yield f"CREATE TABLE {quote(table.name)} (\n  " + ",\n  ".join(parts) + "\n)"
    # A parent row is only deleted or replaced quickly if its children are found by index.
    for name in table.references:
        if name != table.key[0]:
            index = quote(f"{table.name}_{name}")
            yield f"CREATE INDEX {index} ON {quote(table.name)} ({quote(name)})"


def rtree(table: str) -> list[str]:
    """Return the R-tree of ``table`` and its triggers, GeoPackage 1.4 annex F.3."""
    t, c, i, r = quote(table), quote(GEOMETRY), "fid", quote(f"rtree_{table}_{GEOMETRY}")
    bounds = f"ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})"
    filled = f"(NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c}))"
    was_filled = f"(OLD.{c} NOTNULL AND NOT ST_IsEmpty(OLD.{c}))"
    vacant = f"(NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c}))"
    was_vacant = f"(OLD.{c} ISNULL OR ST_IsEmpty(OLD.{c}))"
    same, moved = f"OLD.{i} = NEW.{i}", f"OLD.{i} != NEW.{i}"
    put = f"INSERT OR REPLACE INTO {r} VALUES (NEW.{i}, {bounds});"
    shift = (
        f"UPDATE {r} SET minx = ST_MinX(NEW.{c}), maxx = ST_MaxX(NEW.{c}),"
        f" miny = ST_MinY(NEW.{c}), maxy = ST_MaxY(NEW.{c}) WHERE id = NEW.{i};"
    )
    drop = f"DELETE FROM {r} WHERE id = OLD.{i};"
    triggers = {
        "insert": ("AFTER INSERT", filled, put),
        "update2": (f"AFTER UPDATE OF {c}", f"{same} AND {vacant}", drop),
        "update4": (
            "AFTER UPDATE",
            f"{moved} AND {vacant}",
            f"DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i});",
        ),
        "update5": ("AFTER UPDATE", f"{moved} AND {filled}", f"{drop} {put}"),
        "update6": (f"AFTER UPDATE OF {c}", f"{same} AND {filled} AND {was_filled}", shift),
        "update7": (
            f"AFTER UPDATE OF {c}",
            f"{same} AND {filled} AND {was_vacant}",
            f"INSERT INTO {r} VALUES (NEW.{i}, {bounds});",
        ),
        "delete": ("AFTER DELETE", f"OLD.{c} NOT NULL", drop),
    }
    return [
        f"CREATE VIRTUAL TABLE {r} USING rtree(id, minx, maxx, miny, maxy)",
        *(
            f"CREATE TRIGGER {quote(f'rtree_{table}_{GEOMETRY}_{name}')} {event} ON {t}"
            f" WHEN {condition} BEGIN {action} END"
            for name, (event, condition, action) in triggers.items()
        ),
    ]


def _reference_systems(city: City) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        ("Undefined cartesian SRS", -1, "NONE", -1, "undefined"),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
    ]
    numbers = {4326: CRS.from_epsg(4326), srs_id(city): CRS.from_user_input(city.crs)}
    for number, crs in numbers.items():
        owner = "NONE" if number == OWN_SRS_ID else "EPSG"
        rows.append((crs.name, number, owner, number, crs.to_wkt("WKT1_GDAL")))
    return rows


def _gpkg_tables() -> list[str]:
    return [
        """CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
)""",
        """CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
)""",
        """CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
)""",
        """CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
)""",
    ]


def _scrubs(column: str) -> str:
    """Return SQL that is true where an update of the audit only took values away."""
    new, old = f'json_each(NEW."{column}")', f'json_each(OLD."{column}")'
    return (
        f'(json_valid(NEW."{column}") AND NOT EXISTS (SELECT 1 FROM {new} AS n'
        f" LEFT JOIN {old} AS o ON o.key = n.key"
        " WHERE o.key IS NULL OR (n.type != 'null' AND n.value IS NOT o.value)))"
    )


_UNTOUCHED = " AND ".join(
    f"NEW.{name} IS OLD.{name}"
    for name in ("audit_id", "at", "actor", "action", "table_name", "row_id", "revision")
)
_INTERNAL_TABLES = (
    "CREATE TABLE sro_meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    """CREATE TABLE sro_idempotency (
  key TEXT PRIMARY KEY NOT NULL, at TEXT NOT NULL, action TEXT NOT NULL
)""",
    """CREATE TABLE audit (
  audit_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  table_name TEXT NOT NULL,
  row_id TEXT NOT NULL,
  "before" TEXT NOT NULL,
  "after" TEXT NOT NULL,
  reason TEXT NOT NULL,
  revision INTEGER NOT NULL,
  scrubbed TEXT NOT NULL DEFAULT ''
)""",
    "CREATE INDEX audit_row ON audit (table_name, row_id)",
    """CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER audit_only_adds BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE audit_id = NEW.audit_id)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    # The one exception: addresses of places that became protected are taken out. Then values
    # may turn into null and the reason may be emptied, but nothing is added or reworded.
    f"""CREATE TRIGGER audit_only_forgets BEFORE UPDATE ON audit
WHEN NOT ({_UNTOUCHED} AND NEW.scrubbed != '' AND NEW.reason IN ('', OLD.reason)
  AND {_scrubs("before")}
  AND {_scrubs("after")})
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)
