"""The deck in a browser: offline, by keyboard alone, without a WCAG violation on any slide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.deck import deck, write_deck

from .conftest import FROZEN
from .test_pdf import NASTY, tiny

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
WIDE = {"width": 1280, "height": 720}


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(rule["id"], str(node["target"])) for rule in found for node in rule["nodes"]]


@pytest.fixture(scope="module")
def file(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deck of the yearly report as a file."""
    path = tmp_path_factory.mktemp("deck") / "deck.html"
    write_deck(story, path)
    return path


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    """The deck, opened from the disk; requests, refusals and errors fail the test."""
    context = chromium.new_context(viewport=WIDE, locale="de-DE", service_workers="block")
    asked: list[str] = []
    context.on("request", lambda r: asked.append(r.url))
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert [] == [u for u in asked if not u.startswith(("file:", "data:", "about:"))]
    assert [] == said


def shows(page: Page, title: str) -> None:
    """Expect one slide to be seen, that of a title."""
    visible = page.locator("main>section:visible")
    expect(visible).to_have_count(1)
    expect(visible.locator("h2")).to_have_text(title)


def test_it_is_one_file_of_less_than_three_megabytes(file: Path) -> None:
    """It fits on any stick."""
    assert file.stat().st_size < 3_000_000


def test_nothing_in_it_points_outside(file: Path) -> None:
    """No address in a tag, a style or a script that would load anything."""
    code = file.read_text(encoding="utf-8")
    assert "default-src 'none'" in unescape(code)
    assert "unsafe" not in re.findall(r'Content-Security-Policy" content="([^"]*)"', code)[0]
    assert [] == re.findall(r"""(?:src|href|action|data|poster)=["']?(?!#|data:)[^"'\s>]+""",
                            re.sub(r"<script.*?</script>", "", code, flags=re.S))[:3]  # fmt: skip
    assert [] == re.findall(r"url\((?![\"']?(?:data:|#))", code)
    for word in ("@import", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "importScripts"):
        assert word not in code, word
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", code))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_no_slide_has_a_violation(page: Page, story: Story) -> None:
    """Every slide, light and dark, with its tables unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for number in range(len(story.slides)):
        assert [] == violations(page), number + 1
        if number in (0, 2):
            page.keyboard.press("d")
            assert [] == violations(page), f"{number + 1} dark"
            page.keyboard.press("d")
        page.keyboard.press("PageDown")


def test_keys_and_clickers_lead_through_it(page: Page, story: Story) -> None:
    """Arrows, Page Up and Page Down, Home, End; the address follows."""
    shows(page, story.slides[0].title)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    shows(page, story.slides[2].title)
    expect(page).to_have_url(re.compile("#3$"))
    page.keyboard.press("PageUp")
    shows(page, story.slides[1].title)
    page.keyboard.press("End")
    shows(page, story.slides[-1].title)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    shows(page, story.slides[0].title)


def test_a_link_leads_to_a_slide(page: Page, file: Path, story: Story) -> None:
    """#3 is the third slide, on opening and later."""
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#3")
    shows(page, story.slides[2].title)
    page.evaluate("location.hash = '#5'")
    page.wait_for_function("document.title.startsWith('5 ')")
    shows(page, story.slides[4].title)


def test_the_screen_goes_black_and_comes_back(page: Page) -> None:
    """With b, as on any clicker."""
    page.keyboard.press("b")
    expect(page.locator("main")).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator("main")).to_be_visible()


def test_a_map_is_moved_by_keys_and_closed_by_escape(page: Page, story: Story) -> None:
    """Leaflet inside, without a request; Page Down still goes on."""
    at = next(i for i, s in enumerate(story.slides) if s.sheet is not None)
    for _ in range(at):
        page.keyboard.press("PageDown")
    page.keyboard.press("z")
    box = page.locator(".map-box")
    expect(box).to_be_focused()
    place = "() => document.querySelector('.map-box svg').getBoundingClientRect().width"
    before = page.evaluate(place)
    page.keyboard.press("+")
    page.wait_for_function(f"w => ({place})() > w * 1.1", arg=before)
    assert [] == violations(page)
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.locator("#zoom")).to_be_focused()
    page.keyboard.press("z")
    page.keyboard.press("PageDown")
    shows(page, story.slides[at + 1].title)
    expect(box).to_have_count(0)


def test_the_presenter_sees_note_clock_and_what_comes_next(page: Page, story: Story) -> None:
    """In a second window that follows the first and leads it."""
    with page.expect_popup() as opening:
        page.keyboard.press("p")
    other = opening.value
    expect(other.locator("#p-note")).to_have_text(story.slides[0].note)
    expect(other.locator("#p-next")).to_contain_text(story.slides[1].title)
    expect(other.locator("#p-clock")).to_have_text(re.compile(r"\d\d:\d\d · \d\d:\d\d"))
    expect(other.locator("main>section:visible")).to_have_count(0)
    assert [] == violations(other)
    other.keyboard.press("PageDown")
    expect(other.locator("#p-title")).to_contain_text(story.slides[1].title)
    shows(page, story.slides[1].title)
    page.keyboard.press("PageDown")
    expect(other.locator("#p-title")).to_contain_text(story.slides[2].title)


def test_everything_can_be_reached_by_tab(page: Page) -> None:
    """All controls that are to be seen, each with a visible focus."""
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => [document.activeElement.id || document.activeElement.className || "
            "document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]"
        )
        reached.add(found[0])
        assert found[0] == "BODY" or found[1] == "4px", found
    assert {"body", "SUMMARY", "back", "on", "jump", "zoom", "notes", "full", "theme"} <= reached


def test_a_slide_never_runs_over_its_screen(page: Page, story: Story) -> None:
    """The map stands whole on the screen of a usual projector."""
    for slide in story.slides:
        if slide.sheet is not None:
            box = page.locator("main>section:visible svg.map").bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= WIDE["height"], slide.slide_id
        page.keyboard.press("PageDown")


def test_it_prints_one_slide_a_page(page: Page, story: Story, tmp_path: Path) -> None:
    """16:9, all slides."""
    import pikepdf

    page.pdf(path=str(tmp_path / "x.pdf"), prefer_css_page_size=True, print_background=True)
    with pikepdf.open(tmp_path / "x.pdf") as printed:
        assert len(story.slides) == len(printed.pages)
        _, _, wide, high = (float(v) for v in printed.pages[0].mediabox)
        assert 16 / 9 == pytest.approx(wide / high, rel=0.01)


@pytest.mark.parametrize("name", NASTY)
def test_any_title_stays_a_title(chromium: Browser, tmp_path: Path, name: str) -> None:
    """Markup is shown and not run; nothing breaks the page."""
    story = tiny(NASTY[name])
    (tmp_path / "x.html").write_text(deck(story), encoding="utf-8")
    page = chromium.new_page(viewport=WIDE)
    said: list[str] = []
    page.on("dialog", lambda d: (said.append("ran"), d.dismiss()))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto((tmp_path / "x.html").as_uri())
    shows(page, story.slides[0].title)  # blanks count as one, as in the browser
    assert [] == said
    assert [] == violations(page)
    page.close()


def test_a_story_without_maps_carries_no_leaflet() -> None:
    """What is not needed is not there."""
    plain = freeze(Story("s", "x", "x", "en", (Slide("a", "x"),)), FROZEN)
    assert "leaflet" not in re.sub(r"<style>.*?</style>", "", deck(plain), flags=re.S).lower()
