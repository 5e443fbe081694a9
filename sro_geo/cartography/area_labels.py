"""Names and figures on the areas: ways to write each, one size for as many as possible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.label_search import Field, Floats, Place, Wanted, search
from sro_geo.cartography.map_view import Shapes
from sro_geo.cartography.rates import readable_ink
from sro_geo.cartography.sheet import Box
from sro_geo.cartography.sheet_parts import clean, write
from sro_geo.cartography.text_widths import shortened, text_width

NAME_SIZE, FIGURE_SIZE = 18.0, 23.0
_LINE_HEIGHT = 1.04
# Sizes tried for the whole map, and how many labels shall fit before a size is taken.
_SCALES = (1.0, 0.9, 0.8, 0.72)
_FITTING = 0.75
# Where there are few, one in a narrow area is not to make the others small.
_FEW, _FITTING_OF_FEW = 3, 0.5
# With many areas letters may be smaller: else there would be too many lines.
_MANY, _SMALLEST, _BESIDE = 30, 0.6, 0.85
# A name that is broken into lines is worse than one somewhat smaller.
_BREAKING = 0.87
_LONGEST = 190.0
_BREAKS = re.compile(r"(?<=[-–/ ])")


@dataclass(frozen=True)
class AreaLabel:
    """What is written on one area.

    Parameters
    ----------
    figure
        The printed number or the short word for what has none; empty for the name alone.
    colour
        The fill it stands on.
    quiet
        The figure is a word, written as small as the name.
    margin
        Distance kept from the border.
    above
        Height kept free above the words inside the area, for its circle.
    """

    area_id: str
    name: str
    figure: str
    colour: str
    quiet: bool = False
    margin: float = 3.0
    above: float = 0.0


# One run of text: words, size, bold. A label is lines, a line is runs.
_Run = tuple[str, float, bool]
_Way = tuple[tuple[_Run, ...], ...]


def place_labels(
    labels: Sequence[AreaLabel],
    shapes: Shapes,
    frame: tuple[float, float, float, float],
    *,
    taken: Sequence[tuple[float, float, float, float]] = (),
    symbols: Floats | None = None,
    symbol_radius: float = 8.0,
    water: shapely.Geometry | None = None,
    largest: float = 1.0,
    lines: bool = True,
    last: bool = True,
) -> tuple[str, tuple[Box, ...], list[tuple[float, float, float, float]]]:
    """Return (the labels as SVG, where they stand, ends of the lines: x, y, x, y).

    Parameters
    ----------
    largest
        Size of the letters to begin with; 1 is that of a slide.
    lines
        Whether a label may stand beside its area. An area without any room for its name
        has none; it is in the table.
    last
        Whether a label is made very small, or the figure alone, before there is none.
    """
    fields = [Field(shape) for shape in shapes]
    many = len(labels) > _MANY
    scales = [largest * scale for scale in (*_SCALES, *([_SMALLEST] if many else []))]
    fitting = _FITTING if len(labels) > _FEW else _FITTING_OF_FEW
    scale = next((s for s in scales if _share(labels, fields, s) >= fitting), scales[-1])
    ways: list[list[_Way]] = []
    wanted = []
    for label, shape in zip(labels, shapes, strict=True):
        scored = [
            (s * _BREAKING ** min(k, 2), way)
            for s in scales
            if s <= scale
            for k, way in enumerate(_ways(label, s))
        ]
        own = [way for _, way in sorted(scored, key=lambda pair: -pair[0])]
        small = largest * (_SMALLEST if many else _BESIDE)
        beside = [
            _in_one_line(label, small),
            _in_two(label, small),
            _in_one_line(label, scales[-1]),
        ]
        rest = _ways(label, largest * _SMALLEST) if last and not many else []
        # The figure alone is better than nothing; whose it is shows by where it stands.
        rest += [(_figure(label, largest * _SMALLEST),)] if last and label.figure else []
        ways.append(own + beside + rest)
        wanted.append(
            Wanted(
                label.area_id, shape, tuple(_size(way, label.above) for way in own)
                + tuple(_padded(way) for way in beside)
                + tuple(_size(way) for way in rest),
                tuple(range(len(own), len(own) + 3)), label.margin,
                tuple(range(len(own) + 3, len(own) + 3 + len(rest))),
            )
        )  # fmt: skip
    places = search(
        wanted, fields, frame, taken=taken, symbols=symbols, symbol_radius=symbol_radius,
        water=water, lines=lines,
    )  # fmt: skip
    parts: list[str] = []
    boxes: list[Box] = []
    leading: list[str] = []
    ends: list[tuple[float, float, float, float]] = []
    for label, own, want, place in zip(labels, ways, wanted, places, strict=True):
        if place is None:
            continue
        wide, high = want.sizes[place.size]
        in_last = place.size in want.last
        above = 0.0 if place.line_to is not None or in_last else label.above
        if above:
            wide = _size(own[place.size])[0]
        x0, y0 = place.x - wide / 2, place.y - high / 2 + above
        box = Box(label.area_id, x0, y0, x0 + wide, y0 + high - above, place.line_to is not None)
        boxes.append(box)
        if place.line_to is not None:
            svg, line = _line(box, place)
            leading.append(svg)
            ends.append(line)
        parts.append(_written(own[place.size], label, box, place))
    return "".join(leading) + "".join(parts), tuple(boxes), ends


def _share(labels: Sequence[AreaLabel], fields: Sequence[Field], scale: float) -> float:
    """Return the share of labels that have room at ``scale``."""
    fitting = count = 0
    for label, field in zip(labels, fields, strict=True):
        if field.polygon.is_empty:
            continue
        count += 1
        for way in _ways(label, scale):
            wide, high = _size(way, label.above)
            if field.has_room(wide + 2 * label.margin, high + 2 * label.margin):
                fitting += 1
                break
    return fitting / max(count, 1)


def _figure(label: AreaLabel, scale: float) -> tuple[_Run, ...]:
    size = NAME_SIZE * scale if label.quiet else FIGURE_SIZE * scale
    return ((label.figure, round(size, 1), not label.quiet),)


def _ways(label: AreaLabel, scale: float) -> list[_Way]:
    """Return ways to write a label inside its area, best first."""
    size = round(NAME_SIZE * scale, 1)
    name = shortened(clean(label.name), size, _LONGEST * 1.3, bold=True)
    figure = (_figure(label, scale),) if label.figure else ()
    ways: list[_Way] = [(((name, size, True),), *figure)]
    # A word in place of a figure ("n. a.") stays on one line.
    for count in (2, 3) if label.figure or not label.quiet else ():
        lines = _split(clean(label.name), size, count)
        if len(lines) == count:
            ways.append((*(((line, size, True),) for line in lines), *figure))
    if label.figure:
        ways.append(_in_one_line(label, scale))
    return ways


def _split(name: str, size: float, count: int) -> list[str]:
    """Return a name in ``count`` lines of about one width, broken at spaces and hyphens."""
    pieces = [piece for piece in _BREAKS.split(name) if piece]
    if len(pieces) < count:
        return []
    if count == 2:
        options = [["".join(pieces[:i]), "".join(pieces[i:])] for i in range(1, len(pieces))]
    else:
        options = [
            ["".join(pieces[:i]), "".join(pieces[i:j]), "".join(pieces[j:])]
            for i in range(1, min(len(pieces) - 1, 8))
            for j in range(i + 1, min(len(pieces), 12))
        ]
    best = min(options, key=lambda o: max(text_width(line.strip(), size, bold=True) for line in o))
    return [shortened(line.strip(), size, _LONGEST, bold=True) for line in best]


def _in_one_line(label: AreaLabel, scale: float) -> _Way:
    size = round(NAME_SIZE * scale, 1)
    name = shortened(clean(label.name), size, _LONGEST, bold=True)
    if not label.figure:
        return (((name, size, True),),)
    return (((f"{name} ", size, False), (label.figure, size, True)),)


def _in_two(label: AreaLabel, scale: float) -> _Way:
    size = round(NAME_SIZE * scale, 1)
    name = shortened(clean(label.name), size, _LONGEST * 0.6, bold=True)
    figure = (((label.figure, size, True),),) if label.figure else ()
    return (((name, size, False),), *figure)


def _size(way: _Way, above: float = 0.0) -> tuple[float, float]:
    wide = max(
        sum(text_width(words, size, bold=bold) for words, size, bold in line) for line in way
    )
    high = sum(max(size for _, size, _ in line) for line in way) * _LINE_HEIGHT
    return max(wide, above), high + above


def _padded(way: _Way) -> tuple[float, float]:
    wide, high = _size(way)
    return wide + 10, high + 5


def _line(box: Box, place: Place) -> tuple[str, tuple[float, float, float, float]]:
    """Return the line from a label beside its area into the area."""
    assert place.line_to is not None
    x, y = place.line_to
    start_x, start_y = min(max(x, box.x0), box.x1), min(max(y, box.y0), box.y1)
    data = f"M{start_x:.1f} {start_y:.1f}L{x:.1f} {y:.1f}"
    svg = (
        f'<path d="{data}" stroke="#fff" stroke-width="4"/>'
        f'<path d="{data}" stroke="{palette.INK}" stroke-width="1.3"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{palette.INK}" stroke="#fff" '
        'stroke-width="1.5"/>'
    )
    return svg, (start_x, start_y, x, y)


def _written(way: _Way, label: AreaLabel, box: Box, place: Place) -> str:
    parts: list[str] = []
    ink, halo = readable_ink(label.colour), label.colour
    y = box.y0
    if place.line_to is not None:
        ink, halo = palette.INK, ""
        parts.append(
            f'<rect x="{box.x0:.1f}" y="{box.y0:.1f}" width="{box.x1 - box.x0:.1f}" '
            f'height="{box.y1 - box.y0:.1f}" rx="3" fill="#ffffff" fill-opacity=".94" '
            f'stroke="{palette.INK}" stroke-width=".8"/>'
        )
        y += 2.5
    for line in way:
        high = max(size for _, size, _ in line) * _LINE_HEIGHT
        base = y + high * 0.79
        if len(line) == 1:
            words, size, bold = line[0]
            parts.append(
                write(place.x, base, words, size, bold=bold, colour=ink, anchor="middle", halo=halo)
            )
        else:
            # Runs of one line: one text, so that each font sets its own distances.
            runs = "".join(
                f'<tspan font-weight="{700 if bold else 400}">{escape(words)}</tspan>'
                for words, _, bold in line
            )
            look = (
                f' stroke="{halo}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
                if halo
                else ""
            )
            parts.append(
                f'<text x="{place.x:.1f}" y="{base:.1f}" font-size="{line[0][1]:g}" '
                f'text-anchor="middle" fill="{ink}"{look}>{runs}</text>'
            )
        y += high
    return "".join(parts)
