"""The strokes of the shipped city, in hundreds of metres around a round-numbered point.

Quarters bear names everybody knows (Garstedt, Glashütte, Harksheide, Friedrichsgabe); every
line, street and number is invented.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from sro_geo.examples.cases import write_cases
from sro_geo.examples.city_files import (
    Layout,
    name_streets,
    write_boundaries,
    write_population,
    write_steering,
)
from sro_geo.examples.drawing import Points, Sketch, Town, curve, draw, rough
from sro_geo.examples.files import Feature, Folder
from sro_geo.examples.offers import phone, write_offers
from sro_geo.examples.partitions import grow, sides
from sro_geo.examples.places import addresses, greens, neighbours, pond, roads
from sro_geo.settings import SHIPPED_DATA

CRS = "EPSG:25832"
ORIGIN = (566_000.0, 5_950_500.0)
SEED = 2014
CASES_SEED = 2021
BORDER_STREET = "Buchenweg"

OUTLINE: Points = (
    (-17, 67), (-7, 66), (2, 62), (6, 52), (12, 47), (13, 38), (19, 34), (22, 26), (32, 23),
    (34, 12), (41, 5), (42, -7), (36, -12), (37, -22), (31, -29), (24, -27), (19, -36), (12, -38),
    (11, -46), (3, -48), (-1, -54), (-8, -51), (-12, -43), (-22, -44), (-27, -36), (-32, -31),
    (-30, -22), (-36, -13), (-35, 0), (-29, 8), (-26, 18), (-30, 27), (-25, 36), (-29, 48),
    (-23, 58),
)  # fmt: skip

# Main roads go on beyond the town; inside they divide it into quarters.
MAINS: dict[str, Points] = {
    "Buchenweg": ((-60, -2), (-38, -1), (-20, 1.5), (-6, 0.5), (8, -1), (24, 1), (40, -1), (60, 1)),
    "Lindenallee": ((0, -75), (5, -45), (8, -30), (5, -12), (3, 0), (0, 12), (3, 26), (1, 40),
                    (7, 52), (18, 75)),
    "Lange Straße": ((-8, -75), (-4, -50), (-9, -32), (-7, -16), (-5, 0), (-9, 15), (-6, 30),
                     (-10, 45), (-8, 60), (-12, 85)),
    "Alte Landstraße": ((-34, -70), (-20, -42), (-19, -30), (-23, -14), (-19, 2), (-19, 18),
                        (-22, 32), (-18, 46), (-19, 60), (-24, 85)),
    "Heidchaussee": ((3, 0), (14, 7), (23, 13), (31, 22), (42, 34), (60, 44)),
    "Ostring": ((2.2, 21.8), (13, 20), (20, 14), (26, 3), (25, -10), (19, -20), (7.7, -27)),
    "Glasmacherstraße": ((5, -12), (17, -11), (25, -10), (31, -16), (40, -22), (60, -28)),
    "Moorstraße": ((-55, 27), (-32, 23), (-20, 20), (-8, 17), (5, 22), (20, 27), (40, 38)),
    "Kirchenstraße": ((-55, 38), (-30, 33), (-20, 38), (-8, 41), (4, 38), (16, 44), (40, 58)),
    "Mühlenstraße": ((-60, -24), (-33, -20), (-21, -15), (-7, -18), (8.5, -22.5)),
    "Südring": ((-60, -38), (-32, -31), (-19, -33), (-8, -31), (8, -37), (16, -46), (30, -60)),
    "Marktstraße": ((-19.4, 9), (-14, 10), (-8, 8), (1.2, 7)),
    "Torfweg": ((-60, 58), (-26, 52), (-18.4, 52), (-9, 50), (7, 46)),
}  # fmt: skip

# (x, y, radius): where shops are and blocks are small.
CENTRES = (
    (-6, 9, 14),
    (8, 15, 13),
    (-11, -13, 14),
    (23, -8, 14),
    (-10, 33, 11),
    (-4, -36, 7),
    (12, -29, 7),
)

# name: kind (green, industry), ring
OPEN_LAND: dict[str, tuple[str, Points]] = {
    "Nordmoor": ("green", ((-32, 46), (-19, 47), (-19, 59), (-16, 70), (-30, 68))),
    "Tannenwald": ("green", ((19, 28), (23, 16), (30, 21), (38, 32), (28, 42), (16, 42), (10, 33))),
    "Ostwiesen": ("green", ((33, 13), (50, 8), (50, -9), (38, -8), (35, 3))),
    "Rehwald": ("green", ((-42, 3), (-27, 3), (-23, 10), (-24, 19), (-34, 22))),
    "Westmoor": ("green", ((-44, -4), (-31, -5), (-28, -12), (-27, -18), (-42, -17))),
    "Südheide": ("green", ((8, -38), (20, -33), (22, -42), (12, -52), (5, -50))),
    "Bruchwald": ("green", ((22, -18), (31, -18), (38, -26), (34, -34), (20, -30))),
    "Stadtpark": ("green", ((7, 4.5), (12, 7), (20, 11.5), (17, 15), (8, 12))),
    "Auenwiese": ("green", ((-37, -34), (-22, -33), (-21, -48), (-33, -48))),
    "Gewerbegebiet Nord": ("industry", ((-18, 51), (-9, 50), (-9, 59), (-18, 59))),
    "Gewerbegebiet Mitte": ("industry", ((-22, -10), (-14, -9), (-13, 0), (-21, 0))),
    "Gewerbegebiet Ost": ("industry", ((6, -13), (14, -12), (15, -19), (6, -20))),
}  # fmt: skip


# Blocks that are a park although houses stand around.
PARKS: dict[str, tuple[float, float]] = {
    "Alter Friedhof": (-12, 16),
    "Kleingärten Sonnenland": (0, -26),
    "Sportpark": (-2, 48),
    "Schulwäldchen": (-14, -22),
    "Bürgerpark": (31, -4),
    "Rosengarten": (-1, 24),
}

PONDS: dict[str, tuple[tuple[float, float], float]] = {
    "Parksee": ((14.9, 11), 130),
    "Moorteich": ((-24, 50), 110),
    "Rehteich": ((-25.5, 13), 80),
    "Torfkuhle": ((-32, -10), 130),
    "Waldsee": ((27, -22), 100),
    "Heideteich": ((9, -41), 80),
}

BROOK: Points = (
    (-36, 15), (-28, 11), (-21, 6), (-12, 4), (-2, 5), (6, 8), (14.9, 11), (21, 6), (29, -1),
    (36, -3), (48, -2),
)  # fmt: skip
RAIL: Points = ((-1, -92), (-1, -60), (-2, -42), (-5, -28), (-4, -12), (-3, 0), (-5, 8))

# Name and compass bearing at which each neighbour begins, clockwise.
NEIGHBOURS = (
    ("Tangstedt", 40.0), ("Hamburg", 108.0), ("Bönningstedt", 208.0), ("Hasloh", 240.0),
    ("Quickborn", 268.0), ("Ellerau", 318.0), ("Henstedt-Ulzburg", 340.0),
)  # fmt: skip

REGIONS = (
    ("nord", "region", "Nord", "norderstedt"),
    ("sued", "region", "Süd", "norderstedt"),
)

# social space: its name, and where each of its statistical districts has its heart
SPACES: dict[str, tuple[str, tuple[tuple[str, tuple[float, float]], ...]]] = {
    "nord-west": ("Nord-West", (
        ("Friedrichsgabe Nord", (-10, 56)), ("Friedrichsgabe Süd", (-10, 33)),
        ("Am Rehwald", (-25, 14)), ("Norderstedt-Mitte", (-5, 11)),
    )),
    "nord-ost": ("Nord-Ost", (
        ("Harksheide Nord", (11, 42)), ("Am Tannenwald", (24, 26)),
        ("Harksheide Mitte", (10, 16)), ("Harksheide Ost", (32, 5)),
    )),
    "sued-west": ("Süd-West", (
        ("Garstedt West", (-27, -10)), ("Garstedt Nord", (-4, -9)),
        ("Garstedt Mitte", (-13, -24)), ("Garstedt Süd", (-3, -42)),
    )),
    "sued-ost": ("Süd-Ost", (
        ("Glashütte Nord", (15, -5)), ("Glashütte Ost", (36, -7)),
        ("Glashütte Mitte", (25, -16)), ("Glashütte Süd", (13, -32)),
    )),
}  # fmt: skip


def metres(points: Points) -> list[tuple[float, float]]:
    """Return ``points`` (hundreds of metres around the origin) in the city's CRS."""
    return [(ORIGIN[0] + 100 * x, ORIGIN[1] + 100 * y) for x, y in points]


def wanted_size(
    centres: Sequence[tuple[float, float, float]],
    open_land: dict[str, Polygon],
    *,
    small: float,
    large: float,
    wild: float,
) -> Callable[[float, float], float]:
    """Return a function of x and y: the wanted size of a block in m2.

    ``small`` in the centres (x, y, radius in metres), ``large`` far from all of them,
    ``wild`` on open land.
    """
    lands = shapely.union_all(list(open_land.values()))
    shapely.prepare(lands)

    def size(x: float, y: float) -> float:
        if lands.contains(shapely.Point(x, y)):
            return wild
        near = max(float(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / r**2)) for cx, cy, r in centres)
        return large + (small - large) * near

    return size


def sketch(rng: np.random.Generator) -> Sketch:
    """Return the strokes in metres; ``rng`` roughens the outline."""
    open_land = {name: rough(metres(ring), rng, rounds=2) for name, (_, ring) in OPEN_LAND.items()}
    return Sketch(
        outline=rough(metres(OUTLINE), rng),
        mains={name: curve(metres(points)) for name, points in MAINS.items()},
        target=wanted_size(
            [(*metres([(x, y)])[0], 100 * radius) for x, y, radius in CENTRES],
            open_land,
            small=62_000,
            large=230_000,
            wild=480_000,
        ),
        open_land=open_land,
    )


def layout(town: Town, mains: dict[str, LineString]) -> Layout:
    """Return regions on both sides of the Buchenweg, social spaces and statistical districts."""
    # the strokes, cut to the edges of the blocks that were made from them
    north = sides(town, mains[BORDER_STREET])
    west = sides(town, mains["Lindenallee"])
    spaces = [
        f"{'nord' if n else 'sued'}-{'west' if w else 'ost'}"
        for n, w in zip(north, west, strict=True)
    ]
    districts = [""] * len(town.blocks)
    areas = [_area("norderstedt", "city", "Norderstedt", "")]
    areas += [_area(*row) for row in REGIONS]
    areas += [
        _area(space, "social_space", name, space.split("-")[0])
        for space, (name, _) in SPACES.items()
    ]
    number = 0
    for space, (_, quarters) in SPACES.items():
        members = [n for n, own in enumerate(spaces) if own == space]
        seeds = metres([spot for _, spot in quarters])
        grown = grow(town.blocks, town.neighbours, members, seeds)
        for block, seed in grown.items():
            districts[block] = f"{number + seed + 1:02d}"
        for seed, (name, _) in enumerate(quarters):
            district = f"{number + seed + 1:02d}"
            areas.append(_area(district, "statistical_district", name, "norderstedt"))
        number += len(quarters)
    return Layout(areas, "social_space", spaces, "statistical_district", districts)


def _area(area_id: str, level: str, name: str, parent: str) -> dict[str, str]:
    return {"area_id": area_id, "level": level, "name": name, "parent_id": parent}


def ground(town: Town, mains: dict[str, LineString], rng: np.random.Generator) -> list[Feature]:
    """Return what lies under the map: woods, water, the railway, roads, neighbouring towns."""
    kinds = {name: kind for name, (kind, _) in OPEN_LAND.items()} | dict.fromkeys(PARKS, "green")
    features: list[Feature] = [
        ({"kind": "green", "name": name}, shape) for name, shape in greens(town, kinds)
    ]
    for name, (spot, radius) in PONDS.items():
        features.append(({"kind": "water", "name": name}, pond(*metres([spot])[0], radius, rng)))
    brook = curve(metres(BROOK)).intersection(town.outline)
    features.append(({"kind": "water", "name": "Mühlenbach"}, brook))
    rail = curve(metres(RAIL)).simplify(3)
    features.append(({"kind": "rail", "name": "Stadtbahn"}, rail))
    features += roads(mains, town)
    heart = metres([(0, 0)])[0]
    return features + neighbours(town.outline, heart, NEIGHBOURS, rng)


def density(x: float, y: float) -> float:
    """Return relative persons per m2: crowded in the centres, scattered at the rim."""
    spots = [(*metres([(cx, cy)])[0], 100 * radius) for cx, cy, radius in CENTRES]
    return 0.22 + sum(float(np.exp(-((x - a) ** 2 + (y - b) ** 2) / r**2)) for a, b, r in spots)


def write_norderstedt(path: Path) -> None:
    """Write every file of the shipped city to ``path``, configuration included."""
    rng = np.random.default_rng(SEED)
    strokes = sketch(rng)
    town = draw(strokes, rng)
    for name, spot in PARKS.items():
        block = next(n for n, b in enumerate(town.blocks) if b.contains(Point(*metres([spot])[0])))
        town.open_land[block] = name
    areas = layout(town, strokes.mains)
    named = name_streets(town, areas)
    codes = {"nord-ost": "22850", "sued-west": "22848", "sued-ost": "22851"}

    def postal_code(block: int) -> str:
        north_west = "22844" if areas.parallel_ids[block] in ("01", "02") else "22846"
        return codes.get(areas.lowest_ids[block], north_west)

    houses = addresses(town, named, postal_code, rng, every=125)
    folder = Folder(path, CRS)
    ids = write_boundaries(
        folder, town, areas, named, ground(town, strokes.mains, rng), houses, "Norderstedt"
    )
    persons = write_population(folder, town, ids, density, 80_000, rng)
    write_offers(folder, houses, metres, "Norderstedt")
    write_steering(folder, areas, town, houses, "Norderstedt", lambda n: phone(100 + n))
    # Luck of its own, so that other numbers here leave the rest of the city as it is.
    write_cases(folder, ids, areas.lowest_ids, persons, np.random.default_rng(CASES_SEED))
    if path.resolve() != SHIPPED_DATA:
        for file in ("city.toml", "categories.toml", "cases/releases.toml", "cases/ledger.json"):
            shutil.copyfile(SHIPPED_DATA / file, path / file)
