"""``coverage`` and ``site``: their contract, and every figure beside a count by hand."""

from __future__ import annotations

import csv
import itertools
import math
import tomllib
from pathlib import Path
from typing import Any

import pyproj
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import close_offer, save_offer
from tests.actions.second_city import write_rows, write_second_city
from tests.by_hand import (
    LEVELS,
    SPEEDS,
    area_names,
    blocks,
    by_hand,
    metres,
    minutes_from,
    offers,
    persons,
)
from tests.conftest import CommandLine
from tests.toy import DATA

ANNA = Actor("Anna")
HEAD = {"category", "age_group", "minutes", "mode", "method", "areas"}
SUMS = {"population", "outside", "covered", "uncovered", "share", "share_low", "share_high"}
AREA = {
    "id",
    "name",
    "population",
    "covered",
    "uncovered",
    "share",
    "median_minutes",
    "p90_minutes",
}
ASKED = ("--category", "youth_centre", "--age-group", "10-13", "--minutes")


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


QUESTIONS = [
    ("youth_centre", "10-13", "walk", 15),
    ("youth_centre", "10-13", "bike", 12.5),
    ("playground", "6-9", "walk", 8),
    ("library", "under_18", "bike", 10),
    ("senior_centre", "75+", "walk", 20),
    ("mobile_youth_work", "10-13", "walk", 10),
    ("mobile_youth_work", "75+", "walk", 10),
    ("family_centre", "0-2", "walk", 20),
    ("church", "all", "walk", 9),
]


def alike(expected: float | None) -> Any:
    """Return what an unrounded number equals; nothing equals only nothing."""
    return None if expected is None else pytest.approx(expected, rel=1e-6)


def compare(answer: dict[str, Any], level: str, *question: Any) -> None:
    """Expect every figure of every area of a level as counted by hand."""
    found = {area["id"]: area for area in answer["areas"]}
    assert area_names()[level] == {area: row["name"] for area, row in found.items()}
    for area, row in found.items():
        expected = by_hand(lambda b, a=area: b.areas[level] == a, *question)  # type: ignore[misc]
        assert {n: alike(v) for n, v in expected.items()} == {n: row[n] for n in expected}, area


@pytest.mark.parametrize(("category", "group", "mode", "limit"), QUESTIONS)
def test_every_figure_is_that_counted_by_hand(
    line: CommandLine, category: str, group: str, mode: str, limit: float
):
    """Blocks, people and offers are read from the shipped files and measured one by one.

    The band holds the shares of a threshold a fifth shorter and a fifth longer.
    """
    words = ("--category", category, "--age-group", group, "--minutes", limit, "--mode", mode)
    answer = asked(line, "coverage", *words, "--level", "statistical_district")

    compare(answer, "statistical_district", category, group, mode, limit)
    expected = by_hand(lambda b: True, category, group, mode, limit)
    for name in ("population", "covered", "uncovered", "share"):
        assert alike(expected[name]) == answer[name], name
    for name, factor in (("share_low", 0.8), ("share_high", 1.2)):
        other = by_hand(lambda b: True, category, group, mode, limit * factor)
        assert alike(other["share"]) == answer[name], name


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("category", ["youth_centre", "mobile_youth_work"])
def test_every_level_has_the_figures_counted_by_hand(line: CommandLine, category: str, level: str):
    """Every area of the level, whether offers stand still or come to it."""
    words = ("--category", category, "--age-group", "10-13", "--minutes", 15)
    answer = asked(line, "coverage", *words, "--level", level)

    compare(answer, level, category, "10-13", "walk", 15)
    assert answer["population"] == answer["covered"] + answer["uncovered"]
    for name in ("population", "covered", "uncovered"):
        assert answer[name] == pytest.approx(sum(area[name] for area in answer["areas"]))


def test_the_answer_has_the_keys_of_the_contract(line: CommandLine):
    """One document, and it says what was asked."""
    answer = coverage(line, 15)

    assert HEAD | SUMS == set(answer)
    assert [AREA] == [set(keys) for keys in {tuple(area) for area in answer["areas"]}]
    head = {name: answer[name] for name in ("category", "age_group", "minutes", "mode", "method")}
    assert head == {
        "category": "youth_centre",
        "age_group": "10-13",
        "minutes": 15,
        "mode": "walk",
        "method": "straight_line",
    }
    assert {"nord-west", "nord-ost", "sued-west", "sued-ost"} == {a["id"] for a in answer["areas"]}


def test_numbers_are_not_rounded(line: CommandLine):
    """Nobody cut the decimals of a share or of a way."""
    answer = coverage(line, 15, "--level", "statistical_district")

    assert round(answer["share"], 4) != answer["share"]
    medians = [area["median_minutes"] for area in answer["areas"]]
    assert any(round(median, 4) != median for median in medians)


def test_more_minutes_never_reach_fewer(line: CommandLine):
    """In the city and in each of its districts."""
    steps = [coverage(line, m, "--level", "statistical_district") for m in (5, 10, 15, 30, 120)]

    for less, more in itertools.pairwise(steps):
        assert less["share_low"] <= less["share"] <= less["share_high"]
        assert less["covered"] <= more["covered"]
        for before, after in zip(less["areas"], more["areas"], strict=True):
            assert before["covered"] <= after["covered"]
            assert before["median_minutes"] == after["median_minutes"]
    assert 1 == steps[-1]["share_high"]


def test_a_bicycle_never_reaches_fewer(line: CommandLine):
    """Everywhere at least as many, somewhere more, and the ways are shorter."""
    walk, bike = coverage(line, 10), coverage(line, 10, "--mode", "bike")

    assert "bike" == bike["mode"]
    assert walk["covered"] < bike["covered"]
    for slow, fast in zip(walk["areas"], bike["areas"], strict=True):
        assert slow["covered"] <= fast["covered"]
        assert slow["median_minutes"] > fast["median_minutes"]


def test_two_kinds_of_offers_reach_at_least_as_many_as_either(line: CommandLine):
    """``--category`` may be given more than once."""
    both = coverage(line, 10, "--category", "sports_club")
    words = ("--category", "sports_club", "--age-group", "10-13", "--minutes", 10)
    other = asked(line, "coverage", *words)

    assert ["youth_centre", "sports_club"] == both["category"]
    assert max(coverage(line, 10)["covered"], other["covered"]) <= both["covered"]


def test_words_narrow_the_offers_that_count(line: CommandLine):
    """One youth centre alone reaches fewer than all of them."""
    one = coverage(line, 15, "--text", "Jugendhaus Mitte")

    assert 0 < one["covered"] < coverage(line, 15)["covered"]


def test_an_offer_must_be_open_at_the_moment_asked_for(line: CommandLine):
    """On a Saturday afternoon fewer youth centres are open than on any day."""
    then = coverage(line, 15, "--when", "saturday_15")

    assert 0 < then["covered"] < coverage(line, 15)["covered"]


def test_a_known_total_rescales_people_and_no_share(line: CommandLine):
    """Cells that were changed to protect people do not add up; one factor brings them there."""
    before, after = coverage(line, 15), coverage(line, 15, "--rescale-to", 6146)

    assert 6146 == pytest.approx(after["population"])
    assert before["share"] == pytest.approx(after["share"])
    assert after["population"] == pytest.approx(after["covered"] + after["uncovered"])


@pytest.mark.parametrize("mode", ["walk", "bike"])
def test_the_street_network_is_never_shorter_than_the_straight_line(line: CommandLine, mode: str):
    """Streets that cross in the file are joined there: nearly everybody finds a way.

    Without the detour factor 1.3 the straight line is the shortest way there can be.
    """
    network = coverage(line, 15, "--mode", mode, "--method", "network", "--level", "city")
    bound = coverage(line, 15 * 1.3, "--mode", mode, "--level", "city")
    half = coverage(line, 7.5, "--mode", mode, "--level", "city")

    assert ("network", mode) == (network["method"], network["mode"])
    assert network["population"] == network["covered"] + network["uncovered"]
    assert half["covered"] < network["covered"] <= bound["covered"]
    assert network["areas"][0]["median_minutes"] >= bound["areas"][0]["median_minutes"] / 1.3
    assert network["areas"][0]["p90_minutes"] is not None


def test_a_city_without_streets_has_no_network(county: CommandLine):
    """The straight line still answers."""
    words = ("--category", "dorftreff", "--age-group", "under_18", "--minutes", 10)
    said = county("coverage", *words, "--method", "network")

    assert (1, "network_missing") == (said.status, said.json["error"]["code"])
    assert 0 == county("coverage", *words).status


def test_where_no_offer_is_nobody_is_covered(sro: CommandLine):
    """All libraries have closed: a share of 0, no minutes, and no made-up number."""
    workspace = sro.open()
    for offer in ("A-095", "A-096", "A-097"):
        close_offer(workspace, offer, actor=ANNA, expected_version=1)
    workspace.close()

    words = ("--category", "library", "--age-group", "10-13", "--minutes", 30)
    answer = asked(sro, "coverage", *words)
    assert (0, 0, answer["population"]) == tuple(
        answer[name] for name in ("covered", "share", "uncovered")
    )
    ends = {area[name] for area in answer["areas"] for name in ("median_minutes", "p90_minutes")}
    assert {None} == ends
    assert 4 == len(answer["areas"])


def test_an_area_where_nobody_lives_stays_in_the_list(empty_sro: CommandLine, tmp_path: Path):
    """No row of the population names its blocks."""
    source = write_second_city(tmp_path / "source")
    people = source / "population/population.csv"
    rows = list(csv.DictReader(people.read_text(encoding="utf-8").splitlines()))
    north_west = {"r0c0", "r0c1", "r1c0", "r1c1", "r2c0", "r2c1"}  # all of a
    write_rows(people, [row for row in rows if row["block_id"] not in north_west])
    assert 0 == empty_sro("init", "--from", source).status

    words = ("--category", "dorftreff", "--age-group", "under_18", "--minutes", 10)
    areas = {area["id"]: area for area in asked(empty_sro, "coverage", *words)["areas"]}
    assert (0, None, None) == tuple(
        areas["a"][name] for name in ("population", "share", "median_minutes")
    )
    assert ["a", "b", "c"] == sorted(areas)


def test_another_city_is_asked_by_its_own_levels(county: CommandLine):
    """The play bus comes to the municipality it serves, and to nobody else."""
    words = ("--category", "spielmobil", "--age-group", "under_18", "--minutes", 1)
    spaces = asked(county, "coverage", *words)
    towns = asked(county, "coverage", *words, "--level", "gemeinde")

    assert (180, 70, 110) == tuple(spaces[n] for n in ("population", "covered", "uncovered"))
    assert [("a", 0, None), ("b", 0, None), ("c", 1, 0)] == [
        (area["id"], area["share"], area["median_minutes"]) for area in spaces["areas"]
    ]
    assert {"alt": 0, "neu": 70} == {area["id"]: area["covered"] for area in towns["areas"]}


def test_people_beyond_the_city_stand_apart(county: CommandLine, tmp_path: Path):
    """Census cells outside are no part of the population, and none of the covered."""
    cells = []
    to_grid = pyproj.Transformer.from_crs(25833, 3035, always_xy=True)
    for x, y in ((420_050.0, 5_919_950.0), (420_650.0, 5_919_950.0), (419_000.0, 5_919_000.0)):
        east, north = (math.floor(value / 100) * 100 for value in to_grid.transform(x, y))
        cells.append({"cell_id": f"CRS3035RES100mN{north}E{east}", "persons": 7})
    banded = [
        {**cell, "reference_date": "2026-06-30", "age_from": low, "age_to": high}
        for cell in cells
        for low, high in ((0, 17), (18, ""))
    ]
    file = write_rows(tmp_path / "cells.csv", banded)
    said = county("import", "population", file)
    assert 0 == said.status, said.err

    words = ("--category", "dorftreff", "--age-group", "under_18", "--minutes", 600)
    answer = asked(county, "coverage", *words)
    assert (14, 7, 14, 0) == tuple(
        answer[name] for name in ("population", "outside", "covered", "uncovered")
    )
    assert 14 == sum(area["population"] for area in answer["areas"])


NOT_COUNTED = {
    "closed": {"status": "closed"},
    "paused": {"status": "paused"},
    "planned": {"status": "planned"},
    "full for ever": {"capacity": 0},
    "for others": {"age_min": 30, "age_max": 60},
    "protected": {"protected": True, "service_area": "norderstedt"},
}


@pytest.mark.parametrize("change", NOT_COUNTED.values(), ids=NOT_COUNTED)
def test_an_offer_nobody_can_use_covers_nobody(sro: CommandLine, change: dict[str, Any]):
    """Of the youth centres all but one remain, wherever the reason lies."""
    before = coverage(sro, 15)["covered"]
    workspace = sro.open()
    save_offer(workspace, change, actor=ANNA, offer_id="A-002", expected_version=1)
    workspace.close()

    left = [offer for offer in offers(["youth_centre"], "10-13") if offer["offer_id"] != "A-002"]
    points = [metres().transform(float(offer["lon"]), float(offer["lat"])) for offer in left]
    expected = sum(
        persons("10-13")[block.block_id]
        for block in blocks()
        if min(minutes_from(block, x, y, "10-13", "walk") for x, y in points) <= 15
    )
    assert expected == coverage(sro, 15)["covered"] < before


def test_the_protected_place_is_never_counted(line: CommandLine):
    """Not even in the area it serves: nobody may tell from a figure where it is."""
    words = ("--category", "protection", "--age-group", "10-13", "--minutes", 10)
    answer = asked(line, "coverage", *words)

    assert answer["covered"] < answer["population"]
    assert (
        by_hand(lambda b: True, "protection", "10-13", "walk", 10)["covered"] == answer["covered"]
    )


def test_the_speeds_written_down_here_are_those_of_the_city():
    """Somebody who changes ``city.toml`` is led here."""
    travel = tomllib.loads((DATA / "city.toml").read_text(encoding="utf-8"))["travel"]
    by_age = {entry["age_from"]: entry for entry in travel["speeds"]}

    assert 1.3 == travel["detour_factor"]
    middles = {"0-2": 0, "6-9": 6, "10-13": 10, "under_18": 6, "75+": 75, "all": 26}
    for group, age in middles.items():
        assert SPEEDS[group] == (by_age[age]["walk_kmh"], by_age[age]["bike_kmh"])
