"""Pieces every sheet is made of: text, paths, patterns, head and foot, scale bar, arrow."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.rates import MISSING, SUPPRESSED, Scale, State, number
from sro_geo.cartography.text_widths import FONTS, shortened, text_width, wrapped
from sro_geo.i18n import t

# Stands for the sheet's own key in ids, so that several sheets fit on one page.
_KEY = "\ue000"
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000\ufffe\uffff]")


def clean(words: str) -> str:
    """Return what people typed on one line, without what an SVG must not hold."""
    return " ".join(_UNWRITABLE.sub(" ", words).split())


def write(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = palette.INK,
    anchor: str = "start",
    halo: str = "",
    halo_width: float = 4.0,
) -> str:
    """Return a line of text, escaped; (x, y) is on its base line."""
    look = ' font-weight="700"' if bold else ""
    if anchor != "start":
        look += f' text-anchor="{anchor}"'
    if halo:
        look += (
            f' stroke="{halo}" stroke-width="{halo_width:g}" stroke-linejoin="round" '
            'paint-order="stroke"'
        )
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"'
    return f'<text {place} fill="{colour}"{look}>{escape(words)}</text>'


def path_data(shape: shapely.Geometry) -> str:
    """Return polygons and lines in units of the sheet as path data."""
    out: list[str] = []
    for part in shapely.get_parts(shape):
        kind = part.geom_type
        if kind == "Polygon":
            for ring in (part.exterior, *part.interiors):
                out.append(_points(shapely.get_coordinates(ring)[:-1]) + "Z")
        elif kind in ("LineString", "LinearRing"):
            out.append(_points(shapely.get_coordinates(part)))
        elif hasattr(part, "geoms"):
            out.append(path_data(part))
    return "".join(piece for piece in out if len(piece) > 1)


def _points(xy: npt.NDArray[np.float64]) -> str:
    if not len(xy):
        return ""
    flat = np.round(xy, 1).tolist()
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in flat)


def drawn(
    data: str, *, fill: str = "none", stroke: str = "", width: float = 1.0, more: str = ""
) -> str:
    """Return a path element; nothing for no path."""
    if not data:
        return ""
    line = f' stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round"' if stroke else ""
    rule = ' fill-rule="evenodd"' if fill != "none" else ""
    return f'<path d="{data}" fill="{fill}"{rule}{line}{f" {more}" if more else ""}/>'


def rectangle(
    x: float, y: float, wide: float, high: float, fill: str, *, stroke: str = "", width: float = 0.8
) -> str:
    """Return a rectangle."""
    line = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke else ""
    size = f'width="{max(wide, 0):.1f}" height="{max(high, 0):.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}"{line}/>'


def own_id(name: str) -> str:
    """Return an id that is the sheet's own; :func:`sheet_svg` fills in its key."""
    return f"{_KEY}{name}"


def fill_of(state: State, scale: Scale) -> str:
    """Return the fill of an area: the colour of its class, hatched or dotted."""
    if state == SUPPRESSED:
        return f"url(#{own_id('hidden')})"
    if state == MISSING or isinstance(state, str):
        return f"url(#{own_id('missing')})"
    return scale.colours[state]


def ground_colour(state: State, scale: Scale) -> str:
    """Return the colour text stands on."""
    if isinstance(state, str):
        return palette.NO_FIGURE if state == SUPPRESSED else palette.MISSING
    return scale.colours[state]


def patterns() -> str:
    """Return hatching for hidden figures, dots for missing ones, stripes for what moves."""
    return (
        f'<pattern id="{own_id("hidden")}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{palette.NO_FIGURE}"/>'
        f'<path d="M0 0V7" stroke="{palette.HATCH}" stroke-width="2.4"/></pattern>'
        f'<pattern id="{own_id("missing")}" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<rect width="7" height="7" fill="{palette.MISSING}"/>'
        f'<circle cx="3.5" cy="3.5" r="1" fill="{palette.MISSING_DOTS}"/></pattern>'
        f'<pattern id="{own_id("moved")}" width="9" height="9" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(-45)"><path d="M0 0V9" stroke="{palette.ACCENT}" '
        'stroke-width="4.2"/></pattern>'
    )


def sheet_svg(
    body: str, width: float, height: float, *, title: str, alt: str, defs: str = ""
) -> str:
    """Return the whole sheet; its ids are its own, so that several stand in one document."""
    key = f"s{hashlib.sha256(body.encode()).hexdigest()[:8]}-"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" font-family="{FONTS}">'
        f"<title>{escape(clean(title))}</title><desc>{escape(clean(alt))}</desc>"
        f"<defs>{patterns()}{defs}</defs>"
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>{body}</svg>'
    )
    return svg.replace(_KEY, key)


def head(title: str, subtitle: str, x: float, wide: float) -> tuple[str, float]:
    """Return (headline with its accent and subtitle, height); nothing for no words at all.

    A long headline gets smaller, then a second line, then an ellipsis.
    """
    title, subtitle = clean(title), clean(subtitle)
    if not title and not subtitle:
        return "", 0.0
    parts = [rectangle(x, 18, 57, 5, palette.ACCENT)]
    y = 24.0
    for size, most in ((38.0, 1), (34.0, 1), (29.0, 2)):
        lines = wrapped(title, size, wide, bold=True, most=most)
        if not lines or " ".join(lines) == title:
            break
    for line in lines:
        y += size * 1.18
        parts.append(write(x, y - size * 0.1, line, size, bold=True))
    if subtitle:
        size = 22.0 if text_width(subtitle, 22) <= wide else 18.0
        y += size * 1.5
        parts.append(
            write(
                x, y - size * 0.22, shortened(subtitle, size, wide), size, colour=palette.INK_SOFT
            )
        )
    return "".join(parts), y + 10


def foot(
    source: str, sample_note: str, wide: float, size: float = 14.0
) -> tuple[tuple[str, ...], float]:
    """Return (lines of the source, height)."""
    words = clean(" ".join(part for part in (clean(source), clean(sample_note)) if part))
    lines = wrapped(words, size, wide, most=3)
    return lines, (len(lines) * size * 1.3 + 14) if lines else 14.0


def foot_text(lines: Sequence[str], x: float, y: float, size: float = 14.0) -> str:
    """Return the lines of the source, the last one on ``y``."""
    count = len(lines)
    return "".join(
        write(x, y - (count - 1 - i) * size * 1.3, line, size, colour=palette.INK_SOFT)
        for i, line in enumerate(lines)
    )


def scale_bar(
    right: float, bottom: float, pixels_per_metre: float, most: float, language: str
) -> tuple[str, tuple[float, float, float, float]]:
    """Return (scale bar with north arrow that ends at ``right``, its box)."""
    length = 1.0
    for power in range(7):
        for m in (1, 2, 5):
            if m * 10**power * pixels_per_metre <= most:
                length = float(m * 10**power)
    wide = length * pixels_per_metre
    kilometres = length >= 1000
    value = length / 1000 if kilometres else length
    unit = t("sheets.km" if kilometres else "sheets.metres", language)
    half = value / 2
    arrow = 34.0
    left = right - arrow - wide - 18
    y = bottom - 10
    parts = [
        rectangle(left, y - 6, wide / 2, 6, palette.INK, stroke=palette.INK),
        rectangle(left + wide / 2, y - 6, wide / 2, 6, "#ffffff", stroke=palette.INK),
    ]
    says = [(0.0, "0"), (wide, f"{number(value, 0, language)} {unit}")]
    if wide > 90:
        says.insert(1, (wide / 2, number(half, 0 if half.is_integer() else 1, language)))
    size = 14.0
    for offset, words in says:
        parts.append(write(left + offset, y - 12, words, size, anchor="middle", halo="#ffffff"))
    x = right - 16
    parts.append(
        f'<path d="M{x:.1f} {y - 26:.1f}l9 26l-9-6l-9 6Z" '
        f'fill="{palette.INK}" stroke="#fff" stroke-width="1.5" paint-order="stroke"/>'
    )
    parts.append(write(x, y - 31, "N", 14, bold=True, anchor="middle", halo="#ffffff"))
    says_wide = max(text_width(says[-1][1], size) / 2, 8)
    right_edge = max(right, left + wide + says_wide)
    return "".join(parts), (left - 10, y - 46, right_edge, bottom)
