"""What the card says where something is not known, or lies elsewhere."""

import pandas as pd
import pytest

from sro_geo.actions.asking import find_offers
from sro_geo.offers import OfferFilter
from sro_geo.ui.offer_card import ages_in_words, card_facts


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, None, "nicht angegeben"),
        (6, None, "ab 6 Jahren"),
        (pd.NA, 12, "bis 12 Jahre"),
        (6, 12, "6 bis 12 Jahre"),
    ],
)
def test_ages_nobody_wrote_down_are_not_all_ages(low, high, words):
    """What is unknown is said to be unknown."""
    assert words == ages_in_words(low, high, "de")


def test_a_point_without_an_address_is_a_place(opened):
    """Only an entry with neither has no place yet; outside every area is said."""
    snapshot = opened.snapshot()
    rows = find_offers(snapshot, OfferFilter())
    row = rows[rows["status_of_place"] == "inside"].iloc[0].copy()
    row[["address", "postal_code", "city"]] = None
    assert "Punkt auf der Karte, ohne Adresse" in card_facts(row, snapshot, "de")
    row["status_of_place"] = "unplaced"
    assert "noch kein Ort eingetragen" in card_facts(row, snapshot, "de")
    row["status_of_place"] = "outside"
    assert "<dd>außerhalb der Stadt</dd>" in card_facts(row, snapshot, "de")
