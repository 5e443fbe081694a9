"""The story as slides that can be edited: words are words, tables tables, maps pictures.

The slides are divided as those of the deck. There are no native charts: they would carry a
workbook of their own.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sro_geo.cartography.sheet import MapSheet
from sro_geo.i18n import t
from sro_geo.reports.content import Story, below, paragraphs
from sro_geo.reports.deck_map import cut
from sro_geo.reports.deck_pages import (
    MANY_COLUMNS,
    Page,
    column_letters,
    pages,
    row_heights,
    table_groups,
    title_class,
)
from sro_geo.reports.pdf import png, sources
from sro_geo.reports.tables import DataTable

# A font every office program has, or one of the same widths.
FONT = "Arial"
INK, SOFT, ACCENT, LINE = "1B2733", "51606D", "C2410C", "C5CCD3"
# The stage of the deck, 1,280 by 720 units, on a slide of 13.333 by 7.5 inches.
_UNIT = 12192000 / 1280
_HIGH, _LEFT, _WIDE = 720.0, 38.0, 1204.0
_TITLES = {"t1": 30, "t2": 25, "t3": 18, "t4": 13}
_COVER = {"t1": 44, "t2": 40, "t3": 28, "t4": 16}
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
# Letters a column needs beyond its words: margins, and headings in bold.
MARGIN = 5.0
# Pixels for each unit of the stage.
_SHARP = 2.0


def pptx_bytes(story: Story, properties: Any) -> bytes:
    """Return the story as slides; ``properties`` writes title, language and moment."""
    from pptx import Presentation

    show = Presentation()
    _prepared(show)
    properties(show.core_properties, story)
    for page in pages(story):
        _slide(show, page, story)
        if page.mapped:
            _table_slides(show, page, story)
    buffer = io.BytesIO()
    show.save(buffer)
    return buffer.getvalue()


def _prepared(show: Any) -> None:
    """Make the template ours: 16:9, the font, the colours, the accent above every title."""
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.oxml import parse_xml

    before = show.slide_width
    show.slide_width, show.slide_height = _emu(1280), _emu(_HIGH)
    stretch = show.slide_width / before
    for held in (show.slide_master, *show.slide_layouts):
        for shape in held.shapes:
            shape.left, shape.width = int(shape.left * stretch), int(shape.width * stretch)
    theme = show.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    code = re.sub(r'(<a:latin typeface=)"[^"]+"', rf'\1"{FONT}"', theme.blob.decode())
    for name, colour in (("dk2", INK), ("accent1", "134F80"), ("accent2", ACCENT)):
        plain = f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>'
        code = re.sub(rf"<a:{name}>.*?</a:{name}>", plain, code, flags=re.DOTALL)
    theme._blob = code.encode()
    bar = parse_xml(
        '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:nvSpPr>'
        '<p:cNvPr id="99" name="Accent"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>'
        f'<a:xfrm><a:off x="{_emu(_LEFT)}" y="{_emu(20)}"/><a:ext cx="{_emu(57)}" cy="{_emu(5)}"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:srgbClr val="{ACCENT}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )
    show.slide_layouts[5].shapes._spTree.append(bar)


def _emu(units: float) -> int:
    return round(units * _UNIT)


def _slide(show: Any, page: Page, story: Story) -> None:
    slide, sheet = page.slide, page.slide.sheet
    if slide.kind == "cover":
        _cover(show, page, story)
        return
    made, top = _begun(show, page, page.title, slide.subtitle or _of_map(sheet), story)
    if sheet is not None:
        _mapped(made, page, sheet, top, story.language)
        return
    if page.text.strip():
        high = _words(made, page.text, _LEFT, top, _WIDE, _HIGH - top - 50, 17)
        top += high + 16
    for table in page.tables:
        top = _grid(made, table, story, top) + 14


def _of_map(sheet: MapSheet | None) -> str:
    return sheet.subtitle if sheet is not None else ""


def _cover(show: Any, page: Page, story: Story) -> None:
    made = show.slides.add_slide(show.slide_layouts[5])
    size = _COVER[title_class(page.title)]
    high = _lines(page.title, size, 1090, bold=True) * size / 0.75 * 1.15
    top = max(80.0, 300 - high)
    _title(made, page.title, 96, top, 1090, high, size)
    top += high + 14
    if page.slide.subtitle:
        top += _words(made, page.slide.subtitle, 96, top, 1090, 60, 22, colour=SOFT) + 14
    if page.text.strip():
        top += _words(made, page.text, 96, top, 1090, 240, 18) + 18
    if story.sample_note:
        top += _words(made, story.sample_note, 96, top, 1090, 36, 16, bold=True) + 8
    frozen = t("deck.frozen", story.language, label=story.label)
    _words(made, frozen, 96, min(top, 680), 1090, 30, 12, colour=SOFT)
    if page.slide.note:
        made.notes_slide.notes_text_frame.text = page.slide.note


def _begun(show: Any, page: Page, title: str, subtitle: str, story: Story) -> tuple[Any, float]:
    """Return a slide with title, source and note, and where its room begins."""
    made = show.slides.add_slide(show.slide_layouts[5])
    size = _TITLES[title_class(title)]
    high = _lines(title, size, _WIDE, bold=True) * size / 0.75 * 1.15
    _title(made, title, _LEFT, 30, _WIDE, high, size)
    top = 34 + high
    if subtitle:
        size = 17 if len(subtitle) < 110 else 11
        top += _words(made, subtitle, _LEFT, top, _WIDE, 34, size, colour=SOFT) + 6
    source = sources(page.slide, story.language)
    wide = _WIDE - (440 if story.sample_note else 0)
    if source:
        _words(made, source, _LEFT, 684, wide, 26, 11, colour=SOFT)
    if story.sample_note:
        _words(
            made, story.sample_note, _LEFT + _WIDE - 430, 684, 430, 26, 11, bold=True, right=True
        )
    if page.slide.note:
        made.notes_slide.notes_text_frame.text = page.slide.note
    return made, top + 10


def _title(made: Any, words: str, x: float, y: float, wide: float, high: float, size: int) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Pt

    place = made.shapes.title
    place.left, place.top, place.width, place.height = map(_emu, (x, y, wide, high))
    frame = place.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = words
    for paragraph in frame.paragraphs:
        _direct(paragraph, words)
        paragraph.line_spacing = 0.95
        paragraph.font.size, paragraph.font.bold = Pt(size), True
        _ink(paragraph.font, INK)


def right_to_left(words: str) -> bool:
    """Tell whether the first letter that has a direction runs from right to left."""
    kinds = (unicodedata.bidirectional(sign) for sign in words)
    return next((k in ("R", "AL") for k in kinds if k in ("L", "R", "AL")), False)


def _direct(paragraph: Any, words: str, *, right: bool = False) -> None:
    back = right_to_left(words)
    paragraph.alignment = 3 if right or back else 1
    if back:
        paragraph._p.get_or_add_pPr().set("rtl", "1")


def _lines(words: str, size: float, wide: float, *, bold: bool = False) -> int:
    """Return on how many lines words of a size (points) stand in a width (units)."""
    letter = size / 0.75 * (0.56 if bold else 0.5)
    return max(1, math.ceil(len(words) * letter / wide))


def _words(
    made: Any, text: str, x: float, y: float, wide: float, most: float, size: float, *,
    colour: str = INK, bold: bool = False, right: bool = False,
) -> float:  # fmt: skip
    """Write paragraphs and lists; return the height they take, type as small as they need."""
    from pptx.util import Pt

    said = [
        (item, not isinstance(block, str))
        for block in paragraphs(text)
        for item in ([block] if isinstance(block, str) else block)
    ]

    def height(size: float) -> float:
        line = size / 0.75 * 1.22
        return sum(
            _lines(words, size, wide - (22 if listed else 0), bold=bold) * line + size / 0.75 * 0.4
            for words, listed in said
        )

    while height(size) > most and size > 10:
        size -= 0.5
    box = made.shapes.add_textbox(*map(_emu, (x, y, wide, height(size))))
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, (words, listed) in enumerate(said):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = words
        paragraph.space_after = Pt(size * 0.4)
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        _direct(paragraph, words, right=right)
        _ink(paragraph.font, colour)
        if listed:
            _bullet(paragraph)
    return height(size)


def _bullet(paragraph: Any) -> None:
    from pptx.oxml import parse_xml

    kind = paragraph._p.get_or_add_pPr()
    kind.set("marL", str(_emu(22)))
    kind.set("indent", str(-_emu(22)))
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    kind.append(parse_xml(f'<a:buChar {space} char="•"/>'))


def _ink(font: Any, colour: str) -> None:
    from pptx.dml.color import RGBColor

    font.color.rgb = RGBColor(*bytes.fromhex(colour))  # type: ignore[no-untyped-call]


def _mapped(made: Any, page: Page, sheet: MapSheet, top: float, language: str) -> None:
    """Put the map to the left, words and legend to the right of it."""
    drawn, panel = cut(sheet)
    room = 676 - top
    beside = panel is not None or bool(page.text.strip())
    wide = min(_WIDE * (0.62 if beside else 1.0), room * drawn.width / drawn.height)
    _picture(made, drawn, page.slide.words_for(sheet), page.title, _LEFT, top, wide)
    x = _LEFT + wide + 28
    across = _LEFT + _WIDE - x
    if page.text.strip():
        most = room * 0.5 if panel is not None else room
        top += _words(made, page.text, x, top - 4, across, most, 16) + 10
    if panel is not None:
        left = room - (top - (676 - room))
        share = min(across, 480.0, left * panel.width / panel.height)
        _picture(made, panel, _words_of_panel(sheet, language), page.title, x, top, share)


def _words_of_panel(sheet: MapSheet, language: str) -> str:
    return t("deck.legend", language, what=", ".join(sheet.table.header[1:2]))


def _picture(
    made: Any, sheet: MapSheet, words: str, name: str, x: float, y: float, wide: float
) -> None:
    data = io.BytesIO(png(sheet, width=round(wide * _SHARP)))
    picture = made.shapes.add_picture(data, _emu(x), _emu(y), width=_emu(wide))
    described = picture._element.nvPicPr.cNvPr
    described.set("descr", words)
    described.set("name", name[:80])


def _table_slides(show: Any, page: Page, story: Story) -> None:
    """Add the tables of a map on slides of their own, as many on one as there is room for."""
    longest = f"{page.slide.title} (10/10)"
    size = _TITLES[title_class(longest)]
    head = _lines(longest, size, _WIDE, bold=True) * size / 0.75 * 1.15 + 84
    groups = table_groups(page.tables, story.language, 672 - head)
    for number, group in enumerate(groups, 1):
        more = f" ({number}/{len(groups)})" if len(groups) > 1 else ""
        title = f"{page.slide.title}{more}"
        made, top = _begun(show, page, title, t("deck.table", story.language), story)
        for table in group:
            top = _grid(made, table, story, top) + 12


def _grid(
    made: Any, table: DataTable, story: Story, top: float, *, captioned: bool = True
) -> float:
    """Write a table that can be edited; return where it ends."""
    from pptx.util import Pt

    language = story.language
    top += _words(made, table.caption, _LEFT, top, _WIDE, 26, 13, bold=True)
    heights = row_heights(table, language)
    letters = [n + MARGIN for n in column_letters(table, language)]
    scale = _WIDE / sum(letters)
    size = 9.5 if len(table.fields) >= MANY_COLUMNS else 12.0
    held = made.shapes.add_table(
        len(heights), len(letters), _emu(_LEFT), _emu(top), _emu(_WIDE), _emu(sum(heights))
    )
    held._element.nvGraphicFramePr.cNvPr.set("descr", table.caption)
    held._element.nvGraphicFramePr.cNvPr.set("name", table.caption[:80])
    grid = held.table
    grid.first_row, grid.horz_banding = True, False
    held._element.graphic.graphicData.tbl.tblPr.find(
        "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"
    ).text = _NO_STYLE
    for column, width in zip(grid.columns, letters, strict=True):
        column.width = _emu(width * scale)
    for y, (row, high) in enumerate(zip(grid.rows, heights, strict=True)):
        row.height = _emu(high)
        values: Sequence[str] = table.header() if y == 0 else table.texts(language)[y - 1]
        for x, (cell, value) in enumerate(zip(row.cells, values, strict=True)):
            cell.text = value
            cell.margin_left = cell.margin_right = _emu(6)
            cell.margin_top = cell.margin_bottom = _emu(2)
            _ruled(cell, y == 0)
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size, paragraph.font.bold = Pt(size), y == 0
                _ink(paragraph.font, INK)
                if table.fields[x].kind != "text":
                    paragraph.alignment = 3
    top += sum(heights)
    note = below(table, language)
    if note:
        top += 6 + _words(made, note, _LEFT, top + 6, _WIDE, max(676 - top, 24), 11, colour=SOFT)
    return top


def _ruled(cell: Any, head: bool) -> None:
    """Draw the line below a cell."""
    from pptx.oxml import parse_xml

    wide, colour = (19050, INK) if head else (6350, LINE)
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    cell._tc.get_or_add_tcPr().append(
        parse_xml(
            f'<a:lnB {space} w="{wide}"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
            "</a:lnB>"
        )
    )
