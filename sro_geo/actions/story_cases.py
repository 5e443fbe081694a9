"""Released figures for a view of cases: from the released snapshot and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from sro_geo.actions.cases import CaseTable, case_table, versions_of, years_of
from sro_geo.cases import GROUPS, change, denominator_group, place_shares
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.reports.case_series import CaseSeries, CaseYear
from sro_geo.reports.material import SLIDE, Material
from sro_geo.reports.views import SHOWS, View
from sro_geo.reports.words import ages
from sro_geo.store.released import Released

_TOTAL = "total"


@dataclass(frozen=True)
class _Asked:
    """What a view of cases asks for, checked against what was released."""

    year: int
    level: str
    help_type: str | None
    age_group: str | None
    per: int
    version: str | None
    area_id: str | None

    def of(self, cells: pd.DataFrame, level: str) -> pd.DataFrame:
        """Return the cells of one level that answer, places of help left aside."""
        kind, age = self.help_type, self.age_group
        here = cells["level"] == level
        here &= cells["help_type"].isna() if kind is None else cells["help_type"] == kind
        here &= cells["age_group"].isna() if age is None else cells["age_group"] == age
        return cells[here & cells["place"].isna()].drop_duplicates("area_id")


class CaseBook:
    """The released snapshot with what is made of it once for all views."""

    def __init__(self, released: Released) -> None:
        self.released = released
        self._tables: dict[tuple[int, int, str | None], CaseTable] = {}
        self._cells: dict[tuple[int, int, str | None], pd.DataFrame] = {}

    def tables(self, per: int, year: int, version: str | None) -> list[CaseTable]:
        """Return the table of every year; ``version`` is that of ``year``."""
        out = []
        for one in years_of(self.released):
            key = (per, one, version if one == year else None)
            if key not in self._tables:
                self._tables[key] = case_table(self.released, one, per=per, version=key[2])
            out.append(self._tables[key])
        return out

    def cells(self, per: int, year: int, version: str | None) -> pd.DataFrame:
        """Return the cells of every year with the change against the year before."""
        key = (per, 0 if version is None else year, version)
        if key not in self._cells:
            held = [
                one.cells.assign(
                    version=one.version, counting_rule=one.counting_rule, unit=one.unit
                )
                for one in self.tables(per, year, version)
            ]
            cells = pd.concat(held, ignore_index=True)
            self._cells[key] = cells.join(change(cells, per=per))
        return self._cells[key]


def case_series(book: CaseBook, material: Material, view: View) -> tuple[CaseSeries, str]:
    """Return what a view of cases shows, and how.

    Raises
    ------
    SroError
        ``view_nothing_released``, ``view_year_not_released``, ``view_cut_not_released`` for a
        level, a kind of help, an age group or a version that nothing was released for;
        ``view_area_gone``, ``view_unreadable``.
    """
    show = str(view.settings.get("show") or SHOWS[0])
    if show not in SHOWS:
        raise SroError("view_unreadable", kind=view.kind, setting="show")
    released = book.released
    asked = _asked(released, view.settings)
    held = book.tables(asked.per, asked.year, asked.version)
    cells = book.cells(asked.per, asked.year, asked.version)
    years = []
    before: CaseTable | None = None
    for table in held:
        own = _year(released, asked, table, before, cells[cells["year"] == table.year], material)
        if own is not None:
            years.append(own)
            before = table
    shown = next(table for table in held if table.year == asked.year)
    if not any(own.year == asked.year for own in years):
        what = asked.age_group or asked.help_type or asked.level
        raise SroError("view_cut_not_released", what=what, year=asked.year)
    series = _series(released, material, asked, tuple(years), shown)
    if asked.area_id is not None and asked.area_id not in series.shown.cells.index:
        raise SroError("view_area_gone", area=asked.area_id)
    return series, show


def _asked(released: Released, settings: Mapping[str, Any]) -> _Asked:
    years = years_of(released)
    if not years:
        raise SroError("view_nothing_released")
    said = settings.get("year")
    if said is not None and said not in years:
        raise SroError("view_year_not_released", year=said, known=", ".join(map(str, years)))
    year = years[-1] if said is None else int(said)
    version = settings.get("version")
    if version is not None and version not in versions_of(released, year):
        raise SroError("view_cut_not_released", what=version, year=year)
    city = released.city
    level = settings.get("level") or city.lowest.level
    if level not in {one.level for one in city.levels}:
        raise SroError("view_cut_not_released", what=level, year=year)
    kind = settings.get("help_type")
    per = settings.get("per") or 1000
    if per not in (1000, 10000):
        raise SroError("view_unreadable", kind="cases", setting="per")
    return _Asked(
        year,
        level,
        None if kind in (None, _TOTAL, "") else str(kind),
        settings.get("age_group") or None,
        int(per),
        version,
        settings.get("area_id") or None,
    )


def _year(
    released: Released,
    asked: _Asked,
    table: CaseTable,
    before: CaseTable | None,
    cells: pd.DataFrame,
    material: Material,
) -> CaseYear | None:
    """Return one year, None where nothing that was asked for was released of it."""
    own = asked.of(cells, asked.level)
    if own.empty:
        return None
    areas = released.areas[
        (released.areas["version"] == table.version) & (released.areas["level"] == asked.level)
    ].drop_duplicates("area_id")
    shapes = gpd.GeoDataFrame(areas, geometry="geometry", crs=released.city.crs)
    shapes = shapes.reset_index(drop=True)
    named = shapes["name"].where(shapes["name"].fillna("").str.strip() != "", shapes["area_id"])
    shapes = shapes.assign(name=named.astype(str), area_id=shapes["area_id"].astype(str))
    found = own.set_index("area_id").reindex(shapes["area_id"])
    status = ["missing" if pd.isna(s) else str(s) for s in found["status"]]
    found = found.assign(status=status, name=list(shapes["name"]))
    top = asked.of(cells, released.city.plan_levels[0].level)
    return CaseYear(
        table.year,
        shapes,
        found,
        top.iloc[0] if len(top) else None,
        table.unit,
        table.counting_rule,
        _break(before, table, material.language),
        table.release_ids,
    )


def _break(before: CaseTable | None, now: CaseTable, language: str) -> str:
    if before is None:
        return ""
    if before.version != now.version:
        key = "cases.break_version"
    elif (before.counting_rule, before.unit) != (now.counting_rule, now.unit):
        key = "cases.break_rule"
    else:
        return ""
    return t("cases.break_note", language, reason=t(key, language, year=now.year))


def _series(
    released: Released,
    material: Material,
    asked: _Asked,
    years: tuple[CaseYear, ...],
    shown: CaseTable,
) -> CaseSeries:
    language, level = material.language, released.city.level(asked.level)
    kind = asked.help_type or _TOTAL
    group = asked.age_group or denominator_group(asked.help_type)
    return CaseSeries(
        years,
        asked.year,
        _help_name(kind, language),
        ages(group, language),
        asked.per,
        material.city_name,
        name_of(level.names, language),
        name_of(level.plurals, language),
        language,
        material.ground,
        material.sample_note,
        material.foot("cases", SLIDE, f"{asked.year}-12-31"),
        asked.area_id,
        _places(shown),
        asked.help_type is None,
    )


def _help_name(kind: str, language: str) -> str:
    """Return a kind of help as a heading says it, short."""
    section = "help_groups" if kind in GROUPS else "help_types"
    if kind == _TOTAL:
        return t("views.helps_all", language)
    short = t(f"{section}.{kind}.short", language)
    return short if short.startswith("§") else t("views.helps", language, help=short)


def _places(table: CaseTable) -> pd.DataFrame | None:
    """Return how near to home help takes place, None where that was not released."""
    cells = table.cells[table.cells["help_type"].isna() & table.cells["age_group"].isna()]
    cells = cells[cells["level"].isin(cells.loc[cells["place"].notna(), "level"])]
    if cells.empty:
        return None
    shares = place_shares(cells)
    return cells.loc[shares.index].assign(**shares)
