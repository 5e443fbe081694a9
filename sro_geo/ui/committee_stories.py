"""Which presentation: choose, begin, copy, rename, delete; deleted ones come back."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

import streamlit as st

from sro_geo.actions.planning import list_plans
from sro_geo.actions.stories import (
    StoryHead,
    copy_story,
    delete_story,
    new_story,
    rename_story,
    restore_story,
    story_list,
)
from sro_geo.actions.story_templates import TemplateChoice, story_templates
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.population import AGE_GROUPS
from sro_geo.ui import session
from sro_geo.ui.committee_state import STORY, done, editable, open_story, removed_story
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.frame import show_error

_NAME_LIMIT = 200


def chosen_story(snapshot: Snapshot) -> StoryHead:
    """Return the presentation the address asks for, or what is shown instead."""
    return _heads(snapshot)[_current(_heads(snapshot))]


def story_choice(snapshot: Snapshot) -> StoryHead:
    """Draw the choice of presentation, and return the one chosen."""
    tr, heads = session.tr, _heads(snapshot)
    current = _current(heads)
    ids = list(heads)
    # A selection shows the words it was given; with others it is another one.
    labels = [in_words(head) for head in heads.values()]
    key = f"committee_story:{current}:{zlib.crc32(chr(10).join(labels).encode())}"
    st.selectbox(
        tr("committee.story"),
        ids,
        index=ids.index(current),
        key=key,
        format_func=dict(zip(ids, labels, strict=True)).__getitem__,
        on_change=_chosen,
        args=(key,),
        width=500,
    )
    return heads[current]


def _heads(snapshot: Snapshot) -> dict[str, StoryHead]:
    return {head.story_id: head for head in story_list(snapshot, language=session.language())}


def _current(heads: dict[str, StoryHead]) -> str:
    """Return the one the address asks for, else the own one changed last, else the shipped."""
    asked = st.query_params.get(STORY)
    if asked in heads:
        return asked
    if asked is not None:
        st.warning(session.tr("committee.story_gone"), icon=":material/search_off:")
    own = sorted((h.changed, h.story_id) for h in heads.values() if h.own)
    current = own[-1][1] if own else next(iter(heads))
    st.query_params[STORY] = current
    return current


def _chosen(key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen:
        open_story(str(chosen))


def in_words(head: StoryHead) -> str:
    """Return a presentation as it stands in a list: its name and how many slides it has."""
    if not head.own:
        return session.tr("committee.shipped", name=head.name)
    if head.slides == 1:
        return session.tr("committee.slides_one", name=head.name)
    return session.tr("committee.slides", name=head.name, count=session.number(head.slides or 0))


def new_panel(snapshot: Snapshot) -> None:
    """Ask for a template with what it needs and a name, and begin."""
    tr = session.tr
    choices = {c.template_id: c for c in story_templates(session.workspace(), session.language())}
    template = st.selectbox(
        tr("committee.template"),
        list(choices),
        key="committee_template",
        format_func=lambda c: choices[c].name,
    )
    needed = _needed(snapshot, choices[template])
    name = st.text_input(
        tr("committee.name"),
        key="committee_new_name",
        max_chars=_NAME_LIMIT,
        placeholder=tr("committee.name_hint"),
    )
    if st.button(tr("committee.begin"), type="primary", width="stretch", disabled=needed is None):
        asked = needed or {}
        begin(
            name.strip() or choices[template].name,
            partial(
                new_story,
                session.workspace(),
                template=template,
                plan=asked.get("plan"),
                age_group=asked.get("age_group"),
                area=asked.get("area"),
            ),
        )


def _needed(snapshot: Snapshot, choice: TemplateChoice) -> dict[str, str] | None:
    """Ask for what a template is about; None where there is nothing to choose from."""
    tr = session.tr
    if choice.needs == "plan":
        plans = plans_in_words(snapshot)
        if not plans:
            st.info(tr("committee.no_variant"), icon=":material/info:")
            return None
        return {"plan": _one("plan", plans)}
    if choice.needs == "age_group":
        return {"age_group": _one("age_group", {g: group_in_words(g) for g in AGE_GROUPS})}
    if choice.needs == "area":
        return {"area": _one("area", areas_in_words(snapshot))}
    return {}


def _one(what: str, said: dict[str, str]) -> str:
    return str(
        st.selectbox(
            session.tr(f"committee.of_{what}"),
            list(said),
            format_func=said.__getitem__,
            key=f"committee_{what}",
        )
    )


def plans_in_words(snapshot: Snapshot) -> dict[str, str]:
    """Return the plans that can be proposed: variants, not the one in force."""
    return {p.plan_id: p.name for p in list_plans(snapshot) if not p.in_force}


def areas_in_words(snapshot: Snapshot) -> dict[str, str]:
    """Return the names of the spaces by id; a space without a name by its id."""
    rows = snapshot.current.of_level(snapshot.city.lowest.level)
    return {
        str(area): name if isinstance(name, str) and name.strip() else str(area)
        for area, name in zip(rows["area_id"], rows["name"], strict=True)
    }


def more_panel(snapshot: Snapshot, head: StoryHead) -> None:
    """Offer to copy, rename, delete, and to bring back what was deleted."""
    tr = session.tr
    copied = st.text_input(
        tr("committee.copy_name"),
        tr("committee.copy_of", name=head.name)[:_NAME_LIMIT],
        key=f"committee_copy:{head.story_id}:{head.name}",
        max_chars=_NAME_LIMIT,
    )
    if st.button(tr("committee.copy"), icon=":material/content_copy:", width="stretch"):
        copy(head, copied)
    if editable(head):
        key = f"committee_name:{head.story_id}:{head.name}"
        st.text_input(tr("committee.name"), head.name, key=key, max_chars=_NAME_LIMIT)
        st.button(
            tr("committee.rename"),
            icon=":material/edit:",
            on_click=_rename,
            args=(head.story_id, key),
            width="stretch",
        )
        st.button(
            tr("committee.delete"),
            icon=":material/delete:",
            on_click=_delete,
            args=(head,),
            width="stretch",
        )
    aside = _deleted(snapshot)
    if aside:
        st.selectbox(
            tr("committee.deleted"),
            list(aside),
            index=None,
            key=f"committee_deleted:{len(aside)}",
            format_func=aside.__getitem__,
            placeholder=tr("form.none"),
            on_change=_restore,
            args=(f"committee_deleted:{len(aside)}",),
        )


def _deleted(snapshot: Snapshot) -> dict[str, str]:
    rows = snapshot.tables["stories"]
    rows = rows[rows["removed_at"].notna()].sort_values("removed_at", ascending=False)
    return {str(key): str(name) for key, name in zip(rows["story_id"], rows["name"], strict=True)}


def copy(head: StoryHead, name: str) -> None:
    """Add a copy and open it."""
    called = name.strip() or session.tr("committee.copy_of", name=head.name)
    begin(called, partial(copy_story, session.workspace(), head.story_id))


def begin(name: str, make: Callable[..., str]) -> None:
    """Make a presentation, with a bar while its views are drawn, and open it."""
    words = session.tr("committee.drawing")
    bar = st.progress(0.0, text=words)

    def told(number: int, of: int) -> None:
        bar.progress(number / max(1, of), text=words)

    try:
        made = make(name=name, actor=session.actor(), language=session.language(), progress=told)
    except SroError as error:
        bar.empty()
        show_error(error)
        return
    open_story(made)
    st.session_state.pop("committee_new_name", None)
    session.say(session.tr("committee.begun", name=name))
    st.rerun()


def _rename(story_id: str, key: str) -> None:
    name = str(st.session_state.get(key) or "")
    deed = partial(rename_story, session.workspace(), story_id, name, actor=session.actor())
    if done(deed):
        session.say(session.tr("committee.renamed"))


def _delete(head: StoryHead) -> None:
    deed = partial(delete_story, session.workspace(), head.story_id, actor=session.actor())
    if done(deed):
        removed_story(head)
        open_story(None)


def _restore(key: str) -> None:
    chosen = st.session_state.get(key)
    if not chosen:
        return
    deed = partial(restore_story, session.workspace(), str(chosen), actor=session.actor())
    if done(deed):
        open_story(str(chosen))
