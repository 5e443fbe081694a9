"""Opening hours as offices write them."""

import pytest

from sro_geo.exchange.schedule import read_schedule


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 08:00-16:00",
        "Mo,Tu 08:00-12:00; PH off",
        "24/7",
        '"nach Vereinbarung"',
        "Mo-Fr 8:00-16:00",
    ],
)
def test_openstreetmap_syntax_is_kept_as_it_is(text):
    """Whatever the parser takes."""
    assert read_schedule(text) == (text, "")


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("07:30-16:30", "Mo-Fr 07:30-16:30"),
        ("07:00-17.00", "Mo-Fr 07:00-17:00"),
        ("8-16 Uhr", "Mo-Fr 08:00-16:00"),
        ("8.00 - 12.30 Uhr", "Mo-Fr 08:00-12:30"),
    ],
)
def test_times_without_days_are_proposed_for_weekdays(text, proposal):
    """In OSM syntax they would mean every day, Sundays too."""
    assert read_schedule(text) == (proposal, "schedule_without_days")


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Di 09:00-12:00", "Tu 09:00-12:00"),
        ("Montag bis Freitag 8.00 - 16.00 Uhr", "Mo-Fr 08:00-16:00"),
        ("Mo-Do 8-16 Uhr, Fr 8-14 Uhr", "Mo-Th 08:00-16:00; Fr 08:00-14:00"),
        ("Mi und Fr 14:00-18:00", "We,Fr 14:00-18:00"),
        ("Samstags 10-12 Uhr", "Sa 10:00-12:00"),
    ],
)
def test_german_hours_are_proposed_in_openstreetmap_syntax(text, proposal):
    """Days and times only; the user consents."""
    assert read_schedule(text) == (proposal, "schedule_rewritten")


def test_words_without_times_are_proposed_as_a_remark():
    """They say something to people."""
    assert read_schedule("nach Vereinbarung") == ('"nach Vereinbarung"', "schedule_as_comment")


@pytest.mark.parametrize("text", ["Mo-Fr 25:00-26:00", "jeden 2. Dienstag", "ab 14"])
def test_what_cannot_be_read_is_a_fault(text):
    """A wrong hour is worse than none."""
    assert read_schedule(text) == (None, "schedule_malformed")
