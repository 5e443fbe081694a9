"""Larger deeds of the verb ``plan``: proposals, adoption, files, another block version."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sro_geo.cli.plan_answers import answer, plain_number
from sro_geo.cli.speaking import document, say
from sro_geo.i18n import t

if TYPE_CHECKING:
    from sro_geo.actions.access import Actor
    from sro_geo.actions.proposals import Proposal
    from sro_geo.actions.workspace import Workspace


def balance_areas(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Save an evened-out plan as a variant."""
    from sro_geo.actions.proposals import propose_balance

    found = propose_balance(
        workspace.snapshot(),
        options.plan,
        options.by,
        only=options.only,
        tolerance=options.tolerance,
    )
    return _proposed(options, workspace, actor, language, found)


def divide_area(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Save a plan with one area divided as a variant."""
    from sro_geo.actions.proposals import propose_division

    found = propose_division(
        workspace.snapshot(),
        options.plan,
        options.area,
        options.into,
        options.by,
        tolerance=options.tolerance,
    )
    return _proposed(options, workspace, actor, language, found)


def _proposed(
    options: argparse.Namespace,
    workspace: Workspace,
    actor: Actor,
    language: str,
    found: Proposal,
) -> int:
    from sro_geo.actions.proposals import keep_proposal

    name = options.name or t(
        "cli.plan_proposed_name", language, name=found.before.name, by=", ".join(options.by)
    )
    plan_id = keep_proposal(workspace, found, name, actor=actor)
    content = {
        "plan_id": plan_id,
        "ended": found.ended,
        "deviation": plain_number(found.deviation),
        "moved_blocks": found.moved_blocks,
        "moved_population": plain_number(found.moved_persons),
        "compactness_before": plain_number(found.compactness_before),
        "compactness": plain_number(found.compactness),
    }
    return answer(options, language, "proposed", content)


def adopt_plan(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Bring a plan into force, or say what stands in the way."""
    from sro_geo.actions.adopting import AdoptionRefused, adopt
    from sro_geo.actions.checking import finding_record
    from sro_geo.i18n import describe

    try:
        done = adopt(workspace, options.plan, options.start, actor=actor, reason=options.reason)
    except AdoptionRefused as refused:
        message, remedy = describe(refused, language)
        found = [finding_record(finding, language) for finding in refused.findings]
        if options.json:
            error = {"code": refused.code, "message": message, "remedy": remedy}
            document({"error": error, "findings": found})
        say(message)
        for record in found:
            say(f"{record['id']}: {record['message']}")
            say(f"    → {record['remedy']}")
        return 1
    content = {
        "plan_id": done.plan_id,
        "valid_from": done.valid_from,
        "valid_to": done.valid_to,
        "ended": done.ended,
        "areas_without_team": [{"id": a, "name": name} for a, name in done.without_team],
        "areas_ended": [{"id": a, "name": name} for a, name in done.areas_ended],
    }
    return answer(options, language, "adopted", content)


def import_file(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Take a plan in from a file."""
    from sro_geo.actions.planning_files import import_plan
    from sro_geo.i18n import describe

    done = import_plan(
        workspace,
        options.file,
        options.name,
        actor=actor,
        repair=options.repair,
        dry_run=options.dry_run,
    )
    notes = []
    for fault in done.notes:
        message, remedy = describe(fault, language)
        say(message)
        notes.append({"code": fault.code, "message": message, "remedy": remedy})
    content = {
        "plan_id": done.plan_id,
        "moved_blocks": done.moved_blocks,
        "unassigned_blocks": int((done.plan.codes < 0).sum()),
        "written": done.plan_id is not None,
        "notes": notes,
    }
    return answer(options, language, "imported", content)


def export_file(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Write a plan to a file."""
    from sro_geo.actions.planning_files import export_plan
    from sro_geo.actions.variants import plan_row

    snapshot = workspace.snapshot()
    blocks = export_plan(snapshot, options.plan, options.file, actor=actor)
    plan_id = str(plan_row(snapshot, options.plan)["plan_id"])
    content = {"plan_id": plan_id, "file": str(options.file), "blocks": blocks}
    return answer(options, language, "exported", content)


def refine_blocks(
    options: argparse.Namespace, workspace: Workspace, actor: Actor, language: str
) -> int:
    """Cut blocks along a line."""
    from sro_geo.actions.cutting import cut_blocks
    from sro_geo.actions.variants import plan_row
    from sro_geo.exchange.line_file import read_line

    plan_id = str(plan_row(workspace.snapshot(), options.plan)["plan_id"])
    line = read_line(options.line, workspace.city)
    done = cut_blocks(workspace, line, actor=actor, plan=plan_id, area_id=options.area)
    content = {
        "plan_id": plan_id,
        "cut": list(done.cut),
        "parts": list(done.parts),
        "blocks": done.blocks_after,
        "block_set": done.block_set,
        "persons": done.persons,
        "estimated": done.estimated,
    }
    return answer(options, language, "refined", {**content, "count": len(done.cut)})
