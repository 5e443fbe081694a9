"""Cut blocks along a street or a line from a file: a new block version for every plan."""

from __future__ import annotations

import shapely
import streamlit as st

from sro_geo.actions.cutting import Cut, cut_blocks
from sro_geo.actions.gesturing import street_line
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.exchange.line_file import read_line
from sro_geo.plans import Plan
from sro_geo.ui import session

_LISTED = 8
_DONE, _ROUND, _SURE = "cut_done", "cut_round", "cut_sure"


def cutting_panel(snapshot: Snapshot, plan: Plan, names: dict[str, str]) -> None:
    """Draw the form with its word of caution, and what was cut last.

    ``names`` are the spaces as the page writes them, by id.
    """
    tr, state = session.tr, st.session_state
    if (done := state.pop(_DONE, None)) is not None:
        st.success(_said(done), icon=":material/content_cut:")
    with st.expander(tr("boundaries.cut"), icon=":material/content_cut:"):
        st.warning(tr("boundaries.cut_caution"), icon=":material/warning:")
        space = st.selectbox(
            tr("boundaries.cut_space"),
            list(names),
            index=None,
            key=f"cut_space:{plan.plan_id}",
            format_func=lambda a: names.get(a, a),
            placeholder=tr("form.none"),
            width=320,
        )
        streets = sorted({str(n) for n in snapshot.tables["streets"]["name"].dropna()})
        left, right = st.columns(2, gap="medium")
        street = left.selectbox(
            tr("boundaries.cut_street"),
            streets,
            index=None,
            key=f"cut_street:{state.get(_ROUND, 0)}",
            placeholder=tr("form.none"),
        )
        upload = right.file_uploader(
            tr("boundaries.cut_file"),
            type=["geojson", "json"],
            key=f"cut_file:{state.get(_ROUND, 0)}",
            help=tr("boundaries.cut_file_help"),
        )
        sure = st.checkbox(tr("boundaries.cut_sure"), key=f"{_SURE}:{state.get(_ROUND, 0)}")
        both = street is not None and upload is not None
        if both:
            st.caption(tr("boundaries.cut_either"))
        # With a street the space says which of several of this name, and how far it is carried on.
        ready = upload is not None or (street is not None and space is not None)
        file = None if upload is None else (upload.getvalue(), upload.name)
        st.button(
            tr("boundaries.cut_do"),
            on_click=_cut,
            args=(plan, space, street, file),
            disabled=not (sure and ready) or both,
            key="cut_do",
        )


def _cut(plan: Plan, space: str | None, street: str | None, file: tuple[bytes, str] | None) -> None:
    workspace = session.workspace()
    try:
        line: shapely.Geometry
        if file is not None:
            line = read_line(file[0], workspace.city, name=file[1])
        else:
            line = street_line(workspace.snapshot(), plan, str(space), str(street))
        done = cut_blocks(workspace, line, actor=session.actor(), plan=plan.plan_id, area_id=space)
    except SroError as error:
        session.refuse(error)
        return
    state = st.session_state
    state[_DONE], state[_ROUND] = done, state.get(_ROUND, 0) + 1


def _said(done: Cut) -> str:
    """Return in words what was cut, into how many parts, and how its people were shared."""
    tr = session.tr
    shown = ", ".join(done.cut[:_LISTED]) + (" …" if len(done.cut) > _LISTED else "")
    key = "boundaries.cut_done_one" if len(done.cut) == 1 else "boundaries.cut_done"
    said = tr(
        key,
        count=session.number(len(done.cut)),
        parts=session.number(len(done.parts)),
        blocks=shown,
        total=session.number(done.blocks_after),
    )
    if done.persons:
        which = "estimated" if done.estimated else "shared"
        said += " " + tr(f"boundaries.cut_{which}", persons=session.number(done.persons))
    return said
