"""The story as slides, document and workbook that can be edited.

Maps are pictures with their alternative text, tables are tables. There are no native charts:
they would carry a workbook of their own.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sro_geo.files import replace_file
from sro_geo.reports import office_document, office_slides
from sro_geo.reports.content import Story
from sro_geo.reports.workbook import xlsx_bytes

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
    return office_slides.pptx_bytes(story, _properties)


def docx_bytes(story: Story) -> bytes:
    """Return the story as a document with headings, pictures and tables."""
    return office_document.docx_bytes(story, _properties)


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
