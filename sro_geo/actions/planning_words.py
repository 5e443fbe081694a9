"""A comparison in plain sentences, made of its figures and of nothing else."""

from __future__ import annotations

import math

from sro_geo.actions.planning_changes import Comparison
from sro_geo.i18n import t

_SHOWN = 6


def summary(comparison: Comparison, language: str = "de") -> list[str]:
    """Return what differs between two plans, the most important first."""
    say = _Saying(language)
    before, after = comparison.before, comparison.after
    if not comparison.touched and not comparison.moved_blocks:
        return [say("same", before=before.name, after=after.name)]
    out = [say("moved", blocks=say.number(comparison.moved_blocks), after=after.name)]
    if math.isfinite(comparison.moved_population):
        out.append(
            say(
                "people",
                persons=say.number(comparison.moved_population),
                kept=say.percent(comparison.kept),
            )
        )
    else:
        out.append(say("people_unknown"))
    old = {area.area_id: area.name for area in before.standing}
    new = {area.area_id: area.name for area in after.standing}
    if come := [new[a] for a in new if a not in old]:
        out.append(say("come", names=", ".join(come)))
    if gone := [old[a] for a in old if a not in new]:
        out.append(say("gone", names=", ".join(gone)))
    out += _areas(comparison, say)
    out += _evenness(comparison, say)
    length = comparison.border_after_m - comparison.border_before_m
    if abs(length) >= 100:
        key = "border_longer" if length > 0 else "border_shorter"
        out.append(say(key, km=say.number(abs(length) / 1000, 1)))
    for area_id, name in comparison.areas(after.level):
        pieces = comparison.of(area_id, "pieces")[1]
        if pieces > 1:
            out.append(say("pieces", name=name, count=say.number(pieces)))
    return out


def _areas(comparison: Comparison, say: _Saying) -> list[str]:
    """Say of each touched area how many people it has, the largest difference first."""
    rows = []
    for area_id, name in comparison.areas(comparison.after.level):
        old, new = comparison.of(area_id, "population")
        if math.isfinite(old) and math.isfinite(new) and old != new:
            rows.append((abs(new - old), name, old, new, area_id))
    rows.sort(key=lambda row: -row[0])
    out = []
    for difference, name, old, new, area_id in rows[:_SHOWN]:
        words = say(
            "more" if new > old else "fewer",
            name=name,
            difference=say.number(difference),
            before=say.number(old),
            after=say.number(new),
        )
        young, now = comparison.of(area_id, "under_18")
        if math.isfinite(young) and math.isfinite(now):
            words += " " + say("young", before=say.number(young), after=say.number(now))
        offers, held = comparison.of(area_id, "offers")
        if offers != held:
            words += " " + say("offers", before=say.number(offers), after=say.number(held))
        out.append(words)
    if len(rows) > _SHOWN:
        out.append(say("others", count=say.number(len(rows) - _SHOWN)))
    return out


def _evenness(comparison: Comparison, say: _Saying) -> list[str]:
    figures = comparison.figures
    own = figures[
        (figures["level"] == comparison.after.level) & (figures["figure"] == "population_deviation")
    ]
    if own.empty:
        return []
    old, new = own["before"].abs().max(), own["after"].abs().max()
    if not (math.isfinite(old) and math.isfinite(new)) or round(old, 3) == round(new, 3):
        return []
    key = "evener" if new < old else "less_even"
    return [say(key, before=say.percent(old), after=say.percent(new))]


class _Saying:
    """Phrases and numbers in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, key: str, **params: str) -> str:
        return t(f"plan_words.{key}", self._language, **params)

    def number(self, value: float, digits: int = 0) -> str:
        from babel.numbers import format_decimal  # late: most of the command line needs none

        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(round(value, digits), pattern, locale=self._language))

    def percent(self, share: float) -> str:
        return "–" if math.isnan(share) else self.number(100 * share, 1)
