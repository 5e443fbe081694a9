"""Slides, document and workbook: editable, described, and with no hidden number in them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from html import escape, unescape

import numpy as np
import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from sro_geo.errors import SroError
from sro_geo.reports.content import Slide, Story, all_tables, freeze
from sro_geo.reports.deck import deck
from sro_geo.reports.material import Material
from sro_geo.reports.office import docx_bytes, pptx_bytes
from sro_geo.reports.pdf import pdf_bytes
from sro_geo.reports.publish import page, public_offers
from sro_geo.reports.tables import Field, Mark, figure, table, written
from sro_geo.reports.workbook import csv_bytes, xlsx_bytes
from sro_geo.reports.yearly import yearly

from .conftest import FROZEN
from .pdf_tags import read
from .test_pdf import NASTY, tiny

CANARY = 87_654_321


@pytest.fixture(scope="module")
def slides(story: Story) -> bytes:
    """The yearly report as slides."""
    return pptx_bytes(story)


@pytest.fixture(scope="module")
def document(story: Story) -> bytes:
    """The yearly report as a document."""
    return docx_bytes(story)


def inside(data: bytes) -> dict[str, bytes]:
    """Return every part of a zipped file, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return {name: held.read(name) for name in held.namelist()}


def test_slides_have_titles_pictures_with_words_and_real_tables(
    story: Story, slides: bytes
) -> None:
    """One picture for each map; every page has a title; tables can be edited."""
    show = Presentation(io.BytesIO(slides))
    assert 16 / 9 == pytest.approx(show.slide_width / show.slide_height, rel=1e-3)
    pictures, tables = [], 0
    for one in show.slides:
        assert one.shapes.title is not None
        assert one.shapes.title.text_frame.text.strip()
        for shape in one.shapes:
            if shape.shape_type == 13:
                pictures.append(shape._element.nvPicPr.cNvPr.get("descr"))
            tables += bool(shape.has_table)
    maps = [s.sheet for s in story.slides if s.sheet]
    assert [m.alt for m in maps] == [p for p in pictures if not p.startswith("Legende")]
    assert sum(m.panel is not None for m in maps) == len(pictures) - len(maps)
    assert len(all_tables(story.slides)) <= tables
    notes = " ".join(s.notes_slide.notes_text_frame.text for s in show.slides if s.has_notes_slide)
    assert story.slides[0].note in notes


def test_nothing_on_a_slide_runs_over_its_edge(story: Story, slides: bytes) -> None:
    """Pictures, words and tables stand on the slide, tables above the source."""
    show = Presentation(io.BytesIO(slides))
    for number, one in enumerate(show.slides, 1):
        for shape in one.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= show.slide_width, number
            most = show.slide_height * (684 / 720 if shape.has_table else 1)
            assert shape.top + shape.height <= most, (number, shape.name)


def test_every_table_of_the_story_is_on_the_slides(story: Story, slides: bytes) -> None:
    """Row by row, in order, split where there is no room."""
    show = Presentation(io.BytesIO(slides))
    said = [
        tuple(cell.text for cell in row.cells)
        for one in show.slides
        for shape in one.shapes
        if shape.has_table
        for row in list(shape.table.rows)[1:]
    ]
    assert [row for _, t in all_tables(story.slides) for row in t.texts("de")] == said


def test_the_document_has_headings_words_for_pictures_and_tables(
    story: Story, document: bytes
) -> None:
    """Tables repeat their header on every page."""
    paper = Document(io.BytesIO(document))
    code = inside(document)["word/document.xml"].decode()
    assert sum((s.paper or s.sheet) is not None for s in story.slides) == code.count("<pic:pic")
    assert all(re.findall(r'<wp:docPr[^>]*descr="([^"]+)"', code))
    assert len(all_tables(story.slides)) == len(paper.tables)
    assert len(paper.tables) == code.count("w:tblHeader")
    styles = {p.style.name for p in paper.paragraphs}
    assert {"Title", "Heading 1", "Heading 2"} <= styles
    assert 'w:val="de-DE"' in inside(document)["word/styles.xml"].decode()


def test_ones_own_words_for_a_map_stand_in_every_output(material: Material, story: Story) -> None:
    """In place of the software's, in the deck, on paper, on slides and in the public folder."""
    words = "Mitte ist <vorn> & liegt \u202e im Süden."
    said = "Mitte ist <vorn> & liegt im Süden."
    one = next(s for s in story.slides if s.slide_id == "cases")
    assert one.sheet is not None
    own = freeze(replace(story, slides=(replace(one, alt=words),)), FROZEN)
    assert own.content_hash != freeze(replace(story, slides=(one,)), FROZEN).content_hash
    pages = (deck(own), page(own, public_offers(material.offers), material.city))
    for code in pages:
        assert escape(said) in code
        assert one.sheet.alt not in unescape(code)
    assert {said} == set(read(pdf_bytes(own)).alternatives)
    shape = next(
        s
        for p in Presentation(io.BytesIO(pptx_bytes(own))).slides
        for s in p.shapes
        if s.shape_type == 13
    )
    assert said == shape._element.nvPicPr.cNvPr.get("descr")
    assert escape(said) in inside(docx_bytes(own))["word/document.xml"].decode()


def test_no_file_carries_a_workbook_or_a_chart(slides: bytes, document: bytes) -> None:
    """Nothing is embedded that could hold more than is seen."""
    for data in (slides, document):
        names = inside(data)
        assert [] == [n for n in names if re.search(r"embed|chart|\.xls", n, re.I)]


def test_the_workbook_holds_the_numbers_that_are_printed(story: Story) -> None:
    """Number for number the same as the table, marks as words."""
    book = load_workbook(io.BytesIO(xlsx_bytes(story)))
    held = all_tables(story.slides)
    assert len(held) + 1 == len(book.worksheets)
    for (_, one), sheet in zip(held, book.worksheets[1:], strict=True):
        rows = list(sheet.iter_rows(min_row=2, max_row=len(one.rows) + 1, values_only=True))
        for row, values in zip(one.rows, rows, strict=True):
            for value, cell, field in zip(row, values, one.fields, strict=True):
                if isinstance(value, float):
                    assert value == cell
                    assert written(value, field, "de") == written(float(cell), field, "de")
                elif isinstance(value, Mark):
                    assert isinstance(cell, str)
        assert not any(c.data_type == "f" for r in sheet.iter_rows() for c in r)


def test_map_table_page_and_workbook_say_the_same(material: Material, story: Story) -> None:
    """The rate of an area is one number everywhere."""
    (cases,) = (s for s in story.slides if s.slide_id == "cases")
    assert cases.sheet is not None
    assert cases.table is not None
    on_map = {row[0]: row[1] for row in cases.sheet.table.rows}
    rate = cases.table.header().index("Fälle je 1.000")
    on_page = {row[0]: row[rate] for row in cases.table.texts("de")}
    assert on_map == {name: on_page[name] for name in on_map}
    (years,) = (s for s in story.slides if s.slide_id == "years")
    assert years.table is not None
    assert on_map == {row[0]: row[-1] for row in years.table.texts("de")}
    for name, rate in on_map.items():
        assert f">{name}<" in cases.sheet.svg
        assert f">{rate}<" in cases.sheet.svg


def hidden_city(material: Material, count: float) -> Material:
    """The shipped city with one area hidden; what is hidden has the count in no column."""
    cells = material.cells
    assert cells is not None
    cells = cells.copy()
    area = material.spaces["area_id"].iloc[0]
    own = (cells["area_id"] == area) & (cells["status"] == "released")
    cells.loc[own, "status"] = "suppressed"
    cells["count"] = cells["count"].astype("float64")
    cells.loc[own, "count"] = count
    if "smoothed" in cells:
        cells.loc[own, "smoothed"] = np.nan
    return replace(material, cells=cells)


def test_a_frame_with_a_hidden_number_is_refused(material: Material) -> None:
    """Whoever hands it in is told, and nothing is made."""
    with pytest.raises(SroError, match="report_hidden_number") as refused:
        hidden_city(material, CANARY)
    assert str(CANARY) not in str(refused.value)


def test_a_hidden_area_is_in_no_file_a_number(material: Material) -> None:
    """Hatched, n. a., last in every table; its old figures are in none of the files."""
    story = freeze(yearly(hidden_city(material, float("nan"))), FROZEN)
    name = str(material.spaces["name"].iloc[0])
    (cases,) = (s for s in story.slides if s.slide_id == "cases")
    assert cases.sheet is not None
    assert "n. a." in {r[0]: r[1] for r in cases.sheet.table.rows}[name]
    assert name == cases.sheet.table.rows[-1][0]
    for slide in story.slides:
        for one in slide.tables():
            for row, texts in zip(one.rows, one.texts("de"), strict=True):
                if texts[0] == name and "1.000" in one.caption:
                    assert all(isinstance(v, Mark) for v in row[1:]), one.caption


def test_the_canary_is_in_none_of_the_files(material: Material) -> None:
    """A number put beside what the builders read comes out of no output, unzipped."""
    cells = material.cells
    assert cells is not None
    raw = cells.assign(raw_count=CANARY)
    offers = material.offers.assign(inner_note=str(CANARY))
    story = freeze(yearly(replace(material, cells=raw, offers=offers)), FROZEN)
    parts = [
        deck(story).encode(),
        pdf_bytes(story),
        csv_bytes(all_tables(story.slides)[0][1], story),
    ]
    parts.append(page(story, public_offers(offers), material.city).encode())
    for data in (pptx_bytes(story), docx_bytes(story), xlsx_bytes(story)):
        parts += inside(data).values()
    assert [] == [n for n, part in enumerate(parts) if str(CANARY).encode() in part]


def test_a_hidden_figure_is_never_looked_at() -> None:
    """Whatever stands in its place."""
    assert Mark.SUPPRESSED is figure(CANARY, "suppressed")
    assert Mark.MISSING is figure(CANARY, "missing")
    assert CANARY == figure(CANARY, "released")


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        (1234.5, Field("x"), "1.235"),
        (0.5, Field("x", "percent"), "50\u202f%"),
        (-3.25, Field("x", "signed", 1), "−3,3"),
        (2.0, Field("x", "signed"), "+2"),
        (0.2, Field("x", "signed"), "±0"),
        (1234567.891, Field("x", "euro", 2), "1.234.567,89\u202f€"),
        (Mark.SUPPRESSED, Field("x"), "n. a."),
        (None, Field("x"), "–"),
        (pd.NA, Field("x", "text"), ""),
    ],
)
def test_numbers_are_written_as_germans_write_them(
    value: object, field: Field, expected: str
) -> None:
    """Rounded half up, with their sign and unit."""
    one = table("x", [field], [(value,)])
    assert expected == one.texts("de")[0][0]


@pytest.mark.parametrize("name", NASTY)
def test_any_title_makes_files_that_open(name: str) -> None:
    """Markup, pictograms, long and right-to-left titles."""
    story = tiny(NASTY[name])
    assert len(Presentation(io.BytesIO(pptx_bytes(story))).slides)
    assert Document(io.BytesIO(docx_bytes(story))).tables
    assert load_workbook(io.BytesIO(xlsx_bytes(story))).worksheets


def test_what_looks_like_a_formula_stays_text() -> None:
    """In the workbook and in the CSV."""
    one = table("=1+1", [Field("=x", "text"), Field("@y", "text")], [("=cmd|'x'", "+1")])
    story = freeze(Story("s", "x", "=x", "de", (Slide("a", "=1", table=one),)), FROZEN)
    book = load_workbook(io.BytesIO(xlsx_bytes(story)))
    assert not any(c.data_type == "f" for s in book for r in s.iter_rows() for c in r)
    assert b"\n'=cmd" in csv_bytes(one, story)
