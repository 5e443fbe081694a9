"""Maps of offers and of who they reach, for slides and pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.drawn_map import (
    draw_areas,
    marks,
    offer_notes,
    ranking_column,
    ratio_of,
    view_of,
)
from sro_geo.cartography.map_view import SymbolGroup, fills, places_of
from sro_geo.cartography.rate_charts import ranked
from sro_geo.cartography.rates import Scale, State, number, round_half_up, short_words
from sro_geo.cartography.sheet import MapSheet, Table
from sro_geo.cartography.sheet_layout import Layout
from sro_geo.cartography.sheet_panel import Bar, Entry, group_legend, legend, marked, without_figure
from sro_geo.cartography.sheet_parts import clean, fill_of, ground_colour, own_id
from sro_geo.cartography.sheet_words import described, tabled
from sro_geo.i18n import t

# The neighbours of an area shown alone.
_AROUND = "#e6e3da"
_PLAIN = Scale((), 0, 0.0, 0.0)
_REACHED, _BAR = palette.SEQUENTIAL[1], palette.SEQUENTIAL[3]


def offer_sheet(
    areas: gpd.GeoDataFrame,
    offers: pd.DataFrame,
    groups: Mapping[str, SymbolGroup],
    *,
    title: str,
    subtitle: str,
    source: str,
    unit: tuple[str, str] | None = None,
    ground: gpd.GeoDataFrame | None = None,
    highlighted: Collection[str] = (),
    gap_rule: str = "",
    near: Collection[str] = (),
    about: str = "",
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return a sheet of offers as symbols of their groups, counted by area.

    Parameters
    ----------
    offers
        ``group`` and a place (``geometry`` or ``lon`` and ``lat``). Those without, the protected
        ones, are counted by their ``area_id`` if there is that column, else not by area at all.
    near
        Areas the map shows alone, with a little around and their own offers; the ranking
        still has all.
    about
        What a sheet without headline shows, in words.
    """
    places = places_of(offers, areas.crs)
    own = _areas_of(offers, places, areas)
    close = marks(areas, near)
    every = offers
    if any(close):
        offers = offers[own.isin({str(a) for a in near})]
        places = places_of(offers, areas.crs)
    shown_groups = {k: g for k, g in groups.items() if (offers["group"] == k).any()}
    ids = areas["area_id"].astype(str)
    each = every["group"].groupby([own, every["group"]]).size().to_dict()
    counts = {
        key: [int(each.get((a, key), 0)) for a in ids]
        for key in shown_groups
    }
    total = np.array([int((own == a).sum()) for a in ids], float)
    shown = [number(v, 0, language) for v in total]
    states: list[State] = [0] * len(areas)
    marked_ones = marks(areas, highlighted)
    layout = Layout(size, title, subtitle, source, sample_note, ratio_of(areas))
    fill = [palette.PLAIN] * len(areas)
    if any(close):
        fill = [palette.CASING if c else _AROUND for c in close]
    drawn = draw_areas(
        layout, areas, fill,
        [("" if colour == _AROUND else w, False, colour)
         for w, colour in zip(shown, fill, strict=True)],
        marked_ones, ground=ground, offers=offers, groups=groups, near=close, language=language,
    )  # fmt: skip
    marked_ones = [m or c for m, c in zip(marked_ones, close, strict=True)]
    layout_source, more = offer_notes(drawn, source, language)
    layout.say(layout_source)
    if missing := len(offers) - len(places):
        more.append(t("sheets.without_place", language, count=number(missing, 0, language)))

    def legends(x: float, y: float, wide: float, bottom: float) -> tuple[str, float]:
        each = {k: number(int((offers["group"] == k).sum()), 0, language) for k in shown_groups}
        svg, y = group_legend(x, y, wide, t("sheets.offers", language), shown_groups, each)
        if gap_rule:
            rule, y = legend(x, y, wide, "", marked(gap_rule))
            svg += rule
        return svg, y

    bars = [
        Bar(drawn.names[i], float(total[i]), shown[i], _BAR, "", marked_ones[i])
        for i in ranked(drawn.names, total, states)
    ]
    layout.columns(legends, *ranking_column(bars, "", language))
    alt = described(
        drawn.names, total, shown, states, about=about or subtitle or title,
        highlighted=marked_ones, gap_rule=gap_rule, more=more, language=language,
    )  # fmt: skip
    header = [unit[0] if unit else t("sheets.area", language), t("sheets.sum", language)]
    table = tabled(
        drawn.names, total, shown, states,
        header=[*header, *(group.name for group in shown_groups.values())],
        columns=[[number(v, 0, language) for v in column] for column in counts.values()],
    )  # fmt: skip
    return layout.finished(alt=alt, table=table, boxes=drawn.boxes)


def _areas_of(offers: pd.DataFrame, places: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Return the ``area_id`` of each offer, empty where none is known."""
    if "area_id" in offers:
        return offers["area_id"].astype(object).where(offers["area_id"].notna(), "").astype(str)
    out = pd.Series("", index=offers.index, dtype=object)
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(places.geometry.to_numpy(), predicate="intersects")
    ids = areas["area_id"].astype(str).to_numpy()
    for p, a in zip(point[::-1], area[::-1], strict=True):
        out.loc[places.index[p]] = ids[a]
    return out


def _outside(
    blocks: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, states: Sequence[State]
) -> npt.NDArray[np.bool_]:
    """Tell which blocks lie outside every area whose share is not shown."""
    hidden = areas.geometry.to_numpy()[[isinstance(s, str) for s in states]]
    inside = shapely.STRtree(hidden).query(
        shapely.point_on_surface(blocks.geometry.to_numpy()), predicate="intersects"
    )[0]
    out = np.ones(len(blocks), bool)
    out[inside] = False
    return out


def coverage_sheet(
    areas: gpd.GeoDataFrame,
    shares: npt.ArrayLike,
    states: Sequence[State],
    *,
    title: str,
    subtitle: str,
    source: str,
    blocks: gpd.GeoDataFrame | None = None,
    offers: pd.DataFrame | None = None,
    groups: Mapping[str, SymbolGroup] | None = None,
    unit: tuple[str, str] | None = None,
    reached: str = "",
    not_reached: str = "",
    hidden: str = "",
    ground: gpd.GeoDataFrame | None = None,
    highlighted: Collection[str] = (),
    gap_rule: str = "",
    sample_note: str = "",
    language: str = "de",
    size: str = "16:9",
) -> MapSheet:
    """Return a sheet of who is reached: blocks reached or not, the share of each area.

    Parameters
    ----------
    shares, states
        Share of each area, 0 to 1; hidden or missing as ``states`` says.
    blocks
        Shapes with ``reached`` (true, false, missing); those of an area without a share stay
        undrawn.
    reached, not_reached
        Words for the two, in the legend.
    """
    released = [not isinstance(s, str) for s in states]
    percent = round_half_up(np.where(released, np.asarray(shares, float), np.nan) * 100, 0)
    own: list[State] = [
        s if isinstance(s, str) else 0 if np.isfinite(v) else "missing"
        for s, v in zip(states, percent, strict=True)
    ]
    short = short_words(language)
    space = " " if language == "de" else ""
    shown = [
        short[s] if isinstance(s, str) else f"{number(v, 0, language)}{space}%"
        for s, v in zip(own, percent, strict=True)
    ]
    marked_ones = marks(areas, highlighted)
    layout = Layout(size, title, subtitle, source, sample_note, ratio_of(areas))
    inner = ""
    if blocks is not None and len(blocks):
        view = view_of(areas, layout)
        known = blocks[blocks["reached"].notna() & blocks.geometry.notna()]
        shapes = shapely.simplify(view.on_sheet(known.geometry.to_numpy()), 0.3)
        shapes = np.where(_outside(known, areas, own), shapes, shapely.Polygon())
        yes = known["reached"].astype(bool).to_numpy()
        inner = fills(shapes[yes], [_REACHED] * int(yes.sum())) + fills(
            shapes[~yes], [palette.CASING] * int((~yes).sum())
        ) + fills(shapes[~yes], [f"url(#{own_id('moved')})"] * int((~yes).sum()))  # fmt: skip
    drawn = draw_areas(
        layout, areas, [fill_of(s, _PLAIN) if isinstance(s, str) else palette.PLAIN for s in own],
        [(w, isinstance(s, str), ground_colour(s, _PLAIN) if isinstance(s, str) else palette.PLAIN)
         for w, s in zip(shown, own, strict=True)],
        marked_ones, ground=ground, offers=offers, groups=groups, inner=inner, language=language,
    )  # fmt: skip
    layout_source, more = offer_notes(drawn, source, language)
    layout.say(layout_source)
    entries = []
    if inner:
        entries = [
            Entry(_REACHED, reached or t("sheets.reached", language)),
            Entry(f"url(#{own_id('moved')})", not_reached or t("sheets.not_reached", language)),
        ]
    entries += [*without_figure(own, hidden=hidden, language=language), *marked(gap_rule)]
    used = {k: g for k, g in (groups or {}).items() if k in drawn.offers}

    def legends(x: float, y: float, wide: float, bottom: float) -> tuple[str, float]:
        svg, y = legend(x, y, wide, clean(subtitle) or "", entries) if entries else ("", y)
        symbols, y = group_legend(x, y, wide, t("sheets.offers", language), used)
        return svg + symbols, y

    bars = [
        Bar(drawn.names[i], float(percent[i]), shown[i], _BAR, "", marked_ones[i])
        for i in ranked(drawn.names, percent, own)
        if not isinstance(own[i], str)
    ]
    layout.columns(legends, *ranking_column(bars, "", language))
    alt = described(
        drawn.names, percent, shown, own, about=subtitle or title, highlighted=marked_ones,
        gap_rule=gap_rule, more=more, language=language,
    )  # fmt: skip
    header = [unit[0] if unit else t("sheets.area", language), t("sheets.share", language)]
    table: Table = tabled(drawn.names, percent, shown, own, header=header)
    return layout.finished(alt=alt, table=table, boxes=drawn.boxes)
