"""Which lines touch which boxes and lines, and where a grid is free: for many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def clear_grid(
    x: Floats, y: Floats, wide: float, high: float, boxes: Sequence[tuple[float, ...]]
) -> Flags:
    """Tell of each point of a grid, row by row, whether a box around it is clear of ``boxes``.

    ``x`` and ``y`` rise; the box reaches ``wide`` and ``high`` to either side.
    """
    free = np.ones((len(y), len(x)), bool)
    if not boxes:
        return free
    x0, y0, x1, y1 = np.array(boxes, float).T
    left, right = np.searchsorted(x, x0 - wide, "right"), np.searchsorted(x, x1 + wide, "left")
    top, bottom = np.searchsorted(y, y0 - high, "right"), np.searchsorted(y, y1 + high, "left")
    for i in range(len(boxes)):
        free[top[i] : bottom[i], left[i] : right[i]] = False
    return free


def on_boxes(lines: Floats, boxes: Floats) -> Flags:
    """Tell which lines (x, y, x, y) touch which boxes: one row for each line."""
    start_x, start_y = lines[:, 0, None], lines[:, 1, None]
    way_x, way_y = lines[:, 2, None] - start_x, lines[:, 3, None] - start_y
    way_x = np.where(np.abs(way_x) < 1e-9, 1e-9, way_x)
    way_y = np.where(np.abs(way_y) < 1e-9, 1e-9, way_y)
    x0, y0, x1, y1 = boxes.T
    # Where along the line each side of the box lies, 0 its start and 1 its end.
    west, east = (x0 - start_x) / way_x, (x1 - start_x) / way_x
    north, south = (y0 - start_y) / way_y, (y1 - start_y) / way_y
    enters = np.maximum(np.minimum(west, east), np.minimum(north, south))
    leaves = np.minimum(np.maximum(west, east), np.maximum(north, south))
    return np.asarray((enters <= leaves) & (leaves >= 0) & (enters <= 1))


def crossed(lines: Floats, others: Floats) -> Flags:
    """Tell which lines cross or touch which others: one row for each line."""
    ax, ay, bx, by = (lines[:, i, None] for i in range(4))
    cx, cy, dx, dy = others.T

    def apart(px: Floats, py: Floats, qx: Floats, qy: Floats, *ends: Floats) -> Floats:
        """Return a positive number where both ends lie on one side of the line."""
        x1, y1, x2, y2 = ends
        one = (qx - px) * (y1 - py) - (qy - py) * (x1 - px)
        other = (qx - px) * (y2 - py) - (qy - py) * (x2 - px)
        return np.asarray(one * other)

    return np.asarray(
        (apart(ax, ay, bx, by, cx, cy, dx, dy) <= 0) & (apart(cx, cy, dx, dy, ax, ay, bx, by) <= 0)
    )
