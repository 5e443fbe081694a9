"""Add to a presentation: the view a page shows goes, as a recipe, into a story."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from sro_geo.actions.stories import add_slides, new_story, story_list
from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.reports.views import View
from sro_geo.ui import session
from sro_geo.ui.markup import as_written, tag, text

_NEW = ""
#: The story somebody adds to, kept from page to page.
LAST_STORY = "story_added_to"


def add_to_presentation(view: View, *, width: Literal["content", "stretch"] = "content") -> None:
    """Draw the button; what is added is the view as it is on the page now.

    The public view keeps no stories, and a server that only reads neither.
    """
    if session.settings().public or session.settings().read_only:
        return
    tr = session.tr
    with st.popover(
        tr("adding.button"), icon=":material/slideshow:", key=f"adding_{view.kind}", width=width
    ):
        own = {head.story_id: head.name for head in story_list(session.snapshot()) if head.own}
        ids = [*own, _NEW]
        last = st.session_state.get(LAST_STORY)
        story = f"adding_story_{view.kind}_{len(ids)}"
        chosen = st.selectbox(
            tr("adding.story"),
            ids,
            index=ids.index(last) if last in own else 0,
            format_func=lambda i: as_written(own[i]) if i else tr("adding.new"),
            key=story,
        )
        if chosen == _NEW:
            st.text_input(
                tr("adding.name"),
                key=f"adding_name_{view.kind}",
                max_chars=200,
                placeholder=tr("adding.name_hint"),
            )
        st.text_area(
            tr("adding.words"),
            key=f"adding_words_{view.kind}",
            height=90,
            max_chars=2000,
            placeholder=tr("adding.words_hint"),
        )
        st.caption(tr("adding.help"))
        st.button(
            tr("adding.add"),
            type="primary",
            width="stretch",
            key=f"adding_add_{view.kind}",
            on_click=_add,
            args=(view, story),
        )
        _outcome(view)
        if last in own:
            st.page_link(
                "pages/committee.py",
                label=tr("adding.open"),
                icon=":material/arrow_forward:",
                query_params={"story": str(last)},
            )


def _outcome(view: View) -> None:
    """Say once what became of it, beside the button that is still open.

    The line is there before it has words: only then is it read out.
    """
    said = st.session_state.pop(f"adding_said_{view.kind}", None)
    done = said if isinstance(said, str) else ""
    st.html(
        tag("p", text(done or "\u200b"), class_="sro-note" if done else "sro-unseen", role="status")
    )
    if isinstance(said, SroError):
        message, remedy = describe(said, session.language())
        st.error(f"**{as_written(message)}**  \n{as_written(remedy)}", icon=":material/error:")


def finding_beside(finding: str, view: View) -> None:
    """Draw the finding of a page, and beside it the button that keeps the page's view."""
    said, button = st.columns([11, 2], gap="small")
    said.html(finding)
    with button:
        add_to_presentation(view, width="stretch")


def _add(view: View, story: str) -> None:
    """Add the view; what was typed is read now, for it may be newer than the button."""
    workspace, actor, language = session.workspace(), session.actor(), session.language()
    held = st.session_state
    story_id = str(held.get(story) or _NEW)
    name = str(held.get(f"adding_name_{view.kind}") or "").strip()
    words = str(held.get(f"adding_words_{view.kind}") or "").strip()
    try:
        if not story_id:
            name = name or session.tr("adding.unnamed")
            story_id = new_story(workspace, name, actor=actor, language=language)
        added = add_slides(
            workspace, story_id, view, text=words or None, actor=actor, language=language
        )
    except SroError as error:
        held[f"adding_said_{view.kind}"] = error
        return
    held[LAST_STORY] = story_id
    held[f"adding_words_{view.kind}"] = ""
    names = {head.story_id: head.name for head in story_list(session.snapshot())}
    key = "adding.added_one" if len(added) == 1 else "adding.added"
    said = session.tr(key, count=len(added), story=names.get(story_id, story_id))
    held[f"adding_said_{view.kind}"] = said
