"""Indicators by area and year: masked is neither missing nor 0."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.files import codes, csv_bytes, take
from tests.exchange.test_cases import content, never_repeats, sheets, words

HEADER = "Kennzahl;Gebiet;Jahr;Zähler;Nenner"
COLUMNS = [
    "indicator", "area_id", "level", "year", "numerator", "denominator", "value", "status",
    "published", "source", "reference_date",
]  # fmt: skip


def indicators(*lines, header=HEADER, **more):
    """Prepare a file of indicators."""
    return take("indicators", csv_bytes(header, *lines), **more)


def test_numerator_and_denominator_are_read():
    """With the level of the area, not published unless the file says so."""
    prepared = indicators("child_poverty;A;2024;12;40", "child_poverty;nord;2024;1,5;60")
    frame = prepared.frames["indicators"]
    assert (prepared.faults, list(frame.columns)) == ((), COLUMNS)
    assert frame["level"].to_list() == ["social_space", "region"]
    assert frame["numerator"].to_list() == [12, 1.5]
    assert (set(frame["status"]), set(frame["published"])) == ({"given"}, {False})
    open_ = indicators("child_poverty;A;2024;12;40;ja", header=HEADER + ";veröffentlicht")
    assert open_.frames["indicators"]["published"].to_list() == [True]


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("<4", "suppressed_at_source"),
        ("*", "suppressed_at_source"),
        ("x", "suppressed_at_source"),
        ("-1", "suppressed_at_source"),
        (".", "suppressed_at_source"),
        ("", "missing"),
        ("NULL", "missing"),
        ("0", "given"),
    ],
)
def test_masked_missing_and_zero_are_three_things(cell, status):
    """Whatever else stands in the row of a masked number is left out, too."""
    prepared = indicators(
        f"child_poverty;A;2024;{cell};40;7,5", header=HEADER + ";Wert", mapping={"value": ""}
    )
    (row,) = prepared.frames["indicators"].to_dict("records")
    assert (row["status"], row["denominator"]) == (status, 40)
    assert pd.isna(row["numerator"]) == (status != "given")
    if status == "suppressed_at_source":
        both = indicators(f"child_poverty;A;2024;{cell};40;7,5", header=HEADER + ";Wert")
        (row,) = both.frames["indicators"].to_dict("records")
        assert (row["status"], pd.isna(row["value"])) == ("suppressed_at_source", True)


def test_a_source_may_leave_masked_numbers_empty():
    """The mapping says so."""
    mapping = {"empty": "=suppressed_at_source"}
    prepared = indicators("child_poverty;A;2024;;40", mapping=mapping)
    assert codes(prepared) == ["indicators_suppressed_at_source"]


def test_a_wide_table_has_a_column_for_each_indicator():
    """The mapping names them by heading or letter, with the part they are."""
    mapping = {
        "indicator:Arbeitslose": "unemployment:numerator",
        "indicator:D": "unemployment:denominator",
        "indicator:Anteil": "single_parents",
    }
    prepared = indicators(
        "A;2024;12;400;7,5", header="Gebiet;Jahr;Arbeitslose;Alle;Anteil", mapping=mapping
    )
    frame = prepared.frames["indicators"].set_index("indicator")
    assert prepared.faults == ()
    assert frame.loc["unemployment", ["numerator", "denominator"]].to_list() == [12, 400]
    assert frame.loc["single_parents", "value"] == 7.5


def test_one_column_may_be_the_value_of_one_indicator():
    """A constant names it."""
    mapping = {"indicator": "=residents", "value": "Leute"}
    prepared = indicators("A;2024;1200", header="Gebiet;Jahr;Leute", mapping=mapping)
    assert prepared.frames["indicators"]["value"].to_list() == [1200]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("child_poverty;A;2024;50;40", "indicator_denominator_small", "Nenner"),
        ("child_poverty;A;2024;-5;40", "count_negative", "Zähler"),
        ("child_poverty;A;2024;viele;40", "count_no_number", "Zähler"),
        ("child_poverty;A;2024;1,234;4000", "count_ambiguous", "Zähler"),
        ("child_poverty;A;24;5;40", "count_year_implausible", "Jahr"),
        ("child_poverty;Zq7x;2024;5;40", "count_place_strange", "Gebiet"),
        ("Kinder (arm);A;2024;5;40", "indicator_malformed", "Kennzahl"),
    ],
)
def test_faults_name_the_cell_and_never_what_it_holds(line, code, column):
    """Row, column and a remedy; the rest of the file is fine."""
    prepared = indicators("child_poverty;B;2024;5;40", line)
    assert [(f.code, f.row, f.column) for f in prepared.faults if f.severity == "error"] == [
        (code, 3, column)
    ]
    assert not [w for w in ("viele", "Zq7x", "(arm)", "1,234") if w in words(prepared)]
    assert len(prepared.frames["indicators"]) == 1


def test_a_doubled_row_is_a_fault():
    """The same indicator, area and year."""
    prepared = indicators("a;A;2024;5;40", "b;A;2024;5;40", "a;A;2024;6;40")
    assert [(f.code, f.row, f.params) for f in prepared.faults] == [
        ("count_doubled", 4, {"other_row": 2})
    ]


def test_rows_without_an_area_are_left_out_with_consent():
    """Some sources add those of no address."""
    prepared = indicators("a;A;2024;5;40", "a;;2024;5;40")
    assert (codes(prepared), prepared.refused) == (["indicator_rows_without_area"], True)
    assert len(prepared.frames["indicators"]) == 1


def test_what_the_file_does_not_say_has_to_be_said():
    """Which indicator, where, when, and the numbers."""
    assert codes(indicators("1;2", header="a;b"), "error") == [
        "count_place_missing",
        "count_year_missing",
        "indicator_missing",
        "indicator_numbers_missing",
    ]
    wrong = indicators("A;2024;5", header="Gebiet;Jahr;Leute", mapping={"indicator:Leute": "Ä b"})
    assert "mapping_indicator_malformed" in codes(wrong, "error")


def test_blocks_are_no_areas_here():
    """Indicators are shares of areas; an id of a block alone is not known."""
    assert "count_place_strange" in codes(indicators("a;0000;2024;5;40"), "error")


@settings(max_examples=60, deadline=None)
@given(
    sheets(["Kennzahl", "Gebiet", "Jahr", "Zähler", "Nenner", "Wert", "Quelle", "veröffentlicht"]),
    st.sampled_from([{}, {"indicator": "=a", "year": "=2024"}, {"indicator:C": "a:numerator"}]),
)
def test_no_message_repeats_a_cell(sheet, mapping):
    """Whatever stands in the file, heading line included."""
    never_repeats("indicators", content(sheet), mapping)
