"""A workspace as one zip file, and back."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from sro_geo.errors import SroError
from sro_geo.store.released import RELEASED

GEOPACKAGE = "sro.gpkg"
PROTECTED = "protected.sqlite"
SETTINGS = ("city.toml", "categories.toml")
_ENTRIES = {GEOPACKAGE, PROTECTED, RELEASED, *SETTINGS}
# Templates of presentations that the city wrote itself.
_TEMPLATES = "templates"
_TEMPLATE = re.compile(rf"{_TEMPLATES}/[^/\\\0]{{1,200}}\.toml")
#: More than any city needs; a zip that unpacks to more is not one of ours.
MAX_BYTES = 8 << 30
_MAX_SETTINGS_BYTES = 4 << 20


def write_backup(
    file: Path, workspace: Path, connections: Mapping[str, sqlite3.Connection]
) -> None:
    """Write a zip of the databases behind ``connections`` and of the files beside them.

    The databases are copied by SQLite itself, each as it was at one moment, while others go
    on writing; a plain copy would miss what still waits in the write-ahead log. The zip
    (mode 0600) takes its place only when it is complete. Raises ``SroError``:
    ``backup_not_written``, ``workspace_full``.
    """
    # Their write-ahead logs (sro.gpkg-wal) are part of them.
    own = any(file.name == entry or file.name.startswith(f"{entry}-") for entry in _ENTRIES)
    if own and file.resolve().parent == workspace.resolve():
        raise SroError("backup_not_written", file=str(file), detail="part of the workspace")
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        # Beside the target: there is room for it there or nowhere, and mkdtemp is private.
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as name:
            copies = Path(name)
            for entry, connection in connections.items():
                _copy(connection, copies / entry)
            # The released snapshot is never written in place: a plain copy is whole.
            for entry in (*SETTINGS, RELEASED):
                if (workspace / entry).exists():
                    shutil.copyfile(workspace / entry, copies / entry)
            _copy_templates(workspace / _TEMPLATES, copies / _TEMPLATES)
            _zip(copies, unfinished)
        unfinished.replace(file)
    except OSError as why:
        if why.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SroError("workspace_full", workspace=str(file.parent)) from why
        raise SroError("backup_not_written", file=str(file), detail=str(why)) from why
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(connection: sqlite3.Connection, to: Path) -> None:
    copy = sqlite3.connect(to, isolation_level=None)
    try:
        connection.backup(copy)
        # One file that needs no log beside it, readable from a read-only disk too.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def _copy_templates(source: Path, to: Path) -> None:
    for file in sorted(source.glob("*.toml")):
        known = _TEMPLATE.fullmatch(f"{_TEMPLATES}/{file.name}")
        if known and file.is_file() and file.stat().st_size <= _MAX_SETTINGS_BYTES:
            to.mkdir(exist_ok=True)
            shutil.copyfile(file, to / file.name)


def _zip(folder: Path, to: Path) -> None:
    with os.fdopen(os.open(to, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in sorted(path for path in folder.rglob("*") if path.is_file()):
                archive.write(entry, entry.relative_to(folder).as_posix())
        stream.flush()
        os.fsync(stream.fileno())


def restore_backup(file: Path, workspace: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Unpack a backup into ``workspace``, which must not exist yet or be empty.

    Everything is checked in a folder beside it first; then it takes its place at once.
    Raises ``SroError``: ``workspace_exists``, ``folder_not_empty``, ``backup_missing``,
    ``backup_damaged``, ``workspace_full``, ``workspace_read_only``.
    """
    if (workspace / GEOPACKAGE).exists():
        raise SroError("workspace_exists", workspace=str(workspace))
    if workspace.exists() and (not workspace.is_dir() or any(workspace.iterdir())):
        raise SroError("folder_not_empty", folder=str(workspace))
    if not file.is_file():
        raise SroError("backup_missing", file=str(file))
    try:
        workspace.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=workspace.parent) as name:
            unpacked = Path(name) / "workspace"
            unpacked.mkdir()
            _unpack(file, unpacked, max_bytes)
            unpacked.replace(workspace)
    except OSError as why:
        if why.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise SroError("folder_not_empty", folder=str(workspace)) from why
        full = why.errno in (errno.ENOSPC, errno.EDQUOT)
        code = "workspace_full" if full else "workspace_read_only"
        raise SroError(code, workspace=str(workspace)) from why


def _unpack(file: Path, to: Path, max_bytes: int) -> None:
    def damaged(detail: str) -> SroError:
        return SroError("backup_damaged", file=str(file), detail=detail)

    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            # Only the names we write: no other folders, no "../", nothing twice.
            if strange := [
                name for name in names if name not in _ENTRIES and not _TEMPLATE.fullmatch(name)
            ]:
                raise damaged(f"unexpected entry {strange[0]!r}")
            if len(set(names)) < len(names) or not {GEOPACKAGE, PROTECTED} <= set(names):
                raise damaged("entries missing or doubled")
            if sum(entry.file_size for entry in entries) > max_bytes or any(
                entry.file_size > _MAX_SETTINGS_BYTES
                for entry in entries
                if entry.filename in SETTINGS or entry.filename not in _ENTRIES
            ):
                raise damaged("too large")
            if not _ENTRIES.issuperset(names):
                (to / _TEMPLATES).mkdir()
            for entry in entries:
                mode = 0o600 if entry.filename == PROTECTED else 0o666
                flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
                # zipfile never yields more than the size stated, and checks the sum.
                with (
                    archive.open(entry) as source,
                    os.fdopen(os.open(to / entry.filename, flags, mode), "wb") as target,
                ):
                    shutil.copyfileobj(source, target, 1 << 20)
                if entry.filename == RELEASED:
                    (to / RELEASED).chmod(0o644)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # a compression we never use
        RuntimeError,  # encrypted
        ValueError,
    ) as why:
        raise damaged(str(why)) from why
    # Not the released snapshot: were it broken, it can be published anew from these two.
    for name in (GEOPACKAGE, PROTECTED):
        try:
            check = sqlite3.connect(
                (to / name).absolute().as_uri() + "?mode=ro&immutable=1", uri=True
            )
            try:
                said = check.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                check.close()
        except sqlite3.Error as why:
            raise damaged(f"{name}: {why}") from why
        if said != "ok":
            raise damaged(f"{name}: {said}")
