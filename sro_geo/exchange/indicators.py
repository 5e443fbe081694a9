"""Indicators by area and year: numerator, denominator, value; masked is neither missing nor 0."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd

from sro_geo.exchange.case_places import counted_at, levels_of
from sro_geo.exchange.case_values import is_masked, years_of
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import filled, present, words
from sro_geo.tables import Column, Table, conform

STATUS = ("given", "suppressed_at_source", "missing")
PARTS = ("numerator", "denominator", "value")
INDICATORS = Table(
    "indicators",
    ("indicator", "area_id", "level", "year"),
    (
        Column("indicator", "text", True),
        Column("area_id", "text", True),
        Column("level", "text", True),
        Column("year", "integer", True),
        Column("numerator", "number", minimum=0),
        Column("denominator", "number", minimum=0),
        Column("value", "number"),
        Column("status", "choice", True, STATUS),
        Column("published", "boolean", True),
        Column("source"),
        Column("reference_date", "date"),
    ),
)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_POINT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_BLANK = re.compile(r"(?<=[0-9])[\s\u00a0\u202f'’](?=[0-9]{3}(?![0-9]))")
_YES, _NO = words("ja yes true wahr j y x 1"), words("nein no false falsch n 0")
_MASKED, _EMPTY, _FAULTY = "masked", "empty", "faulty"


def indicators_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``indicators``, one row per indicator, area and year of the file.

    A masked number (``<4``, ``*``, ``x``, -1 …) makes the row ``suppressed_at_source``, an
    empty one ``missing``. Some sources leave masked cells empty: the option ``empty`` of the
    mapping says so (``=suppressed_at_source``).
    """
    wide = _columns(intake)
    _leave_out_rows_without_area(intake)
    places = counted_at(intake)
    years = years_of(intake)
    published, clear = _published(intake)
    told = pd.DataFrame(
        {
            "row": intake.rows,
            "area_id": places.ids,
            "year": years,
            "published": published,
            "source": intake.text("source"),
        }
    )
    good = (places.kinds == "area") & np.isfinite(years) & clear
    if wide:
        cells = _wide(intake, wide, told)
    else:
        ids, named = _ids(intake)
        cells = {}
        if not any(intake.has(part) for part in PARTS):
            intake.log.add("indicator_numbers_missing", column="value")
        else:
            columns = {part: intake.column(part) for part in PARTS if intake.has(part)}
            texts = {part: intake.text(part) for part in columns}
            cells = {"": _part(intake, told.assign(indicator=ids), texts, columns)}
            good &= named
    frames = [frame[good & ~frame["faulty"].to_numpy(bool)] for frame in cells.values()]
    whole = pd.concat(frames, ignore_index=True) if frames else told.iloc[:0].assign(status=None)
    return {"indicators": _finished(intake, whole)}


def _columns(intake: Intake) -> dict[str, dict[str, str]]:
    """Return indicator → part → column of a wide table, empty for a long one."""
    if intake.has("indicator"):
        return {}
    out: dict[str, dict[str, str]] = {}
    recognised = dict(intake.recognised)
    for column in intake.records.columns:
        wanted = intake.mapping.get(f"indicator:{column}", "").removeprefix("=")
        if not wanted:
            continue
        name, _, part = wanted.partition(":")
        part = part or "value"
        if not _ID.fullmatch(name) or part not in PARTS:
            parts = ", ".join(PARTS)
            intake.log.add("mapping_indicator_malformed", column=column, parts=parts)
        elif part in out.get(name, {}):
            intake.log.add("indicator_columns_doubled", column=column, indicator=name, part=part)
        else:
            out.setdefault(name, {})[part] = column
            for field, entry in recognised.items():
                if field in PARTS and entry.source == column:
                    recognised[field] = Recognised(field, None, "")
            key = f"indicator:{column}"
            recognised[key] = Recognised(key, column, "mapping")
    intake.recognised = recognised
    return out


def _ids(intake: Intake) -> tuple[np.ndarray, np.ndarray]:
    if not intake.has("indicator"):
        intake.log.add("indicator_missing", column="indicator")
        return filled(None, intake.size), np.zeros(intake.size, bool)
    values, where = intake.text("indicator"), intake.column("indicator")
    named = np.array([v is not None and bool(_ID.fullmatch(v)) for v in values], bool)
    intake.log.each("indicator_malformed", present(values) & ~named, intake.rows, column=where)
    intake.log.each("count_cell_empty", ~present(values), intake.rows, column=where)
    return values, named


def _leave_out_rows_without_area(intake: Intake) -> None:
    """Offer to leave out rows that name no area, as sources add them for people of no address."""
    if not intake.has("area_id") or not intake.size:
        return
    bare = ~present(intake.text("area_id"))
    if bare.any() and not bare.all():
        intake.log.counted(
            "indicator_rows_without_area",
            bare,
            intake.rows,
            column=intake.column("area_id"),
            severity="repair",
        )
        intake.records.keep(~bare)


def _wide(
    intake: Intake, wide: dict[str, dict[str, str]], told: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    return {
        name: _part(
            intake,
            told.assign(indicator=name),
            {part: intake.records.columns[column] for part, column in columns.items()},
            columns,
        )
        for name, columns in wide.items()
    }


def _part(
    intake: Intake, told: pd.DataFrame, texts: dict[str, np.ndarray], columns: dict[str, str]
) -> pd.DataFrame:
    """Return the rows of one indicator (or of a long table) with numbers and status."""
    log, rows, size = intake.log, intake.rows, intake.size
    state: dict[str, np.ndarray] = {}
    frame = told.copy()
    for part in PARTS:
        numbers, state[part] = (
            _numbers(intake, texts[part], columns[part], part)
            if part in texts
            else (np.full(size, np.nan), filled(_EMPTY, size))
        )
        frame[part] = numbers
    low, high = frame["denominator"].to_numpy(float), frame["numerator"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        over = low < high
    if over.any():
        log.each("indicator_denominator_small", over, rows, column=columns["denominator"])
    masked = np.any([state[part] == _MASKED for part in PARTS], axis=0)
    known = np.isfinite(high) | np.isfinite(frame["value"].to_numpy(float))
    if intake.mapping.get("empty", "").removeprefix("=") == "suppressed_at_source":
        masked |= ~known
    status = np.where(known, "given", "missing")
    frame["status"] = np.where(masked, "suppressed_at_source", status)
    # Whatever stands beside a masked number could give it away.
    frame.loc[masked, ["numerator", "value"]] = np.nan
    frame["faulty"] = over | np.any([state[part] == _FAULTY for part in PARTS], axis=0)
    frame["column"] = next(iter(columns.values()), "")
    return frame


def _numbers(
    intake: Intake, values: np.ndarray, column: str, part: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return floats, and for each cell whether it is masked, empty, faulty or none of them."""
    decimal = intake.mapping.get("decimal", "").removeprefix("=")
    read = {v: _number(v, decimal) for v in set(values[present(values)])}
    out = np.array([math.nan if v is None else read[v][0] for v in values], float)
    state = np.array([_EMPTY if v is None else read[v][1] for v in values], object)
    if part != "value":
        below = out < 0
        intake.log.each("count_negative", below, intake.rows, column=column)
        out[below], state[below] = math.nan, _FAULTY
    for code in ("count_ambiguous", "count_no_number"):
        wrong = state == code
        intake.log.each(code, wrong, intake.rows, column=column)
        state[wrong] = _FAULTY
    return out, state


def _number(text: str, decimal: str) -> tuple[float, str]:
    """Return (number, state); a state is ``""``, masked, empty or the code of a fault.

    ``1,5`` is read with its comma; ``1,500`` and ``1.500`` only where the mapping says which
    sign is the decimal one.
    """
    if text.strip().lower() in ("null", "na", "n/a", "nan", "none", "k.a.", "#n/a"):
        return math.nan, _EMPTY
    if is_masked(text):
        return math.nan, _MASKED
    short = _BLANK.sub("", text.replace("−", "-")).strip().removesuffix("%").strip()
    if (grouped := _GROUPED.fullmatch(short)) and grouped[1]:
        if short.count(grouped[1]) > 1 or (decimal in (",", ".") and decimal != grouped[1]):
            short = short.replace(grouped[1], "")
        elif decimal not in (",", ".") and grouped[1] == ",":
            return math.nan, "count_ambiguous"
    if _COMMA.fullmatch(short):
        short = short.replace(",", ".")
    number = float(short) if _POINT.fullmatch(short) else math.nan
    return (number, "") if math.isfinite(number) else (math.nan, "count_no_number")


def _finished(intake: Intake, frame: pd.DataFrame) -> pd.DataFrame:
    if not frame.empty:
        key = ["indicator", "area_id", "year"]
        first = frame.groupby(key)["row"].transform("first").to_numpy()
        for at in np.flatnonzero(frame.duplicated(key)):
            row, column = int(frame["row"].iloc[at]), str(frame["column"].iloc[at])
            intake.log.add("count_doubled", row=row, column=column, other_row=int(first[at]))
        for status in ("suppressed_at_source", "missing"):
            count = int((frame["status"] == status).sum())
            if count:
                intake.log.add(f"indicators_{status}", severity="note", count=count)
    level_of = {area: level for level, ids in levels_of(intake).items() for area in ids}
    return conform(INDICATORS, frame.assign(level=frame["area_id"].map(level_of)))


def _published(intake: Intake) -> tuple[np.ndarray, np.ndarray]:
    """Return which numbers their source has published, and a mask of the clear answers."""
    values = intake.text("published")
    words_ = [None if v is None else v.lower() for v in values]
    yes = np.array([word in _YES for word in words_], bool)
    clear = yes | np.array([word is None or word in _NO for word in words_], bool)
    intake.log.each(
        "indicator_published_unread", ~clear, intake.rows, column=intake.column("published")
    )
    return yes, clear
