"""Places that become protected: gone from the tables, and their traces from the history."""

from __future__ import annotations

import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.store import Transaction

_MAY_NAME_A_PLACE = (
    "location_id",
    "host_location_id",
    "name",
    "description",
    "contact",
    "target_group",
    "accessibility",
    "source",
)


def forget_places(tx: Transaction, snapshot: Snapshot, offers: pd.DataFrame) -> None:
    """Take away the places of those of ``offers`` that are protected now and were placed before.

    A place that others use stays; it is theirs.
    """
    held = snapshot.tables["offers"].set_index("offer_id")
    shielded = offers.loc[offers["protected"].fillna(False).astype(bool), "offer_id"]
    was_open = [i for i in shielded if i in held.index and not _protected(held.loc[i])]
    places = ["location_id", "host_location_id"]
    left = pd.concat([held[~held.index.isin(offers["offer_id"])], offers.set_index("offer_id")])
    used = set(left["location_id"].dropna()) | set(left["host_location_id"].dropna())
    gone: set[str] = set()
    for offer_id in was_open:
        # Free text of earlier versions may name the address too.
        tx.forget("offers", offer_id, _MAY_NAME_A_PLACE)
        gone |= {str(place) for place in held.loc[offer_id, places].dropna()} - used
    if gone:
        tx.delete("locations", sorted(gone))
        for place in sorted(gone):
            tx.forget("locations", place, ["address", "postal_code", "city", "geometry"])


def _protected(row: pd.Series) -> bool:
    return not pd.isna(row["protected"]) and bool(row["protected"])
