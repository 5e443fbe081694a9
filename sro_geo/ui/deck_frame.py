"""A deck over the whole window: the presentation mode of the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from sro_geo.ui import session
from sro_geo.ui.own_files import source


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "sro_deck_frame",
        html="<dialog></dialog>",
        css=source("deck_frame.css"),
        js=source("deck_frame.js"),
    )


def deck_frame(
    html: str, *, stamp: str, title: str, first: str, back: str, on_end: Callable[[], None]
) -> None:
    """Fill the window with a deck that has the keyboard at once.

    Parameters
    ----------
    html
        A self-contained deck.
    stamp
        Tells one deck from the next: a new one replaces what is shown.
    first
        The id of the slide to begin with, empty for the first.
    back
        The key of the button that has the focus afterwards.
    on_end
        Called before the next run, when somebody has left with Escape or the button.
    """

    def ended() -> None:
        if st.session_state["deck_frame"].ended:
            on_end()

    words = {"title": title, "end": session.tr("committee.present_end")}
    _component()(
        key="deck_frame",
        data={"html": html, "stamp": stamp, "first": first, "words": words, "back": back},
        on_ended_change=ended,
    )
