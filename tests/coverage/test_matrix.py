import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.city import Threshold
from sro_geo.coverage import cover, figures, for_group
from sro_geo.coverage.local import central_or_local, move_of
from sro_geo.coverage.matrix import STATES, gap_matrix
from sro_geo.coverage.targets import Target
from sro_geo.errors import SroError
from tests.coverage.test_measures import cities, houses
from tests.coverage.toy_coverage import Plain, demand, supply

# Ten minutes apart: A and B with people, C without.
ROW = demand([(0, 0, 100, "A"), (10, 0, 50, "A"), (20, 0, 30, "B"), (30, 0, 0, "C")])
NO_TARGET = Target(None, "none")


def matrix(offers, *, people=ROW, categories=("youth_centre",), target=NO_TARGET, **options):
    """Rows by category and area, for one age group, ten minutes unless a target says more."""
    table = gap_matrix(
        {people.group: people},
        offers,
        lambda group: Plain(),
        lambda category, group: target,
        "social_space",
        categories=categories,
        default_minutes=10,
        **options,
    )
    return table.set_index(["category", "area_id"])


def wanted(**values):
    """A target of ten minutes."""
    return Target(Threshold("youth_centre", "10-13", "walk", 10.0, **values), "exact")


def reason(table, area="A", category="youth_centre"):
    """The reason of one cell."""
    return table.loc[(category, area), "reason"]


def test_a_category_without_offers_says_so():
    """No library anywhere; the youth centre is there."""
    table = matrix(supply({"at": (0, 0)}), categories=("library", "youth_centre"))
    assert ("no_offer", 150.0) == (
        reason(table, category="library"),
        table.loc[("library", "A"), "missing"],
    )
    assert "" == reason(table)


def test_people_beyond_the_threshold_have_it_too_far():
    """B is twenty minutes away."""
    table = matrix(supply({"at": (0, 0)}))
    assert ("too_far", 30, 30) == (
        reason(table, "B"),
        table.loc[("youth_centre", "B"), "too_far"],
        table.loc[("youth_centre", "B"), "missing"],
    )


def test_areas_without_people_stay_without_a_reason():
    """C and D are in the matrix, nobody is missing there."""
    table = matrix(supply({"at": (0, 0)}))
    assert ["A", "B", "C", "D"] == table.loc["youth_centre"].index.tolist()
    assert ("", 0.0, True) == (
        reason(table, "D"),
        table.loc[("youth_centre", "D"), "missing"],
        bool(np.isnan(table.loc[("youth_centre", "D"), "share"])),
    )


def test_missing_persons_count_against_the_target_share():
    """Of 150, 135 should be covered; 100 are."""
    offers = supply({"at": (-1, 0)})
    table = matrix(offers, target=wanted(share=0.9))
    row = table.loc[("youth_centre", "A")]
    assert (100, 35, 0.9, True) == (
        row["covered"],
        pytest.approx(row["missing"]),
        row["share_target"],
        row["target_set"],
    )
    none = matrix(offers).loc[("youth_centre", "A")]
    assert (50, True, False) == (
        none["missing"],
        np.isnan(none["share_target"]),
        none["target_set"],
    )


def test_a_house_that_takes_nobody_in_is_full():
    """In reach, capacity 0."""
    assert "full" == reason(matrix(supply({"at": (0, 0), "capacity": 0})))


def test_fewer_places_than_wanted_is_full_only_where_the_number_is_certain():
    """149 places for 150 are too few, unknown ones are not known to be."""
    assert "full" == reason(matrix(supply({"at": (0, 0), "capacity": 149})))
    assert "" == reason(matrix(supply({"at": (0, 0), "capacity": 150})))
    assert "" == reason(matrix(supply({"at": (0, 0), "capacity": 149}, {"at": (0, 0)})))
    target = wanted(places_per_100=20)
    assert "" == reason(matrix(supply({"at": (0, 0), "capacity": 30}), target=target))
    assert "full" == reason(matrix(supply({"at": (0, 0), "capacity": 29}), target=target))


def test_closed_then_is_asked_for_by_a_moment():
    """Open on weekdays, asked for a Saturday."""
    offers = supply({"at": (0, 0), "schedule": "Mo-Fr 14:00-18:00"})
    assert "" == reason(matrix(offers))
    table = matrix(offers, moment=dt.datetime(2026, 6, 6, 15))
    assert ("closed_then", 0) == (reason(table), table.loc[("youth_centre", "A"), "covered"])
    assert "" == reason(matrix(offers, moment=dt.datetime(2026, 6, 8, 15)))


def test_coverage_that_hangs_on_old_entries_says_so():
    """Counted as covered, or not, as asked."""
    offers = supply({"at": (0, 0), "stale": True})
    table = matrix(offers)
    assert ("stale_entry", 150, 0) == (
        reason(table),
        table.loc[("youth_centre", "A"), "covered"],
        table.loc[("youth_centre", "A"), "missing"],
    )
    strict = matrix(offers, count_stale=False)
    assert ("stale_entry", 150) == (
        reason(strict),
        strict.loc[("youth_centre", "A"), "missing"],
    )
    assert "" == reason(matrix(supply({"at": (0, 0), "stale": True}, {"at": (1, 0)})))


def test_coverage_by_a_central_offer_from_elsewhere_says_so():
    """The town's house in A reaches B; for A itself it is local."""
    offers = supply({"at": (10, 0), "reach_level": "city", "space": "A"})
    table = matrix(offers)
    assert ("", "only_central") == (reason(table, "A"), reason(table, "B"))
    strict = matrix(offers, count_central=False)
    assert 30 == strict.loc[("youth_centre", "B"), "missing"]


def test_a_central_offer_that_comes_to_the_area_is_local_there():
    """A bus of the town that stops in B."""
    bus = supply({"at": None, "serves": [2], "reach_level": "city", "space": None})
    assert "" == reason(matrix(bus), "B")


def test_each_person_is_in_one_state():
    """The states add up to the population."""
    offers = supply({"at": (0, 0), "stale": True}, {"at": (10, 0), "capacity": 0}, {"at": (20, 0)})
    table = matrix(offers)
    assert (table[list(STATES)].sum(axis=1) == table["population"]).all()


def test_offers_for_other_ages_are_no_offers():
    """A senior centre is none for children."""
    assert "no_offer" == reason(matrix(supply({"at": (0, 0), "age_min": 60})))


def test_rows_go_by_category_then_age_then_area():
    """A line of the matrix is a kind of offer."""
    table = gap_matrix(
        {"10-13": ROW, "14-17": replace(ROW, group="14-17")},
        supply({"at": (0, 0)}),
        lambda group: Plain(),
        lambda category, group: NO_TARGET,
        "region",
        categories=("library", "youth_centre"),
        default_minutes=10,
    )
    keys = table[["category", "age_group", "area_id"]].to_numpy().tolist()
    assert [
        [category, group, area]
        for category in ("library", "youth_centre")
        for group in ("10-13", "14-17")
        for area in ("nord", "sued")
    ] == keys


@settings(max_examples=50, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_the_matrix_shows_the_shares_of_the_coverage_page(places, offers, minutes):
    """Two ways of counting, one number."""
    people = demand(places)
    kinds = ("youth_centre", "library")
    there = supply(
        *(
            {**o, "category": kinds[n % 2], "stale": n % 3 == 0, "reach_level": "city"}
            for n, o in enumerate(offers)
        )
    )
    target = Target(Threshold("x", "10-13", "walk", minutes), "exact")
    table = matrix(there, people=people, categories=kinds, target=target)
    for kind in kinds:
        result = cover(people, there.where(there.category == kind), Plain(), minutes)
        alone = figures(result, people, "social_space").set_index("area_id")
        ours = table.loc[kind]
        for column in ("population", "covered", "uncovered", "share"):
            assert np.allclose(ours[column], alone[column], equal_nan=True)
    assert np.allclose(table[list(STATES)].sum(axis=1), table["population"])


# -- central or local -------------------------------------------------------------------


def test_an_offer_serves_the_smallest_area_that_holds_most_of_its_people():
    """The west house is A's; the one in the middle is the region's."""
    offers = supply({"at": (-2, 0)}, {"at": (15, 0)}, {"at": (500, 0)})
    result = cover(ROW, offers, Plain(), 6)
    table = central_or_local(result, ROW, ("social_space", "region", "city"))
    assert ["social_space", "region", None] == table["serves"].tolist()
    assert [100, 80, 0] == table["reached"].tolist()
    assert [1.0, 50 / 80] == pytest.approx(table["social_space_share"].tolist()[:2])


def test_people_who_have_no_other_offer_are_counted_for_each():
    """100 have only the west house; the middle place has both."""
    offers = supply({"at": (0, 0)}, {"at": (20, 0)})
    table = central_or_local(cover(ROW, offers, Plain(), 10), ROW, ("social_space",))
    assert [100, 30] == table["only_one_for"].tolist()


def test_a_bus_belongs_where_its_people_live():
    """It stands nowhere; most of those it comes to live in A."""
    bus = supply({"at": None, "serves": [0, 1, 2], "space": None})
    table = central_or_local(cover(ROW, bus, Plain(), 10), ROW, ("social_space",))
    assert ("A", 150 / 180, "social_space") == (
        table["social_space_id"][0],
        pytest.approx(table["social_space_share"][0]),
        table["serves"][0],
    )


def test_moving_an_offer_tells_who_loses_and_who_gains():
    """From the west end to the east end."""
    result = cover(ROW, supply({"at": (0, 0), "id": "w"}), Plain(), 10)
    move = move_of(result, ROW, "w", 20 * 50.0, 0.0)
    assert (150, 80, 100, 30) == (
        move.covered_before,
        move.covered_after,
        move.lost,
        move.gained,
    )
    with pytest.raises(SroError):
        move_of(result, ROW, "?", 0.0, 0.0)


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_only_one_for_is_what_closing_an_offer_costs(places, offers, minutes):
    """Each offer switched off in turn."""
    people, there = demand(places), supply(*offers)
    result = cover(people, there, Plain(), minutes)
    table = central_or_local(result, people, ("social_space", "region", "city"))
    inside = np.where(people.inside, people.persons, 0)
    for position in range(len(there)):
        less = cover(people, there.where(np.arange(len(there)) != position), Plain(), minutes)
        lost = inside[result.covered & ~less.covered].sum()
        assert table["only_one_for"][position] == pytest.approx(lost)


def test_groups_of_seniors_are_not_served_by_youth_centres():
    """The helper used above."""
    assert 0 == len(for_group(supply({"at": (0, 0), "age_max": 27}), "65-74"))
