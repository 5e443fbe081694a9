"""The verbs ``cases``, ``release`` and ``audit``: figures that passed the gate, and the gate."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sro_geo.cli.speaking import document, say
from sro_geo.errors import SroError
from sro_geo.i18n import describe, t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.releasing import ReleaseInfo
    from sro_geo.actions.workspace import Workspace

_Open = Callable[[Settings], AbstractContextManager["Workspace"]]
_BREAKDOWNS = ("help_type", "group", "age_group", "place")
_CUTS = ("none", "group", "help_type")


def add_verbs(verb: Callable[..., argparse.ArgumentParser], opening: _Open) -> None:
    """Add the verbs; ``opening`` opens the workspace."""

    def bound(
        run: Callable[[argparse.Namespace, Settings, _Open], int],
    ) -> Callable[[argparse.Namespace, Settings], int]:
        return lambda options, settings: run(options, settings, opening)

    cases = verb("cases", bound(_cases))
    cases.add_argument("--year", type=_year, required=True)
    cases.add_argument("--level", required=True, help="level of the areas listed")
    cases.add_argument("--by", choices=_BREAKDOWNS, help="parts beside the total")
    cases.add_argument("--per", type=int, choices=(1000, 10000), default=1000)
    cases.add_argument("--version", metavar="PLAN", help="area version (default: the newest)")
    release = verb("release", bound(_release))
    steps = release.add_subparsers(dest="step", required=True, metavar="STEP")
    listing = steps.add_parser("list", help=t("cli.release_list", "en"))
    propose = steps.add_parser("propose", help=t("cli.release_propose", "en"))
    propose.add_argument("--year", type=_year, required=True)
    propose.add_argument("--level", action="append", default=[], help="a level to publish")
    propose.add_argument("--by", choices=_CUTS, default="help_type")
    propose.add_argument("--ages", action="append", default=[], metavar="GROUP")
    propose.add_argument("--places", action="store_true", help="place of help beside the total")
    propose.add_argument("--indicator", metavar="ID", help="an indicator instead of the cases")
    propose.add_argument("--reason", default="", metavar="TEXT")
    propose.add_argument("--dry-run", action="store_true", help="try the gate, write nothing")
    approve = steps.add_parser("approve", help=t("cli.release_approve", "en"))
    withdraw = steps.add_parser("withdraw", help=t("cli.release_withdraw", "en"))
    for step in (approve, withdraw):
        step.add_argument("release", metavar="RELEASE")
        step.add_argument("--note", default="", metavar="TEXT")
    for step in (listing, propose, approve, withdraw):
        # After the step too; SUPPRESS keeps a value given before it.
        step.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        step.add_argument("--workspace", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    verb("audit", bound(_audit))


def _year(text: str) -> int:
    if not (text.isdecimal() and 1990 <= int(text) <= 2200):
        raise argparse.ArgumentTypeError(f"{text}: a year like 2025 is needed")
    return int(text)


def _cases(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.cases import case_table, cell_record, cells_of, load_released

    if settings.public:
        released = load_released(settings.workspace)
    else:
        with opening(settings):  # makes the workspace on the first day
            released = load_released(settings.workspace)
    released.city.level(options.level)
    table = case_table(released, options.year, per=options.per, version=options.version)
    cells = cells_of(table, options.level, by=options.by)
    records = [cell_record(row, options.by) for row in cells.itertuples(index=False)]
    if options.json:
        document(
            {
                "year": table.year,
                "level": options.level,
                "rule": table.counting_rule,
                "unit": table.unit,
                "per": table.per,
                "version": table.version,
                "releases": list(table.release_ids),
                "cells": records,
            }
        )
        return 0
    language = settings.language
    for record in records:
        parts = [record["help_type"], record.get("age_group"), record.get("place")]
        what = " ".join(part for part in parts if part) or t("cli.total", language)
        if record["status"] == "released":
            rate = "–" if record["rate"] is None else f"{record['rate']:.1f}"
            shown = f"{record['count']}  {rate} / {table.per}"
        else:
            shown = t(f"cases.status_{record['status']}", language)
        print(f"{record['name']} · {what}: {shown}")
    say(t("cli.done_cases", language, count=len(records), year=table.year))
    return 0


def _release(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.releasing import ReleaseBlocked

    step = {"list": _list, "propose": _propose, "approve": _decide, "withdraw": _decide}
    try:
        return step[options.step](options, settings, opening)
    except ReleaseBlocked as blocked:
        message, remedy = describe(blocked, settings.language)
        reasons = [
            {"code": v.code, "message": t(f"violations.{v.code}", settings.language, **v.params)}
            for v in blocked.violations
        ]
        if options.json:
            error = {"code": blocked.code, "message": message, "remedy": remedy}
            document({"error": error, "violations": reasons})
        say(message)
        for reason in reasons:
            say(f"- {reason['message']}")
        say(f"→ {remedy}")
        return 1


def _actor(settings: Settings) -> Any:
    from sro_geo.actions.access import Actor

    if not settings.editor.strip():
        # Who proposes and who approves must be two people: both have to have a name.
        raise SroError("editor_unnamed")
    return Actor(settings.editor)


def _record(info: ReleaseInfo) -> dict[str, Any]:
    return {**dataclasses.asdict(info), "levels": list(info.levels), "ages": list(info.ages)}


def _list(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.releasing import list_releases

    with opening(settings) as workspace:
        infos = list_releases(workspace, actor=Actor(settings.editor or "command line"))
    if options.json:
        document({"releases": [_record(info) for info in infos]})
        return 0
    for info in infos:
        standing = t(f"releases.status_{info.status}", settings.language)
        print(f"{info.release_id}  {info.year}  {info.version}  {info.by_type}  {standing}")
    say(t("cli.done_releases", settings.language, count=len(infos)))
    return 0


def _propose(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.releasing import (
        ReleaseBlocked,
        default_cut,
        draft_release,
        propose_indicator,
        propose_release,
    )

    actor, language = _actor(settings), settings.language
    if options.indicator and options.dry_run:
        raise SroError("usage", reason="--indicator has no --dry-run", verb="release propose")
    with opening(settings) as workspace:
        snapshot = workspace.snapshot()
        usual = default_cut(snapshot)
        for level in options.level:
            snapshot.city.level(level)
        cut = dataclasses.replace(
            usual,
            levels=tuple(options.level) or usual.levels,
            by_type=options.by,
            ages=tuple(options.ages),
            by_place=options.places,
        )
        if options.indicator:
            made = propose_indicator(
                workspace, options.indicator, options.year, actor=actor, reason=options.reason
            )
        else:
            run = draft_release if options.dry_run else propose_release
            made = run(workspace, options.year, actor=actor, cut=cut, reason=options.reason)
    if made.violations:
        raise ReleaseBlocked(made.violations)
    cells = made.release.cells
    hidden = int((cells["status"] == "suppressed").sum())
    key = "cli.done_draft" if options.dry_run else "cli.done_propose"
    say(t(key, language, release=made.release.release_id, cells=len(cells), hidden=hidden))
    if options.json:
        document(
            {
                "release_id": None if options.dry_run else made.release.release_id,
                "year": options.year,
                "version": made.release.version,
                "cells": len(cells),
                "cells_hidden": hidden,
                "exact": made.exact,
            }
        )
    return 0


def _decide(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.releasing import approve_release, withdraw_release

    actor = _actor(settings)
    run = approve_release if options.step == "approve" else withdraw_release
    with opening(settings) as workspace:
        info = run(workspace, options.release, actor=actor, note=options.note)
    standing = t(f"releases.status_{info.status}", settings.language)
    say(t("cli.done_decide", settings.language, release=info.release_id, status=standing))
    if options.json:
        document({"release": _record(info)})
    return 0


def _audit(options: argparse.Namespace, settings: Settings, opening: _Open) -> int:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.releasing import audit_releases

    language = settings.language
    with opening(settings) as workspace:
        found = audit_releases(workspace, actor=Actor(settings.editor or "command line"))
    violations = [
        {
            "release_id": v.release_id,
            "code": v.code,
            "message": t(f"violations.{v.code}", language, **v.params),
        }
        for v in found.violations
    ]
    if options.json:
        document(
            {
                "releases": found.releases,
                "cells_hidden": found.cells_hidden,
                "narrowest_interval": found.narrowest_interval,
                "violations": violations,
            }
        )
        return 0
    for violation in violations:
        print(f"{violation['release_id']}: {violation['message']}")
    say(
        t(
            "cli.done_audit",
            language,
            releases=found.releases,
            hidden=found.cells_hidden,
            violations=len(violations),
        )
    )
    return 0
