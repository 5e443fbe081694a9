"""Whatever bytes come in: a list of faults or an error with words, never anything else."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.exchange import KINDS, prepare
from sro_geo.i18n import LANGUAGES, describe
from tests.exchange.files import CITY, KNOWN, csv_bytes, geojson_bytes, point, square

NAMES = st.sampled_from(["a.csv", "a.geojson", "a.xlsx", "a.tsv", "a", "ü .json"])
OFFERS = csv_bytes(
    "offer_id;name;category;age_min;schedule;lat;lon;address;protected;verified_on;service_area",
    'x1;"Haus ""A""";day_care;3;Mo-Fr 08:00-12:00;53,70;9,99;Weg 1;nein;01.02.2024;A',
    "x2;Ü;school;6;07:30-16:30;53.69;10.00;Weg 2;ja;2024-02-01;B",
)
BLOCKS = geojson_bytes(
    [({"block_id": "1", "social_space_id": "A"}, square(0, 0)), ({"block_id": "2"}, square(100, 0))]
)


def check(kind, data, name, mapping=None):
    """Prepare and put every fault into words."""
    try:
        prepared = prepare(kind, data, CITY, name=name, known=KNOWN, mapping=mapping)
    except SroError as error:
        for language in LANGUAGES:
            assert all(describe(error, language))
        return
    for fault in prepared.faults:
        for language in LANGUAGES:
            assert all(describe(fault, language))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), NAMES, st.sampled_from(sorted(KINDS)))
def test_random_bytes_are_refused_in_words(data, name, kind):
    """Noise of any name and kind."""
    check(kind, data, name)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), NAMES, st.sampled_from(sorted(KINDS)))
def test_random_text_is_refused_in_words(text, name, kind):
    """Noise that is at least text."""
    check(kind, text.encode("utf-8", "surrogatepass"), name)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_mangled_tables_are_refused_in_words(data, kind):
    """A good file of offers, with some of its bytes replaced, read as any kind."""
    content = bytearray(OFFERS)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    check(kind, bytes(content), "a.csv")


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_mangled_features_are_refused_in_words(data, kind):
    """A good file of blocks, with some of its bytes replaced, read as any kind."""
    content = bytearray(BLOCKS)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        put = data.draw(st.sampled_from([b"", b"0", b"-", b"null", b"NaN", b"[]", b"1e999", b'"']))
        content[at : at + data.draw(st.integers(0, 4))] = put
    check(kind, bytes(content), "a.geojson")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(JUNK, JUNK, st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "X"]))
def test_senseless_shapes_are_refused_in_words(properties, coordinates, kind):
    """Features that are JSON, and nothing more."""
    shape = {"type": kind, "coordinates": coordinates}
    features = [(properties if isinstance(properties, dict) else {"a": properties}, shape)]
    for table in ("blocks", "offers", "streets", "areas"):
        check(table, geojson_bytes([*features, ({"id": "1"}, point(10, 10))]), "a.geojson")


CELL = st.text(max_size=8) | st.sampled_from(
    ["", "1.234,5", "-1", "=1+1", "45292", "NA", "nan", "1e400", "ja", "07:30-16:30", "Mi 8-12"]
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=12, max_size=12), max_size=6), st.sampled_from(sorted(KINDS))
)
def test_senseless_cells_are_refused_in_words(rows, kind):
    """A table under a proper header whose cells hold anything."""
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    fields = [field.name for field in KINDS[kind].fields][:12]
    writer.writerow([*fields, *["u18", "18-29", "x", "y", "lat", "lon"]][:12])
    writer.writerows(rows)
    data = buffer.getvalue().encode("utf-8", "replace")
    check(kind, data, "a.csv")
    check(kind, data, "a.csv", {"category": "=day_care", "reference_date": "=2020-01-01"})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_header_alone_is_a_fault(kind):
    """No row, no crash."""
    header = ";".join(field.name for field in KINDS[kind].fields)
    check(kind, csv_bytes(header), "a.csv")
    check(kind, geojson_bytes([]), "a.geojson")


def test_a_zip_of_nonsense_is_refused_in_words():
    """An archive that calls itself a workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
    check("offers", buffer.getvalue(), "a.xlsx")
    check("offers", buffer.getvalue()[:-30], "a.xlsx")
