"""The story as slides, document and workbook that can be edited.

Maps are pictures with their alternative text, tables are tables. There are no native charts:
they would carry a workbook of their own.
"""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

from sro_geo.files import replace_file
from sro_geo.i18n import t
from sro_geo.reports.content import Slide, Story, below, paragraphs
from sro_geo.reports.pdf import png, sources
from sro_geo.reports.tables import DataTable
from sro_geo.reports.workbook import xlsx_bytes

# Rows of a table on one slide; the rest goes on to the next.
_ROWS = 13
_WIDE_IN, _HIGH_IN = 13.333, 7.5
_LOCALE = {"de": "de-DE", "en": "en-GB"}


def pptx(story: Story, file: Path) -> None:
    """Write the story as slides (16:9) with notes; raises ``file_not_writable``."""
    replace_file(file, pptx_bytes(story))


def docx(story: Story, file: Path) -> None:
    """Write the story as a document; raises ``file_not_writable``."""
    replace_file(file, docx_bytes(story))


def xlsx(story: Story, file: Path) -> None:
    """Write the tables of the story as a workbook; raises ``file_not_writable``."""
    replace_file(file, xlsx_bytes(story))


def pptx_bytes(story: Story) -> bytes:
    """Return the story as slides."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    show.slide_width, show.slide_height = Inches(_WIDE_IN), Inches(_HIGH_IN)
    _properties(show.core_properties, story)
    for slide in story.slides:
        _slides_of(show, slide, story)
    return _saved(show)


def _slides_of(show: Any, slide: Slide, story: Story) -> None:
    """Add the slide: words or map, and a further one for each table."""
    language = story.language
    tables = slide.tables()
    page = _page(show, slide.title, slide, story)
    if slide.kind == "cover":
        _words(page, slide, story, top=2.6, high=3.2, size=24)
        _line(page, t("deck.frozen", language, label=story.label), 6.4)
        return
    top = 1.35 if not slide.subtitle else 1.5
    if slide.sheet is not None:
        _picture(page, slide, top + 0.1)
        said = f"{slide.text.strip()}\n\n{slide.note}".strip()
        page.notes_slide.notes_text_frame.text = said
    elif slide.text.strip():
        short = bool(tables) and len(tables[0].rows) <= 7 and len(slide.text) < 1500
        _words(page, slide, story, top=top, high=2.6 if short else 5.2, size=13 if short else 17)
        if short:
            _grid(page, tables[0], 0, story, top + 2.8)
            tables = tables[1:]
    elif tables:
        _grid(page, tables[0], 0, story, top)
        _rest(show, tables[0], slide, story)
        tables = tables[1:]
    for table in tables:
        further = _page(show, table.caption, slide, story)
        _grid(further, table, 0, story, 1.35)
        _rest(show, table, slide, story)


def _rest(show: Any, table: DataTable, slide: Slide, story: Story) -> None:
    for start in range(_ROWS, len(table.rows), _ROWS):
        number = f"{table.caption} ({start // _ROWS + 1})"
        _grid(_page(show, number, slide, story), table, start, story, 1.35)


def _page(show: Any, title: str, slide: Slide, story: Story) -> Any:
    from pptx.util import Inches, Pt

    page = show.slides.add_slide(show.slide_layouts[5])  # title only
    place = page.shapes.title
    place.left, place.top = Inches(0.5), Inches(0.3)
    place.width, place.height = Inches(_WIDE_IN - 1), Inches(0.9)
    place.text_frame.word_wrap = True
    place.text_frame.text = title
    for paragraph in place.text_frame.paragraphs:
        paragraph.alignment = 1
        paragraph.font.bold = True
        paragraph.font.size = Pt(28 if len(title) < 75 else 20 if len(title) < 160 else 12)
    if slide.note:
        page.notes_slide.notes_text_frame.text = slide.note
    line = " · ".join(p for p in (sources(slide, story.language), story.sample_note) if p)
    if line and slide.kind != "cover":
        _line(page, line, 7.08)
    return page


def _line(page: Any, words: str, top: float) -> None:
    from pptx.util import Inches, Pt

    box = page.shapes.add_textbox(Inches(0.5), Inches(top), Inches(_WIDE_IN - 1), Inches(0.35))
    box.text_frame.word_wrap = True
    box.text_frame.text = words
    box.text_frame.paragraphs[0].font.size = Pt(11)


def _words(page: Any, slide: Slide, story: Story, *, top: float, high: float, size: int) -> None:
    from pptx.util import Inches, Pt

    box = page.shapes.add_textbox(Inches(0.5), Inches(top), Inches(_WIDE_IN - 1), Inches(high))
    frame = box.text_frame
    frame.word_wrap = True
    lines: list[str] = [slide.subtitle] if slide.subtitle else []
    for block in paragraphs(slide.text):
        lines += [block] if isinstance(block, str) else [f"• {item}" for item in block]
    if slide.kind == "cover" and story.sample_note:
        lines.append(story.sample_note)
    total = sum(len(line) for line in lines)
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.font.size = Pt(size if total < 1200 else max(10, size * 1200 // total))
        paragraph.space_after = Pt(6)


def _picture(page: Any, slide: Slide, top: float) -> None:
    from pptx.util import Inches

    sheet = slide.sheet
    assert sheet is not None
    high = _HIGH_IN - top - 0.5
    wide = min(_WIDE_IN - 1, high * sheet.width / sheet.height)
    left = (_WIDE_IN - wide) / 2
    picture = page.shapes.add_picture(
        io.BytesIO(png(sheet)), Inches(left), Inches(top), width=Inches(wide)
    )
    described = picture._element.nvPicPr.cNvPr
    described.set("descr", slide.words_for(sheet))
    described.set("name", slide.title[:80])


def _grid(page: Any, table: DataTable, start: int, story: Story, top: float) -> None:
    from pptx.util import Inches, Pt

    rows = table.texts(story.language)[start : start + _ROWS]
    held = page.shapes.add_table(
        len(rows) + 1, len(table.fields), Inches(0.5), Inches(top), Inches(_WIDE_IN - 1),
        Inches(0.36 * (len(rows) + 1)),
    )  # fmt: skip
    held._element.nvGraphicFramePr.cNvPr.set("descr", table.caption)
    grid = held.table
    grid.first_row, grid.first_col = True, False
    for y, values in enumerate((table.header(), *rows)):
        for x, value in enumerate(values):
            cell = grid.cell(y, x)
            cell.text = value
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size = Pt(12)
                if table.fields[x].kind != "text":
                    paragraph.alignment = 3
    note = below(table, story.language)
    if note:
        _line(page, note, min(6.75, top + 0.36 * (len(rows) + 1) + 0.1))


def docx_bytes(story: Story) -> bytes:
    """Return the story as a document with headings, pictures and tables."""
    from docx import Document
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    paper, language = Document(), story.language
    _properties(paper.core_properties, story)
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    normal = paper.styles["Normal"]
    normal.font.size = Pt(10.5)
    speech = OxmlElement("w:lang")
    speech.set(qn("w:val"), _LOCALE.get(language, language))
    normal.element.get_or_add_rPr().append(speech)
    for slide in story.slides:
        level = 0 if slide.kind == "cover" else 2 if slide.kind == "page" else 1
        paper.add_heading(slide.title, level)
        if slide.subtitle:
            paper.add_paragraph(slide.subtitle, style="Subtitle")
        for block in paragraphs(slide.text):
            for item in [block] if isinstance(block, str) else block:
                paper.add_paragraph(item, style=None if isinstance(block, str) else "List Bullet")
        if slide.kind == "cover":
            for line in (story.sample_note, t("deck.frozen", language, label=story.label)):
                if line:
                    paper.add_paragraph(line)
        sheet = slide.paper or slide.sheet
        if sheet is not None:
            wide = 17.0 if sheet.height < sheet.width else 14.0
            paper.add_picture(io.BytesIO(png(sheet, width=1700)), width=Cm(wide))
            drawn = paper.paragraphs[-1]._element.xpath(".//wp:docPr")[0]
            drawn.set("descr", slide.words_for(sheet))
            drawn.set("name", slide.title[:80])
        for table in slide.tables():
            _document_table(paper, table, language)
        line = sources(slide, language)
        if line:
            paper.add_paragraph(line, style="Caption")
    return _saved(paper)


def _document_table(paper: Any, table: DataTable, language: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paper.add_paragraph(table.caption, style="Caption")
    rows = (table.header(), *table.texts(language))
    grid = paper.add_table(len(rows), len(table.fields), style="Light List")
    grid._tbl.tblPr.append(_described(table.caption))
    # cell() counts through the whole table each time; the rows are walked once instead.
    for y, (row, values) in enumerate(zip(grid.rows, rows, strict=True)):
        for x, (cell, value) in enumerate(zip(row.cells, values, strict=True)):
            cell.text = value
            if table.fields[x].kind != "text":
                cell.paragraphs[0].alignment = 2
        if y == 0:
            header = OxmlElement("w:tblHeader")
            header.set(qn("w:val"), "true")
            row._tr.get_or_add_trPr().append(header)
    note = below(table, language)
    paper.add_paragraph(note, style="Caption" if note else None)


def _described(words: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:tblDescription")
    element.set(qn("w:val"), words)
    return element


def _properties(held: Any, story: Story) -> None:
    """Write title, language and moment; the makers of the template stay out."""
    held.title, held.author, held.last_modified_by = story.title[:250], story.city[:250], ""
    held.language, held.comments = _LOCALE.get(story.language, story.language), ""
    held.subject, held.keywords = story.content_hash[:16], ""
    try:
        moment = dt.datetime.fromisoformat(story.frozen_at)
    except ValueError:
        return
    held.created = held.modified = moment


def _saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
