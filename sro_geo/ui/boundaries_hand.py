"""Everything the map can do, by table and keyboard: choose blocks, choose the target, apply."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from sro_geo.actions.gesturing import street_line
from sro_geo.actions.planning import steps_of
from sro_geo.actions.planning_figures import ground_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.plans import Plan, gestures
from sro_geo.ui import session
from sro_geo.ui.boundaries_cutting import cutting_panel
from sro_geo.ui.boundaries_map import district_level, districts_of_blocks, numbers
from sro_geo.ui.boundaries_state import ANY, NEW, NONE, by_line, draw, step_back, with_new_area

# More blocks than this are not sent as a list with every run.
_LISTED = 1_000
_CHOSEN = "hand_blocks"


def hand_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Draw the form, and steps back and again."""
    tr = session.tr
    if plan.status != "draft":
        st.info(tr("boundaries.closed_here"), icon=":material/info:")
        return
    st.write(tr("boundaries.hand_intro"))
    names = space_names(plan)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    to = row.selectbox(
        tr("boundaries.hand_to"),
        [*names, NEW, NONE],
        key="hand_to",
        format_func=lambda a: names.get(a) or tr(f"boundaries.hand_{'new' if a else 'none'}"),
        width=260,
    )
    source = row.selectbox(
        tr("boundaries.hand_from"),
        [ANY, *names, NONE],
        key="hand_from",
        format_func=lambda a: (
            names.get(a) or tr("boundaries.hand_from_any" if a == ANY else "boundaries.no_space")
        ),
        width=260,
    )
    border = row.toggle(tr("boundaries.hand_border"), key="hand_border")
    offered = _offered(snapshot, plan, source, to, border)
    blocks = block_choice(tr("boundaries.hand_blocks"), offered, key=_CHOSEN)
    districts = _district_choice(snapshot)
    row = st.container(horizontal=True)
    row.button(
        tr("boundaries.hand_apply"),
        type="primary",
        on_click=_apply,
        args=(to, source, tuple(blocks), tuple(districts)),
    )
    back, again = steps_of(snapshot, plan.plan_id)
    row.button(tr("boundaries.hand_undo"), on_click=step_back, disabled=not back)
    row.button(
        tr("boundaries.hand_redo"),
        on_click=step_back,
        kwargs={"again": True},
        disabled=not again,
    )
    _street(snapshot, plan)
    if not session.settings().read_only:
        cutting_panel(snapshot, plan, names)


def block_choice(
    label: str, ids: Sequence[str], *, key: str, default: Sequence[str] = ()
) -> list[str]:
    """Let blocks be chosen by id: from a list, or typed where the list would be too long."""
    if len(ids) <= _LISTED:
        if set(st.session_state.get(key, ())) - set(ids):
            del st.session_state[key]  # what was chosen is no longer on offer
        chosen: list[str] = st.multiselect(
            label,
            ids,
            list(default),
            key=key,
            placeholder=session.tr("form.none"),
            help=session.tr("boundaries.hand_blocks_help"),
        )
        return chosen
    written = st.text_input(
        label, " ".join(default), key=key, help=session.tr("boundaries.hand_blocks_typed")
    )
    return written.replace(",", " ").replace(";", " ").split()


def space_names(plan: Plan) -> dict[str, str]:
    """Return the spaces as the map marks them: number and name, by id."""
    mark = numbers(plan)
    return {area.area_id: f"{mark[area.area_id]} {area.name}" for area in plan.standing}


def _offered(snapshot: Snapshot, plan: Plan, source: str, to: str, border: bool) -> list[str]:
    """Return the blocks that can be chosen: free, of the source, and not there already."""
    target = plan.code(to) if to not in (NEW, NONE) else -1
    fits = ~plan.locked() & (plan.codes != target)
    if source != ANY:
        fits &= plan.codes == plan.code(source or None)
    if border and target >= 0:
        edges = ground_of(snapshot).edges
        beside = np.zeros(len(plan.codes), bool)
        beside[edges.i[plan.codes[edges.j] == target]] = True
        beside[edges.j[plan.codes[edges.i] == target]] = True
        fits &= beside
    return [str(block) for block in plan.block_ids[fits]]


def _district_choice(snapshot: Snapshot) -> list[str]:
    level = district_level(snapshot)
    if level is None:
        return []
    rows = snapshot.tables["parallel_areas"]
    rows = rows[rows["level"] == level]
    names = dict(zip(rows["area_id"].astype(str), rows["name"].astype(str), strict=True))
    chosen: list[str] = st.multiselect(
        session.tr("boundaries.hand_whole"),
        list(names),
        key="hand_districts",
        format_func=lambda d: f"{d} {names[d]}",
        placeholder=session.tr("form.none"),
    )
    return chosen


def _apply(to: str, source: str, blocks: tuple[str, ...], districts: tuple[str, ...]) -> None:
    snapshot = session.snapshot()

    def make(plan: Plan) -> Plan:
        mask = np.zeros(len(plan.codes), bool)
        mask[plan.positions(blocks)] = True
        if districts:
            own = districts_of_blocks(snapshot) or []
            inside = np.isin(np.array([d or "" for d in own], object), list(districts))
            if source != ANY:
                inside &= plan.codes == plan.code(source or None)
            mask |= inside
        chosen = np.flatnonzero(mask)
        if to == NEW:
            return with_new_area(plan, chosen)
        return gestures.paint(plan, chosen, to or None, kind="district" if districts else "table")

    if not blocks and not districts:
        session.say(session.tr("boundaries.hand_choose_first"))
        return
    if draw(make, "table"):
        st.session_state["hand_districts"] = []
        st.session_state.pop(_CHOSEN, None)


def _street(snapshot: Snapshot, plan: Plan) -> None:
    """Divide a space along a street, or lay a border on one."""
    tr, names = session.tr, space_names(plan)
    streets = snapshot.tables["streets"]["name"].dropna()
    if streets.empty:
        return
    st.html(f'<h3 class="sro-small">{tr("boundaries.hand_street")}</h3>')
    row = st.container(horizontal=True, vertical_alignment="bottom")
    street = row.selectbox(
        tr("boundaries.hand_street_name"),
        sorted({str(name) for name in streets}),
        index=None,
        key="hand_street",
        placeholder=tr("form.none"),
        width=260,
    )
    space = row.selectbox(
        tr("boundaries.hand_street_space"),
        list(names),
        key="hand_street_space",
        format_func=lambda a: names.get(a, a),
        width=220,
    )
    other = row.selectbox(
        tr("boundaries.hand_street_other"),
        [a for a in names if a != space],
        index=None,
        key="hand_street_other",
        format_func=lambda a: names.get(a, a),
        placeholder=tr("form.none"),
        width=220,
    )
    word = "split" if other is None else "shift"
    row.button(
        tr(f"boundaries.hand_street_{word}"),
        on_click=_along_street,
        args=(street, space, other),
        disabled=street is None or space is None,
    )
    st.caption(tr("boundaries.hand_street_help"))


def _along_street(street: str, space: str, other: str | None) -> None:
    snapshot = session.snapshot()

    def make(plan: Plan) -> Plan:
        line = street_line(snapshot, plan, space, street)
        return by_line(plan, ground_of(snapshot), line, space, NEW if other is None else other)

    draw(make, "line")
