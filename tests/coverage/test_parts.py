import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.coverage import cover, figures, overall
from sro_geo.coverage.parts import Part, cover_in_parts
from sro_geo.errors import SroError
from sro_geo.reach import StraightLine
from tests.coverage.test_measures import cities, houses
from tests.coverage.toy_coverage import METRES_A_MINUTE, demand, supply

LINE = StraightLine(METRES_A_MINUTE)


def cut(people, size):
    """The same people in parts."""
    codes = people.codes("social_space")
    for start in range(0, len(people), size):
        part = slice(start, start + size)
        yield Part(people.x[part], people.y[part], people.persons[part], codes[part])


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40), st.integers(1, 7))
def test_parts_add_up_to_the_whole(places, offers, minutes, size):
    """However the people are cut."""
    people = demand([place for place in places if place[3] != "."] or [(0, 0, 1, "A")])
    there = supply(*offers)
    there = there.where(there.usable)
    whole = cover(people, there, LINE, minutes)
    found = cover_in_parts(cut(people, size), there.x, there.y, LINE, minutes, areas=4)
    table = figures(whole, people, "social_space")
    for column in ("population", "covered", "uncovered", "share", "share_low", "share_high"):
        assert np.allclose(table[column], found.areas[column][:4], equal_nan=True)
        assert np.isclose(overall(whole, people)[column], found.areas[column][4], equal_nan=True)
    assert found.classes["persons"].sum() == pytest.approx(people.population)
    assert (len(people), True) == (found.places, found.complete)


def test_a_quantile_lies_in_its_class():
    """100 at the offer, 50 at ten minutes, 30 who get nowhere near."""
    people = demand([(0, 0, 100, "A"), (10, 0, 50, "A"), (900, 0, 30, "B")])
    found = cover_in_parts(cut(people, 2), np.zeros(1), np.zeros(1), LINE, 15)
    assert (0, 1) == found.quantile_minutes(0.5)
    assert (9, 10) == found.quantile_minutes(0.8)
    assert np.inf == found.quantile_minutes(0.95)[1]


def test_without_offers_nobody_is_covered():
    """And nothing breaks."""
    people = demand([(0, 0, 100, "A")])
    found = cover_in_parts(cut(people, 1), np.empty(0), np.empty(0), LINE, 15)
    assert ([0.0], [100.0]) == (
        found.areas["covered"].tolist(),
        found.areas["uncovered"].tolist(),
    )


def test_it_can_be_cancelled_between_parts():
    """What is done stays, and is said to be a part."""
    people = demand([(n, 0, 1, "A") for n in range(6)])
    done = []
    found = cover_in_parts(
        cut(people, 2),
        np.zeros(1),
        np.zeros(1),
        LINE,
        15,
        progress=done.append,
        cancelled=lambda: len(done) == 2,
    )
    assert ([2, 4], 4, False) == (done, found.places, found.complete)


def test_minutes_are_checked():
    """As everywhere."""
    with pytest.raises(SroError):
        cover_in_parts([], np.zeros(1), np.zeros(1), LINE, -1)
