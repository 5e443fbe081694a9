"""Findings lead to their entry; files come in whole or not at all, with every fault named."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Server
from .steps import choose, map_frame, pick, settled, visit

pytestmark = pytest.mark.browser

FAULTY = """offer_id,name,category,age_min,provider_id,lat,lon
F-1,,youth_centre,6,T-01,53.701,9.98
F-2,Ohne Art,raumfahrt,6,T-01,53.702,9.98
F-3,Verkehrtes Alter,youth_centre,alt,T-01,53.703,9.98
F-4,Fern und fremd,youth_centre,6,T-99,48.1,11.5
"""
MENDED = """offer_id,name,category,age_min,provider_id,lat,lon
F-1,Nähstube Probe,youth_centre,6,T-01,53.701,9.98
F-2,Sternwarte Probe,youth_centre,6,T-01,53.702,9.98
"""
WINDOWS = """Kennung;Bezeichnung;Art;Alter von;Alter bis;Straße;PLZ;Ort;Breite;Länge
P-1;Fahrradküche für Mädchen;youth_centre;10;17;Buchenweg 131;22846;Norderstedt;53,70079;9,97586
"""
SWAPPED = """offer_id,name,category,lat,lon
R-1,Vertauschter Treff,youth_centre,9.96,53.72
"""
CROSSED = """offer_id,name,description,category,lat,lon
C-1,Hier wird getöpfert.,Keramik Probe,youth_centre,53.715,9.99
"""


def bring(page: Page, dashboard: Server, name: str, content: str, encoding: str = "utf-8") -> None:
    """Open the way in for files and hand over a file of offers."""
    visit(page, dashboard.url, "data")
    page.get_by_role("tab", name="Datei einlesen").click()
    choose(page, "Was ist in der Datei?", "Angebote")
    hand_over(page, name, content, encoding)


def hand_over(page: Page, name: str, content: str, encoding: str = "utf-8") -> None:
    """Choose a file in the upload field."""
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode(encoding)}
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    expect(page.get_by_text(re.compile(r"^\d+ Zeilen · Zeichensatz"))).to_be_visible()
    settled(page)


def take_in(page: Page, rows: int, name: str) -> None:
    """Press the button that says what it will do, and read that it was done."""
    settled(page)
    page.get_by_role("button", name=f"{rows} Zeilen aus {name} übernehmen").click()
    done = page.get_by_role("status").filter(has_text=f"{name} übernommen: {rows} neu")
    expect(done).to_be_visible()


def found(page: Page, dashboard: Server, words: str) -> Locator:
    """Search for an offer on the offers page and return the entries of the list."""
    visit(page, dashboard.url, "offers", q=words)
    return page.get_by_role("list", name="Gefundene Angebote").get_by_role("button")


def test_a_finding_leads_to_its_entry(offline_page: Page, dashboard: Server) -> None:
    """A click opens the card of the offer it is about, where it can be mended."""
    page = offline_page
    visit(page, dashboard.url, "data")
    first = page.get_by_role("list", name="Hinweise zur Datenqualität").get_by_role("button").first
    name = re.search("„(.+?)“", first.text_content() or "")
    assert name is not None
    first.click()
    expect(page.get_by_role("heading", name=name[1], exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Bearbeiten")).to_be_visible()
    assert "offer=" in page.url


def test_the_holdings_say_what_is_there_from_where_and_of_when(
    offline_page: Page, dashboard: Server
) -> None:
    """Each table with rows, file and day; people per area with their reference date."""
    page = offline_page
    visit(page, dashboard.url, "data")
    page.get_by_role("tab", name="Bestand").click()
    held = page.get_by_role("table", name="Bestand")
    row = held.get_by_role("row").filter(has_text="Einwohnerzahlen")
    expect(row).to_contain_text("population.csv")
    expect(row).to_contain_text("31. Dezember 2025")
    expect(held.get_by_role("row").filter(has_text="Angebote")).to_contain_text("offers.csv")
    people = page.get_by_role("table", name="Menschen je Gebiet")
    expect(people.get_by_role("row").filter(has_text="Norderstedt").first).to_contain_text("80.000")


def test_all_faults_are_listed_before_anything_is_written_and_the_mended_file_is_taken_in(
    offline_page: Page, dashboard: Server
) -> None:
    """Row, column, cause and remedy of each; then the corrected file goes in as a whole."""
    page = offline_page
    bring(page, dashboard, "angebote.csv", FAULTY)
    faults = page.get_by_role("table", name="Fehler: 5")
    for row, column, cause in (
        ("2", "name", "fehlt ein Wert"),
        ("3", "category", "raumfahrt"),
        ("4", "age_min", "alt"),
        ("5", "lat, lon", "außerhalb"),
        ("5", "provider_id", "T-99"),
    ):
        line = faults.get_by_role("row").filter(has_text=cause)
        expect(line.get_by_role("rowheader")).to_have_text(row)
        expect(line.get_by_role("cell").nth(0)).to_have_text(column)
        expect(line.get_by_role("cell").nth(2)).not_to_be_empty()
    expect(page.get_by_text("Die Datei wird so nicht übernommen.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("übernehmen"))).to_have_count(0)
    hand_over(page, "berichtigt.csv", MENDED)
    take_in(page, 2, "berichtigt.csv")
    expect(found(page, dashboard, "Sternwarte Probe").first).to_contain_text("Sternwarte Probe")
    # The faultless rows of the refused file were not written either.
    expect(found(page, dashboard, "Verkehrtes Alter").filter(has_text="Verkehrtes")).to_have_count(
        0
    )


def test_a_wrongly_recognised_column_can_be_corrected(
    offline_page: Page, dashboard: Server
) -> None:
    """Name and description stand crosswise in the file; two choices put it right."""
    page = offline_page
    bring(page, dashboard, "gekreuzt.csv", CROSSED)
    page.get_by_text("Erkannte Spalten ansehen und berichtigen").click()
    expander = page.get_by_test_id("stExpander").filter(has_text="Erkannte Spalten")
    for label, column in (("Name", "description"), ("Beschreibung", "name")):
        field = expander.get_by_role("combobox", name=re.compile(f"^{label}")).first
        pick(page, field, column)
    take_in(page, 1, "gekreuzt.csv")
    expect(found(page, dashboard, "Keramik Probe").first).to_contain_text("Keramik Probe")


def test_a_file_of_an_office_pc_is_understood(offline_page: Page, dashboard: Server) -> None:
    """Windows characters, semicolons and decimal commas; the umlauts and the point are right."""
    page = offline_page
    bring(page, dashboard, "liste.csv", WINDOWS, "cp1252")
    expect(page.get_by_text("Zeichensatz cp1252 · Trennzeichen Semikolon")).to_be_visible()
    take_in(page, 1, "liste.csv")
    entry = found(page, dashboard, "Fahrradküche für Mädchen").first
    expect(entry).to_contain_text("Fahrradküche für Mädchen")
    frame = map_frame(page)
    frame.wait_for_function("window.map.sroOffers.items.some((item) => item.id === 'P-1')")
    place = frame.evaluate("window.map.sroOffers.items.find((item) => item.id === 'P-1')")
    assert (53.70079, 9.97586) == pytest.approx((place["lat"], place["lon"]), abs=2e-5)


def test_a_repair_needs_consent(offline_page: Page, dashboard: Server) -> None:
    """Swapped coordinates are named; only after the tick the file can be taken in."""
    page = offline_page
    bring(page, dashboard, "vertauscht.csv", SWAPPED)
    table = page.get_by_role("table", name="Reparaturen, denen Sie zustimmen müssen: 1")
    expect(table).to_contain_text("Länge und Breite sind vertauscht")
    expect(page.get_by_role("button", name=re.compile("übernehmen"))).to_have_count(0)
    page.get_by_text("Ich stimme den vorgeschlagenen Reparaturen zu.").click()
    take_in(page, 1, "vertauscht.csv")
    expect(found(page, dashboard, "Vertauschter Treff").first).to_contain_text("Vertauschter Treff")
    map_frame(page).wait_for_function(
        "window.map.sroOffers.items.some((item) => item.id === 'R-1' && item.lat > 53)"
    )
