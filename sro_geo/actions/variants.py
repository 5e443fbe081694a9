"""Plans as the workspace keeps them: drafts as one document, adopted ones as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import AreaVersion, plan_in_force
from sro_geo.boundaries import block_set
from sro_geo.errors import SroError
from sro_geo.plans import Plan, marks_of, plan_of
from sro_geo.plans.document import Log, from_document

_BLOCKS = frozenset({"blocks"})
_DRAWN = frozenset({"blocks", "plan_areas", "assignments"})


def plan_row(snapshot: Snapshot, plan: str) -> dict[Any, Any]:
    """Return the row of a plan, asked for by its id or by a name that only one plan has.

    Raises ``SroError("plan_unknown")``; a withdrawn plan is found by its id alone.
    """
    plans = snapshot.tables["plans"]
    rows = plans[plans["plan_id"] == plan]
    if rows.empty:
        rows = plans[(plans["name"] == plan) & (plans["status"] != "withdrawn")]
    if len(rows) != 1:
        shown = plans[plans["status"] != "withdrawn"]["plan_id"]
        raise SroError("plan_unknown", plan=plan, known=", ".join(shown))
    return rows.iloc[0].to_dict()


def id_in_force(snapshot: Snapshot) -> str:
    """Return the id of the plan in force today; raises ``SroError("plan_none_in_force")``."""
    today = snapshot.today.isoformat()
    plan_id = plan_in_force(snapshot.tables["plans"], today)
    if plan_id is None:
        raise SroError("plan_none_in_force", date=today)
    return plan_id


def fingerprint_of(snapshot: Snapshot) -> str:
    """Return the fingerprint of the blocks as they are."""
    found: str = snapshot.kept("block_set", _BLOCKS, lambda s: block_set(s.tables["blocks"]))
    return found


def load_plan(snapshot: Snapshot, plan: str | None = None) -> Plan:
    """Return a plan, draft or adopted, by id or name (default: the one in force).

    Its log of moves is empty: steps back are taken by ``planning.undo``, which reads them
    when they are needed. The same object as long as nobody drew in it.

    Raises
    ------
    SroError
        ``plan_unknown``, ``plan_none_in_force``, ``plan_unreadable``, ``plan_other_blocks``.
    """
    return _loaded(snapshot, plan)[0]


def log_of(snapshot: Snapshot, plan_id: str) -> Log:
    """Return which steps of a variant's log hold; none for a plan that was never drawn in."""
    return _loaded(snapshot, plan_id)[1]


def steps_of(snapshot: Snapshot, plan_id: str) -> tuple[int, int]:
    """Return how many steps of a variant can be taken back, and done again."""
    rows = variant_row(snapshot, plan_id)
    return (0, 0) if rows is None else (int(rows["steps"]), len(log_of(snapshot, plan_id).redo))


def variant_row(snapshot: Snapshot, plan_id: str) -> dict[Any, Any] | None:
    """Return the stored row of a variant with its ``row_version``, None where it has none."""
    variants = snapshot.tables["variants"]
    rows = variants[variants["plan_id"] == plan_id]
    return None if rows.empty else rows.iloc[0].to_dict()


def version_of_variant(snapshot: Snapshot, plan_id: str) -> AreaVersion:
    """Return all areas of a plan that is still drawn; only outlines that changed are made."""
    from sro_geo.actions.planning_figures import outlines_of  # it builds on what is here

    plan, city = load_plan(snapshot, plan_id), snapshot.city
    blocks: gpd.GeoDataFrame = snapshot.tables["blocks"]
    columns: dict[str, object] = {}
    for level in city.levels:
        if level.tree == "plan":
            codes, members_of = plan.codes_at(level.level)
            ids = np.empty(len(members_of) + 1, object)  # the last, -1, stays None
            ids[:-1] = [area.area_id for area in members_of]
            columns[level.level] = ids[codes]
        else:
            told = blocks[f"{level.level}_id"].astype(object)
            columns[level.level] = told.where(told.notna(), None).to_numpy()
    members = pd.DataFrame(columns, pd.Index(plan.block_ids, name="block_id"), dtype="object")
    # Parallel levels do not depend on the plan: their outlines are those in force.
    beside = snapshot.current.areas
    rows = [
        beside[beside["level"] == level.level][
            ["area_id", "level", "name", "parent_id", "geometry"]
        ]
        for level in city.parallel_levels
    ]
    shapes = outlines_of(snapshot, plan)
    own = [
        (area.area_id, area.level, area.name, area.parent_id, shapes.get(area.area_id))
        for area in (*plan.standing_above, *plan.standing)
    ]
    names = ["area_id", "level", "name", "parent_id", "geometry"]
    every = [pd.DataFrame(own, columns=names, dtype=object), *(pd.DataFrame(r) for r in rows)]
    table = pd.concat([part.astype(object) for part in every if len(part)], ignore_index=True)
    table = table.assign(version=plan.plan_id, valid_from=None, valid_to=None)
    areas = gpd.GeoDataFrame(table, geometry="geometry", crs=city.crs)
    ground = snapshot.tables["basemap"]
    neighbours: gpd.GeoDataFrame = ground[ground["kind"] == "neighbour"]
    return AreaVersion(city, plan.plan_id, blocks, members, areas, neighbours)


def _loaded(snapshot: Snapshot, plan: str | None) -> tuple[Plan, Log]:
    row = plan_row(snapshot, id_in_force(snapshot) if plan is None else plan)
    plan_id = str(row["plan_id"])
    variant = variant_row(snapshot, plan_id)
    held: dict[str, Any] = snapshot.kept("plans", _DRAWN, lambda _: {})
    stamp = (row["row_version"], None if variant is None else variant["row_version"])
    if plan_id in held and held[plan_id][0] == stamp:
        kept: tuple[Plan, Log] = held[plan_id][1]
        return kept
    ids, index = _ids(snapshot)
    if row["status"] != "adopted":
        if variant is None:
            raise SroError("plan_unreadable", plan=str(row["name"]))
        found = from_document(variant["content"], row, ids, fingerprint_of(snapshot), index=index)
    else:
        found = _adopted(snapshot, row, variant, ids, index)
    held[plan_id] = (stamp, found)
    return found


def _adopted(
    snapshot: Snapshot,
    row: dict[Any, Any],
    variant: dict[Any, Any] | None,
    ids: np.ndarray,
    index: pd.Index,
) -> tuple[Plan, Log]:
    """Return an adopted plan from its tables, with the bridges it was adopted with."""
    t, have = snapshot.tables, fingerprint_of(snapshot)
    marks, log = {}, Log()
    if variant is not None:
        drawn, log = from_document(variant["content"], row, ids, have, index=index)
        marks = marks_of(drawn)
    plan = plan_of(
        snapshot.city,
        t["blocks"],
        row,
        t["plan_areas"],
        t["assignments"],
        fingerprint=have,
        marks=marks,
    )
    # All plans share one array of ids, so that two of them are compared at once.
    return replace(plan, block_ids=ids, index=index), log


def _ids(snapshot: Snapshot) -> tuple[np.ndarray, pd.Index]:
    def make(of: Snapshot) -> tuple[np.ndarray, pd.Index]:
        ids = of.tables["blocks"]["block_id"].to_numpy(object)
        return ids, pd.Index(ids, dtype=object)

    found: tuple[np.ndarray, pd.Index] = snapshot.kept("block_ids", _BLOCKS, make)
    return found
