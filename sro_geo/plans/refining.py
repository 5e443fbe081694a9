"""Refining: blocks cut exactly along a line, as a new block version; the old one stays.

The borders of the crossed blocks and of all beside them are noded together with the line
and made into faces again, so that neighbours get the new corners too and the blocks stay
one coverage. What was counted in a cut block is shared among its parts, and sums stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sro_geo.areas import assign_points
from sro_geo.errors import SroError

_SNAP_M = 0.05
_NARROW_M = 0.5


@dataclass(frozen=True)
class Refined:
    """A new block version.

    ``blocks`` has one row per block of today; parts of a cut block are named after it
    (``0101~1``, ``0101~2``, from north to south) and keep its other columns. ``origin`` is
    for each the position of the block it comes from, so the codes of a plan go on as
    ``codes[origin]``. ``lineage`` names for each ``block_id`` its ``old_block_id``, the
    ``share`` it takes over, ``how`` that is known (``whole``, ``address`` or ``area``) and
    whether it is ``estimated`` (by area).
    """

    blocks: gpd.GeoDataFrame
    origin: np.ndarray
    lineage: pd.DataFrame

    @property
    def cut(self) -> tuple[str, ...]:
        """Ids of the blocks that were cut."""
        parts = self.lineage[self.lineage["how"] != "whole"]
        return tuple(pd.unique(parts["old_block_id"]).tolist())


def refine(
    blocks: gpd.GeoDataFrame,
    line: shapely.Geometry,
    *,
    addresses: gpd.GeoDataFrame | None = None,
    only: np.ndarray | None = None,
) -> Refined:
    """Cut the blocks that a line runs right through.

    Where the line ends inside a block (a dead end), that block stays whole. Parts narrower
    than half a metre are not made: there the line counts as running along the border.

    Parameters
    ----------
    blocks
        Table ``blocks`` in metres, a valid coverage.
    line
        LineString or MultiLineString in the same CRS.
    addresses
        Points that tell where in a block people live; with a column ``persons`` each
        counts so many, else each counts one. A block without any is shared by area.
    only
        Mask of the blocks that may be cut (one area); default all.

    Raises
    ------
    SroError
        ``line_empty``, ``line_cuts_nothing``.
    """
    geometry = blocks.geometry.to_numpy()
    parts = [p for p in shapely.get_parts(line) if shapely.get_type_id(p) in (1, 2)]
    if not np.isfinite(shapely.get_coordinates(line)).all():
        raise SroError("line_empty")
    # Nobody draws finer than a tenth of a millimetre; less only makes noding fragile.
    fine = shapely.set_precision(np.array(parts, object), 1e-4, mode="pointwise")
    fine = shapely.remove_repeated_points(fine)
    way = shapely.MultiLineString([shapely.LineString(p.coords) for p in fine if p.length > 0])
    if way.is_empty:
        raise SroError("line_empty")
    pieces = _cut(geometry, way, np.ones(len(blocks), bool) if only is None else only)
    if all(len(shapes) < 2 for shapes in pieces.values()):
        raise SroError("line_cuts_nothing")
    ids = blocks["block_id"].to_numpy(object)
    used = set(ids.tolist())
    origin: list[int] = []
    new_ids: list[str] = []
    shapes: list[shapely.Geometry] = []
    for at in range(len(blocks)):
        found = pieces.get(at, [geometry[at]])
        origin += [at] * len(found)
        shapes += found
        if len(found) == 1:
            new_ids.append(ids[at])
            continue
        number = 0
        for _ in found:
            number += 1
            while f"{ids[at]}~{number}" in used:
                number += 1
            used.add(f"{ids[at]}~{number}")
            new_ids.append(f"{ids[at]}~{number}")
    rows = np.array(origin)
    table = blocks.iloc[rows].reset_index(drop=True)
    drawn = np.empty(len(shapes), object)
    drawn[:] = shapes
    table = table.assign(block_id=pd.Series(new_ids, dtype=blocks["block_id"].dtype))
    table = table.set_geometry(gpd.GeoSeries(drawn, crs=blocks.crs))
    if "area_km2" in table:
        table["area_km2"] = shapely.area(drawn) / 1e6
    return Refined(table, rows, _lineage(ids, rows, new_ids, drawn, addresses))


def _cut(
    geometry: np.ndarray, way: shapely.Geometry, may: np.ndarray
) -> dict[int, list[shapely.Geometry]]:
    """Return the parts of every block that is cut, or gets a new corner on its border."""
    tree = shapely.STRtree(geometry)
    crossed = np.sort(tree.query(way, predicate="intersects"))
    if not crossed.size:
        return {}
    _, beside = tree.query(geometry[crossed], predicate="intersects")
    near = np.unique(np.concatenate([crossed, beside]))
    rims = shapely.boundary(geometry[near])
    drawn = shapely.snap(way, shapely.multipoints(shapely.points(_corners(rims, way))), _SNAP_M)
    noded = shapely.union_all([*rims, drawn])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    owners = shapely.STRtree(geometry[near])
    face, owner = owners.query(shapely.point_on_surface(faces), predicate="intersects")
    out: dict[int, list[shapely.Geometry]] = {}
    for at in np.unique(owner):
        own = faces[np.unique(face[owner == at])]
        block = int(near[at])
        found = _without_slivers(own) if may[block] else [_joined(own)]
        # Parts that lay apart before the cut are not parts of a cut.
        if len(found) <= shapely.get_num_geometries(geometry[block]) and (
            len(found) == 1 or block not in crossed
        ):
            found = [_joined(own)]
        elif shapely.get_num_geometries(geometry[block]) > 1:
            found = _as_before(found, geometry[block])
        out[block] = sorted(found, key=_north_first)
    return out


def _corners(rims: np.ndarray, way: shapely.Geometry) -> np.ndarray:
    """Return the corners of borders close to the line, which it may be drawn through."""
    spots = shapely.get_coordinates(rims)
    close: np.ndarray = spots[shapely.dwithin(shapely.points(spots), way, 2 * _SNAP_M)]
    return np.unique(close, axis=0)


def _joined(faces: np.ndarray) -> shapely.Geometry:
    if len(faces) == 1:
        return faces[0]
    whole = shapely.coverage_union_all(faces)
    parts = shapely.get_parts(whole)
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _without_slivers(faces: np.ndarray) -> list[shapely.Geometry]:
    """Join faces too narrow to be blocks to the one beside them with the longest border."""
    found = list(faces)
    while len(found) > 1:
        width = [2 * f.area / max(f.length, 1e-9) for f in found]
        thin = int(np.argmin(width))
        if width[thin] >= _NARROW_M:
            break
        sliver = found.pop(thin)
        rim = shapely.boundary(sliver)
        common = [shapely.length(shapely.intersection(rim, shapely.boundary(f))) for f in found]
        best = int(np.argmax(common))
        found[best] = _joined(np.array([found[best], sliver], object))
    return found


def _as_before(found: list[shapely.Geometry], block: shapely.Geometry) -> list[shapely.Geometry]:
    """Let parts of a block that lay apart and were not cut stay one block, with the largest."""
    apart = shapely.get_parts(block)
    home = [int(np.argmax(shapely.area(shapely.intersection(apart, f)))) for f in found]
    counts = np.bincount(home, minlength=len(apart))
    cut = [f for f, h in zip(found, home, strict=True) if counts[h] > 1]
    rest = [f for f, h in zip(found, home, strict=True) if counts[h] < 2]
    if not cut or not rest:
        return cut or [_joined(np.array(found, object))]
    largest = int(np.argmax(shapely.area(cut)))
    cut[largest] = _joined(np.array([*shapely.get_parts(cut[largest]), *rest], object))
    return cut


def _north_first(shape: shapely.Geometry) -> tuple[float, float]:
    middle = shape.centroid
    return (-round(middle.y, 3), round(middle.x, 3))


def _lineage(
    ids: np.ndarray,
    origin: np.ndarray,
    new_ids: Sequence[str],
    shapes: np.ndarray,
    addresses: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    n = len(ids)
    cut = np.bincount(origin, minlength=n)[origin] > 1
    size = shapely.area(shapes)
    people = np.zeros(len(shapes))
    if addresses is not None and len(addresses) and cut.any():
        points = addresses.geometry.to_numpy()
        at = assign_points(shapes[cut], shapely.get_x(points), shapely.get_y(points))
        count = np.ones(len(points))
        if "persons" in addresses:
            count = np.clip(np.nan_to_num(addresses["persons"].to_numpy(float)), 0, None)
        hit = at >= 0
        people[cut] = np.bincount(at[hit], count[hit], int(cut.sum()))
    known = np.bincount(origin, people, n)[origin] > 0
    weight = np.where(known, people, size)
    share = np.where(cut, weight / np.bincount(origin, weight, n)[origin], 1.0)
    how = np.select([~cut, known], ["whole", "address"], "area")
    return pd.DataFrame(
        {
            "old_block_id": pd.Series(ids[origin], dtype="str"),
            "block_id": pd.Series(list(new_ids), dtype="str"),
            "share": share,
            "how": pd.Series(how.tolist(), dtype="str"),
            "estimated": how == "area",
        }
    )


def shared_out(
    table: pd.DataFrame,
    lineage: pd.DataFrame,
    *,
    place: str = "block_id",
    value: str = "persons",
    together: Iterable[str] = (),
) -> pd.DataFrame:
    """Return a table of counts with those of cut blocks shared among their parts.

    Whole numbers stay whole, and every row's parts sum to the row exactly. Within a cut
    block what was rounded away in one row (an age band) is made up for in the next, so
    that the total follows the shares too. A column ``estimated`` becomes True where the
    share is one by area.

    Parameters
    ----------
    table
        Any table with a place and a count, such as ``population`` (``place="place_id"``)
        or cases per block. Rows of places that were not cut stay as they are.
    lineage
        Of :class:`Refined`.
    together
        Columns within whose values rounding is made up for, e.g. the reference date.
    """
    parts = lineage[lineage["how"] != "whole"]
    is_cut = table[place].isin(parts["old_block_id"]).to_numpy(bool)
    if not is_cut.any():
        return table.copy()
    groups = {str(old): rows for old, rows in parts.groupby("old_block_id", sort=False)}
    keys = [place, *together]
    rounding: dict[tuple[object, ...], np.ndarray] = {}
    rows: list[int] = []
    places: list[str] = []
    counts: list[float] = []
    marked: list[bool] = []
    heads = table[keys].astype("object").to_numpy()
    numbers = table[value].to_numpy(float, na_value=np.nan)
    for at in range(len(table)):
        if not is_cut[at]:
            rows.append(at)
            places.append(heads[at, 0])
            counts.append(numbers[at])
            marked.append(False)
            continue
        own = groups[str(heads[at, 0])]
        share = own["share"].to_numpy(float)
        key = tuple(heads[at].tolist())
        carried = rounding.get(key, np.zeros(len(share)))
        given, rounding[key] = _portions(float(numbers[at]), share, carried)
        rows += [at] * len(share)
        places += own["block_id"].tolist()
        counts += given.tolist()
        marked += own["estimated"].tolist()
    out = table.iloc[rows].reset_index(drop=True)
    out[place] = pd.Series(places, dtype=table[place].dtype)
    out[value] = pd.Series(counts, dtype="float64").astype(table[value].dtype)
    if "estimated" in out and any(marked):
        flags = out["estimated"].astype("boolean")
        out["estimated"] = flags.mask(np.array(marked), True).astype(table["estimated"].dtype)
    return out


def _portions(
    count: float, share: np.ndarray, carried: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Divide a count by shares, exactly; return the portions and what rounding left over."""
    if not np.isfinite(count):
        return np.full(len(share), np.nan), carried
    if count != np.floor(count):
        given = count * share
        # The last digit too: the largest portion is what the others leave.
        most = int(np.argmax(given))
        for _ in range(4):
            given[most] += count - given.sum()
        return given, carried
    wanted = count * share + carried
    given = np.floor(np.clip(wanted, 0, None) + 1e-9)
    while given.sum() > count:
        given[int(np.argmax(np.where(given > 0, given - wanted, -np.inf)))] -= 1
    # Largest remainder; of equal ones the first.
    while given.sum() < count:
        given[int(np.argmax(np.where(share > 0, np.round(wanted - given, 9), -np.inf)))] += 1
    return given, wanted - given
