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
