"""Rates as bars, over years and with their uncertainty, from released figures only.

An area without a figure has a row of its own, without a bar and in alphabetical order, so
that its place says nothing. Every chart is a picture with the alternative text it is given;
the same numbers stand in a table beside it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from sro_geo.cartography import palette
from sro_geo.cartography.charts import picture, text
from sro_geo.cartography.rates import (
    MISSING,
    SUPPRESSED,
    Floats,
    Scale,
    State,
    number,
    rate_labels,
    short_words,
)

_ROW = 25
# Width of a letter, and the largest share of the picture that names may take.
_LETTER, _NAMES_SHARE = 7.3, 0.45
_GRID = "#d5d9dd"


def alphabetical(name: str) -> str:
    """Return what a name is sorted by: Ä as A, capitals like small letters."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ẞ", "ss"))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def ranked(names: Sequence[str], rates: npt.ArrayLike, states: Sequence[State]) -> list[int]:
    """Return positions: released areas from high to low, then the others by name."""
    values = np.asarray(rates, float)
    released = [i for i, s in enumerate(states) if not isinstance(s, str)]
    others = [i for i, s in enumerate(states) if isinstance(s, str)]
    released.sort(key=lambda i: (-values[i], alphabetical(names[i])))
    others.sort(key=lambda i: (states[i] == MISSING, alphabetical(names[i])))
    return released + others


def ranking_bars(
    names: Sequence[str],
    rates: npt.ArrayLike,
    states: Sequence[State],
    scale: Scale,
    *,
    label: str,
    highlighted: Sequence[bool] | None = None,
    beside: Sequence[str] | None = None,
    beside_title: str = "",
    width: int = 420,
    language: str = "de",
) -> str:
    """Return lying bars from high to low, in the colours of the map.

    Parameters
    ----------
    highlighted
        Areas written in the accent colour.
    beside, beside_title
        A further figure for each area in a column on the right, already written as text.
    """
    values = scale.rounded(rates)
    shown = rate_labels(values, states, scale, language)
    marks = highlighted or [False] * len(names)
    top = max(scale.high, 10.0**-scale.decimals) if scale.count else 1.0
    right = 108 if beside else 50
    left = _names_width(names, width)
    room = width - left - right
    head = 22 if beside_title else 0
    parts = []
    if beside_title:
        parts.append(text(width - 4, 14, beside_title, anchor="end", colour=palette.INK_SOFT))
    # The printed number decides the order, so that it tells no more than is printed.
    order = ranked(names, values, states)
    for row, i in enumerate(order):
        y = head + row * _ROW
        ink = palette.ACCENT if marks[i] else palette.INK
        parts.append(_name(names[i], left, y, bold=marks[i], colour=ink))
        state = states[i]
        if isinstance(state, str):
            parts.append(_without(state, left, y, language))
        else:
            long = max(room * values[i] / top, 0.0)
            parts.append(
                f'<rect x="{left}" y="{y + 4}" width="{long:.1f}" height="16" '
                f'fill="{scale.colours[state]}" stroke="{palette.INK}" stroke-width=".6"/>'
            )
            parts.append(text(left + long + 6, y + 17, shown[i], bold=marks[i]))
        if beside:
            parts.append(
                text(width - 4, y + 17, beside[i], anchor="end", bold=marks[i], colour=ink)
            )
    return picture("".join(parts), width, head + _ROW * len(names) + 4, label)


def interval_plot(
    names: Sequence[str],
    rates: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    states: Sequence[State],
    scale: Scale,
    *,
    label: str,
    city: float | None = None,
    city_name: str = "",
    region: npt.ArrayLike | None = None,
    region_name: str = "",
    highlighted: Sequence[bool] | None = None,
    width: int = 560,
    language: str = "de",
) -> str:
    """Return rates with their intervals, high to low, beside those of region and city.

    Parameters
    ----------
    low, high
        Ends of the interval of each rate; NaN where there is none.
    city, city_name
        Rate of the city, a line through all rows, and what it is called.
    region, region_name
        Rate of each area's region, a dashed line through its row; NaN draws none.
    """
    values, lows, highs = (np.asarray(v, float) for v in (rates, low, high))
    own = np.array([not isinstance(s, str) for s in states], bool)
    lines = np.asarray(region, float) if region is not None else np.full(len(names), math.nan)
    ends = [*values[own], *highs[own], *lines[np.isfinite(lines)]]
    ends = [v for v in [*ends, *([city] if city is not None else [])] if math.isfinite(v)]
    axis = _axis(max(ends, default=1.0))
    end = float(axis[-1])
    left = _names_width(names, width)
    room, head = width - left - 20, 26
    height = head + _ROW * len(names)

    def at(value: float) -> float:
        return left + room * value / end

    parts = []
    for tick in axis:
        parts.append(f'<path d="M{at(tick):.1f} {head}V{height}" stroke="{_GRID}"/>')
        decimals = 0 if all(float(v).is_integer() for v in axis) else max(scale.decimals, 1)
        words = number(tick, decimals, language)
        parts.append(
            text(at(tick), height + 16, words, anchor="middle", size=12, colour=palette.INK_SOFT)
        )
    if city is not None and math.isfinite(city):
        parts.append(
            f'<path d="M{at(city):.1f} {head - 6}V{height}" stroke="{palette.INK}" '
            'stroke-width="1.6"/>'
        )
    marks = highlighted or [False] * len(names)
    for row, i in enumerate(ranked(names, values, states)):
        y = head + row * _ROW
        ink = palette.ACCENT if marks[i] else palette.INK
        parts.append(_name(names[i], left, y, bold=marks[i], colour=ink))
        if math.isfinite(lines[i]):
            parts.append(
                f'<path d="M{at(lines[i]):.1f} {y}V{y + _ROW}" stroke="{palette.INK_SOFT}" '
                'stroke-width="1.6" stroke-dasharray="5 3"/>'
            )
        state = states[i]
        if isinstance(state, str):
            parts.append(_without(state, left, y, language))
            continue
        middle = y + _ROW / 2
        if math.isfinite(lows[i]) and math.isfinite(highs[i]):
            start, stop = at(lows[i]), at(highs[i])
            for colour, thick in (("#fff", 5), (ink, 2)):
                parts.append(
                    f'<path d="M{start:.1f} {middle}H{stop:.1f}" stroke="{colour}" '
                    f'stroke-width="{thick}"/>'
                )
            parts.append(
                f'<path d="M{start:.1f} {middle - 4}v8M{stop:.1f} {middle - 4}v8" '
                f'stroke="{ink}" stroke-width="2"/>'
            )
        parts.append(
            f'<circle cx="{at(values[i]):.1f}" cy="{middle}" r="5.5" stroke="{ink}" '
            f'fill="{scale.colours[state]}" stroke-width="1.4"/>'
        )
    if city_name and city is not None and math.isfinite(city):
        # The words stay on the picture, on whichever side of the line there is room.
        side = "end" if at(city) > width * 0.7 else "start"
        shift = -5 if side == "end" else 5
        shown = f"{city_name} {number(city, scale.decimals, language)}"
        parts.append(text(at(city) + shift, 16, shown, anchor=side, bold=True, size=13))
    height += 22
    if region_name and np.isfinite(lines).any():
        parts.append(
            f'<path d="M{left} {height + 9}h26" stroke="{palette.INK_SOFT}" '
            'stroke-width="1.6" stroke-dasharray="5 3"/>'
        )
        parts.append(text(left + 32, height + 13, region_name, size=13, colour=palette.INK_SOFT))
        height += 20
    return picture("".join(parts), width, height, label)


def year_bars(
    years: Sequence[int],
    rates: npt.ArrayLike,
    states: Sequence[State],
    scale: Scale,
    *,
    series: Sequence[Hashable],
    label: str,
    break_words: str = "",
    width: int = 620,
    height: int = 220,
    language: str = "de",
) -> str:
    """Return one upright bar for each year, with a visible break where figures do not compare.

    Parameters
    ----------
    years
        Ascending.
    series
        What must be equal for two years to be compared: version of the areas and counting
        rule. Where it changes there is a gap with a dashed line.
    break_words
        Written at the first break, "other borders".
    """
    values = scale.rounded(rates)
    shown = rate_labels(values, states, scale, language)
    places, breaks, wide = _columns(series, width)
    base, room = height - 28, height - 74
    top = max(scale.high, 10.0**-scale.decimals) if scale.count else 1.0
    parts = [_hatch_pattern()]
    for year, x, value, state, words in zip(years, places, values, states, shown, strict=True):
        middle = x + wide / 2
        if not isinstance(state, str):
            tall = room * value / top
            parts.append(
                f'<rect x="{x:.1f}" y="{base - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
                f'fill="{scale.colours[state]}" stroke="{palette.INK}" stroke-width=".6"/>'
            )
            parts.append(text(middle, base - tall - 6, words, anchor="middle", bold=True))
        else:
            # A low mark of one height for all: it says where, never how much.
            if state == SUPPRESSED:
                parts.append(
                    f'<rect x="{x:.1f}" y="{base - 14}" width="{wide:.1f}" height="14" '
                    f'fill="url(#hidden)" stroke="{palette.HATCH}" stroke-width=".8"/>'
                )
            parts.append(
                text(middle, base - 20, words, anchor="middle", colour=palette.INK_SOFT, size=13)
            )
        parts.append(text(middle, base + 19, str(year), anchor="middle", size=13))
    parts.append(_ground(places, breaks, wide, base))
    for position, x in enumerate(breaks):
        parts.append(
            f'<path d="M{x:.1f} 20V{base + 6}" stroke="{palette.INK}" stroke-width="1.4" '
            'stroke-dasharray="4 4"/>'
        )
        if break_words and not position:
            side = "end" if x > width * 0.6 else "start"
            shift = -6 if side == "end" else 6
            parts.append(
                text(x + shift, 14, break_words, anchor=side, size=13, colour=palette.INK_SOFT)
            )
    return picture("".join(parts), width, height, label)


def sparkline(
    rates: npt.ArrayLike,
    states: Sequence[State],
    *,
    series: Sequence[Hashable],
    top: float,
    label: str,
    width: int = 110,
    height: int = 30,
) -> str:
    """Return a small line over years; it ends at every break and at every hidden year.

    ``top`` is the largest printed rate of all lines that are compared (``Scale.high``).
    """
    values = np.asarray(rates, float)
    step = (width - 12) / max(len(values) - 1, 1)

    def at(i: int) -> tuple[float, float]:
        return 6 + i * step, height - 5 - (height - 10) * values[i] / max(top, 1e-9)

    lines: list[list[int]] = []
    parts = []
    for i, state in enumerate(states):
        if isinstance(state, str):
            x = 6 + i * step
            mark = "v6" if state == SUPPRESSED else "v2"
            parts.append(
                f'<path d="M{x:.1f} {height - 7}{mark}" stroke="{palette.HATCH}" '
                'stroke-width="1.6"/>'
            )
            continue
        if lines and lines[-1][-1] == i - 1 and series[i] == series[i - 1]:
            lines[-1].append(i)
        else:
            lines.append([i])
    for i in range(1, len(series)):
        if series[i] != series[i - 1]:
            parts.append(
                f'<path d="M{6 + (i - 0.5) * step:.1f} 1V{height - 1}" stroke="{palette.INK}" '
                'stroke-dasharray="2 2"/>'
            )
    for line in lines:
        points = "L".join(f"{x:.1f} {y:.1f}" for x, y in map(at, line))
        parts.append(f'<path d="M{points}" fill="none" stroke="#134f80" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="#134f80"/>' for x, y in map(at, line)
        ]
    return picture("".join(parts), width, height, label)


def _columns(series: Sequence[Hashable], width: int) -> tuple[list[float], list[float], float]:
    """Return (left edge of each column, middle of each break, width of a column)."""
    changes = [i > 0 and series[i] != series[i - 1] for i in range(len(series))]
    gap = 0.45
    step = width / max(len(series) + gap * sum(changes), 1)
    step = min(step, 130.0)
    places, breaks, x = [], [], 0.0
    for change in changes:
        if change:
            breaks.append(x + gap * step / 2)
            x += gap * step
        places.append(x + step * 0.14)
        x += step
    return places, breaks, step * 0.72


def _ground(places: Sequence[float], breaks: Sequence[float], wide: float, base: float) -> str:
    """Return the line below the bars, open at each break."""
    if not places:
        return ""
    left, edges = places[0] - wide * 0.12, []
    for x in breaks:
        edges.append((left, x - 6))
        left = x + 6
    edges.append((left, places[-1] + wide * 1.12))
    path = "".join(f"M{a:.1f} {base}H{b:.1f}" for a, b in edges)
    return f'<path d="{path}" stroke="{palette.INK}" stroke-width="1.2"/>'


def _axis(top: float) -> Floats:
    """Return round ticks from 0 to just beyond ``top``."""
    power = 10.0 ** math.floor(math.log10(max(top, 1e-9)))
    step = next(m * power for m in (0.2, 0.5, 1, 2) if top / (m * power) <= 6)
    return np.round(np.arange(math.ceil(top / step - 1e-9) + 1) * step, 9)


def _names_width(names: Sequence[str], width: int) -> int:
    """Return the width of the column of names, its gap included."""
    longest = max((len(name) for name in names), default=0)
    return round(min(longest * _LETTER + 14, width * _NAMES_SHARE))


def _name(name: str, left: float, y: float, *, bold: bool, colour: str) -> str:
    most = int((left - 12) / _LETTER)
    short = name if len(name) <= most else name[: most - 1] + "…"
    return text(left - 10, y + 17, short, anchor="end", bold=bold, colour=colour)


def _without(state: str, left: float, y: float, language: str) -> str:
    return text(left, y + 17, short_words(language)[state], colour=palette.INK_SOFT)


def _hatch_pattern() -> str:
    return (
        '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{palette.NO_FIGURE}"/>'
        f'<path d="M0 0V6" stroke="{palette.HATCH}" stroke-width="2.2"/></pattern></defs>'
    )
