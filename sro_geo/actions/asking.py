"""Questions to the offer map and to the areas, answered for pages and command line alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import AreaRef, Place
from sro_geo.gazetteer import Hit
from sro_geo.offers import OfferFilter, filter_offers, freshness


@dataclass(frozen=True)
class Team:
    """The team responsible for a place."""

    id: str
    name: str
    contact: str
    office_hours: str


@dataclass(frozen=True)
class WhereAnswer:
    """Where a point lies, and who is responsible there on the date asked for."""

    place: Place
    team: Team | None
    version: str


def find_offers(snapshot: Snapshot, wanted: OfferFilter) -> pd.DataFrame:
    """Return the offers that fit, with ``minutes`` and ``freshness``, in the wanted order."""
    found = filter_offers(
        snapshot.directory,
        wanted,
        snapshot.city,
        snapshot.current,
        snapshot.today,
        snapshot.text_index,
    )
    days = snapshot.city.stale_after_days
    return found.assign(freshness=freshness(found["verified_on"], snapshot.today, days))


def where(
    snapshot: Snapshot,
    lat: float,
    lon: float,
    *,
    date: str | None = None,
    plan_id: str | None = None,
) -> WhereAnswer:
    """Answer which area of every level a point lies in, and which team is responsible.

    Raises
    ------
    SroError
        ``coordinates_malformed``, ``plan_unknown``, ``plan_none_in_force``.
    """
    x, y = snapshot.metres(lat, lon)
    version = snapshot.version(plan_id=plan_id, on=date)
    place = version.where(x, y)
    on = date or snapshot.today.isoformat()
    return WhereAnswer(place, team_for(snapshot, place, on), version.version)


def team_for(snapshot: Snapshot, place: Place, on: str) -> Team | None:
    """Return the team of the smallest area of a place that has one on the ISO date ``on``."""
    for level in reversed(snapshot.city.plan_levels):
        area = place.areas.get(level.level)
        if area is not None and (team := _team_of_area(snapshot, area, on)):
            return team
    return None


def _team_of_area(snapshot: Snapshot, area: AreaRef, on: str) -> Team | None:
    rows = snapshot.tables["responsibilities"]
    start = rows["valid_from"].fillna("0000-00-00")
    end = rows["valid_to"].fillna("9999-99-99")
    rows = rows[(rows["area_id"] == area.id) & (start <= on) & (on < end)]
    if rows.empty:
        return None
    team_id = rows.sort_values("valid_from", na_position="first")["team_id"].iloc[-1]
    teams = snapshot.tables["teams"]
    match = teams[teams["team_id"] == team_id]
    if match.empty:
        return None
    row = match.iloc[0]
    return Team(
        str(team_id),
        str(row["name"]),
        _text(row["contact"]),
        _text(row["office_hours"]),
    )


def search_place(snapshot: Snapshot, query: str, *, limit: int = 8) -> list[Hit]:
    """Return places of the workspace's gazetteer that fit a name or an address."""
    return snapshot.gazetteer.search(query, limit=limit)


def offer_record(row: Any, snapshot: Snapshot) -> dict[str, Any]:
    """Return one found offer as plain values for JSON: unknown and unreachable are None."""
    out: dict[str, Any] = {}
    fields = (
        "offer_id name description category group provider_id provider work_level kind "
        "low_threshold reach_level age_min age_max target_group languages accessibility cost "
        "capacity schedule contact status verified_on freshness source protected address "
        "postal_code city service_area lat lon minutes"
    )
    for field in fields.split():
        out[field] = plain(getattr(row, field, None))
    out["area_id"] = plain(getattr(row, f"{snapshot.city.lowest.level}_id"))
    return out


def plain(value: Any) -> Any:
    """Return a value of a table as a JSON value; missing and infinite become None."""
    if value is None or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return None
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
