"""Two plans side by side: maps that move together, what moves hatched, figures, plain words."""

from __future__ import annotations

import streamlit as st

from sro_geo.actions.planning_changes import compare_plans
from sro_geo.actions.planning_figures import plan_figures
from sro_geo.actions.planning_words import summary
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot
from sro_geo.plans import Plan
from sro_geo.ui import session
from sro_geo.ui.boundaries_asked import question_asked
from sro_geo.ui.boundaries_changes import other_plan
from sro_geo.ui.boundaries_figures import differences
from sro_geo.ui.boundaries_map import drawing_of, published
from sro_geo.ui.boundary_editor import boundary_editor, label_of
from sro_geo.ui.markup import tag, text

_HEIGHT = 460


def compare_panel(snapshot: Snapshot, plan: Plan) -> None:
    """Draw both maps, the legend between them, and what differs."""
    tr = session.tr
    chosen = other_plan(snapshot, plan, tr("boundaries.compare_before"), "compare_with")
    if chosen is None:
        st.info(tr("boundaries.families_none", plan=plan.name), icon=":material/info:")
        return
    before = load_plan(snapshot, chosen.plan_id)
    if before.block_set != plan.block_set:
        st.warning(tr("boundaries.compare_other_blocks"), icon=":material/warning:")
        return
    found = compare_plans(snapshot, before, plan, with_reock=False)
    st.html(tag("ul", *(tag("li", text(s)) for s in summary(found, session.language()))))
    shapes, addresses = published(snapshot, session.settings())
    sides = st.columns(2, gap="small")
    for side, shown, base in ((sides[0], before, None), (sides[1], plan, before)):
        with side:
            st.html(tag("h3", text(shown.name), class_="sro-small"))
            boundary_editor(
                shapes,
                addresses,
                drawing_of(shown, plan_figures(snapshot, shown).of("population"), base=base),
                label=label_of(shown.name, session.language()),
                language=session.language(),
                key=f"compare_{'left' if base is None else 'right'}",
                height=_HEIGHT,
                group="compare",
            )
    st.html(_legend())
    question = question_asked()
    st.html(differences(snapshot, before, plan, with_shape=True, question=question))
    st.caption(tr("boundaries.compare_shape_help"))


def _legend() -> str:
    """Return what hatching and lines mean."""
    said = [
        tag("li", tag("i", class_=f"sro-mark-{k}"), tag("span", text(words)))
        for k in ("moved", "old", "new")
        if (words := session.tr(f"boundaries.compare_{k}"))
    ]
    return tag("ul", *said, class_="sro-marks")
