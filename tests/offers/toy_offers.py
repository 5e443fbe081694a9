"""A few offers in the toy city: placed, mobile, protected, without a place."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from sro_geo.offers import TextIndex, build_directory
from sro_geo.tables import TABLES, conform
from tests.toy import draw

TOWN = draw("AABB AABB CCDD CCDD", {"A": "nord", "B": "nord", "C": "sued", "D": "sued"})


def directory(*records):
    """Return (directory, version, index) for offers given as dicts; ``at`` is (column, row)."""
    offers, places = [], []
    for number, record in enumerate(records):
        values = {
            "offer_id": f"o{number}",
            "name": f"Angebot {number}",
            "category": "youth_centre",
            "status": "active",
            "verified_on": "2026-06-01",
            "provider_id": "p",
            **record,
        }
        at = values.pop("at", None)
        address = values.pop("address", None)
        if at is not None:
            values["location_id"] = f"l{number}"
            places.append({"location_id": f"l{number}", "address": address, "point": TOWN.at(*at)})
        offers.append(values)
    frame = conform(TABLES["offers"], pd.DataFrame(offers))
    frame["row_version"] = 1
    locations = gpd.GeoDataFrame(
        pd.DataFrame(
            {
                "location_id": [p["location_id"] for p in places],
                "address": [p["address"] for p in places],
                "postal_code": None,
                "city": None,
            }
        ),
        geometry=[shapely.Point(p["point"]) for p in places],
        crs=TOWN.city.crs,
    )
    providers = pd.DataFrame({"provider_id": ["p"], "name": ["Träger P"]})
    version = TOWN.version()
    table = build_directory(TOWN.city, frame, providers, locations, version)
    return table, version, TextIndex([[name] for name in table["name"]])
