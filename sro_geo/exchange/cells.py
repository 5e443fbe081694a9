"""Where people are counted: blocks by id, census cells by their centre."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import points_of
from sro_geo.exchange.placing import placed
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import filled, listed, present

_CELL = re.compile(r"(?:CRS3035)?(?:RES)?(\d+)(k?m)N(\d+)E(\d+)", re.IGNORECASE)


def place_column(intake: Intake) -> str:
    """Return the column that says where a number was counted."""
    return intake.column("cell_id" if intake.has("cell_id") else "block_id")


def places_of(intake: Intake) -> tuple[np.ndarray, str, pd.DataFrame | None]:
    """Return place ids, their kind, and the frame of cells where they are cells."""
    ids = intake.text("cell_id")
    told = present(ids)
    pattern = np.array([bool(_CELL.fullmatch(v)) if v else False for v in ids], bool)
    has_points = intake.records.geometry is not None or any(
        intake.has(pair) for pair in ("x", "lon")
    )
    if intake.has("block_id") and not intake.has("cell_id"):
        blocks = intake.text("block_id")
        some = [v for v in blocks[:50] if v is not None]
        if some and all(_CELL.fullmatch(v) for v in some):
            recognised = dict(intake.recognised)
            recognised["cell_id"] = Recognised("cell_id", intake.column("block_id"), "synonym")
            recognised["block_id"] = Recognised("block_id", None, "")
            intake.recognised = recognised
            return places_of(intake)
        return _blocks(intake, blocks), "block", None
    if not intake.has("cell_id") and not has_points:
        intake.log.add("place_column_missing", column="block_id")
        return filled(None, intake.size), "block", None
    points = _cell_points(intake, ids, pattern, has_points)
    missing = ~told
    if missing.any() and not intake.has("cell_id"):
        for position in np.flatnonzero(missing):
            point = points[position]
            ids[position] = None if point is None else f"x{point.x:.0f}y{point.y:.0f}"
    return ids, "cell", _cells(intake, ids, points)


def _cell_points(
    intake: Intake, ids: np.ndarray, pattern: np.ndarray, has_points: bool
) -> np.ndarray:
    """Return the centre of each cell in the city's CRS."""
    on_grid = pattern.any() and (pattern | ~present(ids)).all()
    if on_grid and not intake.mapping.get("crs"):
        # The id of a cell names its lower left corner in EPSG:3035, and its size.
        centres = filled(None, intake.size)
        for position in np.flatnonzero(pattern):
            match = _CELL.fullmatch(ids[position])
            assert match is not None
            size = int(match[1]) * (1000 if match[2].lower() == "km" else 1)
            north, east = int(match[3]), int(match[4])
            if east < 10**5 and size >= 100:  # the older form counts in units of the cell
                north, east = north * size, east * size
            centres[position] = shapely.Point(east + size / 2, north + size / 2)
        intake.log.add("crs_from_cells", severity="note", crs="EPSG:3035")
        found, intake.crs = placed(
            centres,
            "EPSG:3035",
            intake.city,
            intake.rows,
            intake.log,
            column=intake.column("cell_id"),
            outside="note",
        )
        return found
    if not has_points:
        intake.log.each(
            "cell_id_malformed",
            present(ids) & ~pattern,
            intake.rows,
            column=intake.column("cell_id"),
            values=ids,
        )
        return filled(None, intake.size)
    return points_of(intake, outside="note")


def _cells(intake: Intake, ids: np.ndarray, points: np.ndarray) -> pd.DataFrame:
    import geopandas as gpd

    from sro_geo.areas import assign_points

    blocks = intake.known.held("blocks")
    within = filled(None, intake.size)
    if blocks is None:
        intake.log.add("blocks_unknown", severity="note")
    else:
        some = np.flatnonzero([p is not None for p in points])
        x, y = shapely.get_x(points[some]), shapely.get_y(points[some])
        found = assign_points(blocks.geometry.to_numpy(), x, y)
        names = blocks["block_id"].to_numpy(object)
        within[some[found >= 0]] = names[found[found >= 0]]
    frame = pd.DataFrame({"cell_id": ids, "block_id": within})
    # A long table names each cell once per age.
    first = ~frame["cell_id"].duplicated().to_numpy(bool) | frame["cell_id"].isna().to_numpy(bool)
    drawn = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, crs=intake.city.crs))
    names_ = {"cell_id": place_column(intake), "geometry": place_column(intake)}
    return intake.checked("cells", drawn[first], intake.rows[first], names=names_)


def _blocks(intake: Intake, ids: np.ndarray) -> np.ndarray:
    """Check block ids against the workspace; numbers that are the tails of ids are offered."""
    known = intake.known.ids("blocks")
    where = intake.column("block_id")
    if not known:
        intake.log.add("blocks_missing", column=where)
        return ids
    told = present(ids)
    lost = told & ~np.isin(ids.astype(str), known)
    if not lost.any():
        return ids
    unknown = list(dict.fromkeys(ids[lost]))
    by_number = _by_number(known)
    if by_number and all(re.fullmatch(r"\d+", v) and int(v) in by_number for v in unknown):
        examples = ", ".join(f"{v} → {by_number[int(v)]}" for v in unknown[:4])
        intake.log.counted(
            "ids_by_number", lost, intake.rows, column=where, severity="repair", examples=examples
        )
        out = ids.copy()
        out[lost] = [by_number[int(v)] for v in ids[lost]]
        return out
    if lost.sum() == told.sum() or len(unknown) > 50:
        intake.log.counted(
            "place_ids_unknown",
            lost,
            intake.rows,
            column=where,
            severity="error",
            examples=listed(unknown, limit=5),
            known=listed(known, limit=5),
        )
    else:
        intake.log.each(
            "place_unknown",
            lost,
            intake.rows,
            column=where,
            values=ids,
            known=listed(known, limit=5),
        )
    return ids


def _by_number(known: list[str]) -> dict[int, str]:
    """Return number → id where all ids are one prefix and a number of their own."""
    parts = [re.fullmatch(r"(.*?)(\d+)", value) for value in known]
    if not all(parts) or len({p[1] for p in parts if p}) != 1:
        return {}
    out = {int(p[2]): value for p, value in zip(parts, known, strict=True) if p}
    return out if len(out) == len(known) else {}


def note_outside(intake: Intake, cells: pd.DataFrame, population: pd.DataFrame) -> None:
    """Say how many cells and persons lie outside every block."""
    if intake.known.held("blocks") is None:
        return
    outside = set(cells.loc[cells["block_id"].isna(), "cell_id"].dropna())
    if outside:
        persons = float(population.loc[population["place_id"].isin(outside), "persons"].sum())
        intake.log.add(
            "cells_outside",
            severity="note",
            count=len(outside),
            total=len(cells),
            persons=round(persons),
        )
