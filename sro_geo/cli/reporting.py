"""The verbs ``report``, ``publish`` and ``story``: what the committee takes along."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, say
from sro_geo.i18n import t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.workspace import Workspace

_Open = Callable[[Settings], AbstractContextManager["Workspace"]]
_FORMATS = ("html", "pdf", "pptx", "docx", "xlsx")


def add_verbs(
    verb: Callable[..., argparse.ArgumentParser], opening: _Open, acting: Callable[[Settings], Any]
) -> None:
    """Add the verbs; ``opening`` opens the workspace, ``acting`` tells who acts."""

    def report(options: argparse.Namespace, settings: Settings) -> int:
        from sro_geo.actions.reporting import story_of, write_report

        with opening(settings) as workspace:
            story = story_of(
                workspace, options.story, actor=acting(settings), language=options.language
            )
        write_report(story, options.format, options.file)
        slides = len(story.slides)
        say(t("cli.done_report", settings.language, file=options.file, slides=slides))
        if options.json:
            document(
                {
                    "story": options.story,
                    "format": options.format,
                    "file": str(options.file),
                    "slides": slides,
                    "frozen_at": story.frozen_at,
                    "content_hash": story.content_hash,
                }
            )
        return 0

    def publish(options: argparse.Namespace, settings: Settings) -> int:
        from sro_geo.actions.reporting import publish_folder

        with opening(settings) as workspace:
            files = publish_folder(workspace, options.folder, actor=acting(settings))
        say(t("cli.done_publish", settings.language, folder=options.folder, count=len(files)))
        if options.json:
            document({"folder": str(options.folder), "files": [file.name for file in files]})
        return 0

    def story(options: argparse.Namespace, settings: Settings) -> int:
        from sro_geo.actions.reporting import STORIES

        names = {name: t(f"cli.story_{name}", settings.language) for name in STORIES}
        if options.json:
            document({"stories": [{"story_id": key, "name": n} for key, n in names.items()]})
            return 0
        for key, name in names.items():
            print(f"{key}  {name}")
        return 0

    writing = verb("report", report)
    writing.add_argument("--story", default="yearly", metavar="S")
    writing.add_argument("--format", choices=_FORMATS, required=True)
    writing.add_argument("--language", choices=("de", "en"), default="de")
    writing.add_argument("file", type=Path)
    publishing = verb("publish", publish)
    publishing.add_argument("folder", type=Path, metavar="DIR")
    stories = verb("story", story)
    stories.add_argument("step", choices=("list",))
