"""Add a slide from here: words of one's own, or a page the software knows how to write."""

from __future__ import annotations

import streamlit as st

from sro_geo.actions.stories import StoryHead, add_slides
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.population import AGE_GROUPS
from sro_geo.reports.templates import PAGES
from sro_geo.reports.views import View
from sro_geo.ui import session
from sro_geo.ui.committee_state import open_slide
from sro_geo.ui.committee_stories import areas_in_words, plans_in_words
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.frame import show_error

_LINKS = (
    ("coverage", ":material/troubleshoot:"),
    ("cases", ":material/family_restroom:"),
    ("boundaries", ":material/gesture:"),
    ("offers", ":material/map:"),
)
_OWN, _PROFILE, _GAPS, _PLAN, _DATA = "own_words", "profile", "gaps", "plan", "data"
# Pages of the yearly report that stand for themselves; those of one space are its profile.
_PAGES = (
    *("cover", "summary", "offers", "people", "cases", "gaps"),
    *("network_work", "methods", "tables"),
)


def add_panel(snapshot: Snapshot, head: StoryHead) -> None:
    """Draw the choice of what to add, and the ways to the views of the other pages."""
    tr = session.tr
    plans = plans_in_words(snapshot)
    pages = [f"page:{name}" for name in _PAGES if name in PAGES]
    kinds = [_OWN, _PROFILE, _GAPS, *([_PLAN] if plans else []), *pages, _DATA]
    # Said now: whoever asks later may ask in another language.
    said = {kind: tr(f"committee.add_{kind.replace(':', '_')}") for kind in kinds}
    kind = str(
        st.selectbox(
            tr("committee.add_what"), kinds, key="committee_add", format_func=said.__getitem__
        )
    )
    view = _view(snapshot, kind, plans)
    if st.button(tr("committee.add"), icon=":material/add:", type="primary", width="stretch"):
        _add(head.story_id, view)
    st.caption(tr("committee.add_elsewhere", button=tr("adding.button")))
    with st.container(gap=None):
        for page, icon in _LINKS:
            st.page_link(f"pages/{page}.py", label=tr(f"pages.{page}.title"), icon=icon)


def _view(snapshot: Snapshot, kind: str, plans: dict[str, str]) -> View:
    tr = session.tr
    if kind == _PROFILE:
        areas = areas_in_words(snapshot)
        area = st.selectbox(
            tr("committee.of_area"),
            list(areas),
            format_func=areas.__getitem__,
            key="committee_add_area",
        )
        return View("profile", {"area_id": area})
    if kind == _GAPS:
        group = st.selectbox(
            tr("committee.of_age_group"),
            list(AGE_GROUPS),
            format_func={g: group_in_words(g) for g in AGE_GROUPS}.__getitem__,
            key="committee_add_group",
        )
        return View("gaps", {"age_group": group})
    if kind == _PLAN:
        plan = st.selectbox(
            tr("committee.of_plan"),
            list(plans),
            format_func=plans.__getitem__,
            key="committee_add_plan",
        )
        return View("plan", {"plan_id": plan})
    if kind.startswith("page:"):
        return View("page", {"name": kind.removeprefix("page:")})
    return View(kind)


def _add(story_id: str, view: View) -> None:
    try:
        with st.spinner(session.tr("committee.drawing")):
            added = add_slides(
                session.workspace(),
                story_id,
                view,
                actor=session.actor(),
                language=session.language(),
            )
    except SroError as error:
        show_error(error)
        return
    open_slide(added[0])
    key = "committee.added_one" if len(added) == 1 else "committee.added"
    session.say(session.tr(key, count=len(added)))
    st.rerun()
