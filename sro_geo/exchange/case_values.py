"""Years, ages and counts of cases, cell by cell; a fault names the cell and never what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from sro_geo.cases.help_types import COUNTING_RULES, HELP_TYPES, PLACES_OF_HELP, UNITS
from sro_geo.exchange.age_bands import is_total, read_band
from sro_geo.exchange.case_words import help_type_of
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, present, words
from sro_geo.tables import Column, Table, conform

# Counts do not live in the workspace's own tables: they go to the protected store.
CASES = Table(
    "cases",
    ("place_id", "year", "help_type", "age_from", "place_of_help"),
    (
        Column("place_id", "text", True),
        Column("place_kind", "choice", True, ("block", "area")),
        Column("version"),
        Column("year", "integer", True),
        Column("help_type", "text", True),
        Column("age_from", "integer", True, minimum=0, maximum=27),
        Column("age_to", "integer", minimum=0, maximum=27),
        Column("counting_rule", "choice", True, COUNTING_RULES),
        Column("unit", "choice", True, UNITS),
        Column("place_of_help", "choice", True, PLACES_OF_HELP),
        Column("case_count", "integer", True, minimum=0),
    ),
)
EARLIEST, LATEST = 1990, 2100  # SGB VIII is in force since 1990/91
OLDEST = 27
_LARGEST = 1_000_000
_MASKS = words(
    "-1 -9 -1.0 -9.0 -1,0 -9,0 - – — . .. … ... x xx xxx / * ** *** # null none na n/a nan k.a."
    " geheim secret suppressed anonymisiert gesperrt ( ) () [ ] ? ! <5 <4 <3 u"
)
_BELOW = re.compile(r"(?:<|<=|≤|unter|kleiner(?: als)?|weniger als|bis zu|max\.?)\s*[0-9]+", re.I)
_RANGE = re.compile(r"[0-9]+\s*(?:-|–|bis|to)\s*[0-9]+")
_WHOLE = re.compile(r"([0-9]+)(?:[.,]0+)?")
_FRACTION = re.compile(r"[+-]?[0-9]*[.,][0-9]+")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})*")
_NEGATIVE = re.compile(r"[-−]\s?[0-9]+(?:[.,][0-9]+)?")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:\.0)?")
_YEAR_END = re.compile(r"([0-9]{4})-12-31(?:[T ].*)?|31\.\s?12\.\s?([0-9]{4})")


def empty() -> pd.DataFrame:
    """Return the frame of no case at all."""
    return conform(CASES, pd.DataFrame(columns=CASES.column_names))


def is_masked(text: str) -> bool:
    """Tell whether a cell says that its number is secret or not known."""
    short = text.strip().lower()
    return short in _MASKS or bool(_BELOW.fullmatch(short)) or bool(_RANGE.fullmatch(short))


def years_of(intake: Intake) -> np.ndarray:
    """Return the year of each record as a float, NaN where it has none.

    A date that is the last day of a year stands for the year. A year the mapping states is
    the one asked for: in a file with a column of years the rows of others are left out.
    """
    out = np.full(intake.size, np.nan)
    if not intake.has("year"):
        intake.log.add("count_year_missing", column="year")
        return out
    where = intake.column("year")
    values = intake.text("year")
    out[:] = [year_of(value) for value in values]
    bad = present(values) & np.isnan(out)
    _strange_years(intake, bad, where)
    intake.log.each("count_cell_empty", ~present(values), intake.rows, column=where)
    if (beside := _years_beside(intake)) is not None:
        own = np.array([year_of(v) for v in intake.records.columns[beside]], float)
        _strange_years(intake, np.isnan(own), beside)
        others = np.isfinite(own) & np.isfinite(out) & (own != out)
        if others.any():
            year = int(out[others][0])
            count = int(others.sum())
            intake.log.add(
                "rows_of_other_years", column=beside, severity="note", count=count, year=year
            )
        out[own != out] = np.nan
    return out


def _strange_years(intake: Intake, bad: np.ndarray, column: str) -> None:
    low, high = EARLIEST, LATEST
    intake.log.each(
        "count_year_implausible", bad, intake.rows, column=column, earliest=low, latest=high
    )


def _years_beside(intake: Intake) -> str | None:
    """Return the column of years of a file whose year the mapping states, None without one."""
    if not (intake.recognised["year"].source or "").startswith("="):
        return None
    (field,) = [field for field in intake.kind.fields if field.name == "year"]
    names = {plain(word) for word in (field.name, *field.synonyms)}
    columns = [
        c for c in intake.records.columns if plain(c) in names and intake.mapping.get(c) != ""
    ]
    intake.left_out.update(columns[:1])
    return columns[0] if columns else None


def year_of(text: str | None) -> float:
    """Return the year a cell says, NaN where it says none that can be meant."""
    match = _YEAR.fullmatch(text or "") or _YEAR_END.fullmatch(text or "")
    year = int(next(group for group in match.groups() if group)) if match else 0
    return float(year) if EARLIEST <= year <= LATEST else float("nan")


def ages_of(intake: Intake) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (from, to; NaN: open end) of each record and a mask of those that can be used.

    A file that says nothing of ages counts all of them: 0 and over.
    """
    size, rows = intake.size, intake.rows
    low, high = np.zeros(size), np.full(size, np.nan)
    if intake.has("age_from"):
        low, good_low = _years_of_age(intake, "age_from", required=True)
        high, good_high = _years_of_age(intake, "age_to", required=False)
        good = good_low & good_high
        where = intake.column("age_to" if intake.has("age_to") else "age_from")
    elif intake.has("age"):
        where = intake.column("age")
        values = intake.text("age")
        bands = {
            v: (0, None) if is_total(v) else read_band(v) for v in set(values[present(values)])
        }
        found = [None if v is None else bands[v] for v in values]
        low = np.array([np.nan if b is None else b[0] for b in found], float)
        high = np.array([np.nan if b is None or b[1] is None else b[1] for b in found], float)
        good = np.isfinite(low)
        intake.log.each("count_age_unread", present(values) & ~good, rows, column=where)
        intake.log.each("count_cell_empty", ~present(values), rows, column=where)
    else:
        intake.log.add("counts_without_age", column="age", severity="note")
        return low, high, np.ones(size, bool)
    with np.errstate(invalid="ignore"):
        outside = good & ((low > OLDEST) | (high > OLDEST))
        crossed = good & ~outside & (low > high)
    intake.log.each("count_age_outside", outside, rows, column=where, oldest=OLDEST)
    intake.log.each("count_ages_crossed", crossed, rows, column=where)
    return low, high, good & ~outside & ~crossed


def _years_of_age(intake: Intake, field: str, *, required: bool) -> tuple[np.ndarray, np.ndarray]:
    values, where = intake.text(field), intake.column(field)
    out = np.full(intake.size, np.nan)
    for position in np.flatnonzero(present(values)):
        match = _WHOLE.fullmatch(values[position])
        if match and len(match[1]) <= 3:
            out[position] = int(match[1])
    bad = present(values) & np.isnan(out)
    intake.log.each("count_age_unread", bad, intake.rows, column=where)
    if required:
        intake.log.each("count_cell_empty", ~present(values), intake.rows, column=where)
        bad |= ~present(values)
    return out, ~bad


def types_read(intake: Intake) -> np.ndarray:
    """Return the type of help of each record, None with a fault where it has none."""
    values, where = intake.text("help_type"), intake.column("help_type")
    codes: Mapping[str, str | None] = {v: help_type_of(v) for v in set(values[present(values)])}
    out = np.array([None if v is None else codes[v] for v in values], object)
    lost = present(values) & ~present(out)
    sums = np.array([v is not None and is_total(v) for v in values], bool) & lost
    known = ", ".join(HELP_TYPES)
    intake.log.each("help_type_strange", lost & ~sums, intake.rows, column=where, known=known)
    intake.log.counted("help_total_rows", sums, intake.rows, column=where, severity="error")
    intake.log.each("count_cell_empty", ~present(values), intake.rows, column=where)
    return out


def counts_of(intake: Intake, values: np.ndarray, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers as floats (NaN: none or faulty), and a mask of the faulty cells.

    Masked numbers are refused: what hides a small number is this program's own gate, and it
    needs the number to do so. ``1.234`` is a thousand only where the mapping says which sign
    is the decimal one.
    """
    out = np.full(len(values), np.nan)
    decimal = intake.mapping.get("decimal", "").removeprefix("=")
    codes: dict[str, tuple[str, float]] = {}
    for value in set(values[present(values)]):
        codes[value] = _count(value, decimal)
    for code in dict.fromkeys(code for code, _ in codes.values() if code):
        mask = np.array([v is not None and codes[v][0] == code for v in values], bool)
        intake.log.each(code, mask, intake.rows, column=column)
    full = present(values)
    out[full] = [codes[v][1] for v in values[full]]
    return out, full & np.isnan(out)


def _count(text: str, decimal: str) -> tuple[str, float]:
    """Return (code of what is wrong or empty, number)."""
    nothing = float("nan")
    if is_masked(text):
        return "count_masked", nothing
    if _NEGATIVE.fullmatch(text):
        return "count_negative", nothing
    if grouped := _GROUPED.fullmatch(text):
        if decimal not in (",", "."):
            return "count_ambiguous", nothing
        if grouped[1] == decimal:
            return "count_fractional", nothing
        text = text.replace(grouped[1], "")
    if whole := _WHOLE.fullmatch(text):
        number = int(whole[1]) if len(whole[1]) <= 7 else _LARGEST + 1
        return ("", float(number)) if number <= _LARGEST else ("count_too_large", nothing)
    return ("count_fractional" if _FRACTION.fullmatch(text) else "count_no_number"), nothing


def said_alike(
    intake: Intake,
    field: str,
    choices: tuple[str, ...],
    known: Mapping[str, str],
    *,
    missing: str,
    mixed: str,
) -> str | None:
    """Return the one word a file says in a field that must be the same in all rows.

    ``missing`` and ``mixed`` are the codes of what is noted otherwise.
    """
    log, where = intake.log, intake.column(field)
    shown = ", ".join(choices)
    if not intake.has(field):
        log.add(missing, column=field, allowed=shown)
        return None
    words_ = worded(intake, field, choices, known)
    log.each("count_cell_empty", ~present(intake.text(field)), intake.rows, column=where)
    found = [choice for choice in choices if (words_ == choice).any()]
    if len(found) > 1:
        log.add(mixed, column=where, found=", ".join(found))
    return found[0] if len(found) == 1 else None


def worded(
    intake: Intake, field: str, choices: tuple[str, ...], known: Mapping[str, str]
) -> np.ndarray:
    """Return a field as one of the choices, None where it is empty or, with a fault, unknown."""
    values = intake.text(field)
    by_plain = {**known, **{plain(choice): choice for choice in choices}}
    out = filled(None, intake.size)
    for position in np.flatnonzero(present(values)):
        out[position] = by_plain.get(plain(values[position]))
    bad = present(values) & ~present(out)
    intake.log.each(
        "count_word_unknown",
        bad,
        intake.rows,
        column=intake.column(field),
        allowed=", ".join(choices),
    )
    return out
