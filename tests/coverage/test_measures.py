import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.coverage import cover, figures, overall, surroundings
from sro_geo.coverage.measures import weighted_quantiles
from sro_geo.errors import SroError
from tests.coverage.toy_coverage import METRES_A_MINUTE, Plain, demand, supply

# Four places in a row, 10 minutes apart; nobody lives in C, and D has no place at all.
ROW = demand([(0, 0, 100, "A"), (10, 0, 50, "A"), (20, 0, 30, "B"), (30, 0, 0, "C")])


def by_area(result, level="social_space"):
    """Figures by area id."""
    return figures(result, result.demand, level).set_index("area_id")


def test_who_lives_near_enough_is_covered():
    """An offer at the west end reaches 150 of 180 within 10 minutes."""
    result = cover(ROW, supply({"at": (0, 0)}), Plain(), 10)
    assert [True, True, False, False] == result.covered.tolist()
    all_ = overall(result, ROW)
    assert (150, 30, 180) == (all_["covered"], all_["uncovered"], all_["population"])
    assert all_["share"] == pytest.approx(150 / 180)


def test_every_area_is_in_the_table_also_where_nobody_lives():
    """C has places without persons, D has no place: both stay, without a share."""
    table = by_area(cover(ROW, supply({"at": (0, 0)}), Plain(), 10))
    assert ["A", "B", "C", "D"] == table.index.tolist()
    assert [150, 30, 0, 0] == table["population"].tolist()
    assert [False, False, True, True] == table["share"].isna().tolist()


def test_the_band_is_the_share_for_a_shorter_and_a_longer_way():
    """At 9 minutes the second place is out, at 11 it is in."""
    row = by_area(cover(ROW, supply({"at": (0, 0)}), Plain(), 9)).loc["A"]
    assert (100 / 150, 100 / 150, 1.0) == pytest.approx(
        (row["share_low"], row["share"], row["share_high"])
    )
    assert [False, True, False, False] == cover(
        ROW, supply({"at": (0, 0)}), Plain(), 9
    ).uncertain.tolist()


def test_median_and_p90_count_persons_not_places():
    """Two thirds of A live at the offer."""
    row = by_area(cover(ROW, supply({"at": (0, 0)}), Plain(), 10)).loc["A"]
    assert (0, 10) == (row["median_minutes"], row["p90_minutes"])


def test_an_infinite_way_has_no_median():
    """Without an offer nobody arrives: everybody is uncovered, and no number is invented."""
    none = supply()
    result = cover(ROW, none, Plain(), 10)
    row = by_area(result).loc["A"]
    assert (0, 150, 0.0) == (row["covered"], row["uncovered"], row["share"])
    assert np.isnan(row["median_minutes"])
    assert np.isinf(result.minutes).all()
    assert (result.nearest == -1).all()


def test_people_beyond_the_limits_are_counted_apart():
    """Inside and outside add up to everybody."""
    people = demand([(0, 0, 100, "A"), (1, 0, 7, ".")])
    all_ = overall(cover(people, supply({"at": (0, 0)}), Plain(), 10), people)
    assert (100, 7) == (all_["population"], all_["outside"])


def test_a_place_in_no_area_of_a_level_is_not_lost_from_the_city():
    """A block that no social space took in counts for the city, and is said."""
    people = demand([(0, 0, 100, "A"), (1, 0, 9, None)])
    result = cover(people, supply({"at": (0, 0)}), Plain(), 10)
    assert overall(result, people)["population"] == 109
    assert by_area(result)["population"].sum() == 100
    assert people.without_area("social_space") == 9


def test_a_mobile_offer_covers_the_area_it_comes_to():
    """Its people have no way at all; nobody else is nearer for it."""
    result = cover(ROW, supply({"at": None, "serves": [2], "space": "B"}), Plain(), 10)
    assert [False, False, True, False] == result.covered.tolist()
    assert (0.0, True) == (result.minutes[2], bool(result.comes[2]))


def test_an_offer_with_point_and_service_area_counts_once():
    """Where both reach a place there is one pair, the shorter."""
    result = cover(ROW, supply({"at": (0, 0), "serves": [0, 1]}), Plain(), 10)
    assert [(0, 0, 0.0), (1, 0, 0.0)] == list(
        zip(result.reached.demand, result.reached.offer, result.reached.minutes, strict=True)
    )


def test_an_offer_without_places_covers_nobody():
    """Capacity 0 is a full house, and it is named."""
    closed = supply({"at": (0, 0), "capacity": 0, "id": "voll"})
    assert not cover(ROW, closed, Plain(), 10).covered.any()
    assert closed.without_places == ["voll"]


def test_unknown_capacity_is_a_range():
    """20 places are known; the other offer has none at least and 20 at most."""
    offers = supply({"at": (0, 0), "capacity": 20}, {"at": (1, 0)}, {"at": (20, 0), "space": "B"})
    table = by_area(cover(ROW, offers, Plain(), 10))
    assert (100 * 20 / 150, 100 * 40 / 150) == pytest.approx(
        tuple(table.loc["A", ["places_low", "places_high"]])
    )
    assert (0, 100 * 20 / 30) == pytest.approx(tuple(table.loc["B", ["places_low", "places_high"]]))


def test_where_no_offer_states_its_capacity_nobody_knows_an_upper_limit():
    """At least 0, at most unknown: never 1."""
    row = by_area(cover(ROW, supply({"at": (0, 0)}), Plain(), 10)).loc["A"]
    assert row["places_low"] == 0
    assert np.isnan(row["places_high"])


def test_places_that_come_to_several_areas_are_shared_by_persons():
    """18 places for A and B with 150 and 30 persons: 15 and 3, ten for a hundred in both."""
    bus = supply({"at": None, "serves": [0, 1, 2], "space": None, "capacity": 18})
    table = by_area(cover(ROW, bus, Plain(), 10))
    assert [10, 10] == pytest.approx(table.loc[["A", "B"], "places_low"].tolist())


def test_choice_counts_providers_not_offers():
    """Two offers of one provider are no choice; an unknown provider adds none to a known one."""
    offers = supply(
        {"at": (0, 0), "provider": "P"},
        {"at": (1, 0), "provider": "P"},
        {"at": (20, 0), "provider": "Q", "space": "B"},
        {"at": (2, 0), "provider": None},
    )
    result = cover(ROW, offers, Plain(), 10)
    assert [1, 2, 1, 1] == result.providers.tolist()
    row = by_area(result).loc["A"]
    assert ((100 + 2 * 50) / 150, 1, 50 / 150) == pytest.approx(
        (row["providers_mean"], row["providers_min"], row["choice_share"])
    )


def test_unknown_providers_alone_count_as_one():
    """Three offers of nobody knows whom are one provider for certain."""
    offers = supply(*({"at": (0, 0), "provider": None} for _ in range(3)))
    assert [1, 1, 0, 0] == cover(ROW, offers, Plain(), 10).providers.tolist()


def test_offers_beyond_the_limits_change_the_figures():
    """The neighbour's offer covers B; without it the city covers nobody."""
    outline = shapely.box(0, -10, 30 * METRES_A_MINUTE, 10)
    offers = supply({"at": (20, 5), "space": "."})
    result = cover(ROW, offers, Plain(), 6)
    around = surroundings(result, ROW, outline, 6 * METRES_A_MINUTE)
    assert (30, 0) == (around.covered, around.covered_by_own)
    assert (False, True) == (around.offers_missing, around.persons_missing)


def test_offers_far_beyond_are_not_the_surroundings():
    """Only a buffer of twice the reach matters."""
    outline = shapely.box(0, -10, 30 * METRES_A_MINUTE, 10)
    offers = supply({"at": (500, 0), "space": "."})
    assert surroundings(cover(ROW, offers, Plain(), 6), ROW, outline, 300).offers_missing


@pytest.mark.parametrize("minutes", [0, -3, float("nan"), float("inf")])
def test_minutes_that_are_no_way_are_refused(minutes):
    """Clear words instead of an empty map."""
    with pytest.raises(SroError) as caught:
        cover(ROW, supply({"at": (0, 0)}), Plain(), minutes)
    assert caught.value.code == "minutes_wrong"


coordinate = st.integers(0, 4000).map(lambda n: n / 100)
place = st.tuples(coordinate, coordinate, st.integers(0, 60), st.sampled_from([*"ABCD", ".", None]))
cities = st.lists(place, min_size=1, max_size=25)
houses = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.tuples(coordinate, coordinate),
            "capacity": st.sampled_from([0.0, 5.0, 40.0, float("nan")]),
            "provider": st.sampled_from(["P", "Q", None]),
            "space": st.sampled_from([*"ABCD", "."]),
        }
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_figures_of_random_cities_agree_with_counting_one_by_one(places, offers, minutes):
    """Every person of every area, by loops."""
    people, there = demand(places), supply(*offers)
    result = cover(people, there, Plain(), minutes)
    table = by_area(result)
    for area in "ABCD":
        covered, everybody, providers = 0, 0, []
        for x, y, persons, space in places:
            ways = [
                (np.hypot(x * 50 - o["at"][0] * 50, y * 50 - o["at"][1] * 50) / 50, o["provider"])
                for o in offers
                if o["capacity"] != 0
            ]
            near = [provider for way, provider in ways if way <= minutes]
            if space == area:
                everybody += persons
                covered += persons * bool(near)
                number = len(set(near) - {None}) or int(bool(near))
                providers += [number] * persons
        assert (everybody, covered) == (
            table.loc[area, "population"],
            table.loc[area, "covered"],
        )
        if providers:
            assert table.loc[area, "providers_mean"] == pytest.approx(np.mean(providers))
            assert table.loc[area, "choice_share"] == pytest.approx(
                np.mean([number >= 2 for number in providers])
            )


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40), st.floats(1, 1.5))
def test_a_longer_way_never_covers_fewer(places, offers, minutes, longer):
    """Monotone in the threshold."""
    result = cover(demand(places), supply(*offers), Plain(), minutes)
    assert (result.covered <= result.covered_at(minutes * longer)).all()


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_one_more_offer_never_covers_fewer(places, offers, minutes):
    """Monotone in the offers."""
    people, there = demand(places), supply(*offers)
    fewer = cover(people, there.where(np.arange(len(there)) > 0), Plain(), minutes)
    assert (fewer.covered <= cover(people, there, Plain(), minutes).covered).all()


@settings(max_examples=40, deadline=None)
@given(cities, houses, st.floats(1, 40))
def test_spaces_and_those_outside_are_everybody(places, offers, minutes):
    """Sum over spaces + in no space + outside = total, and each = covered + uncovered."""
    people = demand(places)
    result = cover(people, supply(*offers), Plain(), minutes)
    total = sum(place[2] for place in places)
    for level in ("city", "region", "social_space"):
        table = by_area(result, level)
        assert table["population"].sum() + people.without_area(level) + people.outside == total
        assert (table["covered"] + table["uncovered"] == table["population"]).all()


@settings(max_examples=30, deadline=None)
@given(cities, houses, st.floats(1, 40), st.randoms(use_true_random=False))
def test_the_order_of_places_and_offers_means_nothing(places, offers, minutes, random):
    """Permutation changes no figure."""
    before = by_area(cover(demand(places), supply(*offers), Plain(), minutes))
    random.shuffle(places)
    random.shuffle(offers)
    after = by_area(cover(demand(places), supply(*offers), Plain(), minutes))
    numbers = before.columns.drop("name")
    assert np.allclose(before[numbers].astype(float), after[numbers].astype(float), equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(cities, houses, st.integers(1, 40))
def test_moving_the_whole_city_means_nothing(places, offers, minutes):
    """Translation changes no figure (by whole metres, away from the edge of the threshold)."""
    minutes += 0.00123
    before = by_area(cover(demand(places), supply(*offers), Plain(), minutes))
    there = [{**offer, "at": (offer["at"][0] + 64, offer["at"][1] - 32)} for offer in offers]
    here = [(x + 64, y - 32, *rest) for x, y, *rest in places]
    after = by_area(cover(demand(here), supply(*there), Plain(), minutes))
    numbers = before.columns.drop("name")
    assert np.allclose(before[numbers].astype(float), after[numbers].astype(float), equal_nan=True)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=20))
def test_weighted_quantiles_are_those_of_the_list_of_persons(pairs):
    """Each person written out once."""
    values = np.array([p[0] for p in pairs], float)
    weights = np.array([p[1] for p in pairs], float)
    median, p90 = weighted_quantiles(values, weights, np.ones(len(pairs), int), 3, (0.5, 0.9))
    people = np.sort(np.repeat(values, weights.astype(int)))
    count = len(people)
    assert median[1] == people[-(-count // 2) - 1]
    assert p90[1] == people[-(-count * 9 // 10) - 1]
    assert np.isnan(median[[0, 2]]).all()
