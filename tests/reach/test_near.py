import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.reach import near
from sro_geo.reach.near import pairs_within


def every_pair(x, y, xs, ys, radius):
    """The slow, plain way."""
    east, north = x[:, None] - xs[None, :], y[:, None] - ys[None, :]
    metres = np.sqrt(east * east + north * north)
    demand, offer = np.nonzero(metres <= radius)
    return demand, offer, metres[demand, offer]


def same(one, other):
    """Both in the order that is promised, to the last bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


whole = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(whole, whole, st.integers(0, 60))
def test_pairs_are_those_of_measuring_every_one(places, offers, radius):
    """Also exactly on the radius, on one another, and beyond the grid."""
    x, y = np.array(places, float).T
    xs, ys = np.array(offers, float).T
    assert same(every_pair(x, y, xs, ys, float(radius)), pairs_within(x, y, xs, ys, float(radius)))


def test_many_candidates_are_taken_in_parts(monkeypatch):
    """The parts lose nothing."""
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 100, (2, 300))
    xs, ys = rng.uniform(-50, 150, (2, 40))
    monkeypatch.setattr(near, "_AT_ONCE", 50)
    assert same(every_pair(x, y, xs, ys, 30.0), pairs_within(x, y, xs, ys, 30.0))


def test_one_place_and_one_offer_on_it():
    """A grid without extent."""
    here = np.array([5.0])
    assert same((np.array([0]), np.array([0]), np.array([0.0])), pairs_within(*(here,) * 4, 0.0))


def test_a_radius_far_smaller_than_the_city_needs_no_more_squares():
    """Two hundred thousand kilometres, ten metres."""
    x = np.array([0.0, 2e8, 2e8])
    y = np.array([0.0, 2e8, 2e8 - 9])
    assert [(1, 0), (2, 0)] == list(zip(*pairs_within(x, y, x[1:2], y[1:2], 10.0)[:2], strict=True))
