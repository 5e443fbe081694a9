"""The verb ``story``: presentations listed, made, copied, renamed, deleted and brought back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, say
from sro_geo.i18n import describe, t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.workspace import Workspace
    from sro_geo.errors import SroError

_Open = Callable[[Settings], AbstractContextManager["Workspace"]]
_Run = Callable[[argparse.Namespace, Settings, "Workspace", "Actor"], dict[str, Any]]


def add_story(
    verb: Callable[..., argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
    opening: _Open,
    acting: Callable[[Settings], Any],
) -> None:
    """Add the verb; ``shared`` holds the options that every verb has."""
    story = verb("story", lambda *_: 2)
    deeds = story.add_subparsers(
        dest="deed", required=True, metavar="WHAT", parser_class=type(story)
    )

    def deed(name: str, run: _Run, *arguments: str) -> argparse.ArgumentParser:
        def opened(options: argparse.Namespace, settings: Settings) -> int:
            with opening(settings) as workspace:
                said = run(options, settings, workspace, acting(settings))
            if options.json:
                document(said)
            return 0

        sub: argparse.ArgumentParser = deeds.add_parser(
            name, parents=[shared], help=t(f"cli.story_{name}", "en")
        )
        sub.add_argument("--workspace", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        for argument in arguments:
            sub.add_argument(argument, metavar=argument.upper())
        sub.set_defaults(run=opened)
        return sub

    listing = deed("list", _list)
    making = deed("new", _new, "name")
    making.add_argument("--template", default="empty", metavar="T")
    making.add_argument("--plan", metavar="P", help="boundary_proposal: the plan it shows")
    making.add_argument("--age-group", metavar="G", help="gap_report: the group it is about")
    making.add_argument("--area", metavar="ID", help="space_profile: the area it describes")
    copying = deed("copy", _copy, "story", "name")
    for sub in (listing, making, copying):
        sub.add_argument("--language", choices=("de", "en"), default="de")
    deed("show", _show, "story")
    deed("rename", _rename, "story", "name")
    deed("delete", _delete, "story")
    deed("restore", _restore, "story")


def _list(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import story_list
    from sro_geo.actions.story_templates import story_templates, template_faults

    heads = story_list(workspace.snapshot(), language=options.language)
    choices = story_templates(workspace, options.language)
    for fault in template_faults(workspace):
        _tell(fault, settings)
    if not options.json:
        for head in heads:
            print(f"{head.story_id}  {head.name}")
    return {
        "stories": [
            {"story_id": h.story_id, "name": h.name, "own": h.own, "slides": h.slides}
            for h in heads
        ],
        "templates": [
            {"template": c.template_id, "name": c.name, "needs": c.needs} for c in choices
        ],
    }


def _new(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import new_story

    story_id = new_story(
        workspace,
        options.name,
        template=options.template,
        plan=options.plan,
        age_group=options.age_group,
        area=options.area,
        actor=actor,
        language=options.language,
    )
    return _made(options, settings, story_id)


def _copy(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import copy_story, find_story

    head = find_story(workspace.snapshot(), options.story, language=options.language)
    language = options.language
    copied = copy_story(workspace, head.story_id, options.name, actor=actor, language=language)
    return _made(options, settings, copied)


def _made(options: argparse.Namespace, settings: Settings, story_id: str) -> dict[str, Any]:
    if not options.json:
        print(story_id)
    say(t("cli.done_story_new", settings.language, story=story_id))
    return {"story_id": story_id}


def _show(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import find_story, stored_slides

    snapshot = workspace.snapshot()
    head = find_story(snapshot, options.story)
    slides = stored_slides(snapshot, head.story_id)
    if not options.json:
        for number, slide in enumerate(slides, 1):
            print(f"{number}  {slide.view.kind}  {slide.title or slide.part}")
    return {
        "story_id": head.story_id,
        "name": head.name,
        "own": head.own,
        "slides": [
            {
                "slide_id": slide.slide_id,
                "kind": slide.view.kind,
                "settings": dict(slide.view.settings),
                "part": slide.part,
                "words": slide.words,
            }
            for slide in slides
        ],
    }


def _rename(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import find_story, rename_story

    head = find_story(workspace.snapshot(), options.story)
    rename_story(workspace, head.story_id, options.name, actor=actor)
    named = find_story(workspace.snapshot(), head.story_id).name
    say(t("cli.done_story_rename", settings.language, story=named))
    return {"story_id": head.story_id, "name": named}


def _delete(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import delete_story, find_story

    head = find_story(workspace.snapshot(), options.story)
    delete_story(workspace, head.story_id, actor=actor)
    say(t("cli.done_story_delete", settings.language, name=head.name, story=head.story_id))
    return {"story_id": head.story_id}


def _restore(
    options: argparse.Namespace, settings: Settings, workspace: Workspace, actor: Actor
) -> dict[str, Any]:
    from sro_geo.actions.stories import find_story, restore_story

    restore_story(workspace, options.story, actor=actor)
    head = find_story(workspace.snapshot(), options.story)
    say(t("cli.done_story_restore", settings.language, story=head.name))
    return {"story_id": head.story_id, "name": head.name}


def _tell(error: SroError, settings: Settings) -> None:
    message, remedy = describe(error, settings.language)
    say(message)
    say(f"→ {remedy}")
