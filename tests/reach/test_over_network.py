"""Ways over the street network, computed by hand and beside networkx."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.reach import build_network, over_network
from tests.reach.streets import CITY, metres_by_networkx, random_streets, streets

SPEED = CITY.speed_kmh("walk", None) * 1000 / 60


def nearest(lines, places, offers, **who):
    """Return minutes and index of the nearest offer."""
    travel = over_network(build_network(streets(*lines)), CITY, **who)
    return travel.nearest(*np.array(places, float).T, *np.array(offers, float).T)


def pairs(travel, places, offers, minutes):
    """Return {(demand, offer): minutes}."""
    found = travel.within(*places.T, *offers.T, minutes)
    return dict(
        zip(
            zip(found.demand.tolist(), found.offer.tolist(), strict=True),
            found.minutes,
            strict=True,
        )
    )


@settings(max_examples=40)
@given(st.integers(0, 100_000), st.integers(1, 12), st.integers(1, 12))
def test_ways_are_as_long_as_networkx_finds_them(seed, demand, offers):
    """Random bent grids with gaps: nearest and within, legs and streets in parts included."""
    rng = np.random.default_rng(seed)
    lines = random_streets(seed)
    places, there = rng.uniform(-120, 620, (demand, 2)), rng.uniform(-120, 620, (offers, 2))
    wanted = metres_by_networkx(lines, places, there, limit=60)
    travel = over_network(build_network(streets(*lines)), CITY, limit=60)
    minutes, index = travel.nearest(*places.T, *there.T)
    np.testing.assert_allclose(minutes * SPEED, wanted.min(axis=1), rtol=1e-9)
    found = np.flatnonzero(np.isfinite(minutes))
    np.testing.assert_allclose(wanted[found, index[found]], minutes[found] * SPEED, rtol=1e-9)
    assert (index[np.isinf(minutes)] == -1).all()
    listed = pairs(travel, places, there, 8.0)
    assert set(zip(*(a.tolist() for a in np.nonzero(wanted <= 8 * SPEED)), strict=True)) == set(
        listed
    )
    for (i, j), took in listed.items():
        assert wanted[i, j] == pytest.approx(took * SPEED, rel=1e-9)


def test_a_way_is_leg_and_street_and_leg():
    """30 m to the street, 200 m along it, 40 m from it; computed by hand."""
    minutes, index = nearest([[(0, 0), (500, 0)]], [(100, 30)], [(300, -40), (490, 0)])
    assert (0, pytest.approx(270 / SPEED)) == (index[0], minutes[0])


def test_legs_are_walked_when_cycling_too():
    """The street is ridden at 15 km/h, the legs walked at 4; computed by hand."""
    minutes, _ = nearest([[(0, 0), (500, 0)]], [(100, 30)], [(300, -40)], mode="bike")
    assert pytest.approx(200 / 250 + 70 / SPEED) == minutes[0]


def test_a_barrier_makes_a_way_long_or_impossible():
    """Two streets 20 m apart that only meet far away, and two that never meet."""
    parallel = [[(0, 0), (1000, 0)], [(0, 20), (1000, 20)]]
    minutes, index = nearest(parallel, [(100, 0)], [(100, 20)])
    assert (np.inf, -1) == (minutes[0], index[0])
    minutes, _ = nearest([*parallel, [(1000, 0), (1000, 20)]], [(100, 0)], [(100, 20)])
    assert pytest.approx(1820 / SPEED) == minutes[0]


def test_an_island_reaches_what_is_on_it():
    """And nothing else; the rest does not reach the island."""
    lines = [[(0, 0), (1000, 0)], [(0, 400), (200, 400)]]
    minutes, index = nearest(lines, [(10, 400), (10, 0), (150, 399)], [(150, 400), (900, 0)])
    assert [0, 1, 0] == index.tolist()
    assert [140, 890, 1] == pytest.approx(minutes * SPEED)


def test_a_scrap_of_footway_cuts_nobody_off():
    """Its link was never mapped: the place next to it starts on the street behind."""
    lines = [[(0, 0), (9000, 0)], [(100, 20), (140, 20)]]
    network = build_network(streets(*lines))
    assert (2, 1) == (network.of("walk").extent.parts, network.of("walk").extent.fragments)
    minutes, _ = nearest(lines, [(120, 22)], [(200, 0)])
    assert pytest.approx(102 / SPEED) == minutes[0]


def test_far_from_every_street_is_out_of_reach():
    """More than 500 m; no coordinates, no offers: the same. Never zero."""
    line = [[(0, 0), (1000, 0)]]
    minutes, index = nearest(line, [(0, 501), (np.nan, 0), (0, 499)], [(0, 0)])
    assert [True, True, False] == np.isinf(minutes).tolist()
    assert [-1, -1, 0] == index.tolist()
    minutes, index = nearest(line, [(0, 0)], [(np.nan, 1), (0, 600)])
    assert (np.inf, -1) == (minutes[0], index[0])
    minutes, index = nearest(line, [(0, 0)], np.empty((0, 2)))
    assert (np.inf, -1) == (minutes[0], index[0])


def test_who_lives_where_the_offer_is_takes_no_time():
    """Beside the street, and beyond every street as well; the first of two offers there."""
    minutes, index = nearest(
        [[(0, 0), (1000, 0)]], [(10, 80), (10, 900)], [(5, 0), (10, 80), (10, 80), (10, 900)]
    )
    assert ([0.0, 0.0], [1, 3]) == (minutes.tolist(), index.tolist())
    travel = over_network(build_network(streets([(0, 0), (1000, 0)])), CITY)
    there = np.array([(10.0, 80.0), (10.0, 900.0)])
    assert {(0, 0): 0.0, (1, 1): 0.0} == pairs(travel, there, there, 0)
    assert {(0, 0): 0.0, (1, 1): 0.0} == pairs(travel, there, there, 30)


def test_bikes_take_other_ways_than_walkers():
    """Steps between two streets: 20 m on foot, round the block by bike."""
    table = streets(
        [(0, 0), (500, 0)],
        [(0, 20), (500, 20)],
        [(0, 0), (0, 20)],
        [(500, 0), (500, 20)],
        walk=[True] * 4,
        bike=[True, True, False, True],
    )
    network = build_network(table)
    ends = [np.array([v]) for v in (0.0, 0.0, 0.0, 20.0)]
    walk, _ = over_network(network, CITY).nearest(*ends)
    bike, _ = over_network(network, CITY, mode="bike").nearest(*ends)
    assert pytest.approx(20 / SPEED) == walk[0]
    assert pytest.approx(1020 / 250) == bike[0]
    with pytest.raises(SroError, match="mode_unknown"):
        over_network(network, CITY, mode="car")


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_the_order_of_streets_places_and_offers_changes_nothing(seed):
    """Neither minutes nor which offer it is."""
    rng = np.random.default_rng(seed)
    lines = random_streets(seed)
    places, there = rng.uniform(0, 500, (9, 2)), rng.uniform(0, 500, (5, 2))
    minutes, index = nearest(lines, places, there)
    order, offers = rng.permutation(9), rng.permutation(5)
    other = [lines[n][:: rng.choice([-1, 1])] for n in rng.permutation(len(lines))]
    again, found = nearest(other, places[order], there[offers])
    np.testing.assert_allclose(again, minutes[order], rtol=1e-9)
    held = found >= 0
    assert (offers[found[held]] == index[order][held]).all()


def test_older_people_take_longer_over_the_same_way():
    """The ways are kept from the first age asked for; the minutes are not."""
    network = build_network(streets(*random_streets(1)))
    rng = np.random.default_rng(1)
    places, there = rng.uniform(0, 500, (30, 2)), rng.uniform(0, 500, (3, 2))
    took = {
        age: over_network(network, CITY, age=age).nearest(*places.T, *there.T)[0]
        for age in (17, 70, 90)
    }
    reachable = np.isfinite(took[17])
    assert reachable.any()
    assert (took[17] < took[70])[reachable].all()
    assert (took[70] < took[90])[reachable].all()
    np.testing.assert_allclose(took[17] * 4.2, took[90] * 2.5)


def test_within_is_the_same_from_either_side():
    """Ways are sought from the side with fewer places."""
    travel = over_network(build_network(streets(*random_streets(2))), CITY)
    rng = np.random.default_rng(2)
    places, there = rng.uniform(0, 500, (40, 2)), rng.uniform(0, 500, (4, 2))
    back = {(j, i): took for (i, j), took in pairs(travel, there, places, 6).items()}
    forth = pairs(travel, places, there, 6)
    assert set(back) == set(forth)
    assert all(back[pair] == pytest.approx(took) for pair, took in forth.items())
