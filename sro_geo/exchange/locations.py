"""The places of offers: found again, made new, and never those of protected ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from sro_geo.exchange.areas import close_to
from sro_geo.exchange.intake import Intake
from sro_geo.exchange.offer_ids import FreeIds
from sro_geo.exchange.places import joined_addresses
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import filled, present, shown
from sro_geo.exchange.sites import note_sites
from sro_geo.tables import TABLES

_ADDRESS = ("address", "street", "house_number", "postal_code", "city", "lat", "lon", "x", "y")
_FREE_TEXTS = ("name", "description", "contact", "target_group", "accessibility", "source")
_PLACE_FIELDS = (*_ADDRESS, "district", "location_id", "host_location_id")


def protect(intake: Intake, ids: np.ndarray) -> np.ndarray:
    """Return which offers are protected, after taking every trace of their place away.

    Done before anything else looks at the records, so that no message can name the address
    or the point of a protected place. That something was taken away needs consent. An
    offer the workspace knows as protected stays so unless the file says otherwise, which
    needs consent, too. ``ids``: as :func:`sro_geo.exchange.offer_ids.known_ids`.
    """
    cast = intake.cast(TABLES["offers"], "protected")
    held = intake.known.held("offers")
    where = intake.column("protected")
    if held is not None:
        secret = held.loc[held["protected"].fillna(False).astype(bool), "offer_id"]
        known = np.isin(ids.astype(str), [*secret])
        lifted = known & (cast == False).fillna(False).to_numpy(bool)  # noqa: E712
        intake.log.each("protection_lifted", lifted, intake.rows, column=where, severity="repair")
        cast = cast.fillna(pd.Series(known))
    shielded: np.ndarray = cast.fillna(False).to_numpy(bool)
    _refuse_telling_texts(intake, shielded)
    placed = np.zeros(intake.size, bool)
    for field in _PLACE_FIELDS:
        entry = intake.recognised.get(field)
        values = None if entry is None else intake.records.columns.get(entry.source or "")
        if values is not None:
            # A town alone is where somebody works, not where they can be found.
            placed |= present(values) & (field != "city")
            values[shielded] = None
    if intake.records.geometry is not None:
        placed |= np.array([shape is not None for shape in intake.records.geometry], bool)
        intake.records.geometry[shielded] = None
    intake.log.each(
        "protected_with_place", shielded & placed, intake.rows, column=where, severity="repair"
    )
    return shielded


def _refuse_telling_texts(intake: Intake, shielded: np.ndarray) -> None:
    """Free text that repeats the address of a protected row would keep what is taken away."""
    addresses, _, _ = joined_addresses(intake, silent=True)
    for position in np.flatnonzero(shielded & present(addresses)):
        address = plain(addresses[position])
        for field in _FREE_TEXTS:
            text = intake.text(field)[position]
            if address and text is not None and address in plain(text):
                row, column = int(intake.rows[position]), intake.column(field)
                intake.log.add("protected_text_tells", row=row, column=column)


def locations_of(
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
            by_place.setdefault(_place((*words, shape)), str(key))
    ids = filled(None, intake.size)
    own = frame["offer_id"].to_numpy(object)
    free_id = FreeIds([*known, *given[present(given)]])
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
        place = _place(told)
        if key is None:
            key = by_place.get(place)
        if key is None:
            # Named after the offer and not after the address, which a name made of it
            # would give away when the place becomes protected.
            key = free_id(f"l-{shown(own[position]) or row}")
        if key in rows and place != _place([v[rows[key]] for v in (address, post, town, points)]):
            where = intake.column("location_id")
            other = int(intake.rows[rows[key]])
            intake.log.add("location_doubled", row=row, column=where, value=key, other_row=other)
        by_place.setdefault(place, key)
        rows.setdefault(key, position)
        ids[position] = key
    if not any(intake.has(f) for f in ("location_id", *_ADDRESS)) and (
        intake.records.geometry is None
    ):
        frame["location_id"] = ids
        intake.keep_known("offers", frame, ("location_id",))
        frame.loc[shielded, "location_id"] = None
    else:
        frame["location_id"] = ids
    lost = present(host) & ~np.isin(host.astype(str), [*known, *rows])
    where = intake.column("host_location_id")
    there = sorted({*known, *rows})
    for at in np.flatnonzero(lost):
        close = close_to(str(host[at]), there)
        intake.log.add(
            "reference_unknown",
            row=int(intake.rows[at]),
            column=where,
            value=str(host[at]),
            known=close,
        )
    frame["host_location_id"] = host
    intake.keep_known("offers", frame, ("host_location_id",))
    frame.loc[shielded, "host_location_id"] = None
    which = np.array([*rows.values()], dtype=np.int64)
    table = pd.DataFrame(
        {
            "location_id": [*rows],
            "address": address[which],
            "postal_code": post[which],
            "city": town[which],
        },
        dtype="object",
    )
    drawn = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points[which], crs=intake.city.crs))
    return intake.checked("locations", drawn, intake.rows[which])


def _place(told: Sequence[object]) -> tuple[str, ...]:
    *said, point = told
    words = tuple(plain(v) if isinstance(v, str) else "" for v in said)
    if isinstance(point, shapely.Point) and not point.is_empty:
        return (*words, f"{point.x:.0f} {point.y:.0f}")
    return (*words, "")


def note_places(
    intake: Intake, frame: pd.DataFrame, address: np.ndarray, points: np.ndarray
) -> None:
    """Note offers without a point, in doubtful places, and outside every block."""
    log, rows, where = intake.log, intake.rows, intake.point_columns()
    placed = np.array([p is not None for p in points], bool)
    shielded = frame["protected"].to_numpy(bool)
    mobile = frame["service_area"].notna().to_numpy(bool)
    told = present(address)
    faulty = np.array([log.has_error(int(row), where) for row in rows], bool)
    # Half a point, or one at 0, 0, was said already.
    if intake.records.geometry is None:
        for field in ("lat", "lon", "x", "y"):
            faulty |= present(intake.text(field))
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
        found = assign_points(blocks.geometry.to_numpy(), x, y)
        beyond = np.zeros(intake.size, bool)
        beyond[some[found < 0]] = True
        log.each("outside_blocks", beyond, rows, column=where, severity="note", values=names)
