"""A plan: which block belongs to which social space, and how it came to be so.

A plan is immutable. Every gesture returns a new one, one step longer in its move log, so
that a step back is exact and nothing drawn is ever lost. A plan holds only for the block
set it was made on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sro_geo.boundaries import block_set
from sro_geo.city import City
from sro_geo.errors import SroError
from sro_geo.plans.moves import MARKS, Move, PlanArea

UNASSIGNED = -1

Blocks = np.ndarray | Iterable[str] | str


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment of blocks to areas of the lowest level, and of areas to their parents.

    ``codes`` holds for each block the position of its area in ``areas``, -1 where it is
    unassigned. An area keeps its position for ever: one that was deleted or merged stays
    in ``areas`` (or ``above``) and its id in ``gone``. ``levels`` are the levels a plan
    draws, top first. ``bridges`` and ``barriers`` are pairs of block ids, the lesser
    first. ``left_out`` names the blocks the last gesture left alone because of locks.
    """

    plan_id: str
    name: str
    status: str
    parent_plan_id: str | None
    block_set: str
    levels: tuple[str, ...]
    block_ids: np.ndarray
    codes: np.ndarray
    areas: tuple[PlanArea, ...]
    above: tuple[PlanArea, ...] = ()
    gone: frozenset[str] = frozenset()
    locked_areas: frozenset[str] = frozenset()
    locked_blocks: frozenset[str] = frozenset()
    bridges: frozenset[tuple[str, str]] = frozenset()
    barriers: frozenset[tuple[str, str]] = frozenset()
    moves: tuple[Move, ...] = ()
    undone: tuple[Move, ...] = ()
    author: str = ""
    reason: str = ""
    left_out: tuple[str, ...] = ()
    # Shared by every plan that follows from this one, so that ids are looked up fast.
    index: pd.Index | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.index is None:
            object.__setattr__(self, "index", pd.Index(self.block_ids, dtype=object))
        self.codes.setflags(write=False)

    @property
    def level(self) -> str:
        """The lowest level: the one blocks are assigned to."""
        return self.levels[-1]

    @property
    def standing(self) -> tuple[PlanArea, ...]:
        """The areas of the lowest level that are not gone."""
        return tuple(area for area in self.areas if area.area_id not in self.gone)

    @property
    def standing_above(self) -> tuple[PlanArea, ...]:
        """The areas of the levels above that are not gone."""
        return tuple(area for area in self.above if area.area_id not in self.gone)

    @property
    def standing_mask(self) -> np.ndarray:
        """For each position in ``areas`` whether the area is not gone."""
        return np.array([area.area_id not in self.gone for area in self.areas], bool)

    @property
    def area_ids(self) -> np.ndarray:
        """Ids of ``areas`` in the order of the codes."""
        ids: np.ndarray = np.empty(len(self.areas), object)
        ids[:] = [area.area_id for area in self.areas]
        return ids

    def area_ids_of_blocks(self) -> np.ndarray:
        """Return for each block the id of its area, None where it is unassigned."""
        ids = np.full(len(self.areas) + 1, None, object)  # -1 is the last
        ids[:-1] = self.area_ids
        found: np.ndarray = ids[self.codes]
        return found

    def area(self, area_id: str) -> PlanArea:
        """Return an area of any level that is not gone; raises ``area_unknown``."""
        if area_id not in self.gone:
            for area in (*self.areas, *self.above):
                if area.area_id == area_id:
                    return area
        raise SroError("area_unknown", area=area_id)

    def code(self, area_id: str | None) -> int:
        """Return the position of an area of the lowest level, -1 for None (unassigned).

        Raises ``SroError("area_unknown")``, also for areas that are gone.
        """
        if area_id is None:
            return UNASSIGNED
        if area_id not in self.gone:
            for code, area in enumerate(self.areas):
                if area.area_id == area_id:
                    return code
        raise SroError("area_unknown", area=area_id)

    def positions(self, blocks: Blocks) -> np.ndarray:
        """Return sorted positions of blocks given as ids, positions, or a mask over all.

        Raises ``SroError("block_unknown")``.
        """
        if isinstance(blocks, np.ndarray) and blocks.dtype == bool:
            if blocks.shape != self.codes.shape:
                raise ValueError("a mask names every block")
            return np.flatnonzero(blocks)
        if isinstance(blocks, np.ndarray) and blocks.dtype.kind in "iu":
            found = np.unique(blocks).astype(np.int64)
            if found.size and (found[0] < 0 or found[-1] >= len(self.codes)):
                wrong = found[0] if found[0] < 0 else found[-1]
                raise SroError("block_unknown", block=str(wrong))
            return found
        ids = [blocks] if isinstance(blocks, str) else list(blocks)
        if not ids:
            return np.empty(0, np.int64)
        assert self.index is not None
        places = self.index.get_indexer(pd.Index(ids, dtype=object))
        if (places < 0).any():
            raise SroError("block_unknown", block=str(ids[int(np.argmax(places < 0))]))
        return np.unique(places).astype(np.int64)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> np.ndarray:
        """Return pairs of ids (bridges, barriers) as positions, k × 2."""
        assert self.index is not None
        flat = [block for pair in sorted(pairs) for block in pair]
        return self.index.get_indexer(pd.Index(flat, dtype=object)).reshape(-1, 2)

    def locked(self) -> np.ndarray:
        """Return a mask of the blocks that may not change: locked, or in a locked area."""
        shut = np.zeros(len(self.areas) + 1, bool)
        for code, area in enumerate(self.areas):
            shut[code] = area.area_id in self.locked_areas
        mask: np.ndarray = shut[self.codes]  # -1 is the last entry, never shut
        if self.locked_blocks:
            mask[self.positions(self.locked_blocks)] = True
        return mask

    def codes_at(self, level: str) -> tuple[np.ndarray, tuple[PlanArea, ...]]:
        """Return for each block its area on a level, -1 for none, and the areas of it.

        The areas are in the order of the codes, those that are gone included.
        """
        if level == self.level:
            return self.codes, self.areas
        areas = tuple(area for area in self.above if area.level == level)
        place = {area.area_id: code for code, area in enumerate(areas)}
        parent = {area.area_id: area.parent_id for area in (*self.areas, *self.above)}
        up = np.full(len(self.areas) + 1, UNASSIGNED, np.int32)
        for code, area in enumerate(self.areas):
            current, steps = area.parent_id, 0
            # A cycle in parents from outside must not hang the app.
            while current is not None and current not in place and steps <= len(parent):
                current, steps = parent.get(current), steps + 1
            up[code] = place.get(current, UNASSIGNED) if current is not None else UNASSIGNED
        return up[self.codes], areas

    def same_as(self, other: Plan) -> bool:
        """Return whether both draw exactly the same: blocks, areas, locks, bridges, barriers."""
        return (
            np.array_equal(self.codes, other.codes)
            and np.array_equal(self.block_ids, other.block_ids)
            and (self.areas, self.above, self.gone) == (other.areas, other.above, other.gone)
            and all(getattr(self, mark) == getattr(other, mark) for mark in MARKS)
        )


def block_set_of(blocks: gpd.GeoDataFrame) -> str:
    """Return the fingerprint (SHA-256) over ids and normalised geometry of blocks."""
    return block_set(blocks)


def plan_of(
    city: City,
    blocks: pd.DataFrame,
    plan_row: Mapping[Any, Any],
    plan_areas: pd.DataFrame,
    assignments: pd.DataFrame,
    *,
    fingerprint: str | None = None,
    marks: Mapping[str, Iterable[Any]] | None = None,
    moves: Sequence[Move] = (),
    undone: Sequence[Move] = (),
) -> Plan:
    """Return the plan of stored tables (rows of other plans are left aside).

    Parameters
    ----------
    fingerprint
        ``block_set_of(blocks)`` where it is known already.
    marks, moves, undone
        What :func:`marks_of` and the log kept; moves lead to the state of the tables.

    Raises
    ------
    SroError
        ``plan_other_blocks``, ``block_unknown``, ``area_unknown``, ``block_twice``.
    """
    plan_id = str(plan_row["plan_id"])
    have = block_set_of(blocks) if fingerprint is None else fingerprint
    if plan_row["block_set"] != have:
        raise SroError("plan_other_blocks", plan=str(plan_row["name"]))
    levels = tuple(level.level for level in city.plan_levels)
    own, held = _of(plan_areas, plan_id), _of(assignments, plan_id)
    rows = [
        PlanArea(str(area), str(level), str(name), parent if isinstance(parent, str) else None)
        for area, level, name, parent in zip(
            own["area_id"], own["level"], own["name"], own["parent_id"], strict=True
        )
    ]
    # Areas that went earlier are known from the log, so that a step back finds them.
    left = {a.area_id: a for move in moves for a in move.gone}
    rows += [area for key, area in left.items() if key not in {a.area_id for a in rows}]
    lowest = tuple(area for area in rows if area.level == levels[-1])
    ids = blocks["block_id"].to_numpy(object)
    index = pd.Index(ids, dtype=object)
    places = index.get_indexer(pd.Index(held["block_id"], dtype=object))
    code = {area.area_id: k for k, area in enumerate(lowest)}
    targets = held["area_id"].map(code)
    if (places < 0).any():
        raise SroError("block_unknown", block=str(held["block_id"].iloc[int(np.argmin(places))]))
    if held["block_id"].duplicated().any():
        twice = held.loc[held["block_id"].duplicated(), "block_id"].iloc[0]
        raise SroError("block_twice", block=str(twice))
    if targets.isna().any():
        raise SroError("area_unknown", area=str(held.loc[targets.isna(), "area_id"].iloc[0]))
    codes = np.full(len(ids), UNASSIGNED, np.int32)
    codes[places] = targets.to_numpy(np.int32)
    rest: dict[str, Any] = {
        key: value if isinstance(value := plan_row.get(key), str) else ""
        for key in ("author", "reason")
    }
    rest |= {mark: _mark(mark, value) for mark, value in (marks or {}).items() if mark in MARKS}
    parent = plan_row.get("parent_plan_id")
    return Plan(
        plan_id=plan_id,
        name=str(plan_row["name"]),
        status=str(plan_row["status"]),
        parent_plan_id=parent if isinstance(parent, str) else None,
        block_set=have,
        levels=levels,
        block_ids=ids,
        codes=codes,
        areas=lowest,
        above=tuple(area for area in rows if area.level != levels[-1]),
        gone=frozenset(left) - frozenset(own["area_id"]),
        moves=tuple(moves),
        undone=tuple(undone),
        index=index,
        **rest,
    )


def _of(table: pd.DataFrame, plan_id: str) -> pd.DataFrame:
    return table[table["plan_id"] == plan_id] if "plan_id" in table else table


def _mark(mark: str, values: Iterable[Any]) -> frozenset[Any]:
    if mark in ("bridges", "barriers"):
        return frozenset((str(a), str(b)) for a, b in values)
    return frozenset(str(value) for value in values)


def marks_of(plan: Plan) -> dict[str, list[Any]]:
    """Return locks, bridges and barriers as plain sorted lists, ready for JSON."""
    return {
        mark: [list(v) if isinstance(v, tuple) else v for v in sorted(getattr(plan, mark))]
        for mark in MARKS
    }


def tables_of(plan: Plan) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Return the row of ``plans`` and the rows of ``plan_areas`` and ``assignments``.

    Areas that are gone and blocks that are unassigned have no row. Dates of validity are
    not a matter of the drawing and stay empty.
    """
    row: dict[str, Any] = {
        "plan_id": plan.plan_id,
        "name": plan.name,
        "status": plan.status,
        "parent_plan_id": plan.parent_plan_id,
        "block_set": plan.block_set,
        "valid_from": None,
        "valid_to": None,
        "author": plan.author or None,
        "reason": plan.reason or None,
    }
    areas = pd.DataFrame(
        [
            (plan.plan_id, area.area_id, area.level, area.name, area.parent_id)
            for area in (*plan.standing_above, *plan.standing)
        ],
        columns=["plan_id", "area_id", "level", "name", "parent_id"],
        dtype=object,
    )
    has = plan.codes >= 0
    assigned = pd.DataFrame(
        {"block_id": plan.block_ids[has], "area_id": plan.area_ids[plan.codes[has]]},
        dtype=object,
    )
    assigned.insert(0, "plan_id", plan.plan_id)
    return row, areas, assigned
