"""Dirty borders: made one coverage and told, or refused."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.plans import edge_table
from sro_geo.plans.cleaning import Cleaned, clean_coverage, loose_corners
from tests.plans.drawing import grid
from tests.toy import ROOT

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")


def kinds(cleaned: Cleaned) -> list[str]:
    """Return the kinds of changes in order."""
    return [change.kind for change in cleaned.changes]


def noisy(shapes: np.ndarray, metres: float, seed: int = 1) -> np.ndarray:
    """Move every corner of every block by itself, each a little else; rings stay closed."""
    rng = np.random.default_rng(seed)
    out = np.empty(len(shapes), object)
    for k, shape in enumerate(shapes):
        ring = shapely.get_coordinates(shape)[:-1]
        out[k] = shapely.Polygon(ring + rng.uniform(-metres, metres, ring.shape))
    return out


def test_a_clean_coverage_is_left_alone() -> None:
    """Nothing to say, and the very same blocks."""
    shapes = grid(4, 3)
    cleaned = clean_coverage(shapes)
    assert cleaned.changes == ()
    assert not cleaned.changed
    assert (cleaned.geometry == shapes).all()


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([1e-9, 1e-7, 1e-5, 1e-3]))
def test_noise_is_taken_out_of_every_shared_border(seed, metres) -> None:
    """Law: as many neighbours as before the noise, whatever the noise below a centimetre."""
    shapes = grid(6, 5) if not seed % 2 else shapely.transform(grid(6, 5), _bent)
    cleaned = clean_coverage(noisy(shapes, metres, seed))
    assert shapely.coverage_is_valid(cleaned.geometry)
    assert len(edge_table(cleaned.geometry)) == 49
    assert set(kinds(cleaned)) <= {"moved", "gap", "overlap"}
    assert "moved" in kinds(cleaned)
    # A corner may move by the snapping distance: six times the noise between four corners.
    assert shapely.area(cleaned.geometry) == pytest.approx(shapely.area(shapes), abs=metres * 2e4)


def _bent(spots: np.ndarray) -> np.ndarray:
    x, y = spots.T
    return np.column_stack([x + 9 * np.sin(y / 90) + 566_000, y + 7 * np.cos(x / 70) + 5_950_000])


def test_a_corner_that_the_neighbour_lacks_is_given_to_it() -> None:
    """Exactly on the border, or off it by the last digit, where a coverage check sees nothing."""
    rim = [(100, 0), (130, 90), (230, 90), (200, 0)]
    for off in (0.0, 1e-13, -1e-13):
        middle = (110.0 + off, 30.0)
        west = [
            shapely.Polygon([(0, 0), (100, 0), middle, (0, 30)]),
            shapely.Polygon([(0, 30), middle, (130, 90), (0, 90)]),
        ]
        shapes = np.array([*west, shapely.Polygon(rim)])
        assert loose_corners(shapes).tolist() == [2]
        cleaned = clean_coverage(shapes)
        assert not loose_corners(cleaned.geometry).size
        assert len(edge_table(cleaned.geometry)) == 3


@pytest.mark.parametrize("closed", [True, False])
def test_a_sliver_is_filled_and_told(closed) -> None:
    """0.4 m between two blocks over 100 m: 40 m² for one of them, also when open to the south."""
    shapes = [shapely.box(0, 0, 100, 100), shapely.box(100.4, 0, 200, 100)]
    shapes += [shapely.box(0, 100, 200, 200), shapely.box(0, -100, 200, 0)][: 1 + closed]
    cleaned = clean_coverage(np.array(shapes))
    assert shapely.coverage_is_valid(cleaned.geometry)
    gaps = [c for c in cleaned.changes if c.kind == "gap"]
    assert sum(c.size_m2 for c in gaps) == pytest.approx(40, abs=0.1)
    whole = sum(shape.area for shape in shapes) + 40
    assert shapely.area(cleaned.geometry).sum() == pytest.approx(whole, abs=0.1)
    edges = edge_table(cleaned.geometry)
    assert {(0, 1), (0, 2), (1, 2)} <= set(zip(edges.i.tolist(), edges.j.tolist(), strict=True))


def test_a_small_overlap_goes_to_one_of_the_two() -> None:
    """0.5 m over 100 m, named with both blocks."""
    shapes = np.array([shapely.box(0, 0, 100.5, 100), shapely.box(100, 0, 200, 100)])
    cleaned = clean_coverage(shapes)
    overlaps = [c for c in cleaned.changes if c.kind == "overlap"]
    assert [(c.blocks, round(c.size_m2)) for c in overlaps] == [((0, 1), 50)]
    assert shapely.area(cleaned.geometry).sum() == pytest.approx(20_000)


def test_a_large_overlap_is_refused_with_both_names() -> None:
    """30 m is no accident."""
    shapes = np.array([shapely.box(0, 0, 130, 100), shapely.box(100, 0, 200, 100)])
    with pytest.raises(SroError, match="coverage_overlaps") as refused:
        clean_coverage(shapes, names=["007", "008"])
    assert refused.value.params == {"first": "007", "second": "008", "size_m2": 3000}


def test_the_same_block_twice_is_refused() -> None:
    """One of them would vanish."""
    with pytest.raises(SroError, match=r"coverage_overlaps|coverage_block_vanishes"):
        clean_coverage(np.append(grid(2, 1), grid(1, 1)))


def test_a_hole_and_an_island_are_left_and_named() -> None:
    """A lake in the middle, a hamlet outside."""
    shapes = np.delete(grid(3, 3), 4)
    shapes = np.append(shapes, shapely.box(900, 900, 950, 950))
    cleaned = clean_coverage(shapes)
    assert kinds(cleaned) == ["hole", "island"]
    hole, island = cleaned.changes
    assert hole.size_m2 == pytest.approx(10_000)
    assert island.blocks == (8,)
    assert not cleaned.changed


def test_a_crossed_outline_is_mended_and_told() -> None:
    """A ring that touches itself keeps both its parts."""
    bow = shapely.Polygon([(0, 0), (100, 0), (100, 100), (200, 100), (200, 0), (100, 0), (0, 100)])
    cleaned = clean_coverage(np.array([bow, shapely.box(200, 0, 300, 100)]))
    assert kinds(cleaned)[0] == "mended"
    assert shapely.coverage_is_valid(cleaned.geometry)


@pytest.mark.parametrize(
    "shape", [shapely.Point(0, 0), shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])]
)
def test_what_is_no_area_is_refused(shape) -> None:
    """Points, lines and nothing."""
    with pytest.raises(SroError, match="coverage_not_polygons"):
        clean_coverage(np.array([shapely.box(0, 0, 1, 1), shape], object))


def test_no_blocks_are_no_fault() -> None:
    """An empty table stays empty."""
    assert len(clean_coverage(np.empty(0, object)).geometry) == 0


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)")
def test_the_wards_of_flensburg_are_mended() -> None:
    """Two wards with crossed outlines; afterwards one coverage of 41."""
    wards = gpd.read_file(REAL / "flensburg" / "stadtbezirke.zip").to_crs("EPSG:25832")
    cleaned = clean_coverage(wards.geometry.to_numpy())
    assert shapely.coverage_is_valid(cleaned.geometry)
    assert kinds(cleaned).count("mended") == 2
    assert len(cleaned.geometry) == 41
