"""Areal transfer: numbers counted in one set of areas, shared out to another by area.

Each source gives to each target the exact share of its area that lies there. Sources that
lie in one target altogether (nearly all, where cells are small) are recognised without
cutting anything; only those on a border are cut. The counterpart of
``tobler.area_weighted.area_interpolate`` for extensive values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class Shares:
    """``share[i]`` of the area of source ``source[i]`` lies in target ``target[i]``."""

    source: np.ndarray
    target: np.ndarray
    share: np.ndarray
    sources: int
    targets: int

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return the sums over the targets; what lies in none of them is in no sum.

        ``values`` has the shape (sources,) or (sources, columns).
        """
        values = np.asarray(values, float)
        if values.ndim == 1:
            return np.bincount(
                self.target, values[self.source] * self.share, minlength=self.targets
            )
        return np.column_stack([self.of(column) for column in values.T])

    def outside(self, values: np.ndarray) -> float:
        """Return the part of ``values`` that lies in no target (negative where targets overlap)."""
        values = np.asarray(values, float)
        given = np.bincount(self.source, self.share, minlength=self.sources)
        return float((values * (1 - given)).sum())


def transfer(values: np.ndarray, from_geometry: np.ndarray, to_geometry: np.ndarray) -> np.ndarray:
    """Return ``values`` of the source areas shared out to the target areas by area.

    Parameters
    ----------
    values
        Counts (extensive), shape (n,) or (n, columns).
    from_geometry, to_geometry
        Polygons in one projected CRS, shapes (n,) and (m,). A source without area gives
        nothing.

    Returns
    -------
    Sums, shape (m,) or (m, columns). Where targets cover all sources and do not overlap,
    nothing is lost.
    """
    return shares(from_geometry, to_geometry).of(values)


def shares(from_geometry: np.ndarray, to_geometry: np.ndarray) -> Shares:
    """Return which share of each source lies in each target; see :func:`transfer`."""
    sources = np.asarray(from_geometry, object)
    targets = np.asarray(to_geometry, object)
    areas = shapely.area(sources)
    tree = shapely.STRtree(sources)
    target, source = tree.query(targets)
    # Where no border comes near the box around a source, the source is in or out as a whole,
    # and one point of it tells which.
    cut = np.isin(target * len(sources) + source, _near_borders(tree, targets), assume_unique=True)
    west, south, east, north = shapely.bounds(sources).T
    middle = source[~cut]
    x, y = (west[middle] + east[middle]) / 2, (south[middle] + north[middle]) / 2
    shapely.prepare(targets)
    share = np.empty(len(source))
    share[~cut] = shapely.intersects_xy(targets[target[~cut]], x, y)
    common = _common(sources, targets, source[cut], target[cut])
    size = areas[source[cut]]
    share[cut] = np.divide(common, size, out=np.zeros(len(common)), where=size > 0)
    kept = (share > 0) & (areas[source] > 0)
    return Shares(source[kept], target[kept], share[kept], len(sources), len(targets))


_PIECE = 3


def _near_borders(tree: shapely.STRtree, targets: np.ndarray) -> np.ndarray:
    """Return target × number of sources + source, for sources a border may touch.

    Borders are taken a few corners at a time, by the boxes around them.
    """
    parts, owner = shapely.get_parts(targets, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = owner[part]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return np.empty(0, np.int64)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    low = np.minimum(points[edge], points[edge + 1])
    high = np.maximum(points[edge], points[edge + 1])
    of_ring = ring[edge]
    first = np.searchsorted(of_ring, of_ring)  # where the ring of an edge begins
    start = np.flatnonzero((np.arange(len(edge)) - first) % _PIECE == 0)
    low, high = np.minimum.reduceat(low, start), np.maximum.reduceat(high, start)
    piece, source = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    found: np.ndarray = np.unique(owner[of_ring[start[piece]]] * len(tree) + source)
    return found


def _common(
    sources: np.ndarray, targets: np.ndarray, source: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return the common area of pairs on a border, exactly.

    Cells of a grid are rectangles along the axes: cutting a target at those is several times
    faster than intersecting two polygons.
    """
    cells = sources[source]
    bounds = shapely.bounds(cells)
    box = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    # A polygon that fills its bounding box is that box.
    straight = shapely.area(cells) >= box * (1 - 1e-12)
    common = np.empty(len(source))
    cut = np.empty(np.count_nonzero(straight), object)
    cut[:] = [
        shapely.clip_by_rect(shape, *edges)
        for shape, edges in zip(targets[target[straight]], bounds[straight].tolist(), strict=True)
    ]
    common[straight] = shapely.area(cut)
    bent = ~straight
    common[bent] = shapely.area(shapely.intersection(cells[bent], targets[target[bent]]))
    return common
