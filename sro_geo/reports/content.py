"""Stories and slides: what is shown in an evening, frozen with its date and its hash.

Every output is made of a :class:`Story` and of nothing else, so deck, PDF, slides,
document and workbook hold the same figures.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from sro_geo.cartography.sheet import MapSheet
from sro_geo.errors import SroError
from sro_geo.reports.tables import DataTable, Mark, explained, sheet_table

# How a slide is laid out: the first page, a heading that begins a chapter, a page under it,
# a profile (a chapter with a smaller map), a section (a chapter that begins no new page), and
# one for words of people's own.
KINDS = ("cover", "chapter", "page", "profile", "section", "own_words")
TITLE_LIMIT, TEXT_LIMIT = 500, 20_000
# Control characters, halves of surrogate pairs and what turns the direction of all that follows.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Slide:
    """One finding: what is said, what shows it, and where it comes from.

    Parameters
    ----------
    title
        The finding.
    text
        Paragraphs, parted by an empty line; lines that begin with ``- `` are a list.
    note
        For who speaks; in the deck's presenter view and the notes of the slides only.
    sheet
        The map as it is projected.
    paper
        The same map as it is printed; without one ``sheet`` is.
    more
        Further tables, for paper and workbook.
    alt
        People's own words for the map; empty where those of the software stand.
    """

    slide_id: str
    title: str
    subtitle: str = ""
    text: str = ""
    note: str = ""
    sheet: MapSheet | None = None
    table: DataTable | None = None
    source: str = ""
    reference_date: str = ""
    kind: str = "chapter"
    paper: MapSheet | None = None
    more: tuple[DataTable, ...] = field(default=())
    alt: str = ""

    def words_for(self, sheet: MapSheet) -> str:
        """Return what stands for a map of this slide where it is not seen."""
        return self.alt or sheet.alt or self.title

    def tables(self) -> tuple[DataTable, ...]:
        """Return every table: a map without one of its own brings the map's."""
        own = () if self.table is None else (self.table,)
        if not own and self.sheet is not None and self.sheet.table.rows:
            own = (sheet_table(self.sheet.table, self.sheet.title or self.title),)
        return (*own, *self.more)


@dataclass(frozen=True)
class Story:
    """Slides in their order; ``frozen_at`` (ISO) and ``content_hash`` are set by `freeze`."""

    story_id: str
    name: str
    title: str
    language: str
    slides: tuple[Slide, ...]
    frozen_at: str = ""
    content_hash: str = ""
    sample_note: str = ""
    city: str = ""

    @property
    def label(self) -> str:
        """The date and the first digits of the hash, as they are printed."""
        return f"{self.frozen_at[:10]} · {self.content_hash[:12]}"


def paragraphs(text: str) -> list[str | tuple[str, ...]]:
    """Return paragraphs (text) and lists (tuples of their items) of a slide's text."""
    out: list[str | tuple[str, ...]] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        run: list[str] = []
        for line in [*lines, ""]:
            item = line.startswith("- ")
            if run and (not line or item != run[0].startswith("- ")):
                listed = run[0].startswith("- ")
                out.append(tuple(r[2:] for r in run) if listed else " ".join(run))
                run = []
            if line:
                run.append(line)
    return out


def one_line(words: str, limit: int = TITLE_LIMIT) -> str:
    """Return what people typed on one line, without what cannot be written."""
    line = " ".join(_UNWRITABLE.sub(" ", words).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def freeze(story: Story, frozen_at: str) -> Story:
    """Return the story with its words cleaned, the moment of freezing, and its hash.

    Raises
    ------
    SroError
        ``story_empty`` without a slide, ``slide_kind_unknown``, ``slides_alike`` for an id
        that is there twice, ``story_text_too_long``.
    """
    if not story.slides:
        raise SroError("story_empty", name=one_line(story.name, 80))
    seen: set[str] = set()
    for slide in story.slides:
        if slide.kind not in KINDS:
            raise SroError("slide_kind_unknown", kind=slide.kind, known=", ".join(KINDS))
        if slide.slide_id in seen:
            raise SroError("slides_alike", slide=slide.slide_id)
        if len(slide.text) > TEXT_LIMIT or len(slide.note) > TEXT_LIMIT:
            raise SroError("story_text_too_long", slide=one_line(slide.title, 80), most=TEXT_LIMIT)
        seen.add(slide.slide_id)
    cleaned = replace(
        story,
        title=one_line(story.title) or one_line(story.name) or story.story_id,
        name=one_line(story.name),
        city=one_line(story.city),
        sample_note=one_line(story.sample_note),
        slides=tuple(_cleaned(slide) for slide in story.slides),
        frozen_at=frozen_at,
        content_hash="",
    )
    return replace(cleaned, content_hash=content_hash(cleaned))


def _cleaned(slide: Slide) -> Slide:
    return replace(
        slide,
        title=one_line(slide.title) or slide.slide_id,
        subtitle=one_line(slide.subtitle),
        source=one_line(slide.source),
        alt=one_line(slide.alt, TEXT_LIMIT),
        text=_UNWRITABLE.sub(" ", slide.text.replace("\r\n", "\n")),
        note=_UNWRITABLE.sub(" ", slide.note.replace("\r\n", "\n")),
        table=None if slide.table is None else _cleaned_table(slide.table),
        more=tuple(_cleaned_table(table) for table in slide.more),
    )


def _cleaned_table(table: DataTable) -> DataTable:
    return replace(
        table,
        caption=one_line(table.caption),
        note=one_line(table.note, TEXT_LIMIT),
        fields=tuple(replace(field, name=one_line(field.name)) for field in table.fields),
        rows=tuple(
            tuple(one_line(v, TEXT_LIMIT) if isinstance(v, str) else v for v in row)
            for row in table.rows
        ),
    )


def content_hash(story: Story) -> str:
    """Return the SHA-256 of everything the story says, the moment of freezing left out."""
    said = asdict(replace(story, frozen_at="", content_hash=""))
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plain(value: object) -> str:
    return value.value if isinstance(value, Mark) else str(value)


def below(table: DataTable, language: str) -> str:
    """Return the words below a table: its note, and what its marks mean."""
    return " ".join(part for part in (table.note, explained(table.marks(), language)) if part)


def all_tables(slides: Iterable[Slide]) -> list[tuple[Slide, DataTable]]:
    """Return every table with its slide, in order."""
    return [(slide, table) for slide in slides for table in slide.tables()]
