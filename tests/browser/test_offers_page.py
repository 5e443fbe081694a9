"""The coordinator's minute: find, read, check, correct, add, take along."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from babel.dates import format_date
from playwright.sync_api import Download, Locator, Page, expect

from sro_geo.actions.asking import find_offers
from sro_geo.actions.workspace import Snapshot, open_workspace
from sro_geo.i18n import t
from sro_geo.offers import OfferFilter
from sro_geo.settings import Settings

from .conftest import OpenContext, Server
from .steps import (
    choose,
    click_offer,
    click_place,
    fill,
    ids_on_map,
    map_frame,
    press,
    settled,
    visit,
)

pytestmark = pytest.mark.browser

PLACE = "Buchenweg 131"
TODAY = format_date(dt.date.today(), "long", locale="de")


@pytest.fixture(scope="module")
def held(shipped: Path) -> Snapshot:
    """What the shipped workspace holds, asked without a browser."""
    return open_workspace(Settings(workspace=shipped)).snapshot()


@pytest.fixture(scope="module")
def near(held: Snapshot) -> OfferFilter:
    """Offers for a 12-year-old within 15 minutes on foot of the place."""
    hit = held.gazetteer.search(PLACE)[0]
    return OfferFilter(age=12, near=(hit.x, hit.y), minutes=15)


def entries(page: Page) -> Locator:
    """Return the buttons of the list."""
    return page.get_by_role("list", name="Gefundene Angebote").get_by_role("button")


def summary(page: Page) -> Locator:
    """Return the line that says how many offers were found."""
    return page.get_by_role("status").filter(has_text=re.compile(r"^\d+ Angebot")).first


def said(page: Page, words: str) -> None:
    """Expect a word of success: in sight, and read out by a screen reader by itself."""
    expect(page.get_by_test_id("stToast").filter(has_text=words).first).to_be_in_viewport()
    expect(page.locator(".sro-said[role=status]")).to_contain_text(words)


def count(page: Page) -> int:
    """Return the number the page says it has found."""
    words = summary(page).text_content() or ""
    return int(words.split()[0])


def open_offer(page: Page, dashboard: Server, offer_id: str, name: str) -> Locator:
    """Open the card of an offer by its address."""
    visit(page, dashboard.url, "offers", offer=offer_id)
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    return card(page)


def card(page: Page) -> Locator:
    """Return what holds the card: beside it there is the map, and no list."""
    return page.get_by_role("main")


def chips(page: Page) -> Locator:
    """Return the small notes below the name of an offer."""
    return page.locator(".sro-chips").get_by_role("listitem")


def open_history(page: Page) -> Locator:
    """Unfold what changed and when."""
    page.get_by_text(t("offers.history")).click()
    return page.locator(".sro-history")


def download(page: Page, ending: str) -> bytes:
    """Download what was found in one format."""
    with page.expect_download() as coming:
        press(page, t(f"offers.download_{ending}"))
    file: Download = coming.value
    assert file.suggested_filename == f"angebote.{ending}"
    return Path(file.path()).read_bytes()


def test_what_is_there_for_a_12_year_old_within_15_minutes(
    offline_page: Page, dashboard: Server, held: Snapshot, near: OfferFilter
) -> None:
    """Age and address give the list and its count; an entry opens the card with every field."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    fill(page, "Alter", "12")
    fill(page, "In der Nähe von", PLACE)
    expected = find_offers(held, near)
    expect(summary(page)).to_contain_text(f"{len(expected)} Angebote ")
    expect(entries(page)).to_have_count(len(expected))
    expect(page.locator(".results .title")).to_have_text(expected["name"].tolist())
    first = expected.iloc[0]
    entries(page).first.click()
    expect(page.get_by_role("heading", name=first["name"])).to_be_visible()
    for field in ("hours", "place", "age", "contact", "provider", "capacity", "area", "team"):
        expect(
            card(page).get_by_role("term").filter(has_text=t(f"card.{field}")).first
        ).to_be_visible()
    for words in (first["contact"], first["provider"], first["address"], "ASD-Team "):
        expect(card(page)).to_contain_text(words)
    expect(card(page)).to_contain_text(re.compile(r"(Montag|Dienstag|Mittwoch|Donnerstag|täglich)"))
    expect(card(page)).to_contain_text(re.compile(r"geprüft am \d+\. \w+ \d{4}"))
    expect(card(page)).to_contain_text(held.current.names[first["social_space_id"]])


def test_checked_today_is_said_shown_and_kept(offline_page: Page, dashboard: Server) -> None:
    """The button gives a word of success, the chip changes, the history tells."""
    shown = open_offer(offline_page, dashboard, "A-007", "Bauwagen am Torfweg")
    expect(shown).not_to_contain_text(TODAY)
    press(offline_page, "Heute geprüft")
    said(offline_page, f"Bestätigt: geprüft am {TODAY}.")
    expect(chips(offline_page).first).to_have_text(f"geprüft am {TODAY}")
    expect(offline_page.get_by_role("button", name="Heute geprüft")).to_be_disabled()
    expect(open_history(offline_page).get_by_role("listitem").first).to_contain_text("geprüft")


def test_a_correction_outlives_a_reload_and_a_restart(
    offline_page: Page, dashboard: Server
) -> None:
    """Name and contact are there tomorrow, with who changed them in the history."""
    page = offline_page
    open_offer(page, dashboard, "A-003", "Jugendhaus Harksheide")
    press(page, "Bearbeiten")
    fill(page, "Name des Angebots *", "Jugendhaus Harksheide am Moor")
    fill(page, "Kontakt", "040 66969 999")
    fill(page, "Ihr Name oder Kürzel", "M. Beispiel")
    press(page, "Speichern")
    said(page, "Gespeichert.")
    expect(card(page)).to_contain_text("040 66969 999")
    page.reload()
    settled(page)
    expect(card(page)).to_contain_text("040 66969 999")
    dashboard.stop()
    dashboard.start()
    shown = open_offer(page, dashboard, "A-003", "Jugendhaus Harksheide am Moor")
    expect(shown).to_contain_text("040 66969 999")
    entry = open_history(page).get_by_role("listitem").first
    expect(entry).to_contain_text("M. Beispiel")
    expect(entry).to_contain_text("Jugendhaus Harksheide → Jugendhaus Harksheide am Moor")


def test_a_new_offer_takes_its_point_from_the_map_and_is_found(
    offline_page: Page, dashboard: Server
) -> None:
    """Name, kind and a click in the map are enough; the search finds it, the map shows it."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    map_frame(page)
    press(page, "Neues Angebot")
    fill(page, "Name des Angebots *", "Töpferkeller Probe")
    choose(page, "Art des Angebots", "Offene Kinder- und Jugendarbeit")
    click_place(page, 53.7301, 9.9702)
    expect(page.get_by_text(re.compile(r"Punkt: 53\.7\d+, 9\.9\d+"))).to_be_visible()
    press(page, "Speichern")
    said(page, "Gespeichert.")
    expect(card(page)).to_contain_text("Nord-West")
    press(page, "Zur Liste")
    page.get_by_label("Suche", exact=True).press_sequentially("toepferkeler")
    expect(summary(page)).to_contain_text("1 Angebot")
    expect(entries(page)).to_have_count(1)
    map_frame(page).wait_for_function("window.map.sroOffers.items.length === 1")
    entries(page).first.click()
    expect(page.get_by_role("heading", name="Töpferkeller Probe")).to_be_visible()


def test_while_the_form_is_open_a_click_on_a_symbol_sets_the_point(
    offline_page: Page, dashboard: Server
) -> None:
    """New offers often lie where others are: their symbols do not catch the click."""
    page = offline_page
    visit(page, dashboard.url, "offers", q="Tannenwald")
    frame = map_frame(page)
    frame.wait_for_function("window.map.sroOffers.items.some((item) => item.id === 'A-013')")
    press(page, "Neues Angebot")
    frame.wait_for_function("window.map.sroOffers.data.placing === true")
    click_offer(page, "A-013")
    expect(page.get_by_text(re.compile(r"Punkt: 53\.\d+, (9|10)\.\d+"))).to_be_visible()
    assert "crosshair" == frame.evaluate("getComputedStyle(window.map.getContainer()).cursor")
    press(page, "Abbrechen")
    frame.wait_for_function("window.map.sroOffers.data.placing === false")
    click_offer(page, "A-013")
    expect(page.get_by_role("heading", name="Naturgruppe Tannenwald")).to_be_visible()


def test_an_unfinished_form_survives_a_look_at_another_page(
    offline_page: Page, dashboard: Server
) -> None:
    """Half an entry is half a phone call; left on purpose it leaves nothing behind."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    press(page, "Neues Angebot")
    fill(page, "Name des Angebots *", "Halb fertig")
    choose(page, "Art des Angebots", "Offene Kinder- und Jugendarbeit")
    fill(page, "Kontakt", "040 1")
    page.get_by_text("Niedrigschwellig: ohne Antrag und Anmeldung").click()
    settled(page)
    page.get_by_role("link", name="Wo bin ich?").click()
    expect(page.get_by_label("Stichtag").first).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Angebote", exact=True).click()
    expect(page.get_by_label("Name des Angebots *", exact=True)).to_have_value("Halb fertig")
    expect(page.get_by_label("Kontakt", exact=True)).to_have_value("040 1")
    kind = page.get_by_role("combobox", name="Art des Angebots").last
    expect(kind).to_have_value("Offene Kinder- und Jugendarbeit")
    expect(page.get_by_label("Niedrigschwellig: ohne Antrag")).to_be_checked()
    press(page, "Abbrechen")
    press(page, "Neues Angebot")
    expect(page.get_by_label("Name des Angebots *", exact=True)).to_have_value("")
    expect(page.get_by_label("Kontakt", exact=True)).to_have_value("")


def test_opening_hours_are_read_while_they_are_written(
    offline_page: Page, dashboard: Server
) -> None:
    """In words below the field; what an office writes is understood and offered."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    press(page, "Neues Angebot")
    fill(page, "Öffnungszeiten", "Di-Fr 14-20 Uhr")
    expect(page.get_by_text("Lässt sich so nicht lesen.")).to_be_visible()
    press(page, "Gemeint: Tu-Fr 14:00-20:00. Übernehmen")
    expect(page.get_by_label("Öffnungszeiten", exact=True)).to_have_value("Tu-Fr 14:00-20:00")
    expect(page.get_by_text("Dienstag bis Freitag")).to_be_visible()


def test_an_offer_without_a_name_is_refused_and_the_form_keeps_its_words(
    offline_page: Page, dashboard: Server
) -> None:
    """Every fault is named; what was written stays in the form."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    press(page, "Neues Angebot")
    fill(page, "Kontakt", "bleibt stehen")
    fill(page, "Öffnungszeiten", "jeden Tag irgendwann")
    press(page, "Speichern")
    told = page.get_by_role("alert")
    expect(told.filter(has_text="Noch nicht gespeichert. Bitte prüfen Sie:").first).to_be_visible()
    for words in ("Name des Angebots: bitte ausfüllen.", "Art des Angebots: bitte ausfüllen."):
        expect(told.filter(has_text=words).first).to_be_visible()
    expect(told.filter(has_text="jeden Tag irgendwann").first).to_be_visible()
    expect(page.get_by_label("Kontakt", exact=True)).to_have_value("bleibt stehen")


def test_copy_close_and_open_again(offline_page: Page, dashboard: Server) -> None:
    """A copy is planned and unchecked; a closed offer leaves the list and can come back."""
    page = offline_page
    shown = open_offer(page, dashboard, "A-011", "Pfadfinderstamm Moorfalken")
    press(page, "Kopieren")
    expect(page.get_by_role("heading", name="Pfadfinderstamm Moorfalken (Kopie)")).to_be_visible()
    expect(shown).to_contain_text("geplant")
    expect(shown).to_contain_text("noch nie geprüft")
    shown = open_offer(page, dashboard, "A-011", "Pfadfinderstamm Moorfalken")
    press(page, "Schließen")
    said(page, "Das Angebot ist geschlossen.")
    expect(chips(page).filter(has_text="geschlossen").first).to_be_visible()
    visit(page, dashboard.url, "offers", q="Moorfalken")
    expect(entries(page).first).to_contain_text("Pfadfinderstamm Moorfalken (Kopie)")
    assert "Pfadfinderstamm Moorfalken" not in page.locator(".results .title").all_text_contents()
    open_offer(page, dashboard, "A-011", "Pfadfinderstamm Moorfalken")
    press(page, "Wieder öffnen")
    said(page, "wieder geöffnet")
    expect(page.get_by_role("button", name="Schließen", exact=True)).to_be_visible()


def test_the_download_holds_exactly_what_was_found(
    offline_page: Page, dashboard: Server, held: Snapshot, near: OfferFilter
) -> None:
    """CSV, Excel and GeoJSON hold the offers of the list, no more and no fewer."""
    page = offline_page
    visit(page, dashboard.url, "offers", age="12", near=PLACE)
    expected = find_offers(held, near)["offer_id"].tolist()
    assert len(expected) == count(page)
    press(page, "Herunterladen")
    expect(page.get_by_text(f"Genau die {len(expected)} gefundenen Angebote:")).to_be_visible()
    table = list(
        csv.DictReader(io.StringIO(download(page, "csv").decode("utf-8-sig")), delimiter=";")
    )
    assert expected == [row["offer_id"] for row in table]
    sheet = openpyxl.load_workbook(io.BytesIO(download(page, "xlsx"))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert expected == [row[rows[0].index("offer_id")] for row in rows[1:]]
    features = json.loads(download(page, "geojson"))["features"]
    assert expected == [feature["properties"]["offer_id"] for feature in features]


def test_the_address_of_the_page_carries_every_filter(
    offline_page: Page, dashboard: Server, open_context: OpenContext
) -> None:
    """Who opens the address that was sent sees the same offers, in the other language too."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    fill(page, "Alter", "12")
    fill(page, "In der Nähe von", PLACE)
    choose(page, "Höchstens", "10 Minuten")
    page.get_by_role("button", name="Filter").click()
    page.get_by_text("mit dem Rad", exact=True).click()
    page.get_by_text("nur niedrigschwellige Angebote").click()
    choose(page, "Reihenfolge", "Name")
    page.keyboard.press("Escape")
    settled(page)
    expect(summary(page)).to_contain_text("10 Minuten mit dem Rad")
    for part in ("age=12", "minutes=10", "mode=bike", "low=true", "sort=name"):
        expect(page).to_have_url(re.compile(f"[?&]{part}(&|$)"))
    found = page.locator(".results .title").all_text_contents()
    assert len(found) == count(page) > 3
    other = open_context().new_page()
    other.goto(page.url)
    settled(other)
    expect(summary(other)).to_have_text(summary(page).text_content() or "")
    expect(other.locator(".results .title")).to_have_text(found)
    other.goto(f"{page.url}&lang=en")
    settled(other)
    expect(other.get_by_role("list", name="Offers found")).to_be_visible()
    expect(other.locator(".results .title")).to_have_text(found)


def test_a_search_forgives_a_slip_of_the_finger(offline_page: Page, dashboard: Server) -> None:
    """Letters that changed places still find the word; umlauts may be written out."""
    visit(offline_page, dashboard.url, "offers", q="Jugnedhaus")
    expect(entries(offline_page).first).to_contain_text("Jugendhaus")
    visit(offline_page, dashboard.url, "offers", q="Maedchencafe")
    expect(entries(offline_page).first).to_contain_text("Mädchencafé")


def test_the_map_chooses_an_offer_and_a_place(offline_page: Page, dashboard: Server) -> None:
    """A click on a symbol opens its card; a click on empty ground asks from there."""
    page = offline_page
    visit(page, dashboard.url, "offers", q="Tannenwald")
    frame = map_frame(page)
    frame.wait_for_function("window.map.sroOffers.items.some((item) => item.id === 'A-013')")
    frame.evaluate("window.stays = 1")
    click_offer(page, "A-013")
    expect(page.get_by_role("heading", name="Naturgruppe Tannenwald")).to_be_visible()
    press(page, "Zur Liste")
    settled(page)
    click_place(page, 53.7000, 9.9700)
    field = page.get_by_label("In der Nähe von", exact=True)
    expect(field).to_have_value(re.compile(r"53\.(69|70)\d+, 9\.(96|97)\d+"))
    expect(summary(page)).to_contain_text("zu Fuß von: gewählter Punkt")
    assert frame.evaluate("window.stays") == 1


def test_the_list_works_without_a_mouse(offline_page: Page, dashboard: Server) -> None:
    """Tab leads to the list, past the map; Enter opens an entry and the way back is near."""
    page = offline_page
    visit(page, dashboard.url, "offers", q="Harksheide")
    map_frame(page)
    name = page.locator(".results .title").first.text_content()
    focused = "document.activeElement?.shadowRoot?.activeElement?.textContent ?? ''"
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(focused):
            break
    else:
        pytest.fail("Tab does not reach the list")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Zur Liste").focus()
    page.keyboard.press("Enter")
    expect(entries(page).first).to_be_visible()


def test_a_filter_change_leaves_the_map_in_place(
    offline_page: Page, dashboard: Server, record_property: Any
) -> None:
    """The frame of the map lives on; how long the change takes is noted, not judged."""
    page = offline_page
    visit(page, dashboard.url, "offers")
    frame = map_frame(page)
    before = len(ids_on_map(frame))
    frame.evaluate("window.stays = 1")
    field = page.get_by_label("Alter", exact=True)
    field.fill("12")
    started = time.perf_counter()
    field.press("Enter")
    frame.wait_for_function(f"window.map.sroOffers.items.length !== {before}", polling=10)
    record_property("filter_change_s", round(time.perf_counter() - started, 2))
    assert frame.evaluate("window.stays") == 1
    page.get_by_label("Suche", exact=True).press_sequentially("jugend")
    expect(page).to_have_url(re.compile("q=jugend"))
    settled(page)
    assert frame.evaluate("window.stays") == 1


def test_two_editors_never_overwrite_each_other(
    offline_page: Page, dashboard: Server, open_context: OpenContext
) -> None:
    """Who saves later is told so; the earlier edit stands, the later words stay in the form."""
    first, second = offline_page, open_context().new_page()
    for page in (first, second):
        open_offer(page, dashboard, "A-012", "Jugendfeuerwehr Garstedt")
        press(page, "Bearbeiten")
    fill(first, "Kontakt", "zuerst@example.org")
    fill(second, "Kontakt", "danach@example.org")
    press(first, "Speichern")
    said(first, "Gespeichert.")
    press(second, "Speichern")
    expect(second.get_by_role("alert")).to_contain_text("inzwischen von anderer Seite geändert")
    expect(second.get_by_label("Kontakt", exact=True)).to_have_value("danach@example.org")
    shown = open_offer(first, dashboard, "A-012", "Jugendfeuerwehr Garstedt")
    expect(shown).to_contain_text("zuerst@example.org")


def test_the_protected_place_has_no_point_anywhere(offline_page: Page, dashboard: Server) -> None:
    """It is found and described, without address, distance or symbol, on no page."""
    page = offline_page
    visit(page, dashboard.url, "offers", q="Schutzstelle")
    expect(entries(page).first).to_contain_text("geschützter Ort")
    assert "A-060" not in ids_on_map(map_frame(page))
    entries(page).first.click()
    expect(card(page)).to_contain_text("Adresse nicht gespeichert")
    visit(page, dashboard.url, "offers", near=PLACE, q="Schutzstelle")
    expect(page.get_by_text("Kein Angebot passt zu allen Filtern.")).to_be_visible()


def test_an_offer_marked_as_protected_loses_its_address_everywhere(
    offline_page: Page, dashboard: Server, open_context: OpenContext
) -> None:
    """No byte served afterwards and no byte of the workspace names the address any more."""
    page, address = offline_page, "Ahornweg 99"
    shown = open_offer(page, dashboard, "A-057", "Wohngruppe Birkenhof")
    expect(shown).to_contain_text(address)
    assert "A-057" in ids_on_map(map_frame(page))
    press(page, "Bearbeiten")
    page.get_by_text("Geschützter Ort", exact=True).click()
    expect(page.get_by_label("Straße und Hausnummer")).to_have_count(0)
    choose(page, "Versorgungsgebiet", "Norderstedt", typed=True)
    page.keyboard.press("Escape")
    press(page, "Speichern")
    said(page, "Gespeichert.")
    expect(shown).not_to_contain_text(address)
    gone = "!window.map.sroOffers.items.some((item) => item.id === 'A-057')"
    map_frame(page).wait_for_function(gone)

    other, received = listening(open_context)
    open_offer(other, dashboard, "A-057", "Wohngruppe Birkenhof")
    expect(open_history(other)).to_contain_text("bearbeitet")
    assert "A-057" not in ids_on_map(map_frame(other))
    visit(other, dashboard.url, "offers", q="Birkenhof")
    press(other, "Herunterladen")
    received.append(download(other, "csv"))
    visit(other, dashboard.url, "where", near="Wohngruppe Birkenhof")
    visit(other, dashboard.url, "data")
    assert any(b"Wohngruppe Birkenhof" in chunk for chunk in received)
    assert [] == [chunk[:80] for chunk in received if address.encode() in chunk]
    files = [file for file in dashboard.workspace.iterdir() if file.is_file()]
    assert [] == [file.name for file in files if address.encode() in file.read_bytes()]


def listening(open_context: OpenContext) -> tuple[Page, list[bytes]]:
    """Return a page of a new visitor and everything it is sent, frame by frame."""
    received: list[bytes] = []
    page = open_context().new_page()

    def frame(payload: str | bytes) -> None:
        received.append(payload.encode() if isinstance(payload, str) else payload)

    page.on("websocket", lambda socket: socket.on("framereceived", frame))
    return page, received
