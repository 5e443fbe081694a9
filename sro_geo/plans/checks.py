"""What is worth a warning while drawing, and what stands in the way of adoption.

Predicates bear plain names and return what is concerned. Warnings never block drawing;
adoption waits for every block to belong somewhere, for areas in one piece (a bridge
counts), and for areas that hold at least one block.
"""

from __future__ import annotations

import numpy as np

from sro_geo.errors import Finding
from sro_geo.plans.compactness import polsby_popper
from sro_geo.plans.edges import Edges, pieces
from sro_geo.plans.moves import PlanArea
from sro_geo.plans.plan import Plan


def unassigned_blocks(plan: Plan) -> np.ndarray:
    """Return positions of the blocks that belong to no area."""
    return np.flatnonzero(plan.codes < 0)


def empty_areas(plan: Plan) -> list[PlanArea]:
    """Return areas of the lowest level without a block."""
    blocks = np.bincount(plan.codes + 1, minlength=len(plan.areas) + 1)[1:]
    return [area for k, area in _standing(plan) if not blocks[k]]


def areas_in_pieces(plan: Plan, edges: Edges) -> list[tuple[PlanArea, int]]:
    """Return areas of more than one piece, and of how many; bridges and barriers count."""
    found = pieces(
        plan.codes,
        edges,
        area_count=len(plan.areas),
        bridges=plan.pairs(plan.bridges),
        barriers=plan.pairs(plan.barriers),
    )
    return [(area, int(found[k])) for k, area in _standing(plan) if found[k] > 1]


def uneven_areas(plan: Plan, persons: np.ndarray, tolerance: float) -> list[tuple[PlanArea, float]]:
    """Return areas that differ from the mean by more than ``tolerance`` (0.25: a quarter)."""
    standing = _standing(plan)
    sums = np.bincount(plan.codes + 1, persons, len(plan.areas) + 1)[1:]
    mean = np.mean([sums[k] for k, _ in standing]) if standing else 0.0
    if not mean > 0:
        return []
    away = {k: float(sums[k] / mean - 1) for k, _ in standing}
    return [(area, away[k]) for k, area in standing if abs(away[k]) > tolerance]


def ragged_areas(plan: Plan, edges: Edges, least: float) -> list[tuple[PlanArea, float]]:
    """Return areas less compact than ``least`` (Polsby-Popper)."""
    value = polsby_popper(plan.codes, edges, len(plan.areas))
    return [(area, float(value[k])) for k, area in _standing(plan) if value[k] < least]


def enclosed_areas(plan: Plan, edges: Edges) -> list[tuple[PlanArea, PlanArea]]:
    """Return areas that lie wholly inside one other area, and that one."""
    rim = np.bincount(plan.codes + 1, edges.exterior_m, len(plan.areas) + 1)[1:]
    start, end = plan.codes[edges.i], plan.codes[edges.j]
    cut = start != end
    both = np.unique(
        np.vstack([np.column_stack([start, end])[cut], np.column_stack([end, start])[cut]]), axis=0
    )
    found = []
    for k, area in _standing(plan):
        around = both[both[:, 0] == k, 1]
        if rim[k] == 0 and len(around) == 1 and around[0] >= 0:
            found.append((area, plan.areas[around[0]]))
    return found


def areas_without_parent(plan: Plan) -> list[PlanArea]:
    """Return areas of the lowest level that hang on no area above, where there are any."""
    known = {area.area_id for area in plan.standing_above}
    return [a for _, a in _standing(plan) if len(plan.levels) > 1 and a.parent_id not in known]


def adoption_blockers(plan: Plan, edges: Edges) -> list[Finding]:
    """Return what stands in the way of adoption, empty when nothing does."""
    found = []
    if count := len(unassigned_blocks(plan)):
        found.append(Finding("plans", plan.plan_id, "plan_blocks_unassigned", {"count": count}))
    for area, count in areas_in_pieces(plan, edges):
        params = {"name": area.name, "count": count}
        found.append(Finding("plans", area.area_id, "plan_area_in_pieces", params))
    for area in empty_areas(plan):
        params = {"name": area.name}
        found.append(Finding("plans", area.area_id, "plan_area_empty", params))
    return found


def warnings(
    plan: Plan,
    edges: Edges,
    *,
    persons: np.ndarray | None = None,
    tolerance: float = 0.25,
    compactness: float = 0.15,
) -> list[Finding]:
    """Return what is worth a look, the blockers of adoption first; nothing of it blocks drawing."""
    found = adoption_blockers(plan, edges)
    if persons is not None:
        for area, away in uneven_areas(plan, persons, tolerance):
            params = {"name": area.name, "percent": f"{100 * away:+.0f}".replace("-", "−")}
            found.append(Finding("plans", area.area_id, "plan_area_uneven", params))
    for area, _ in ragged_areas(plan, edges, compactness):
        params = {"name": area.name}
        found.append(Finding("plans", area.area_id, "plan_area_ragged", params))
    for area, around in enclosed_areas(plan, edges):
        params = {"name": area.name, "around": around.name}
        found.append(Finding("plans", area.area_id, "plan_area_enclosed", params))
    for area in areas_without_parent(plan):
        params = {"name": area.name}
        found.append(Finding("plans", area.area_id, "plan_area_without_parent", params))
    return found


def _standing(plan: Plan) -> list[tuple[int, PlanArea]]:
    return [(k, area) for k, area in enumerate(plan.areas) if area.area_id not in plan.gone]
