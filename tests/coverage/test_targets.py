from dataclasses import replace

import pytest

from sro_geo.city import Threshold, load_city
from sro_geo.coverage.targets import modes_with_target, target_of
from sro_geo.errors import SroError
from tests.toy import DATA, shipped_city

DAY = "2026-11-20"


def city_of(*thresholds):
    """The shipped city with these thresholds only."""
    return shipped_city(thresholds=tuple(thresholds))


def written(tmp_path, text):
    """Load a city whose thresholds are ``text``."""
    head = (DATA / "city.toml").read_text(encoding="utf-8").split("[[thresholds]]")[0]
    (tmp_path / "city.toml").write_text(head + text, encoding="utf-8")
    kinds = (DATA / "categories.toml").read_text(encoding="utf-8")
    (tmp_path / "categories.toml").write_text(kinds, encoding="utf-8")
    return load_city(tmp_path)


FIFTEEN = Threshold("youth_centre", "10-13", "walk", 15.0, share=0.9)


def test_a_target_of_the_very_group_comes_first():
    """Even where a wider one is stricter."""
    city = city_of(replace(FIFTEEN, age_group="under_18", minutes=10.0), FIFTEEN)
    found = target_of(city, "youth_centre", "10-13", "walk", DAY)
    assert (15.0, 0.9, "exact") == (found.minutes, found.share, found.how)


def test_a_wider_group_speaks_for_those_in_it():
    """Under 18 includes 10 to 13, and the answer says that it was set for more people."""
    wide = replace(FIFTEEN, age_group="under_18", minutes=20.0)
    city = city_of(replace(wide, age_group="all", minutes=30.0), wide)
    found = target_of(city, "youth_centre", "10-13", "walk", DAY)
    assert (20.0, "wider_group") == (found.minutes, found.how)


@pytest.mark.parametrize(
    ("category", "group", "mode"),
    [
        ("library", "10-13", "walk"),
        ("youth_centre", "14-17", "walk"),
        ("youth_centre", "under_18", "walk"),
        ("youth_centre", "10-13", "bike"),
    ],
)
def test_where_nothing_is_set_nothing_is_made_up(category, group, mode):
    """Another category, age or mode is another question."""
    found = target_of(city_of(FIFTEEN), category, group, mode, DAY)
    assert (None, None, "none") == (found.minutes, found.share, found.how)


def test_a_resolution_holds_from_its_day():
    """Until then the older one does."""
    later = replace(FIFTEEN, minutes=12.0, valid_from="2027-01-01")
    city = city_of(FIFTEEN, later)
    assert 15.0 == target_of(city, "youth_centre", "10-13", "walk", DAY).minutes
    assert 12.0 == target_of(city, "youth_centre", "10-13", "walk", "2027-01-01").minutes


def test_an_unknown_age_group_is_refused():
    """With what there is."""
    with pytest.raises(SroError) as caught:
        target_of(city_of(FIFTEEN), "youth_centre", "teens", "walk", DAY)
    assert "age_group_unknown" == caught.value.code


def test_modes_with_a_target_are_offered_first():
    """On foot only."""
    assert ("walk",) == modes_with_target(city_of(FIFTEEN), "youth_centre", "10-13", DAY)


def test_the_shipped_targets_are_samples_and_name_no_resolution():
    """Nothing invented passes for a decision of a council."""
    city = shipped_city()
    assert len(city.thresholds) >= 5
    assert all("Beispielwert" in threshold.source["de"] for threshold in city.thresholds)
    assert not any(threshold.resolution for threshold in city.thresholds)
    assert 15.0 == target_of(city, "youth_centre", "10-13", "walk", DAY).minutes


def test_everything_that_can_be_said_of_a_target_is_read(tmp_path):
    """Value, share, places, source, resolution, day."""
    city = written(
        tmp_path,
        """
[[thresholds]]
category = "day_care"
age_group = "3-5"
minutes = 12
share = 0.95
places_per_100 = 98
source = { de = "Ausschuss", en = "Committee" }
resolution = "Beschluss vom 01.02.2026"
valid_from = 2026-02-01
""",
    )
    (found,) = city.thresholds
    assert ("walk", 12.0, 0.95, 98.0) == (
        found.mode,
        found.minutes,
        found.share,
        found.places_per_100,
    )
    assert ("Beschluss vom 01.02.2026", "2026-02-01") == (
        found.resolution["de"],
        found.valid_from,
    )


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('category = "yacht_club"', "category"),
        ('age_group = "teens"', "age_group"),
        ('mode = "car"', "mode"),
        ("minutes = 0", "minutes"),
        ('minutes = "viel"', "minutes"),
        ("minutes = inf", "minutes"),
        ("minutes = true", "minutes"),
        ("share = 90", "share"),
        ("places_per_100 = -1", "places_per_100"),
        ('valid_from = "bald"', "valid_from"),
    ],
)
def test_a_threshold_that_cannot_be_meant_is_refused_by_name(tmp_path, line, key):
    """Which one, and what is wrong with it."""
    lines = {
        "category": 'category = "day_care"',
        "age_group": 'age_group = "3-5"',
        "minutes": "minutes = 15",
    }
    lines[key] = line
    with pytest.raises(SroError) as caught:
        written(tmp_path, "[[thresholds]]\n" + "\n".join(lines.values()) + "\n")
    assert ("city_setting_wrong", f"thresholds[1].{key}") == (
        caught.value.code,
        caught.value.params["key"],
    )


def test_a_threshold_without_minutes_is_no_threshold(tmp_path):
    """Said, not guessed."""
    with pytest.raises(SroError) as caught:
        written(tmp_path, '[[thresholds]]\ncategory = "day_care"\nage_group = "3-5"\n')
    assert "city_setting_missing" == caught.value.code


def test_the_same_threshold_twice_is_refused(tmp_path):
    """Which of the two should hold?"""
    one = '[[thresholds]]\ncategory = "day_care"\nage_group = "3-5"\nminutes = 15\n'
    with pytest.raises(SroError) as caught:
        written(tmp_path, one + one)
    assert "city_setting_wrong" == caught.value.code
