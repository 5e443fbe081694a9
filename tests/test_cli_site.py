"""``site``: where the next offers help most persons, tried against every other choice."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import save_offer
from tests.by_hand import gains, rows_of, worth
from tests.conftest import CommandLine

ANNA = Actor("Anna")
ASKED = ("--category", "youth_centre", "--age-group", "10-13", "--minutes")
SITE = ("site", *ASKED)


@pytest.fixture
def line(shipped_workspace: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on the shared workspace: these verbs only read."""
    return CommandLine(shipped_workspace, capsys)


def asked(line: CommandLine, *words: object) -> dict[str, Any]:
    """Return the document of one question."""
    said = line(*words)
    assert (0, "") == (said.status, said.err), said.err
    document: dict[str, Any] = said.json
    return document


def coverage(line: CommandLine, minutes: float, *words: object) -> dict[str, Any]:
    """Return who of 10 to 13 years reaches a youth centre."""
    return asked(line, "coverage", *ASKED, minutes, *words)


@pytest.mark.parametrize(("count", "limit"), [(1, 15), (2, 15), (2, 8)])
def test_no_other_choice_of_sites_helps_more(line: CommandLine, count: int, limit: float):
    """Every choice of houses is tried by hand."""
    found = asked(line, *SITE, limit, "--count", count)
    newly = gains(limit)

    best = max(worth(newly[site] for site in some) for some in itertools.combinations(newly, count))
    assert best == found["covered_after"] - found["covered_before"]
    assert best == worth(newly[site["id"]] for site in found["sites"])
    assert 0 == found["optimality_gap"]
    assert count == len(found["sites"])


def test_sites_have_the_keys_of_the_contract(line: CommandLine):
    """What was asked for, and the point of each house as the files have it."""
    found = asked(line, *SITE, 15, "--count", 3)

    assert {"sites", "covered_before", "covered_after", "optimality_gap"} == set(found)
    places = {row["offer_id"]: row for row in rows_of("offers/offers.csv")}
    for site in found["sites"]:
        assert {"id", "lat", "lon", "gain"} <= set(site)
        said = (float(places[site["id"]]["lat"]), float(places[site["id"]]["lon"]))
        assert said == pytest.approx((site["lat"], site["lon"]), abs=1e-6)


def test_the_gains_come_true_when_the_sites_are_built(sro: CommandLine):
    """They fall, add up, and are what coverage says once the offers are there."""
    found = asked(sro, *SITE, 15, "--count", 4)
    each = [site["gain"] for site in found["sites"]]
    assert sorted(each, reverse=True) == each
    assert sum(each) == pytest.approx(found["covered_after"] - found["covered_before"])

    expected = coverage(sro, 15)["covered"]
    assert found["covered_before"] == expected
    for number, site in enumerate(found["sites"]):
        workspace = sro.open()
        values = {
            "name": f"Jugendhaus {number}",
            "category": "youth_centre",
            "provider_id": "T-01",
            "lat": site["lat"],
            "lon": site["lon"],
        }
        save_offer(workspace, values, actor=ANNA)
        workspace.close()
        expected += site["gain"]
        assert expected == pytest.approx(coverage(sro, 15)["covered"])
    assert found["covered_after"] == pytest.approx(expected)


def test_a_protected_house_is_no_candidate(sro: CommandLine):
    """The best house of today is gone from the sites as soon as it is a protected place."""
    best = asked(sro, *SITE, 15)["sites"][0]
    assert "A-060" not in {best["id"]}
    workspace = sro.open()
    values = {"protected": True, "service_area": "norderstedt"}
    save_offer(workspace, values, actor=ANNA, offer_id=best["id"], expected_version=1)
    workspace.close()

    for words in ((), ("--cells",)):
        sites = asked(sro, *SITE, 15, "--count", 10, *words)["sites"]
        assert best["id"] not in {site["id"] for site in sites}
        assert (best["lat"], best["lon"]) not in {(site["lat"], site["lon"]) for site in sites}
    said = sro(*SITE, 15, "--lock", best["id"])
    assert (1, "site_unknown") == (said.status, said.json["error"]["code"])


def test_any_inhabited_place_helps_at_least_as_much_as_a_house(line: CommandLine):
    """``--cells`` only adds candidates."""
    houses, places = (
        asked(line, *SITE, 15, "--count", 3, *more)["covered_after"] for more in ((), ("--cells",))
    )

    assert houses <= places


def test_a_site_that_is_set_is_among_the_sites(line: CommandLine):
    """The others are chosen around it; all together reach no more than a free choice."""
    free = asked(line, *SITE, 15, "--count", 2)
    last = min(gains(15), key=lambda site: worth([gains(15)[site]]))
    found = asked(line, *SITE, 15, "--count", 2, "--lock", last)

    assert last in {site["id"] for site in found["sites"]}
    assert found["covered_after"] <= free["covered_after"]


def test_a_site_that_adds_too_little_is_left_out(line: CommandLine):
    """Fewer sites than asked for, none at all if need be."""
    free = asked(line, *SITE, 15, "--count", 3)
    least = free["sites"][1]["gain"]
    some = asked(line, *SITE, 15, "--count", 3, "--minimum-gain", least)
    none = asked(line, *SITE, 15, "--count", 3, "--minimum-gain", 1e9)

    assert 1 <= len(some["sites"]) < 3
    assert all(site["gain"] >= least for site in some["sites"])
    assert ([], none["covered_before"]) == (none["sites"], none["covered_after"])


def test_where_everybody_is_reached_no_site_is_needed(line: CommandLine):
    """No gain, no site, no gap."""
    found = asked(line, *SITE, 9999)

    assert found["sites"] == []
    assert found["covered_before"] == found["covered_after"]


def test_asking_changes_nothing_that_is_stored(sro: CommandLine):
    """Neither verb writes."""
    before = (sro.revision(), {name: len(table) for name, table in sro.tables().items()})
    coverage(sro, 15, "--rescale-to", 5000)
    asked(sro, *SITE, 15, "--count", 3, "--cells")

    assert before == (sro.revision(), {name: len(table) for name, table in sro.tables().items()})
