"""Population by block or cell, long and wide."""

import pytest

from sro_geo.exchange import Known
from sro_geo.exchange.age_bands import gaps, overlapping, read_band
from tests.exchange.files import KNOWN, codes, csv_bytes, take
from tests.toy import ORIGIN

DATE = {"reference_date": "=2024-12-31"}


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("unter18", (0, 17)),
        ("u18", (0, 17)),
        ("Unter 3 Jahre", (0, 2)),
        ("age_under_18", (0, 17)),
        ("age_0_to_under_7", (0, 6)),
        ("a18_29", (18, 29)),
        ("18-29", (18, 29)),
        ("18–29", (18, 29)),
        ("18 bis 29", (18, 29)),
        ("18 bis unter 30 Jahre", (18, 29)),
        ("von 18 bis 29", (18, 29)),
        ("age_18_to_under_30", (18, 29)),
        ("a18bis29", (18, 29)),
        ("Alter_18_29", (18, 29)),
        ("ab65", (65, None)),
        ("65+", (65, None)),
        ("65 und älter", (65, None)),
        ("65 Jahre und mehr", (65, None)),
        ("age_80_and_above", (80, None)),
        ("a5", (5, 5)),
        ("5 Jahre", (5, 5)),
        ("x18", None),
        ("einwohner_summe_klassen", None),
        ("Block 7", None),
        ("über 65", None),
        ("29-18", None),
        ("1990", None),
        ("2021", None),
    ],
)
def test_ages_are_read_from_names(text, band):
    """In German and English; what is not certain is not an age."""
    assert read_band(text) == band


def test_overlaps_and_gaps_between_bands():
    """An open end reaches everybody older."""
    assert overlapping({"a": (0, 17), "b": (18, 64), "c": (60, None)}) == [("b", "c")]
    assert gaps({"a": (0, 17), "b": (20, 64)}) == ["18-19", "65+"]


def long(*rows, **more):
    """Prepare a long table."""
    return take(
        "population", csv_bytes("block_id;reference_date;age_from;age_to;persons", *rows), **more
    )


def test_a_long_table_is_read():
    """Open ends stay open."""
    prepared = long("0000;2024-12-31;0;17;12,5", "0000;2024-12-31;18;;30")
    frame = prepared.frames["population"]
    assert prepared.faults == ()
    assert list(frame["place_kind"]) == ["block", "block"]
    assert list(frame["persons"]) == [12.5, 30]
    assert frame["age_to"].isna().to_list() == [False, True]
    assert prepared.reference_date == "2024-12-31"


@pytest.mark.parametrize("secret", ["-1", "-9", "-", ".", "x", "NULL", "/"])
def test_a_secret_number_is_left_out_and_never_zero(secret):
    """Suppressed is not 0."""
    prepared = long(f"0000;2024-12-31;0;17;{secret}", "0000;2024-12-31;18;;30")
    assert (codes(prepared), len(prepared.frames["population"])) == (["persons_withheld"], 1)


def test_an_empty_number_is_left_out_and_said():
    """Missing is not 0 either."""
    assert codes(long("0000;2024-12-31;0;17;", "0000;2024-12-31;18;;30")) == ["persons_empty"]


def test_other_negative_numbers_are_faults():
    """Nobody counts -5 people."""
    prepared = long("0000;2024-12-31;0;17;-5")
    assert [(f.code, f.row, f.column) for f in prepared.faults] == [
        ("value_too_small", 2, "persons")
    ]


def test_overlapping_ages_of_one_place_are_faults():
    """Everybody is counted once."""
    prepared = long("0000;2024-12-31;0;17;1", "0000;2024-12-31;6;10;1", "0001;2024-12-31;6;10;1")
    assert [(f.code, f.row, f.params["other_row"]) for f in prepared.faults] == [
        ("ages_overlap", 3, 2)
    ]


def test_a_doubled_row_is_a_fault():
    """The same place, date and age."""
    assert codes(long("0000;2024-12-31;0;17;1", "0000;2024-12-31;0;17;1")) == ["id_doubled"]


def test_unknown_blocks_are_listed():
    """Some: one by one. All: once, with examples of both sides."""
    some = long("0000;2024-12-31;0;17;1", "zz;2024-12-31;0;17;1")
    assert [(f.code, f.row) for f in some.faults] == [("place_unknown", 3)]
    none = long("y1;2024-12-31;0;17;1", "y2;2024-12-31;0;17;1")
    (fault,) = none.faults
    assert (fault.code, fault.params["examples"]) == ("place_ids_unknown", "y1, y2")
    assert fault.params["known"].startswith("0000, 0001")


def test_ids_that_lost_their_zeros_are_offered_by_number():
    """A spreadsheet made 1 of 0001."""
    prepared = long("1;2024-12-31;0;17;1", "100;2024-12-31;0;17;1")
    assert codes(prepared) == ["ids_by_number"]
    assert prepared.refused
    assert list(prepared.frames["population"]["place_id"]) == ["0001", "0100"]


def test_without_blocks_nobody_can_live_anywhere():
    """Blocks come first."""
    assert "blocks_missing" in codes(long("0000;2024-12-31;0;17;1", known=Known()), "error")


def test_the_reference_date_is_asked_for():
    """It is never today."""
    data = csv_bytes("block_id;u18;18+", "0000;1;2")
    assert codes(take("population", data)) == ["reference_date_missing"]
    prepared = take("population", data, mapping=DATE)
    assert (prepared.refused, prepared.reference_date) == (False, "2024-12-31")


def test_a_wide_table_becomes_a_long_one():
    """Totals are left out and said; zeros stay zeros."""
    data = csv_bytes("Baublock;insgesamt;unter 18;18 bis unter 65;65 und älter", "0000;9;3;0;6")
    prepared = take("population", data, mapping=DATE)
    frame = prepared.frames["population"]
    assert codes(prepared) == ["total_ignored"]
    assert frame["age_from"].to_list() == [0, 18, 65]
    assert frame["persons"].to_list() == [3, 0, 6]
    assert [r.source for r in prepared.recognised if r.field.startswith("age:")] == [
        "unter 18",
        "18 bis unter 65",
        "65 und älter",
    ]


def test_overlapping_columns_are_named_with_the_way_out():
    """Left out by the mapping, the rest is taken in."""
    data = csv_bytes("block_id;u18;0-6;18+", "0000;3;1;6")
    (fault,) = take("population", data, mapping=DATE).faults
    assert (fault.code, fault.params["columns"]) == ("age_columns_overlap", "0-6 (0-6), u18 (0-17)")
    for mapping in ({"0-6": ""}, {"age:0-6": ""}):
        prepared = take("population", data, mapping=DATE | mapping)
        assert (prepared.refused, len(prepared.frames["population"])) == (False, 2)


def test_the_mapping_may_tell_the_ages_of_a_column():
    """Where the name does not."""
    data = csv_bytes("block_id;Minderjährige;18+", "0000;3;6")
    assert "age_gap" in codes(take("population", data, mapping=DATE), "note")
    prepared = take("population", data, mapping=DATE | {"age:Minderjährige": "0-17"})
    assert prepared.frames["population"]["age_to"].to_list()[0] == 17


def test_several_years_give_the_newest_unless_told():
    """And it is said which."""
    data = csv_bytes("Jahr;block_id;u18;18+", "2021;0000;1;2", "2022;0000;3;4")
    newest = take("population", data)
    assert codes(newest) == ["year_end_assumed", "year_chosen"]
    assert newest.reference_date == "2022-12-31"
    assert take("population", data, mapping={"year": "=2021"}).reference_date == "2021-12-31"
    assert len(take("population", data, mapping={"year": "*"}).frames["population"]) == 4
    assert "year_unknown" in codes(take("population", data, mapping={"year": "=1999"}), "error")


def cells(*lines, **more):
    """Prepare a table of cells."""
    return take("population", csv_bytes(*lines), mapping=DATE, **more)


def test_cells_go_to_the_block_that_holds_their_centre():
    """Those outside every block are kept, and counted."""
    x, y = ORIGIN
    prepared = cells(
        "cell_id;x;y;u18;18+", f"c1;{x + 50};{y + 50};3;4", f"c2;{x + 900};{y + 50};5;6"
    )
    frame = prepared.frames["cells"]
    assert frame["block_id"].fillna("").to_list() == ["0100", ""]
    (note,) = [f for f in prepared.faults if f.code == "cells_outside"]
    assert (note.params["count"], note.params["persons"]) == (1, 11)
    assert prepared.crs == "EPSG:25832"
    assert set(prepared.frames["population"]["place_kind"]) == {"cell"}


def test_the_ids_of_census_cells_tell_where_they_are():
    """EPSG:3035, the centre 50 m from the corner the id names; also in the short form."""
    import pyproj

    x, y = pyproj.Transformer.from_crs(25832, 3035, always_xy=True).transform(
        ORIGIN[0] + 50, ORIGIN[1] + 50
    )
    east, north = int(x // 100), int(y // 100)
    for cell in (f"CRS3035RES100mN{north}00E{east}00", f"100mN{north}E{east}"):
        prepared = cells("Gitter_ID_100m;u18;18+", f"{cell};3;4")
        found = prepared.frames["cells"].geometry[0]
        assert prepared.crs == "EPSG:3035"
        back = pyproj.Transformer.from_crs(25832, 3035, always_xy=True).transform(found.x, found.y)
        assert back == pytest.approx((east * 100 + 50, north * 100 + 50), abs=1e-3)


def test_a_long_table_of_cells_names_each_cell_once():
    """The table of cells has one row each."""
    x, y = ORIGIN
    lines = [f"c1;{x + 50};{y + 50};{age};3" for age in ("0-17", "18-64", "65+")]
    prepared = cells("cell_id;x;y;Altersgruppe;persons", *lines)
    assert (len(prepared.frames["cells"]), len(prepared.frames["population"])) == (1, 3)
    assert not prepared.refused


def test_forty_thousand_rows_take_seconds_at_most():
    """A city of the size of Hamburg by block and age."""
    import time

    rows = [f"0000;{1900 + i}-12-31;{age};{age};{i % 7}" for i in range(100) for age in range(101)]
    rows += [f"0001;{1900 + i}-12-31;{age};{age};5" for i in range(100) for age in range(101)]
    started = time.perf_counter()
    prepared = long(*rows, *(r.replace("0001", "0100") for r in rows[10_100:]))
    assert time.perf_counter() - started < 5
    assert len(prepared.frames["population"]) == 30_300
    assert KNOWN.blocks is not None
