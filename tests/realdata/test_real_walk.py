"""Two real towns from published files to answers, by the command line alone."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from sro_geo import cli
from sro_geo.actions.figures import persons_per_area
from tests.conftest import CommandLine
from tests.realdata.towns import FLENSBURG, NORDERSTEDT, settings_of, write_areas_from_outline
from tests.toy import ROOT

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)"),
]


class Town:
    """A workspace filled once; what each import noted, by file."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        self.notes: dict[str, list[dict[str, Any]]] = {}
        source = settings_of(folder / "settings", settings)
        assert 0 == cli.main(["--workspace", str(self.workspace), "init", "--from", str(source)])

    def take_in(
        self, kind: str, file: Path, *words: str, mapping: Mapping[str, str] | None = None
    ) -> None:
        """Import a file; whatever it noted is kept."""
        if mapping:
            chosen = self.folder / "mapping.json"
            chosen.write_text(json.dumps(mapping), encoding="utf-8")
            words = (*words, "--mapping", str(chosen))
        arguments = ["--workspace", str(self.workspace), "import", kind, str(file), *words]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = cli.main([*arguments, "--json"])
        assert 0 == status, err.getvalue()
        self.notes[file.name] = json.loads(out.getvalue())["notes"]

    def noted(self, file: str, code: str) -> list[str]:
        """Return the messages of one code that the import of a file gave."""
        return [note["message"] for note in self.notes[file] if note["code"] == code]


@pytest.fixture(scope="module")
def norderstedt(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Four areas cut from the outline, census cells, day care and schools."""
    files = REAL / "norderstedt"
    town = Town(tmp_path_factory.mktemp("norderstedt"), NORDERSTEDT)
    outline = files / "city_outline_simplified.geojson"
    town.take_in("areas", write_areas_from_outline(outline, town.folder / "areas.geojson"))
    census = files / "census2011_age5_100m.csv"
    town.take_in("population", census, "--date", "2011-05-09")
    town.take_in("offers", files / "kitas.csv", mapping={"category": "=day_care"})
    town.take_in("offers", files / "schools.tsv", mapping={"category": "=school"})
    town.take_in("streets", files / "streets_centre_16.geojson")
    return town


@pytest.fixture(scope="module")
def flensburg(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Thirteen districts, day care, playgrounds, and who lives there by age."""
    files = REAL / "flensburg"
    town = Town(tmp_path_factory.mktemp("flensburg"), FLENSBURG)
    town.take_in("areas", files / "stadtteile.geojson")
    kitas = files / "kitas.geojson"
    town.take_in("offers", kitas, "--repair", mapping={"category": "=day_care"})
    grounds = files / "spielplaetze.geojson"
    town.take_in("offers", grounds, mapping={"category": "=playground"})
    ages = files / "sozialatlas" / "fl_age_groups_by_district.csv"
    doubled = {"age_0_to_under_7": "", "age_60_and_above": ""}
    town.take_in("population", ages, "--repair", mapping=doubled)
    return town


@pytest.fixture
def nord(norderstedt: Town, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on the real Norderstedt."""
    return CommandLine(norderstedt.workspace, capsys)


@pytest.fixture
def fl(flensburg: Town, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on Flensburg."""
    return CommandLine(flensburg.workspace, capsys)


def figures(line: CommandLine, area: str, *groups: str) -> list[float | None]:
    """Persons of an area by age group."""
    workspace = line.open()
    rows = persons_per_area(workspace.snapshot(), groups)
    workspace.close()
    return list(next(row.persons for row in rows if row.area_id == area))


# -- Norderstedt ------------------------------------------------------------------------


def test_the_outline_becomes_two_regions_of_two_spaces(nord: CommandLine):
    """Areas without blocks are the blocks; together they are the town."""
    tables = nord.tables()

    assert ["nord-ost", "nord-west", "sued-ost", "sued-west"] == list(tables["blocks"]["block_id"])
    assert 58.17 == pytest.approx(tables["blocks"]["area_km2"].sum(), abs=0.01)
    levels = tables["areas"]["level"].value_counts().to_dict()
    assert {"city": 1, "region": 2, "social_space": 4} == levels


def test_census_cells_count_where_their_centre_lies(nord: CommandLine, norderstedt: Town):
    """1,809 cells inside with 73,937 persons; the 139 beyond the rim are kept, and said."""
    cells = nord.tables()["cells"]

    assert (1948, 139) == (len(cells), int(cells["block_id"].isna().sum()))
    assert [73_937.0, 11_116.0] == figures(nord, "norderstedt-real", "all", "under_18")
    (said,) = norderstedt.noted("census2011_age5_100m.csv", "cells_outside")
    assert "139" in said and "1948" in said


def test_regions_and_spaces_sum_to_the_town(nord: CommandLine):
    """Every person inside is in one region and one space."""
    whole = figures(nord, "norderstedt-real", "all")[0]

    assert whole == sum(figures(nord, area, "all")[0] or 0 for area in ("nord", "sued"))


def test_an_age_group_the_census_cannot_tell_is_unknown_not_nothing(nord: CommandLine):
    """Five broad classes say nothing of 6 to 9."""
    assert [None] == figures(nord, "nord", "6-9")


def test_secret_numbers_and_sums_are_noted(norderstedt: Town):
    """No 1 and no 2 anywhere, a column of sums, the grid of the ids."""
    codes = {note["code"] for note in norderstedt.notes["census2011_age5_100m.csv"]}

    assert {"small_values_absent", "total_ignored", "crs_from_cells"} <= codes


def test_all_68_institutions_are_accounted_for(nord: CommandLine):
    """Placed in a space, outside the simplified outline, or without a point: each is listed."""
    offers = nord("offers").json["offers"]
    assert 44 + 24 == len(offers)

    nowhere = {offer["name"] for offer in offers if offer["area_id"] is None}
    findings = nord("check").json["findings"]
    listed = {
        rule: {finding["id"] for finding in findings if finding["rule"] == rule}
        for rule in ("offer_outside", "offer_without_place")
    }
    names = {offer["offer_id"]: offer["name"] for offer in offers}
    assert {"OGGS am Wittmoor", "Kindertagesstätte Sternschnuppe"} == {
        names[i] for i in listed["offer_outside"]
    }
    assert {"Kita Fuchsbau", "Regenbogenschule - Ersatzschule -"} == {
        names[i] for i in listed["offer_without_place"]
    }
    assert nowhere == {names[i] for ids in listed.values() for i in ids}


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("kitas.csv", "point_incomplete", "nur eine der beiden"),
        ("kitas.csv", "point_shared", "3 Einträge"),
        ("kitas.csv", "districts_differ", "Garstedt"),
        ("kitas.csv", "point_far_from_neighbours", "Friedrichsgaber Weg 286"),
        ("kitas.csv", "outside_blocks", "Sternschnuppe"),
        ("schools.tsv", "point_missing", "Lawaetzstraße"),
        ("schools.tsv", "point_shared", "Lise-Meitner"),
        ("schools.tsv", "address_two_points", "Moorbekstraße 15"),
        ("schools.tsv", "outside_blocks", "Wittmoor"),
    ],
)
def test_each_quirk_is_noted_and_left_in(norderstedt: Town, file: str, code: str, words: str):
    """Nothing is silently moved, and nothing is refused for being odd."""
    (said,) = norderstedt.noted(file, code)

    assert words in said


def test_the_buchenweg_is_answered(nord: CommandLine):
    """Its one known address lies just north of the border; its Krippe is at the door."""
    answer = nord("where", 53.69922, 9.99049).json
    assert ("nord", "inside") == (answer["region"]["id"], answer["status"])
    assert answer["team"] is None

    near = nord("offers", "--near", 53.69922, 9.99049, "--minutes", 15, "--age", 2).json["offers"]
    assert "Krippe Zauberwald" == near[0]["name"]
    assert sorted(minutes := [offer["minutes"] for offer in near]) == minutes


def test_on_latitude_53_699_one_stands_on_the_border(nord: CommandLine):
    """Both regions are named."""
    answer = nord("where", 53.699, 9.99049).json

    assert "border" == answer["status"]
    both = {answer["region"]["id"], *(area["id"] for area in answer["alternatives"]["region"])}
    assert {"nord", "sued"} == both


def test_real_data_is_not_called_sample_data(nord: CommandLine, tmp_path: Path):
    """The note belongs to invented data alone."""
    nord("export", "offers", tmp_path / "offers.csv")

    assert "Beispieldaten" not in (tmp_path / "offers.csv").read_text(encoding="utf-8-sig")


def test_taking_everything_in_again_doubles_nothing(
    norderstedt: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Files without ids get the same ids the second time."""
    shutil.copytree(norderstedt.workspace, tmp_path / "workspace")
    line = CommandLine(tmp_path / "workspace", capsys)
    before = line.tables()
    chosen = tmp_path / "mapping.json"
    for kind, name, category in (
        ("offers", "kitas.csv", "day_care"),
        ("offers", "schools.tsv", "school"),
    ):
        chosen.write_text(json.dumps({"category": f"={category}"}), encoding="utf-8")
        file = REAL / "norderstedt" / name
        assert 0 == line("import", kind, file, "--mapping", chosen).status
    assert 0 == line("import", "areas", norderstedt.folder / "areas.geojson").status

    after = line.tables()
    assert [] == [name for name in before if not before[name].equals(after[name])]


# -- Flensburg --------------------------------------------------------------------------


def test_thirteen_districts_are_the_social_spaces(fl: CommandLine, flensburg: Town):
    """Their unknown parent is understood as the town, and said."""
    areas = fl.tables()["areas"]

    assert 13 == int((areas["level"] == "social_space").sum())
    assert {"STGT01", "STGT13"} <= set(areas["area_id"])
    assert flensburg.noted("stadtteile.geojson", "parent_is_city")
    assert flensburg.noted("stadtteile.geojson", "edges_unmatched")


def test_seventy_kitas_and_seventy_six_playgrounds_are_placed(fl: CommandLine):
    """Each lies in one of the districts."""
    offers = fl("offers").json["offers"]
    kinds = [offer["category"] for offer in offers]

    assert (70, 76) == (kinds.count("day_care"), kinds.count("playground"))
    assert [] == [offer["name"] for offer in offers if offer["area_id"] is None]
    assert 13 == len({offer["area_id"] for offer in offers})


def test_times_without_days_were_read_with_consent(fl: CommandLine, flensburg: Town):
    """``07:30-16:30`` means weekdays for a Kita: a repair, offered for each of the 70."""
    assert 70 == len(flensburg.noted("kitas.geojson", "schedule_without_days"))
    schedules = {o["schedule"] for o in fl("offers", "--category", "day_care").json["offers"]}
    assert "Mo-Fr 07:30-16:30" in schedules


def test_without_consent_nothing_of_it_is_taken_in(fl: CommandLine, tmp_path: Path):
    """Repairs are refused by default."""
    before = fl.revision()
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"category": "=day_care"}), encoding="utf-8")
    said = fl("import", "offers", REAL / "flensburg" / "kitas.geojson", "--mapping", mapping)

    assert (1, before) == (said.status, fl.revision())


def test_numbers_of_districts_are_found_by_their_ids(fl: CommandLine, flensburg: Town):
    """1 to 13 are STGT01 to STGT13, with consent; the newest year is taken, and said."""
    (said,) = flensburg.noted("fl_age_groups_by_district.csv", "ids_by_number")
    assert "1 → STGT01" in said
    assert flensburg.noted("fl_age_groups_by_district.csv", "year_chosen")
    assert [403.0] == figures(fl, "STGT01", "under_18")


def test_a_shapefile_in_a_zip_is_named_not_opened(fl: CommandLine):
    """The same districts come as GeoJSON; the message says what is accepted."""
    said = fl("import", "areas", REAL / "flensburg" / "stadtteile.zip")

    assert (1, "file_type_unsupported") == (said.status, said.json["error"]["code"])


def test_where_in_flensburg(fl: CommandLine):
    """Levels of this town: city and social space."""
    answer = fl("where", 54.79, 9.43).json

    assert "STGT01" == answer["social_space"]["id"]
    assert "region" not in answer
