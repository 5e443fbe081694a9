"""Who reaches nothing: the question of coverage whose answer is counted by space, off by default.

The widgets lie beside the figures; the comparison counts by the same question.
"""

from __future__ import annotations

import streamlit as st

from sro_geo.actions.coverage import CoverageQuestion, groups_available
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.ui import session
from sro_geo.ui.coverage_inputs import MINUTES, group_in_words

_ASKED = "boundaries_question"
_MINUTES = 15


def question_row(snapshot: Snapshot) -> CoverageQuestion | None:
    """Draw the switch, and the question where it is on; return the question."""
    tr, language, city = session.tr, session.language(), snapshot.city
    st.session_state[_ASKED] = None
    try:
        groups = groups_available(snapshot)
    except SroError:
        return None  # nobody to count
    categories = list(city.categories)
    if not groups or not categories:
        return None
    on = st.toggle(
        tr("boundaries.uncovered_on"),
        key="uncovered_on",
        help=tr("boundaries.uncovered_help"),
    )
    if not on:
        return None
    first = city.thresholds[0] if city.thresholds else None
    usual = first.age_group if first is not None else "under_18"
    category = st.selectbox(
        tr("coverage.category"),
        categories,
        index=categories.index(first.category) if first is not None else 0,
        key="uncovered_category",
        format_func=lambda c: name_of(city.categories[c].names, language),
    )
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    group = row.selectbox(
        tr("coverage.group"),
        groups,
        index=groups.index(usual) if usual in groups else 0,
        key="uncovered_group",
        format_func=group_in_words,
        width=190,
    )
    minutes = row.selectbox(
        tr("coverage.minutes"),
        MINUTES,
        index=MINUTES.index(_MINUTES),
        key="uncovered_minutes",
        format_func=lambda m: tr("filters.minutes_of", minutes=m),
        width=150,
    )
    asked = CoverageQuestion((category,), group, float(minutes))
    st.session_state[_ASKED] = asked
    return asked


def question_asked() -> CoverageQuestion | None:
    """Return the question of this run; None where the switch is off."""
    asked: CoverageQuestion | None = st.session_state.get(_ASKED)
    return asked
