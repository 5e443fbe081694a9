"""How do we draw? A variant, the map to draw in, and what each gesture changes."""

from __future__ import annotations

import streamlit as st

from sro_geo.actions.planning import id_in_force, steps_of
from sro_geo.actions.planning_figures import plan_figures
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.plans import Plan
from sro_geo.ui import session
from sro_geo.ui.boundaries_adopt import adoption_panel
from sro_geo.ui.boundaries_changes import changes_panel
from sro_geo.ui.boundaries_compare import compare_panel
from sro_geo.ui.boundaries_figures import figures_panel, said_last
from sro_geo.ui.boundaries_hand import hand_panel
from sro_geo.ui.boundaries_inputs import unsaved_drawing, variant_row
from sro_geo.ui.boundaries_map import drawing_of, published
from sro_geo.ui.boundaries_proposal import proposal_panel
from sro_geo.ui.boundaries_spaces import spaces_panel
from sro_geo.ui.boundaries_state import desk, put_on_desk, take
from sro_geo.ui.boundary_editor import boundary_editor, label_of, sum_of
from sro_geo.ui.frame import show_error, show_left_messages

_TABS = {
    "hand": hand_panel,
    "spaces": spaces_panel,
    "proposal": proposal_panel,
    "families": changes_panel,
    "compare": compare_panel,
    "adopt": adoption_panel,
}
_HEIGHT = 540


@st.fragment
def boundaries_page() -> None:
    """Draw the page; a gesture runs this part only."""
    snapshot = session.snapshot()
    if snapshot.empty:
        st.info(session.tr("data.empty"), icon=":material/info:")
        return
    try:
        plan = load_plan(snapshot, variant_row(snapshot))
    except SroError as error:
        show_error(error)
        return
    put_on_desk(plan)
    show_left_messages()
    unsaved_drawing()
    left, right = st.columns([13, 7], gap="medium")
    with left:
        _map(snapshot, plan)
    with right:
        said_last(snapshot, plan)
        figures_panel(snapshot, plan, base_of(snapshot, plan))
    names = list(_TABS)
    tabs = st.tabs(
        [session.tr(f"boundaries.tab_{name}") for name in names],
        key="boundaries_tab",
        on_change="rerun",
    )
    for tab, name in zip(tabs, names, strict=True):
        if tab.open:
            with tab:
                try:
                    _TABS[name](snapshot, plan)
                except SroError as error:
                    show_error(error)


def base_of(snapshot: Snapshot, plan: Plan) -> Plan | None:
    """Return the plan a variant began as, else the one in force; None for that one itself."""
    for wanted in (plan.parent_plan_id, None):
        try:
            base = load_plan(snapshot, wanted or id_in_force(snapshot))
        except SroError:
            continue
        if base.block_set == plan.block_set:
            return None if base.plan_id == plan.plan_id else base
    return None


def _map(snapshot: Snapshot, plan: Plan) -> None:
    own = desk()
    editable = plan.status == "draft" and not session.settings().read_only
    if not editable:
        key = "in_force" if plan.status == "adopted" else plan.status
        st.caption(session.tr(f"boundaries.closed_{key}"))
    shapes, addresses = published(snapshot, session.settings())
    drawing = drawing_of(
        plan,
        plan_figures(snapshot, plan).of("population"),
        base=base_of(snapshot, plan),
        held=own.held,
        editable=editable,
        ack=own.ack,
        steps=steps_of(snapshot, plan.plan_id) if editable else (0, 0),
        aim=own.aim,
    )
    boundary_editor(
        shapes,
        addresses,
        drawing,
        label=label_of(plan.name, session.language()),
        language=session.language(),
        key="boundary_map" if editable else "boundary_map_closed",
        height=_HEIGHT,
        on_gesture=take,
    )
    own.held = sum_of(plan.codes)
