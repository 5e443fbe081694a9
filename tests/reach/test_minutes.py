import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.reach import reach_metres, straight_line_minutes
from tests.toy import shipped_city

CITY = shipped_city()


def test_minutes_are_straight_line_times_detour_over_speed():
    """1 km on foot at 30: 1.3 km at 4 km/h are 19.5 minutes."""
    minutes = straight_line_minutes(0, 0, np.array([1000.0]), np.array([0.0]), CITY)
    assert minutes.tolist() == pytest.approx([19.5])


def test_young_people_reach_further_than_old_ones():
    """A social space is not a static quantity."""
    far = [reach_metres(15, CITY, age=age) for age in (4, 12, 17, 70, 88)]
    assert far[2] > far[1] > far[3] > far[4]
    assert far[0] == far[4]


def test_an_offer_without_a_point_is_unreachable_not_here():
    """Unknown is infinite, never zero."""
    minutes = straight_line_minutes(0, 0, np.array([np.nan]), np.array([np.nan]), CITY)
    assert np.isinf(minutes[0])


def test_an_unknown_mode_is_refused():
    """Only walk and bike are known."""
    with pytest.raises(SroError):
        straight_line_minutes(0, 0, np.array([0.0]), np.array([0.0]), CITY, mode="car")


@given(st.floats(0.1, 120), st.integers(0, 100), st.sampled_from(["walk", "bike"]))
def test_the_radius_of_some_minutes_takes_those_minutes(minutes, age, mode):
    """reach_metres is the inverse of straight_line_minutes."""
    radius = reach_metres(minutes, CITY, mode=mode, age=age)
    back = straight_line_minutes(
        5, 7, np.array([5 + radius]), np.array([7.0]), CITY, mode=mode, age=age
    )
    assert back[0] == pytest.approx(minutes)
