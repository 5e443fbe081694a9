import geopandas as gpd
import pytest
import shapely

from sro_geo.gazetteer import Gazetteer, NamedPlaces
from tests.offers.toy_offers import TOWN, directory


def gazetteer():
    """Addresses in one street, two streets of one name far apart, one institution."""
    table, version, _ = directory({"at": (0.5, 0.5), "name": "Bücherei Mitte"})
    crs = TOWN.city.crs
    addresses = gpd.GeoDataFrame(
        {
            "address_id": ["a1", "a2", "a3"],
            "street": ["Lindenstraße"] * 3,
            "house_number": ["1", "3", "3a"],
            "postal_code": ["22844"] * 3,
            "city": ["Norderstedt"] * 3,
        },
        geometry=[shapely.Point(TOWN.at(c, 1)) for c in (1, 2, 2.2)],
        crs=crs,
    )
    lines = [((0.2, 0.5), (0.8, 0.5)), ((3.2, 3.5), (3.8, 3.5))]
    streets = gpd.GeoDataFrame(
        {"street_id": ["s1", "s2"], "name": ["Buchenweg"] * 2, "kind": ["residential"] * 2},
        geometry=[shapely.LineString([TOWN.at(*p) for p in line]) for line in lines],
        crs=crs,
    )
    return Gazetteer(NamedPlaces(addresses, streets, version, apart_m=100), table)


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("Lindenstraße 3", "Lindenstraße 3, 22844 Norderstedt"),
        ("lindenstrasse 3a", "Lindenstraße 3a, 22844 Norderstedt"),
        ("Lindenstr 1", "Lindenstraße 1, 22844 Norderstedt"),
        ("Lindenstraße 3, 22844 Norderstedt", "Lindenstraße 3, 22844 Norderstedt"),
        ("bucherei", "Bücherei Mitte"),
        ("nord", "nord"),
    ],
)
def test_a_place_is_found_by_what_people_type(query, label):
    """Address, institution, area: with ß, abbreviation, postal code or without umlaut."""
    assert gazetteer().search(query)[0].label == label


def test_a_street_name_that_exists_twice_is_offered_twice_with_its_space():
    """The answer to an ambiguous name is a question, not a guess."""
    assert [hit.label for hit in gazetteer().search("Buchenweg")] == [
        "Buchenweg (A)",
        "Buchenweg (D)",
    ]


def test_an_ambiguous_name_is_asked_for_by_its_label():
    """What is offered as an answer finds exactly that answer again."""
    assert gazetteer().search("Buchenweg (D)")[0].label == "Buchenweg (D)"


def test_a_missing_house_number_gives_the_nearest_one_and_says_which():
    """Number 5 is not stored; 3 is shown as what it is."""
    assert gazetteer().search("Lindenstraße 5")[0].label.startswith("Lindenstraße 3")


@pytest.mark.parametrize("query", ["", "   ", "12", "Xyzweg 3", "'; drop table"])
def test_what_is_unknown_gives_nothing(query):
    """No guess for a place nobody knows."""
    assert gazetteer().search(query) == []


def streets_hit(*lines, houses=()):
    """What is found for a street drawn in blocks, with houses on it."""
    _, version, _ = directory({"at": (0.5, 0.5), "name": "x"})
    crs = TOWN.city.crs
    table, _, _ = directory({"at": (0.5, 0.5), "name": "x"})
    streets = gpd.GeoDataFrame(
        {"street_id": range(len(lines)), "name": "Lange Zeile", "kind": "residential"},
        geometry=[shapely.LineString([TOWN.at(*p) for p in line]) for line in lines],
        crs=crs,
    )
    addresses = gpd.GeoDataFrame(
        {
            "address_id": range(len(houses)),
            "street": ["Lange Zeile"] * len(houses),
            "house_number": [str(n + 1) for n in range(len(houses))],
            "postal_code": [None] * len(houses),
            "city": [None] * len(houses),
        },
        geometry=[shapely.Point(TOWN.at(*place)) for place in houses],
        crs=crs,
    )
    return Gazetteer(NamedPlaces(addresses, streets, version), table).search


def test_a_street_names_every_space_it_runs_through():
    """Only a street inside one space can be answered with one team."""
    assert ("A", "B") == streets_hit([(0.5, 0.5), (3.5, 0.5)])("Lange Zeile")[0].spaces
    assert ("A",) == streets_hit([(0.2, 0.5), (0.8, 0.5)])("Lange Zeile")[0].spaces


def test_a_street_that_ends_at_a_border_lies_on_its_own_side():
    """One point on the line is not beyond it."""
    for ends in ([(0.5, 0.5), (2, 0.5)], [(2, 0.5), (3.5, 0.5)]):
        assert 1 == len(streets_hit(ends)("Lange Zeile")[0].spaces)


def test_a_street_known_by_its_houses_lies_where_they_are():
    """Without a line, or with a line on the border, the houses tell."""
    houses = [(0.5, 0.5), (3.5, 0.5)]
    assert ("A", "B") == streets_hit(houses=houses)("Lange Zeile")[0].spaces
    houses = [(1.9, 0.5), (2.1, 0.5)]
    assert ("A", "B") == streets_hit([(2, 0), (2, 1)], houses=houses)("Lange Zeile")[0].spaces


def test_a_house_number_lies_in_one_space():
    """It answers the question the street leaves open."""
    search = streets_hit([(0.5, 0.5), (3.5, 0.5)], houses=[(0.5, 0.5), (3.5, 0.5)])
    assert ("address", ()) == (search("Lange Zeile 2")[0].kind, search("Lange Zeile 2")[0].spaces)
