"""What would be if, and where the next offer could stand; the store keeps what it holds."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.coverage import (
    MOMENTS,
    CoverageAnswer,
    CoverageQuestion,
    coverage,
    demand_for,
    floating_figures,
    gaps,
    moment_of,
    network_of,
)
from sro_geo.actions.editing import save_offer
from sro_geo.actions.siting import HOSTS, candidate_places, next_sites
from sro_geo.actions.workspace import Snapshot, Workspace, open_workspace
from sro_geo.coverage import Draft
from sro_geo.errors import SroError
from sro_geo.offers import OfferFilter
from sro_geo.settings import Settings

ASKED = CoverageQuestion(("youth_centre",), "10-13", 15)
# Süd-Ost has no youth centre: a point in the midst of it.
SOUTH_EAST = (53.6780, 10.0280)


@pytest.fixture(scope="module")
def held(made) -> Iterator[Snapshot]:
    """The shipped city; what is only asked changes nothing, so all tests share it."""
    workspace = open_workspace(Settings(workspace=made))
    yield workspace.snapshot()
    workspace.close()


@pytest.fixture(scope="module")
def now(held: Snapshot) -> CoverageAnswer:
    """How it is."""
    return coverage(held, ASKED)


def supposed(held: Snapshot, **changes) -> CoverageAnswer:
    """How it would be."""
    return coverage(held, replace(ASKED, **changes))


def covered(answer: CoverageAnswer, area: str) -> float:
    """Persons of a social space who reach an offer."""
    return float(answer.areas("social_space").set_index("area_id").loc[area, "covered"])


def test_an_offer_switched_off_takes_its_people_along(held: Snapshot, now: CoverageAnswer):
    """Every figure follows: persons, share, ways, choice, places, floating catchments."""
    nobody = supposed(held, off=tuple(now.supply.offer_ids))
    fewer = supposed(held, off=("A-002",))

    assert nobody.total["covered"] == 0 < fewer.total["covered"] < now.total["covered"]
    assert nobody.total["population"] == now.total["population"] == fewer.total["population"]
    assert covered(fewer, "nord-west") < covered(now, "nord-west")
    assert covered(fewer, "sued-west") == covered(now, "sued-west")
    assert fewer.total["median_minutes"] > now.total["median_minutes"]
    assert fewer.total["providers_mean"] < now.total["providers_mean"]
    assert np.isnan(nobody.total["median_minutes"])
    assert (floating_figures(nobody, "social_space")[["e2sfca", "balanced"]] == 0).all(axis=None)


def test_a_draft_offer_brings_people_within_reach(held: Snapshot, now: CoverageAnswer):
    """In the space it stands in, which had none."""
    draft = Draft("draft", "Entwurf", *held.metres(*SOUTH_EAST), capacity=30)
    then = supposed(held, added=(draft,))

    assert covered(now, "sued-ost") == 0 < covered(then, "sued-ost")
    gained = then.total["covered"] - now.total["covered"]
    assert gained == sum(
        covered(then, area) - covered(now, area)
        for area in ("nord-west", "nord-ost", "sued-west", "sued-ost")
    )
    spaces = [a.areas("social_space").set_index("area_id") for a in (now, then)]
    assert spaces[0].loc["sued-ost", "places_low"] == 0 < spaces[1].loc["sued-ost", "places_low"]
    floating = floating_figures(then, "social_space").set_index("area_id")
    assert floating.loc["sued-ost", "e2sfca"] > 0


def test_a_draft_is_as_good_as_the_same_offer_once_it_is_stored(town: Workspace):
    """What the page promises comes true."""
    snapshot = town.snapshot()
    draft = Draft("draft", "Entwurf", *snapshot.metres(*SOUTH_EAST))
    promised = supposed(snapshot, added=(draft,))
    lat, lon = SOUTH_EAST
    values = {"name": "Neu", "category": "youth_centre", "provider_id": "T-01"}
    save_offer(town, {**values, "lat": lat, "lon": lon}, actor=Actor("Anna"))

    real = coverage(town.snapshot(), ASKED)
    numbers = ["population", "covered", "uncovered", "share", "median_minutes", "p90_minutes"]
    pd.testing.assert_frame_equal(
        promised.areas("statistical_district")[numbers],
        real.areas("statistical_district")[numbers],
        rtol=1e-9,
    )


def test_more_places_change_places_and_not_ways(held: Snapshot, now: CoverageAnswer):
    """Capacity moves the places per hundred and the floating catchments."""
    then = supposed(held, capacity=(("A-002", 200.0),))

    assert then.total["covered"] == now.total["covered"]
    assert then.total["places_low"] > now.total["places_low"]
    before, after = (
        floating_figures(answer, "social_space").set_index("area_id") for answer in (now, then)
    )
    assert after.loc["nord-west", "e2sfca"] > before.loc["nord-west", "e2sfca"]
    assert after.loc["sued-ost", "e2sfca"] == before.loc["sued-ost", "e2sfca"]


def test_an_offer_without_any_place_is_as_good_as_none(held: Snapshot):
    """Capacity 0 takes nobody in."""
    full, off = supposed(held, capacity=(("A-002", 0.0),)), supposed(held, off=("A-002",))

    assert full.total["covered"] == off.total["covered"]


def test_a_move_gives_to_one_space_what_it_takes_from_another(held: Snapshot, now: CoverageAnswer):
    """The same as switching it off here and drafting it there."""
    there = held.metres(*SOUTH_EAST)
    moved = supposed(held, moved=(("A-002", *there),))
    both = supposed(held, off=("A-002",), added=(Draft("draft", "Entwurf", *there),))

    assert covered(moved, "nord-west") < covered(now, "nord-west")
    assert covered(moved, "sued-ost") > covered(now, "sued-ost")
    assert moved.total["covered"] == both.total["covered"]
    assert moved.total["median_minutes"] == both.total["median_minutes"]


def test_other_hours_count_at_the_moment_asked_for(held: Snapshot):
    """An offer that would open on Sundays is there on a Sunday."""
    sunday = moment_of("sunday_15", held.today)
    closed = supposed(held, moment=sunday)
    opened = supposed(held, moment=sunday, schedule=(("A-002", "Su 14:00-18:00"),))

    assert covered(closed, "nord-west") < covered(opened, "nord-west")


def test_assumptions_about_offers_that_do_not_count_change_nothing(
    held: Snapshot, now: CoverageAnswer
):
    """A Kita switched off before the kind was changed is no obstacle to the question."""
    then = supposed(
        held,
        off=("A-078", "nowhere"),
        capacity=(("A-078", 3.0),),
        schedule=(("A-078", "Mo 10:00-12:00"),),
        moved=(("A-078", *held.metres(*SOUTH_EAST)),),
    )

    assert now.total == then.total


@pytest.mark.parametrize(
    ("change", "is_supposed"),
    [
        ({}, False),
        ({"minutes": 20}, False),
        ({"off": ("A-002",)}, True),
        ({"capacity": (("A-002", 5.0),)}, True),
        ({"schedule": (("A-002", "Mo 10:00-12:00"),)}, True),
        ({"moved": (("A-002", 1.0, 2.0),)}, True),
        ({"added": (Draft("d", "d", 1.0, 2.0),)}, True),
    ],
)
def test_an_assumption_is_known_as_one(change, is_supposed: bool):
    """Every change of what is so, and nothing else."""
    assert is_supposed == replace(ASKED, **change).supposed


def test_the_store_keeps_what_it_holds(town: Workspace):
    """Every kind of assumption and a search for sites; then the same revision and offers."""
    snapshot, before = town.snapshot(), town.store.read("offers")
    revision, directory = town.store.revision(), snapshot.directory.copy()
    question = replace(
        ASKED,
        off=("A-003",),
        capacity=(("A-002", 7.0),),
        schedule=(("A-002", "Su 10:00-12:00"),),
        moved=(("A-001", *snapshot.metres(*SOUTH_EAST)),),
        added=(Draft("draft", "Entwurf", *snapshot.metres(*SOUTH_EAST)),),
        rescale_to=5000.0,
    )
    coverage(snapshot, question)
    next_sites(snapshot, question, 3, cells=True)

    assert revision == town.store.revision()
    pd.testing.assert_frame_equal(before, town.store.read("offers"))
    pd.testing.assert_frame_equal(directory, snapshot.directory)


def test_houses_are_the_candidates(held: Snapshot):
    """Running institutions of the city with a point; each point once."""
    places = candidate_places(held, demand_for(held, "10-13"))
    kinds = held.directory.set_index("offer_id").loc[list(places.ids)]

    assert set(kinds["category"]) <= set(HOSTS)
    assert {"active"} == set(kinds["status"])
    assert not kinds["protected"].any()
    assert kinds["block_id"].notna().all()
    assert np.isfinite(places.x).all() and np.isfinite(places.y).all()
    assert len(places.ids) == len(set(zip(places.x, places.y, strict=True))) > 20
    assert {0} == set(places.rank)


@pytest.mark.parametrize(
    "change",
    [
        {"protected": True, "service_area": "norderstedt"},
        {"status": "closed"},
        {"status": "paused"},
        {"address": None, "lat": None, "lon": None, "service_area": "nord"},
        {"address": None, "lat": 53.60, "lon": 10.0},
    ],
    ids=["protected", "closed", "paused", "mobile", "beyond the city"],
)
def test_a_house_that_cannot_be_a_host_is_no_candidate(town: Workspace, change):
    """Not as a house; and a protected place's own point is in no list of places either."""
    before = town.snapshot()
    places = candidate_places(before, demand_for(before, "10-13"))
    assert "A-078" in places.ids
    old = places.ids.index("A-078")
    save_offer(town, change, actor=Actor("Anna"), offer_id="A-078")

    after = town.snapshot()
    left = candidate_places(after, demand_for(after, "10-13"), cells=True)
    assert "A-078" not in left.ids
    assert (places.x[old], places.y[old]) not in set(zip(left.x, left.y, strict=True))


def test_with_cells_every_inhabited_place_comes_after_the_houses(held: Snapshot):
    """A room that is there already comes before an empty field."""
    demand = demand_for(held, "10-13")
    houses = candidate_places(held, demand)
    places = candidate_places(held, demand, cells=True)

    assert houses.ids == places.ids[: len(houses.ids)]
    assert len(places.ids) == len(houses.ids) + int(demand.inside.sum())
    assert [0] * len(houses.ids) + [1] * int(demand.inside.sum()) == places.rank.tolist()


def test_sites_start_from_the_assumptions(held: Snapshot):
    """With a draft where the best site would be, another is best, and it adds less."""
    first = next_sites(held, ASKED, 1)
    best = first.rows.iloc[0]
    draft = Draft("draft", "Entwurf", *held.metres(best["lat"], best["lon"]))
    second = next_sites(held, replace(ASKED, added=(draft,)), 1)

    assert second.rows.iloc[0]["id"] != best["id"]
    assert second.rows.iloc[0]["gain"] <= best["gain"]
    assert second.sites.covered_before == first.sites.covered_after


def test_a_search_that_is_stopped_still_answers(held: Snapshot):
    """What was best so far, and how far from proven it is."""
    stop = threading.Event()
    stop.set()
    found = next_sites(held, ASKED, 5, cells=True, cancelled=stop.is_set)

    assert found.sites.covered_after >= found.sites.covered_before
    assert found.sites.optimality_gap >= 0
    assert len(found.rows) == len(found.sites.chosen) <= 5


def test_a_search_reports_what_it_has_found(held: Snapshot):
    """Never more covered than is possible, and at last what it answers."""
    news: list[tuple[float, float]] = []
    found = next_sites(held, ASKED, 3, progress=lambda done, most: news.append((done, most)))

    assert news
    assert all(done <= most + 1e-6 for done, most in news)
    assert max(done for done, _ in news) <= found.sites.covered_after + 1e-6


def test_offers_are_asked_for_by_any_filter_of_the_map(held: Snapshot, now: CoverageAnswer):
    """Words and freshness narrow what counts."""
    one = supposed(held, offers=OfferFilter(categories=("youth_centre",), text="Jugendhaus Mitte"))

    assert {"A-001"} <= set(one.supply.offer_ids) < set(now.supply.offer_ids)
    assert 0 < one.total["covered"] < now.total["covered"]


def test_what_does_not_run_is_named_and_not_counted(now: CoverageAnswer):
    """The paused youth centre is no offer today."""
    assert [("A-005", "paused")] == [(out.offer_id, out.reason) for out in now.left_out]
    assert "A-005" not in now.supply.offer_ids


def test_the_moments_are_days_to_come_at_their_hour():
    """Today counts; the day of the week is that of the name."""
    monday = dt.date(2026, 10, 12)
    for name, (weekday, hour) in MOMENTS.items():
        for days in range(7):
            today = monday + dt.timedelta(days=days)
            moment = moment_of(name, today)
            assert moment is not None
            assert (weekday, hour) == (moment.weekday(), moment.hour)
            assert 0 <= (moment.date() - today).days < 7
    assert moment_of(None, monday) is None


def test_the_network_is_built_once(held: Snapshot):
    """All questions of one revision share it."""
    assert network_of(held) is network_of(held)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "by_air"}, "method_unknown"),
        ({"mode": "fly"}, "mode_unknown"),
        ({"minutes": 0.0}, "minutes_wrong"),
        ({"minutes": float("nan")}, "minutes_wrong"),
        ({"group": "young"}, "age_group_unknown"),
        ({"group": "4-5"}, "age_group_not_stored"),
        ({"categories": ("magic",)}, "category_unknown"),
        ({"rescale_to": -1.0}, "rescale_impossible"),
        ({"capacity": (("A-002", -1.0),)}, "capacity_wrong"),
    ],
)
def test_a_question_nobody_can_answer_is_refused(held: Snapshot, change, code: str):
    """With a code that has words in both languages."""
    with pytest.raises(SroError) as refused:
        supposed(held, **change)
    assert code == refused.value.code


def test_the_matrix_agrees_with_the_question_it_is_made_of(held: Snapshot):
    """One cell of it, asked alone: the same people and the same share."""
    table = gaps(held, mode="walk", default_minutes=15.0)
    cell = table[
        (table["category"] == "youth_centre")
        & (table["age_group"] == "10-13")
        & (table["area_id"] == "sued-west")
    ].iloc[0]
    alone = coverage(held, ASKED).areas("social_space").set_index("area_id").loc["sued-west"]

    assert (alone["population"], alone["share"]) == pytest.approx(
        (cell["population"], cell["share"])
    )
