"""What the tests do on a page, in words: visit, read the map, point at it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Frame, Locator, Page, TimeoutError, expect

MAP = "iframe[title^=streamlit_folium]"
TRIES, PATIENCE = 5, 5_000
# Notes when the page has asked for a run of its script (field 11 of a message to the server)
# that has not begun: between a click and its run the page says that nothing runs.
WATCH = """(() => {
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        if (new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0)[0] === 0x5a) {
            window.sroAsked = performance.now();
        }
        return send.call(this, data);
    };
    new MutationObserver(() => {
        if (document.querySelector("[data-testid=stApp][data-test-script-state=running]")) {
            window.sroAsked = undefined;
        }
    }).observe(document, {
        subtree: true, childList: true, attributeFilter: ["data-test-script-state"],
    });
})()"""
# A run that was asked for during another one may begin unseen: after a while it has.
# No promise: Playwright takes one for true.
STANDS = """() => {
    const idle = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
    return idle !== null && performance.now() - (window.sroAsked ?? -Infinity) > 5000;
}"""


def watch(context: BrowserContext) -> None:
    """Let the pages of a visitor note which runs they have asked for (see ``settled``)."""
    context.add_init_script(WATCH)


def visit(page: Page, url: str, path: str = "", **address: str) -> None:
    """Open a page of the dashboard and wait until it has finished."""
    page.goto(f"{url}/{path}?{urlencode(address)}")
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page stands, nothing runs any more and no run has been asked for."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate("new Promise((next) => setTimeout(next, 20))")  # a click asks a moment later
    page.wait_for_function(STANDS)


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
    click_in_map(page, at)


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
    click_in_map(page, mark)


def click_in_map(page: Page, at: dict[str, Any]) -> None:
    """Click on a point of the map, in pixels of the map, once nothing moves it any more."""
    settled(page)
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])


def fill(page: Page, label: str, words: str) -> None:
    """Write into a field and leave it with Enter, once the page stands."""
    settled(page)
    field = page.get_by_label(label, exact=True)
    field.fill(words)
    field.press("Enter")


def press(page: Page, button: str) -> None:
    """Press a button by its words, once the page stands."""
    settled(page)
    page.get_by_role("button", name=button, exact=True).click()


def choose(page: Page, label: str, option: str, *, typed: bool = False) -> None:
    """Choose an option of a selection by its visible name; one of several has to be typed."""
    pick(page, page.get_by_role("combobox", name=label).first, option, typed=typed)


def pick(page: Page, field: Locator, option: str, *, typed: bool = False) -> None:
    """Choose an option in a field, and again if a run of the page has shut its list meanwhile."""
    offered = page.get_by_role("option", name=option, exact=True)
    several = page.get_by_test_id("stMultiSelect").filter(has=field)
    for _ in range(TRIES):
        settled(page)
        try:
            field.click(timeout=PATIENCE)
            if typed:
                field.press("Control+a")
                field.press_sequentially(option)
            offered.click(timeout=PATIENCE)
            if several.count():
                expect(several.get_by_text(option, exact=True)).to_be_visible(timeout=PATIENCE)
            else:
                expect(field).to_have_value(option, timeout=PATIENCE)
            return
        except (TimeoutError, AssertionError):
            if page.get_by_role("listbox").count():
                page.keyboard.press("Escape")
    raise AssertionError(f"{option} could not be chosen")


def choose_day(page: Page, day: str) -> None:
    """Type a day, eight digits, into the only date field of the page and leave the field."""
    page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    page.keyboard.type(day)
    page.get_by_role("heading", level=1).click()
