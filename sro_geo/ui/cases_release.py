"""Releases: propose, approve, withdraw, and what the attack on everything released found.

Nothing here shows a figure: whoever proposes sees how much would be hidden, not what.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from sro_geo.actions.access import Actor
from sro_geo.actions.releasing import (
    ReleaseBlocked,
    ReleaseInfo,
    approve_release,
    audit_releases,
    coarser_cuts,
    draft_release,
    list_releases,
    propose_release,
    stored_years,
    withdraw_release,
)
from sro_geo.actions.workspace import Workspace
from sro_geo.disclosure import Cut, Draft
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.population import AGE_GROUPS
from sro_geo.ui import markup, session
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.frame import show_error, show_left_messages

# From this share of hidden cells on, a coarser table is offered first.
_MUCH = 0.4


def release_panel() -> None:
    """Draw the way from a proposal to a release."""
    tr, workspace = session.tr, session.workspace()
    show_left_messages()
    st.write(tr("releases.intro"))
    name = st.text_input(tr("releases.your_name"), key="editor_name", max_chars=80, width=320)
    actor = Actor(name or session.settings().editor)
    infos = list_releases(workspace, actor=actor)
    _decide(workspace, actor, infos)
    _propose(workspace, actor)
    _listing(infos)
    _audit(workspace, actor)


def _listing(infos: list[ReleaseInfo]) -> None:
    tr = session.tr
    if not infos:
        st.info(tr("releases.none"), icon=":material/inbox:")
        return
    columns = ("release", "year", "what", "hidden", "status", "proposed", "decided")
    header = [tr(f"releases.column_{name}") for name in columns]
    rows = [
        [
            info.release_id,
            str(info.year),
            _what(info),
            tr("releases.hidden_of", hidden=info.hidden, cells=info.cells),
            tr(f"releases.status_{info.status}"),
            tr("releases.who_when", who=info.proposed_by, when=session.day(info.proposed_at)),
            tr("releases.who_when", who=info.decided_by, when=session.day(info.decided_at))
            if info.decided_by
            else "–",
        ]
        for info in reversed(infos)
    ]
    st.html(markup.table(tr("releases.caption"), header, rows, numeric=(1, 3)))


def _what(info: ReleaseInfo) -> str:
    """Return what a release is broken down by: "nur Summen, Ort der Hilfe"."""
    parts = [session.tr(f"releases.by_{info.by_type}"), *map(group_in_words, info.ages)]
    if info.by_place:
        parts.append(session.tr("releases.places"))
    return ", ".join(parts)


def _decide(workspace: Workspace, actor: Actor, infos: list[ReleaseInfo]) -> None:
    """Approve or reject what waits; take back what is shown."""
    tr = session.tr
    newest_first = reversed(infos)
    open_ones = {i.release_id: i for i in newest_first if i.status in ("proposed", "approved")}
    if not open_ones:
        return
    st.html(markup.tag("h2", markup.text(tr("releases.decide")), class_="sro-small"))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = row.selectbox(
        tr("releases.which"),
        # What waits comes first, then the newest.
        sorted(open_ones, key=lambda key: open_ones[key].status != "proposed"),
        format_func=lambda key: (
            f"{key} · {_what(open_ones[key])} · {tr(f'releases.status_{open_ones[key].status}')}"
        ),
        key="release_chosen",
        width=420,
    )
    note = row.text_input(tr("releases.note"), key="release_note", max_chars=300)
    info = open_ones[chosen]
    if info.status == "proposed":
        row.button(
            tr("releases.approve"),
            type="primary",
            icon=":material/verified:",
            on_click=partial(_approve, workspace, chosen, actor, note),
        )
        row.button(
            tr("releases.reject"),
            icon=":material/block:",
            on_click=partial(_withdraw, workspace, chosen, actor, note),
        )
    else:
        row.button(
            tr("releases.withdraw"),
            icon=":material/undo:",
            on_click=partial(_withdraw, workspace, chosen, actor, note),
        )


def _approve(workspace: Workspace, release_id: str, actor: Actor, note: str) -> None:
    try:
        approve_release(workspace, release_id, actor=actor, note=note)
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr("releases.said_approved", release=release_id))


def _withdraw(workspace: Workspace, release_id: str, actor: Actor, note: str) -> None:
    try:
        info = withdraw_release(workspace, release_id, actor=actor, note=note)
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr(f"releases.said_{info.status}", release=release_id))


def _propose(workspace: Workspace, actor: Actor) -> None:
    """Choose what is to be published, try the gate, propose it."""
    tr, snapshot = session.tr, workspace.snapshot()
    st.html(markup.tag("h2", markup.text(tr("releases.propose_title")), class_="sro-small"))
    years = stored_years(workspace)
    if not years:
        st.info(tr("releases.no_counts"), icon=":material/upload_file:")
        return
    language = session.language()
    row = st.container(horizontal=True, vertical_alignment="bottom")
    year = row.selectbox(
        tr("cases.year"), years, index=len(years) - 1, key="release_year", width=110
    )
    by_type = row.selectbox(
        tr("releases.by"),
        ["help_type", "group", "none"],
        key="release_by",
        width=260,
        format_func=lambda by: tr(f"releases.by_{by}"),
    )
    places = row.toggle(tr("releases.places"), key="release_places")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    levels = row.multiselect(
        tr("releases.levels"),
        [level.level for level in snapshot.city.levels],
        default=[level.level for level in snapshot.city.plan_levels],
        key="release_levels",
        format_func=lambda name: name_of(snapshot.city.level(name).plurals, language),
    )
    ages = row.multiselect(
        tr("releases.ages"), list(AGE_GROUPS), key="release_ages", format_func=group_in_words
    )
    if not levels:
        st.warning(tr("releases.no_level"))
        return
    cut = Cut(tuple(levels), by_type, tuple(ages), places)
    row = st.container(horizontal=True)
    if row.button(tr("releases.try"), icon=":material/shield:"):
        bar = st.progress(0.0, text=tr("releases.working"))
        try:
            made = draft_release(
                workspace,
                int(year),
                actor=actor,
                cut=cut,
                progress=partial(_shown, bar),
            )
        except SroError as error:
            show_error(error)
            return
        finally:
            bar.empty()
        _said(workspace, made, actor, cut, int(year))
    row.button(
        tr("releases.propose"),
        type="primary",
        icon=":material/outgoing_mail:",
        on_click=partial(_put_forward, workspace, int(year), actor, cut),
    )


def _shown(bar: Any, share: float) -> None:
    bar.progress(min(max(share, 0.0), 1.0), text=session.tr("releases.working"))


def _put_forward(workspace: Workspace, year: int, actor: Actor, cut: Cut) -> None:
    try:
        if not actor.name.strip():
            raise SroError("editor_unnamed")
        made = propose_release(workspace, year, actor=actor, cut=cut)
    except SroError as error:
        session.refuse(error)
        return
    session.say(session.tr("releases.said_proposed", release=made.release.release_id))


def _said(workspace: Workspace, made: Draft, actor: Actor, cut: Cut, year: int) -> None:
    tr = session.tr
    if made.violations:
        show_error(ReleaseBlocked(made.violations))
        return
    share = session.percent(made.hidden_share)
    st.success(tr("releases.would_pass", share=share), icon=":material/verified_user:")
    if made.hidden_share < _MUCH:
        return
    lines = [
        tr(
            "releases.coarser_line",
            by=tr(f"releases.by_{other.by_type}"),
            ages=", ".join(group_in_words(g) for g in other.ages) or tr("cases.all_ages"),
            share=session.percent(hidden),
        )
        for other, hidden in coarser_cuts(workspace, year, actor=actor, cut=cut)
    ]
    if lines:
        st.info("\n".join([tr("releases.coarser"), "", *(f"- {line}" for line in lines)]))


def _audit(workspace: Workspace, actor: Actor) -> None:
    tr = session.tr
    st.html(markup.tag("h2", markup.text(tr("releases.audit_title")), class_="sro-small"))
    st.write(tr("releases.audit_intro"))
    if not st.button(tr("releases.audit"), icon=":material/policy:"):
        return
    with st.spinner(tr("releases.working")):
        found = audit_releases(workspace, actor=actor)
    if found.violations:
        for violation in found.violations:
            words = tr(f"violations.{violation.code}", **violation.params)
            st.error(f"{violation.release_id}: {markup.as_written(words)}")
        return
    narrowest = found.narrowest_interval
    st.success(
        tr(
            "releases.audit_clean",
            releases=found.releases,
            hidden=session.number(found.cells_hidden),
            width="–" if narrowest is None else session.number(narrowest),
        ),
        icon=":material/verified_user:",
    )
