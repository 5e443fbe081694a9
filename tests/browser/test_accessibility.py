"""No WCAG 2.1 A or AA violation on any page, in both languages, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from sro_geo.i18n import t

from .conftest import WIDE, Server
from .steps import MAP, choose, map_frame, pick, settled, visit

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


def new_offer(page: Page, language: str) -> None:
    """Open an empty form."""
    page.get_by_role("button", name=t("offers.add", language)).click()
    expect(page.get_by_role("button", name=t("form.save", language))).to_be_visible()


def history(page: Page, language: str) -> None:
    """Unfold the history of the card."""
    page.get_by_text(t("offers.history", language)).click()


def filters(page: Page, language: str) -> None:
    """Open the further filters."""
    page.get_by_role("button", name=t("filters.more", language), exact=True).click()
    expect(page.get_by_text(t("filters.low", language))).to_be_visible()


def tab(name: str) -> Callable[[Page, str], None]:
    """Return the step that opens a tab."""

    def step(page: Page, language: str) -> None:
        page.get_by_role("tab", name=t(name, language)).click()
        settled(page)

    return step


def faulty_file(page: Page, language: str) -> None:
    """Hand over a file with an error, a repair and a note."""
    tab("data.bring")(page, language)
    pick(page, page.get_by_role("combobox").first, t("tables.offers", language))
    content = b"offer_id,name,category,lat,lon\nX-1,,youth_centre,9.96,53.72\n"
    file = {"name": "x.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    expect(page.get_by_text(t("imports.not_ready", language))).to_be_visible()


def gap(page: Page, language: str) -> None:
    """Ask why the largest gap is one."""
    tab("coverage.tab_matrix")(page, language)
    gaps = page.get_by_role("list", name=t("coverage.matrix_list", language))
    gaps.get_by_role("button").first.click()
    expect(page.get_by_text(t("coverage.matrix_people", language))).to_be_visible()


def sites(page: Page, language: str) -> None:
    """Find where the next offer should stand."""
    tab("coverage.tab_sites")(page, language)
    page.get_by_role("button", name=t("coverage.sites_find", language)).click()
    expect(page.get_by_text(t("coverage.sites_proven", language))).to_be_visible()


def assumption(page: Page, language: str) -> None:
    """Think an offer away and begin to change another."""
    map_frame(page)
    tab("coverage.tab_changes")(page, language)
    expect(page.get_by_text(t("coverage.changes_click", language))).to_be_visible()
    settled(page)
    choose(page, t("coverage.changes_off", language), "Jugendhaus Mitte", typed=True)
    page.keyboard.press("Escape")
    expect(page.get_by_text(t("coverage.what_if", language))).to_be_visible()
    settled(page)
    choose(page, t("coverage.changes_offer", language), "Jugendhaus Harksheide", typed=True)
    expect(page.get_by_role("button", name=t("coverage.changes_apply", language))).to_be_visible()


def finer(page: Page, language: str) -> None:
    """Open the finer choices of the coverage page."""
    page.get_by_role("button", name=t("coverage.more", language), exact=True).click()
    expect(page.get_by_text(t("coverage.rescale", language))).to_be_visible()


def own_story(page: Page, language: str) -> None:
    """Begin a presentation with a map and words of one's own."""
    page.goto(page.url.replace("/where?", "/committee?story=yearly&"))
    slides = page.get_by_role("list", name=t("committee.list", language))
    # The first time the whole report is drawn.
    expect(slides).to_be_visible(timeout=90_000)
    settled(page)
    page.get_by_role("button", name=t("committee.new", language), exact=True).click()
    choose(page, t("committee.template", language), t("stories.template_space_profile", language))
    page.get_by_role("button", name=t("committee.begin", language), exact=True).click()
    expect(page.get_by_label(t("committee.field_text", language), exact=True)).to_be_visible()
    slides.locator("button.choose").nth(1).click()
    expect(page.locator(".slide svg.map")).to_be_visible()


def slide_gone(page: Page, language: str) -> None:
    """Remove the first slide of a presentation and unfold the table of the next."""
    own_story(page, language)
    settled(page)
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name=t("committee.undo", language))).to_be_visible()


def add_slide(page: Page, language: str) -> None:
    """Open the panel with what can be added."""
    own_story(page, language)
    page.get_by_role("button", name=t("committee.add_slide", language)).click()
    expect(page.get_by_text(t("committee.add_what", language))).to_be_visible()


def take_along(page: Page, language: str) -> None:
    """Make a file and stop before it is saved."""
    own_story(page, language)
    settled(page)
    page.get_by_role("button", name=t("committee.files", language)).click()
    page.get_by_role("button", name=t("committee.make", language)).click()
    expect(page.locator(".st-key-committee_take")).to_be_visible(timeout=60_000)


def presented(page: Page, language: str) -> None:
    """Show the deck over the window."""
    own_story(page, language)
    settled(page)
    page.get_by_role("button", name=t("committee.present", language)).click()
    expect(page.locator("dialog[data-ready=true]")).to_be_visible(timeout=60_000)


STATES: dict[str, tuple[str, dict[str, str], Callable[[Page, str], None] | None]] = {
    "start": ("", {}, None),
    "list": ("offers", {"age": "12", "near": "Buchenweg 131"}, None),
    "filters": ("offers", {"q": "Jugend"}, filters),
    "card": ("offers", {"offer": "A-004"}, history),
    "form": ("offers", {}, new_offer),
    "where": ("where", {"near": "Buchenweg 131"}, None),
    "coverage": ("coverage", {}, None),
    "coverage no verdict": ("coverage", {"minutes": "5", "group": "0-2"}, None),
    "coverage finer": ("coverage", {}, finer),
    "distribution": ("coverage", {}, tab("coverage.tab_distribution")),
    "sensitivity": ("coverage", {}, tab("coverage.tab_sensitivity")),
    "gap": ("coverage", {}, gap),
    "sites": ("coverage", {}, sites),
    "central or local": ("coverage", {}, tab("coverage.tab_local")),
    "assumption": ("coverage", {}, assumption),
    "story": ("where", {}, own_story),
    "story, slide removed": ("where", {}, slide_gone),
    "story, slide to add": ("where", {}, add_slide),
    "story, file": ("where", {}, take_along),
    "story on the wall": ("where", {}, presented),
    "quality": ("data", {}, None),
    "holdings": ("data", {}, tab("data.held")),
    "import": ("data", {}, faulty_file),
}


# Streamlit fades what is about to go and what has just come; half faded words have half
# the contrast.
STILL = """() => [...document.querySelectorAll("*")].every((node) =>
    node.dataset.stale !== "true" && (getComputedStyle(node).opacity === "1"
        || !node.checkVisibility({ checkOpacity: true, visibilityProperty: true })
        || !node.getAnimations().length))
    && !document.getAnimations().some((a) => a.playState === "running"
        && a.effect.getTiming().iterations !== Infinity)"""


def violations(where: Page | Frame) -> list[tuple[str, str, str]]:
    """Return what axe-core finds: rule, place, and what is wrong there."""
    where.wait_for_function(STILL)
    found: list[dict[str, Any]] = Axe().run(where, options=RULES).response["violations"]
    return [
        (rule["id"], str(node["target"]), node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("state", STATES)
def test_a_page_has_no_wcag_violation(
    offline_page: Page, dashboard: Server, state: str, language: str
) -> None:
    """Page and map, wide and narrow; language, title and one main heading are set."""
    page = offline_page
    path, address, step = STATES[state]
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url, path, lang=language, **address)
    if step is not None:
        step(page, language)
    settled(page)
    expect(page.locator("html")).to_have_attribute("lang", language)
    frames = [map_frame(page)] if page.locator(MAP).count() else []
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for where in (page, *frames):
            assert [] == violations(where), size
            assert language == where.evaluate("document.documentElement.lang")
            assert "" != where.evaluate("document.title.trim()")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("path", ["", "offers", "coverage", "where", "data"])
def test_the_focus_can_be_seen(offline_page: Page, dashboard: Server, path: str) -> None:
    """Wherever Tab leads, the picture differs from the one without the focus."""
    page = offline_page
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url, path)
    if page.locator(MAP).count():
        map_frame(page)
    unseen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        box = page.evaluate(FOCUSED)
        if box is None:
            break
        around = {
            "x": max(0, box["x"] - 6),
            "y": max(0, box["y"] - 6),
            "width": box["width"] + 12,
            "height": min(box["height"] + 12, 300),
        }
        with_focus = page.screenshot(clip=around)
        page.evaluate(BLUR)
        if with_focus == page.screenshot(clip=around):
            unseen.append(box["name"])
    assert unseen == []


# Where the focus is, through shadow roots and the frame of the map.
INNERMOST = """
    let node = document.activeElement, dx = 0, dy = 0;
    for (;;) {
        if (node?.shadowRoot?.activeElement) { node = node.shadowRoot.activeElement; continue; }
        const inside = node?.tagName === "IFRAME" && node.contentDocument?.activeElement;
        if (!inside) break;
        const frame = node.getBoundingClientRect();
        [dx, dy, node] = [dx + frame.x, dy + frame.y, inside];
    }
"""
FOCUSED = f"""() => {{ {INNERMOST}
    if (!node || node === document.body) return null;
    const box = node.getBoundingClientRect();
    const name = node.getAttribute("aria-label") || node.textContent || node.outerHTML;
    return {{ x: box.x + dx, y: box.y + dy, width: box.width, height: box.height, name }};
}}"""
BLUR = f"() => {{ {INNERMOST} node.blur(); }}"
