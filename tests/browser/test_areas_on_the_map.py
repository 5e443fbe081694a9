"""Areas in classes in a real browser: colours where they belong, hidden ones hatched, clicks."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from .apps.areas_facts import COUNTS, RATES
from .conftest import OpenContext, Serve

pytestmark = pytest.mark.browser

PROBE = Path(__file__).parent / "apps" / "areas_probe.py"
MAP = "iframe[title^=streamlit_folium]"
READY = "window.map?.sroAreas?.ready() && window.map.sroOffers?.data != null"
HIDDEN, MISSING, DARK, PALE = 2, 13, 8, 0


def open_areas(page: Page, url: str) -> Frame:
    """Open the probe and return the frame of the map once its areas are drawn."""
    page.goto(url)
    inside = page.frame_locator(MAP)
    expect(inside.locator("#map_div[data-ready=true]")).to_be_visible()
    frame = next(f for f in page.frames if "streamlit_folium" in f.url)
    frame.wait_for_function(READY)
    frame.wait_for_function("window.map.sroOffers.labels.chosen?.length > 0")
    return frame


def colours_in(frame: Frame, index: int) -> dict[str, int]:
    """Return how often each colour stands around the middle of an area, below the words."""
    counted: dict[str, int] = frame.evaluate(
        """(index) => {
            const map = window.map, { places } = map.sroAreas.shapes, ground = map.sroGround;
            const { x, y } = map.latLngToLayerPoint([places[index][0][1], places[index][0][0]]);
            const min = ground._bounds.min, half = 12 * ground.ratio;
            const left = (x - min.x) * ground.ratio - half, top = (y - min.y) * ground.ratio - half;
            const { data } = ground._context.getImageData(left, top, 2 * half, 2 * half);
            const seen = {};
            for (let i = 0; i < data.length; i += 4) {
                const pair = (k) => data[i + k].toString(16).padStart(2, "0");
                const key = "#" + pair(0) + pair(1) + pair(2);
                seen[key] = (seen[key] || 0) + 1;
            }
            return seen;
        }""",
        index,
    )
    return counted


def at(page: Page, frame: Frame, index: int) -> tuple[float, float]:
    """Return where the middle of an area lies on the page."""
    point: dict[str, float] = frame.evaluate(
        """(index) => {
            const [lon, lat] = window.map.sroAreas.shapes.places[index][0];
            return window.map.latLngToContainerPoint([lat, lon]);
        }""",
        index,
    )
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    assert box is not None
    return box["x"] + point["x"], box["y"] + point["y"]


def written(frame: Frame) -> dict[int, list[str]]:
    """Return the lines written in each area."""
    chosen: list[Any] = frame.evaluate(
        "window.map.sroOffers.labels.chosen.map((c) => [c.index, c.block.lines.map((l) => l.text)])"
    )
    return dict(chosen)


def test_each_area_has_the_colour_of_its_class_and_hidden_ones_are_hatched(
    offline_page: Page, serve: Serve
) -> None:
    """Dark for 44, pale for 17, white with lines where hidden, grey with dots where missing."""
    frame = open_areas(offline_page, serve(PROBE))
    dark, pale = colours_in(frame, DARK), colours_in(frame, PALE)
    assert max(dark, key=lambda c: dark[c]) == "#134f80"
    assert max(pale, key=lambda c: pale[c]) == "#e6eef4"
    hidden, missing = colours_in(frame, HIDDEN), colours_in(frame, MISSING)
    classes = set(frame.evaluate("window.map.sroAreas.data.colours"))
    assert not classes & {*hidden, *missing}
    assert max(hidden, key=lambda c: hidden[c]) == "#ffffff"
    assert len(hidden) > 5
    assert max(missing, key=lambda c: missing[c]) == "#dcd8d0"
    assert len(missing) > 2


def test_each_name_is_written_once_with_its_value(offline_page: Page, serve: Serve) -> None:
    """The ground's own names give way, and come back without the layer."""
    frame = open_areas(offline_page, serve(PROBE))
    lines = written(frame)
    assert lines[DARK] == ["Mühlenberg", "44"]
    assert lines[HIDDEN] == ["Nordheide", "n. a."]
    offline_page.get_by_text("without areas", exact=True).click()
    frame.wait_for_function("window.map.sroAreas.data === null")
    frame.wait_for_function(
        "window.map.sroOffers.labels.chosen.some((label) => label.name === 'Mühlenberg')"
    )
    frame.wait_for_function("window.feature_group.length === 1")


def test_no_figure_is_served_by_an_address(offline_page: Page, serve: Serve) -> None:
    """Rates and counts reach the frame with the layer only; the file holds shapes."""
    asked: list[str] = []
    offline_page.on("request", lambda request: asked.append(request.url))
    frame = open_areas(offline_page, serve(PROBE))
    before = frame.evaluate("JSON.stringify(window.map.sroAreas.data.labels)")
    frame.evaluate("window.stays = 1")
    offline_page.get_by_text("year before", exact=True).click()
    frame.wait_for_function(
        "(before) => JSON.stringify(window.map.sroAreas.data.labels) !== before", arg=before
    )
    assert frame.evaluate("window.stays") == 1
    files = {url for url in asked if "areas-" in url and url.endswith(".bin")}
    assert len(files) == len([url for url in asked if url in files]) == 1
    content = urllib.request.urlopen(files.pop()).read()
    header = content[4 : 4 + int.from_bytes(content[:4], "little")].decode()
    assert "ü" not in header
    assert not any(word in header for word in ("a08", "rate", "label", "state", "class", "Mühl"))


def test_a_click_tells_the_area_and_its_outline_follows(offline_page: Page, serve: Serve) -> None:
    """A hidden area can be asked for as well; the ground outside still gives a place."""
    frame = open_areas(offline_page, serve(PROBE))
    offline_page.mouse.click(*at(offline_page, frame, HIDDEN))
    expect(offline_page.get_by_text("event=area chosen=a02")).to_be_visible()
    frame.wait_for_function("window.map.sroAreas.data.highlight[0] === 2")
    assert frame.evaluate("window.map.sroAreas.data.highlight") == [HIDDEN]
    box = offline_page.locator(MAP).bounding_box()
    assert box is not None
    offline_page.mouse.click(box["x"] + 40, box["y"] + box["height"] - 80)
    expect(offline_page.get_by_text("event=place chosen=a02")).to_be_visible()


def test_tooltips_say_names_as_text(offline_page: Page, serve: Serve) -> None:
    """A hostile name is shown letter for letter and runs nowhere."""
    frame = open_areas(offline_page, serve(PROBE))
    x, y = at(offline_page, frame, MISSING)
    offline_page.mouse.move(x - 3, y)
    offline_page.mouse.move(x, y)
    tooltip = frame.locator(".sro-area-tooltip")
    expect(tooltip.locator(".sro-tooltip-name")).to_have_text(
        "<img src=x onerror='window.hacked=1'>${window.hacked=2}"
    )
    expect(tooltip).to_contain_text("k. D. je 1.000 unter 21")
    assert frame.evaluate("window.hacked === undefined && window.top.hacked === undefined")
    offline_page.mouse.move(5, 5)
    expect(tooltip).to_have_count(0)


def test_circles_stand_on_their_areas_and_hidden_ones_have_none(
    offline_page: Page, serve: Serve
) -> None:
    """Areas of circles are as their counts; every count has its circle."""
    frame = open_areas(offline_page, serve(PROBE))
    offline_page.get_by_text("circles", exact=True).click()
    frame.wait_for_function("window.map.sroAreas.data.circles[8] > 0")
    frame.wait_for_function("window.map.sroOffers.labels.chosen.some((c) => c.block.round)")
    drawn: list[Any] = frame.evaluate(
        """window.map.sroOffers.labels.chosen.filter((c) => c.block.round)
            .map((c) => [c.index, c.block.round.r])"""
    )
    radii = dict(drawn)
    assert set(radii) == {i for i, c in enumerate(COUNTS) if c and RATES[2025][i]}
    assert radii[8] ** 2 / radii[6] ** 2 == pytest.approx(COUNTS[8] / COUNTS[6], rel=0.01)


def test_the_page_has_no_accessibility_violation(offline_page: Page, serve: Serve) -> None:
    """Map, legend, charts and small maps."""
    frame = open_areas(offline_page, serve(PROBE))
    for where in (frame, offline_page):
        found = Axe().run(where).response["violations"]
        assert [
            (v["id"], v["nodes"][0]["target"]) for v in found if v["id"] not in PROBE_ONLY
        ] == []


# The probe is a page without headings and landmarks of its own.
PROBE_ONLY = {"page-has-heading-one", "landmark-one-main", "region"}


def test_a_tap_tells_and_nothing_is_wider_than_a_phone(
    open_context: OpenContext, serve: Serve
) -> None:
    """A finger cannot hover: the tooltip stays while the page follows the tap."""
    context = open_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    frame = open_areas(page, serve(PROBE))
    page.touchscreen.tap(*at(page, frame, DARK - 1))
    expect(page.get_by_text("event=area chosen=a07")).to_be_visible()
    expect(frame.locator(".sro-area-tooltip")).to_contain_text("Bahnhof-Ost")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(lines for lines in written(frame).values())
