"""The map of released figures: rates as areas, counts as circles, hatched where hidden."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st

from sro_geo.actions.cases import CaseTable, years_of
from sro_geo.cartography import palette
from sro_geo.cartography.rate_legend import rate_legend
from sro_geo.cartography.rates import (
    CircleScale,
    Scale,
    State,
    circle_scale,
    rate_labels,
    rate_scale,
    rate_states,
)
from sro_geo.i18n import name_of
from sro_geo.maps.area_layer import Areas, area_layer, publish_areas
from sro_geo.store.released import Released
from sro_geo.ui import session
from sro_geo.ui.cases_inputs import COUNT, CaseQuestion
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.map_view import SERVED_ROUTE, city_map, served_folder, show_map

_MAP_HEIGHT = 560


def _published(released: Released, question: CaseQuestion) -> Areas:
    """Return the shapes of the level, published once; again where the file is gone."""
    folder = served_folder(*_folder())
    key = (str(folder), released.digest, question.version, question.level)
    areas = _areas(*key, released)
    if not (folder / areas.file).is_file():
        _areas.clear()
        areas = _areas(*key, released)
    return areas


@st.cache_resource(max_entries=16, show_spinner=False)
def _areas(folder: str, digest: str, version: str, level: str, _released: Released) -> Areas:
    own = _released.areas[_released.areas["version"] == version]
    names = [lv.level for lv in _released.city.levels]
    shown = gpd.GeoDataFrame(own[own["level"] == level], crs=_released.city.crs)
    parent = _released.city.level(level).parent
    upper = own[own["level"] == parent] if parent in names[1:] else None
    return publish_areas(served_folder(*_folder()), shown, upper=upper)


def _folder() -> tuple[Any, bool]:
    settings = session.settings()
    # The public view writes nothing beside what it reads.
    return settings.workspace, settings.read_only or settings.public


def series(released: Released, question: CaseQuestion) -> list[tuple[CaseTable, pd.DataFrame]]:
    """Return the table of every released year with the cells that answer the question."""
    found = []
    for year in years_of(released):
        table = session.case_table(released, year, per=question.per)
        if year == question.year and table.version != question.version:
            table = session.case_table(released, year, per=question.per, version=question.version)
        found.append((table, question.of(table)))
    return found


def scales(released: Released, question: CaseQuestion) -> tuple[Scale, CircleScale]:
    """Return one scale for all years, so that a colour means the same in each of them."""
    cells = pd.concat([cells for _, cells in series(released, question)], ignore_index=True)
    shown = cells[cells["status"] == "released"]
    counts = shown["count"].astype("Float64").to_numpy(float, na_value=np.nan)
    return rate_scale(shown["rate"].to_numpy(float)), circle_scale(counts)


def cases_map(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Draw the map with its legend; a click chooses an area."""
    language = session.language()
    base = city_map(
        released.city,
        lambda: {"areas": _of_version(released, question.version), "basemap": released.basemap},
        settings=session.settings(),
        revision=_revision(released, question.version),
        language=language,
        folder=served_folder(*_folder()),
    )
    areas = _published(released, question)
    scale, circles = scales(released, question)
    cells = question.of(table).set_index("area_id").reindex(list(areas.ids))
    status = ["missing" if pd.isna(s) else str(s) for s in cells["status"]]
    rates = cells["rate"].to_numpy(float)
    states = rate_states(rates, status, scale)
    values = rate_labels(rates, states, scale, language)
    names = [str(n) if isinstance(n, str) else "" for n in cells["name"]]
    radii = None
    if question.shown == COUNT:
        counts = cells["count"].astype("Float64").to_numpy(float, na_value=np.nan)
        counts = np.where(np.array(status) == "released", counts, np.nan)
        states, values, radii = _as_circles(counts, status, circles)
    layer = area_layer(
        areas,
        served=SERVED_ROUTE,
        states=states,
        colours=(palette.PLAIN,) if radii else scale.colours,
        labels=list(zip(names, values, strict=True)),
        tips=[_tip(row, question) for row in cells.reset_index().itertuples(index=False)],
        circles=radii,
        highlight=chosen_area(),
        language=language,
    )
    show_map(base, [layer], height=_MAP_HEIGHT, key="cases_map", on_event=_on_event)


def cases_legend(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Show what colours and circles mean, and choose an area without the map."""
    tr, language = session.tr, session.language()
    scale, circles = scales(released, question)
    cells = question.of(table)
    level = released.city.level(question.level)
    unit = (name_of(level.names, language), name_of(level.plurals, language))
    status = [str(s) for s in cells["status"]]
    if question.shown == COUNT:
        states: tuple[State, ...] = tuple(s for s in status if s != "released")
        st.html(
            rate_legend(
                rate_scale([]),
                states,
                title=tr("cases.count_of"),
                unit=unit,
                circles=circles,
                language=language,
            )
        )
    else:
        states = rate_states(cells["rate"].to_numpy(float), status, scale)
        st.html(
            rate_legend(scale, states, title=rate_title(question), unit=unit, language=language)
        )
    names = {str(a): str(n) for a, n in zip(cells["area_id"], cells["name"], strict=True)}
    if chosen_area() not in names:
        st.session_state["cases_area"] = None
    st.selectbox(
        tr("cases.select"),
        list(names),
        index=None,
        key="cases_area",
        format_func=lambda area: names.get(area, str(area)),
        placeholder=tr("cases.whole"),
        help=tr("cases.click"),
    )


def _as_circles(
    counts: np.ndarray, status: list[str], circles: CircleScale
) -> tuple[tuple[State, ...], tuple[str, ...], tuple[float | None, ...]]:
    states: tuple[State, ...] = tuple(0 if s == "released" else s for s in status)
    words = {s: session.tr(f"rates.{s}_short") for s in ("suppressed", "missing")}
    values = tuple(
        words[s] if s in words else session.number(c) for s, c in zip(status, counts, strict=True)
    )
    return states, values, circles.radii(counts)


def rate_title(question: CaseQuestion) -> str:
    """Return what the rate is: "Cases per 1,000 (under 21)"."""
    return session.tr(
        "cases.rate_of", per=session.number(question.per), group=group_in_words(_group(question))
    )


def _group(question: CaseQuestion) -> str:
    from sro_geo.cases import denominator_group

    return question.age_group or denominator_group(question.help_type)


def denominator_words(question: CaseQuestion) -> str:
    """Return the age group the rate is set against, in words."""
    return group_in_words(_group(question))


def _tip(row: Any, question: CaseQuestion) -> list[str]:
    """Return the words of one area's tooltip; a hidden figure is nowhere in them."""
    tr = session.tr
    if row.status != "released":
        status = "missing" if pd.isna(row.status) else row.status
        return [str(row.name), tr(f"cases.status_{status}")]
    lines = [str(row.name), f"{tr('cases.count_of')}: {session.number(int(row.count))}"]
    if pd.notna(row.rate):
        per = session.number(question.per)
        lines.append(
            f"{tr('cases.column_rate', per=per)}: {session.decimal(row.rate)} "
            f"({session.decimal(row.rate_low)}–{session.decimal(row.rate_high)})"
        )
    return lines


def chosen_area() -> str | None:
    """Return the id of the area somebody chose, None for the whole city."""
    area: str | None = st.session_state.get("cases_area")
    return area


def _on_event(event: dict[str, Any]) -> None:
    if event.get("kind") == "area":
        area = str(event["id"])
        st.session_state["cases_area"] = None if area == chosen_area() else area


def _of_version(released: Released, version: str) -> gpd.GeoDataFrame:
    own = released.areas[released.areas["version"] == version]
    return gpd.GeoDataFrame(own, geometry="geometry", crs=released.city.crs)


def _revision(released: Released, version: str) -> int:
    """Return a number for this state of the snapshot, for what is kept of the ground."""
    from zlib import crc32

    return -1 - crc32(f"{released.digest}|{version}".encode())
