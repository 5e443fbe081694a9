"""The tables of ``protected.sqlite`` as SQL: raw counts, indicators, and the ledger.

They came after the first version of the file. A file without them is neither damaged nor
older: they are added on opening, all at once, so a file with some of them has lost the rest.
"""

from __future__ import annotations

import sqlite3

from sro_geo.tables import Column, Table


def _text(name: str) -> Column:
    return Column(name, "text", True)


#: Raw counts. ``version`` is the plan an area's count was given for, empty for blocks;
#: ``age_to`` is missing where the age is open; a count of 0 says that the type was recorded.
CASES = Table(
    "cases",
    (
        "place_id",
        "place_kind",
        "version",
        "year",
        "help_type",
        "age_from",
        "age_to",
        "counting_rule",
        "unit",
        "place_of_help",
    ),
    (
        _text("place_id"),
        Column("place_kind", "choice", True, ("block", "area")),
        _text("version"),
        Column("year", "integer", True),
        _text("help_type"),
        Column("age_from", "integer", True, minimum=0),
        Column("age_to", "integer", minimum=0),
        _text("counting_rule"),
        _text("unit"),
        _text("place_of_help"),
        Column("case_count", "integer", True, minimum=0),
    ),
)

#: Figures from elsewhere. ``suppressed_at_source`` is neither missing nor 0.
INDICATORS = Table(
    "indicators",
    ("indicator", "area_id", "level", "year"),
    (
        _text("indicator"),
        _text("area_id"),
        _text("level"),
        Column("year", "integer", True),
        Column("numerator", "number"),
        Column("denominator", "number"),
        Column("value", "number"),
        Column("status", "choice", True, ("given", "suppressed_at_source", "missing")),
        Column("published", "boolean", True),
        Column("source"),
        Column("reference_date", "date"),
    ),
)

EVENTS = ("approved", "rejected", "withdrawn")


def _append_only(table: str, key: str) -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_keeps BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {refuse}",
        # "INSERT OR REPLACE" deletes without asking the first trigger.
        f"CREATE TRIGGER {table}_only_adds BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refuse}",
    )


_STATEMENTS = (
    """CREATE TABLE cases (
  place_id TEXT NOT NULL,
  place_kind TEXT NOT NULL CHECK (place_kind IN ('block', 'area')),
  version TEXT NOT NULL,
  year INTEGER NOT NULL,
  help_type TEXT NOT NULL,
  age_from INTEGER NOT NULL CHECK (age_from >= 0),
  age_to INTEGER CHECK (age_to >= age_from),
  counting_rule TEXT NOT NULL,
  unit TEXT NOT NULL,
  place_of_help TEXT NOT NULL,
  case_count INTEGER NOT NULL CHECK (typeof(case_count) = 'integer' AND case_count >= 0),
  CHECK ((version = '') = (place_kind = 'block'))
)""",
    # An index on an expression: two open ages (NULL) would not be the same to UNIQUE.
    """CREATE UNIQUE INDEX cases_once ON cases (
  year, counting_rule, unit, help_type, place_kind, version, place_id, age_from,
  ifnull(age_to, -1), place_of_help
)""",
    """CREATE TABLE indicators (
  indicator TEXT NOT NULL,
  area_id TEXT NOT NULL,
  level TEXT NOT NULL,
  year INTEGER NOT NULL,
  numerator REAL,
  denominator REAL,
  value REAL,
  status TEXT NOT NULL CHECK (status IN ('given', 'suppressed_at_source', 'missing')),
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  source TEXT,
  reference_date TEXT,
  UNIQUE (indicator, area_id, level, year),
  CHECK (status = 'given' OR (numerator IS NULL AND value IS NULL))
)""",
    # Without rowid: through a rowid an entry could be replaced beneath another key.
    """CREATE TABLE ledger_releases (
  release_id TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE ledger_events (
  event_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  release_id TEXT NOT NULL REFERENCES ledger_releases (release_id),
  event TEXT NOT NULL CHECK (event IN ('approved', 'rejected', 'withdrawn')),
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL
)""",
    """CREATE TABLE ledger_versions (
  version TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID""",
    *_append_only("ledger_releases", "release_id"),
    *_append_only("ledger_events", "event_id"),
    *_append_only("ledger_versions", "version"),
)
# The word after CREATE TABLE, TRIGGER, UNIQUE INDEX
_OBJECTS = frozenset(
    statement.replace("UNIQUE ", "").split(maxsplit=3)[2] for statement in _STATEMENTS
)


def lost(connection: sqlite3.Connection) -> list[str]:
    """Return tables and triggers that are missing although others are there."""
    there = _there(connection)
    return sorted(_OBJECTS - there) if there else []


def has_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are there; a file of an earlier state has none of them."""
    return bool(_there(connection))


def add_tables(connection: sqlite3.Connection) -> None:
    """Lay out the tables, empty, within the caller's transaction."""
    for statement in _STATEMENTS:
        connection.execute(statement)


def _there(connection: sqlite3.Connection) -> frozenset[str]:
    names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")}
    return _OBJECTS & names
