"""A list of cases, one row each: put into blocks and counted in memory, then forgotten.

What leaves this module is the sums. The rows are never written, logged or kept, and what
is said of them is how many could not be placed or counted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from sro_geo.cases.help_types import COUNTING_RULES, PLACES_OF_HELP, UNITS
from sro_geo.exchange.case_places import Counted, counted_at
from sro_geo.exchange.case_values import (
    OLDEST,
    empty,
    said_alike,
    types_read,
    worded,
    years_of,
)
from sro_geo.exchange.case_words import PLACE_WORDS, RULE_WORDS, UNIT_WORDS, help_type_of_heading
from sro_geo.exchange.casting import read_date
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import parted_addresses, points_of
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import FaultLog, filled, present
from sro_geo.exchange.sites import street_key

BANDS = ((0, 2), (3, 5), (6, 9), (10, 13), (14, 17), (18, 20), (21, 26))
_SURE = ("person", "birth_date", "begin", "end", "address", "street")
_POINTS = ("lat", "lon", "x", "y")
_NUMBER = re.compile(r"([0-9]{1,3})(?:[.,]0+)?")


def is_list(intake: Intake) -> list[str]:
    """Return the columns that show that each row is one case; none in a file of counts."""
    signs = [field for field in _SURE if intake.has(field)]
    if not signs and not intake.has("case_count"):
        helps = any(
            help_type_of_heading(intake.headings.get(column, column))
            or f"help:{column}" in intake.mapping
            for column in intake.records.columns
        )
        signs = [] if helps else [field for field in _POINTS if intake.has(field)]
    return [intake.column(field) for field in signs]


def listed_cases(intake: Intake) -> pd.DataFrame:
    """Return the counts of a list of cases by block, type of help, age and place of help.

    Ages are those of 31 December of the year, in bands; somebody who turned 27 in the year
    is counted in the last one. A help whose last day is 31 December is still running then.
    """
    log = intake.log
    if intake.has("case_count") or any(key.startswith("help:") for key in intake.mapping):
        log.add("counts_among_cases", column=intake.column("case_count"))
        return empty()
    rule = said_alike(
        intake,
        "counting_rule",
        COUNTING_RULES,
        RULE_WORDS,
        missing="counting_rule_missing",
        mixed="counting_rules_mixed",
    )
    unit: str | None = "cases"  # a row is a case unless the file says otherwise
    if intake.has("unit"):
        unit = said_alike(
            intake, "unit", UNITS, UNIT_WORDS, missing="unit_missing", mixed="units_mixed"
        )
    if intake.has("help_type"):
        types = types_read(intake)
    else:
        log.add("list_help_type_missing", column="help_type")
        types = filled(None, intake.size)
    years = _counted_years(intake, rule)
    low, high = _bands(intake, years)
    ids, kinds = _places(intake, np.isfinite(years))
    given = worded(intake, "place_of_help", PLACES_OF_HELP, PLACE_WORDS)
    frame = pd.DataFrame(
        {
            "place_id": ids,
            "place_kind": kinds,
            "year": years,
            "help_type": types,
            "age_from": low,
            "age_to": high,
            "place_of_help": np.where(present(given), given, "unknown"),
        }
    )
    frame = frame[present(ids) & np.isfinite(years) & present(types) & np.isfinite(low)]
    sums = frame.groupby(list(frame.columns), dropna=False, sort=True).size()
    counted: pd.DataFrame = sums.rename("case_count").reset_index()
    return counted.assign(version="", counting_rule=rule, unit=unit)


def _counted_years(intake: Intake, rule: str | None) -> np.ndarray:
    """Return the year each case counts in, NaN where it counts in none."""
    log, rows = intake.log, intake.rows
    if not intake.has("begin"):
        if intake.has("end"):
            log.add("list_begin_missing", column="begin")
            return np.full(intake.size, np.nan)
        return years_of(intake)
    stated = intake.recognised["year"].source if intake.has("year") else None
    if stated is None or not stated.startswith("="):
        log.add("list_year_missing", column="year")
        return np.full(intake.size, np.nan)
    years = years_of(intake)
    year = years[0] if len(years) else np.nan
    begin, end = _dates(intake, "begin"), _dates(intake, "end")
    absent = ~present(intake.text("begin"))
    log.each("count_cell_empty", absent, rows, column=intake.column("begin"))
    if not np.isfinite(year) or rule is None:
        return np.full(intake.size, np.nan)
    first, last = f"{int(year)}-01-01", f"{int(year)}-12-31"
    counted, beyond = np.zeros(intake.size, bool), np.zeros(intake.size, bool)
    crossed = np.zeros(intake.size, bool)
    for position in range(intake.size):
        started, ended = begin[position], end[position]
        if started is None:
            continue
        crossed[position] = ended is not None and ended < started
        running = started <= last and (ended is None or ended >= last)
        over = ended is not None and first <= ended <= last
        counted[position] = running or (rule == "running_and_ended" and over)
        beyond[position] = not counted[position]
    log.each("list_dates_crossed", crossed, rows, column=intake.column("end"))
    if beyond.any():
        log.add("list_outside_year", severity="note", count=int(beyond.sum()), year=int(year))
    out: np.ndarray = np.where(counted, year, np.nan)
    return out


def _dates(intake: Intake, field: str) -> np.ndarray:
    """Return ISO dates; one that cannot be read for sure is a fault."""
    values = intake.text(field)
    out = np.array([None if v is None else read_date(v) for v in values], object)
    bad = present(values) & ~present(out)
    intake.log.each("list_date_unread", bad, intake.rows, column=intake.column(field))
    return out


def _bands(intake: Intake, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the band each counted case falls in; NaN with a fault where its age is not known."""
    log, rows, size = intake.log, intake.rows, intake.size
    counted = np.isfinite(years)
    age = np.full(size, np.nan)
    if intake.has("birth_date"):
        field = "birth_date"
        for position, born in enumerate(_dates(intake, field)):
            if born is not None and counted[position]:
                age[position] = _age(born, int(years[position]))
    elif intake.has("age"):
        field = "age"
        for position, text in enumerate(intake.text(field)):
            if text is not None and (match := _NUMBER.fullmatch(text)):
                age[position] = int(match[1])
        unread = present(intake.text(field)) & np.isnan(age)
        log.each("list_age_unread", unread, rows, column=intake.column(field))
    else:
        log.add("counts_without_age", column="age", severity="note")
        return np.zeros(size), np.full(size, np.nan)
    where = intake.column(field)
    log.each("count_cell_empty", counted & ~present(intake.text(field)), rows, column=where)
    with np.errstate(invalid="ignore"):
        outside = counted & ((age < 0) | (age > OLDEST))
    log.each("count_age_outside", outside, rows, column=where, oldest=OLDEST)
    age[outside] = np.nan
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    for first, last in BANDS:
        inside = (age >= first) & (age <= (OLDEST if last == BANDS[-1][1] else last))
        low[inside], high[inside] = first, last
    return low, high


def _age(born: str, year: int) -> int:
    """Return the age on 31 December of a year: by then everybody has had a birthday."""
    return year - dt.date.fromisoformat(born).year


def _places(intake: Intake, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place and its kind of each record, by block, point or address in this order.

    A row that cannot be placed, or lies outside the city, is left out and counted.
    """
    log = intake.log
    ids, kinds = filled(None, intake.size), filled(None, intake.size)
    by_id = intake.has("block_id") or intake.has("area_id")
    by_point = any(intake.has(field) for field in _POINTS)
    by_address = intake.has("address") or intake.has("street")
    if not (by_id or by_point or by_address):
        log.add("list_place_missing", column="address")
        return ids, kinds
    outside = np.zeros(intake.size, bool)
    if by_id:
        places = _by_block(intake) if by_point or by_address else counted_at(intake)
        ids, kinds = places.ids, places.kinds
    if by_point:
        _by_point(intake, ids, kinds, outside)
    if by_address:
        _by_address(intake, ids, kinds, outside, alone=not (by_id or by_point))
    outside &= counted & ~present(ids)
    lost = counted & ~present(ids) & ~outside
    for code, mask in (("list_outside_city", outside), ("list_not_placed", lost)):
        if mask.any():
            log.add(code, severity="note", count=int(mask.sum()), total=int(counted.sum()))
    if counted.any() and not present(ids)[counted].any() and not log.has_error(None, "address"):
        log.add("list_nothing_placed", column="address")
    return ids, kinds


def _by_block(intake: Intake) -> Counted:
    """Return blocks by id where points or addresses help out: what is unknown is no fault.

    Areas are left aside then: they say less than the address does.
    """
    ids, kinds = filled(None, intake.size), filled(None, intake.size)
    values = intake.text("block_id")
    hit = present(values) & np.isin(values.astype(str), intake.known.ids("blocks"))
    ids[hit], kinds[hit] = values[hit], "block"
    return Counted(ids, kinds)


def _by_point(intake: Intake, ids: np.ndarray, kinds: np.ndarray, outside: np.ndarray) -> None:
    from sro_geo.areas import assign_points

    blocks = intake.known.held("blocks")
    if blocks is None:
        intake.log.add("count_places_unknown", column="area_id")
        return
    # What placing has to say repeats coordinates; only what holds for all rows is passed on.
    own = FaultLog("")
    points = points_of(replace(intake, log=own), outside="unsaid")
    where = intake.point_columns()
    for fault in own.faults:
        if fault.code == "number_malformed":
            intake.log.add("list_coordinate_unread", row=fault.row, column=fault.column)
        elif fault.code in ("coordinates_swapped", "coordinates_swapped_many"):
            detail = {k: v for k, v in fault.params.items() if k in ("count", "rows")}
            intake.log.add(fault.code, row=fault.row, column=where, severity="repair", **detail)
        elif fault.code in ("crs_metres", "crs_other", "crs_degrees"):
            detail = {k: v for k, v in fault.params.items() if k in ("stated", "crs")}
            intake.log.add(fault.code, column=where, severity=fault.severity, **detail)
        elif fault.code in ("crs_unknown", "crs_unrecognised"):
            intake.log.add("list_crs_unknown", column=where)
    some = np.flatnonzero([p is not None and not p.is_empty for p in points])
    some = some[~present(ids)[some]]
    x, y = shapely.get_x(points[some]), shapely.get_y(points[some])
    found = assign_points(blocks.geometry.to_numpy(), x, y)
    names = blocks["block_id"].to_numpy(object)
    ids[some[found >= 0]] = names[found[found >= 0]]
    kinds[some[found >= 0]] = "block"
    outside[some[found < 0]] = True


def _by_address(
    intake: Intake, ids: np.ndarray, kinds: np.ndarray, outside: np.ndarray, *, alone: bool
) -> None:
    """Match street, number with suffix, and postal code where given: exactly, never nearly.

    An address of several blocks is not placed.
    """
    known = intake.known.held("addresses")
    blocks = intake.known.held("blocks")
    if known is None or blocks is None:
        if alone:
            intake.log.add("list_addresses_missing", column="address")
        return
    homes, towns = _homes(intake, known, blocks)
    own = replace(intake, log=FaultLog(""))
    street, number, post, town = parted_addresses(own)
    suffix = intake.text("house_suffix")
    for position in np.flatnonzero(~present(ids)):
        if street[position] is None:
            continue
        place = town[position]
        # Another town may have the same street; the post town is no proof of being inside.
        if place is not None and towns and plain(place) not in towns:
            outside[position] = True
            continue
        outside[position] = False
        if number[position] is None:
            continue
        key = street_key(street[position]), _house(number[position], suffix[position])
        found = homes.get(key, [])
        code = post[position]
        if code is not None:
            # A directory without postal codes cannot contradict one.
            found = [home for home in found if home[0] in ("", _post(code))]
        blocks_ = {home[1] for home in found}
        if len(blocks_) == 1:
            home = blocks_.pop()
            if home is None:
                outside[position] = True
            else:
                ids[position], kinds[position] = home, "block"


def _homes(
    intake: Intake, known: pd.DataFrame, blocks: pd.DataFrame
) -> tuple[dict[tuple[str, str], list[tuple[str, str | None]]], set[str]]:
    """Return (street, number) → (postal code, block) of the known addresses, and the towns."""
    from sro_geo.areas import assign_points

    shapes = known["geometry"].to_numpy()
    some = np.flatnonzero([s is not None and not s.is_empty for s in shapes])
    found = assign_points(
        blocks["geometry"].to_numpy(), shapely.get_x(shapes[some]), shapely.get_y(shapes[some])
    )
    names = blocks["block_id"].to_numpy(object)
    columns = ("street", "house_number", "postal_code", "city")
    street, number, post, town = (known[column].to_numpy(object) for column in columns)
    homes: dict[tuple[str, str], list[tuple[str, str | None]]] = defaultdict(list)
    for at, block in zip(some, found, strict=True):
        if isinstance(street[at], str) and isinstance(number[at], str):
            code = _post(post[at]) if isinstance(post[at], str) else ""
            home = str(names[block]) if block >= 0 else None
            homes[street_key(street[at]), _house(number[at], None)].append((code, home))
    towns = {plain(name) for name in town if isinstance(name, str)}
    if towns:
        towns |= {plain(name) for name in intake.city.names.values()}
    return dict(homes), towns


def _house(number: str, suffix: str | None) -> str:
    """Return a house number as it is compared: ``042 A`` and ``42a`` are one."""
    text = re.sub(r"\s", "", f"{number}{suffix or ''}").lower().replace("–", "-")
    return text.lstrip("0") or text


def _post(code: str) -> str:
    return code.strip().removesuffix(".0").removeprefix("D-").zfill(5)
