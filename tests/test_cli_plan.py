"""``plan``: its contract, from a new variant to adoption, and every refusal in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import CommandLine

FIGURES = {"population", "under_18", "offers", "area_km2", "pieces", "polsby_popper"}


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """A line from west to east north of Nord-West's middle, in degrees."""
    file = tmp_path / "line.geojson"
    shape = {"type": "LineString", "coordinates": [[9.90, 53.715], [10.10, 53.715]]}
    file.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": shape}))
    return file


def done(said):
    """The document of a call that went well."""
    assert 0 == said.status, said.err
    return said.json


def refused(said) -> str:
    """The code of a call that was refused."""
    assert 1 == said.status
    assert said.err
    return said.json["error"]["code"]


@pytest.fixture
def variant(sro: CommandLine) -> str:
    """A new variant of the plan in force."""
    return done(sro("plan", "new", "Variante A"))["plan_id"]


def test_new_and_list(sro, variant):
    """``{"plan_id"}``, and the plan in force first with its four fields."""
    first, second = done(sro("plan", "list"))["plans"]
    assert first.items() >= {"plan_id": "plan-1", "status": "adopted", "parent": None}.items()
    wanted = {"plan_id": variant, "name": "Variante A", "status": "draft", "parent": "plan-1"}
    assert second.items() >= wanted.items()
    child = done(sro("plan", "new", "B", "--from", "Variante A"))["plan_id"]
    assert variant == done(sro("plan", "show", child))["parent"]


def test_split_makes_the_part_in_the_north_a_space(sro, variant, line):
    """Persons and blocks add up; the new space lies north of the line."""
    before = done(sro("plan", "show", variant))
    answer = done(sro("plan", "split", variant, "nord-west", "--line", line, "--name", "Spitze"))
    assert variant == answer["plan_id"]
    after = done(sro("plan", "show", variant))
    old = {a["id"]: a for a in before["areas"]}
    new = {a["id"]: a for a in after["areas"]}
    spitze = new[answer["new_area_id"]]
    assert ("Spitze", "nord", "social_space") == (
        spitze["name"],
        spitze["parent"],
        spitze["level"],
    )
    parts = spitze["population"] + new["nord-west"]["population"]
    assert old["nord-west"]["population"] == parts
    assert old["nord"]["population"] == new["nord"]["population"]
    assert 0 < answer["moved_blocks"]
    place = done(sro("where", 53.7212, 9.99, "--plan", variant))["social_space"]
    assert {"id": answer["new_area_id"], "name": "Spitze"} == place or place is None


def test_split_along_a_street(sro, variant):
    """A named street of the workspace is a line, too; one that is not there is said."""
    assert "street_unknown" == refused(
        sro("plan", "split", variant, "nord-west", "--street", "Nirgendweg")
    )


def test_compare(sro, variant, line):
    """The fields of the contract, and figures that add up to the whole city."""
    answer = done(sro("plan", "split", variant, "nord-west", "--line", line))
    found = done(sro("plan", "compare", "plan-1", variant))
    assert {"moved_blocks", "moved_population", "retention", "areas"} <= set(found)
    assert answer["moved_blocks"] == found["moved_blocks"]
    assert all(FIGURES | {"id", "name"} <= set(area) for area in found["areas"])
    areas = {area["id"]: area for area in found["areas"]}
    new = areas[answer["new_area_id"]]
    assert (None, found["moved_population"]) == (
        new["population"]["before"],
        new["population"]["after"],
    )
    for figure in ("population", "under_18", "offers", "area_km2"):
        sums = [
            sum(area[figure][when] or 0 for area in found["areas"]) for when in ("before", "after")
        ]
        assert sums[0] == pytest.approx(sums[1])
    matrix = {(r["from"], r["to"]): r["population"] for r in found["retention"]}
    assert found["moved_population"] == matrix["nord-west", answer["new_area_id"]]
    assert {"region", "city"} == {area["level"] for area in found["above"]}
    words = sro("plan", "compare", "plan-1", variant, json=False).out
    assert "Nord-West" in words


def test_move_undo_redo(sro, variant):
    """By id, by district and from a file; each is one step."""
    first = done(sro("plan", "export", variant, sro.workspace / "a.csv"))
    assert 443 == first["blocks"]
    rows = (sro.workspace / "a.csv").read_text("utf-8-sig").splitlines()[1:]
    others = [row.split(";")[0] for row in rows if row.split(";")[1] != "sued-ost"][:3]
    assert 3 == done(sro("plan", "move", variant, "sued-ost", "--blocks", *others))["moved_blocks"]
    moved = done(sro("plan", "move", variant, "sued-ost", "--district", "01"))["moved_blocks"]
    assert moved > 0
    listed = sro.workspace / "list.csv"
    listed.write_text("block_id\n" + "\n".join(others) + "\n", encoding="utf-8")
    assert 3 == done(sro("plan", "move", variant, "nord-ost", "--file", listed))["moved_blocks"]
    assert {"plan_id": variant, "steps": 2, "redo": 1} == done(sro("plan", "undo", variant))
    assert {"plan_id": variant, "steps": 3, "redo": 0} == done(sro("plan", "redo", variant))
    assert 3 == done(sro("plan", "move", variant, "-", "--blocks", *others))["moved_blocks"]
    assert 3 == done(sro("plan", "show", variant))["unassigned_blocks"]


def test_create_merge_and_rename(sro, variant):
    """Spaces come, go and get other names; so do variants."""
    made = done(sro("plan", "create", variant, "Mitte", "--parent", "nord", "--id", "mitte"))
    assert "mitte" == made["new_area_id"]
    done(sro("plan", "merge", variant, "nord-west", "mitte", "nord-ost"))
    done(sro("plan", "rename", variant, "Norden", "--area", "nord-west"))
    done(sro("plan", "rename", variant, "Drei Räume"))
    shown = done(sro("plan", "show", "Drei Räume"))
    names = {a["name"] for a in shown["areas"] if a["level"] == "social_space"}
    assert {"Norden", "Süd-Ost", "Süd-West"} == names


def test_balance_is_a_variant(sro, variant):
    """Within the tolerance, fewer than a fifth moved, one step of a new plan."""
    found = done(sro("plan", "balance", variant, "--by", "under_18", "--tolerance", "0.05"))
    assert ("reached", True) == (found["ended"], found["deviation"] <= 0.05)
    assert variant != found["plan_id"]
    shown = done(sro("plan", "show", found["plan_id"]))
    own = [a for a in shown["areas"] if a["level"] == "social_space"]
    assert max(abs(a["under_18_deviation"]) for a in own) <= 0.05
    assert all(a["pieces"] == 1 for a in own)
    assert variant == shown["parent"]
    compared = done(sro("plan", "compare", variant, found["plan_id"]))
    assert found["moved_blocks"] == compared["moved_blocks"]
    assert 0 == done(sro("plan", "undo", found["plan_id"]))["steps"]
    assert "column_unknown" == refused(sro("plan", "balance", variant, "--by", "Schuhe"))


def test_balance_among_some_and_divide(sro, variant):
    """Only the spaces named give and take; one space becomes two even ones."""
    found = done(
        sro(*f"plan balance {variant} --by under_18 --only nord-ost --only nord-west".split())
    )
    rows = done(sro("plan", "compare", variant, found["plan_id"]))["areas"]
    still = {r["id"] for r in rows if r["population"]["before"] == r["population"]["after"]}
    assert {"sued-ost", "sued-west"} == still
    halves = done(sro("plan", "divide", variant, "sued-west", "--into", 2, "--by", "under_18"))
    shown = done(sro("plan", "show", halves["plan_id"]))["areas"]
    young = [a["under_18"] for a in shown if a["name"].startswith("Süd-West")]
    assert 2 == len(young)
    assert max(young) / (sum(young) / 2) - 1 <= 0.05


def test_adopt(sro, variant, line):
    """From a day on; before it nothing changes; a draft has its own answer at once."""
    new = done(sro("plan", "split", variant, "nord-west", "--line", line))["new_area_id"]
    answer = done(sro("plan", "adopt", variant, "--from", "2031-01-01", "--reason", "Beschluss"))
    assert ("2031-01-01", "plan-1") == (answer["valid_from"], answer["ended"])
    assert [new] == [area["id"] for area in answer["areas_without_team"]]
    plans = {p["plan_id"]: p for p in done(sro("plan", "list"))["plans"]}
    assert ("adopted", "2031-01-01") == (plans[variant]["status"], plans["plan-1"]["valid_to"])
    assert "plan_adopted" == refused(sro("plan", "undo", variant))
    spots = [(53.72, 9.97), (53.7083, 9.9905), (53.73, 10.0)]
    versions = {
        done(sro("where", *spot, "--date", day))["version"]
        for spot in spots
        for day in ("2030-12-31",)
    }
    assert {"plan-1"} == versions
    assert variant == done(sro("where", *spots[0], "--date", "2031-01-01"))["version"]


def test_adopt_lists_every_reason(sro, variant):
    """Exit status 1, the error, and a finding for each reason."""
    done(sro("plan", "create", variant, "Leer"))
    said = sro("plan", "adopt", variant, "--from", "2031-01-01")
    assert "plan_not_adoptable" == refused(said)
    assert ["plan_area_empty"] == [f["rule"] for f in said.json["findings"]]
    assert "Leer" in said.err


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_export_and_import(sro, variant, line, ending):
    """A plan comes back as it went, as a variant of its own."""
    done(sro("plan", "split", variant, "nord-west", "--line", line, "--name", "Spitze"))
    file = sro.workspace / f"plan.{ending}"
    done(sro("plan", "export", variant, file))
    dry = done(sro("plan", "import", file, "Zurück", "--dry-run"))
    assert (None, False) == (dry["plan_id"], dry["written"])
    back = done(sro("plan", "import", file, "Zurück"))
    found = done(sro("plan", "compare", variant, back["plan_id"]))
    assert (0, 0) == (found["moved_blocks"], found["moved_population"])
    assert "Spitze" in {area["name"] for area in found["areas"]}


def test_import_says_what_is_wrong(sro, variant):
    """Each fault with its row; lost zeros are put back with consent."""
    file = sro.workspace / "plan.csv"
    done(sro("plan", "export", variant, file))
    rows = file.read_text("utf-8-sig").splitlines()
    head = ";".join(rows[0].split(";")[:2])
    eaten = [";".join([r.split(";")[0].lstrip("0"), r.split(";")[1]]) for r in rows[1:]]
    file.write_text("\n".join([head, *eaten]), encoding="utf-8")
    said = sro("plan", "import", file, "Excel")
    assert "input_refused" == refused(said)
    assert {"assignment_zeros_lost"} == said.codes
    back = done(sro("plan", "import", file, "Excel", "--repair"))
    assert 0 == back["moved_blocks"]
    file.write_text("\n".join([head, "abc;x"]), encoding="utf-8")
    said = sro("plan", "import", file, "Falsch", "--repair")
    assert 2 == next(f["row"] for f in said.json["faults"] if f["row"])


def test_refine(sro, variant, line):
    """A new block version; every plan goes on on it."""
    before = done(sro("plan", "show", variant))
    answer = done(sro("plan", "refine", variant, "--line", line))
    after = done(sro("plan", "show", variant))
    assert before["blocks"] < after["blocks"] == answer["blocks"]
    assert before["block_set"] != after["block_set"] == answer["block_set"]
    old = {a["id"]: (a["population"], a["under_18"]) for a in before["areas"]}
    assert old == {a["id"]: (a["population"], a["under_18"]) for a in after["areas"]}
    split = done(sro("plan", "split", variant, "nord-west", "--line", line))
    assert split["moved_blocks"] > 0


def test_coverage_of_a_draft(sro, variant, line):
    """The same people reach the same offers; areas are those of the draft."""
    new = done(sro("plan", "split", variant, "nord-west", "--line", line))["new_area_id"]
    asked = ["--category", "youth_centre", "--age-group", "10-13", "--minutes", 15]
    force = done(sro("coverage", *asked))
    draft = done(sro("coverage", *asked, "--plan", variant))
    assert new in {area["id"] for area in draft["areas"]}
    assert force["uncovered"] == draft["uncovered"]
    assert sum(a["uncovered"] for a in draft["areas"]) == pytest.approx(draft["uncovered"])
    assert "plan_unknown" == refused(sro("coverage", *asked, "--plan", "plan-99"))


def test_changes_for_families(sro, variant, line):
    """An annex as a file, and its sums."""
    split = done(sro("plan", "split", variant, "nord-west", "--line", line))
    file = sro.workspace / "anlage.csv"
    found = done(sro("plan", "changes", "plan-1", variant, file))
    moved = done(sro("plan", "compare", "plan-1", variant))["moved_population"]
    assert moved == found["team_changes"]
    assert split["new_area_id"] in file.read_text("utf-8-sig")


def test_propose_withdraw_reopen(sro, variant):
    """Each changes the status; a plan put aside is in another list."""
    assert "proposed" == done(sro("plan", "propose", variant))["status"]
    assert "plan_proposed" == refused(sro("plan", "undo", variant))
    assert "withdrawn" == done(sro("plan", "withdraw", variant))["status"]
    assert ["plan-1"] == [p["plan_id"] for p in done(sro("plan", "list"))["plans"]]
    assert [variant] == [p["plan_id"] for p in done(sro("plan", "list", "--withdrawn"))["plans"]]
    assert "draft" == done(sro("plan", "reopen", variant))["status"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("plan show plan-99", "plan_unknown"),
        ("plan new x --from plan-99", "plan_unknown"),
        ("plan undo plan-1", "plan_adopted"),
        ("plan move plan-1 nord-ost --blocks x99", "block_unknown"),
        ("plan move plan-1 nowhere --blocks", "usage"),
        ("plan compare plan-1 plan-99", "plan_unknown"),
        ("plan export plan-1 x.shp", "format_unknown"),
        ("plan adopt plan-1 --from 2031-01-01", "plan_adopted"),
        ("plan split plan-1 nord-ost --line missing.geojson", "file_missing"),
        ("plan import missing.csv x", "file_missing"),
        ("plan", "usage"),
    ],
)
def test_refusals(sro, words, code):
    """A code, a sentence and a remedy; never a traceback."""
    said = sro(*words.split())
    assert code == said.json["error"]["code"]
    assert (2 if code == "usage" else 1) == said.status
    assert said.json["error"]["remedy"]
