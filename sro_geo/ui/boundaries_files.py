"""Plans as files: save the one shown, or take one in as a new variant."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

import streamlit as st

from sro_geo.actions.planning import PlanSummary, id_in_force
from sro_geo.actions.planning_files import import_plan, plan_as_bytes
from sro_geo.actions.variants import fingerprint_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.ui import session
from sro_geo.ui.frame import show_error
from sro_geo.ui.import_view import fault_lists

_KINDS = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_ROUND, _REPAIR, _SEEN = "plan_file_round", "plan_file_repair", "plan_file_seen"


def files_panel(snapshot: Snapshot, plan: PlanSummary) -> str | None:
    """Draw both ways; return the id of a variant that was just taken in."""
    st.caption(session.tr("boundaries.files_help"))
    for ending in _KINDS:
        st.download_button(
            session.tr("boundaries.save_as", format=ending.upper()),
            partial(plan_as_bytes, snapshot, plan.plan_id, ending),
            file_name=f"{plan.plan_id}.{ending}",
            mime=_KINDS[ending],
            on_click="ignore",
            key=f"save_as_{ending}",
        )
    return None if session.settings().read_only else _take_in(snapshot)


def _take_in(snapshot: Snapshot) -> str | None:
    """Look at a file, show its faults, and make a variant of it when asked to."""
    tr, state = session.tr, st.session_state
    upload = st.file_uploader(
        tr("boundaries.import_file"),
        type=[*_KINDS, "json"],
        key=f"plan_file_{state.get(_ROUND, 0)}",
        help=tr("boundaries.import_help"),
    )
    if upload is None:
        state.pop(_SEEN, None)
        return None
    data, repair = upload.getvalue(), bool(state.get(_REPAIR))
    # A gesture on the map runs this again; the file is read once only.
    stamp = (upload.file_id, repair, fingerprint_of(snapshot), id_in_force(snapshot))
    if state.get(_SEEN, (None,))[0] != stamp:
        try:
            state[_SEEN] = (stamp, *_looked_at(data, upload.name, repair))
        except SroError as error:
            show_error(error)
            return None
    _, faults, moved = state[_SEEN]
    fault_lists(faults)
    if repair or any(fault.severity == "repair" for fault in faults):
        st.checkbox(tr("imports.repair"), key=_REPAIR)
    if moved is None:
        st.warning(tr("imports.not_ready"), icon=":material/block:")
        return None
    st.caption(tr("boundaries.import_ready", blocks=session.number(moved)))
    name = st.text_input(
        tr("boundaries.name"), PurePath(upload.name).stem, key=f"plan_file_name:{upload.file_id}"
    )
    if not st.button(tr("boundaries.import_do"), type="primary", key="plan_file_do"):
        return None
    try:
        done = import_plan(
            session.workspace(),
            data,
            name,
            actor=session.actor(),
            file_name=upload.name,
            repair=repair,
        )
    except SroError as error:
        show_error(error)
        return None
    state[_ROUND] = state.get(_ROUND, 0) + 1
    state.pop(_REPAIR, None)
    state.pop(_SEEN, None)
    session.say(tr("boundaries.import_done", name=done.plan.name))
    return done.plan_id


def _looked_at(data: bytes, name: str, repair: bool) -> tuple[tuple[Fault, ...], int | None]:
    """Return the faults of a file and how many blocks it moves; None where it is refused."""
    try:
        found = import_plan(
            session.workspace(),
            data,
            name,
            actor=session.actor(),
            file_name=name,
            repair=repair,
            dry_run=True,
        )
    except InputRefused as error:
        return tuple(error.faults), None
    return found.notes, found.moved_blocks
