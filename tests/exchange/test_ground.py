"""Addresses, streets, ground, providers, teams and responsibilities."""

import pandas as pd
import pytest

from sro_geo.exchange import Known
from sro_geo.exchange.places import split_house_number
from tests.exchange.files import (
    KNOWN,
    codes,
    csv_bytes,
    degrees,
    geojson_bytes,
    point,
    square,
    take,
)
from tests.toy import ORIGIN


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("Waldstraße 42", ("Waldstraße", "42")),
        ("Weg am Denkmal 9 a", ("Weg am Denkmal", "9 a")),
        ("Poppenbütteler Straße 172 / 180", ("Poppenbütteler Straße", "172 / 180")),
        ("Straße des 17. Juni 135", ("Straße des 17. Juni", "135")),
        ("Harkshörner Weg 8-10", ("Harkshörner Weg", "8-10")),
        ("Am Sportplatz", ("Am Sportplatz", None)),
        ("Lawaetzstraße 3f", ("Lawaetzstraße", "3f")),
    ],
)
def test_house_numbers_are_split_off(address, parts):
    """In the forms registers write them."""
    assert split_house_number(address) == parts


def test_addresses_in_one_column_are_parted_and_said():
    """Street, number, postal code and town."""
    lon, lat = degrees(10, 10)
    data = csv_bytes("Adresse;lat;lon", f'"Waldstraße 42, 22846 Norderstedt";{lat};{lon}')
    prepared = take("addresses", data)
    row = prepared.frames["addresses"].iloc[0]
    assert (row["street"], row["house_number"]) == ("Waldstraße", "42")
    assert (row["postal_code"], row["city"]) == ("22846", "Norderstedt")
    assert codes(prepared) == ["address_parted", "id_derived"]


def test_official_house_coordinates_in_metres_are_recognised():
    """Columns x and y carry no CRS; where they put the points tells it."""
    x, y = ORIGIN[0] + 10.5, ORIGIN[1] + 10.25
    data = csv_bytes(
        "id;strasse;hnr;hnrzusatz;x;y", f"7;Waldstr.;4;a;{x:.2f};{y:.2f}".replace(".", ",")
    )
    prepared = take("addresses", data.replace(b"Waldstr,", b"Waldstr."))
    frame = prepared.frames["addresses"]
    assert (prepared.crs, codes(prepared)) == ("EPSG:25832", ["crs_metres"])
    assert (frame["house_number"][0], frame.geometry[0].x) == ("4a", pytest.approx(x))
    assert not prepared.refused


def test_an_address_without_a_point_is_a_fault():
    """It is of no use to the gazetteer."""
    prepared = take("addresses", csv_bytes("id;street;house_number;lat;lon", "1;Weg;2;;"))
    assert [(f.code, f.row, f.column) for f in prepared.faults] == [
        ("geometry_missing", 2, "lat, lon")
    ]


def test_streets_of_openstreetmap_are_read():
    """osm_id as text, highway as kind."""
    (a, b), (c, d) = degrees(0, 0), degrees(90, 90)
    line = {"type": "LineString", "coordinates": [[a, b], [c, d]]}
    features = [
        ({"osm_id": 27847413, "name": "Ulmenweg", "highway": "living_street"}, line),
        ({"osm_id": 2, "name": None, "highway": "secondary"}, line),
        ({"osm_id": 3, "name": "X", "highway": "raceway"}, line),
    ]
    prepared = take("streets", geojson_bytes(features), "a.geojson")
    frame = prepared.frames["streets"]
    assert list(frame["street_id"]) == ["27847413", "2", "3"]
    assert frame["kind"].fillna("").to_list() == ["residential", "main", ""]
    assert codes(prepared) == ["street_kind_unknown"]


def test_ground_needs_a_kind():
    """From a column or from the mapping."""
    data = geojson_bytes([({"name": "Moorbek"}, square(0, 0))])
    assert codes(take("basemap", data, "a.geojson"), "error") == ["column_missing"]
    prepared = take("basemap", data, "a.geojson", mapping={"kind": "=Gewässer"})
    assert (prepared.refused, prepared.frames["basemap"]["kind"][0]) == (False, "water")


def test_ground_beyond_the_city_is_kept():
    """A neighbouring town lies outside by nature."""
    data = geojson_bytes([({"kind": "nachbar", "name": "Nebenan"}, square(40_000, 0))])
    prepared = take("basemap", data, "a.geojson")
    assert (codes(prepared, "error"), len(prepared.frames["basemap"])) == ([], 1)


def test_derived_ids_are_the_same_next_time():
    """So that the same file taken in twice changes nothing."""
    data = geojson_bytes([({"kind": "wald"}, square(0, 0)), ({"kind": "wald"}, point(5, 5))])
    ids = [take("basemap", data, "a.geojson").frames["basemap"]["feature_id"] for _ in range(2)]
    assert ids[0].to_list() == ids[1].to_list()
    assert ids[0].is_unique


def test_providers_get_ids_of_their_names():
    """And the kind in German words is read."""
    prepared = take("providers", csv_bytes("Träger;Art", "AWO Nord;freier Träger", "TSV;Verein"))
    frame = prepared.frames["providers"]
    assert list(frame["kind"]) == ["non_statutory", "club"]
    assert frame["provider_id"].is_unique
    assert codes(prepared) == ["id_derived"]


def test_taking_a_provider_in_again_keeps_what_the_file_does_not_say():
    """A file of names does not wipe out the websites."""
    held = pd.DataFrame({"provider_id": ["T1"], "name": ["Alt"], "website": ["https://a.example"]})
    data = csv_bytes("provider_id;name", "T1;Neu", "T2;Zwei")
    frame = take("providers", data, known=Known(providers=held)).frames["providers"]
    assert frame["website"].fillna("").to_list() == ["https://a.example", ""]


def test_responsibilities_must_name_known_areas_and_teams():
    """With those that look like it, and dates in order."""
    teams = pd.DataFrame({"team_id": ["team-a"], "name": ["A"]})
    data = csv_bytes(
        "area_id;team_id;valid_from;valid_to",
        "A;team-a;2020-01-01;",
        "Q;team-a;2020-01-01;",
        "B;team-x;2020-01-01;",
        "C;team-a;2020-01-01;2019-01-01",
    )
    prepared = take("responsibilities", data, known=Known(areas=KNOWN.areas, teams=teams))
    assert [(f.code, f.row, f.column) for f in prepared.faults] == [
        ("reference_unknown", 3, "area_id"),
        ("reference_unknown", 4, "team_id"),
        ("dates_crossed", 5, "valid_to"),
    ]
