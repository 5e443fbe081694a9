"""Coverage of the shipped city, counted by hand: its files read and measured one by one."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely

from sro_geo.coverage.demand import interior_points
from tests.toy import DATA

HOSTS = ("school", "day_care", "church", "family_centre", "library", "senior_centre")
LEVELS = ("city", "region", "social_space", "statistical_district")
# Km/h on foot and by bike, written down again: the year in the middle of the group tells.
SPEEDS = {
    "0-2": (2.5, 7.0),
    "6-9": (3.5, 10.0),
    "10-13": (4.0, 13.0),
    "under_18": (3.5, 10.0),
    "75+": (3.0, 9.0),
    "all": (4.0, 15.0),
}
YEARS = {
    "0-2": (0, 2),
    "6-9": (6, 9),
    "10-13": (10, 13),
    "under_18": (0, 17),
    "75+": (75, 200),
    "all": (0, 200),
}


@dataclass(frozen=True)
class Block:
    """A block of the shipped files: its point in metres and the areas it lies in."""

    block_id: str
    x: float
    y: float
    areas: dict[str, str]


def rows_of(file: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table as they are written."""
    with (DATA / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def metres() -> pyproj.Transformer:
    """Degrees to metres."""
    return pyproj.Transformer.from_crs(4326, 25832, always_xy=True)


@cache
def area_names() -> dict[str, dict[str, str]]:
    """Return the names of the areas by level and id."""
    names: dict[str, dict[str, str]] = {level: {} for level in LEVELS}
    for row in rows_of("boundaries/areas.csv"):
        names[row["level"]][row["area_id"]] = row["name"]
    return names


@cache
def blocks() -> tuple[Block, ...]:
    """Return the shipped blocks."""
    parents = {row["area_id"]: row["parent_id"] for row in rows_of("boundaries/areas.csv")}
    document = json.loads((DATA / "boundaries/blocks.geojson").read_text(encoding="utf-8"))
    out = []
    for feature in document["features"]:
        said = feature["properties"]
        shape = shapely.transform(
            shapely.geometry.shape(feature["geometry"]),
            lambda at: np.column_stack(metres().transform(at[:, 0], at[:, 1])),
        )
        point = interior_points(np.array([shape]))[0]
        space = said["social_space_id"]
        areas = {
            "social_space": space,
            "region": parents[space],
            "city": parents[parents[space]],
            "statistical_district": said["statistical_district_id"],
        }
        out.append(Block(said["block_id"], point.x, point.y, areas))
    return tuple(out)


@cache
def persons(group: str) -> dict[str, int]:
    """Return the persons of an age group by block."""
    low, high = YEARS[group]
    counted = dict.fromkeys((block.block_id for block in blocks()), 0)
    for row in rows_of("population/population.csv"):
        if low <= int(row["age_from"]) and int(row["age_to"] or 200) <= high:
            counted[row["block_id"]] += int(row["persons"])
    return counted


def offers(categories: Iterable[str], group: str) -> list[dict[str, str]]:
    """Return the shipped offers that these people can use at all."""
    low, high = YEARS[group]
    return [
        row
        for row in rows_of("offers/offers.csv")
        if row["category"] in categories
        and row["status"] == "active"
        and row["protected"] != "true"
        and row["capacity"] != "0"
        and int(row["age_min"] or 0) <= high
        and int(row["age_max"] or 200) >= low
    ]


def minutes_from(block: Block, x: float, y: float, group: str, mode: str) -> float:
    """Return how long the way to a point takes: straight line, a third longer, at their speed."""
    kmh = SPEEDS[group][mode == "bike"]
    return math.hypot(block.x - x, block.y - y) * 1.3 / (kmh * 1000 / 60)


@cache
def ways(category: str, group: str, mode: str) -> dict[str, float]:
    """Return the minutes from every block to the nearest offer, 0 where one comes there."""
    out = {}
    for block in blocks():
        out[block.block_id] = math.inf
        for offer in offers([category], group):
            if offer["lon"]:
                x, y = metres().transform(float(offer["lon"]), float(offer["lat"]))
                way = minutes_from(block, x, y, group, mode)
            else:
                served = offer["service_area"].split()
                way = 0.0 if set(served) & set(block.areas.values()) else math.inf
            out[block.block_id] = min(out[block.block_id], way)
    return out


def quantile(pairs: list[tuple[float, int]], part: float) -> float | None:
    """Return the shortest way that is long enough for a part of the people."""
    everybody = sum(count for _, count in pairs)
    running = 0
    for way, count in sorted(pairs):
        running += count
        if count and running >= part * everybody * (1 - 1e-12):
            return None if math.isinf(way) else way
    return None


def by_hand(
    where: Callable[[Block], bool], category: str, group: str, mode: str, limit: float
) -> dict[str, Any]:
    """Return the figures of the blocks of one area."""
    way, count = ways(category, group, mode), persons(group)
    pairs = [(way[b.block_id], count[b.block_id]) for b in blocks() if where(b)]
    population = sum(number for _, number in pairs)
    covered = sum(number for minutes, number in pairs if minutes <= limit)
    return {
        "population": population,
        "covered": covered,
        "uncovered": population - covered,
        "share": covered / population if population else None,
        "median_minutes": quantile(pairs, 0.5),
        "p90_minutes": quantile(pairs, 0.9),
    }


def candidates() -> dict[str, tuple[float, float]]:
    """Return the houses a new offer could be a guest of."""
    return {
        row["offer_id"]: metres().transform(float(row["lon"]), float(row["lat"]))
        for row in rows_of("offers/offers.csv")
        if row["category"] in HOSTS
        and row["status"] == "active"
        and row["protected"] != "true"
        and row["lon"]
    }


def gains(limit: float) -> dict[str, frozenset[str]]:
    """Return the blocks not covered today that each candidate would newly cover."""
    way = ways("youth_centre", "10-13", "walk")
    open_yet = [block for block in blocks() if way[block.block_id] > limit]
    return {
        site: frozenset(
            b.block_id for b in open_yet if minutes_from(b, x, y, "10-13", "walk") <= limit
        )
        for site, (x, y) in candidates().items()
    }


def worth(covered: Iterable[frozenset[str]]) -> int:
    """Return the persons of all these blocks."""
    count = persons("10-13")
    return sum(count[block] for block in frozenset().union(*covered))
