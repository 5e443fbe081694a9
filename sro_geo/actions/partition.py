"""What an import of areas or blocks makes of the plan, the blocks and the derived areas.

Pure: tables in, tables out. A changed assignment never edits an adopted plan; it is a new
plan that follows the old one, so that figures of the past keep their areas. What changes
nothing makes no new plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.actions.carrying import carried_variants
from sro_geo.actions.comparing import as_stored, same_shapes, same_table
from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import assign_points, derive_areas, membership, plan_in_force
from sro_geo.boundaries import block_set
from sro_geo.city import City
from sro_geo.errors import Fault
from sro_geo.tables import TABLES, conform

_COLUMNS = ["area_id", "level", "name", "parent_id"]
_LISTED = 200


@dataclass(frozen=True)
class Partition:
    """The tables to replace as a whole: those that change, no others."""

    tables: Mapping[str, pd.DataFrame]


@dataclass
class _Draft:
    """The tables while they are put together, beginning with what is held."""

    snapshot: Snapshot
    file: str
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        t, today = self.snapshot.tables, self.snapshot.today.isoformat()
        self.plan_id = plan_in_force(t["plans"], today)
        own = t["plan_areas"]
        self.plan_areas: pd.DataFrame = own.loc[own["plan_id"] == self.plan_id, _COLUMNS]
        self.parallel_areas: pd.DataFrame = t["parallel_areas"][_COLUMNS]
        # Assignments of every plan on the blocks as they will be.
        self.assignments: pd.DataFrame = t["assignments"][["plan_id", "block_id", "area_id"]]
        self.blocks: gpd.GeoDataFrame = t["blocks"].drop(columns="row_version", errors="ignore")
        self.assigned = self.of_plan(self.plan_id)
        # For each new block the position of the old one, where blocks are replaced.
        self.origin: np.ndarray | None = None

    @property
    def city(self) -> City:
        return self.snapshot.city

    def of_plan(self, plan_id: str | None) -> pd.DataFrame:
        rows = self.assignments[self.assignments["plan_id"] == plan_id]
        return rows[["block_id", "area_id"]]

    def say(self, code: str, severity: str, **params: Any) -> None:
        self.faults.append(Fault(code, self.file, None, "", params, severity))


def with_areas(
    snapshot: Snapshot, areas: pd.DataFrame, file: str
) -> tuple[Partition | None, list[Fault]]:
    """Return the tables after an import of areas, with or without geometry.

    Without geometry: names and parents. With geometry and no blocks yet: the areas of the
    lowest level become the blocks. With blocks: each block goes to the area its interior
    point lies in; blocks that lie in none are faults. A level that was drawn is told whole:
    its areas that the file lacks are no longer in the plan.
    """
    draft = _Draft(snapshot, file)
    city = snapshot.city
    plan_levels = [level.level for level in city.plan_levels]
    in_plan = areas["level"].isin(plan_levels)
    drawn = areas[areas["geometry"].notna()] if "geometry" in areas else areas[:0]
    top = plan_levels[0]
    if (areas["level"] == top).sum() == 1:
        # The file says what the whole is called; one made up before is no longer needed.
        own = draft.plan_areas
        named = areas.loc[areas["level"] == top, "area_id"]
        draft.plan_areas = own[(own["level"] != top) | own["area_id"].isin(named)]
    draft.plan_areas = _merged(draft.plan_areas, areas[in_plan])
    draft.parallel_areas = _merged(draft.parallel_areas, areas[~in_plan])
    if len(drawn):
        if draft.blocks.empty:
            lowest = drawn[drawn["level"] == city.lowest.level]
            if lowest.empty:
                draft.say("areas_need_lowest_level", "error", level=city.lowest.level)
                return None, draft.faults
            _become_blocks(draft, lowest)
        _assign(draft, areas, drawn)
        _find_parents(draft, areas, drawn)
    return _assembled(draft), draft.faults


def with_blocks(
    snapshot: Snapshot, blocks: gpd.GeoDataFrame, file: str
) -> tuple[Partition | None, list[Fault]]:
    """Return the tables after an import of blocks: the block set is replaced as a whole.

    A column ``<lowest level>_id`` assigns them; without it each block goes where its
    interior point lies in the plan in force. Earlier plans are carried over to the new
    blocks in the same way. What the file does not say (names, parallel levels) stays.
    """
    draft = _Draft(snapshot, file)
    city, lowest = snapshot.city, snapshot.city.lowest.level
    population = snapshot.tables["population"]
    on_blocks = set(population.loc[population["place_kind"] == "block", "place_id"])
    for gone in sorted(on_blocks - set(blocks["block_id"]))[:_LISTED]:
        draft.say("block_in_use", "error", block=gone)
    _carried_over(draft, blocks)
    column = f"{lowest}_id"
    if column in blocks and blocks[column].notna().any():
        ids = blocks[column].to_numpy(object)
    else:
        before = draft.of_plan(draft.plan_id).set_index("block_id")["area_id"]
        ids = before.reindex(draft.blocks["block_id"]).to_numpy(object)
    draft.assigned = pd.DataFrame({"block_id": draft.blocks["block_id"], "area_id": ids})
    for block in draft.assigned.loc[draft.assigned["area_id"].isna(), "block_id"][:_LISTED]:
        draft.say("block_in_no_area", "error", block=block, level=lowest)
    draft.plan_areas = _with_unnamed(draft.plan_areas, draft.assigned["area_id"], lowest)
    for level in city.parallel_levels:
        told = draft.blocks[f"{level.level}_id"]
        draft.parallel_areas = _with_unnamed(draft.parallel_areas, told, level.level)
    return _assembled(draft), draft.faults


def _columns(city: City) -> list[str]:
    return [f"{level.level}_id" for level in city.parallel_levels]


def _merged(held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``held`` with those of ``new`` added or put in their place.

    A parent the file does not name stays as it is.
    """
    parents = _blank(held).set_index("area_id")["parent_id"].to_dict()
    fresh = _blank(pd.DataFrame(new).reindex(columns=_COLUMNS))
    said = fresh["parent_id"].notna()
    fresh["parent_id"] = fresh["parent_id"].where(said, fresh["area_id"].map(parents.get))
    rest = _blank(held[~held["area_id"].isin(fresh["area_id"])])
    return _blank(pd.concat([rest, fresh], ignore_index=True))


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame.astype("object")
    return table.where(table.notna(), None)


def _with_unnamed(held: pd.DataFrame, ids: pd.Series, level: str) -> pd.DataFrame:
    """Areas that blocks name but nobody described: the id serves as name."""
    known = set(held["area_id"])
    new = [area for area in pd.unique(ids.dropna()) if area not in known]
    return _merged(held, pd.DataFrame({"area_id": new, "level": level, "name": new}))


def _become_blocks(draft: _Draft, lowest: pd.DataFrame) -> None:
    shapes = gpd.GeoDataFrame(
        {"block_id": lowest["area_id"].to_numpy(), "name": lowest["name"].to_numpy()},
        geometry=lowest["geometry"].to_numpy(),
        crs=draft.city.crs,
    )
    shapes["area_km2"] = shapes.area / 1e6
    blocks = conform(TABLES["blocks"], shapes, extra=_columns(draft.city))
    draft.blocks = as_stored("blocks", blocks)
    draft.say("areas_are_blocks", "note", count=len(shapes), level=draft.city.lowest.level)


def _inner(blocks: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    spots = shapely.point_on_surface(blocks.geometry.to_numpy())
    return shapely.get_x(spots), shapely.get_y(spots)


def _assign(draft: _Draft, areas: pd.DataFrame, drawn: pd.DataFrame) -> None:
    """Give each block the areas its interior point lies in; drop areas a drawn level lacks."""
    city, blocks = draft.city, draft.blocks.copy()
    x, y = _inner(blocks)
    parallel = [level.level for level in city.parallel_levels]
    for level in pd.unique(drawn["level"]):
        rows = drawn[drawn["level"] == level]
        found = assign_points(rows["geometry"].to_numpy(), x, y)
        for block in blocks["block_id"].to_numpy()[found < 0][:_LISTED]:
            draft.say("block_in_no_area", "error", block=block, level=level)
        ids = rows["area_id"].to_numpy(object)[np.maximum(found, 0)]
        if level == city.lowest.level:
            draft.assigned = pd.DataFrame({"block_id": blocks["block_id"], "area_id": ids})
        elif level in parallel:
            blocks[f"{level}_id"] = ids
        told = set(areas.loc[areas["level"] == level, "area_id"])
        name = "parallel_areas" if level in parallel else "plan_areas"
        held: pd.DataFrame = getattr(draft, name)
        gone = (held["level"] == level) & ~held["area_id"].isin(told)
        if gone.any():
            shown = ", ".join(held.loc[gone, "area_id"].astype(str)[:10])
            draft.say("areas_left", "note", level=level, areas=shown, count=int(gone.sum()))
        setattr(draft, name, held[~gone].reset_index(drop=True))
    draft.blocks = blocks


def _find_parents(draft: _Draft, areas: pd.DataFrame, drawn: pd.DataFrame) -> None:
    """Hang areas without a parent of their own on the drawn area that most of them lies in."""
    x, y = _inner(draft.blocks)
    sizes = draft.blocks.geometry.area.to_numpy()
    said = set(areas.loc[areas["parent_id"].notna(), "area_id"])
    levels = draft.city.plan_levels
    for above, below in pairwise(levels):
        rows = drawn[drawn["level"] == above.level]
        if rows.empty or above.parent is None:
            continue
        found = assign_points(rows["geometry"].to_numpy(), x, y)
        upper = pd.Series(rows["area_id"].to_numpy(object)[np.maximum(found, 0)])
        members = membership(
            draft.city, draft.blocks, draft.plan_areas, draft.assigned.assign(plan_id="")
        )
        lower = members[below.level].to_numpy(object)
        parents: dict[str, str] = {}
        old = draft.plan_areas.set_index("area_id")["parent_id"].to_dict()
        inside = pd.DataFrame({"lower": lower, "upper": upper.to_numpy(), "size": sizes})
        for area, parts in inside[(found >= 0) & pd.notna(lower)].groupby("lower"):
            if area in said:
                continue
            parent = parts.groupby("upper")["size"].sum().idxmax()
            if parent != old.get(area):
                parents[str(area)] = str(parent)
                draft.say("parent_by_place", "note", area=str(area), parent=str(parent))
        found_now = draft.plan_areas["area_id"].map(parents)
        draft.plan_areas = draft.plan_areas.assign(
            parent_id=found_now.where(found_now.notna(), draft.plan_areas["parent_id"])
        )


def _carried_over(draft: _Draft, new: gpd.GeoDataFrame) -> None:
    """Put the new blocks in the place of the old ones, for every plan.

    A new block stands for the old one its interior point lies in.
    """
    old, city = draft.blocks, draft.city
    kept = as_stored("blocks", conform(TABLES["blocks"], new, extra=_columns(city)))
    if old.empty:
        draft.blocks = kept
        return
    found = assign_points(old.geometry.to_numpy(), *_inner(kept))
    by_place = np.where(found >= 0, old["block_id"].to_numpy(object)[np.maximum(found, 0)], None)
    origin = pd.Series(by_place, kept.index, dtype="object")
    known = old.set_index("block_id")
    for column in ("name", *_columns(city)):
        if kept[column].isna().all() and column in known:
            kept[column] = origin.map(known[column])
    ids = kept["block_id"]
    if set(ids) == set(known.index) and (origin == ids).all():
        before = known["geometry"].reindex(ids).to_numpy()
        if same_shapes(before, kept.geometry.to_numpy()).all():
            # Rounding alone: shared edges stay shared only if all or none are kept.
            area = known["area_km2"].reindex(ids).to_numpy()
            kept = kept.assign(geometry=before, area_km2=area)
    else:
        parts = []
        for plan_id, rows in draft.assignments.groupby("plan_id", sort=False):
            areas = origin.map(rows.set_index("block_id")["area_id"])
            parts.append(pd.DataFrame({"plan_id": plan_id, "block_id": ids, "area_id": areas}))
        draft.origin = found
        if parts:
            draft.assignments = pd.concat(parts, ignore_index=True).dropna(subset="area_id")
            draft.say("plans_carried_over", "note", count=len(parts), blocks=len(kept))
    draft.blocks = conform(TABLES["blocks"], kept, extra=_columns(city))


def _with_top(city: City, plan_areas: pd.DataFrame) -> pd.DataFrame:
    """Give every area a way up: the city itself exists, and orphans hang on it."""
    top = city.plan_levels[0].level
    table = plan_areas
    if not (table["level"] == top).any():
        name = city.names.get("de") or city.city_id
        row: dict[str, Any] = {"area_id": city.city_id, "level": top, "name": name}
        table = pd.concat([pd.DataFrame([row], columns=_COLUMNS), table], ignore_index=True)
    tops = table.loc[table["level"] == top, "area_id"]
    lost = ~table["parent_id"].isin(table["area_id"])
    orphan = lost & (table["level"] != top)
    if len(tops) == 1:
        table = table.assign(parent_id=table["parent_id"].mask(orphan, tops.iloc[0]))
    return _blank(table)


def _assembled(draft: _Draft) -> Partition | None:
    """Put the tables together; a plan that changes gets a new id and ends the one before it."""
    if any(fault.severity == "error" for fault in draft.faults):
        return None
    snapshot, city, blocks = draft.snapshot, draft.city, draft.blocks
    today = snapshot.today.isoformat()
    plan_areas = _with_top(city, draft.plan_areas)
    parallel_areas = _hung_on(draft.parallel_areas, plan_areas, city)
    assigned = draft.assigned.dropna()
    tables: dict[str, pd.DataFrame] = {
        name: frame.drop(columns="row_version", errors="ignore")
        for name, frame in snapshot.tables.items()
    }
    plans, old_id = tables["plans"], draft.plan_id
    before = draft.of_plan(old_id)
    held = tables["plan_areas"]
    held = held.loc[held["plan_id"] == old_id, _COLUMNS]
    changed = _rows(held) != _rows(plan_areas) or _rows(before) != _rows(assigned)
    new_id = next_plan_id(plans) if old_id is None or (len(before) and changed) else old_id
    fingerprint = block_set(blocks) if len(blocks) else "none"
    plans = plans.assign(block_set=fingerprint)
    if new_id != old_id:
        mine = plans["plan_id"] == old_id
        row = {
            "plan_id": new_id,
            "name": f"{city.names.get('de', city.city_id)} {len(plans) + 1}",
            "status": "adopted",
            "parent_plan_id": old_id,
            "block_set": fingerprint,
            "valid_from": today if old_id is not None else None,
            "valid_to": plans.loc[mine, "valid_to"].iloc[0] if mine.any() else None,
            "author": "import",
            "reason": draft.file,
        }
        plans = plans.assign(valid_to=plans["valid_to"].mask(mine, today))
        plans = pd.concat([plans, pd.DataFrame([row])], ignore_index=True)
        if old_id is not None:
            draft.say("plan_new", "note", plan=new_id, before=old_id, date=today)
    others = draft.assignments[draft.assignments["plan_id"] != new_id]
    rest = tables["plan_areas"][tables["plan_areas"]["plan_id"] != new_id]
    own, mine_now = plan_areas.assign(plan_id=new_id), assigned.assign(plan_id=new_id)
    result: dict[str, pd.DataFrame] = {
        "blocks": blocks,
        "plans": conform(TABLES["plans"], plans),
        "plan_areas": conform(TABLES["plan_areas"], pd.concat([rest, own], ignore_index=True)),
        "assignments": conform(
            TABLES["assignments"], pd.concat([others, mine_now], ignore_index=True)
        ),
        "parallel_areas": conform(TABLES["parallel_areas"], parallel_areas),
    }
    if draft.origin is not None and len(tables["variants"]):
        ids = blocks["block_id"].to_numpy(object)
        result["variants"] = carried_variants(snapshot, ids, draft.origin, exact=False)
    if len(blocks):
        plan = result["plans"].set_index("plan_id", drop=False).loc[new_id].to_dict()
        members = membership(city, blocks, own, mine_now)
        areas = derive_areas(city, blocks, plan, own, parallel_areas, members)
        result["areas"] = as_stored("areas", conform(TABLES["areas"], areas))
        result["cells"] = cells_on(tables["cells"], blocks)
    return Partition(
        {name: new for name, new in result.items() if not same_table(name, tables[name], new)}
    )


def _rows(frame: pd.DataFrame) -> set[tuple[Any, ...]]:
    return set(_blank(frame).itertuples(index=False, name=None))


def next_plan_id(plans: pd.DataFrame) -> str:
    """Return an id for a new plan that none had before."""
    numbers = [int(m[1]) for p in plans["plan_id"] if (m := re.fullmatch(r"plan-(\d+)", p))]
    return f"plan-{max(numbers, default=0) + 1}"


def _hung_on(parallel: pd.DataFrame, plan_areas: pd.DataFrame, city: City) -> pd.DataFrame:
    """Hang areas of parallel levels without a parent on the city."""
    tops = plan_areas.loc[plan_areas["level"] == city.plan_levels[0].level, "area_id"]
    if len(tops) != 1:
        return parallel
    filled = parallel["parent_id"].mask(parallel["parent_id"].isna(), tops.iloc[0])
    return _blank(parallel.assign(parent_id=filled))


def cells_on(held: pd.DataFrame, blocks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the table ``cells`` with the block that each centre lies in now."""
    if held.empty:
        return held
    cells: gpd.GeoDataFrame = held
    x, y = cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy()
    found = assign_points(blocks.geometry.to_numpy(), x, y)
    ids = blocks["block_id"].to_numpy(object)[np.maximum(found, 0)]
    return conform(TABLES["cells"], cells.assign(block_id=np.where(found >= 0, ids, None)))
