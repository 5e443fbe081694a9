"""``protected.sqlite``: raw counts, indicators and the ledger of releases.

Nothing of it ever reaches ``sro.gpkg``: no row, no audit entry, no source. A connection is
opened when it is used and closed at once, and only by actions that need raw counts; the
pages read the released snapshot (:mod:`sro_geo.store.released`).

The file keeps a rollback journal rather than a write-ahead log: what was undone or replaced
is in no file once the change is over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sro_geo.errors import SroError
from sro_geo.store import protected_schema, schema
from sro_geo.store.backup import PROTECTED
from sro_geo.store.checks import (
    check_protected_tables,
    check_version,
    damaged,
    read_meta,
)
from sro_geo.store.connection import Connection, connect, connect_reading, speaking, writable
from sro_geo.store.plain import frame_of, insert_into, names_of, rows_of
from sro_geo.store.protected_schema import CASES, EVENTS, INDICATORS
from sro_geo.tables import Table


class RawLedger(NamedTuple):
    """The ledger as it is stored, each part in the order of its key.

    ``releases`` are (release_id, JSON, at), ``events`` (event_id, release_id, event, at,
    actor, note), ``versions`` (version, JSON).
    """

    releases: tuple[tuple[str, str, str], ...] = ()
    events: tuple[tuple[int, str, str, str, str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


class _Reading:
    """What can be asked of an open connection."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection
        self._empty = not protected_schema.has_tables(connection)

    def read_counts(self, year: int | None = None) -> pd.DataFrame:
        where = "" if year is None else "WHERE year = ?1"
        return self._read(CASES, where, () if year is None else (int(year),))

    def years(self) -> list[int]:
        if self._empty:
            return []
        return [int(row[0]) for row in self._sql.execute("SELECT DISTINCT year FROM cases")]

    def read_indicators(self) -> pd.DataFrame:
        return self._read(INDICATORS)

    def read_ledger(self) -> RawLedger:
        if self._empty:
            return RawLedger()
        found = (
            self._sql.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in ("ledger_releases", "ledger_events", "ledger_versions")
        )
        return RawLedger(*(tuple(rows) for rows in found))

    def revision(self) -> int:
        return int(read_meta(self._sql, "revision") or 0)

    def _read(self, table: Table, where: str = "", values: tuple[int, ...] = ()) -> pd.DataFrame:
        if self._empty:
            return frame_of(table, ())
        names = ", ".join(names_of(table))
        order = ", ".join(table.key)
        query = f"SELECT {names} FROM {table.name} {where} ORDER BY {order}"
        return frame_of(table, self._sql.execute(query, values))


class ProtectedTransaction:
    """A change of the protected store: everything in it is kept, or nothing.

    Nobody else writes meanwhile, so what it reads is what is there when it is kept.
    """

    def __init__(self, connection: Connection) -> None:
        self._sql = connection
        self._reading = _Reading(connection)
        self._changed = False

    def read_counts(self, year: int | None = None) -> pd.DataFrame:
        """See :meth:`ProtectedStore.read_counts`."""
        return self._reading.read_counts(year)

    def read_indicators(self) -> pd.DataFrame:
        """See :meth:`ProtectedStore.read_indicators`."""
        return self._reading.read_indicators()

    def read_ledger(self) -> RawLedger:
        """See :meth:`ProtectedStore.read_ledger`; what was added here is included."""
        return self._reading.read_ledger()

    def replace_counts(
        self,
        frame: pd.DataFrame,
        *,
        year: int,
        counting_rule: str,
        unit: str,
        help_types: Iterable[str] | None = None,
    ) -> None:
        """See :meth:`ProtectedStore.replace_counts`."""
        said: dict[str, Any] = {"year": int(year), "counting_rule": counting_rule, "unit": unit}
        for name, value in said.items():
            if name in frame and not (frame[name] == value).all():
                raise ValueError(f"{name}: the frame says otherwise")
        frame = frame.assign(**said)
        if "version" not in frame:
            frame = frame.assign(version="")
        rows = rows_of(CASES, frame.assign(version=frame["version"].fillna("")))
        columns = dict(zip(names_of(CASES), zip(*rows, strict=True), strict=True)) if rows else {}
        for kind, version in zip(
            columns.get("place_kind", ()), columns.get("version", ()), strict=True
        ):
            if (version == "") != (kind == "block"):
                raise SroError("value_not_storable", table=CASES.name, detail="version")
        for low, high in zip(columns.get("age_from", ()), columns.get("age_to", ()), strict=True):
            if high is not None and high < low:
                raise SroError("value_not_storable", table=CASES.name, detail="age_to")
        types = {*columns.get("help_type", ()), *(help_types or ())}
        gone = 0
        for help_type in sorted(types):
            gone += self._sql.execute(
                "DELETE FROM cases WHERE year = ? AND counting_rule = ? AND unit = ?"
                " AND help_type = ?",
                (*said.values(), help_type),
            ).rowcount
        self._sql.executemany(insert_into(CASES), rows)
        self._changed |= bool(rows or gone)
        if gone:
            self._wipe_later()

    def upsert_indicators(self, frame: pd.DataFrame) -> None:
        """See :meth:`ProtectedStore.upsert_indicators`."""
        rows = rows_of(INDICATORS, frame)
        names = names_of(INDICATORS)
        at = {name: position for position, name in enumerate(names)}
        for row in rows:
            given = row[at["status"]] == "given"
            if not given and (row[at["numerator"]], row[at["value"]]) != (None, None):
                raise SroError("value_not_storable", table=INDICATORS.name, detail="status")
        if not rows:
            return
        sets = ", ".join(f"{name} = excluded.{name}" for name in names[len(INDICATORS.key) :])
        before = self._count(INDICATORS)
        self._sql.executemany(
            f"{insert_into(INDICATORS)} ON CONFLICT ({', '.join(INDICATORS.key)})"
            f" DO UPDATE SET {sets}",
            rows,
        )
        self._changed = True
        if self._count(INDICATORS) < before + len(rows):
            self._wipe_later()

    def add_version(self, version: str, content: str) -> None:
        """Keep what an area version looked like when something was released on it.

        The same once more changes nothing; another content raises ``SroError("id_taken")``.
        """
        held = self._sql.execute(
            "SELECT content FROM ledger_versions WHERE version = ?", (version,)
        ).fetchone()
        if held == (content,):
            return
        if held is not None:
            raise SroError("id_taken", table="ledger_versions", id=version)
        self._sql.execute("INSERT INTO ledger_versions VALUES (?, ?)", (version, content))
        self._changed = True

    def add_release(self, release_id: str, content: str, at: str) -> None:
        """Add a release to the ledger, for good; raises ``SroError("id_taken")``."""
        if self._has_release(release_id):
            raise SroError("id_taken", table="ledger_releases", id=release_id)
        self._sql.execute("INSERT INTO ledger_releases VALUES (?, ?, ?)", (release_id, content, at))
        self._changed = True

    def add_event(self, release_id: str, event: str, at: str, actor: str, note: str = "") -> int:
        """Add what became of a release; returns its number.

        Raises ``SroError("row_missing")`` for a release that is not in the ledger.
        """
        if event not in EVENTS:
            raise ValueError(f"event: one of {', '.join(EVENTS)}")
        if not self._has_release(release_id):
            raise SroError("row_missing", table="ledger_releases", id=release_id)
        done = self._sql.execute(
            "INSERT INTO ledger_events (release_id, event, at, actor, note) VALUES (?, ?, ?, ?, ?)",
            (release_id, event, at, actor, note),
        )
        self._changed = True
        return int(done.lastrowid or 0)

    def _has_release(self, release_id: str) -> bool:
        query = "SELECT 1 FROM ledger_releases WHERE release_id = ?"
        return self._sql.execute(query, (release_id,)).fetchone() is not None

    def _count(self, table: Table) -> int:
        return int(self._sql.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])

    def _wipe_later(self) -> None:
        self._sql.execute("INSERT OR REPLACE INTO sro_meta VALUES ('wipe_pending', '1')")

    def finish(self) -> None:
        """Count the change, just before it is kept; the store calls it."""
        if self._changed:
            self._sql.execute(
                "INSERT OR REPLACE INTO sro_meta VALUES ('revision', ?)",
                (str(self._reading.revision() + 1),),
            )


class ProtectedStore:
    """The protected database of a workspace that :func:`open_store` found in order.

    Holds no connection: each call opens one and closes it. A file of an earlier state reads
    as empty and gets its tables with the first change, if not on opening the workspace.
    """

    def __init__(
        self, workspace: Path, *, read_only: bool = False, busy_seconds: float = 10.0
    ) -> None:
        self.workspace = workspace
        self.read_only = read_only
        self._busy_seconds = busy_seconds

    @property
    def file(self) -> Path:
        """The database, mode 0600."""
        return self.workspace / PROTECTED

    def read_counts(self, year: int | None = None) -> pd.DataFrame:
        """Return raw counts (of one year), one row for each cell that was given.

        Columns place_id, place_kind (block, area), version (empty for blocks), year,
        help_type, age_from, age_to (missing: open), counting_rule, unit, place_of_help,
        case_count.
        """
        with self._open() as reading:
            return reading.read_counts(year)

    def years(self) -> list[int]:
        """Return the years with raw counts, the first first."""
        with self._open() as reading:
            return sorted(reading.years())

    def read_indicators(self) -> pd.DataFrame:
        """Return indicators: indicator, area_id, level, year, numerator … reference_date."""
        with self._open() as reading:
            return reading.read_indicators()

    def read_ledger(self) -> RawLedger:
        """Return everything ever proposed, decided, and the versions it was made on."""
        with self._open() as reading:
            return reading.read_ledger()

    def revision(self) -> int:
        """Return a number that grows with every change of the protected store."""
        with self._open() as reading:
            return reading.revision()

    def replace_counts(
        self,
        frame: pd.DataFrame,
        *,
        year: int,
        counting_rule: str,
        unit: str,
        help_types: Iterable[str] | None = None,
    ) -> None:
        """Put ``frame`` in the place of what was held of the same, all or nothing.

        Of the year, counting rule and unit, every help type of the frame is replaced whole,
        whether it was given for blocks or areas; so are ``help_types`` beside them (those
        of which the frame has no row are gone then). Others stay. No old count remains
        anywhere in the file.

        Raises ``SroError``: ``value_not_storable``, ``text_not_storable``, ``id_doubled``,
        ``workspace_read_only``, ``workspace_busy``, ``workspace_full``; none names a count.
        """
        with self.transaction() as change:
            change.replace_counts(
                frame, year=year, counting_rule=counting_rule, unit=unit, help_types=help_types
            )

    def upsert_indicators(self, frame: pd.DataFrame) -> None:
        """Insert or replace indicators by indicator, area, level and year.

        A row that is not ``given`` has neither numerator nor value: suppressed is not 0.
        """
        with self.transaction() as change:
            change.upsert_indicators(frame)

    @contextmanager
    def transaction(self) -> Iterator[ProtectedTransaction]:
        """Open a change: kept at the end of the block, undone by an exception.

        Raises ``SroError``: ``workspace_read_only``, ``workspace_busy``, ``workspace_full``.
        """
        if self.read_only or not writable(self._existing()):
            raise SroError("workspace_read_only", workspace=str(self.workspace))
        with speaking(self.workspace):
            connection = connect(self._existing(), busy_seconds=self._busy_seconds)
            try:
                self._look_over(connection)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    if not protected_schema.has_tables(connection):
                        protected_schema.add_tables(connection)
                    change = ProtectedTransaction(connection)
                    yield change
                    change.finish()
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        with suppress(sqlite3.Error):
                            connection.execute("ROLLBACK")
                    raise
                wipe(connection)
            finally:
                connection.close()

    @contextmanager
    def _open(self) -> Iterator[_Reading]:
        with speaking(self.workspace):
            connection, _ = connect_reading(self._existing(), busy_seconds=self._busy_seconds)
            try:
                self._look_over(connection)
                connection.execute("BEGIN")
                yield _Reading(connection)
            finally:
                connection.close()

    def _look_over(self, connection: Connection) -> None:
        _keep_in_memory(connection)
        check_version(connection, schema.PROTECTED_ID, self.workspace, PROTECTED)
        check_protected_tables(connection, self.workspace)

    def _existing(self) -> Path:
        if not self.workspace.is_dir():
            raise SroError("workspace_missing", workspace=str(self.workspace))
        if not self.file.is_file():
            raise damaged(self.workspace, f"{PROTECTED} is missing")
        return self.file


def prepare_protected(file: Path, *, busy_seconds: float = 10.0) -> None:
    """Make a sound file ready for writing: its mode, tables that came later, wiping."""
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
    connection = connect(file, busy_seconds=busy_seconds)
    try:
        _keep_in_memory(connection)
        if not protected_schema.has_tables(connection):
            connection.execute("BEGIN IMMEDIATE")
            if not protected_schema.has_tables(connection):
                protected_schema.add_tables(connection)
            connection.execute("COMMIT")
        wipe(connection)
    finally:
        connection.close()


def wipe(connection: Connection) -> None:
    """Rebuild the file without the leftovers of what was replaced, if there are any.

    Overwriting deleted rows (``secure_delete``) is not enough: pages keep stale copies of
    rows that once moved. Where a reader is in the way, it is tried again after the next
    change and on the next opening.
    """
    if read_meta(connection, "wipe_pending") is None:
        return
    busy = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 1000")
    # The change itself is committed and stays so, whatever becomes of this.
    with suppress(sqlite3.OperationalError):
        connection.execute("VACUUM")
        # Nothing to do unless another program switched the log on.
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
            connection.execute("DELETE FROM sro_meta WHERE key = 'wipe_pending'")
    connection.execute(f"PRAGMA busy_timeout = {busy}")


def _keep_in_memory(connection: Connection) -> None:
    """Keep what sorting and rebuilding need out of files in the system's temporary folder."""
    connection.execute("PRAGMA temp_store = MEMORY")
