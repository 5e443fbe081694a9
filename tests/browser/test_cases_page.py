"""A planner and an outsider before the released figures: map, sentence, years, every tab."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import format_decimal
from playwright.sync_api import Frame, Locator, Page, expect

from sro_geo.actions.cases import case_table, load_released
from sro_geo.i18n import t
from sro_geo.store.released import Released
from sro_geo.ui.cases_inputs import matching

from .conftest import ROOT, WIDE, OpenContext, Server
from .steps import MAP, choose, click_in_map, fill, press, settled, visit
from .test_accessibility import PHONE, violations

pytestmark = pytest.mark.browser

TABS = ("table", "years", "compare", "places", "indicators", "why", "release")
READY = "window.map?.sroAreas?.ready()"


@pytest.fixture(scope="module")
def held(shipped: Path) -> Released:
    """What is released, read without a browser."""
    return load_released(shipped)


@pytest.fixture(scope="module")
def public(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The view of outsiders, in a folder that holds the released snapshot and nothing else."""
    folder = tmp_path_factory.mktemp("public")
    (folder / "workspace").mkdir()
    shutil.copy(shipped / "released.sqlite", folder / "workspace")
    env = {"SRO_MODE": "public"}
    server = Server(ROOT / "app.py", folder / "workspace", folder / "streamlit.txt", env)
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text(errors="replace")
    assert ["released.sqlite"] == [file.name for file in (folder / "workspace").iterdir()]


def cell(held: Released, area: str, year: int = 2025, help_type: str | None = None) -> Any:
    """One released cell."""
    cells = matching(case_table(held, year).cells, help_type, None)
    return next(cells[cells["area_id"] == area].itertuples(index=False))


def decimal(value: float) -> str:
    """A number with one decimal, as it is written in German."""
    return str(format_decimal(round(value, 1), format="#,##0.0", locale="de"))


def finding(page: Page) -> Locator:
    """The sentence."""
    return page.locator(".sro-finding")


def says(page: Page, found: Any) -> None:
    """Expect the sentence to tell a released cell."""
    expect(finding(page)).to_contain_text(f"{found.name}")
    expect(finding(page)).to_contain_text(f"{decimal(found.rate)} je 1.000")


def drawn(page: Page) -> Frame:
    """Return the frame of the map once its areas are drawn and named."""
    expect(page.frame_locator(MAP).locator("#map_div[data-ready=true]")).to_be_visible()
    frame = next(f for f in page.frames if "streamlit_folium" in f.url and not f.is_detached())
    frame.wait_for_function(READY)
    frame.wait_for_function("window.map.sroOffers.labels.chosen?.length > 0")
    return frame


def lines(frame: Frame) -> dict[str, str]:
    """What is written in each area: name and value."""
    chosen: list[list[str]] = frame.evaluate(
        "window.map.sroOffers.labels.chosen.map((c) => c.block.lines.map((l) => l.text))"
    )
    return {words[0]: words[-1] for words in chosen}


def click_area(page: Page, area: str) -> None:
    """Click on the middle of an area."""
    frame = drawn(page)
    point = frame.evaluate(
        """(name) => {
            const areas = window.map.sroAreas;
            const index = areas.data.labels.findIndex((label) => label[0] === name);
            const [lon, lat] = areas.shapes.places[index][0];
            return window.map.latLngToContainerPoint([lat, lon]);
        }""",
        area,
    )
    click_in_map(page, point)


def open_tab(page: Page, tab: str, language: str = "de") -> None:
    """Open one of the tabs below the map."""
    name = t(f"cases.tab_{tab}", language)
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    settled(page)


def test_the_map_shows_the_released_rates(
    offline_page: Page, dashboard: Server, held: Released
) -> None:
    """Every space with its name and its rate; the sentence tells the city."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    says(page, cell(held, "norderstedt"))
    written = lines(drawn(page))
    for area in ("nord-west", "nord-ost", "sued-west", "sued-ost"):
        own = cell(held, area)
        assert written[own.name] == str(round(own.rate)), area


def test_a_click_chooses_a_space_and_the_sentence_follows(
    offline_page: Page, dashboard: Server, held: Released
) -> None:
    """The same as choosing it by name; a second click goes back to the city; the map stays."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    frame = drawn(page)
    frame.evaluate("window.stays = 1")
    click_area(page, "Süd-Ost")
    says(page, cell(held, "sued-ost"))
    expect(finding(page)).to_contain_text(f"Süd insgesamt: {decimal(cell(held, 'sued').rate)}")
    expect(page.get_by_role("combobox", name="Raum").first).to_have_value("Süd-Ost")
    settled(page)
    click_area(page, "Süd-Ost")
    says(page, cell(held, "norderstedt"))
    settled(page)
    choose(page, "Raum", "Nord-West")
    says(page, cell(held, "nord-west"))
    settled(page)
    frame.wait_for_function("window.map.sroAreas.data.highlight.length === 1")
    assert 1 == frame.evaluate("window.stays")


def test_a_hidden_space_is_hatched_and_says_so(
    offline_page: Page, dashboard: Server, held: Released
) -> None:
    """It can be chosen, and no figure comes with it, nowhere in the frame."""
    cells = case_table(held, 2025).cells
    hidden = cells[(cells["level"] == "social_space") & (cells["status"] == "suppressed")]
    one = hidden[hidden["help_type"].notna()].iloc[0]
    page = offline_page
    visit(page, dashboard.url, "cases", help=str(one["help_type"]))
    frame = drawn(page)
    assert lines(frame)[one["name"]] == t("rates.suppressed_short")
    expect(page.get_by_text("Schraffiert heißt: nicht ausgewiesen.")).to_be_visible()
    click_area(page, str(one["name"]))
    expect(finding(page)).to_contain_text("wird diese Zahl nicht ausgewiesen")
    told = frame.evaluate(
        """(name) => {
            const { data } = window.map.sroAreas;
            const index = data.labels.findIndex((label) => label[0] === name);
            return JSON.stringify([data.labels[index], data.tips[index]]);
        }""",
        one["name"],
    )
    assert not re.search(r"\d", told)


def test_the_years_are_moved_through_by_keyboard(
    offline_page: Page, dashboard: Server, held: Released
) -> None:
    """The slider goes back a year with each arrow; the address keeps the year."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    drawn(page)
    slider = page.get_by_role("slider", name="Jahr")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(finding(page)).to_contain_text("2024 wurden in Norderstedt")
    settled(page)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(finding(page)).to_contain_text("2023 wurden in Norderstedt")
    says(page, cell(held, "norderstedt", 2023))
    settled(page)
    assert "year=2023" in page.url
    frame = drawn(page)
    own = cell(held, "nord-west", 2023)
    frame.wait_for_function(
        "(v) => window.map.sroAreas.data.labels.some((l) => l[0] === 'Nord-West' && l[1] === v)",
        arg=str(round(own.rate)),
    )
    page.reload()
    settled(page)
    says(page, cell(held, "norderstedt", 2023))


def test_counts_are_circles(offline_page: Page, dashboard: Server, held: Released) -> None:
    """As large as the counts, and the numbers beside them."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    drawn(page)
    page.get_by_text("Anzahl", exact=True).click()
    settled(page)
    frame = drawn(page)
    frame.wait_for_function("window.map.sroAreas.data.circles?.some((r) => r > 0)")
    radius: dict[str, float] = frame.evaluate(
        """Object.fromEntries(window.map.sroAreas.data.labels.map(
            (label, i) => [label[0], window.map.sroAreas.data.circles[i]]))"""
    )
    one, other = cell(held, "nord-west"), cell(held, "sued-ost")
    ratio = radius[one.name] ** 2 / radius[other.name] ** 2
    assert ratio == pytest.approx(one.count / other.count, rel=0.02)
    assert "shown=count" in page.url


def test_a_planner_gets_through_without_a_mouse(
    offline_page: Page, dashboard: Server, held: Released
) -> None:
    """A help and a space are chosen and a tab is opened from the keyboard alone."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    drawn(page)
    page.get_by_role("combobox", name="Hilfe").first.focus()
    page.keyboard.type("§ 31")
    expect(page.get_by_role("option", name=re.compile("§ 31")).first).to_be_visible()
    page.keyboard.press("Enter")
    says(page, cell(held, "norderstedt", help_type="31"))
    settled(page)
    page.get_by_role("tab", name=t("cases.tab_table"), exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name=t("cases.tab_years"), exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    expect(page.get_by_text(t("cases.years_intro"))).to_be_visible()


def test_another_language_speaks_in_every_selection(offline_page: Page, dashboard: Server) -> None:
    """What was chosen stays, in the other words."""
    page = offline_page
    visit(page, dashboard.url, "cases", help="outpatient", level="region")
    page.get_by_text("English", exact=True).click()
    settled(page)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("combobox", name=t("cases.help", "en")).first).to_have_value(
        t("help_groups.outpatient.short", "en")
    )
    expect(page.get_by_role("combobox", name=t("cases.level", "en")).first).to_have_value("Regions")


def test_the_table_can_be_taken_along(offline_page: Page, dashboard: Server) -> None:
    """As CSV; hidden cells have their status and no number."""
    page = offline_page
    visit(page, dashboard.url, "cases")
    with page.expect_download() as coming:
        page.get_by_role("button", name=re.compile(r"CSV$")).click()
    data = Path(coming.value.path()).read_bytes().decode("utf-8-sig")
    assert "falldichte-2025.csv" == coming.value.suggested_filename
    assert "suppressed" in data and "Nord-West" in data


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_accessible_on_a_desk_and_on_a_phone(
    offline_page: Page, dashboard: Server, tab: str, language: str
) -> None:
    """No WCAG 2.1 A or AA violation, nothing wider than a phone, one main heading."""
    page = offline_page
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url, "cases", lang=language, help="34")
    frame = drawn(page)
    open_tab(page, tab, language)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for where in (page, frame):
            assert [] == violations(where), size
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_tap_on_a_phone_chooses_a_space(
    open_context: OpenContext, dashboard: Server, held: Released
) -> None:
    """The sentence stands above the map, nothing is wider than the screen."""
    page = open_context(viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    visit(page, dashboard.url, "cases")
    frame = drawn(page)
    page.locator(MAP).scroll_into_view_if_needed()
    point = frame.evaluate(
        """() => {
            const areas = window.map.sroAreas;
            const index = areas.data.labels.findIndex((label) => label[0] === "Nord-West");
            const [lon, lat] = areas.shapes.places[index][0];
            return window.map.latLngToContainerPoint([lat, lon]);
        }"""
    )
    box = page.locator(MAP).bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + point["x"], box["y"] + point["y"])
    says(page, cell(held, "nord-west"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_outsiders_see_this_page_alone(offline_page: Page, public: Server, held: Released) -> None:
    """The same figures, no way to a release, and no other page."""
    page = offline_page
    visit(page, public.url)
    says(page, cell(held, "norderstedt"))
    drawn(page)
    expect(page.get_by_role("tab", name=t("cases.tab_release"), exact=True)).to_have_count(0)
    for name in ("start", "offers", "coverage", "where", "boundaries", "committee", "data"):
        expect(page.get_by_role("link", name=t(f"pages.{name}.title"), exact=True)).to_have_count(0)
    for path in ("data", "offers", "where", "committee"):
        page.goto(f"{public.url}/{path}")
        expect(
            page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
        ).to_be_visible()
        heading = page.get_by_role("heading", level=1, name=t(f"pages.{path}.heading"), exact=True)
        expect(heading).to_have_count(0)


@pytest.fixture
def unreleased(unreleased_workspace: Path, tmp_path: Path) -> Iterator[Server]:
    """The dashboard on the shipped city before any release."""
    shutil.copytree(unreleased_workspace, tmp_path / "workspace")
    server = Server(ROOT / "app.py", tmp_path / "workspace", tmp_path / "streamlit.txt", {})
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text(errors="replace")


def test_two_people_release_a_year(
    open_context: OpenContext, unreleased: Server, held: Released
) -> None:
    """One proposes; another, at another desk, approves; then everybody sees it."""
    one, other = (open_context().new_page() for _ in range(2))
    visit(one, unreleased.url, "cases")
    fill(one, "Ihr Name", "Anna")
    choose(one, "Gliederung", "nur Summen")
    press(one, "Vorschlagen")
    expect(one.get_by_text("wartet auf eine zweite Person").first).to_be_visible()
    press(one, "Freigeben")
    expect(
        one.get_by_text(t("errors.release_same_person.message", release="2025-1"))
    ).to_be_visible()

    visit(other, unreleased.url, "cases")
    fill(other, "Ihr Name", "Ben")
    press(other, "Freigeben")
    says(other, cell(held, "norderstedt"))
    drawn(other)
    visit(one, unreleased.url, "cases")
    says(one, cell(held, "norderstedt"))
