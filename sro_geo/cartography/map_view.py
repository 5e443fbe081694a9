"""The map on a sheet: where it lies, the ground, the areas with their borders, the symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sro_geo.cartography import palette, symbols
from sro_geo.cartography.sheet_parts import drawn, own_id, path_data, rectangle
from sro_geo.city import CategoryGroup
from sro_geo.i18n import name_of

Shapes = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

# Lines are drawn no finer than this, in units of the sheet.
_DETAIL = 0.5
SYMBOL_SCALE = 0.8
SYMBOL_RADIUS = 8.6
_ROADS = ("road", "main")


@dataclass(frozen=True)
class SymbolGroup:
    """A group of offers as it is drawn: what it is called, its shape and its colour."""

    name: str
    symbol: str
    colour: str = "#0b0b0b"


def symbol_groups(
    groups: Mapping[str, CategoryGroup], language: str = "de", *, coloured: bool = False
) -> dict[str, SymbolGroup]:
    """Return the groups of a city as they are drawn; without colours the shape alone tells."""
    return {
        key: SymbolGroup(
            name_of(group.names, language), group.symbol, group.colour if coloured else "#0b0b0b"
        )
        for key, group in groups.items()
    }


@dataclass(frozen=True)
class View:
    """The frame of a map on its sheet, and what it shows: metres times ``scale`` are units."""

    x: float
    y: float
    wide: float
    high: float
    west: float
    north: float
    scale: float

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom on the sheet."""
        return self.x, self.y, self.x + self.wide, self.y + self.high

    def on_sheet(self, shapes: Shapes) -> Shapes:
        """Return shapes in metres as shapes in units of the sheet."""
        return np.asarray(
            shapely.transform(
                shapes,
                lambda c: np.column_stack(
                    [
                        (c[:, 0] - self.west) * self.scale + self.x,
                        (self.north - c[:, 1]) * self.scale + self.y,
                    ]
                ),
            )
        )

    def metres(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the frame."""
        return (
            self.west, self.north - self.high / self.scale, self.west + self.wide / self.scale,
            self.north,
        )  # fmt: skip


def fitted(
    bounds: Sequence[float], frame: tuple[float, float, float, float], *, pad: float = 14.0
) -> View:
    """Return the view that shows ``bounds`` (metres) in the middle of ``frame`` (x, y, w, h)."""
    x, y, wide, high = frame
    west, south, east, north = (float(v) for v in bounds)
    scale = min(
        (wide - 2 * pad) / max(east - west, 1.0), (high - 2 * pad) / max(north - south, 1.0)
    )
    left = (west + east) / 2 - wide / scale / 2
    top = (north + south) / 2 + high / scale / 2
    return View(x, y, wide, high, left, top, scale)


def area_shapes(view: View, geometry: gpd.GeoSeries) -> Shapes:
    """Return the areas on the sheet, thinned together so that neighbours keep one border."""
    shapes = view.on_sheet(geometry.to_numpy())
    known = np.array([s is not None and not s.is_empty for s in shapes], bool)
    whole = shapes[known]
    if len(whole):
        thin = (
            shapely.coverage_simplify(whole, _DETAIL)
            if shapely.coverage_is_valid(whole)
            else shapely.simplify(whole, _DETAIL / 2)
        )
        shapes[known] = np.where(shapely.is_valid(thin), thin, shapely.make_valid(thin))
    shapes[~known] = shapely.Polygon()
    return shapes


def outline(shapes: Shapes) -> shapely.Geometry:
    """Return the outer edge of all areas together."""
    return shapely.union_all(shapely.buffer(shapes[~shapely.is_empty(shapes)], 0.15, quad_segs=1))


@dataclass(frozen=True)
class GroundLayers:
    """What lies below and above the fills, and the water labels should keep off."""

    below: str
    above: str
    water: shapely.Geometry


def ground_layers(view: View, ground: gpd.GeoDataFrame | None, *, crs: Any = None) -> GroundLayers:
    """Return the ground: all of it below the fills, ways and water thinly above them again."""
    below = [rectangle(view.x, view.y, view.wide, view.high, palette.LAND)]
    above: list[str] = []
    water: shapely.Geometry = shapely.Polygon()
    if ground is None or ground.empty:
        return GroundLayers("".join(below), "", water)
    if crs is not None and ground.crs is not None and ground.crs != crs:
        ground = ground.to_crs(crs)
    west, south, east, north = view.metres()
    edge = 20 / view.scale
    shapes = shapely.clip_by_rect(
        ground.geometry.to_numpy(), west - edge, south - edge, east + edge, north + edge
    )
    there = np.array([s is not None and not s.is_empty for s in shapes], bool)
    kinds = ground["kind"].to_numpy()[there]
    shapes = shapely.simplify(view.on_sheet(shapes[there]), _DETAIL)
    dimension = shapely.get_dimensions(shapes)

    def data(names: Sequence[str], dimensions: int) -> str:
        chosen = shapes[np.isin(kinds, names) & (dimension == dimensions)]
        return "".join(path_data(shape) for shape in chosen)

    lakes, rivers = data(["water"], 2), data(["water"], 1)
    roads, rails = data(_ROADS, 1), data(["rail"], 1)
    below += [
        drawn(data(["green"], 2), fill=palette.GREEN),
        drawn(roads, stroke=palette.ROAD_EDGE, width=3.8),
        drawn(roads, stroke=palette.ROAD, width=2.6),
        drawn(lakes, fill=palette.WATER),
        drawn(rivers, stroke=palette.WATER, width=5),
        drawn(rails, stroke=palette.RAIL, width=1.6),
    ]
    above = [
        drawn(lakes, fill=palette.WATER, more='opacity=".9"'),
        drawn(rivers, stroke=palette.WATER, width=4, more='opacity=".9"'),
        drawn(roads, stroke=palette.ROAD, width=2, more='opacity=".5"'),
        drawn(rails, stroke=palette.RAIL, width=1.6, more='opacity=".75"'),
        drawn(
            rails, stroke="#ffffff", width=0.9, more='stroke-dasharray="4 3" opacity=".85"'
        ),
    ]  # fmt: skip
    wet = shapes[kinds == "water"]
    if len(wet):
        wide = np.where(shapely.get_dimensions(wet) == 1, 2.5, 0.0)
        water = shapely.union_all(
            [s.buffer(w) if w else shapely.make_valid(s) for s, w in zip(wet, wide, strict=True)]
        )
    return GroundLayers("".join(below), "".join(above), water)


def clip_of(view: View, name: str = "map") -> str:
    """Return the definition that keeps a map inside its frame."""
    inner = rectangle(view.x, view.y, view.wide, view.high, "#000")
    return f'<clipPath id="{own_id(name)}">{inner}</clipPath>'


def clipped(body: str, name: str = "map") -> str:
    """Return the body kept inside the frame of :func:`clip_of`."""
    return f'<g clip-path="url(#{own_id(name)})">{body}</g>'


def fills(shapes: Shapes, colours: Sequence[str], *, more: str = "") -> str:
    """Return the areas in their fills."""
    return "".join(
        drawn(path_data(shape), fill=colour, more=more)
        for shape, colour in zip(shapes, colours, strict=True)
    )


def borders(view: View, shapes: Shapes, *, veil: bool = True, thin: float = 0.75) -> str:
    """Return a veil outside the city, borders on white, and the strong outer edge."""
    inner = "".join(path_data(shape) for shape in shapes)
    edge = path_data(outline(shapes)) if len(shapes) else ""
    x0, y0, x1, y1 = view.frame
    parts = []
    if veil and edge:
        around = f"M{x0:g} {y0:g}H{x1:g}V{y1:g}H{x0:g}Z{edge}"
        parts.append(drawn(around, fill="#ffffff", more='opacity=".45"'))
    parts += [
        drawn(edge, stroke=palette.CASING, width=6.5, more='opacity=".9"'),
        drawn(inner, stroke=palette.CASING, width=thin * 3.8),
        drawn(inner, stroke=palette.INK, width=thin),
        drawn(edge, stroke=palette.INK, width=max(2.2, thin * 2.6)),
    ]
    return "".join(parts)


def edges(shapes: Shapes) -> str:
    """Return the strong edge of areas that a map is about."""
    data = "".join(path_data(shape) for shape in shapes)
    return drawn(data, stroke=palette.CASING, width=8) + drawn(data, stroke=palette.INK, width=3)


def accents(shapes: Shapes, marked: Sequence[bool]) -> str:
    """Return the accent's border inside every marked area, so that two do not merge."""
    own = shapes[np.array(marked, bool)]
    inner = "".join(path_data(shape) for shape in shapely.buffer(own, -2.6, quad_segs=2))
    return drawn(inner, stroke=palette.CASING, width=8.6) + drawn(
        inner, stroke=palette.ACCENT, width=4.8
    )


def places_of(offers: pd.DataFrame | None, crs: Any) -> gpd.GeoDataFrame:
    """Return the offers that have a place, as points in ``crs``; protected ones have none.

    Points are taken from ``geometry`` or from ``lon`` and ``lat`` in degrees.
    """
    if offers is None or offers.empty:
        return gpd.GeoDataFrame({"group": []}, geometry=gpd.GeoSeries([], crs=crs))
    if isinstance(offers, gpd.GeoDataFrame):
        points = offers.geometry if offers.crs in (None, crs) else offers.to_crs(crs).geometry
    else:
        points = gpd.GeoSeries(
            gpd.points_from_xy(offers["lon"], offers["lat"]), crs=4326, index=offers.index
        ).to_crs(crs)
    known = points.notna() & ~points.is_empty
    return gpd.GeoDataFrame(
        {"group": offers["group"][known].astype(str)}, geometry=points[known], crs=crs
    )


def moved_symbols(
    points: Floats,
    shapes: Shapes,
    boxes: Sequence[tuple[float, float, float, float]],
    frame: tuple[float, float, float, float],
    *,
    radius: float = SYMBOL_RADIUS,
    lines: Sequence[tuple[float, float, float, float]] = (),
    marked: Sequence[bool] = (),
) -> Floats:
    """Return the places of symbols, each moved a little where a label or another one is.

    A symbol stays in its area; one without any room stays where it is.
    """
    out = points.copy()
    turns = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rings = np.array([6, 11, 16, 22, 29, 37, 46, 56, 68, 82], float)
    steps = np.vstack(
        [[[0.0, 0.0]]]
        + [np.column_stack([np.cos(turns + r), np.sin(turns + r)]) * r for r in rings]
    )
    walls = np.array([*boxes, *(dot for line in lines for dot in _dots(line))], float)
    walls = walls.reshape(-1, 4)
    tree = shapely.STRtree(shapes)
    thick = np.where(np.array(marked, bool), 6.0, 0.0) if len(marked) else 0.0
    inner = shapely.buffer(shapes, -(radius * 0.75 + thick))
    shapely.prepare(inner)
    done = np.empty((0, 2))
    for i, point in enumerate(points):
        tried = point + steps
        ok = (tried[:, 0] > frame[0] + radius) & (tried[:, 0] < frame[2] - radius)
        ok &= (tried[:, 1] > frame[1] + radius) & (tried[:, 1] < frame[3] - radius)
        own = tree.query(shapely.Point(point), predicate="intersects")
        if len(own) and not inner[own[0]].is_empty:
            ok &= shapely.contains_xy(inner[own[0]], tried[:, 0], tried[:, 1])
        if len(walls):
            r = radius * 0.85
            near = (tried[:, :1] > walls[:, 0] - r) & (tried[:, :1] < walls[:, 2] + r)
            near &= (tried[:, 1:] > walls[:, 1] - r) & (tried[:, 1:] < walls[:, 3] + r)
            ok &= ~near.any(axis=1)
        if len(done) and ok.any():
            apart = np.hypot(tried[:, :1] - done[:, 0], tried[:, 1:] - done[:, 1]).min(axis=1)
            for distance in (2.0, 1.3, 0.7):
                if (ok & (apart > distance * radius)).any():
                    ok &= apart > distance * radius
                    break
        if ok.any():
            out[i] = tried[int(np.argmax(ok))]
        done = np.vstack([done, out[i]])
    return out


def _dots(line: tuple[float, float, float, float]) -> list[tuple[float, float, float, float]]:
    """Return a line as small boxes one after the other."""
    x0, y0, x1, y1 = line
    way = np.linspace(0, 1, max(2, int(math.hypot(x1 - x0, y1 - y0) / 6)))
    return [
        (x - 1, y - 1, x + 1, y + 1)
        for x, y in zip(x0 + (x1 - x0) * way, y0 + (y1 - y0) * way, strict=True)
    ]


def symbol(group: SymbolGroup, x: float, y: float, *, scale: float = SYMBOL_SCALE) -> str:
    """Return one symbol in its white casing."""
    return (
        f'<path transform="translate({x:.1f} {y:.1f}) scale({scale:g})" '
        f'd="{symbols.path(group.symbol)}" fill="{group.colour}" stroke="#fff" '
        'stroke-width="3.6" stroke-linejoin="round" paint-order="stroke"/>'
    )


def drawn_symbols(
    points: Floats, keys: Sequence[str], groups: Mapping[str, SymbolGroup], *, scale: float
) -> str:
    """Return every symbol whose group is known, north to south."""
    order = np.argsort(points[:, 1], kind="stable").tolist()
    return "".join(
        symbol(groups[keys[i]], points[i, 0], points[i, 1], scale=scale)
        for i in order
        if keys[i] in groups
    )


def symbol_size(count: int, view: View) -> float:
    """Return the scale of the symbols: smaller where there are many for the map's size."""
    room = math.sqrt(view.wide * view.high / max(count, 1))
    return float(min(SYMBOL_SCALE, max(0.42, SYMBOL_SCALE * room / 62)))
