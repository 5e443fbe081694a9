"""Another city, with other levels and in another zone: nothing is wired to the shipped one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.actions.second_city import lat_lon
from tests.conftest import CommandLine


def test_where_answers_by_the_levels_of_that_city(county: CommandLine):
    """One key per level of its ``city.toml``, and the team of the county."""
    answer = county("where", *lat_lon(2.5, 0.5)).json

    assert {
        "kreis": {"id": "kreis", "name": "Musterkreis"},
        "gemeinde": {"id": "alt", "name": "Altdorf"},
        "sozialraum": {"id": "b", "name": "Bahnhof"},
    } == {level: answer[level] for level in ("kreis", "gemeinde", "sozialraum")}
    assert "Team Land" == answer["team"]["name"]
    levels = {"kreis", "gemeinde", "sozialraum"}
    assert levels == set(answer) - {"team", "status", "neighbour", "alternatives", "version"}


def test_offers_are_found_by_its_own_categories(county: CommandLine):
    """A category the shipped city does not have."""
    lat, lon = lat_lon(0.6, 0.6)
    found = county("offers", "--category", "dorftreff", "--near", lat, lon, "--minutes", 5).json

    assert [("1", "a")] == [(offer["offer_id"], offer["area_id"]) for offer in found["offers"]]
    assert 1 == county("offers", "--category", "youth_centre").status


def test_a_mobile_offer_comes_to_its_municipality(county: CommandLine):
    """Without a point, found where it serves."""
    here = county("offers", "--near", *lat_lon(5.5, 0.5), "--minutes", 5).json["offers"]

    assert [("2", None, None)] == [(o["offer_id"], o["lat"], o["minutes"]) for o in here]


def test_check_knows_its_spaces(county: CommandLine):
    """Two spaces have no offer of their own: Bahnhof none at all, Am See the play bus."""
    rules = {(f["rule"], f["id"]) for f in county("check").json["findings"]}

    assert ("area_without_offers", "b") in rules
    assert ("area_without_offers", "a") not in rules


def test_export_carries_its_levels_and_no_note_of_sample_data(county: CommandLine, tmp_path: Path):
    """A real city's files say nothing of invented data."""
    file = tmp_path / "areas.geojson"
    assert 0 == county("export", "areas", file).status
    document = json.loads(file.read_text(encoding="utf-8"))

    properties = [feature["properties"] for feature in document["features"]]
    assert {"area_id", "level", "name", "parent_id", "version"} == set(properties[0])
    assert {"kreis", "gemeinde", "sozialraum"} == {p["level"] for p in properties}


def test_nothing_it_says_names_the_shipped_city(county: CommandLine, tmp_path: Path):
    """Neither Norderstedt nor its zone nor its sample data."""
    said = [county("check"), county("offers"), county("where", *lat_lon(0.5, 0.5))]
    for kind in ("areas", "blocks", "offers", "population"):
        file = tmp_path / f"{kind}.geojson"
        said.append(county("export", kind, file))
    files = [file.read_text(encoding="utf-8") for file in tmp_path.glob("*.geojson")]
    words = " ".join([*(part.out + part.err for part in said), *files]).casefold()

    assert [] == [word for word in ("norderstedt", "beispiel", "25832") if word in words]


def test_the_workspace_keeps_its_own_zone(county: CommandLine):
    """Points come back in degrees where they were put."""
    lat, lon = lat_lon(0.5, 0.5)
    offer = county("offers", "--text", "Anger").json["offers"][0]

    assert (lat, lon) == pytest.approx((offer["lat"], offer["lon"]), abs=1e-7)
