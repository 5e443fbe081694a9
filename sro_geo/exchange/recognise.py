"""Which column of a file says what: by mapping, name, synonym or likeness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sro_geo.exchange.kinds import Field
from sro_geo.exchange.records import FaultLog, listed

# Keys of a mapping that steer the reading instead of naming a field.
OPTIONS = ("decimal", "encoding", "delimiter", "sheet", "crs", "year", "empty", "case_list")
# Keys that say what a column counts: ``age:COLUMN`` → ``18-29``.
PREFIXES = ("age:", "help:", "indicator:")
SIMILAR_FROM = 90
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Recognised:
    """Where a field comes from.

    ``source`` is a column of the file, ``=value`` for a constant of the mapping, or None.
    ``how`` is ``name``, ``synonym``, ``similar``, ``mapping`` or empty.
    """

    field: str
    source: str | None
    how: str


def plain(name: str) -> str:
    """Return a column's name without case, umlauts, blanks and punctuation."""
    lower = unicodedata.normalize("NFC", name).lower().translate(_GERMAN)
    return re.sub(r"[\W_]+", "", lower)


def recognise(
    fields: Sequence[Field],
    columns: Sequence[str],
    mapping: Mapping[str, str],
    log: FaultLog,
    *,
    likeness: bool = True,
) -> tuple[Recognised, ...]:
    """Return for every field the column it is read from.

    ``mapping`` goes first: field → column, field → ``=constant``, field → empty (leave the
    field alone), column → empty (leave the column alone). What it names wrongly is a fault.
    ``likeness``: take a column whose name is merely close.
    """
    names = {field.name for field in fields}
    ignored = {
        key for key, value in mapping.items() if not value and key in columns and key not in names
    }
    free = [column for column in columns if column not in ignored]
    found: dict[str, Recognised] = {}
    for key, value in mapping.items():
        _mapped(key, value, names, columns, found, log)
    taken = {entry.source for entry in found.values()}
    free = [column for column in free if column not in taken]
    for how in ("name", "synonym", "similar")[: 3 if likeness else 2]:
        for field in fields:
            if field.name in found:
                continue
            column = _match(how, field, free)
            if column is None:
                continue
            found[field.name] = Recognised(field.name, column, how)
            free.remove(column)
            if how == "similar":
                log.add("column_similar", column=column, severity="note", field=field.name)
    for field in fields:
        if field.required and found.get(field.name, Recognised("", None, "")).source is None:
            log.add("column_missing", column=field.name, columns=listed(columns, limit=12))
    return tuple(found.get(field.name, Recognised(field.name, None, "")) for field in fields)


def _mapped(
    key: str,
    value: str,
    names: set[str],
    columns: Sequence[str],
    found: dict[str, Recognised],
    log: FaultLog,
) -> None:
    if key in OPTIONS and not (key in names and (value in columns or value.startswith("="))):
        return
    if any(key.startswith(prefix) and key.removeprefix(prefix) in columns for prefix in PREFIXES):
        return
    if key in names:
        if not value:
            found[key] = Recognised(key, None, "mapping")
        elif value.startswith("=") or value in columns:
            found[key] = Recognised(key, value, "mapping")
        else:
            known = listed(columns, limit=12)
            log.add("mapping_column_unknown", column=value, field=key, columns=known)
    elif not (key in columns and not value):
        log.add("mapping_field_unknown", column=key, fields=listed(sorted(names), limit=40))


def _match(how: str, field: Field, free: Sequence[str]) -> str | None:
    by_plain = {plain(column): column for column in reversed(free)}
    if how == "name":
        return by_plain.get(plain(field.name))
    if how == "synonym":
        return next((by_plain[s] for s in map(plain, field.synonyms) if s in by_plain), None)
    from rapidfuzz import fuzz

    best: tuple[float, str] | None = None
    for wanted in (plain(field.name), *map(plain, field.synonyms)):
        for short, column in by_plain.items():
            # A different digit is a different thing (area_id_2), and short names are
            # one letter away from each other.
            if min(len(short), len(wanted)) < 6 or _digits(short) != _digits(wanted):
                continue
            score = fuzz.ratio(short, wanted)
            if score >= SIMILAR_FROM and (best is None or score > best[0]):
                best = (score, column)
    return best[1] if best else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
