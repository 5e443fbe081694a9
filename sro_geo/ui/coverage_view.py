"""What is missing? One sentence, one map, and the figures behind both."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from sro_geo.actions.asked_views import coverage_view
from sro_geo.actions.coverage import COARSE, CoverageAnswer, coarse_share, coverage, target_for
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.ui import coverage_inputs, session
from sro_geo.ui.adding import finding_beside
from sro_geo.ui.coverage_figures import (
    areas_panel,
    distribution_panel,
    local_panel,
    sensitivity_panel,
    table_panel,
)
from sro_geo.ui.coverage_inputs import group_in_words
from sro_geo.ui.coverage_map import coverage_legend, coverage_map
from sro_geo.ui.coverage_matrix import matrix_panel
from sro_geo.ui.coverage_sites import changes_panel, sites_panel
from sro_geo.ui.frame import show_error
from sro_geo.ui.markup import as_written, tag, text


@st.fragment
def coverage_page() -> None:
    """Draw the page; a click inside it runs this part only."""
    with st.container():
        try:
            snapshot = session.snapshot()
            if snapshot.empty:
                st.info(session.tr("data.empty"), icon=":material/info:")
                return
            question = coverage_inputs.coverage_inputs(snapshot)
            answer = coverage(snapshot, question)
        except SroError as error:
            show_error(error)
            return
        finding_beside(_sentence(snapshot, answer), coverage_view(answer.question))
        _cautions(snapshot, answer)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        coverage_map(snapshot, answer)
    with right:
        coverage_legend(snapshot, answer)
        areas_panel(snapshot, answer)
    names = ("areas", "distribution", "sensitivity", "matrix", "sites", "local", "changes")
    tabs = st.tabs(
        [session.tr(f"coverage.tab_{name}") for name in names], key="view", on_change="rerun"
    )
    panels = (
        table_panel,
        distribution_panel,
        sensitivity_panel,
        matrix_panel,
        sites_panel,
        local_panel,
        changes_panel,
    )
    for tab, panel in zip(tabs, panels, strict=True):
        if tab.open:
            with tab:
                try:
                    panel(snapshot, answer)
                except SroError as error:
                    show_error(error)


def _sentence(snapshot: Snapshot, answer: CoverageAnswer) -> str:
    """Return the finding in one plain sentence, and what it is measured by."""
    tr, language = session.tr, session.language()
    question, total = answer.question, answer.total
    category = snapshot.city.categories[question.categories[0]]
    words: dict[str, Any] = {
        "offer": name_of(category.names, language),
        "group": group_in_words(question.group),
        "minutes": f"{question.minutes:g}",
        "mode": tr(f"filters.mode_{question.mode}"),
    }
    if total["population"] <= 0:
        sentence = tr("coverage.nobody", **words)
    elif not len(answer.supply):
        sentence = tr("coverage.no_offer", **words)
    else:
        areas = answer.areas(snapshot.city.lowest.level)
        worst = areas.sort_values(["uncovered", "name"], ascending=[False, True]).iloc[0]
        key = "coverage.all_reach" if round(total["uncovered"]) == 0 else "coverage.finding"
        sentence = tr(
            key,
            area=worst["name"],
            uncovered=session.number(worst["uncovered"]),
            population=session.number(worst["population"]),
            all_uncovered=session.number(total["uncovered"]),
            all_population=session.number(total["population"]),
            **words,
        )
    return tag("p", text(sentence), class_="sro-finding", role="status")


def _cautions(snapshot: Snapshot, answer: CoverageAnswer) -> None:
    """Say how sure this is: band, way of measuring, what was left out, what is beyond."""
    tr, total = session.tr, answer.total
    parts = []
    if np.isfinite(total["share"]):
        parts.append(
            tr(
                "coverage.band",
                share=session.percent(total["share"]),
                low=session.percent(total["share_low"]),
                high=session.percent(total["share_high"]),
                fewer=f"{answer.question.minutes * 0.8:g}",
                more=f"{answer.question.minutes * 1.2:g}",
            )
        )
    parts.append(_target(snapshot, answer))
    parts.append(tr(f"coverage.about_{answer.result.method}"))
    around = answer.around
    if around.offers_missing:
        parts.append(tr("coverage.beyond_missing"))
    elif np.isfinite(around.share_by_own):
        own = session.percent(around.share_by_own)
        parts.append(tr("coverage.beyond_effect", own=own, count=around.offers_beyond))
    if around.persons_missing:
        parts.append(tr("coverage.people_missing"))
    if (coarse := coarse_share(snapshot, answer)) > COARSE:
        parts.append(tr("coverage.coarse", share=session.percent(coarse)))
    if answer.left_out:
        names = ", ".join(as_written(offer.name) for offer in answer.left_out)
        parts.append(tr("coverage.left_out", names=names))
    st.caption(" ".join(parts))
    if answer.question.supposed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(tr("coverage.what_if"), icon=":material/science:")
            st.button(tr("coverage.drop"), on_click=coverage_inputs.drop_changes)


def _target(snapshot: Snapshot, answer: CoverageAnswer) -> str:
    """Say which target is set, by whom; or that there is none."""
    tr, language = session.tr, session.language()
    target = target_for(snapshot, answer.question)
    threshold = target.threshold
    if threshold is None:
        return tr("coverage.target_none")
    said = name_of(threshold.resolution, language) or name_of(threshold.source, language)
    key = "coverage.target_minutes" if threshold.share is None else "coverage.target"
    share = "" if threshold.share is None else session.percent(threshold.share)
    words = tr(key, minutes=f"{threshold.minutes:g}", source=said, share=share)
    if target.how == "wider_group":
        wider = group_in_words(threshold.age_group)
        words = f"{words} {tr('coverage.target_wider', group=wider)}"
    return words
