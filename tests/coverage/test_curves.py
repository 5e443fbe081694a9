import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.coverage import cover, overall
from sro_geo.coverage.curves import comparison, distribution, sensitivity
from tests.coverage.test_measures import ROW, cities, houses
from tests.coverage.toy_coverage import Plain, demand, supply

RESULT = cover(ROW, supply({"at": (0, 0)}), Plain(), 10)


def test_the_curve_says_how_many_more_a_longer_way_covers():
    """100 at once, 150 from ten minutes on, everybody from twenty."""
    curve = sensitivity(RESULT, [0, 9.9, 10, 20])
    assert [100, 100, 150, 180] == curve["covered"].tolist()
    assert [80, 80, 30, 0] == curve["uncovered"].tolist()


def test_the_curve_of_one_area_counts_its_people():
    """B has thirty."""
    assert [0, 30] == sensitivity(RESULT, [10, 20], area_id="B")["covered"].tolist()
    assert np.isnan(sensitivity(RESULT, [10], area_id="D")["share"][0])


def test_the_curve_runs_to_twice_the_threshold():
    """So that both ends of the band are on it."""
    curve = sensitivity(RESULT)
    assert (0, 20, 41) == (curve["minutes"].iloc[0], curve["minutes"].iloc[-1], len(curve))
    assert curve["covered"].is_monotonic_increasing


def test_ways_are_counted_in_classes():
    """0 to 5, …, beyond 30, and those who reach nothing."""
    table = distribution(RESULT, step=10, up_to=20)
    assert [150, 30, 0, 0] == table["persons"].tolist()
    nobody = distribution(cover(ROW, supply(), Plain(), 10), step=10, up_to=20)
    assert [0, 0, 0, 180] == nobody["persons"].tolist()
    assert [True, True] == nobody.iloc[-1][["minutes_from", "minutes_to"]].isna().tolist()


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_classes_and_curve_lose_nobody(places, offers, minutes):
    """Both agree with the figures."""
    people = demand(places)
    result = cover(people, supply(*offers), Plain(), minutes)
    all_ = overall(result, people)
    assert distribution(result)["persons"].sum() == pytest.approx(all_["population"])
    assert sensitivity(result, [minutes])["covered"][0] == pytest.approx(all_["covered"])


def test_spaces_stand_beside_region_and_city():
    """A is covered whole; its region, with B, and the city to five sixths."""
    table = comparison(RESULT, ROW, "social_space").set_index("area_id")
    assert ("nord", 1.0) == (table.loc["A", "region_id"], table.loc["A", "share"])
    assert 150 / 180 == pytest.approx(table.loc["A", "region_share"])
    assert 1 - 150 / 180 == pytest.approx(table.loc["A", "city_difference"])
    assert -150 / 180 == pytest.approx(table.loc["B", "overall_difference"])
    assert np.isnan(table.loc["C", "share"])
    assert ["A", "B", "C", "D"] == table.index.tolist()


def test_the_city_is_compared_with_nothing_above():
    """Only with everybody."""
    table = comparison(RESULT, ROW, "city")
    assert [0.0] == table["overall_difference"].tolist()
