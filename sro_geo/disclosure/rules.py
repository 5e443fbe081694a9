"""The rules of the gate, and what a table is cut by."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from sro_geo.cases import GROUPS, HELP_TYPES, PLACES_OF_HELP, TOTAL_WITHOUT_28
from sro_geo.errors import SroError
from sro_geo.population import age_range

BY_TYPE = ("none", "group", "help_type")
#: Stands for "and older".
OLDEST = 200


@dataclass(frozen=True)
class Rules:
    """What may be published. Only stricter than the defaults, and then with a note why.

    Parameters
    ----------
    small_to
        Counts from 1 to this one are hidden; zeros are published.
    width
        The interval an attacker can find for a hidden count must be at least this wide.
    min_denominator, min_population
        Below these nothing of an area is published, not even a zero.
    note, set_by
        Why the rules are stricter, and who decided it.

    Raises
    ------
    SroError
        ``rules_weaker``, ``rules_note_missing``.
    """

    small_to: int = 4
    width: int = 5
    min_denominator: float = 100.0
    min_population: float = 300.0
    note: str = ""
    set_by: str = ""

    def __post_init__(self) -> None:
        changed = False
        for field in fields(self):
            value: Any = getattr(self, field.name)
            least: Any = field.default
            if isinstance(least, str):
                if not isinstance(value, str):
                    raise SroError("rules_weaker", rule=field.name, value=str(value), least="–")
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            whole = number and math.isfinite(value) and (isinstance(least, float) or value % 1 == 0)
            if not whole or value < least:
                least_text = f"{least:g}"
                raise SroError("rules_weaker", rule=field.name, value=str(value), least=least_text)
            object.__setattr__(self, field.name, type(least)(value))
            changed = changed or value != least
        if self.small_to >= self.width:
            # An interval of 1 to small_to would tell that the count is small.
            changed = True
            object.__setattr__(self, "width", self.small_to + 1)
        if changed and not (self.note.strip() and self.set_by.strip()):
            raise SroError("rules_note_missing")


@dataclass(frozen=True)
class Cut:
    """What a released table is broken down by; it always carries all its margins.

    Parameters
    ----------
    levels
        Levels of areas.
    by_type
        ``none`` (the total alone), ``group`` (and the groups of helps), ``help_type`` (and
        each help).
    ages
        Age groups beside all ages.
    by_place
        Beside the total, where the help is given.

    Raises
    ------
    SroError
        ``cut_unknown``, ``age_group_unknown``.
    """

    levels: tuple[str, ...]
    by_type: str = "none"
    ages: tuple[str, ...] = ()
    by_place: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(dict.fromkeys(self.levels)))
        object.__setattr__(self, "ages", tuple(dict.fromkeys(self.ages)))
        if not self.levels:
            raise SroError("cut_unknown", what="levels", value="–", known="–")
        if self.by_type not in BY_TYPE:
            raise SroError(
                "cut_unknown", what="by_type", value=self.by_type, known=", ".join(BY_TYPE)
            )
        for group in self.ages:
            age_range(group)

    @property
    def types(self) -> tuple[str | None, ...]:
        """Codes of helps from the total, with and without § 28, to the single help."""
        groups = (TOTAL_WITHOUT_28, *GROUPS) if self.by_type != "none" else ()
        single = tuple(HELP_TYPES) if self.by_type == "help_type" else ()
        return (None, *groups, *single)

    @property
    def age_groups(self) -> tuple[str | None, ...]:
        """All ages, then the age groups."""
        return (None, *self.ages)

    @property
    def places(self) -> tuple[str | None, ...]:
        """All places, then each."""
        return (None, *PLACES_OF_HELP) if self.by_place else (None,)

    def to_dict(self) -> dict[str, Any]:
        """Return the cut as JSON can hold it."""
        return {
            "levels": list(self.levels),
            "by_type": self.by_type,
            "ages": list(self.ages),
            "by_place": self.by_place,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Cut:
        """Return the cut that :meth:`to_dict` wrote."""
        return cls(
            tuple(document["levels"]),
            document["by_type"],
            tuple(document["ages"]),
            bool(document["by_place"]),
        )


def ages_of(group: str | None) -> tuple[int, int]:
    """Return the first and the last year of an age group, :data:`OLDEST` where it is open."""
    if group is None:
        return 0, OLDEST
    start, end = age_range(group)
    return start, OLDEST if end is None else end
