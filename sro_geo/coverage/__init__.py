"""Supply against need: who reaches which offer, where the gaps are, and why."""

from sro_geo.coverage.curves import comparison, distribution, sensitivity
from sro_geo.coverage.demand import Demand, demand_of, demands_of
from sro_geo.coverage.floating import Floating, bfca, e2sfca, gaussian, steps, uniform
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

__all__ = [
    "Demand",
    "Draft",
    "Floating",
    "LeftOut",
    "Result",
    "Supply",
    "Surroundings",
    "bfca",
    "comparison",
    "cover",
    "demand_of",
    "demands_of",
    "distribution",
    "e2sfca",
    "figures",
    "for_group",
    "gaussian",
    "open_then",
    "overall",
    "sensitivity",
    "steps",
    "supply_of",
    "surroundings",
    "uniform",
    "with_changes",
]
