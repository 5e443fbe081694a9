"""Addresses and points: taken apart, put together, and compared with each other."""

from __future__ import annotations

import re

import numpy as np
import shapely

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.placing import placed
from sro_geo.exchange.records import filled, present
from sro_geo.exchange.shapes import of_kind

_HOUSE = re.compile(
    r"(?P<street>.*[^\W\d_].*?)\s+"
    # Each blank belongs to what follows it: read in two ways, a few would take for ever.
    r"(?P<number>\d+(?:\s?[a-zA-Z])?(?:\s?[-/–+](?:\s?\d+)?(?:\s?[a-zA-Z])?(?!\w))*)"
)
_LONGEST = 200
_TAIL = re.compile(r"(?P<street>.+?),\s*(?P<post>\d{5})\s+(?P<town>\D.*)")


def split_house_number(address: str) -> tuple[str, str | None]:
    """Return (street, house number or None) of ``Waldstraße 42`` or ``Weg 9 a``."""
    match = _HOUSE.fullmatch(address) if len(address) <= _LONGEST else None
    return (match["street"], match["number"]) if match else (address, None)


def parted_addresses(intake: Intake) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return street, house number, postal code and town, taken apart where they are one text."""
    street, number = intake.text("street"), intake.text("house_number")
    post, town = intake.text("postal_code"), intake.text("city")
    whole = intake.text("address")
    parted = np.zeros(intake.size, bool)
    for position in range(intake.size):
        text = whole[position]
        if street[position] is None and text is not None:
            match = _TAIL.fullmatch(text)
            if match and post[position] is None and town[position] is None:
                text, post[position], town[position] = match.group("street", "post", "town")
            street[position] = text
            parted[position] = True
        if street[position] is not None and number[position] is None:
            street[position], number[position] = split_house_number(street[position])
            parted[position] |= number[position] is not None
    where = intake.column("address" if intake.has("address") else "street")
    intake.log.counted("address_parted", parted, intake.rows, column=where)
    return street, number, post, town


def joined_addresses(
    intake: Intake, *, silent: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return address (street and number in one), postal code and town."""
    whole, street, number = (intake.text(f) for f in ("address", "street", "house_number"))
    post, town = intake.text("postal_code"), intake.text("city")
    parted = np.zeros(intake.size, bool)
    for position in range(intake.size):
        text = whole[position]
        if text is None and street[position] is not None:
            text = " ".join(v for v in (street[position], number[position]) if v)
        elif text is not None and post[position] is None and town[position] is None:
            match = _TAIL.fullmatch(text)
            if match:
                text, post[position], town[position] = match.group("street", "post", "town")
                parted[position] = True
        whole[position] = text
    if not silent:
        where = intake.column("address")
        intake.log.counted("address_parted", parted, intake.rows, column=where)
    return whole, post, town


def points_of(intake: Intake, *, outside: str = "error") -> np.ndarray:
    """Return a point in the city's CRS for each record, None where the file has none.

    From the features' shapes, else from ``lat``/``lon``, else from ``x``/``y`` whose CRS is
    the one stated in the mapping or recognised by where it puts them.
    """
    shapes = intake.shapes(outside=outside)
    if shapes is not None and any(shape is not None for shape in shapes):
        return shapes
    pair = ("lon", "lat") if intake.has("lat") or intake.has("lon") else ("x", "y")
    if not any(intake.has(field) for field in pair):
        return filled(None, intake.size)
    where = intake.point_columns()
    x, y = (intake.numbers(field, "coordinate") for field in pair)
    told = [present(intake.text(field)) for field in pair]
    half = told[0] ^ told[1]
    intake.log.each("point_incomplete", half, intake.rows, column=where, severity="note")
    full = np.isfinite(x) & np.isfinite(y)
    # 0, 0 lies in the Gulf of Guinea; forms write it where nobody knew the place.
    nowhere = full & (x == 0) & (y == 0)
    intake.log.each("point_zero", nowhere, intake.rows, column=where, severity="note")
    full &= ~nowhere
    points = filled(None, intake.size)
    points[full] = shapely.points(x[full], y[full])
    stated = intake.mapping.get("crs", "").removeprefix("=")
    found, intake.crs = placed(
        points,
        stated,
        intake.city,
        intake.rows,
        intake.log,
        column=where,
        outside=outside,
        certain=False,
    )
    return of_kind(found, "point", intake.rows, intake.log)
