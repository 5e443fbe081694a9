"""The spaces of a variant: names, regions, locks; merge, dissolve; bridges; the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from sro_geo.actions.planning import steps
from sro_geo.actions.workspace import Snapshot
from sro_geo.i18n import phrases
from sro_geo.plans import Plan, gestures
from sro_geo.ui import session
from sro_geo.ui.boundaries_hand import block_choice, space_names
from sro_geo.ui.boundaries_map import numbers
from sro_geo.ui.boundaries_state import NONE, draw, on_draw
from sro_geo.ui.markup import tag, text

_LOG_ROWS = 30


def spaces_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Draw the tables and forms; an adopted plan shows its log only."""
    tr = session.tr
    if plan.status == "draft":
        st.write(tr("boundaries.spaces_intro"))
        _table(plan)
        left, right = st.columns(2, gap="medium")
        with left:
            _merge(plan)
            _locks(plan)
        with right:
            _dissolve(plan)
            _links(plan)
    else:
        st.info(tr("boundaries.closed_here"), icon=":material/info:")
    _log(plan)


def _heading(key: str) -> None:
    st.html(tag("h3", text(session.tr(key)), class_="sro-small"))


def _table(plan: Plan) -> None:
    """Let names, parents and locks be edited one by one: real fields, read by screen readers."""
    tr, mark = session.tr, numbers(plan)
    parents = {a.area_id: a.name for a in plan.standing_above if a.level == _parent_level(plan)}
    wanted: dict[str, tuple[str, str | None, bool]] = {}
    with st.form("boundaries_spaces", border=False):
        for area in plan.standing:
            row = st.container(horizontal=True, vertical_alignment="bottom")
            stamp = f"{plan.plan_id}:{area.area_id}:{area.name}:{area.parent_id}"
            name = row.text_input(
                f"{mark[area.area_id]} {tr('boundaries.spaces_name')}",
                area.name,
                key=f"space_name:{stamp}",
                width=260,
            )
            parent = area.parent_id
            if parents:
                options = list(parents)
                parent = row.selectbox(
                    tr("boundaries.spaces_parent"),
                    options,
                    index=options.index(parent) if parent in parents else None,
                    key=f"space_parent:{stamp}",
                    format_func=parents.__getitem__,
                    placeholder=tr("form.none"),
                    width=200,
                )
            held = row.checkbox(
                tr("boundaries.spaces_locked"),
                area.area_id in plan.locked_areas,
                key=f"space_held:{stamp}:{area.area_id in plan.locked_areas}",
            )
            wanted[area.area_id] = (name, parent, held)
        if st.form_submit_button(tr("boundaries.spaces_apply"), type="primary"):
            _edit(wanted)
            st.rerun(scope="fragment")


def _parent_level(plan: Plan) -> str:
    return plan.levels[-2] if len(plan.levels) > 1 else ""


def _edit(wanted: Mapping[str, tuple[str, str | None, bool]]) -> None:
    def make(plan: Plan) -> Plan:
        for area_id, (name, parent, held) in wanted.items():
            area = plan.area(area_id)
            if name.strip() != area.name:
                plan = gestures.rename(plan, area_id, name)
            if parent != area.parent_id:
                plan = gestures.set_parent(plan, area_id, parent)
            if held != (area_id in plan.locked_areas):
                change = gestures.lock if held else gestures.unlock
                plan = change(plan, areas=[area_id])
        return plan

    draw(make, "edit")


def _merge(plan: Plan) -> None:
    tr, names = session.tr, space_names(plan)
    _heading("boundaries.spaces_merge")
    which: list[str] = st.multiselect(
        tr("boundaries.spaces_merge_which"),
        list(names),
        key=f"merge_which:{plan.plan_id}:{len(names)}",
        format_func=lambda a: names.get(a, a),
        placeholder=tr("form.none"),
    )
    into = st.selectbox(
        tr("boundaries.spaces_merge_into"),
        list(names),
        key=f"merge_into:{plan.plan_id}:{len(names)}",
        format_func=lambda a: names.get(a, a),
    )
    st.button(
        tr("boundaries.spaces_merge_do"),
        on_click=on_draw,
        args=(lambda p: gestures.merge(p, which, into), "merge"),
        disabled=not [a for a in which if a != into],
    )


def _dissolve(plan: Plan) -> None:
    tr, names = session.tr, space_names(plan)
    _heading("boundaries.spaces_delete")
    which = st.selectbox(
        tr("boundaries.spaces_delete_which"),
        list(names),
        index=None,
        key=f"dissolve:{plan.plan_id}:{len(names)}",
        format_func=lambda a: names.get(a, a),
        placeholder=tr("form.none"),
    )
    to = st.selectbox(
        tr("boundaries.spaces_delete_to"),
        [NONE, *(a for a in names if a != which)],
        key=f"dissolve_to:{plan.plan_id}:{len(names)}",
        format_func=lambda a: names.get(a) or tr("boundaries.no_space"),
    )
    st.button(
        tr("boundaries.spaces_delete_do"),
        on_click=on_draw,
        args=(lambda p: gestures.delete(p, str(which), to=to or None), "delete"),
        disabled=which is None,
    )


def _locks(plan: Plan) -> None:
    tr = session.tr
    _heading("boundaries.spaces_locks")
    held = sorted(plan.locked_blocks)
    chosen = block_choice(
        tr("boundaries.spaces_locks_which"),
        [str(b) for b in plan.block_ids],
        key=f"locks:{plan.plan_id}:{' '.join(held)}",
        default=held,
    )

    def make(p: Plan) -> Plan:
        p = gestures.unlock(p, blocks=sorted(set(held) - set(chosen)))
        return gestures.lock(p, blocks=sorted(set(chosen) - set(held)))

    st.button(
        tr("boundaries.spaces_locks_do"),
        on_click=on_draw,
        args=(make, "lock"),
        disabled=set(chosen) == set(held),
    )


def _links(plan: Plan) -> None:
    tr = session.tr
    _heading("boundaries.spaces_links")
    st.caption(tr("boundaries.spaces_links_help"))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    ends = [
        row.text_input(tr(f"boundaries.spaces_links_{which}"), key=f"link_{which}", width=180)
        for which in ("first", "second")
    ]
    row = st.container(horizontal=True)
    for what, make in (("bridge", gestures.bridge), ("barrier", gestures.barrier)):
        row.button(
            tr(f"boundaries.spaces_{what}"),
            on_click=on_draw,
            args=(partial(_link, make, (ends[0].strip(), ends[1].strip())), what),
            disabled=not all(ends),
        )
    links = [*sorted(plan.bridges), *sorted(plan.barriers)]
    if links:
        said = "; ".join(f"{a} – {b}" for a, b in links)
        st.caption(tr("boundaries.spaces_links_now", links=said))
        st.button(
            tr("boundaries.spaces_links_clear"), on_click=on_draw, args=(_unlinked, "bridges")
        )


def _link(make: Callable[..., Plan], ends: tuple[str, str], plan: Plan) -> Plan:
    return make(plan, *ends)


def _unlinked(plan: Plan) -> Plan:
    for a, b in plan.bridges:
        plan = gestures.bridge(plan, a, b, remove=True)
    for a, b in plan.barriers:
        plan = gestures.barrier(plan, a, b, remove=True)
    return plan


def _log(plan: Plan) -> None:
    """List the gestures, newest first; what was taken back is said so."""
    tr = session.tr
    rows = steps(session.workspace(), plan.plan_id)[:_LOG_ROWS]
    if not rows:
        return
    with st.expander(tr("boundaries.spaces_log")):
        known = phrases(session.language())
        lines = []
        for row in rows:
            kind = f"boundaries.kind_{row.kind}"
            said = tr(
                "boundaries.spaces_log_row",
                number=row.number,
                kind=known.get(kind, known["boundaries.kind_other"]),
                blocks=session.number(row.blocks),
                author=row.author,
                at=_when(row.at),
            )
            if row.undone:
                said += f" ({tr('boundaries.spaces_log_undone')})"
            lines.append(tag("li", text(said)))
        st.html(tag("ul", *lines, class_="sro-history"))


def _when(at: str) -> str:
    return pd.Timestamp(at).strftime("%d.%m.%Y %H:%M") if at else ""
