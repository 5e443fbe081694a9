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

__all__ = [
    "COUNTING_RULES",
    "GROUPS",
    "HELP_TYPES",
    "PLACES_OF_HELP",
    "TOTAL_WITHOUT_28",
    "UNITS",
    "Counts",
    "HelpType",
    "denominator_group",
    "types_of",
]
