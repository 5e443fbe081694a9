"""Population of larger areas, and of blocks beside cells, in and out of a workspace."""

import json

import pytest

HEADER = "{};reference_date;age_from;age_to;persons\n"


@pytest.fixture
def by_district(tmp_path):
    """A file that counts by statistical district, of a day of its own."""
    file = tmp_path / "bezirke.csv"
    rows = [f"{number:02d};2030-12-31;0;;{1000 + number}" for number in range(1, 17)]
    file.write_text(HEADER.format("Statistischer Bezirk") + "\n".join(rows), encoding="utf-8")
    return file


def test_numbers_of_districts_are_refused_without_the_option(sro, by_district):
    """The remedy names it, and nothing is written."""
    before = sro.revision()
    said = sro("import", "population", by_district)
    assert (1, {"population_needs_estimate"}) == (said.status, said.codes)
    assert "--estimate" in said.json["faults"][0]["remedy"]
    assert before == sro.revision()


def test_estimated_numbers_are_marked_wherever_they_show(sro, by_district, tmp_path):
    """In the table, in the check, and in an export that comes in again."""
    said = sro("import", "population", by_district, "--estimate")
    assert (0, {"population_spread"}) == (said.status, said.codes)
    table = sro.tables()["population"]
    new = table[table["reference_date"] == "2030-12-31"]
    assert sum(range(1001, 1017)) == pytest.approx(new["persons"].sum(), abs=1e-9)
    assert new["estimated"].all()
    assert not table.loc[table["reference_date"] != "2030-12-31", "estimated"].any()
    findings = [f for f in sro("check").json["findings"] if f["rule"] == "population_estimated"]
    assert [("population", "2030-12-31")] == [(f["table"], f["id"]) for f in findings]
    file = tmp_path / "export.csv"
    sro("export", "population", file)
    assert {"population": 0} == sro("import", "population", file).json["changed"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_blocks_and_cells_together_come_in_again_unchanged(sro, tmp_path, ending):
    """A workspace may hold both; its export says which is which and where the cells are."""
    cells = tmp_path / "zellen.geojson"
    # Two cells with names of their own, so that only the file knows where they are.
    features = [
        {
            "type": "Feature",
            "properties": {"cell_id": f"c{i}", "reference_date": "2030-12-31", "u18": i, "18+": 5},
            "geometry": {"type": "Point", "coordinates": [10.0 + i / 1000, 53.7]},
        }
        for i in (1, 2)
    ]
    cells.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert 0 == sro("import", "population", cells).status
    file = tmp_path / f"alles.{ending}"
    assert 0 == sro("export", "population", file).status
    again = sro("import", "population", file)
    assert 0 == again.status, again.err
    counts = ("added", "changed", "removed")
    assert [{"cells": 0, "population": 0}] * 3 == [again.json[count] for count in counts]
