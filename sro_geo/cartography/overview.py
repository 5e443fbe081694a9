"""A small map of the areas as a picture: pale fills, clear borders, names. No figures."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.cartography import palette

# Height of a letter in the picture, pixels.
_LETTERS = 17
_FILLS = ("#e3ebf1", "#f1e9dd", "#e4ede0", "#ece4ee", "#f3e6e0", "#e0ecec")


def overview_map(
    areas: gpd.GeoDataFrame, upper: gpd.GeoDataFrame, *, label: str, width: int = 460
) -> str:
    """Return an ``<img>`` with the areas named on it; ``upper`` gets the stronger border.

    Parameters
    ----------
    areas, upper
        Columns ``name`` and ``geometry`` in one projected CRS, metres.
    label
        Alternative text.
    """
    drawn = areas[areas.geometry.notna()]
    if drawn.empty:
        return ""
    west, south, east, north = drawn.total_bounds
    scale = width / (east - west)
    height = (north - south) * scale
    margin = 8

    def outline(geometry: shapely.Geometry) -> str:
        simple = shapely.simplify(geometry, 0.8 / scale)
        parts = []
        for polygon in shapely.get_parts(simple):
            for ring in (polygon.exterior, *polygon.interiors):
                xy = shapely.get_coordinates(ring)
                px = np.column_stack([(xy[:, 0] - west), (north - xy[:, 1])]) * scale + margin
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in px[:-1]) + "Z")
        return "".join(parts)

    def shape(geometry: shapely.Geometry, fill: str, stroke: str, thick: float) -> str:
        return (
            f'<path d="{outline(geometry)}" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="{thick}" stroke-linejoin="round"/>'
        )

    layers = [
        shape(geometry, _FILLS[i % len(_FILLS)], "#ffffff", 2.2)
        for i, geometry in enumerate(drawn.geometry)
    ]
    layers += [shape(g, "none", palette.INK, 0.6) for g in drawn.geometry]
    layers += [shape(g, "none", palette.INK, 1.8) for g in upper.geometry if g is not None]
    names = _names(drawn, scale) or _names(upper[upper.geometry.notna()], scale)
    for name, spot in names:
        x, y = (spot[0] - west) * scale + margin, (north - spot[1]) * scale + margin
        layers.append(
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{_LETTERS}" '
            f'font-weight="600" fill="{palette.INK}" stroke="#fff" stroke-width="3.5" '
            f'paint-order="stroke" font-family="sans-serif">{escape(name)}</text>'
        )
    w, h = width + 2 * margin, height + 2 * margin
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0f} {h:.0f}" '
        f'width="{w:.0f}" height="{h:.0f}">{"".join(layers)}</svg>'
    )
    source = quote(svg, safe="/:=' ()-,.")
    return (
        f'<img src="data:image/svg+xml,{source}" alt="{escape(label)}" '
        f'style="width:100%;max-width:{w:.0f}px;height:auto">'
    )


def _names(areas: gpd.GeoDataFrame, scale: float) -> list[tuple[str, tuple[float, float]]]:
    """Return names with their places, nothing at all where too many would not fit."""
    out: list[tuple[str, tuple[float, float]]] = []
    boxes: list[shapely.Polygon] = []
    for name, geometry in zip(areas["name"], areas.geometry, strict=True):
        circle = shapely.maximum_inscribed_circle(geometry, tolerance=20)
        x, y = circle.coords[0]
        half = 0.3 * _LETTERS * len(name) / scale
        box = shapely.box(x - half, y - 0.3 * _LETTERS / scale, x + half, y + _LETTERS / scale)
        if not shapely.intersects(np.array(boxes, object), box).any():
            boxes.append(box)
            out.append((str(name), (x, y)))
    return out if len(out) >= 0.8 * len(areas) else []
