"""``offers`` and ``where``: the questions of the offer map on the command line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CommandLine
from tests.toy import DATA

LEVELS = {"city", "region", "social_space", "statistical_district"}
BESIDES = {"team", "status", "neighbour", "alternatives", "version"}
CENTRE = ("53.708383", "9.990545")  # the youth centre of the middle, Sensenkamp 23


@pytest.fixture
def line(shipped_workspace: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on the shared workspace: these verbs only read."""
    return CommandLine(shipped_workspace, capsys)


def offers(line: CommandLine, *words: object) -> list[dict[str, Any]]:
    """Return the offers found."""
    said = line("offers", *words)
    assert 0 == said.status
    found: list[dict[str, Any]] = said.json["offers"]
    return found


def test_offers_have_the_fields_of_the_contract(line: CommandLine):
    """What the design names, and more."""
    wanted = {"offer_id", "name", "category", "provider", "area_id", "lat", "lon", "minutes"}

    assert wanted <= set(offers(line)[0])


def test_what_is_there_for_a_twelve_year_old_on_foot(line: CommandLine):
    """All filters at once; every answer fits each of them."""
    words = ("--near", *CENTRE, "--minutes", 15, "--mode", "walk", "--age", 12)
    found = offers(line, *words, "--category", "youth_centre", "--low-threshold")

    assert {"A-001", "A-006"} == {offer["offer_id"] for offer in found}
    for offer in found:
        assert offer["minutes"] <= 15
        assert offer["age_min"] <= 12 <= offer["age_max"]
        assert offer["low_threshold"]


def test_filters_only_ever_take_away(line: CommandLine):
    """Each further filter leaves a part of what was there."""
    everything = {offer["offer_id"] for offer in offers(line)}
    north = {offer["offer_id"] for offer in offers(line, "--area", "nord")}
    young = {offer["offer_id"] for offer in offers(line, "--area", "nord", "--age", 12)}
    named = {o["offer_id"] for o in offers(line, "--area", "nord", "--age", 12, "--text", "haus")}

    assert everything > north > young > named > set()


def test_two_categories_are_either(line: CommandLine):
    """``--category`` may be given more than once."""
    found = offers(line, "--category", "library", "--category", "church")

    assert {"library", "church"} == {offer["category"] for offer in found}


def test_a_bicycle_reaches_further(line: CommandLine):
    """The same minutes by bike."""
    words = ("--near", *CENTRE, "--minutes", 10)

    assert len(offers(line, *words)) < len(offers(line, *words, "--mode", "bike"))


def test_text_forgives_typing(line: CommandLine):
    """A missing umlaut and a lost letter."""
    assert "A-002" in {o["offer_id"] for o in offers(line, "--text", "Jugendhaus Friedrichsgab")}
    names = {offer["name"] for offer in offers(line, "--text", "sudwind")}
    assert "Kita Südwind" in names


def test_protected_and_mobile_offers_have_no_point(line: CommandLine):
    """Null, never a guess; and the protected one no address either."""
    pointless = [offer for offer in offers(line) if offer["lat"] is None]

    assert {"A-060", "A-010"} <= {offer["offer_id"] for offer in pointless}
    protected = [offer for offer in offers(line) if offer["protected"]]
    assert [(None, None, None)] == [(o["lat"], o["lon"], o["address"]) for o in protected]


def test_a_protected_offer_is_never_near(line: CommandLine):
    """It takes part in no distance, however far one looks."""
    found = offers(line, "--near", *CENTRE, "--minutes", 99_999)

    assert "A-060" not in {offer["offer_id"] for offer in found}


def test_a_mobile_offer_comes_without_minutes(line: CommandLine):
    """It is near everywhere in the area it serves."""
    mobile = [o for o in offers(line, "--near", *CENTRE, "--minutes", 5) if o["lat"] is None]

    assert mobile
    assert {None} == {offer["minutes"] for offer in mobile}


def test_numbers_are_not_rounded(line: CommandLine):
    """Minutes follow from metres; nobody cut their decimals."""
    minutes = [o["minutes"] for o in offers(line, "--near", *CENTRE) if o["minutes"]]

    assert any(round(value, 3) != value for value in minutes)


def test_closed_offers_are_not_listed(line: CommandLine):
    """The directory keeps them; the map does not show them."""
    assert "closed" not in {offer["status"] for offer in offers(line)}


def test_where_has_one_key_per_level_and_the_team(line: CommandLine):
    """Id and name each, and who is responsible."""
    answer = line("where", "53.67", "9.99").json

    assert LEVELS | BESIDES == set(answer)
    assert {"id": "sued-west", "name": "Süd-West"} == answer["social_space"]
    assert {"id", "name"} == {key for level in LEVELS for key in answer[level]}
    assert ("inside", "team-sued-west") == (answer["status"], answer["team"]["id"])


def test_on_a_border_the_answer_names_the_other_side(line: CommandLine):
    """One area is responsible, the others are told."""
    answer = line("where", "53.69831055881686", "10.004663200620312").json

    assert "border" == answer["status"]
    either = {answer["region"]["id"], *(a["id"] for a in answer["alternatives"]["region"])}
    assert {"nord", "sued"} == either


@pytest.mark.parametrize(
    ("lat", "lon", "status", "neighbour"),
    [
        (53.65102969007966, 10.046976739705507, "neighbour", "Hamburg"),
        (53.71399642269547, 10.08472926051464, "neighbour", "Tangstedt"),
        (50.0, 8.0, "outside", None),
        (-90.0, 180.0, "outside", None),
    ],
)
def test_beyond_the_city_there_is_no_area(
    line: CommandLine, lat: float, lon: float, status: str, neighbour: str | None
):
    """Null on every level and no team; a neighbouring town is named."""
    answer = line("where", lat, lon).json

    assert (status, neighbour) == (answer["status"], answer["neighbour"])
    assert {None} == {answer[level] for level in (*LEVELS, "team")}


def test_a_change_of_plan_keeps_the_past(sro: CommandLine, tmp_path: Path):
    """Two spaces change their names' places today; yesterday and by plan it is as it was."""
    sro("export", "areas", tmp_path / "areas.geojson")
    document = json.loads((tmp_path / "areas.geojson").read_text(encoding="utf-8"))
    other = {"nord-west": "nord-ost", "nord-ost": "nord-west"}
    spaces = []
    for feature in document["features"]:
        said = feature["properties"]
        if said["level"] == "social_space":
            said["area_id"] = said["name"] = other.get(said["area_id"], said["area_id"])
            spaces.append(feature)
    file = tmp_path / "changed.geojson"
    file.write_text(json.dumps({**document, "features": spaces}), encoding="utf-8")
    assert 0 == sro("import", "areas", file).status

    today = dt.date.today()
    yesterday = (today - dt.timedelta(days=1)).isoformat()

    def space(*words: str) -> str:
        return str(sro("where", *CENTRE, *words).json["social_space"]["id"])

    assert ("nord-ost", "nord-ost") == (space(), space("--date", today.isoformat()))
    assert ("nord-west", "nord-west") == (space("--date", yesterday), space("--plan", "plan-1"))
    assert "team-nord-ost" == sro("where", *CENTRE).json["team"]["id"]


def test_the_team_is_that_of_the_day_asked_for(sro: CommandLine, tmp_path: Path):
    """Responsibilities have days, too."""
    rows = (DATA / "steering/responsibilities.csv").read_text(encoding="utf-8")
    rows = rows.replace(
        "nord-west,team-nord-west,2014-01-01,",
        "nord-west,team-nord-west,2014-01-01,2026-01-01\nnord-west,team-nord-ost,2026-01-01,",
    )
    file = tmp_path / "responsibilities.csv"
    file.write_text(rows, encoding="utf-8")
    assert 0 == sro("import", "responsibilities", file).status

    before = sro("where", *CENTRE, "--date", "2025-12-31").json["team"]["id"]
    after = sro("where", *CENTRE, "--date", "2026-01-01").json["team"]["id"]
    assert ("team-nord-west", "team-nord-ost") == (before, after)
    assert sro("where", *CENTRE, "--date", "2010-01-01").json["team"] is None
