"""Variants: made, drawn in step by step, taken back, named, proposed, put aside.

A gesture is one transaction: the variant's document and one row of its log. Whoever saves
says what it was drawn upon; where somebody else drew in the meantime nothing is written and
nothing is lost: the drawing can be kept as a variant of its own (:func:`new_plan`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sro_geo.actions.access import DRAW, Actor, authorise
from sro_geo.actions.lineage import descendants, in_todays_blocks
from sro_geo.actions.moment import now
from sro_geo.actions.naming import free_name
from sro_geo.actions.partition import next_plan_id
from sro_geo.actions.planning_relations import other_reason
from sro_geo.actions.variants import (
    fingerprint_of,
    id_in_force,
    load_plan,
    log_of,
    plan_row,
    steps_of,
    variant_row,
)
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.areas import plan_in_force
from sro_geo.errors import SroError
from sro_geo.plans import Move, Plan, apply
from sro_geo.plans.document import Log, to_document
from sro_geo.plans.steps import refuse_adopted
from sro_geo.store.protocol import join_key
from sro_geo.tables import TABLES, conform

_TRIES = 3


@dataclass(frozen=True)
class PlanSummary:
    """One plan in a list. ``steps`` can be taken back, ``redo`` done again."""

    plan_id: str
    name: str
    status: str
    parent: str | None
    in_force: bool
    valid_from: str | None
    valid_to: str | None
    author: str
    reason: str
    steps: int = 0
    redo: int = 0


@dataclass(frozen=True)
class Step:
    """One gesture in the log of a plan; ``undone``: taken back since."""

    number: int
    kind: str
    blocks: int
    author: str
    at: str
    undone: bool


def list_plans(snapshot: Snapshot, *, withdrawn: bool = False) -> list[PlanSummary]:
    """Return all plans: the one in force, then what is drawn (newest first), then the others.

    ``withdrawn`` returns those that were put aside instead.
    """
    plans = snapshot.tables["plans"]
    current = plan_in_force(plans, snapshot.today.isoformat())
    out = []
    for row in plans.to_dict("records"):
        if (row["status"] == "withdrawn") != withdrawn:
            continue
        drawn = row["status"] != "adopted"
        steps, redo = _counted(snapshot, str(row["plan_id"])) if drawn else (0, 0)
        out.append(
            PlanSummary(
                str(row["plan_id"]),
                str(row["name"]),
                str(row["status"]),
                _text(row["parent_plan_id"]),
                row["plan_id"] == current,
                _text(row["valid_from"]),
                _text(row["valid_to"]),
                _text(row["author"]) or "",
                _text(row["reason"]) or "",
                steps,
                redo,
            )
        )
    out.sort(key=lambda p: _natural(p.plan_id), reverse=True)
    out.sort(key=lambda p: p.valid_from or "", reverse=True)
    return sorted(out, key=lambda p: (not p.in_force, p.status == "adopted"))


def new_plan(
    workspace: Workspace,
    name: str,
    source: str | Plan | None = None,
    *,
    actor: Actor,
    reason: str = "",
) -> str:
    """Add a variant that begins as another plan, and return its id.

    Parameters
    ----------
    source
        Id or name of a plan (default: the one in force), or a drawing that is not saved
        yet, e.g. because somebody else saved the same variant.

    Raises
    ------
    SroError
        ``plan_name_empty``, ``plan_unknown``, ``plan_none_in_force``, ``plan_other_blocks``.
    """
    authorise(actor, DRAW)
    for attempt in range(_TRIES):
        snapshot = workspace.snapshot()
        plan = source if isinstance(source, Plan) else load_plan(snapshot, source)
        if plan.block_set != fingerprint_of(snapshot):
            raise SroError("plan_other_blocks", plan=plan.name)
        plans = snapshot.tables["plans"]
        row = {
            "plan_id": next_plan_id(plans),
            "name": _free_name(snapshot, name),
            "status": "draft",
            "parent_plan_id": plan.plan_id,
            "block_set": plan.block_set,
            "author": actor.name,
            "reason": reason or None,
        }
        content = {"plan_id": row["plan_id"], "content": to_document(plan), "steps": 0}
        try:
            with workspace.writing(actor, "new plan", reason=reason) as tx:
                tx.insert("plans", conform(TABLES["plans"], pd.DataFrame([row])))
                tx.insert("variants", conform(TABLES["variants"], pd.DataFrame([content])))
            return str(row["plan_id"])
        except SroError as error:
            if error.code != "id_taken" or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def save(workspace: Workspace, before: Plan, after: Plan, *, actor: Actor) -> Plan:
    """Write what gestures made of ``before``, and return it as it is stored now.

    What was saved already (a double click) is not written again.

    Raises
    ------
    SroError
        ``variant_saved_meanwhile`` where the stored variant is no longer ``before``;
        ``plan_adopted``, ``plan_proposed``, ``plan_withdrawn``, ``plan_unknown``.
    """
    authorise(actor, DRAW)
    new = after.moves[len(before.moves) :]
    if before.plan_id != after.plan_id or after.moves[: len(before.moves)] != before.moves:
        raise ValueError("the second plan must follow from the first")
    snapshot = workspace.snapshot()
    held = load_plan(snapshot, before.plan_id)
    _refuse_closed(held)
    if not new or held.same_as(after):
        return held
    if not held.same_as(before):
        raise _saved_meanwhile(workspace, held)
    log = log_of(snapshot, held.plan_id)
    moment = now()
    rows = [
        {
            "plan_id": held.plan_id,
            "number": log.last + k,
            "content": move.to_json(),
            "undone": False,
            "author": actor.name,
            "at": moment,
        }
        for k, move in enumerate(new, 1)
    ]
    grown = replace(log, last=log.last + len(new), redo=())
    _write(workspace, snapshot, after, grown, len(new), actor, f"draw: {new[-1].kind}", rows)
    return load_plan(workspace.snapshot(), held.plan_id)


def undo(workspace: Workspace, plan: str, *, actor: Actor) -> Plan:
    """Take back the last step of a variant; the plan as it is where there is none."""
    authorise(actor, DRAW)
    snapshot = workspace.snapshot()
    held = load_plan(snapshot, plan)
    _refuse_closed(held)
    log = log_of(snapshot, held.plan_id)
    rows = _log_rows(workspace, held.plan_id)
    done = rows[(rows["number"] > log.since) & ~rows["undone"].fillna(False)]
    if done.empty:
        return held
    last = done.iloc[-1]
    number = int(last["number"])
    before = apply(held, _move(snapshot, last["content"]), back=True)
    shorter = replace(log, redo=(*log.redo, number))
    mark = (number, int(last["row_version"]), True)
    _write(workspace, snapshot, before, shorter, -1, actor, "undo", mark=mark)
    return load_plan(workspace.snapshot(), held.plan_id)


def redo(workspace: Workspace, plan: str, *, actor: Actor) -> Plan:
    """Do the step last taken back again; the plan as it is where there is none."""
    authorise(actor, DRAW)
    snapshot = workspace.snapshot()
    held = load_plan(snapshot, plan)
    _refuse_closed(held)
    log = log_of(snapshot, held.plan_id)
    if not log.redo:
        return held
    rows = _log_rows(workspace, held.plan_id)
    wanted = rows[rows["number"] == log.redo[-1]].iloc[0]
    after = apply(held, _move(snapshot, wanted["content"]))
    mark = (log.redo[-1], int(wanted["row_version"]), False)
    further = replace(log, redo=log.redo[:-1])
    _write(workspace, snapshot, after, further, 1, actor, "redo", mark=mark)
    return load_plan(workspace.snapshot(), held.plan_id)


def steps(workspace: Workspace, plan: str) -> list[Step]:
    """Return the log of a plan, newest first, what was taken back included."""
    plan_id = str(plan_row(workspace.snapshot(), plan)["plan_id"])
    rows = _log_rows(workspace, plan_id)
    out = []
    for row in rows.iloc[::-1].to_dict("records"):
        move = Move.from_json(row["content"])
        undone = row["undone"] is True or row["undone"] == 1
        author, at = _text(row["author"]) or "", _text(row["at"]) or ""
        out.append(Step(int(row["number"]), move.kind, move.block_count, author, at, undone))
    return out


def rename_plan(workspace: Workspace, plan: str, name: str, *, actor: Actor) -> None:
    """Give a variant another name; an adopted plan keeps the one it was adopted under."""
    authorise(actor, DRAW)
    snapshot = workspace.snapshot()
    row = plan_row(snapshot, plan)
    if row["name"] != name.strip():
        _set(workspace, row, {"name": _free_name(snapshot, name)}, actor, "rename plan")


def propose(workspace: Workspace, plan: str, *, actor: Actor, reason: str | None = None) -> None:
    """Put a variant forward: it is not drawn in any more until it is taken back."""
    authorise(actor, DRAW)
    row = plan_row(workspace.snapshot(), plan)
    before = _text(row["reason"]) or ""
    said = {} if reason is None else {"reason": other_reason(reason, before) or None}
    _set(workspace, row, {"status": "proposed", **said}, actor, "propose plan")


def withdraw(workspace: Workspace, plan: str, *, actor: Actor) -> None:
    """Put a variant aside: kept with its log, but in no list; :func:`reopen` brings it back."""
    authorise(actor, DRAW)
    row = plan_row(workspace.snapshot(), plan)
    _set(workspace, row, {"status": "withdrawn"}, actor, "withdraw plan")


def reopen(workspace: Workspace, plan: str, *, actor: Actor) -> None:
    """Make a proposed or withdrawn plan a draft again."""
    authorise(actor, DRAW)
    row = plan_row(workspace.snapshot(), plan)
    _set(workspace, row, {"status": "draft"}, actor, "reopen plan")


def _write(
    workspace: Workspace,
    snapshot: Snapshot,
    plan: Plan,
    log: Log,
    further: int,
    actor: Actor,
    action: str,
    rows: Sequence[dict[str, Any]] = (),
    mark: tuple[int, int, bool] | None = None,
) -> None:
    """Write a variant and its log together, or nothing where somebody was faster."""
    row = variant_row(snapshot, plan.plan_id)
    assert row is not None
    values = {"content": to_document(plan, log), "steps": int(row["steps"]) + further}
    seen = int(row["row_version"])
    stands = int(plan_row(snapshot, plan.plan_id)["row_version"])
    try:
        with workspace.writing(actor, action) as tx:
            # Nothing to write there, but it must still be the plan that was looked at.
            tx.update("plans", plan.plan_id, {}, expected_version=stands)
            tx.update("variants", plan.plan_id, values, expected_version=seen)
            if rows:
                tx.insert("moves", conform(TABLES["moves"], pd.DataFrame(list(rows))))
            if mark is not None:
                number, version, undone = mark
                key = join_key([plan.plan_id, str(number)])
                tx.update("moves", key, {"undone": undone}, expected_version=version)
    except SroError as error:
        if error.code not in ("edited_meanwhile", "id_taken"):
            raise
        raise _saved_meanwhile(workspace, plan) from None


def _saved_meanwhile(workspace: Workspace, plan: Plan) -> SroError:
    last = workspace.store.history("variants", plan.plan_id)
    actor, at = (last[0].actor, last[0].at) if last else ("", "")
    return SroError("variant_saved_meanwhile", plan=plan.name, actor=actor, at=at)


def _refuse_closed(plan: Plan) -> None:
    refuse_adopted(plan)
    if plan.status == "proposed":
        raise SroError("plan_proposed", plan=plan.name)
    if plan.status == "withdrawn":
        raise SroError("plan_withdrawn", plan=plan.name)


def _set(
    workspace: Workspace, row: dict[Any, Any], values: dict[str, Any], actor: Actor, action: str
) -> None:
    if row["status"] == "adopted":
        raise SroError("plan_adopted", plan=str(row["name"]))
    with workspace.writing(actor, action) as tx:
        version = int(row["row_version"])
        tx.update("plans", str(row["plan_id"]), values, expected_version=version)


def _log_rows(workspace: Workspace, plan_id: str) -> pd.DataFrame:
    return workspace.store.read("moves", where={"plan_id": plan_id})


def _move(snapshot: Snapshot, content: str) -> Move:
    """Return a step of the log on the blocks of today: some may have been cut since."""
    return in_todays_blocks(Move.from_json(content), descendants(snapshot))


def _counted(snapshot: Snapshot, plan_id: str) -> tuple[int, int]:
    try:
        return steps_of(snapshot, plan_id)
    except SroError:
        return 0, 0  # drawn on other blocks, or unreadable: it is listed all the same


def _free_name(snapshot: Snapshot, name: str) -> str:
    """Return a name no other plan has, numbered where it is taken."""
    wanted = " ".join(name.split())
    if not wanted:
        raise SroError("plan_name_empty")
    plans = snapshot.tables["plans"]
    return free_name(wanted, map(str, plans.loc[plans["status"] != "withdrawn", "name"]))


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", text)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


__all__ = [
    "PlanSummary",
    "Step",
    "id_in_force",
    "list_plans",
    "load_plan",
    "new_plan",
    "propose",
    "redo",
    "rename_plan",
    "reopen",
    "save",
    "steps",
    "steps_of",
    "undo",
    "withdraw",
]
