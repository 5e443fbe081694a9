import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.offers import OfferFilter, filter_offers
from tests.offers.toy_offers import TOWN, directory

TODAY = dt.date(2026, 11, 20)


def ids(table, version, index, **wanted):
    """Ids found for a filter, in order."""
    found = filter_offers(table, OfferFilter(**wanted), TOWN.city, version, TODAY, index)
    return found["offer_id"].tolist()


def test_age_fits_inside_the_range_and_open_ends_are_open():
    """A 12-year-old finds 6-14, 12+, and everybody's; not 14+ and not up to 11."""
    town = directory(
        {"age_min": 6, "age_max": 14},
        {"age_min": 12},
        {},
        {"age_min": 14},
        {"age_max": 11},
    )
    assert ids(*town, age=12) == ["o0", "o1", "o2"]


def test_closed_offers_are_left_out_unless_asked_for():
    """Planned and paused ones are shown, closed ones only on request."""
    town = directory({"status": "closed"}, {"status": "planned"}, {"status": "paused"})
    assert ids(*town) == ["o1", "o2"]
    assert ids(*town, statuses=("closed",)) == ["o0"]


def test_near_keeps_what_is_within_the_minutes_and_sorts_by_them():
    """4 km/h at 12 years, detour 1.3: 100 m are 1.95 minutes."""
    town = directory({"at": (3.5, 0.5)}, {"at": (1.5, 0.5)}, {"at": (0.5, 0.5)})
    table, version, index = town
    wanted = OfferFilter(near=TOWN.at(0.5, 0.5), minutes=2, age=12)
    found = filter_offers(table, wanted, TOWN.city, version, TODAY, index)
    assert found["offer_id"].tolist() == ["o2", "o1"]
    assert found["minutes"].tolist() == pytest.approx([0, 100 * 1.3 / (4000 / 60)])


def test_near_leaves_protected_and_unplaced_offers_out():
    """A protected place takes part in no distance, even if a point was left over."""
    town = directory(
        {"at": (0.5, 0.5), "protected": True, "service_area": "nord"}, {}, {"at": (0.5, 0.5)}
    )
    assert ids(*town, near=TOWN.at(0.5, 0.5), minutes=60) == ["o2"]


def test_a_protected_place_has_no_point_in_the_directory():
    """Not even one that is stored by mistake leaves the directory."""
    table, _, _ = directory({"at": (0.5, 0.5), "address": "Geheim 1", "protected": True})
    row = table.iloc[0]
    assert np.isnan(row["lat"])
    assert np.isnan(row["x"])
    assert row["address"] is None or row["address"] != row["address"]
    assert row["status_of_place"] == "protected"


def test_a_mobile_offer_comes_to_places_in_its_area():
    """It is found from inside its area, without minutes, and not from outside."""
    town = directory({"service_area": "A"})
    assert ids(*town, near=TOWN.at(0.5, 0.5), minutes=5) == ["o0"]
    assert ids(*town, near=TOWN.at(3.5, 3.5), minutes=5) == []


def test_the_area_filter_takes_placed_and_serving_offers():
    """Offers in space A: the one placed there and the one that serves the region."""
    town = directory({"at": (0.5, 0.5)}, {"at": (3.5, 3.5)}, {"service_area": "nord"})
    assert ids(*town, area_id="A") == ["o0", "o2"]
    assert ids(*town, area_id="sued") == ["o1"]


def test_freshness_counts_the_days():
    """365 days are still fresh, one more is stale, nothing is never."""
    town = directory(
        {"verified_on": "2025-11-20"}, {"verified_on": "2025-11-19"}, {"verified_on": None}
    )
    assert ids(*town, freshness="fresh") == ["o0"]
    assert ids(*town, freshness="stale") == ["o1"]
    assert ids(*town, freshness="never") == ["o2"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [({"categories": ("x",)}, "category_unknown"), ({"area_id": "x"}, "area_unknown")],
)
def test_an_unknown_name_is_refused_not_answered_with_nothing(wanted, code):
    """A misspelt filter must not look like an empty town."""
    with pytest.raises(SroError) as caught:
        ids(*directory({}), **wanted)
    assert caught.value.code == code


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 4), st.floats(0, 4), st.integers(0, 20), st.booleans()),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 30),
    st.integers(0, 20),
)
def test_filters_combine_as_their_intersection(records, minutes, age):
    """What two filters find together is what each of them finds, and more minutes find more."""
    town = directory(
        *({"at": (c, r), "age_min": a, "low_threshold": low} for c, r, a, low in records)
    )
    near = {"near": TOWN.at(2, 2), "minutes": minutes}
    both = set(ids(*town, age=age, low_threshold=True, **near))
    # Speed depends on the age, so the age stays in both.
    assert both == set(ids(*town, age=age, **near)) & set(ids(*town, low_threshold=True))
    wider = set(ids(*town, age=age, near=near["near"], minutes=minutes + 5))
    assert set(ids(*town, age=age, **near)) <= wider
