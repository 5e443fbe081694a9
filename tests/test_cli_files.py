"""``import`` and ``export``: all or nothing, by id, and out again without a loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sro_geo.actions.making import STANDARD_FILES
from tests.conftest import CommandLine
from tests.toy import DATA

SHIPPED = [(kind, DATA / path) for kind, path in STANDARD_FILES if (DATA / path).exists()]
TEAM = "team_id;name;contact\nteam-neu;Team Neu;Tel. 1\n"


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the tables that differ."""
    return [name for name, table in before.items() if not table.equals(after[name])]


def write(tmp_path: Path, text: str, name: str = "file.csv") -> Path:
    """Write a file of one's own."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("kind", "file"), SHIPPED, ids=[kind for kind, _ in SHIPPED])
def test_a_file_taken_in_again_doubles_nothing(sro: CommandLine, kind: str, file: Path):
    """Re-import is by id: every row is there already, and stays as it is."""
    before = sro.tables()
    said = sro("import", kind, file)

    assert 0 == said.status
    report = said.json
    assert {0} == {*report["added"].values(), *report["changed"].values()}
    assert {0} == set(report["removed"].values())
    assert [] == changed(before, sro.tables())


def test_an_import_says_what_it_added_and_changed(sro: CommandLine, tmp_path: Path):
    """A new team and another telephone number."""
    old = "team-nord-ost;Team Nord-Ost;Tel. 2\n"
    said = sro("import", "teams", write(tmp_path, TEAM + old)).json

    assert (1, 1, 2) == (said["added"]["teams"], said["changed"]["teams"], said["rows_read"])
    assert said["written"]
    contacts = sro.tables()["teams"].set_index("team_id")["contact"]
    assert ("Tel. 1", "Tel. 2") == (contacts["team-neu"], contacts["team-nord-ost"])


def test_what_a_file_does_not_say_stays(sro: CommandLine, tmp_path: Path):
    """A file of names and telephone numbers does not empty the office hours."""
    before = sro.tables()["teams"].set_index("team_id")["office_hours"]
    file = write(tmp_path, "team_id;name;contact\nteam-nord-ost;ASD;Tel. 2\n")
    sro("import", "teams", file)

    after = sro.tables()["teams"].set_index("team_id")["office_hours"]
    assert before["team-nord-ost"] == after["team-nord-ost"]


def test_a_dry_run_writes_nothing(sro: CommandLine, tmp_path: Path):
    """It says what would happen; the workspace keeps its number."""
    before = sro.revision()
    said = sro("import", "teams", write(tmp_path, TEAM), "--dry-run").json

    assert (1, False) == (said["added"]["teams"], said["written"])
    assert before == sro.revision()


def test_a_mapping_names_columns_and_constants(sro: CommandLine, tmp_path: Path):
    """Columns of any name, and a value for the whole file."""
    file = write(tmp_path, "Nr;Wie;Erreichbar\nx;Team X;Tel. 3\n")
    mapping = {"team_id": "Nr", "name": "Wie", "contact": "Erreichbar", "office_hours": "=Mo 9-12"}
    chosen = write(tmp_path, json.dumps(mapping), "mapping.json")
    assert 0 == sro("import", "teams", file, "--mapping", chosen).status

    row = sro.tables()["teams"].set_index("team_id").loc["x"]
    assert ("Team X", "Tel. 3", "Mo 9-12") == (row["name"], row["contact"], row["office_hours"])


FAULTY = """offer_id;name;category;status;verified_on;age_min;age_max;lat;lon;provider_id
X1;;youth_centre;active;2026-01-01;5;10;53.7;10.0;T-01
X2;Ohne Art;magie;active;32.13.2026;50;10;53.71;10.0;T-01
X3;Fern;youth_centre;active;2026-01-01;x;10;48.1;11.5;T-99
X3;Gut;youth_centre;active;2026-01-01;1;10;53.7;10.01;T-01
"""


def test_a_refused_import_lists_all_faults_and_changes_nothing(sro: CommandLine, tmp_path: Path):
    """File, row, column, cause and remedy of each, for people and for programs."""
    before, revision = sro.tables(), sro.revision()
    said = sro("import", "offers", write(tmp_path, FAULTY, "faulty.csv"))

    assert (1, "input_refused") == (said.status, said.json["error"]["code"])
    errors = [fault for fault in said.json["faults"] if fault["severity"] == "error"]
    assert {
        (2, "name", "value_missing"),
        (3, "category", "category_unknown"),
        (3, "verified_on", "date_malformed"),
        (3, "age_max", "ages_crossed"),
        (4, "age_min", "number_malformed"),
        (4, "lat, lon", "outside_bounds"),
        (4, "provider_id", "reference_unknown"),
        (5, "offer_id", "id_doubled"),
    } == {(fault["row"], fault["column"], fault["code"]) for fault in errors}
    for fault in errors:
        assert "faulty.csv" == fault["file"]
        assert fault["message"] and fault["remedy"]
        assert fault["message"] in said.err and fault["remedy"] in said.err
    assert (revision, []) == (sro.revision(), changed(before, sro.tables()))


def test_repairs_need_consent(sro: CommandLine, tmp_path: Path):
    """Swapped coordinates are offered to be swapped back, and only then taken."""
    row = "offer_id;name;category;status;lat;lon\nX;Neu;youth_centre;active;10.0;53.7\n"
    file = write(tmp_path, row)
    refused = sro("import", "offers", file)
    assert (1, True) == (refused.status, "coordinates_swapped" in refused.codes)

    assert 0 == sro("import", "offers", file, "--repair").status
    offer = sro("offers", "--text", "Neu").json["offers"][0]
    assert (53.7, 10.0) == pytest.approx((offer["lat"], offer["lon"]), abs=1e-7)


def test_a_place_that_becomes_protected_is_forgotten(sro: CommandLine, tmp_path: Path):
    """Neither table nor history nor export keeps the address of a protected place."""
    row = "offer_id;name;category;status;address;lat;lon;protected;service_area\n"
    placed = row + "X;Haus;protection;active;Geheimweg 77;53.7;10.0;nein;\n"
    assert 0 == sro("import", "offers", write(tmp_path, placed)).status
    hidden = row + "X;Haus;protection;active;;;;ja;norderstedt\n"
    assert 0 == sro("import", "offers", write(tmp_path, hidden)).status

    offer = sro("offers", "--text", "Haus").json["offers"]
    assert [(None, None)] == [(o["lat"], o["address"]) for o in offer if o["offer_id"] == "X"]
    assert b"Geheimweg" not in (sro.workspace / "sro.gpkg").read_bytes()


def test_holdings_name_file_and_day_of_every_table(sro: CommandLine, tmp_path: Path):
    """The places that came with the offers, too; ``--date`` says of which day a file speaks."""
    from sro_geo.actions.checking import holdings

    sro("import", "teams", write(tmp_path, TEAM, "teams 2026.csv"), "--date", "2026-05-31")
    workspace = sro.open()
    held = {holding.table: holding for holding in holdings(workspace.snapshot())}
    workspace.close()

    assert ("teams 2026.csv", "2026-05-31") == (held["teams"].file, held["teams"].reference_date)
    assert ("population.csv", "2025-12-31") == (
        held["population"].file,
        held["population"].reference_date,
    )
    assert "offers.csv" == held["locations"].file
    assert held["offers"].reference_date
    assert [] == [table for table, holding in held.items() if not holding.imported_at]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("kind", ["offers", "population", "addresses", "areas", "responsibilities"])
def test_an_export_comes_back_as_the_same_table(
    sro: CommandLine, tmp_path: Path, kind: str, ending: str
):
    """Out and in again changes nothing: no rounding, no lost zero, no formula."""
    before = sro.tables()
    file = tmp_path / f"{kind}.{ending}"
    rows = sro("export", kind, file).json["rows"]
    said = sro("import", kind, file)

    assert (0, rows) == (said.status, said.json["rows_read"])
    assert [] == changed(before, sro.tables())


@pytest.mark.parametrize("kind", ["blocks", "streets", "basemap"])
def test_shapes_come_back_from_geojson(sro: CommandLine, tmp_path: Path, kind: str):
    """Lines and polygons travel in GeoJSON; a new plan is not made of rounding."""
    before = sro.tables()
    sro("export", kind, tmp_path / "shapes.geojson")

    assert 0 == sro("import", kind, tmp_path / "shapes.geojson").status
    assert [] == changed(before, sro.tables())


def test_exported_areas_carry_the_contract(sro: CommandLine, tmp_path: Path):
    """area_id, level, name, parent_id and version, in degrees."""
    file = tmp_path / "areas.geojson"
    assert 23 == sro("export", "areas", file).json["rows"]
    features = json.loads(file.read_text(encoding="utf-8"))["features"]

    wanted = {"area_id", "level", "name", "parent_id", "version", "data_note"}
    assert wanted == set(features[0]["properties"])
    assert {"plan-1"} == {feature["properties"]["version"] for feature in features}
    lon, lat = features[0]["geometry"]["coordinates"][0][0][0]
    assert (9.85 < lon < 10.16, 53.6 < lat < 53.81) == (True, True)


def test_exported_tables_open_in_a_german_spreadsheet(sro: CommandLine, tmp_path: Path):
    """Semicolons, a byte order mark, ids that keep their zeros, and the word "Beispieldaten"."""
    file = tmp_path / "blocks.csv"
    sro("export", "blocks", file)

    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(file, sep=";", dtype=str, encoding="utf-8-sig")
    assert "0101" in set(table["block_id"])
    assert table["data_note"].str.startswith("Beispieldaten").all()
