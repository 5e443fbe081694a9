"""Where am I? One place, the areas it lies in, and the team responsible there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st
from babel.lists import format_list

from sro_geo.actions.asking import WhereAnswer, find_offers, where
from sro_geo.actions.workspace import Snapshot
from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.offers import OfferFilter
from sro_geo.offers.hours import hours_in_words
from sro_geo.reports.views import View
from sro_geo.ui import offer_filters, session
from sro_geo.ui.adding import add_to_presentation
from sro_geo.ui.frame import show_error
from sro_geo.ui.map_view import show_map, town_map
from sro_geo.ui.markup import facts, tag, text
from sro_geo.ui.offer_card import date_in_words

_NO_POINTS = pd.DataFrame({c: [] for c in ("offer_id", "lat", "lon", "group", "name")})

_AROUND_M = 300.0


@st.fragment
def where_page() -> None:
    """Draw the page; a click inside it runs this part only."""
    # In one block, so that a question coming or going above never loads the map anew.
    with st.container():
        try:
            snapshot = session.snapshot()
            if snapshot.empty:
                st.info(session.tr("data.empty"), icon=":material/info:")
                return
            place, on = _inputs(snapshot)
            answer = None
            if place is not None and len(place.spaces) < 2:
                answer = where(snapshot, place.lat, place.lon, date=on)
        except SroError as error:
            show_error(error)
            return
    with st.container(key="where_columns"):
        left, right = st.columns([3, 2], gap="medium")
    with right:
        if place is None:
            st.info(session.tr("where_page.ask"), icon=":material/touch_app:")
        elif answer is None:
            st.html(_several(snapshot, place))
        else:
            st.html(_answer(answer, place, on))
            _nearby(snapshot, place)
            # The area goes into the story, never the place somebody asked for.
            lowest = answer.place.areas.get(snapshot.city.lowest.level)
            if lowest is not None:
                add_to_presentation(View("profile", {"area_id": lowest.id}))
    with left:
        _map(snapshot, place, answer)


def _inputs(snapshot: Snapshot) -> tuple[offer_filters.NearPlace | None, str | None]:
    tr = session.tr
    left, right = st.columns([4, 1.4], vertical_alignment="bottom")
    words = left.text_input(
        tr("where_page.place"), key="near", bind="query-params", placeholder=tr("filters.near_hint")
    )
    day = right.date_input(
        tr("where_page.date"),
        value=snapshot.today,
        format="DD.MM.YYYY",
        min_value=dt.date(1990, 1, 1),
        max_value=dt.date(2100, 1, 1),
    )
    place = offer_filters.near_place(snapshot, words)
    chosen = day.isoformat() if isinstance(day, dt.date) and day != snapshot.today else None
    return place, chosen


def _answer(answer: WhereAnswer, asked: offer_filters.NearPlace, on: str | None) -> str:
    tr, language = session.tr, session.language()
    city = session.workspace().city
    place = answer.place
    lowest = place.areas.get(city.lowest.level)
    big = lowest.name if lowest else place.neighbour or tr("where_page.outside")
    parts = [
        tag("p", text(asked.label)),
        tag("p", text(big), class_="big", role="status"),
    ]
    if place.status in ("border", "neighbour"):
        parts.append(tag("p", text(tr(f"where.{place.status}", neighbour=place.neighbour))))
    if place.status == "outside" and _swapped(city, asked):
        hint = tr("where_page.swapped", lat=f"{asked.lon:.5f}", lon=f"{asked.lat:.5f}")
        parts.append(tag("p", text(hint)))
    rows = []
    for level in reversed(city.levels):
        area = place.areas.get(level.level)
        if area is None and lowest is None:
            continue
        others = (place.alternatives or {}).get(level.level, ())
        words = area.name if area else "–"
        notes = []
        if others:
            notes.append(tr("where_page.borders", names=", ".join(ref.name for ref in others)))
        if level.level == city.lowest.level:
            notes += [
                tr("where_page.border_near", name=ref.name, metres=max(1, round(metres)))
                for ref, metres in place.near
                if ref not in others
            ]
        if notes:
            words = f"{words} ({', '.join(notes)})"
        rows.append((name_of(level.names, language), text(words)))
    if answer.team is not None:
        team = answer.team
        rows.append((tr("where_page.team"), tag("strong", text(team.name))))
        rows.append((tr("where_page.contact"), text(team.contact)))
        rows.append(
            (
                tr("where_page.office_hours"),
                text(", ".join(hours_in_words(team.office_hours, language))),
            )
        )
    elif lowest is not None:
        rows.append((tr("where_page.team"), text(tr("where_page.no_team"))))
    if on:
        rows.append((tr("where_page.valid"), text(date_in_words(on, language))))
    return tag("section", *parts, facts(rows), class_="sro-answer")


def _swapped(city: City, asked: offer_filters.NearPlace) -> bool:
    """Tell whether latitude and longitude would lie in the city the other way round."""
    if not city.bounds:
        return False
    west, south, east, north = city.bounds
    return south <= asked.lon <= north and west <= asked.lat <= east


def _several(snapshot: Snapshot, place: offer_filters.NearPlace) -> str:
    """A street in several areas has no one team: the house number decides."""
    names = [snapshot.current.names.get(area, area) for area in place.spaces]
    listed = format_list(names, locale=session.language())
    question = tag("p", text(session.tr("where_page.several", areas=listed)), role="status")
    return tag("section", tag("p", text(place.label)), question, class_="sro-answer")


def _nearby(snapshot: Snapshot, place: offer_filters.NearPlace) -> None:
    wanted = OfferFilter(near=(place.x, place.y), minutes=15)
    count = len(find_offers(snapshot, wanted))
    if not count:
        return
    st.page_link(
        "pages/offers.py",
        label=session.tr("where_page.offers", count=count),
        icon=":material/map:",
        query_params={"near": st.session_state.get("near") or ""},
    )


def _map(
    snapshot: Snapshot, place: offer_filters.NearPlace | None, answer: WhereAnswer | None
) -> None:
    base = town_map(snapshot, settings=session.settings(), language=session.language())
    area = answer.place.areas.get(snapshot.city.lowest.level) if answer else None
    here = (place.lat, place.lon) if place else None
    layer = offer_layer(
        _NO_POINTS,
        snapshot.city.groups,
        here=here if answer else None,  # the middle of a long street is no answer
        focus=here,
        around=_AROUND_M if place and place.address and answer else None,
        area=area.id if area else None,
        language=session.language(),
    )
    show_map(base, layer, height=560, key="where_map", on_event=_on_map_event)


def _on_map_event(event: dict[str, Any]) -> None:
    if event["kind"] == "place":
        offer_filters.set_near(float(event["lat"]), float(event["lon"]))
