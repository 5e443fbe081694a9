"""Every pair of points within a radius, by sorting one side into the squares of a grid.

Each offer asks the nine squares around it. All offers are asked at once, with array
operations alone; ``benchmarks/floating.py`` measures what comes of it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

_SQUARES = 255  # a side, so that the number of a square fits into 16 bits: a radix sort
_AT_ONCE = 2_000_000  # candidates held in memory together


def pairs_within(
    x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return demand, offer and metres of the pairs at most ``radius`` apart.

    Sorted by demand, then offer; all coordinates finite. Points on one another are a pair
    with 0.0.
    """
    from scipy.sparse import csc_matrix

    none = np.empty(0, np.int64)
    if not len(x) or not len(xs):
        return none, none, np.empty(0)
    west, south = x.min(), y.min()
    # A hair more than the radius: rounding must not put a pair two squares apart.
    side = 1e-9 + max(
        radius * (1 + 1e-9), (x.max() - west) / _SQUARES, (y.max() - south) / _SQUARES
    )
    column, row = (
        ((x - west) * (1 / side)).astype(np.int32),
        ((y - south) * (1 / side)).astype(np.int32),
    )
    columns, rows = int(column.max()) + 1, int(row.max()) + 1
    square = row * columns + column
    order = np.argsort(square.astype(np.uint16), kind="stable")
    sorted_x, sorted_y = x[order], y[order]
    begins = np.append(0, np.cumsum(np.bincount(square, minlength=columns * rows)))
    first, count = _runs(
        np.floor((xs - west) * (1 / side)),
        np.floor((ys - south) * (1 / side)),
        columns,
        rows,
        begins,
    )
    found_demand, found_metres = [], []
    per_offer = np.zeros(len(xs), np.int64)
    for part in _slices(count.sum(axis=1)):
        runs = count[part].ravel()
        offer = np.repeat(np.arange(part.start, part.stop), count[part].sum(axis=1))
        ends = np.cumsum(runs)
        at = np.arange(len(offer)) + np.repeat(first[part].ravel() - ends + runs, runs)
        east, north = sorted_x[at] - xs[offer], sorted_y[at] - ys[offer]
        squared = east * east
        squared += north * north
        kept = np.flatnonzero(squared <= radius * radius * (1 + 1e-9))
        metres = np.sqrt(squared[kept])
        near = metres <= radius
        kept, metres = kept[near], metres[near]
        per_offer += np.bincount(offer[kept], minlength=len(xs))
        found_demand.append(order[at[kept]])
        found_metres.append(metres)
    # By offer as they are found; a sparse matrix turns them by demand in one pass.
    starts = np.append(0, np.cumsum(per_offer))
    columns_first = csc_matrix(
        (np.concatenate(found_metres), np.concatenate(found_demand), starts),
        shape=(len(x), len(xs)),
    )
    turned = columns_first.tocsr()
    demand = np.repeat(np.arange(len(x)), np.diff(turned.indptr))
    return demand, turned.indices.astype(np.int64), turned.data


def _runs(
    column: np.ndarray, row: np.ndarray, columns: int, rows: int, begins: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the points in the three rows of squares around each offer begin, how many."""
    left = np.clip(column - 1, 0, columns).astype(np.int64)
    right = np.clip(column + 1, -1, columns - 1).astype(np.int64)
    around = row[:, None] + np.array([-1.0, 0.0, 1.0])
    there = (around >= 0) & (around < rows) & (left <= right)[:, None]
    line = np.where(there, around, 0).astype(np.int64) * columns
    first = begins[np.where(there, line + left[:, None], 0)]
    last = begins[np.where(there, line + right[:, None] + 1, 0)]
    return first, last - first


def _slices(candidates: np.ndarray) -> list[slice]:
    """Cut the offers into parts with about ``_AT_ONCE`` candidates, at least one offer each."""
    group = np.cumsum(candidates) // _AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(candidates)]
    return [slice(a, b) for a, b in pairwise(edges)]
