"""Areas and blocks that come in, and what becomes of the plan, its past and its blocks."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.actions.second_city import (
    AREAS,
    block_features,
    cell,
    feature,
    lat_lon,
    write_features,
    write_rows,
    write_settings,
)
from tests.conftest import CommandLine
from tests.toy import DATA

TODAY = dt.date.today()
YESTERDAY = (TODAY - dt.timedelta(days=1)).isoformat()


@pytest.fixture
def bare(empty_sro: CommandLine, tmp_path: Path) -> CommandLine:
    """The second city before any area was imported."""
    assert 0 == empty_sro("init", "--from", write_settings(tmp_path / "settings")).status
    return empty_sro


def halves(tmp_path: Path, west: str = "w", east: str = "e", border: float = 3) -> Path:
    """Two social spaces, west and east of a border given in blocks."""
    shapes = {west: cell(0, 0, border, 3), east: cell(border, 0, 6 - border, 3)}
    return write_features(
        tmp_path / "halves.geojson",
        [
            feature(shape, area_id=area, level="sozialraum", name=area.upper())
            for area, shape in shapes.items()
        ],
    )


def plans(line: CommandLine) -> list[dict[str, Any]]:
    """The plans as records."""
    return list(line.tables()["plans"].to_dict("records"))


def space(line: CommandLine, column: float, row: float, *words: str) -> str | None:
    """Id of the social space of a place, None outside."""
    found = line("where", *lat_lon(column, row), *words).json["sozialraum"]
    return None if found is None else str(found["id"])


def test_a_workspace_without_areas_answers_that_there_are_none(bare: CommandLine):
    """Before the first import nothing crashes."""
    assert ["no_areas"] == [f["rule"] for f in bare("check").json["findings"]]
    assert [] == bare("offers").json["offers"]
    assert "plan_none_in_force" == bare("where", *lat_lon(1, 1)).json["error"]["code"]


def test_areas_without_blocks_become_the_blocks(bare: CommandLine, tmp_path: Path):
    """The lowest level is then the smallest thing there is, and that is said."""
    said = bare("import", "areas", halves(tmp_path))

    assert "areas_are_blocks" in said.codes
    assert ["e", "w"] == list(bare.tables()["blocks"]["block_id"])
    assert ("w", "e") == (space(bare, 1, 1), space(bare, 5, 1))


def test_areas_without_the_lowest_level_cannot_become_blocks(bare: CommandLine, tmp_path: Path):
    """Municipalities alone are refused while there are no blocks."""
    shape = feature(cell(0, 0, 6, 3), area_id="g", level="gemeinde", name="G")
    said = bare("import", "areas", write_features(tmp_path / "g.geojson", [shape]))

    assert (1, {"areas_need_lowest_level"}) == (said.status, said.codes)
    assert bare.tables()["blocks"].empty


def test_areas_without_a_parent_hang_on_the_whole(bare: CommandLine, tmp_path: Path):
    """Nobody named the county; it is there all the same."""
    bare("import", "areas", halves(tmp_path))

    assert "musterkreis" == bare("where", *lat_lon(1, 1)).json["kreis"]["id"]


def test_areas_find_the_drawn_area_above_them(bare: CommandLine, tmp_path: Path):
    """Two municipalities drawn beside two social spaces that name no parent."""
    file = halves(tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    document["features"] += [
        feature(cell(0, 0, 3, 3), area_id="W", level="gemeinde", name="Westdorf"),
        feature(cell(3, 0, 3, 3), area_id="E", level="gemeinde", name="Ostdorf"),
    ]
    said = bare("import", "areas", write_features(file, document["features"]))

    assert "parent_by_place" in said.codes
    assert "E" == bare("where", *lat_lon(5, 1)).json["gemeinde"]["id"]


def test_names_come_to_blocks_that_came_first(bare: CommandLine, tmp_path: Path):
    """Blocks name their spaces by id; the names follow, and it is still the first plan."""
    bare("import", "blocks", write_features(tmp_path / "b.geojson", block_features()))
    assert "a" == bare("where", *lat_lon(0.5, 0.5)).json["sozialraum"]["name"]
    bare("import", "areas", write_rows(tmp_path / "areas.csv", AREAS))

    answer = bare("where", *lat_lon(0.5, 0.5)).json
    assert ("Am Anger", "Altdorf") == (answer["sozialraum"]["name"], answer["gemeinde"]["name"])
    assert "Musterkreis" == answer["kreis"]["name"]


def test_areas_over_blocks_make_a_new_plan_and_end_the_old(county: CommandLine, tmp_path: Path):
    """Yesterday is still answered as it was; today by the new drawing."""
    said = county("import", "areas", halves(tmp_path))

    assert {"plan_new", "areas_left"} <= said.codes
    old, new = plans(county)
    assert TODAY.isoformat() == old["valid_to"] == new["valid_from"]
    assert old["plan_id"] == new["parent_plan_id"]
    assert ("w", "b") == (space(county, 2.5, 0.5), space(county, 2.5, 0.5, "--date", YESTERDAY))
    assert "b" == space(county, 2.5, 0.5, "--plan", old["plan_id"])


def test_a_block_goes_where_its_inner_point_lies(county: CommandLine, tmp_path: Path):
    """Blocks are never cut: a border through the third column takes it as a whole."""
    county("import", "areas", halves(tmp_path, border=2.6))

    assert "w" == space(county, 2.9, 1)


def test_blocks_outside_every_new_area_are_refused(county: CommandLine, tmp_path: Path):
    """A level is drawn whole or not at all; each block left over is named."""
    file = halves(tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    before = county.revision()
    said = county("import", "areas", write_features(file, document["features"][:1]))

    assert (1, {"block_in_no_area"}) == (said.status, said.codes)
    assert 9 == len(said.json["faults"])
    assert before == county.revision()


def test_importing_the_same_areas_again_makes_no_plan(county: CommandLine, tmp_path: Path):
    """What changes nothing leaves every table as it is, row versions included."""
    county("import", "areas", halves(tmp_path))
    before = county.tables()
    said = county("import", "areas", halves(tmp_path))

    assert {"areas": 6 - 3 + 2} == said.json["unchanged"]
    after = county.tables()
    assert [] == [name for name in before if not before[name].equals(after[name])]


def test_another_parent_is_another_plan(county: CommandLine, tmp_path: Path):
    """A space that moves to the other municipality belonged to the first until yesterday."""
    rows = [{**row, "parent_id": "neu"} if row["area_id"] == "b" else row for row in AREAS]
    county("import", "areas", write_rows(tmp_path / "areas.csv", rows))

    here = lat_lon(2.5, 0.5)
    assert "neu" == county("where", *here).json["gemeinde"]["id"]
    assert "alt" == county("where", *here, "--date", YESTERDAY).json["gemeinde"]["id"]


def test_blocks_with_the_same_ids_change_nothing(county: CommandLine, tmp_path: Path):
    """Taken in twice, they are there once, and the plan is the same."""
    before = county.tables()
    file = write_features(tmp_path / "b.geojson", block_features())

    assert {"blocks": 18} == county("import", "blocks", file).json["unchanged"]
    after = county.tables()
    assert [] == [name for name in before if not before[name].equals(after[name])]


def test_blocks_without_their_areas_keep_those_they_lie_in(county: CommandLine, tmp_path: Path):
    """A file of bare shapes moves no block to another space."""
    file = write_features(tmp_path / "b.geojson", block_features(assigned=False))
    county("import", "blocks", file)

    assert ("b", 1) == (space(county, 2.5, 0.5), len(plans(county)))


def test_a_missing_block_that_carries_people_is_refused(county: CommandLine, tmp_path: Path):
    """Nobody loses inhabitants by an import of shapes."""
    file = write_features(tmp_path / "b.geojson", block_features()[1:])
    said = county("import", "blocks", file)

    assert (1, {"block_in_use"}) == (said.status, said.codes)
    assert "r0c0" in said.json["faults"][0]["message"]


def test_finer_blocks_carry_earlier_plans_over(bare: CommandLine, tmp_path: Path):
    """Halves that served as blocks give way to real blocks; both plans keep their answers."""
    bare("import", "areas", halves(tmp_path))
    bare("import", "areas", halves(tmp_path, "w", "x"))
    blocks = write_features(tmp_path / "b.geojson", block_features(assigned=False))

    assert "plans_carried_over" in bare("import", "blocks", blocks).codes
    assert 18 == len(bare.tables()["blocks"])
    assert ("x", "plan-2") == (space(bare, 5, 1), bare("where", *lat_lon(5, 1)).json["version"])
    assert "e" == space(bare, 5, 1, "--plan", "plan-1")


def test_a_parallel_level_sets_its_column_and_leaves_the_plan(sro: CommandLine, tmp_path: Path):
    """One statistical district for the whole city, beside the plan in force."""
    west, south, east, north = 9.8, 53.5, 10.3, 53.9
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    whole = {"area_id": "99", "level": "statistical_district", "name": "Ganz"}
    file = write_features(
        tmp_path / "d.geojson", [{"type": "Feature", "properties": whole, "geometry": shape}]
    )
    sro("import", "areas", file)

    tables = sro.tables()
    assert {"99"} == set(tables["blocks"]["statistical_district_id"])
    assert ["99"] == list(tables["parallel_areas"]["area_id"])
    assert 1 == len(tables["plans"])


def test_the_shipped_areas_again_are_no_new_plan(sro: CommandLine):
    """Whoever imports ``data/`` twice sees no new version."""
    for kind, file in (("areas", "areas.csv"), ("blocks", "blocks.geojson")):
        assert 0 == sro("import", kind, DATA / "boundaries" / file).status

    assert 1 == len(plans(sro))
