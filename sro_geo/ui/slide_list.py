"""The slides of a story in their order: real buttons that choose, move, duplicate, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from sro_geo.ui import session
from sro_geo.ui.own_files import source

ACTS = ("move", "duplicate", "remove")
_WORDS = ("up", "down", "duplicate", "remove", "moved")


@dataclass(frozen=True)
class Entry:
    """One slide of the list; ``warning`` says what is wrong with it."""

    id: str
    title: str
    note: str = ""
    warning: str = ""
    selected: bool = False


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "sro_slide_list",
        html='<div class="slides"></div><p class="unseen" role="status"></p>',
        css=source("slide_list.css"),
        js=source("slide_list.js"),
    )


def slide_list(
    entries: Sequence[Entry],
    *,
    key: str,
    editable: bool,
    on_choose: Callable[[str], None],
    on_act: Callable[[str, str, int], None],
    height: int,
) -> None:
    """Show the slides.

    ``on_choose`` gets the id of the chosen one before the next run, ``on_act`` one of ``ACTS``,
    the id, and the place (from 0) a moved one goes to.
    """

    def chosen() -> None:
        value = st.session_state[key].chosen
        if value:
            on_choose(str(value["id"]))

    def acted() -> None:
        value = st.session_state[key].acted
        if value and value["what"] in ACTS:
            on_act(str(value["what"]), str(value["id"]), int(value["to"]))

    said = {name: session.tr(f"committee.list_{name}") for name in _WORDS}
    _component()(
        key=key,
        data={
            "words": {**said, "label": session.tr("committee.list")},
            "slides": [asdict(entry) for entry in entries],
            "editable": editable,
            "height": height,
        },
        on_chosen_change=chosen,
        on_acted_change=acted,
    )
