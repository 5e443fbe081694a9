"""Rates in classes and counts in circles, from released figures only.

A rate is first rounded as it is printed and then put into its class, so a colour never
says other than the number in it. One :class:`Scale` serves a whole series: the same colour
means the same rate in every year. Nothing here asks for a hidden figure; where one stands
is known by its state alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sro_geo.cartography import palette
from sro_geo.i18n import t

RELEASED, SUPPRESSED, MISSING = "released", "suppressed", "missing"
# Number of a class, or SUPPRESSED or MISSING.
State = int | str
Floats = npt.NDArray[np.float64]

MOST_CLASSES = 5
# A rounder break may leave this much more spread within the classes than the best one.
_WORTH = 1.3
# Radius of the largest circle in pixels, and the smallest sizes worth showing in a legend.
LARGEST_RADIUS = 26.0
_LEAST_SHOWN_RADIUS = 3.0
_LEAST_SHOWN_COUNT = 5


@dataclass(frozen=True)
class Scale:
    """Classes of rates: ``breaks`` are the lower ends of all classes but the first, ascending.

    ``low`` and ``high`` are the smallest and largest printed rate, NaN without any.
    """

    breaks: tuple[float, ...]
    decimals: int
    low: float
    high: float

    @property
    def count(self) -> int:
        """Number of classes: 0 where no rate is released."""
        return len(self.breaks) + 1 if math.isfinite(self.low) else 0

    @property
    def colours(self) -> tuple[str, ...]:
        """The fill of each class, pale to dark; one class alone has the middle colour."""
        return class_colours(self.count)

    def rounded(self, rates: npt.ArrayLike) -> Floats:
        """Return rates as they are printed: half up, NaN stays."""
        return round_half_up(rates, self.decimals)

    def class_of(self, rates: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the class of each rate, -1 for NaN."""
        values = self.rounded(rates)
        classes = np.searchsorted(np.array(self.breaks, float), values, side="right")
        return np.where(np.isfinite(values) & (self.count > 0), classes, -1).astype(np.int64)


def class_colours(count: int) -> tuple[str, ...]:
    """Return ``count`` colours of the ramp, as far apart as they can be."""
    chosen: Mapping[int, tuple[int, ...]] = {
        0: (),
        1: (2,),
        2: (1, 3),
        3: (0, 2, 4),
        4: (0, 1, 3, 4),
        5: (0, 1, 2, 3, 4),
    }
    return tuple(palette.SEQUENTIAL[i] for i in chosen[count])


def readable_ink(colour: str) -> str:
    """Return the ink that is easier to read on ``colour``: dark or white."""
    dark, white = palette.contrast(palette.INK, colour), palette.contrast(palette.CASING, colour)
    return palette.INK if dark >= white else palette.CASING


def round_half_up(values: npt.ArrayLike, decimals: int) -> Floats:
    """Return non-negative values rounded half up, as on paper (2.5 is 3)."""
    step = 10.0**decimals
    # What is a half but for the last digits of a float is a half.
    scaled = np.round(np.asarray(values, float) * step, 9)
    return np.floor(scaled + 0.5) / step


def rate_scale(
    rates: npt.ArrayLike, *, decimals: int | None = None, most: int = MOST_CLASSES
) -> Scale:
    """Return one scale for all released rates handed in: every year, every area.

    Breaks are the optimal ones (least spread within the classes, Fisher 1958) among round
    numbers: the roundest step is taken that is nearly as good as any.

    Parameters
    ----------
    rates
        Released rates in any shape; NaN (not released) is passed over.
    decimals
        Decimals the rates are printed with; default none from 10 on, one from 1 on, else two.
    most
        Upper limit of classes, at most 5; few different rates make fewer.
    """
    values = np.asarray(rates, float).ravel()
    values = values[np.isfinite(values)]
    if not len(values):
        return Scale((), decimals or 0, math.nan, math.nan)
    if decimals is None:
        top = values.max()
        decimals = 0 if top >= 10 or top == 0 else 1 if top >= 1 else 2
    different, weights = np.unique(round_half_up(values, decimals), return_counts=True)
    low, high = float(different[0]), float(different[-1])
    distinct = len(different)
    count = distinct if distinct < 4 else 1 + math.ceil(math.log2(distinct))
    count = min(count, most, MOST_CLASSES)
    if count < 2:
        return Scale((), decimals, low, high)
    best, breaks = _partition(different, weights, different[1:], count)
    for step in _steps(high - low, decimals):
        steps = np.arange(math.floor(low / step) + 1, math.floor(high / step + 1e-9) + 1)
        candidates: Floats = np.round(steps.astype(float) * step, decimals)
        if len(candidates) < count - 1:
            continue
        spread, rounder = _partition(different, weights, candidates, count)
        if rounder and spread <= best * _WORTH + 1e-9:
            breaks = rounder
            break
    return Scale(breaks, decimals, low, high)


def _steps(span: float, decimals: int) -> list[float]:
    """Return round steps, coarse to fine, down to the last printed digit."""
    least = 10.0**-decimals
    power = math.floor(math.log10(span))
    steps = [m * 10.0**p for p in range(power, -decimals - 1, -1) for m in (5, 2, 1)]
    return [step for step in steps if step >= least * 0.999]


def _partition(
    values: Floats, weights: npt.NDArray[np.int64], candidates: Floats, count: int
) -> tuple[float, tuple[float, ...]]:
    """Return (spread, breaks) of the best ``count`` classes that are all inhabited.

    Spread is the sum of squared deviations from the mean of the class; breaks come from
    ``candidates``. Without a solution: (inf, ()).
    """
    # A candidate stands for the first value it takes up; of several the first is kept,
    # for they part the values alike.
    starts, first = np.unique(np.searchsorted(values, candidates, side="left"), return_index=True)
    inner = (starts > 0) & (starts < len(values))
    starts, lower = starts[inner], candidates[first[inner]]
    if len(starts) < count - 1:
        return math.inf, ()
    sums = [np.concatenate([[0.0], np.cumsum(weights * values**p)]) for p in (0, 1, 2)]
    ends = np.concatenate([[0], starts, [len(values)]])
    n, s, q = (total[ends][None, :] - total[ends][:, None] for total in sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(n > 0, np.maximum(q - s * s / n, 0.0), math.inf)
    cost, came = spread[0], []
    for _ in range(count - 1):
        through = cost[:, None] + spread
        came.append(np.argmin(through, axis=0))
        cost = np.min(through, axis=0)
    at, chosen = len(ends) - 1, []
    for previous in reversed(came):
        at = int(previous[at])
        chosen.append(at)
    return float(cost[-1]), tuple(float(lower[i - 1]) for i in reversed(chosen))


def rate_states(rates: npt.ArrayLike, status: Sequence[str], scale: Scale) -> tuple[State, ...]:
    """Return the state of each area: its class, ``SUPPRESSED`` or ``MISSING``.

    A hidden figure is never looked at, whatever stands in ``rates`` for it; a released one
    without a rate (nobody of that age) is missing.
    """
    classes = scale.class_of(rates)
    return tuple(
        (int(c) if c >= 0 else MISSING) if s == RELEASED else SUPPRESSED if s == SUPPRESSED
        else MISSING
        for c, s in zip(classes, status, strict=True)
    )  # fmt: skip


def number(value: float, decimals: int = 0, language: str = "de") -> str:
    """Return a number as it is written in the language: 1.234,5 or 1,234.5."""
    text = f"{float(round_half_up(value, decimals)):,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def state_words(language: str = "de") -> dict[str, str]:
    """Return what is said of an area that shows no figure, by its state."""
    return {s: t(f"rates.{s}", language) for s in (SUPPRESSED, MISSING)}


def short_words(language: str = "de") -> dict[str, str]:
    """Return what is written in place of a figure, by state: short enough for a map."""
    return {s: t(f"rates.{s}_short", language) for s in (SUPPRESSED, MISSING)}


def rate_labels(
    rates: npt.ArrayLike, states: Sequence[State], scale: Scale, language: str = "de"
) -> tuple[str, ...]:
    """Return the number of each area as it is printed, or the short word for its state."""
    short = short_words(language)
    return tuple(
        short[state] if isinstance(state, str) else number(rate, scale.decimals, language)
        for rate, state in zip(np.asarray(rates, float), states, strict=True)
    )


def class_words(scale: Scale, language: str = "de") -> tuple[str, ...]:
    """Return what each class is called, low to high; no number is in two classes."""

    def say(value: float) -> str:
        return number(value, scale.decimals, language)

    if scale.count < 2:
        return (say(scale.low),) * scale.count
    first, last = scale.breaks[0], scale.breaks[-1]
    between = (
        t("rates.between", language, low=say(low), high=say(high))
        for low, high in pairwise(scale.breaks)
    )
    return (
        t("rates.below", language, high=say(first)),
        *between,
        t("rates.from", language, low=say(last)),
    )


@dataclass(frozen=True)
class CircleScale:
    """Counts as circles: the area of a circle is in proportion to its count.

    No correction for how circles are judged by eye (Flannery): it would break the
    proportion. ``largest`` is the largest released count of the series.
    """

    largest: float
    radius: float = LARGEST_RADIUS

    def radii(self, counts: npt.ArrayLike) -> tuple[float | None, ...]:
        """Return radii in pixels; None where a count is 0 or not released (NaN)."""
        values = np.asarray(counts, float)
        return tuple(
            self.radius * math.sqrt(v / self.largest) if v > 0 and self.largest > 0 else None
            for v in values
        )

    def sizes(self) -> tuple[tuple[int, float], ...]:
        """Return (count, radius) for the legend: up to three round counts, large to small."""
        chosen: list[int] = []
        for part in (1, 4, 16):
            count = _round_below(self.largest / part)
            if count >= (_LEAST_SHOWN_COUNT if chosen else 1) and count not in chosen:
                chosen.append(count)
        sizes = ((count, self.radii([count])[0] or 0.0) for count in chosen)
        return tuple((c, r) for i, (c, r) in enumerate(sizes) if not i or r >= _LEAST_SHOWN_RADIUS)


def circle_scale(counts: npt.ArrayLike, *, radius: float = LARGEST_RADIUS) -> CircleScale:
    """Return one scale for all released counts handed in: every year, every area."""
    values = np.asarray(counts, float).ravel()
    values = values[np.isfinite(values)]
    return CircleScale(float(values.max()) if len(values) else 0.0, radius)


def _round_below(value: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20 … that is not above ``value``, 0 for none."""
    if value < 1:
        return 0
    power = 10.0 ** math.floor(math.log10(value))
    return int(next(m * power for m in (5, 2, 1) if m * power <= value))
