"""Streets of OpenStreetMap extracts: who may use them, and files that are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from sro_geo.errors import SroError
from sro_geo.exchange import apart, osm, prepare
from sro_geo.exchange.apart import Limits, read_apart
from sro_geo.exchange.osm import open_to, osm_suffix
from sro_geo.exchange.reader import DRIVERS
from sro_geo.i18n import describe
from tests.exchange.files import codes, degrees, geojson_bytes, take
from tests.toy import ROOT, shipped_city

CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100)]


def extract(*ways: tuple[list[int], dict[str, str]], corners=CORNERS) -> bytes:
    """Return OSM XML of ways over numbered corners (metres from the toy city's corner)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for number, corner in enumerate(corners):
        lon, lat = degrees(*corner)
        lines.append(f'<node id="{number + 1}" version="1" lat="{lat}" lon="{lon}"/>')
    for number, (nodes, tags) in enumerate(ways):
        refs = "".join(f'<nd ref="{n + 1}"/>' for n in nodes)
        said = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        lines.append(f'<way id="{number + 70}" version="1">{refs}{said}</way>')
    return "\n".join([*lines, "</osm>"]).encode()


def refused(data, name="stadt.osm", **more):
    """Return the error of a file that cannot be read; it has words in both languages."""
    with pytest.raises(SroError) as caught:
        take("streets", data, name, **more)
    assert all(describe(caught.value, "de")) and all(describe(caught.value, "en"))
    return caught.value


@pytest.mark.parametrize(
    ("tags", "walk", "bike"),
    [
        (("residential", None, None, None), True, True),
        (("primary", None, None, None), True, True),
        (("motorway", "yes", "yes", None), False, False),
        (("trunk", None, None, None), False, False),
        (("trunk", "yes", None, None), True, False),
        (("steps", None, None, None), True, False),
        (("footway", None, None, None), True, False),
        (("footway", None, "yes", None), True, True),
        (("path", None, None, None), True, True),
        (("path", None, "dismount", None), True, False),
        (("cycleway", "no", None, None), False, True),
        (("service", None, None, "private"), False, False),
        (("service", "yes", None, "private"), True, False),
        (("track", None, None, "no"), False, False),
        (("construction", None, None, None), False, False),
    ],
)
def test_who_may_use_a_way(tags, walk, bike):
    """What is said of the mode, then access, then what is usual for the kind of way."""
    assert (walk, bike) == open_to(*tags)


def test_an_extract_becomes_streets():
    """Ids, names, kinds, who may use them; houses and rails are left; a square has an edge."""
    data = extract(
        ([0, 1], {"highway": "residential", "name": "Müller &amp; Sohn-Straße"}),
        ([1, 2], {"highway": "footway"}),
        ([2, 3], {"highway": "tertiary", "motorroad": "yes"}),
        ([0, 2], {"railway": "rail"}),
        ([0, 1, 2, 3, 0], {"highway": "pedestrian", "area": "yes", "name": "Markt"}),
        ([0, 1, 2, 0], {"building": "yes"}),
    )
    prepared = take("streets", data, "stadt.osm")
    frame = prepared.frames["streets"]
    assert ["70", "71", "72", "74"] == frame["street_id"].tolist()
    assert ["Müller & Sohn-Straße", None, None, "Markt"] == [
        n if isinstance(n, str) else None for n in frame["name"]
    ]
    assert ["residential", "path", "main", "path"] == frame["kind"].tolist()
    assert [True, True, False, True] == frame["walk"].tolist()
    assert [True, False, False, False] == frame["bike"].tolist()
    assert [100, 100, 100, 400] == pytest.approx(frame.length.round(0).tolist())
    assert ([], "EPSG:4326") == (codes(prepared), prepared.crs)


def test_the_file_on_disk_is_read_like_an_upload(tmp_path: Path):
    """And the ending of its name does not matter."""
    file = tmp_path / "auszug.xml"
    file.write_bytes(extract(([0, 1], {"highway": "path"})))
    prepared = prepare("streets", file, shipped_city())
    assert (1, "auszug.xml") == (len(prepared.frames["streets"]), prepared.file)


def test_streets_of_another_town_are_refused(monkeypatch):
    """With where they are; as an extract and as GeoJSON, with bounds and without."""
    city = shipped_city(bounds=(8.6, 49.3, 8.8, 49.5))
    data = extract(([0, 1], {"highway": "path"}))
    (fault,) = [f for f in take("streets", data, "a.osm", city=city).faults if f.row is None]
    monkeypatch.setattr(osm, "WHOLE_UP_TO", 10)
    error = refused(data, city=city)
    for said in (fault, error):
        assert "streets_elsewhere" == said.code
        assert degrees(50, 0) == pytest.approx((said.params["lon"], said.params["lat"]), abs=1e-4)
    line = {"type": "LineString", "coordinates": [[8.7, 49.4], [8.71, 49.4]]}
    far = geojson_bytes([({"highway": "path"}, line)])
    for here in (shipped_city(), shipped_city(bounds=None)):
        prepared = take("streets", far, "a.geojson", city=here)
        assert ["streets_elsewhere"] == codes(prepared, "error")


def test_streets_beyond_the_bounds_are_counted_not_refused():
    """Ways do not end at the city limits."""
    near = {"type": "LineString", "coordinates": [list(degrees(0, 0)), list(degrees(50, 0))]}
    far = {"type": "LineString", "coordinates": [[10.3, 53.7], [10.31, 53.7]]}
    prepared = take(
        "streets",
        geojson_bytes([({"highway": "path"}, near), ({"highway": "path"}, far)]),
        "a.json",
    )
    (fault,) = [f for f in prepared.faults if f.code == "streets_beyond"]
    assert (1, "2", "note") == (fault.params["count"], fault.params["rows"], fault.severity)


def test_an_extract_without_streets_is_refused():
    """Buildings alone are no network."""
    prepared = take("streets", extract(([0, 1, 2, 0], {"building": "yes"})), "a.osm")
    assert ["streets_none"] == codes(prepared, "error")


@pytest.mark.parametrize("name", ["stadt.osm.pbf", "stadt.osm"])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\n \n", "file_empty"),
        (b"<html><body>404</body></html>", "file_not_osm"),
        (b"name;highway\nA;path\n", "file_not_osm"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f", "file_malformed"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + b"\xff" * 500, "file_malformed"),
    ],
)
def test_what_is_no_extract_is_said_to_be_none(name, data, code):
    """Empty, an error page, a table, cut off, damaged."""
    assert code == refused(data, name).code


def test_a_file_cut_off_is_refused_whole():
    """Nothing half-read becomes a network."""
    data = extract(([0, 1], {"highway": "path"}), ([1, 2], {"highway": "path"}))
    for part in (data[:-3], data[: len(data) // 2]):
        assert "file_malformed" == refused(part).code


def test_entities_are_refused_unread():
    """Neither a bomb nor a file of the server comes in that way."""
    bomb = b'<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    data = extract(([0, 1], {"highway": "path", "name": "&b;"})).replace(
        b"<osm ", bomb + b"<osm ", 1
    )
    assert "file_has_doctype" == refused(data).code


def test_limits_of_size_time_and_memory_hold():
    """Each is said; the process is gone and its files too."""
    data = extract(([0, 1], {"highway": "path"}))
    for limits, code in (
        (Limits(file_mb=0), "file_too_large"),
        (Limits(seconds=0), "file_takes_too_long"),
        (Limits(memory_mb=64), "file_takes_too_much"),
    ):
        with pytest.raises(SroError) as caught:
            read_apart("osm", data, "a.osm", ".osm", limits=limits)
        assert (code, "a.osm") == (caught.value.code, caught.value.params["file"])
        assert all(describe(caught.value, "de"))


def test_the_reader_knows_every_driver_there_is():
    """A newer GDAL with another driver would stop it: then the list grows."""
    code = "import pyogrio; print('\\n'.join(pyogrio.list_drivers()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split("\n")) - {""} <= set(DRIVERS)


def test_the_reader_sees_nothing_of_the_servers_settings(monkeypatch):
    """No configuration of GDAL, no proxy, no workspace."""
    for name in ("GDAL_SKIP", "OSM_CONFIG_FILE", "https_proxy", "SRO_WORKSPACE", "PYTHONPATH"):
        monkeypatch.setenv(name, "x")
    given = apart._environment("/nowhere")
    assert not {"GDAL_SKIP", "OSM_CONFIG_FILE", "https_proxy", "SRO_WORKSPACE"} & set(given)


def test_other_kinds_do_not_read_extracts():
    """An extract is streets; offers come as tables."""
    assert "" == osm_suffix(b"name;highway\nA;path\n", "a.csv")
    with pytest.raises(SroError, match="file_type_unsupported"):
        take("offers", extract(([0, 1], {"highway": "path"})), "a.osm")


def test_a_geojson_of_openstreetmap_says_who_may_use_it_too():
    """And a drawn one does not."""
    line = {"type": "LineString", "coordinates": [list(degrees(0, 0)), list(degrees(50, 0))]}
    tagged = take("streets", geojson_bytes([({"highway": "steps"}, line)]), "a.geojson")
    drawn = take("streets", geojson_bytes([({"kind": "path"}, line)]), "a.geojson")
    exported = take(
        "streets", geojson_bytes([({"kind": "path", "walk": "ja", "bike": "nein"}, line)]), "a.json"
    )
    said = [p.frames["streets"][["walk", "bike"]].iloc[0].tolist() for p in (tagged, exported)]
    assert [[True, False], [True, False]] == said
    assert drawn.frames["streets"][["walk", "bike"]].isna().all(axis=None)


def test_tags_are_taken_apart_as_gdal_joins_them():
    """Quotes in a value do not make a tag of it."""
    from sro_geo.exchange.reader import _tags

    text = '"note"=>"say \\"foot\\"=>\\"no\\"","bicycle"=>"yes;designated","vehicle"=>"no"'
    assert {"bicycle": "yes", "vehicle": "no"} == _tags(text)


def test_of_a_large_extract_the_city_and_a_margin_are_taken_in(monkeypatch):
    """Five kilometres, so that ways from the edge lead on; and it is said."""
    monkeypatch.setattr(osm, "WHOLE_UP_TO", 10)
    outside = [(0, 0), (-13_000, 0), (-13_000, 100), (-30_000, 0), (-30_000, 100)]
    data = extract(
        *[(pair, {"highway": "path"}) for pair in ([0, 0], [1, 2], [3, 4])], corners=outside
    )
    prepared = take("streets", data, "a.osm")
    assert "streets_clipped" in codes(prepared, "note")
    assert ["71"] == [i for i in prepared.frames["streets"]["street_id"] if i != "70"]
