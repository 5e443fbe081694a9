"""Have a file read by a process of its own, which may take so much and no more.

Formats that only GDAL reads come in this way: a bug in one of its parsers then hurts a
process that has no workspace open, and a file that was built to exhaust the machine
exhausts its own limits.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sro_geo.errors import SroError
from sro_geo.exchange.records import Records, filled

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Limits:
    """What reading one file may take: seconds, memory, and how big the file may be."""

    seconds: int = 180
    memory_mb: int = 4096
    file_mb: int = 500


LIMITS = Limits()


def read_apart(
    form: str,
    source: Path | bytes,
    name: str,
    suffix: str,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    limits: Limits = LIMITS,
) -> Records:
    """Return what a file of ``form`` holds, read by :mod:`sro_geo.exchange.reader`.

    Parameters
    ----------
    suffix
        Ending of the temporary copy, by what the file is and not by what it is called.
    bounds
        West, south, east, north in degrees; what lies beyond is not read.

    Raises
    ------
    SroError
        ``file_too_large``, ``file_malformed``, ``file_has_doctype``, ``streets_elsewhere``,
        ``file_takes_too_long``, ``file_takes_too_much``, ``file_unreadable``.
    """
    with tempfile.TemporaryDirectory(prefix="sro-") as folder:
        copy = Path(folder) / f"file{suffix}"
        _copy(source, name, copy, limits)
        wishes = {
            "bounds": list(bounds) if bounds else None,
            "seconds": limits.seconds,
            "memory_mb": limits.memory_mb,
        }
        status = _run(form, copy, folder, json.dumps(wishes), name, limits)
        if status == 0:
            return _records(Path(folder) / "records.npz", name)
        said = Path(folder) / "said.json"
        if status == 3 and said.is_file():
            what = json.loads(said.read_text(encoding="utf-8"))
            raise SroError(what["code"], file=name, **what["params"])
    too_much = (4, -signal.SIGABRT, -9, -25)  # no memory; killed; a temporary file too large
    if status in too_much:
        raise SroError("file_takes_too_much", file=name, limit=limits.memory_mb)
    if status == -24:  # out of processor time
        raise SroError("file_takes_too_long", file=name, seconds=limits.seconds)
    raise SroError("file_malformed", file=name, format=form.upper(), reason=f"status {status}")


def _copy(source: Path | bytes, name: str, copy: Path, limits: Limits) -> None:
    most = limits.file_mb << 20
    size = 0
    try:
        if isinstance(source, bytes):
            size = len(source)
            if size <= most:
                copy.write_bytes(source)
        else:
            with source.open("rb") as stream, copy.open("wb") as out:
                while size <= most and (part := stream.read(1 << 20)):
                    out.write(part)
                    size += len(part)
            size = max(size, source.stat().st_size)
    except OSError as why:
        reason = why.strerror or type(why).__name__
        raise SroError("file_unreadable", file=name, reason=reason) from None
    if size > most:
        shown = round(size / 1024 / 1024, 1)
        raise SroError("file_too_large", file=name, size=shown, limit=limits.file_mb)


def _run(form: str, copy: Path, folder: str, wishes: str, name: str, limits: Limits) -> int:
    command = [sys.executable, "-m", "sro_geo.exchange.reader", form, str(copy), folder, wishes]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise SroError("file_takes_too_long", file=name, seconds=limits.seconds) from None
    finally:
        process.kill()
        process.wait()


def _environment(folder: str) -> dict[str, str]:
    """Return an environment without settings of GDAL, proxies or secrets of the server."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    return {
        **{key: os.environ[key] for key in kept if key in os.environ},
        "HOME": folder,
        "TMPDIR": folder,
        "CPL_TMPDIR": folder,
        "GDAL_CONFIG_FILE": os.devnull,
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _records(file: Path, name: str) -> Records:
    with np.load(file, allow_pickle=False) as held:
        wkb, lengths = held["wkb"].tobytes(), held["lengths"]
        words: dict[str, Any] = json.loads(held["words"].tobytes())
    ends = np.cumsum(lengths)
    size = len(lengths)
    parts = np.empty(size, object)
    parts[:] = [wkb[end - long : end] for end, long in zip(ends, lengths, strict=True)]
    columns: dict[str, np.ndarray] = {}
    for column, values in words["columns"].items():
        columns[column] = filled(None, size)
        columns[column][:] = [value or None for value in values]
    shapes = shapely.from_wkb(parts) if size else parts
    rows = np.arange(1, size + 1, dtype=np.int64)
    return Records(name, columns, rows, shapes, words["crs"], "utf-8")
