"""The story as a document that can be edited: headings, pictures with words, tables."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from sro_geo.i18n import date_in_words, t
from sro_geo.reports.content import Slide, Story, below, paragraphs
from sro_geo.reports.deck_pages import column_letters
from sro_geo.reports.office_slides import FONT, INK, LINE, MARGIN, SOFT, right_to_left
from sro_geo.reports.pdf import png, sources
from sro_geo.reports.tables import DataTable

_WIDE_CM, _HIGH_CM = 17.0, 17.5
_LONG_TITLE = 110
# Twentieths of a point to a centimetre.
_TWIPS = 567
_SIZES = {"Title": 28, "Subtitle": 12, "Heading 1": 18, "Heading 2": 13, "Caption": 8.5}
_LOCALE = {"de": "de-DE", "en": "en-GB"}


def docx_bytes(story: Story, properties: Any) -> bytes:
    """Return the story as a document; ``properties`` writes title, language and moment."""
    from docx import Document

    paper = Document()
    properties(paper.core_properties, story)
    _prepared(paper, story)
    for number, slide in enumerate(story.slides):
        _chapter(paper, slide, story, first=number == 0)
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def _prepared(paper: Any, story: Story) -> None:
    """Set page, styles, language, head and foot."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    styles = paper.styles
    for name in ("Normal", *_SIZES):
        style = styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{kind}"), FONT)
        if name != "Normal":
            soft = name in ("Subtitle", "Caption")
            style.font.size = Pt(_SIZES[name])
            style.font.color.rgb = RGBColor(*bytes.fromhex(SOFT if soft else INK))
            style.font.bold, style.font.italic = not soft, False
    for line in styles["Title"].element.xpath(".//w:pBdr"):
        line.getparent().remove(line)
    normal = styles["Normal"]
    normal.font.size = Pt(10.5)
    normal.paragraph_format.space_after = Pt(7)
    styles["Title"].paragraph_format.space_before = Pt(60)
    styles["Heading 2"].paragraph_format.space_before = Pt(14)
    styles["Caption"].paragraph_format.space_after = Pt(8)
    speech = OxmlElement("w:lang")
    speech.set(qn("w:val"), _LOCALE.get(story.language, story.language))
    normal.element.get_or_add_rPr().append(speech)
    date = date_in_words(story.frozen_at, story.language)
    short = story.title if len(story.title) <= 80 else story.title[:80] + "…"
    head = section.header.paragraphs[0]
    head.text = f"{short}\t\t{t('reports.stand', story.language, date=date)}"
    foot = section.footer.paragraphs[0]
    foot.text = " · ".join(p for p in (story.city, story.sample_note) if p) + "\t\t"
    _number(foot)
    for line in (head, foot):
        line.style = styles["Caption"]
        _tabs(line)


def _tabs(paragraph: Any) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(Cm(_WIDE_CM / 2), WD_TAB_ALIGNMENT.CENTER)
    stops.add_tab_stop(Cm(_WIDE_CM), WD_TAB_ALIGNMENT.RIGHT)


def _number(paragraph: Any) -> None:
    """Write the number of the page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _directed(paragraph: Any, words: str) -> Any:
    """Let a paragraph run from right to left where its words do."""
    from docx.oxml import OxmlElement

    if right_to_left(words):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
    return paragraph


def _chapter(paper: Any, slide: Slide, story: Story, *, first: bool) -> None:
    from docx.shared import Cm, Pt

    language = story.language
    level = 0 if slide.kind == "cover" else 2 if slide.kind == "page" else 1
    heading = _directed(paper.add_heading(slide.title, level), slide.title)
    if len(slide.title) > _LONG_TITLE:
        for run in heading.runs:
            run.font.size = Pt(12)
    # A chapter begins a page, as in print; what belongs to one goes on.
    breaks = not first and level == 1 and slide.kind != "section"
    heading.paragraph_format.page_break_before = breaks
    if breaks:
        heading.paragraph_format.space_before = 0
    if slide.subtitle:
        below_it = _directed(paper.add_paragraph(slide.subtitle, style="Subtitle"), slide.subtitle)
        below_it.paragraph_format.keep_with_next = True
    sheet = slide.paper or slide.sheet
    for block in paragraphs(slide.text):
        for item in [block] if isinstance(block, str) else block:
            style = None if isinstance(block, str) else "List Bullet"
            words = _directed(paper.add_paragraph(item, style=style), item)
            words.paragraph_format.keep_with_next = sheet is not None
    if slide.kind == "cover":
        frozen = t("deck.frozen", language, label=story.label)
        _strong(paper, [story.sample_note])
        paper.add_paragraph(frozen, style="Caption")
    if sheet is not None:
        # No picture is so high that its heading stands on another page.
        wide = min(_WIDE_CM, _HIGH_CM * sheet.width / sheet.height)
        data = io.BytesIO(png(sheet, width=1500))
        paper.add_picture(data, width=Cm(wide))
        drawn = paper.paragraphs[-1]._element.xpath(".//wp:docPr")[0]
        drawn.set("descr", slide.words_for(sheet))
        drawn.set("name", slide.title[:80])
    for table in slide.tables():
        _table(paper, table, language)
    line = sources(slide, language)
    if line:
        paper.add_paragraph(line, style="Caption")


def _strong(paper: Any, lines: Iterable[str]) -> None:
    for line in lines:
        if line:
            paper.add_paragraph().add_run(line).bold = True


def _table(paper: Any, table: DataTable, language: str) -> None:
    from docx.shared import Pt, Twips

    caption = paper.add_paragraph(style="Caption")
    caption.add_run(table.caption).bold = True
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(3)
    rows: Sequence[Sequence[str]] = (table.header(), *table.texts(language))
    letters = [n + MARGIN for n in column_letters(table, language)]
    wide = [round(_WIDE_CM * _TWIPS * n / sum(letters)) for n in letters]
    grid = paper.add_table(len(rows), len(table.fields))
    grid.autofit = False
    _looks(grid, table.caption, wide)
    size = 8.5 if len(letters) < 8 else 7.5
    # cell() counts through the whole table each time; the rows are walked once instead.
    for y, (row, values) in enumerate(zip(grid.rows, rows, strict=True)):
        _row(row._tr, head=y == 0)
        for x, (cell, value) in enumerate(zip(row.cells, values, strict=True)):
            cell._tc.get_or_add_tcPr().get_or_add_tcW().width = Twips(wide[x])
            words = cell.paragraphs[0]
            words.paragraph_format.space_after = Pt(1)
            words.paragraph_format.keep_with_next = y == 0
            run = words.add_run(value)
            run.font.size, run.bold = Pt(size), True if y == 0 else None
            if table.fields[x].kind != "text":
                words.alignment = 2
    note = below(table, language)
    after = paper.add_paragraph(style="Caption")
    after.add_run(note)
    after.paragraph_format.space_before = Pt(3)
    if not note:
        # Two tables without a paragraph between them would become one.
        after.paragraph_format.space_before = after.paragraph_format.space_after = Pt(0)
        after.paragraph_format.line_spacing = Pt(4)


def _row(row: Any, *, head: bool) -> None:
    """Keep a row on one page; the header is repeated on each."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for name in ("w:cantSplit", *(["w:tblHeader"] if head else [])):
        mark = OxmlElement(name)
        mark.set(qn("w:val"), "true")
        row.get_or_add_trPr().append(mark)
    if not head:
        return
    for cell in row.tc_lst:
        lines = OxmlElement("w:tcBorders")
        lines.append(_border("w:bottom", 10, INK))
        cell.get_or_add_tcPr().append(lines)


def _looks(grid: Any, caption: str, wide: Sequence[int]) -> None:
    """Set fixed columns, thin lines between the rows, and the words for who does not see it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    settings = grid._tbl.tblPr
    lines = OxmlElement("w:tblBorders")
    for name in ("w:bottom", "w:insideH"):
        lines.append(_border(name, 4, LINE))
    layout = settings.find(qn("w:tblLayout"))
    layout.addprevious(lines)
    described = OxmlElement("w:tblDescription")
    described.set(qn("w:val"), caption)
    settings.append(described)
    for column, width in zip(grid._tbl.tblGrid.gridCol_lst, wide, strict=True):
        column.set(qn("w:w"), str(width))


def _border(name: str, size: int, colour: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    line = OxmlElement(name)
    for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", colour)):
        line.set(qn(f"w:{key}"), value)
    return line
