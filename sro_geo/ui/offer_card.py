"""One offer with all its fields, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sro_geo.actions.asking import plain, team_for
from sro_geo.actions.workspace import Snapshot
from sro_geo.areas import AreaRef, Place
from sro_geo.cartography import symbols
from sro_geo.i18n import date_in_words as written_date
from sro_geo.i18n import name_of, t
from sro_geo.offers.directory import service_area_ids
from sro_geo.offers.hours import hours_in_words, open_at
from sro_geo.ui.markup import facts, tag, text

ZONE = ZoneInfo("Europe/Berlin")


def date_in_words(iso: object, language: str) -> str:
    """Return an ISO date as it is written in the language, empty for none."""
    if not isinstance(iso, str) or not iso:
        return ""
    return written_date(iso, language)


def ages_in_words(low: Any, high: Any, language: str) -> str:
    """Return an age range in words; an open end is said."""
    low, high = plain(low), plain(high)
    if low is None and high is None:
        return t("card.ages_unknown", language)
    if high is None:
        return t("card.from_age", language, low=low)
    if low is None or low == 0:
        return t("card.to_age", language, high=high)
    return t("card.ages", language, low=low, high=high)


def card_head(row: pd.Series, snapshot: Snapshot, language: str, now: dt.datetime) -> str:
    """Return kind, name, state and description of an offer as HTML, everything escaped."""
    city = snapshot.city
    category = city.categories.get(row["category"])
    group = city.groups.get(category.group) if category else None
    kind = name_of(category.names, language) if category else str(row["category"])
    if category and category.section:
        kind = f"{kind} · § {category.section} SGB VIII"
    symbol = symbols.picture(group.symbol, group.colour) if group else ""
    parts = [
        tag("div", symbol, tag("span", text(kind)), class_="sro-kind"),
        tag("h2", text(row["name"])),
        _chips(row, snapshot, language, now),
    ]
    if isinstance(row["description"], str):
        parts.append(tag("p", text(row["description"])))
    return tag("div", *parts, class_="sro-card")


def card_facts(row: pd.Series, snapshot: Snapshot, language: str) -> str:
    """Return all fields of an offer as an HTML list, in words, everything escaped."""
    return tag("div", facts(_facts(row, snapshot, language)), class_="sro-card")


def _chips(row: pd.Series, snapshot: Snapshot, language: str, now: dt.datetime) -> str:
    chips: list[tuple[str, str]] = []
    state = str(row["freshness"])
    words = t(f"freshness.{state}", language)
    if state != "never":
        date = date_in_words(row["verified_on"], language)
        words = t(f"card.verified_{state}", language, date=date)
    chips.append(("good" if state == "fresh" else "warn", words))
    if row["status"] != "active":
        chips.append(("warn", t(f"choices.status.{row['status']}", language)))
    is_open = open_at(plain(row["schedule"]), now)
    if row["status"] == "active" and is_open.open is not None:
        if is_open.open and is_open.until is not None and is_open.until.date() == now.date():
            until = f"{is_open.until:%H:%M}"
            chips.append(("good", t("card.open_until", language, time=until)))
        else:
            chips.append(("", t("card.open" if is_open.open else "card.shut", language)))
    minutes = plain(row.get("minutes"))
    if minutes is not None:
        whole = max(1, round(minutes))
        key = "card.minute" if whole == 1 else "card.minutes"
        chips.append(("", t(key, language, minutes=whole)))
    if bool(plain(row["low_threshold"])):
        chips.append(("", t("card.low", language)))
    if plain(row["kind"]) == "resource":
        chips.append(("", t("choices.kind.resource", language)))
    if plain(row["work_level"]):
        chips.append(("", t(f"choices.work_level.{row['work_level']}", language)))
    items = "".join(tag("li", text(words), class_=kind) for kind, words in chips)
    return f'<ul class="sro-chips">{items}</ul>'


def _facts(row: pd.Series, snapshot: Snapshot, language: str) -> list[tuple[str, str]]:
    def label(name: str) -> str:
        return t(f"card.{name}", language)

    hours = hours_in_words(plain(row["schedule"]), language)
    place = {"protected": t("card.protected", language), "mobile": t("card.mobile", language)}.get(
        str(row["status_of_place"]), ""
    )
    if not place:
        address = [plain(row["address"]), " ".join(_given(row, "postal_code", "city"))]
        place = ", ".join(part for part in address if part)
        placed = str(row["status_of_place"]) in ("inside", "outside")
        place = place or t("card.point_only" if placed else "card.no_place", language)
    capacity = plain(row["capacity"])
    served = [
        snapshot.current.names.get(a, a) for a in service_area_ids(plain(row["service_area"]))
    ]
    return [
        (
            label("hours"),
            text(", ".join(hours)) if hours else text(t("card.hours_unknown", language)),
        ),
        (label("place"), text(place)),
        (label("served"), text(", ".join(served))),
        (label("age"), text(ages_in_words(row["age_min"], row["age_max"], language))),
        (label("target_group"), text(plain(row["target_group"]))),
        (label("contact"), text(plain(row["contact"]))),
        (label("provider"), text(plain(row["provider"]))),
        (label("cost"), text(plain(row["cost"]))),
        (label("languages"), text(plain(row["languages"]))),
        (label("accessibility"), text(plain(row["accessibility"]))),
        (
            label("capacity"),
            text(t("card.places", language, count=capacity))
            if capacity is not None
            else text(t("card.capacity_unknown", language)),
        ),
        (label("area"), _areas(row, snapshot, language)),
        (label("team"), _team(row, snapshot)),
        (
            label("reach_level"),
            text(t(f"choices.reach_level.{row['reach_level']}", language))
            if plain(row["reach_level"])
            else "",
        ),
        (label("source"), text(plain(row["source"]))),
    ]


def _given(row: pd.Series, *columns: str) -> list[str]:
    return [str(row[c]) for c in columns if isinstance(row[c], str)]


def _areas(row: pd.Series, snapshot: Snapshot, language: str) -> str:
    if row["status_of_place"] == "outside":
        return text(t("card.outside", language))
    names = [
        snapshot.current.names.get(str(row[f"{level.level}_id"]), "")
        for level in reversed(snapshot.city.levels)
        if isinstance(row[f"{level.level}_id"], str) and level.tree == "plan"
    ]
    return text(" · ".join(name for name in names[:2] if name))


def _team(row: pd.Series, snapshot: Snapshot) -> str:
    areas = {
        level.level: AreaRef(str(row[f"{level.level}_id"]), "")
        if isinstance(row[f"{level.level}_id"], str)
        else None
        for level in snapshot.city.levels
    }
    team = team_for(snapshot, Place("inside", areas), snapshot.today.isoformat())
    return "" if team is None else text(f"{team.name}, {team.contact}".rstrip(", "))
