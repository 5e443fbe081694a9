"""The story on paper: a tagged PDF (PDF/UA-1 and PDF/A-2a) set by typst.

typst refuses a figure without alternative text, a document without title and a skipped level
of headings; what it lets pass is checked by the tests (headers of tables, order of reading).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sro_geo.cartography.sheet import MapSheet
from sro_geo.errors import SroError
from sro_geo.files import replace_file
from sro_geo.i18n import date_in_words, t
from sro_geo.reports.content import Slide, Story, below, paragraphs
from sro_geo.reports.fonts import FALLBACK, FAMILY, font_folder
from sro_geo.reports.tables import DataTable, Mark

#: The slide whose table is on the whole city in its last row.
SUMMARY = "summary"
STANDARDS = ("ua-1", "a-2a")
# Letters a column is at least and at most as wide as.
_NARROWEST, _WIDEST = 8, 42
_HEAD_LIMIT = 80
# Letters of a text that is not parted from its map or table.
_SHORT = 900
# Share of the width of the text that a map takes: letters are not to get too small on paper.
_SLIDE, _PAGE = 1.0, 0.9
_TAG = re.compile(r"(<[^>]*>)")


def pdf(story: Story, file: Path) -> None:
    """Write the story as PDF; raises ``file_not_writable``, ``pdf_not_made``."""
    replace_file(file, pdf_bytes(story))


def pdf_bytes(story: Story) -> bytes:
    """Return the story as PDF; raises ``pdf_not_made``."""
    with _room() as room:
        data = _data(story, Path(room))
        text = json.dumps(data, ensure_ascii=False)
        _write(Path(room) / "story.json", drawable(text))
        template = files(__package__).joinpath("report.typ").read_text(encoding="utf-8")
        _write(Path(room) / "report.typ", template)
        return _compiled(Path(room) / "report.typ", story, format="pdf")


def png(sheet: MapSheet, *, width: int = 2000) -> bytes:
    """Return a map as a picture ``width`` pixels wide, for slides and documents."""
    return _png(sheet.svg, sheet.width, sheet.height, width)


@lru_cache(maxsize=64)
def _png(svg: str, wide: float, high: float, width: int) -> bytes:
    with _room() as room:
        _write(Path(room) / "map.svg", _drawable_svg(svg))
        # One unit is one point here; the picture's own resolution does the rest.
        _write(
            Path(room) / "map.typ",
            f"#set page(width: {wide:g}pt, height: {high:g}pt, margin: 0pt)\n"
            '#image("map.svg", width: 100%, height: 100%)\n',
        )
        return _compiled(Path(room) / "map.typ", None, format="png", ppi=72 * width / wide)


def _room() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="sro-report-")
    except OSError as why:
        raise SroError("pdf_not_made", reason=why.strerror or type(why).__name__) from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as why:
        raise SroError("pdf_not_made", reason=why.strerror or type(why).__name__) from None


def _compiled(file: Path, story: Story | None, **options: Any) -> bytes:
    import typst

    folder = font_folder()
    if story is not None:
        options["pdf_standards"] = list(STANDARDS)
        options["timestamp"] = _moment(story)
    try:
        out = typst.compile(
            file,
            root=file.parent,
            font_paths=[] if folder is None else [folder],
            ignore_system_fonts=True,
            **options,
        )
    except (typst.TypstError, RuntimeError, OSError) as why:
        raise SroError("pdf_not_made", reason=str(getattr(why, "message", why))[:300]) from None
    # A sheet of one page is one picture.
    return bytes(out[0] if isinstance(out, list) else out)


def _moment(story: Story) -> dt.datetime | None:
    """Return the moment of freezing, so that the same story is the same file."""
    try:
        return dt.datetime.fromisoformat(story.frozen_at).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _data(story: Story, room: Path) -> Mapping[str, Any]:
    language = story.language
    cover = story.slides[0] if story.slides[0].kind == "cover" else None
    date = date_in_words(story.frozen_at, language)
    short = story.title if len(story.title) <= _HEAD_LIMIT else story.title[:_HEAD_LIMIT] + "…"
    return {
        "title": story.title,
        "short_title": short,
        "author": story.city,
        "keywords": [w for w in (t("reports.keyword", language), story.city) if w],
        "description": t("reports.description", language, title=story.title, city=story.city),
        "lang": language,
        "region": {"de": "DE", "en": "GB"}.get(language, ""),
        "fonts": [FAMILY, *FALLBACK],
        "stand": t("reports.stand", language, date=date),
        "foot": " · ".join(part for part in (story.city, story.sample_note) if part),
        "subtitle": cover.subtitle if cover else story.city,
        "opening": [_block(b) for b in paragraphs(cover.text)] if cover else [],
        "sample": story.sample_note,
        "frozen": t("reports.frozen", language, date=date, hash=story.content_hash[:16]),
        "contents": t("reports.contents", language),
        "rooms": [t(f"reports.room_{key}", language) for key in ("successes", "difficulties")],
        "map_word": t("reports.map_word", language),
        "table_word": t("reports.table_word", language),
        "slides": [
            _slide(slide, story, room, number, first=number == (1 if cover else 0))
            for number, slide in enumerate(story.slides)
            if slide is not cover
        ],
    }


def _block(block: str | tuple[str, ...]) -> str | list[str]:
    return block if isinstance(block, str) else list(block)


def _slide(slide: Slide, story: Story, room: Path, number: int, *, first: bool) -> dict[str, Any]:
    language, sheet = story.language, slide.paper or slide.sheet
    picture = f"map-{number}.svg" if sheet is not None else ""
    if sheet is not None:
        _write(room / picture, _drawable_svg(sheet.svg))
    own_words = slide.kind == "own_words"
    return {
        # Levels must not be skipped: what comes first begins a chapter, whatever it is.
        "chapter": slide.kind != "page" or first,
        "breaks": slide.kind not in ("page", "section", "own_words"),
        "figures": _figures(slide, language),
        "together": len(slide.text) < _SHORT,
        "title": slide.title,
        # Below a picture it says what the picture shows.
        "subtitle": slide.subtitle if sheet is None else "",
        "text": [_block(b) for b in paragraphs(slide.text)],
        "room": own_words and not slide.text.strip(),
        "picture": picture,
        "width": _SLIDE if sheet is None or sheet.width > sheet.height else _PAGE,
        "alt": slide.words_for(sheet) if sheet is not None else "",
        "caption": "" if sheet is None else _caption(slide, sheet),
        "tables": [_table(one, language) for one in slide.tables()],
        "source": sources(slide, language),
    }


def _caption(slide: Slide, sheet: MapSheet) -> str:
    """Return what a map shows: its subject, or else the unit of its legend."""
    return sheet.subtitle or slide.subtitle or sheet.table.header[1]


def _figures(slide: Slide, language: str) -> list[dict[str, str]]:
    """Return the last row of the summary's table, to be set large: the whole city."""
    if slide.slide_id != SUMMARY or slide.table is None or not slide.table.rows:
        return []
    row, texts = slide.table.rows[-1], slide.table.texts(language)[-1]
    return [
        {"figure": words, "name": name}
        for value, words, name in zip(row[1:], texts[1:], slide.table.header()[1:], strict=True)
        if not isinstance(value, Mark)
    ]


def sources(slide: Slide, language: str) -> str:
    """Return the line on where the figures come from and of which day they are."""
    parts = []
    if slide.source:
        parts.append(t("reports.source", language, source=slide.source))
    if slide.reference_date:
        date = date_in_words(slide.reference_date, language)
        parts.append(t("reports.reference", language, date=date))
    return " ".join(parts)


def _table(table: DataTable, language: str) -> dict[str, Any]:
    rows = table.texts(language)
    return {
        "caption": table.caption,
        "header": list(table.header()),
        "columns": [_column(table, i, rows) for i in range(len(table.fields))],
        "rows": [list(row) for row in rows],
        "note": below(table, language),
    }


def _column(table: DataTable, index: int, rows: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """Return how a column is set: text to the left, and as wide as its words ask for."""
    text = table.fields[index].kind == "text"
    longest = max((len(row[index]) for row in rows), default=0)
    word = max((len(w) for w in table.fields[index].name.split()), default=0)
    return {"text": text, "share": min(max(longest, word, _NARROWEST), _WIDEST)}


def _drawable_svg(svg: str) -> str:
    """Return the drawing with only letters that a font has; its marks stay as they are."""
    return "".join(p if p.startswith("<") else drawable(p) for p in _TAG.split(svg))


def drawable(text: str) -> str:
    """Return the text with letters no font has as □; pictograms and their joiners are left out.

    PDF/A wants every sign to have a shape; a story is not refused for one that has none.
    """
    if text.isascii():
        return text
    return "".join(c if ord(c) < 0x180 else _sign(c) for c in text)


@lru_cache(maxsize=4096)
def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in ("Cs", "Co", "Cn", "Cc") or 0xFE00 <= ord(sign) <= 0xFE0F:
        return ""
    if kind in ("Zs", "Cf") or _has_shape(sign):
        return sign if sign not in "\u200b\u200c\u200d\u2060\ufeff" else ""
    return "" if kind in ("So", "Sk", "Mn", "Me") else "□"


def _has_shape(sign: str) -> bool:
    """Tell whether a font has the sign: typst itself is asked, once a sign."""
    fonts = ", ".join(f'"{name}"' for name in (FAMILY, *FALLBACK))
    with _room() as room:
        file = Path(room) / "sign.typ"
        probe = f'#set document(title: "x")\n#set text(font: ({fonts}))\n'
        for weight in (400, 700):
            probe += f"#text(weight: {weight}, {json.dumps(sign, ensure_ascii=False)})\n"
        _write(file, probe)
        try:
            _compiled(file, None, format="pdf", pdf_standards=["a-2a"])
        except SroError:
            return False
    return True
