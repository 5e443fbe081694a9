"""Lines, lassos and rectangles on plans drawn in ASCII."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.plans import gestures
from sro_geo.plans.lines import (
    along_street,
    blocks_in,
    interior_points,
    prolonged,
    shift_border,
    split,
)
from tests.plans.drawing import drawn, picture_of, squares

SQUARE = "aaaa aaaa aaaa aaaa"


def cut(picture: str, *spots: tuple[float, float], area: str = "a") -> str:
    """Return the picture after a split along spots (in metres from the south-west)."""
    plan = drawn(picture)
    line = shapely.LineString(spots)
    return picture_of(
        split(plan, area, line, squares(picture).geometry.to_numpy(), new_id="n", name="New")
    )


@pytest.mark.parametrize(
    ("spots", "wanted"),
    [
        ([(-50, 200), (450, 200)], "nnnn nnnn aaaa aaaa"),
        ([(450, 200), (-50, 200)], "nnnn nnnn aaaa aaaa"),
        ([(200, -50), (200, 450)], "nnaa nnaa nnaa nnaa"),
        ([(200, 450), (200, -50)], "nnaa nnaa nnaa nnaa"),
        ([(-50, 230), (450, 230)], "nnnn nnnn aaaa aaaa"),
        ([(-50, 270), (450, 270)], "nnnn aaaa aaaa aaaa"),
    ],
)
def test_the_part_north_or_west_becomes_the_new_area(spots, wanted) -> None:
    """Whichever way the line was drawn; a block goes where its middle lies."""
    assert cut(SQUARE, *spots) == wanted


def test_a_line_through_corners_splits() -> None:
    """Through the corners of the outline and of blocks, from south-west to north-east."""
    assert cut(SQUARE, (-10, 90), (100, 200), (300, 400), (310, 410)) == "nnaa naaa aaaa aaaa"


def test_a_line_that_only_touches_a_corner_splits_nothing() -> None:
    """It meets the area in one point."""
    with pytest.raises(SroError, match="line_splits_nothing"):
        cut(SQUARE, (-100, 100), (100, -100))


def test_a_line_along_the_rim_splits_nothing() -> None:
    """It runs along an edge with the whole area on one side."""
    with pytest.raises(SroError, match="line_splits_nothing"):
        cut(SQUARE, (-50, 400), (450, 400))


def test_a_line_partly_along_the_rim_splits_where_it_turns_in() -> None:
    """Along the western rim, then across."""
    assert cut(SQUARE, (0, -20), (0, 200), (420, 200)) == "nnnn nnnn aaaa aaaa"


def test_a_line_that_ends_a_little_short_is_prolonged() -> None:
    """30 m short on one side."""
    assert cut(SQUARE, (-50, 200), (370, 200)) == "nnnn nnnn aaaa aaaa"


def test_a_line_that_ends_inside_is_refused() -> None:
    """It ends in the middle: nobody can tell where it would go on."""
    with pytest.raises(SroError, match="line_ends_inside"):
        cut(SQUARE, (-50, 200), (150, 200))


def test_a_line_outside_is_refused() -> None:
    """It never meets the area."""
    with pytest.raises(SroError, match="line_outside"):
        cut(SQUARE, (900, 900), (1000, 1000))


def test_a_line_that_crosses_itself_is_refused() -> None:
    """Its sides have no meaning."""
    with pytest.raises(SroError, match="line_crosses_itself"):
        cut(SQUARE, (-50, 200), (300, 200), (300, 300), (150, 300), (150, -50))


@pytest.mark.parametrize("spots", [[(5, 5), (5, 5)], []])
def test_a_line_without_length_is_refused(spots) -> None:
    """Two times the same point, or none."""
    with pytest.raises(SroError, match="line_empty"):
        cut(SQUARE, *spots)


def test_a_line_that_crosses_twice_takes_both_parts() -> None:
    """Two prongs of a U: both tops lie north."""
    assert cut("a..a a..a aaaa", (-50, 200), (450, 200)) == "n..n a..a aaaa"


def test_a_line_that_leaves_and_returns_keeps_its_sides() -> None:
    """Out of the city in the north and back again: east of the way out lies south of it."""
    spots = [(-50, 300), (100, 300), (100, 450), (300, 450), (300, 300), (450, 300)]
    assert cut(SQUARE, *spots) == "naan aaaa aaaa aaaa"


def test_a_ring_inside_takes_what_it_encloses() -> None:
    """Drawn in either direction."""
    ring = [(100, 100), (300, 100), (300, 300), (100, 300), (100, 100)]
    assert cut(SQUARE, *ring) == "aaaa anna anna aaaa"
    assert cut(SQUARE, *ring[::-1]) == "aaaa anna anna aaaa"


def test_a_part_the_line_does_not_touch_goes_by_its_side() -> None:
    """An exclave north of the line goes with the north."""
    assert cut("aa.. .... aaaa aaaa", (-50, 100), (450, 100)) == "nn.. .... nnnn aaaa"


def test_only_blocks_of_the_area_change_and_locked_ones_stay() -> None:
    """The neighbour keeps its blocks; a locked block is named."""
    picture = "aabb aabb"
    plan = gestures.lock(drawn(picture), blocks=["0000"])
    blocks = squares(picture).geometry.to_numpy()
    line = shapely.LineString([(-50, 100), (450, 100)])
    after = split(plan, "a", line, blocks, new_id="n", name="New", points=interior_points(blocks))
    assert picture_of(after) == "anbb aabb"
    assert after.left_out == ("0000",)
    assert gestures.undo(after).same_as(plan)
    assert after.moves[-1].kind == "split"


@pytest.mark.parametrize(("new", "code"), [("a", "area_exists"), (" ", "area_name_empty")])
def test_a_new_area_needs_an_id_of_its_own(new, code) -> None:
    """An id that is taken, or none."""
    line = shapely.LineString([(-50, 200), (450, 200)])
    with pytest.raises(SroError, match=code):
        split(drawn(SQUARE), "a", line, squares(SQUARE).geometry.to_numpy(), new_id=new, name="New")


@given(
    st.floats(-1, 1),
    st.floats(0.05, 0.95),
    st.booleans(),
)
def test_a_straight_line_puts_every_middle_on_its_side(slope, height, turned) -> None:
    """Law: new are exactly the blocks whose middle lies above the line."""
    blocks = squares(SQUARE)
    y = 400 * height
    ends = [(-100.0, y - 300 * slope), (500.0, y + 300 * slope)]
    x, up = blocks.centroid.x.to_numpy(), blocks.centroid.y.to_numpy()
    above = up - (y + (x - 200) * slope)
    if (np.abs(above) < 1).any():
        return
    line = shapely.LineString(ends[::-1] if turned else ends)
    inside = line.intersection(shapely.box(0, 0, 400, 400))
    if inside.is_empty or inside.length < 1 or not 0 < (above > 0).sum() < 16:
        return
    west, south, east, north = inside.bounds
    if abs((east - west) - (north - south)) < 1e-6:
        return
    new = above > 0 if east - west > north - south or slope > 0 else above < 0
    plan = split(drawn(SQUARE), "a", line, blocks.geometry.to_numpy(), new_id="n", name="N")
    assert np.array_equal(plan.codes == 1, new)


def test_a_border_is_shifted_to_a_line() -> None:
    """Each keeps the side on which more of it lies."""
    picture = "aabbb aabbb"
    line = shapely.LineString([(300, -50), (300, 250)])
    after = shift_border(drawn(picture), "a", "b", line, squares(picture).geometry.to_numpy())
    assert picture_of(after) == "aaabb aaabb"
    after = shift_border(drawn(picture), "b", "a", line, squares(picture).geometry.to_numpy())
    assert picture_of(after) == "aaabb aaabb"
    with pytest.raises(SroError, match="border_of_one"):
        shift_border(drawn(picture), "a", "a", line, squares(picture).geometry.to_numpy())


def test_a_lasso_takes_the_blocks_whose_middle_it_holds() -> None:
    """Rectangle and lasso alike."""
    points = interior_points(squares(SQUARE).geometry.to_numpy())
    assert blocks_in(points, shapely.box(-10, 240, 260, 400)).sum() == 6
    assert not blocks_in(points, shapely.box(900, 900, 950, 950)).any()


def test_a_lasso_that_crosses_itself_is_refused() -> None:
    """A figure of eight, also one whose halves cancel out."""
    points = interior_points(squares(SQUARE).geometry.to_numpy())
    for corners in ([(0, 0), (100, 100), (100, 0), (0, 100)], [(0, 0), (9, 9), (9, 0), (0, 4)]):
        with pytest.raises(SroError, match="lasso_crosses_itself"):
            blocks_in(points, shapely.Polygon(corners))
    with pytest.raises(SroError, match="lasso_empty"):
        blocks_in(points, shapely.Polygon([(0, 0), (1, 1), (0, 0), (0, 0)]))


def street(*lines: list[tuple[float, float]], name: str = "Buchenweg") -> gpd.GeoDataFrame:
    """Return pieces of a street."""
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame({"name": [name] * len(lines)}, geometry=shapes, crs="EPSG:25832")


def test_a_street_in_pieces_becomes_one_line_through_the_area() -> None:
    """Gaps are joined, a branch left aside, both ends carried on to the rim."""
    streets = street([(150, 210), (100, 210)], [(190, 210), (300, 210)], [(220, 210), (220, 250)])
    near = shapely.box(0, 0, 400, 400)
    line = along_street(streets, " buchenweg", near)
    assert line.geom_type == "LineString"
    assert shapely.get_coordinates(line)[:, 1] == pytest.approx(210)
    west, _, east, _ = line.bounds
    assert (west, east) == (pytest.approx(-1), pytest.approx(401))
    blocks = squares(SQUARE).geometry.to_numpy()
    plan = split(drawn(SQUARE), "a", line, blocks, new_id="n", name="N")
    assert picture_of(plan) == "nnnn nnnn aaaa aaaa"


def test_a_street_of_the_same_name_elsewhere_is_left_aside() -> None:
    """Only the one that runs through the area counts."""
    streets = street([(100, 100), (300, 100)], [(5000, 0), (9000, 0)])
    assert along_street(streets, "Buchenweg", shapely.box(0, 0, 400, 400)).bounds[2] < 500
    with pytest.raises(SroError, match="street_not_near"):
        along_street(streets, "Buchenweg", shapely.box(0, 900, 400, 1000))
    with pytest.raises(SroError, match="street_unknown"):
        along_street(streets, "Ahornweg", shapely.box(0, 0, 400, 400))


def test_an_end_outside_is_left_as_it_is() -> None:
    """Nothing to prolong."""
    line = shapely.LineString([(-50, 200), (450, 200)])
    assert prolonged(line, shapely.box(0, 0, 400, 400), most=100).equals(line)
