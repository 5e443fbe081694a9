"""Steps: how one plan becomes the next, forward and back, and the log that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sro_geo.errors import SroError
from sro_geo.plans.moves import Move, PlanArea
from sro_geo.plans.plan import UNASSIGNED, Plan


def step(
    plan: Plan,
    kind: str,
    *,
    codes: np.ndarray | None = None,
    new: Sequence[PlanArea] = (),
    changed: Sequence[PlanArea] = (),
    gone: Iterable[str] = (),
    marks: Mapping[str, frozenset[Any]] | None = None,
) -> Plan:
    """Return the plan one gesture further; the one way in which plans change.

    Parameters
    ----------
    kind
        Name of the gesture, kept in the log.
    codes
        Wanted area of each block, positions in ``areas`` followed by the ``new`` ones of
        the lowest level. Locked blocks, and blocks that would enter a locked area, keep
        theirs and are named in ``left_out``.
    new, changed
        Areas of any level to add, and to put in the place of those with the same id.
    gone
        Areas to take away; one that is locked, or keeps blocks because of locks, stays.
    marks
        New value by name: ``locked_areas``, ``locked_blocks``, ``bridges``, ``barriers``.

    Returns
    -------
    The same drawing with an empty ``left_out`` when nothing changes: no empty steps.
    """
    refuse_adopted(plan)
    for area in new:
        if any(area.area_id == a.area_id for a in (*plan.areas, *plan.above)):
            raise SroError("area_exists", area=area.area_id)
    after, left_out = _respecting_locks(plan, codes)
    names = [*(a.area_id for a in plan.areas), *(a.area_id for a in new if a.level == plan.level)]
    empty = set(names) - {names[c] for c in np.flatnonzero(np.bincount(after + 1, minlength=1)[1:])}
    before = {a.area_id: a for a in (*plan.areas, *plan.above)}
    leaving = [
        before[i]
        for i in gone
        # A locked area is held, with blocks or without.
        if i not in plan.locked_areas and (before[i].level != plan.level or i in empty)
    ]
    sets = []
    for mark, value in (marks or {}).items():
        old = getattr(plan, mark)
        if value != old:
            sets.append((mark, tuple(sorted(value - old)), tuple(sorted(old - value))))
    move = Move(
        kind,
        blocks=_groups(plan, after, names),
        areas=(
            *((None, area) for area in new),
            *((before[a.area_id], a) for a in changed if before[a.area_id] != a),
        ),
        gone=tuple(leaving),
        marks=tuple(sets),
    )
    if move.empty:
        return replace(plan, left_out=left_out)
    further = apply(plan, move)
    return replace(further, moves=(*plan.moves, move), undone=(), left_out=left_out)


def refuse_adopted(plan: Plan) -> None:
    """Raise ``SroError("plan_adopted")`` for a plan that is in force or was."""
    if plan.status == "adopted":
        raise SroError("plan_adopted", plan=plan.name)


def _respecting_locks(plan: Plan, codes: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...]]:
    if codes is None:
        return plan.codes, ()
    wanted = np.asarray(codes, np.int32)
    changed = wanted != plan.codes
    stay = changed & plan.locked()
    for code, area in enumerate(plan.areas):
        if area.area_id in plan.locked_areas:
            stay |= changed & (wanted == code)
    if not stay.any():
        return wanted, ()
    return np.where(stay, plan.codes, wanted), tuple(plan.block_ids[stay])


def _groups(
    plan: Plan, after: np.ndarray, names: list[str]
) -> tuple[tuple[str | None, str | None, tuple[str, ...]], ...]:
    """Return the changed blocks by the area they leave and the area they enter."""
    at = np.flatnonzero(after != plan.codes)
    if not at.size:
        return ()
    label = [*names, None]  # -1 is the last
    span = len(label)
    key = (plan.codes[at].astype(np.int64) + 1) * (span + 1) + after[at] + 1
    out = []
    for one in np.unique(key):
        blocks = at[key == one]
        start, end = divmod(int(one), span + 1)
        out.append((label[start - 1], label[end - 1], tuple(plan.block_ids[blocks].tolist())))
    return tuple(out)


def apply(plan: Plan, move: Move, *, back: bool = False) -> Plan:
    """Return the drawing after a move, or before it; the log is left as it is.

    Raises
    ------
    SroError
        ``move_does_not_fit`` when the move was made on another drawing.
    """
    lowest, above = list(plan.areas), list(plan.above)
    gone, codes = set(plan.gone), plan.codes.copy()
    places = {a.area_id: (tier, k) for tier in (lowest, above) for k, a in enumerate(tier)}

    def fits(condition: bool) -> None:
        if not condition:
            raise SroError("move_does_not_fit", plan=plan.name)

    def put(before: PlanArea | None, after: PlanArea | None) -> None:
        area = after or before
        assert area is not None
        tier = lowest if area.level == plan.level else above
        held = places.get(area.area_id)
        if before is None:
            fits(held is None)
            places[area.area_id] = (tier, len(tier))
            tier.append(area)
        else:
            fits(held is not None and held[0] is tier and tier[held[1]] == before)
            assert held is not None
            if after is not None:
                tier[held[1]] = after
            else:
                fits(held[1] == len(tier) - 1)
                fits(tier is above or not (codes == held[1]).any())
                tier.pop()
                del places[area.area_id]

    def leave(areas: Iterable[PlanArea]) -> None:
        for area in areas:
            fits(area.area_id in places and area.area_id not in gone)
            gone.add(area.area_id)

    def settle() -> None:
        code = {a.area_id: k for k, a in enumerate(lowest)} | {None: UNASSIGNED}
        for start, end, blocks in move.blocks:
            origin, target = (end, start) if back else (start, end)
            fits(origin in code and target in code and target not in gone)
            at = plan.positions(blocks)
            fits(bool((codes[at] == code[origin]).all()))
            codes[at] = code[target]

    if back:
        for area in reversed(move.gone):
            fits(area.area_id in gone)
            gone.discard(area.area_id)
        settle()
        for old, now in reversed(move.areas):
            put(now, old)
    else:
        for old, now in move.areas:
            put(old, now)
        settle()
        leave(move.gone)
    values: dict[str, Any] = {}
    for mark, added, removed in move.marks:
        value = values.get(mark, getattr(plan, mark))
        come, go = (removed, added) if back else (added, removed)
        fits(value.isdisjoint(come) and value.issuperset(go))
        values[mark] = (value - frozenset(go)) | frozenset(come)
    return replace(
        plan,
        areas=tuple(lowest),
        above=tuple(above),
        gone=frozenset(gone),
        codes=codes,
        left_out=(),
        **values,
    )


def replay(base: Plan, moves: Iterable[Move]) -> Plan:
    """Return the plan that follows from ``base`` by moves of its log."""
    plan = base
    for move in moves:
        plan = replace(apply(plan, move), moves=(*plan.moves, move), undone=())
    return plan
