"""What the tests do on a page, in words: visit, read the map, point at it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Frame, Page, expect

MAP = "iframe[title^=streamlit_folium]"


def visit(page: Page, url: str, path: str = "", **address: str) -> None:
    """Open a page of the dashboard and wait until it has finished."""
    page.goto(f"{url}/{path}?{urlencode(address)}")
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page stands and nothing runs any more."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def map_frame(page: Page) -> Frame:
    """Return the frame of the map once its ground is drawn and it holds its offers."""
    inside = page.frame_locator(MAP)
    expect(inside.locator("#map_div[data-ready=true]")).to_be_visible()
    frame = next(f for f in page.frames if "streamlit_folium" in f.url and not f.is_detached())
    frame.wait_for_function("window.map?.sroOffers?.data != null")
    return frame


def ids_on_map(frame: Frame) -> set[str]:
    """Return the ids of the offers the map has been given."""
    return set(frame.evaluate("window.map.sroOffers.items.map((item) => item.id)"))


def click_place(page: Page, lat: float, lon: float) -> None:
    """Click on a place of the map, in degrees."""
    at = map_frame(page).evaluate(
        "([lat, lon]) => window.map.latLngToContainerPoint([lat, lon])", [lat, lon]
    )
    _click(page, at)


def click_offer(page: Page, offer_id: str) -> None:
    """Click on the symbol of an offer that stands alone on the map."""
    frame = map_frame(page)
    mark = frame.evaluate(
        """(id) => {
            const drawn = window.map.sroOffers.drawn;
            const mark = drawn.find((d) => d.items.length === 1 && d.items[0].id === id);
            return mark && window.map.layerPointToContainerPoint([mark.x, mark.y]);
        }""",
        offer_id,
    )
    assert mark is not None, f"{offer_id} does not stand alone on the map"
    _click(page, mark)


def _click(page: Page, at: dict[str, Any]) -> None:
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])


def fill(page: Page, label: str, words: str) -> None:
    """Write into a field and leave it with Enter."""
    field = page.get_by_label(label, exact=True)
    field.fill(words)
    field.press("Enter")


def choose(page: Page, label: str, option: str, *, typed: bool = False) -> None:
    """Choose an option of a selection by its visible name; one of several has to be typed."""
    field = page.get_by_role("combobox", name=label).first
    field.click()
    if typed:
        field.press_sequentially(option)
    page.get_by_role("option", name=option, exact=True).click()


def choose_day(page: Page, day: str) -> None:
    """Type a day, eight digits, into the only date field of the page and leave the field."""
    page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    page.keyboard.type(day)
    page.get_by_role("heading", level=1).click()
