"""German or English, whole: no word of the other language is left on a page."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from playwright.sync_api import Page, expect

from sro_geo.i18n import phrases, t

from .conftest import WIDE, Server
from .steps import MAP, choose, map_frame, settled, visit

pytestmark = pytest.mark.browser

# Everything a person sees or hears: text, labels, placeholders, in shadow roots too.
WORDS = """() => {
    const words = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (["STYLE", "SCRIPT", "NOSCRIPT"].includes(node.tagName)) continue;
            if (!node.checkVisibility({ visibilityProperty: true })) continue;
            for (const child of node.childNodes) {
                if (child.nodeType === Node.TEXT_NODE) words.push(child.data);
            }
            for (const name of ["aria-label", "placeholder", "title", "alt"]) {
                if (node.hasAttribute(name)) words.push(node.getAttribute(name));
            }
            if (node.shadowRoot) walk(node.shadowRoot);
        }
    };
    walk(document.body);
    return words.map((text) => text.trim()).filter(Boolean);
}"""


@lru_cache(maxsize=2)
def foreign(language: str) -> re.Pattern[str]:
    """Return what fits any phrase of the other language that this one says differently."""
    other = {"de": "en", "en": "de"}[language]
    own = set(phrases(language).values())
    patterns = set()
    for key, phrase in phrases(other).items():
        if phrase == phrases(language)[key] or phrase in own:
            continue
        # "{one} und {other}" fits many a name: a phrase with gaps needs words of its own.
        least = 8 if "{" in phrase else 3
        if len(re.sub(r"\{\w*\}", "", phrase).strip(" ·:,.")) < least:
            continue
        patterns.add(re.sub(r"\\\{\w*\\\}", ".+", re.escape(phrase)))
    return re.compile("|".join(sorted(patterns)))


def left_over(page: Page, language: str) -> list[str]:
    """Return the texts of page and map that are whole phrases of the other language."""
    frames = [map_frame(page)] if page.locator(MAP).count() else []
    shown = [text for where in (page, *frames) for text in where.evaluate(WORDS)]
    assert len(shown) > 15
    return [text for text in shown if foreign(language).fullmatch(text)]


def to_english(page: Page) -> None:
    """Switch the language on the page."""
    page.get_by_role("radio", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    settled(page)


def test_the_switch_changes_every_word_and_stays(offline_page: Page, dashboard: Server) -> None:
    """Chosen once, English holds on every page that is walked to."""
    page = offline_page
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url)
    assert [] == left_over(page, "de")
    to_english(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(t("pages.start.heading", "en"))
    assert [] == left_over(page, "en")
    for name in ("offers", "where", "data"):
        page.get_by_role("link", name=t(f"pages.{name}.title", "en"), exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(t(f"pages.{name}.heading", "en"))
        settled(page)
        assert [] == left_over(page, "en")
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_what_was_chosen_is_said_in_the_new_language(offline_page: Page, dashboard: Server) -> None:
    """A selection keeps its value and changes its words, in the filter and in the form."""
    page = offline_page
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url, "offers", minutes="10")
    page.get_by_role("button", name=t("offers.add"), exact=True).click()
    choose(page, t("form.category"), "Offene Kinder- und Jugendarbeit")
    settled(page)
    to_english(page)
    for key, words in (("filters.minutes", "10 minutes"), ("form.category", "Open youth work")):
        field = page.get_by_role("combobox", name=t(key, "en")).first
        expect(field).to_have_value(words)
    assert [] == left_over(page, "en")


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_address_with_a_language_shows_it(
    offline_page: Page, dashboard: Server, language: str
) -> None:
    """Card, form, answer, findings, holdings and import speak the language of the address."""
    page = offline_page
    page.set_viewport_size(WIDE)
    visit(page, dashboard.url, "offers", offer="A-004", lang=language)
    expect(page.get_by_text(t("offers.history", language))).to_be_visible()
    assert [] == left_over(page, language)
    page.get_by_role("button", name=t("offers.edit", language), exact=True).click()
    expect(page.get_by_role("button", name=t("form.save", language))).to_be_visible()
    page.get_by_text(t("form.more", language)).click()
    assert [] == left_over(page, language)
    page.get_by_role("button", name=t("form.cancel", language)).click()
    page.get_by_role("button", name=t("offers.back", language)).click()
    page.get_by_role("button", name=t("filters.more", language), exact=True).click()
    expect(page.get_by_text(t("filters.low", language))).to_be_visible()
    assert [] == left_over(page, language)
    visit(page, dashboard.url, "where", near="Buchenweg 131", lang=language)
    expect(page.get_by_text(t("where_page.team", language))).to_be_visible()
    assert [] == left_over(page, language)
    visit(page, dashboard.url, "data", lang=language)
    shown = {"held": "data.held_caption", "bring": "imports.intro", "quality": "data.rule_hint"}
    for tab, words in shown.items():
        page.get_by_role("tab", name=t(f"data.{tab}", language)).click()
        expect(page.get_by_text(t(words, language)).first).to_be_visible()
        assert [] == left_over(page, language)


def test_messages_follow_the_language(offline_page: Page, dashboard: Server) -> None:
    """A word of success and the history are in the language of who reads them."""
    page = offline_page
    visit(page, dashboard.url, "offers", offer="A-005", lang="en")
    page.get_by_role("button", name="Checked today").click()
    expect(page.locator(".sro-said[role=status]")).to_contain_text("Confirmed: checked on")
    expect(page.get_by_test_id("stToast")).to_contain_text("Confirmed: checked on")
    page.get_by_text(t("offers.history", "en")).click()
    expect(page.locator(".sro-history")).to_contain_text("checked")
    visit(page, dashboard.url, "offers", offer="A-005", lang="de")
    page.get_by_text(t("offers.history")).click()
    expect(page.locator(".sro-history")).to_contain_text("geprüft")
