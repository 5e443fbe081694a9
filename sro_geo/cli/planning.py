"""The verb ``plan``: variants made, drawn in, compared, adopted, brought in and out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sro_geo.cli.plan_answers import answer, changes, compare, list_all, show
from sro_geo.cli.plan_deeds import (
    adopt_plan,
    balance_areas,
    divide_area,
    export_file,
    import_file,
    refine_blocks,
)
from sro_geo.i18n import t
from sro_geo.settings import Settings

if TYPE_CHECKING:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.gesturing import Drawn
    from sro_geo.actions.workspace import Snapshot, Workspace

_Open = Callable[[Settings], AbstractContextManager["Workspace"]]
_Run = Callable[[argparse.Namespace, "Workspace", "Actor", str], int]


def add_plan(
    verb: Callable[..., argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
    open_workspace: _Open,
    actor_of: Callable[[Settings], Actor],
) -> None:
    """Add the verb; ``shared`` holds the options that every verb has."""
    plan = verb("plan", lambda *_: 2)
    deeds = plan.add_subparsers(dest="deed", required=True, metavar="WHAT", parser_class=type(plan))

    def deed(name: str, run: _Run, *arguments: str) -> argparse.ArgumentParser:
        def opened(options: argparse.Namespace, settings: Settings) -> int:
            with open_workspace(settings) as workspace:
                return run(options, workspace, actor_of(settings), settings.language)

        sub: argparse.ArgumentParser = deeds.add_parser(
            name, parents=[shared], help=t(f"cli.plan_{name}", "en")
        )
        sub.add_argument("--workspace", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.set_defaults(run=opened)
        for argument in arguments:
            sub.add_argument(argument)
        return sub

    new = deed("new", _new, "name")
    new.add_argument("--from", dest="source", metavar="PLAN", help="default: the plan in force")
    new.add_argument("--reason", default="")
    listed = deed("list", list_all)
    listed.add_argument("--withdrawn", action="store_true", help="those put aside")
    deed("show", show, "plan")
    move = deed("move", _move, "plan", "area")
    which = move.add_mutually_exclusive_group(required=True)
    which.add_argument("--blocks", nargs="+", metavar="ID")
    which.add_argument("--district", metavar="ID", help="all blocks of an area of another level")
    which.add_argument("--file", type=Path, help="table with a column block_id")
    move.add_argument("--repair", action="store_true", help="give ids the zeros back they lost")
    create = deed("create", _create, "plan", "name")
    create.add_argument("--id", help="id of the new area (default: made up)")
    create.add_argument("--parent", metavar="AREA")
    create.add_argument("--blocks", nargs="+", metavar="ID", default=[])
    split = deed("split", _split, "plan", "area")
    along = split.add_mutually_exclusive_group(required=True)
    along.add_argument("--line", type=Path, metavar="FILE", help="GeoJSON")
    along.add_argument("--street", metavar="NAME", help="a street of the workspace")
    split.add_argument("--name", help="name of the new area")
    split.add_argument("--id", help="id of the new area (default: made up)")
    merge = deed("merge", _merge, "plan", "into")
    merge.add_argument("areas", nargs="+", metavar="AREA")
    deed("rename", _rename, "plan", "name").add_argument(
        "--area", metavar="ID", help="an area of the plan instead of the plan"
    )
    deed("undo", _undo, "plan")
    deed("redo", _redo, "plan")
    balance = deed("balance", balance_areas, "plan")
    divide = deed("divide", divide_area, "plan", "area")
    divide.add_argument("--into", type=int, required=True, metavar="N")
    balance.add_argument("--only", action="append", default=[], metavar="AREA")
    for proposal in (balance, divide):
        proposal.add_argument("--by", action="append", required=True, metavar="FIGURE")
        proposal.add_argument("--tolerance", type=float, default=0.05)
        proposal.add_argument("--name", help="name of the new variant")
    deed("compare", compare, "before", "after")
    deed("changes", changes, "before", "after").add_argument("file", type=Path)
    deed("propose", _propose, "plan").add_argument("--reason")
    deed("withdraw", _withdraw, "plan")
    deed("reopen", _reopen, "plan")
    adopt = deed("adopt", adopt_plan, "plan")
    adopt.add_argument("--from", dest="start", metavar="DATE", required=True)
    adopt.add_argument("--reason", default="")
    imports = deed("import", import_file)
    imports.add_argument("file", type=Path)
    imports.add_argument("name")
    imports.add_argument("--repair", action="store_true", help="consent to the repairs listed")
    imports.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    deed("export", export_file, "plan").add_argument("file", type=Path)
    refine = deed("refine", refine_blocks, "plan")
    refine.add_argument("--line", type=Path, metavar="FILE", required=True, help="GeoJSON")
    refine.add_argument("--area", metavar="ID", help="only blocks of this area")


def _new(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.planning import new_plan

    plan_id = new_plan(workspace, options.name, options.source, actor=actor, reason=options.reason)
    return answer(options, language, "new", {"plan_id": plan_id})


def _drawn(options: argparse.Namespace, language: str, done: Drawn) -> int:
    content = {
        "plan_id": done.plan.plan_id,
        "moved_blocks": done.moved_blocks,
        "left_out": list(done.left_out),
    }
    return answer(options, language, "drawn", content)


def _move(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.gesturing import move_blocks

    done = move_blocks(
        workspace,
        options.plan,
        options.area,
        actor=actor,
        blocks=options.blocks or (),
        district=options.district,
        file=options.file,
        repair=options.repair,
    )
    return _drawn(options, language, done)


def _create(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.gesturing import draw
    from sro_geo.plans import Plan
    from sro_geo.plans.gestures import create_area, next_area_id

    made = ""

    def gesture(plan: Plan, _: Snapshot) -> Plan:
        nonlocal made
        made = options.id or next_area_id(plan)
        return create_area(
            plan, made, options.name, parent_id=options.parent, blocks=options.blocks
        )

    done = draw(workspace, options.plan, gesture, actor=actor)
    content = {
        "plan_id": done.plan.plan_id,
        "new_area_id": made,
        "moved_blocks": done.moved_blocks,
        "left_out": list(done.left_out),
    }
    return answer(options, language, "split", content)


def _split(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.gesturing import split_area
    from sro_geo.exchange.line_file import read_line

    line = None if options.line is None else read_line(options.line, workspace.city)
    done = split_area(
        workspace,
        options.plan,
        options.area,
        actor=actor,
        line=line,
        street=options.street,
        name=options.name,
        new_id=options.id,
    )
    content = {
        "plan_id": done.plan.plan_id,
        "new_area_id": done.new_area_id,
        "moved_blocks": done.moved_blocks,
        "left_out": list(done.left_out),
    }
    return answer(options, language, "split", content)


def _merge(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.gesturing import draw
    from sro_geo.plans.gestures import merge

    done = draw(
        workspace,
        options.plan,
        lambda plan, _: merge(plan, options.areas, options.into),
        actor=actor,
    )
    return _drawn(options, language, done)


def _rename(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.gesturing import draw
    from sro_geo.actions.planning import rename_plan
    from sro_geo.plans.gestures import rename

    if options.area is None:
        rename_plan(workspace, options.plan, options.name, actor=actor)
        return answer(options, language, "named", {"name": options.name})
    done = draw(
        workspace,
        options.plan,
        lambda plan, _: rename(plan, options.area, options.name),
        actor=actor,
    )
    return _drawn(options, language, done)


def _undo(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.planning import undo

    return _step(options, workspace, language, lambda: undo(workspace, options.plan, actor=actor))


def _redo(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.planning import redo

    return _step(options, workspace, language, lambda: redo(workspace, options.plan, actor=actor))


def _step(
    options: argparse.Namespace, workspace: Workspace, language: str, take: Callable[[], Any]
) -> int:
    from sro_geo.actions.planning import steps_of

    plan = take()
    steps, redo = steps_of(workspace.snapshot(), plan.plan_id)
    content = {"plan_id": plan.plan_id, "steps": steps, "redo": redo}
    return answer(options, language, "step", content)


def _propose(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.planning import propose

    propose(workspace, options.plan, actor=actor, reason=options.reason)
    return _status(options, workspace, language)


def _withdraw(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    from sro_geo.actions.planning import withdraw
    from sro_geo.actions.variants import plan_row

    options.plan = str(plan_row(workspace.snapshot(), options.plan)["plan_id"])
    withdraw(workspace, options.plan, actor=actor)
    return _status(options, workspace, language)


def _reopen(options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str) -> int:
    from sro_geo.actions.planning import reopen

    reopen(workspace, options.plan, actor=actor)
    return _status(options, workspace, language)


def _status(options: argparse.Namespace, workspace: Workspace, language: str) -> int:
    from sro_geo.actions.variants import plan_row

    row = plan_row(workspace.snapshot(), options.plan)
    content = {"plan_id": str(row["plan_id"]), "status": str(row["status"])}
    return answer(options, language, "status", content)
