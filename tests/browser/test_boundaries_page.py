"""Drawing in a real browser: exactly the blocks under the brush move, however fast the mouse is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect

from sro_geo.actions import planning
from sro_geo.actions.access import Actor
from sro_geo.actions.planning_figures import ground_of
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.i18n import t
from sro_geo.plans import Plan
from sro_geo.settings import Settings

from .conftest import ROOT, WIDE, Server
from .steps import settled, visit
from .test_accessibility import PHONE, violations

pytestmark = pytest.mark.browser

EDITOR = "(map) => map.getRootNode().querySelector('.sro-editor').sroEditor"


class Desk:
    """A served dashboard with a variant to draw in, and its workspace from beside."""

    def __init__(self, server: Server, workspace: Workspace) -> None:
        self.server, self.workspace = server, workspace
        self.plan_id = ""

    def begin(self, name: str) -> str:
        """Add a variant that begins as the plan in force, and draw in it from now on."""
        self.plan_id = planning.new_plan(self.workspace, name, actor=Actor("Test"))
        return self.plan_id

    def plan(self) -> Plan:
        """Return the variant as it is stored."""
        return load_plan(self.workspace.snapshot(), self.plan_id)


@pytest.fixture(scope="module")
def desk(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The dashboard on a fresh copy of the shipped workspace."""
    folder = tmp_path_factory.mktemp("boundaries")
    shutil.copytree(shipped, folder / "workspace")
    server = Server(ROOT / "app.py", folder / "workspace", folder / "streamlit.txt", {})
    yield Desk(server, open_workspace(Settings(workspace=folder / "workspace")))
    server.stop()
    assert "Traceback" not in server.log.read_text(errors="replace")


def open_map(page: Page, desk: Desk, language: str = "de") -> Locator:
    """Open the page on the variant and return the map once it can be drawn in."""
    page.set_viewport_size({"width": 1280, "height": 1100})
    visit(page, desk.server.url, "boundaries", plan=desk.plan_id, lang=language)
    drawing = page.locator(".sro-editor-map[data-ready=true]")
    expect(drawing).to_be_visible()
    expect(drawing).to_have_attribute("data-sum", re.compile(r"[1-9]"))
    page.wait_for_function(
        f"() => ({EDITOR})(document.querySelector('.sro-editor-map') ?? "
        "[...document.querySelectorAll('*')].map((n) => n.shadowRoot)"
        ".find((r) => r?.querySelector('.sro-editor-map'))"
        ".querySelector('.sro-editor-map')).version"
    )
    return drawing


def run_of(drawing: Locator, script: str) -> Any:
    """Return what a script says of the editor ``e``."""
    return drawing.evaluate(f"(map) => {{ const e = ({EDITOR})(map); return {script}; }}")


def on_screen(drawing: Locator, x: float, y: float, crs: str) -> tuple[float, float]:
    """Return where a place in metres is on the screen."""
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    at = run_of(drawing, f"e.map.latLngToContainerPoint([{lat}, {lon}])")
    box = drawing.bounding_box()
    assert box is not None
    return box["x"] + 1 + at["x"], box["y"] + 1 + at["y"]


def in_metres(drawing: Locator, points: list[tuple[float, float]], crs: str) -> np.ndarray:
    """Return screen points in metres, as the map itself says."""
    box = drawing.bounding_box()
    assert box is not None
    inside = [[x - box["x"] - 1, y - box["y"] - 1] for x, y in points]
    degrees = run_of(
        drawing,
        f"{json.dumps(inside)}.map((p) => e.map.containerPointToLatLng(p))"
        ".map((d) => [d.lng, d.lat])",
    )
    into = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    return np.array([into.transform(lon, lat) for lon, lat in degrees])


def answered(drawing: Locator, count: int) -> None:
    """Wait until the server has answered a message."""
    expect(drawing).to_have_attribute("data-answered", str(count))


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    """Press, jump from point to point with one event each, and let go."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y)
    page.mouse.up()


def test_a_fast_stroke_moves_exactly_the_blocks_under_it(offline_page: Page, desk: Desk) -> None:
    """Three events for a way through half the city: every block under the way, and no other."""
    page = offline_page
    desk.begin("Pinsel")
    drawing = open_map(page, desk)
    box = drawing.bounding_box()
    assert box is not None
    points = [
        (box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        for across, down in ((0.44, 0.28), (0.5, 0.62), (0.58, 0.5))
    ]
    before = desk.plan()
    radius = run_of(drawing, "e.radius")
    target = run_of(drawing, "e.to")
    stroke(page, points)
    answered(drawing, 1)
    crs = desk.workspace.city.crs
    way = in_metres(drawing, points, crs)
    beside = in_metres(drawing, [points[0], (points[0][0] + 100, points[0][1])], crs)
    scale = float(np.hypot(*(beside[1] - beside[0]))) / 100
    ground = ground_of(desk.workspace.snapshot())
    line = shapely.LineString(way)
    away = shapely.distance(ground.points, line)
    runs_through = shapely.intersects(ground.geometry, line)
    under = runs_through | (away <= radius * scale)
    # A quarter of a pixel may decide where a block only just comes under the brush.
    edge = np.abs(away - radius * scale) < scale / 4
    edge |= np.abs(shapely.distance(ground.geometry, line) - scale / 8) < scale / 8
    sure = ~edge | (shapely.length(shapely.intersection(ground.geometry, line)) > scale)
    after = desk.plan()
    expected = under & (before.codes != before.code(target))
    moved = before.codes != after.codes
    assert 20 < moved.sum()
    assert np.array_equal(expected[sure], moved[sure])
    assert (after.codes[moved] == after.code(target)).all()
    assert (~sure).sum() < 8
    said = page.locator(".sro-last")
    expect(said).to_have_text(re.compile(f"^{moved.sum()} Baublöcke, "))
    assert run_of(drawing, "[...e.blocks.codes]") == after.codes.tolist()


def test_undo_and_redo_by_keys(offline_page: Page, desk: Desk) -> None:
    """Ctrl+Z and Ctrl+Y in the map; the browser shows what is stored."""
    page = offline_page
    desk.begin("Zurück")
    drawing = open_map(page, desk)
    box = drawing.bounding_box()
    assert box is not None
    start = desk.plan().codes
    middle = (box["x"] + box["width"] * 0.43, box["y"] + box["height"] * 0.45)
    stroke(page, [middle, (middle[0] + 60, middle[1] + 30)])
    answered(drawing, 1)
    drawn = desk.plan().codes
    assert (start != drawn).any()
    page.keyboard.press("Control+z")
    answered(drawing, 2)
    expect(page.locator(".sro-last")).to_have_text(re.compile("^Zurückgenommen"))
    assert np.array_equal(start, desk.plan().codes)
    page.keyboard.press("Control+y")
    answered(drawing, 3)
    assert np.array_equal(drawn, desk.plan().codes)
    settled(page)
    assert run_of(drawing, "[...e.blocks.codes]") == drawn.tolist()


def test_escape_ends_a_gesture_and_numbers_choose_the_target(
    offline_page: Page, desk: Desk
) -> None:
    """Nothing is told to the server, and the chosen space gets what is painted next."""
    page = offline_page
    desk.begin("Tasten")
    drawing = open_map(page, desk)
    box = drawing.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.43, box["y"] + box["height"] * 0.45
    start = desk.plan().codes
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y)
    assert run_of(drawing, "[...e.blocks.codes]") != start.tolist()
    page.keyboard.press("Escape")
    page.mouse.up()
    assert run_of(drawing, "[...e.blocks.codes]") == start.tolist()
    page.keyboard.press("3")
    stroke(page, [(x, y), (x + 50, y)])
    answered(drawing, 1)
    moved = start != desk.plan().codes
    third = desk.plan().standing[2].area_id
    assert moved.any()
    assert (desk.plan().area_ids_of_blocks()[moved] == third).all()


def test_from_is_a_lock_and_locked_spaces_stay(offline_page: Page, desk: Desk) -> None:
    """A lasso over the whole city takes only what comes from the chosen space."""
    page = offline_page
    desk.begin("Aus")
    drawing = open_map(page, desk)
    plan = desk.plan()
    source, target = plan.standing[3], plan.standing[2]
    page.get_by_role("combobox", name="Aus", exact=True).select_option(source.area_id)
    page.get_by_role("radio", name=target.name).click()
    page.get_by_role("radio", name=t("boundary_editor.tool_rectangle"), exact=True).click()
    box = drawing.bounding_box()
    assert box is not None
    low = box["y"] + box["height"] - 60
    stroke(page, [(box["x"] + 60, box["y"] + 8), (box["x"] + box["width"] - 60, low)])
    answered(drawing, 1)
    after = desk.plan()
    moved = plan.codes != after.codes
    assert set(plan.area_ids_of_blocks()[moved]) == {source.area_id}
    assert set(after.area_ids_of_blocks()[moved]) == {target.area_id}


def test_a_line_divides_a_space(offline_page: Page, desk: Desk) -> None:
    """With the target *new space* the line cuts the space it runs through in two."""
    page = offline_page
    desk.begin("Linie")
    drawing = open_map(page, desk)
    plan = desk.plan()
    space = plan.standing[1]
    mine = shapely.union_all(ground_of(desk.workspace.snapshot()).geometry[plan.codes == 1])
    west, south, east, north = mine.bounds
    middle = (south + north) / 2
    crs = desk.workspace.city.crs
    ends = [on_screen(drawing, x, middle, crs) for x in (west - 150, east + 150)]
    page.get_by_role("radio", name=t("boundary_editor.new_area")).click()
    page.get_by_role("combobox", name="Aus", exact=True).select_option(space.area_id)
    page.get_by_role("radio", name=t("boundary_editor.tool_line"), exact=True).click()
    page.mouse.click(*ends[0])
    page.mouse.click(*ends[1])
    page.mouse.click(*ends[1])
    answered(drawing, 1)
    after = desk.plan()
    assert len(plan.standing) + 1 == len(after.standing)
    moved = plan.codes != after.codes
    points = shapely.get_coordinates(ground_of(desk.workspace.snapshot()).points)
    assert (points[moved, 1] > middle).all()
    expect(page.get_by_role("radio", name=f"{space.name} 2")).to_be_visible()


def test_a_finger_paints(offline_page: Page, desk: Desk, open_context: Any) -> None:
    """A touch paints as a mouse does."""
    desk.begin("Finger")
    context = open_context(has_touch=True, viewport={"width": 390, "height": 1400})
    page = context.new_page()
    visit(page, desk.server.url, "boundaries", plan=desk.plan_id)
    drawing = page.locator(".sro-editor-map[data-ready=true]")
    expect(drawing).to_have_attribute("data-sum", re.compile(r"[1-9]"))
    settled(page)
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4
    touch = context.new_cdp_session(page)
    for kind, dx in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60), ("touchEnd", None)):
        points = [] if dx is None else [{"x": x + dx, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    answered(drawing, 1)
    assert (desk.plan().codes != load_plan(desk.workspace.snapshot()).codes).any()


def test_all_of_it_by_keyboard_alone(offline_page: Page, desk: Desk) -> None:
    """A block chosen from the list and applied, without touching the mouse."""
    page = offline_page
    desk.begin("Tastatur")
    drawing = open_map(page, desk)
    field = page.get_by_role("combobox", name=re.compile("Baublöcke"))
    field.focus()
    plan = desk.plan()
    block = str(plan.block_ids[plan.codes != 0][0])
    page.keyboard.type(block)
    expect(page.get_by_role("option", name=re.compile(re.escape(block))).first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    settled(page)
    page.get_by_role("button", name=t("boundaries.hand_apply"), exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sro-last")).to_have_text(re.compile("^1 Baublock"))
    after = desk.plan()
    assert [block] == after.block_ids[plan.codes != after.codes].tolist()
    settled(page)
    assert run_of(drawing, "[...e.blocks.codes]") == after.codes.tolist()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tab", ["hand", "spaces", "proposal", "families", "compare", "adopt"])
def test_no_wcag_violation(offline_page: Page, desk: Desk, tab: str, language: str) -> None:
    """Map, tools and every tab, wide and narrow; nothing is wider than a phone."""
    page = offline_page
    if not desk.plan_id or desk.plan().name != "Zugang":
        desk.begin("Zugang")
    drawing = open_map(page, desk, language)
    box = drawing.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.43, box["y"] + box["height"] * 0.45
    stroke(page, [(x, y), (x + 40, y + 20)])
    page.get_by_role("tab", name=t(f"boundaries.tab_{tab}", language), exact=True).click()
    settled(page)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert [] == violations(page), size
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
