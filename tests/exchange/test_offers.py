"""Offers, their providers and their places."""

import pandas as pd
import pytest

from sro_geo.exchange import Known
from sro_geo.tables import TABLES, conform
from tests.exchange.files import (
    KNOWN,
    codes,
    csv_bytes,
    degrees,
    geojson_bytes,
    places,
    point,
    square,
    take,
)

HEAD = "offer_id;name;category;address;postal_code;city;lat;lon"


def row(number, name="Haus", address="Weg 1", east=10.0, north=10.0):
    """Return a row of the usual table."""
    lon, lat = degrees(east, north)
    return f"{number};{name};youth_centre;{address};22844;Norderstedt;{lat};{lon}"


def offers(*rows, head=HEAD, **more):
    """Prepare a table of offers."""
    return take("offers", csv_bytes(head, *rows), **more)


def only(prepared, code):
    """Return the faults of one code."""
    return [fault for fault in prepared.faults if fault.code == code]


def known(offers=None, locations=None, providers=None):
    """Return what a workspace knows that already has some offers."""
    frames = {
        name: conform(TABLES[name], pd.DataFrame(rows))
        for name, rows in (("offers", offers), ("providers", providers))
        if rows is not None
    }
    return Known(blocks=KNOWN.blocks, areas=KNOWN.areas, locations=locations, **frames)


def test_offers_and_their_places_are_parted():
    """Two offers at one address and point share the place, and it is said."""
    prepared = offers(row(1), row(2, "Treff"), row(3, "Werk", "Weg 2"))
    frame, sites = prepared.frames["offers"], prepared.frames["locations"]
    assert list(frame["location_id"].duplicated()) == [False, True, False]
    assert list(sites["address"]) == ["Weg 1", "Weg 2"]
    assert codes(prepared, "note") == ["status_assumed", "point_shared_addresses"]
    assert not prepared.refused


def test_a_place_the_workspace_knows_keeps_its_id():
    """Address and point must both be the same."""
    held = places(("S1", "Weg 1", 10, 10), ("S2", "Weg 2", 10, 10))
    held["postal_code"], held["city"] = "22844", "Norderstedt"
    prepared = offers(row(1), row(2, "B", "Weg 3"), known=known(locations=held))
    ids = prepared.frames["offers"]["location_id"]
    assert ids[0] == "S1"
    assert ids[1] not in ("S1", "S2")


def test_one_location_id_with_two_places_is_a_fault():
    """A location has one address."""
    head = f"{HEAD};location_id"
    prepared = offers(f"{row(1)};S1", f"{row(2, address='Weg 9')};S1", head=head)
    assert [f.row for f in only(prepared, "location_doubled")] == [3]


def test_a_location_id_alone_must_be_known():
    """It points at a place of the workspace."""
    data = ("1;A;school;S1", "2;B;school;S9")
    held = known(locations=places(("S1", "Weg 1", 10, 10)))
    prepared = offers(*data, head="offer_id;name;category;location_id", known=held)
    assert [(f.row, f.column) for f in only(prepared, "reference_unknown")] == [(3, "location_id")]


def test_rows_without_coordinates_are_kept_and_listed():
    """With their address; half a coordinate is none; 0, 0 is nowhere."""
    lon, lat = degrees(10, 10)
    base = "Haus;youth_centre;Weg 1;22844;Norderstedt"
    prepared = offers(f"1;{base};;", f"2;{base};{lat};", f"3;{base};0;0", f"4;{base};{lat};{lon}")
    found = [(f.code, f.row) for f in prepared.faults if f.code.startswith("point_")]
    assert found == [("point_missing", 2), ("point_incomplete", 3), ("point_zero", 4)]
    assert (prepared.refused, len(prepared.frames["offers"])) == (False, 4)
    assert prepared.frames["locations"].geometry.isna().sum() == 1


def test_an_offer_that_is_nowhere_is_said():
    """Neither address nor point nor area."""
    prepared = offers("1;A;school;;;;;", "2;B;school;;;Norderstedt;;")
    assert [f.row for f in only(prepared, "place_missing")] == [2, 3]


def test_points_beyond_the_blocks_are_noted_and_beyond_the_bounds_refused():
    """A neighbour's offer may stay; one in another country may not."""
    prepared = offers(row(1, east=900.0), row(2, "B", "Weg 2", east=60_000.0))
    assert [(f.code, f.row, f.severity) for f in prepared.faults if f.row] == [
        ("outside_bounds", 3, "error"),
        ("outside_blocks", 2, "note"),
    ]


def test_swapped_coordinates_are_offered_as_a_repair():
    """By where they would lie."""
    lat, lon = degrees(10, 10)
    prepared = offers(f"1;A;school;Weg 1;22844;N;{lat};{lon}")
    assert codes(prepared, "repair") == ["coordinates_swapped"]
    assert prepared.frames["locations"].geometry[0].x == pytest.approx(566_010, abs=0.1)


def test_a_playground_drawn_as_an_area_becomes_a_point_with_consent():
    """A point inside of it."""
    data = geojson_bytes([({"name": "Platz"}, square(0, 0))])
    prepared = take("offers", data, "a.geojson", mapping={"category": "=playground"})
    assert codes(prepared, "repair") == ["area_for_point"]


@pytest.mark.parametrize(
    ("value", "category"),
    [("Schule", "school"), ("KITA", "day_care"), ("Youth counselling", None), ("school", "school")],
)
def test_categories_by_key_name_or_everyday_word(value, category):
    """Everyday words are said; unknown ones are faults with those that are close."""
    prepared = offers(f"1;A;{value};Weg 1;;;;")
    if category is None:
        assert only(prepared, "category_unknown")[0].params["known"]
    else:
        assert prepared.frames["offers"]["category"][0] == category
    assert bool(only(prepared, "category_read")) == (value == "KITA")


def test_months_become_completed_years_aloud():
    """From 12 to 72 months is 1 to 5 years."""
    head = "offer_id;name;category;careFrom;careTo"
    prepared = offers("1;A;day_care;12.0;72.0", "2;B;day_care;2.0;83.0", head=head)
    frame = prepared.frames["offers"]
    assert (list(frame["age_min"]), list(frame["age_max"])) == ([1, 0], [5, 6])
    assert len(only(prepared, "months_turned")) == 2


def test_ages_that_cross_are_faults():
    """From 12 to 6."""
    prepared = offers("1;A;school;12;6", head="offer_id;name;category;age_min;age_max")
    assert [(f.code, f.column) for f in prepared.faults if f.severity == "error"] == [
        ("ages_crossed", "age_max")
    ]


PROVIDERS = [{"provider_id": "T1", "name": "AWO Kreis Nord"}, {"provider_id": "T2", "name": "DRK"}]


def test_providers_by_id_or_name():
    """A new one is proposed and said, a similar one said twice as loud."""
    prepared = offers(
        "1;A;school;T1;",
        "2;B;school;;awo  kreis nord",
        "3;C;school;;AWO Kreis Nörd",
        "4;D;school;;Träger Ö",
        "5;E;school;T9;",
        head="offer_id;name;category;provider_id;Träger",
        known=known(providers=PROVIDERS),
    )
    ids = prepared.frames["offers"]["provider_id"].fillna("").to_list()
    assert ids == ["T1", "T1", "awo-kreis-noerd", "traeger-oe", ""]
    assert list(prepared.frames["providers"]["name"]) == ["AWO Kreis Nörd", "Träger Ö"]
    assert [f.row for f in only(prepared, "provider_spelt")] == [3]
    assert [f.row for f in only(prepared, "provider_new_similar")] == [4]
    assert [f.row for f in only(prepared, "provider_new")] == [5]
    assert [f.row for f in only(prepared, "reference_unknown")] == [6]


def test_contact_is_joined_from_telephone_mail_and_website():
    """And it is said from which columns."""
    prepared = offers(
        "1;A;school;+49 40 1;a@b.example", head="offer_id;name;category;Telefon;E-Mail"
    )
    assert prepared.frames["offers"]["contact"][0] == "+49 40 1, a@b.example"
    assert only(prepared, "contact_joined")[0].params["columns"] == "Telefon, E-Mail"


def test_service_areas_by_id_or_name():
    """Separated by blanks, commas or semicolons; unknown ones are faults."""
    head = "offer_id|name|category|service_area"
    prepared = offers("1|A|school|A B", "2|B|school|A; nord", "3|C|school|Q", head=head)
    assert prepared.frames["offers"]["service_area"].fillna("").to_list() == ["A B", "A nord", ""]
    assert [f.row for f in only(prepared, "area_unknown")] == [4]


def test_a_protected_place_loses_address_and_point_with_consent():
    """And no message names them."""
    head = f"{HEAD};protected;service_area"
    shelter = f"{row(1, 'Zuflucht', 'Geheimweg 7')};ja;A"
    prepared = offers(shelter, head=head)
    assert (codes(prepared, "repair"), prepared.refused) == (["protected_with_place"], True)
    consented = offers(shelter, head=head, repair=True)
    assert not consented.refused
    assert "locations" not in consented.frames
    assert pd.isna(consented.frames["offers"]["location_id"][0])
    assert "Geheimweg" not in repr(consented.faults) + repr(consented.frames["offers"])


def test_a_protected_place_far_away_leaves_no_trace_of_where():
    """Not even in the message that it lies outside."""
    shelter = f"{row(1, 'Zuflucht', 'Weg 7', east=60_000.0)};ja;A"
    prepared = offers(shelter, head=f"{HEAD};protected;service_area")
    assert codes(prepared) == ["protected_with_place", "status_assumed"]


def test_a_protected_place_needs_an_area():
    """Nothing else is kept of where it is."""
    prepared = offers("1;Z;protection;ja", head="offer_id;name;category;protected")
    assert codes(prepared, "error") == ["protected_without_area"]


def test_taking_in_again_keeps_what_the_file_does_not_say():
    """Also that a place is protected, and where an offer is."""
    held = known(
        offers=[
            {"offer_id": "1", "name": "A", "category": "school", "capacity": 12, "status": "paused",
             "location_id": "S1", "low_threshold": True, "schedule": "Mo 08:00-12:00"},
            {"offer_id": "2", "name": "B", "category": "protection", "status": "active",
             "protected": True, "service_area": "A"},
        ],
        locations=places(("S1", "Weg 1", 10, 10)),
    )  # fmt: skip
    head = "offer_id;name;category;description"
    prepared = offers("1;Neu;school;x", "2;B;protection;y", "3;C;school;z", head=head, known=held)
    frame = prepared.frames["offers"].set_index("offer_id")
    assert not prepared.refused
    assert frame.loc["1", ["name", "capacity", "status", "location_id", "schedule"]].to_list() == [
        "Neu",
        12,
        "paused",
        "S1",
        "Mo 08:00-12:00",
    ]
    assert frame.loc["2", ["protected", "service_area"]].to_list() == [True, "A"]
    assert frame.loc["3", "status"] == "active"
    assert frame.loc["1", "low_threshold"] is True or bool(frame.loc["1", "low_threshold"])


def test_a_known_protected_place_stays_protected_when_the_file_brings_an_address():
    """Consent is asked for, and the address goes."""
    shelter = {"offer_id": "1", "name": "Z", "category": "protection", "status": "active"}
    held = known(offers=[shelter | {"protected": True, "service_area": "A"}])
    prepared = offers(row(1, "Z"), known=held)
    assert codes(prepared, "repair") == ["protected_with_place"]
    assert "locations" not in prepared.frames


def test_offers_without_ids_get_the_same_ids_next_time():
    """Made of name and address; twins are told apart and said."""
    head = "name;category;address"
    first = offers("A;school;Weg 1", "A;school;Weg 1", "B;school;Weg 1", head=head)
    again = offers("B;school;Weg 1", "A;school;Weg 1", head=head)
    ids = first.frames["offers"]["offer_id"]
    assert ids.is_unique
    assert set(again.frames["offers"]["offer_id"]) == {ids[0], ids[2]}
    assert "id_derived_twins" in codes(first)


def test_a_house_number_far_off_its_neighbours_is_noted():
    """Only the wrong one, not those beside it."""
    prepared = offers(
        row(1, "A", "Langer Weg 10", 0.0, 0.0),
        row(2, "B", "Langer Weg 20", 0.0, 200.0),
        row(3, "C", "Langer Weg 30", 0.0, 3000.0),
        row(4, "D", "Langer Weg 40", 0.0, 600.0),
        row(5, "E", "Langer Weg 50", 0.0, 800.0),
    )
    assert [f.row for f in only(prepared, "point_far_from_neighbours")] == [4]


def test_a_point_far_from_its_known_address_is_noted():
    """By the workspace's own address points."""
    lon, lat = degrees(10, 10)
    data = csv_bytes("id;street;house_number;lat;lon", f"1;Ulmenstraße;5;{lat};{lon}")
    addresses = take("addresses", data).frames["addresses"]
    held = Known(blocks=KNOWN.blocks, addresses=addresses)  # type: ignore[arg-type]
    prepared = offers(
        row(1, "A", "Ulmenstr. 5", 2000.0), row(2, "B", "Ulmenstr. 5", 20.0), known=held
    )
    assert [f.row for f in only(prepared, "point_far_from_address")] == [2]
    assert [f.params["metres"] for f in only(prepared, "address_two_points")] == [1980]


def test_districts_that_differ_on_one_point_are_noted():
    """The point decides, not the name."""
    head = f"{HEAD};Stadtteil"
    prepared = offers(f"{row(1)};Nord", f"{row(2, 'B')};Süd", head=head)
    assert only(prepared, "districts_differ")[0].params["districts"] == "Nord, Süd"


def test_five_thousand_offers_take_seconds_at_most():
    """With notes on every one of them."""
    import time

    lines = [
        row(i, f"Haus {i}", f"Weg {i % 300}", i % 190 + 1.0, i % 170 + 1.0) for i in range(5000)
    ]
    started = time.perf_counter()
    prepared = offers(*lines)
    assert time.perf_counter() - started < 6
    assert len(prepared.frames["offers"]) == 5000


def test_a_feature_without_a_point_is_kept():
    """Its geometry is null."""
    data = geojson_bytes([({"name": "A", "address": "Weg 1"}, None), ({"name": "B"}, point(5, 5))])
    prepared = take("offers", data, "a.geojson", mapping={"category": "=school"})
    assert [(f.code, f.row) for f in prepared.faults if f.row] == [("point_missing", 1)]
    assert len(prepared.frames["offers"]) == 2
