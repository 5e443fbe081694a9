"""Tables of text: CSV in the ways offices write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

import numpy as np

from sro_geo.errors import SroError
from sro_geo.exchange.records import FaultLog, Records

DELIMITERS = (";", ",", "\t", "|")
MAX_ROWS = 500_000
MAX_COLUMNS = 1_000


def read_csv(
    text: str, name: str, encoding: str, mapping: Mapping[str, str], log: FaultLog
) -> Records:
    """Return the records of a CSV file, every value as text exactly as it is written.

    The delimiter is the one of ``; , TAB |`` that cuts the first rows into equal parts,
    unless the option ``delimiter`` or a line ``sep=;`` names it. ``NA`` stays ``NA``.
    """
    said = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)
    skipped = 0
    if said:
        text, skipped = text[said.end() :], 1
    wanted = mapping.get("delimiter", "").removeprefix("=")
    wanted = {"tab": "\t", "\\t": "\t"}.get(wanted.lower(), wanted) or (said[1] if said else "")
    delimiter = wanted if len(wanted) == 1 and wanted not in '"\r\n' else _delimiter(text)
    rows = _rows(text, name, delimiter, log)
    return table(rows, name, log, skipped=skipped, encoding=encoding, delimiter=delimiter)


def _rows(text: str, name: str, delimiter: str, log: FaultLog) -> list[list[str]]:
    # The default limit of a field is there to stop a lost quotation mark from eating the
    # file; the file is in memory already, so the mark is looked for instead.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise SroError("too_many_rows", file=name, limit=MAX_ROWS)
    except csv.Error as why:
        raise SroError("file_malformed", file=name, format="CSV", reason=str(why)) from None
    if text.count('"') % 2 and _is_open_ended(text, delimiter):
        log.add("quote_unclosed", row=len(rows))
    return rows


def _is_open_ended(text: str, delimiter: str) -> bool:
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as why:
        return "unexpected end" in str(why)
    return False


def _delimiter(text: str) -> str:
    sample = "\n".join(text[:60_000].splitlines()[:60])
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = [r for r in csv.reader(io.StringIO(sample), delimiter=delimiter) if r]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        if usual > 1:
            score = (widths.count(usual) / len(widths), usual)
            # Nearly as even is even: one row with a decimal comma must not decide.
            if (round(score[0], 1), score[1]) > (round(best_score[0], 1), best_score[1]):
                best, best_score = delimiter, score
    return best


def table(
    rows: Sequence[Sequence[str | None]],
    name: str,
    log: FaultLog,
    *,
    skipped: int = 0,
    encoding: str = "",
    delimiter: str = "",
) -> Records:
    """Return the records under the first row that is a header.

    Empty rows and a title above the header are left out; the others keep the number they
    have in the spreadsheet.
    """
    filled_in = [any(v is not None and v.strip() for v in row) for row in rows]
    usable = [i for i, full in enumerate(filled_in) if full]
    if not usable:
        raise SroError("file_empty", file=name)
    top = usable[0]
    while len(usable) > 1 and _cells(rows[top]) == 1 and _cells(rows[usable[1]]) > 2:
        log.add("title_skipped", row=top + skipped + 1, severity="note")
        usable = usable[1:]
        top = usable[0]
    header = _header(rows[top], log, top + skipped + 1)
    width = len(header)
    if width > MAX_COLUMNS:
        raise SroError("too_many_columns", file=name, limit=MAX_COLUMNS)
    body = usable[1:]
    numbers = np.array([i + skipped + 1 for i in body], dtype=np.int64)
    for i in body:
        row = rows[i]
        if len(row) > width and any(v is not None and v.strip() for v in row[width:]):
            log.add("row_too_long", row=i + skipped + 1, expected=width, found=len(row))
    short = np.array([len(rows[i]) < width for i in body], bool)
    log.counted("rows_too_short", short, numbers, expected=width)
    columns: dict[str, np.ndarray] = {}
    for at, column in enumerate(header):
        values = np.empty(len(body), object)
        values[:] = [(rows[i][at] or None) if at < len(rows[i]) else None for i in body]
        if column:
            columns[column] = values
        elif any(v is not None for v in values):
            columns[f"#{at + 1}"] = values
    if not body:
        log.add("no_rows")
    return Records(name, columns, numbers, None, "", encoding, delimiter, header=tuple(header))


def _cells(row: Sequence[str | None]) -> int:
    return sum(1 for v in row if v is not None and v.strip())


def _header(row: Sequence[str | None], log: FaultLog, number: int) -> list[str]:
    names: list[str] = []
    for value in row:
        name = " ".join((value or "").split())
        if name and name in names:
            twin, count = name, 2
            while name in names:
                name, count = f"{twin} ({count})", count + 1
            log.add("column_doubled", row=number, column=twin, severity="note", name=name)
        names.append(name)
    while names and not names[-1]:
        names.pop()
    return names
