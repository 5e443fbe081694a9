"""Providers and offers: the words are in ``invented/*.toml``, the houses are found here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shapely import Point

from sro_geo.examples.files import Folder
from sro_geo.examples.places import Address

INVENTED = Path(__file__).resolve().parent / "invented"
KINDS = ("youth", "family", "help", "day_care", "schools", "community", "sport")

PROVIDER_COLUMNS = ("provider_id", "name", "kind", "contact", "website")
OFFER_COLUMNS = (
    "offer_id", "name", "description", "provider_id", "category", "work_level", "kind",
    "low_threshold", "reach_level", "age_min", "age_max", "target_group", "languages",
    "accessibility", "cost", "capacity", "schedule", "contact", "status", "verified_on", "source",
    "protected", "host_location_id", "location_id", "service_area",
    "address", "postal_code", "city", "lon", "lat",
)  # fmt: skip

# category: kind of work, kind of offer, low threshold, how far people come, cost where not said
USUAL: dict[str, tuple[str, str, bool, str, str]] = {
    "youth_centre": ("case_independent", "professional", True, "social_space", "kostenlos"),
    "mobile_youth_work": ("case_independent", "professional", True, "region", "kostenlos"),
    "youth_association": ("case_independent", "resource", True, "region", "kostenlos"),
    "youth_social_work": ("cross_case", "professional", True, "city", "kostenlos"),
    "school_social_work": ("cross_case", "professional", True, "social_space", "kostenlos"),
    "family_centre": ("case_independent", "professional", True, "social_space", "kostenlos"),
    "family_education": ("cross_case", "professional", True, "region", ""),
    "early_help": ("cross_case", "professional", True, "region", "kostenlos"),
    "family_project": ("case_independent", "resource", True, "social_space", "kostenlos"),
    "partnership_counselling": ("case_specific", "professional", False, "city", "kostenlos"),
    "educational_counselling": ("case_specific", "professional", True, "region", "kostenlos"),
    "social_counselling": ("cross_case", "professional", True, "region", "kostenlos"),
    "day_care": ("case_independent", "professional", False, "social_space", "nach Satzung"),
    "childminder": ("case_independent", "professional", False, "social_space", "nach Satzung"),
    "flexible_help": ("case_specific", "professional", False, "region", "kostenlos"),
    "social_group_work": ("cross_case", "professional", False, "region", "kostenlos"),
    "support_worker": ("case_specific", "professional", False, "region", "kostenlos"),
    "family_assistance": ("case_specific", "professional", False, "region", "kostenlos"),
    "day_group": ("case_specific", "professional", False, "region", "kostenlos"),
    "residential": ("case_specific", "professional", False, "city", ""),
    "protection": ("case_specific", "professional", False, "city", "kostenlos"),
    "school": ("case_independent", "resource", False, "social_space", "kostenlos"),
    "library": ("case_independent", "resource", True, "region", ""),
    "church": ("case_independent", "resource", True, "social_space", "kostenlos"),
    "senior_centre": ("case_independent", "resource", True, "social_space", "kostenlos"),
    "volunteering": ("case_independent", "resource", True, "city", "kostenlos"),
    "sports_club": ("case_independent", "resource", False, "region", ""),
    "playground": ("case_independent", "resource", True, "social_space", "kostenlos"),
}
SOURCES = (
    "Auskunft des Trägers", "Netzwerktreffen", "Besuch vor Ort", "Faltblatt des Trägers",
)  # fmt: skip


def slug(text: str) -> str:
    """Return ``text`` as the first part of a mail address."""
    plain = text.lower()
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, letters)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def phone(number: int) -> str:
    """Return a number from the range set aside for fiction in Hamburg: 040 66969 000 to 999."""
    return f"040 66969 {number % 1000:03d}"


def _words(name: str) -> dict[str, Any]:
    return tomllib.loads((INVENTED / f"{name}.toml").read_text(encoding="utf-8"))


def invented_offers() -> list[dict[str, Any]]:
    """Return the offers as they are written in ``invented``."""
    return [offer for kind in KINDS for offer in _words(kind)["offers"]]


def provider_rows() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows of providers.csv, and the id of each key used in ``invented``."""
    rows, ids = [], {}
    for count, provider in enumerate(_words("providers")["providers"], start=1):
        ids[provider["key"]] = f"T-{count:02d}"
        address = slug(provider["key"])
        rows.append(
            {
                "provider_id": f"T-{count:02d}",
                "name": provider["name"],
                "kind": provider["kind"],
                "contact": f"{phone(10 + count)}, {address}@example.org",
                "website": f"https://{address}.example.org",
            }
        )
    return rows, ids


def take_houses(
    places: Mapping[str, Sequence[Any]],
    houses: Sequence[Address],
    metres: Callable[[Sequence[tuple[float, float]]], list[tuple[float, float]]],
) -> dict[str, Address]:
    """Return for each place the nearest house that no other place has."""
    taken: set[str] = set()
    found = {}
    for place, (x, y, _, *street) in places.items():
        spot = Point(*metres([(x, y)])[0])
        free = (
            house
            for house in houses
            if house.address_id not in taken and (not street or house.street == street[0])
        )
        house = min(free, key=lambda h: (round(h.spot.distance(spot), 1), h.address_id))
        taken.add(house.address_id)
        found[place] = house
    return found


def offer_row(offer: Mapping[str, Any], number: int, provider_id: str) -> dict[str, Any]:
    """Return what a row of offers.csv says about ``offer``, its place left open."""
    work, kind, low, reach, cost = USUAL[offer["category"]]
    ages = offer.get("ages", ("", ""))
    contact = phone(200 + number)
    if not offer.get("protected") and number % 4:
        contact += f", {slug(offer['name'])[:28].strip('-')}@example.org"
    return {
        "offer_id": f"A-{number:03d}",
        "name": offer["name"],
        "description": offer["text"],
        "provider_id": provider_id,
        "category": offer["category"],
        "work_level": offer.get("work", work),
        "kind": offer.get("kind", kind),
        "low_threshold": str(offer.get("low", low)).lower(),
        "reach_level": offer.get("reach", reach),
        "age_min": ages[0],
        "age_max": ages[1],
        "target_group": offer.get("target", ""),
        "languages": offer.get("languages", "" if number % 5 == 0 else "Deutsch"),
        "accessibility": offer.get("accessibility", ""),
        "cost": offer.get("cost", cost),
        "capacity": offer.get("capacity", ""),
        "schedule": offer.get("when", ""),
        "contact": contact,
        "status": offer.get("status", "active"),
        "verified_on": offer["verified"],
        "source": offer.get("source", SOURCES[number % len(SOURCES)]),
        "protected": str(offer.get("protected", False)).lower(),
        "service_area": offer.get("area", ""),
    }


def placed(
    row: dict[str, Any], house: Address, location_id: str, city: str, folder: Folder
) -> None:
    """Write into ``row`` where the offer is."""
    spot = folder.degrees(house.spot, 6)
    row |= {
        "location_id": location_id,
        "address": f"{house.street} {house.house_number}",
        "postal_code": house.postal_code,
        "city": city,
        "lon": spot.x,
        "lat": spot.y,
    }


def write_offers(
    folder: Folder,
    houses: Sequence[Address],
    metres: Callable[[Sequence[tuple[float, float]]], list[tuple[float, float]]],
    city: str,
) -> None:
    """Write ``offers/providers.csv`` and ``offers/offers.csv``."""
    words = _words("places")
    places, entrances = words["places"], words["kinds"]
    homes = take_houses(places, houses, metres)
    location_ids = {place: f"S-{count:03d}" for count, place in enumerate(places, start=1)}
    providers, provider_ids = provider_rows()
    rows = []
    for number, offer in enumerate(invented_offers(), start=1):
        row = offer_row(offer, number, provider_ids[offer["by"]])
        if "at" in offer:
            place = offer["at"]
            placed(row, homes[place], location_ids[place], city, folder)
            row["accessibility"] = entrances[places[place][2]]
            if offer.get("host"):
                row["host_location_id"] = location_ids[place]
        rows.append(row)
    write_rows(folder, providers, rows)


def write_rows(
    folder: Folder, providers: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write both files of the folder ``offers``."""
    folder.csv("offers/providers.csv", PROVIDER_COLUMNS, providers)
    folder.csv("offers/offers.csv", OFFER_COLUMNS, rows)
