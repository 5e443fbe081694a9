"""A planner's way: who is out of reach, why, where the next offer should stand, and what if."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from sro_geo.actions.coverage import CoverageAnswer, CoverageQuestion, coverage, gaps
from sro_geo.actions.siting import next_sites
from sro_geo.actions.workspace import Snapshot, open_workspace
from sro_geo.coverage import Draft
from sro_geo.settings import Settings

from .conftest import Server
from .steps import choose, click_place, fill, ids_on_map, map_frame, press, settled, visit

pytestmark = pytest.mark.browser

ASKED = CoverageQuestion(("youth_centre",), "10-13", 15)
ASSUMED = "Sie sehen eine Annahme, nicht den Bestand."
SOUTH_EAST = (53.6780, 10.0280)


@pytest.fixture(scope="module")
def held(shipped: Path) -> Snapshot:
    """What the shipped workspace holds, asked without a browser."""
    return open_workspace(Settings(workspace=shipped)).snapshot()


def finding(page: Page) -> Locator:
    """Return the sentence; a screen reader reads it out by itself."""
    return page.get_by_role("status").filter(has_text=re.compile("innerhalb von|Altersgruppe"))


def number(value: float) -> str:
    """Return a whole number as it is written in German."""
    return f"{round(value):,}".replace(",", ".")


def says(page: Page, answer: CoverageAnswer) -> None:
    """Expect the sentence of an answer: the area most in need, and the city."""
    areas = answer.areas("social_space")
    worst = areas.sort_values("uncovered").iloc[-1]
    numbers = f"{number(worst['uncovered'])} von {number(worst['population'])} "
    whole = f"{number(answer.total['uncovered'])} von {number(answer.total['population'])}"
    expect(finding(page)).to_contain_text(f"In {worst['name']} erreichen {numbers}")
    expect(finding(page)).to_contain_text(whole)


def open_tab(page: Page, name: str) -> None:
    """Open one of the tabs below the map."""
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    settled(page)


def row(page: Page, table: str, name: str) -> list[str]:
    """Return the texts of the row of a table that begins with a name."""
    line = page.get_by_role("table", name=table).get_by_role("row").filter(has_text=name).first
    expect(line).to_be_visible()
    return line.locator("th, td").all_text_contents()


def test_a_planner_chooses_kind_age_minutes_and_mode(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """Each choice changes the sentence to what the figures say; the map stays where it is."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    says(page, coverage(held, ASKED))
    frame = map_frame(page)
    frame.evaluate("window.stays = 1; window.map.setZoom(window.map.getZoom() + 1)")
    zoom = frame.evaluate("window.map.getZoom()")
    choose(page, "Erreichbar in", "10 Minuten")
    says(page, coverage(held, CoverageQuestion(("youth_centre",), "10-13", 10)))
    choose(page, "Angebot", "Bücherei", typed=True)
    says(page, coverage(held, CoverageQuestion(("library",), "10-13", 10)))
    choose(page, "Altersgruppe", "6 bis 9 Jahre", typed=True)
    says(page, coverage(held, CoverageQuestion(("library",), "6-9", 10)))
    page.get_by_text("mit dem Rad", exact=True).click()
    says(page, coverage(held, CoverageQuestion(("library",), "6-9", 10, mode="bike")))
    settled(page)
    assert {"A-095", "A-096", "A-097"} == ids_on_map(map_frame(page))
    assert (frame.evaluate("window.stays"), frame.evaluate("window.map.getZoom()")) == (1, zoom)


def test_the_question_outlives_a_reload_and_a_change_of_language(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """What was chosen stands in the address, so it can be kept and sent to anybody."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    choose(page, "Erreichbar in", "10 Minuten")
    choose(page, "Angebot", "Bücherei", typed=True)
    asked = coverage(held, CoverageQuestion(("library",), "10-13", 10))
    says(page, asked)
    settled(page)
    page.reload()
    settled(page)
    says(page, asked)
    address = page.url
    page.goto(address + "&lang=en")
    settled(page)
    expect(page.get_by_text("reach no offer “Library” within 10 minutes")).to_be_visible()


def test_the_filters_of_the_offers_page_are_no_obstacle(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """Who comes from there with kind, minutes and mode chosen sees an answer, no error."""
    page = offline_page
    address = {"category": "church", "mode": "bike", "low": "true", "near": "Buchenweg 131"}
    visit(page, dashboard.url, "offers", minutes="20", **address)
    page.get_by_role("link", name="Versorgung").first.click()
    expect(page.get_by_role("heading", level=1, name="Versorgung")).to_be_visible()
    settled(page)
    expect(finding(page)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.get_by_role("link", name="Angebote").first.click()
    expect(page.get_by_role("heading", level=1, name="Angebotskarte")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_largest_gap_tells_its_reasons(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """The matrix shows every kind of offer; a click on the first gap shows who is affected."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    open_tab(page, "Lückenmatrix")
    matrix = page.get_by_role("table", name=re.compile("^Lückenmatrix"))
    expect(matrix.get_by_role("columnheader").first).to_be_visible()
    heads = matrix.get_by_role("columnheader").all_text_contents()
    assert {"Nord-Ost", "Nord-West", "Süd-Ost", "Süd-West"} <= set(heads)
    table = gaps(held, mode="walk", default_minutes=15)
    table = table[(table["reason"].fillna("") != "") & (table["population"] > 0)]
    largest = table.sort_values(["missing", "name"], ascending=[False, True]).iloc[0]
    first = page.get_by_role("list", name="Die größten Lücken").get_by_role("button").first
    expect(first).to_contain_text(str(largest["name"]))
    expect(first).to_contain_text(f"{number(largest['missing'])} fehlen")
    first.click()
    why = page.get_by_role("table", name=re.compile("^Warum?"))
    expect(why).to_contain_text(str(largest["name"]))
    counted = [int(c.replace(".", "")) for c in why.locator("td:last-child").all_text_contents()]
    assert abs(sum(counted) - largest["population"]) <= len(counted)


def test_two_more_sites_are_found_with_their_gains(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """The names and persons are those of the exact answer, and it says that it is proven."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    open_tab(page, "Nächster Standort")
    fill(page, "Neue Standorte", "2")
    press(page, "Standorte suchen")
    found = next_sites(held, ASKED, 2)
    gained = number(found.sites.covered_after - found.sites.covered_before)
    said = f"Damit würden {gained} Menschen zusätzlich erreicht."
    expect(page.get_by_text(said)).to_be_visible()
    sites = page.get_by_role("table", name="Beste Standorte in der Reihenfolge ihres Gewinns")
    for name, gain in zip(found.rows["name"], found.rows["gain"], strict=True):
        line = sites.get_by_role("row").filter(has_text=name)
        expect(line).to_contain_text(f"+{number(gain)}")
    expect(page.get_by_text("Bewiesen:")).to_be_visible()
    says(page, coverage(held, ASKED))


def test_an_offer_can_be_thought_away_and_brought_back(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """Every figure shows the assumption, which is marked as one, and then what is so again."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    is_so = coverage(held, ASKED)
    name = held.directory.set_index("offer_id").loc["A-002", "name"]
    open_tab(page, "Was wäre, wenn")
    choose(page, "Diese Angebote gäbe es nicht", str(name), typed=True)
    page.keyboard.press("Escape")
    expect(page.get_by_text(ASSUMED)).to_be_visible()
    says(page, coverage(held, CoverageQuestion(("youth_centre",), "10-13", 15, off=("A-002",))))
    settled(page)
    assert "A-002" not in ids_on_map(map_frame(page))
    press(page, "Annahmen verwerfen")
    expect(page.get_by_text(ASSUMED)).to_have_count(0)
    says(page, is_so)
    settled(page)
    assert "A-002" in ids_on_map(map_frame(page))


def test_an_offer_can_be_moved_and_given_other_places(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """Places change what is there for a hundred; a click on the map moves the chosen offer."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    before = row(page, "Versorgung je Gebiet", "Nord-West")
    name = str(held.directory.set_index("offer_id").loc["A-002", "name"])
    open_tab(page, "Was wäre, wenn")
    choose(page, "Ein Angebot ändern oder versetzen", name, typed=True)
    settled(page)
    fill(page, "Plätze", "400")
    press(page, "Annehmen")
    expect(page.get_by_text(ASSUMED)).to_be_visible()
    says(page, coverage(held, ASKED))
    click_place(page, *SOUTH_EAST)
    there = (("A-002", *held.metres(*SOUTH_EAST)),)
    then = coverage(held, CoverageQuestion(("youth_centre",), "10-13", 15, moved=there))
    expect(finding(page)).not_to_contain_text(number(coverage(held, ASKED).total["uncovered"]))
    worst = then.areas("social_space").sort_values("uncovered").iloc[-1]
    expect(finding(page)).to_contain_text(f"In {worst['name']} erreichen")
    settled(page)
    open_tab(page, "Gebiete")
    after = row(page, "Versorgung je Gebiet", "Nord-West")
    assert before[1] == after[1]
    assert int(after[2].replace(".", "")) > int(before[2].replace(".", ""))
    press(page, "Annahmen verwerfen")
    expect(page.get_by_text(ASSUMED)).to_have_count(0)
    says(page, coverage(held, ASKED))
    settled(page)
    assert before == row(page, "Versorgung je Gebiet", "Nord-West")


def test_a_click_on_the_map_assumes_an_offer_there(
    offline_page: Page, dashboard: Server, held: Snapshot
) -> None:
    """The space that had none gains; a second click moves it; the map stays; nothing is kept."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    frame = map_frame(page)
    frame.evaluate("window.stays = 1")
    before = row(page, "Versorgung je Gebiet", "Süd-Ost")
    click_place(page, *SOUTH_EAST)
    expect(page.get_by_text(ASSUMED)).to_be_visible()
    settled(page)
    after = row(page, "Versorgung je Gebiet", "Süd-Ost")
    draft = Draft("draft", "Entwurf", *held.metres(*SOUTH_EAST))
    then = coverage(held, CoverageQuestion(("youth_centre",), "10-13", 15, added=(draft,)))
    space = then.areas("social_space").set_index("area_id").loc["sued-ost"]
    assert before[1] == after[1] == number(space["population"])
    # A click hits a pixel, which is some metres wide.
    assert abs(int(after[2].replace(".", "")) - space["uncovered"]) < 0.1 * space["population"]
    assert int(after[2].replace(".", "")) < int(before[2].replace(".", ""))
    click_place(page, 53.7400, 9.9900)
    south_east = page.get_by_role("row").filter(has_text="Süd-Ost").first
    expect(south_east.locator("th, td").nth(2)).to_have_text(before[2])
    settled(page)
    assert frame.evaluate("window.stays") == 1
    press(page, "Annahmen verwerfen")
    expect(page.get_by_text(ASSUMED)).to_have_count(0)
    says(page, coverage(held, ASKED))
    page.reload()
    settled(page)
    expect(page.get_by_text(ASSUMED)).to_have_count(0)


def test_the_download_holds_the_figures_of_the_table(offline_page: Page, dashboard: Server) -> None:
    """Each area of the table stands in the file with the same numbers, unrounded."""
    page = offline_page
    visit(page, dashboard.url, "coverage")
    with page.expect_download() as coming:
        page.get_by_role("button", name=re.compile(r"Zahlen herunterladen|CSV")).first.click()
    data = Path(coming.value.path()).read_bytes().decode("utf-8-sig")
    assert coming.value.suggested_filename == "versorgung.csv"
    head = next(i for i, line in enumerate(data.splitlines()) if "area_id" in line)
    lines = data.splitlines()[head:]
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    found = {
        r["name"]: r for r in csv.DictReader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    }
    lines = page.get_by_role("table", name="Versorgung je Gebiet").get_by_role("row")
    shown = [line.locator("th, td").all_text_contents() for line in lines.all()[1:]]
    names = ["Norderstedt", "Nord", "Süd", "Nord-Ost", "Nord-West", "Süd-Ost", "Süd-West"]
    assert names == [cells[0] for cells in shown]
    for name, population, uncovered, share, *_ in shown:
        assert population == number(float(found[name]["population"]))
        assert uncovered == number(float(found[name]["uncovered"]))
        assert abs(100 * float(found[name]["share"]) - int(share.split()[0])) <= 0.5001
