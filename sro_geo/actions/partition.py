"""What an import of areas or blocks makes of the plan, the blocks and the derived areas.

Pure: tables in, tables out. A changed assignment never edits an adopted plan; it is a new
plan that follows the old one, so that figures of the past keep their areas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import assign_points, derive_areas, membership, plan_in_force
from sro_geo.boundaries import block_set
from sro_geo.city import City
from sro_geo.errors import Fault
from sro_geo.tables import TABLES, conform


@dataclass(frozen=True)
class Partition:
    """The tables to replace as a whole."""

    tables: Mapping[str, pd.DataFrame]


def with_areas(
    snapshot: Snapshot, areas: pd.DataFrame, file: str
) -> tuple[Partition | None, list[Fault]]:
    """Return the tables after an import of areas, with or without geometry.

    Without geometry: names and parents. With geometry and no blocks yet: the areas of the
    lowest level become the blocks. With blocks: each block goes to the area its interior
    point lies in; blocks that lie in none are faults.
    """
    city = snapshot.city
    plan_levels = [level.level for level in city.plan_levels]
    own = areas[areas["level"].isin(plan_levels)]
    parallel = areas[~areas["level"].isin(plan_levels)]
    blocks: gpd.GeoDataFrame = snapshot.tables["blocks"]
    drawn = "geometry" in areas and bool(areas["geometry"].notna().any())
    plan_id = plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat())
    held = snapshot.tables["plan_areas"]
    plan_areas = _merged(held[held["plan_id"] == plan_id], own, "area_id")
    plan_areas = _with_top(city, plan_areas)
    parallel_areas = _merged(snapshot.tables["parallel_areas"], parallel, "area_id")
    assigned = snapshot.tables["assignments"]
    assigned = assigned[assigned["plan_id"] == plan_id]
    if not drawn:
        return _assembled(
            snapshot, blocks, plan_areas, parallel_areas, assigned, plan_id, False
        ), []
    lowest = own[own["level"] == city.lowest.level]
    if blocks.empty:
        if lowest.empty:
            params = {"level": city.lowest.level}
            return None, [Fault("areas_need_lowest_level", file, params=params)]
        shapes = gpd.GeoDataFrame(
            {"block_id": lowest["area_id"].to_numpy(), "name": lowest["name"].to_numpy()},
            geometry=lowest["geometry"].to_numpy(),
            crs=city.crs,
        )
        shapes["area_km2"] = shapes.area / 1e6
        assigned = pd.DataFrame({"block_id": shapes["block_id"], "area_id": shapes["block_id"]})
        blocks = conform(TABLES["blocks"], shapes, extra=_columns(city))
        result = _assembled(snapshot, blocks, plan_areas, parallel_areas, assigned, plan_id, True)
        return result, []
    spots = shapely.point_on_surface(blocks.geometry.to_numpy())
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    faults: list[Fault] = []
    redrawn = False
    blocks = blocks.copy()
    for level, rows in areas[areas["geometry"].notna()].groupby("level", sort=False):
        found = assign_points(rows["geometry"].to_numpy(), x, y)
        for block in blocks["block_id"].to_numpy()[found < 0][:200]:
            params = {"block": block, "level": str(level)}
            faults.append(Fault("block_in_no_area", file, params=params))
        ids = rows["area_id"].to_numpy(object)[np.maximum(found, 0)]
        if level == city.lowest.level:
            assigned = pd.DataFrame({"block_id": blocks["block_id"], "area_id": ids})
            redrawn = True
        elif level not in plan_levels:
            blocks[f"{level}_id"] = ids
    result = _assembled(snapshot, blocks, plan_areas, parallel_areas, assigned, plan_id, redrawn)
    return result, faults


def with_blocks(
    snapshot: Snapshot, blocks: gpd.GeoDataFrame, file: str
) -> tuple[Partition | None, list[Fault]]:
    """Return the tables after an import of blocks: the block set is replaced as a whole.

    A column ``<lowest level>_id`` assigns them; without it each block goes to the area of
    the plan in force that its interior point lies in.
    """
    city = snapshot.city
    faults: list[Fault] = []
    population = snapshot.tables["population"]
    on_blocks = set(population.loc[population["place_kind"] == "block", "place_id"])
    for gone in sorted(on_blocks - set(blocks["block_id"]))[:200]:
        faults.append(Fault("block_in_use", file, params={"block": gone}))
    plan_id = plan_in_force(snapshot.tables["plans"], snapshot.today.isoformat())
    held = snapshot.tables["plan_areas"]
    plan_areas = held[held["plan_id"] == plan_id]
    column = f"{city.lowest.level}_id"
    if column in blocks and blocks[column].notna().any():
        ids = blocks[column].to_numpy(object)
    elif plan_id is not None and not snapshot.empty:
        spots = shapely.point_on_surface(blocks.geometry.to_numpy())
        drawn = snapshot.current.of_level(city.lowest.level)
        drawn = drawn[drawn.geometry.notna()]
        found = assign_points(drawn.geometry.to_numpy(), shapely.get_x(spots), shapely.get_y(spots))
        ids = np.where(found >= 0, drawn["area_id"].to_numpy(object)[np.maximum(found, 0)], None)
    else:
        ids = np.full(len(blocks), None, object)
    assigned = pd.DataFrame({"block_id": blocks["block_id"], "area_id": ids})
    for row in assigned[assigned["area_id"].isna()].head(200).itertuples(index=False):
        params = {"block": row.block_id, "level": city.lowest.level}
        faults.append(Fault("block_in_no_area", file, params=params))
    known = set(plan_areas["area_id"])
    new = [a for a in pd.unique(assigned["area_id"].dropna()) if a not in known]
    rows = pd.DataFrame({"area_id": new, "level": city.lowest.level, "name": new})
    plan_areas = _with_top(city, _merged(plan_areas, rows, "area_id"))
    parallel = snapshot.tables["parallel_areas"]
    for level in city.parallel_levels:
        values = blocks.get(f"{level.level}_id", pd.Series(dtype=object)).dropna()
        unknown = [a for a in pd.unique(values) if a not in set(parallel["area_id"])]
        rows = pd.DataFrame({"area_id": unknown, "level": level.level, "name": unknown})
        parallel = _merged(parallel, rows, "area_id")
    kept = conform(TABLES["blocks"], blocks, extra=_columns(city))
    return _assembled(snapshot, kept, plan_areas, parallel, assigned, plan_id, True), faults


def _columns(city: City) -> list[str]:
    return [f"{level.level}_id" for level in city.parallel_levels]


def _merged(held: pd.DataFrame, new: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of ``held`` with those of ``new`` added or put in their place."""
    columns = ["area_id", "level", "name", "parent_id"]
    old = held[columns]
    fresh = new.reindex(columns=columns)
    both = pd.concat([old[~old[key].isin(fresh[key])], fresh], ignore_index=True)
    return both.astype("object").where(both.notna(), None)


def _with_top(city: City, plan_areas: pd.DataFrame) -> pd.DataFrame:
    """Give every area a way up: the city itself exists, and orphans hang on it."""
    levels = [level.level for level in city.plan_levels]
    top = levels[0]
    table = plan_areas
    if not (table["level"] == top).any():
        name = city.names.get("de") or city.city_id
        row: dict[str, Any] = {"area_id": city.city_id, "level": top, "name": name}
        table = pd.concat([pd.DataFrame([row]), table], ignore_index=True)
    tops = table.loc[table["level"] == top, "area_id"]
    orphan = table["parent_id"].isna() & (table["level"] != top)
    if len(tops) == 1:
        table = table.assign(parent_id=table["parent_id"].mask(orphan, tops.iloc[0]))
    return table.astype("object").where(table.notna(), None)


def _assembled(
    snapshot: Snapshot,
    blocks: gpd.GeoDataFrame,
    plan_areas: pd.DataFrame,
    parallel_areas: pd.DataFrame,
    assigned: pd.DataFrame,
    plan_id: str | None,
    redrawn: bool,
) -> Partition:
    """Put the tables together; a redrawn plan gets a new id and ends the one before it."""
    city, today = snapshot.city, snapshot.today.isoformat()
    plans = snapshot.tables["plans"].drop(columns="row_version", errors="ignore")
    had_blocks = (snapshot.tables["assignments"]["plan_id"] == plan_id).any()
    fresh = plan_id is None or (redrawn and had_blocks)
    new_id = f"plan-{len(plans) + 1}" if fresh else plan_id
    assert new_id is not None
    fingerprint = block_set(blocks) if len(blocks) else "none"
    if fresh:
        ended = plans.assign(valid_to=plans["valid_to"].mask(plans["plan_id"] == plan_id, today))
        row = {
            "plan_id": new_id,
            "name": f"{city.names.get('de', city.city_id)} {len(plans) + 1}",
            "status": "adopted",
            "parent_plan_id": plan_id,
            "block_set": fingerprint,
            "valid_from": today if plan_id is not None else None,
            "author": "import",
        }
        plans = pd.concat([ended, pd.DataFrame([row])], ignore_index=True)
    else:
        plans = plans.assign(
            block_set=plans["block_set"].mask(plans["plan_id"] == new_id, fingerprint)
        )
    own = plan_areas.assign(plan_id=new_id)
    mine = assigned[["block_id", "area_id"]].dropna().assign(plan_id=new_id)
    replaced = new_id if not fresh else None
    tables: dict[str, pd.DataFrame] = {
        "blocks": blocks.drop(columns="row_version", errors="ignore"),
        "plans": conform(TABLES["plans"], plans),
        "plan_areas": _other_plans(snapshot, "plan_areas", own, replaced),
        "assignments": _other_plans(snapshot, "assignments", mine, replaced),
        "parallel_areas": conform(TABLES["parallel_areas"], parallel_areas),
    }
    plan = tables["plans"].set_index("plan_id", drop=False).loc[new_id].to_dict()
    if len(blocks):
        members = membership(city, blocks, own, mine)
        areas = derive_areas(city, blocks, plan, own, parallel_areas, members)
        tables["areas"] = conform(TABLES["areas"], areas)
        cells: gpd.GeoDataFrame = snapshot.tables["cells"]
        if len(cells):
            found = assign_points(
                blocks.geometry.to_numpy(), cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy()
            )
            ids = blocks["block_id"].to_numpy(object)[np.maximum(found, 0)]
            moved = cells.assign(block_id=np.where(found >= 0, ids, None))
            tables["cells"] = conform(TABLES["cells"], moved)
    return Partition(tables)


def _other_plans(
    snapshot: Snapshot, table: str, own: pd.DataFrame, replaced: str | None
) -> pd.DataFrame:
    held = snapshot.tables[table]
    others = held[held["plan_id"] != replaced] if replaced is not None else held
    return conform(TABLES[table], pd.concat([others, own], ignore_index=True))
