"""The panels of the cases page: table, years, comparison, nearness to home, why hidden."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.cases import CaseTable, cases_as_bytes
from sro_geo.cartography.rate_charts import interval_plot, ranking_bars, year_bars
from sro_geo.cartography.rates import MISSING, Scale, rate_states
from sro_geo.cartography.small_maps import YearMap, small_maps
from sro_geo.cases import PLACES_OF_HELP, change, place_shares
from sro_geo.i18n import name_of
from sro_geo.store.released import Released
from sro_geo.ui import markup, session
from sro_geo.ui.cases_inputs import CaseQuestion, help_in_words, matching
from sro_geo.ui.cases_map import chosen_area, scales, series

_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# More small charts than these nobody compares by eye.
_MOST_AREAS = 24


def table_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show every area of every level; hidden cells say so, and take no part in any order."""
    tr = session.tr
    years = pd.concat(
        [
            matching(t.cells, question.help_type, question.age_group).assign(
                version=t.version, counting_rule=t.counting_rule, unit=t.unit
            )
            for t, _ in series(released, question)
        ],
        ignore_index=True,
    )
    changes = years.assign(**change(years, per=question.per))
    changes = changes[changes["year"] == table.year].set_index(["level", "area_id"])
    city = question.of(table, released.city.plan_levels[0].level)
    whole = float(city["rate"].iloc[0]) if len(city) else np.nan
    rows = []
    for level in released.city.levels:
        for row in question.of(table, level.level).itertuples(index=False):
            moved = changes["rate_change"].get((row.level, row.area_id), np.nan)
            rows.append(_row(row, whole, moved))
    per = session.number(question.per)
    header = [
        tr("cases.column_area"),
        tr("cases.column_count"),
        tr("cases.column_denominator"),
        tr("cases.column_rate", per=per),
        tr("cases.column_interval"),
        tr("cases.column_smoothed"),
        tr("cases.column_difference"),
        tr("cases.column_change"),
    ]
    caption = tr("cases.caption", help=help_in_words(question.help_type), year=table.year)
    st.html(markup.table(caption, header, rows, numeric=range(1, len(header))))
    st.caption(tr("cases.smoothed_note"))
    _by_help(question, table)
    _download(released, table)


def _row(row: Any, whole: float, moved: Any) -> list[str]:
    """Return one row; only a released cell has figures."""
    if row.status != "released":
        word = session.tr(f"cases.status_{row.status}")
        persons = session.number(row.denominator) if pd.notna(row.denominator) else "–"
        return [str(row.name), word, persons, "–", "–", "–", "–", "–"]
    low, high = session.decimal(row.rate_low), session.decimal(row.rate_high)
    return [
        str(row.name),
        session.number(int(row.count)),
        session.number(row.denominator),
        session.decimal(row.rate),
        f"{low}–{high}",
        session.decimal(row.smoothed),
        _signed(row.rate - whole),
        _signed(float(moved)),
    ]


def _signed(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{'+' if value > 0 else ''}{session.decimal(value)}".replace("-", "−")


def _by_help(question: CaseQuestion, table: CaseTable) -> None:
    """Show the chosen area, or the city, by kind of help."""
    tr = session.tr
    area = chosen_area()
    cells = table.cells[table.cells["age_group"].isna() & table.cells["place"].isna()]
    own = cells[cells["area_id"] == area] if area else cells[cells["level"] == "city"]
    if own.empty:
        own = cells[cells["area_id"] == cells["area_id"].iloc[0]]
    if len(own) < 2:
        return
    rows = [_help_row(row) for row in own.itertuples(index=False)]
    name = str(own["name"].iloc[0])
    header = [
        tr("cases.column_help"),
        tr("cases.column_count"),
        tr("cases.column_rate", per=session.number(question.per)),
    ]
    with st.expander(f"{tr('cases.by_help')}: {markup.as_written(name)}, {table.year}"):
        st.html(markup.table(f"{name}, {table.year}", header, rows, numeric=(1, 2)))


def _help_row(row: Any) -> list[str]:
    name = help_in_words(None if pd.isna(row.help_type) else row.help_type)
    if row.status != "released":
        return [name, session.tr(f"cases.status_{row.status}"), "–"]
    return [name, session.number(int(row.count)), session.decimal(row.rate)]


def _download(released: Released, table: CaseTable) -> None:
    row = st.container(horizontal=True)
    for ending, mime in _MIME.items():
        row.download_button(
            session.tr(f"cases.download_{ending}"),
            data=partial(cases_as_bytes, released, table, ending),
            file_name=f"{session.tr('cases.file')}-{table.year}.{ending}",
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
        )


def years_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show one small map for each year, and the chosen area or the city as bars."""
    tr = session.tr
    years = series(released, question)
    st.write(tr("cases.years_intro"))
    if len(years) == 1:
        st.info(tr("cases.years_one"), icon=":material/info:")
    scale, _ = scales(released, question)
    maps, words = [], []
    before: CaseTable | None = None
    for own, cells in years:
        shapes = released.areas[released.areas["version"] == own.version].set_index("area_id")
        ids = [a for a in cells["area_id"] if a in shapes.index]
        cells = cells.set_index("area_id").loc[ids]
        states = rate_states(cells["rate"].to_numpy(float), list(cells["status"]), scale)
        geometry = gpd.GeoSeries(shapes.loc[ids, "geometry"].tolist(), crs=released.city.crs)
        maps.append(YearMap(str(own.year), geometry, states, _break(before, own)))
        said = _spoken(cells.reset_index())
        words.append(f"{own.year}. {tr('cases.years_label', rows=said)}")
        before = own
    if maps:
        st.html(small_maps(maps, scale, descriptions=words))
    _bars(released, question, years)


def _spoken(cells: pd.DataFrame) -> str:
    return "; ".join(_said(row) for row in cells.itertuples(index=False))


def _said(row: Any) -> str:
    if row.status == "released" and pd.notna(row.rate):
        return f"{row.name}: {session.decimal(row.rate)}"
    return f"{row.name}: {session.tr(f'cases.status_{row.status}')}"


def _break(before: CaseTable | None, now: CaseTable) -> str:
    if before is None or (before.version, before.counting_rule, before.unit) == (
        now.version,
        now.counting_rule,
        now.unit,
    ):
        return ""
    what = "version" if before.version != now.version else "rule"
    reason = session.tr(f"cases.break_{what}", year=now.year)
    return session.tr("cases.break_note", reason=reason)


def _bars(
    released: Released, question: CaseQuestion, years: list[tuple[CaseTable, pd.DataFrame]]
) -> None:
    """Draw the years of the chosen area, or of the city."""
    area = chosen_area()
    top = released.city.plan_levels[0].level
    rows: list[Any] = []
    kinds, found = [], []
    for own, cells in years:
        shown = cells[cells["area_id"] == area] if area else question.of(own, top)
        rows.append(next(shown.itertuples(index=False)) if len(shown) else None)
        kinds.append((own.version, own.counting_rule, own.unit))
        found.append(own.year)
    named = next((row for row in rows if row is not None), None)
    if named is None:
        return
    rates = np.array([np.nan if row is None else row.rate for row in rows], float)
    status = [MISSING if row is None else str(row.status) for row in rows]
    scale, _ = scales(released, question)
    states = rate_states(rates, status, scale)
    said = "; ".join(
        f"{year}: {session.decimal(r) if np.isfinite(r) else session.tr(f'cases.status_{s}')}"
        for year, r, s in zip(found, rates, status, strict=True)
    )
    breaks = [_break(a, b) for (a, _), (b, _) in pairwise(years)]
    st.html(markup.tag("h2", markup.text(str(named.name)), class_="sro-small"))
    st.html(
        year_bars(
            found,
            rates,
            states,
            scale,
            series=kinds,
            label=session.tr("cases.years_label", rows=said),
            break_words=next((words for words in breaks if words), ""),
            language=session.language(),
        )
    )


def compare_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show rates with the range chance alone gives them, beside region and city."""
    tr, language = session.tr, session.language()
    cells = question.of(table).head(_MOST_AREAS)
    scale, _ = scales(released, question)
    states = rate_states(cells["rate"].to_numpy(float), list(cells["status"]), scale)
    top = question.of(table, released.city.plan_levels[0].level)
    own = released.areas[released.areas["version"] == table.version].drop_duplicates("area_id")
    parent = own.set_index("area_id")["parent_id"].to_dict()
    rate_of = table_rates(question, table)
    region = [rate_of.get(parent.get(area), np.nan) for area in cells["area_id"]]
    level = released.city.level(question.level)
    st.write(tr("cases.compare_intro"))
    st.html(
        interval_plot(
            cells["name"].tolist(),
            cells["rate"].to_numpy(float),
            cells["rate_low"].to_numpy(float),
            cells["rate_high"].to_numpy(float),
            states,
            scale,
            label=tr("cases.compare_label", rows=_spoken(cells)),
            city=float(top["rate"].iloc[0]) if len(top) and question.level != "city" else None,
            city_name=str(top["name"].iloc[0]) if len(top) else "",
            region=region if level.parent and level.parent != "city" else None,
            region_name=name_of(released.city.level(level.parent).names, language)
            if level.parent
            else "",
            highlighted=[area == chosen_area() for area in cells["area_id"]],
            language=language,
        )
    )


def table_rates(question: CaseQuestion, table: CaseTable) -> dict[str, float]:
    """Return the rate of every area of every level, NaN where it is not shown."""
    found: dict[str, float] = {}
    for level in dict.fromkeys(table.cells["level"]):
        cells = question.of(table, level)
        found |= {str(a): float(r) for a, r in zip(cells["area_id"], cells["rate"], strict=True)}
    return found


def places_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show how near to home help takes place, from the inside out."""
    tr = session.tr
    cells = table.cells[table.cells["help_type"].isna() & table.cells["age_group"].isna()]
    # Where only the total was released there is nothing of places to say, hidden or not.
    cells = cells[cells["level"].isin(cells.loc[cells["place"].notna(), "level"])]
    if cells.empty:
        st.info(tr("cases.places_none"), icon=":material/info:")
        return
    st.write(tr("cases.places_intro"))
    shares = place_shares(cells)
    shown = cells.loc[shares.index].assign(**shares)
    columns = ["within_social_space", "within_region", "within_city", "outside", "unknown"]
    words = (tr(f"cases.place_{place}") for place in PLACES_OF_HELP)
    header = [tr("cases.column_area"), *words]
    rows = [
        [str(row.name), *(_share(getattr(row, column)) for column in columns)]
        for row in shown.itertuples(index=False)
    ]
    caption = tr("cases.places_caption", year=table.year)
    st.html(markup.table(caption, header, rows, numeric=range(1, len(header))))


def _share(value: float) -> str:
    """Return a share; where it is not known it was not shown, and that is what it says."""
    return session.percent(value) if np.isfinite(value) else session.tr("cases.status_suppressed")


def why_panel(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Say in plain words what is hidden and why; never which of two reasons it was."""
    tr = session.tr
    metas = [r for r in released.releases if str(r["release_id"]) in table.release_ids]
    rules = metas[-1]["rules"]
    cells = table.cells
    st.write(tr("cases.why_intro"))
    lines = [
        tr("cases.why_small", small=rules.get("small_to", 4)),
        tr("cases.why_zero"),
        tr(
            "cases.why_denominator",
            denominator=session.number(float(rules.get("min_denominator", 100))),
            population=session.number(float(rules.get("min_population", 300))),
        ),
        tr("cases.why_second"),
        tr("cases.why_width", width=rules.get("width", 5)),
        tr("cases.why_rates"),
        tr(
            "cases.why_counts",
            year=table.year,
            cells=session.number(len(cells)),
            hidden=session.number(int((cells["status"] == "suppressed").sum())),
            missing=session.number(int((cells["status"] == "missing").sum())),
        ),
    ]
    st.markdown("\n".join(f"- {markup.as_written(line)}" for line in lines))


def ranking(question: CaseQuestion, table: CaseTable, scale: Scale) -> str:
    """Return the areas as bars, the hidden ones by name below."""
    cells = question.of(table).head(_MOST_AREAS)
    rates = cells["rate"].to_numpy(float)
    states = rate_states(rates, list(cells["status"]), scale)
    return ranking_bars(
        cells["name"].tolist(),
        rates,
        states,
        scale,
        label=session.tr("cases.compare_label", rows=_spoken(cells)),
        highlighted=[area == chosen_area() for area in cells["area_id"]],
        language=session.language(),
    )
