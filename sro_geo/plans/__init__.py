"""Redrawing the social spaces: plans, gestures, and what follows from them."""

from sro_geo.plans.edges import Edges, edge_table, piece_labels, pieces
from sro_geo.plans.gestures import (
    barrier,
    bridge,
    create_area,
    delete,
    lock,
    merge,
    next_area_id,
    paint,
    redo,
    rename,
    set_parent,
    undo,
    unlock,
    whole,
)
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
    "barrier",
    "block_set_of",
    "bridge",
    "create_area",
    "delete",
    "edge_table",
    "lock",
    "marks_of",
    "merge",
    "next_area_id",
    "paint",
    "piece_labels",
    "pieces",
    "plan_of",
    "redo",
    "rename",
    "replay",
    "set_parent",
    "step",
    "tables_of",
    "undo",
    "unlock",
    "whole",
]
