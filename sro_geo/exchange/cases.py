"""Counts of help by place, year, type of help and age; no message repeats a cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sro_geo.cases.help_types import COUNTING_RULES, HELP_TYPES, PLACES_OF_HELP, UNITS
from sro_geo.exchange.age_bands import is_total
from sro_geo.exchange.case_list import is_list, listed_cases
from sro_geo.exchange.case_places import check_people, counted_at, note_levels
from sro_geo.exchange.case_values import (
    CASES,
    ages_of,
    counts_of,
    empty,
    said_alike,
    types_read,
    worded,
    years_of,
)
from sro_geo.exchange.case_words import (
    PLACE_WORDS,
    RULE_WORDS,
    UNIT_WORDS,
    help_type_of,
    help_type_of_heading,
)
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import listed, present
from sro_geo.tables import conform

_OPEN = 200
_LIMITS = (18, 21)  # rates are asked for under 18 and under 21


def cases_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``cases``; one row per case is another matter and has to be said.

    A count of 0 stays in the frame: it says that a type of help was recorded that year. An
    empty cell is no 0: where a type has no number at all in a year it is left out as not
    recorded, where it has some the missing ones have to be told.
    """
    if intake.case_list:
        return {"cases": _finished(intake, listed_cases(intake))}
    signs = is_list(intake)
    if signs:
        intake.log.add("case_list_among_counts", columns=", ".join(signs))
        return {"cases": empty()}
    return {"cases": _finished(intake, _counts(intake))}


def _finished(intake: Intake, frame: pd.DataFrame) -> pd.DataFrame:
    where = intake.column("block_id" if intake.has("block_id") else "area_id")
    note_levels(intake, frame, where)
    check_people(intake, frame, where)
    whole: pd.DataFrame = conform(CASES, frame).assign(version="")
    return whole


def _counts(intake: Intake) -> pd.DataFrame:
    types = help_columns(intake)
    places = counted_at(intake)
    years = years_of(intake)
    low, high, aged = ages_of(intake)
    rule = said_alike(
        intake,
        "counting_rule",
        COUNTING_RULES,
        RULE_WORDS,
        missing="counting_rule_missing",
        mixed="counting_rules_mixed",
    )
    unit = said_alike(
        intake, "unit", UNITS, UNIT_WORDS, missing="unit_missing", mixed="units_mixed"
    )
    given = worded(intake, "place_of_help", PLACES_OF_HELP, PLACE_WORDS)
    lost_word = present(intake.text("place_of_help")) & ~present(given)
    told = pd.DataFrame(
        {
            "row": intake.rows,
            "place_id": places.ids,
            "place_kind": places.kinds,
            "year": years,
            "age_from": low,
            "age_to": high,
            "place_of_help": np.where(present(given), given, "unknown"),
        }
    )
    good = places.known & np.isfinite(years) & aged & ~lost_word
    frame = _wide(intake, types, told, good) if types else _long(intake, told, good)
    frame = _without_gaps(intake, frame)
    _check_rows(intake, frame)
    _note_limits(intake, frame)
    return frame.assign(version="", counting_rule=rule, unit=unit)


def help_columns(intake: Intake) -> dict[str, str]:
    """Return column → type of help of a wide table, empty for a long one."""
    if intake.has("help_type"):
        return {}
    taken = {e.source for f, e in intake.recognised.items() if f != "case_count" and e.source}
    out: dict[str, str] = {}
    how: dict[str, str] = {}
    for column in intake.records.columns:
        if column in taken or intake.mapping.get(column) == "":
            continue
        wanted = intake.mapping.get(f"help:{column}")
        if wanted == "":
            continue
        heading = intake.headings.get(column, column)
        code = help_type_of(wanted.removeprefix("=")) if wanted else help_type_of_heading(heading)
        if wanted and code is None:
            known = ", ".join(HELP_TYPES)
            intake.log.add("mapping_help_unknown", column=column, known=known)
        elif code is not None:
            out[column], how[column] = code, "mapping" if wanted else "name"
        elif is_total(heading):
            intake.left_out.add(column)
    if not out:
        return {}
    total = intake.recognised.get("case_count")
    if total is not None and total.source:
        # Beside a column for each type it can only be their sum.
        intake.left_out.add(total.source)
        out.pop(total.source, None)
    recognised = {**intake.recognised, "case_count": Recognised("case_count", None, "")}
    for column in out:
        recognised[f"help:{column}"] = Recognised(f"help:{column}", column, how[column])
    intake.recognised = recognised
    if intake.left_out:
        columns = listed(sorted(intake.left_out), limit=10)
        intake.log.add("help_totals_ignored", severity="note", columns=columns)
    doubled = sorted({code for code in out.values() if list(out.values()).count(code) > 1})
    for code in doubled:
        columns = ", ".join(column for column, own in out.items() if own == code)
        intake.log.add("help_columns_doubled", columns=columns, type=code)
    read = ", ".join(f"{column}: {code}" for column, code in out.items())
    intake.log.add("help_columns_read", severity="note", columns=read)
    return {column: code for column, code in out.items() if code not in doubled}


def _long(intake: Intake, told: pd.DataFrame, good: np.ndarray) -> pd.DataFrame:
    log = intake.log
    codes = _types(intake)
    if intake.has("case_count"):
        where = intake.column("case_count")
        counts, faulty = counts_of(intake, intake.text("case_count"), where)
    else:
        where = "case_count"
        log.add("case_count_missing", column=where)
        counts, faulty = np.full(intake.size, np.nan), np.ones(intake.size, bool)
    frame = told.assign(help_type=codes, case_count=counts, column=where)
    kept: pd.DataFrame = frame[good & present(codes) & ~faulty]
    return kept.reset_index(drop=True)


def _types(intake: Intake) -> np.ndarray:
    if not intake.has("help_type"):
        intake.log.add("help_type_missing", column="help_type", known=", ".join(HELP_TYPES))
        return np.full(intake.size, None, object)
    return types_read(intake)


def _wide(
    intake: Intake, types: Mapping[str, str], told: pd.DataFrame, good: np.ndarray
) -> pd.DataFrame:
    parts = []
    for column, code in types.items():
        counts, faulty = counts_of(intake, intake.records.columns[column], column)
        part = told.assign(help_type=code, case_count=counts, column=column)
        parts.append(part[good & ~faulty])
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return frame


def _without_gaps(intake: Intake, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out types that have no number at all in a year; single gaps are faults."""
    gap = frame["case_count"].isna()
    if not gap.any():
        return frame
    some = (~gap).groupby([frame["help_type"], frame["year"]]).transform("any")
    for _, cell in frame[gap & some].iterrows():
        intake.log.add("count_empty", row=int(cell["row"]), column=str(cell["column"]))
    left = frame.loc[gap & ~some, ["help_type", "year"]].drop_duplicates()
    for code, years in left.groupby("help_type")["year"]:
        shown = ", ".join(str(int(year)) for year in sorted(years))
        intake.log.add("help_type_not_recorded", severity="note", type=str(code), years=shown)
    kept: pd.DataFrame = frame[~gap].reset_index(drop=True)
    return kept


def _check_rows(intake: Intake, frame: pd.DataFrame) -> None:
    """List rows that count the same people twice: the same key, or ages that overlap."""
    if frame.empty:
        return
    key = ["place_id", "year", "help_type", "place_of_help"]
    group = frame.groupby(key, sort=False).ngroup().to_numpy()
    low = frame["age_from"].to_numpy(float)
    high = np.nan_to_num(frame["age_to"].to_numpy(float), nan=_OPEN)
    rows = frame["row"].to_numpy()
    columns = frame["column"].to_numpy(object)
    order = np.lexsort((rows, high, low, group))
    reached, at = -1.0, -1
    for position, here in enumerate(order):
        if position == 0 or group[here] != group[order[position - 1]]:
            reached, at = -1.0, -1
        if at >= 0 and low[here] <= reached:
            twins = (low[here], high[here]) == (low[at], high[at])
            first, second = sorted((int(rows[at]), int(rows[here])))
            code = "count_doubled" if twins else "count_ages_overlap"
            intake.log.add(code, row=second, column=str(columns[here]), other_row=first)
        if high[here] > reached:
            reached, at = high[here], here


def _note_limits(intake: Intake, frame: pd.DataFrame) -> None:
    """Say that a band reaches over 18 or 21: no rate under that age can be made of it."""
    high = frame["age_to"].fillna(_OPEN)
    whole = (frame["age_from"] == 0) & frame["age_to"].isna()
    for limit in _LIMITS:
        over = (frame["age_from"] < limit) & (high >= limit) & ~whole
        if over.any():
            where = intake.column("age_from" if intake.has("age_from") else "age")
            intake.log.add("count_bands_over", severity="note", column=where, limit=limit)
