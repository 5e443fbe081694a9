"""The offer map: filters above, map on the left, list, card or form on the right."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from sro_geo.actions.asked_views import offers_view
from sro_geo.actions.asking import find_offers, plain
from sro_geo.actions.editing import (
    close_offer,
    confirm_offer,
    duplicate_offer,
    offer_history,
    reopen_offer,
)
from sro_geo.actions.exporting import offers_as_bytes
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography import symbols
from sro_geo.cartography.legend import legend
from sro_geo.errors import SroError
from sro_geo.i18n import name_of
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.offers import OfferFilter
from sro_geo.reach import reach_metres
from sro_geo.ui import offer_filters, offer_form, session
from sro_geo.ui.adding import finding_beside
from sro_geo.ui.frame import show_error, show_left_messages
from sro_geo.ui.map_view import show_map, town_map
from sro_geo.ui.markup import tag, text
from sro_geo.ui.offer_card import ZONE, card_facts, card_head, date_in_words
from sro_geo.ui.offer_filters import NearPlace
from sro_geo.ui.offer_history import history_html
from sro_geo.ui.result_list import Entry, result_list

_STEP = 50
_MAP_HEIGHT = 600


@st.fragment
def offers_page() -> None:
    """Draw the page; a click inside it runs this part only."""
    # In one block, so that a message coming or going above never loads the map anew.
    with st.container():
        try:
            snapshot = session.snapshot()
            if snapshot.empty:
                st.info(session.tr("data.empty"), icon=":material/info:")
                return
            wanted, near = offer_filters.offer_filters(snapshot)
            found = find_offers(snapshot, wanted)
        except SroError as error:
            show_error(error)
            return
        show_left_messages()
        finding_beside(_summary(found, wanted, near), offers_view(wanted))
        if near is not None:
            st.caption(f"{session.tr('offers.screening')} {session.tr('offers.protected_apart')}")
    with st.container(key="offers_columns"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        _map(snapshot, found, wanted, near)
        shown = found.loc[found["lat"].notna(), "group"].value_counts()
        counts = {str(group): int(count) for group, count in shown.items()}
        st.html(legend(snapshot.city.groups.values(), counts=counts, language=session.language()))
    with right:
        if offer_form.form_open():
            with st.container(key="offer_form"):
                saved = offer_form.offer_form(snapshot)
            if saved is not None:
                _choose(saved)
                st.rerun()
        elif (offer_id := st.query_params.get("offer")) is not None:
            _detail(snapshot, found, offer_id)
        else:
            _list(snapshot, found)


def _summary(found: pd.DataFrame, wanted: OfferFilter, near: NearPlace | None) -> str:
    """Return how many offers were found, for whom and how near."""
    tr = session.tr
    parts = []
    if wanted.age is not None:
        parts.append(tr("offers.for_age", age=wanted.age))
    if near is not None and wanted.minutes is not None:
        key = f"offers.near_{wanted.mode}"
        parts.append(tr(key, minutes=int(wanted.minutes), place=near.label))
    count = (
        tr("offers.count_one")
        if len(found) == 1
        else tr("offers.count", count=session.number(len(found)))
    )
    unplaced = int((found["lat"].isna()).sum())
    if unplaced:
        parts.append(tr("offers.without_point", count=session.number(unplaced)))
    rest = tag("span", text(" · ".join(["", *parts]))) if parts else ""
    return tag("p", text(count), rest, class_="sro-count", role="status")


def _map(
    snapshot: Snapshot, found: pd.DataFrame, wanted: OfferFilter, near: NearPlace | None
) -> None:
    base = town_map(snapshot, settings=session.settings(), language=session.language())
    here = (near.lat, near.lon) if near else None
    if offer_form.form_open():
        here = offer_form.form_point()
    reach = None
    if near is not None and wanted.minutes is not None and not offer_form.form_open():
        reach = reach_metres(wanted.minutes, snapshot.city, mode=wanted.mode, age=wanted.age)
    selected = st.query_params.get("offer")
    points = found[["offer_id", "lat", "lon", "group", "name", "protected"]]
    layer = offer_layer(
        points,
        snapshot.city.groups,
        selected=selected,
        here=here,
        reach_m=reach,
        area=wanted.area_id,
        focus=here,
        placing=offer_form.form_open(),
        language=session.language(),
    )
    show_map(base, layer, height=_MAP_HEIGHT, key="offer_map", on_event=_on_map_event)


def _on_map_event(event: dict[str, Any]) -> None:
    if event["kind"] == "offer":
        if not offer_form.form_open():
            _choose(str(event["id"]))
    elif offer_form.form_open():
        offer_form.set_point(float(event["lat"]), float(event["lon"]))
    else:
        offer_filters.set_near(float(event["lat"]), float(event["lon"]))


def _choose(offer_id: str) -> None:
    st.query_params["offer"] = offer_id


def _leave() -> None:
    st.query_params.pop("offer", None)


def _list(snapshot: Snapshot, found: pd.DataFrame) -> None:
    tr, language = session.tr, session.language()
    shown = st.session_state.setdefault("shown_entries", _STEP)
    if found.empty:
        st.info(tr("offers.none"), icon=":material/search_off:")
    entries = [_entry(row, snapshot, language) for row in found.head(shown).itertuples(index=False)]
    if entries:
        result_list(
            entries, label=tr("offers.list"), key="offer_list", on_choose=_choose, height=520
        )
    if len(found) > shown:
        rest = len(found) - shown
        st.button(
            tr("offers.more", count=session.number(rest)), on_click=_show_more, width="stretch"
        )
    row = st.container(horizontal=True, gap="small")
    row.button(
        tr("offers.add"),
        icon=":material/add:",
        type="primary",
        on_click=offer_form.start_form,
        args=(None,),
        width="stretch",
    )
    with row.popover(tr("offers.download"), icon=":material/download:", width="stretch"):
        st.write(tr("offers.download_hint", count=session.number(len(found))))
        for ending, mime in _MIME.items():
            st.download_button(
                tr(f"offers.download_{ending}"),
                # Made on the click, not on every run.
                data=partial(offers_as_bytes, snapshot, found, ending),
                file_name=f"{tr('offers.file')}.{ending}",
                mime=mime,
                on_click="ignore",
                width="stretch",
            )


_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


def _show_more() -> None:
    st.session_state["shown_entries"] += _STEP


def _entry(row: Any, snapshot: Snapshot, language: str) -> Entry:
    category = snapshot.city.categories.get(row.category)
    group = snapshot.city.groups.get(row.group) if isinstance(row.group, str) else None
    kind = name_of(category.names, language) if category else str(row.category)
    who = row.provider if isinstance(row.provider, str) else ""
    minutes = plain(row.minutes)
    note = session.tr(f"freshness.{row.freshness}") if row.freshness != "fresh" else ""
    if row.status != "active":
        note = " · ".join(filter(None, [session.tr(f"choices.status.{row.status}"), note]))
    if row.status_of_place in ("protected", "mobile", "unplaced"):
        where = session.tr(f"offers.place_{row.status_of_place}")
        note = " · ".join(filter(None, [where, note]))
    return Entry(
        id=str(row.offer_id),
        title=str(row.name),
        subtitle=" · ".join(filter(None, [kind, who])),
        badge=""
        if minutes is None
        else session.tr("offers.minutes", minutes=max(1, round(minutes))),
        note=note,
        path=symbols.path(group.symbol) if group else symbols.path("circle"),
        colour=group.colour if group else "#51606d",
    )


def _detail(snapshot: Snapshot, found: pd.DataFrame, offer_id: str) -> None:
    tr, language = session.tr, session.language()
    st.button(tr("offers.back"), on_click=_leave, icon=":material/arrow_back:", type="tertiary")
    rows = found[found["offer_id"] == offer_id]
    if rows.empty:
        rows = find_offers(snapshot, OfferFilter(statuses=()))
        rows = rows[rows["offer_id"] == offer_id]
        if rows.empty:
            st.warning(tr("offers.gone"), icon=":material/search_off:")
            return
        st.caption(tr("offers.outside_filter"))
    row = rows.iloc[0]
    now = dt.datetime.now(ZONE).replace(tzinfo=None)
    st.html(card_head(row, snapshot, language, now))
    _buttons(row)
    st.html(card_facts(row, snapshot, language))
    with st.expander(tr("offers.history"), icon=":material/history:"):
        entries = offer_history(session.workspace(), offer_id)
        st.html(
            history_html(entries, snapshot, language) if entries else text(tr("offers.no_history"))
        )


def _buttons(row: pd.Series) -> None:
    tr = session.tr
    offer_id, version = str(row["offer_id"]), int(row["row_version"])
    row_one, row_two = (st.container(horizontal=True, gap="small") for _ in range(2))
    today = session.snapshot().today.isoformat()
    row_one.button(
        tr("offers.confirm"),
        icon=":material/check:",
        type="primary",
        disabled=plain(row["verified_on"]) == today,
        on_click=_act,
        args=(confirm_offer, offer_id, version, "offers.confirmed"),
        width="stretch",
    )
    row_one.button(
        tr("offers.edit"),
        icon=":material/edit:",
        on_click=offer_form.start_form,
        args=({k: plain(v) for k, v in row.items()},),
        width="stretch",
    )
    row_two.button(
        tr("offers.duplicate"),
        icon=":material/content_copy:",
        on_click=_duplicate,
        args=(offer_id, str(row["name"]), _copy_key(offer_id)),
        width="stretch",
    )
    closed = row["status"] == "closed"
    row_two.button(
        tr("offers.reopen" if closed else "offers.close"),
        icon=":material/undo:" if closed else ":material/block:",
        on_click=_act,
        args=(
            reopen_offer if closed else close_offer,
            offer_id,
            version,
            "offers.reopened" if closed else "offers.closed",
        ),
        width="stretch",
    )


def _copy_key(offer_id: str) -> str:
    """One key as long as the card is open: a double click makes one copy."""
    key: str = st.session_state.setdefault(f"copy_key:{offer_id}", session.fresh_key())
    return key


def _act(action: Any, offer_id: str, version: int, message: str) -> None:
    try:
        action(session.workspace(), offer_id, actor=session.actor(), expected_version=version)
    except SroError as error:
        session.refuse(error)
        return
    session.say(
        session.tr(message, date=date_in_words(dt.date.today().isoformat(), session.language()))
    )


def _duplicate(offer_id: str, name: str, key: str) -> None:
    copy = session.tr("offers.copy_of", name=name)
    try:
        new = duplicate_offer(
            session.workspace(), offer_id, copy, actor=session.actor(), idempotency_key=key
        )
    except SroError as error:
        session.refuse(error)
        return
    st.session_state.pop(f"copy_key:{offer_id}", None)
    _choose(new)
    session.say(session.tr("offers.duplicated"))
