"""XLSX workbooks, looked at before they are unpacked."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from sro_geo.errors import SroError
from sro_geo.exchange.reading import unsupported
from sro_geo.exchange.records import FaultLog, Records
from sro_geo.exchange.tabular import MAX_COLUMNS, MAX_ROWS, table

MAX_ENTRIES = 2_000
MAX_RATIO = 200
_UNPACKED_TIMES = 10  # a workbook may unpack to ten times the size limit of files
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<c [^<>]*?r="([A-Z]+[0-9]+)"[^<>]*>\s*<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v></v>)?\s*</c>"
)
_MERGED = re.compile(rb'<mergeCell\s[^<>]*?ref="([A-Z0-9:]+)"')


def read_workbook(
    data: bytes, name: str, mapping: Mapping[str, str], log: FaultLog, max_bytes: int
) -> Records:
    """Return the records of the first sheet that is not empty (or of the option ``sheet``).

    Values are read as they are stored: a date cell becomes an ISO date, a whole number has
    no decimals, ``0007`` shown through a format keeps its zeros, a formula gives the value
    it had when the file was saved.
    """
    _look_inside(data, name, max_bytes)
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions nobody asked for
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]
            wanted = mapping.get("sheet", "").removeprefix("=")
            if wanted:
                sheets = [sheet for sheet in sheets if sheet.title == wanted]
                if not sheets:
                    known = ", ".join(book.sheetnames)
                    raise SroError("sheet_unknown", file=name, sheet=wanted, known=known)
            chosen, rows, others = None, [], []
            for sheet in sheets:
                found = [] if chosen is not None else _rows(sheet, name)
                if chosen is None and found:
                    chosen, rows = sheet, found
                elif chosen is not None:
                    others.append(sheet.title)
            path = "" if chosen is None else str(getattr(chosen, "_worksheet_path", ""))
        except SroError:
            raise
        except Exception as why:
            # openpyxl answers a damaged workbook with whatever it stumbled over.
            reason = f"{type(why).__name__}: {why}"[:200]
            raise SroError("file_malformed", file=name, format="XLSX", reason=reason) from None
    if not rows:
        raise SroError("file_empty", file=name)
    assert chosen is not None
    if others and not wanted:
        names = ", ".join(others)
        log.add("sheets_ignored", severity="note", sheet=chosen.title, others=names)
    _look_at_sheet(data, path.lstrip("/"), log)
    records = table(rows, name, log, encoding="xlsx")
    for column, values in records.columns.items():
        for position, value in enumerate(values):
            if value is not None and re.fullmatch(
                r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", value
            ):
                row = int(records.rows[position])
                log.add("cell_error", row=row, column=column, value=value)
                values[position] = None
    return records


def _look_inside(data: bytes, name: str, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as why:
        raise SroError("file_malformed", file=name, format="ZIP", reason=str(why)) from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        endings = {entry.rsplit(".", 1)[-1].lower() for entry in names}
        label = "Shapefile (ZIP)" if "shp" in endings else "ZIP"
        if "mimetype" in names and "content.xml" in names:
            label = "ODS"
        raise unsupported(name, label)
    unpacked = sum(entry.file_size for entry in entries)
    limit = max_bytes * _UNPACKED_TIMES
    ratio = unpacked / max(1, len(data))
    if len(entries) > MAX_ENTRIES or unpacked > limit or (unpacked > 10**6 and ratio > MAX_RATIO):
        size, most = (round(n / 1024 / 1024, 1) for n in (unpacked, limit))
        raise SroError("workbook_too_large", file=name, size=size, limit=most, entries=len(entries))
    if any(entry.flag_bits & 1 for entry in entries):
        raise SroError("file_malformed", file=name, format="XLSX", reason="encrypted")
    if any(".." in entry.split("/") or entry.startswith("/") for entry in names):
        raise SroError("file_malformed", file=name, format="XLSX", reason="path outside archive")


def _rows(sheet: Any, name: str) -> list[list[str | None]]:
    # A stated dimension of a million rows would be filled up with empty cells.
    sheet.reset_dimensions()
    rows: list[list[str | None]] = []
    for cells in sheet.iter_rows():
        if len(rows) >= MAX_ROWS:
            raise SroError("too_many_rows", file=name, limit=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            cells = cells[:MAX_COLUMNS] if not any(c.value for c in cells[MAX_COLUMNS:]) else cells
            if len(cells) > MAX_COLUMNS:
                raise SroError("too_many_columns", file=name, limit=MAX_COLUMNS)
        rows.append([_text(cell) for cell in cells])
    while rows and not any(v is not None and v.strip() for v in rows[-1]):
        rows.pop()
    return rows


def _text(cell: Any) -> str | None:
    value = cell.value
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        plain = value.replace(tzinfo=None)
        midnight = plain.time() == dt.time()
        return plain.date().isoformat() if midnight else plain.isoformat(sep=" ")
    if isinstance(value, int):
        zeros = re.fullmatch(r"0+", str(getattr(cell, "number_format", "") or ""))
        return str(value).zfill(len(zeros[0])) if zeros and value >= 0 else str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _look_at_sheet(data: bytes, path: str, log: FaultLog) -> None:
    """Say what openpyxl does not: merged cells, and formulas that were never computed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            xml = archive.read(path)
    except (KeyError, zipfile.BadZipFile, OSError, ValueError):
        return
    merged = [ref.decode() for ref in _MERGED.findall(xml)]
    if merged:
        log.add(
            "cells_merged",
            severity="note",
            count=len(merged),
            cells=", ".join(merged[:5]) + (", …" if len(merged) > 5 else ""),
        )
    empty = [ref.decode() for ref in _FORMULA_WITHOUT_VALUE.findall(xml)]
    if empty:
        log.add(
            "formula_without_value",
            count=len(empty),
            cells=", ".join(empty[:5]) + (", …" if len(empty) > 5 else ""),
        )
    elif b"<f>" in xml or b"<f " in xml:
        log.add("formulas_read", severity="note")
