"""Plans as files: there and back, and every way a spreadsheet can spoil the ids."""

from __future__ import annotations

import io
import json
import sqlite3

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sro_geo.errors import InputRefused, SroError
from sro_geo.exchange.assignments import read_assignment, read_block_ids, write_assignment
from sro_geo.exchange.line_file import read_line
from tests.toy import draw

TOY = draw("AAB ABB", {"A": "nord", "B": "nord"})
BLOCKS = TOY.tables["blocks"]
IDS = ["0000", "0001", "0002", "0100", "0101", "0102"]


def read(text: str | bytes, **named):
    """Read a file on the toy city's blocks."""
    data = text.encode() if isinstance(text, str) else text
    return read_assignment(data, TOY.city, BLOCKS, "stamp", **named)


def faults(text: str | bytes, **named) -> list[tuple[str, int | None]]:
    """Code and row of every fault of a file that is refused."""
    with pytest.raises(InputRefused) as refused:
        read(text, **named)
    return [(fault.code, fault.row) for fault in refused.value.faults]


def table(areas: list[str | None]) -> gpd.GeoDataFrame:
    """The blocks with their areas, as they are written."""
    return gpd.GeoDataFrame(
        {
            "block_id": BLOCKS["block_id"],
            "area_id": areas,
            "area_name": [f"Name {a}" if a else None for a in areas],
            "parent_id": "nord",
            "block_set": "stamp",
        },
        geometry=BLOCKS.geometry,
        crs=TOY.city.crs,
    )


@pytest.mark.parametrize("format", ["csv", "geojson", "gpkg"])
@pytest.mark.parametrize("note", ["", "Beispieldaten"])
def test_what_is_written_is_read_again(format, note):
    """Ids with their zeros, names with umlauts, a block without an area."""
    areas = ["007", "007", "süd", "007", None, "süd"]
    buffer = io.BytesIO()
    outlines = table(areas).dissolve("area_id").reset_index()[["area_id", "geometry"]]

    write_assignment(table(areas), outlines, buffer, format=format, note=note)
    found = read(buffer.getvalue())

    assert areas == found.area_ids.tolist()
    assert {"007": "Name 007", "süd": "Name süd"} == found.names
    assert {"007": "nord", "süd": "nord"} == found.parents


def test_another_format_is_refused():
    """Shapefiles are not written."""
    with pytest.raises(SroError):
        write_assignment(table([None] * 6), table([None] * 6), io.BytesIO(), format="shp")


def test_unknown_and_doubled_blocks_are_named_with_their_row():
    """All of them at once; rows as a spreadsheet counts."""
    text = "block_id;area_id\n0000;a\n9999;a\n0001;a\n0000;b\n;a\n"
    assert [
        ("assignment_block_unknown", 3),
        ("assignment_block_twice", 5),
        ("assignment_block_missing", 6),
    ] == [fault for fault in faults(text) if fault[0] != "assignment_blocks_left_out"]


def test_zeros_that_excel_ate_come_back_with_consent():
    """0002 became 2: refused with the repair, read with consent; areas too."""
    text = "Baublock;Sozialraum\n0;7\n1;7\n2;7\n100;7\n101;8\n102;8\n"
    assert {"assignment_zeros_lost"} == {code for code, _ in faults(text, known_areas=["007"])}
    found = read(text, known_areas=["007"], repair=True)
    assert ["007"] * 4 + ["8"] * 2 == found.area_ids.tolist()
    assert {"repair"} == {fault.severity for fault in found.faults}


def test_zeros_are_not_guessed_where_two_ids_would_fit():
    """``1`` may be 01 or 001."""
    blocks = BLOCKS.iloc[:2].assign(block_id=["01", "001"])
    with pytest.raises(InputRefused) as refused:
        read_assignment(b"block_id,area_id\n1,a\n", TOY.city, blocks, "stamp", repair=True)
    assert "assignment_block_unknown" == refused.value.faults[0].code


def test_blocks_left_out_are_a_note():
    """The variant is made; those blocks belong nowhere yet."""
    found = read("block_id,area_id\n0000,a\n0001,\n")
    assert ["a"] + [None] * 5 == found.area_ids.tolist()
    [note] = found.faults
    assert ("assignment_blocks_left_out", "note", 5) == (
        note.code,
        note.severity,
        note.params["count"],
    )


def test_a_plan_for_another_block_version_is_refused():
    """The file says on which blocks it was drawn."""
    text = "block_id,area_id,block_set\n0000,a,other\n"
    assert ("assignment_other_blocks", None) in faults(text)


@pytest.mark.parametrize("text", ["id,value\n1,2\n", "block_id,value\n0000,2\n"])
def test_a_file_without_the_columns_says_which(text):
    """Both the block and the area are needed."""
    assert "assignment_column_missing" == faults(text)[0][0]


def test_outlines_assign_the_blocks_inside():
    """GeoJSON of areas: a block goes where its interior point lies."""
    areas = table(["a", "a", "b", "a", "b", "b"]).dissolve("area_id").reset_index()
    text = areas[["area_id", "geometry"]].to_crs(4326).to_json()
    assert ["a", "a", "b", "a", "b", "b"] == read(text).area_ids.tolist()


def test_a_database_of_something_else_is_refused(tmp_path):
    """A SQLite file without such a table, and one that is cut off."""
    file = tmp_path / "x.gpkg"
    with sqlite3.connect(file) as sql:
        sql.execute("CREATE TABLE t (a TEXT)")
    sql.close()
    assert [("assignment_column_missing", None)] == faults(file.read_bytes())
    with pytest.raises(SroError):
        read(file.read_bytes()[:300])


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01", b"{}", b"[1]", b"%PDF-1", b"block_id", b"SQLite format 3\x00"]
)
def test_nothing_crashes(data):
    """Whatever the file is, it is said."""
    with pytest.raises(SroError):
        read(data)


def test_a_list_of_blocks_for_one_area():
    """All rows of a plain list; only those of the area where the file names areas."""
    listed = read_block_ids(b"block_id\n0000\n0001\n", BLOCKS, "a")
    assert ["0000", "0001"] == listed
    text = b"block_id,area_id\n0000,a\n0001,b\n"
    assert ["0001"] == read_block_ids(text, BLOCKS, "b")


def test_lines_are_read_in_metres():
    """A bare geometry and features, in degrees; polygons beside them do not count."""
    x, y = TOY.at(1, 1)
    line = gpd.GeoSeries([shapely.LineString([(x, y), (x + 50, y)])], crs=TOY.city.crs)
    bare = json.dumps(shapely.geometry.mapping(line.to_crs(4326)[0]))
    found = read_line(bare.encode(), TOY.city)
    assert found.length == pytest.approx(50, rel=1e-6)
    two = gpd.GeoSeries([line[0], line[0].buffer(1), shapely.affinity.translate(line[0], 9)])
    features = two.set_crs(TOY.city.crs).to_crs(4326).to_json()
    assert read_line(features.encode(), TOY.city).length == pytest.approx(100, rel=1e-6)
    assert np.isfinite(found.bounds).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{}",
        '{"type":"FeatureCollection","features":[]}',
        '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[10,53]}}',
        '{"type":"LineString","coordinates":[[10,53]]}',
        '{"type":"LineString","coordinates":[[10,null],[1,2]]}',
    ],
)
def test_a_file_without_a_line_is_said(text):
    """``line_file_empty`` or what is wrong with the file."""
    with pytest.raises(SroError):
        read_line(text.encode(), TOY.city)
