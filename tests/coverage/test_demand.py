import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sro_geo.coverage import demand_of, demands_of
from sro_geo.coverage.demand import interior_points
from sro_geo.errors import SroError
from tests.toy import draw

# No block is in D: a space that exists and where nobody lives.
TOWN = draw("AAB AAB CC.", {"A": "nord", "B": "nord", "C": "sued", "D": "sued"})


def people(*rows):
    """Population of (place, from, to, persons)."""
    return pd.DataFrame(
        {
            "place_id": [row[0] for row in rows],
            "age_from": pd.array([row[1] for row in rows], "Int64"),
            "age_to": pd.array([row[2] for row in rows], "Int64"),
            "persons": [float(row[3]) for row in rows],
        }
    )


def cells(*rows):
    """Census cells of (id, block, column, row)."""
    return gpd.GeoDataFrame(
        {"cell_id": [row[0] for row in rows], "block_id": [row[1] for row in rows]},
        geometry=[shapely.Point(TOWN.at(row[2], row[3])) for row in rows],
        crs=TOWN.city.crs,
    )


NO_CELLS = cells()


def test_persons_of_a_block_stand_inside_it():
    """The middle of a square block, and its areas on every level."""
    found = demand_of(people(("0002", 10, 13, 7)), NO_CELLS, TOWN.version(), "10-13")
    assert TOWN.at(2.5, 0.5) == (found.x[0], found.y[0])
    assert ("B", "nord", 7.0) == (
        found.areas["social_space"][0],
        found.areas["region"][0],
        found.persons[0],
    )


def test_a_block_bent_around_another_has_its_point_inside():
    """The centre of mass of a U lies in the gap."""
    bent = shapely.box(0, 0, 90, 90) - shapely.box(10, 10, 80, 90)
    points = interior_points(np.array([bent, shapely.box(0, 0, 2, 2)]))
    assert shapely.contains(bent, points[0])
    assert shapely.Point(1, 1) == points[1]


def test_cells_beyond_every_block_are_kept_and_marked():
    """They are people who use the same offers."""
    table = people(("c1", 10, 13, 5), ("c2", 10, 13, 3))
    grid = cells(("c1", "0000", 0.2, 0.2), ("c2", None, 9, 9))
    found = demand_of(table, grid, TOWN.version(), "10-13")
    assert ([True, False], 5.0, 3.0) == (found.inside.tolist(), found.population, found.outside)
    assert TOWN.at(9, 9) == (found.x[1], found.y[1])
    assert [-1] == found.codes("social_space")[~found.inside].tolist()


def test_empty_areas_are_in_the_catalogue():
    """D has no block and is still an area."""
    found = demand_of(people(("0000", 10, 13, 5)), NO_CELLS, TOWN.version(), "10-13")
    assert ["A", "B", "C", "D"] == found.areas_of_level("social_space")["area_id"].tolist()


def test_people_at_places_nobody_knows_are_said():
    """A block of another plan, or a cell that was never placed."""
    table = people(("0000", 10, 13, 5), ("zzz", 10, 13, 4))
    found = demand_of(table, NO_CELLS, TOWN.version(), "10-13")
    assert (1, 5.0, 4.0) == (len(found), found.population, found.unplaced)


def test_changed_census_cells_are_scaled_to_a_known_total():
    """Inside the city the persons add up to it; beyond nothing is known of a total."""
    table = people(("0000", 10, 13, 30), ("0001", 10, 13, 10), ("c", 10, 13, 3))
    found = demand_of(table, cells(("c", None, 9, 9)), TOWN.version(), "10-13", rescale_to=50)
    assert ([37.5, 12.5, 3.0], 1.25) == (found.persons.tolist(), found.factor)


@pytest.mark.parametrize(("counted", "total"), [(0, 5), (3, -1), (3, float("nan"))])
def test_a_total_that_cannot_be_reached_is_refused(counted, total):
    """Nobody times anything is nobody."""
    with pytest.raises(SroError) as caught:
        demand_of(
            people(("0000", 10, 13, counted)), NO_CELLS, TOWN.version(), "10-13", rescale_to=total
        )
    assert caught.value.code == "rescale_impossible"


def test_several_groups_share_their_places():
    """A place without persons of one group is still there for the other."""
    table = people(("0000", 10, 13, 5), ("0001", 14, 17, 4), ("0001", 10, 13, 1))
    both = demands_of(table, NO_CELLS, TOWN.version(), ("10-13", "14-17"))
    assert [5, 1] == both["10-13"].persons.tolist()
    assert [0, 4] == both["14-17"].persons.tolist()
    assert both["10-13"].place_ids is not None
    assert both["10-13"].place_ids.tolist() == both["14-17"].place_ids.tolist()


def test_an_age_group_nobody_has_is_zero_everywhere():
    """Stored with 0 persons: an answer, not an error."""
    found = demand_of(people(("0000", 10, 13, 0)), NO_CELLS, TOWN.version(), "10-13")
    assert (0.0, 1) == (found.population, len(found))


def test_an_age_group_that_is_not_stored_is_refused_with_what_there_is():
    """No guess without being asked for one."""
    with pytest.raises(SroError) as caught:
        demand_of(people(("0000", 10, 13, 5)), NO_CELLS, TOWN.version(), "6-9")
    assert caught.value.code == "age_group_not_stored"
    estimated = demand_of(
        people(("0000", 0, 17, 18)), NO_CELLS, TOWN.version(), "6-9", estimate=True
    )
    assert (4.0, True) == (pytest.approx(estimated.population), estimated.estimated)


def test_without_any_population_there_is_no_place():
    """Before the first import everything is empty, nothing breaks."""
    with pytest.raises(SroError):
        demand_of(people(), NO_CELLS, TOWN.version(), "10-13")
    assert len(demand_of(people(), NO_CELLS, TOWN.version(), "all")) == 0
