"""What do we show? A presentation, its slides in their order, the chosen one and its words."""

from __future__ import annotations

from functools import partial

import streamlit as st

from sro_geo.actions.stories import (
    StoryHead,
    duplicate_slide,
    move_slide,
    remove_slide,
    stored_slides,
)
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.reports.content import Slide
from sro_geo.ui import session
from sro_geo.ui.committee_adding import add_panel
from sro_geo.ui.committee_files import files_panel
from sro_geo.ui.committee_form import note_field, words_form
from sro_geo.ui.committee_present import present, present_button, presenting
from sro_geo.ui.committee_preview import (
    Shown,
    missing_card,
    note_line,
    report_slides,
    shown_slides,
    table_panel,
)
from sro_geo.ui.committee_state import (
    SLIDE,
    arrive,
    chosen_slide,
    done,
    editable,
    open_slide,
    removed_slide,
    undo_line,
)
from sro_geo.ui.committee_stories import (
    chosen_story,
    copy,
    more_panel,
    new_panel,
    story_choice,
)
from sro_geo.ui.frame import show_error, show_left_messages
from sro_geo.ui.slide_list import Entry, slide_list
from sro_geo.ui.slide_preview import slide_preview

_LIST_HEIGHT = 560
_COLUMNS = (24, 49, 27)


@st.fragment
def committee_page() -> None:
    """Draw the page; what is done on it runs this part only."""
    snapshot = session.snapshot()
    if snapshot.empty:
        st.info(session.tr("data.empty"), icon=":material/info:")
        return
    arrive()
    with st.container(key="committee"):
        if presenting():
            present(snapshot, chosen_story(snapshot))
            return
        head = _story_row(snapshot)
        show_left_messages()
        undo_line(head)
        try:
            if head.own:
                _own(snapshot, head)
            else:
                _shipped(snapshot, head)
        except SroError as error:
            show_error(error)


def _story_row(snapshot: Snapshot) -> StoryHead:
    """Draw what concerns the whole presentation."""
    tr, writes = session.tr, not session.settings().read_only
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="committee_row"
    ):
        head = story_choice(snapshot)
        if writes:
            # Named after what is shown: with another presentation they are closed again.
            with st.popover(
                tr("committee.new"), icon=":material/add:", key=f"committee_new:{head.story_id}"
            ):
                new_panel(snapshot)
            with st.popover(
                tr("committee.more"),
                icon=":material/more_horiz:",
                key=f"committee_more:{head.story_id}:{head.name}",
            ):
                more_panel(snapshot, head)
        empty = head.slides == 0
        present_button(disabled=empty)
        with st.popover(
            tr("committee.files"), icon=":material/download:", type="primary", disabled=empty
        ):
            files_panel(snapshot, head)
    return head


def _own(snapshot: Snapshot, head: StoryHead) -> None:
    stored = stored_slides(snapshot, head.story_id)
    left, middle, right = st.columns(_COLUMNS, gap="medium")
    with left:
        # A place of its own, so that what is open below stays open as slides come.
        listed = st.container()
        if editable(head):
            with st.popover(
                session.tr("committee.add_slide"), icon=":material/add:", width="stretch"
            ):
                add_panel(snapshot, head)
    if not stored:
        with middle:
            st.info(session.tr("committee.empty"), icon=":material/lightbulb:")
        return
    ids = [slide.slide_id for slide in stored]
    at = ids.index(str(chosen_slide(ids)))
    # The chosen one first: it is looked at while the others are drawn.
    with middle:
        (chosen,) = shown_slides(snapshot, [stored[at]])
        if chosen.slide is None:
            missing_card(chosen)
        else:
            if editable(head):
                slide_preview(chosen.slide, key="slide_preview")
                note_field(chosen)
                table_panel(chosen.slide)
            else:
                _look(chosen.slide)
    with right:
        if editable(head):
            words_form(chosen)
    with listed:
        _list(shown_slides(snapshot, stored), ids[at], editable=editable(head))


def _list(slides: list[Shown], chosen: str, *, editable: bool) -> None:
    tr = session.tr
    slide_list(
        [
            Entry(
                shown.stored.slide_id,
                shown.title,
                note="" if shown.plain is None or not shown.stored.words else tr("committee.own"),
                warning=tr("committee.gone") if shown.plain is None else "",
                selected=shown.stored.slide_id == chosen,
            )
            for shown in slides
        ],
        key="slide_list",
        editable=editable,
        on_choose=open_slide,
        on_act=partial(_act, slides),
        height=_LIST_HEIGHT,
    )


def _act(slides: list[Shown], what: str, slide_id: str, to: int) -> None:
    """Do what the list was told; a slide that is gone meanwhile is refused by the action."""
    workspace, actor = session.workspace(), session.actor()
    if what == "move":
        if done(partial(move_slide, workspace, slide_id, to, actor=actor)):
            open_slide(slide_id)
    elif what == "duplicate":
        made: list[str] = []
        if done(lambda: made.append(duplicate_slide(workspace, slide_id, actor=actor))):
            open_slide(made[0])
    elif done(partial(remove_slide, workspace, slide_id, actor=actor)):
        ids = [shown.stored.slide_id for shown in slides]
        gone = next((s for s in slides if s.stored.slide_id == slide_id), None)
        if gone is not None:
            removed_slide(gone.stored, gone.title)
            at = ids.index(slide_id)
            rest = ids[at + 1 :] or ids[:at][-1:]
            if rest:
                open_slide(rest[0])


def _shipped(snapshot: Snapshot, head: StoryHead) -> None:
    """Show what the software writes: to be looked at, presented, taken along, copied."""
    tr = session.tr
    left, middle, right = st.columns(_COLUMNS, gap="medium")
    with right:
        st.info(tr("committee.read_only"), icon=":material/lock:")
        if not session.settings().read_only:
            pressed = st.button(
                tr("committee.copy_and_edit"),
                type="primary",
                icon=":material/edit:",
                width="stretch",
                key="committee_copy_and_edit",
            )
            if pressed:
                copy(head, tr("committee.copy_of", name=head.name))
    # Its first page at once, the others while that one is looked at.
    early = None if st.query_params.get(SLIDE) else report_slides(snapshot, ("cover",))[0]
    if early is not None:
        with middle:
            _look(early)
    with left:
        slides = {slide.slide_id: slide for slide in report_slides(snapshot)}
        chosen = str(chosen_slide(list(slides)))
        slide_list(
            [Entry(key, slide.title, selected=key == chosen) for key, slide in slides.items()],
            key="slide_list_shipped",
            editable=False,
            on_choose=open_slide,
            on_act=lambda *_: None,
            height=_LIST_HEIGHT,
        )
    if early is None:
        with middle:
            _look(slides[chosen])


def _look(slide: Slide) -> None:
    """Show a slide nobody edits here."""
    slide_preview(slide, key="slide_preview")
    note_line(slide)
    table_panel(slide)
