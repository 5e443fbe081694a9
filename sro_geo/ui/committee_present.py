"""Presentation mode: the deck of today's released data over the whole window, nothing to edit."""

from __future__ import annotations

import hashlib

import streamlit as st

from sro_geo.actions.stories import StoryHead
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.ui import session
from sro_geo.ui.committee_files import built_story, missing_words
from sro_geo.ui.committee_state import PRESENT, SLIDE
from sro_geo.ui.deck_frame import deck_frame
from sro_geo.ui.frame import show_error
from sro_geo.ui.markup import as_written

BUTTON = "committee_present"
_DECK = "committee_deck"


def presenting() -> bool:
    """Return whether the address asks for the presentation mode."""
    return st.query_params.get(PRESENT) == "1"


def present_button(*, disabled: bool) -> None:
    """Draw the button that begins, from the slide that is chosen."""
    st.button(
        session.tr("committee.present"),
        icon=":material/slideshow:",
        key=BUTTON,
        disabled=disabled,
        on_click=_begin,
    )


def present(snapshot: Snapshot, head: StoryHead) -> None:
    """Show the deck; what keeps it from being made is said, with the way back."""
    from sro_geo.reports.deck import deck  # late: no other page has to do with it

    tr = session.tr
    try:
        built = built_story(snapshot, head.story_id)
        held = st.session_state.get(_DECK)
        if held is None or held[0] is not built:
            held = st.session_state[_DECK] = (built, deck(built.story))
    except SroError as error:
        show_error(error)
        _end_button()
        return
    # Behind the deck, for whoever comes back.
    if built.missing:
        lines = "\n".join(f"- {as_written(line)}" for line in missing_words(built))
        st.warning(f"{tr('committee.missing')}\n{lines}", icon=":material/visibility_off:")
    asked = st.query_params.get(SLIDE)
    ids = [slide.slide_id for slide in built.story.slides]
    deck_frame(
        held[1],
        stamp=hashlib.sha256(held[1].encode()).hexdigest()[:16],
        title=built.story.title,
        first=asked if asked and asked in ids else "",
        back=BUTTON,
        on_end=leave,
    )
    _end_button()


def _end_button() -> None:
    st.button(
        session.tr("committee.present_end"),
        icon=":material/arrow_back:",
        on_click=leave,
        key="committee_present_end",
    )


def _begin() -> None:
    st.query_params[PRESENT] = "1"


def leave() -> None:
    """Go back to the page."""
    st.query_params.pop(PRESENT, None)
