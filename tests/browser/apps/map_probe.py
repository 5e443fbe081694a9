"""A page with nothing but the map, for the browser tests: an invented square town.

The names of its offers try to break out of every place a name passes through.
"""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from sro_geo.city import load_city
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.settings import SHIPPED_DATA, Settings
from sro_geo.ui.map_view import city_map, show_map

HOSTILE = [
    "</script><script>window.top.hacked=window.hacked=1</script>",
    "${(window.hacked=2)}",
    "`+(window.hacked=3)+`",
    "<img src=x onerror='window.hacked=4'>",
    "\"');window.hacked=5;//",
    "{{'window.hacked=6'}}",
    "map_12ab marker_0 _div _0 maps/a1/",
    "Jugend & Café „Süd“ \u2028 Ärger \\ \\u0041",
]
# Metres in EPSG:25832, near the invented town of the shipped configuration.
WEST, SOUTH, SIDE = 565_000, 5_950_000, 3_000


def tables() -> dict[str, gpd.GeoDataFrame]:
    """Return two spaces in one region, a street and a pond."""
    west = shapely.box(WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE)
    east = shapely.box(WEST + SIDE / 2, SOUTH, WEST + SIDE, SOUTH + SIDE)
    both = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["town", "all", "w", "e"],
            "level": ["city", "region", "social_space", "social_space"],
            "name": ["Town", "All", "West_1a", "East"],
        },
        geometry=[both, both, west, east],
        crs=25832,
    )
    basemap = gpd.GeoDataFrame(
        {"feature_id": ["p"], "kind": ["water"], "name": ["Teich"]},
        geometry=[shapely.Point(WEST + 700, SOUTH + 900).buffer(300)],
        crs=25832,
    )
    streets = gpd.GeoDataFrame(
        {"street_id": ["s"], "name": ["Lange Straße"], "kind": ["main"]},
        geometry=[shapely.LineString([(WEST, SOUTH + 1500), (WEST + SIDE, SOUTH + 1700)])],
        crs=25832,
    )
    return {"areas": areas, "basemap": basemap, "streets": streets}


def offers(groups: list[str]) -> pd.DataFrame:
    """Return an offer for each hostile name in a row, and three on one point."""
    count = len(HOSTILE)
    x = [WEST + 200 + 330 * i for i in range(count)] + [WEST + 2000] * 3
    y = [SOUTH + 2200] * count + [SOUTH + 600] * 3
    places = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=25832).to_crs(4326)
    return pd.DataFrame(
        {
            "offer_id": [f"o_{i}a" for i in range(count + 3)],
            "name": [*HOSTILE, "Erstes", "Zweites", "Drittes"],
            "group": [groups[i % len(groups)] for i in range(count + 3)],
            "lat": places.y,
            "lon": places.x,
        }
    )


st.set_page_config(layout="wide")
city = load_city(SHIPPED_DATA)
settings = Settings(workspace=Path(os.environ["SRO_WORKSPACE"]))
language = st.query_params.get("language", "de")
few = st.checkbox("few")
shown = offers(list(city.groups))
if few:
    shown = shown.iloc[:3]
chosen = st.session_state.get("chosen")
event = show_map(
    city_map(city, tables, settings=settings, revision=1, language=language),
    offer_layer(
        shown,
        city.groups,
        selected=chosen,
        here=st.session_state.get("here"),
        reach_m=600,
        language=language,
    ),
    key="probe",
    height=520,
)
if event and event["kind"] == "offer":
    st.session_state["chosen"] = event["id"]
    st.session_state["events"] = st.session_state.get("events", 0) + 1
    st.rerun()
if event and event["kind"] == "place":
    st.session_state["here"] = (event["lat"], event["lon"])
    st.session_state["events"] = st.session_state.get("events", 0) + 1
    st.rerun()
st.text(f"events={st.session_state.get('events', 0)} chosen={chosen} shown={len(shown)}")
