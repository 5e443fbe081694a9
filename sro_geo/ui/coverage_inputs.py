"""What is asked of coverage: which offers, which people, how far. All of it in the address."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from sro_geo.actions.coverage import CoverageQuestion
from sro_geo.actions.workspace import Snapshot
from sro_geo.coverage import Draft
from sro_geo.i18n import name_of
from sro_geo.population import AGE_GROUPS, AGE_SUMS
from sro_geo.ui import session

MINUTES = (5, 8, 10, 12, 15, 20, 25, 30, 45)
_DRAFT = "coverage_draft"


def coverage_inputs(snapshot: Snapshot) -> CoverageQuestion:
    """Draw the inputs and return the question; a resolution of the council fills them first."""
    tr, language, city = session.tr, session.language(), snapshot.city
    first = city.thresholds[0] if city.thresholds else None
    categories = list(city.categories)
    groups = [*AGE_GROUPS, *AGE_SUMS]
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="asked")
    category = row.selectbox(
        tr("coverage.category"),
        categories,
        index=categories.index(first.category) if first else 0,
        key="category",
        bind="query-params",
        format_func=lambda c: name_of(city.categories[c].names, language),
    )
    group = row.selectbox(
        tr("coverage.group"),
        groups,
        index=groups.index(first.age_group if first else "under_18"),
        key="group",
        bind="query-params",
        format_func=group_in_words,
        width=190,
    )
    minutes = row.selectbox(
        tr("coverage.minutes"),
        MINUTES,
        index=MINUTES.index(15),
        key="minutes",
        bind="query-params",
        format_func=lambda m: tr("filters.minutes_of", minutes=m),
        width=150,
    )
    mode = row.segmented_control(
        tr("filters.mode"),
        ["walk", "bike"],
        default="walk",
        required=True,
        key="mode",
        bind="query-params",
        format_func=lambda m: tr(f"filters.mode_{m}"),
        width="content",
    )
    method = row.selectbox(
        tr("coverage.method"),
        ["straight_line", "network"],
        key="way",
        bind="query-params",
        format_func=lambda m: tr(f"coverage.method_{m}"),
        width=170,
    )
    question = CoverageQuestion(
        (category,), group, float(minutes), mode=mode or "walk", method=method
    )
    return _what_if(question)


def group_in_words(group: str) -> str:
    """Return an age group as people say it."""
    tr = session.tr
    if group in AGE_SUMS:
        return tr(f"coverage.group_{group}")
    if group.endswith("+"):
        return tr("card.from_age", low=group.rstrip("+"))
    low, high = group.split("-")
    return tr("card.ages", low=low, high=high)


def _what_if(question: CoverageQuestion) -> CoverageQuestion:
    """Add the changes somebody tries out; they live in this visit only."""
    off = tuple(st.session_state.get("coverage_off", ()))
    point = st.session_state.get(_DRAFT)
    added = (Draft("draft", session.tr("coverage.draft"), *point),) if point else ()
    capacity = tuple(st.session_state.get("coverage_capacity", {}).items())
    return replace(question, off=off, added=added, capacity=capacity)


def set_draft(snapshot: Snapshot, lat: float, lon: float) -> None:
    """Try an offer at a point of the map."""
    x, y = snapshot.metres(lat, lon)
    if math.isfinite(x) and math.isfinite(y):
        st.session_state[_DRAFT] = (x, y)


def drop_changes() -> None:
    """Forget everything that was tried out."""
    for key in (_DRAFT, "coverage_off", "coverage_capacity"):
        st.session_state.pop(key, None)


def draft_point() -> tuple[float, float] | None:
    """Return the point (metres) of the offer that is tried out."""
    point: tuple[float, float] | None = st.session_state.get(_DRAFT)
    return point
