"""What is asked of coverage: which offers, which people, how far. All of it in the address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from sro_geo.actions.coverage import (
    METHODS,
    MOMENTS,
    CoverageQuestion,
    groups_available,
    moment_of,
)
from sro_geo.actions.workspace import Snapshot
from sro_geo.coverage import Draft
from sro_geo.i18n import name_of
from sro_geo.offers import OfferFilter
from sro_geo.population import AGE_SUMS
from sro_geo.tables import WORK_LEVELS
from sro_geo.ui import session
from sro_geo.ui.address import from_address, to_address

MINUTES = (5, 8, 10, 12, 15, 20, 25, 30, 45)
_DRAFT = "coverage_draft"


def coverage_inputs(snapshot: Snapshot) -> CoverageQuestion:
    """Draw the inputs and return the question; a resolution of the council fills them first."""
    tr, language, city = session.tr, session.language(), snapshot.city
    first = city.thresholds[0] if city.thresholds else None
    categories = list(city.categories)
    groups = groups_available(snapshot)
    usual = first.age_group if first else "under_18"
    defaults: dict[str, tuple[Sequence[Any], Any]] = {
        "category": (categories, first.category if first else categories[0]),
        "group": (groups, usual if usual in groups else groups[0]),
        "minutes": (MINUTES, 15),
        "mode": (("walk", "bike"), "walk"),
        "method": (METHODS, METHODS[0]),
        "when": (tuple(MOMENTS), None),
        "work": (WORK_LEVELS, None),
    }
    for name, (options, default) in defaults.items():
        from_address(f"asked_{name}", name, options, default)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="asked")
    category = row.selectbox(
        tr("coverage.category"),
        categories,
        key="asked_category",
        format_func=lambda c: name_of(city.categories[c].names, language),
    )
    group = row.selectbox(
        tr("coverage.group"), groups, key="asked_group", format_func=group_in_words, width=190
    )
    minutes = row.selectbox(
        tr("coverage.minutes"),
        MINUTES,
        key="asked_minutes",
        format_func=lambda m: tr("filters.minutes_of", minutes=m),
        width=150,
    )
    mode = row.segmented_control(
        tr("filters.mode"),
        ["walk", "bike"],
        required=True,
        key="asked_mode",
        format_func=lambda m: tr(f"filters.mode_{m}"),
        width="content",
    )
    with row.popover(tr("coverage.more"), icon=":material/tune:", width=140):
        method = st.selectbox(
            tr("coverage.method"),
            METHODS,
            key="asked_method",
            format_func=lambda m: tr(f"coverage.method_{m}"),
        )
        when = st.selectbox(
            tr("coverage.when"),
            list(MOMENTS),
            index=None,
            key="asked_when",
            format_func=lambda m: tr(f"coverage.moment_{m}"),
            placeholder=tr("coverage.any_time"),
        )
        words = st.text_input(tr("coverage.words"), key="words", bind="query-params")
        low = st.toggle(tr("filters.low"), key="easy", bind="query-params")
        work = st.selectbox(
            tr("filters.work"),
            WORK_LEVELS,
            index=None,
            key="asked_work",
            format_func=lambda w: tr(f"choices.work_level.{w}"),
            placeholder=tr("filters.all"),
        )
        total = st.number_input(
            tr("coverage.rescale"),
            min_value=1,
            value=None,
            key="total",
            bind="query-params",
            help=tr("coverage.rescale_help"),
        )
    for name, (_, default) in defaults.items():
        to_address(f"asked_{name}", name, default)
    question = CoverageQuestion(
        (category,),
        group,
        float(minutes),
        mode=mode or "walk",
        method=method,
        offers=OfferFilter(
            text=words or "", categories=(category,), low_threshold=bool(low), work_level=work
        ),
        moment=moment_of(when, snapshot.today),
        rescale_to=None if total is None else float(total),
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
    held = st.session_state
    point = held.get(_DRAFT)
    return replace(
        question,
        off=tuple(held.get("coverage_off", ())),
        added=(Draft("draft", session.tr("coverage.draft"), *point),) if point else (),
        capacity=tuple(held.get("coverage_capacity", {}).items()),
        schedule=tuple(held.get("coverage_schedule", {}).items()),
        moved=tuple((offer, *to) for offer, to in held.get("coverage_moved", {}).items()),
    )


def take_click(snapshot: Snapshot, lat: float, lon: float) -> None:
    """Move the offer that is to be moved to a point of the map, or assume a new one there."""
    moving = st.session_state.get("coverage_moving")
    if moving:
        moved = st.session_state.get("coverage_moved", {})
        st.session_state["coverage_moved"] = {**moved, moving: snapshot.metres(lat, lon)}
    else:
        set_draft(snapshot, lat, lon)


def set_draft(snapshot: Snapshot, lat: float, lon: float) -> None:
    """Try an offer at a point of the map."""
    x, y = snapshot.metres(lat, lon)
    if math.isfinite(x) and math.isfinite(y):
        st.session_state[_DRAFT] = (x, y)


def drop_changes() -> None:
    """Forget everything that was tried out."""
    for key in (
        _DRAFT,
        "coverage_off",
        "coverage_off_choice",
        "coverage_capacity",
        "coverage_schedule",
        "coverage_moved",
        "coverage_moving",
    ):
        st.session_state.pop(key, None)


def draft_point() -> tuple[float, float] | None:
    """Return the point (metres) of the offer that is tried out."""
    point: tuple[float, float] | None = st.session_state.get(_DRAFT)
    return point
