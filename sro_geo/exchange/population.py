"""Population by block or census cell and age, in long and in wide tables."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sro_geo.exchange.age_bands import gaps, is_total, overlapping, read_band, shown_band
from sro_geo.exchange.casting import as_dates, as_integers, as_numbers
from sro_geo.exchange.cells import note_outside, place_column, places_of
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import listed, present, words
from sro_geo.exchange.spreading import spread
from sro_geo.tables import TABLES

# Statistics offices write these where a number is secret, unknown or not published.
_WITHHELD = words(
    "-1 -9 -1.0 -9.0 -1,0 -9,0 - – — . .. … x X / * NULL null Null NA N/A n/a nan NaN"
    " k.A. k.a. geheim secret None ( ) ()"
)
CELLS_FOR_RULE = 300


def population_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``population`` and, for census cells, ``cells``.

    A number that is secret or missing is left out and said, never taken for 0.
    """
    bands = _age_columns(intake)
    dates = _dates(intake)
    places = places_of(intake)
    told = pd.DataFrame(
        {"place_id": places.ids, "place_kind": places.kinds, "reference_date": dates}
    )
    told["estimated"] = intake.cast(TABLES["population"], "estimated").fillna(False)
    frame, where, rows = _wide(intake, bands, told) if bands else _long(intake, told)
    _note_small_values(intake, frame)
    _check_bands(intake, frame, rows, wide=bool(bands))
    whole = intake.checked(
        "population",
        frame,
        rows,
        names={"place_id": place_column(intake), "persons": where, "age_from": where},
    )
    if len(whole) and whole["reference_date"].notna().any():
        intake.reference_date = str(whole["reference_date"].dropna().max())
    if places.level is not None:
        whole = spread(intake, whole, places.level)
    if places.cells is None:
        return {"population": whole}
    note_outside(intake, places.cells, whole)
    return {"cells": places.cells, "population": whole}


def _age_columns(intake: Intake) -> dict[str, tuple[int, int | None]]:
    """Return column → ages of a wide table, empty for a long one; overlaps are an error."""
    if intake.has("age_from") or intake.has("age"):
        return {}
    taken = {
        entry.source
        for key, entry in intake.recognised.items()
        if key != "persons" and entry.source
    }
    free = [column for column in intake.records.columns if column not in taken]
    bands: dict[str, tuple[int, int | None]] = {}
    how: dict[str, str] = {}
    for column in free:
        wanted = intake.mapping.get(f"age:{column}")
        if wanted == "" or intake.mapping.get(column) == "":
            continue
        band = read_band(wanted.removeprefix("=") if wanted else column)
        if wanted and band is None:
            intake.log.add("mapping_age_malformed", column=column, value=wanted)
        if band is not None:
            bands[column] = band
            how[column] = "mapping" if wanted else "name"
    if not bands:
        return {}
    totals = [column for column in free if is_total(column)]
    if totals:
        intake.left_out.update(totals)
        intake.log.add("total_ignored", severity="note", columns=listed(totals, limit=10))
    recognised = dict(intake.recognised)
    recognised["persons"] = Recognised("persons", None, "")
    for column in bands:
        recognised[f"age:{column}"] = Recognised(f"age:{column}", column, how[column])
    intake.recognised = recognised
    crossing = overlapping(bands)
    if crossing:
        columns = list(dict.fromkeys(column for pair in crossing for column in pair))
        intake.log.add(
            "age_columns_overlap",
            column=crossing[0][0],
            columns=", ".join(f"{c} ({shown_band(bands[c])})" for c in columns),
            pairs="; ".join(f"{a} + {b}" for a, b in crossing[:10]),
        )
        # What is left does not overlap, so that the other checks do not say it again.
        later = {other for _, other in crossing}
        bands = {column: band for column, band in bands.items() if column not in later}
    elif missing := gaps(bands):
        intake.log.add("age_gap", severity="note", ages=", ".join(missing))
    return bands


def _dates(intake: Intake) -> np.ndarray:
    """Return the reference date of each record; of a column of years the newest is taken."""
    raw = intake.text("reference_date")
    where = intake.column("reference_date")
    if not intake.has("reference_date"):
        intake.log.add("reference_date_missing", column="reference_date")
        return raw
    dates = as_dates(raw, intake.rows, where, intake.log, years=True)
    full = [v for v in raw if v is not None]
    in_years = bool(full) and all(re.fullmatch(r"\d{4}(?:\.0)?", v) for v in full)
    wanted = intake.mapping.get("year", "").removeprefix("=")
    found = sorted({d[:4] for d in dates if d is not None})
    if in_years and found and intake.recognised["reference_date"].how != "mapping":
        intake.log.add("year_end_assumed", column=where, severity="note", date=f"{found[-1]}-12-31")
    if wanted and wanted != "*" and wanted not in found:
        known = ", ".join(found) or "–"
        intake.log.add("year_unknown", column=where, value=wanted, known=known)
        return dates
    if len(found) > 1 and wanted != "*" and (in_years or wanted):
        chosen = wanted or found[-1]
        keep = np.array([d is None or d[:4] == chosen for d in dates], bool)
        if not wanted:
            others = ", ".join(y for y in found if y != chosen)
            intake.log.add("year_chosen", column=where, severity="note", year=chosen, others=others)
        intake.records.keep(keep)
        dates = dates[keep]
    return dates


def _persons(intake: Intake, values: np.ndarray, rows: np.ndarray, column: str) -> np.ndarray:
    """Return numbers, NaN where withheld, missing or faulty; withheld and missing are said."""
    withheld = np.array([v in _WITHHELD for v in values], bool)
    empty = ~present(values)
    for code, mask in (("persons_withheld", withheld), ("persons_empty", empty)):
        shown = listed(sorted({str(v) for v in values[mask]})) if code == "persons_withheld" else ""
        intake.log.counted(code, mask, rows, column=column, values=shown)
    decimal = intake.mapping.get("decimal", "").removeprefix("=")
    plain_values = values.copy()
    plain_values[withheld] = None
    return as_numbers(plain_values, rows, column, intake.log, decimal=decimal)


def _wide(
    intake: Intake,
    bands: dict[str, tuple[int, int | None]],
    records: pd.DataFrame,
) -> tuple[pd.DataFrame, str, np.ndarray]:
    frames, rows = [], []
    for column, (low, high) in bands.items():
        persons = _persons(intake, intake.records.columns[column], intake.rows, column)
        told = np.isfinite(persons)
        low_value = persons < 0
        for position in np.flatnonzero(low_value):
            row, value = int(intake.rows[position]), intake.records.columns[column][position]
            intake.log.add("value_too_small", row=row, column=column, value=value, minimum=0)
        told &= ~low_value
        frames.append(
            records[told].assign(
                age_from=low,
                age_to=pd.array([high] * int(told.sum()), dtype="Int64"),
                persons=persons[told],
            )
        )
        rows.append(intake.rows[told])
    frame = pd.concat(frames, ignore_index=True)
    return frame, next(iter(bands)), np.concatenate(rows)


def _long(intake: Intake, records: pd.DataFrame) -> tuple[pd.DataFrame, str, np.ndarray]:
    log, rows = intake.log, intake.rows
    where = intake.column("persons")
    if not intake.has("persons"):
        log.add(
            "column_missing", column="persons", columns=listed(intake.records.columns, limit=12)
        )
    ages: tuple[pd.Series, pd.Series]
    if intake.has("age") and not intake.has("age_from"):
        ages = _ages_of_text(intake)
    elif intake.has("age_from"):
        low, high = (
            as_integers(intake.text(f), rows, intake.column(f), log) for f in ("age_from", "age_to")
        )
        ages = low, high
    else:
        log.add("ages_missing", column="age_from")
        blank = pd.Series(pd.array([pd.NA] * intake.size, dtype="Int64"))
        ages = blank, blank
    persons = _persons(intake, intake.text("persons"), rows, where)
    faulty = np.array([log.has_error(int(row), where) for row in rows], bool)
    told = np.isfinite(persons) | faulty
    frame = records.assign(age_from=ages[0], age_to=ages[1], persons=persons)
    return frame[told].reset_index(drop=True), where, rows[told]


def _ages_of_text(intake: Intake) -> tuple[pd.Series, pd.Series]:
    raw = intake.text("age")
    bands = {value: read_band(value) for value in set(raw[present(raw)])}
    unread = np.array([v is not None and bands[v] is None for v in raw], bool)
    sums = np.array([v is not None and bands[v] is None and is_total(v) for v in raw], bool)
    where = intake.column("age")
    intake.log.each("age_malformed", unread & ~sums, intake.rows, column=where, values=raw)
    intake.log.counted("total_rows", sums, intake.rows, column=where, severity="error")
    low = [None if v is None or bands[v] is None else bands[v][0] for v in raw]  # type: ignore[index]
    high = [None if v is None or bands[v] is None else bands[v][1] for v in raw]  # type: ignore[index]
    return (
        pd.Series(pd.array(low, dtype="Int64")),
        pd.Series(pd.array(high, dtype="Int64")),
    )


def _check_bands(intake: Intake, frame: pd.DataFrame, rows: np.ndarray, *, wide: bool) -> None:
    """List rows of a place and date whose ages overlap, and say which ages nobody covers."""
    if wide or not len(frame):
        return
    low = pd.Series(frame["age_from"]).astype("Int64").to_numpy("float64", na_value=np.nan)
    high = pd.Series(frame["age_to"]).astype("Int64").to_numpy("float64", na_value=130)
    place = pd.factorize(frame["place_id"].astype("object"))[0]
    date = pd.factorize(frame["reference_date"].astype("object"))[0]
    order = np.lexsort((high, low, date, place))
    same = (np.diff(place[order]) == 0) & (np.diff(date[order]) == 0)
    ends = high[order]
    with np.errstate(invalid="ignore"):
        crossing = same & (low[order][1:] <= ends[:-1]) & (low[order][1:] != low[order][:-1])
        # Two rows of the same beginning are a doubled key unless their ends differ.
        crossing |= same & (low[order][1:] == low[order][:-1]) & (ends[1:] != ends[:-1])
    for at in np.flatnonzero(crossing):
        here, before = order[at + 1], order[at]
        intake.log.add(
            "ages_overlap",
            row=int(rows[here]),
            column=intake.column("age" if intake.has("age") else "age_from"),
            id=str(frame["place_id"].iloc[here]),
            other_row=int(rows[before]),
        )


def _note_small_values(intake: Intake, frame: pd.DataFrame) -> None:
    """Say when 1 and 2 never occur: a statistics office changed small numbers on purpose."""
    persons = frame["persons"].dropna().to_numpy(float)
    if (
        len(persons) >= CELLS_FOR_RULE
        and not np.isin(persons, (1, 2)).any()
        and (persons == 3).any()
    ):
        intake.log.add("small_values_absent", severity="note", count=len(persons))
