"""Maps side by side for slides and pages: before and after a proposal."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.area_labels import AreaLabel, place_labels
from sro_geo.cartography.map_view import (
    View,
    area_shapes,
    clip_of,
    clipped,
    fills,
    fitted,
    ground_layers,
    outline,
)
from sro_geo.cartography.rates import number
from sro_geo.cartography.sheet import Box, MapSheet, Table
from sro_geo.cartography.sheet_layout import Layout
from sro_geo.cartography.sheet_parts import (
    clean,
    drawn,
    own_id,
    path_data,
    rectangle,
    scale_bar,
    write,
)
from sro_geo.cartography.text_widths import shortened, text_width, wrapped
from sro_geo.i18n import t

# Fills of the areas a proposal concerns; the rest has none.
CONCERNED = ("#f2cf9b", "#b9d3e4", "#cfe0c0", "#e0cfe6", "#f0d5d0", "#d5e6e4")
_HEADING = 34.0


@dataclass(frozen=True)
class Comparison:
    """One figure before and after, as it is written: of whom, what, old, new, difference."""

    name: str
    what: str
    old: str
    new: str
    difference: str


def before_after(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    concerned: Collection[str],
    title: str,
    subtitle: str,
    source: str,
    headings: tuple[str, str] | None = None,
    figures: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
    note: str = "",
    comparisons: Sequence[Comparison] = (),
    ground: gpd.GeoDataFrame | None = None,
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return two maps of one extent: what moves is hatched, the old border dashed.

    Parameters
    ----------
    before, after
        ``area_id``, ``name``, ``geometry`` in one projected CRS, metres.
    concerned
        Areas that lose or gain, by ``area_id``; the maps show them and a little around.
    figures
        What is written below the names, before and after, by ``area_id``.
    note
        What moves, in words with an arrow ("610 junge Menschen wechseln").
    comparisons
        Beside the maps: at most four are drawn, the table has all.
    """
    chosen = [str(a) for a in before["area_id"] if str(a) in {str(c) for c in concerned}]
    chosen += [str(a) for a in after["area_id"] if str(a) in set(map(str, concerned)) - set(chosen)]
    heads = headings or (t("sheets.today", language), t("sheets.proposal", language))
    layout = Layout(size, title, subtitle, source, sample_note, 0.58, panel=176.0)
    x, y, wide, high = layout.frame
    each = (wide - 20) / 2
    both = (before, after)
    bounds = np.array(
        [f.total_bounds for f in (_own(b, chosen) for b in both) if len(f)] or [before.total_bounds]
    )
    box = [*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)]
    moved = _moved(before, after, chosen)
    boxes: list[Box] = []
    for k, areas in enumerate(both):
        left = x + k * (each + 20)
        words = shortened(clean(heads[k]), 22, each, bold=True)
        layout.parts.append(write(left, y + 20, words, 22, bold=True))
        view = fitted(box, (left, y + _HEADING, each, high - _HEADING), pad=52)
        svg, own = _half(
            view, areas, chosen, figures[k], ground, moved if k else None, before,
            note if k else "", language,
        )  # fmt: skip
        layout.defs.append(clip_of(view, f"map{k}"))
        layout.parts.append(clipped(svg, f"map{k}"))
        boxes += own
        shown = _own(areas, chosen)
        ids = shown["area_id"].astype(str).tolist()
        layout.pointed(
            ids,
            [f"{heads[k]}, {name}" for name in shown["name"].astype(str)],
            [figures[k].get(a, "") for a in ids],
            area_shapes(view, shown.geometry),
        )
    layout.columns(
        *([partial(_figures, comparisons=comparisons)] if comparisons else []),
        partial(_lines, language=language),
    )
    names = dict(zip(after["area_id"].astype(str), after["name"].astype(str), strict=True))
    names |= dict(zip(before["area_id"].astype(str), before["name"].astype(str), strict=True))
    says = [
        t("sheets.before_after", language, first=clean(heads[0]), second=clean(heads[1]),
          what=clean(subtitle or title)),
        *(t("sheets.moves", language, old=clean(names[a]), new=clean(names[b]),
            size=number(area / 10_000, 1, language))
          for a, b, area in _flows(before, after, chosen)),
        *([f"{clean(note)}."] if clean(note) else []),
        *(f"{clean(c.name)}, {clean(c.what)}: {clean(c.old)} → {clean(c.new)} "
          f"({clean(c.difference)})." for c in comparisons),
    ]  # fmt: skip
    header = ("area", "what_column", "before_column", "after_column", "difference_column")
    table = Table(
        tuple(t(f"sheets.{h}", language) for h in header),
        tuple(tuple(map(clean, (c.name, c.what, c.old, c.new, c.difference))) for c in comparisons),
    )
    if not comparisons:
        rows = [
            (clean(names[a]), "", clean(figures[0].get(a, "")), clean(figures[1].get(a, "")), "")
            for a in chosen
        ]
        table = Table(table.header, tuple(rows))
    return layout.finished(alt=" ".join(says), table=table, boxes=tuple(boxes))


def _own(areas: gpd.GeoDataFrame, chosen: Sequence[str]) -> gpd.GeoDataFrame:
    return areas[areas["area_id"].astype(str).isin(chosen)]


def _by_id(areas: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    pairs = zip(areas["area_id"].astype(str), areas.geometry, strict=True)
    return {a: s for a, s in pairs if s is not None and not s.is_empty}


def _moved(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, chosen: Sequence[str]
) -> shapely.Geometry:
    """Return what belongs to another area after than before; slivers count as nothing."""
    old, new = _by_id(before), _by_id(after)
    gained = [shapely.difference(new[a], old.get(a, shapely.Polygon())) for a in chosen if a in new]
    return shapely.union_all(gained).buffer(-1.0).buffer(1.0)


def _flows(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, chosen: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return (from, to, square metres) of what moves between the areas concerned."""
    old, new = _by_id(before), _by_id(after)
    out = []
    for a in chosen:
        for b in chosen:
            if a != b and a in old and b in new:
                area = shapely.intersection(old[a], new[b]).area
                if area > 500.0:
                    out.append((a, b, float(area)))
    return out


def _half(
    view: View,
    areas: gpd.GeoDataFrame,
    chosen: Sequence[str],
    figures: Mapping[str, str],
    ground: gpd.GeoDataFrame | None,
    moved: shapely.Geometry | None,
    before: gpd.GeoDataFrame,
    note: str,
    language: str,
) -> tuple[str, list[Box]]:
    """Return (one of the two maps, its label boxes); ``moved`` only on the second."""
    layers = ground_layers(view, ground, crs=areas.crs)
    shapes = area_shapes(view, areas.geometry)
    ids = areas["area_id"].astype(str).tolist()
    at = [i for i, a in enumerate(ids) if a in chosen]
    own = shapes[at]
    colours = [CONCERNED[chosen.index(ids[i]) % len(CONCERNED)] for i in at]
    rest = "".join(path_data(s) for i, s in enumerate(shapes) if i not in at)
    edge = "".join(path_data(s) for s in own)
    parts = [
        layers.below, fills(own, colours, more='fill-opacity=".88"'), layers.above,
        drawn(rest, stroke="#7b8691", width=1.3),
    ]  # fmt: skip
    x0, y0, x1, y1 = view.frame
    bar, bar_box = scale_bar(x1 - 10, y1 - 6, view.scale, 110, language)
    taken = [bar_box] if moved is not None else []
    room = own
    strip = shapely.Polygon()
    dashes = ""
    if moved is not None and not moved.is_empty:
        strip = view.on_sheet(np.array([moved], object))[0]
        taken += _cells(strip)
        parts.append(drawn(path_data(strip), fill=f"url(#{own_id('moved')})"))
        lines = shapely.union_all(
            shapely.boundary(area_shapes(view, _own(before, chosen).geometry))
        )
        old = shapely.difference(lines, shapely.buffer(shapely.union_all(shapely.boundary(own)), 2))
        # In one piece, so that the dashes do not begin anew at every corner.
        old = shapely.line_merge(old) if old.geom_type == "MultiLineString" else old
        dashes = drawn(path_data(old), stroke="#ffffff", width=5) + drawn(
            path_data(old), stroke=palette.INK, width=2.6, more='stroke-dasharray="9 6"'
        )
        room = shapely.difference(own, strip.buffer(3))
    parts += [
        drawn(edge, stroke="#ffffff", width=8), drawn(edge, stroke=palette.INK, width=3.4), dashes,
    ]  # fmt: skip
    arrow = ""
    if note and not strip.is_empty:
        arrow, on_arrow = _note(view, strip, outline(own), note)
        taken += on_arrow
    words, boxes, _ = place_labels(
        [AreaLabel(ids[i], str(areas["name"].iloc[i]), clean(figures.get(ids[i], "")), c, True, 7.0)
         for i, c in zip(at, colours, strict=True)],
        room, (x0 + 3, y0 + 3, x1 - 3, y1 - 3), taken=taken, water=layers.water, largest=1.15,
    )  # fmt: skip
    parts += [words, arrow, bar if moved is not None else ""]
    return "".join(parts), list(boxes)


def _cells(strip: shapely.Geometry, size: float = 12.0) -> list[tuple[float, float, float, float]]:
    """Return the strip as small boxes, so that no label beside its area lies on it."""
    west, north, east, south = strip.bounds
    x, y = np.meshgrid(np.arange(west, east, size), np.arange(north, south, size))
    x, y = x.ravel() + size / 2, y.ravel() + size / 2
    inside = shapely.contains_xy(strip, x, y)
    half = size / 2
    return [
        (a - half, b - half, a + half, b + half)
        for a, b in zip(x[inside].tolist(), y[inside].tolist(), strict=True)
    ]


def _note(
    view: View, strip: shapely.Geometry, city: shapely.Geometry, note: str
) -> tuple[str, list[tuple[float, float, float, float]]]:
    """Return (words in a free corner with an arrow to the strip, boxes around both)."""
    size = 19.0
    lines = wrapped(clean(note), size, view.wide * 0.42, bold=True, most=3)
    wide = max(text_width(line, size, bold=True) for line in lines)
    high = len(lines) * size * 1.25
    x0, y0, x1, y1 = view.frame
    largest = max(shapely.get_parts(strip), key=lambda p: p.area)
    end = shapely.get_point(shapely.maximum_inscribed_circle(largest, 1.0), 0)
    corners = [
        (x, y)
        for x in (x1 - wide / 2 - 16, x0 + wide / 2 + 16)
        for y in (y0 + high / 2 + 14, (y0 + y1) / 2, y1 - high / 2 - 76)
    ]

    def cost(spot: tuple[float, float]) -> float:
        x, y = spot
        box = shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        return float(
            city.intersection(box).area / box.area * 900 + math.hypot(x - end.x, y - end.y)
        )

    x, y = min(corners, key=cost)
    parts = []
    below = end.y >= y
    start = (x, y + high / 2 + 6) if below else (x, y - high / 2 - 4)
    bend = (start[0] * 0.75 + end.x * 0.25, (start[1] + end.y * 3) / 4)
    turn = math.atan2(end.y - bend[1], end.x - bend[0])
    tip = [(end.x + 5 * math.cos(turn), end.y + 5 * math.sin(turn))]
    tip += [
        (end.x - 11 * math.cos(turn + side), end.y - 11 * math.sin(turn + side))
        for side in (0.45, -0.45)
    ]
    curve = f"M{start[0]:.1f} {start[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {end.x:.1f} {end.y:.1f}"
    head = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in tip) + "Z"
    for colour, thick in (("#ffffff", 6.5), (palette.ACCENT, 2.8)):
        parts.append(drawn(curve, stroke=colour, width=thick))
    parts.append(drawn(head, fill=palette.ACCENT, stroke="#ffffff", width=1.2))
    for i, line in enumerate(lines):
        base = y - high / 2 + (i + 0.8) * size * 1.25
        parts.append(
            write(x, base, line, size, bold=True, colour=palette.ACCENT, anchor="middle",
                  halo="#ffffff", halo_width=6)
        )  # fmt: skip
    way = np.linspace(0, 1, 24)[:, None]
    points = (
        (1 - way) ** 2 * start + 2 * way * (1 - way) * np.array(bend)
        + way**2 * np.array([end.x, end.y])
    )  # fmt: skip
    on_arrow = [(a - 4, b - 4, a + 4, b + 4) for a, b in points.tolist()]
    box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    return "".join(parts), [box, *on_arrow]


def _figures(
    x: float, y: float, wide: float, bottom: float, *, comparisons: Sequence[Comparison]
) -> tuple[str, float]:
    """Return the figures before and after, one below the other."""
    parts = []
    y += 20
    for one in comparisons[:4]:
        names = wrapped(clean(one.name), 18.0, wide, bold=True, most=2)
        if y + 110 + 20 * len(names) > bottom:
            break
        for words, size, bold, colour, down in (
            *((name, 18.0, True, palette.INK, 20.0) for name in names),
            (one.what, 15.0, False, palette.INK_SOFT, 22.0),
            (one.old, 18.0, False, palette.INK_SOFT, 30.0),
            (one.new, 24.0, True, palette.INK, 31.0),
            (one.difference, 17.0, True, palette.ACCENT, 28.0),
        ):
            short = shortened(clean(words), size, wide, bold=bold)
            parts.append(write(x, y, short, size, bold=bold, colour=colour))
            y += down
        y += 14
    return "".join(parts), y - 6


def _lines(x: float, y: float, wide: float, bottom: float, *, language: str) -> tuple[str, float]:
    """Return what hatching and lines mean."""
    y += 12
    parts = [
        rectangle(x, y, 34, 22, CONCERNED[1]), rectangle(x, y, 34, 22, f"url(#{own_id('moved')})"),
    ]  # fmt: skip
    names = ("changes_place", "old_border", "new_border")
    for i, name in enumerate(names):
        middle = y + 11 + i * 31
        parts.append(write(x + 44, middle + 5, t(f"sheets.{name}", language), 16))
        if i:
            dash = 'stroke-dasharray="9 6"' if i == 1 else ""
            line = f"M{x:.1f} {middle:.1f}h34"
            parts.append(drawn(line, stroke=palette.INK, width=2.6 if i == 1 else 3.4, more=dash))
    return "".join(parts), y + 31 * len(names)
