"""The map in a real browser: names stay text, the frame stays, clicks reach the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect

from .conftest import Serve

pytestmark = pytest.mark.browser

PROBE = Path(__file__).parent / "apps" / "map_probe.py"


def open_map(page: Page, url: str) -> Frame:
    """Open the probe and return the frame of the map once its ground is drawn."""
    page.goto(url)
    frame = page.frame_locator("iframe[title^=streamlit_folium]")
    expect(frame.locator("#map_div[data-ready=true]")).to_be_visible()
    return next(f for f in page.frames if "streamlit_folium" in f.url)


def marks(frame: Frame) -> list[dict[str, Any]]:
    """Return what is drawn: names and the place in the frame, in pixels."""
    frame.wait_for_function("window.map.sroOffers.drawn.length > 0")
    drawn: list[dict[str, Any]] = frame.evaluate(
        """() => window.map.sroOffers.drawn.map((d) => {
            const at = window.map.layerPointToContainerPoint([d.x, d.y]);
            const [ids, names] = [d.items.map((i) => i.id), d.items.map((i) => i.name)];
            return {x: at.x, y: at.y, ids, names};
        })"""
    )
    return drawn


def point_at(page: Page, mark: dict[str, Any], *, click: bool = False) -> None:
    """Move the mouse onto a mark and, if wanted, click."""
    box = page.locator("iframe[title^=streamlit_folium]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + mark["x"] - 30, box["y"] + mark["y"] - 30)
    page.mouse.move(box["x"] + mark["x"], box["y"] + mark["y"])
    if click:
        page.mouse.down()
        page.mouse.up()


def test_hostile_names_are_shown_as_text_and_run_nowhere(offline_page: Page, serve: Serve) -> None:
    """Hovering shows each name letter for letter; no script in a name has run."""
    frame = open_map(offline_page, serve(PROBE))
    shown = []
    for mark in marks(frame):
        if len(mark["names"]) == 1:
            point_at(offline_page, mark)
            tooltip = frame.locator(".sro-tooltip-name")
            expect(tooltip).to_have_text(mark["names"][0])
            shown.append(tooltip.text_content())
    expected = [m["names"][0] for m in marks(frame) if len(m["names"]) == 1]
    assert expected == shown
    assert "map_12ab marker_0 _div _0 maps/a1/" in shown
    assert "{{'window.hacked=6'}}" in shown
    assert frame.evaluate("window.hacked === undefined && window.top.hacked === undefined")


def test_a_filter_change_keeps_the_frame_and_its_view(offline_page: Page, serve: Serve) -> None:
    """A variable in the frame and the zoom outlive a change of what is shown."""
    frame = open_map(offline_page, serve(PROBE))
    frame.evaluate(
        "window.stays = 1; window.map.setZoom(window.map.getZoom() + 1, {animate: false})"
    )
    zoom = frame.evaluate("window.map.getZoom()")
    offline_page.get_by_text("few", exact=True).click()
    expect(offline_page.get_by_text("shown=3")).to_be_visible()
    frame.wait_for_function("window.map.sroOffers.items.length === 3")
    assert frame.evaluate("window.stays") == 1
    assert frame.evaluate("window.map.getZoom()") == zoom


def test_a_click_on_an_offer_and_on_the_ground_reach_the_page(
    offline_page: Page, serve: Serve
) -> None:
    """An offer gives its id, the ground a place; the same click twice counts twice."""
    frame = open_map(offline_page, serve(PROBE))
    first = next(m for m in marks(frame) if m["ids"] == ["o_0a"])
    point_at(offline_page, first, click=True)
    expect(offline_page.get_by_text("events=1 chosen=o_0a")).to_be_visible()
    frame.wait_for_function("window.map.sroOffers.data.selected === 'o_0a'")
    empty = {"x": first["x"] + 40, "y": first["y"] + 220}
    point_at(offline_page, empty, click=True)
    expect(offline_page.get_by_text("events=2 chosen=o_0a")).to_be_visible()
    point_at(offline_page, empty, click=True)
    expect(offline_page.get_by_text("events=3 chosen=o_0a")).to_be_visible()


def test_offers_on_one_point_are_listed_and_can_be_chosen(offline_page: Page, serve: Serve) -> None:
    """A number stands for several offers on one point; its list is made of buttons."""
    frame = open_map(offline_page, serve(PROBE))
    several = next(m for m in marks(frame) if len(m["ids"]) == 3)
    point_at(offline_page, several, click=True)
    expect(frame.get_by_role("button", name="Zweites")).to_be_visible()
    offline_page.keyboard.press("Tab")
    offline_page.keyboard.press("Enter")
    expect(offline_page.get_by_text("chosen=o_9a")).to_be_visible()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_frame_has_no_accessibility_violation(
    offline_page: Page, serve: Serve, language: str
) -> None:
    """axe-core finds nothing in the page and its frame; language and title are set."""
    frame = open_map(offline_page, f"{serve(PROBE)}/?language={language}")
    assert frame.evaluate("document.documentElement.lang") == language
    assert frame.evaluate("document.title").startswith({"de": "Karte", "en": "Map"}[language])
    for where in (frame, offline_page):
        found = Axe().run(where).response["violations"]
        assert [(v["id"], v["nodes"][0]["target"]) for v in found] == []


def test_the_map_fits_a_phone(chromium: Browser, serve: Serve) -> None:
    """At 390 px nothing is wider than the screen and every button is a finger wide."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    frame = open_map(page, serve(PROBE))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    widths = frame.evaluate(
        "Array.from(document.querySelectorAll('.leaflet-bar a'), (a) => a.offsetWidth)"
    )
    assert min(widths) >= 44
    context.close()
