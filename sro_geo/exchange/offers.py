"""Offers with their providers and places, from one row each."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.areas import close_to
from sro_geo.exchange.intake import Intake, slug
from sro_geo.exchange.places import joined_addresses, point_column, points_of
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, listed, present, shown
from sro_geo.exchange.schedule import read_schedule
from sro_geo.exchange.sites import note_sites
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
_PLACE_FIELDS = ("address", "street", "house_number", "postal_code", "city", "lat", "lon", "x", "y")


def offers_of(intake: Intake) -> dict[str, pd.DataFrame]:
    """Return the frames ``offers``, ``locations`` (of new or changed places), ``providers``.

    ``providers`` holds only those the file names and the workspace does not know yet.
    """
    table = TABLES["offers"]
    name = intake.text("name")
    address, post, town = joined_addresses(intake)
    points = points_of(intake)
    frame = pd.DataFrame({"offer_id": intake.derived_ids("offer_id", "o", name, address)})
    frame["name"] = name
    for field in _PLAIN_FIELDS:
        frame[field] = intake.cast(table, field)
    frame["contact"] = intake.joined_contact()
    frame["category"] = _categories(intake)
    frame["age_min"], frame["age_max"] = _ages(intake)
    frame["schedule"] = _schedules(intake)
    frame["service_area"] = _service_areas(intake)
    frame["protected"] = intake.cast(table, "protected").fillna(False)
    providers = _providers(intake, frame)
    _protect(intake, frame, address, post, town, points)
    frame["status"] = intake.cast(table, "status")
    said = (*_PLAIN_FIELDS, "service_area", "status")
    intake.keep_known("offers", frame, said)
    for fields in (("contact", "phone", "email", "website"), ("schedule",)):
        if not any(intake.has(f) for f in fields):
            intake.keep_known("offers", frame, fields[:1])
    for bound in ("age_min", "age_max"):
        if not intake.has(f"{bound}_months"):
            intake.keep_known("offers", frame, (bound,))
    unsaid = ~present(frame["status"].to_numpy(object))
    where = intake.column("status")
    intake.log.counted("status_assumed", unsaid, intake.rows, column=where)
    frame.loc[unsaid, "status"] = "active"
    locations = _locations(intake, frame, address, post, town, points)
    _note_places(intake, frame, address, points)
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
        out[position] = key
    frame["provider_id"] = out
    if not intake.has("provider"):
        intake.keep_known("offers", frame, ("provider_id",))
    where = intake.column("provider")
    for key, name in new.items():
        near = _similar_names(name, [*names.values(), *(n for k, n in new.items() if k != key)])
        code = "provider_new_similar" if near else "provider_new"
        intake.log.add(
            code, row=first[key], column=where, severity="note", name=name, id=key, similar=near
        )
    table = pd.DataFrame({"provider_id": [*new], "name": [*new.values()]}, dtype="object")
    return intake.checked("providers", table, np.array([*first.values()], dtype=np.int64))


def _similar_names(name: str, others: list[str]) -> str:
    from rapidfuzz import fuzz, process

    found = process.extract(
        plain(name), [plain(o) for o in others], scorer=fuzz.ratio, score_cutoff=85, limit=3
    )
    return listed(others[index] for _, _, index in found)


def _protect(
    intake: Intake,
    frame: pd.DataFrame,
    address: np.ndarray,
    post: np.ndarray,
    town: np.ndarray,
    points: np.ndarray,
) -> None:
    """Take address and point from protected rows, which needs consent; nothing of them is said."""
    shielded = frame["protected"].to_numpy(bool)
    placed = np.array([p is not None for p in points], bool) | present(address) | present(post)
    for field in ("location_id", "host_location_id", *_PLACE_FIELDS):
        placed |= present(intake.text(field)) & (field != "city")
    where = intake.column("protected")
    intake.log.each(
        "protected_with_place", shielded & placed, intake.rows, column=where, severity="repair"
    )
    for values in (address, post, town, points):
        values[shielded] = None
    bare = shielded & frame["service_area"].isna().to_numpy(bool)
    intake.log.each(
        "protected_without_area", bare, intake.rows, column=intake.column("service_area")
    )


def _locations(
    intake: Intake,
    frame: pd.DataFrame,
    address: np.ndarray,
    post: np.ndarray,
    town: np.ndarray,
    points: np.ndarray,
) -> pd.DataFrame:
    """Set ``location_id`` and ``host_location_id``; return the places the file brings.

    One place per address and point together: the same point under another address is
    another place. A place the workspace knows keeps its id.
    """
    import geopandas as gpd

    shielded = frame["protected"].to_numpy(bool)
    given, host = intake.text("location_id"), intake.text("host_location_id")
    given[shielded], host[shielded] = None, None
    held = intake.known.held("locations")
    known = set() if held is None else set(held["location_id"])
    by_place: dict[tuple[str, ...], str] = {}
    if held is not None:
        rest = held[["address", "postal_code", "city"]].to_numpy(object)
        for key, words, shape in zip(held["location_id"], rest, held.geometry, strict=True):
            by_place.setdefault(_place(*words, shape), str(key))
    ids = filled(None, intake.size)
    rows: dict[str, int] = {}
    for position in range(intake.size):
        told = (address[position], post[position], town[position], points[position])
        row, key = int(intake.rows[position]), given[position]
        # A town alone is where somebody works, not a place on a map.
        if told[0] is None and told[3] is None:
            if key is not None and key not in known:
                where = intake.column("location_id")
                close = close_to(key, sorted(known))
                intake.log.add("reference_unknown", row=row, column=where, value=key, known=close)
            ids[position] = key
            continue
        place = _place(*told)
        if key is None:
            key = by_place.get(place)
        if key is None:
            digest = hashlib.sha256("|".join(place).encode("utf-8", "replace")).hexdigest()
            key = f"l-{digest[:10]}"
        if key in rows and place != _place(*(v[rows[key]] for v in (address, post, town, points))):
            where = intake.column("location_id")
            other = int(intake.rows[rows[key]])
            intake.log.add("location_doubled", row=row, column=where, value=key, other_row=other)
        by_place.setdefault(place, key)
        rows.setdefault(key, position)
        ids[position] = key
    if not any(intake.has(f) for f in ("location_id", *_PLACE_FIELDS)) and (
        intake.records.geometry is None
    ):
        frame["location_id"] = ids
        intake.keep_known("offers", frame, ("location_id",))
        frame.loc[shielded, "location_id"] = None
    else:
        frame["location_id"] = ids
    lost = present(host) & ~np.isin(host.astype(str), [*known, *rows])
    where = intake.column("host_location_id")
    for position in np.flatnonzero(lost):
        close = close_to(str(host[position]), sorted({*known, *rows}))
        intake.log.add(
            "reference_unknown",
            row=int(intake.rows[position]),
            column=where,
            value=str(host[position]),
            known=close,
        )
    frame["host_location_id"] = host
    intake.keep_known("offers", frame, ("host_location_id",))
    frame.loc[shielded, "host_location_id"] = None
    at = np.array([*rows.values()], dtype=np.int64)
    table = pd.DataFrame(
        {
            "location_id": [*rows],
            "address": address[at],
            "postal_code": post[at],
            "city": town[at],
        },
        dtype="object",
    )
    drawn = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points[at], crs=intake.city.crs))
    return intake.checked("locations", drawn, intake.rows[at])


def _place(address: object, post: object, town: object, point: object) -> tuple[str, ...]:
    words = tuple(plain(v) if isinstance(v, str) else "" for v in (address, post, town))
    if isinstance(point, shapely.Point) and not point.is_empty:
        return (*words, f"{point.x:.0f} {point.y:.0f}")
    return (*words, "")


def _note_places(
    intake: Intake, frame: pd.DataFrame, address: np.ndarray, points: np.ndarray
) -> None:
    log, rows, where = intake.log, intake.rows, point_column(intake)
    placed = np.array([p is not None for p in points], bool)
    shielded = frame["protected"].to_numpy(bool)
    mobile = frame["service_area"].notna().to_numpy(bool)
    told = present(address)
    faulty = np.array([log.has_error(int(row), where) for row in rows], bool)
    open_to_all = ~placed & ~shielded & ~faulty
    log.each(
        "point_missing", open_to_all & told, rows, column=where, severity="note", values=address
    )
    housed = frame["location_id"].notna().to_numpy(bool)
    nowhere = open_to_all & ~told & ~mobile & ~housed
    log.each("place_missing", nowhere, rows, column=where, severity="note")
    names = frame["name"].to_numpy(object)
    note_sites(intake, names, address, points, where)
    blocks = intake.known.held("blocks")
    if blocks is not None and placed.any():
        from sro_geo.areas import assign_points

        some = np.flatnonzero(placed)
        x, y = shapely.get_x(points[some]), shapely.get_y(points[some])
        found = assign_points(blocks.geometry.to_numpy(), x, y)  # type: ignore[attr-defined]
        beyond = np.zeros(intake.size, bool)
        beyond[some[found < 0]] = True
        log.each("outside_blocks", beyond, rows, column=where, severity="note", values=names)
