"""A slide as it will look: drawn by the deck itself, in the width of a column."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import streamlit as st

from sro_geo.i18n import name_of
from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.ui import session
from sro_geo.ui.own_files import source

# What the deck says of its window is said of the column here.
_OURS = (
    ("--u:min(.078125vw,.138888vh)", "--u:.078125cqw"),
    (":root:not(.stage)", ".narrow"),
    (":root", ":host"),
    ("'Source Sans 3'", "'Source Sans'"),
)
_MOMENT = "2000-01-01T00:00:00"


@cache
def style() -> str:
    """Return the style of the deck for a column: its unit is a part of the column's width."""
    deck = source("deck.css", "sro_geo.reports")
    for theirs, ours in _OURS:
        deck = deck.replace(theirs, ours)
    return f"{deck}\n{source('slide_preview.css')}"


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "sro_slide_preview",
        html='<div class="holder"><div class="slide stage" role="group"></div></div>',
        css=style(),
        js=source("slide_preview.js"),
    )


def slide_preview(slide: Slide, *, key: str) -> None:
    """Show a slide; one that goes on to further slides on the wall is shown with all of them."""
    html = stage_html(slide, session.language())
    _component()(
        key=key,
        data={
            "html": html,
            "stamp": hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()[:16],
            "label": session.tr("committee.preview", title=slide.title),
        },
    )


def stage_html(slide: Slide, language: str) -> str:
    """Return what the deck shows of a slide."""
    from sro_geo.reports.deck import deck  # late: it reads the files of the map

    city = session.city()
    note = name_of(city.source_note, language) if city.sample_data else ""
    name = name_of(city.names, language)
    story = Story("preview", name, name, language, (slide,), sample_note=note, city=name)
    page = deck(freeze(story, _MOMENT))
    return page.partition("<main>")[2].partition("</main>")[0]
