"""Areas as partitions of the blocks: hierarchy, versions, roll-up, point → area.

Blocks are the only atoms. A plan assigns each block to an area of the lowest plan level
and each area to its parent; parallel levels are columns of the blocks. Everything else,
membership on every level and geometry, follows from that here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.boundaries import dissolve
from sro_geo.city import City
from sro_geo.errors import SroError


def plan_in_force(plans: pd.DataFrame, on: str) -> str | None:
    """Return the id of the adopted plan in force on the ISO date ``on``, None if there is none.

    A plan is in force from ``valid_from`` (empty: always) until the day before
    ``valid_to`` (empty: open). Of several the one that began last wins.
    """
    adopted = plans[plans["status"] == "adopted"]
    start = adopted["valid_from"].fillna("0000-00-00")
    end = adopted["valid_to"].fillna("9999-99-99")
    current = adopted[(start <= on) & (on < end)]
    if current.empty:
        return None
    latest = current.assign(_start=start.loc[current.index]).sort_values(["_start", "plan_id"])
    return str(latest["plan_id"].iloc[-1])


def membership(
    city: City,
    blocks: pd.DataFrame,
    plan_areas: pd.DataFrame,
    assignments: pd.DataFrame,
) -> pd.DataFrame:
    """Return for every block the area it lies in on each level.

    Parameters
    ----------
    blocks
        Table ``blocks`` with one column ``<level>_id`` per parallel level.
    plan_areas, assignments
        Rows of one plan.

    Returns
    -------
    Frame indexed by ``block_id``, one text column per level of the city, missing where a
    block is not assigned.
    """
    by_block = assignments.set_index("block_id")["area_id"]
    lowest = by_block.reindex(blocks["block_id"])
    parent = plan_areas.set_index("area_id")["parent_id"].to_dict()
    level_of = plan_areas.set_index("area_id")["level"].to_dict()
    chains: dict[str, dict[str, str]] = {}
    for area in pd.unique(lowest.dropna()):
        chain: dict[str, str] = {}
        current: str | None = area
        # An area may hang on any higher level; a cycle in the parents must not hang the app.
        while current is not None and current == current and current in level_of:
            if level_of[current] in chain:
                break
            chain[level_of[current]] = current
            current = parent.get(current)
        chains[area] = chain
    out: dict[str, list[str | None]] = {}
    for level in city.plan_levels:
        out[level.level] = [
            chains.get(area, {}).get(level.level) if isinstance(area, str) else None
            for area in lowest
        ]
    for level in city.parallel_levels:
        column = f"{level.level}_id"
        values = blocks[column] if column in blocks else pd.Series(None, index=blocks.index)
        out[level.level] = values.where(values.notna(), None).tolist()
    return pd.DataFrame(
        {level.level: out[level.level] for level in city.levels},
        index=pd.Index(blocks["block_id"], name="block_id"),
        dtype="object",
    )


def derive_areas(
    city: City,
    blocks: gpd.GeoDataFrame,
    plan: Mapping[Any, Any],
    plan_areas: pd.DataFrame,
    parallel_areas: pd.DataFrame,
    members: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Return the table ``areas`` of a plan: every area of every level with its geometry.

    An area to which no block is assigned stays in the table, without geometry.
    """
    geometry = blocks.geometry.to_numpy()
    frames = []
    for level in city.levels:
        source = plan_areas if level.tree == "plan" else parallel_areas
        rows = source[source["level"] == level.level][["area_id", "level", "name", "parent_id"]]
        labels = members[level.level].to_numpy()
        known = pd.notna(labels)
        shapes = dissolve(geometry[known], labels[known])
        drawn = pd.Series([shapes.get(a) for a in rows["area_id"]], rows.index, dtype="object")
        frames.append(rows.assign(geometry=drawn))
    table = pd.concat(frames, ignore_index=True)
    start, end = plan.get("valid_from"), plan.get("valid_to")
    table = table.assign(
        version=plan["plan_id"],
        valid_from=start if isinstance(start, str) else None,
        valid_to=end if isinstance(end, str) else None,
    )
    return gpd.GeoDataFrame(table, geometry="geometry", crs=city.crs)


_STRIPS = 4096
_NEAR_M = 50.0


def assign_points(geometry: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return for each point the position of the polygon it lies in, -1 where none.

    A point on a shared border belongs to the first of the polygons that touch it, so the
    answer is always one and always the same. Coordinates in the CRS of the polygons.

    Points are sorted into strips, so each polygon asks only those near it, on prepared
    polygons; ``benchmarks/points_to_areas.py`` measures it beside a spatial join.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    found = np.full(len(x), -1, dtype=np.int64)
    if not len(geometry) or not len(x):
        return found
    if len(geometry) > 200:
        return _assign_by_tree(geometry, x, y, found)
    shapely.prepare(geometry)
    bounds = shapely.bounds(geometry)
    west, _, east, _ = shapely.total_bounds(geometry)
    if not np.isfinite(west):
        return found

    def strip(values: np.ndarray) -> np.ndarray:
        """Number of the strip a coordinate lies in; sorting small integers is a radix sort."""
        scaled = (values - west) * (_STRIPS / max(east - west, 1e-9))
        whole: np.ndarray = np.clip(np.nan_to_num(scaled, nan=-1.0), 0, _STRIPS - 1)
        return whole.astype(np.uint16)

    strips = strip(x)
    order = np.argsort(strips, kind="stable")
    xs, ys, sorted_strips = x[order], y[order], strips[order]
    firsts = np.searchsorted(sorted_strips, strip(bounds[:, 0]), "left")
    lasts = np.searchsorted(sorted_strips, strip(bounds[:, 2]), "right")
    result = np.full(len(x), -1, dtype=np.int64)
    # From the last to the first: a point on a border is kept by the first that touches it.
    for position in range(len(geometry) - 1, -1, -1):
        if not np.isfinite(bounds[position, 0]):
            continue
        part = slice(firsts[position], lasts[position])
        near = (ys[part] >= bounds[position, 1]) & (ys[part] <= bounds[position, 3])
        rows = np.flatnonzero(near)
        inside = shapely.intersects_xy(geometry[position], xs[part][rows], ys[part][rows])
        result[rows[inside] + firsts[position]] = position
    found[order] = result
    return found


def _assign_by_tree(
    geometry: np.ndarray, x: np.ndarray, y: np.ndarray, found: np.ndarray
) -> np.ndarray:
    tree = shapely.STRtree(geometry)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    points, polygons = tree.query(shapely.points(x[usable], y[usable]), predicate="intersects")
    # Several polygons for a point on a border: keep the first, written last.
    order = np.argsort(-polygons, kind="stable")
    found[usable[points[order]]] = polygons[order]
    return found


def roll_up(values: pd.Series, areas_of_blocks: pd.Series, area_ids: pd.Index) -> pd.Series:
    """Return the sums of ``values`` (by block) over areas, every area present, empty ones 0.

    Numbers that are rates must not come here: sum numerator and denominator apart.
    """
    sums = values.groupby(areas_of_blocks.reindex(values.index).to_numpy()).sum()
    return sums.reindex(area_ids, fill_value=0)


@dataclass(frozen=True)
class AreaRef:
    """An area as an answer: id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class Place:
    """Where a point lies.

    ``status`` is ``inside``, ``border`` (inside, but within the city's tolerance of a
    border: ``alternatives`` names the other areas per level), ``neighbour`` (outside, in
    the municipality named by ``neighbour``) or ``outside``. ``near`` are the other areas
    of the lowest level within 50 m, with their distance in metres, the nearest first.
    """

    status: str
    areas: Mapping[str, AreaRef | None]
    block_id: str | None = None
    neighbour: str = ""
    alternatives: Mapping[str, tuple[AreaRef, ...]] | None = None
    near: tuple[tuple[AreaRef, float], ...] = ()


@dataclass(frozen=True)
class AreaVersion:
    """All areas of one version (plan): the one place that answers *which area is this in?*"""

    city: City
    version: str
    blocks: gpd.GeoDataFrame
    members: pd.DataFrame
    areas: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame

    @cached_property
    def names(self) -> dict[str, str]:
        """Name by area id."""
        return dict(zip(self.areas["area_id"], self.areas["name"], strict=True))

    @cached_property
    def level_of(self) -> dict[str, str]:
        """Level by area id."""
        return dict(zip(self.areas["area_id"], self.areas["level"], strict=True))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.blocks.geometry.to_numpy())

    @cached_property
    def _block_ids(self) -> np.ndarray:
        ids: np.ndarray = self.blocks["block_id"].to_numpy(object)
        return ids

    def of_level(self, level: str) -> gpd.GeoDataFrame:
        """Return the areas of one level, in the order of the table."""
        self.city.level(level)
        return self.areas[self.areas["level"] == level]

    def blocks_of(self, area_ids: list[str]) -> np.ndarray:
        """Return a mask over the blocks: those inside any of the areas, of any level."""
        mask: np.ndarray = np.zeros(len(self.members), bool)
        for area_id in area_ids:
            level = self.level_of.get(area_id)
            if level is None:
                raise SroError("area_unknown", area=area_id)
            mask |= (self.members[level] == area_id).to_numpy(bool)
        return mask

    def locate_blocks(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the block id of each point (projected coordinates), None outside."""
        found = assign_points(self.blocks.geometry.to_numpy(), x, y)
        out = np.full(len(found), None, object)
        out[found >= 0] = self._block_ids[found[found >= 0]]
        return out

    def locate(self, x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
        """Return ``block_id`` and one column per level for each point, None outside."""
        block = self.locate_blocks(x, y)
        levels = self.members.reindex(block)
        return pd.DataFrame(
            {"block_id": block, **{c: levels[c].to_numpy() for c in levels.columns}}
        ).astype("object")

    def where(self, x: float, y: float) -> Place:
        """Answer for one point in projected coordinates; see :class:`Place`."""
        nothing: dict[str, AreaRef | None] = {level.level: None for level in self.city.levels}
        if not (np.isfinite(x) and np.isfinite(y)):
            return Place("outside", nothing)
        point = shapely.Point(x, y)
        touched = np.sort(
            self._tree.query(point, predicate="dwithin", distance=self.city.border_tolerance_m)
        )
        inside = np.sort(self._tree.query(point, predicate="intersects"))
        if not inside.size and not touched.size:
            return self._beyond(point, nothing)
        if not inside.size:
            inside = touched[
                [int(np.argmin(shapely.distance(self.blocks.geometry.to_numpy()[touched], point)))]
            ]
        rows = self.members.iloc[inside[0]]
        areas = {level.level: self._ref(rows[level.level]) for level in self.city.levels}
        others: dict[str, tuple[AreaRef, ...]] = {}
        for level in self.city.levels:
            near = pd.unique(self.members.iloc[touched][level.level].dropna())
            refs = [self._ref(a) for a in near if a != rows[level.level]]
            if found := tuple(ref for ref in refs if ref is not None):
                others[level.level] = found
        at_rim = not shapely.covers(
            shapely.union_all(self.blocks.geometry.to_numpy()[touched]),
            point.buffer(self.city.border_tolerance_m * 0.99),
        )
        return Place(
            "border" if others or at_rim else "inside",
            areas,
            str(self._block_ids[inside[0]]),
            alternatives=others,
            near=self._near(point, rows[self.city.lowest.level]),
        )

    def _near(self, point: shapely.Point, own: object) -> tuple[tuple[AreaRef, float], ...]:
        """Return the other areas of the lowest level close by: an address can be inexact."""
        rows = self._tree.query(point, predicate="dwithin", distance=_NEAR_M)
        away = shapely.distance(self.blocks.geometry.to_numpy()[rows], point)
        areas = self.members.iloc[rows][self.city.lowest.level].to_numpy(object)
        least: dict[str, float] = {}
        for area, metres in sorted(zip(areas, away, strict=True), key=lambda pair: pair[1]):
            if isinstance(area, str) and area != own:
                least.setdefault(area, float(metres))
        return tuple((AreaRef(a, self.names.get(a, a)), metres) for a, metres in least.items())

    def _ref(self, area_id: object) -> AreaRef | None:
        if not isinstance(area_id, str):
            return None
        return AreaRef(area_id, self.names.get(area_id, area_id))

    def _beyond(self, point: shapely.Point, nothing: dict[str, AreaRef | None]) -> Place:
        if len(self.neighbours):
            shapes = self.neighbours.geometry.to_numpy()
            hit = np.flatnonzero(shapely.intersects(shapes, point))
            if hit.size:
                name = self.neighbours["name"].iloc[int(hit[0])]
                return Place("neighbour", nothing, neighbour=name if isinstance(name, str) else "")
        return Place("outside", nothing)


def area_version(
    city: City,
    blocks: gpd.GeoDataFrame,
    plans: pd.DataFrame,
    plan_areas: pd.DataFrame,
    assignments: pd.DataFrame,
    parallel_areas: pd.DataFrame,
    neighbours: gpd.GeoDataFrame,
    *,
    on: str,
    plan_id: str | None = None,
    areas: gpd.GeoDataFrame | None = None,
) -> AreaVersion:
    """Build the version of plan ``plan_id`` (default: the one in force on the date ``on``).

    ``areas`` is the stored cache of the plan in force; it is used when its version fits,
    else geometry is derived anew.

    Raises
    ------
    SroError
        ``plan_unknown``, or ``plan_none_in_force`` when no adopted plan holds on that date.
    """
    if plan_id is None:
        plan_id = plan_in_force(plans, on)
        if plan_id is None:
            raise SroError("plan_none_in_force", date=on)
    chosen = plans[plans["plan_id"] == plan_id]
    if chosen.empty:
        raise SroError("plan_unknown", plan=plan_id, known=", ".join(plans["plan_id"]))
    own_areas = plan_areas[plan_areas["plan_id"] == plan_id]
    members = membership(city, blocks, own_areas, assignments[assignments["plan_id"] == plan_id])
    if areas is None or areas.empty or set(areas["version"].dropna()) != {plan_id}:
        plan = chosen.iloc[0].to_dict()
        areas = derive_areas(city, blocks, plan, own_areas, parallel_areas, members)
    return AreaVersion(city, plan_id, blocks, members, areas, neighbours)
