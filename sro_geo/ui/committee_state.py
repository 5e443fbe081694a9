"""What is open on the committee's page: presentation and slide in the address, deeds and undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from sro_geo.actions.stories import StoredSlide, StoryHead, put_back_slide, restore_story
from sro_geo.errors import SroError
from sro_geo.ui import session
from sro_geo.ui.markup import as_written

STORY, SLIDE, PRESENT = "story", "slide", "present"
_UNDO, _GO = "committee_undo", "committee_go"


@dataclass(frozen=True)
class Removed:
    """What was removed last, so that one click brings it back."""

    kind: str
    id: str
    name: str
    story_id: str


def editable(head: StoryHead) -> bool:
    """Return whether this visitor may change a presentation."""
    return head.own and not session.settings().read_only


def open_story(story_id: str | None) -> None:
    """Show a presentation from the next run on; None: the usual one."""
    # Written into the address as that run begins: what is written just before a rerun may be
    # thrown away before the browser hears of it.
    st.session_state[_GO] = {STORY: story_id, SLIDE: None}


def open_slide(slide_id: str) -> None:
    """Show a slide from the next run on."""
    st.session_state[_GO] = {**st.session_state.get(_GO, {}), SLIDE: slide_id}


def arrive() -> None:
    """Write into the address what was opened before this run."""
    for name, value in st.session_state.pop(_GO, {}).items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value


def chosen_slide(slides: list[str]) -> str | None:
    """Return the slide the address asks for, else the first."""
    asked = st.query_params.get(SLIDE)
    return asked if asked in slides else next(iter(slides), None)


def done(deed: Callable[[], object]) -> bool:
    """Do something with the workspace; a refusal is left for the page, and False returned."""
    try:
        deed()
    except SroError as error:
        session.refuse(error)
        return False
    return True


def removed_story(head: StoryHead) -> None:
    """Note that a presentation was deleted."""
    st.session_state[_UNDO] = Removed("story", head.story_id, head.name, head.story_id)


def removed_slide(slide: StoredSlide, title: str) -> None:
    """Note that a slide was removed."""
    st.session_state[_UNDO] = Removed("slide", slide.slide_id, title, slide.story_id)


def undo_line(head: StoryHead) -> None:
    """Offer to bring back what was removed last."""
    last: Removed | None = st.session_state.get(_UNDO)
    if last is None or (last.kind == "slide" and last.story_id != head.story_id):
        return
    tr = session.tr
    with st.container(
        horizontal=True, vertical_alignment="center", gap="medium", key="committee_undo_line"
    ):
        said = tr(f"committee.removed_{last.kind}", name=as_written(last.name))
        st.markdown(said, width="content")
        st.button(tr("committee.undo"), icon=":material/undo:", on_click=_undo, args=(last,))


def _undo(last: Removed) -> None:
    workspace, actor = session.workspace(), session.actor()
    try:
        if last.kind == "slide":
            put_back_slide(workspace, last.id, actor=actor)
            open_slide(last.id)
        else:
            restore_story(workspace, last.id, actor=actor)
            open_story(last.id)
    except SroError as error:
        session.refuse(error)
        return
    st.session_state.pop(_UNDO, None)
    session.say(session.tr(f"committee.restored_{last.kind}", name=last.name))
