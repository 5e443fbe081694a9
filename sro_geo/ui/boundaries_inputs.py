"""Which plan is drawn in: choose, begin, rename, put aside; and what could not be saved."""

from __future__ import annotations

import streamlit as st

from sro_geo.actions import planning
from sro_geo.actions.planning import PlanSummary, list_plans
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.reports.views import View
from sro_geo.ui import session
from sro_geo.ui.adding import add_to_presentation
from sro_geo.ui.address import from_address, to_address
from sro_geo.ui.boundaries_files import files_panel
from sro_geo.ui.boundaries_state import desk, keep_unsaved

_CHOICE = "boundaries_plan"


def variant_row(snapshot: Snapshot) -> str:
    """Draw the choice of plan with what can be done to it, and return the id chosen."""
    tr = session.tr
    plans = {plan.plan_id: plan for plan in list_plans(snapshot)}
    drafts = [p.plan_id for p in plans.values() if p.status == "draft"]
    if st.session_state.get(_CHOICE) not in plans:
        st.session_state.pop(_CHOICE, None)
    if (wanted := st.session_state.pop("boundaries_go", None)) in plans:
        st.session_state[_CHOICE] = wanted
    from_address(_CHOICE, "plan", list(plans), (drafts or list(plans))[0])
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    chosen: str = row.selectbox(
        tr("boundaries.plan"),
        list(plans),
        key=_CHOICE,
        format_func=lambda p: in_words(plans[p]),
        width=420,
    )
    to_address(_CHOICE, "plan")
    plan = plans[chosen]
    with row.popover(tr("boundaries.new"), icon=":material/add:", type="primary"):
        name = st.text_input(
            tr("boundaries.name"), tr("boundaries.new_of", plan=plan.name), key=f"new_of:{chosen}"
        )
        st.caption(tr("boundaries.new_help", plan=plan.name))
        st.button(tr("boundaries.begin"), type="primary", on_click=_begin, args=(name, chosen))
    if plan.status != "adopted":
        with row.popover(tr("boundaries.more"), icon=":material/more_horiz:"):
            _more(plan)
    with row.popover(tr("boundaries.files"), icon=":material/download:"):
        taken_in = files_panel(snapshot, plan)
    # Of today's plan there is nothing to compare: its people are what can be shown.
    shown = View("page", {"name": "people"}) if plan.in_force else View("plan", {"plan_id": chosen})
    with row:
        add_to_presentation(shown)
    if taken_in is not None:
        go_to(taken_in)
        st.rerun()
    return chosen


def in_words(plan: PlanSummary) -> str:
    """Return a plan as it stands in a list: name and what it is."""
    key = "in_force" if plan.in_force else plan.status
    said = session.tr(f"boundaries.is_{key}")
    return f"{plan.name} ({said})"


def _more(plan: PlanSummary) -> None:
    tr = session.tr
    name = st.text_input(tr("boundaries.name"), plan.name, key=f"name_of:{plan.plan_id}")
    st.button(tr("boundaries.rename"), on_click=_rename, args=(plan.plan_id, name))
    if plan.status == "draft":
        st.button(tr("boundaries.propose"), on_click=_set, args=("propose", plan))
    else:
        st.button(tr("boundaries.reopen"), on_click=_set, args=("reopen", plan))
    st.button(tr("boundaries.put_aside"), on_click=_set, args=("withdraw", plan))
    st.caption(tr("boundaries.put_aside_help"))
    aside = list_plans(session.snapshot(), withdrawn=True)
    if aside:
        st.selectbox(
            tr("boundaries.aside"),
            [p.plan_id for p in aside],
            index=None,
            key="boundaries_aside",
            format_func={p.plan_id: p.name for p in aside}.__getitem__,
            placeholder=tr("form.none"),
            on_change=_bring_back,
        )


def go_to(plan_id: str) -> None:
    """Show another plan from the next run on."""
    st.session_state["boundaries_go"] = plan_id


def _begin(name: str, source: str) -> None:
    try:
        go_to(planning.new_plan(session.workspace(), name, source, actor=session.actor()))
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr("boundaries.begun", name=name))


def _rename(plan_id: str, name: str) -> None:
    try:
        planning.rename_plan(session.workspace(), plan_id, name, actor=session.actor())
    except SroError as error:
        session.refuse(error)


def _set(what: str, plan: PlanSummary) -> None:
    try:
        getattr(planning, what)(session.workspace(), plan.plan_id, actor=session.actor())
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr(f"boundaries.done_{what}", name=plan.name))


def _bring_back() -> None:
    chosen = st.session_state.get("boundaries_aside")
    if chosen:
        try:
            planning.reopen(session.workspace(), chosen, actor=session.actor())
        except SroError as error:
            session.refuse(error)
            return
        go_to(chosen)


def unsaved_drawing() -> None:
    """Offer to keep what could not be saved because somebody else was faster."""
    own = desk()
    if own.unsaved is None:
        return
    tr = session.tr
    with st.container(border=True):
        st.write(tr("boundaries.unsaved"))
        row = st.container(horizontal=True, vertical_alignment="bottom")
        name = row.text_input(
            tr("boundaries.name"), tr("boundaries.new_of", plan=own.unsaved.name), key="unsaved_as"
        )
        row.button(tr("boundaries.keep"), type="primary", on_click=_keep, args=(name,))
        row.button(tr("boundaries.let_go"), on_click=_let_go)


def _keep(name: str) -> None:
    if made := keep_unsaved(name):
        go_to(made)


def _let_go() -> None:
    desk().unsaved = None
