"""Supply against need: who reaches which offer, where the gaps are, and why."""

from sro_geo.coverage.curves import comparison, distribution, sensitivity
from sro_geo.coverage.demand import Demand, demand_of, demands_of
from sro_geo.coverage.floating import Floating, balanced, bfca, e2sfca, gaussian, steps, uniform
from sro_geo.coverage.local import Move, central_or_local, move_of
from sro_geo.coverage.matrix import STATES, gap_matrix
from sro_geo.coverage.measures import Result, Surroundings, cover, figures, overall, surroundings
from sro_geo.coverage.supply import (
    Draft,
    LeftOut,
    Supply,
    for_group,
    open_then,
    supply_of,
    with_changes,
)
from sro_geo.coverage.targets import Target, modes_with_target, target_of

__all__ = [
    "STATES",
    "Demand",
    "Draft",
    "Floating",
    "LeftOut",
    "Move",
    "Result",
    "Supply",
    "Surroundings",
    "Target",
    "balanced",
    "bfca",
    "central_or_local",
    "comparison",
    "cover",
    "demand_of",
    "demands_of",
    "distribution",
    "e2sfca",
    "figures",
    "for_group",
    "gap_matrix",
    "gaussian",
    "modes_with_target",
    "move_of",
    "open_then",
    "overall",
    "sensitivity",
    "steps",
    "supply_of",
    "surroundings",
    "target_of",
    "uniform",
    "with_changes",
]
