"""Places that become protected: gone from the tables, and their traces from the history."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.errors import Fault
from sro_geo.offers.search import normalise
from sro_geo.store import Store, Transaction

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
_PLACES = ["location_id", "host_location_id"]
# What people wrote on a slide, and what they looked for where it comes from.
_ON_A_SLIDE = ["title", "subtitle", "text", "note", "alt", "settings"]


def addresses_given_up(snapshot: Snapshot, offers: pd.DataFrame) -> list[str]:
    """Return the addresses known today of those of ``offers`` that are protected now."""
    shielded = offers.loc[offers["protected"].fillna(False).astype(bool), "offer_id"]
    held = snapshot.directory
    return [str(a) for a in held.loc[held["offer_id"].isin(shielded), "address"].dropna()]


def telling_slides(snapshot: Snapshot, addresses: Sequence[str]) -> list[Fault]:
    """Return a fault for each presentation with a slide that repeats one of the addresses.

    It would go on showing it to everybody.
    """
    known = [short for address in addresses if (short := normalise(address))]
    stories, slides = (
        table[table["removed_at"].isna()]
        for table in (snapshot.tables["stories"], snapshot.tables["slides"])
    )
    rows = slides[["story_id", *_ON_A_SLIDE]].fillna("").itertuples(index=False, name=None)
    said = [(str(story), normalise(" ".join(words))) for story, *words in rows]
    telling = {story for story, words in said if any(address in words for address in known)}
    return [
        Fault("protected_slide_tells", column="address", params={"story": str(name)})
        for story, name in zip(stories["story_id"], stories["name"], strict=True)
        if str(story) in telling or any(address in normalise(str(name)) for address in known)
    ]


def forget_places(tx: Transaction, snapshot: Snapshot, offers: pd.DataFrame, store: Store) -> None:
    """Take away the places of those of ``offers`` that are protected now.

    Every place an offer ever had goes: the one it was moved from, or whose address was
    emptied a moment before, would tell as much. A place that others use stays; it is theirs.
    """
    held = snapshot.tables["offers"].set_index("offer_id")
    shielded = offers.loc[offers["protected"].fillna(False).astype(bool), "offer_id"]
    left = pd.concat([held[~held.index.isin(offers["offer_id"])], offers.set_index("offer_id")])
    used = set(left["location_id"].dropna()) | set(left["host_location_id"].dropna())
    gone: set[str] = set()
    for offer_id in shielded[shielded.isin(held.index)]:
        gone |= _places_ever(store, str(offer_id)) | set(held.loc[offer_id, _PLACES].dropna())
        # Free text of earlier versions may name the address too.
        tx.forget("offers", offer_id, _MAY_NAME_A_PLACE)
    gone -= used
    if there := sorted(gone & set(snapshot.tables["locations"]["location_id"])):
        tx.delete("locations", there)
    for place in sorted(gone):
        tx.forget("locations", place, ["address", "postal_code", "city", "geometry"])


def _places_ever(store: Store, offer_id: str) -> set[str]:
    """Return the ids of all places that the history of an offer names."""
    states = (s for entry in store.history("offers", offer_id) for s in (entry.before, entry.after))
    return {place for state in states for c in _PLACES if (place := state.get(c))}
