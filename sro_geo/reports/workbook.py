"""The tables of a story as numbers: a workbook, or a CSV file each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.reports.content import Slide, Story, all_tables, below
from sro_geo.reports.tables import DataTable, Field, Mark, Value, mark_word

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_NAME = 31
# As in exchange: what begins so is a formula to a spreadsheet.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")


def xlsx_bytes(story: Story) -> bytes:
    """Return a workbook: a sheet on the story, then one for each table.

    A number is the one that is printed; a mark stays a word. Raises ``workbook_not_made``.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    first = book.active
    first.title = t("reports.contents", story.language)[:_NAME]
    held = all_tables(story.slides)
    names = _names([table.caption for _, table in held], {first.title.casefold()})
    about = [story.title, story.city, story.sample_note,
             t("deck.frozen", story.language, label=story.label)]  # fmt: skip
    for line in [line for line in about if line] + [f"{n}" for n in names]:
        first.append([None])
        _put(first.cell(first.max_row, 1), line, Field("", "text"))
    first["A1"].font = Font(bold=True)
    for (slide, table), name in zip(held, names, strict=True):
        sheet = book.create_sheet(name)
        for column, words in enumerate(table.header(), 1):
            cell = sheet.cell(1, column)
            _put(cell, words, Field("", "text"))
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.column_dimensions[get_column_letter(column)].width = 34 if column == 1 else 18
        for y, row in enumerate(table.rows, 2):
            for x, (value, field) in enumerate(zip(row, table.fields, strict=True), 1):
                _put(sheet.cell(y, x), value, field, story.language)
        sheet.freeze_panes = "A2"
        at = len(table.rows) + 3
        for line in _foot(slide, table, story):
            _put(sheet.cell(at, 1), line, Field("", "text"))
            at += 1
    book.properties.title = story.title[:250]
    book.properties.creator = story.city[:250]
    book.properties.language = story.language
    return _saved(book)


def _saved(book: Any) -> bytes:
    """Return a workbook as a file; its sheets are drafted in the system's own folder."""
    from lxml.etree import LxmlError

    buffer = io.BytesIO()
    try:
        book.save(buffer)
    except (OSError, LxmlError) as why:
        reason = getattr(why, "strerror", None) or str(why) or type(why).__name__
        raise SroError("workbook_not_made", reason=reason) from None
    return buffer.getvalue()


def _foot(slide: Slide, table: DataTable, story: Story) -> list[str]:
    """Return the lines below a table: caption, marks, source, whether it is invented."""
    lines = [table.caption, below(table, story.language), slide.source, story.sample_note]
    return [line for line in lines if line]


def _put(cell: object, value: Value, field: Field, language: str = "de") -> None:
    """Write a number as a number, and text that stays text whatever it begins with."""
    if isinstance(value, float):
        cell.value = value  # type: ignore[attr-defined]
        cell.number_format = _format(field)  # type: ignore[attr-defined]
        return
    words = mark_word(value, language) if isinstance(value, Mark) else str(value)
    cell.value = words[:32_000]  # type: ignore[attr-defined]
    cell.data_type = "s"  # type: ignore[attr-defined]


def _format(field: Field) -> str:
    digits = "#,##0" + ("." + "0" * field.decimals if field.decimals else "")
    if field.kind == "percent":
        return "0" + ("." + "0" * field.decimals if field.decimals else "") + "%"
    if field.kind == "signed":
        return f"+{digits};-{digits};0"
    return digits + (" €" if field.kind == "euro" else "")


def _names(captions: Sequence[str], taken: set[str]) -> list[str]:
    """Return names of sheets: allowed, short enough, each there once."""
    out = []
    for number, caption in enumerate(captions, 1):
        name = " ".join(_FORBIDDEN.sub(" ", caption).split())[:_NAME].strip() or str(number)
        if name.casefold() in taken:
            name = f"{name[: _NAME - 4].strip()} {number}"
        taken.add(name.casefold())
        out.append(name)
    return out


def csv_bytes(table: DataTable, story: Story) -> bytes:
    """Return one table as CSV: numbers with a point, marks as words, a column on the data."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    note = [safe_text(story.sample_note)] if story.sample_note else []
    writer.writerow([safe_text(name) for name in table.header()] + (["data_note"] if note else []))
    for row in table.rows:
        writer.writerow([_plain(value, story.language) for value in row] + note)
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _plain(value: Value, language: str) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return mark_word(value, language) if isinstance(value, Mark) else safe_text(value)


def safe_text(words: str) -> str:
    """Return text that a spreadsheet shows as it is, with an apostrophe before a formula."""
    return f"'{words}" if _FORMULA.match(words) else words
