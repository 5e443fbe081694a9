"""Tables of a story: values as they are printed, written as text or as numbers.

A number is rounded once, when the table is made, half up as on paper; page, slide and
workbook then hold the same one. What is hidden, missing or without meaning is no number
but a mark of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sro_geo.cartography.rates import number, round_half_up, short_words
from sro_geo.cartography.sheet import Table
from sro_geo.i18n import t

NARROW = "\u202f"


class Mark(Enum):
    """What stands in place of a number."""

    SUPPRESSED = "suppressed"
    MISSING = "missing"
    NONE = "none"


Value = str | float | Mark


@dataclass(frozen=True)
class Field:
    """One column: its heading, its kind and the decimals it is printed with.

    ``kind`` is ``text``, ``number``, ``signed`` (with its sign), ``percent`` (a share of 1) or
    ``euro``.
    """

    name: str
    kind: str = "number"
    decimals: int = 0


@dataclass(frozen=True)
class DataTable:
    """A table with its caption; the first column names the row."""

    caption: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""

    def header(self) -> tuple[str, ...]:
        """Return the headings of the columns."""
        return tuple(field.name for field in self.fields)

    def texts(self, language: str) -> tuple[tuple[str, ...], ...]:
        """Return the rows as they are printed."""
        return tuple(
            tuple(written(v, f, language) for v, f in zip(row, self.fields, strict=True))
            for row in self.rows
        )

    def marks(self) -> frozenset[Mark]:
        """Return which marks the table has, for the words below it."""
        return frozenset(v for row in self.rows for v in row if isinstance(v, Mark))


def table(caption: str, fields: Sequence[Field], rows: Iterable[Sequence[Any]]) -> DataTable:
    """Return a table of values rounded as they are printed; NaN and None are marks."""
    return DataTable(
        caption,
        tuple(fields),
        tuple(tuple(_value(v, f) for v, f in zip(row, fields, strict=True)) for row in rows),
    )


def figure(value: Any, status: object) -> Any:
    """Return a figure of a released frame, or the mark of why there is none.

    A hidden figure is never looked at, whatever stands in its place.
    """
    if status == "released":
        return value
    return Mark.SUPPRESSED if status == "suppressed" else Mark.MISSING


def _value(value: Any, field: Field) -> Value:
    if isinstance(value, Mark):
        return value
    if field.kind == "text":
        return "" if _nothing(value) else str(value)
    if _nothing(value) or not math.isfinite(float(value)):
        return Mark.NONE
    exact, decimals = float(value), field.decimals + (2 if field.kind == "percent" else 0)
    rounded = math.copysign(float(round_half_up(abs(exact), decimals)), exact)
    return round(rounded, decimals) + 0.0


def _nothing(value: Any) -> bool:
    return value is None or repr(value) in ("<NA>", "NaT", "nan") or value != value


def written(value: Value, field: Field, language: str) -> str:
    """Return a value as it is printed in the language."""
    if isinstance(value, Mark):
        return mark_word(value, language)
    if isinstance(value, str):
        return value
    digits = number(abs(value) * (100 if field.kind == "percent" else 1), field.decimals, language)
    sign = "\u2212" if value < 0 else ""
    if field.kind == "signed" and value > 0:
        sign = "+"
    if field.kind == "signed" and value == 0:
        sign = "±"
    unit = {"percent": f"{NARROW}%", "euro": f"{NARROW}€"}.get(field.kind, "")
    return f"{sign}{digits}{unit}"


def mark_word(mark: Mark, language: str) -> str:
    """Return what is written in place of a number."""
    return "–" if mark is Mark.NONE else short_words(language)[mark.value]


def explained(marks: Iterable[Mark], language: str) -> str:
    """Return a sentence on the marks a table has; nothing where every figure is there."""
    held = frozenset(marks)
    said = [
        t(f"reports.mark_{mark.value}", language, word=mark_word(mark, language))
        for mark in Mark
        if mark in held
    ]
    return " ".join(said)


def sheet_table(sheet: Table, caption: str) -> DataTable:
    """Return the table of a map as it is: text, ready to be printed."""
    fields = tuple(Field(name, "text") for name in sheet.header)
    return DataTable(caption, fields, tuple(tuple(row) for row in sheet.rows))
