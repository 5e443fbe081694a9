"""A list of cases: counted in memory, and nothing of a person is left."""

import builtins
import gc
import pathlib
import tempfile
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.exchange import prepare
from sro_geo.exchange.case_list import BANDS
from sro_geo.exchange.records import Records
from sro_geo.population import AGE_GROUPS
from sro_geo.tables import TABLES, conform
from tests.exchange.files import CITY, KNOWN, codes, csv_bytes, degrees, take, xlsx_bytes
from tests.exchange.test_cases import MEMBERS, content, never_repeats, persons, sheets, words
from tests.toy import ORIGIN


def homes(*rows):
    """Return the table ``addresses`` of (street, number, postal code, metres east, north)."""
    frame = pd.DataFrame(
        {
            "address_id": [str(n) for n in range(len(rows))],
            "street": [r[0] for r in rows],
            "house_number": [r[1] for r in rows],
            "postal_code": [r[2] for r in rows],
            "city": "Norderstedt",
        }
    )
    shapes = [shapely.Point(ORIGIN[0] + r[3], ORIGIN[1] + r[4]) for r in rows]
    return conform(TABLES["addresses"], gpd.GeoDataFrame(frame, geometry=shapes, crs=CITY.crs))


# The toy city: 0000 north-west, 0001 north-east, 0100 south-west, 0101 south-east.
KNOWN_HOMES = replace(
    KNOWN,
    addresses=homes(
        ("Amselweg", "7", "22846", 50, 150),
        ("Amselweg", "7a", "22846", 150, 150),
        ("Ahornstraße", "12-14", "22846", 50, 50),
        ("Lange Straße", "3", "22846", 50, 50),
        ("Lange Straße", "3", "22848", 150, 50),
        ("Randweg", "1", "22846", 900, 900),
    ),
)
ASKED = {"year": "=2024", "counting_rule": "=stock"}
HEADER = "Nachname;Straße;Hausnr;Hilfeart;Beginn;Ende;Geburtsdatum"
ROWS = ("Kowalczyk;Amselweg;7;31;01.03.2023;;05.06.2015",)


def listed(*lines, header=HEADER, mapping=None, known=KNOWN_HOMES, **more):
    """Prepare a list of cases."""
    data = csv_bytes(header, *lines)
    return take("cases", data, mapping=ASKED | (mapping or {}), known=known, case_list=True, **more)


def counted(prepared):
    """Place, help, first age and number of each row."""
    frame = prepared.frames["cases"]
    return list(
        zip(frame["place_id"], frame["help_type"], frame["age_from"], frame["case_count"],
            strict=True)
    )  # fmt: skip


def test_rows_become_sums():
    """By block, help and age on 31 December; nothing of the persons is left."""
    prepared = listed(
        *ROWS,
        "Yilmaz;Amselweg;7;§ 31;01.01.2024;31.12.2024;31.12.2015",
        "Petersen;Amselweg;7a;Heimerziehung;2020-05-01;;2004-01-01",
    )
    assert not prepared.refused
    assert counted(prepared) == [("0000", "31", 6, 2), ("0001", "34", 18, 1)]
    frame = prepared.frames["cases"]
    assert (set(frame["year"]), set(frame["unit"]), set(frame["place_kind"])) == (
        {2024}, {"cases"}, {"block"},
    )  # fmt: skip
    assert "Kowalczyk" not in words(prepared) and "Kowalczyk" not in frame.to_csv()


def test_the_bands_are_those_of_the_population():
    """So that every rate has its denominator."""
    assert [f"{low}-{high}" for low, high in BANDS] == list(AGE_GROUPS[:7])


@pytest.mark.parametrize(
    ("begin", "end", "stock", "both"),
    [
        ("2023-01-01", "", 1, 1),
        ("2024-12-31", "", 1, 1),
        ("2025-01-01", "", 0, 0),
        ("2023-01-01", "2023-12-31", 0, 0),
        ("2023-01-01", "2024-01-01", 0, 1),
        ("2024-03-01", "2024-06-30", 0, 1),
        ("2023-01-01", "2024-12-31", 1, 1),
        ("2023-01-01", "2025-02-01", 1, 1),
    ],
)
def test_the_counting_rule_decides_who_counts(begin, end, stock, both):
    """Running on 31 December, or also ended in the year."""
    line = f"K;Amselweg;7;31;{begin};{end};2015-06-05"
    for rule, expected in (("stock", stock), ("running_and_ended", both)):
        prepared = listed(line, mapping={"counting_rule": f"={rule}"})
        assert sum(row[3] for row in counted(prepared)) == expected
        said = [f.params["count"] for f in prepared.faults if f.code == "list_outside_year"]
        assert said == ([] if expected else [1])


@pytest.mark.parametrize(
    ("birth", "low"),
    [("2024-12-31", 0), ("2010-01-01", 14), ("1998-01-01", 21), ("1997-12-31", 21)],
)
def test_the_age_is_that_of_31_december(birth, low):
    """Who turned 27 in the year belongs to the last band."""
    assert [row[2] for row in counted(listed(f"K;Amselweg;7;31;2024-01-01;;{birth}"))] == [low]


@pytest.mark.parametrize("birth", ["1996-05-05", "2025-01-01"])
def test_ages_outside_are_faults(birth):
    """Nobody is 28, and nobody is helped before birth."""
    prepared = listed(f"K;Amselweg;7;31;2024-01-01;;{birth}")
    assert [(f.code, f.row) for f in prepared.faults if f.severity == "error"] == [
        ("count_age_outside", 2)
    ]


@pytest.mark.parametrize(
    ("street", "number", "more", "block"),
    [
        ("Amselweg", "7", "", "0000"),
        ("AMSELWEG", "07", "", "0000"),
        ("Amselweg", "7 A", "", "0001"),
        ("Ahornstr.", "12 - 14", "", "0100"),
        ("Lange Straße", "3", "22848", "0101"),
        ("Lange Str.", "3", "", None),
        ("Lange Straße", "3", "22399", None),
        ("Amselwegg", "7", "", None),
        ("Amselweg", "8", "", None),
        ("Ahornstraße", "1214", "", None),
    ],
)
def test_addresses_are_matched_exactly(street, number, more, block):
    """Spelling of Straße aside; one that could be two is not placed."""
    prepared = listed(
        f"{street};{number};{more};31;2024-01-01;;2015-01-01",
        "Amselweg;7;;28;2024-01-01;;2015-01-01",
        header=HEADER.replace("Nachname;", "").replace("Hausnr", "Hausnr;PLZ"),
    )
    found = [row[0] for row in counted(prepared) if row[1] == "31"]
    assert found == ([] if block is None else [block])
    lost = [f.params for f in prepared.faults if f.code == "list_not_placed"]
    assert lost == ([] if block else [{"count": 1, "total": 2}])


def test_an_address_in_one_text_is_taken_apart():
    """With postal code and town; another town is outside, and so is what lies in no block."""
    header = "Anschrift;Hilfeart;Beginn;Geburtsdatum"
    rest = "31;2024-01-01;2015-01-01"
    prepared = listed(
        f'"Amselweg 7a, 22846 Norderstedt";{rest}',
        f'"Amselweg 7, 20095 Hamburg";{rest}',
        f'"Randweg 1, 22846 Norderstedt";{rest}',
        header=header,
    )
    assert counted(prepared) == [("0001", "31", 6, 1)]
    (fault,) = [f for f in prepared.faults if f.code == "list_outside_city"]
    assert (fault.params, prepared.refused) == ({"count": 2, "total": 3}, False)


def test_coordinates_are_put_into_blocks():
    """In degrees or metres; those outside every block are counted, and none is shown."""
    header = "lat;lon;Hilfeart;Beginn;Alter"
    lines = [
        f"{lat};{lon};31;2024-01-01;7"
        for lon, lat in (degrees(50, 150), degrees(60, 150), degrees(900, 50))
    ]
    prepared = listed(*lines, header=header)
    assert counted(prepared) == [("0000", "31", 6, 2)]
    assert [f.params["count"] for f in prepared.faults if f.code == "list_outside_city"] == [1]
    x, y = ORIGIN[0] + 150, ORIGIN[1] + 50
    metres = listed(f"{x};{y};31;2024-01-01;7", header=header.replace("lat;lon", "x;y"))
    assert counted(metres) == [("0101", "31", 6, 1)]
    said = words(prepared) + words(metres)
    assert not [v for v in (str(x), f"{x:.1f}", str(degrees(900, 50)[0])) if v in said]
    wrong = listed("Zq7x;9,99;31;2024-01-01;7", header=header)
    assert "list_coordinate_unread" in codes(wrong, "error") and "Zq7x" not in words(wrong)


def test_a_year_may_stand_in_place_of_dates():
    """The rows of the year asked for, or of all years where none is."""
    header = "Straße;Hausnr;Hilfeart;Jahr;Alter"
    lines = ("Amselweg;7;31;2024;7", "Amselweg;7;31;2023;7", "Amselweg;7;31;2024;8")
    asked = listed(*lines, header=header)
    assert counted(asked) == [("0000", "31", 6, 2)]
    assert [f.params for f in asked.faults if f.code == "rows_of_other_years"] == [
        {"count": 1, "year": 2024}
    ]
    every = take(
        "cases", csv_bytes(header, *lines), mapping={"counting_rule": "=stock"},
        known=KNOWN_HOMES, case_list=True,
    )  # fmt: skip
    assert every.frames["cases"]["case_count"].to_list() == [1, 2]


def test_the_mapping_may_say_that_it_is_a_list():
    """Where there is no other place to say so."""
    data = csv_bytes(HEADER, *ROWS)
    mapping = {"case_list": "=yes", "year": "2024", "counting_rule": "=stock"}
    assert counted(take("cases", data, mapping=mapping, known=KNOWN_HOMES)) == [
        ("0000", "31", 6, 1)
    ]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"year": "=2024"}, "counting_rule_missing"),
        ({"counting_rule": "=stock"}, "list_year_missing"),
    ],
)
def test_what_the_list_does_not_say_has_to_be_said(mapping, code):
    """The year, and how to count."""
    data = csv_bytes(HEADER, *ROWS)
    prepared = take("cases", data, mapping=mapping, known=KNOWN_HOMES, case_list=True)
    assert code in codes(prepared, "error")


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("K;Amselweg;7;Zq7x;2024-01-01;;2015-01-01", "help_type_strange", "Hilfeart"),
        ("K;Amselweg;7;31;Zq7x;;2015-01-01", "list_date_unread", "Beginn"),
        ("K;Amselweg;7;31;;;2015-01-01", "count_cell_empty", "Beginn"),
        ("K;Amselweg;7;31;45292;;2015-01-01", "list_date_unread", "Beginn"),
        ("K;Amselweg;7;31;2024-05-01;2024-04-01;2015-01-01", "list_dates_crossed", "Ende"),
        ("K;Amselweg;7;31;2024-01-01;;Zq7x", "list_date_unread", "Geburtsdatum"),
        ("K;Amselweg;7;31;2024-01-01;;", "count_cell_empty", "Geburtsdatum"),
    ],
)
def test_faults_name_the_cell_and_never_what_it_holds(line, code, column):
    """Row and column are enough to find it."""
    prepared = listed(line, *ROWS)
    assert (code, 2, column) in [(f.code, f.row, f.column) for f in prepared.faults]
    assert "Zq7x" not in words(prepared) and "45292" not in words(prepared)


def test_without_a_directory_addresses_cannot_be_placed():
    """It is said what to import first."""
    assert "list_addresses_missing" in codes(listed(*ROWS, known=KNOWN), "error")


def test_counts_in_a_list_are_refused():
    """A row is a case."""
    assert "counts_among_cases" in codes(listed("K;7;3", header="Straße;Hausnr;Anzahl"), "error")


def test_more_cases_than_people_are_refused():
    """In a list, too."""
    known = replace(KNOWN_HOMES, members=MEMBERS, persons=persons(**{"0000": 1, "0100": 0}))
    assert not listed(*ROWS, known=known).refused
    assert codes(listed(*ROWS, *ROWS, known=known), "error") == ["more_cases_than_people"]


def test_nothing_is_written_to_disk(monkeypatch):
    """Neither CSV nor XLSX needs a file: the content may come from a pipe."""
    rows = [HEADER.split(";"), ["K", "Amselweg", 7, 31, "2024-01-01", None, "2015-01-01"]]
    book, text = xlsx_bytes(rows), csv_bytes(HEADER, *ROWS)
    for data in (book, text):
        take("cases", data, mapping=ASKED, known=KNOWN_HOMES, case_list=True)  # modules are loaded
    real = builtins.open

    def guarded(file, mode="r", *args, **more):
        assert not set(mode) & set("wax+"), file
        return real(file, mode, *args, **more)

    def refused(*args, **more):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(builtins, "open", guarded)
    monkeypatch.setattr(pathlib.Path, "open", guarded)
    for name in ("mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refused)
    for data, name in ((book, "a.xlsx"), (text, "a.csv")):
        prepared = take("cases", data, name, mapping=ASKED, known=KNOWN_HOMES, case_list=True)
        assert counted(prepared) == [("0000", "31", 6, 1)]


def test_no_rows_survive():
    """Once prepared, no record of the file is alive in the process."""
    prepared = listed(*ROWS)
    gc.collect()
    alive = [o for o in gc.get_objects() if isinstance(o, Records) and "Nachname" in o.columns]
    assert (alive, prepared.refused) == ([], False)


@settings(max_examples=60, deadline=None)
@given(
    sheets(
        ["Nachname", "Straße", "Hausnr", "PLZ", "Ort", "Anschrift", "lat", "lon", "x", "y",
         "Hilfeart", "Beginn", "Ende", "Geburtsdatum", "Alter", "Jahr", "block_id", "Einheit"]
    ),
    st.sampled_from([{}, ASKED]),
)  # fmt: skip
def test_no_message_repeats_a_cell_of_a_list(sheet, mapping):
    """Whatever stands in the file, said to be a list or not."""
    for case_list in (False, True):
        never_repeats("cases", content(sheet), mapping, case_list=case_list)


def test_a_town_of_cases_takes_seconds_at_most():
    """20,000 rows against 20,000 addresses."""
    import time

    places = homes(*((f"Weg {n // 50}", str(n % 50 + 1), "22846", 50, 50) for n in range(20_000)))
    rest = "31;2024-01-01;;2015-01-01"
    lines = [f"K;Weg {n // 50};{n % 50 + 1};{rest}" for n in range(20_000)]
    known = replace(KNOWN, addresses=places)
    data = csv_bytes(HEADER, *lines)
    started = time.perf_counter()
    prepared = prepare(
        "cases", data, CITY, name="a.csv", known=known, mapping=ASKED, case_list=True
    )
    assert time.perf_counter() - started < 8
    assert counted(prepared) == [("0100", "31", 6, 20_000)]
