"""Plans in and out as files: CSV of ids, GeoJSON, GeoPackage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.access import IMPORT, READ, Actor, authorise
from sro_geo.actions.exporting import sample_note
from sro_geo.actions.planning import new_plan
from sro_geo.actions.planning_figures import outlines_of, plan_or_saved
from sro_geo.actions.variants import fingerprint_of, load_plan
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.exchange.assignments import FORMATS, Assignment, read_assignment, write_assignment
from sro_geo.exchange.write import replace_file
from sro_geo.plans import UNASSIGNED, Plan, PlanArea
from sro_geo.plans.figures import moved_blocks


@dataclass(frozen=True)
class ImportedPlan:
    """A plan read from a file: the new variant (None: only looked at), and what was noted."""

    plan_id: str | None
    plan: Plan
    moved_blocks: int
    notes: tuple[Fault, ...]


def read_plan(
    snapshot: Snapshot,
    source: Path | bytes,
    *,
    name: str | None = None,
    repair: bool = False,
    base: str | None = None,
) -> tuple[Plan, Assignment]:
    """Return the drawing a file holds, on the areas of ``base`` (default: in force).

    Areas the base has keep their name and parent unless the file says another; those the
    file does not name are gone. A new area hangs where most of its blocks come from.

    Raises
    ------
    InputRefused
        With every fault: another block version, unknown or doubled blocks, lost zeros
        (unless ``repair`` consents), parents that do not exist.
    """
    start = load_plan(snapshot, base)
    blocks: gpd.GeoDataFrame = snapshot.tables["blocks"]
    found = read_assignment(
        source,
        snapshot.city,
        blocks,
        fingerprint_of(snapshot),
        known_areas=[area.area_id for area in (*start.areas, *start.above)],
        name=name,
        repair=repair,
    )
    above = {area.area_id for area in start.standing_above}
    wrong = {
        parent: area for area, parent in found.parents.items() if above and parent not in above
    }
    if wrong:
        faults = [
            Fault("assignment_parent_unknown", found.file, None, "parent_id", {"value": parent})
            for parent in sorted(wrong)
        ]
        raise InputRefused(found.file, faults)
    held = {area.area_id: area for area in start.standing}
    named = [area for area in pd.unique(found.area_ids) if area is not None]
    place = {area: k for k, area in enumerate(sorted(named, key=_order(held)))}
    codes = np.array([place.get(a, UNASSIGNED) for a in found.area_ids], np.int32)
    areas = tuple(_area(area, found, held, start, codes == k) for area, k in place.items())
    plan = replace(
        start,
        status="draft",
        areas=areas,
        above=start.standing_above,
        gone=frozenset(),
        codes=codes,
        locked_areas=frozenset(),
        locked_blocks=frozenset(),
        moves=(),
        undone=(),
    )
    return plan, found


def import_plan(
    workspace: Workspace,
    source: Path | bytes,
    name: str,
    *,
    actor: Actor,
    file_name: str | None = None,
    repair: bool = False,
    dry_run: bool = False,
) -> ImportedPlan:
    """Take a file in as a new variant of the plan in force; see :func:`read_plan`."""
    authorise(actor, IMPORT)
    snapshot = workspace.snapshot()
    plan, found = read_plan(snapshot, source, name=file_name, repair=repair)
    moved = int(moved_blocks(load_plan(snapshot), plan).sum())
    if dry_run:
        return ImportedPlan(None, plan, moved, found.faults)
    plan_id = new_plan(workspace, name, plan, actor=actor, reason=found.file)
    return ImportedPlan(plan_id, load_plan(workspace.snapshot(), plan_id), moved, found.faults)


def export_plan(snapshot: Snapshot, plan: str | Plan | None, file: Path, *, actor: Actor) -> int:
    """Write a plan to a file (format by its ending) and return the number of blocks.

    Raises
    ------
    SroError
        ``plan_unknown``, ``format_unknown``, ``file_not_writable``.
    """
    authorise(actor, READ)
    ending = file.suffix.lower().lstrip(".")
    data = plan_as_bytes(snapshot, plan, ending)
    replace_file(file, data)
    return len(snapshot.tables["blocks"])


def plan_as_bytes(snapshot: Snapshot, plan: str | Plan | None, ending: str) -> bytes:
    """Return a plan, saved or not, as the bytes of a csv, geojson or gpkg file."""
    if ending not in FORMATS:
        raise SroError("format_unknown", format=ending, known=", ".join(FORMATS))
    drawn = plan_or_saved(snapshot, plan)
    blocks: gpd.GeoDataFrame = snapshot.tables["blocks"]
    ids = drawn.area_ids_of_blocks()
    known = {area.area_id: area for area in drawn.areas}
    table = gpd.GeoDataFrame(
        {
            "block_id": drawn.block_ids,
            "area_id": ids,
            "area_name": [known[a].name if a is not None else None for a in ids],
            "parent_id": [known[a].parent_id if a is not None else None for a in ids],
            "block_set": drawn.block_set,
        },
        geometry=blocks.geometry.to_numpy(),
        crs=snapshot.city.crs,
    )
    buffer = BytesIO()
    areas = _areas_layer(snapshot, drawn)
    write_assignment(table, areas, buffer, format=ending, note=sample_note(snapshot))
    return buffer.getvalue()


def _areas_layer(snapshot: Snapshot, plan: Plan) -> gpd.GeoDataFrame:
    shapes = outlines_of(snapshot, plan)
    rows = [
        {
            "area_id": area.area_id,
            "level": area.level,
            "name": area.name,
            "parent_id": area.parent_id,
            "geometry": shapely.multipolygons(shapely.get_parts(shapes[area.area_id])),
        }
        for area in (*plan.standing_above, *plan.standing)
        if area.area_id in shapes
    ]
    names = ["area_id", "level", "name", "parent_id", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), crs=snapshot.city.crs)


def _order(held: dict[str, PlanArea]) -> Callable[[str], tuple[int, str]]:
    place = {area: k for k, area in enumerate(held)}
    return lambda area: (place.get(area, len(place)), area)


def _area(
    area_id: str, found: Assignment, held: dict[str, PlanArea], start: Plan, own: np.ndarray
) -> PlanArea:
    before = held.get(area_id)
    name = found.names.get(area_id) or (before.name if before else area_id)
    parent = found.parents.get(area_id)
    if parent is None and before is not None:
        parent = before.parent_id
    if parent is None:
        came = Counter(c for c in start.codes[own].tolist() if c >= 0)
        parent = start.areas[came.most_common(1)[0][0]].parent_id if came else None
    return PlanArea(area_id, start.level, name, parent)
