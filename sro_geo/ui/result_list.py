"""A list of entries to choose from: real buttons, one element, read by screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from sro_geo.ui.own_files import source


@dataclass(frozen=True)
class Entry:
    """One entry: ``id`` comes back when it is chosen; ``path``/``colour`` draw its symbol."""

    id: str
    title: str
    subtitle: str = ""
    badge: str = ""
    note: str = ""
    path: str = ""
    colour: str = ""
    selected: bool = False


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "sro_result_list",
        html='<div class="results"></div>',
        css=source("result_list.css"),
        js=source("result_list.js"),
    )


def result_list(
    entries: Sequence[Entry],
    *,
    label: str,
    key: str,
    on_choose: Callable[[str], None],
    height: int | None = None,
) -> None:
    """Show entries; ``on_choose`` gets the id of the chosen one before the next run."""

    def chosen() -> None:
        value = st.session_state[key].chosen
        if value:
            on_choose(str(value["id"]))

    _component()(
        key=key,
        data={"label": label, "entries": [asdict(e) for e in entries], "height": height},
        on_chosen_change=chosen,
    )
