"""Plans drawn in ASCII: each letter an area, each sign a block of 100 m, rows from the north."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sro_geo.plans import Plan, PlanArea, block_set_of

SIDE = 100.0


def drawn(picture: str, *, parents: dict[str, str] | None = None, **fields: Any) -> Plan:
    """Return a plan; ``.`` is no block, ``-`` an unassigned one; ids are row and column."""
    blocks = squares(picture)
    letters = [line.strip()[int(i[2:])] for line, i in _lines(picture, blocks)]
    names = sorted(set(letters) - {"-"})
    parents = parents or {}
    areas = tuple(PlanArea(a, "social_space", a.upper(), parents.get(a)) for a in names)
    regions = tuple(PlanArea(r, "region", r.title(), "city") for r in sorted(set(parents.values())))
    top = (PlanArea("city", "city", "City"), *regions)
    said: dict[str, Any] = {
        "plan_id": "p1",
        "name": "Draft",
        "status": "draft",
        "parent_plan_id": None,
        "block_set": block_set_of(blocks),
        "levels": ("city", "region", "social_space"),
        "block_ids": blocks["block_id"].to_numpy(object),
        "codes": np.array([names.index(a) if a != "-" else -1 for a in letters], np.int32),
        "areas": areas,
        "above": top,
    }
    return Plan(**{**said, **fields})


def squares(picture: str) -> gpd.GeoDataFrame:
    """Return the blocks of a picture in the order of reading."""
    rows = [line.strip() for line in picture.split()]
    records = []
    for r, line in enumerate(rows):
        for c, letter in enumerate(line):
            if letter != ".":
                x, y = c * SIDE, (len(rows) - 1 - r) * SIDE
                box = shapely.box(x, y, x + SIDE, y + SIDE)
                records.append({"block_id": f"{r:02d}{c:02d}", "geometry": box})
    return gpd.GeoDataFrame(records, crs="EPSG:25832")


def grid(columns: int, rows: int) -> np.ndarray:
    """Return squares of 100 m, row by row from the south-west."""
    x, y = (a.ravel() * SIDE for a in np.meshgrid(np.arange(columns), np.arange(rows)))
    boxes: np.ndarray = shapely.box(x, y, x + SIDE, y + SIDE)
    return boxes


def picture_of(plan: Plan) -> str:
    """Return the plan as it was drawn: first letters of area ids, ``-`` unassigned."""
    places = [(int(b[:2]), int(b[2:])) for b in plan.block_ids]
    rows = [["."] * (max(c for _, c in places) + 1) for _ in range(max(r for r, _ in places) + 1)]
    for (r, c), area in zip(places, plan.area_ids_of_blocks(), strict=True):
        rows[r][c] = "-" if area is None else area[0]
    return " ".join("".join(row) for row in rows)


def _lines(picture: str, blocks: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    rows = picture.split()
    return [(rows[int(i[:2])], i) for i in blocks["block_id"]]
