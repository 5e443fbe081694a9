"""The embedded workspace: one GeoPackage that QGIS opens as it is, and its protected sister.

Written through ``sqlite3`` alone. GDAL must never open the live file in this process: it
drops the file locks of other handles, and acknowledged edits are lost (a regression test
keeps watch). Other processes, such as QGIS, may read it at any time.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

import pandas as pd
import shapely

from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.store import schema
from sro_geo.store.backup import GEOPACKAGE, PROTECTED, SETTINGS, write_backup
from sro_geo.store.checks import check_workspace, damaged, read_meta
from sro_geo.store.connection import (
    Connection,
    connect,
    connect_reading,
    create_file,
    on_disk,
    speaking,
    writable,
)
from sro_geo.store.history import now, read_entries
from sro_geo.store.protected import prepare_protected
from sro_geo.store.protocol import AuditEntry, join_key
from sro_geo.store.rows import read_frame
from sro_geo.store.transaction import GeoPackageTransaction
from sro_geo.tables import conform


class GeoPackageStore:
    """See :class:`sro_geo.store.Store`; made by :func:`open_store` and :func:`create_store`.

    Safe to share between threads: each has its own connection.
    """

    def __init__(
        self, workspace: Path, city: City, *, read_only: bool, busy_seconds: float
    ) -> None:
        self.workspace = workspace
        self.city = city
        self.read_only = read_only
        self._busy_seconds = busy_seconds
        self._layouts = schema.layouts(city)
        self._srs_id = schema.srs_id(city)
        self._local = threading.local()
        self._connections: WeakSet[Connection] = WeakSet()
        self._closed = False
        self._opened: tuple[int, int] | None = None

    @property
    def city_folder(self) -> Path:
        """Folder with ``city.toml`` and ``categories.toml``."""
        return self.workspace

    @property
    def file(self) -> Path:
        """The GeoPackage."""
        return self.workspace / GEOPACKAGE

    @property
    def protected_file(self) -> Path:
        """The database that never leaves the machine, mode 0600."""
        return self.workspace / PROTECTED

    # -- reading -----------------------------------------------------------------------

    def read(self, table: str, *, where: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return a table, ordered by key, with ``row_version``; spatial ones in the city's CRS.

        ``where`` keeps the rows that have these values in these columns.
        """
        with speaking(self.workspace):
            return self._read(self._connection(), table, where)

    def read_many(self, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
        """Return several tables as they were at one moment."""
        with speaking(self.workspace), self._snapshot() as connection:
            return {table: self._read(connection, table) for table in tables}

    def _read(
        self, connection: Connection, table: str, where: Mapping[str, str] | None = None
    ) -> pd.DataFrame:
        layout = self._layouts[table]
        present = schema.columns_of(connection, table)
        if not present:
            # A table that came later, in a file that is only read: it holds nothing yet.
            return conform(layout.table, pd.DataFrame()).assign(row_version=pd.Series(dtype=int))
        try:
            return read_frame(connection, layout, present, self.city.crs, where)
        except (ValueError, TypeError, shapely.errors.ShapelyError) as why:
            raise damaged(self.workspace, f"{table}: {why}") from why

    def revision(self) -> int:
        """Return a number that grows with every committed change."""
        return int(self.meta("revision") or 0)

    def changed_tables(self, since: int) -> frozenset[str]:
        """Return the tables with a change after the revision ``since``."""
        with speaking(self.workspace):
            rows = self._connection().execute(
                "SELECT DISTINCT table_name FROM audit WHERE revision > ?", (since,)
            )
            return frozenset(str(row[0]) for row in rows)

    def meta(self, key: str) -> str | None:
        """Return a fact about the workspace: ``created_at``, ``sample_digest`` …"""
        with speaking(self.workspace):
            return read_meta(self._connection(), key)

    def history(self, table: str, row_id: str) -> list[AuditEntry]:
        """Return the changes of one row, newest first."""
        with speaking(self.workspace):
            return read_entries(
                self._connection(), "table_name = ? AND row_id = ?", (table, row_id)
            )

    def changes(
        self, since: str | None = None, *, table: str | None = None, limit: int = 100
    ) -> list[AuditEntry]:
        """Return changes of all rows since an ISO date or UTC time, newest first."""
        with speaking(self.workspace):
            condition = "at >= ?1 AND (?2 IS NULL OR table_name = ?2)"
            return read_entries(self._connection(), condition, (since or "", table), limit)

    # -- writing -----------------------------------------------------------------------

    @contextmanager
    def transaction(
        self, *, actor: str, action: str, reason: str = "", idempotency_key: str | None = None
    ) -> Iterator[GeoPackageTransaction]:
        """Open a transaction: committed at the end of the block, undone by an exception.

        Raises ``SroError``: ``workspace_read_only``, ``workspace_busy``, ``workspace_full``,
        ``reference_missing`` (a row points at one that is not there).
        """
        if self.read_only:
            raise SroError("workspace_read_only", workspace=str(self.workspace))
        connection = self._connection()
        if connection.in_transaction:
            raise RuntimeError("transactions of one thread do not nest")
        with speaking(self.workspace):
            # IMMEDIATE: a transaction that starts by reading and then wants to write fails
            # at once beside another writer, whatever the busy timeout.
            connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = GeoPackageTransaction(
                    connection,
                    self._layouts,
                    crs=self.city.crs,
                    srs_id=self._srs_id,
                    actor=actor,
                    action=action,
                    reason=reason,
                    idempotency_key=idempotency_key,
                )
                yield transaction
                transaction.finish()
                self._commit(connection)
            except BaseException:
                _undo(connection)
                raise
            self._wipe(connection)

    def _commit(self, connection: Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.IntegrityError:
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
            if not broken:
                raise
            table, fid, parent, _ = broken[0]
            key = ", ".join(map(schema.quote, self._layouts[table].table.key))
            row = connection.execute(
                f"SELECT {key} FROM {schema.quote(table)} WHERE fid = ?", (fid,)
            ).fetchone()
            row_id = join_key([str(part) for part in row])
            raise SroError(
                "reference_missing", table=table, id=row_id, parent=parent, count=len(broken)
            ) from None

    def _wipe(self, connection: Connection) -> None:
        """Overwrite what ``forget`` took out of the history, in the file and its log.

        Overwriting deleted rows (``secure_delete``) is not enough: pages keep stale copies of
        rows that once moved. Rebuilding the file loses them. Where a reader is in the way, it
        is tried again after the next change and on the next opening.
        """
        if read_meta(connection, "scrub_pending") is None:
            return
        connection.execute("PRAGMA busy_timeout = 1000")
        try:
            connection.execute("VACUUM")
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
                connection.execute("DELETE FROM sro_meta WHERE key = 'scrub_pending'")
        except sqlite3.OperationalError:
            return  # the change itself is committed and stays so
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(self._busy_seconds * 1000)}")

    # -- the files ---------------------------------------------------------------------

    def backup(self, file: Path) -> None:
        """Write the whole workspace into one zip file (mode 0600), replacing it at once."""
        with speaking(self.workspace):
            protected, _ = connect_reading(self.protected_file, busy_seconds=self._busy_seconds)
            try:
                connections = {GEOPACKAGE: self._connection(), PROTECTED: protected}
                write_backup(file, self.workspace, connections)
            finally:
                protected.close()

    def close(self) -> None:
        """Let go of every connection, those of other threads included."""
        self._closed = True
        for connection in list(self._connections):
            with suppress(sqlite3.Error):
                connection.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def _connection(self) -> Connection:
        if self._closed:
            raise RuntimeError("this store was closed")
        self._check_still_there()
        mine: Connection | None = getattr(self._local, "connection", None)
        if mine is not None:
            # An immutable connection does not notice changes: is it still the same file?
            if self._local.seen is None or self._local.seen == self._signature():
                return mine
            mine.close()
        if self.read_only:
            mine, immutable = connect_reading(self.file, busy_seconds=self._busy_seconds)
        else:
            mine, immutable = connect(self.file, busy_seconds=self._busy_seconds), False
        self._local.connection = mine
        self._local.seen = self._signature() if immutable else None
        self._connections.add(mine)
        return mine

    def _check_still_there(self) -> None:
        """Refuse to go on in a file that was deleted or replaced by another one.

        The connections would still hold the old file, which nobody can find any more:
        every further edit would be acknowledged and lost.
        """
        try:
            stat = self.file.stat()
        except OSError:
            raise SroError("workspace_missing", workspace=str(self.workspace)) from None
        now_there = (stat.st_dev, stat.st_ino)
        if self._opened is None:
            self._opened = now_there
        elif self._opened != now_there:
            raise SroError("workspace_replaced", workspace=str(self.workspace))

    def _signature(self) -> tuple[int, int, bool]:
        stat = self.file.stat()
        return stat.st_mtime_ns, stat.st_size, self.file.with_name(f"{GEOPACKAGE}-wal").exists()

    def _prepare(self) -> None:
        """Make a sound file ready for writing: journal, new columns, unfinished wiping."""
        with speaking(self.workspace), on_disk(self.workspace):
            connection = self._connection()
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            absent = [
                name for name in schema.TABLES_SINCE if not schema.columns_of(connection, name)
            ]
            grown = [
                layout
                for name, layout in self._layouts.items()
                if name not in absent and schema.missing_columns(connection, layout)
            ]
            if grown or absent:
                connection.execute("BEGIN IMMEDIATE")
                for name in absent:
                    if not schema.columns_of(connection, name):  # nobody else made it meanwhile
                        schema.create_table(connection, self._layouts[name], self._srs_id)
                for layout in grown:
                    schema.add_missing_columns(connection, layout)
                connection.execute("COMMIT")
            self._wipe(connection)
            prepare_protected(self.protected_file, busy_seconds=self._busy_seconds)


def open_store(
    workspace: Path, city: City, *, read_only: bool = False, busy_seconds: float = 10.0
) -> GeoPackageStore:
    """Open the workspace of ``city``; on a read-only disk or by wish for reading only.

    Raises
    ------
    SroError
        ``workspace_missing``, ``workspace_damaged``, ``workspace_newer``,
        ``workspace_older``, ``workspace_other_city``, ``workspace_other_crs``,
        ``workspace_busy``, ``workspace_unreadable``.
    """
    file = workspace / GEOPACKAGE
    if not file.is_file():
        raise SroError("workspace_missing", workspace=str(workspace))
    if not (workspace / PROTECTED).is_file():
        raise damaged(workspace, f"{PROTECTED} is missing")
    read_only = read_only or not (writable(file) and writable(workspace / PROTECTED))
    store = GeoPackageStore(workspace, city, read_only=read_only, busy_seconds=busy_seconds)
    try:
        with speaking(workspace):
            check_workspace(store._connection(), workspace, city)
        if not read_only:
            store._prepare()
    except BaseException:
        store.close()
        raise
    return store


def create_store(
    workspace: Path,
    city: City,
    *,
    settings_from: Path | None = None,
    sample_digest: str = "",
    busy_seconds: float = 10.0,
) -> GeoPackageStore:
    """Create an empty workspace for ``city`` and open it.

    ``settings_from`` is the folder whose ``city.toml`` and ``categories.toml`` are copied in.
    The GeoPackage appears last and whole: a workspace that was interrupted does not exist.
    Raises ``SroError``: ``workspace_exists``, ``workspace_full``, ``workspace_read_only``.
    """
    meta = {
        "schema_version": str(schema.SCHEMA_VERSION),
        "revision": "0",
        "city_id": city.city_id,
        "created_at": now(),
        "sample_digest": sample_digest,
    }
    with on_disk(workspace), speaking(workspace):
        workspace.mkdir(parents=True, exist_ok=True)
        if any((workspace / name).exists() for name in (GEOPACKAGE, PROTECTED)):
            raise SroError("workspace_exists", workspace=str(workspace))
        if settings_from is not None and settings_from.resolve() != workspace.resolve():
            for name in SETTINGS:
                shutil.copyfile(settings_from / name, workspace / name)
        _create(workspace / PROTECTED, 0o600, lambda sql: schema.create_protected(sql, city))
        _create(workspace / GEOPACKAGE, 0o666, lambda sql: schema.create_workspace(sql, city, meta))
    return open_store(workspace, city, busy_seconds=busy_seconds)


def _create(file: Path, mode: int, lay_out: Callable[[Connection], None]) -> None:
    """Make a database under another name and let it appear when it is complete."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        connection = create_file(unfinished, mode)
        try:
            connection.execute("BEGIN IMMEDIATE")
            lay_out(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()
        # A link, unlike a rename, never takes the place of a file made meanwhile.
        os.link(unfinished, file)
    except FileExistsError:
        raise SroError("workspace_exists", workspace=str(file.parent)) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _undo(connection: Connection) -> None:
    """Roll back what SQLite has not rolled back by itself, as it does when the disk is full."""
    if connection.in_transaction:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
