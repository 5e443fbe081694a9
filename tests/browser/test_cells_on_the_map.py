"""40,000 cells in a real browser: the frame stays, the classes change, words are text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .conftest import OpenContext, Serve

pytestmark = pytest.mark.browser

PROBE = Path(__file__).parent / "apps" / "cells_probe.py"
MAP = "iframe[title^=streamlit_folium]"
# The middle of a cell in degrees.
MIDDLE = """(cell) => {
    const { boxes, origin } = window.map.sroCells.shapes;
    const [west, north, east, south] = boxes.slice(4 * cell, 4 * cell + 4);
    const point = L.point((west + east) / 2, (north + south) / 2).add(origin);
    return window.map.unproject(point, sro.PATH_ZOOM);
}"""
READY = "window.map?.sroCells?.ready() && window.map.sroOffers?.data != null"


def open_cells(page: Page, url: str) -> Frame:
    """Open the probe and return the frame of the map once its cells are drawn."""
    page.goto(url)
    inside = page.frame_locator(MAP)
    expect(inside.locator("#map_div[data-ready=true]")).to_be_visible()
    frame = next(f for f in page.frames if "streamlit_folium" in f.url)
    frame.wait_for_function(READY)
    return frame


def point_of(frame: Frame, cell: int) -> dict[str, float]:
    """Return where the middle of a cell lies in the frame, in pixels."""
    at: dict[str, float] = frame.evaluate(
        f"(cell) => window.map.latLngToContainerPoint(({MIDDLE})(cell))", cell
    )
    return at


def point_at(page: Page, frame: Frame, cell: int) -> None:
    """Rest the mouse in the middle of a cell."""
    at = point_of(frame, cell)
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + at["x"] - 3, box["y"] + at["y"])
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])


def free_cell(frame: Frame, test: str) -> int:
    """Return a cell whose byte passes a JavaScript test and that lies under no offer."""
    found: int = frame.evaluate(
        f"""() => {{
            const map = window.map, size = map.getSize(), margin = 90;
            const offers = map.sroOffers, middle = {MIDDLE};
            return map.sroCells.bytes.findIndex((byte, cell) => {{
                if (byte === 255 || !({test})) {{ return false; }}
                const place = middle(cell), at = map.latLngToContainerPoint(place);
                const inside = at.x > margin && at.x < size.x - margin &&
                    at.y > margin && at.y < size.y - margin;
                return inside && !offers.pick(map.latLngToLayerPoint(place), 12);
            }});
        }}"""
    )
    assert found >= 0
    return found


def choose_threshold(page: Page, presses: int) -> None:
    """Move the slider up by some steps."""
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(presses):
        slider.press("ArrowRight")


def test_threshold_and_category_change_the_cells_and_keep_the_frame(
    offline_page: Page, serve: Serve
) -> None:
    """Neither a variable in the frame nor the zoom is lost; the geometry is asked for once."""
    asked: list[str] = []
    offline_page.on("request", lambda request: asked.append(request.url))
    frame = open_cells(offline_page, serve(PROBE))
    assert frame.evaluate("window.map.sroCells.bytes.length") == 40_000
    frame.evaluate(
        "window.stays = 1; window.map.setZoom(window.map.getZoom() + 1, {animate: false})"
    )
    zoom = frame.evaluate("window.map.getZoom()")
    before = frame.evaluate("Array.from(window.map.sroCells.bytes).filter((b) => b & 128).length")
    choose_threshold(offline_page, 1)
    expect(offline_page.get_by_text("threshold=20")).to_be_visible()
    frame.wait_for_function(
        f"Array.from(window.map.sroCells.bytes).filter((b) => b & 128).length !== {before}"
    )
    offline_page.get_by_text("other category", exact=True).click()
    data = "window.map.sroCells.data.classes"
    frame.wait_for_function(f"window.map.sroOffers.items.length && {data} !== window.last")
    assert frame.evaluate("window.stays") == 1
    assert frame.evaluate("window.map.getZoom()") == zoom
    assert len([url for url in asked if "cells-" in url and url.endswith(".bin")]) == 1


def test_cells_go_when_their_layer_is_gone_and_come_back(offline_page: Page, serve: Serve) -> None:
    """The offers alone: nothing of the cells is left, nor of earlier layers."""
    frame = open_cells(offline_page, serve(PROBE))
    choose_threshold(offline_page, 1)
    expect(offline_page.get_by_text("threshold=20")).to_be_visible()
    without = offline_page.get_by_text("without cells", exact=True)
    without.click()
    frame.wait_for_function("window.map.sroCells.data === null")
    frame.wait_for_function("window.feature_group.length === 1")
    without.click()
    frame.wait_for_function(READY)
    assert frame.evaluate("window.feature_group.length") == 2


def test_a_cell_says_its_class(offline_page: Page, serve: Serve) -> None:
    """On hover; a gap and a doubt are said too; an offer above it comes first."""
    frame = open_cells(offline_page, serve(PROBE))
    tooltip = frame.locator(".sro-cell-tooltip")
    point_at(offline_page, frame, free_cell(frame, "byte === 0"))
    expect(tooltip).to_have_text("bis 5 Minuten")
    point_at(offline_page, frame, free_cell(frame, "(byte & 63) === 3 && byte & 128"))
    expect(tooltip).to_contain_text("Lücke")
    point_at(offline_page, frame, free_cell(frame, "byte & 64"))
    expect(tooltip).to_contain_text("unsicher")
    offer: dict[str, Any] = frame.evaluate(
        """() => {
            const mark = window.map.sroOffers.drawn.find((d) => d.items.length === 1);
            return window.map.layerPointToContainerPoint([mark.x, mark.y]);
        }"""
    )
    box = offline_page.locator(MAP).bounding_box()
    assert box is not None
    offline_page.mouse.move(box["x"] + offer["x"], box["y"] + offer["y"])
    expect(tooltip).to_have_count(0)
    expect(frame.locator(".sro-tooltip-name")).to_have_text("<b>Treff</b>")


def test_the_border_of_the_gap_has_no_lines_inside(offline_page: Page, serve: Serve) -> None:
    """The corners of the grid are shared: the border is far shorter than that of all cells."""
    frame = open_cells(offline_page, serve(PROBE))
    shared = frame.evaluate("window.map.sroCells.shapes.x.length")
    assert shared == 201 * 201


def test_a_tap_says_the_class_on_a_phone(open_context: OpenContext, serve: Serve) -> None:
    """A finger cannot hover."""
    context = open_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    frame = open_cells(page, serve(PROBE))
    at = point_of(frame, free_cell(frame, "byte === 0"))
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + at["x"], box["y"] + at["y"])
    expect(frame.locator(".sro-cell-tooltip")).to_have_text("bis 5 Minuten")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
