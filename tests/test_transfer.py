import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.transfer import shares, transfer

CELLS = shapely.box(*np.array([(x, y, x + 10, y + 10) for x in (0, 10) for y in (0, 10)]).T)


def test_cells_inside_an_area_go_there_whole_and_others_by_area():
    """The border runs at a quarter of the eastern column."""
    areas = np.array([shapely.box(-5, -5, 12.5, 30), shapely.box(12.5, -5, 40, 30)])
    assert [16 + 2, 6] == pytest.approx(transfer([8, 8, 4, 4], CELLS, areas).tolist())


def test_what_lies_in_no_area_is_said():
    """Half of everything."""
    found = shares(CELLS, np.array([shapely.box(0, 0, 10, 20)]))
    assert ([16.0], 8.0) == (found.of([8, 8, 4, 4]).tolist(), found.outside([8, 8, 4, 4]))


def test_areas_that_get_nothing_stay():
    """0, not gone."""
    far = shapely.box(900, 900, 901, 901)
    assert [0.0] == transfer([8, 8, 4, 4], CELLS, np.array([far])).tolist()


def test_several_columns_are_shared_out_at_once():
    """One column per age group."""
    values = np.array([[8, 1], [8, 1], [4, 2], [4, 2]])
    whole = np.array([shapely.box(0, 0, 20, 20)])
    assert [[24.0, 6.0]] == transfer(values, CELLS, whole).tolist()


def test_holes_islands_and_nothing():
    """A cell in a hole is outside; empty geometry gives and takes nothing."""
    ring = shapely.box(-50, -50, 60, 60) - shapely.box(-1, -1, 21, 21)
    two = shapely.union(shapely.box(0, 0, 10, 10), shapely.box(15, 15, 20, 20))
    empty = shapely.Polygon()
    found = transfer([8, 8, 4, 4], CELLS, np.array([ring, two, empty]))
    assert [0, 8 + 1, 0] == pytest.approx(found.tolist())
    assert [0.0] == transfer([3], np.array([empty]), np.array([ring])).tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1.5), st.integers(2, 12))
def test_shares_are_those_of_cutting_every_pair(seed, turn, count):
    """Random areas, grids turned at will: as exact as double precision; nothing is lost."""
    rng = np.random.default_rng(seed)
    west, south = (axis.ravel() for axis in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    cells = shapely.box(west, south, west + 1, south + 1)
    if turn > 0.5:
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        cells = shapely.transform(cells, lambda points: points @ spin)
    frame = shapely.box(-20, -20, 20, 20)
    seeds = shapely.MultiPoint(rng.uniform(-8, 8, (count, 2)))
    areas = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame))
    areas = shapely.segmentize(shapely.intersection(areas, frame), 0.7)
    values = rng.integers(0, 50, len(cells)).astype(float)
    common = shapely.area(shapely.intersection(cells[:, None], areas[None, :]))
    expected = values @ (common / shapely.area(cells)[:, None])
    found = transfer(values, cells, areas)
    assert np.allclose(expected, found, rtol=1e-9, atol=1e-9)
    assert found.sum() == pytest.approx(values.sum())
