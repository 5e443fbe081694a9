"""Where am I? An address, a click, a border, a neighbour, a place far away, an earlier day."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Server
from .steps import choose_day, click_place, fill, map_frame, settled, visit

pytestmark = pytest.mark.browser


def ask(page: Page, dashboard: Server, place: str) -> None:
    """Ask for a place on the page."""
    visit(page, dashboard.url, "where")
    expect(
        page.get_by_text("Geben Sie eine Adresse ein oder klicken Sie in die Karte.")
    ).to_be_visible()
    fill(page, "Adresse, Straße oder Einrichtung", place)


def answer(page: Page) -> Locator:
    """Return the line that names the social space; a screen reader reads it out by itself."""
    return page.get_by_role("status")


def fact(page: Page, name: str) -> Locator:
    """Return what the answer says beside a name."""
    return page.get_by_role("term").filter(has_text=re.compile(f"^{name}$")).locator("+ dd")


def test_an_address_leads_to_its_areas_and_its_team(offline_page: Page, dashboard: Server) -> None:
    """Space, region, district and city; the team with contact and hours; offers nearby."""
    page = offline_page
    ask(page, dashboard, "Buchenweg 131")
    expect(answer(page)).to_have_text("Nord-West")
    for name, words in {
        "Statistischer Bezirk": "Am Rehwald",
        "Sozialraum": re.compile(r"^Nord-West \(Grenze zu Süd-West in \d+ m\)$"),
        "Region": "Nord",
        "Stadt": "Norderstedt",
        "Zuständiges Team": "ASD-Team Nord-West",
    }.items():
        expect(fact(page, name)).to_have_text(words)
    expect(fact(page, "Kontakt")).to_contain_text("@")
    expect(fact(page, "Sprechzeiten")).to_contain_text("Montag")
    frame = map_frame(page)
    frame.wait_for_function("window.map.sroOffers.data.area === 'nord-west'")
    frame.wait_for_function("window.map.getZoom() >= 15")
    page.get_by_role("link", name=re.compile("Angebote in 15 Minuten")).click()
    expect(page.get_by_label("In der Nähe von")).to_have_value("Buchenweg 131")


def test_a_street_in_two_spaces_gets_a_question_and_no_team(
    offline_page: Page, dashboard: Server
) -> None:
    """The middle of a long street would name one team for houses of another."""
    ask(offline_page, dashboard, "Alte Landstraße")
    expect(answer(offline_page)).to_have_text(
        "Diese Straße liegt in Nord-West und Süd-West. Bitte ergänzen Sie die Hausnummer."
    )
    expect(fact(offline_page, "Zuständiges Team")).to_have_count(0)
    expect(fact(offline_page, "Sozialraum")).to_have_count(0)


def test_a_click_on_the_map_asks_there(offline_page: Page, dashboard: Server) -> None:
    """The point stands in the field and in the address of the page; the map stays."""
    page = offline_page
    visit(page, dashboard.url, "where")
    frame = map_frame(page)
    frame.evaluate("window.stays = 1; window.zoom = window.map.getZoom()")
    click_place(page, 53.7150, 10.0150)
    expect(answer(page)).to_have_text("Nord-Ost")
    expect(page.get_by_label("Adresse, Straße oder Einrichtung")).to_have_value(
        re.compile(r"^53\.71\d+, 10\.01\d+$")
    )
    expect(page).to_have_url(re.compile("near=53.71"))
    assert frame.evaluate("window.stays === 1 && window.zoom === window.map.getZoom()")


def test_a_point_on_a_border_names_both_sides(offline_page: Page, dashboard: Server) -> None:
    """On the Buchenweg: the space that is responsible by the rule, and the other one."""
    ask(offline_page, dashboard, "53.69831, 10.00466")
    expect(answer(offline_page)).to_have_text("Süd-Ost")
    expect(offline_page.get_by_text("Der Punkt liegt auf einer Grenze.")).to_be_visible()
    expect(fact(offline_page, "Sozialraum")).to_contain_text("Süd-Ost (Grenze zu Nord-Ost, ")
    expect(fact(offline_page, "Region")).to_have_text("Süd (Grenze zu Nord)")


def test_a_neighbouring_town_is_named(offline_page: Page, dashboard: Server) -> None:
    """It has no space and no team of this city."""
    ask(offline_page, dashboard, "53.70, 9.90")
    expect(answer(offline_page)).to_have_text("Quickborn")
    expect(offline_page.get_by_text("Zuständig ist das Jugendamt dort.")).to_be_visible()
    expect(fact(offline_page, "Zuständiges Team")).to_have_count(0)


@pytest.mark.parametrize("place", ["48.137, 11.575", "0, 0"])
def test_far_outside_is_said(offline_page: Page, dashboard: Server, place: str) -> None:
    """Any place on earth gets an answer."""
    ask(offline_page, dashboard, place)
    expect(answer(offline_page)).to_have_text("Außerhalb der Stadt")
    expect(offline_page.get_by_role("term")).to_have_count(0)
    expect(offline_page.get_by_role("link", name=re.compile("Angebote in 15"))).to_have_count(0)


def test_swapped_coordinates_are_noticed(offline_page: Page, dashboard: Server) -> None:
    """Longitude first is how many maps write it."""
    ask(offline_page, dashboard, "10.00466, 53.69831")
    expect(offline_page.get_by_text("Gemeint sein könnte 53.69831, 10.00466.")).to_be_visible()


def test_what_is_no_place_is_said_and_the_map_stays(offline_page: Page, dashboard: Server) -> None:
    """An unknown name and an impossible coordinate get plain words."""
    page = offline_page
    ask(page, dashboard, "Qxzvwk 17")
    expect(page.get_by_text("Diesen Ort kennt der Arbeitsbereich nicht.")).to_be_visible()
    map_frame(page)
    fill(page, "Adresse, Straße oder Einrichtung", "95, 200")
    expect(page.get_by_role("alert")).to_contain_text("Diesen Ort kennt der Arbeitsbereich")


def test_another_day_asks_for_the_team_of_that_day(offline_page: Page, dashboard: Server) -> None:
    """Before anybody was responsible no team is invented."""
    page = offline_page
    ask(page, dashboard, "Buchenweg 131")
    expect(fact(page, "Zuständiges Team")).to_have_text("ASD-Team Nord-West")
    choose_day(page, "01012010")
    settled(page)
    expect(fact(page, "Stand am")).to_have_text("1. Januar 2010")
    expect(fact(page, "Zuständiges Team")).to_have_text("kein Team eingetragen")
