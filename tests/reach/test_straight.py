"""The straight line, beside every pair measured one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.reach import straight_line, straight_line_minutes
from sro_geo.reach.straight import BRUTE_UP_TO
from tests.toy import shipped_city

CITY = shipped_city()
SIZES = st.sampled_from([0, 1, 7, BRUTE_UP_TO, BRUTE_UP_TO + 1, 150])


def town(seed: int, demand: int, offers: int):
    """Return places and offers, some of them without coordinates, some on one point."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 3000, (2, demand)).round(0)
    xs, ys = rng.uniform(0, 3000, (2, offers)).round(0)
    x[rng.random(demand) < 0.1] = np.nan
    ys[rng.random(offers) < 0.1] = np.nan
    if demand and offers:
        xs[-1], ys[-1] = x[0], y[0]
    return x, y, xs, ys


def dense(x, y, xs, ys, **who):
    """Return the minutes of every pair, demand by row."""
    rows = [straight_line_minutes(a, b, xs, ys, CITY, **who) for a, b in zip(x, y, strict=True)]
    return np.array(rows).reshape(len(x), len(xs))


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 60]), SIZES, st.sampled_from([4, 30, 80]))
def test_the_nearest_offer_is_the_nearest_of_all(seed, demand, offers, age):
    """Few offers are measured one by one, many by a tree: both find what measuring all finds."""
    x, y, xs, ys = town(seed, demand, offers)
    every = dense(x, y, xs, ys, age=age)
    wanted = every.min(axis=1, initial=np.inf)
    minutes, index = straight_line(CITY, age=age).nearest(x, y, xs, ys)
    np.testing.assert_allclose(minutes, wanted, rtol=1e-12)
    near = np.isfinite(wanted)
    assert (index[~near] == -1).all()
    np.testing.assert_allclose(every[near, index[near]], wanted[near], rtol=1e-12)


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 40]), SIZES, st.sampled_from([0, 5, 20.0]))
def test_within_lists_every_pair_in_reach(seed, demand, offers, minutes):
    """Sorted by demand, then offer; distance zero is listed as zero."""
    x, y, xs, ys = town(seed, demand, offers)
    every = dense(x, y, xs, ys, mode="bike")
    rows, columns = np.nonzero(every <= minutes)
    found = straight_line(CITY, mode="bike").within(x, y, xs, ys, minutes)
    assert rows.tolist() == found.demand.tolist()
    assert columns.tolist() == found.offer.tolist()
    np.testing.assert_allclose(found.minutes, every[rows, columns], rtol=1e-9)


def test_both_agree_about_who_lives_on_the_threshold():
    """Covered by the nearest offer means listed among the pairs."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 50, (2, 500)) * 20.0
    xs, ys = rng.integers(0, 50, (2, 90)) * 20.0
    travel = straight_line(CITY)
    nearest, _ = travel.nearest(x, y, xs, ys)
    for threshold in np.unique(nearest)[:40]:
        listed = np.unique(travel.within(x, y, xs, ys, threshold).demand)
        assert np.flatnonzero(nearest <= threshold).tolist() == listed.tolist()


def test_an_unknown_mode_is_refused_before_anything_is_measured():
    """Only walk and bike are known."""
    with pytest.raises(SroError, match="mode_unknown"):
        straight_line(CITY, mode="car")
