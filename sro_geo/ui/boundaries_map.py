"""The drawing as the editor shows it: spaces with number and colour, what moved, what is held."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit.components.v1 as components

from sro_geo.actions.planning_figures import ground_of
from sro_geo.actions.workspace import Snapshot
from sro_geo.cartography.palette import SPACES
from sro_geo.maps.assets import leaflet_folder, publish
from sro_geo.maps.block_shapes import BlockShapes, publish_blocks, publish_drawing
from sro_geo.maps.ground import Ground, publish_ground
from sro_geo.plans import Plan
from sro_geo.settings import Settings
from sro_geo.ui import session
from sro_geo.ui.boundary_editor import Addresses, Drawing, Space, editor_script, sum_of
from sro_geo.ui.map_view import served_folder

_GONE = 30_000
_LEAFLET, _SERVED = "leaflet", "served"
_BLOCKS = frozenset({"blocks"})
_GROUND = frozenset({"blocks", "plans", "plan_areas", "assignments", "areas", "basemap", "streets"})


def published(snapshot: Snapshot, settings: Settings) -> tuple[BlockShapes, Addresses]:
    """Publish what the editor needs, once for each state of blocks and ground."""
    folder = served_folder(settings.workspace, settings.read_only)
    components.declare_component(_LEAFLET, path=leaflet_folder())
    components.declare_component(_SERVED, path=folder)
    shapes: dict[str, BlockShapes] = snapshot.kept("editor_blocks", _BLOCKS, lambda _: {})
    key = str(folder)
    if key not in shapes or not (folder / shapes[key].file).is_file():
        blocks = snapshot.tables["blocks"]
        points = ground_of(snapshot).points
        shapes[key] = publish_blocks(folder, blocks, points, _districts(snapshot))
    grounds: dict[str, Ground] = snapshot.kept("editor_ground", _GROUND, lambda _: {})
    if key not in grounds or not (folder / grounds[key].file).is_file():
        grounds[key] = publish_ground(
            folder,
            city=snapshot.city,
            areas=snapshot.current.areas,
            basemap=snapshot.tables["basemap"],
            streets=snapshot.tables["streets"],
        )
    drawing, style, editor = _scripts(folder)
    if not all((folder / name).is_file() for name in (drawing, style, editor)):
        _scripts.cache_clear()
        drawing, style, editor = _scripts(folder)
    served, leaflet = (f"component/{__name__}.{name}" for name in (_SERVED, _LEAFLET))
    return shapes[key], Addresses(
        editor=f"{served}/{editor}",
        drawing=f"{served}/{drawing}",
        leaflet=f"{leaflet}/leaflet-src.esm.js",
        blocks=f"{served}/{shapes[key].file}",
        ground=f"{served}/{grounds[key].file}",
        styles=(f"{leaflet}/leaflet.css", f"{served}/{style}"),
    )


@lru_cache(maxsize=8)
def _scripts(folder: Path) -> tuple[str, str, str]:
    drawing, style = publish_drawing(folder)
    return drawing, style, publish(folder, "boundary_editor.js", editor_script())


def district_level(snapshot: Snapshot) -> str | None:
    """Return the parallel level whose areas can be given as a whole, None without any."""
    columns = snapshot.tables["blocks"].columns
    levels = [level.level for level in snapshot.city.parallel_levels]
    return next((level for level in levels if f"{level}_id" in columns), None)


def districts_of_blocks(snapshot: Snapshot) -> list[str | None] | None:
    """Return for each block its area of that level, None where there is no such level."""
    return _districts(snapshot)


def _districts(snapshot: Snapshot) -> list[str | None] | None:
    level = district_level(snapshot)
    if level is None:
        return None
    return [d if isinstance(d, str) else None for d in snapshot.tables["blocks"][f"{level}_id"]]


def numbers(plan: Plan) -> dict[str, int]:
    """Return the number of each standing space: its mark on the map and its key."""
    return {area.area_id: k for k, area in enumerate(plan.standing, 1)}


def spaces(plan: Plan, population: Mapping[str, float]) -> list[Space]:
    """Return the spaces of a plan for the map; ``population`` is by area id."""
    mark, above = numbers(plan), {a.area_id: k for k, a in enumerate(plan.above)}
    found = []
    for code, area in enumerate(plan.areas):
        if area.area_id in plan.gone:
            continue
        people = population.get(area.area_id, math.nan)
        said = session.tr("boundaries.caption", persons=session.number(people))
        found.append(
            Space(
                code,
                area.area_id,
                mark[area.area_id],
                area.name,
                SPACES[code % len(SPACES)],
                said if math.isfinite(people) else "",
                area.area_id in plan.locked_areas,
                above.get(area.parent_id or "", -1),
            )
        )
    return found


def codes_of(base: Plan, plan: Plan) -> np.ndarray | None:
    """Return the codes of ``base`` as ``plan`` counts them, None for other blocks."""
    if base.block_set != plan.block_set or len(base.codes) != len(plan.codes):
        return None
    place = {area.area_id: code for code, area in enumerate(plan.areas)}
    lut = np.array([place.get(a.area_id, _GONE) for a in base.areas] + [-1], np.int32)
    found: np.ndarray = lut[base.codes]
    return found


def drawing_of(
    plan: Plan,
    population: Mapping[str, float],
    *,
    base: Plan | None = None,
    held: int | None = None,
    editable: bool = False,
    ack: int = 0,
    steps: tuple[int, int] = (0, 0),
    aim: str = "",
) -> Drawing:
    """Return a plan as the editor shows it, compared with ``base``.

    ``held`` is the sum of the codes the browser holds: where they agree none are sent.
    """
    total = sum_of(plan.codes)
    locked = np.zeros(len(plan.codes), np.int32)
    if plan.locked_blocks:
        locked[plan.positions(plan.locked_blocks)] = 1
    return Drawing(
        plan=plan.plan_id,
        spaces=spaces(plan, population),
        codes=None if held == total else plan.codes,
        version=f"{plan.plan_id}:{total}",
        fresh=SPACES[len(plan.areas) % len(SPACES)],
        old=None if base is None else codes_of(base, plan),
        held=locked,
        editable=editable,
        ack=ack,
        undo=steps[0] > 0,
        redo=steps[1] > 0,
        aim=aim,
    )
