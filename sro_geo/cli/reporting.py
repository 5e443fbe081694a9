"""The verbs ``report`` and ``publish``: what the committee takes along, what everybody may see."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, say
from sro_geo.i18n import describe, t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.stories import Built
    from sro_geo.actions.workspace import Workspace

_Open = Callable[[Settings], AbstractContextManager["Workspace"]]
_Act = Callable[[Settings], Any]
_FORMATS = ("html", "pdf", "pptx", "docx", "xlsx", "csv", "gpkg")
_LANGUAGES = ("de", "en")


def add_verbs(verb: Callable[..., argparse.ArgumentParser], opening: _Open, acting: _Act) -> None:
    """Add the verbs; ``opening`` opens the workspace, ``acting`` tells who acts."""

    def report(options: argparse.Namespace, settings: Settings) -> int:
        from sro_geo.actions.reporting import write_report
        from sro_geo.actions.stories import build_story

        with opening(settings) as workspace:
            built = build_story(
                workspace,
                options.story,
                actor=acting(settings),
                language=options.language,
                progress=_progress(settings),
            )
        missing = _missing(built, settings)
        write_report(built.story, options.format, options.file, material=built.material)
        slides = len(built.story.slides)
        say(t("cli.done_report", settings.language, file=options.file, slides=slides))
        if options.json:
            document(
                {
                    "story": built.story.story_id,
                    "format": options.format,
                    "file": str(options.file),
                    "slides": slides,
                    "missing": missing,
                    "frozen_at": built.story.frozen_at,
                    "content_hash": built.story.content_hash,
                }
            )
        return 0

    def publish(options: argparse.Namespace, settings: Settings) -> int:
        from sro_geo.actions.reporting import publish_folder
        from sro_geo.actions.stories import build_story

        actor = acting(settings)
        with opening(settings) as workspace:
            built = build_story(
                workspace,
                options.story,
                actor=actor,
                language=options.language,
                progress=_progress(settings),
            )
            files = publish_folder(workspace, options.folder, actor=actor, story=built)
        missing = _missing(built, settings)
        say(t("cli.done_publish", settings.language, folder=options.folder, count=len(files)))
        if options.json:
            names = [str(file.relative_to(options.folder)) for file in files]
            document({"folder": str(options.folder), "files": names, "missing": missing})
        return 0

    writing = verb("report", report)
    writing.add_argument("--story", default="yearly", metavar="S")
    writing.add_argument("--format", choices=_FORMATS, required=True)
    writing.add_argument("--language", choices=_LANGUAGES, default="de")
    writing.add_argument("file", type=Path)
    publishing = verb("publish", publish)
    publishing.add_argument("--story", default="yearly", metavar="S")
    publishing.add_argument("--language", choices=_LANGUAGES, default="de")
    publishing.add_argument("folder", type=Path, metavar="DIR")


def _progress(settings: Settings) -> Callable[[int, int], None] | None:
    """Return what tells a person at a terminal how far it is; a file is told the end alone."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, every: int) -> None:
        words = t("cli.report_progress", settings.language, done=done, every=every)
        print(f"\r{words}", end="" if done < every else "\n", file=sys.stderr, flush=True)

    return tell


def _missing(built: Built, settings: Settings) -> list[dict[str, str]]:
    """Say which slides are missing and why, and return it for the document."""
    out = []
    for one in built.missing:
        message, remedy = describe(one.error, settings.language)
        say(t("cli.slide_missing", settings.language, slide=one.title, reason=message))
        said = {"slide_id": one.slide_id, "title": one.title, "code": one.error.code}
        out.append(said | {"message": message, "remedy": remedy})
    return out
