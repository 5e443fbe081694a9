"""What a city wants: thresholds from ``city.toml``, and *no target set* where there is none.

For most offers no national norm exists. A value from somewhere else is never filled in.
"""

from __future__ import annotations

from dataclasses import dataclass

from sro_geo.city import City, Threshold
from sro_geo.population import age_range

_OLDEST = 200


@dataclass(frozen=True)
class Target:
    """The threshold that holds, None where no target is set.

    ``how`` is ``exact``, ``wider_group`` (set for a group that includes the one asked for,
    such as under_18 for 10-13) or ``none``.
    """

    threshold: Threshold | None
    how: str

    @property
    def minutes(self) -> float | None:
        """Minutes that are wanted, None where no target is set."""
        return None if self.threshold is None else self.threshold.minutes

    @property
    def share(self) -> float | None:
        """Share of the group that should reach the offer, None where none is set."""
        return None if self.threshold is None else self.threshold.share


def target_of(city: City, category: str, group: str, mode: str, on: str) -> Target:
    """Return the target of a category and age group for a mode on the ISO date ``on``.

    A threshold of the very group comes first, then one of the narrowest group that includes
    it; of several the one that came into force last. Another mode is another question: 15
    minutes by bicycle say nothing about walking. Raises ``SroError("age_group_unknown")``.
    """
    start, last = _ages(group)
    found: list[tuple[int, str, Threshold]] = []
    for threshold in city.thresholds:
        if threshold.category != category or threshold.mode != mode:
            continue
        if threshold.valid_from is not None and threshold.valid_from > on:
            continue
        low, high = _ages(threshold.age_group)
        if low <= start and last <= high:
            found.append((high - low, threshold.valid_from or "", threshold))
    if not found:
        return Target(None, "none")
    narrowest = min(years for years, _, _ in found)
    best = max(
        (since, t.age_group == group, n) for n, (y, since, t) in enumerate(found) if y == narrowest
    )
    threshold = found[best[2]][2]
    same = _ages(threshold.age_group) == (start, last)
    return Target(threshold, "exact" if same else "wider_group")


def _ages(group: str) -> tuple[int, int]:
    low, high = age_range(group)
    return low, _OLDEST if high is None else high


def modes_with_target(city: City, category: str, group: str, on: str) -> tuple[str, ...]:
    """Return the modes for which a category and age group have a target: what to offer first."""
    modes = ("walk", "bike")
    return tuple(m for m in modes if target_of(city, category, group, m, on).threshold is not None)
