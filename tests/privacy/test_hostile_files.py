"""Files made to hang, to fill the memory or to mislead the reader."""

from __future__ import annotations

import json
import time

import pytest

from sro_geo.actions.importing import read_mapping
from sro_geo.errors import SroError
from sro_geo.exchange.places import split_house_number
from sro_geo.exchange.workbook import _FORMULA_WITHOUT_VALUE, _MERGED
from tests.exchange.files import codes, csv_bytes, take


def features(*properties: str) -> bytes:
    """Return a collection of features without shapes."""
    inner = ",".join(
        f'{{"type":"Feature","geometry":null,"properties":{text}}}' for text in properties
    )
    return f'{{"type":"FeatureCollection","features":[{inner}]}}'.encode()


@pytest.mark.parametrize("address", ["Weg 1" + " - " * 60 + "!x", "a 1 " * 5000 + "!"])
def test_a_strange_address_is_read_at_once(address: str) -> None:
    """Sixty dashes used to take longer than the world is old."""
    start = time.perf_counter()
    assert split_house_number(address) == (address, None)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("address", "number"),
    [("Weg 1-3", "1-3"), ("Weg 5 a", "5 a"), ("Weg 5a-7 b", "5a-7 b"), ("Weg 3 + 5", "3 + 5")],
)
def test_house_numbers_are_still_told_apart(address: str, number: str) -> None:
    """All the ways in which offices write them."""
    assert split_house_number(address) == ("Weg", number)


def test_a_property_of_lists_in_lists_is_no_crash() -> None:
    """Deeper than Python can follow."""
    deep = "[" * 450 + "]" * 450
    assert "columns_unused" in codes(take("offers", features(f'{{"a":{deep}}}'), "a.geojson"))


def test_a_name_of_its_own_in_every_feature_is_refused() -> None:
    """The table would have as many columns as rows, and fill the memory."""
    many = features(*(json.dumps({f"k{number}": 1}) for number in range(1001)))
    with pytest.raises(SroError, match="too_many_columns"):
        take("offers", many, "a.geojson")


@pytest.mark.parametrize(
    ("pattern", "start"), [(_FORMULA_WITHOUT_VALUE, b"<c "), (_MERGED, b"<mergeCell ")]
)
def test_a_sheet_of_unclosed_cells_is_looked_through_at_once(pattern, start: bytes) -> None:  # type: ignore[no-untyped-def]
    """They may stand in a comment of valid XML."""
    begin = time.perf_counter()
    assert pattern.findall(start * 50_000) == []
    assert time.perf_counter() - begin < 0.5


def test_marks_that_turn_the_direction_of_reading_are_taken_out() -> None:
    """A name must not turn round the words that stand behind it."""
    data = csv_bytes("offer_id;name;category;status", "1;Treff\u202egnp.exe\u2066;school;active")
    prepared = take("offers", data)
    assert prepared.frames["offers"]["name"].to_list() == ["Treffgnp.exe"]
    assert "characters_removed" in codes(prepared)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' + "9" * 5000 + "}", "\udcff"])
def test_a_strange_mapping_is_refused_in_words(tmp_path, text: str) -> None:  # type: ignore[no-untyped-def]
    """Never with a traceback."""
    file = tmp_path / "mapping.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SroError, match="mapping_malformed"):
        read_mapping(file)
