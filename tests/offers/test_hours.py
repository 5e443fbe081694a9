import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.offers.hours import hours_in_words, open_at

FRIDAY_TEN = dt.datetime(2026, 11, 20, 10, 0)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("24/7", ["rund um die Uhr"]),
        ("Mo-Fr 09:00-17:00", ["Montag bis Freitag 9 bis 17 Uhr"]),
        (
            "Mo-Fr 09:00-12:00,14:00-18:30; PH off",
            ["Montag bis Freitag 9 bis 12 Uhr und 14 bis 18.30 Uhr", "an Feiertagen geschlossen"],
        ),
        ("Mo,We 15:00-20:00", ["Montag und Mittwoch 15 bis 20 Uhr"]),
        ("We[1] 10:00-11:00", ["jeden ersten Mittwoch im Monat 10 bis 11 Uhr"]),
        ("Apr-Oct Sa 10:00+", ["April bis Oktober: Samstag ab 10 Uhr"]),
        ('"nach Vereinbarung"', ["nach Vereinbarung"]),
        ('Tu 09:00-10:00 "nur mit Anmeldung"', ["Dienstag 9 bis 10 Uhr (nur mit Anmeldung)"]),
        ("sunrise-sunset", ["laut Angabe: „sunrise-sunset“"]),
        ("", []),
        (None, []),
    ],
)
def test_hours_are_told_in_words(schedule, words):
    """The common forms read as a person would say them; unknown is empty, not closed."""
    assert hours_in_words(schedule) == words


def test_hours_are_told_in_english_too():
    """The same rule in the other language."""
    assert hours_in_words("Mo-Fr 09:00-17:00; PH off", "en") == [
        "Monday to Friday 9:00 to 17:00",
        "closed on public holidays",
    ]


@given(st.text(max_size=40))
def test_no_text_breaks_the_words(text):
    """Whatever stands in the column, the page does not fall."""
    assert isinstance(hours_in_words(text), list)
    open_at(text, FRIDAY_TEN)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("Mo-Fr 09:00-12:00", True),
        ("Mo-Fr 14:00-18:00", False),
        ("Sa 09:00-12:00", False),
        ("24/7", True),
        ('"nach Vereinbarung"', None),
        ("", None),
        ("quatsch 99", None),
    ],
)
def test_open_now_is_yes_no_or_unknown(schedule, expected):
    """Words alone and empty hours do not claim anything."""
    assert open_at(schedule, FRIDAY_TEN).open is expected


def test_a_german_holiday_is_closed_where_the_entry_says_so():
    """3 October is a public holiday."""
    assert open_at("Mo-Su 09:00-12:00; PH off", dt.datetime(2026, 10, 3, 10, 0)).open is False
