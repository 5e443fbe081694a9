"""Every way in which a protected place could stay in the workspace."""

from __future__ import annotations

import pytest

from sro_geo.actions.asking import search_place
from sro_geo.actions.editing import duplicate_offer, offer_history
from sro_geo.actions.importing import import_file
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import InputRefused
from tests.privacy import canary

NOWHERE = dict.fromkeys(canary.PLACE)


def take(workspace: Workspace, *lines: str, repair: bool = False) -> None:
    """Import a CSV file of offers."""
    data = "\n".join(lines).encode()
    import_file(workspace, "offers", data, name="angebote.csv", actor=canary.EDITOR, repair=repair)


def record(workspace: Workspace, **fields: object) -> tuple[str, str]:
    """Return header and row of an offer at the canary's place."""
    category = next(iter(workspace.city.categories))
    row = {"name": "Haus K", "category": category, "status": "active", **fields}
    return ",".join(row), ",".join(str(value) for value in row.values())


PLACED = {"address": canary.ADDRESS, "lat": canary.LAT, "lon": canary.LON}


def test_an_address_emptied_before_the_place_is_protected_is_gone(opened: Workspace) -> None:
    """Many people will first clear the address, then tick the box."""
    offer = canary.add(opened)
    canary.change(opened, offer, **NOWHERE)
    canary.protect(opened, offer)
    assert canary.traces(opened) == []


def test_the_places_it_was_moved_from_are_gone_too(opened: Workspace) -> None:
    """A corrected point leaves the old place behind, with the same address."""
    moved = {**PLACED, "lat": canary.LAT + 0.001}
    take(opened, *record(opened, offer_id="k", **PLACED))
    take(opened, *record(opened, offer_id="k", **moved))
    take(opened, *record(opened, offer_id="k", protected="ja", service_area=_area(opened)))
    assert canary.traces(opened) == []


def test_an_import_without_the_column_leaves_a_place_protected(opened: Workspace) -> None:
    """Last year's list knows nothing of the protection; its address is not let in."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    lines = record(opened, offer_id=offer, **PLACED)
    with pytest.raises(InputRefused):
        take(opened, *lines)
    take(opened, *lines, repair=True)
    held = opened.store.read("offers").set_index("offer_id")
    assert bool(held.loc[offer, "protected"])
    assert canary.traces(opened) == []


def test_a_place_others_use_stays_theirs(opened: Workspace) -> None:
    """A copy that is open keeps the address; the history of the protected one does not."""
    offer = canary.add(opened)
    copy = duplicate_offer(opened, offer, "Kopie", actor=canary.EDITOR, idempotency_key="k")
    canary.protect(opened, offer)
    rows = opened.snapshot().directory.set_index("offer_id")
    assert rows.loc[copy, "address"] == canary.ADDRESS
    assert rows.loc[offer, ["address", "x", "lat", "location_id"]].isna().all()
    told = [entry.before | entry.after for entry in offer_history(opened, offer)]
    assert not any(state.get("location_id") for state in told)
    canary.protect(opened, copy)
    assert canary.traces(opened) == []


def test_a_copy_of_a_protected_place_is_protected(opened: Workspace) -> None:
    """And has no place of its own."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    copy = duplicate_offer(opened, offer, "Kopie", actor=canary.EDITOR, idempotency_key="k")
    row = opened.snapshot().directory.set_index("offer_id").loc[copy]
    assert bool(row["protected"])
    assert row[["address", "x", "lat", "location_id"]].isna().all()


def test_a_place_that_is_open_again_begins_without_its_old_address(opened: Workspace) -> None:
    """What was forgotten does not come back."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    canary.change(opened, offer, protected=False)
    row = opened.snapshot().directory.set_index("offer_id").loc[offer]
    assert row[["address", "lat", "location_id"]].isna().all()
    assert canary.traces(opened) == []


def test_the_gazetteer_does_not_know_a_protected_place(opened: Workspace) -> None:
    """Its name leads nowhere."""
    offer = canary.add(opened, name="Zufluchtsort Kanarienvogel")
    assert [hit.kind for hit in search_place(opened.snapshot(), "Zufluchtsort")] == ["institution"]
    canary.protect(opened, offer)
    assert search_place(opened.snapshot(), "Zufluchtsort Kanarienvogel") == []


def _area(workspace: Workspace) -> str:
    return canary.lowest_area(workspace)


def test_no_id_is_made_of_an_address(opened: Workspace) -> None:
    """Whoever tries all addresses of the city would find the one that gives the id."""
    before = {table: set(opened.store.read(table).iloc[:, 0]) for table in ("offers", "locations")}
    for address in (canary.ADDRESS, "Ganz woanders 1"):
        head, row = record(opened, address=address)
        take(opened, head, row)
    new = {
        table: sorted(set(opened.store.read(table).iloc[:, 0]) - ids)
        for table, ids in before.items()
    }
    assert new["offers"][1] == f"{new['offers'][0]}-2"
    assert new["locations"] == [f"l-{offer}" for offer in new["offers"]]


def test_a_list_without_ids_protects_the_offer_it_brought(opened: Workspace) -> None:
    """Not a second one beside it that stays open."""
    take(opened, *record(opened, **PLACED))
    count = len(opened.store.read("offers"))
    secret = {"protected": "ja", "service_area": _area(opened)}
    take(opened, *record(opened, **PLACED, **secret), repair=True)
    assert len(opened.store.read("offers")) == count
    assert canary.traces(opened) == []


def test_a_list_without_ids_and_addresses_protects_the_offer_of_that_name(
    opened: Workspace,
) -> None:
    """Somebody took the address out before sending the list."""
    take(opened, *record(opened, **PLACED))
    take(opened, *record(opened, protected="ja", service_area=_area(opened)))
    assert canary.traces(opened) == []


def test_an_old_list_without_ids_does_not_bring_a_protected_place_back(opened: Workspace) -> None:
    """It is known again by its name, and its address is not let in."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    with pytest.raises(InputRefused) as refused:
        take(opened, *record(opened, **PLACED))
    assert "protected_with_place" in {fault.code for fault in refused.value.faults}


def test_lifting_a_protection_needs_consent(opened: Workspace) -> None:
    """A "nein" in a list may be last year's."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    lines = record(opened, offer_id=offer, protected="nein", **PLACED)
    with pytest.raises(InputRefused) as refused:
        take(opened, *lines)
    assert "protection_lifted" in {f.code for f in refused.value.faults if f.severity == "repair"}
    take(opened, *lines, repair=True)
    assert opened.snapshot().directory.set_index("offer_id").loc[offer, "address"] == canary.ADDRESS
