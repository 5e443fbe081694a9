"""A proposal by the computer: borders shifted until the spaces are even, changing little."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from sro_geo.actions.planning_figures import OFFERS_OF, block_columns
from sro_geo.actions.proposals import Proposal, keep_proposal, propose_balance
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.plans import Plan
from sro_geo.ui import session
from sro_geo.ui.boundaries_inputs import go_to
from sro_geo.ui.frame import show_error

_WORKERS = 2
_USUAL = ("under_18", "population")


@dataclass
class _Search:
    """A search that runs beside the page: it reports, and can be stopped."""

    plan: Plan
    stop: threading.Event = field(default_factory=threading.Event)
    deviation: float = float("nan")
    persons: float = 0.0
    future: Future[Proposal] | None = None

    def progress(self, deviation: float, persons: float) -> None:
        """Take the news from the search."""
        self.deviation, self.persons = deviation, persons


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="balancing")


def proposal_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Ask for a proposal; show progress, allow stopping, keep it as a variant."""
    tr = session.tr
    st.write(tr("boundaries.proposal_intro"))
    columns = [
        name
        for name, values in block_columns(snapshot).items()
        if not name.startswith(OFFERS_OF) and not np.isnan(values).any() and values.any()
    ]
    if not columns:
        show_error(SroError("no_population"))
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    by = row.selectbox(
        tr("boundaries.proposal_by"),
        sorted(columns, key=lambda c: (c not in _USUAL, _USUAL.index(c) if c in _USUAL else 0)),
        key="balance_by",
        format_func=column_in_words,
        width=220,
    )
    percent = row.number_input(
        tr("boundaries.proposal_tolerance"), 1, 50, 5, key="balance_tolerance", width=200
    )
    with row:
        rounder = st.slider(
            tr("boundaries.proposal_round"), 0.0, 4.0, 1.0, 0.5, key="balance_round"
        )
        cost = st.slider(tr("boundaries.proposal_cost"), 0.0, 4.0, 1.0, 0.5, key="balance_cost")
    if st.button(tr("boundaries.proposal_find"), type="primary", icon=":material/balance:"):
        _start(snapshot, plan, str(by), float(percent) / 100, float(rounder), float(cost))
    search: _Search | None = st.session_state.get("balance_search")
    if search is None or not search.plan.same_as(plan) or search.plan.plan_id != plan.plan_id:
        return
    _wait(search)
    _show(search)


def column_in_words(column: str) -> str:
    """Return the name of a column of persons."""
    try:
        return session.tr(f"boundaries.figure_{column}")
    except KeyError:
        return column.replace("_", " ")


def _start(
    snapshot: Snapshot, plan: Plan, by: str, tolerance: float, rounder: float, cost: float
) -> None:
    earlier: _Search | None = st.session_state.get("balance_search")
    if earlier is not None:
        earlier.stop.set()
    search = _Search(plan)
    search.future = _workers().submit(
        propose_balance,
        snapshot,
        plan,
        (by,),
        tolerance=tolerance,
        perimeter_weight=rounder,
        cost_weight=cost,
        progress=search.progress,
        stop=search.stop.is_set,
    )
    st.session_state["balance_search"] = search


def _wait(search: _Search) -> None:
    """Show progress until the search is done; a click on *stop* runs the page anew."""
    assert search.future is not None
    if search.future.done():
        return
    place = st.empty()
    with place.container():
        line = st.empty()
        st.button(session.tr("boundaries.proposal_stop"), on_click=search.stop.set)
    while not search.future.done():
        line.write(
            session.tr(
                "boundaries.proposal_searching",
                deviation=session.percent(search.deviation),
                persons=session.number(search.persons),
            )
        )
        time.sleep(0.2)
    place.empty()


def _show(search: _Search) -> None:
    tr = session.tr
    assert search.future is not None
    try:
        found = search.future.result()
    except SroError as error:
        show_error(error)
        return
    st.write(
        tr(
            "boundaries.proposal_found",
            deviation=session.percent(found.deviation),
            blocks=session.number(found.moved_blocks),
            persons=session.number(found.moved_persons),
        )
        + " "
        + tr(f"boundaries.proposal_{found.ended}")
    )
    if not found.moved_blocks:
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = row.text_input(
        tr("boundaries.name"),
        tr("boundaries.proposal_name", plan=search.plan.name),
        key=f"balance_name:{search.plan.plan_id}",
        width=360,
    )
    row.button(tr("boundaries.proposal_keep"), type="primary", on_click=_keep, args=(found, name))


def _keep(found: Proposal, name: str) -> None:
    try:
        made = keep_proposal(session.workspace(), found, name, actor=session.actor())
    except SroError as error:
        session.refuse(error)
        return
    st.session_state.pop("balance_search", None)
    session.say(session.tr("boundaries.proposal_kept", name=name))
    go_to(made)
