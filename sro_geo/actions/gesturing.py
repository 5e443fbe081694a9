"""Gestures on stored variants in one call each: load, draw, save."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely

from sro_geo.actions.access import Actor
from sro_geo.actions.planning import save
from sro_geo.actions.planning_figures import ground_of, outlines_of
from sro_geo.actions.variants import load_plan
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import SroError
from sro_geo.exchange.assignments import read_block_ids
from sro_geo.plans import Plan, gestures, lines
from sro_geo.plans.figures import moved_blocks

UNASSIGNED = "-"


@dataclass(frozen=True)
class Drawn:
    """What a gesture did: ``left_out`` are blocks that stayed because of locks."""

    plan: Plan
    moved_blocks: int
    left_out: tuple[str, ...]


def draw(
    workspace: Workspace, plan: str, gesture: Callable[[Plan, Snapshot], Plan], *, actor: Actor
) -> Drawn:
    """Do one gesture on a variant and save it."""
    snapshot = workspace.snapshot()
    before = load_plan(snapshot, plan)
    after = gesture(before, snapshot)
    saved = save(workspace, before, after, actor=actor)
    return Drawn(saved, int(moved_blocks(before, after).sum()), after.left_out)


def move_blocks(
    workspace: Workspace,
    plan: str,
    area_id: str,
    *,
    actor: Actor,
    blocks: Iterable[str] = (),
    district: str | None = None,
    file: Path | None = None,
    repair: bool = False,
) -> Drawn:
    """Give blocks to an area (``-``: to none): by id, whole districts, or named in a file.

    Raises
    ------
    SroError
        ``block_unknown``, ``area_unknown``; ``InputRefused`` for the file.
    """
    to = None if area_id == UNASSIGNED else area_id

    def gesture(before: Plan, snapshot: Snapshot) -> Plan:
        if district is not None:
            return gestures.whole(before, snapshot.current.blocks_of([district]), to)
        named = list(blocks)
        if file is not None:
            held: gpd.GeoDataFrame = snapshot.tables["blocks"]
            named += read_block_ids(file, held, area_id, repair=repair)
        return gestures.paint(before, named, to, kind="move")

    return draw(workspace, plan, gesture, actor=actor)


@dataclass(frozen=True)
class Split:
    """A divided area: the new one is the part north or west of the line."""

    plan: Plan
    new_area_id: str
    moved_blocks: int
    left_out: tuple[str, ...]


def split_area(
    workspace: Workspace,
    plan: str,
    area_id: str,
    *,
    actor: Actor,
    line: shapely.Geometry | None = None,
    street: str | None = None,
    name: str | None = None,
    new_id: str | None = None,
) -> Split:
    """Divide an area of a variant along a line in metres, or along a named street.

    Raises
    ------
    SroError
        What ``sro_geo.plans.lines.split`` and ``along_street`` raise.
    """
    made = ""

    def gesture(before: Plan, snapshot: Snapshot) -> Plan:
        nonlocal made
        made = new_id or gestures.next_area_id(before)
        ground = ground_of(snapshot)
        along = line if street is None else street_line(snapshot, before, area_id, street)
        area = before.area(area_id)
        return lines.split(
            before,
            area_id,
            along,
            ground.geometry,
            new_id=made,
            name=name or f"{area.name} 2",
            points=ground.points,
        )

    done = draw(workspace, plan, gesture, actor=actor)
    return Split(done.plan, made, done.moved_blocks, done.left_out)


def street_line(snapshot: Snapshot, plan: Plan, area_id: str, street: str) -> shapely.Geometry:
    """Return a named street as a line through an area of a plan.

    Raises ``SroError``: ``street_unknown``, ``street_not_near``, ``area_unknown``.
    """
    plan.code(area_id)
    outline = outlines_of(snapshot, plan, [area_id]).get(area_id)
    if outline is None:
        raise SroError("street_not_near", street=street)
    streets: gpd.GeoDataFrame = snapshot.tables["streets"]
    return lines.along_street(streets, street, outline)
