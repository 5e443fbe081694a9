"""Population by block or census cell and age, in long and in wide tables."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.age_bands import gaps, is_total, overlapping, read_band, shown_band
from sro_geo.exchange.casting import as_dates, as_integers, as_numbers
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import points_of
from sro_geo.exchange.placing import placed
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import filled, listed, present, words

_CELL = re.compile(r"(?:CRS3035)?(?:RES)?(\d+)(k?m)N(\d+)E(\d+)", re.IGNORECASE)
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
    places, kind, cells = _places(intake)
    if bands:
        frame, where, rows = _wide(intake, bands, places, dates)
    else:
        frame, where, rows = _long(intake, places, dates)
    frame["place_kind"] = kind
    _note_small_values(intake, frame)
    _check_bands(intake, frame, rows, wide=bool(bands))
    whole = intake.checked(
        "population",
        frame,
        rows,
        names={"place_id": _place_column(intake), "persons": where, "age_from": where},
    )
    if len(whole) and whole["reference_date"].notna().any():
        intake.reference_date = str(whole["reference_date"].dropna().max())
    if cells is None:
        return {"population": whole}
    _note_outside(intake, cells, whole)
    return {"cells": cells, "population": whole}


def _place_column(intake: Intake) -> str:
    return intake.column("cell_id" if intake.has("cell_id") else "block_id")


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


def _places(intake: Intake) -> tuple[np.ndarray, str, pd.DataFrame | None]:
    """Return place ids, their kind, and the frame of cells where they are cells."""
    ids = intake.text("cell_id")
    told = present(ids)
    pattern = np.array([bool(_CELL.fullmatch(v)) if v else False for v in ids], bool)
    has_points = intake.records.geometry is not None or any(
        intake.has(pair) for pair in ("x", "lon")
    )
    if intake.has("block_id") and not intake.has("cell_id"):
        blocks = intake.text("block_id")
        some = [v for v in blocks[:50] if v is not None]
        if some and all(_CELL.fullmatch(v) for v in some):
            recognised = dict(intake.recognised)
            recognised["cell_id"] = Recognised("cell_id", intake.column("block_id"), "synonym")
            recognised["block_id"] = Recognised("block_id", None, "")
            intake.recognised = recognised
            return _places(intake)
        return _blocks(intake, blocks), "block", None
    if not intake.has("cell_id") and not has_points:
        intake.log.add("place_column_missing", column="block_id")
        return filled(None, intake.size), "block", None
    points = _cell_points(intake, ids, pattern, has_points)
    missing = ~told
    if missing.any() and not intake.has("cell_id"):
        for position in np.flatnonzero(missing):
            point = points[position]
            ids[position] = None if point is None else f"x{point.x:.0f}y{point.y:.0f}"
    return ids, "cell", _cells(intake, ids, points)


def _cell_points(
    intake: Intake, ids: np.ndarray, pattern: np.ndarray, has_points: bool
) -> np.ndarray:
    """Return the centre of each cell in the city's CRS."""
    on_grid = pattern.any() and (pattern | ~present(ids)).all()
    if on_grid and not intake.mapping.get("crs"):
        # The id of a cell names its lower left corner in EPSG:3035, and its size.
        centres = filled(None, intake.size)
        for position in np.flatnonzero(pattern):
            match = _CELL.fullmatch(ids[position])
            assert match is not None
            size = int(match[1]) * (1000 if match[2].lower() == "km" else 1)
            north, east = int(match[3]), int(match[4])
            if east < 10**5 and size >= 100:  # the older form counts in units of the cell
                north, east = north * size, east * size
            centres[position] = shapely.Point(east + size / 2, north + size / 2)
        intake.log.add("crs_from_cells", severity="note", crs="EPSG:3035")
        found, intake.crs = placed(
            centres,
            "EPSG:3035",
            intake.city,
            intake.rows,
            intake.log,
            column=intake.column("cell_id"),
            outside="note",
        )
        return found
    if not has_points:
        intake.log.each(
            "cell_id_malformed",
            present(ids) & ~pattern,
            intake.rows,
            column=intake.column("cell_id"),
            values=ids,
        )
        return filled(None, intake.size)
    return points_of(intake, outside="note")


def _cells(intake: Intake, ids: np.ndarray, points: np.ndarray) -> pd.DataFrame:
    import geopandas as gpd

    from sro_geo.areas import assign_points

    blocks = intake.known.held("blocks")
    within = filled(None, intake.size)
    if blocks is None:
        intake.log.add("blocks_unknown", severity="note")
    else:
        some = np.flatnonzero([p is not None for p in points])
        x, y = shapely.get_x(points[some]), shapely.get_y(points[some])
        found = assign_points(blocks.geometry.to_numpy(), x, y)  # type: ignore[attr-defined]
        names = blocks["block_id"].to_numpy(object)
        within[some[found >= 0]] = names[found[found >= 0]]
    frame = pd.DataFrame({"cell_id": ids, "block_id": within})
    # A long table names each cell once per age.
    first = ~frame["cell_id"].duplicated().to_numpy(bool) | frame["cell_id"].isna().to_numpy(bool)
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, crs=intake.city.crs))
    names_ = {"cell_id": _place_column(intake), "geometry": _place_column(intake)}
    return intake.checked("cells", drawn[first], intake.rows[first], names=names_)


def _blocks(intake: Intake, ids: np.ndarray) -> np.ndarray:
    """Check block ids against the workspace; numbers that are the tails of ids are offered."""
    known = intake.known.ids("blocks")
    where = intake.column("block_id")
    if not known:
        intake.log.add("blocks_missing", column=where)
        return ids
    told = present(ids)
    lost = told & ~np.isin(ids.astype(str), known)
    if not lost.any():
        return ids
    unknown = list(dict.fromkeys(ids[lost]))
    by_number = _by_number(known)
    if by_number and all(re.fullmatch(r"\d+", v) and int(v) in by_number for v in unknown):
        examples = ", ".join(f"{v} → {by_number[int(v)]}" for v in unknown[:4])
        intake.log.counted(
            "ids_by_number", lost, intake.rows, column=where, severity="repair", examples=examples
        )
        out = ids.copy()
        out[lost] = [by_number[int(v)] for v in ids[lost]]
        return out
    if lost.sum() == told.sum() or len(unknown) > 50:
        intake.log.counted(
            "place_ids_unknown",
            lost,
            intake.rows,
            column=where,
            severity="error",
            examples=listed(unknown, limit=5),
            known=listed(known, limit=5),
        )
    else:
        intake.log.each(
            "place_unknown",
            lost,
            intake.rows,
            column=where,
            values=ids,
            known=listed(known, limit=5),
        )
    return ids


def _by_number(known: list[str]) -> dict[int, str]:
    """Return number → id where all ids are one prefix and a number of their own."""
    parts = [re.fullmatch(r"(.*?)(\d+)", value) for value in known]
    if not all(parts) or len({p[1] for p in parts if p}) != 1:
        return {}
    out = {int(p[2]): value for p, value in zip(parts, known, strict=True) if p}
    return out if len(out) == len(known) else {}


def _persons(intake: Intake, values: np.ndarray, rows: np.ndarray, column: str) -> np.ndarray:
    """Return numbers, NaN where withheld, missing or faulty; withheld and missing are said."""
    withheld = np.array([v in _WITHHELD for v in values], bool)
    empty = ~present(values)
    for code, mask in (("persons_withheld", withheld), ("persons_empty", empty)):
        shown = listed(sorted({str(v) for v in values[mask]})) if code == "persons_withheld" else ""
        intake.log.counted(code, mask, rows, column=column, values=shown)
    decimal = intake.mapping.get("decimal", "").removeprefix("=")
    plain_values = np.where(withheld, None, values)
    return as_numbers(plain_values, rows, column, intake.log, decimal=decimal)


def _wide(
    intake: Intake,
    bands: dict[str, tuple[int, int | None]],
    places: np.ndarray,
    dates: np.ndarray,
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
            pd.DataFrame(
                {
                    "place_id": places[told],
                    "reference_date": dates[told],
                    "age_from": low,
                    "age_to": pd.array([high] * int(told.sum()), dtype="Int64"),
                    "persons": persons[told],
                }
            )
        )
        rows.append(intake.rows[told])
    frame = pd.concat(frames, ignore_index=True)
    return frame, next(iter(bands)), np.concatenate(rows)


def _long(
    intake: Intake, places: np.ndarray, dates: np.ndarray
) -> tuple[pd.DataFrame, str, np.ndarray]:
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
    frame = pd.DataFrame(
        {
            "place_id": places,
            "reference_date": dates,
            "age_from": ages[0],
            "age_to": ages[1],
            "persons": persons,
        }
    )[told].reset_index(drop=True)
    return frame, where, rows[told]


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


def _note_outside(intake: Intake, cells: pd.DataFrame, population: pd.DataFrame) -> None:
    if intake.known.held("blocks") is None:
        return
    outside = set(cells.loc[cells["block_id"].isna(), "cell_id"].dropna())
    if outside:
        persons = float(population.loc[population["place_id"].isin(outside), "persons"].sum())
        intake.log.add(
            "cells_outside",
            severity="note",
            count=len(outside),
            total=len(cells),
            persons=round(persons),
        )
