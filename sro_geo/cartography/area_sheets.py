"""Maps of figures by area for slides and pages: rates in classes, counts, changes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sro_geo.cartography import palette
from sro_geo.cartography.change_scale import ChangeScale
from sro_geo.cartography.drawn_map import (
    draw_areas,
    marks,
    offer_notes,
    quiet_labels,
    ranking_column,
    ratio_of,
)
from sro_geo.cartography.map_view import (
    SymbolGroup,
)
from sro_geo.cartography.rate_charts import ranked
from sro_geo.cartography.rates import (
    CircleScale,
    Scale,
    State,
    number,
    rate_labels,
    short_words,
)
from sro_geo.cartography.sheet import MapSheet
from sro_geo.cartography.sheet_layout import Layout
from sro_geo.cartography.sheet_panel import (
    Bar,
    Entry,
    circle_legend,
    class_bars,
    class_entries,
    counted,
    group_legend,
    legend,
    marked,
    without_figure,
)
from sro_geo.cartography.sheet_parts import fill_of, ground_colour
from sro_geo.cartography.sheet_words import described, tabled
from sro_geo.i18n import t


def area_map(
    areas: gpd.GeoDataFrame,
    rates: npt.ArrayLike,
    states: Sequence[State],
    scale: Scale,
    *,
    title: str,
    subtitle: str,
    legend_title: str,
    source: str,
    unit: tuple[str, str] | None = None,
    hidden: str = "",
    ground: gpd.GeoDataFrame | None = None,
    offers: pd.DataFrame | None = None,
    groups: Mapping[str, SymbolGroup] | None = None,
    highlighted: Collection[str] = (),
    gap_rule: str = "",
    with_ranking: bool = True,
    beside: Sequence[str] | None = None,
    beside_title: str = "",
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return a sheet of rates: areas in their classes, legend with counts, ranking bars.

    Parameters
    ----------
    areas
        Columns ``area_id``, ``name`` and ``geometry`` in a projected CRS, metres.
    rates, states, scale
        As in :mod:`sro_geo.cartography.rates`; what is hidden is never looked at.
    title, subtitle, source
        The finding; what is shown; where it comes from and of which day. Without title and
        subtitle the sheet begins with its map.
    unit
        One and many of what the areas are.
    hidden
        Words for hatched areas.
    offers, groups
        Offers with ``group`` and a place, drawn as the symbols of their groups.
    highlighted, gap_rule
        Areas of the accent, by ``area_id``, and the rule they were found by, in words.
    beside, beside_title
        A further figure for each area in the ranking, already written.
    """
    shown = rate_labels(scale.rounded(rates), states, scale, language)
    values = np.where([isinstance(s, str) for s in states], np.nan, scale.rounded(rates))
    marked_ones = marks(areas, highlighted)
    layout = Layout(size, title, subtitle, source, sample_note, ratio_of(areas))
    drawn = draw_areas(
        layout, areas, [fill_of(s, scale) for s in states], quiet_labels(shown, states, scale),
        marked_ones, ground=ground, offers=offers, groups=groups, language=language,
    )  # fmt: skip
    layout_source, more = offer_notes(drawn, source, language)
    layout.say(layout_source)
    entries = class_entries(
        scale, states, unit=unit, hidden=hidden, gap_rule=gap_rule, language=language
    )
    used = {key: group for key, group in (groups or {}).items() if key in drawn.offers}
    order = ranked(drawn.names, values, states)
    bars = class_bars(
        drawn.names, values.tolist(), shown, states, scale, order, highlighted=marked_ones,
        beside=beside,
    )  # fmt: skip
    layout.columns(
        partial(_legends, title=legend_title, entries=entries, used=used, language=language),
        *ranking_column(bars if with_ranking else [], beside_title, language),
    )
    alt = described(
        drawn.names, values, shown, states, about=_about(legend_title, subtitle),
        highlighted=marked_ones, gap_rule=gap_rule, more=more, language=language,
    )  # fmt: skip
    header = [unit[0] if unit else t("sheets.area", language), legend_title]
    table = tabled(
        drawn.names, values, shown, states,
        header=[*header, *([beside_title or t("sheets.offers", language)] if beside else [])],
        columns=[beside] if beside else [],
    )  # fmt: skip
    return layout.finished(alt=alt, table=table, boxes=drawn.boxes)


def _about(legend_title: str, subtitle: str) -> str:
    return f"{legend_title} ({subtitle})" if subtitle else legend_title


def _legends(
    x: float, y: float, wide: float, bottom: float, *, title: str, entries: Sequence[Entry],
    used: Mapping[str, SymbolGroup], language: str,
) -> tuple[str, float]:  # fmt: skip
    svg, y = legend(x, y, wide, title, entries)
    more, y = group_legend(x, y, wide, t("sheets.offers", language), used)
    return svg + more, y


def circle_map(
    areas: gpd.GeoDataFrame,
    counts: npt.ArrayLike,
    states: Sequence[State],
    circles: CircleScale,
    *,
    title: str,
    subtitle: str,
    legend_title: str,
    source: str,
    unit: tuple[str, str] | None = None,
    hidden: str = "",
    ground: gpd.GeoDataFrame | None = None,
    highlighted: Collection[str] = (),
    gap_rule: str = "",
    with_ranking: bool = True,
    decimals: int = 0,
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return a sheet of counts or amounts: a circle in each area, as large as its count.

    ``states`` says which are hidden or missing; any number stands for a released count.
    """
    released = np.array([not isinstance(s, str) for s in states], bool)
    values = np.where(released, np.asarray(counts, float), np.nan)
    # What is called released but has no number is missing.
    states = [s if isinstance(s, str) or math.isfinite(v) else "missing"
              for s, v in zip(states, values, strict=True)]  # fmt: skip
    short = short_words(language)
    shown = tuple(
        short[s] if isinstance(s, str) else number(v, decimals, language)
        for s, v in zip(states, values, strict=True)
    )
    plain = Scale((), 0, 0.0, 0.0)
    fill = [fill_of(s, plain) if isinstance(s, str) else palette.PLAIN for s in states]
    marked_ones = marks(areas, highlighted)
    layout = Layout(size, title, subtitle, source, sample_note, ratio_of(areas))
    drawn = draw_areas(
        layout, areas, fill,
        [(w, isinstance(s, str), palette.NO_FIGURE if isinstance(s, str) else palette.PLAIN)
         for w, s in zip(shown, states, strict=True)],
        marked_ones, ground=ground, circles=circles.radii(values), language=language,
    )  # fmt: skip
    circles = replace(circles, radius=circles.radius * drawn.circle_share)
    entries = [*without_figure(states, hidden=hidden, language=language),
               *marked(gap_rule)]  # fmt: skip

    def legends(x: float, y: float, wide: float, bottom: float) -> tuple[str, float]:
        svg, y = circle_legend(x, y, wide, legend_title, circles, language)
        more, y = legend(x, y, wide, "", entries) if entries else ("", y)
        return svg + more, y

    bars = [
        Bar(drawn.names[i], float(values[i]), shown[i], palette.CIRCLE, "", marked_ones[i])
        for i in ranked(drawn.names, values, states)
        if not isinstance(states[i], str)
    ]
    layout.columns(legends, *ranking_column(bars if with_ranking else [], "", language))
    alt = described(
        drawn.names, values, shown, states, about=_about(legend_title, subtitle),
        highlighted=marked_ones, gap_rule=gap_rule, language=language,
    )  # fmt: skip
    header = [unit[0] if unit else t("sheets.area", language), legend_title]
    table = tabled(drawn.names, values, shown, states, header=header)
    return layout.finished(alt=alt, table=table, boxes=drawn.boxes)


def change_map(
    areas: gpd.GeoDataFrame,
    changes: npt.ArrayLike,
    states: Sequence[State],
    scale: ChangeScale,
    *,
    title: str,
    subtitle: str,
    legend_title: str,
    source: str,
    unit: tuple[str, str] | None = None,
    hidden: str = "",
    ground: gpd.GeoDataFrame | None = None,
    highlighted: Collection[str] = (),
    gap_rule: str = "",
    with_ranking: bool = True,
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return a sheet of changes: less and more in two colours, printed with their sign.

    A change is released only where both figures are: what one year hides, ``states`` hides.
    """
    values = np.where([isinstance(s, str) for s in states], np.nan, scale.rounded(changes))
    own = scale.states(values, states)
    short = short_words(language)
    shown = tuple(
        short[s] if isinstance(s, str) else scale.signed(v, language)
        for s, v in zip(own, values, strict=True)
    )
    plain = Scale((), 0, 0.0, 0.0)
    colours = [fill_of(s, plain) if isinstance(s, str) else scale.colours[s] for s in own]
    grounds = [ground_colour(s, plain) if isinstance(s, str) else scale.colours[s] for s in own]
    marked_ones = marks(areas, highlighted)
    layout = Layout(size, title, subtitle, source, sample_note, ratio_of(areas))
    drawn = draw_areas(
        layout, areas, colours,
        [(w, isinstance(s, str), c) for w, s, c in zip(shown, own, grounds, strict=True)],
        marked_ones, ground=ground, language=language,
    )  # fmt: skip
    words = scale.words(language)
    entries = [
        *(Entry(scale.colours[i], words[i], counted(own, i, unit, language))
          for i in reversed(range(len(words)))),
        *without_figure(own, hidden=hidden, language=language),
        *marked(gap_rule),
    ]  # fmt: skip
    bars = [
        Bar(drawn.names[i], float(values[i]), shown[i], colours[i], "", marked_ones[i])
        for i in ranked(drawn.names, values, own)
        if not isinstance(own[i], str)
    ]
    layout.columns(
        partial(_legends, title=legend_title, entries=entries, used={}, language=language),
        *ranking_column(bars if with_ranking else [], "", language),
    )
    alt = described(
        drawn.names, values, shown, own, about=_about(legend_title, subtitle),
        highlighted=marked_ones, gap_rule=gap_rule, language=language,
    )  # fmt: skip
    header = [unit[0] if unit else t("sheets.area", language), legend_title]
    table = tabled(drawn.names, values, shown, own, header=header)
    return layout.finished(alt=alt, table=table, boxes=drawn.boxes)
