import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.coverage import cover
from sro_geo.coverage.floating import balanced, bfca, e2sfca, gaussian, steps, uniform
from tests.coverage.test_measures import cities, houses
from tests.coverage.toy_coverage import Plain, demand, supply

# West and east, 10 minutes apart, and a middle that reaches both.
THREE = demand([(0, 0, 100, "A"), (10, 0, 50, "A"), (20, 0, 200, "B")])
TWO = supply({"at": (0, 0), "capacity": 30}, {"at": (20, 0), "capacity": 50})


def pairs(people, offers, minutes):
    """Pairs within reach."""
    return cover(people, offers, Plain(), minutes).reached


def test_two_step_access_by_hand():
    """30/150 for the west, 50/250 for the east; the middle has both."""
    found = e2sfca(THREE, TWO, pairs(THREE, TWO, 10), uniform)
    assert [0.2, 0.4, 0.2] == pytest.approx(found.access.tolist())
    assert [0.2, 0.2] == pytest.approx(found.ratio.tolist())


def test_enhanced_access_by_hand():
    """The middle counts half: 30/125 and 50/225, and takes half of each."""
    found = e2sfca(THREE, TWO, pairs(THREE, TWO, 10), steps((5, 10), (1, 0.5)))
    west, east = 30 / 125, 50 / 225
    assert [west, (west + east) / 2, east] == pytest.approx(found.access.tolist())


def test_balanced_access_by_hand():
    """25 people of the middle go each way: 30/125 and 50/225, shared by two places each."""
    found = bfca(THREE, TWO, pairs(THREE, TWO, 10), uniform)
    west, east = 30 / 125, 50 / 225
    assert [west, east] == pytest.approx(found.ratio.tolist())
    assert [west / 2, (west + east) / 2, east / 2] == pytest.approx(found.access.tolist())


def test_weights_fall_from_one_to_nothing():
    """At no distance 1, at the threshold 0; zones include their outer edge."""
    assert [1.0, 0.0] == pytest.approx(gaussian(15)(np.array([0.0, 15.0])).tolist())
    zones = steps((10, 20, 30), (1, 0.68, 0.22))
    assert [1, 1, 0.68, 0.22, 0] == zones(np.array([0, 10, 10.1, 30, 31])).tolist()


def test_places_nobody_comes_to_are_said():
    """They are not lost in the sum."""
    far = supply({"at": (0, 0), "capacity": 30}, {"at": (900, 0), "capacity": 7})
    found = e2sfca(THREE, far, pairs(THREE, far, 10), uniform)
    assert 7 == found.unreached
    assert np.isnan(found.ratio[1])


def test_unknown_capacity_is_a_range_not_one():
    """Nothing at least; as many as asked for at most."""
    offers = supply({"at": (0, 0)}, {"at": (20, 0), "capacity": 50})
    low = e2sfca(THREE, offers, pairs(THREE, offers, 10), uniform)
    high = e2sfca(THREE, offers, pairs(THREE, offers, 10), uniform, unknown=50)
    assert (0.0, 1) == (low.access[0], low.unknown)
    assert 50 / 150 == pytest.approx(high.access[0])


def test_a_house_without_places_gives_access_to_nobody():
    """Capacity 0."""
    offers = supply({"at": (0, 0), "capacity": 0})
    assert [0, 0, 0] == e2sfca(THREE, offers, pairs(THREE, offers, 10), uniform).access.tolist()


@settings(max_examples=60, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_every_place_is_handed_out_once(places, offers, minutes):
    """Sum of access × persons = capacity that reaches anyone, also beyond the city."""
    people, there = demand(places), supply(*offers)
    found = e2sfca(people, there, pairs(people, there, minutes), gaussian(minutes))
    capacity = np.nan_to_num(there.capacity).sum()
    handed = (found.access * people.persons).sum()
    assert handed + found.unreached == pytest.approx(capacity, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_balanced_access_keeps_people_and_service(places, offers, minutes):
    """Sum of access = sum of service, over everybody and every offer."""
    people, there = demand(places), supply(*offers)
    found = bfca(people, there, pairs(people, there, minutes), uniform)
    assert np.nansum(found.ratio) == pytest.approx(found.access.sum())


@settings(max_examples=60, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_sparse_access_agrees_with_the_full_matrix(places, offers, minutes):
    """Every pair written out, weights 0 beyond the threshold."""
    people, there = demand(places), supply(*offers)
    found = e2sfca(people, there, pairs(people, there, minutes), gaussian(minutes))
    usable = np.flatnonzero(there.usable)
    ways = Plain()._minutes(people.x, people.y, there.x[usable], there.y[usable])
    weights = np.where(ways <= minutes, gaussian(minutes)(ways), 0.0)
    wanting = weights.T @ people.persons
    places_ = np.nan_to_num(there.capacity[usable])
    ratio = np.divide(places_, wanting, out=np.zeros(len(wanting)), where=wanting > 0)
    assert np.allclose(found.access, weights @ ratio)


@pytest.mark.parametrize("parts", [1, 10, 100])
def test_balanced_access_per_person_does_not_depend_on_the_size_of_the_places(parts):
    """Ten places for a hundred people are ten for a hundred, however finely they are counted."""
    people = demand([(n / 100, 0, 100 / parts, "A") for n in range(parts)])
    offer = supply({"at": (0, 0), "capacity": 10})
    found = balanced(people, offer, pairs(people, offer, 10), uniform)
    assert pytest.approx(0.1) == found.access
    assert pytest.approx(10) == (found.access * people.persons).sum()


def test_balanced_access_per_person_by_hand():
    """The middle goes half each way: 30/125 and 50/225, and has the mean of both."""
    found = balanced(THREE, TWO, pairs(THREE, TWO, 10), uniform)
    west, east = 30 / 125, 50 / 225
    assert [west, (west + east) / 2, east] == pytest.approx(found.access.tolist())
