"""Redrawing the social spaces: plans, gestures, and what follows from them.

``plan`` and ``steps`` hold what a plan is and how it changes, ``gestures`` what a planner
does; ``edges``, ``compactness``, ``figures`` and ``outlines`` what follows; ``checks`` what
to look at, ``changes`` what a change means for families.
"""

from sro_geo.plans.edges import Edges, edge_table, piece_labels, pieces
from sro_geo.plans.figures import Columns, Figures, Rate, compare, measure, touched
from sro_geo.plans.moves import Move, PlanArea
from sro_geo.plans.outlines import OutlineCache, outlines
from sro_geo.plans.plan import (
    UNASSIGNED,
    Plan,
    block_set_of,
    marks_of,
    plan_of,
    tables_of,
)
from sro_geo.plans.steps import apply, replay, step

__all__ = [
    "UNASSIGNED",
    "Columns",
    "Edges",
    "Figures",
    "Move",
    "OutlineCache",
    "Plan",
    "PlanArea",
    "Rate",
    "apply",
    "block_set_of",
    "compare",
    "edge_table",
    "marks_of",
    "measure",
    "outlines",
    "piece_labels",
    "pieces",
    "plan_of",
    "replay",
    "step",
    "tables_of",
    "touched",
]
