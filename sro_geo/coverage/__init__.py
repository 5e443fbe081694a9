"""Supply against need: who reaches which offer, where the gaps are, and why."""

from sro_geo.coverage.demand import Demand, demand_of, demands_of
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
    "LeftOut",
    "Result",
    "Supply",
    "Surroundings",
    "cover",
    "demand_of",
    "demands_of",
    "figures",
    "for_group",
    "open_then",
    "overall",
    "supply_of",
    "surroundings",
    "with_changes",
]
