"""Where people are counted: blocks by id, census cells by their centre."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.casting import CHOICES, as_choices
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import points_of
from sro_geo.exchange.placing import placed
from sro_geo.exchange.recognise import Recognised
from sro_geo.exchange.records import filled, listed, present
from sro_geo.exchange.spreading import areas_by_level, consented, level_counted, level_named

_CELL = re.compile(r"(?:CRS3035)?(?:RES)?(\d+)(k?m)N(\d+)E(\d+)", re.IGNORECASE)


def place_column(intake: Intake) -> str:
    """Return the column that says where a number was counted."""
    return intake.column("cell_id" if intake.has("cell_id") else "block_id")


@dataclass(frozen=True)
class Places:
    """Where the numbers of each record were counted.

    ``kinds`` holds ``block`` or ``cell`` per record, ``cells`` the frame of cells where
    there are any, ``level`` the level of areas that are to be spread over their blocks.
    """

    ids: np.ndarray
    kinds: np.ndarray
    cells: pd.DataFrame | None = None
    level: str | None = None


def places_of(intake: Intake) -> Places:
    """Return the places of all records; a file that tells their kind may mix blocks and cells."""
    if not intake.has("place_kind"):
        return _of_one_kind(intake)
    raw = intake.text("place_kind")
    kinds = as_choices(raw, ("block", "cell"), CHOICES["place_kind"])
    ids = intake.text("cell_id" if intake.has("cell_id") else "block_id")
    cells, level = None, None
    for kind, given, other in (("block", "block_id", "cell_id"), ("cell", "cell_id", "block_id")):
        mask = np.asarray(kinds == kind, bool)
        if not mask.any():
            continue
        # Each kind is looked at as if it were a file of its own.
        recognised = dict(intake.recognised)
        source = recognised[given] if intake.has(given) else recognised[other]
        recognised[given] = Recognised(given, source.source, source.how)
        recognised[other] = Recognised(other, None, "")
        part = replace(intake, records=intake.records.part(mask), recognised=recognised)
        found = _of_blocks(part) if kind == "block" else _of_cells(part)
        ids[mask] = found.ids
        cells = found.cells if kind == "cell" else cells
        level = found.level if kind == "block" else level
        intake.crs = part.crs or intake.crs
    return Places(ids, kinds, cells, level)


def _of_one_kind(intake: Intake) -> Places:
    if intake.has("block_id") and not intake.has("cell_id"):
        blocks = intake.text("block_id")
        some = [v for v in blocks[:50] if v is not None]
        if some and all(_CELL.fullmatch(v) for v in some):
            recognised = dict(intake.recognised)
            recognised["cell_id"] = Recognised("cell_id", intake.column("block_id"), "synonym")
            recognised["block_id"] = Recognised("block_id", None, "")
            intake.recognised = recognised
            return _of_cells(intake)
        return _of_blocks(intake)
    if not intake.has("cell_id") and not _has_points(intake):
        intake.log.add("place_column_missing", column="block_id")
        return Places(filled(None, intake.size), filled("block", intake.size))
    return _of_cells(intake)


def _has_points(intake: Intake) -> bool:
    drawn = intake.records.geometry is not None
    return drawn or any(intake.has(pair) for pair in ("x", "lon"))


def _of_blocks(intake: Intake) -> Places:
    ids, level = _blocks(intake, intake.text("block_id"))
    return Places(ids, filled("block", intake.size), level=level)


def _of_cells(intake: Intake) -> Places:
    ids = intake.text("cell_id")
    told = present(ids)
    pattern = np.array([bool(_CELL.fullmatch(v)) if v else False for v in ids], bool)
    has_points = _has_points(intake)
    points = _cell_points(intake, ids, pattern, has_points)
    missing = ~told
    if missing.any() and not intake.has("cell_id"):
        for position in np.flatnonzero(missing):
            point = points[position]
            ids[position] = None if point is None else f"x{point.x:.0f}y{point.y:.0f}"
    return Places(ids, filled("cell", intake.size), _cells(intake, ids, points))


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


def _blocks(intake: Intake, ids: np.ndarray) -> tuple[np.ndarray, str | None]:
    """Check block ids against the workspace; numbers that are the tails of ids are offered.

    Returns the ids, and the level where they are areas whose numbers are to be spread.
    """
    known = intake.known.ids("blocks")
    where = intake.column("block_id")
    if not known:
        intake.log.add("blocks_missing", column=where)
        return ids, None
    told = present(ids)
    level = level_counted(intake, ids)
    if level is not None:
        return ids, level if consented(intake, ids, level) else None
    lost = told & ~np.isin(ids.astype(str), known)
    if not lost.any():
        return ids, None
    named = level_named(intake, where)
    choices = [(None, known), *areas_by_level(intake).items()]
    for name, possible in sorted(choices, key=lambda choice: choice[0] != named):
        by_number = numbered(possible)
        unknown = list(dict.fromkeys(ids[lost if name is None else told]))
        if by_number and all(re.fullmatch(r"\d+", v) and int(v) in by_number for v in unknown):
            examples = ", ".join(f"{v} → {by_number[int(v)]}" for v in unknown[:4])
            mask = lost if name is None else told
            intake.log.counted(
                "ids_by_number",
                mask,
                intake.rows,
                column=where,
                severity="repair",
                examples=examples,
            )
            out = ids.copy()
            out[mask] = [by_number[int(v)] for v in ids[mask]]
            return out, name if name is not None and consented(intake, out, name) else None
    unknown = list(dict.fromkeys(ids[lost]))
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
    return ids, None


def numbered(known: list[str]) -> dict[int, str]:
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
