"""What is doubtful about the offer map: each finding names one entry and its remedy."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from opening_hours import validate

from sro_geo.areas import AreaVersion
from sro_geo.city import City
from sro_geo.errors import Finding
from sro_geo.offers.directory import freshness, service_area_ids


def check_offers(
    city: City, directory: pd.DataFrame, version: AreaVersion, today: dt.date
) -> list[Finding]:
    """Return the findings on offers and on areas without offers (closed offers left out)."""
    found: list[Finding] = []
    current = directory[directory["status"] != "closed"]

    def add(rows: pd.DataFrame, rule: str, **columns: str) -> None:
        for row in rows.itertuples(index=False):
            params = {name: str(getattr(row, column)) for name, column in columns.items()}
            found.append(Finding("offers", str(row.offer_id), rule, {"name": row.name, **params}))

    place = current["status_of_place"]
    add(current[place == "outside"], "offer_outside")
    add(current[place == "unplaced"], "offer_without_place")
    state = freshness(current["verified_on"], today, city.stale_after_days)
    add(current[state == "stale"], "offer_stale", date="verified_on")
    add(current[state == "never"], "offer_never_verified")
    add(current[current["group"].isna()], "offer_category_unknown", category="category")
    add(current[current["provider"].isna()], "offer_without_provider")
    has_hours = current["schedule"].notna()
    wrong = has_hours & ~current["schedule"].fillna("").map(validate).astype(bool)
    add(current[wrong], "offer_schedule_unreadable", schedule="schedule")
    unknown_area = current["service_area"].map(
        lambda text: any(a not in version.level_of for a in service_area_ids(text))
    )
    add(current[unknown_area.astype(bool)], "offer_area_unknown", area="service_area")
    found += _crowded(current)
    found += _doubled(current)
    lowest = f"{city.lowest.level}_id"
    for area in version.of_level(city.lowest.level).itertuples(index=False):
        if not (current[lowest] == area.area_id).any():
            params = {"name": area.name}
            found.append(Finding("areas", str(area.area_id), "area_without_offers", params))
    return found


def _crowded(current: pd.DataFrame) -> list[Finding]:
    """Offers on one point although their addresses differ: placed by hand, or a fault."""
    placed = current[current["x"].notna()]
    at = pd.DataFrame(
        {
            "spot": placed["x"].round(1).astype(str) + " " + placed["y"].round(1).astype(str),
            "address": placed["address"].fillna("").astype("str").str.casefold(),
            "name": placed["name"],
            "offer_id": placed["offer_id"],
        }
    )
    addresses = at.groupby("spot")["address"].transform("nunique")
    found = []
    for _, rows in at[addresses > 1].groupby("spot", sort=True):
        for row in rows.itertuples(index=False):
            others = ", ".join(n for n in rows["name"] if n != row.name)
            params = {"name": row.name, "others": others, "count": len(rows)}
            found.append(Finding("offers", str(row.offer_id), "offers_on_one_point", params))
    return found


def _doubled(current: pd.DataFrame) -> list[Finding]:
    """The same name at the same place twice: probably one offer entered twice."""
    keys = current.assign(
        _name=current["name"].str.casefold().str.strip(),
        _x=current["x"].round(0).fillna(-1),
        _y=current["y"].round(0).fillna(-1),
    )
    again = keys[keys.duplicated(["_name", "_x", "_y"], keep="first")]
    return [
        Finding("offers", str(row.offer_id), "offer_doubled", {"name": row.name})
        for row in again.itertuples(index=False)
    ]
