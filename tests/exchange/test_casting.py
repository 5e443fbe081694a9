"""Numbers, dates and booleans as people write them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.exchange.casting import as_booleans, as_dates, as_numbers
from sro_geo.exchange.records import FaultLog


def read(*values, **more):
    """Return numbers (None where there is none) and the codes of the faults."""
    log = FaultLog("f")
    texts = np.array(values, object)
    out = as_numbers(texts, np.arange(2, len(values) + 2), "c", log, **more)
    return [None if math.isnan(v) else v for v in out], [f.code for f in log.faults]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1.234,5", "7"], [1234.5, 7]),
        (["1,234.5", "7"], [1234.5, 7]),
        (["12,5", "0,25"], [12.5, 0.25]),
        (["12.5", "0.125"], [12.5, 0.125]),
        (["1.234.567", "5"], [1_234_567, 5]),
        (["1 234", "1\u00a0234,5"], [1234, 1234.5]),
        (["−5", "+3"], [-5, 3]),
        (["1e3"], [1000]),
        ([None, "4"], [None, 4]),
    ],
)
def test_numbers_are_read_by_the_column(texts, numbers):
    """The marks of all values together tell which is the decimal one."""
    assert read(*texts)[0] == numbers


@pytest.mark.parametrize("text", ["5 Plätze", "1.2.3", "1,2,3", "nan", "inf", "1e999", "--1", "."])
def test_what_is_no_number_is_a_fault(text):
    """Never 0, never silently empty."""
    assert read(text) == ([None], ["number_malformed"])


def test_a_thousand_or_a_fraction_is_asked_for():
    """1.234 alone can be both."""
    assert read("1.234", "5.678")[1] == ["number_ambiguous"]
    assert read("1.234", decimal=",")[0] == [1234]
    assert read("1.234", decimal=".")[0] == [1.234]


def test_whole_numbers_may_be_grouped():
    """1.234 persons are a thousand and some, and it is said."""
    assert read("1.234", "7", kind="integer") == ([1234, 7], ["thousands_read"])


def test_a_fraction_is_no_whole_number():
    """12.0 is one, 12.5 is not."""
    assert read("12.0", "12.5", kind="integer") == ([12, None], ["number_not_whole"])


def test_coordinates_are_never_grouped():
    """9,985 degrees are not nine thousand."""
    assert read("9,985", "53.699", kind="coordinate")[0] == [9.985, 53.699]
    assert read("565.796,25", kind="coordinate")[0] == [565796.25]


@settings(deadline=None, max_examples=50)
@given(st.floats(-1e9, 1e9).map(lambda v: round(v, 4)))
def test_a_number_written_the_german_way_comes_back(number):
    """Thousands points and a decimal comma."""
    text = f"{number:,.4f}".translate(str.maketrans(",.", ".,"))
    assert read(text)[0][0] == pytest.approx(number)


@settings(deadline=None, max_examples=50)
@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_comes_back(number):
    """As digits."""
    assert read(str(number), kind="integer")[0] == [number]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-05-31", "2024-05-31"),
        ("2024-05-31 00:00:00", "2024-05-31"),
        ("2024-05-31T10:00:00Z", "2024-05-31"),
        ("31.05.2024", "2024-05-31"),
        ("1.6.2024", "2024-06-01"),
        ("31.02.2024", None),
        ("05/06/2024", None),
        ("31.05.24", None),
        ("45292", None),
    ],
)
def test_dates_are_read_only_where_they_are_certain(text, iso):
    """ISO and German; never the American way, never a number."""
    log = FaultLog("f")
    (found,) = as_dates(np.array([text], object), np.array([2]), "c", log)
    assert (found, bool(log.faults)) == (iso, iso is None)


def test_a_year_is_its_last_day_where_years_are_meant():
    """Only for reference dates."""
    log = FaultLog("f")
    assert (
        as_dates(np.array(["2022"], object), np.array([2]), "c", log, years=True)[0] == "2022-12-31"
    )


def test_booleans_in_both_languages():
    """And a cross for yes; anything else is a fault."""
    log = FaultLog("f")
    values = np.array(["ja", "Nein", "TRUE", "0", "x", "1.0", None, "vielleicht"], object)
    found = as_booleans(values, np.arange(2, 10), "c", log)
    assert found.to_list()[:6] == [True, False, True, False, True, True]
    assert found.isna().to_list()[6:] == [True, True]
    assert [(f.code, f.row) for f in log.faults] == [("boolean_malformed", 9)]
