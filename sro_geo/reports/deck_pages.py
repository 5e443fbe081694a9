"""How a story is divided into the slides of the deck: in a hall nobody scrolls.

Heights are estimated in units of a stage of 1,280 by 720, the same that the style of the deck
is written in; what does not fit goes on to a further slide.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sro_geo.reports.content import Slide, Story, below, paragraphs
from sro_geo.reports.tables import DataTable

_HIGH, _WIDE = 720.0, 1200.0
# Letters a title has at most, its class and size.
_TITLES = ((52, "t1", 42.0), (104, "t2", 34.0), (230, "t3", 24.0), (10_000, "t4", 17.0))
_LETTER = 0.5
# Head and foot without the title; the bar of the deck is the last part of it.
_FRAME, _SUBTITLE = 132.0, 34.0
_TEXT, _LINE, _GAP = 24.0, 32.0, 12.0
_ROW_TEXT, _ROW_LINE, _ROW_GAP, _CAPTION, _NOTE = 18.0, 22.5, 9.0, 38.0, 22.0
_ROW_LETTER = 0.47
_DENSE = 15.0 / _ROW_TEXT
# Columns from which on a table is set smaller.
MANY_COLUMNS = 8


@dataclass(frozen=True)
class Page:
    """One slide of the deck: a part of a slide of the story, the ``part``-th of ``parts``."""

    slide: Slide
    text: str
    tables: tuple[DataTable, ...]
    mapped: bool = False
    part: int = 1
    parts: int = 1

    @property
    def title(self) -> str:
        """The title, numbered where the slide goes on."""
        more = f" ({self.part}/{self.parts})" if self.parts > 1 else ""
        return f"{self.slide.title}{more}"


def pages(story: Story) -> list[Page]:
    """Return the slides of the deck in order."""
    out: list[Page] = []
    for slide in story.slides:
        parts = list(_parts(slide, story.language))
        out += [replace(p, part=n, parts=len(parts)) for n, p in enumerate(parts, 1)]
    return out


def title_class(title: str) -> str:
    """Return the class of a title: the longer, the smaller."""
    return next(name for most, name, _ in _TITLES if len(title) <= most)


def _parts(slide: Slide, language: str) -> Iterator[Page]:
    tables = slide.tables()
    if slide.sheet is not None or slide.kind == "cover":
        yield Page(slide, slide.text, tables, mapped=slide.sheet is not None)
        return
    room = _room(slide)
    texts = _texts(slide.text, room)
    chunks = [part for one in tables for part in _chunks(one, language, room)]
    for text in texts[:-1]:
        yield Page(slide, text, ())
    text, held = (texts[-1] if texts else ""), list[DataTable]()
    left = room - _text_height(text)
    for chunk in chunks:
        high = _table_height(chunk, language)
        if (text or held) and high > left:
            yield Page(slide, text, tuple(held))
            text, held, left = "", [], room
        held.append(chunk)
        left -= high
    if text or held or not (texts or chunks):
        yield Page(slide, text, tuple(held))


def table_groups(tables: Sequence[DataTable], language: str, room: float) -> list[list[DataTable]]:
    """Return tables, or parts of long ones, that stand together where there is so much room."""
    out: list[list[DataTable]] = [[]]
    left = room
    for part in (part for one in tables for part in _chunks(one, language, room)):
        high = _table_height(part, language)
        if out[-1] and high > left:
            out.append([])
            left = room
        out[-1].append(part)
        left -= high
    return out if out[0] else []


def _room(slide: Slide) -> float:
    # Numbers of parts take a few letters more.
    title = f"{slide.title} (10/10)"
    size = next(s for most, _, s in _TITLES if len(title) <= most)
    lines = min(math.ceil(len(title) * size * (_LETTER + 0.03) / _WIDE), 7)
    return _HIGH - _FRAME - lines * size * 1.14 - (_SUBTITLE if slide.subtitle else 0.0)


def _text_height(text: str) -> float:
    most = _WIDE / (_TEXT * _LETTER)
    high = 0.0
    for block in paragraphs(text):
        for words in [block] if isinstance(block, str) else block:
            high += math.ceil(max(len(words), 1) / most) * _LINE + _GAP
    return high


def _texts(text: str, room: float) -> list[str]:
    """Return the text in parts that each have room."""
    if _text_height(text) <= room:
        return [text] if text.strip() else []
    out: list[str] = []
    now = ""
    for piece in _pieces(text, room):
        gap = "\n" if piece.startswith("- ") and now.rpartition("\n")[2][:2] == "- " else "\n\n"
        more = f"{now}{gap}{piece}" if now else piece
        if now and _text_height(more) > room:
            out.append(now)
            more = piece
        now = more
    return [*out, now]


def _pieces(text: str, room: float) -> Iterator[str]:
    """Yield paragraphs and items; a very long one is cut where a sentence or a word ends."""
    most = int((room - _GAP) / _LINE - 1) * int(_WIDE / (_TEXT * _LETTER))
    for block in paragraphs(text):
        for words in [block] if isinstance(block, str) else [f"- {item}" for item in block]:
            rest = words
            while len(rest) > most:
                ends = [m.end() for m in re.finditer(r"[.!?]\s|\s", rest[:most])]
                sentence = [m.end() for m in re.finditer(r"[.!?]\s", rest[:most])]
                cut = (sentence or ends or [most])[-1]
                yield rest[:cut].strip()
                rest = rest[cut:]
            yield rest.strip()


def row_heights(table: DataTable, language: str) -> list[float]:
    """Return the height of the header and of each row, lines that turn included."""
    dense = _DENSE if len(table.fields) >= MANY_COLUMNS else 1.0
    wide = column_letters(table, language)
    return [
        max((math.ceil(len(v) / w) for v, w in zip(row, wide, strict=True)), default=1)
        * _ROW_LINE
        * dense
        + _ROW_GAP
        for row in (table.header(), *table.texts(language))
    ]


def column_letters(table: DataTable, language: str) -> list[float]:
    """Return how many letters each column has room for."""
    dense = _DENSE if len(table.fields) >= MANY_COLUMNS else 1.0
    room = _WIDE / (_ROW_TEXT * dense * _ROW_LETTER) - 2.4 * len(table.fields)
    rows: Sequence[Sequence[str]] = [table.header(), *table.texts(language)]
    return _widths([max(map(len, column)) for column in zip(*rows, strict=True)], room)


def _widths(longest: Sequence[int], room: float) -> list[float]:
    """Return letters for each column: who needs little has it, the others share the rest."""
    wide = [float(max(n, 1)) for n in longest]
    left, open_ones = room, sorted(range(len(wide)), key=lambda i: wide[i])
    while open_ones:
        i = open_ones.pop(0)
        wide[i] = min(wide[i], max(left / (len(open_ones) + 1), 4.0))
        left -= wide[i]
    return wide


def _table_height(table: DataTable, language: str) -> float:
    note = below(table, language)
    notes = math.ceil(len(note) / 170) * _NOTE
    return sum(row_heights(table, language)) + _CAPTION + notes + _GAP


def _chunks(table: DataTable, language: str, room: float) -> Iterator[DataTable]:
    """Yield a table in as few parts as have room, each about as long as the others."""
    head, *rows = row_heights(table, language)
    notes = _table_height(table, language) - sum((head, *rows))
    each = max(room - head - notes, 60.0)
    if sum(rows) <= each:
        yield table
        return
    # As few as can be, then as even as that leaves room for.
    cuts = _cuts(rows, each)
    for share in (0.0, 0.25, 0.5, 0.75):
        even = sum(rows) / len(cuts)
        tried = _cuts(rows, even + share * (each - even))
        if len(tried) == len(cuts):
            cuts = tried
            break
    for start, end in cuts:
        yield replace(table, rows=table.rows[start:end])


def _cuts(rows: Sequence[float], most: float) -> list[tuple[int, int]]:
    """Return (first, one after the last) of parts that are each at most so high."""
    out, start, high = [], 0, 0.0
    for at, row in enumerate(rows):
        if at > start and high + row > most:
            out.append((start, at))
            start, high = at, 0.0
        high += row
    return [*out, (start, len(rows))]
