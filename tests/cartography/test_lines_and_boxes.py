"""Lines and boxes: the same answers as one by one."""

from __future__ import annotations

import numpy as np
import shapely

from sro_geo.cartography.lines_and_boxes import clear_grid, crossed, on_boxes

RNG = np.random.default_rng(4)
LINES = RNG.uniform(0, 100, (60, 4)).round(1)
LINES[:5, 2] = LINES[:5, 0]
BOXES = np.sort(RNG.uniform(0, 100, (40, 2, 2)), axis=1).reshape(40, 4).round(1)
SHAPES = shapely.linestrings(LINES.reshape(-1, 2, 2))


def test_lines_on_boxes_are_those_that_intersect() -> None:
    """Upright lines as well."""
    expected = shapely.intersects(SHAPES[:, None], shapely.box(*BOXES.T)[None, :])
    assert np.array_equal(expected, on_boxes(LINES, BOXES))


def test_crossed_lines_are_those_that_intersect() -> None:
    """With themselves too."""
    assert np.array_equal(
        shapely.intersects(SHAPES[:, None], SHAPES[None, :]), crossed(LINES, LINES)
    )


def test_a_grid_is_clear_where_no_box_is() -> None:
    """Touching is clear."""
    x, y = np.arange(0, 100, 7.0), np.arange(0, 100, 9.0)
    boxes = [tuple(b) for b in BOXES.tolist()]
    found = clear_grid(x, y, 3, 2, boxes)
    walls = shapely.box(*BOXES.T)
    for row, b in enumerate(y):
        for column, a in enumerate(x):
            own = shapely.box(a - 3, b - 2, a + 3, b + 2)
            touched = shapely.area(shapely.intersection(walls, own)) > 0
            assert bool(found[row, column]) is not bool(touched.any())
    assert clear_grid(x, y, 3, 2, []).all()
    nothing = np.empty((0, 4))
    assert (60, 0) == on_boxes(LINES, nothing).shape == crossed(LINES, nothing).shape
