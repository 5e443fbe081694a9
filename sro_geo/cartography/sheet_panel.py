"""What stands beside a map: legend, groups of offers, ranking bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sro_geo.cartography import palette
from sro_geo.cartography.map_view import SymbolGroup, symbol
from sro_geo.cartography.rates import (
    MISSING,
    SUPPRESSED,
    CircleScale,
    Scale,
    State,
    class_words,
    number,
    short_words,
    state_words,
)
from sro_geo.cartography.sheet_parts import clean, drawn, fill_of, own_id, rectangle, write
from sro_geo.cartography.text_widths import shortened, text_width, wrapped
from sro_geo.i18n import t

_HEADING, _TEXT, _SMALL = 18.5, 16.5, 15.0
_ROW = 25.5
_SWATCH = 36.0
_MOST_BAR_ROW, _LEAST_BAR_ROW = 24.0, 15.5


@dataclass(frozen=True)
class Entry:
    """One row of a legend: what its swatch is filled with, its words, and what is counted."""

    fill: str
    words: str
    count: str = ""
    strong: bool = False
    outlined: bool = False


def heading(x: float, y: float, wide: float, words: str) -> tuple[str, float]:
    """Return (a heading, y below it) in up to two lines."""
    lines = wrapped(clean(words), _HEADING, wide, bold=True, most=2)
    parts = []
    for line in lines:
        y += _HEADING * 1.2
        parts.append(write(x, y - 4, line, _HEADING, bold=True))
    return "".join(parts), y + 6


def fitting(words: str, room: float, *, bold: bool) -> tuple[float, tuple[str, ...]]:
    """Return (size, lines): somewhat smaller on one line before there are two."""
    for size in (_TEXT, _TEXT - 1, _TEXT - 2):
        if text_width(words, size, bold=bold) <= room:
            return size, (words,)
    return _TEXT, wrapped(words, _TEXT, room, bold=bold, most=2)


def class_entries(
    scale: Scale,
    states: Sequence[State],
    *,
    unit: tuple[str, str] | None,
    hidden: str,
    gap_rule: str,
    language: str,
) -> list[Entry]:
    """Return the classes from high to low with the areas in each, then what has no figure."""
    words = class_words(scale, language)
    entries = [
        Entry(scale.colours[i], words[i], counted(states, i, unit, language))
        for i in reversed(range(scale.count))
    ]
    return entries + without_figure(states, hidden=hidden, language=language) + marked(gap_rule)


def marked(gap_rule: str) -> list[Entry]:
    """Return the entry of what is highlighted, if there is anything to say."""
    return [Entry("#ffffff", gap_rule, strong=True, outlined=True)] if gap_rule else []


def without_figure(states: Sequence[State], *, hidden: str, language: str) -> list[Entry]:
    """Return entries for what is hidden or missing, where it is on the map."""
    short, full = short_words(language), state_words(language)
    says = {SUPPRESSED: hidden or full[SUPPRESSED], MISSING: full[MISSING]}
    return [
        Entry(f"url(#{own_id('hidden' if state == SUPPRESSED else 'missing')})",
              f"{short[state]}: {says[state]}")
        for state in (SUPPRESSED, MISSING)
        if state in states
    ]  # fmt: skip


def counted(
    states: Sequence[State], state: State, unit: tuple[str, str] | None, language: str
) -> str:
    """Return how many areas have ``state``, in words."""
    one, many = unit or (t("rates.area", language), t("rates.areas", language))
    count = sum(1 for own in states if own == state)
    return f"{number(count, 0, language)} {one if count == 1 else many}"


def legend(
    x: float, y: float, wide: float, title: str, entries: Sequence[Entry]
) -> tuple[str, float]:
    """Return (the legend, y below it)."""
    head, y = heading(x, y, wide, title)
    parts = [head]
    column = max(
        (text_width(e.words, _TEXT) for e in entries if e.count and e.fill[0] == "#"), default=0
    )
    left = x + _SWATCH + 11
    most = x + wide - left
    count_wide = max((text_width(e.count, _SMALL) for e in entries if e.count), default=0)
    tab = left + min(column + 18, most - count_wide)
    for entry in entries:
        count = entry.count
        words = clean(entry.words)
        if text_width(words, _TEXT) > tab - left - 8:
            # Long words take the whole row; how many areas there are is in the table.
            count = ""
        size, lines = fitting(words, most, bold=entry.strong)
        high = max(_ROW, len(lines) * size * 1.18 + 6)
        top = y + 2
        if entry.outlined:
            for colour, thick in (("#ffffff", 7.5), (palette.ACCENT, 4.2)):
                parts.append(
                    rectangle(x + 2.5, top + 2, _SWATCH - 5, 17, "none", stroke=colour, width=thick)
                )
        else:
            parts.append(rectangle(x, top, _SWATCH, 21, entry.fill, stroke=palette.INK, width=0.8))
        for i, line in enumerate(lines):
            base = y + 18 + i * size * 1.18
            parts.append(write(left, base, line, size, bold=entry.strong))
        if count:
            parts.append(write(tab, y + 18, count, _SMALL, colour=palette.INK_SOFT))
        y += high
    return "".join(parts), y + 8


def group_legend(
    x: float,
    y: float,
    wide: float,
    title: str,
    groups: Mapping[str, SymbolGroup],
    counts: Mapping[str, str] | None = None,
) -> tuple[str, float]:
    """Return (the groups of offers in one or two columns, y below them)."""
    if not groups:
        return "", y
    head, y = heading(x, y, wide, title)
    parts = [head]
    says = {
        key: clean(f"{group.name} ({counts[key]})" if counts and key in counts else group.name)
        for key, group in groups.items()
    }
    size, columns, rows, first = _TEXT, 1, len(groups), wide
    for smaller in (_TEXT, _TEXT - 1, _TEXT - 2, _TEXT - 3) if len(groups) > 1 else ():
        long = [text_width(words, smaller) + 28 for words in says.values()]
        half = -(-len(groups) // 2)
        if max(long[:half]) + 14 + max(long[half:]) <= wide:
            size, columns, rows = smaller, 2, half
            first = max(max(long[:half]) + 14, min(wide / 2, wide - max(long[half:])))
            break
    for i, (key, group) in enumerate(groups.items()):
        left = x + (i // rows) * first
        at = y + (i % rows) * _ROW + 13
        parts.append(symbol(group, left + 10, at, scale=0.9))
        room = wide - 30 if columns == 1 else wide
        parts.append(write(left + 28, at + 5.5, shortened(says[key], size, room), size))
    return "".join(parts), y + rows * _ROW + 10


@dataclass(frozen=True)
class Bar:
    """One row of the ranking: value and printed figure, colour, a further figure beside it."""

    name: str
    value: float
    shown: str
    colour: str
    beside: str = ""
    marked: bool = False


def ranking(
    x: float,
    y: float,
    wide: float,
    bottom: float,
    title: str,
    bars: Sequence[Bar],
    *,
    beside_title: str = "",
    language: str = "de",
) -> tuple[str, float]:
    """Return (bars from high to low down to ``bottom``, y below them).

    Negative values go to the left of a common line. Where there is no room for all, the
    last row says how many more stand in the table.
    """
    if not bars:
        return "", y
    head, start = heading(x, y, wide, title)
    if bottom - start < 3 * _LEAST_BAR_ROW:
        return "", y
    parts = [head]
    if beside_title:
        words = shortened(clean(beside_title), _SMALL, wide * 0.45)
        parts.append(
            write(x + wide, start - 10, words, _SMALL, colour=palette.INK_SOFT, anchor="end")
        )
    rows = int((bottom - start) // _LEAST_BAR_ROW)
    shown = list(bars) if len(bars) <= rows else _first_and_marked(bars, rows - 1)
    row = min(_MOST_BAR_ROW, (bottom - start) / (len(shown) + (len(shown) < len(bars))))
    size = min(_TEXT - 1, row * 0.86)
    names = [clean(bar.name) for bar in shown]
    left = min(max(text_width(n, size, bold=True) for n in names), wide * 0.42)
    beside = 44.0 if any(bar.beside for bar in shown) else 0.0
    figures = max(text_width(bar.shown, size, bold=True) for bar in shown) + 10
    low = min(0.0, *(bar.value for bar in shown))
    high = max(0.0, *(bar.value for bar in shown))
    # Room for figures: at the right, and at the left too where bars go that way.
    begin = x + left + 10 + (figures if low < 0 else 0)
    room = max(x + wide - beside - figures - begin, 20.0)
    zero = begin + room * (-low / max(high - low, 1e-9))
    y = start
    for bar, name in zip(shown, names, strict=True):
        ink = palette.ACCENT if bar.marked else palette.INK
        base = y + row / 2 + size * 0.34
        words = shortened(name, size, left, bold=bar.marked)
        parts.append(write(x + left, base, words, size, bold=bar.marked, colour=ink, anchor="end"))
        long = room * abs(bar.value) / max(high - low, 1e-9)
        at = zero - long if bar.value < 0 else zero
        parts.append(
            rectangle(
                at, y + row * 0.16, long, row * 0.68, bar.colour, stroke=palette.INK, width=0.6
            )
        )
        end, side = (at - 5, "end") if bar.value < 0 else (at + long + 5, "start")
        parts.append(write(end, base, bar.shown, size, anchor=side))
        if bar.beside:
            parts.append(
                write(
                    x + wide, base, bar.beside, size, bold=bar.marked, colour=ink, anchor="end"
                )
            )  # fmt: skip
        y += row
    if low < 0:
        parts.append(drawn(f"M{zero:.1f} {start:.1f}V{y:.1f}", stroke=palette.INK, width=1.2))
    if len(shown) < len(bars):
        more = t("sheets.more", language, count=number(len(bars) - len(shown), 0, language))
        parts.append(write(x, y + row * 0.5 + 5, more, _SMALL, colour=palette.INK_SOFT))
        y += row
    return "".join(parts), y + 8


def _first_and_marked(bars: Sequence[Bar], count: int) -> list[Bar]:
    """Return ``count`` bars from the top; what is marked further down comes before others."""
    marked_ones = [i for i, bar in enumerate(bars) if bar.marked][:count]
    others = [i for i, bar in enumerate(bars) if not bar.marked]
    kept = sorted([*marked_ones, *others[: count - len(marked_ones)]])
    return [bars[i] for i in kept]


def circle_legend(
    x: float, y: float, wide: float, title: str, circles: CircleScale, language: str
) -> tuple[str, float]:
    """Return (circles of round counts, one within the other, y below them)."""
    sizes = circles.sizes()
    head, y = heading(x, y, wide, title)
    if not sizes:
        return head, y
    largest = sizes[0][1]
    base, middle = y + 2 * largest + 6, x + largest + 2
    parts, at = [head], y - 20
    for count, radius in sizes:
        top = base - 2 * radius
        at = max(top + 2, at + 19)
        parts.append(
            f'<circle cx="{middle:.1f}" cy="{base - radius:.1f}" r="{radius:.1f}" '
            f'fill="{palette.CIRCLE}" stroke="#fff" stroke-width="1.5"/>'
        )
        line = f"M{middle:.1f} {top:.1f}L{x + 2 * largest + 12:.1f} {at:.1f}h8"
        parts.append(drawn(line, stroke=palette.INK_SOFT, width=1))
        parts.append(write(x + 2 * largest + 25, at + 5.5, number(count, 0, language), _TEXT))
    return "".join(parts), max(base, at + 8) + 14


def class_bars(
    names: Sequence[str],
    values: Sequence[float],
    shown: Sequence[str],
    states: Sequence[State],
    scale: Scale,
    order: Sequence[int],
    *,
    highlighted: Sequence[bool],
    beside: Sequence[str] | None,
) -> list[Bar]:
    """Return the bars of all areas with a figure, in the colours of the map."""
    return [
        Bar(names[i], float(values[i]), shown[i], fill_of(states[i], scale),
            beside[i] if beside else "", highlighted[i])
        for i in order
        if not isinstance(states[i], str)
    ]  # fmt: skip
