"""Changes to the offer map: add, edit, duplicate, close, confirm — each with its history."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from sro_geo.actions.access import EDIT_OFFERS, Actor, authorise
from sro_geo.actions.protecting import forget_places, telling_slides
from sro_geo.actions.workspace import Snapshot, Workspace
from sro_geo.errors import Fault, InputRefused, SroError
from sro_geo.offers.directory import service_area_ids
from sro_geo.offers.search import normalise
from sro_geo.store import AuditEntry
from sro_geo.tables import TABLES, conform, validate

PLACE_FIELDS = ("address", "postal_code", "city", "lat", "lon")


def save_offer(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    offer_id: str | None = None,
    expected_version: int | None = None,
    idempotency_key: str | None = None,
) -> str:
    """Write a new offer or the changed fields of one, and return its id.

    Parameters
    ----------
    values
        Fields of ``offers`` and of its place (``address``, ``postal_code``, ``city``,
        ``lat``, ``lon`` in degrees). Fields left out stay as they are.
    expected_version
        ``row_version`` the editor saw; a later one means somebody else was faster.
    idempotency_key
        The same key never writes twice (a double click, a repeated request).

    Raises
    ------
    InputRefused
        With every fault of the form.
    SroError
        ``not_allowed``, ``edited_meanwhile``, ``offer_unknown``.
    """
    authorise(actor, EDIT_OFFERS)
    snapshot = workspace.snapshot()
    before = _current(snapshot, offer_id) if offer_id else {}
    merged = {**before, **values}
    # The id follows from the key, so a repeated request names the same offer.
    new_id = offer_id or _new_id(str(merged.get("name") or ""), idempotency_key or uuid.uuid4().hex)
    merged["offer_id"] = new_id
    merged.setdefault("status", "active")
    protected = bool(merged.get("protected") or False)
    place = {field: merged.pop(field, None) for field in PLACE_FIELDS}
    touched = any(field in values for field in PLACE_FIELDS)
    if protected:
        merged["location_id"] = merged["host_location_id"] = None
        place = dict.fromkeys(PLACE_FIELDS)
    provider = _new_provider(snapshot, merged)
    row = conform(TABLES["offers"], pd.DataFrame([merged]))
    faults = _faults(snapshot, row, place, protected)
    if protected:
        addresses = [
            a for a in (before.get("address"), values.get("address")) if isinstance(a, str)
        ]
        faults += _telling_texts(row, addresses) + telling_slides(snapshot, addresses)
    if faults:
        raise InputRefused(str(merged.get("name") or new_id), faults, code="form_refused")
    location = None
    if not protected and touched:
        location = _location(snapshot, new_id, before, place)
        row["location_id"] = None if location is None else location["location_id"].iloc[0]
    action = "edit offer" if offer_id else "add offer"
    with workspace.writing(actor, action, idempotency_key=idempotency_key) as tx:
        if provider is not None:
            tx.upsert("providers", provider)
        if location is not None:
            tx.upsert("locations", location)
        if offer_id:
            changes = {
                column: row[column].iloc[0]
                for column in row.columns
                if column != "offer_id" and not _same(row[column].iloc[0], before.get(column))
            }
            version = expected_version or int(before["row_version"])
            if changes:
                tx.update("offers", offer_id, changes, expected_version=version)
        else:
            tx.upsert("offers", row)
        if protected and offer_id:
            forget_places(tx, snapshot, row, workspace.store)
    return new_id


def confirm_offer(
    workspace: Workspace, offer_id: str, *, actor: Actor, expected_version: int
) -> None:
    """Write down that somebody checked the entry today."""
    today = workspace.snapshot().today.isoformat()
    _update(workspace, offer_id, {"verified_on": today}, actor, expected_version, "confirm offer")


def close_offer(
    workspace: Workspace, offer_id: str, *, actor: Actor, expected_version: int
) -> None:
    """Close an offer; it stays in the workspace and can be opened again."""
    _update(workspace, offer_id, {"status": "closed"}, actor, expected_version, "close offer")


def reopen_offer(
    workspace: Workspace, offer_id: str, *, actor: Actor, expected_version: int
) -> None:
    """Undo a closing."""
    _update(workspace, offer_id, {"status": "active"}, actor, expected_version, "reopen offer")


def duplicate_offer(
    workspace: Workspace, offer_id: str, name: str, *, actor: Actor, idempotency_key: str
) -> str:
    """Add a copy of an offer under a new name, planned and not yet confirmed."""
    values = _current(workspace.snapshot(), offer_id)
    for field in ("offer_id", "row_version", "verified_on"):
        values.pop(field, None)
    values |= {"name": name, "status": "planned"}
    shared = values.get("location_id")
    for field in PLACE_FIELDS:
        values.pop(field, None)
    values["location_id"] = shared
    return save_offer(workspace, values, actor=actor, idempotency_key=idempotency_key)


@dataclass(frozen=True)
class Hours:
    """How written opening hours are taken: as they stand, or what was probably meant."""

    readable: bool
    meant: str | None = None


def read_hours(written: str) -> Hours:
    """Read opening hours as a form will, with the importer's proposal where they fail."""
    from opening_hours import validate as schedule_is_valid

    from sro_geo.exchange.schedule import read_schedule

    if schedule_is_valid(written):
        return Hours(True)
    meant, _ = read_schedule(written)
    return Hours(False, meant if meant and schedule_is_valid(meant) else None)


def offer_history(workspace: Workspace, offer_id: str) -> list[AuditEntry]:
    """Return what changed and when, newest first."""
    return workspace.store.history("offers", offer_id)


def _update(
    workspace: Workspace,
    offer_id: str,
    values: dict[str, Any],
    actor: Actor,
    expected_version: int,
    action: str,
) -> None:
    authorise(actor, EDIT_OFFERS)
    _current(workspace.snapshot(), offer_id)
    with workspace.writing(actor, action) as tx:
        tx.update("offers", offer_id, values, expected_version=expected_version)


def _current(snapshot: Snapshot, offer_id: str | None) -> dict[str, Any]:
    """Return the stored values of an offer together with those of its place."""
    directory = snapshot.directory
    rows = directory[directory["offer_id"] == offer_id]
    if rows.empty:
        raise SroError("offer_unknown", offer=offer_id)
    names = [*(c.name for c in TABLES["offers"].columns), "row_version", *PLACE_FIELDS]
    return {name: _none(rows.iloc[0][name]) for name in names}


def _new_provider(snapshot: Snapshot, merged: dict[str, Any]) -> pd.DataFrame | None:
    """Turn the name of a provider into its id; return the row to add for a new one."""
    said = merged.get("provider_id")
    held = snapshot.tables["providers"]
    if not isinstance(said, str) or (held["provider_id"] == said).any():
        return None
    same = held[held["name"].map(normalise) == normalise(said)]
    if len(same):
        merged["provider_id"] = str(same["provider_id"].iloc[0])
        return None
    merged["provider_id"] = _new_id(said, f"provider:{said}")
    row = {"provider_id": merged["provider_id"], "name": said.strip()}
    return conform(TABLES["providers"], pd.DataFrame([row]))


def _none(value: Any) -> Any:
    return None if value is None or value is pd.NA or value != value else value


def _same(new: Any, old: Any) -> bool:
    new, old = _none(new), _none(old)
    return bool(new == old) if new is not None and old is not None else new is old


def _new_id(name: str, key: str) -> str:
    stem = re.sub(r"\s+", "-", normalise(name))[:32].strip("-") or "angebot"
    return f"{stem}-{uuid.uuid5(uuid.NAMESPACE_OID, key).hex[:6]}"


def _faults(
    snapshot: Snapshot, row: pd.DataFrame, place: Mapping[str, Any], protected: bool
) -> list[Fault]:
    """All faults of one entry, the form being its file."""
    from opening_hours import validate as schedule_is_valid

    city = snapshot.city
    faults = [
        Fault("form_value_missing", column=f.column)
        if f.code == "value_missing"
        else replace(f, row=None)
        for f in validate(TABLES["offers"], row)
        if f.column != "offer_id"
    ]
    record = {column: _none(row[column].iloc[0]) for column in row.columns}
    if record["category"] is not None and record["category"] not in city.categories:
        faults.append(
            Fault("form_category", column="category", params={"value": record["category"]})
        )
    if record["schedule"] is not None and not schedule_is_valid(record["schedule"]):
        faults.append(
            Fault("form_schedule", column="schedule", params={"value": record["schedule"]})
        )
    for area in service_area_ids(record["service_area"]):
        if area not in snapshot.current.level_of:
            faults.append(Fault("form_area", column="service_area", params={"value": area}))
    if protected and not record["service_area"]:
        faults.append(Fault("form_protected_area", column="service_area"))
    lat, lon = _none(place["lat"]), _none(place["lon"])
    if (lat is None) != (lon is None):
        faults.append(Fault("form_point_half", column="lat"))
    elif lat is not None and lon is not None and city.bounds:
        west, south, east, north = city.bounds
        if not (south <= lat <= north and west <= lon <= east):
            params = {"lat": lat, "lon": lon}
            faults.append(Fault("form_point_far", column="lat", params=params))
    return faults


def _telling_texts(row: pd.DataFrame, addresses: Iterable[Any]) -> list[Fault]:
    """Free text that repeats the address would keep what is forgotten."""
    known = [short for a in addresses if isinstance(a, str) and (short := normalise(a))]
    return [
        Fault("protected_text_tells", column=column)
        for column in ("name", "description", "contact", "target_group", "accessibility", "source")
        if any(address in normalise(str(_none(row[column].iloc[0]) or "")) for address in known)
    ]


def _location(
    snapshot: Snapshot, offer_id: str, before: Mapping[str, Any], place: Mapping[str, Any]
) -> gpd.GeoDataFrame | None:
    """Return the row of ``locations`` for an entry: its own one unless others share it."""
    if all(_none(value) is None or value == "" for value in place.values()):
        return None
    lat, lon = _none(place["lat"]), _none(place["lon"])
    point = None if lat is None else shapely.Point(snapshot.metres(float(lat), float(lon or 0)))
    location_id = before.get("location_id")
    offers = snapshot.tables["offers"]
    if isinstance(location_id, str):
        unchanged = all(_same(place[field], before.get(field)) for field in PLACE_FIELDS)
        users = offers[
            (offers["location_id"] == location_id) | (offers["host_location_id"] == location_id)
        ]
        if unchanged:
            held = snapshot.tables["locations"]
            keep = held[held["location_id"] == location_id].drop(columns="row_version")
            return gpd.GeoDataFrame(keep, geometry="geometry", crs=snapshot.city.crs)
        if len(users) > 1:
            location_id = None  # moving one offer must not move its neighbours
    row = {
        "location_id": location_id or f"L-{offer_id}",
        "address": place["address"],
        "postal_code": place["postal_code"],
        "city": place["city"],
    }
    frame = gpd.GeoDataFrame([row], geometry=[point], crs=snapshot.city.crs)
    result = conform(TABLES["locations"], frame)
    return gpd.GeoDataFrame(result, geometry="geometry", crs=snapshot.city.crs)
