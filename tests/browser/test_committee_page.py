"""The evening before the committee: five slides, a sentence each, in order, taken along."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from sro_geo.actions import stories
from sro_geo.actions.access import Actor
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.i18n import t
from sro_geo.reports.views import View
from sro_geo.settings import Settings

from .conftest import ROOT, WIDE, Server
from .steps import choose, settled, visit
from .test_accessibility import PHONE

pytestmark = pytest.mark.browser

ME = Actor("Test")
FOCUSED = """() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return node?.innerText ?? "";
}"""


class Desk:
    """A served dashboard and its workspace from beside."""

    def __init__(self, server: Server, workspace: Workspace) -> None:
        self.server, self.workspace = server, workspace

    def story(self, name: str, *titles: str) -> str:
        """Add a presentation of slides in words of one's own."""
        made = stories.new_story(self.workspace, name, actor=ME)
        for title in titles:
            stories.add_slides(self.workspace, made, View("own_words"), title=title, actor=ME)
        return made

    def titles(self, story: str) -> list[str | None]:
        """Return what people called the slides of a presentation, in their order."""
        return [s.title for s in stories.stored_slides(self.workspace.snapshot(), story)]


@pytest.fixture(scope="module")
def desk(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The dashboard on a fresh copy of the shipped workspace."""
    folder = tmp_path_factory.mktemp("committee")
    shutil.copytree(shipped, folder / "workspace")
    server = Server(ROOT / "app.py", folder / "workspace", folder / "streamlit.txt", {})
    yield Desk(server, open_workspace(Settings(workspace=folder / "workspace")))
    server.stop()
    assert "Traceback" not in server.log.read_text(errors="replace")


def open_story(page: Page, desk: Desk, story: str, **address: str) -> None:
    """Open the page on a presentation and wait until a slide is shown."""
    page.set_viewport_size(WIDE)
    visit(page, desk.server.url, "committee", story=story, **address)
    expect(page.locator(".slide section").first).to_be_visible()


def listed(page: Page) -> Locator:
    """Return the slides of the list."""
    return page.get_by_role("list", name=t("committee.list")).locator("button.choose")


def deck_of(page: Page) -> Frame:
    """Return the frame of the deck once it has the window."""
    expect(page.locator("dialog[data-ready=true]")).to_be_visible()
    return next(f for f in page.frames if f.url.startswith("blob:") and not f.is_detached())


def add(page: Page, what: str, place: int) -> None:
    """Add a slide with the open panel and wait until it is in the list."""
    choose(page, t("committee.add_what"), t(f"committee.add_{what}"))
    page.get_by_role("button", name=t("committee.add"), exact=True).click()
    expect(listed(page).nth(place)).to_have_attribute("aria-current", "true")
    settled(page)


def say(page: Page, words: str) -> None:
    """Write the sentence of the chosen slide, and leave the field."""
    field = page.get_by_label(t("committee.field_text"), exact=True)
    field.fill(words)
    field.press("Tab")
    expect(page.get_by_text(t("committee.saved"))).to_be_visible()
    expect(page.locator(".slide")).to_contain_text(words)
    settled(page)


def test_a_story_of_five_slides_in_one_evening(offline_page: Page, desk: Desk) -> None:
    """Begun, filled, reordered, a sentence each, taken along as deck and as PDF."""
    page = offline_page
    page.set_viewport_size(WIDE)
    page.goto(f"{desk.server.url}/committee")
    # The first time the whole report is drawn.
    expect(page.locator(".slide section").first).to_be_visible(timeout=90_000)
    settled(page)
    page.get_by_role("button", name=t("committee.new"), exact=True).click()
    page.get_by_label(t("committee.name"), exact=True).fill("Ausschuss im März")
    page.get_by_role("button", name=t("committee.begin"), exact=True).click()
    expect(page.get_by_text(t("committee.empty"))).to_be_visible()
    page.get_by_role("button", name=t("committee.add_slide")).click()
    for place, what in enumerate(
        ("page_people", "own_words", "page_offers", "page_cover", "page_methods")
    ):
        add(page, what, place)
    page.keyboard.press("Escape")
    story = next(h.story_id for h in stories.story_list(desk.workspace.snapshot()) if h.own)
    # The title slide goes to the front, by keyboard alone.
    listed(page).nth(3).click()
    expect(listed(page).nth(3)).to_have_attribute("aria-current", "true")
    for place in (2, 1, 0):
        page.keyboard.press("Alt+ArrowUp")
        expect(listed(page).nth(place)).to_have_attribute("aria-current", "true")
        assert page.evaluate(FOCUSED).startswith(f"{place + 1}\n")
    kinds = [
        s.view.settings.get("name", s.view.kind)
        for s in stories.stored_slides(desk.workspace.snapshot(), story)
    ]
    assert ["cover", "people", "own_words", "offers", "methods"] == kinds
    for place in range(5):
        listed(page).nth(place).click()
        expect(listed(page).nth(place)).to_have_attribute("aria-current", "true")
        settled(page)
        say(page, f"Satz {place + 1} für den Ausschuss.")
    page.get_by_role("button", name=t("committee.files")).click()
    for format, start in (("html", b"<!doctype html>"), ("pdf", b"%PDF-")):
        page.get_by_text(t(f"committee.format_{format}"), exact=True).click()
        page.get_by_role("button", name=t("committee.make")).click()
        button = page.get_by_role("button", name=f".{format} ")
        expect(button).to_be_visible(timeout=60_000)
        with page.expect_download() as download:
            button.click()
        assert download.value.suggested_filename.startswith("Ausschuss-im-Maerz-20")
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
        if format == "html":
            deck = content.decode()
            assert deck.index("Satz 1 für") < deck.index("Satz 2 für") < deck.index("Satz 5 für")


def test_slides_are_moved_doubled_and_removed(offline_page: Page, desk: Desk) -> None:
    """By buttons, by dragging, by keys; what was removed comes back."""
    page = offline_page
    story = desk.story("Reihenfolge", "Eins", "Zwei", "Drei")
    open_story(page, desk, story)
    page.get_by_role("button", name=f"{t('committee.list_down')}: Eins").click()
    expect(listed(page).nth(1)).to_contain_text("Eins")
    assert ["Zwei", "Eins", "Drei"] == desk.titles(story)
    said = t("committee.list_moved", title="Eins", n=2, of=3)
    expect(page.locator("p.unseen[role=status]", has_text=said)).to_have_count(1)
    listed(page).nth(2).drag_to(listed(page).nth(0))
    expect(listed(page).nth(0)).to_contain_text("Drei")
    expect(listed(page).nth(0)).to_have_attribute("aria-current", "true")
    assert ["Drei", "Zwei", "Eins"] == desk.titles(story)
    settled(page)
    page.get_by_role("button", name=f"{t('committee.list_duplicate')}: Drei").click()
    expect(listed(page)).to_have_count(4)
    expect(listed(page).nth(1)).to_have_attribute("aria-current", "true")
    settled(page)
    listed(page).nth(3).focus()
    page.keyboard.press("Delete")
    expect(listed(page)).to_have_count(3)
    assert ["Drei", "Drei", "Zwei"] == desk.titles(story)
    page.get_by_role("button", name=t("committee.undo")).click()
    expect(listed(page)).to_have_count(4)
    assert ["Drei", "Drei", "Zwei", "Eins"] == desk.titles(story)
    settled(page)
    # At the ends nothing is left to do, and the arrows walk along the list.
    listed(page).nth(3).focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED).startswith("3\n")


def test_the_slide_is_shown_as_the_deck_shows_it(offline_page: Page, desk: Desk) -> None:
    """Map, legend and table; what people write is words and nothing else."""
    page = offline_page
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    story = desk.story("Vorschau")
    stories.add_slides(desk.workspace, story, View("page", {"name": "people"}), actor=ME)
    open_story(page, desk, story)
    slide = page.locator(".slide section")
    expect(slide.locator("svg.map")).to_be_visible()
    box = slide.bounding_box()
    assert box is not None
    assert 1.7 < box["width"] / box["height"] < 2
    title = "<img src=x onerror=alert(1)><script>alert(2)</script> \u05e9\u05dc\u05d5\u05dd 🧒🏽"
    field = page.get_by_label(t("committee.field_title"), exact=True)
    field.fill(title)
    field.press("Tab")
    expect(slide.get_by_role("heading")).to_have_text(title)
    expect(listed(page).first.locator(".title")).to_have_text(title)
    settled(page)
    page.get_by_role("button", name=t("committee.reset"), exact=True).click()
    expect(slide.get_by_role("heading")).not_to_have_text(title)
    page.get_by_text(t("committee.table"), exact=True).first.click()
    expect(page.locator(".sro-slide-table table")).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(page.locator(".slide.narrow")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_presentation_fills_the_window(offline_page: Page, desk: Desk) -> None:
    """From the address, with the keyboard at once; Escape leads back to the button."""
    page = offline_page
    story = desk.story("Vorführung", "Guten Abend", "Auf Wiedersehen")
    visit(page, desk.server.url, "committee", story=story, present="1")
    deck = deck_of(page)
    corners: list[Any] = page.evaluate(
        """() => [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, low]) => {
            const x = 2 + right * (innerWidth - 5), y = 2 + low * (innerHeight - 5);
            let node = document.elementFromPoint(x, y);
            while (node?.shadowRoot) node = node.shadowRoot.elementFromPoint(x, y);
            return node?.tagName;
        })"""
    )
    assert ["IFRAME"] * 4 == corners
    expect(deck.get_by_role("heading", name="Guten Abend")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(deck.get_by_role("heading", name="Auf Wiedersehen")).to_be_visible()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || "
            "document.activeElement.shadowRoot?.activeElement?.tagName === 'IFRAME'"
        )
    deck.get_by_role("heading", name="Auf Wiedersehen").focus()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(listed(page)).to_have_count(2)
    assert "present" not in page.url
    button = page.get_by_role("button", name=t("committee.present"))
    expect(button).to_be_focused()
    settled(page)
    # The chosen slide is the first that is shown, and there is a button to leave.
    listed(page).nth(1).click()
    expect(listed(page).nth(1)).to_have_attribute("aria-current", "true")
    settled(page)
    button.focus()
    page.keyboard.press("Enter")
    deck = deck_of(page)
    expect(deck.get_by_role("heading", name="Auf Wiedersehen")).to_be_visible()
    deck.get_by_role("button", name=t("committee.present_end")).click()
    expect(listed(page)).to_have_count(2)
    expect(button).to_be_focused()
