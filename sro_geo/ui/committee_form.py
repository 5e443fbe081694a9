"""The words of a slide: as the software writes them until somebody writes others."""

from __future__ import annotations

from functools import partial

import streamlit as st

from sro_geo.actions.stories import WORDS, edit_slide
from sro_geo.reports.content import TEXT_LIMIT, TITLE_LIMIT, Slide
from sro_geo.ui import session
from sro_geo.ui.committee_preview import Shown
from sro_geo.ui.committee_state import done
from sro_geo.ui.markup import tag, text

_SAVED = "committee_saved"
_HEIGHTS = {"title": 90, "subtitle": 68, "text": 200, "note": 90, "alt": 150}


def words_form(shown: Shown) -> None:
    """Draw a field for each of the words; leaving a field saves it."""
    tr, plain = session.tr, shown.plain
    saved = tr("committee.saved") if st.session_state.pop(_SAVED, False) else ""
    # The line is there before it has words: only then is it read out.
    st.html(
        tag(
            "div",
            tag("h2", text(tr("committee.words")), class_="sro-small"),
            tag("p", text(saved or "\u200b"), class_="sro-saved", role="status"),
            class_="sro-words-head",
        )
    )
    for name in ("title", "subtitle", "text"):
        _field(shown, name)
    if plain is not None and plain.sheet is not None:
        with st.expander(tr("committee.field_alt"), icon=":material/accessibility_new:"):
            _field(shown, "alt")
            st.caption(tr("committee.alt_help"))
    own = [name for name in WORDS if getattr(shown.stored, name) is not None]
    if len(own) > 1:
        st.button(
            tr("committee.reset_all"),
            icon=":material/restart_alt:",
            on_click=_write,
            args=(shown.stored.slide_id, dict.fromkeys(own)),
            key=f"slide_reset:{shown.stored.slide_id}",
        )
    st.caption(tr("committee.words_help"))


def note_field(shown: Shown) -> None:
    """Draw the field of the note: it stands below the slide, as people know it."""
    _field(shown, "note")


def automatic(plain: Slide | None, name: str) -> str:
    """Return what the software writes in a field."""
    if plain is None:
        return ""
    if name == "alt":
        return plain.sheet.alt if plain.sheet is not None else ""
    words: str = getattr(plain, name)
    return words


def _field(shown: Shown, name: str) -> None:
    tr, stored = session.tr, shown.stored
    own: str | None = getattr(stored, name)
    usual = automatic(shown.plain, name)
    key = f"slide_{name}:{stored.slide_id}"
    value = usual if own is None else own
    # Set only where it differs, so that nothing is taken from somebody who is typing.
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    st.text_area(
        tr(f"committee.field_{name}"),
        key=key,
        height=_HEIGHTS[name],
        max_chars=TITLE_LIMIT if name in ("title", "subtitle") else TEXT_LIMIT,
        label_visibility="collapsed" if name == "alt" else "visible",
        placeholder=tr(f"committee.hint_{name}"),
        on_change=_left,
        args=(stored.slide_id, name, key, usual),
    )
    if own is not None:
        st.button(
            tr("committee.reset"),
            icon=":material/undo:",
            type="tertiary",
            key=f"slide_reset_{name}:{stored.slide_id}",
            help=tr(f"committee.reset_{name}"),
            on_click=_write,
            args=(stored.slide_id, {name: None}),
        )


def _left(slide_id: str, name: str, key: str, usual: str) -> None:
    """Save a field: nothing, or what the software writes anyway, is no word of one's own."""
    words = str(st.session_state.get(key) or "")
    same = words.strip() in ("", usual.strip())
    _write(slide_id, {name: None if same else words})


def _write(slide_id: str, words: dict[str, str | None]) -> None:
    deed = partial(edit_slide, session.workspace(), slide_id, words, actor=session.actor())
    if done(deed):
        st.session_state[_SAVED] = True
