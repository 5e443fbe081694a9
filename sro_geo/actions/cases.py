"""Case figures as they were released: read from the released snapshot and from nothing else.

Nothing in here opens the protected store, so nothing in here can show what was not released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from sro_geo.cases import GROUPS, HELP_TYPES, rates, smoothed
from sro_geo.errors import SroError
from sro_geo.exchange.write import write_table
from sro_geo.i18n import name_of
from sro_geo.store.released import RELEASED, Released, read_released

#: What a table may be broken down by, beside the total.
BREAKDOWNS = ("help_type", "group", "age_group", "place")
_KEY = ["area_id", "level", "help_type", "age_group", "place"]
_ORDER = {"released": 0, "suppressed": 1, "missing": 2}


@dataclass(frozen=True)
class CaseTable:
    """Released cells of one year: counts, denominators, rates with their intervals.

    ``cells`` has the columns area_id, level, name, parent_id, help_type, age_group, place,
    status, count, denominator, rate, rate_low, rate_high, smoothed; rates are per ``per``.
    """

    year: int
    version: str
    counting_rule: str
    unit: str
    per: int
    cells: pd.DataFrame
    release_ids: tuple[str, ...]


def load_released(folder: Path) -> Released:
    """Read the released snapshot of a workspace; raises ``released_missing`` and the like."""
    return read_released(folder / RELEASED)


def released_stamp(folder: Path) -> tuple[int, int]:
    """Return what tells one state of the released snapshot from the next; (0, 0): none yet."""
    try:
        found = (folder / RELEASED).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def years_of(released: Released) -> list[int]:
    """Return the years something is released for, the first first."""
    return sorted({int(release["year"]) for release in case_releases(released)})


def case_releases(released: Released) -> list[Mapping[str, Any]]:
    """Return the releases of case counts, oldest approval first."""
    return sorted(
        (r for r in released.releases if r.get("subject", "cases") == "cases"),
        key=lambda r: (str(r.get("approved_at")), str(r["release_id"])),
    )


def versions_of(released: Released, year: int | None = None) -> list[str]:
    """Return the area versions with releases (of one year), the one approved last first."""
    found = [
        str(r["version"])
        for r in reversed(case_releases(released))
        if year is None or int(r["year"]) == year
    ]
    return list(dict.fromkeys(found))


def case_table(
    released: Released, year: int, *, per: int = 1000, version: str | None = None
) -> CaseTable:
    """Return everything released for a year on one area version (default: the newest).

    Where several releases speak of the same cell, a released number goes before a hidden one,
    and of two released ones (the raw data were revised) the later.

    Raises
    ------
    SroError
        ``cases_not_released`` for a year without any release.
    """
    if per not in (1000, 10000):
        raise SroError("cases_per_unknown", per=per)
    known = versions_of(released, year)
    if not known or (version is not None and version not in known):
        years = ", ".join(str(y) for y in years_of(released)) or "–"
        raise SroError("cases_not_released", year=year, known=years)
    chosen = version or known[0]
    of_year = [
        r for r in case_releases(released) if int(r["year"]) == year and str(r["version"]) == chosen
    ]
    ids = [str(r["release_id"]) for r in of_year]
    cells = released.cells[released.cells["release_id"].isin(ids)]
    later = cells["release_id"].map({release_id: -n for n, release_id in enumerate(ids)})
    ranked = cells.assign(_order=cells["status"].map(_ORDER), _later=later)
    ranked = ranked.sort_values(["_order", "_later"], kind="stable")
    cells = ranked.drop_duplicates(_KEY).drop(columns=["_order", "_later"]).sort_index()
    own = released.areas[released.areas["version"] == chosen].drop_duplicates("area_id")
    parents = own.set_index("area_id")["parent_id"]
    cells = rates(cells.assign(parent_id=cells["area_id"].map(parents), year=year), per=per)
    cells = cells.assign(smoothed=smoothed(cells, per=per)).reset_index(drop=True)
    last = of_year[-1]
    return CaseTable(
        year, chosen, str(last["counting_rule"]), str(last["unit"]), per, cells, tuple(ids)
    )


def cells_of(table: CaseTable, level: str, *, by: str | None = None) -> pd.DataFrame:
    """Return the cells of one level: the totals, and with ``by`` their parts.

    Raises
    ------
    SroError
        ``cases_level_not_released``, ``cases_cut_not_released``: nothing of it was released.
    """
    cells = table.cells[table.cells["level"] == level]
    if cells.empty:
        known = ", ".join(dict.fromkeys(table.cells["level"]))
        raise SroError("cases_level_not_released", level=level, year=table.year, known=known)
    plain = cells["age_group"].isna() & cells["place"].isna()
    total = plain & cells["help_type"].isna()
    if by is None:
        return cells[total]
    parts = {
        "help_type": plain & cells["help_type"].isin(list(HELP_TYPES)),
        "group": plain & cells["help_type"].isin(list(GROUPS)),
        "age_group": cells["help_type"].isna() & cells["age_group"].notna() & cells["place"].isna(),
        "place": cells["help_type"].isna() & cells["age_group"].isna() & cells["place"].notna(),
    }[by]
    if not parts.any():
        raise SroError("cases_cut_not_released", by=by, level=level, year=table.year)
    return cells[total | parts]


def cell_record(row: Any, by: str | None = None) -> dict[str, Any]:
    """Return one cell as the command line prints it; unknown numbers are None.

    The age group or the place of help stands in it where the table is broken down ``by`` it.
    """

    def number(value: Any) -> float | None:
        return None if pd.isna(value) else float(value)

    parts = ("help_type", *(name for name in ("age_group", "place") if name == by))
    said = {name: getattr(row, name) for name in parts}
    return {
        "area_id": row.area_id,
        "name": row.name,
        **{name: None if pd.isna(value) else str(value) for name, value in said.items()},
        "count": None if pd.isna(row.count) else int(row.count),
        "denominator": number(row.denominator),
        "rate": number(row.rate),
        "rate_low": number(row.rate_low),
        "rate_high": number(row.rate_high),
        "status": row.status,
    }


def cases_as_bytes(released: Released, table: CaseTable, ending: str) -> bytes:
    """Return everything released for the year as a file (csv, xlsx), unrounded.

    A hidden cell has its status and no number.
    """
    cells = table.cells.drop(columns=["release_id"], errors="ignore").assign(
        year=table.year,
        version=table.version,
        counting_rule=table.counting_rule,
        unit=table.unit,
        per=table.per,
        releases=" ".join(table.release_ids),
    )
    city = released.city
    note = (name_of(city.source_note, "de") or "Beispieldaten") if city.sample_data else ""
    buffer = BytesIO()
    write_table(cells, buffer, format=ending, note=note)
    return buffer.getvalue()


def released_totals(folder: Path, version: str) -> dict[str, float | None]:
    """Return the newest released totals by area, None where one is hidden; for estimates.

    Those of the lowest level released for ``version``; where nothing was released for it
    (new boundaries), those of the uppermost level of the newest release. Empty without any.
    """
    stamp = released_stamp(folder)
    return _totals(folder, stamp, version) if stamp != (0, 0) else {}


@lru_cache(maxsize=8)
def _totals(folder: Path, stamp: tuple[int, int], version: str) -> dict[str, float | None]:
    try:
        released = load_released(folder)
    except SroError:
        return {}  # the page of case figures says what is wrong with it
    years = [y for y in years_of(released) if version in versions_of(released, y)]
    if years:
        level = released.city.lowest.level
        table = case_table(released, years[-1], version=version)
    elif years_of(released):
        level = released.city.plan_levels[0].level
        table = case_table(released, years_of(released)[-1])
    else:
        return {}
    try:
        cells = cells_of(table, level)
    except SroError:
        return {}
    return {
        str(area): None if pd.isna(count) else float(count)
        for area, count in zip(cells["area_id"], cells["count"], strict=True)
    }
