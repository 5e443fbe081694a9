"""What a planner does to a plan: paint, create, merge, rename, delete, lock, undo, redo.

Each gesture takes a plan and returns a new one. Locks refuse quietly: locked blocks stay
where they are and are named in ``left_out``. Only what cannot be meant (unknown ids, two
areas of one id) is an error. An adopted plan is not drawn in: draw in a variant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from sro_geo.errors import SroError
from sro_geo.plans.moves import PlanArea
from sro_geo.plans.plan import UNASSIGNED, Blocks, Plan
from sro_geo.plans.steps import apply, refuse_adopted, step


def paint(plan: Plan, blocks: Blocks, to: str | None, *, kind: str = "paint") -> Plan:
    """Give blocks to the area ``to``, or to none (None).

    ``blocks`` are ids, positions or a mask; ``kind`` is the name of the gesture in the log
    (brush, lasso, rectangle, click, whole district).
    """
    codes = plan.codes.copy()
    codes[plan.positions(blocks)] = plan.code(to)
    return step(plan, kind, codes=codes)


def whole(plan: Plan, blocks: Blocks, to: str | None) -> Plan:
    """Give all blocks of an area of a parallel level, such as a statistical district."""
    return paint(plan, blocks, to, kind="whole")


def create_area(
    plan: Plan,
    area_id: str,
    name: str,
    *,
    parent_id: str | None = None,
    level: str | None = None,
    blocks: Blocks = (),
) -> Plan:
    """Add an area (default: of the lowest level) and give it blocks, in one step.

    Raises
    ------
    SroError
        ``area_exists``, also for an id that was used before in this plan;
        ``area_name_empty``, ``area_unknown``, ``area_parent_level``, ``level_unknown``.
    """
    level = plan.level if level is None else level
    if level not in plan.levels:
        raise SroError("level_unknown", level=level, known=", ".join(plan.levels))
    if not area_id.strip():
        raise SroError("area_name_empty")
    area = PlanArea(area_id, level, _name(name), _parent(plan, level, parent_id))
    codes = plan.codes.copy()
    if level == plan.level:
        codes[plan.positions(blocks)] = len(plan.areas)
    return step(plan, "create", codes=codes, new=[area])


def next_area_id(plan: Plan) -> str:
    """Return an id for a new area that was never used in this plan: level and number."""
    used = {area.area_id for area in (*plan.areas, *plan.above)}
    number = len(plan.standing) + 1
    while f"{plan.level}-{number}" in used:
        number += 1
    return f"{plan.level}-{number}"


def merge(plan: Plan, area_ids: Iterable[str], into: str) -> Plan:
    """Give all blocks of areas to the area ``into``; the emptied ones are gone.

    An area that keeps blocks because they are locked stays.
    """
    target = plan.code(into)
    others = [area for area in area_ids if area != into]
    codes = np.where(np.isin(plan.codes, [plan.code(a) for a in others]), target, plan.codes)
    return step(plan, "merge", codes=codes, gone=others)


def delete(plan: Plan, area_id: str, *, to: str | None = None) -> Plan:
    """Take an area away; its blocks go to the area ``to`` or stay unassigned (None).

    An area that keeps blocks because they are locked stays. An area of a level above goes
    only when nothing hangs on it any more.

    Raises
    ------
    SroError
        ``area_unknown``, ``area_has_parts``.
    """
    area = plan.area(area_id)
    if area.level != plan.level:
        parts = [a.name for a in (*plan.standing, *plan.standing_above) if a.parent_id == area_id]
        if parts:
            raise SroError("area_has_parts", area=area.name, parts=", ".join(parts))
        return step(plan, "delete", gone=[area_id])
    target = UNASSIGNED if to == area_id else plan.code(to)
    codes = np.where(plan.codes == plan.code(area_id), target, plan.codes)
    return step(plan, "delete", codes=codes, gone=[area_id])


def rename(plan: Plan, area_id: str, name: str) -> Plan:
    """Give an area of any level another name; its id stays."""
    return step(plan, "rename", changed=[replace(plan.area(area_id), name=_name(name))])


def set_parent(plan: Plan, area_id: str, parent_id: str | None) -> Plan:
    """Hang an area on another one of a higher level, e.g. a social space on a region.

    Raises
    ------
    SroError
        ``area_unknown``, ``area_parent_level``.
    """
    area = plan.area(area_id)
    parent = _parent(plan, area.level, parent_id)
    return step(plan, "set_parent", changed=[replace(area, parent_id=parent)])


def lock(plan: Plan, *, areas: Iterable[str] = (), blocks: Blocks = ()) -> Plan:
    """Hold areas and blocks: no block leaves or enters a locked area, no locked block moves.

    Names and parents of locked areas may still change.
    """
    return step(plan, "lock", marks=_locks(plan, areas, blocks, True))


def unlock(plan: Plan, *, areas: Iterable[str] = (), blocks: Blocks = ()) -> Plan:
    """Release areas and blocks."""
    return step(plan, "unlock", marks=_locks(plan, areas, blocks, False))


def bridge(plan: Plan, a: str, b: str, *, remove: bool = False) -> Plan:
    """Let two blocks count as neighbours although they do not touch (a bridge, a ferry)."""
    return _linked(plan, a, b, "bridges", "barriers", remove)


def barrier(plan: Plan, a: str, b: str, *, remove: bool = False) -> Plan:
    """Let two blocks not count as neighbours although they touch (a railway, a motorway)."""
    return _linked(plan, a, b, "barriers", "bridges", remove)


def undo(plan: Plan) -> Plan:
    """Return the plan one step earlier; the same plan when there is none."""
    if not plan.moves:
        return plan
    refuse_adopted(plan)
    *earlier, last = plan.moves
    before = apply(plan, last, back=True)
    return replace(before, moves=tuple(earlier), undone=(*plan.undone, last))


def redo(plan: Plan) -> Plan:
    """Return the plan with the step last undone done again; the same plan when there is none."""
    if not plan.undone:
        return plan
    refuse_adopted(plan)
    *rest, last = plan.undone
    after = apply(plan, last)
    return replace(after, moves=(*plan.moves, last), undone=tuple(rest))


def _name(name: str) -> str:
    if not name.strip():
        raise SroError("area_name_empty")
    return name.strip()


def _parent(plan: Plan, level: str, parent_id: str | None) -> str | None:
    if parent_id is None:
        return None
    parent = plan.area(parent_id)
    if plan.levels.index(parent.level) >= plan.levels.index(level):
        raise SroError("area_parent_level", parent=parent.name)
    return parent_id


def _locks(
    plan: Plan, areas: Iterable[str], blocks: Blocks, shut: bool
) -> dict[str, frozenset[str]]:
    names = frozenset([areas] if isinstance(areas, str) else areas)
    for area_id in names:
        plan.code(area_id)
    ids = frozenset(plan.block_ids[plan.positions(blocks)].tolist())
    if shut:
        return {
            "locked_areas": plan.locked_areas | names,
            "locked_blocks": plan.locked_blocks | ids,
        }
    return {"locked_areas": plan.locked_areas - names, "locked_blocks": plan.locked_blocks - ids}


def _linked(plan: Plan, a: str, b: str, mark: str, other: str, remove: bool) -> Plan:
    plan.positions([a, b])
    if a == b:
        raise SroError("link_to_itself", block=a)
    pair = frozenset([(min(a, b), max(a, b))])
    held, opposite = getattr(plan, mark), getattr(plan, other)
    marks = {mark: held - pair} if remove else {mark: held | pair, other: opposite - pair}
    return step(plan, mark, marks=marks)
