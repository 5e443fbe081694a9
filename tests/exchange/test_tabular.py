"""CSV in the ways offices write it."""

import pytest

from tests.exchange.files import codes, csv_bytes, take


def names(data, **more):
    """Return the names of the teams read."""
    return list(take("teams", data, **more).frames["teams"]["name"])


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_recognised(delimiter):
    """Also where a text holds another one in quotation marks."""
    data = csv_bytes(delimiter.join(["team_id", "name"]), delimiter.join(["T1", '"A;B,C|D"']))
    prepared = take("teams", data)
    assert (prepared.delimiter, prepared.frames["teams"]["name"][0]) == (delimiter, "A;B,C|D")


def test_decimal_commas_do_not_decide_the_delimiter():
    """Semicolons with a comma in every row."""
    data = csv_bytes("name;category;lat;lon", *(f"O{i};school;53,70{i};9,99{i}" for i in range(9)))
    assert take("offers", data).delimiter == ";"


def test_a_line_that_names_the_delimiter_is_obeyed():
    """Excel writes sep=; and the rows keep their numbers."""
    prepared = take("teams", csv_bytes("sep=;", "team_id;name", "T1;"))
    assert [(f.code, f.row) for f in prepared.faults] == [("value_missing", 3)]


def test_ids_keep_zeros_and_na_stays_a_word():
    """Everything is text until a field wants otherwise."""
    prepared = take("teams", csv_bytes("team_id;name", "007;NA", "01067;null"))
    table = prepared.frames["teams"]
    assert (list(table["team_id"]), list(table["name"])) == (["007", "01067"], ["NA", "null"])


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers():
    """As the user sees them in the spreadsheet."""
    prepared = take("teams", csv_bytes("team_id;name", "T1;A", ";", "", "T2;"))
    assert [(f.code, f.row) for f in prepared.faults] == [("value_missing", 5)]


def test_a_quoted_line_break_is_one_row():
    """A record over two lines counts once."""
    data = csv_bytes("team_id;name", 'T1;"A\r\nB"', "T2;")
    prepared = take("teams", data)
    assert [(f.code, f.row) for f in prepared.faults] == [("value_missing", 3)]


def test_a_row_with_too_many_values_is_a_fault():
    """Nobody knows which value is meant where."""
    prepared = take("teams", csv_bytes("team_id;name", "T1;A;B;C"))
    assert [(f.code, f.row, f.params["found"]) for f in prepared.faults] == [("row_too_long", 2, 4)]


def test_delimiters_at_the_end_are_harmless():
    """Some programs write one more than there are columns."""
    assert take("teams", csv_bytes("team_id;name;", "T1;A;")).faults == ()


def test_short_rows_count_as_empty_and_are_said():
    """The missing value is a fault of its own where it is required."""
    prepared = take("teams", csv_bytes("team_id;name;contact", "T1;A", "T2;B;C"))
    assert codes(prepared) == ["rows_too_short"]


def test_a_lost_quotation_mark_is_found():
    """It swallows the rest of the file."""
    prepared = take("teams", csv_bytes("team_id;name", 'T1;"A', "T2;B", "T3;C"))
    assert "quote_unclosed" in codes(prepared, "error")


def test_a_title_above_the_header_is_passed_over_and_said():
    """Offices like to say what a table is about."""
    data = csv_bytes("Teams der Stadt;;", "team_id;name;contact", "T1;A;B")
    prepared = take("teams", data)
    assert (names(data), codes(prepared)) == (["A"], ["title_skipped"])


def test_doubled_columns_are_said():
    """The first one counts."""
    prepared = take("teams", csv_bytes("team_id;name;name", "T1;A;B"))
    assert prepared.frames["teams"]["name"][0] == "A"
    assert codes(prepared) == ["columns_unused", "column_doubled"]


def test_the_mapping_may_name_the_delimiter():
    """One column is hard to guess from."""
    assert names(csv_bytes("team_id^name", "T1^A"), mapping={"delimiter": "^"}) == ["A"]
