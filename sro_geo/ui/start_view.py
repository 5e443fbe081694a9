"""The first page: what this is, the city at a glance, and the ways on."""

from __future__ import annotations

import streamlit as st

from sro_geo.actions.asking import find_offers
from sro_geo.actions.figures import persons_per_area
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography.overview import overview_map
from sro_geo.i18n import name_of
from sro_geo.offers import OfferFilter
from sro_geo.reports.views import View
from sro_geo.ui import markup, session
from sro_geo.ui.adding import add_to_presentation
from sro_geo.ui.markup import tag, text

_WAYS = (
    ("offers", ":material/map:"),
    ("coverage", ":material/troubleshoot:"),
    ("cases", ":material/family_restroom:"),
    ("where", ":material/my_location:"),
    ("boundaries", ":material/gesture:"),
    ("committee", ":material/slideshow:"),
    ("data", ":material/database:"),
)


def start_page() -> None:
    """Draw the page."""
    tr, language = session.tr, session.language()
    snapshot = session.snapshot()
    if snapshot.empty:
        st.info(tr("data.empty"), icon=":material/info:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(_figures(snapshot, language))
        with st.container(key="start_cards"):
            for page, icon in _WAYS:
                with st.container(border=True, gap="xsmall"):
                    title = f"**{tr(f'start.{page}_title')}**"
                    st.page_link(f"pages/{page}.py", label=title, icon=icon)
                    st.write(tr(f"start.{page}_text"))
        st.html(tag("p", text(tr("start.privacy"))))
    with right:
        st.html(_overview(snapshot, language))
        st.html(_spaces(snapshot, language))
        add_to_presentation(View("page", {"name": "summary"}))


def _figures(snapshot: Snapshot, language: str) -> str:
    tr = session.tr
    offers = find_offers(snapshot, OfferFilter())
    top = persons_per_area(snapshot, ("all", "under_18"))[0]
    shown = [
        (top.persons[0], tr("start.persons")),
        (top.persons[1], tr("start.young")),
        (len(offers), tr("start.offers")),
        (offers["provider_id"].nunique(), tr("start.providers")),
        (int((offers["freshness"] != "fresh").sum()), tr("start.to_check")),
    ]
    items = "".join(
        tag(
            "li",
            tag(
                "strong",
                tr("data.unknown") if n is None else session.number(n),
            ),
            tag("span", text(words)),
        )
        for n, words in shown
    )
    return f'<ul class="sro-figures">{items}</ul>'


def _overview(snapshot: Snapshot, language: str) -> str:
    city = snapshot.city
    lowest = snapshot.current.of_level(city.lowest.level)
    upper = snapshot.current.of_level(city.plan_levels[max(0, len(city.plan_levels) - 2)].level)
    names = ", ".join(lowest["name"])
    label = session.tr("start.map_label", city=name_of(city.names, language), areas=names)
    return overview_map(lowest, upper, label=label, width=380)


def _spaces(snapshot: Snapshot, language: str) -> str:
    tr, city = session.tr, snapshot.city
    figures = persons_per_area(snapshot, ("all", "under_18"))
    rows = [
        [
            area.name,
            *(tr("data.unknown") if n is None else session.number(n) for n in area.persons),
            str(area.offers),
        ]
        for area in figures
        if area.level == city.lowest.level
    ]
    header = [
        name_of(city.lowest.names, language),
        tr("start.persons"),
        tr("data.group_under_18"),
        tr("start.offers"),
    ]
    return markup.table(name_of(city.lowest.plurals, language), header, rows, numeric=[1, 2, 3])
