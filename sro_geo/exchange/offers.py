"""Offers with their providers and places, from one row each."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd

from sro_geo.exchange.areas import close_to
from sro_geo.exchange.intake import Intake, slug
from sro_geo.exchange.locations import locations_of, note_places, protect
from sro_geo.exchange.offer_ids import complete_ids, known_ids
from sro_geo.exchange.places import joined_addresses, points_of
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, listed, present, shown
from sro_geo.exchange.schedule import read_schedule
from sro_geo.tables import TABLES

# Everyday words for kinds of offers; used only where the city has the category.
_EVERYDAY = {
    "day_care": "kita kindergarten krippe hort kinderkrippe kindertagesstaette"
    " kinderbetreuung daycare nursery",
    "youth_centre": "jugendzentrum jugendhaus jugendtreff jugendclub juz youthclub",
    "school": "grundschule gymnasium gemeinschaftsschule realschule hauptschule foerderzentrum"
    " berufsschule",
    "playground": "spielplaetze",
    "library": "bibliothek stadtbuecherei stadtbibliothek",
    "church": "kirche kirchengemeinde gemeindehaus",
    "sports_club": "verein turnverein",
    "childminder": "tagespflege tagesmutter",
    "senior_centre": "seniorentreff seniorenzentrum",
}
_NAMES_COMPARED = 1_000
_PLAIN_FIELDS = (
    "description",
    "target_group",
    "languages",
    "accessibility",
    "cost",
    "capacity",
    "work_level",
    "kind",
    "low_threshold",
    "reach_level",
    "verified_on",
    "source",
)


def offers_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frames ``offers``, ``locations`` (of new or changed places), ``providers``.

    ``providers`` holds only those the file names and the workspace does not know yet.
    """
    table = TABLES["offers"]
    ids = known_ids(intake)
    shielded = protect(intake, ids)
    name = intake.text("name")
    address, post, town = joined_addresses(intake)
    points = points_of(intake)
    for values in (address, post, town, points):
        values[shielded] = None  # constants of the mapping, too
    frame = pd.DataFrame({"offer_id": complete_ids(intake, ids, shielded)})
    frame["name"] = name
    for field in _PLAIN_FIELDS:
        frame[field] = intake.cast(table, field)
    frame["contact"] = intake.joined_contact()
    frame["category"] = _categories(intake)
    frame["age_min"], frame["age_max"] = _ages(intake)
    frame["schedule"] = _schedules(intake)
    frame["service_area"] = _service_areas(intake)
    frame["protected"] = shielded
    providers = _providers(intake, frame)
    frame["status"] = intake.cast(table, "status")
    said = (*_PLAIN_FIELDS, "service_area", "status")
    intake.keep_known("offers", frame, said)
    for fields in (("contact", "phone", "email", "website"), ("schedule",)):
        if not any(intake.has(f) for f in fields):
            intake.keep_known("offers", frame, fields[:1])
    for bound in ("age_min", "age_max"):
        if not intake.has(f"{bound}_months"):
            intake.keep_known("offers", frame, (bound,))
    bare = shielded & frame["service_area"].isna().to_numpy(bool)
    intake.log.each(
        "protected_without_area", bare, intake.rows, column=intake.column("service_area")
    )
    unsaid = ~present(frame["status"].to_numpy(object))
    where = intake.column("status")
    intake.log.counted("status_assumed", unsaid, intake.rows, column=where)
    frame.loc[unsaid, "status"] = "active"
    locations = locations_of(intake, frame, address, post, town, points)
    note_places(intake, frame, address, points)
    out = {"offers": intake.checked("offers", frame)}
    if len(locations):
        out["locations"] = locations
    if len(providers):
        out["providers"] = providers
    return out


def _categories(intake: Intake) -> np.ndarray:
    kinds = intake.city.categories
    words: dict[str, str] = {}
    for key, entry in kinds.items():
        for word in (key, *entry.names.values()):
            words.setdefault(plain(word), key)
    everyday = {
        word: key for key, line in _EVERYDAY.items() if key in kinds for word in line.split()
    }
    raw = intake.text("category")
    where = intake.column("category")
    readings: dict[str, str | None] = {}
    for value in set(raw[present(raw)]):
        short = plain(value)
        readings[value] = words.get(short) or everyday.get(short)
        if short not in words and readings[value] is not None:
            rows = raw == value
            intake.log.counted(
                "category_read",
                rows,
                intake.rows,
                column=where,
                value=value,
                category=readings[value],
            )
    out = filled(None, intake.size)
    for position in np.flatnonzero(present(raw)):
        out[position] = readings[raw[position]]
        if out[position] is None:
            row, value = int(intake.rows[position]), str(raw[position])
            close = close_to(value, [*kinds])
            intake.log.add(
                "category_unknown", row=row, column=where, value=shown(value), known=close
            )
    return out


def _ages(intake: Intake) -> tuple[pd.Series, pd.Series]:
    """Return ages in years; months become the years a child of that age has completed.

    From 12 months is from 1 year (rounded down); up to 72 months is up to the day before
    the sixth birthday, so up to 5 years (rounded up, less one).
    """
    table = TABLES["offers"]
    out = []
    for bound, turned in (("age_min", np.floor), ("age_max", lambda y: np.ceil(y) - 1)):
        years = intake.cast(table, bound)
        field = f"{bound}_months"
        if intake.has(field):
            months = intake.numbers(field)
            from_months = pd.Series(turned(months / 12)).astype("Int64")
            turned_into = years.isna() & from_months.notna()
            years = years.where(~turned_into, from_months)
            intake.log.counted(
                "months_turned",
                turned_into.to_numpy(bool),
                intake.rows,
                column=intake.column(field),
            )
        out.append(years)
    return out[0], out[1]


def _schedules(intake: Intake) -> np.ndarray:
    raw = intake.text("schedule")
    where = intake.column("schedule")
    out = filled(None, intake.size)
    for position in np.flatnonzero(present(raw)):
        value, code = read_schedule(raw[position])
        out[position] = value
        if code:
            severity = "error" if value is None else "repair"
            intake.log.add(
                code,
                row=int(intake.rows[position]),
                column=where,
                severity=severity,
                value=shown(raw[position]),
                proposal=value or "",
            )
    return out


def _service_areas(intake: Intake) -> np.ndarray:
    raw = intake.text("service_area")
    areas = intake.known.held("areas")
    if areas is None or not present(raw).any():
        return raw
    ids = set(areas["area_id"])
    names: dict[str, str] = {}
    for area_id, area_name in zip(areas["area_id"], areas["name"], strict=True):
        names.setdefault(plain(str(area_name)), str(area_id))
    where = intake.column("service_area")
    for position in np.flatnonzero(present(raw)):
        found: list[str] = []
        for part in re.split(r"[;,|]", raw[position]):
            words = [part.strip()] if part.strip() in ids or plain(part) in names else part.split()
            for word in words:
                area = word if word in ids else names.get(plain(word))
                if area is not None:
                    found.append(area)
                    continue
                row, close = int(intake.rows[position]), close_to(word, sorted(ids))
                intake.log.add("area_unknown", row=row, column=where, value=word, known=close)
        raw[position] = " ".join(dict.fromkeys(found)) or None
    return raw


def _providers(intake: Intake, frame: pd.DataFrame) -> pd.DataFrame:
    """Set ``provider_id`` by id or name; return the providers the file brings new."""
    held = intake.known.held("providers")
    names = {} if held is None else dict(zip(held["provider_id"], held["name"], strict=True))
    by_name = {plain(str(name)): key for key, name in names.items()}
    said, ids = intake.text("provider"), intake.text("provider_id")
    new: dict[str, str] = {}
    out = filled(None, intake.size)
    first: dict[str, int] = {}
    spelt: set[str] = set()
    for position in range(intake.size):
        key, name = ids[position], said[position]
        row = int(intake.rows[position])
        if key is not None and key not in names and key not in new:
            if name is None and plain(key) in by_name:
                key = by_name[plain(key)]
            elif name is None:
                where = intake.column("provider_id")
                known = close_to(key, sorted(names))
                intake.log.add("reference_unknown", row=row, column=where, value=key, known=known)
                continue
            else:
                new[key], first[key] = name, row
        elif key is None and name is not None:
            key = by_name.get(plain(name))
            if key is None:
                key = base = slug(name) or f"t-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
                count = 2
                while key in names or key in new:
                    key, count = f"{base}-{count}", count + 1
                new[key], first[key] = name, row
                by_name[plain(name)] = key
            usual = str(names.get(key) or new.get(key))
            if usual != name and name not in spelt:
                spelt.add(name)
                where = intake.column("provider")
                intake.log.add(
                    "provider_spelt", row=row, column=where, severity="note", name=name, usual=usual
                )
        out[position] = key
    frame["provider_id"] = out
    if not intake.has("provider"):
        intake.keep_known("offers", frame, ("provider_id",))
    where = intake.column("provider")
    similar = _similar_names([*new.values()], [str(name) for name in names.values()])
    for (key, name), near in zip(new.items(), similar, strict=True):
        code = "provider_new_similar" if near else "provider_new"
        intake.log.add(
            code, row=first[key], column=where, severity="note", name=name, id=key, similar=near
        )
    table = pd.DataFrame({"provider_id": [*new], "name": [*new.values()]}, dtype="object")
    return intake.checked("providers", table, np.array([*first.values()], dtype=np.int64))


def _similar_names(new: list[str], held: list[str]) -> list[str]:
    """Return for each new name the names, new or held, that are nearly the same."""
    from rapidfuzz import fuzz, process

    if len(new) > _NAMES_COMPARED:
        return [""] * len(new)
    every = [*new, *held]
    short = [plain(name) for name in every]
    out = []
    for at in range(len(new)):
        found = process.extract(short[at], short, scorer=fuzz.ratio, score_cutoff=85, limit=4)
        out.append(listed(every[index] for _, _, index in found if index != at))
    return out
