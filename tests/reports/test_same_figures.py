"""One figure is the same in text, table, map and workbook, and on the paper."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from sro_geo.reports.content import Slide, Story, all_tables
from sro_geo.reports.pdf import pdf_bytes
from sro_geo.reports.tables import DataTable, Mark, mark_word, written
from sro_geo.reports.workbook import xlsx_bytes

from .pdf_words import copied_pages


def plain(words: str) -> str:
    """Words with plain blanks."""
    return " ".join(words.split())


def columns(table: DataTable, column: str) -> dict[str, str]:
    """What stands in one column, by the name of the row."""
    at = table.header().index(column)
    return {row[0]: row[at] for row in table.texts("de")}


def by_area(slide: Slide) -> dict[str, str]:
    """The figure of each area on a slide's map, as its table has it."""
    table = slide.table
    assert table is not None
    if slide.slide_id == "people":
        (row,) = [row for row in table.texts("de") if row[0] == "unter 21 Jahre"]
        return dict(zip(table.header(), row, strict=True))
    if slide.slide_id == "offers":
        return dict(zip(table.header(), table.texts("de")[-1], strict=True))
    column = {
        "cases": "Fälle je 1.000", "summary": "Fälle je 1.000", "change": "Änderung",
        "profile": "Angebote", "gap": "Anteil erreicht",
    }[slide.slide_id.split("-")[0]]  # fmt: skip
    return columns(table, column)


def slide_of(story: Story, slide_id: str) -> Slide:
    """The slide with the id."""
    (found,) = [s for s in story.slides if s.slide_id == slide_id]
    return found


@pytest.fixture(scope="module")
def lines(story: Story) -> list[str]:
    """The lines of the PDF as they are seen, blanks made plain."""
    return [plain(line) for page in copied_pages(pdf_bytes(story)) for line in page.splitlines()]


def test_maps_and_tables_say_the_same(story: Story) -> None:
    """On the slide and on paper, label by label; the label is really written there."""
    seen = 0
    for slide in story.slides:
        for sheet in {id(s): s for s in (slide.sheet, slide.paper) if s is not None}.values():
            if slide.slide_id == "years":
                continue
            held = by_area(slide)
            spots = [s for s in sheet.spots if s.figure]
            assert spots, slide.slide_id
            for spot in spots:
                figure = plain(held[spot.name]).removesuffix(" %")
                assert figure == spot.figure, (slide.slide_id, spot.name)
                assert f">{spot.figure}<" in sheet.svg
                seen += 1
    assert 60 <= seen


def test_small_maps_and_their_table_say_the_same(story: Story) -> None:
    """Year by year."""
    slide = slide_of(story, "years")
    assert slide.table is not None
    for sheet in (slide.sheet, slide.paper):
        assert sheet is not None
        said = [(s.name.split(", ")[-1], s.name.split(", ")[0], s.figure) for s in sheet.spots]
        expected = {
            frozenset((row[0], year, figure))
            for row in slide.table.texts("de")
            for year, figure in zip(slide.table.header()[1:], row[1:], strict=True)
        }
        assert {frozenset(one) for one in said} == expected


def test_the_workbook_holds_the_printed_numbers(story: Story) -> None:
    """Cell by cell: a number as it is printed, a mark as its word, no further number."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(story)))
    held = all_tables(story.slides)
    assert len(held) == len(book.sheetnames) - 1
    for (_, table), name in zip(held, book.sheetnames[1:], strict=True):
        sheet = book[name]
        for y, (row, texts) in enumerate(zip(table.rows, table.texts("de"), strict=True), 2):
            for x, (value, field, words) in enumerate(
                zip(row, table.fields, texts, strict=True), 1
            ):
                cell = sheet.cell(y, x).value
                if isinstance(value, Mark):
                    assert mark_word(value, "de") == cell
                elif isinstance(value, float):
                    assert words == written(float(cell), field, "de"), (name, y, x)
                else:
                    assert words == (cell or "")


def test_the_paper_holds_the_rows_of_the_tables(story: Story, lines: list[str]) -> None:
    """The numbers of a row stand side by side in their order."""
    whole = "\n".join(lines)
    for _, table in all_tables(story.slides):
        numbers = [i for i, field in enumerate(table.fields) if field.kind != "text"]
        if not numbers:
            continue
        for row in table.texts("de"):
            # A narrow blank may be a distance on paper.
            said = [re.escape(plain(row[i])).replace(r"\ ", " ?") for i in numbers]
            pattern = r"[^\n]*? ".join(said)
            assert re.search(pattern, whole), (table.caption, row)


def test_sentences_and_tables_say_the_same(story: Story) -> None:
    """Summary, cases, changes, profiles and gaps."""
    cases = slide_of(story, "cases")
    assert cases.table is not None
    rates = columns(cases.table, "Fälle je 1.000")
    counts = columns(cases.table, "Fälle 2025")
    city = cases.table.texts("de")[-1][0]
    assert f"{counts[city]} Hilfen, das sind {rates[city]} je 1.000" in cases.text
    high, low = re.findall(r"in (\S+) \((\d+) je 1.000\)", cases.text)
    assert rates[high[0]] == high[1] and rates[low[0]] == low[1]
    assert cases.title.endswith(f"{high[0]} mit {high[1]} je 1.000")
    summary = slide_of(story, "summary")
    assert summary.table is not None
    for column in ("unter 21 Jahre", "Angebote", "Fälle 2025", "Fälle je 1.000"):
        assert columns(summary.table, column)[city] in summary.text
    change = slide_of(story, "change")
    assert change.table is not None
    for area, moved in columns(change.table, "Änderung").items():
        assert f"{area} {moved}" in change.text
    for slide in story.slides:
        if slide.kind == "profile":
            assert slide.table is not None
            row = slide.table.texts("de")[0]
            for words in (row[1], row[2], row[4], row[5], row[6]):
                assert re.search(rf"(?<![\d.]){re.escape(words)}(?![\d])", slide.text), words
        if slide.slide_id.startswith("gap-"):
            assert slide.table is not None
            people, missed = slide.text.split(" von ")[1].split()[0], slide.text.split()[0]
            for words, column in ((people, 1), (missed, 3)):
                total = sum(float(row[column]) for row in slide.table.rows)
                # Each row is rounded for itself.
                assert abs(total - float(words.replace(".", ""))) <= len(slide.table.rows) / 2
            assert slide.title.startswith(f"{missed} Menschen")


def test_the_paper_shows_the_labels_of_its_maps(story: Story, lines: list[str]) -> None:
    """They can be searched for: letters, not outlines."""
    whole = "\n".join(lines)
    for slide in story.slides:
        sheet = slide.paper or slide.sheet
        for area in sheet.table.rows if sheet is not None else ():
            assert area[0] in whole
    assert "Rangfolge" in whole
