"""The PDF: tagged, complete, with the figures of its tables, whatever people typed."""

from __future__ import annotations

import errno
import io
import os
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from sro_geo.errors import SroError
from sro_geo.reports.content import Slide, Story, freeze
from sro_geo.reports.fonts import FAMILY, font_folder
from sro_geo.reports.pdf import drawable, narrow, pdf, pdf_bytes
from sro_geo.reports.tables import Field, table

from .conftest import FROZEN
from .pdf_tags import Tagged, elements, read
from .pdf_words import copied, line_ends

NASTY = {
    "markup": "<script>alert(1)</script> #emph[x] $y$ *z* </svg>",
    "emoji": "Fest 🎉👨‍👩‍👧 im Park ☀️",
    "long": "Sehr langer Titel " * 28,
    "right to left": "שלום مرحبا \u202eevil",
    "other letters": "Ελληνικά Кириллица 中文",
    "controls": "a\x00b\x07c\ud800d\u2028e",
}


@pytest.fixture(scope="module")
def data(story: Story) -> bytes:
    """The yearly report as PDF."""
    return pdf_bytes(story)


@pytest.fixture(scope="module")
def tagged(data: bytes) -> Tagged:
    """What its tags say."""
    return read(data)


@pytest.fixture(scope="module")
def text(data: bytes) -> str:
    """What can be copied out of it, blanks made plain."""
    return copied(data)


def test_it_declares_both_standards(tagged: Tagged) -> None:
    """PDF/UA-1 and PDF/A-2a, German, with its title."""
    assert ("1", "2a") == tagged.conformance
    assert tagged.language.startswith("de")
    assert "Bericht Sozialraumorientierung 2025 – Norderstedt" == tagged.title


def test_nothing_is_wrong_with_its_tags(tagged: Tagged) -> None:
    """Alternative texts, scopes of headers, embedded fonts."""
    assert [] == tagged.faults


def test_what_is_wrong_is_seen(data: bytes) -> None:
    """An alternative text, a scope, a font file and the title taken away."""
    with pikepdf.open(io.BytesIO(data)) as file:
        found = list(elements(file.Root.StructTreeRoot.get("/K")))
        del next(e for e in found if e.S == "/Figure").Alt
        del next(e for e in found if e.S == "/TH").A
        for thing in file.objects:
            if isinstance(thing, pikepdf.Dictionary):
                for key in ("/ToUnicode", "/FontFile2", "/FontFile3"):
                    if key in thing:
                        del thing[key]
        file.Root.ViewerPreferences.DisplayDocTitle = False
        broken = io.BytesIO()
        file.save(broken)
    assert {
        "figure without alternative text", "header cell without scope", "font not embedded",
        "font whose letters cannot be copied", "title not displayed",
    } == set(read(broken.getvalue()).faults)  # fmt: skip


def test_every_map_has_its_words_and_every_table_its_headers(story: Story, tagged: Tagged) -> None:
    """At least eight maps, each with its own alternative text."""
    maps = [s.paper or s.sheet for s in story.slides if s.sheet is not None]
    assert 8 <= len(maps)
    assert {m.alt for m in maps if m} <= set(tagged.alternatives)
    tables = sum(len(s.tables()) for s in story.slides)
    assert tables == tagged.roles["Table"] == tagged.roles["THead"]
    assert tables < tagged.roles["TH"]


def test_a_map_without_a_table_of_its_own_brings_the_maps(story: Story) -> None:
    """No map stands without its figures."""
    for slide in story.slides:
        if slide.sheet is not None:
            assert replace(slide, table=None, more=()).tables(), slide.slide_id


def test_bookmarks_and_headings_follow_the_chapters(story: Story, tagged: Tagged) -> None:
    """A bookmark for each chapter; no level is skipped."""
    chapters = [s for s in story.slides if s.kind not in ("cover", "page")]
    assert len(chapters) <= tagged.bookmarks <= len(chapters) + 1
    levels = [int(h[1]) for h in tagged.headings]
    assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))


def test_it_is_read_from_front_to_back(tagged: Tagged) -> None:
    """The order of the tags is the order of the pages."""
    assert tagged.order == sorted(tagged.order)


def test_it_is_read_in_the_order_of_the_story(story: Story, tagged: Tagged) -> None:
    """Heading, map, tables: slide by slide, and each map with its own words."""
    expected = ["H1", "TOC"]
    for slide in story.slides[1:]:
        expected.append("H2" if slide.kind == "page" else "H1")
        expected += ["Figure"] * ((slide.paper or slide.sheet) is not None)
        expected += ["Table"] * len(slide.tables())
    assert expected == tagged.sequence
    shown = [(s, s.paper or s.sheet) for s in story.slides]
    assert [s.words_for(m) for s, m in shown if m is not None] == tagged.alternatives


def test_bookmarks_lead_to_their_pages(story: Story, tagged: Tagged) -> None:
    """From front to back; each space has one page of its own."""
    chapters = [s for s in story.slides if s.kind not in ("cover", "page")]
    places = tagged.destinations[-len(chapters) :]
    assert len(chapters) == len(places)
    assert places == sorted(places)
    at = {s.slide_id: page for s, page in zip(chapters, places, strict=True)}
    spaces = [page for slide_id, page in at.items() if slide_id.startswith("profile-")]
    assert spaces == list(range(spaces[0], spaces[0] + 4))
    assert at["offers"] == at["summary"] + 1
    assert at["gaps"] == spaces[-1] + 1


def test_it_has_about_fifteen_pages(tagged: Tagged) -> None:
    """Long enough for four profiles, short enough to be read."""
    assert 13 <= tagged.pages <= 17


def test_no_page_is_nearly_empty(data: bytes) -> None:
    """On each, words reach down to two fifths at least; header and footer are not counted."""
    for number, page in enumerate(line_ends(data), 1):
        assert max(y for y in page if 60 < y < 785) > 0.4 * 842, number


def test_its_text_holds_the_figures_of_the_tables(story: Story, text: str) -> None:
    """Each printed number is found in what can be copied."""
    for slide in story.slides:
        for one in slide.tables():
            for row in one.texts(story.language):
                for words, field in zip(row, one.fields, strict=True):
                    if field.kind != "text":
                        assert " ".join(words.split()) in text, (one.caption, row)


def test_date_and_hash_are_printed(story: Story, text: str) -> None:
    """So that a paper can be told from the next."""
    assert story.content_hash[:16] in text
    assert "12. März 2026" in text
    assert "Beispieldaten" in text


def test_the_same_story_is_the_same_file(story: Story, data: bytes) -> None:
    """Nothing in it depends on the clock."""
    assert data == pdf_bytes(story)


def test_it_is_set_in_the_font_of_an_installed_package(data: bytes) -> None:
    """Source Sans, cut from Streamlit's file."""
    assert font_folder() is not None
    with pikepdf.open(io.BytesIO(data)) as paper:
        told = [one for one in paper.objects if isinstance(one, pikepdf.Dictionary)]
        names = [str(one.get("/BaseFont", "")) for one in told]
    assert any(FAMILY.replace(" ", "") in name for name in names)


def tiny(title: str, **more: object) -> Story:
    """A story of one slide with words and a table."""
    cells = table(title[:60], [Field(title[:40], "text"), Field("n")], [(title, 3), (title, None)])
    slide = Slide("a", title, title, text=f"{title}\n\n- {title}", note=title, table=cells)
    return freeze(Story("s", title, title, "de", (replace(slide, **more),), city="Ort"), FROZEN)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NASTY)
def test_any_title_makes_a_good_file(name: str) -> None:
    """Markup stays words, pictograms without a shape are left out."""
    found = read(pdf_bytes(tiny(NASTY[name])))
    assert [] == found.faults
    assert found.title


@pytest.mark.parametrize("columns", [9, 10, 19, 61])
def test_a_table_too_wide_for_a_page_is_parted(columns: int) -> None:
    """Every column is there once, each part has the names; a city of sixty spaces."""
    fields = [Field("Alter", "text"), *(Field(f"Raum {i}") for i in range(columns))]
    wide = table("Einwohner", fields, [("unter 3", *range(columns)), ("ab 3", *range(columns))])
    parts = narrow(wide)
    assert (1 if columns == 9 else -(-columns // 9)) == len(parts)
    assert all(part.header()[0] == "Alter" and len(part.fields) <= 10 for part in parts)
    assert wide.header()[1:] == tuple(name for part in parts for name in part.header()[1:])
    assert wide.rows[1][1:] == tuple(v for part in parts for v in part.rows[1][1:])
    found = read(pdf_bytes(tiny("Titel", table=wide)))
    assert [] == found.faults
    assert len(parts) == found.roles["Table"]


def test_letters_without_a_shape_are_marked_and_pictograms_left_out() -> None:
    """PDF/A allows no sign without a shape."""
    assert "Fest  im Park" == drawable("Fest 🎉 im Park")
    assert "□" == drawable("中")
    assert "Grün → שלום" == drawable("Grün → שלום")


def test_a_full_disk_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clear message, and what was there is still whole."""
    file = tmp_path / "report.pdf"
    file.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SroError, match="file_not_writable"):
        pdf(tiny("Titel"), file)
    assert b"old" == file.read_bytes()
    assert ["report.pdf"] == [f.name for f in tmp_path.iterdir()]


def test_no_room_for_the_draft_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for drafts may be the full one."""

    def full(self: Path, *args: object, **more: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(SroError, match="pdf_not_made"):
        pdf_bytes(tiny("Titel"))
