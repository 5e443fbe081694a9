"""Numbers of larger areas, spread over their blocks in proportion to block area.

People do not live evenly on the ground; what comes out is an estimate, is marked as one,
and is made only with consent. The sum of every area stays what the file said.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import listed, present
from sro_geo.tables import TABLES, conform


def level_named(intake: Intake, column: str) -> str | None:
    """Return the level whose name (or name and "id") a column bears."""
    short = re.sub(r"(id|nr|nummer)$", "", plain(column))
    for level in intake.city.levels:
        if short in {plain(word) for word in (level.level, *level.names.values())}:
            return level.level
    return None


def areas_by_level(intake: Intake) -> dict[str, list[str]]:
    """Return the ids of the known areas, by level."""
    areas = intake.known.held("areas")
    if areas is None or intake.known.members is None:
        return {}
    return {str(level): [str(v) for v in ids] for level, ids in areas.groupby("level")["area_id"]}


def level_counted(intake: Intake, ids: np.ndarray) -> str | None:
    """Return the level whose areas most of the ids are, None where blocks fit as well.

    A column named after a level is that level wherever its ids can be; numbers of areas
    must not be taken for those of blocks that happen to be numbered alike.
    """
    told = set(ids[present(ids)])
    known = areas_by_level(intake)
    hits = {level: len(told & set(areas)) for level, areas in known.items()}
    named = level_named(intake, intake.column("block_id"))
    blocks = set(intake.known.ids("blocks"))
    if named is not None and hits.get(named, 0):
        return None if _are_blocks(intake, told, named) else named
    # Of two levels that fit, the lower one is meant: its areas are the smaller ones.
    order = [level.level for level in reversed(intake.city.levels) if level.level in hits]
    best = max(order, key=lambda level: hits[level], default=None)
    return best if best is not None and hits[best] > len(told & blocks) else None


def _are_blocks(intake: Intake, told: set[str], level: str) -> bool:
    """Tell whether these areas are single blocks of the same id, as where no finer ones exist."""
    assert intake.known.members is not None
    area = intake.known.members[level]
    inside = area[area.isin(told)]
    return told <= set(inside.index) and bool((inside == inside.index).all())


def consented(intake: Intake, ids: np.ndarray, level: str) -> bool:
    """Tell whether numbers of areas may be spread; note what stands against it."""
    told = present(ids)
    where = intake.column("block_id")
    if not intake.estimate:
        intake.log.counted(
            "population_needs_estimate",
            told,
            intake.rows,
            column=where,
            severity="error",
            level=level,
            areas=listed(dict.fromkeys(ids[told]), limit=5),
        )
        return False
    known = areas_by_level(intake)[level]
    lost = told & ~np.isin(ids.astype(str), known)
    intake.log.each(
        "area_unknown",
        lost,
        intake.rows,
        column=where,
        values=ids,
        known=listed(known, limit=6) or "–",
    )
    assert intake.known.members is not None
    filled_ = set(intake.known.members[level].dropna())
    hollow = told & ~lost & ~np.array([v in filled_ for v in ids], bool)
    intake.log.each("estimate_without_blocks", hollow, intake.rows, column=where, values=ids)
    return not (lost.any() or hollow.any())


def spread(intake: Intake, frame: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return the table ``population`` with the rows of areas of ``level`` put on their blocks.

    Each block gets the share it has in the area of its ``level``'s area; what rounding
    leaves goes to the largest block, so that the sum is the number of the file.
    """
    shares = _shares(intake, level)
    of_areas = frame["place_id"].isin(shares["area_id"]) & (frame["place_kind"] == "block")
    wide = frame[of_areas].assign(row=np.arange(int(of_areas.sum())))
    wide = wide.rename(columns={"place_id": "area_id"}).merge(shares, on="area_id", sort=False)
    persons = wide["persons"] * wide["share"]
    rest = wide["persons"] - persons.groupby(wide["row"]).transform("sum")
    wide["persons"] = persons + rest.where(wide["largest"], 0.0)
    wide["place_id"] = wide["block_id"]
    wide["estimated"] = True
    stated = frame[of_areas]
    newest = stated[stated["reference_date"] == stated["reference_date"].max()]
    intake.log.add(
        "population_spread",
        severity="note",
        column=intake.column("block_id"),
        persons=round(float(newest["persons"].sum())),
        areas=stated["place_id"].nunique(),
        blocks=wide["block_id"].nunique(),
        level=level,
    )
    kept = [column.name for column in TABLES["population"].columns]
    both = pd.concat([frame.loc[~of_areas, kept], wide[kept]], ignore_index=True)
    return conform(TABLES["population"], both)


def _shares(intake: Intake, level: str) -> pd.DataFrame:
    """Return block_id, area_id, share (sums to 1 per area), largest (True once per area)."""
    blocks, members = intake.known.held("blocks"), intake.known.members
    assert blocks is not None and members is not None
    size = blocks["area_km2"].fillna(pd.Series(blocks.geometry.area / 1e6)).to_numpy(float)
    ids = blocks["block_id"].to_numpy(object)
    table = pd.DataFrame(
        {"block_id": ids, "area_id": members[level].reindex(ids).to_numpy(object), "size": size}
    )
    table = table[table["area_id"].notna()].reset_index(drop=True)
    whole = table.groupby("area_id")["size"].transform("sum")
    alike = 1 / table.groupby("area_id")["size"].transform("size")
    table["share"] = (table["size"] / whole.where(whole > 0)).fillna(alike)
    table["largest"] = False
    table.loc[table.groupby("area_id")["size"].idxmax(), "largest"] = True
    return table.drop(columns="size")
