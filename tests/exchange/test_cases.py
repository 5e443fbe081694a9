"""Aggregated counts of help: read, checked, and never repeated in a message."""

from dataclasses import fields, replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.cases.help_types import HELP_TYPES
from sro_geo.errors import InputRefused, SroError
from sro_geo.exchange import prepare
from sro_geo.exchange.case_words import help_type_of, help_type_of_heading
from sro_geo.exchange.discreet import letters
from sro_geo.i18n import LANGUAGES, describe
from tests.exchange.files import CITY, KNOWN, TOY, codes, csv_bytes, take, xlsx_bytes

MEMBERS = TOY.version().members
MAPPING = {"counting_rule": "=stock", "unit": "=cases"}
HEADER = "block_id;Jahr;Hilfeart;Alter;Anzahl"
COLUMNS = [
    "place_id", "place_kind", "version", "year", "help_type", "age_from", "age_to",
    "counting_rule", "unit", "place_of_help", "case_count",
]  # fmt: skip


def persons(**by_block):
    """Persons of 0-26 by block, and older ones that must not count."""
    rows = [{"block_id": b, "age_from": 0, "age_to": 26, "persons": n} for b, n in by_block.items()]
    old = [{"block_id": b, "age_from": 27, "age_to": None, "persons": 900} for b in by_block]
    return pd.DataFrame(rows + old)


def cases(*lines, mapping=None, header=HEADER, **more):
    """Prepare a file of counts."""
    return take("cases", csv_bytes(header, *lines), mapping=MAPPING | (mapping or {}), **more)


def words(prepared):
    """Everything a person or a log could see of a file."""
    out = []
    for fault in prepared.faults:
        out += [fault.column, str(fault.params)]
        for language in LANGUAGES:
            out += describe(fault, language)
    out += [str((r.field, r.source)) for r in prepared.recognised]
    return "\n".join([*out, *prepared.unused])


def test_a_long_table_is_read():
    """Ids stay text; age bands, types and the place of help become the words of the contract."""
    prepared = cases(
        "0000;2024;§ 31;6-9;3;Sozialraum",
        "0001;2024;Vollzeitpflege;21+;0;außerhalb",
        header=HEADER + ";Ort der Hilfe",
    )
    frame = prepared.frames["cases"]
    assert (prepared.refused, list(frame.columns)) == (False, COLUMNS)
    assert frame["place_id"].to_list() == ["0000", "0001"]
    assert frame["help_type"].to_list() == ["31", "33"]
    assert frame["age_to"].isna().to_list() == [False, True]
    assert frame["place_of_help"].to_list() == ["social_space", "outside"]
    assert frame["case_count"].to_list() == [3, 0]
    assert set(frame["place_kind"]) == {"block"}
    assert (set(frame["counting_rule"]), set(frame["unit"])) == ({"stock"}, {"cases"})
    assert set(frame["version"]) == {""}


def test_a_workbook_is_read_like_text():
    """Numbers of a spreadsheet are whole, and codes like 31 may be numbers there."""
    data = xlsx_bytes([HEADER.split(";"), ["0000", 2024, 31, "6-9", 3.0]])
    frame = take("cases", data, "a.xlsx", mapping=MAPPING).frames["cases"]
    assert frame[["help_type", "case_count"]].to_numpy().tolist() == [["31", 3]]


def test_a_wide_table_has_a_column_for_each_help():
    """By name, by paragraph, by number; a sum beside them is left out and said."""
    header = "Baublock;Jahr;Sozialpädagogische Familienhilfe;§ 33;34;Insgesamt"
    prepared = cases("0000;2024;3;2;1;6", header=header)
    frame = prepared.frames["cases"]
    assert (codes(prepared, "error"), frame["help_type"].to_list()) == ([], ["31", "33", "34"])
    assert frame["case_count"].to_list() == [3, 2, 1]
    assert {"help_columns_read", "help_totals_ignored", "counts_without_age"} <= set(
        codes(prepared)
    )
    (read,) = [f for f in prepared.faults if f.code == "help_columns_read"]
    assert read.params["columns"] == "Sozialpädagogische Familienhilfe: 31, D: 33, E: 34"


def test_the_mapping_says_what_a_column_counts():
    """By heading or by letter; an empty value leaves a column out."""
    header = "Baublock;Jahr;Helfer;Daheim;Beide"
    for first in ("help:Helfer", "help:C"):
        mapping = {first: "30", "help:Daheim": "§ 31", "Beide": ""}
        frame = cases("0000;2024;3;2;5", header=header, mapping=mapping).frames["cases"]
        assert frame[["help_type", "case_count"]].to_numpy().tolist() == [["30", 3], ["31", 2]]
    wrong = cases("0000;2024;3;2;5", header=header, mapping={"help:Helfer": "77"})
    assert "mapping_help_unknown" in codes(wrong, "error")


def test_two_columns_of_one_help_are_refused():
    """Nobody knows which of them counts."""
    prepared = cases("0000;2024;3;2", header="Baublock;Jahr;Heimerziehung;§ 34")
    assert "help_columns_doubled" in codes(prepared, "error")


def test_one_area_for_all_rows_is_a_constant():
    """The whole city has an id, too."""
    prepared = cases("2024;31;4", header="Jahr;Hilfeart;Anzahl", mapping={"area_id": "=city"})
    frame = prepared.frames["cases"]
    assert frame[["place_id", "place_kind"]].to_numpy().tolist() == [["city", "area"]]
    assert not prepared.refused


def test_areas_of_two_levels_need_consent():
    """Who is counted in the space and in its region would count twice."""
    lines = ("A;2024;31;0-26;4", "nord;2024;31;0-26;5")
    header = HEADER.replace("block_id", "area_id")
    assert codes(cases(*lines, header=header), "repair") == ["count_levels"]
    assert not cases(*lines, header=header, repair=True).refused


def test_numbers_of_areas_are_offered_by_their_digits():
    """1 for STGT01, with consent; the message names no cell."""
    areas = pd.DataFrame(
        {
            "area_id": ["STGT01", "STGT02"],
            "level": CITY.lowest.level,
            "name": ["a", "b"],
            "parent_id": None,
        }
    )
    known = replace(KNOWN, areas=areas)
    header = HEADER.replace("block_id", "district_id")
    prepared = cases("1;2024;31;0-26;4", "2;2024;31;0-26;5", header=header, known=known)
    assert codes(prepared, "repair") == ["area_ids_by_number"]
    assert prepared.frames["cases"]["place_id"].to_list() == ["STGT01", "STGT02"]
    lost = cases("1;2024;31;0-26;4", "3;2024;31;0-26;5", header=header, known=known)
    assert codes(lost, "error") == ["count_place_strange"] * 2


@pytest.mark.parametrize("field", ["counting_rule", "unit"])
def test_how_was_counted_has_to_be_said(field):
    """With the choices, and how to give them."""
    data = csv_bytes(HEADER, "0000;2024;31;6-9;3")
    mapping = {key: value for key, value in MAPPING.items() if key != field}
    (fault,) = [f for f in take("cases", data, mapping=mapping).faults if f.severity == "error"]
    remedy = describe(fault, "de")[1]
    assert (fault.code, f"{field}: =" in remedy) == (f"{field}_missing", True)
    assert fault.params["allowed"].split(", ")[0] in remedy


def test_two_counting_rules_or_units_are_refused():
    """They make no sum."""
    header = HEADER + ";Zählweise;Einheit"
    prepared = take(
        "cases",
        csv_bytes(
            header,
            "0000;2024;31;6-9;3;Bestand;Fälle",
            "0001;2024;31;6-9;3;laufend und beendet;junge Menschen",
        ),
    )
    assert codes(prepared, "error") == ["counting_rules_mixed", "units_mixed"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-3", "count_negative"),
        ("2,5", "count_fractional"),
        ("drei", "count_no_number"),
        ("<4", "count_masked"),
        ("unter 5", "count_masked"),
        ("1-4", "count_masked"),
        ("*", "count_masked"),
        ("x", "count_masked"),
        ("-1", "count_masked"),
        (".", "count_masked"),
        ("1.234", "count_ambiguous"),
        ("99999999999", "count_too_large"),
        ("٣", "count_no_number"),
    ],
)
def test_a_count_that_is_none_is_a_fault(cell, code):
    """With row and column and a remedy; the cell is not repeated."""
    prepared = cases("0000;2024;31;6-9;7", f"0001;2024;31;6-9;{cell}")
    (fault,) = [f for f in prepared.faults if f.severity == "error"]
    assert (fault.code, fault.row, fault.column) == (code, 3, "Anzahl")
    assert not {"value", "values", "example"} & set(fault.params)
    assert prepared.frames["cases"]["case_count"].to_list() == [7]


def test_whole_numbers_with_decimals_are_whole():
    """A spreadsheet writes 3,0; thousands need the mapping to say so."""
    assert cases("0000;2024;31;6-9;3,0").frames["cases"]["case_count"].to_list() == [3]
    told = cases("0000;2024;31;6-9;1.234", mapping={"decimal": ","})
    assert told.frames["cases"]["case_count"].to_list() == [1234]


def test_an_empty_count_is_neither_zero_nor_nothing():
    """Missing beside others it has to be told; where a help has no number it is not recorded."""
    gap = cases("0000;2024;31;6-9;3", "0001;2024;31;6-9;")
    assert [(f.code, f.row) for f in gap.faults if f.severity == "error"] == [("count_empty", 3)]
    absent = cases("0000;2024;31;6-9;3", "0000;2024;33;6-9;")
    assert codes(absent) == ["help_type_not_recorded"]
    assert absent.frames["cases"]["help_type"].to_list() == ["31"]


@pytest.mark.parametrize(
    ("age", "code"),
    [
        ("28-30", "count_age_outside"),
        ("20-40", "count_age_outside"),
        ("alt", "count_age_unread"),
        ("", "count_cell_empty"),
    ],
)
def test_ages_outside_are_faults(age, code):
    """Help is for young people under 27."""
    prepared = cases(f"0000;2024;31;{age};3")
    assert [(f.code, f.row, f.column) for f in prepared.faults if f.severity == "error"] == [
        (code, 2, "Alter")
    ]


def test_ages_in_two_columns_are_read_and_checked():
    """Swapped ones are faults; bands that reach over a limit are said."""
    header = "block_id;Jahr;Hilfeart;Alter von;Alter bis;Anzahl"
    prepared = cases("0000;2024;31;9;6;3", "0000;2024;31;15;20;3", header=header)
    assert codes(prepared) == ["count_ages_crossed", "count_bands_over"]


@pytest.mark.parametrize(
    ("other", "code"),
    [("6-9", "count_doubled"), ("3-7", "count_ages_overlap"), ("0-26", "count_ages_overlap")],
)
def test_nobody_is_counted_twice(other, code):
    """The same place, year, help and place of help, and ages that meet."""
    prepared = cases("0000;2024;31;6-9;3", "0001;2024;31;6-9;3", f"0000;2024;31;{other};2")
    (fault,) = [f for f in prepared.faults if f.severity == "error"]
    assert (fault.code, fault.row, fault.params) == (code, 4, {"other_row": 2})


@pytest.mark.parametrize("year", ["24", "1066", "2121", "2024/25", "x", "30.06.2024"])
def test_implausible_years_are_faults(year):
    """Four digits, since there is SGB VIII, or the last day of a year."""
    assert "count_year_implausible" in codes(cases(f"0000;{year};31;6-9;3"), "error")
    assert cases("0000;31.12.2024;31;6-9;3").frames["cases"]["year"].to_list() == [2024]


def test_a_year_asked_for_leaves_out_the_others():
    """And says how many rows."""
    lines = ("0000;2024;31;6-9;3", "0000;2023;31;6-9;5")
    prepared = cases(*lines, mapping={"year": "2024"})
    assert prepared.frames["cases"]["case_count"].to_list() == [3]
    assert codes(prepared) == ["rows_of_other_years"]
    assert cases(*lines).frames["cases"]["year"].to_list() == [2024, 2023]


def test_unknown_blocks_are_faults():
    """One by one; nothing of the cell is repeated, ids of the workspace are."""
    prepared = cases("0000;2024;31;6-9;3", "Geheimgasse 5;2024;31;6-9;3")
    (fault,) = [f for f in prepared.faults if f.severity == "error"]
    assert (fault.code, fault.row) == ("count_place_strange", 3)
    assert "Geheimgasse" not in words(prepared)
    assert fault.params["known"].startswith("0000, 0001")


def test_more_cases_than_young_people_are_refused():
    """With area and year, and without a number."""
    known = replace(KNOWN, members=MEMBERS, persons=persons(**{"0000": 40, "0001": 30}))
    lines = ("0000;2024;31;6-9;41", "0001;2024;33;6-9;30")
    prepared = cases(*lines, known=known)
    (fault,) = [f for f in prepared.faults if f.severity == "error"]
    assert (fault.code, fault.params) == ("more_cases_than_people", {"area": "A", "year": 2024})
    assert "41" not in words(prepared)
    assert not cases("0000;2024;31;6-9;40", known=known).refused
    area = cases("A;2024;31;6-9;41", header=HEADER.replace("block_id", "area_id"), known=known)
    assert codes(area, "error") == ["more_cases_than_people"]
    city = {"area_id": "=city"}
    whole = cases("2024;31;71", header="Jahr;Hilfeart;Anzahl", mapping=city, known=known)
    assert codes(whole, "error") == ["more_cases_than_people"]


def test_a_case_list_is_no_file_of_counts():
    """It is refused with an explanation, and nothing of it is repeated."""
    data = csv_bytes(
        "Nachname;Geburtsdatum;Straße;Hausnr;Hilfeart;Beginn",
        "Kowalczyk;01.02.2015;Amselweg;7;31;01.03.2023",
    )
    prepared = take("cases", data, mapping=MAPPING)
    assert codes(prepared, "error") == ["case_list_among_counts"]
    said = words(prepared)
    assert not [w for w in ("Kowalczyk", "2015", "Amselweg", "01.03.2023") if w in said]
    assert prepared.frames["cases"].empty


def test_a_file_without_a_heading_line_shows_nothing_of_its_first_row():
    """Its columns go by their letters."""
    data = csv_bytes("Kowalczyk;Mia;01.02.2015;Amselweg 7", "Yilmaz;Can;02.03.2016;Amselweg 8")
    for case_list in (False, True):
        prepared = take("cases", data, mapping=MAPPING, case_list=case_list)
        assert prepared.refused
        said = words(prepared)
        assert not [w for w in ("Kowalczyk", "Mia", "2015", "Amselweg", "Yilmaz") if w in said]
        assert set(prepared.unused) == {"A", "B", "C", "D"}


def test_unknown_headings_go_by_their_letter():
    """Columns without heading count as well."""
    prepared = cases("0000;2024;31;6-9;3;;u", header=HEADER + ";;Erika Mustermann")
    assert prepared.unused == ("G",)
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    # A coordinate called X stays what it is; the 24th column goes by its number then.
    wide = ";".join(["X", *(f"u{n}" for n in range(23)), HEADER])
    prepared = cases("1" + ";" * 24 + "0000;2024;31;6-9;3", header=wide)
    assert {"B", "W", "#24"} <= set(prepared.unused)


def test_features_and_other_files_are_refused_by_content():
    """Tables alone are read, whatever the ending says."""
    for data, name in ((b'{"type": "FeatureCollection"}', "a.csv"), (b"%PDF-1.4", "a.csv")):
        with pytest.raises(SroError) as caught:
            take("cases", data, name)
        assert caught.value.code == "file_no_table"


def test_errors_lead_back_to_nothing(monkeypatch):
    """Neither the message nor the chain of an unexpected error knows a row."""
    import sro_geo.exchange.cases as room

    def burst(intake):
        raise ValueError(f"cannot read {intake.records.columns}")

    monkeypatch.setattr(room, "counted_at", burst)
    with pytest.raises(SroError) as caught:
        cases("0000;2024;31;6-9;77")
    error = caught.value
    assert (error.code, dict(error.params)) == ("file_unread_unseen", {"file": "datei.csv"})
    assert error.__context__ is None and error.__cause__ is None


def test_a_refused_file_says_nothing_as_an_exception():
    """Also as text and as repr."""
    refused = InputRefused("a.csv", cases("0000;2024;31;6-9;<7777").faults)
    assert "7777" not in f"{refused} {refused!r} {refused.faults!r}"


def test_what_was_prepared_holds_no_rows_but_sums():
    """No attribute leads to the records."""
    prepared = cases("0000;2024;31;6-9;3", header=HEADER)
    kinds = {type(getattr(prepared, f.name)).__name__ for f in fields(prepared)}
    assert kinds <= {"str", "dict", "tuple", "int", "bool", "NoneType"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31", "31"),
        ("§31", "31"),
        ("§ 31 SGB VIII", "31"),
        ("§ 27 Abs. 2 SGB VIII", "27(2)"),
        ("27 (2)", "27(2)"),
        ("27", "27(2)"),
        ("§ 35 a", "35a"),
        ("35A", "35a"),
        ("8a", "8a"),
        ("SPFH", "31"),
        ("Sozialpädagogische Familienhilfe (§ 31 SGB VIII)", "31"),
        ("Hilfe nach § 33", "33"),
        ("foster care", "33"),
        ("Erziehungsbeistand", "30"),
        ("Tagesgruppe", "32"),
        ("Heimerziehung", "34"),
        ("Eingliederungshilfe", "35a"),
        ("Inobhutnahme", "42"),
        ("§ 34 i. V. m. § 41", None),
        ("3-1", None),
        ("31a", None),
        ("27(3)", None),
        ("19", None),
        ("", None),
        ("31" * 500, None),
    ],
)
def test_helps_are_recognised_by_paragraph_and_name(text, code):
    """What names two paragraphs, or none of these, is no help that is known for sure."""
    assert help_type_of(text) == code


def test_headings_may_say_that_they_count():
    """Every code is read in its own spelling, also behind a word."""
    assert all(help_type_of(code) == code for code in HELP_TYPES)
    assert all(help_type_of_heading(f"HzE_{code}") == code for code in HELP_TYPES)


CANARY = "Zq7xKanarienvogel"
CELL = st.sampled_from(
    ["0000", "zz", "2024", "31", "§ 34 u. § 41", "6-9", "28-40", "3", "<4", "-3", "2,5", "", "x",
     "stock", "=1+1", "45292", "1.234", "07.07.2016", "53,7", "0", "999", "#DIV/0!", "\x07"]
) | st.text(max_size=6)  # fmt: skip


def sheets(headings):
    """Rows under a heading line that may be anything, with canaries among the cells."""
    marked = st.builds(lambda text, n: f"{CANARY}{n}{text}", CELL, st.integers(0, 9))
    cell = CELL | marked
    heading = st.sampled_from(headings) | marked
    return st.tuples(
        st.lists(heading, min_size=6, max_size=10),
        st.lists(st.lists(cell, min_size=6, max_size=10), max_size=5),
    )


def content(sheet):
    """A CSV file of rows."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(sheet[0])
    writer.writerows(sheet[1])
    return buffer.getvalue().encode("utf-8", "replace")


def never_repeats(kind, data, mapping, **more):
    """Check that nothing said of a file holds a canary."""
    try:
        prepared = prepare(kind, data, CITY, name="a.csv", known=KNOWN, mapping=mapping, **more)
    except SroError as error:
        for language in LANGUAGES:
            assert CANARY not in " ".join(describe(error, language))
        assert CANARY not in repr(error)
        assert error.__context__ is None
        return
    assert CANARY not in words(prepared)
    assert CANARY not in repr(prepared.faults)
    assert not [f for f in prepared.faults if f.code == "reading_unseen"]


@settings(max_examples=60, deadline=None)
@given(
    sheets(
        ["block_id", "area_id", "Jahr", "Hilfeart", "§ 31", "Heimerziehung", "Alter", "Alter von",
         "Alter bis", "Zählweise", "Einheit", "Ort der Hilfe", "Anzahl", "Insgesamt"]
    ),
    st.sampled_from([{}, MAPPING, MAPPING | {"year": "=2024", "area_id": "=city"}]),
)  # fmt: skip
def test_no_message_repeats_a_cell_of_counts(sheet, mapping):
    """Whatever stands in the file, heading line included."""
    never_repeats("cases", content(sheet), mapping)
