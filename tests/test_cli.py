"""The command line's contract: one JSON document, an exit status, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sro_geo import cli
from sro_geo.store import restore_backup
from tests.actions.second_city import write_second_city
from tests.conftest import CommandLine
from tests.toy import DATA, ROOT


def test_help_names_every_verb():
    """A newcomer asks ``python -m sro_geo --help`` first."""
    done = subprocess.run(
        [sys.executable, "-m", "sro_geo", "--help"], cwd=ROOT, capture_output=True, text=True
    )

    assert 0 == done.returncode
    verbs = "init backup check import export offers where".split()  # noqa: SIM905
    assert [] == [verb for verb in verbs if verb not in done.stdout]


def test_a_real_process_speaks_utf8_json_whatever_the_terminal(shipped_workspace):
    """The umlauts of Süd arrive where the terminal knows ASCII only."""
    done = subprocess.run(
        [sys.executable, "-m", "sro_geo", "where", "53.67", "9.99", "--json"],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "SRO_WORKSPACE": str(shipped_workspace), "PYTHONIOENCODING": "ascii"},
    )

    assert 0 == done.returncode
    assert "Süd" == json.loads(done.stdout)["region"]["name"]


def test_a_reader_that_goes_away_is_no_traceback(shipped_workspace):
    """``offers | head -1`` ends quietly."""
    command = f"{sys.executable} -m sro_geo --workspace {shipped_workspace} offers | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)

    assert "Traceback" not in done.stderr


def test_the_first_start_makes_the_workspace_from_the_shipped_data(empty_sro: CommandLine):
    """No word about ``init`` is needed before the first question."""
    assert "norderstedt" == empty_sro("where", 53.7, 10.0).json["city"]["id"]
    assert {"city.toml", "categories.toml", "sro.gpkg", "protected.sqlite"} <= {
        file.name for file in empty_sro.workspace.iterdir()
    }


def test_the_workspace_may_be_named_before_or_after_the_verb(shipped_workspace, capsys):
    """Both places mean the same, and so does the place of ``--json``."""
    folder = ["--workspace", str(shipped_workspace)]
    answers = set()
    for words in ([*folder, "where", "53.7", "10", "--json"], ["--json", "where", *folder]):
        assert 0 == cli.main(words if "10" in words else [*words, "53.7", "10"])
        answers.add(capsys.readouterr().out)

    assert 1 == len(answers)


def test_init_says_where_the_workspace_is(empty_sro: CommandLine, tmp_path: Path):
    """``init --json`` names the folder."""
    source = write_second_city(tmp_path / "source")

    said = empty_sro("init", "--from", source)
    assert {"workspace": str(empty_sro.workspace)} == said.json


def test_init_twice_is_refused(sro: CommandLine):
    """A workspace is never written over."""
    before = sro.revision()
    said = sro("init")

    assert (1, "workspace_exists") == (said.status, said.json["error"]["code"])
    assert before == sro.revision()


def test_init_from_large_city(empty_sro: CommandLine, monkeypatch: pytest.MonkeyPatch):
    """The large city is drawn and loaded like any other; here a small draft of it."""
    import sro_geo.examples.large_city as large_city

    draw = large_city.write_large_city
    monkeypatch.setattr(
        large_city, "write_large_city", lambda folder: draw(folder, blocks=300, offers=60)
    )

    assert 0 == empty_sro("init", "--from", "large-city").status
    assert 40 <= len(empty_sro("offers").json["offers"]) <= 60


def test_a_backup_brings_the_whole_workspace_back(sro: CommandLine, tmp_path: Path):
    """The archive is readable by its owner alone and restores to the same answers."""
    file = tmp_path / "backup.zip"
    assert {"file": str(file)} == sro("backup", file).json
    assert 0o600 == file.stat().st_mode & 0o777
    before = sro("offers").json

    sro.workspace = tmp_path / "restored"
    restore_backup(file, sro.workspace)
    assert before == sro("offers").json


def test_check_lists_findings_with_a_remedy(sro: CommandLine):
    """Each finding says of what it speaks, what is doubtful and what to do; the status is 0."""
    said = sro("check")

    assert 0 == said.status
    findings = said.json["findings"]
    assert {"table", "id", "rule", "message", "remedy"} == {k for f in findings for k in f}
    assert "offer_stale" in {f["rule"] for f in findings}


def test_without_json_people_read_lines(sro: CommandLine):
    """The same answers in words."""
    assert "Süd-West" in sro("where", 53.67, 9.99, json=False).out
    assert "Jugendhaus" in sro("offers", "--text", "jugendhaus", json=False).out
    assert "→" in sro("check", json=False).out


def test_a_word_is_said_when_the_shipped_data_have_changed(
    empty_sro: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The workspace stays as it is; a workspace made from other files hears nothing."""
    sample = write_second_city(tmp_path / "sample")
    monkeypatch.setenv("SRO_SAMPLE", str(sample))
    assert "" == empty_sro("check").err
    (sample / "steering" / "teams.csv").write_text("team_id,name\nt,Neu\n", encoding="utf-8")
    assert "Beispieldaten haben sich geändert" in empty_sro("check").err

    empty_sro.workspace = tmp_path / "other"
    assert 0 == empty_sro("init", "--from", write_second_city(tmp_path / "source")).status
    assert "" == empty_sro("check").err


WRONG_USAGE = {
    "no verb": [],
    "an unknown verb": ["frob"],
    "a longitude too few": ["where", "53.7"],
    "a word for a number": ["where", "53.7", "east"],
    "a day that does not exist": ["where", "53.7", "10", "--date", "2026-02-30"],
    "minutes below nothing": ["offers", "--near", "53.7", "10", "--minutes", "-1"],
    "minutes that are no number": ["offers", "--near", "53.7", "10", "--minutes", "nan"],
    "an age nobody reaches": ["offers", "--age", "200"],
    "an unknown kind": ["import", "horoscopes", "x.csv"],
    "a word too many": ["check", "everything"],
}


@pytest.mark.parametrize("words", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_ends_with_2(sro: CommandLine, words: list[str]):
    """What was wrong is said in words and as JSON."""
    said = sro(*words)

    assert (2, "usage") == (said.status, said.json["error"]["code"])
    assert said.err and "Traceback" not in said.err


REFUSED = {
    "latitude_beyond_the_pole": (["where", "95", "10"], "coordinates_malformed"),
    "latitude_that_is_no_number": (["where", "nan", "10"], "coordinates_malformed"),
    "infinite_longitude": (["offers", "--near", "53", "inf"], "coordinates_malformed"),
    "unknown_plan": (["where", "53.7", "10", "--plan", "x"], "plan_unknown"),
    "unknown_area": (["offers", "--area", "atlantis"], "area_unknown"),
    "unknown_category": (["offers", "--category", "magic"], "category_unknown"),
    "minutes_from_nowhere": (["offers", "--minutes", "10"], "minutes_without_near"),
    "missing_file": (["import", "offers", "/nowhere/offers.csv"], "file_missing"),
    "folder": (["import", "offers", "/"], "file_is_folder"),
    "program": (["import", "offers", sys.executable], None),
    "device": (["import", "offers", "/dev/null"], "file_unreadable"),
    "points_for_blocks": (["import", "blocks", str(DATA / "offers/offers.csv")], "input_refused"),
    "shapes_for_teams": (
        ["import", "teams", str(DATA / "boundaries/basemap.geojson")],
        "input_refused",
    ),
    "missing_mapping": (
        ["import", "teams", str(DATA / "steering/teams.csv"), "--mapping", "/nowhere.json"],
        "file_missing",
    ),
    "mapping_that_is_no_json": (
        ["import", "teams", str(DATA / "steering/teams.csv"), "--mapping", str(DATA / "city.toml")],
        "mapping_malformed",
    ),
    "folder_for_a_mapping": (
        ["import", "teams", str(DATA / "steering/teams.csv"), "--mapping", "/"],
        "mapping_malformed",
    ),
    "unknown_format": (["export", "offers", "offers.pdf"], "format_unknown"),
    "export_to_nowhere": (["export", "offers", "/nowhere/x.csv"], "file_not_writable"),
    "backup_to_nowhere": (["backup", "/nowhere/x.zip"], "backup_not_written"),
}


@pytest.mark.parametrize(("words", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_in_words(sro: CommandLine, words: list[str], code: str | None):
    """Exit status 1, one JSON document, a message and what to do; nothing was written."""
    before = sro.revision()
    said = sro(*words)

    assert 1 == said.status
    error = said.json["error"]
    assert code in (None, error["code"])
    assert error["message"] and error["remedy"]
    assert error["message"] in said.err
    assert "Traceback" not in said.err
    assert before == sro.revision()


def _damage(folder: Path) -> None:
    (folder / "sro.gpkg").write_bytes(b"no database" * 500)


def _truncate(folder: Path) -> None:
    data = (folder / "sro.gpkg").read_bytes()
    (folder / "sro.gpkg").write_bytes(data[: len(data) // 2])


def _lose_settings(folder: Path) -> None:
    (folder / "city.toml").unlink()


def _garble_settings(folder: Path) -> None:
    (folder / "city.toml").write_bytes(b"\xff\xfe = [")


@pytest.mark.parametrize("spoil", [_damage, _truncate, _lose_settings, _garble_settings])
@pytest.mark.parametrize(
    "words", [["where", "53.7", "10"], ["check"], ["export", "areas", "a.csv"]]
)
def test_a_damaged_workspace_is_said(
    sro: CommandLine, spoil: Callable[[Path], None], words: list[str]
):
    """No question is answered from a broken file, and none ends in a traceback."""
    spoil(sro.workspace)
    said = sro(*words)

    assert 1 == said.status
    assert said.json["error"]["message"]


@pytest.mark.parametrize("place", ["a file", "below a file", "/proc/nowhere"])
def test_a_place_without_room_for_a_workspace_is_said(
    empty_sro: CommandLine, tmp_path: Path, place: str
):
    """A home without rights is no traceback."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    places = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "workspace"}
    empty_sro.workspace = places.get(place, Path(place))
    for words in (["init"], ["check"], ["where", "53.7", "10"]):
        said = empty_sro(*words)
        assert 1 == said.status
        assert str(empty_sro.workspace) in said.json["error"]["message"]


def test_a_read_only_workspace_answers_and_refuses_changes(
    sro: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    """``SRO_READ_ONLY`` is for those who look only."""
    monkeypatch.setenv("SRO_READ_ONLY", "1")

    assert 0 == sro("where", 53.7, 10).status
    said = sro("import", "teams", DATA / "steering/teams.csv")
    assert (1, "read_only_mode") == (said.status, said.json["error"]["code"])


def test_errors_speak_english_on_request(sro: CommandLine, monkeypatch: pytest.MonkeyPatch):
    """``SRO_LANGUAGE=en`` turns the messages."""
    monkeypatch.setenv("SRO_LANGUAGE", "en")

    assert "atlantis" in (message := sro("offers", "--area", "atlantis").json["error"]["message"])
    assert "Gebiet" not in message
