import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sro_geo.coverage import (
    Draft,
    cover,
    demand_of,
    figures,
    for_group,
    open_then,
    overall,
    supply_of,
    with_changes,
)
from sro_geo.errors import SroError
from tests.coverage.test_demand import NO_CELLS, people
from tests.coverage.toy_coverage import Plain
from tests.offers.toy_offers import TOWN, directory

# 10 children in every block of a town of four by four blocks of 100 m.
CHILDREN = people(*((f"{r:02d}{c:02d}", 10, 13, 10) for r in range(4) for c in range(4)))


def of(*records, **asked):
    """Demand and supply of offers given as for the directory."""
    rows, version, _ = directory(*records)
    demand = demand_of(CHILDREN, NO_CELLS, version, "10-13")
    return demand, supply_of(rows, version, demand, **asked)


def test_a_protected_place_never_takes_part():
    """Not as supply, not in the list of what is left out."""
    _, offers = of({"protected": True, "service_area": "A", "at": (1, 1)}, {"at": (2, 2)})
    assert (["o1"], ()) == (offers.offer_ids.tolist(), offers.left_out)


def test_offers_without_a_point_are_left_out_aloud():
    """Nobody can reach them; they are named."""
    _, offers = of({"at": (1, 1)}, {})
    assert ([("o1", "unplaced")], 1) == (
        [(out.offer_id, out.reason) for out in offers.left_out],
        len(offers),
    )


@pytest.mark.parametrize("status", ["planned", "paused", "closed"])
def test_what_is_not_running_counts_only_when_asked_for(status):
    """A plan is no help yet."""
    _, offers = of({"at": (1, 1), "status": status})
    assert (0, status) == (len(offers), offers.left_out[0].reason)
    _, offers = of({"at": (1, 1), "status": status}, statuses=("active", status))
    assert 1 == len(offers)


def test_a_mobile_offer_serves_the_places_of_its_area():
    """Every block of B, however far, and no other."""
    demand, offers = of({"service_area": "B"})
    result = cover(demand, offers, Plain(), 0.001)
    assert ["A", "B", "C", "D"] == figures(result, demand, "social_space")["area_id"].tolist()
    assert [0, 40, 0, 0] == figures(result, demand, "social_space")["covered"].tolist()


def test_a_service_area_nobody_knows_is_left_out_aloud():
    """After a new plan an area may be gone."""
    _, offers = of({"service_area": "Z"})
    assert ("area_unknown", 0) == (offers.left_out[0].reason, len(offers))


def test_unknown_capacity_stays_unknown():
    """Neither 0 nor 1."""
    _, offers = of({"at": (1, 1)}, {"at": (1, 1), "capacity": 0}, {"at": (1, 1), "capacity": 12})
    assert np.array_equal([np.nan, 0, 12], offers.capacity, equal_nan=True)
    assert ["o1"] == offers.without_places


def test_offers_for_other_ages_are_not_for_these_people():
    """A group for seniors covers no child; an age that is not stated does not restrict."""
    _, offers = of(
        {"at": (1, 1), "age_min": 60}, {"at": (1, 1), "age_max": 12}, {"at": (1, 1)}, group="10-13"
    )
    assert ["o1", "o2"] == offers.offer_ids.tolist()
    assert ["o1", "o2"] == for_group(offers, "6-9").offer_ids.tolist()
    assert ["o2"] == for_group(offers, "75+").offer_ids.tolist()


def test_old_entries_are_marked_on_the_day_asked_for():
    """Confirmed in June, a year and a day later it is stale."""
    _, offers = of({"at": (1, 1)}, {"at": (1, 1), "verified_on": None}, today=dt.date(2027, 6, 3))
    assert [True, False] == offers.stale.tolist()


def test_an_offer_beyond_the_blocks_is_not_the_citys_own():
    """It still takes part."""
    _, offers = of({"at": (9, 9)}, {"at": (1, 1)})
    assert [False, True] == offers.within_city.tolist()


def test_unknown_hours_count_as_open():
    """Closed is only what says so."""
    _, offers = of(
        {"at": (1, 1), "schedule": "Mo-Fr 14:00-18:00"},
        {"at": (1, 1)},
        {"at": (1, 1), "schedule": "sonntags"},
    )
    saturday, monday = dt.datetime(2026, 6, 6, 15), dt.datetime(2026, 6, 8, 15)
    assert [False, True, True] == open_then(offers, saturday).tolist()
    assert [True, True, True] == open_then(offers, monday).tolist()


def test_switching_an_offer_off_and_drafting_one_leaves_the_supply_alone():
    """A question, not a change."""
    demand, offers = of({"at": (0, 0)})
    rows_before = offers.offer_ids.tolist()
    x, y = TOWN.at(4, 4)
    draft = Draft("neu", "Entwurf", x, y, provider_id="q", capacity=20)
    other = with_changes(offers, off=["o0"], added=[draft], version=TOWN.version())
    assert (["neu"], rows_before) == (other.offer_ids.tolist(), offers.offer_ids.tolist())
    assert ("D", True) == (other.areas["social_space"][0], bool(other.within_city[0]))
    table = figures(cover(demand, other, Plain(), 5), demand, "social_space")
    assert [0, 0, 0, 40] == table["covered"].tolist()


def test_places_hours_and_points_can_be_tried():
    """Capacity 0 closes a house, moving it takes its people along."""
    demand, offers = of({"at": (0, 0), "capacity": 5})
    assert overall(cover(demand, offers, Plain(), 5), demand)["covered"] == 40
    full = with_changes(offers, capacity={"o0": 0})
    assert overall(cover(demand, full, Plain(), 5), demand)["covered"] == 0
    away = with_changes(offers, moved={"o0": TOWN.at(4, 4)}, version=TOWN.version())
    assert "D" == away.areas["social_space"][0]
    shut = with_changes(offers, schedule={"o0": "Mo 10:00-11:00"})
    assert [False] == open_then(shut, dt.datetime(2026, 6, 6, 15)).tolist()
    assert pd.isna(offers.schedule[0])


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"off": ["?"]}, "offer_unknown"), ({"capacity": {"o0": -1}}, "capacity_wrong")],
)
def test_changes_that_make_no_sense_are_refused(changes, code):
    """With the name of what is wrong."""
    _, offers = of({"at": (1, 1)})
    with pytest.raises(SroError) as caught:
        with_changes(offers, **changes)
    assert caught.value.code == code


def test_a_category_without_offers_leaves_everybody_uncovered():
    """No row at all: an answer, not a crash."""
    rows, version, _ = directory({"at": (1, 1)})
    demand = demand_of(CHILDREN, NO_CELLS, version, "10-13")
    offers = supply_of(rows.iloc[:0], version, demand)
    all_ = overall(cover(demand, offers, Plain(), 5), demand)
    assert (0, 160, 0.0) == (all_["covered"], all_["uncovered"], all_["share"])
