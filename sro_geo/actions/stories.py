"""Presentations people make: add, copy, rename, delete; slides added, worded, put in order.

A stored slide is a recipe. Its figures and its map are made anew whenever it is shown or
written, of released data alone; what it shows may therefore be gone one day, and then the
slide is left out and named (:func:`build_story`). Whatever is removed can be brought back.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sro_geo.actions.access import TELL, Actor, authorise
from sro_geo.actions.moment import now
from sro_geo.actions.naming import free_name
from sro_geo.actions.story_building import (
    Built,
    Missing,
    build_story,
    maker_of,
    slide_preview,
)
from sro_geo.actions.story_rows import (
    SHIPPED,
    WORDS,
    StoredSlide,
    StoryHead,
    find_story,
    kept,
    recipes,
    rows_of,
    slide_of,
    slide_row,
    stored_slides,
    story_list,
    text_of,
)
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.offers.search import normalise
from sro_geo.reports.content import TEXT_LIMIT, TITLE_LIMIT, one_line
from sro_geo.reports.views import View
from sro_geo.tables import TABLES, conform

_LIMITS = {"title": TITLE_LIMIT, "subtitle": TITLE_LIMIT}


# -- presentations -----------------------------------------------------------------------


def new_story(
    workspace: Workspace,
    name: str,
    *,
    template: str = "empty",
    plan: str | None = None,
    age_group: str | None = None,
    area: str | None = None,
    actor: Actor,
    language: str = "de",
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Add a presentation after a template, and return its id.

    Parameters
    ----------
    name
        Numbered where there is one of that name.
    template
        ``empty``, ``yearly``, ``boundary_proposal`` (of ``plan``), ``gap_report`` (of
        ``age_group``), ``space_profile`` (of ``area``), or the name of a file in the
        workspace's folder ``templates`` without its ``.toml``.
    progress
        Called with the number of views made and of all: the slides of a view are known once
        it was made.

    Raises
    ------
    SroError
        ``story_name_empty``, ``story_name_too_long``, ``template_unknown``,
        ``template_wrong``, ``template_needs_plan`` and the like, and what keeps a view of the
        template from being made.
    """
    from sro_geo.actions.story_templates import template_slides  # it builds on what is here

    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    called = _free_name(snapshot, name)
    maker = maker_of(workspace, snapshot, language)
    needed = {"plan": plan, "age_group": age_group, "area": area}
    slides = template_slides(workspace, maker, template, needed, progress)
    return _add_story(workspace, called, template, slides, actor, "new story")


def copy_story(
    workspace: Workspace,
    story_id: str,
    name: str,
    *,
    actor: Actor,
    language: str = "de",
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Add a copy under another name, and return its id; a copy of a shipped one can be edited."""
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    head = find_story(snapshot, story_id, language=language)
    if not head.own:
        return new_story(
            workspace,
            name,
            template=head.story_id,
            actor=actor,
            language=language,
            progress=progress,
        )
    rows = [
        {key: row[key] for key in ("kind", "settings", "part", *WORDS)}
        for row in rows_of(snapshot, head.story_id)
    ]
    called = _free_name(snapshot, name)
    return _add_story(workspace, called, head.template, rows, actor, "copy story")


def rename_story(workspace: Workspace, story_id: str, name: str, *, actor: Actor) -> None:
    """Give a presentation another name, numbered where it is taken."""
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    head = _editable(snapshot, story_id)
    if _name(name) != head.name:
        called = _free_name(snapshot, name, but=head.story_id)
        _change(workspace, head.story_id, {"name": called}, actor, "rename story")


def delete_story(workspace: Workspace, story_id: str, *, actor: Actor) -> None:
    """Take a presentation out of the list; :func:`restore_story` brings it back."""
    authorise(actor, TELL)
    head = _editable(workspace.snapshot(), story_id)
    _change(workspace, head.story_id, {"removed_at": now()}, actor, "delete story")


def restore_story(workspace: Workspace, story_id: str, *, actor: Actor) -> None:
    """Bring back a deleted presentation as it was, numbered where its name is taken."""
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    rows = snapshot.tables["stories"]
    rows = rows[rows["story_id"] == story_id]
    if rows.empty:
        find_story(snapshot, story_id)  # raises what there is instead
        return
    name = _free_name(snapshot, str(rows["name"].iloc[0]), but=story_id)
    values = {"removed_at": None, "name": name}
    _change(workspace, story_id, values, actor, "restore story")


# -- slides ------------------------------------------------------------------------------


def add_slides(
    workspace: Workspace,
    story_id: str,
    view: View,
    *,
    title: str | None = None,
    text: str | None = None,
    note: str | None = None,
    actor: Actor,
    language: str = "de",
) -> list[str]:
    """Append all slides of a view and return their ids; the words are those of the first.

    Raises
    ------
    SroError
        ``story_unknown``, ``story_shipped``, ``slide_words_too_long``, and what keeps the
        view from being made (``view_plan_gone``, ``view_area_gone`` …).
    """
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    head = _editable(snapshot, story_id)
    words = _words({"title": title, "text": text, "note": note})
    slides = maker_of(workspace, snapshot, language).slides(view)
    rows = recipes(view, slides)
    rows[0] |= words
    last = max((int(row["position"]) for row in rows_of(snapshot, head.story_id)), default=-1)
    frame, ids = _frame(head.story_id, rows, last + 1)
    with workspace.writing(actor, "add slides") as tx:
        tx.insert("slides", frame)
        tx.upsert("stories", _touched(head.story_id))
    return ids


def edit_slide(
    workspace: Workspace,
    slide_id: str,
    words: Mapping[str, str | None],
    *,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Write people's words on a slide: ``title``, ``subtitle``, ``text``, ``note``, ``alt``.

    None or nothing but blanks: as the software writes it. Fields left out stay as they are.

    Raises
    ------
    SroError
        ``slide_unknown``, ``slide_words_too_long``; ``edited_meanwhile`` where
        ``expected_version`` is given and somebody was faster.
    """
    authorise(actor, TELL)
    row = slide_row(workspace.snapshot(), slide_id)
    values = _words(words)
    if all(text_of(row[name]) == said for name, said in values.items()):
        return
    version = int(row["row_version"]) if expected_version is None else expected_version
    with workspace.writing(actor, "edit slide") as tx:
        tx.update("slides", slide_id, values, expected_version=version)
        tx.upsert("stories", _touched(str(row["story_id"])))


def move_slide(workspace: Workspace, slide_id: str, to: int, *, actor: Actor) -> None:
    """Put a slide at a place (0: the first; beyond the end: the last)."""
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    row = slide_row(snapshot, slide_id)
    order = [str(r["slide_id"]) for r in rows_of(snapshot, str(row["story_id"]))]
    before = list(order)
    order.remove(slide_id)
    order.insert(max(0, to), slide_id)
    if order != before:
        _number(workspace, str(row["story_id"]), order, actor, "move slide")


def duplicate_slide(workspace: Workspace, slide_id: str, *, actor: Actor) -> str:
    """Put a copy of a slide right after it, and return the copy's id."""
    authorise(actor, TELL)
    snapshot = workspace.snapshot()
    row = slide_row(snapshot, slide_id)
    story_id = str(row["story_id"])
    order = [str(r["slide_id"]) for r in rows_of(snapshot, story_id)]
    copied = {key: row[key] for key in ("kind", "settings", "part", *WORDS)}
    frame, (new,) = _frame(story_id, [copied], len(order))
    order.insert(order.index(slide_id) + 1, new)
    _number(workspace, story_id, order, actor, "duplicate slide", add=frame)
    return new


def remove_slide(workspace: Workspace, slide_id: str, *, actor: Actor) -> None:
    """Take a slide out; :func:`put_back_slide` brings it back to where it was."""
    authorise(actor, TELL)
    row = slide_row(workspace.snapshot(), slide_id)
    _mark(workspace, row, now(), actor, "remove slide")


def put_back_slide(workspace: Workspace, slide_id: str, *, actor: Actor) -> None:
    """Bring back a removed slide, words and all."""
    authorise(actor, TELL)
    row = slide_row(workspace.snapshot(), slide_id, removed=True)
    if text_of(row["removed_at"]) is not None:
        _mark(workspace, row, None, actor, "put back slide")


def _editable(snapshot: Snapshot, story_id: str) -> StoryHead:
    head = find_story(snapshot, story_id)
    if not head.own:
        raise SroError("story_shipped", story=head.name)
    return head


def _words(words: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return words as they are stored; raises ``slide_words_too_long``."""
    if unknown := set(words) - set(WORDS):
        raise ValueError(f"no words of a slide: {', '.join(sorted(unknown))}")
    out: dict[str, str | None] = {}
    for name, said in words.items():
        most = _LIMITS.get(name, TEXT_LIMIT)
        if said is not None and len(said) > most:
            raise SroError("slide_words_too_long", field=name, length=len(said), most=most)
        lines = [one_line(line, most) for line in (said or "").splitlines()]
        clean = ("\n" if name in ("text", "note") else " ").join(lines).strip()
        out[name] = clean or None
    return out


def _name(name: str) -> str:
    """Return a name on one line; raises ``story_name_empty``, ``story_name_too_long``."""
    if len(name) > TITLE_LIMIT:
        raise SroError("story_name_too_long", length=len(name), most=TITLE_LIMIT)
    called = one_line(name)
    if not called:
        raise SroError("story_name_empty")
    return called


def _free_name(snapshot: Snapshot, name: str, *, but: str = "") -> str:
    """Return a name no other presentation has, numbered where it is taken."""
    wanted = _name(name)
    rows = kept(snapshot.tables["stories"])
    others = rows.loc[rows["story_id"] != but, "name"]
    return free_name(wanted, map(str, others), longest=TITLE_LIMIT)


def _add_story(
    workspace: Workspace,
    name: str,
    template: str | None,
    slides: Sequence[Mapping[str, Any]],
    actor: Actor,
    action: str,
) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", normalise(name))[:32].strip("-") or "story"
    story_id = f"{stem}-{uuid.uuid4().hex[:6]}"
    head = {
        "story_id": story_id, "name": name, "template": template, "author": actor.name,
        "changed": now(),
    }  # fmt: skip
    frame, _ = _frame(story_id, slides, 0)
    with workspace.writing(actor, action) as tx:
        tx.insert("stories", conform(TABLES["stories"], pd.DataFrame([head])))
        tx.insert("slides", frame)
    return story_id


def _frame(
    story_id: str, slides: Iterable[Mapping[str, Any]], first: int
) -> tuple[pd.DataFrame, list[str]]:
    rows = [
        {**slide, "slide_id": f"s{uuid.uuid4().hex[:11]}", "story_id": story_id, "position": place}
        for place, slide in enumerate(slides, first)
    ]
    columns = TABLES["slides"].column_names
    frame = conform(TABLES["slides"], pd.DataFrame(rows, columns=columns))
    return frame, [str(row["slide_id"]) for row in rows]


def _touched(story_id: str) -> pd.DataFrame:
    return pd.DataFrame([{"story_id": story_id, "changed": now()}])


def _change(
    workspace: Workspace, story_id: str, values: Mapping[str, Any], actor: Actor, action: str
) -> None:
    row = {"story_id": story_id, "changed": now(), **values}
    with workspace.writing(actor, action) as tx:
        tx.upsert("stories", pd.DataFrame([row]))


def _mark(
    workspace: Workspace, row: Mapping[Any, Any], moment: str | None, actor: Actor, action: str
) -> None:
    with workspace.writing(actor, action) as tx:
        tx.upsert(
            "slides", pd.DataFrame([{"slide_id": str(row["slide_id"]), "removed_at": moment}])
        )
        tx.upsert("stories", _touched(str(row["story_id"])))


def _number(
    workspace: Workspace,
    story_id: str,
    order: Sequence[str],
    actor: Actor,
    action: str,
    add: pd.DataFrame | None = None,
) -> None:
    """Write the order of the slides; ``add`` are rows to insert before."""
    with workspace.writing(actor, action) as tx:
        if add is not None:
            tx.insert("slides", add)
        tx.upsert("slides", pd.DataFrame({"slide_id": order, "position": range(len(order))}))
        tx.upsert("stories", _touched(story_id))


__all__ = [
    "SHIPPED",
    "WORDS",
    "Built",
    "Missing",
    "StoredSlide",
    "StoryHead",
    "add_slides",
    "build_story",
    "copy_story",
    "delete_story",
    "duplicate_slide",
    "edit_slide",
    "find_story",
    "move_slide",
    "new_story",
    "put_back_slide",
    "remove_slide",
    "rename_story",
    "restore_story",
    "slide_of",
    "slide_preview",
    "stored_slides",
    "story_list",
]
