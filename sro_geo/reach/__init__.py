"""How long is the way: by straight line and detour factor, or over the street network."""

from sro_geo.reach.network import Extent, Network, build_network, needs_crossings
from sro_geo.reach.routes import OverNetwork, over_network
from sro_geo.reach.straight import (
    StraightLine,
    reach_metres,
    straight_line,
    straight_line_minutes,
)
from sro_geo.reach.travel import Reached, Travel

__all__ = [
    "Extent",
    "Network",
    "OverNetwork",
    "Reached",
    "StraightLine",
    "Travel",
    "build_network",
    "needs_crossings",
    "over_network",
    "reach_metres",
    "straight_line",
    "straight_line_minutes",
]
