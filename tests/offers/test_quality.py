import datetime as dt

from sro_geo.offers import check_offers
from tests.offers.toy_offers import TOWN, directory

TODAY = dt.date(2026, 11, 20)


def rules(*records):
    """Findings as (rule, id)."""
    table, version, _ = directory(*records)
    return {(f.rule, f.id) for f in check_offers(TOWN.city, table, version, TODAY)}


def test_an_offer_outside_every_space_is_found():
    """A point in the neighbouring town."""
    assert ("offer_outside", "o0") in rules({"at": (-8, 1)})


def test_an_offer_without_coordinates_is_found_unless_mobile_or_protected():
    """No point is a finding only where one is expected."""
    found = rules({}, {"service_area": "A"}, {"protected": True, "service_area": "A"})
    assert {i for rule, i in found if rule == "offer_without_place"} == {"o0"}


def test_different_addresses_on_one_point_are_found():
    """Two addresses cannot be one point; one address with two offers can."""
    found = rules(
        {"at": (1, 1), "address": "Weg 1"},
        {"at": (1, 1), "address": "Weg 2"},
        {"at": (3, 3), "address": "Hof 5"},
        {"at": (3, 3), "address": "Hof 5"},
    )
    assert {i for rule, i in found if rule == "offers_on_one_point"} == {"o0", "o1"}


def test_stale_and_never_confirmed_entries_are_found():
    """Older than a year, or never."""
    found = rules({"verified_on": "2020-01-01"}, {"verified_on": None}, {})
    assert {("offer_stale", "o0"), ("offer_never_verified", "o1")} <= found
    assert not {rule for rule, i in found if i == "o2"} & {"offer_stale", "offer_never_verified"}


def test_a_space_without_offers_is_found():
    """Three of four spaces have none."""
    found = rules({"at": (0.5, 0.5)})
    assert {i for rule, i in found if rule == "area_without_offers"} == {"B", "C", "D"}


def test_a_doubled_entry_is_found_once():
    """The second of two equal entries is named."""
    found = rules({"at": (1, 1), "name": "Treff"}, {"at": (1, 1), "name": "TREFF "})
    assert {i for rule, i in found if rule == "offer_doubled"} == {"o1"}


def test_closed_offers_are_not_nagged_about():
    """A closed entry need not be fresh."""
    assert not {i for _, i in rules({"status": "closed", "verified_on": None}) if i == "o0"}


def test_unreadable_hours_and_unknown_names_are_found():
    """Hours, category and service area that nobody can resolve."""
    found = rules({"schedule": "immer mal 25:99-x"}, {"category": "x"}, {"service_area": "Z"})
    assert {
        ("offer_schedule_unreadable", "o0"),
        ("offer_category_unknown", "o1"),
        ("offer_area_unknown", "o2"),
    } <= found
