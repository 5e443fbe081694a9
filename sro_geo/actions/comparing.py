"""What a file changes: rows told apart into new, changed, unchanged and gone.

A file that was exported and comes back has points that moved by the rounding of its
degrees; that is no change, and must not make one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from sro_geo.tables import TABLES

# Seven decimals of a degree, as tables carry them, are about a centimetre.
ROUNDING_M = 0.02


@dataclass(frozen=True)
class Difference:
    """Numbers of rows of one table."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    @property
    def anything(self) -> bool:
        """True if writing the table would make a difference."""
        return bool(self.added or self.changed or self.removed)


_MANY = {
    "area": (shapely.GeometryType.POLYGON, shapely.multipolygons),
    "line": (shapely.GeometryType.LINESTRING, shapely.multilinestrings),
}


def as_stored(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with polygons and lines in the many-part form that a layer holds."""
    kind = TABLES[table].geometry
    if kind not in _MANY or "geometry" not in frame:
        return frame
    single, many = _MANY[kind]
    shapes = frame["geometry"].to_numpy().copy()
    for position in np.flatnonzero(shapely.get_type_id(shapes) == single):
        shapes[position] = many([shapes[position]])
    return frame.assign(geometry=shapes)


def steadied(table: str, held: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return ``new`` with the held shape wherever only rounding lies between the two."""
    new = as_stored(table, new)
    if TABLES[table].geometry is None or held.empty or "geometry" not in new:
        return new
    at = _positions(table, held, new)
    old = held["geometry"].to_numpy()[np.maximum(at, 0)]
    shapes = new["geometry"].to_numpy().copy()
    known = np.flatnonzero((at >= 0) & same_shapes(old, shapes))
    shapes[known] = old[known]
    return new.assign(geometry=shapes)


def same_shapes(one: np.ndarray, other: np.ndarray, within: float = ROUNDING_M) -> np.ndarray:
    """Return a mask: shapes that are alike point by point, or missing in both arrays."""
    left, right = shapely.is_missing(one), shapely.is_missing(other)
    out: np.ndarray = left & right
    both = np.flatnonzero(~left & ~right)
    out[both] = shapely.equals_exact(
        shapely.normalize(one[both]), shapely.normalize(other[both]), tolerance=within
    )
    return out


def difference(
    table: str, held: pd.DataFrame, new: pd.DataFrame, *, whole: bool = False
) -> Difference:
    """Count what writing ``new`` would do; ``whole``: held rows it lacks are removed."""
    at = _positions(table, held, new)
    known = at >= 0
    same = np.ones(int(known.sum()), bool)
    for column in new.columns:
        if column == "row_version" or column not in held:
            continue
        before = held[column].to_numpy(object)[at[known]]
        now = new[column].to_numpy(object)[known]
        if column == "geometry":
            same &= same_shapes(before, now, within=0.0)
        else:
            missing = pd.isna(before) & pd.isna(now)
            alike = [_alike(a, b) for a, b in zip(before, now, strict=True)]
            same &= missing | np.array(alike, bool)
    unchanged = int(same.sum())
    gone = len(held) - len(np.unique(at[known])) if whole else 0
    return Difference(int((~known).sum()), int(known.sum()) - unchanged, unchanged, gone)


def same_table(table: str, held: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Tell whether replacing ``held`` by ``new`` would change nothing."""
    return not difference(table, held, new, whole=True).anything


def _alike(one: object, other: object) -> bool:
    if pd.isna(one) or pd.isna(other):  # type: ignore[call-overload]
        return False
    return bool(one == other)


def _positions(table: str, held: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Return for each row of ``new`` its position in ``held`` by key, -1 where it is new."""
    keys = list(TABLES[table].key)

    def ids(frame: pd.DataFrame) -> pd.Index:
        parts = [frame[key].astype("object").astype(str) for key in keys]
        return pd.Index(parts[0]) if len(parts) == 1 else pd.MultiIndex.from_arrays(parts)

    known = ids(held)
    if known.has_duplicates:
        known = known.drop_duplicates()
    at: np.ndarray = known.get_indexer(ids(new))
    return at
