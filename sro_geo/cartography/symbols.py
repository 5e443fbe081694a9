"""Shapes of the map symbols, drawn once and used by the canvas, in SVG and on paper.

Every shape lies around (0, 0) with y pointing down, about 8 units in radius; areas are
balanced by eye so that no shape looks heavier than another. One unit is one pixel on the
interactive map.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from urllib.parse import quote

from sro_geo.errors import SroError

CIRCLE_RADIUS = 7.2

# Corners of each shape; the circle has none and is drawn as two arcs.
CORNERS: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "triangle": ((0, -8.8), (8.2, 5.8), (-8.2, 5.8)),
        "square": ((-6.4, -6.4), (6.4, -6.4), (6.4, 6.4), (-6.4, 6.4)),
        "diamond": ((0, -9), (9, 0), (0, 9), (-9, 0)),
        "plus": (
            *((-2.9, -8.2), (2.9, -8.2), (2.9, -2.9), (8.2, -2.9), (8.2, 2.9), (2.9, 2.9)),
            *((2.9, 8.2), (-2.9, 8.2), (-2.9, 2.9), (-8.2, 2.9), (-8.2, -2.9), (-2.9, -2.9)),
        ),
        "pentagon": ((0, -8.4), (8, -2.6), (4.9, 6.8), (-4.9, 6.8), (-8, -2.6)),
        "triangle_down": ((-8.2, -5.8), (8.2, -5.8), (0, 8.8)),
        "star": (
            *((0, -9.8), (2.6, -3.6), (9.3, -3), (4.2, 1.4), (5.8, 7.9)),
            *((0, 4.4), (-5.8, 7.9), (-4.2, 1.4), (-9.3, -3), (-2.6, -3.6)),
        ),
    }
)
SHAPES: tuple[str, ...] = ("circle", *CORNERS)

# Room around a shape for its white casing.
_BOX = 24


def path(symbol: str) -> str:
    """Return the outline of ``symbol`` as SVG path data, which canvas ``Path2D`` reads too.

    Raises
    ------
    SroError
        ``symbol_unknown``, naming the shapes there are.
    """
    if symbol == "circle":
        r = f"{CIRCLE_RADIUS:g}"
        return f"M-{r} 0A{r} {r} 0 1 1 {r} 0A{r} {r} 0 1 1-{r} 0Z"
    if symbol not in CORNERS:
        raise SroError("symbol_unknown", symbol=symbol, known=", ".join(SHAPES))
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in CORNERS[symbol]) + "Z"


def svg(symbol: str, colour: str, *, size: int = 20) -> str:
    """Return a small picture of ``symbol`` in ``colour``, ``size`` pixels wide, white cased.

    It is hidden from screen readers: the text beside it names the group.
    """
    half = _BOX / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="{-half:g} {-half:g} {_BOX} {_BOX}" aria-hidden="true" focusable="false">'
        f'<path d="{path(symbol)}" fill="{escape(colour)}" stroke="#fff" stroke-width="3" '
        'stroke-linejoin="round" paint-order="stroke"/></svg>'
    )


def picture(symbol: str, colour: str, *, size: int = 20) -> str:
    """Return the same as an ``<img>`` that carries its SVG with it.

    Streamlit strips SVG elements from HTML; an image with a ``data:`` address stays.
    """
    source = quote(svg(symbol, colour, size=size), safe="/:=' ()-,.")
    return f'<img src="data:image/svg+xml,{source}" width="{size}" height="{size}" alt="">'
