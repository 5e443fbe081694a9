"""Tables going out, and coming in again."""

import csv
import io
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.exchange.write import NEUTRALISED, safe_cell, write_table
from tests.exchange.files import CITY, degrees, take
from tests.toy import ORIGIN


def written(frame, format, **more):
    """Return the bytes of a table."""
    buffer = io.BytesIO()
    write_table(frame, buffer, format=format, **more)
    return buffer.getvalue()


def cells(data):
    """Return the rows of a CSV export."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 40", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "＝1", "-", "-x"]
)
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    """Also with blanks or apostrophes before it."""
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "-3,5", "-0.25", "a=b", "Weg 1", "", "'s Haus", "5-6"])
def test_other_text_is_left_alone(text):
    """Negative numbers stay numbers."""
    assert safe_cell(text) == text


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=12))
def test_neutralising_can_be_undone(text):
    """What was put before a formula is taken away on reading, and nothing else is."""
    safe = safe_cell(text)
    assert (safe[1:] if NEUTRALISED.match(safe) else safe) == text or safe == text


def test_csv_opens_in_a_german_spreadsheet():
    """Byte order mark, semicolons, missing values empty, booleans in words."""
    frame = pd.DataFrame(
        {"id": ["007", "8"], "n": pd.array([1, None], "Int64"), "b": [True, False]}
    )
    data = written(frame, "csv", note="Beispieldaten")
    assert data.startswith(b"\xef\xbb\xbf")
    assert cells(data) == [
        ["id", "n", "b", "data_note"],
        ["007", "1", "true", "Beispieldaten"],
        ["8", "", "false", "Beispieldaten"],
    ]


def test_xlsx_holds_text_and_never_a_formula():
    """Ids stay text, numbers numbers, and control characters do not stop it."""
    from openpyxl import load_workbook

    frame = pd.DataFrame({"=id": ["007", "=1+1"], "n": [-1.5, None], "t": ["a\x00b", "x" * 40_000]})
    sheet = load_workbook(io.BytesIO(written(frame, "xlsx"))).active
    assert [[c.value for c in row][:2] for row in sheet.iter_rows()] == [
        ["'=id", "n"],
        ["007", -1.5],
        ["'=1+1", None],
    ]
    assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "n"}
    assert len(sheet["C3"].value) == 32_767


def points():
    """Return two addresses in metres, one without a point."""
    shapes = gpd.GeoSeries([shapely.Point(ORIGIN[0] + 10, ORIGIN[1] + 10), None], crs=CITY.crs)
    return gpd.GeoDataFrame({"address_id": ["1", "2"], "street": ["Weg", "-x"]}, geometry=shapes)


def test_points_go_into_tables_as_degrees():
    """Rounded to the centimetre; lines and polygons are left out."""
    lon, lat = degrees(10, 10)
    rows = cells(written(points(), "csv"))
    assert rows[0] == ["address_id", "street", "lon", "lat"]
    assert [float(v) for v in rows[1][2:]] == [lon, lat]
    assert rows[2] == ["2", "'-x", "", ""]
    area = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    assert cells(written(area, "csv")) == [["id"], ["1"]]


def test_geojson_is_in_degrees_and_valid_json():
    """No NaN, null for what is missing, the note in every feature."""
    frame = points().assign(n=[float("nan"), 1.0])
    document = json.loads(
        written(frame, "geojson", note="Beispieldaten"), parse_constant=pytest.fail
    )
    first, second = document["features"]
    assert first["geometry"]["coordinates"] == pytest.approx(degrees(10, 10), abs=1e-7)
    assert first["properties"] == {
        "address_id": "1",
        "street": "Weg",
        "n": None,
        "data_note": "Beispieldaten",
    }
    assert second["geometry"] is None


@pytest.mark.parametrize("format", ["csv", "xlsx", "geojson"])
def test_an_export_comes_in_again_unchanged(format):
    """Ids, umlauts, telephone numbers and quotation marks included."""
    teams = pd.DataFrame(
        {
            "team_id": ["007", "T2"],
            "name": ['Süd "A"; B', "=Nord"],
            "contact": ["+49 40 1", "@team"],
            "address": ["Weg 1\nHof", "-"],
            "office_hours": [None, "Mo 08:00-12:00"],
        }
    )
    data = written(teams, format, note="Beispieldaten")
    back = take("teams", data, f"teams.{format}").frames["teams"]
    assert back.fillna("").to_dict("list") == teams.fillna("").to_dict("list")


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    """Nothing half-written, nothing left behind, and readable for others."""
    file = tmp_path / "a.csv"
    file.write_text("alt")
    with pytest.raises(SroError) as caught:
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "fehlt" / "a.csv", format="csv")
    assert caught.value.code == "file_not_writable"
    write_table(pd.DataFrame({"a": [1]}), file, format="csv")
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert file.stat().st_mode & 0o444


def test_an_unknown_format_is_refused():
    """With those there are."""
    with pytest.raises(SroError) as caught:
        write_table(pd.DataFrame(), io.BytesIO(), format="pdf")
    assert caught.value.code == "format_unknown"
