"""What is looked for: widgets bound to the address of the page, and the filter they make.

Every widget carries the name it has in the address (``?age=12&near=Buchenweg 10``), so a
view can be bookmarked and sent. Choices stand there with their ids: Streamlit's own binding
would write the words of the sender's language, which another language does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sro_geo.actions.asking import search_place
from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.gazetteer import Hit
from sro_geo.i18n import name_of
from sro_geo.offers import OfferFilter
from sro_geo.offers.filters import OPEN_STATUS, SORTINGS
from sro_geo.tables import OFFER_STATUS, WORK_LEVELS
from sro_geo.ui import session
from sro_geo.ui.address import from_address, to_address
from sro_geo.ui.markup import as_written

_POINT = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
MINUTES = (5, 10, 15, 20, 30, 45)
MODES = ("walk", "bike")
FRESHNESS = ("fresh", "stale", "never")
_DEFAULTS: dict[str, Any] = {
    "minutes": 15,
    "mode": "walk",
    "sort": SORTINGS[0],
    "category": [],
    "status": [],
}
FILTER_KEYS = [
    "q",
    "age",
    "near",
    "minutes",
    "mode",
    "category",
    "area",
    "work",
    "freshness",
    "low",
    "status",
    "sort",
    "group",
]


@dataclass(frozen=True)
class NearPlace:
    """The place somebody asks from: degrees, metres and how it is called.

    ``spaces`` are the areas of a street that runs through several, see ``gazetteer.Hit``;
    ``address`` is false for a point of the map and for a whole area.
    """

    lat: float
    lon: float
    x: float
    y: float
    label: str
    spaces: tuple[str, ...] = ()
    address: bool = False


def set_near(lat: float, lon: float) -> None:
    """Take a point of the map as the place to ask from (before the widgets are drawn)."""
    st.session_state["near"] = f"{lat:.5f}, {lon:.5f}"


def reset() -> None:
    """Empty every filter."""
    for key in FILTER_KEYS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def offer_filters(snapshot: Snapshot) -> tuple[OfferFilter, NearPlace | None]:
    """Draw the filters and return what they ask for."""
    tr, language, city = session.tr, session.language(), snapshot.city
    choices = {
        "minutes": MINUTES,
        "mode": MODES,
        "category": list(city.categories),
        "area": _areas(snapshot),
        "work": WORK_LEVELS,
        "freshness": FRESHNESS,
        "status": OFFER_STATUS,
        "sort": SORTINGS,
    }
    for key, options in choices.items():
        from_address(key, key, options, _DEFAULTS.get(key))
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters")
    text = row.text_input(
        tr("filters.text"),
        key="q",
        type="search",
        live=True,
        bind="query-params",
        placeholder=tr("filters.text_hint"),
    )
    age = row.number_input(
        tr("filters.age"),
        min_value=0,
        max_value=120,
        value=None,
        step=1,
        key="age",
        bind="query-params",
        placeholder=tr("filters.age_hint"),
        width=140,
    )
    near_text = row.text_input(
        tr("filters.near"),
        key="near",
        bind="query-params",
        placeholder=tr("filters.near_hint"),
    )
    minutes = row.selectbox(
        tr("filters.minutes"),
        MINUTES,
        key="minutes",
        format_func=lambda m: tr("filters.minutes_of", minutes=m),
        width=150,
    )
    with row.popover(_more_label(), icon=":material/tune:", width=132):
        mode = st.segmented_control(
            tr("filters.mode"),
            MODES,
            required=True,
            key="mode",
            format_func=lambda m: tr(f"filters.mode_{m}"),
        )
        categories = st.multiselect(
            tr("filters.category"),
            list(city.categories),
            key="category",
            format_func=lambda c: name_of(city.categories[c].names, language),
            placeholder=tr("filters.all"),
        )
        area = st.selectbox(
            tr("filters.area"),
            _areas(snapshot),
            index=None,
            key="area",
            format_func=lambda a: _area_label(snapshot, a),
            placeholder=tr("filters.all"),
        )
        work = st.selectbox(
            tr("filters.work"),
            WORK_LEVELS,
            index=None,
            key="work",
            format_func=lambda w: tr(f"choices.work_level.{w}"),
            placeholder=tr("filters.all"),
        )
        fresh = st.selectbox(
            tr("filters.freshness"),
            FRESHNESS,
            index=None,
            key="freshness",
            format_func=lambda f: tr(f"freshness.{f}"),
            placeholder=tr("filters.all"),
        )
        low = st.toggle(tr("filters.low"), key="low", bind="query-params")
        statuses = st.multiselect(
            tr("filters.status"),
            OFFER_STATUS,
            key="status",
            format_func=lambda s: tr(f"choices.status.{s}"),
            placeholder=tr("filters.status_hint"),
        )
        sort = st.selectbox(
            tr("filters.sort"),
            SORTINGS,
            key="sort",
            format_func=lambda s: tr(f"filters.sort_{s}"),
        )
        st.button(tr("filters.reset"), on_click=reset, icon=":material/restart_alt:")
    for key in choices:
        to_address(key, key, _DEFAULTS.get(key))
    near = near_place(snapshot, near_text)
    wanted = OfferFilter(
        text=text or "",
        categories=tuple(categories),
        groups=(),
        age=None if age is None else int(age),
        area_id=area,
        work_level=work,
        low_threshold=bool(low),
        freshness=fresh,
        statuses=tuple(statuses) or OPEN_STATUS,
        near=(near.x, near.y) if near else None,
        minutes=float(minutes) if near else None,
        mode=mode or "walk",
        sort=sort,
    )
    return wanted, near


def _more_label() -> str:
    hidden = ("category", "area", "work", "freshness", "low", "status")
    count = sum(bool(st.session_state.get(key)) for key in hidden)
    count += st.session_state.get("mode", "walk") == "bike"
    return session.tr("filters.more") + (f" ({count})" if count else "")


def _areas(snapshot: Snapshot) -> list[str]:
    areas = snapshot.current.areas
    below_top = areas[areas["level"] != snapshot.city.levels[0].level]
    return [str(a) for a in below_top["area_id"]]


def _area_label(snapshot: Snapshot, area_id: str) -> str:
    level = snapshot.city.level(snapshot.current.level_of[area_id])
    return f"{snapshot.current.names[area_id]} ({name_of(level.names, session.language())})"


def near_place(snapshot: Snapshot, words: str | None) -> NearPlace | None:
    """Turn coordinates, an address or a name into a place; say so when it is not found."""
    if not words or not words.strip():
        return None
    if match := _POINT.fullmatch(words):
        lat, lon = float(match[1]), float(match[2])
        try:
            x, y = snapshot.metres(lat, lon)
        except SroError:
            st.warning(session.tr("filters.near_unknown"), icon=":material/wrong_location:")
            return None
        return NearPlace(lat, lon, x, y, session.tr("filters.map_point"))
    hits = search_place(snapshot, words)
    if not hits:
        st.warning(session.tr("filters.near_unknown"), icon=":material/wrong_location:")
        return None
    chosen = _choose(hits)
    lat, lon = snapshot.degrees(chosen.x, chosen.y)
    return NearPlace(
        lat, lon, chosen.x, chosen.y, chosen.label, chosen.spaces, chosen.kind != "area"
    )


def _choose(hits: Sequence[Hit]) -> Hit:
    """Take the best hit; offer the others when they are about as good."""
    close = [hit for hit in hits if hit.score >= hits[0].score - 0.15][:6]
    if len(close) < 2:
        return hits[0]
    kinds = {hit.label: session.tr(f"filters.kind_{hit.kind}") for hit in close}
    key = f"near_choice:{'|'.join(kinds)}"
    st.pills(
        session.tr("filters.did_you_mean"),
        list(kinds),
        default=close[0].label,
        required=True,
        format_func=lambda name: as_written(f"{name} · {kinds[name]}"),
        key=key,
        on_change=_take_name,
        args=(key,),
    )
    return close[0]


def _take_name(key: str) -> None:
    """The chosen name goes into the field, and so into the address of the page."""
    st.session_state["near"] = st.session_state[key]
