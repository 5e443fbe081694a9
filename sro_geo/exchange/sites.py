"""Do point and address of an offer fit each other? Doubts are notes, never changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely

from sro_geo.exchange.intake import Intake
from sro_geo.exchange.places import split_house_number
from sro_geo.exchange.recognise import plain
from sro_geo.exchange.records import listed

if TYPE_CHECKING:
    import geopandas as gpd

FAR_M = 1_000.0
SAME_POINT_M = 0.5
TWO_POINTS_M = 30.0
_WRONG_PER_STREET = 20


def street_key(street: str) -> str:
    """Return a street's name so that ``Str.``, ``Straße`` and ``strasse`` are one."""
    return re.sub(r"str$", "strasse", plain(street))


def note_sites(
    intake: Intake,
    names: np.ndarray,
    addresses: np.ndarray,
    points: np.ndarray,
    column: str,
) -> None:
    """Note shared points, addresses with two points, and points far from their address."""
    held = np.flatnonzero([p is not None for p in points])
    if not len(held):
        return
    x, y = np.full(len(points), np.nan), np.full(len(points), np.nan)
    x[held], y[held] = shapely.get_x(points[held]), shapely.get_y(points[held])
    parts = [split_house_number(a) if a else ("", None) for a in addresses]
    streets = [street_key(street) for street, _ in parts]
    keys = [
        f"{street} {plain(number or '')}"
        for street, (_, number) in zip(streets, parts, strict=True)
    ]
    _shared_points(intake, names, keys, held, x, y, column)
    _one_address_two_points(intake, names, addresses, keys, held, x, y, column)
    said = _far_from_known(intake, addresses, streets, keys, points, held, column)
    numbers = np.array([_leading(number) for _, number in parts], float)
    _far_from_neighbours(intake, addresses, streets, numbers, held, x, y, column, said)


def _shared_points(
    intake: Intake,
    names: np.ndarray,
    keys: Sequence[str],
    held: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    column: str,
) -> None:
    districts = intake.text("district")
    groups: dict[tuple[int, int], list[int]] = {}
    for i in held:
        at = (round(x[i] / SAME_POINT_M), round(y[i] / SAME_POINT_M))
        groups.setdefault(at, []).append(int(i))
    for members in groups.values():
        if len(members) < 2:
            continue
        alike = len({keys[i] for i in members}) == 1
        called = list(dict.fromkeys(str(districts[i]) for i in members if districts[i]))
        if len(called) > 1:
            intake.log.add(
                "districts_differ",
                row=int(intake.rows[members[0]]),
                column=intake.column("district"),
                severity="note",
                districts=listed(called),
                names=listed((str(names[i]) for i in members), total=len(members), limit=6),
            )
        intake.log.add(
            "point_shared" if alike else "point_shared_addresses",
            row=int(intake.rows[members[0]]),
            column=column,
            severity="note",
            count=len(members),
            names=listed((str(names[i]) for i in members), total=len(members), limit=6),
            rows=listed((str(intake.rows[i]) for i in members), total=len(members), limit=10),
        )


def _one_address_two_points(
    intake: Intake,
    names: np.ndarray,
    addresses: np.ndarray,
    keys: Sequence[str],
    held: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    column: str,
) -> None:
    groups: dict[str, list[int]] = {}
    for i in held:
        if re.search(r"\d", keys[i]):
            groups.setdefault(keys[i], []).append(int(i))
    for members in groups.values():
        if len(members) < 2:
            continue
        spread = float(np.hypot(np.ptp(x[members]), np.ptp(y[members])))
        if spread > TWO_POINTS_M:
            intake.log.add(
                "address_two_points",
                row=int(intake.rows[members[0]]),
                column=column,
                severity="note",
                address=str(addresses[members[0]]),
                metres=round(spread),
                names=listed((str(names[i]) for i in members), total=len(members), limit=6),
                rows=listed((str(intake.rows[i]) for i in members), total=len(members), limit=10),
            )


def _far_from_known(
    intake: Intake,
    addresses: np.ndarray,
    streets: Sequence[str],
    keys: Sequence[str],
    points: np.ndarray,
    held: np.ndarray,
    column: str,
) -> set[int]:
    """Compare with the workspace's own address points and streets of the same name."""
    by_street: dict[str, list[shapely.Geometry]] = {}
    by_house: dict[str, list[shapely.Geometry]] = {}
    wanted = {streets[i] for i in held} - {""}
    known: gpd.GeoDataFrame | None
    for known, field in ((intake.known.streets, "name"), (intake.known.addresses, "street")):
        if known is None or known.empty:
            continue
        texts = known[field].fillna("").astype(str)
        read = {text: street_key(text) for text in texts.unique()}
        mine = np.flatnonzero(texts.map(read).isin(wanted).to_numpy())
        shapes = known.geometry.to_numpy()[mine]
        words = texts.to_numpy(object)[mine]
        houses = known["house_number"].to_numpy(object)[mine] if "house_number" in known else None
        for at, (word, shape) in enumerate(zip(words, shapes, strict=True)):
            if shape is None or shape.is_empty:
                continue
            by_street.setdefault(read[word], []).append(shape)
            if houses is not None and isinstance(houses[at], str):
                by_house.setdefault(f"{read[word]} {plain(houses[at])}", []).append(shape)
    said: set[int] = set()
    for i in held:
        near = by_house.get(keys[i]) or by_street.get(streets[i])
        if not near:
            continue
        metres = float(np.min(shapely.distance(points[i], np.array(near, object))))
        if metres > FAR_M:
            said.add(int(i))
            _say_far(intake, int(i), addresses, metres, column, "point_far_from_address")
    return said


def _far_from_neighbours(
    intake: Intake,
    addresses: np.ndarray,
    streets: Sequence[str],
    numbers: np.ndarray,
    held: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    column: str,
    said: set[int],
) -> None:
    """Compare with the other house numbers of the street in this same file.

    House numbers grow along a street: a point is expected between its two neighbours in
    number. The worst is taken out before the others are judged, so that one wrong point
    does not make its neighbours look wrong.
    """
    groups: dict[str, list[int]] = {}
    for i in held:
        if streets[i] and np.isfinite(numbers[i]):
            groups.setdefault(streets[i], []).append(int(i))
    for members in groups.values():
        left = np.array(sorted(members, key=lambda i: numbers[i]))
        for _ in range(_WRONG_PER_STREET):
            if len(np.unique(numbers[left])) < 3:
                break
            far = _off_line(numbers[left], x[left], y[left])
            worst = int(np.argmax(far))
            if far[worst] <= FAR_M:
                break
            i = int(left[worst])
            left = np.delete(left, worst)
            if i not in said:
                _say_far(
                    intake, i, addresses, float(far[worst]), column, "point_far_from_neighbours"
                )


def _off_line(numbers: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return metres between each point and where its neighbours in house number put it.

    Parameters are those of one street, in the order of house numbers. At an end of the
    street there is one neighbour only, and 15 m for each number between them are allowed.
    """
    order = np.arange(len(numbers))
    below, above = order - 1, np.searchsorted(numbers, numbers, side="right")
    first, last = below < 0, above >= len(numbers)
    below, above = np.where(first, above, below), np.where(last, order - 1, above)
    below = np.clip(below, 0, len(numbers) - 1)
    span = numbers[above] - numbers[below]
    share = np.where(span > 0, (numbers - numbers[below]) / np.where(span > 0, span, 1), 0)
    east = x - x[below] - share * (x[above] - x[below])
    north = y - y[below] - share * (y[above] - y[below])
    apart = np.hypot(east, north)
    at_end = first | last
    allowed = 15.0 * np.abs(numbers - numbers[below])
    return np.asarray(np.where(at_end, np.maximum(0, apart - allowed), apart), float)


def _say_far(
    intake: Intake, i: int, addresses: np.ndarray, metres: float, column: str, code: str
) -> None:
    intake.log.add(
        code,
        row=int(intake.rows[i]),
        column=column,
        severity="note",
        address=str(addresses[i]),
        metres=int(round(metres, -1)),
    )


def _leading(number: str | None) -> float:
    match = re.match(r"\d+", number or "")
    return float(match[0]) if match else float("nan")
