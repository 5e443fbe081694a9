"""The offer map's contents: directory, search, filters, opening hours, freshness, quality."""

from sro_geo.offers.directory import build_directory, freshness
from sro_geo.offers.filters import OfferFilter, filter_offers
from sro_geo.offers.quality import check_offers
from sro_geo.offers.search import TextIndex, normalise

__all__ = [
    "OfferFilter",
    "TextIndex",
    "build_directory",
    "check_offers",
    "filter_offers",
    "freshness",
    "normalise",
]
