"""Where help is given: helps, counts, rates with their intervals, change, nearness to home."""

from sro_geo.cases.counts import Counts
from sro_geo.cases.help_types import (
    COUNTING_RULES,
    GROUPS,
    HELP_TYPES,
    PLACES_OF_HELP,
    TOTAL_WITHOUT_28,
    UNITS,
    HelpType,
    denominator_group,
    types_of,
)
from sro_geo.cases.rates import (
    change,
    compared,
    place_shares,
    poisson_interval,
    rates,
    smoothed,
)
from sro_geo.cases.sums import Coded, coded, sums

__all__ = [
    "COUNTING_RULES",
    "GROUPS",
    "HELP_TYPES",
    "PLACES_OF_HELP",
    "TOTAL_WITHOUT_28",
    "UNITS",
    "Coded",
    "Counts",
    "HelpType",
    "change",
    "coded",
    "compared",
    "denominator_group",
    "place_shares",
    "poisson_interval",
    "rates",
    "smoothed",
    "sums",
    "types_of",
]
