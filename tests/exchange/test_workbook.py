"""XLSX workbooks: what they show is what is read, and nothing explodes."""

import datetime as dt
import io
import zipfile

import pytest

from sro_geo.errors import SroError
from tests.exchange.files import codes, take, xlsx_bytes

HEADER = ["offer_id", "name", "category", "verified_on", "capacity", "low_threshold"]


def offers(*rows, **more):
    """Prepare a workbook of offers."""
    return take("offers", xlsx_bytes([HEADER, *rows], **more), "angebote.xlsx")


def test_dates_numbers_and_booleans_are_read_as_they_are_stored():
    """Real dates in any form become ISO; whole numbers have no decimals."""
    prepared = offers(
        ["1", "A", "school", dt.date(2024, 5, 31), 12.0, True],
        ["2", "B", "school", dt.datetime(2024, 6, 1), 7, False],
        ["3", "C", "school", "02.06.2024", None, "ja"],
    )
    table = prepared.frames["offers"]
    assert list(table["verified_on"]) == ["2024-05-31", "2024-06-01", "2024-06-02"]
    assert table["capacity"].to_list()[:2] == [12, 7]
    assert list(table["low_threshold"]) == [True, False, True]
    assert "dates_mixed" in codes(prepared, "note")
    assert not prepared.refused


def test_a_serial_number_is_not_guessed_to_be_a_date():
    """It says which date it would be."""
    prepared = offers(["1", "A", "school", 45292, None, None])
    (fault,) = [f for f in prepared.faults if f.severity == "error"]
    assert (fault.code, fault.params["date"]) == ("date_serial", "2024-01-01")


def test_ids_shown_with_zeros_keep_them():
    """The number 7 in the format 0000 is the id 0007."""
    prepared = offers([7, "A", "school", None, None, None], formats={"A2": "0000"})
    assert prepared.frames["offers"]["offer_id"][0] == "0007"


def test_merged_cells_are_said():
    """Only their first cell has a value."""
    prepared = offers(
        ["1", "A", "school", None, None, None],
        ["2", None, "school", None, None, None],
        merge="B2:B3",
    )
    assert "cells_merged" in codes(prepared, "note")
    assert "value_missing" in codes(prepared, "error")


def test_other_sheets_are_said():
    """The first sheet that is not empty is read."""
    prepared = offers(["1", "A", "school", None, None, None], sheets=["Alt"])
    (note,) = [f for f in prepared.faults if f.code == "sheets_ignored"]
    assert note.params["others"] == "Alt"


def test_an_unknown_sheet_is_refused():
    """With the names of those there are."""
    with pytest.raises(SroError) as caught:
        take("offers", xlsx_bytes([HEADER]), "a.xlsx", mapping={"sheet": "X"})
    assert caught.value.code == "sheet_unknown"


def test_error_values_are_faults():
    """#N/A is neither a name nor missing."""
    prepared = offers(["1", "#N/A", "school", None, None, None])
    assert "cell_error" in codes(prepared, "error")


def test_a_formula_without_a_saved_result_is_a_fault():
    """It would otherwise be read as empty."""
    prepared = offers(["1", "=1+1", "school", None, None, None])
    assert "formula_without_value" in codes(prepared, "error")


def test_a_bomb_is_not_unpacked():
    """600 MB in 600 kB: refused by the table of contents alone."""
    buffer = io.BytesIO(xlsx_bytes([HEADER]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for part in range(6):
            archive.writestr(f"xl/media/{part}.xml", b"\0" * 40_000_000)
    with pytest.raises(SroError) as caught:
        take("offers", buffer.getvalue(), "a.xlsx")
    assert caught.value.code == "workbook_too_large"


def test_too_many_entries_are_refused():
    """Each small, together endless."""
    buffer = io.BytesIO(xlsx_bytes([HEADER]))
    with zipfile.ZipFile(buffer, "a") as archive:
        for part in range(2100):
            archive.writestr(f"x/{part}", b"")
    with pytest.raises(SroError) as caught:
        take("offers", buffer.getvalue(), "a.xlsx")
    assert caught.value.code == "workbook_too_large"


def test_a_path_outside_the_archive_is_refused():
    """Nothing is unpacked to disk, and still."""
    buffer = io.BytesIO(xlsx_bytes([HEADER]))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("../../x", b"")
    with pytest.raises(SroError) as caught:
        take("offers", buffer.getvalue(), "a.xlsx")
    assert caught.value.code == "file_malformed"
