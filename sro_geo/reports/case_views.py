"""Slides of released figures as the page of cases shows them: a kind of help, a level, a year.

Every frame in here comes from the released snapshot; a hidden cell has no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sro_geo.cartography.area_sheets import area_map, change_map, circle_map
from sro_geo.cartography.change_scale import change_scale
from sro_geo.cartography.rates import (
    State,
    number,
)
from sro_geo.cartography.sheet import MapSheet
from sro_geo.cartography.year_sheets import YearSheet, small_multiples
from sro_geo.i18n import t
from sro_geo.reports.case_series import (
    CaseSeries,
    CaseYear,
    change_table,
    figures_table,
    numbers,
    row_of,
    years_table,
)
from sro_geo.reports.content import Slide
from sro_geo.reports.material import PAGE, SLIDE
from sro_geo.reports.tables import DataTable, Field, Mark, table
from sro_geo.reports.words import hidden_text, listed, per_cent

_NAMED, _YEARS, _RELEASES = 3, 6, 6
_PLACES = ("within_social_space", "within_region", "within_city", "outside", "unknown")


def case_view(series: CaseSeries, show: str) -> tuple[Slide, ...]:
    """Return the slide of rates, circles, years, change or places."""
    made = {
        "rates": _rates,
        "circles": _circles,
        "years": _years,
        "change": _change,
        "places": _places,
    }
    return (made[show](series),)


def _slide(
    series: CaseSeries,
    show: str,
    title: str,
    subtitle: str,
    text: Sequence[str],
    table: DataTable | None,
    sheets: tuple[MapSheet | None, MapSheet | None],
    years: Sequence[CaseYear] = (),
) -> Slide:
    language, year = series.language, series.shown
    shown = years or (year,)
    ids = [release for one in shown for release in one.releases]
    counted = t(
        "views.counted" if len(ids) <= _RELEASES else "views.counted_many", language,
        rule=t(f"counting_rules.{year.rule}.name", language),
        unit=t(f"case_units.{year.unit}.name", language), releases=", ".join(ids),
        count=number(len(ids), 0, language), first=shown[0].year, last=shown[-1].year,
    )  # fmt: skip
    return Slide(
        show, title, subtitle, text=" ".join(part for part in (*text, counted) if part),
        sheet=sheets[0], paper=sheets[1], table=table,
        source=t("reports.source_cases", language), reference_date=f"{shown[-1].year}-12-31",
        note=t("reports.cases_note", language), kind="page",
    )  # fmt: skip


def _drawn(series: CaseSeries, size: str) -> dict[str, Any]:
    highlighted = [] if series.area_id is None else [series.area_id]
    return {
        "title": "", "subtitle": "", "source": series.foot if size == SLIDE else "",
        "unit": (series.one, series.many), "highlighted": highlighted, "size": size,
        "language": series.language, "ground": series.ground, "sample_note": series.sample_note,
    }  # fmt: skip


def _rates(series: CaseSeries) -> Slide:
    language, year = series.language, series.shown
    rates, states = year.cells["rate"].to_numpy(float), series.states(year)
    sheets = tuple(
        area_map(
            year.areas, rates, states, series.scale, legend_title=series.rate_title,
            **_drawn(series, size),
        )
        for size in (SLIDE, PAGE)
    )  # fmt: skip
    subtitle = t(
        "views.cases_subtitle", language, help=series.help_name, year=series.year,
        many=series.level_name, rate=series.rate_title,
    )  # fmt: skip
    text = [_said(series, year), _span(series, year), _interval(series, year)]
    text += [hidden_text(year.cells, language)]
    return _slide(
        series, "rates", _rates_title(series, year), subtitle, text, figures_table(series, year),
        (sheets[0], sheets[1]),
    )  # fmt: skip


def _ranked(series: CaseSeries, year: CaseYear, column: str) -> pd.DataFrame:
    """Return the areas with a released figure, largest printed first, then by name."""
    rows = year.cells[(year.cells["status"] == "released") & year.cells[column].notna()]
    values = rows[column].to_numpy(float)
    printed = series.scale.rounded(values) if column == "rate" else values
    rows = rows.assign(printed=printed)
    return rows.sort_values(["printed", "name"], ascending=[False, True])


def _tops(rows: pd.DataFrame, language: str) -> str:
    names = [str(n) for n in rows.loc[rows["printed"] == rows["printed"].iloc[0], "name"]]
    if len(names) > _NAMED:
        more = t("sheets.others", language, count=number(len(names) - _NAMED, 0, language))
        names = [*names[:_NAMED], more]
    return listed(names, language)


def _rates_title(series: CaseSeries, year: CaseYear) -> str:
    language, rows = series.language, _ranked(series, year, "rate")
    if rows.empty:
        return t("views.cases_hidden_title", language, year=year.year, help=series.help_name)
    top = series.rate(rows["printed"].iloc[0])
    if len(rows) > 1 and rows["printed"].nunique() == 1:
        return t("views.cases_alike_title", language, rate=top, per=series.per_text)
    if len(rows) == 1:
        name = str(rows["name"].iloc[0])
        return t("views.cases_one_title", language, area=name, rate=top, per=series.per_text)
    key = "views.cases_title" if series.of_all else "views.cases_help_title"
    return t(
        key, language, help=series.help_name, areas=_tops(rows, language), rate=top,
        per=series.per_text, shown=_shown(year, "shown_only", language),
    )  # fmt: skip


def _some_hidden(year: CaseYear) -> bool:
    return bool((year.cells["status"] != "released").any())


def _shown(year: CaseYear, word: str, language: str) -> str:
    """Return a word that only some areas show a figure, with a space; empty where all do."""
    return t(f"views.{word}", language) + " " if _some_hidden(year) else ""


def _said(series: CaseSeries, year: CaseYear) -> str:
    """Return what is known of the chosen area, and of the whole city."""
    said = []
    if series.area_id is not None and series.area_id in year.cells.index:
        said.append(_cell(series, year, row_of(year, series.area_id), ""))
    if year.whole is not None and len(year.cells) > 1:
        said.append(_cell(series, year, year.whole, series.city_name))
    return " ".join(said)


def _cell(series: CaseSeries, year: CaseYear, row: pd.Series, name: str) -> str:
    language, area = series.language, name or str(row["name"])
    if row["status"] != "released":
        what = "missing" if row["status"] == "missing" else "hidden"
        return t(f"cases.finding_{what}", language, area=area, year=year.year)
    words = {
        "area": area, "year": year.year, "count": number(row["count"], 0, language),
        "unit": t(f"case_units.{year.unit}.name", language),
    }  # fmt: skip
    if pd.isna(row["rate"]):
        return t("views.cases_count", language, **words)
    rate = series.rate(row["rate"])
    return t(
        "cases.finding_area", language, rate=rate, per=series.per_text, group=series.group, **words
    )


def _span(series: CaseSeries, year: CaseYear) -> str:
    rows = _ranked(series, year, "rate")
    if rows["printed"].nunique() < 2:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    key = "views.cases_span_hidden" if _some_hidden(year) else "views.cases_span"
    return t(
        key, series.language, high_area=first["name"],
        high=series.rate(first["rate"]), low_area=last["name"], low=series.rate(last["rate"]),
        per=series.per_text,
    )  # fmt: skip


def _interval(series: CaseSeries, year: CaseYear) -> str:
    """Return how far chance alone moves the highest figure."""
    rows = _ranked(series, year, "rate")
    if rows.empty or rows["rate_low"].isna().iloc[0]:
        return ""
    top = rows.iloc[0]
    return t(
        "views.cases_chance", series.language, area=top["name"],
        low=series.rate(top["rate_low"]), high=series.rate(top["rate_high"]),
    )  # fmt: skip


def _circles(series: CaseSeries) -> Slide:
    language, year = series.language, series.shown
    counts = numbers(year.cells["count"])
    states: list[State] = [0 if s == "released" else s for s in year.cells["status"]]
    unit = t(f"case_units.{year.unit}.name", language)
    sheets = tuple(
        circle_map(
            year.areas, counts, states, series.circles, legend_title=unit,
            **_drawn(series, size),
        )
        for size in (SLIDE, PAGE)
    )  # fmt: skip
    rows = _ranked(series, year, "count")
    title = t("views.cases_hidden_title", language, year=year.year, help=series.help_name)
    if len(rows):
        most = number(rows["printed"].iloc[0], 0, language)
        key = "views.circles_title" if series.of_all else "views.circles_help_title"
        title = t(
            key, language, areas=_tops(rows, language), count=most, help=series.help_name,
            shown=_shown(year, "shown_many", language),
        )  # fmt: skip
    subtitle = t(
        "views.circles_subtitle", language, help=series.help_name, year=series.year,
        many=series.level_name, unit=unit,
    )  # fmt: skip
    text = [_said(series, year), t("views.circles_text", language) if len(rows) else ""]
    text += [hidden_text(year.cells, language)]
    return _slide(
        series,
        "circles",
        title,
        subtitle,
        text,
        figures_table(series, year),
        (sheets[0], sheets[1]),
    )


def _years(series: CaseSeries) -> Slide:
    language = series.language
    later = [one for one in series.years if one.year > series.year]
    years = series.years[-max(_YEARS, len(later) + 1) :][:_YEARS]
    drawn = [
        YearSheet(str(one.year), one.areas, one.cells["rate"].to_numpy(float),
                  series.states(one), one.note)
        for one in years
    ]  # fmt: skip
    sheets = tuple(
        small_multiples(
            drawn,
            series.scale,
            legend_title=series.rate_title,
            **{k: v for k, v in _drawn(series, size).items() if k != "highlighted"},
        )
        for size in (SLIDE, PAGE)
    )
    first, last = years[0].year, years[-1].year
    title = t("reports.years_title", language, first=first, last=last)
    if len(years) == 1:
        title = _rates_title(series, years[0])
    ends = [_followed(series, one) for one in (years[0], years[-1])]
    if (
        len(years) > 1
        and not any(one.note for one in years[1:])
        and all(row is not None for row in ends)
    ):
        old, new = (series.rate(float(row["rate"])) for row in ends if row is not None)
        name = series.city_name
        if series.area_id is not None:
            name = str(years[-1].cells.loc[series.area_id, "name"])
        title = t(
            "views.years_title", language, area=name, first=first, last=last, old=old, new=new,
            per=series.per_text,
        )  # fmt: skip
    notes = [f"{one.year}: {one.note}." for one in years if one.note]
    text = [t("reports.years_text", language), *notes]
    if len(series.years) == 1:
        text = [t("cases.years_one", language)]
    subtitle = t(
        "views.years_subtitle", language, help=series.help_name, many=series.level_name,
        rate=series.rate_title,
    )  # fmt: skip
    return _slide(
        series, "years", title, subtitle, text, years_table(series, years),
        (sheets[0], sheets[1]), years,
    )  # fmt: skip


def _followed(series: CaseSeries, year: CaseYear) -> pd.Series | None:
    """Return the released row of the chosen area or of the city, None without one."""
    row = year.whole
    if series.area_id is not None:
        row = row_of(year, series.area_id) if series.area_id in year.cells.index else None
    if row is None or row["status"] != "released" or pd.isna(row["rate"]):
        return None
    return row


def _change(series: CaseSeries) -> Slide:
    language, year = series.language, series.shown
    before = next((one for one in series.years if one.year == series.year - 1), None)
    subtitle = t(
        "views.change_subtitle", language, help=series.help_name, many=series.level_name,
        before=series.year - 1, year=series.year, rate=series.rate_title,
    )  # fmt: skip
    moved = year.cells["rate_change"].to_numpy(float)
    if before is None or not np.isfinite(moved).any():
        broken = bool((year.cells["broken"] == True).any())  # noqa: E712
        key = "reports.change_broken" if broken else "reports.change_none"
        said = t(key, language, before=series.year - 1, year=series.year)
        title = t("reports.change_none_title", language, before=series.year - 1)
        return _slide(series, "change", title, subtitle, [said], None, (None, None))
    scale = change_scale(moved, decimals=series.scale.decimals)
    hidden = [
        0 if np.isfinite(v) else "suppressed" if s == "suppressed" or old == "suppressed"
        else "missing"
        for v, s, old in zip(
            moved, year.cells["status"],
            before.cells["status"].reindex(year.cells.index), strict=True,
        )
    ]  # fmt: skip
    sheets = tuple(
        change_map(
            year.areas, moved, hidden, scale,
            legend_title=t("views.change_legend", language, rate=series.rate_title),
            **_drawn(series, size),
        )
        for size in (SLIDE, PAGE)
    )  # fmt: skip
    rows = year.cells.assign(size=np.abs(scale.rounded(moved)), moved=moved)
    rows = rows[rows["moved"].notna()].sort_values(["size", "name"], ascending=[False, True])
    top = rows.iloc[0]
    title = t("reports.change_same_title", language, before=series.year - 1)
    if top["size"] > 0:
        key = "views.change_up_title" if top["moved"] > 0 else "views.change_down_title"
        title = t(
            key, language, area=top["name"], change=series.rate(float(top["size"])),
            before=series.year - 1, per=series.per_text,
        )  # fmt: skip
    text = [t("reports.change_intro", language, before=series.year - 1, year=series.year),
            t("reports.change_chance", language), hidden_text(
                year.cells.assign(status=[s if isinstance(s, str) else "released" for s in hidden]),
                language)]  # fmt: skip
    return _slide(
        series, "change", title, subtitle, text, change_table(series, before, year),
        (sheets[0], sheets[1]), (before, year),
    )  # fmt: skip


def _places(series: CaseSeries) -> Slide:
    """Return how near to home help takes place, from the inside out."""
    language, shares = series.language, series.places
    title = t("cases.places_caption", language, year=series.year)
    subtitle = t("views.places_subtitle", language, year=series.year)
    if shares is None or shares.empty:
        said = [t("cases.places_none", language)]
        return _slide(series, "places", title, subtitle, said, None, (None, None))
    fields = [Field(series.one, "text")]
    fields += [
        Field(t(f"cases.place_{key}", language), "percent")
        for key in ("social_space", "region", "city", "outside", "unknown")
    ]
    rows = [
        (row["name"], *(v if np.isfinite(v) else Mark.SUPPRESSED for v in row[list(_PLACES)]))
        for _, row in shares.iterrows()
    ]
    whole = shares["within_social_space"].iloc[0]
    if np.isfinite(whole) and str(shares["name"].iloc[0]) == series.city_name:
        title = t("views.places_title", language, share=per_cent(float(whole), language))
    said = [t("cases.places_intro", language)]
    return _slide(
        series, "places", title, subtitle, said, table(subtitle, fields, rows), (None, None)
    )
