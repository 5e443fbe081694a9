"""The public folder: offers and released figures, offline, with nothing of protected places."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sro_geo.errors import SroError
from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.material import Material
from sro_geo.reports.publish import page, public_offers, publish

from .conftest import FROZEN
from .test_deck import violations
from .test_pdf import NASTY


@pytest.fixture(scope="module")
def folder(material: Material, story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shipped city."""
    path = tmp_path_factory.mktemp("public") / "new" / "folder"
    publish(path, story, material.offers, material.city)
    return path


def test_it_is_complete(folder: Path) -> None:
    """A page, a workbook, and a CSV file for offers and each table."""
    names = {f.name for f in folder.iterdir()}
    assert {"index.html", "figures.xlsx", "offers.csv", "figures-1.csv"} <= names
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert names - {"index.html"} == {n for n in names if f'href="{n}"' in text}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_it_works_offline_and_without_a_violation(
    chromium: Browser, folder: Path, material: Material, width: int
) -> None:
    """Search narrows the list; nothing is asked of anybody; wide and narrow."""
    page = chromium.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.goto((folder / "index.html").as_uri())
    assert [] == violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    offers = public_offers(material.offers)
    expect(page.locator(".cards>li:visible")).to_have_count(len(offers))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("JUGENDHAUS mitte")
    expect(page.locator(".cards>li:visible h3").first).to_have_text("Jugendhaus Mitte")
    assert page.locator(".cards>li:visible").count() < 5
    assert [(folder / "index.html").as_uri()] == [u for u in asked if not u.startswith("data:")]
    assert [] == said
    page.close()


@pytest.mark.browser
def test_without_scripts_every_offer_is_there(
    chromium: Browser, folder: Path, material: Material
) -> None:
    """The form that would do nothing is not shown."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    assert len(public_offers(material.offers)) == page.locator(".cards>li:visible").count()
    assert 0 == page.locator("form:visible").count()
    context.close()


def test_a_protected_place_has_no_place(material: Material, story: Story, tmp_path: Path) -> None:
    """Whatever the directory says by mistake; closed and planned offers are not listed."""
    offers = material.offers.copy()
    offers.loc[0, "protected"] = True
    offers.loc[0, ["address", "postal_code"]] = ["Kanarienvogelweg 77", "X9Y8Z"]
    offers.loc[1, ["status", "name"]] = ["closed", "Haus Geschlossen"]
    offers.loc[2, ["status", "name"]] = ["planned", "Haus Geplant"]
    offers.loc[0, "lon"], lon = 9.912345, "9.912"
    for file in publish(tmp_path, story, offers, material.city):
        data = file.read_bytes()
        for word in ("Kanarienvogelweg", "X9Y8Z", lon, "Haus Geschlossen", "Haus Geplant"):
            assert word.encode() not in data, file.name


def test_speaker_notes_stay_with_the_speaker(material: Material, tmp_path: Path) -> None:
    """They are no publication."""
    story = freeze(Story("s", "x", "x", "de", (Slide("a", "x", text="y", note="nur ich"),)), FROZEN)
    for file in publish(tmp_path, story, material.offers, material.city):
        assert b"nur ich" not in file.read_bytes()


@pytest.mark.parametrize("name", NASTY)
def test_any_name_of_an_offer_is_shown_as_it_is(
    material: Material, story: Story, name: str
) -> None:
    """Markup is escaped."""
    words = NASTY[name].replace("\ud800", "")  # no table holds half a pair
    offers = material.offers.head(1).assign(name=words, description=words)
    code = page(replace(story, slides=story.slides[:1]), public_offers(offers), material.city)
    assert "<script>alert" not in code
    code.encode("utf-8", "replace")


def test_a_full_disk_is_said(
    monkeypatch: pytest.MonkeyPatch, material: Material, story: Story, tmp_path: Path
) -> None:
    """The page comes last: an old one still finds its files."""
    (tmp_path / "index.html").write_text("old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SroError, match="file_not_writable"):
        publish(tmp_path, story, material.offers, material.city)
    assert "old" == (tmp_path / "index.html").read_text()
    assert ["index.html"] == [f.name for f in tmp_path.iterdir()]
