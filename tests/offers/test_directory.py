"""The directory of a city that has no offers yet."""

import geopandas as gpd
import pandas as pd

from sro_geo.offers import build_directory
from sro_geo.tables import TABLES, conform
from tests.offers.toy_offers import TOWN


def test_a_city_without_offers_has_an_empty_directory():
    """No row, all columns: a new city is looked at before its first offer comes in."""
    offers, providers = (conform(TABLES[t], pd.DataFrame()) for t in ("offers", "providers"))
    nowhere = gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=TOWN.city.crs)
    places = conform(TABLES["locations"], nowhere)
    directory = build_directory(TOWN.city, offers, providers, places, TOWN.version())
    assert 0 == len(directory)
    assert {"provider", "lat", "mobile", "status_of_place"} <= set(directory.columns)
