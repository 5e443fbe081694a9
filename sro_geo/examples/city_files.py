"""Give a drawn town its areas, names and people, and write what does not depend on offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point

from sro_geo.examples.drawing import Town, edges
from sro_geo.examples.files import Feature, Folder
from sro_geo.examples.names import street_names
from sro_geo.examples.people import POPULATION_COLUMNS, population_rows, settle
from sro_geo.examples.places import ADDRESS_COLUMNS, Address, address_rows

REFERENCE_DATE = "2025-12-31"


@dataclass(frozen=True)
class Layout:
    """Which area each block lies in; ``areas`` are rows of areas.csv of all levels."""

    areas: list[dict[str, str]]
    lowest: str
    lowest_ids: list[str]
    parallel: str
    parallel_ids: list[str]


def block_ids(layout: Layout) -> list[str]:
    """Return ids that tell where a block is: parallel area and a running number."""
    seen: dict[str, int] = {}
    ids = []
    width = 2 if len(layout.parallel_ids) < 1000 else 3
    for area in layout.parallel_ids:
        seen[area] = seen.get(area, 0) + 1
        ids.append(f"{area}{seen[area]:0{width}d}")
    return ids


def name_streets(town: Town, layout: Layout) -> list[str]:
    """Return the name of each street, by the theme of the quarter it runs in."""
    tree = shapely.STRtree(town.blocks)
    quarters = sorted(set(layout.parallel_ids))
    open_streets = [n for n, street in enumerate(town.streets) if not street.main]
    open_streets.sort(key=lambda n: -town.streets[n].geometry.length)
    themes = []
    for number in open_streets:
        spot = town.streets[number].geometry.representative_point()
        themes.append(quarters.index(layout.parallel_ids[int(tree.nearest(spot))]))
    names = [street.main for street in town.streets]
    taken = [name for name in names if name]
    for number, name in zip(open_streets, street_names(themes, taken), strict=True):
        names[number] = name
    return names


def block_names(town: Town, named: Sequence[str]) -> list[str]:
    """Return for each block the wood or park it is, or the two streets it has most of."""
    along: list[dict[str, float]] = [{} for _ in town.blocks]
    around = edges(town.blocks)
    for street, name in zip(town.streets, named, strict=True):
        for line in shapely.get_parts(street.geometry):
            for a, b in pairwise((round(x, 1), round(y, 1)) for x, y in line.coords):
                for block in around.get((a, b) if a < b else (b, a), ()):
                    length = float(np.hypot(a[0] - b[0], a[1] - b[1]))
                    along[block][name] = along[block].get(name, 0.0) + length
    return [
        land or " / ".join(sorted(lengths, key=lambda name: (-round(lengths[name]), name))[:2])
        for land, lengths in zip(town.open_land, along, strict=True)
    ]


def write_boundaries(
    folder: Folder,
    town: Town,
    layout: Layout,
    named: Sequence[str],
    ground: Sequence[Feature],
    houses: Sequence[Address],
    city: str,
) -> list[str]:
    """Write the folder ``boundaries`` and return the block ids."""
    folder.csv("boundaries/areas.csv", ("area_id", "level", "name", "parent_id"), layout.areas)
    ids = block_ids(layout)
    names = block_names(town, named)
    rows: list[Feature] = [
        (
            {
                "block_id": ids[n],
                "name": names[n],
                f"{layout.lowest}_id": layout.lowest_ids[n],
                f"{layout.parallel}_id": layout.parallel_ids[n],
            },
            block,
        )
        for n, block in enumerate(town.blocks)
    ]
    folder.geojson("boundaries/blocks.geojson", sorted(rows, key=lambda row: row[0]["block_id"]))
    order = sorted(range(len(named)), key=lambda n: named[n])
    folder.geojson(
        "boundaries/streets.geojson",
        [
            (
                {"street_id": f"{count:04d}", "name": named[n], "kind": town.streets[n].kind},
                town.streets[n].geometry,
            )
            for count, n in enumerate(order, start=1)
        ],
    )
    folder.geojson(
        "boundaries/basemap.geojson",
        [
            ({"feature_id": f"g{count:03d}", **properties}, shape)
            for count, (properties, shape) in enumerate(ground, start=1)
        ],
    )
    folder.csv("boundaries/addresses.csv", ADDRESS_COLUMNS, address_rows(houses, city, folder))
    return ids


def write_population(
    folder: Folder,
    town: Town,
    ids: Sequence[str],
    density: Callable[[float, float], float],
    total: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Write ``population.csv`` and return persons by block and age band.

    ``density`` gives persons per m2 up to a factor.
    """
    spots = np.array([block.representative_point().coords[0] for block in town.blocks])
    weights = [
        0.0 if land else block.area * density(x, y)
        for block, land, (x, y) in zip(town.blocks, town.open_land, spots, strict=True)
    ]
    persons = settle(weights, spots, total, rng)
    order = sorted(range(len(ids)), key=lambda n: ids[n])
    folder.csv(
        "population/population.csv",
        POPULATION_COLUMNS,
        population_rows([ids[n] for n in order], persons[order], REFERENCE_DATE),
    )
    return persons


def write_steering(
    folder: Folder,
    layout: Layout,
    town: Town,
    houses: Sequence[Address],
    city: str,
    phone: Callable[[int], str],
) -> None:
    """Write one team for each area of the lowest plan level, in office there since 2014."""
    areas = [area for area in layout.areas if area["level"] == layout.lowest]
    hours = (
        "Mo,Tu,Th,Fr 08:30-12:00; Th 14:00-17:30; PH off",
        "Mo-Fr 09:00-12:00; Tu 14:00-18:00; PH off",
        "Mo,We,Fr 08:30-12:00; We 14:00-17:00; PH off",
    )
    teams: list[dict[str, Any]] = []
    duties = []
    for count, area in enumerate(areas):
        own = [
            b for b, i in zip(town.blocks, layout.lowest_ids, strict=True) if i == area["area_id"]
        ]
        heart = shapely.coverage_union_all(own).representative_point()
        mine = [h for h in houses if layout.lowest_ids[h.block] == area["area_id"]]
        office = min(mine or houses, key=lambda h: (h.spot.distance(Point(heart)), h.address_id))
        teams.append(
            {
                "team_id": f"team-{area['area_id']}",
                "name": f"ASD-Team {area['name']}",
                "contact": f"{phone(count)}, asd.{area['area_id']}@example.org",
                "address": f"{office.street} {office.house_number}, {office.postal_code} {city}",
                "office_hours": hours[count % len(hours)],
            }
        )
        duties.append(
            {
                "area_id": area["area_id"],
                "team_id": f"team-{area['area_id']}",
                "valid_from": "2014-01-01",
            }
        )
    folder.csv(
        "steering/teams.csv", ("team_id", "name", "contact", "address", "office_hours"), teams
    )
    folder.csv(
        "steering/responsibilities.csv", ("area_id", "team_id", "valid_from", "valid_to"), duties
    )
