"""Small multiples: one small map for each year, all in the classes of one scale.

Each year brings its own areas, so a series may run over several versions of the borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.rates import MISSING, SUPPRESSED, Scale, State

_MARGIN = 3.0
_HEADING = 24.0


@dataclass(frozen=True)
class YearMap:
    """The areas of one year with their states, in one order.

    Parameters
    ----------
    heading
        The year, as it is written above the map.
    areas
        Shapes in one projected CRS for all years, metres.
    note
        What changed since the map before ("other borders"), or empty.
    """

    heading: str
    areas: gpd.GeoSeries
    states: tuple[State, ...]
    note: str = ""


def small_maps(
    maps: Sequence[YearMap], scale: Scale, *, descriptions: Sequence[str], width: int = 190
) -> str:
    """Return HTML with one picture for each year, side by side as there is room.

    Parameters
    ----------
    descriptions
        Alternative text of each map: which year, and what it shows in a sentence.
    width
        Of one map in pixels.
    """
    frame = _frame(maps, width)
    figures = []
    for year, words in zip(maps, descriptions, strict=True):
        svg = _svg(_shapes(year, scale, frame), frame, words, heading=year.heading)
        note = f' <span style="color:{palette.INK_SOFT};font-weight:400">{escape(year.note)}</span>'
        figures.append(
            '<figure style="margin:0"><figcaption style="font-weight:700;margin-bottom:.2rem;'
            f'color:{palette.INK}">{escape(year.heading)}{note if year.note else ""}</figcaption>'
            f'<img src="data:image/svg+xml,{quote(svg, safe="/:= ()-,.")}" alt="{escape(words)}" '
            f'style="width:100%;max-width:{frame.wide:.0f}px;height:auto"></figure>'
        )
    return (
        '<div class="sro-small-maps" style="display:grid;gap:1rem .8rem;'
        f'grid-template-columns:repeat(auto-fit,minmax(min({width * 3 // 4}px,44%),1fr))">'
        f"{''.join(figures)}</div>"
    )


def small_maps_svg(
    maps: Sequence[YearMap], scale: Scale, *, title: str, description: str, width: int = 190
) -> str:
    """Return all years in one row as a single SVG with title and description, for paper."""
    frame = _frame(maps, width)
    step = frame.wide + 14
    parts = [
        f'<g transform="translate({i * step:.1f} {_HEADING:g})">'
        f'<text x="{_MARGIN:g}" y="-8" font-size="15" font-weight="700" fill="{palette.INK}" '
        f'font-family="sans-serif">{escape(year.heading)}'
        f'<tspan font-weight="400" fill="{palette.INK_SOFT}"> {escape(year.note)}</tspan></text>'
        f"{_shapes(year, scale, frame)}</g>"
        for i, year in enumerate(maps)
    ]
    wide = max(step * len(maps) - 14, 1.0)
    row = _Frame(frame.west, frame.north, frame.scale, wide, frame.high + _HEADING)
    return _svg("".join(parts), row, description, heading=title)


@dataclass(frozen=True)
class _Frame:
    """Corner in metres, pixels a metre, size in pixels: the same for every year."""

    west: float
    north: float
    scale: float
    wide: float
    high: float


def _frame(maps: Sequence[YearMap], width: int) -> _Frame:
    boxes = [m.areas.total_bounds for m in maps if m.areas.notna().any()]
    if not boxes:
        return _Frame(0.0, 0.0, 1.0, float(width), 1.0)
    west, south = np.min([b[:2] for b in boxes], axis=0)
    east, north = np.max([b[2:] for b in boxes], axis=0)
    scale = (width - 2 * _MARGIN) / max(east - west, 1.0)
    return _Frame(west, north, scale, float(width), (north - south) * scale + 2 * _MARGIN)


def _shapes(year: YearMap, scale: Scale, frame: _Frame) -> str:
    """Return the areas as paths: fills first, white casing and dark border above."""
    shapes = year.areas.to_numpy()
    if len(shapes) != len(year.states):
        raise ValueError(f"{len(shapes)} areas, but {len(year.states)} states")
    known = np.array([s is not None and not s.is_empty for s in shapes], bool)
    thin = shapes.copy()
    if known.any():
        # All at once, so that neighbours keep one border.
        step = 0.6 / frame.scale
        whole = shapes[known]
        thin[known] = (
            shapely.coverage_simplify(whole, step)
            if shapely.coverage_is_valid(whole)
            else shapely.simplify(whole, step)
        )
    paths = [_path(s, frame) if k else "" for s, k in zip(thin, known, strict=True)]
    fills = {SUPPRESSED: "url(#hidden)", MISSING: "url(#missing)"}
    parts = [
        f'<path d="{d}" fill="{fills[s] if isinstance(s, str) else scale.colours[s]}" '
        'fill-rule="evenodd"/>'
        for d, s in zip(paths, year.states, strict=True)
        if d
    ]
    border = "".join(paths)
    parts += [
        f'<path d="{border}" fill="none" stroke="{colour}" stroke-width="{wide}" '
        'stroke-linejoin="round"/>'
        for colour, wide in ((palette.CASING, 1.8), (palette.INK, 0.6))
    ]
    return "".join(parts)


def _path(shape: shapely.Geometry, frame: _Frame) -> str:
    out = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            xy = shapely.get_coordinates(ring)[:-1]
            x = (xy[:, 0] - frame.west) * frame.scale + _MARGIN
            y = (frame.north - xy[:, 1]) * frame.scale + _MARGIN
            out.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)) + "Z")
    return "".join(out)


def _svg(body: str, frame: _Frame, description: str, *, heading: str) -> str:
    """Return the body with title, description and the patterns of what has no figure."""
    size = f"{frame.wide:.0f} {frame.high:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{frame.wide:.0f}" '
        f'height="{frame.high:.0f}" role="img"><title>{escape(heading)}</title>'
        f"<desc>{escape(description)}</desc><defs>"
        '<pattern id="hidden" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="5" height="5" fill="{palette.NO_FIGURE}"/>'
        f'<path d="M0 0V5" stroke="{palette.HATCH}" stroke-width="2"/></pattern>'
        '<pattern id="missing" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<rect width="5" height="5" fill="{palette.MISSING}"/>'
        f'<circle cx="2.5" cy="2.5" r=".8" fill="{palette.MISSING_DOTS}"/></pattern></defs>'
        f"{body}</svg>"
    )
