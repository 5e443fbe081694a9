"""Where is help given? One sentence, one map, and the figures behind both: released ones only."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sro_geo.actions.cases import CaseTable
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.store.released import Released
from sro_geo.ui import session
from sro_geo.ui.cases_figures import (
    compare_panel,
    places_panel,
    ranking,
    table_panel,
    why_panel,
    years_panel,
)
from sro_geo.ui.cases_indicators import indicators_panel
from sro_geo.ui.cases_inputs import RATE, CaseQuestion, case_inputs
from sro_geo.ui.cases_map import (
    cases_legend,
    cases_map,
    chosen_area,
    denominator_words,
    scales,
)
from sro_geo.ui.frame import show_error
from sro_geo.ui.markup import as_written, tag, text

_PANELS = {
    "table": table_panel,
    "years": years_panel,
    "compare": compare_panel,
    "places": places_panel,
    "indicators": indicators_panel,
    "why": why_panel,
}


@st.fragment
def cases_page() -> None:
    """Draw the page; a click inside it runs this part only."""
    with st.container():
        try:
            released = session.released()
            question = case_inputs(released)
            table = session.case_table(
                released, question.year, per=question.per, version=question.version
            )
        except SroError as error:
            show_error(error)
            if error.code == "cases_nothing_released":
                _release_tab_alone()
            return
        _finding(released, question, table)
        _cautions(released, question, table)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        cases_map(released, question, table)
    with right:
        cases_legend(released, question, table)
        if question.shown == RATE:
            scale, _ = scales(released, question)
            st.html(ranking(question, table, scale))
    names = [*_PANELS, *(() if session.settings().public else ("release",))]
    tabs = st.tabs(
        [session.tr(f"cases.tab_{name}") for name in names], key="view", on_change="rerun"
    )
    for tab, name in zip(tabs, names, strict=True):
        if tab.open:
            with tab:
                try:
                    if name == "release":
                        _release()
                    else:
                        _PANELS[name](released, question, table)
                except SroError as error:
                    show_error(error)


def _finding(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Draw the sentence; inside the house with the button that keeps the view for a story."""
    sentence = _sentence(released, question, table)
    if session.settings().public:
        st.html(sentence)
        return
    # Late: the public view has nothing to do with stories, not even as a module.
    from sro_geo.actions.asked_views import cases_view
    from sro_geo.ui.adding import finding_beside

    opened = st.session_state.get("view")
    show = next(
        (tab for tab in ("years", "places") if opened == session.tr(f"cases.tab_{tab}")),
        "rates" if question.shown == RATE else "circles",
    )
    view = cases_view(
        year=question.year,
        level=question.level,
        help_type=question.help_type,
        age_group=question.age_group,
        show=show,
        per=question.per,
        version=question.version,
        area_id=chosen_area(),
    )
    finding_beside(sentence, view)


def _release() -> None:
    # Late: the public view has nothing to do with it, not even as a module.
    from sro_geo.ui.cases_release import release_panel

    release_panel()


def _release_tab_alone() -> None:
    """Before the first release there is nothing to see but the way to one."""
    if session.settings().public:
        return
    try:
        _release()
    except SroError as error:
        show_error(error)


def _cell(cells: pd.DataFrame, area_id: str) -> Any:
    found = cells[cells["area_id"] == area_id]
    return next(found.itertuples(index=False)) if len(found) else None


def _sentence(released: Released, question: CaseQuestion, table: CaseTable) -> str:
    """Return the finding in plain words: of the chosen area, else of the city."""
    tr = session.tr
    top = released.city.plan_levels[0].level
    whole = question.of(table, top)
    own = question.of(table)
    chosen = _cell(own, chosen_area() or "")
    city = next(whole.itertuples(index=False)) if len(whole) else None
    parts = []
    if chosen is not None:
        parts.append(_found(chosen, question, table, "finding_area"))
        for above in _above(released, question, table, chosen):
            if above.status == "released" and pd.notna(above.rate):
                rate = session.decimal(above.rate)
                parts.append(tr("cases.finding_beside", area=above.name, rate=rate))
    elif city is not None:
        parts.append(_found(city, question, table, "finding_city"))
        shown = own[(own["status"] == "released") & own["rate"].notna()]
        # Where nobody is helped there is no highest.
        if len(shown) > 1 and shown["rate"].max() > 0:
            first = shown.sort_values(["rate", "name"], ascending=[False, True]).iloc[0]
            rate = session.decimal(float(first["rate"]))
            parts.append(tr("cases.highest", area=first["name"], rate=rate))
    return tag("p", text(" ".join(parts)), class_="sro-finding", role="status")


def _found(cell: Any, question: CaseQuestion, table: CaseTable, key: str) -> str:
    tr = session.tr
    if cell.status != "released":
        what = "missing" if cell.status == "missing" else "hidden"
        return tr(f"cases.finding_{what}", area=cell.name, year=table.year)
    return tr(
        f"cases.{key}",
        area=cell.name,
        year=table.year,
        count=session.number(int(cell.count)),
        unit=tr(f"case_units.{table.unit}.name"),
        rate=session.decimal(float(cell.rate)),
        per=session.number(question.per),
        group=denominator_words(question),
    )


def _above(released: Released, question: CaseQuestion, table: CaseTable, cell: Any) -> list[Any]:
    """Return the cells of the areas above one: its region, then the city."""
    own = released.areas[released.areas["version"] == table.version].drop_duplicates("area_id")
    parent_of = own.set_index("area_id")["parent_id"].to_dict()
    level_of = own.set_index("area_id")["level"].to_dict()
    out: list[Any] = []
    current = parent_of.get(cell.area_id)
    while isinstance(current, str) and current in level_of and len(out) < len(level_of):
        above = _cell(question.of(table, level_of[current]), current)
        if above is not None:
            out.append(above)
        current = parent_of.get(current)
    return out


def _cautions(released: Released, question: CaseQuestion, table: CaseTable) -> None:
    """Say what was counted, how sure it is, and what hatching means."""
    tr = session.tr
    chosen = _cell(question.of(table), chosen_area() or "")
    parts = []
    if chosen is not None and chosen.status == "released" and pd.notna(chosen.rate):
        low, high = session.decimal(chosen.rate_low), session.decimal(chosen.rate_high)
        parts.append(tr("cases.interval", low=low, high=high))
    metas = {str(r["release_id"]): r for r in released.releases}
    last = metas[table.release_ids[-1]]
    parts.append(
        tr(
            "cases.counted",
            rule=tr(f"counting_rules.{table.counting_rule}.name"),
            unit=tr(f"case_units.{table.unit}.name"),
            date=session.day(str(last.get("population_date", ""))) or "–",
            releases=", ".join(table.release_ids),
        )
    )
    if (question.of(table)["status"] == "suppressed").any():
        parts.append(tr("cases.about_hidden"))
    note = name_of(released.city.source_note, session.language())
    if released.city.sample_data and note:
        parts.append(f"{note}.")
    st.caption(as_written(" ".join(parts)))
