"""A page with areas in classes, hidden and missing ones, circles and a highlight, for tests."""

from __future__ import annotations

import math
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from sro_geo.cartography import palette, rate_charts
from sro_geo.cartography.rate_legend import rate_legend
from sro_geo.cartography.rates import (
    SUPPRESSED,
    circle_scale,
    number,
    rate_labels,
    rate_scale,
    rate_states,
)
from sro_geo.cartography.small_maps import YearMap, small_maps
from sro_geo.city import load_city
from sro_geo.maps.area_layer import area_layer
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.settings import SHIPPED_DATA, Settings
from sro_geo.ui.map_view import SERVED_ROUTE, city_areas, city_map, show_map
from tests.browser.apps.areas_facts import COUNTS, NAMES, RATES, STATUS

# Places of the areas in kilometres from the south-western corner.
SEEDS = (
    *((2.6, 5.4), (4.6, 5.8), (6.8, 6.4), (9.0, 6.7), (10.8, 5.4), (1.2, 3.6), (3.6, 3.9)),
    *((5.6, 3.5), (7.9, 4.2), (10.4, 3.3), (1.4, 1.8), (3.6, 1.5), (5.8, 1.2), (8.4, 1.6)),
)
WEST, SOUTH = 560_000.0, 5_950_000.0


def areas() -> gpd.GeoDataFrame:
    """Return the areas: nearest seed, with bent borders, within an egg-shaped town."""
    bend = np.random.default_rng(7)
    waves = bend.normal(0, 1, (2, 4, 3))

    def bent(xy: np.ndarray) -> np.ndarray:
        out = xy.copy()
        for axis in (0, 1):
            for kx, ky, phase in waves[axis]:
                angle = (xy[:, 0] * kx + xy[:, 1] * ky) / 1300 + phase
                out[:, axis] += 75 * np.sin(angle)
        return out

    seeds = np.array(SEEDS) * 1000 + (WEST, SOUTH)
    hull = shapely.MultiPoint(seeds).convex_hull.buffer(1500)
    town = shapely.Polygon(hull.exterior.coords).simplify(30)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=town.envelope, ordered=True)
    )
    shapes = [shapely.segmentize(c.intersection(town), 120) for c in cells]
    shapes = [shapely.transform(s, bent) for s in shapes]
    ids = [f"a{i:02d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"area_id": ids, "level": "social_space", "name": list(NAMES)},
        geometry=shapely.set_precision(shapes, 0.01),
        crs=25832,
    )


def tables() -> dict[str, gpd.GeoDataFrame]:
    """Return the town with a river and two roads."""
    spaces = areas()
    town = spaces.union_all()
    above = gpd.GeoDataFrame(
        {"area_id": ["t", "r"], "level": ["city", "region"], "name": ["Town", "All"]},
        geometry=[town, town],
        crs=25832,
    )
    km = shapely.LineString
    river = km([(-1, 4.3), (2, 4.2), (4, 4.6), (6.3, 4.5), (8, 3.6), (10, 3.7), (13, 3)])
    ways = [km([(0, 2), (5, 3.1), (9, 3.4), (13, 4.4)]), km([(5.2, -1), (4.9, 3), (6, 8)])]
    to_metres = [shapely.transform(w, lambda c: c * 1000 + (WEST, SOUTH)) for w in (river, *ways)]
    basemap = gpd.GeoDataFrame(
        {"feature_id": ["w"], "kind": ["water"], "name": [None]},
        geometry=[to_metres[0].buffer(110)],
        crs=25832,
    )
    streets = gpd.GeoDataFrame(
        {"street_id": ["a", "b"], "name": ["Lange Straße", "Breite Straße"], "kind": ["main"] * 2},
        geometry=to_metres[1:],
        crs=25832,
    )
    return {"areas": pd.concat([above, spaces]), "basemap": basemap, "streets": streets}


st.set_page_config(layout="wide")
city = load_city(SHIPPED_DATA)
settings = Settings(workspace=Path(os.environ["SRO_WORKSPACE"]))
row = st.container(horizontal=True)
year = 2024 if row.checkbox("year before") else 2025
counted = row.checkbox("circles")
plain = row.checkbox("without areas")
with_offers = row.checkbox("offers")

shapes = areas()
published = city_areas("toy", lambda: (shapes, None), settings=settings, revision=1)
status = {
    y: [STATUS.get(i, "released" if RATES[y][i] else "suppressed") for i in range(len(NAMES))]
    for y in RATES
}
released = [
    [r if s == "released" else math.nan for r, s in zip(RATES[y], status[y], strict=True)]
    for y in RATES
]
scale = rate_scale(released)
states = {y: rate_states(RATES[y], status[y], scale) for y in RATES}
labels = rate_labels(RATES[year], states[year], scale)
counts = [c if s == "released" else math.nan for c, s in zip(COUNTS, status[year], strict=True)]
circles = circle_scale(counts)
values = [number(c) if math.isfinite(c) else label for c, label in zip(counts, labels, strict=True)]
layer = area_layer(
    published,
    served=SERVED_ROUTE,
    states=[s if isinstance(s, str) else 0 for s in states[year]] if counted else states[year],
    colours=[palette.PLAIN] if counted else scale.colours,
    circles=circles.radii(counts) if counted else None,
    labels=list(zip(NAMES, values if counted else labels, strict=True)),
    tips=[
        [n, f"{label} je 1.000 unter 21", "Bereich 30 bis 52"]
        for n, label in zip(NAMES, labels, strict=True)
    ],
    highlight=st.session_state.get("chosen", "a08"),
)
chance = np.random.default_rng(3)
spots = shapes.sample_points(3, rng=chance).explode().to_crs(4326)
offers = offer_layer(
    pd.DataFrame(
        {
            "offer_id": [f"o{i}" for i in range(len(spots))],
            "name": "Treff",
            "group": chance.choice(list(city.groups), len(spots)),
            "lat": spots.y.to_numpy(),
            "lon": spots.x.to_numpy(),
        }
    ).head(len(spots) if with_offers else 0),
    city.groups,
)


def clicked(event: dict[str, object]) -> None:
    """Remember which area was clicked."""
    st.session_state["event"] = event["kind"]
    if event["kind"] == "area":
        st.session_state["chosen"] = event["id"]


left, right = st.columns([2, 1], gap="medium")
with left:
    show_map(
        city_map(city, tables, settings=settings, revision=1, language="de"),
        [offers] if plain else [layer, offers],
        key="probe",
        height=620,
        on_event=clicked,
    )
with right:
    st.html(
        rate_legend(
            scale,
            states[year],
            title="Fälle je 1.000 unter 21-Jährige",
            unit=("Raum", "Räume"),
            outlined="gewählt",
            circles=circles if counted else None,
        )
    )
    beside = [str(3 + i % 5) for i in range(len(NAMES))]
    st.html(
        rate_charts.ranking_bars(
            NAMES,
            RATES[year],
            states[year],
            scale,
            label="Rangfolge",
            highlighted=[i == 8 for i in range(len(NAMES))],
            beside=beside,
            beside_title="Angebote",
        )
    )
st.text(f"event={st.session_state.get('event')} chosen={st.session_state.get('chosen')}")
maps = [
    YearMap(
        str(y), shapes.geometry, states[2024 if y < 2024 else y], "andere Grenzen" * (y == 2023)
    )
    for y in (2021, 2022, 2023, 2024, 2025)
]
st.html(small_maps(maps, scale, descriptions=[f"Fallrate {m.heading}" for m in maps]))
one = [RATES[2024][8] - 6, RATES[2024][8] - 3, 0, RATES[2024][8], RATES[2025][8]]
one_states = [1, 2, SUPPRESSED, 3, 4]
series = ["alt", "alt", "neu", "neu", "neu"]
left, right = st.columns(2)
left.html(
    rate_charts.year_bars(
        [2021, 2022, 2023, 2024, 2025], one, one_states, scale, series=series,
        label="Jahre", break_words="ab hier andere Grenzen",
    )
    + rate_charts.sparkline(one, one_states, series=series, top=scale.high, label="Verlauf")
)  # fmt: skip
rates = np.array(RATES[2025], float)
right.html(
    rate_charts.interval_plot(
        NAMES, rates, rates - 4 - rates / 9, rates + 5 + rates / 9, states[2025], scale,
        label="Bereiche", city=31.0, city_name="Stadt", region=np.where(rates > 30, 36, 24),
        region_name="Rate der eigenen Region",
    )
)  # fmt: skip
