"""What changes for families: who stays, who changes, along which streets, which offers."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd
import streamlit as st

from sro_geo.actions.planning import PlanSummary, list_plans
from sro_geo.actions.planning_changes import (
    FamilyChanges,
    changes_as_bytes,
    family_changes,
)
from sro_geo.actions.planning_relations import LONGEST, keep_relations, relations_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.plans import Plan
from sro_geo.plans.changes import kept_share
from sro_geo.ui import markup, session
from sro_geo.ui.boundaries_inputs import in_words

_SHEETS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def other_plan(snapshot: Snapshot, plan: Plan, label: str, key: str) -> PlanSummary | None:
    """Let another plan be chosen, first the one it began as; None where there is none."""
    others = {p.plan_id: p for p in list_plans(snapshot) if p.plan_id != plan.plan_id}
    if not others:
        return None
    first = plan.parent_plan_id if plan.parent_plan_id in others else next(iter(others))
    order = sorted(others, key=lambda p: p != first)
    chosen = st.selectbox(
        label,
        order,
        key=f"{key}:{plan.plan_id}",
        format_func=lambda p: in_words(others[p]),
        width=420,
    )
    return others[chosen]


def changes_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Draw what changes, and the note on relations that should last."""
    _changes(snapshot, plan)
    _relations(plan)


def _relations(plan: Plan) -> None:
    """Let the note be written; a plan that is adopted only shows it."""
    tr, held = session.tr, relations_of(plan.reason)
    st.html(markup.tag("h3", markup.text(tr("boundaries.relations")), class_="sro-small"))
    if plan.status == "adopted" or session.settings().read_only:
        st.html(markup.tag("p", markup.text(held or "–"), class_="sro-note"))
        return
    key = f"relations:{plan.plan_id}"
    with st.form(f"{key}:form", border=False):
        st.text_area(
            tr("boundaries.relations"),
            held,
            key=key,
            max_chars=LONGEST,
            help=tr("boundaries.relations_help"),
            label_visibility="collapsed",
        )
        st.caption(tr("boundaries.relations_no_names"))
        st.form_submit_button(
            tr("boundaries.relations_keep"), on_click=_keep, args=(plan.plan_id, key)
        )


def _keep(plan_id: str, key: str) -> None:
    note = str(st.session_state.get(key) or "")
    try:
        keep_relations(session.workspace(), plan_id, note, actor=session.actor())
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr("boundaries.relations_kept"))


def _changes(snapshot: Snapshot, plan: Plan) -> None:
    """Draw the matrix, teams, streets and offers, with the annex for the decision."""
    tr = session.tr
    base = other_plan(snapshot, plan, tr("boundaries.families_base"), "families_base")
    if base is None:
        st.info(tr("boundaries.families_none", plan=plan.name), icon=":material/info:")
        return
    changes = family_changes(snapshot, base.plan_id, plan)
    spaces = changes.spaces
    moves = spaces[spaces["from"] != spaces["to"]]
    if moves.empty:
        st.info(tr("boundaries.families_none", plan=base.name), icon=":material/info:")
        return
    moved, kept = float(moves["population"].sum(skipna=False)), kept_share(spaces, "population")
    st.html(
        markup.tag(
            "p",
            markup.text(
                tr("boundaries.families_lead", moved=_whole(moved), kept=session.percent(kept))
            ),
            class_="sro-finding",
        )
    )
    st.html(matrix_table(changes))
    st.html(_flows(tr("boundaries.families_teams"), changes, changes.teams))
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(_streets(changes))
    with right:
        st.html(_offers(changes))
    row = st.container(horizontal=True)
    for ending, mime in _SHEETS.items():
        row.download_button(
            tr(f"boundaries.families_{ending}"),
            partial(changes_as_bytes, snapshot, changes, ending),
            file_name=f"{plan.plan_id}-{base.plan_id}.{ending}",
            mime=mime,
            on_click="ignore",
            key=f"families_{ending}",
        )


def _whole(value: float) -> str:
    return session.number(value) if math.isfinite(value) else "–"


def name_in(changes: FamilyChanges, area: object) -> str:
    """Return the name of a space or team, or that there is none."""
    if isinstance(area, str):
        return changes.names.get(area, area)
    return "–"


def matrix_table(changes: FamilyChanges) -> str:
    """Return who stays and who changes as a square of from and to."""
    table = changes.spaces
    ends = [*dict.fromkeys([*table["from"], *table["to"]])]
    ends.sort(key=lambda a: (not isinstance(a, str), name_in(changes, a)))
    held = {(row["from"], row["to"]): float(row["population"]) for row in table.to_dict("records")}
    rows = []
    for start in ends:
        cells = [_whole(held[start, end]) if (start, end) in held else "·" for end in ends]
        rows.append([name_in(changes, start), *cells])
    head = [session.tr("boundaries.families_from"), *(name_in(changes, e) for e in ends)]
    caption = session.tr("boundaries.families_matrix")
    return markup.table(caption, head, rows, numeric=range(1, len(head)))


def _flows(caption: str, changes: FamilyChanges, table: pd.DataFrame) -> str:
    tr = session.tr
    moved = table[table["from"] != table["to"]]
    nobody = tr("boundaries.families_nobody")
    rows = [
        [
            name_in(changes, row["from"]) if isinstance(row["from"], str) else nobody,
            name_in(changes, row["to"]) if isinstance(row["to"], str) else nobody,
            *(_whole(float(row[c])) for c in ("population", "under_18", "offers")),
        ]
        for row in moved.to_dict("records")
    ]
    if not rows:
        return ""
    names = ("families_from", "families_to", "families_persons", "families_young", "figure_offers")
    return markup.table(caption, [tr(f"boundaries.{n}") for n in names], rows, numeric=(2, 3, 4))


def _streets(changes: FamilyChanges) -> str:
    tr = session.tr
    if changes.streets.empty:
        return markup.tag("p", markup.text(tr("boundaries.families_no_streets")))
    rows = [
        [
            str(row["street"]),
            name_in(changes, row["from"]),
            name_in(changes, row["to"]),
            session.number(float(row["metres"])),
        ]
        for row in changes.streets.to_dict("records")
    ]
    names = ("street", "from", "to", "metres")
    head = [tr(f"boundaries.families_{n}") for n in names]
    return markup.table(tr("boundaries.families_streets"), head, rows, numeric=(3,))


def _offers(changes: FamilyChanges) -> str:
    tr = session.tr
    if changes.offers.empty:
        return markup.tag("p", markup.text(tr("boundaries.families_no_offers")))
    rows = [
        [str(row["name"]), name_in(changes, row["from"]), name_in(changes, row["to"])]
        for row in changes.offers.to_dict("records")
    ]
    head = [tr(f"boundaries.families_{n}") for n in ("offer", "from", "to")]
    return markup.table(tr("boundaries.families_offers"), head, rows)
