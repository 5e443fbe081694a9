import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.areas import assign_points, plan_in_force, roll_up
from sro_geo.errors import SroError
from tests.toy import draw, other_levels

PICTURE = """
AABB
AABB
CCDD
CCDD
"""
REGIONS = {"A": "nord", "B": "nord", "C": "sued", "D": "sued"}


def toy():
    """Four spaces of four blocks each."""
    return draw(PICTURE, REGIONS, "xxyy xxyy xxyy xxyy")


def names(place):
    """Ids of the areas of a place by level."""
    return {level: ref and ref.id for level, ref in place.areas.items()}


def test_a_point_inside_is_answered_on_every_level():
    """The middle of a block lies in one area of each tree."""
    place = toy().version().where(*toy().at(0.5, 0.5))
    expected = {"city": "city", "region": "nord", "social_space": "A", "statistical_district": "x"}
    assert (place.status, names(place)) == ("inside", expected)


def test_a_point_on_a_border_says_so_and_names_the_other_side():
    """On the line between A and B the answer is one area, and the other is named."""
    place = toy().version().where(*toy().at(2.0, 0.5))
    assert place.status == "border"
    assert names(place)["social_space"] == "A"
    assert [ref.id for ref in place.alternatives["social_space"]] == ["B"]
    assert "region" not in place.alternatives


def test_a_corner_of_four_spaces_names_all_the_others():
    """Where four blocks meet there are three alternatives."""
    place = toy().version().where(*toy().at(2.0, 2.0))
    assert [ref.id for ref in place.alternatives["social_space"]] == ["B", "C", "D"]
    assert [ref.id for ref in place.alternatives["region"]] == ["sued"]


def test_a_border_between_blocks_of_one_space_is_no_border():
    """Blocks are not a level anybody asks for."""
    assert toy().version().where(*toy().at(1.0, 0.5)).status == "inside"


def test_the_rim_of_the_city_is_a_border():
    """A point on the outline may belong to the neighbour: the answer says so."""
    assert toy().version().where(*toy().at(0.0, 0.5)).status == "border"


def test_a_point_half_a_metre_outside_is_on_the_border_not_outside():
    """Within the tolerance of one metre an address at the rim is not lost."""
    x, y = toy().at(0.0, 0.5)
    place = toy().version().where(x - 0.5, y)
    assert (place.status, names(place)["social_space"]) == ("border", "A")


def test_a_point_in_a_neighbouring_town_names_the_town():
    """Outside, but somebody else is responsible there."""
    place = toy().version().where(*toy().at(-10, 1.5))
    assert (place.status, place.neighbour) == ("neighbour", "Nachbarstadt")
    assert set(names(place).values()) == {None}


def test_a_point_nowhere_is_outside():
    """Neither city nor neighbour."""
    assert toy().version().where(*toy().at(50, 50)).status == "outside"


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_point_without_coordinates_is_outside(bad):
    """Not a number is no place."""
    assert toy().version().where(bad, 1.0).status == "outside"


def test_another_city_has_other_levels_and_another_zone():
    """Kreis → Gemeinde → Sozialraum in EPSG:25833: nothing is wired to one town."""
    county = draw(PICTURE, REGIONS, city=other_levels())
    place = county.version().where(*county.at(3.5, 3.5))
    assert names(place) == {"county": "city", "municipality": "sued", "social_space": "D"}
    assert county.version().areas.crs.to_epsg() == 25833


def test_every_level_is_a_partition_of_the_city():
    """Areas of one level add up to the city, without overlap."""
    version = toy().version()
    whole = version.of_level("city").geometry.iloc[0]
    for level in ("region", "social_space", "statistical_district"):
        areas = version.of_level(level).geometry
        assert areas.area.sum() == pytest.approx(whole.area)
        assert shapely.union_all(areas.to_numpy()).equals(whole)


def test_an_area_without_blocks_stays_in_the_table():
    """An empty space is shown, not dropped."""
    town = draw(PICTURE, {**REGIONS, "E": "sued"})
    areas = town.version().of_level("social_space").set_index("area_id")
    assert list(areas.index) == ["A", "B", "C", "D", "E"]
    assert areas.geometry["E"] is None


def test_roll_up_keeps_areas_without_people():
    """Sum over spaces is the total, and an empty space is 0."""
    values = pd.Series([1.0, 2.0, 4.0], index=["b1", "b2", "b3"])
    areas = pd.Series(["A", "A", "C"], index=["b1", "b2", "b3"])
    sums = roll_up(values, areas, pd.Index(["A", "B", "C"]))
    assert sums.to_dict() == {"A": 3.0, "B": 0.0, "C": 4.0}


def test_the_plan_in_force_changes_on_its_day():
    """valid_to is the first day on which a plan no longer holds."""
    plans = pd.DataFrame(
        {
            "plan_id": ["old", "new", "draft"],
            "status": ["adopted", "adopted", "draft"],
            "valid_from": [None, "2027-01-01", None],
            "valid_to": ["2027-01-01", None, None],
        }
    )
    assert plan_in_force(plans, "2026-12-31") == "old"
    assert plan_in_force(plans, "2027-01-01") == "new"


def test_no_plan_in_force_is_an_error_with_the_date():
    """Asking before the first plan is refused, not answered with nothing."""
    town = toy()
    town.tables["plans"] = town.tables["plans"].assign(valid_from="2020-01-01")
    with pytest.raises(SroError) as caught:
        town.version(on="2019-12-31")
    assert (caught.value.code, caught.value.params["date"]) == ("plan_none_in_force", "2019-12-31")


def test_parents_in_a_circle_do_not_hang():
    """A broken hierarchy ends, it does not loop."""
    town = toy()
    areas = town.tables["plan_areas"]
    town.tables["plan_areas"] = areas.assign(
        parent_id=areas["parent_id"].mask(areas["area_id"] == "nord", "A")
    )
    assert len(town.version().members) == 16


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 450), st.floats(-50, 450)), min_size=1, max_size=60),
    st.integers(1, 6),
)
def test_points_are_assigned_as_brute_force_does(points, side):
    """The fast way agrees with asking every polygon about every point."""
    step = 400 / side
    cells = [
        shapely.box(i * step, j * step, (i + 1) * step, (j + 1) * step)
        for i in range(side)
        for j in range(side)
    ]
    geometry = np.array(cells)
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    expected = [
        next((k for k, cell in enumerate(cells) if cell.intersects(shapely.Point(a, b))), -1)
        for a, b in points
    ]
    assert assign_points(geometry, x, y).tolist() == expected


def test_many_polygons_give_the_same_answer_as_few():
    """Above 200 polygons a tree is used; the answers do not change."""
    rng = np.random.default_rng(5)
    cells = np.array([shapely.box(i, j, i + 1, j + 1) for i in range(20) for j in range(20)])
    x, y = rng.uniform(-1, 21, 500), rng.uniform(-1, 21, 500)
    x[:50], y[:50] = np.round(x[:50]), np.round(y[:50])
    joined = gpd.sjoin(
        gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y)),
        gpd.GeoDataFrame(geometry=cells),
        predicate="intersects",
        how="left",
    )
    expected = joined["index_right"].groupby(level=0).min().fillna(-1).astype(int).tolist()
    assert assign_points(cells, x, y).tolist() == expected


def test_another_space_close_by_is_named_with_its_distance():
    """An address is not exact to the metre; far from any border there is nothing to say."""
    place = toy().version().where(*toy().at(1.9, 0.5))
    assert ("inside", [("B", 10)]) == (
        place.status,
        [(area.id, round(metres)) for area, metres in place.near],
    )
    assert () == toy().version().where(*toy().at(1.0, 0.5)).near
