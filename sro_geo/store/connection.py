"""Connections to the files of a workspace, and SQLite's complaints put into our codes.

Never open ``sro.gpkg`` or ``protected.sqlite`` by other means (``open``, ``zipfile``, GDAL)
in a process that holds connections to them: closing any other handle drops the locks that
POSIX keeps per process, and acknowledged edits are lost. ``os.stat`` is harmless.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sro_geo.errors import SroError
from sro_geo.store.geometry import SQL_FUNCTIONS

#: Less room than this on the disk, and an I/O error means that it is full
_TIGHT = 1 << 20


class Connection(sqlite3.Connection):
    """A connection that can be kept in a ``WeakSet``."""


def connect(
    file: Path, *, read_only: bool = False, immutable: bool = False, busy_seconds: float = 10.0
) -> Connection:
    """Open an existing database file; changes nothing in it."""
    uri = file.absolute().as_uri() + ("?mode=ro" if read_only else "?mode=rw")
    connection = sqlite3.connect(
        uri + ("&immutable=1" if immutable else ""),
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        # Each thread has its own connection; only close() crosses threads.
        check_same_thread=False,
        factory=Connection,
    )
    try:
        for name, function in SQL_FUNCTIONS.items():
            connection.create_function(name, 1, function, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reading(file: Path, *, busy_seconds: float = 10.0) -> tuple[Connection, bool]:
    """Open a file for reading, on a read-only disk too; returns (connection, immutable).

    Reading a write-ahead log needs a ``-shm`` file beside it. Where that cannot be made,
    the database is read as immutable, which is right only while nobody writes to it and
    nothing waits in the log. A rollback journal that an interrupted change left behind is
    played back first, which only a process that may write can do.
    """
    journal = file.with_name(file.name + "-journal")
    if journal.exists() and writable(file):
        recovering = connect(file, busy_seconds=busy_seconds)
        try:
            recovering.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            recovering.close()
    connection = connect(file, read_only=True, busy_seconds=busy_seconds)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as why:
        connection.close()
        logs = [file.with_name(file.name + "-wal"), journal]
        if _primary(why) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        if any(log.exists() and log.stat().st_size for log in logs):
            raise
        return connect(file, read_only=True, immutable=True, busy_seconds=busy_seconds), True
    except BaseException:
        connection.close()
        raise
    return connection, False


def create_file(file: Path, mode: int = 0o666) -> Connection:
    """Create an empty database file with ``mode`` (less the umask) and open it."""
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    return connect(file)


def writable(file: Path) -> bool:
    """Tell whether this process may write the file and its write-ahead log beside it."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)


def _primary(why: sqlite3.Error) -> int:
    return int(getattr(why, "sqlite_errorcode", 0) or 0) & 0xFF


@contextmanager
def speaking(workspace: Path) -> Iterator[None]:
    """Turn errors of the database into :class:`SroError`."""
    try:
        yield
    except sqlite3.Error as why:
        if told := _told(why, workspace):
            raise told from why
        raise


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn errors of writing files into ``folder`` into :class:`SroError`."""
    try:
        yield
    except OSError as why:
        if why.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SroError("workspace_full", workspace=str(folder)) from why
        if why.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise SroError("workspace_read_only", workspace=str(folder)) from why
        raise SroError("workspace_unreadable", workspace=str(folder), detail=str(why)) from why


def _told(why: sqlite3.Error, workspace: Path) -> SroError | None:
    place = str(workspace)
    match _primary(why):
        case sqlite3.SQLITE_FULL:
            return SroError("workspace_full", workspace=place)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return SroError("workspace_read_only", workspace=place)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return SroError("workspace_busy", workspace=place)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return SroError("workspace_damaged", workspace=place, detail=str(why))
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            return _disk(why, workspace)
    # Text that is no UTF-8 has no code of its own.
    if str(why).startswith("Could not decode"):
        return SroError("workspace_damaged", workspace=place, detail="text is not UTF-8")
    return None


def _disk(why: sqlite3.Error, workspace: Path) -> SroError:
    place = str(workspace)
    if not workspace.is_dir():
        return SroError("workspace_missing", workspace=place)
    if shutil.disk_usage(workspace).free < _TIGHT:
        return SroError("workspace_full", workspace=place)
    return SroError("workspace_unreadable", workspace=place, detail=str(why))
