"""Presentations and slides as rows of the workspace, and as they are read.

A stored slide is a recipe: a view and the words people changed, never a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import SroError
from sro_geo.i18n import t
from sro_geo.offers.search import normalise
from sro_geo.reports.content import Slide, one_line
from sro_geo.reports.views import View, read_view, view_text

#: Presentations that are there from the start: read only, a copy of them is not.
SHIPPED = ("yearly",)
#: What people may say themselves; each is empty as long as the software writes it.
WORDS = ("title", "subtitle", "text", "note", "alt")


@dataclass(frozen=True)
class StoryHead:
    """A presentation in a list; ``slides`` is None for a shipped one, which is made as asked."""

    story_id: str
    name: str
    template: str | None
    slides: int | None
    own: bool
    author: str = ""
    changed: str = ""


@dataclass(frozen=True)
class StoredSlide:
    """A slide as it is stored; words that are None are written by the software.

    ``part`` is the id of the slide among those of its view; ``version`` is what
    ``edit_slide`` compares where it is given; ``fault``: why the view cannot be read.
    """

    slide_id: str
    story_id: str
    position: int
    view: View
    part: str
    title: str | None = None
    subtitle: str | None = None
    text: str | None = None
    note: str | None = None
    alt: str | None = None
    version: int = 1
    fault: SroError | None = field(default=None, compare=False)

    @property
    def words(self) -> dict[str, str]:
        """The words people wrote, by field."""
        return {name: said for name in WORDS if (said := getattr(self, name)) is not None}


def story_list(snapshot: Snapshot, *, language: str = "de") -> list[StoryHead]:
    """Return the shipped presentations, then those of the workspace by name."""
    shipped = [
        StoryHead(key, t(f"stories.shipped_{key}", language), key, None, own=False)
        for key in SHIPPED
    ]
    slides = kept(snapshot.tables["slides"])["story_id"].value_counts()
    own = [
        StoryHead(
            str(row["story_id"]), str(row["name"]), text_of(row["template"]),
            int(slides.get(row["story_id"], 0)), True,
            text_of(row["author"]) or "", text_of(row["changed"]) or "",
        )
        for row in kept(snapshot.tables["stories"]).to_dict("records")
    ]  # fmt: skip
    return [*shipped, *sorted(own, key=lambda head: (normalise(head.name), head.story_id))]


def find_story(snapshot: Snapshot, story: str, *, language: str = "de") -> StoryHead:
    """Return a presentation by its id, or by a name that only one has.

    Raises ``SroError("story_unknown")``.
    """
    heads = story_list(snapshot, language=language)
    found = [head for head in heads if head.story_id == story]
    for alike in (one_line, normalise):
        found = found or [head for head in heads if alike(head.name) == alike(story)]
    if len(found) != 1:
        known = ", ".join(head.story_id for head in heads)
        raise SroError("story_unknown", story=one_line(story, 80), known=known)
    return found[0]


def stored_slides(snapshot: Snapshot, story_id: str) -> list[StoredSlide]:
    """Return the slides of a presentation in their order; a shipped one has none stored.

    Raises ``SroError("story_unknown")``.
    """
    if find_story(snapshot, story_id).story_id in SHIPPED:
        return []
    return [stored(row) for row in rows_of(snapshot, story_id)]


def slide_of(snapshot: Snapshot, slide_id: str) -> StoredSlide:
    """Return a stored slide; raises ``SroError("slide_unknown")``."""
    return stored(slide_row(snapshot, slide_id))


def recipes(view: View, slides: Sequence[Slide]) -> list[dict[str, Any]]:
    """Return rows, without words of people's own, for all slides of a view."""
    settings = view_text(view)
    return [{"kind": view.kind, "settings": settings, "part": slide.slide_id} for slide in slides]


def kept(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that were not removed."""
    return frame[frame["removed_at"].isna()]


def text_of(value: object) -> str | None:
    """Return a text of a row, None for an empty one."""
    return value if isinstance(value, str) and value else None


def rows_of(snapshot: Snapshot, story_id: str) -> list[dict[Any, Any]]:
    """Return the rows of a presentation's slides in their order, without removed ones."""
    table = kept(snapshot.tables["slides"])
    rows = table[table["story_id"] == story_id].sort_values(["position", "slide_id"])
    return list(rows.to_dict("records"))


def slide_row(snapshot: Snapshot, slide_id: str, *, removed: bool = False) -> dict[Any, Any]:
    """Return the row of a slide; raises ``SroError("slide_unknown")``."""
    table = snapshot.tables["slides"]
    table = table if removed else kept(table)
    rows = table[table["slide_id"] == slide_id]
    if rows.empty:
        raise SroError("slide_unknown", slide=one_line(slide_id, 80))
    return dict(rows.iloc[0].to_dict())


def stored(row: Mapping[Any, Any]) -> StoredSlide:
    """Return a slide as it is stored; one whose view cannot be read knows why."""
    fault = None
    try:
        view = read_view(str(row["kind"]), str(row["settings"]))
    except SroError as error:
        view, fault = View(str(row["kind"])), error
    return StoredSlide(
        str(row["slide_id"]), str(row["story_id"]), int(row["position"]), view,
        str(row["part"]), **{name: text_of(row[name]) for name in WORDS},
        version=int(row["row_version"]), fault=fault,
    )  # fmt: skip
