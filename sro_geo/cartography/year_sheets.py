"""Small maps side by side for slides and pages: one for each year, in one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from sro_geo.cartography import palette
from sro_geo.cartography.area_labels import AreaLabel, place_labels
from sro_geo.cartography.drawn_map import ranking_column
from sro_geo.cartography.map_view import (
    Shapes,
    View,
    area_shapes,
    borders,
    clip_of,
    clipped,
    fills,
    fitted,
    ground_layers,
)
from sro_geo.cartography.rate_charts import ranked
from sro_geo.cartography.rates import Scale, State, rate_labels
from sro_geo.cartography.sheet import Box, MapSheet, Table
from sro_geo.cartography.sheet_layout import Layout
from sro_geo.cartography.sheet_panel import class_bars, class_entries, legend
from sro_geo.cartography.sheet_parts import (
    clean,
    fill_of,
    ground_colour,
    scale_bar,
    write,
)
from sro_geo.cartography.sheet_words import described
from sro_geo.cartography.text_widths import shortened, text_width
from sro_geo.i18n import t


@dataclass(frozen=True)
class YearSheet:
    """One year: its areas (they may differ from year to year), rates and states."""

    heading: str
    areas: gpd.GeoDataFrame
    rates: npt.NDArray[np.float64]
    states: tuple[State, ...]
    note: str = ""


def small_multiples(
    years: Sequence[YearSheet],
    scale: Scale,
    *,
    title: str,
    subtitle: str,
    legend_title: str,
    source: str,
    unit: tuple[str, str] | None = None,
    hidden: str = "",
    ground: gpd.GeoDataFrame | None = None,
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return one map for each year, all in the classes of one scale, figures on the areas.

    Only a figure that has room stands on its area; the table has all of them.
    """
    layout = Layout(size, title, subtitle, source, sample_note, 0.8, panel=330.0)
    x, y, wide, high = layout.frame
    ends = np.array([year.areas.total_bounds for year in years])
    box = [*ends[:, :2].min(axis=0), *ends[:, 2:].max(axis=0)]
    columns = _columns(len(years), wide / high, (box[3] - box[1]) / max(box[2] - box[0], 1.0))
    rows = -(-len(years) // columns)
    across, down = (wide - 14 * (columns - 1)) / columns, (high - 10 * (rows - 1)) / rows
    shown: list[tuple[str, ...]] = []
    boxes: list[Box] = []
    for k, year in enumerate(years):
        left, top = x + k % columns * (across + 14), y + k // columns * (down + 10)
        view = fitted(box, (left, top + 28, across, down - 28), pad=6)
        words = clean(year.heading)
        layout.parts.append(write(left, top + 19, words, 18, bold=True))
        gap = left + text_width(words, 18, bold=True) + 8
        note = shortened(clean(year.note), 14, max(left + across - gap, 0)) if year.note else ""
        if note:
            layout.parts.append(write(gap, top + 19, note, 14, colour=palette.INK_SOFT))
        shapes = area_shapes(view, year.areas.geometry)
        figures = rate_labels(scale.rounded(year.rates), year.states, scale, language)
        shown.append(figures)
        body, own = _small(view, year, shapes, figures, scale, ground)
        layout.defs.append(clip_of(view, f"map{k}"))
        layout.parts.append(clipped(body, f"map{k}"))
        boxes += own
        names = [f"{year.heading}, {name}" for name in year.areas["name"].astype(str)]
        layout.pointed(year.areas["area_id"], names, figures, shapes)
    states = [state for year in years for state in year.states]
    entries = [
        type(e)(e.fill, e.words, "", e.strong, e.outlined)
        for e in class_entries(
            scale, states, unit=unit, hidden=hidden, gap_rule="", language=language
        )
    ]

    def legends(x: float, y: float, wide: float, bottom: float) -> tuple[str, float]:
        svg, y = legend(x, y, wide, legend_title, entries)
        # One for all maps: they have one scale, and are too small for it.
        bar, box = scale_bar(0, 0, view.scale, 90, language)
        moved = f"translate({x - box[0] - 4:.1f} {y - box[1]:.1f})"
        return f'{svg}<g transform="{moved}">{bar}</g>', y + box[3] - box[1] + 6

    newest = years[-1]
    values = scale.rounded(newest.rates)
    bars = class_bars(
        [str(n) for n in newest.areas["name"]], values.tolist(), shown[-1], newest.states, scale,
        ranked([str(n) for n in newest.areas["name"]], values, newest.states),
        highlighted=[False] * len(newest.areas), beside=None,
    )  # fmt: skip
    heading = f"{t('sheets.ranking', language)} {clean(newest.heading)}"
    layout.columns(legends, *ranking_column(bars, "", language, heading=heading))
    alt = _years_alt(years, shown, scale, legend_title, language)
    table = _years_table(years, shown, unit[0] if unit else t("sheets.area", language))
    return layout.finished(alt=alt, table=table, boxes=tuple(boxes))


def _columns(count: int, frame: float, ratio: float) -> int:
    """Return how many maps stand side by side so that each is as large as can be."""
    return max(
        range(1, count + 1),
        key=lambda c: min(frame / c, 1 / (-(-count // c) * (ratio + 0.06))),
    )


def _small(
    view: View, year: YearSheet, shapes: Shapes, figures: Sequence[str], scale: Scale,
    ground: gpd.GeoDataFrame | None,
) -> tuple[str, list[Box]]:  # fmt: skip
    layers = ground_layers(view, ground, crs=year.areas.crs)
    colours = [fill_of(state, scale) for state in year.states]
    x0, y0, x1, y1 = view.frame
    labels = [
        AreaLabel(str(a), words, "", ground_colour(state, scale), isinstance(state, str), 2.0)
        for a, words, state in zip(year.areas["area_id"], figures, year.states, strict=True)
    ]
    words, boxes, _ = place_labels(
        labels, shapes, (x0, y0, x1, y1), water=layers.water, largest=0.95, lines=False
    )
    body = [layers.below, fills(shapes, colours), layers.above, borders(view, shapes, thin=0.6)]
    return "".join([*body, words]), list(boxes)


def _years_alt(
    years: Sequence[YearSheet],
    shown: Sequence[Sequence[str]],
    scale: Scale,
    about: str,
    language: str,
) -> str:
    says = [
        t("sheets.years", language, count=len(years), first=clean(years[0].heading),
          last=clean(years[-1].heading), what=clean(about))
    ]  # fmt: skip
    for year, words in zip(years, shown, strict=True):
        sentences = described(
            [str(n) for n in year.areas["name"]], scale.rounded(year.rates), words, year.states,
            about=about, highlighted=[False] * len(words), language=language, introduced=False,
        )  # fmt: skip
        says.append(f"{t('sheets.in_year', language, year=clean(year.heading))} {sentences}")
    return " ".join(says)


def _years_table(years: Sequence[YearSheet], shown: Sequence[Sequence[str]], unit: str) -> Table:
    """Return areas by row and years by column; an area that was not there has a dash."""
    names: dict[str, str] = {}
    cells: list[dict[str, str]] = []
    for year, words in zip(years, shown, strict=True):
        ids = year.areas["area_id"].astype(str).tolist()
        names |= dict(zip(ids, map(clean, year.areas["name"].astype(str)), strict=True))
        cells.append(dict(zip(ids, words, strict=True)))
    rows = tuple((name, *(own.get(a, "–") for own in cells)) for a, name in names.items())
    return Table((clean(unit), *(clean(year.heading) for year in years)), rows)
