"""One sheet of every kind for a town, with what the tests of sheets put on it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.cartography.area_sheets import area_map, change_map, circle_map
from sro_geo.cartography.change_scale import change_scale
from sro_geo.cartography.change_sheets import Comparison, before_after
from sro_geo.cartography.map_view import SymbolGroup
from sro_geo.cartography.offer_sheets import coverage_sheet, offer_sheet
from sro_geo.cartography.rates import SUPPRESSED, circle_scale, rate_scale, rate_states
from sro_geo.cartography.sheet import MapSheet
from sro_geo.cartography.year_sheets import YearSheet, small_multiples
from tests.cartography.sheet_towns import CRS, SheetTown

GROUPS = {
    "open": SymbolGroup("Offener Treff", "circle"),
    "advice": SymbolGroup("Beratung", "square"),
    "sport": SymbolGroup("Sport & Bewegung", "diamond"),
}
WORDS = {
    "title": "Viele Fälle, wenig Angebote",
    "subtitle": "Hilfen zur Erziehung 2025, nach Sozialraum",
    "source": "Quelle: Jugendamt, Stand 31.12.2025.",
    "sample_note": "Beispieldaten.",
}


def offers_of(town: SheetTown) -> gpd.GeoDataFrame:
    """Offers at the points of a town."""
    keys = [list(GROUPS)[i % 3] for i in range(len(town.points))]
    return gpd.GeoDataFrame({"group": keys}, geometry=gpd.points_from_xy(*town.points.T), crs=CRS)


def _hidden(town: SheetTown) -> list:
    return [SUPPRESSED if i == 1 else 0 for i in range(len(town.areas))]


def _area(town: SheetTown, size: str) -> MapSheet:
    rates = 15 + np.arange(len(town.areas), dtype=float)
    scale = rate_scale(rates)
    states = rate_states(rates, ["suppressed" if s else "released" for s in _hidden(town)], scale)
    return area_map(
        town.areas, rates, states, scale, legend_title="Fälle je 1.000", ground=town.ground,
        offers=offers_of(town), groups=GROUPS, highlighted=[town.areas["area_id"].iloc[-1]],
        gap_rule="Lücke: ab 25 Fälle", size=size, **WORDS,
    )  # fmt: skip


def _circle(town: SheetTown, size: str) -> MapSheet:
    counts = 30 + np.arange(len(town.areas)) ** 2.0
    return circle_map(
        town.areas, counts, _hidden(town), circle_scale(counts), legend_title="Fälle",
        ground=town.ground, size=size, **WORDS,
    )  # fmt: skip


def _change(town: SheetTown, size: str) -> MapSheet:
    changes = np.linspace(-9, 12, len(town.areas))
    return change_map(
        town.areas, changes, _hidden(town), change_scale(changes), legend_title="Veränderung",
        ground=town.ground, size=size, **WORDS,
    )  # fmt: skip


def _coverage(town: SheetTown, size: str) -> MapSheet:
    shares = np.linspace(0.2, 0.97, len(town.areas))
    return coverage_sheet(
        town.areas, shares, _hidden(town), ground=town.ground, offers=offers_of(town),
        groups=GROUPS, size=size, **WORDS,
    )  # fmt: skip


def _offers(town: SheetTown, size: str) -> MapSheet:
    return offer_sheet(town.areas, offers_of(town), GROUPS, ground=town.ground, size=size, **WORDS)


def _near(town: SheetTown, size: str) -> MapSheet:
    return offer_sheet(
        town.areas, offers_of(town), GROUPS, ground=town.ground, size=size,
        near=[str(town.areas["area_id"].iloc[0])], **WORDS,
    )  # fmt: skip


def _years(town: SheetTown, size: str) -> MapSheet:
    rates = 15 + np.arange(len(town.areas), dtype=float)
    scale = rate_scale(rates)
    status = ["suppressed" if s else "released" for s in _hidden(town)]
    years = [
        YearSheet(str(2020 + k), town.areas, rates - k, rate_states(rates - k, status, scale))
        for k in range(6)
    ]
    return small_multiples(
        years, scale, legend_title="Fälle je 1.000", ground=town.ground, size=size, **WORDS
    )


def proposal(town: SheetTown) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """A strip of the first area goes to its longest neighbour: (before, after, ids)."""
    areas = town.areas.reset_index(drop=True)
    first = areas.geometry[0]
    other = max(range(1, len(areas)), key=lambda i: first.intersection(areas.geometry[i]).length)
    strip = first.intersection(areas.geometry[other].buffer(0.25 * np.sqrt(first.area)))
    shapes = areas.geometry.to_list()
    shapes[0], shapes[other] = first.difference(strip), shapely.union_all([shapes[other], strip])
    after = areas.set_geometry(shapes, crs=areas.crs)
    return areas, after, [str(areas["area_id"][0]), str(areas["area_id"][other])]


def _before_after(town: SheetTown, size: str) -> MapSheet:
    before, after, ids = proposal(town)
    names = dict(zip(before["area_id"].astype(str), before["name"].astype(str), strict=True))
    return before_after(
        before, after, concerned=ids, note="610 junge Menschen wechseln",
        figures=({ids[0]: "2.821 unter 21", ids[1]: "2.950 unter 21"},
                 {ids[0]: "2.211 unter 21", ids[1]: "3.560 unter 21"}),
        comparisons=[Comparison(names[a], "Budget im Jahr", "21.840 €", "18.710 €", "−3.130 €")
                     for a in ids],
        ground=town.ground, size=size, **WORDS,
    )  # fmt: skip


KINDS = {
    "area": _area, "circle": _circle, "change": _change, "coverage": _coverage,
    "offers": _offers, "near": _near, "years": _years, "before_after": _before_after,
}  # fmt: skip
