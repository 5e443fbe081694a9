"""Small charts as pictures: bars, a curve, a row of comparisons. Every value is written out.

Each returns an ``<img>`` that carries its SVG, with the alternative text it is given; the
same numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from sro_geo.cartography import palette

_FONT = 'font-family="sans-serif"'


def picture(body: str, width: int, height: int, label: str) -> str:
    """Return an SVG body as an ``<img>`` of its own width at most."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{body}</svg>'
    )
    source = quote(svg, safe="/:=' ()-,.")
    return (
        f'<img src="data:image/svg+xml,{source}" alt="{escape(label)}" '
        f'style="width:100%;max-width:{width}px;height:auto">'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    colour: str = palette.INK,
    size: int = 14,
) -> str:
    """Return a line of text of an SVG, escaped; (x, y) is on its base line."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" {_FONT}'
        f'{weight} fill="{colour}">{escape(words)}</text>'
    )


def columns(
    values: Sequence[float],
    names: Sequence[str],
    shown: Sequence[str],
    colours: Sequence[str],
    *,
    label: str,
    width: int = 620,
    height: int = 240,
) -> str:
    """Return upright bars: ``shown`` stands above each, ``names`` below."""
    top = max([*values, 1e-9])
    room, base = height - 60, height - 30
    step = width / max(len(values), 1)
    parts = [f'<path d="M0 {base}H{width}" stroke="{palette.INK}" stroke-width="1.2"/>']
    for i, value in enumerate(values):
        tall = room * value / top
        x = i * step + step * 0.12
        parts.append(
            f'<rect x="{x:.1f}" y="{base - tall:.1f}" width="{step * 0.76:.1f}" '
            f'height="{tall:.1f}" fill="{colours[i]}" stroke="{palette.INK}" stroke-width=".6"/>'
        )
        middle = i * step + step / 2
        parts.append(text(middle, base - tall - 6, shown[i], anchor="middle"))
        parts.append(text(middle, base + 18, names[i], anchor="middle", size=13))
    return picture("".join(parts), width, height, label)


def bars(
    values: Sequence[float],
    names: Sequence[str],
    shown: Sequence[str],
    *,
    highlighted: Sequence[bool],
    target: float | None = None,
    label: str,
    width: int = 620,
) -> str:
    """Return lying bars from 0 to 1 (shares), the target as an upright line."""
    row, left = 26, 150
    height = row * len(values) + 14
    room = width - left - 62
    parts = []
    for i, value in enumerate(values):
        y = i * row + 6
        colour = palette.ACCENT if highlighted[i] else "#3376a8"
        ink = palette.ACCENT if highlighted[i] else palette.INK
        parts.append(
            text(left - 10, y + 14, names[i], anchor="end", bold=highlighted[i], colour=ink)
        )
        parts.append(
            f'<rect x="{left}" y="{y}" width="{max(room * value, 0.5):.1f}" height="18" '
            f'fill="{colour}"/>'
        )
        parts.append(text(left + room * value + 7, y + 14, shown[i], colour=ink))
    if target is not None:
        x = left + room * target
        parts.append(
            f'<path d="M{x:.1f} 0V{height}" stroke="{palette.INK}" stroke-width="1.4" '
            'stroke-dasharray="4 3"/>'
        )
    return picture("".join(parts), width, height, label)


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    marked: float,
    x_words: str,
    y_shown: Sequence[str],
    label: str,
    width: int = 620,
    height: int = 240,
) -> str:
    """Return a rising curve of shares (0 to 1) over minutes, with one value marked."""
    left, base, room, tall = 44, height - 34, width - 66, height - 60
    low, high = min(xs), max(xs)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + room * (x - low) / max(high - low, 1e-9), base - tall * y

    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _, y = at(low, share)
        parts.append(f'<path d="M{left} {y:.1f}H{left + room}" stroke="#d5d9dd"/>')
        parts.append(
            text(left - 8, y + 5, f"{share:.0%}".replace("%", " %"), anchor="end", size=12)
        )
    points = [at(x, y) for x, y in zip(xs, ys, strict=True)]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    parts.append(f'<path d="M{line}" fill="none" stroke="#134f80" stroke-width="2.5"/>')
    for x, value, shown in zip(xs, ys, y_shown, strict=True):
        px, py = at(x, value)
        if x == marked:
            parts.append(
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="6" fill="{palette.ACCENT}" stroke="#fff" '
                'stroke-width="2"/>'
            )
            parts.append(
                text(px, py - 12, shown, anchor="middle", bold=True, colour=palette.ACCENT)
            )
        parts.append(text(px, base + 18, f"{x:g}", anchor="middle", size=12))
    parts.append(
        text(left + room, height - 2, x_words, anchor="end", size=12, colour=palette.INK_SOFT)
    )
    return picture("".join(parts), width, height, label)
