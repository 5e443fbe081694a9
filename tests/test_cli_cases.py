"""``cases``, ``release`` and ``audit``: their contract, and that nothing unreleased is shown."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CommandLine
from tests.toy import DATA, ROOT

CELL = {
    "area_id",
    "name",
    "help_type",
    "count",
    "denominator",
    "rate",
    "rate_low",
    "rate_high",
    "status",
}
SPACES = {"nord-west", "nord-ost", "sued-west", "sued-ost"}
TOTALS = ("--level", "city", "--level", "region", "--level", "social_space", "--by", "none")


@pytest.fixture
def line(shipped_workspace: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on the shared workspace: for verbs that only read."""
    return CommandLine(shipped_workspace, capsys)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``named("Anna")`` is who acts from now on."""
    return lambda name: monkeypatch.setenv("SRO_EDITOR", name)


def asked(line: CommandLine, year: int, level: str, *words: object) -> dict[str, Any]:
    """The document of one question."""
    said = line("cases", "--year", year, "--level", level, *words)
    assert (0, "") == (said.status, said.err), said.err
    document: dict[str, Any] = said.json
    return document


def error(said: Any) -> tuple[int, str]:
    """Status and code of a refusal; message and remedy are words, and no traceback is there."""
    found = said.json["error"]
    assert 10 < len(found["message"]) and 10 < len(found["remedy"])
    assert "Traceback" not in said.err
    return said.status, found["code"]


# --- cases -------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [None, "help_type", "group"])
@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
def test_the_shape_of_the_answer(line: CommandLine, year: int, by: str | None):
    """One object, the cells with the keys promised; a number only beside ``released``."""
    answer = asked(line, year, "social_space", *(("--by", by) if by else ()))

    assert {"year", "level", "rule", "per", "cells", "unit", "version", "releases"} == set(answer)
    head = (answer["year"], answer["level"], answer["rule"], answer["per"])
    assert (year, "social_space", "running_and_ended", 1000) == head
    assert [CELL] == [set(keys) for keys in {tuple(cell) for cell in answer["cells"]}]
    assert SPACES == {cell["area_id"] for cell in answer["cells"]}
    for cell in answer["cells"]:
        assert (cell["status"] == "released") == (cell["count"] is not None)
        assert cell["denominator"] > 0
        numbers = [cell[name] for name in ("rate", "rate_low", "rate_high")]
        if cell["status"] == "released":
            assert isinstance(cell["count"], int)
            assert cell["rate"] == pytest.approx(1000 * cell["count"] / cell["denominator"])
            assert numbers[1] <= numbers[0] <= numbers[2]
        else:
            assert [None] * 3 == numbers and cell["status"] in ("suppressed", "missing")


def test_the_total_stands_beside_every_help(line: CommandLine):
    """``help_type`` null is the total of the area; without ``--by`` it is all there is."""
    plain = asked(line, 2025, "social_space")["cells"]
    parts = asked(line, 2025, "social_space", "--by", "help_type")["cells"]

    assert [None] * 4 == [cell["help_type"] for cell in plain]
    assert plain == [cell for cell in parts if cell["help_type"] is None]
    helps = {cell["help_type"] for cell in parts} - {None}
    assert {"31", "34", "35a", "42"} <= helps
    assert len(parts) == len(SPACES) * (1 + len(helps))


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
def test_each_year_has_hidden_cells_and_shown_ones(line: CommandLine, year: int):
    """Small numbers are the ordinary case; nothing from one to four is ever printed."""
    cells = asked(line, year, "social_space", "--by", "help_type")["cells"]

    assert {"released", "suppressed"} <= {cell["status"] for cell in cells}
    assert not {1, 2, 3, 4} & {cell["count"] for cell in cells}


@pytest.mark.parametrize("level", ["city", "region", "social_space", "statistical_district"])
def test_every_level_released_can_be_asked_for(line: CommandLine, level: str):
    """From the city down to the districts."""
    cells = asked(line, 2025, level)["cells"]
    assert cells and {None} == {cell["help_type"] for cell in cells}


def test_per_ten_thousand_is_ten_times_per_thousand(line: CommandLine):
    """Counts and persons stay."""
    usual = asked(line, 2025, "city")["cells"][0]
    answer = asked(line, 2025, "city", "--per", 10000)
    many = answer["cells"][0]

    assert (10000, usual["count"], usual["denominator"]) == (
        answer["per"],
        many["count"],
        many["denominator"],
    )
    for name in ("rate", "rate_low", "rate_high"):
        assert math.isclose(10 * usual[name], many[name])


def test_the_place_of_help_is_a_part_of_its_own(line: CommandLine):
    """With ``--by place`` each cell says where the help is given."""
    cells = asked(line, 2025, "social_space", "--by", "place")["cells"]
    assert [CELL | {"place"}] == [set(keys) for keys in {tuple(cell) for cell in cells}]
    places = {"social_space", "region", "city", "outside", "unknown"}
    assert places == {cell["place"] for cell in cells} - {None}


def test_the_first_question_makes_the_workspace(empty_sro: CommandLine):
    """``cases`` answers on the first day, whether ``init`` was called before or not."""
    answer = asked(empty_sro, 2025, "city")
    assert ["released"] == [cell["status"] for cell in answer["cells"]]


def test_cases_answer_right_after_init(empty_sro: CommandLine):
    """The shipped city brings its approved releases along."""
    assert 0 == empty_sro("init").status
    for year in range(2021, 2026):
        assert "released" == asked(empty_sro, year, "city")["cells"][0]["status"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--year", 2019, "--level", "city"), "cases_not_released"),
        (("--year", 2025, "--level", "street"), "level_unknown"),
        (("--year", 2025, "--level", "city", "--by", "age_group"), "cases_cut_not_released"),
        (
            ("--year", 2025, "--level", "statistical_district", "--by", "help_type"),
            "cases_cut_not_released",
        ),
        (("--year", 2025, "--level", "city", "--version", "plan-9"), "cases_not_released"),
    ],
)
def test_what_was_not_released_is_refused_in_words(
    line: CommandLine, words: tuple[object, ...], code: str
):
    """Status 1, and it says what there is."""
    assert (1, code) == error(line("cases", *words))


@pytest.mark.parametrize(
    "words",
    [
        ("--year", "then", "--level", "city"),
        ("--level", "city"),
        ("--year", 2025),
        ("--year", 2025, "--level", "city", "--by", "shoe_size"),
        ("--year", 2025, "--level", "city", "--per", 7),
    ],
)
def test_wrong_usage_has_status_two(line: CommandLine, words: tuple[object, ...]):
    """As for every verb."""
    assert (2, "usage") == error(line("cases", *words))


def test_without_json_a_person_can_read_it(line: CommandLine):
    """A hidden cell says so in words."""
    said = line("cases", "--year", 2025, "--level", "social_space", "--by", "help_type", json=False)
    assert 0 == said.status
    assert "Nord-West" in said.out and "nicht ausgewiesen" in said.out


def test_the_public_mode_answers_from_the_snapshot_alone(
    shipped_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
):
    """With nothing but ``released.sqlite`` in the folder, and it makes nothing beside it."""
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "released.sqlite").write_bytes((shipped_workspace / "released.sqlite").read_bytes())
    monkeypatch.setenv("SRO_MODE", "public")
    answer = asked(CommandLine(folder, capsys), 2025, "social_space", "--by", "help_type")
    assert SPACES == {cell["area_id"] for cell in answer["cells"]}
    assert ["released.sqlite"] == [file.name for file in folder.iterdir()]


# --- import ------------------------------------------------------------------------------


def counts(year: int) -> str:
    """A small file of counts; the numbers are found nowhere else."""
    lines = ["block_id,year,help_type,age_from,age_to,counting_rule,unit,case_count"]
    lines += [f"010{n},{year},31,6,9,running_and_ended,cases,{n}" for n in (1, 2, 3)]
    return "\n".join(lines) + "\n"


def test_imported_counts_are_not_shown_before_their_release(sro: CommandLine, tmp_path: Path):
    """A year may lie in the store; ``cases`` knows of it only after two people."""
    file = tmp_path / "counts.csv"
    file.write_text(counts(2026), encoding="utf-8")
    said = sro("import", "cases", file)
    assert (0, {"cases": 3}) == (said.status, said.json["added"])

    refused = sro("cases", "--year", 2026, "--level", "city")
    assert (1, "cases_not_released") == error(refused)
    assert "2026" not in refused.json["error"]["remedy"]


def piped(workspace: Path, text: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process with something on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "sro_geo", "--workspace", str(workspace), *words, "--json"],
        cwd=ROOT,
        input=text.encode(),
        capture_output=True,
        env={**os.environ, "SRO_WORKSPACE": str(workspace)},
        timeout=120,
    )


def test_counts_come_through_a_pipe(sro: CommandLine):
    """``-`` with a name that says how it is to be read."""
    done = piped(sro.workspace, counts(2026), "import", "cases", "-", "--name", "x.csv")
    assert 0 == done.returncode, done.stderr.decode()
    document = json.loads(done.stdout)
    assert ("cases", "x.csv", 3) == (document["kind"], document["file"], document["rows_read"])

    done = piped(sro.workspace, counts(2026), "import", "cases", "-")
    assert (1, "pipe_without_name") == (
        done.returncode,
        json.loads(done.stdout)["error"]["code"],
    )


def people(*, bad: bool = False) -> str:
    """A list of cases: one row each, at addresses of the shipped city."""
    with (DATA / "boundaries/addresses.csv").open(encoding="utf-8") as stream:
        homes = [row for row, _ in zip(csv.DictReader(stream), range(6), strict=False)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Nachname", "Straße", "Hausnr", "Hilfeart", "Beginn", "Ende", "Geburtsdatum"])
    for home in homes:
        row = ["Kowalczyk", home["street"], home["house_number"], "31", "01.03.2024", ""]
        writer.writerow([*row, "05.06.2015"])
    writer.writerow(["Yilmaz", "Nirgendsweg", "99", "34", "01.03.2024", "", "05.06.2010"])
    if bad:
        writer.writerow(["Petersen", homes[0]["street"], "1", "zaubern", "gestern", "", "morgen"])
    return out.getvalue()


def test_a_list_of_cases_is_counted_and_forgotten(sro: CommandLine):
    """How many could not be placed is said; no word of a row is, and none is in the folder."""
    words = ("import", "cases", "-", "--name", "liste.csv", "--list", "--year", "2026")
    done = piped(sro.workspace, people(), *words, "--counting-rule", "stock")
    assert 0 == done.returncode, done.stderr.decode()
    said = (done.stdout + done.stderr).decode()
    for word in ("Kowalczyk", "Yilmaz", "Nirgendsweg", "05.06.2015"):
        assert word not in said
    assert any(note["severity"] == "note" for note in json.loads(done.stdout)["notes"])
    held = b"".join(f.read_bytes() for f in sro.workspace.rglob("*") if f.is_file())
    for word in ("Kowalczyk", "Yilmaz", "Nirgendsweg"):
        assert word.encode() not in held
    workspace = sro.open()
    try:
        assert 2026 in workspace.protected.years()
    finally:
        workspace.close()


def test_a_faulty_list_repeats_nothing(sro: CommandLine):
    """Refused with rows and columns; what stands in a cell is not said."""
    words = ("import", "cases", "-", "--name", "liste.csv", "--list", "--year", "2026")
    done = piped(sro.workspace, people(bad=True), *words, "--counting-rule", "stock")
    assert 1 == done.returncode
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    for word in ("Petersen", "zaubern", "gestern", "morgen", "Kowalczyk"):
        assert word not in said


def test_a_list_among_counts_is_explained(sro: CommandLine):
    """Without ``--list`` a list of people is refused, and the refusal says how to hand it over."""
    done = piped(sro.workspace, people(), "import", "cases", "-", "--name", "liste.csv")
    assert 1 == done.returncode
    document = json.loads(done.stdout)
    assert "case_list_among_counts" in {fault["code"] for fault in document["faults"]}
    assert "Kowalczyk" not in done.stdout.decode()


# --- release and audit -------------------------------------------------------------------


def test_the_shipped_releases_are_listed(line: CommandLine):
    """Five years, each approved by another than its proposer; no figure in the list."""
    listed = line("release", "list").json["releases"]
    assert {2021, 2022, 2023, 2024, 2025} == {entry["year"] for entry in listed}
    assert {"approved"} == {entry["status"] for entry in listed}
    assert all(entry["proposed_by"] != entry["decided_by"] for entry in listed)
    assert not {"cells_released", "count", "counts"} & set(listed[0])


def test_from_proposal_to_withdrawal(unreleased: CommandLine, named: Any):
    """Proposed by one, shown when another approves, gone when it is withdrawn, never forgotten."""
    sro = unreleased
    assert (1, "cases_not_released") == error(sro("cases", "--year", 2025, "--level", "city"))
    named("Anna")
    made = sro("release", "propose", "--year", 2025, *TOTALS, "--reason", "Bericht")
    assert 0 == made.status, made.err
    assert ("2025-1", 7, 0) == tuple(made.json[k] for k in ("release_id", "cells", "cells_hidden"))
    assert 1 == sro("cases", "--year", 2025, "--level", "city").status
    assert (1, "release_same_person") == error(sro("release", "approve", "2025-1"))

    named("Ben")
    approved = sro("release", "approve", "2025-1", "--note", "geprüft").json["release"]
    assert ("approved", "Anna", "Ben") == tuple(
        approved[k] for k in ("status", "proposed_by", "decided_by")
    )
    assert "released" == asked(sro, 2025, "city")["cells"][0]["status"]
    assert (1, "release_not_proposed") == error(sro("release", "approve", "2025-1"))

    withdrawn = sro("release", "withdraw", "2025-1").json["release"]
    assert "withdrawn" == withdrawn["status"]
    assert (1, "cases_not_released") == error(sro("cases", "--year", 2025, "--level", "city"))
    assert ["withdrawn"] == [r["status"] for r in sro("release", "list").json["releases"]]
    # What was shown once is audited as long as the ledger lasts.
    assert 1 == sro("audit").json["releases"]


def test_a_dry_run_writes_nothing(unreleased: CommandLine, named: Any):
    """It says how much would be hidden."""
    named("Anna")
    said = unreleased("release", "propose", "--year", 2025, *TOTALS, "--dry-run")
    assert (0, None) == (said.status, said.json["release_id"])
    assert [] == unreleased("release", "list").json["releases"]


@pytest.mark.parametrize(
    "words",
    [
        ("release", "propose", "--year", 2025, *TOTALS),
        ("release", "approve", "2025-1"),
        ("release", "withdraw", "2025-1"),
    ],
)
def test_somebody_without_a_name_releases_nothing(
    line: CommandLine, named: Any, words: tuple[object, ...]
):
    """Who proposes and who approves have to be two people."""
    named(" ")
    assert (1, "editor_unnamed") == error(line(*words))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("approve", "2031-1"), "release_unknown"),
        (("withdraw", "2031-1"), "release_unknown"),
        (("propose", "--year", 2031), "cases_none_stored"),
        (("propose", "--year", 2025, "--level", "street"), "level_unknown"),
        (("propose", "--year", 2025, "--ages", "grown_up"), "age_group_unknown"),
        (("propose", "--year", 2025, "--indicator", "none"), "indicator_none_stored"),
    ],
)
def test_what_cannot_be_released_is_said(
    line: CommandLine, named: Any, words: tuple[object, ...], code: str
):
    """Status 1 and words, for whoever mistyped."""
    named("Anna")
    assert (1, code) == error(line("release", *words))


def test_a_blocked_release_lists_its_reasons(unreleased: CommandLine, named: Any, tmp_path: Path):
    """Each with a code and words; nothing is written."""
    sro = unreleased
    named("Anna")
    sro("release", "propose", "--year", 2025, *TOTALS)
    named("Ben")
    sro("release", "approve", "2025-1")
    with (DATA / "cases/cases.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["year"] == "2025"]
    rows[0]["case_count"] = str(int(rows[0]["case_count"]) + 1)
    file = tmp_path / "revised.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert 0 == sro("import", "cases", file).status

    said = sro("release", "propose", "--year", 2025, *TOTALS)
    assert (1, "release_blocked") == error(said)
    assert ["revision_small_difference"] == [v["code"] for v in said.json["violations"]]
    assert all(10 < len(v["message"]) for v in said.json["violations"])
    assert 1 == len(sro("release", "list").json["releases"])


def test_the_audit_of_nothing(unreleased: CommandLine):
    """Before the first release there is nothing to be found."""
    said = unreleased("audit")
    assert {
        "releases": 0,
        "cells_hidden": 0,
        "narrowest_interval": None,
        "violations": [],
    } == said.json


def test_the_audit_of_a_release(unreleased: CommandLine, named: Any):
    """Hidden cells stay uncertain by five at least."""
    named("Anna")
    words = [*TOTALS[:-1], "group"]
    assert 0 == unreleased("release", "propose", "--year", 2025, *words).status
    named("Ben")
    assert 0 == unreleased("release", "approve", "2025-1").status
    found = unreleased("audit").json
    assert ["releases", "cells_hidden", "narrowest_interval", "violations"] == list(found)
    assert (1, []) == (found["releases"], found["violations"])
    assert found["cells_hidden"] > 0 and found["narrowest_interval"] >= 5


@pytest.mark.long
def test_the_audit_of_the_shipped_city_is_clean(line: CommandLine):
    """All fifteen releases at once."""
    found = line("audit").json
    assert (15, []) == (found["releases"], found["violations"])
    assert found["narrowest_interval"] >= 5
