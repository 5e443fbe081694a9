"""Areas and blocks: who belongs to whom, and do the shapes tile the city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, listed, present
from sro_geo.exchange.shapes import check_tiling


def areas_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``areas``: area_id, level, name, parent_id and, where drawn, geometry."""
    import geopandas as gpd

    shapes = intake.shapes()
    frame = pd.DataFrame(
        {
            "area_id": intake.text("area_id"),
            "level": _levels(intake),
            "name": intake.text("name"),
            "parent_id": intake.text("parent_id"),
        }
    )
    _check_parents(intake, frame)
    columns = ["area_id", "level", "name", "parent_id"]
    if shapes is None:
        return {"areas": intake.checked("areas", frame)[columns]}
    missing = np.array([shape is None for shape in shapes], bool)
    faulty = np.array([intake.log.has_error(int(r), "geometry") for r in intake.rows], bool)
    intake.log.each(
        "area_without_shape", missing & ~faulty, intake.rows, column="geometry", severity="note"
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=intake.city.crs))
    whole = intake.checked("areas", drawn)
    for level in pd.unique(frame["level"].dropna()):
        mine = shapes.copy()
        mine[(frame["level"] != level).to_numpy(bool)] = None
        ids = frame["area_id"].to_numpy(object)
        check_tiling(mine, ids, intake.rows, intake.log)
    return {"areas": whole[[*columns, "geometry"]]}


def _levels(intake: Intake) -> np.ndarray:
    """Return the level of each row by key or name, the lowest of the plan where none is given."""
    words: dict[str, str] = {}
    for level in intake.city.levels:
        for word in (level.level, *level.names.values(), *level.plurals.values()):
            words.setdefault(plain(word), level.level)
    raw = intake.text("level")
    out = filled(None, intake.size)
    for position, value in enumerate(raw):
        out[position] = words.get(plain(value)) if value is not None else None
    given = present(raw)
    unknown = given & ~present(out)
    known = ", ".join(level.level for level in intake.city.levels)
    where = intake.column("level")
    intake.log.each("level_unknown", unknown, intake.rows, column=where, values=raw, known=known)
    if not given.all():
        lowest = intake.city.lowest.level
        intake.log.counted("level_assumed", ~given, intake.rows, column="level", level=lowest)
        out[~given] = lowest
    return out


def _check_parents(intake: Intake, frame: pd.DataFrame) -> None:
    """List parents that do not exist; one that all areas below the top share is the city."""
    known = set(intake.known.ids("areas")) | set(frame["area_id"].dropna())
    parent = frame["parent_id"].to_numpy(object)
    where = intake.column("parent_id")
    itself = present(parent) & (parent == frame["area_id"].to_numpy(object))
    intake.log.each("parent_itself", itself, intake.rows, column=where, values=parent)
    lost = present(parent) & ~np.isin(parent.astype(str), list(known))
    if not lost.any():
        return
    tops = [level for level in intake.city.plan_levels if level.parent is None]
    just_below = {lv.level for lv in intake.city.levels if tops and lv.parent == tops[0].level}
    shared = set(parent[lost])
    alone = bool((lost == present(parent)).all())
    if alone and len(shared) == 1 and set(frame["level"][lost]) <= just_below:
        intake.log.counted(
            "parent_is_city", lost, intake.rows, column=where, value=str(next(iter(shared)))
        )
        frame["parent_id"] = frame["parent_id"].mask(lost)
        return
    intake.log.each(
        "parent_unknown",
        lost,
        intake.rows,
        column=where,
        values=parent,
        known=listed(sorted(known), limit=10) or "–",
    )


def blocks_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frame ``blocks`` with one column ``<level>_id`` per level blocks are told by."""
    import geopandas as gpd

    shapes = intake.shapes()
    if shapes is None:
        intake.log.add("geometry_missing_in_file", column="geometry")
        shapes = filled(None, intake.size)
    levels = [intake.city.lowest.level, *(level.level for level in intake.city.parallel_levels)]
    extra = tuple(f"{level}_id" for level in levels)
    frame = pd.DataFrame(
        {
            "block_id": intake.text("block_id"),
            "name": intake.text("name"),
            **{column: intake.text(column) for column in extra},
        }
    )
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=intake.city.crs))
    drawn["area_km2"] = drawn.area / 1e6
    areas = intake.known.held("areas")
    for level, column in zip(levels, extra, strict=True):
        _check_membership(intake, frame, areas, level, column)
    whole = intake.checked("blocks", drawn, extra=extra)
    check_tiling(shapes, frame["block_id"].to_numpy(object), intake.rows, intake.log)
    return {"blocks": whole}


def _check_membership(
    intake: Intake, frame: pd.DataFrame, areas: pd.DataFrame | None, level: str, column: str
) -> None:
    if not intake.has(column):
        return
    where = intake.column(column)
    ids = frame[column].to_numpy(object)
    given = present(ids)
    intake.log.each("block_without_area", ~given, intake.rows, column=where, level=level)
    if areas is None:
        return
    known = set(areas.loc[areas["level"] == level, "area_id"])
    if not known:
        return
    for position in np.flatnonzero(given):
        if ids[position] not in known:
            intake.log.add(
                "area_unknown",
                row=int(intake.rows[position]),
                column=where,
                value=str(ids[position]),
                known=close_to(str(ids[position]), sorted(known)),
            )


def close_to(value: str, known: list[str], limit: int = 6) -> str:
    """Return the known ids that look most like a value, else the first ones."""
    from rapidfuzz import fuzz, process

    found = process.extract(value, known, scorer=fuzz.ratio, score_cutoff=50, limit=limit)
    near = [word for word, _, _ in found]
    return listed(near or known, total=len(known), limit=limit) or "–"
