"""Opening files without trusting them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.exchange import prepare
from tests.exchange.files import CITY, codes, csv_bytes, geojson_bytes, point, take

TEAMS = ("team_id;name;contact", "T1;Größe & Maß;ASD")


def refused(data, name="datei.csv", **more):
    """Return the error of a file that cannot be read."""
    with pytest.raises(SroError) as caught:
        take("teams", data, name, **more)
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_usual_encodings_give_the_same_text(encoding, found):
    """Byte order marks decide; without one UTF-8, then Windows."""
    prepared = take("teams", csv_bytes(*TEAMS, encoding=encoding))
    assert (prepared.encoding, prepared.frames["teams"]["name"][0]) == (found, "Größe & Maß")


def test_a_guessed_encoding_is_said_with_an_example():
    """The user sees at once whether the umlauts are right."""
    prepared = take("teams", csv_bytes(*TEAMS, encoding="cp1252"))
    (note,) = prepared.faults
    assert (note.code, note.params["example"]) == ("encoding_guessed", "Größe")


def test_the_mapping_may_name_the_encoding():
    """DOS files look like nothing else."""
    prepared = take("teams", csv_bytes(*TEAMS, encoding="cp850"), mapping={"encoding": "cp850"})
    assert prepared.frames["teams"]["name"][0] == "Größe & Maß"


def test_an_unknown_encoding_is_refused():
    """Python knows codecs that are no encodings of text."""
    assert refused(csv_bytes(*TEAMS), mapping={"encoding": "zlib"}).code == "encoding_unknown"


def test_text_damaged_before_is_said():
    """UTF-8 once read as Windows and saved."""
    data = csv_bytes("team_id;name", "T1;KÃ¶ln")
    assert "text_garbled" in codes(take("teams", data), "note")


@settings(deadline=None, max_examples=50)
@given(
    st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
)
def test_any_windows_text_survives(text):
    """What cp1252 can write comes back, whichever encoding carried it."""
    import unicodedata

    from sro_geo.exchange.write import safe_cell

    quoted = '"' + safe_cell(text).replace('"', '""') + '"'
    for encoding in ("utf-8-sig", "utf-16"):
        prepared = take("teams", csv_bytes("team_id;name", f"T1;{quoted}", encoding=encoding))
        assert prepared.frames["teams"]["name"][0] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"SQLite format 3\x00....", "a.csv", "GeoPackage/SQLite"),
        (b"\x00\x00\x27\x0a....", "a.geojson", "Shapefile"),
        (b"\xd0\xcf\x11\xe0....", "a.xlsx", "XLS (Excel 97)"),
        (b"a;b\n1;2", "a.vrt", "VRT"),
        (b"a;b\n1;2", "a.shp", "Shapefile"),
        (b"<OGRVRTDataSource><SrcDataSource>/etc/passwd", "a.geojson", "VRT"),
        (b"<!DOCTYPE html><html>", "a.csv", "HTML"),
        (b"<?xml version='1.0'?><kml>", "a.csv", "KML"),
    ],
)
def test_other_kinds_of_files_are_named(data, name, kind):
    """By content first, so that a disguise does not help."""
    error = refused(data, name)
    assert (error.code, error.params["type"]) == ("file_type_unsupported", kind)


def test_a_zip_with_a_shapefile_is_named():
    """It is the usual download of an office."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bezirke.shp", b"x")
    assert refused(buffer.getvalue(), "bezirke.zip").params["type"] == "Shapefile (ZIP)"


@pytest.mark.parametrize("data", [b"", b"  \r\n\t", b"\xef\xbb\xbf", b"\x00\x00\x00"])
def test_an_empty_file_is_refused(data):
    """Nothing is nothing, also with blanks."""
    assert refused(data).code == "file_empty"


def test_a_file_above_the_limit_is_refused():
    """Before any of it is decoded."""
    error = refused(b"x" * 3_000_000, max_bytes=1024 * 1024)
    assert (error.code, error.params["size"], error.params["limit"]) == ("file_too_large", 2.9, 1.0)


def test_noise_is_not_text():
    """Control characters give it away."""
    assert refused(bytes(range(1, 255)) * 3).code == "file_not_text"


def test_missing_files_folders_and_devices_are_refused(tmp_path):
    """Each with its own words."""
    found = {}
    from pathlib import Path

    for path in (tmp_path / "fehlt.csv", tmp_path, Path("/dev/null")):
        with pytest.raises(SroError) as caught:
            prepare("teams", path, CITY)
        found[path.name] = caught.value.code
    assert list(found.values()) == ["file_missing", "file_is_folder", "file_unreadable"]


def test_an_unknown_kind_is_refused():
    """With the list of those there are."""
    with pytest.raises(SroError) as caught:
        prepare("wishes", b"a;b", CITY, name="a.csv")
    assert caught.value.code == "kind_unknown"


def test_the_name_of_an_upload_never_holds_a_folder():
    """A path of the user's machine is nobody's business."""
    prepared = take("teams", csv_bytes(*TEAMS), r"C:\Users\Kim\teams.csv")
    assert prepared.file == "teams.csv"


def test_trimmed_blanks_are_counted():
    """Per column, with the first rows."""
    prepared = take("teams", csv_bytes("team_id;name", "T1; Nord ", "T2;Süd", "T3;Ost  "))
    (note,) = prepared.faults
    assert (note.code, note.column, note.params["count"], note.params["rows"]) == (
        "text_trimmed",
        "name",
        2,
        "2, 4",
    )
    assert list(prepared.frames["teams"]["name"]) == ["Nord", "Süd", "Ost"]


def test_broken_json_says_where():
    """Line and column of the fault."""
    error = refused(b'{"type": "FeatureCollection",\n "features": [}', "a.geojson")
    assert (error.code, "line 2" in error.params["reason"]) == ("file_malformed", True)


def test_other_json_is_refused():
    """TopoJSON, a list, a single geometry."""
    for data in (b'{"type": "Topology"}', b"[1, 2]", b'{"type": "FeatureCollection"}', b"{}"):
        assert refused(data, "a.geojson").code == "file_malformed"


def test_very_deep_json_is_refused():
    """It must not exhaust the stack."""
    data = b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert refused(data, "a.geojson").code == "file_malformed"


def test_a_thousand_faults_are_listed_and_the_rest_counted():
    """The closing fault is as severe as the worst of those it stands for."""
    rows = [f"o{i};Haus;unbekannt" for i in range(2500)]
    prepared = take("offers", csv_bytes("offer_id;name;category", *rows))
    assert (len(prepared.faults), prepared.faults[-1].code) == (2001, "faults_unlisted")
    assert prepared.refused
    assert prepared.faults[-1].severity == "error"


def test_features_are_counted_from_one():
    """In a GeoJSON file the first feature is number 1, in a table the first record row 2."""
    data = geojson_bytes([({"name": "A", "category": "x"}, point(10, 10))])
    assert [f.row for f in take("offers", data, "a.geojson").faults if f.severity == "error"] == [1]
    data = csv_bytes("name;category", "A;x")
    assert [f.row for f in take("offers", data).faults if f.severity == "error"] == [2]
