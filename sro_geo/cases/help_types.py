"""Helps of SGB VIII: their codes, their groups, and the ages they are set against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sro_geo.errors import SroError

COUNTING_RULES = ("stock", "running_and_ended")
UNITS = ("cases", "young_people")
PLACES_OF_HELP = ("social_space", "region", "city", "outside", "unknown")
TOTAL_WITHOUT_28 = "total_without_28"


@dataclass(frozen=True)
class HelpType:
    """One help by its paragraph; ``denominator`` is the age group its rate is set against.

    ``in_total`` is False for taking into care and reports of endangerment: they are no help
    to raise a child and stand beside the total, never in it.
    """

    code: str
    group: str
    denominator: str = "under_21"
    in_total: bool = True


_CATALOGUE = (
    HelpType("27(2)", "individual"),
    HelpType("28", "counselling"),
    HelpType("29", "outpatient"),
    HelpType("30", "outpatient"),
    HelpType("31", "outpatient"),
    HelpType("32", "part_residential"),
    HelpType("33", "residential"),
    HelpType("34", "residential"),
    HelpType("35", "individual"),
    HelpType("35a", "integration"),
    HelpType("41", "young_adults", "18-20"),
    HelpType("42", "protection", "under_18", in_total=False),
    HelpType("8a", "protection", "under_18", in_total=False),
)
#: Every help by its code, in the order of the law (reports of endangerment last).
HELP_TYPES: Mapping[str, HelpType] = MappingProxyType({one.code: one for one in _CATALOGUE})

_GROUP_ORDER = (
    "counselling", "outpatient", "part_residential", "residential", "individual", "integration",
    "young_adults", "protection",
)  # fmt: skip
#: The codes of each group, in the order of the law.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {group: tuple(h.code for h in _CATALOGUE if h.group == group) for group in _GROUP_ORDER}
)
_TOTAL = tuple(h.code for h in _CATALOGUE if h.in_total)


def types_of(code: str | None) -> tuple[str, ...]:
    """Return the helps a code stands for.

    ``None`` is the total (without 42 and 8a), ``total_without_28`` the total without
    educational counselling; otherwise a group or a single help.

    Raises
    ------
    SroError
        ``help_type_unknown``.
    """
    if code is None:
        return _TOTAL
    if code == TOTAL_WITHOUT_28:
        return tuple(known for known in _TOTAL if known != "28")
    if code in GROUPS:
        return GROUPS[code]
    if code not in HELP_TYPES:
        known = " ".join((*HELP_TYPES, *GROUPS, TOTAL_WITHOUT_28))
        raise SroError("help_type_unknown", help_type=code, known=known)
    return (code,)


def denominator_group(code: str | None) -> str:
    """Return the age group a help, a group of helps or the total is set against."""
    groups = {HELP_TYPES[one].denominator for one in types_of(code)}
    return groups.pop() if len(groups) == 1 else "under_21"
