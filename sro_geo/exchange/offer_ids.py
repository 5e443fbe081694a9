"""Which offer of the workspace a row speaks of, where the file has no ids.

New ids are made of the name alone. One made of the address too would give it away, once
the place becomes protected, to anybody who tries all addresses of the city.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import numpy as np

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import joined_addresses
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, present

_Key = tuple[str, str]


def known_ids(intake: Intake) -> np.ndarray:
    """Return the ids of the file, or of the offers known again, None for new ones.

    An offer is known again by name and address, a protected one by its name alone: its
    address is not kept, but an older list may still have it.
    """
    if intake.has("offer_id"):
        return intake.text("offer_id")
    out = filled(None, intake.size)
    held = intake.known.held("offers")
    if held is None:
        return out
    places = intake.known.held("locations")
    address_of = (
        {} if places is None else dict(zip(places["location_id"], places["address"], strict=True))
    )
    open_ones: dict[_Key, list[str]] = {}
    protected: dict[str, list[str]] = {}
    rows = held[["offer_id", "name", "location_id", "protected"]].itertuples(index=False)
    for key, name, place, hidden in sorted(rows, key=lambda row: (len(row[0]), row[0])):
        if present(np.array([hidden], object))[0] and hidden:
            protected.setdefault(_plain(name), []).append(key)
        else:
            both = (_plain(name), _plain(address_of.get(place)))
            open_ones.setdefault(both, []).append(key)
    addresses, _, _ = joined_addresses(intake, silent=True)
    for position, name in enumerate(intake.text("name")):
        both = (_plain(name), _plain(addresses[position]))
        for choices in (open_ones.get(both), protected.get(both[0])):
            if choices:
                out[position] = choices.pop(0)
                break
    return out


def complete_ids(intake: Intake, ids: np.ndarray, shielded: np.ndarray) -> np.ndarray:
    """Fill the gaps of ``ids``: the offer that a row protects from now on, else a new id."""
    if intake.has("offer_id"):
        return ids
    names = [_plain(name) for name in intake.text("name")]
    held = intake.known.held("offers")
    told = {*ids[present(ids)]}
    free_id = FreeIds({*told, *intake.known.ids("offers")})
    if held is not None and (shielded & ~present(ids)).any():
        free = [
            (key, _plain(name))
            for key, name in zip(held["offer_id"], held["name"], strict=True)
            if key not in told
        ]
        times = Counter(name for _, name in free)
        only = {name: key for key, name in free if times[name] == 1}
        for position in np.flatnonzero(shielded & ~present(ids)):
            ids[position] = only.pop(names[position], None)
    for position in np.flatnonzero(~present(ids)):
        digest = hashlib.sha256(names[position].encode("utf-8", "replace")).hexdigest()[:10]
        ids[position] = free_id(f"o-{digest}")
    addresses, _, _ = joined_addresses(intake, silent=True)
    alike = Counter(zip(names, map(_plain, addresses), strict=True))
    twins = sum(1 for count in alike.values() if count > 1)
    example = ids[0] if len(ids) else ""
    intake.log.add("id_derived", column="offer_id", severity="note", example=example)
    if twins:
        intake.log.add("id_derived_twins", column="offer_id", severity="note", count=twins)
    return ids


class FreeIds:
    """Gives ids that are not taken: the one wished for, or with ``-2``, ``-3`` … behind it."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def __call__(self, wish: str) -> str:
        """Return a free id, which is taken from now on."""
        name, count = wish, self._last.get(wish, 1)
        while name in self._taken:
            count += 1
            name = f"{wish}-{count}"
        self._last[wish] = count
        self._taken.add(name)
        return name


def _plain(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""
