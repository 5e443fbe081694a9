"""A small map of the areas as a picture: pale fills, clear borders, names. No figures."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.cartography import palette

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
    for name, geometry in zip(drawn["name"], drawn.geometry, strict=True):
        spot = shapely.maximum_inscribed_circle(geometry, tolerance=20).coords[0]
        x, y = (spot[0] - west) * scale + margin, (north - spot[1]) * scale + margin
        layers.append(
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="17" font-weight="600" '
            f'fill="{palette.INK}" stroke="#fff" stroke-width="3.5" paint-order="stroke" '
            f'font-family="sans-serif">{escape(name)}</text>'
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
