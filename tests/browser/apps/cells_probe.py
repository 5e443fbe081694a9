"""A page with a map of 40,000 cells, a threshold and a category, for the browser tests."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from sro_geo.cartography.classes import COLOURS, class_legend, class_of, class_words
from sro_geo.city import load_city
from sro_geo.maps.cell_layer import cell_layer
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.settings import SHIPPED_DATA, Settings
from sro_geo.ui.map_view import SERVED_ROUTE, city_cells, city_map, show_map

SIDE, ACROSS = 100.0, int(os.environ.get("SRO_CELLS_ACROSS", "200"))
# A corner of the census grid near the invented town.
WEST, SOUTH = 4_310_000.0, 3_390_000.0
WIDE = SIDE * ACROSS


def cells() -> gpd.GeoDataFrame:
    """Return the centres of the cells."""
    step = (np.arange(ACROSS) + 0.5) * SIDE
    x, y = (axis.ravel() for axis in np.meshgrid(WEST + step, SOUTH + step))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=3035).to_crs(25832)


def tables() -> dict[str, gpd.GeoDataFrame]:
    """Return a round town of four spaces, a lake, streets."""
    middle = shapely.Point(WEST + WIDE / 2, SOUTH + WIDE / 2)
    town = middle.buffer(WIDE * 0.47)
    quarters = [
        shapely.box(WEST + i * WIDE / 2, SOUTH + j * WIDE / 2, WEST + (i + 1) * WIDE / 2,
                    SOUTH + (j + 1) * WIDE / 2).intersection(town)
        for i in (0, 1) for j in (0, 1)
    ]  # fmt: skip
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["town", "all", "sw", "nw", "se", "ne"],
            "level": ["city", "region", *["social_space"] * 4],
            "name": ["Town", "All", "Süd-West", "Nord-West", "Süd-Ost", "Nord-Ost"],
        },
        geometry=[town, town, *quarters],
        crs=3035,
    ).to_crs(25832)
    lake = shapely.Point(WEST + WIDE * 0.3, SOUTH + WIDE * 0.6).buffer(WIDE * 0.05)
    basemap = gpd.GeoDataFrame(
        {"feature_id": ["l"], "kind": ["water"], "name": ["See"]}, geometry=[lake], crs=3035
    ).to_crs(25832)
    ways = [
        shapely.LineString([(WEST, SOUTH + WIDE * 0.45), (WEST + WIDE, SOUTH + WIDE * 0.55)]),
        shapely.LineString([(WEST + WIDE * 0.52, SOUTH), (WEST + WIDE * 0.4, SOUTH + WIDE)]),
    ]
    streets = gpd.GeoDataFrame(
        {"street_id": ["a", "b"], "name": ["Lange Straße", "Breite Straße"], "kind": ["main"] * 2},
        geometry=ways,
        crs=3035,
    ).to_crs(25832)
    return {"areas": areas, "basemap": basemap, "streets": streets}


@st.cache_data
def minutes(seed: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Return minutes from each cell to the nearest of some places, and the places."""
    rng = np.random.default_rng(seed)
    at = WIDE * (0.5 + 0.36 * rng.uniform(-1, 1, (14, 2)))
    step = (np.arange(ACROSS) + 0.5) * SIDE
    x, y = (axis.ravel() for axis in np.meshgrid(step, step))
    metres = np.min([np.hypot(x - a, y - b) for a, b in at], axis=0)
    out = metres * 1.3 / 66.7 * 4000 / WIDE
    away = np.hypot(x - WIDE / 2, y - WIDE / 2)
    out[away > WIDE * 0.47] = np.nan
    out[(x > WIDE * 0.8) & (y < WIDE * 0.36)] = np.inf
    out[away > WIDE * 0.47] = np.nan
    places = gpd.GeoSeries(gpd.points_from_xy(WEST + at[:, 0], SOUTH + at[:, 1]), crs=3035)
    degrees = places.to_crs(4326)
    return out, pd.DataFrame({"lat": degrees.y, "lon": degrees.x})


st.set_page_config(layout="wide")
city = load_city(SHIPPED_DATA)
settings = Settings(workspace=Path(os.environ["SRO_WORKSPACE"]))
threshold = st.slider("threshold", 5, 30, 15, 5)
other = st.checkbox("other category")
plain = st.checkbox("without cells")
ways, places = minutes(2 if other else 1)
classes = class_of(ways)
gap = ways > threshold
layer = cell_layer(
    city_cells("cells", cells, settings=settings, revision=1),
    classes,
    served=SERVED_ROUTE,
    colours=COLOURS,
    words=class_words(),
    hatched=np.abs(ways - threshold) < 0.04 * threshold,
    outlined=gap,
)
group = next(iter(city.groups))
offers = offer_layer(
    places.assign(offer_id=[f"o{i}" for i in range(len(places))], name="<b>Treff</b>", group=group),
    city.groups,
)
left, right = st.columns([3, 1], gap="medium")
with left:
    show_map(
        city_map(city, tables, settings=settings, revision=1, language="de"),
        [offers] if plain else [layer, offers],
        key="probe",
        height=620,
    )
with right:
    counts = np.bincount(classes[classes != 255], minlength=len(COLOURS))
    st.html(
        class_legend(
            [f"{n:,}".replace(",", ".") for n in counts],
            uncertain=True,
            outlined=f"Lücke: weiter als {threshold} Minuten",
        )
    )
st.text(f"gap={int(gap.sum())} threshold={threshold}")
