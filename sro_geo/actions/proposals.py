"""Plans the software proposes: evened out, or one area divided; each a variant like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely

from sro_geo.actions.access import DRAW, Actor, authorise
from sro_geo.actions.planning import new_plan, save
from sro_geo.actions.planning_figures import ground_of, persons_known
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.plans import Plan, PlanArea, step
from sro_geo.plans.balancing import balance
from sro_geo.plans.gestures import next_area_id
from sro_geo.plans.seeding import seed_partition

Progress = Callable[[float, float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Proposal:
    """A proposal as a drawing that is not saved yet, and how it stands.

    ``ended`` is ``reached``, ``stuck`` or ``cancelled``; ``deviation`` the largest relative
    distance from the mean; ``moved_persons`` and ``moved_blocks`` count against the plan it
    starts from; compactness is the mean Polsby-Popper of the areas that may change.
    """

    before: Plan
    after: Plan
    deviation: float
    moved_persons: float
    moved_blocks: int
    compactness_before: float
    compactness: float
    ended: str


def propose_balance(
    snapshot: Snapshot,
    plan: str | Plan | None,
    by: Mapping[str, float] | Iterable[str],
    *,
    only: Iterable[str] = (),
    tolerance: float = 0.05,
    perimeter_weight: float = 1.0,
    cost_weight: float = 1.0,
    extra: Mapping[str, np.ndarray] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Proposal:
    """Return a plan with borders shifted until its areas are even, changing little.

    Parameters
    ----------
    by
        Columns to even out (``population``, ``under_18``, an age band, ``offers`` …), with
        weights where they count differently.
    only
        Areas among which it is evened out; all others stay as they are. Locks hold too.
    extra
        Further columns per block, e.g. estimated cases or the workload of teams.
    progress, stop
        As in :func:`sro_geo.plans.balancing.balance`.

    Raises
    ------
    SroError
        ``column_unknown``, ``no_population``, ``area_unknown``, ``balance_areas``,
        ``balance_nothing``, ``balance_settings``.
    """
    before = plan if isinstance(plan, Plan) else load_plan(snapshot, plan)
    weights = dict(by) if isinstance(by, Mapping) else dict.fromkeys(by, 1.0)
    own = dict(extra or {})
    columns = {c: own[c] if c in own else persons_known(snapshot, c) for c in weights}
    ground = ground_of(snapshot)
    wanted = {before.code(area) for area in only}
    shut = [
        k
        for k, area in enumerate(before.areas)
        if area.area_id in before.locked_areas or (wanted and k not in wanted)
    ]
    locked = np.zeros(len(before.codes), bool)
    locked[before.positions(before.locked_blocks)] = True
    found = balance(
        before.codes,
        ground.edges,
        columns,
        weights=weights,
        persons=_persons(snapshot),
        points=_middles(ground.points),
        locked_blocks=locked,
        locked_areas=np.array(shut, np.int64),
        bridges=_pairs(before.pairs(before.bridges)),
        barriers=_pairs(before.pairs(before.barriers)),
        tolerance=tolerance,
        perimeter_weight=perimeter_weight,
        cost_weight=cost_weight,
        progress=progress,
        stop=stop,
    )
    after = step(_open(before), "balance", codes=found.codes)
    return Proposal(
        before,
        after,
        found.deviation,
        found.moved_persons,
        found.moved_blocks,
        found.compactness_before,
        found.compactness,
        found.ended,
    )


def propose_division(
    snapshot: Snapshot,
    plan: str | Plan | None,
    area_id: str,
    count: int,
    by: Mapping[str, float] | Iterable[str],
    *,
    tolerance: float = 0.05,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Proposal:
    """Return a plan in which one area is divided into ``count`` even ones.

    The part with most of its people keeps id and name; the others are new.

    Raises
    ------
    SroError
        ``seed_count``, ``area_locked``, and what :func:`propose_balance` raises.
    """
    before = plan if isinstance(plan, Plan) else load_plan(snapshot, plan)
    area = before.area(area_id)
    own = before.codes == before.code(area_id)
    if (before.locked() & own).any():
        raise SroError("area_locked", area=area.name)
    weights = dict(by) if isinstance(by, Mapping) else dict.fromkeys(by, 1.0)
    columns = {c: persons_known(snapshot, c) for c in weights}
    ground = ground_of(snapshot)
    found = seed_partition(
        ground.edges,
        _middles(ground.points),
        columns,
        count,
        among=own,
        weights=weights,
        bridges=_pairs(before.pairs(before.bridges)),
        barriers=_pairs(before.pairs(before.barriers)),
        tolerance=tolerance,
        progress=progress,
        stop=stop,
    )
    people = _persons(snapshot)
    size = ground.edges.size_m2 if people is None else people
    totals = np.bincount(found.codes[own], size[own], count)
    order = np.argsort(-totals, kind="stable")
    drawing = _open(before)
    new: list[PlanArea] = []
    codes = before.codes.copy()
    for number, part in enumerate(order[1:], 2):
        made = next_area_id(replace(drawing, areas=(*drawing.areas, *new)))
        name = f"{area.name} {number}"
        new.append(PlanArea(made, before.level, name, area.parent_id))
        codes[found.codes == part] = len(before.areas) + len(new) - 1
    links = {
        tuple(sorted((str(before.block_ids[a]), str(before.block_ids[b]))))
        for a, b in found.bridges
    }
    bridges = frozenset((a, b) for a, b in links) | before.bridges
    after = step(drawing, "divide", codes=codes, new=new, marks={"bridges": bridges})
    moved = after.codes != before.codes
    return Proposal(
        before,
        after,
        found.deviation,
        float("nan") if people is None else float(people[moved].sum()),
        int(moved.sum()),
        float("nan"),
        found.compactness,
        found.ended,
    )


def keep_proposal(workspace: Workspace, proposal: Proposal, name: str, *, actor: Actor) -> str:
    """Save a proposal as a variant of the plan it starts from, and return its id.

    It is one step in the variant, so that it can be taken back like a gesture.
    """
    authorise(actor, DRAW)
    reason = f"{proposal.ended}, {proposal.deviation:.3f}"
    plan_id = new_plan(workspace, name, proposal.before, actor=actor, reason=reason)
    start = load_plan(workspace.snapshot(), plan_id)
    further = proposal.after.moves[len(proposal.before.moves) :]
    after = replace(
        proposal.after,
        plan_id=plan_id,
        name=start.name,
        status=start.status,
        parent_plan_id=start.parent_plan_id,
        moves=further,
        undone=(),
    )
    save(workspace, start, after, actor=actor)
    return plan_id


def _open(plan: Plan) -> Plan:
    """Return a plan that may be drawn in: a proposal never changes the one it starts from."""
    return replace(plan, status="draft")


def _persons(snapshot: Snapshot) -> np.ndarray | None:
    try:
        return persons_known(snapshot, "population")
    except SroError:
        return None


def _middles(points: np.ndarray) -> np.ndarray:
    found: np.ndarray = shapely.get_coordinates(points)
    return found


def _pairs(pairs: np.ndarray) -> tuple[tuple[int, int], ...]:
    return tuple((int(a), int(b)) for a, b in pairs)
