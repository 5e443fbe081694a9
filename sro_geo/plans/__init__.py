"""Redrawing the social spaces: plans, gestures, and what follows from them."""

from sro_geo.plans.edges import Edges, edge_table, piece_labels, pieces
from sro_geo.plans.moves import Move, PlanArea
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
    "Edges",
    "Move",
    "Plan",
    "PlanArea",
    "apply",
    "block_set_of",
    "edge_table",
    "marks_of",
    "piece_labels",
    "pieces",
    "plan_of",
    "replay",
    "step",
    "tables_of",
]
