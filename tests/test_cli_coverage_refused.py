"""What ``coverage`` and ``site`` cannot answer is said in words, and is never a traceback."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.actions.second_city import write_rows, write_second_city
from tests.conftest import CommandLine

ASKED = ("--category", "youth_centre", "--age-group", "10-13", "--minutes")


@pytest.fixture
def line(shipped_workspace: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on the shared workspace: these verbs only read."""
    return CommandLine(shipped_workspace, capsys)


WRONG_USAGE = {
    "no minutes at all": "coverage --category youth_centre --age-group 10-13",
    "no age group": "coverage --category youth_centre --minutes 15",
    "no category": "coverage --age-group 10-13 --minutes 15",
    "no time": "coverage --category youth_centre --age-group 10-13 --minutes 0",
    "less than no time": "coverage --category youth_centre --age-group 10-13 --minutes -3",
    "minutes in words": "coverage --category youth_centre --age-group 10-13 --minutes viele",
    "minutes without end": "coverage --category youth_centre --age-group 10-13 --minutes inf",
    "a decimal comma": "coverage --category youth_centre --age-group 10-13 --minutes 7,5",
    "another way to travel": (
        "coverage --category youth_centre --age-group 10-13 --minutes 5 --mode fly"
    ),
    "no site": "site --category youth_centre --age-group 10-13 --minutes 15 --count 0",
    "too many sites": "site --category youth_centre --age-group 10-13 --minutes 15 --count 11",
    "half a site": "site --category youth_centre --age-group 10-13 --minutes 15 --count 1.5",
}


@pytest.mark.parametrize("words", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_ends_with_2(line: CommandLine, words: str):
    """One document says what was wrong; no traceback."""
    said = line(*words.split())

    assert (2, "usage") == (said.status, said.json["error"]["code"])
    assert said.err and "Traceback" not in said.err


REFUSED = {
    "category_unknown": "--category magic --age-group 10-13 --minutes 15",
    "age_group_unknown": "--category library --age-group youth --minutes 15",
    "age_group_not_stored": "--category library --age-group 4-5 --minutes 15",
    "moment_unknown": "--category library --age-group 10-13 --minutes 15 --when never",
}


@pytest.mark.parametrize("verb", ["coverage", "site"])
@pytest.mark.parametrize(("code", "words"), REFUSED.items(), ids=REFUSED)
def test_what_nobody_knows_is_refused_in_words(line: CommandLine, verb: str, code: str, words: str):
    """A message and what to do, on both channels."""
    said = line(verb, *words.split())

    assert (1, code) == (said.status, said.json["error"]["code"])
    assert said.json["error"]["remedy"]
    assert said.json["error"]["message"] in said.err


def test_an_unknown_level_is_refused_with_the_levels_there_are(line: CommandLine):
    """The remedy names them."""
    said = line("coverage", *ASKED, 15, "--level", "galaxy")

    assert (1, "level_unknown") == (said.status, said.json["error"]["code"])
    assert "statistical_district" in said.json["error"]["remedy"]


def test_people_read_lines(line: CommandLine):
    """Without ``--json`` the same answers in words."""
    assert "Süd-Ost: 0.0%" in line("coverage", *ASKED, 15, json=False).out
    assert "+" in line("site", *ASKED, 15, json=False).out


def test_an_age_group_nobody_has_is_no_division_by_zero(empty_sro: CommandLine, tmp_path: Path):
    """Zero persons, no share, every area still listed."""
    source = write_second_city(tmp_path / "source")
    people = source / "population/population.csv"
    rows = list(csv.DictReader(people.read_text(encoding="utf-8").splitlines()))
    write_rows(people, [{**r, "persons": 0 if r["age_from"] == "0" else 10} for r in rows])
    assert 0 == empty_sro("init", "--from", source).status

    words = ("--category", "dorftreff", "--age-group", "under_18", "--minutes", 10)
    answer = empty_sro("coverage", *words).json
    assert {0} == {answer[name] for name in ("population", "covered", "uncovered", "outside")}
    assert {None} == {answer[name] for name in ("share", "share_low", "share_high")}
    assert [("a", None), ("b", None), ("c", None)] == [
        (area["id"], area["share"]) for area in answer["areas"]
    ]
    found = empty_sro("site", *words, "--count", 2).json
    assert ([], 0, 0) == (found["sites"], found["covered_before"], found["covered_after"])


@pytest.mark.parametrize("verb", ["coverage", "site"])
def test_without_population_the_answer_says_so(empty_sro: CommandLine, tmp_path: Path, verb: str):
    """There is nothing to count, and the remedy is to bring numbers."""
    source = write_second_city(tmp_path / "source")
    (source / "population/population.csv").unlink()
    assert 0 == empty_sro("init", "--from", source).status

    words = ("--category", "dorftreff", "--age-group", "under_18", "--minutes", 10)
    said = empty_sro(verb, *words)
    assert (1, "no_population") == (said.status, said.json["error"]["code"])
    assert said.json["error"]["message"] in said.err
