"""Presentations made: each view shown with the released data of this moment, and frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sro_geo.actions.access import READ, Actor, authorise
from sro_geo.actions.cases import released_stamp
from sro_geo.actions.story_rows import StoredSlide, StoryHead, find_story, rows_of, stored, text_of
from sro_geo.actions.workspace import HELD_TABLES, Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.reports.content import Slide, Story, freeze, one_line
from sro_geo.reports.views import View

if TYPE_CHECKING:
    from sro_geo.actions.story_views import Maker
    from sro_geo.reports.material import Material

Progress = Callable[[int, int], None]

# Nothing a slide shows follows from these.
_OWN_TABLES = frozenset({"stories", "slides"})


@dataclass(frozen=True)
class Missing:
    """A slide that could not be made, under the title it is known by, and why."""

    slide_id: str
    title: str
    error: SroError


@dataclass(frozen=True)
class Built:
    """A frozen presentation, what is missing in it, and the data it was made of."""

    story: Story
    missing: tuple[Missing, ...] = ()
    material: Material | None = field(default=None, compare=False, repr=False)


def build_story(
    workspace: Workspace,
    story_id: str,
    *,
    actor: Actor,
    language: str = "de",
    progress: Progress | None = None,
) -> Built:
    """Return a presentation with the data of this moment, frozen, and what is missing in it.

    Parameters
    ----------
    progress
        Called with the number of slides (of a shipped one: pages) made and of all.

    Raises
    ------
    SroError
        ``story_unknown``, ``story_empty`` without any slide; where none of the slides can be
        made, what keeps the first from it.
    """
    authorise(actor, READ)
    snapshot = workspace.snapshot()
    head = find_story(snapshot, story_id, language=language)
    maker = maker_of(workspace, snapshot, language)
    tell = progress or (lambda done, every: None)
    if not head.own:
        return Built(freeze(_shipped(head, maker, tell), _moment()), material=maker.material)
    rows = rows_of(snapshot, head.story_id)
    slides, missing = [], []
    for number, row in enumerate(rows):
        tell(number, len(rows))
        try:
            slides.append(_made(maker, stored(row)))
        except SroError as error:
            missing.append(
                Missing(str(row["slide_id"]), _known_as(row, number + 1, language), error)
            )
    tell(len(rows), len(rows))
    if missing and not slides:
        raise missing[0].error
    return Built(
        freeze(_story(head, tuple(slides), maker, language), _moment()),
        tuple(missing),
        maker.material,
    )


def slide_preview(workspace: Workspace, stored: StoredSlide, *, language: str = "de") -> Slide:
    """Return a slide as it will look; raises what keeps it from being made."""
    return _made(maker_of(workspace, workspace.snapshot(), language), stored)


def maker_of(workspace: Workspace, snapshot: Snapshot, language: str) -> Maker:
    """Return what makes slides of views: the same one until something but a story changes."""
    from sro_geo.actions.story_views import Maker  # late: it draws, and lists need no drawing

    tables = frozenset(HELD_TABLES) - _OWN_TABLES
    held: dict[str, Any] = snapshot.kept("story_makers", tables, lambda _: {})
    drawn = [
        tuple(snapshot.tables[name][["plan_id", "row_version"]].itertuples(index=False, name=None))
        for name in ("plans", "variants")
    ]
    stamp = (released_stamp(workspace.settings.workspace), *drawn)
    found = held.get(language)
    if found is None or found[0] != stamp:
        found = held[language] = (stamp, Maker(workspace, snapshot, language))
    maker: Maker = found[1]
    return maker


def _made(maker: Maker, stored: StoredSlide) -> Slide:
    """Return a stored slide with the figures of today and people's words."""
    if stored.fault is not None:
        raise stored.fault
    for slide in maker.slides(stored.view):
        if slide.slide_id == stored.part:
            words: dict[str, Any] = dict(stored.words)
            return replace(slide, slide_id=stored.slide_id, **words)
    raise SroError("slide_part_gone")


def _shipped(head: StoryHead, maker: Maker, tell: Progress) -> Story:
    """Return the yearly report, page by page: what was drawn before is not drawn again."""
    from sro_geo.reports.templates import PAGES  # late: it draws, and lists need no drawing

    slides: list[Slide] = []
    for number, name in enumerate(PAGES):
        tell(number, len(PAGES))
        slides += maker.slides(View("page", {"name": name}))
    tell(len(PAGES), len(PAGES))
    story = _story(head, tuple(slides), maker, maker.language)
    title = t("reports.yearly_title", maker.language, year=maker.material.year)
    return replace(story, title=f"{title} – {story.city}")


def _story(head: StoryHead, slides: tuple[Slide, ...], maker: Maker, language: str) -> Story:
    return Story(
        story_id=head.story_id,
        name=head.name,
        title=head.name,
        language=language,
        slides=slides,
        sample_note=maker.material.sample_note,
        city=name_of(maker.material.city.names, language),
    )


def _known_as(row: Mapping[Any, Any], place: int, language: str) -> str:
    """Return what a slide that cannot be made is called: by its title, or by what it showed."""
    kind = str(row["kind"])
    title = text_of(row["title"])
    if title:
        return one_line(title, 120)
    key = f"stories.kind_{kind}"
    try:
        shown = t(key, language)
    except KeyError:
        shown = one_line(kind, 40)
    return t("stories.slide_known_as", language, number=place, shown=shown)


def _moment() -> str:
    return dt.datetime.now().isoformat(timespec="seconds")
