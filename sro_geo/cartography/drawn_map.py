"""The map of a sheet with its labels and symbols, as every kind of sheet draws it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.area_labels import AreaLabel, place_labels
from sro_geo.cartography.label_search import Field
from sro_geo.cartography.map_view import (
    SYMBOL_RADIUS,
    SYMBOL_SCALE,
    Shapes,
    SymbolGroup,
    View,
    accents,
    area_shapes,
    borders,
    clip_of,
    clipped,
    drawn_symbols,
    edges,
    fills,
    fitted,
    ground_layers,
    moved_symbols,
    places_of,
    symbol_size,
)
from sro_geo.cartography.rates import (
    Scale,
    State,
    number,
)
from sro_geo.cartography.sheet import Box
from sro_geo.cartography.sheet_layout import Column, Layout
from sro_geo.cartography.sheet_panel import (
    Bar,
    ranking,
)
from sro_geo.cartography.sheet_parts import ground_colour, scale_bar
from sro_geo.i18n import t

# Distance of a label from the border, and from the thick one of a highlighted area.
_MARGIN, _MARKED_MARGIN, _NARROW_MARGIN = 3.5, 8.0, 2.0
_MANY = 30
# Room around an area shown alone, and how much of a neighbour is seen where it is named.
_AROUND, _NAMED = 30.0, 9000.0
# Radius of a circle in that of its area, and the least all circles are made smaller to.
_OF_AREA, _LEAST_SHARE = 0.36, 0.4


@dataclass(frozen=True)
class Drawn:
    """What is on a map: areas with names and figures, in one order."""

    names: tuple[str, ...]
    shapes: Shapes
    boxes: tuple[Box, ...]
    offers: Mapping[str, int]
    moved: bool
    circle_share: float = 1.0


def ratio_of(areas: gpd.GeoDataFrame) -> float:
    """Return height by width of the areas."""
    west, south, east, north = areas.total_bounds
    ratio = (north - south) / max(east - west, 1.0)
    return ratio if math.isfinite(ratio) else 0.7


def view_of(areas: gpd.GeoDataFrame, layout: Layout, near: Sequence[bool] = ()) -> View:
    """Return the view of all areas in the map's frame, or of those of ``near``."""
    bounds = (areas[np.array(near, bool)] if any(near) else areas).total_bounds
    if not np.isfinite(bounds).all():
        bounds = np.array([0.0, 0.0, 1000.0, 1000.0])
    return fitted(bounds, layout.frame, pad=_AROUND if any(near) else 14.0)


def _in_frame(shapes: Shapes, view: View, near: Sequence[bool]) -> Shapes:
    """Return what of the areas is seen; of the neighbours only what is large enough to name."""
    x0, y0, x1, y1 = view.frame
    seen = np.array(shapely.clip_by_rect(shapes, x0 + 8, y0 + 8, x1 - 8, y1 - 8))
    small = (shapely.area(seen) < _NAMED) & ~np.array(near, bool)
    seen[small] = shapely.Polygon()
    return seen


def _scale_bar(
    view: View, shapes: Shapes, language: str
) -> tuple[str, tuple[float, float, float, float]]:
    """Return the scale bar and its box: at the right, or at the left where fewer areas lie."""
    x0, _, x1, y1 = view.frame
    right = scale_bar(x1 - 12, y1 - 8, view.scale, 150, language)
    wide = right[1][2] - right[1][0]
    left = scale_bar(x0 + wide + 12, y1 - 8, view.scale, 150, language)
    on_city = [
        float(shapely.area(shapely.clip_by_rect(shapes, *box)).sum()) for _, box in (right, left)
    ]
    return left if on_city[1] + 200 < on_city[0] else right


def draw_areas(
    layout: Layout,
    areas: gpd.GeoDataFrame,
    colours: Sequence[str],
    labels: Sequence[tuple[str, bool, str]],
    highlighted: Sequence[bool],
    *,
    ground: gpd.GeoDataFrame | None,
    offers: pd.DataFrame | None = None,
    groups: Mapping[str, SymbolGroup] | None = None,
    circles: Sequence[float | None] | None = None,
    inner: str = "",
    near: Sequence[bool] = (),
    language: str = "de",
) -> Drawn:
    """Draw a map into ``layout``: ground, fills, borders, symbols, labels, scale bar.

    Parameters
    ----------
    colours
        Fill of each area.
    labels
        Figure of each area, whether it is but a word, and the colour it stands on.
    circles
        Radius of the circle of each area, None without one.
    inner
        Drawn above the fills and below the borders.
    near
        Areas the map is about: it shows them and a little around.
    """
    view = view_of(areas, layout, near)
    shapes = area_shapes(view, areas.geometry)
    layers = ground_layers(view, ground, crs=areas.crs)
    places = places_of(offers, areas.crs) if groups else places_of(None, areas.crs)
    points = shapely.get_coordinates(view.on_sheet(places.geometry.to_numpy()))
    x0, y0, x1, y1 = view.frame
    bar, bar_box = _scale_bar(view, shapes[np.array(near, bool)] if any(near) else shapes, language)
    names = tuple(
        str(n) if isinstance(n, str) and n.strip() else str(a)
        for n, a in zip(areas["name"], areas["area_id"], strict=True)
    )
    named = _in_frame(shapes, view, near) if any(near) else shapes
    radii = list(circles or [None] * len(names))
    share = _circle_share(shapes, radii)
    radii = [None if r is None else r * share for r in radii]
    size = symbol_size(len(points), view)
    radius = SYMBOL_RADIUS * size / SYMBOL_SCALE
    margin = _NARROW_MARGIN if len(names) > _MANY else _MARGIN
    own = [
        AreaLabel(
            str(a), n, figure, colour, quiet, _MARKED_MARGIN if mark else margin,
            0.0 if r is None else 2 * r + 3,
        )
        for a, n, (figure, quiet, colour), mark, r in zip(
            areas["area_id"], names, labels, highlighted, radii, strict=True
        )
    ]  # fmt: skip
    inside = (x0 + 3, y0 + 3, x1 - 3, y1 - 3)
    round_ones, with_room, taken = _circles(own, named, radii, inside, [bar_box])
    written, boxes, lines = place_labels(
        own,
        named,
        inside,
        taken=[bar_box, *taken],
        symbols=points,
        symbol_radius=radius,
        water=layers.water,
    )
    walls = [(b.x0 - 2, b.y0 - 2, b.x1 + 2, b.y1 + 2) for b in boxes]
    there = moved_symbols(
        points,
        shapes,
        [*walls, bar_box],
        view.frame,
        radius=radius,
        lines=lines,
        marked=highlighted,
    )
    body = "".join(
        [
            layers.below, fills(shapes, colours), inner, layers.above, borders(view, shapes),
            edges(shapes[np.array(near, bool)]) if any(near) else "",
            accents(shapes, highlighted),
            drawn_symbols(there, list(places["group"]), groups or {}, scale=size), written,
            # Above the lines to labels, which lead to them.
            _drawn_circles(round_ones, with_room, boxes, own), bar,
        ]
    )  # fmt: skip
    layout.defs.append(clip_of(view))
    layout.parts.append(clipped(body))
    layout.pointed(areas["area_id"], names, [figure for figure, _, _ in labels], named)
    found = places["group"].value_counts().to_dict()
    moved = bool(len(points)) and bool((np.hypot(*(there - points).T) > 0.5).any())
    return Drawn(names, shapes, boxes, {str(k): int(v) for k, v in found.items()}, moved, share)


def _circle_share(shapes: Shapes, radii: Sequence[float | None]) -> float:
    """Return what all circles are made smaller by, so that most leave room for a name."""
    drawn = np.array([r is not None and not s.is_empty for s, r in zip(shapes, radii, strict=True)])
    if not drawn.any():
        return 1.0
    wide = np.sqrt(shapely.area(shapes[drawn]) / math.pi)
    shares = _OF_AREA * wide / np.array([r for r in radii if r is not None])[: len(wide)]
    return float(np.clip(np.quantile(shares, 0.1), _LEAST_SHARE, 1.0))


def _circles(
    labels: Sequence[AreaLabel], shapes: Shapes, radii: Sequence[float | None],
    frame: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]],
) -> tuple[
    dict[str, tuple[float, float, float]], set[str], list[tuple[float, float, float, float]]
]:  # fmt: skip
    """Return (circle of each area in its widest part, areas with room for its name too, boxes
    of the circles of the others).
    """
    if not any(radii):
        return {}, set(), []
    _, named, _ = place_labels(labels, shapes, frame, taken=taken, lines=False, last=False)
    inside = {box.area_id for box in named}
    circles, boxes = {}, []
    for label, shape, radius in zip(labels, shapes, radii, strict=True):
        if radius is None or shape.is_empty:
            continue
        x, y = Field(shape).pole
        circles[label.area_id] = (x, y, radius)
        if label.area_id not in inside:
            boxes.append((x - radius, y - radius, x + radius, y + radius))
    return circles, inside, boxes


def _drawn_circles(
    circles: Mapping[str, tuple[float, float, float]],
    named: Collection[str],
    boxes: Sequence[Box],
    labels: Sequence[AreaLabel],
) -> str:
    """Return the circles: above the name where there is room for both, else as they are."""
    above = {label.area_id: label.above for label in labels}
    middle = {
        box.area_id: ((box.x0 + box.x1) / 2, box.y0 - above[box.area_id] / 2 - 1)
        for box in boxes
        if not box.leader and box.area_id in named
    }
    parts = []
    for area_id, (x, y, radius) in circles.items():
        x, y = middle.get(area_id, (x, y))
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{palette.CIRCLE}" '
            'stroke="#fff" stroke-width="1.8"/>'
        )
    return "".join(parts)


def marks(areas: gpd.GeoDataFrame, highlighted: Collection[str]) -> list[bool]:
    """Return which areas are highlighted."""
    chosen = {str(a) for a in highlighted}
    return [str(a) in chosen for a in areas["area_id"]]


def quiet_labels(
    shown: Sequence[str], states: Sequence[State], scale: Scale
) -> list[tuple[str, bool, str]]:
    """Return what :func:`draw_areas` writes on each area."""
    return [
        (words, isinstance(state, str), ground_colour(state, scale))
        for words, state in zip(shown, states, strict=True)
    ]


def offer_notes(drawn: Drawn, source: str, language: str) -> tuple[str, list[str]]:
    """Return (source with the note on moved symbols, sentence on the offers drawn)."""
    if not drawn.offers:
        return source, []
    count = number(sum(drawn.offers.values()), 0, language)
    note = f"{source} {t('sheets.moved_note', language)}" if drawn.moved else source
    return note, [t("sheets.drawn_offers", language, count=count)]


def ranking_column(
    bars: Sequence[Bar], beside_title: str, language: str, *, heading: str = ""
) -> list[Column]:
    """Return the column of the ranking, none without bars."""
    if not bars:
        return []

    def column(x: float, y: float, wide: float, bottom: float) -> tuple[str, float]:
        return ranking(
            x, y, wide, bottom, heading or t("sheets.ranking", language), bars,
            beside_title=beside_title, language=language,
        )  # fmt: skip

    return [column]
