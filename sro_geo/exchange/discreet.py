"""Files whose cells nobody may read in a message: what is said of them names places, not contents.

Counts of help and lists of cases are secret, and a file without a heading line has a person
in its first row. Columns go by their letter there unless their heading is a word this
program knows itself; no fault and no error carries a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sro_geo.errors import Fault, SroError
from sro_geo.exchange.kinds import Field
from sro_geo.exchange.recognise import OPTIONS, PREFIXES, plain
from sro_geo.exchange.records import Records

DISCREET = frozenset(["cases", "indicators"])

# What reading says of a file: which of it may be said here, and under which code.
_READING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "title_skipped": ("title_skipped", ()),
    "row_too_long": ("row_too_long", ("expected", "found")),
    "rows_too_short": ("rows_too_short", ("count", "rows", "expected")),
    "quote_unclosed": ("quote_unclosed", ()),
    "no_rows": ("no_rows", ()),
    "cells_merged": ("cells_merged", ("count", "cells")),
    "formula_without_value": ("formula_without_value", ("count", "cells")),
    "formulas_read": ("formulas_read", ()),
    "encoding_guessed": ("encoding_guessed_unseen", ("encoding",)),
    "text_garbled": ("text_garbled_unseen", ()),
    "column_doubled": ("headings_doubled_unseen", ()),
    "cell_error": ("cell_error_unseen", ()),
    "sheets_ignored": ("sheets_unread_unseen", ()),
}
_ERRORS = frozenset(
    [
        "file_missing",
        "file_is_folder",
        "file_unreadable",
        "file_empty",
        "file_too_large",
        "file_not_text",
        "encoding_unknown",
        "too_many_rows",
        "too_many_columns",
        "workbook_too_large",
        "kind_unknown",
    ]
)
_TELLING = frozenset(["value", "values", "example", "examples", "x", "y", "reason"])


@dataclass(frozen=True)
class Veiled:
    """A file under the names its columns may be called by.

    ``headings`` leads from these names back to the headings of the file; they must not
    leave the room.
    """

    records: Records
    mapping: dict[str, str]
    headings: Mapping[str, str]


def letters(position: int) -> str:
    """Return what a spreadsheet calls the column at a position, counted from 0."""
    out = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        out = chr(ord("A") + rest) + out
    return out


def veil(
    records: Records,
    fields: Sequence[Field],
    mapping: Mapping[str, str],
    is_known: Callable[[str], bool],
) -> Veiled:
    """Return the file with every column under its letter whose heading is no known word.

    ``is_known`` tells of further headings that are words of this program. The mapping may
    name columns by heading or by letter; it is brought to the same names.
    """
    words = {plain(word) for field in fields for word in (field.name, *field.synonyms)}
    headings = list(records.columns)
    kept = {h for h in headings if plain(h) in words or is_known(h)}
    new: dict[str, str] = {}
    for position, heading in enumerate(headings):
        at = records.header.index(heading) if heading in records.header else _unnamed(heading)
        at = position if at is None else at
        letter = letters(at)
        new[heading] = heading if heading in kept else f"#{at + 1}" if letter in kept else letter
    names = {field.name for field in fields}
    renamed: dict[str, str] = {}
    for key, value in mapping.items():
        prefix = next((p for p in PREFIXES if key.startswith(p)), None)
        if prefix is not None:
            column = key[len(prefix) :]
            renamed[prefix + new.get(column, column)] = value
        elif key in names:
            renamed[key] = new.get(value, value)
        elif key in OPTIONS:
            renamed[key] = value
        else:
            renamed[new.get(key, key)] = value
    columns = {new[heading]: values for heading, values in records.columns.items()}
    return Veiled(
        replace(records, columns=columns, header=()),
        renamed,
        {name: heading for heading, name in new.items()},
    )


def _unnamed(heading: str) -> int | None:
    """Return the position of a column without a heading, which reading calls ``#3``."""
    return int(heading[1:]) - 1 if heading[:1] == "#" and heading[1:].isdecimal() else None


def veiled_reading(faults: Iterable[Fault], headings: Mapping[str, str]) -> list[Fault]:
    """Return what reading noted, without a word of the file."""
    new = {heading: name for name, heading in headings.items()}
    out = []
    for fault in faults:
        code, params = _READING.get(fault.code, ("reading_unseen", ()))
        column = new.get(fault.column, "") if fault.code == "cell_error" else ""
        kept = {key: fault.params[key] for key in params}
        out.append(replace(fault, code=code, column=column, params=kept))
    return out


def veiled_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults; of one that would tell a cell's content only the place is left.

    No fault of these kinds carries a value, and a test says so. This is for the day
    somebody adds one.
    """
    return tuple(
        replace(fault, code="reading_unseen", params={}) if _TELLING & set(fault.params) else fault
        for fault in faults
    )


def veiled_error(error: Exception, file: str) -> SroError:
    """Return an error to raise instead of ``error`` that holds nothing of the file."""
    if isinstance(error, SroError):
        if error.code in _ERRORS:
            return SroError(error.code, **error.params)
        if error.code == "file_type_unsupported":
            return SroError("file_no_table", file=file, type=error.params.get("type", ""))
        if error.code == "sheet_unknown":
            sheet = error.params.get("sheet", "")
            return SroError("sheet_unknown_unseen", file=file, sheet=sheet)
        if error.code == "file_malformed":
            kind = error.params.get("format", "")
            return SroError("file_malformed_unseen", file=file, format=kind)
    return SroError("file_unread_unseen", file=file)
