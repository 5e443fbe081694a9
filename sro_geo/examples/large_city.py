"""A city of 250,000 (as in the source's example of a large city): how does it work at size?"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from sro_geo.examples.city_files import (
    Layout,
    name_streets,
    write_boundaries,
    write_population,
    write_steering,
)
from sro_geo.examples.drawing import Sketch, Town, curve, draw, rough
from sro_geo.examples.files import Feature, Folder
from sro_geo.examples.offers import INVENTED, offer_row, phone, placed, slug, write_rows
from sro_geo.examples.partitions import grow, spread_seeds
from sro_geo.examples.places import Address, addresses, greens, neighbours, pond, roads
from sro_geo.settings import SHIPPED_DATA

CRS = "EPSG:25833"
HEART = (400_000.0, 5_750_000.0)
CITY = "Großstadt"
PERSONS = 250_000
RADIUS = 7_000.0
RINGS = ((1_400.0, "Wallring"), (3_300.0, "Mittlerer Ring"), (5_300.0, "Äußerer Ring"))
RADIALS = 11
FROM_TARGET = 1.28  # blocks come out smaller than wanted by about this factor
WILD = 300_000.0
NEIGHBOURS = (("Nordfelde", 330.0), ("Osterheide", 60.0), ("Südmark", 150.0), ("Westried", 240.0))


def _round(radius: float, bearing: float) -> tuple[float, float]:
    return (
        HEART[0] + radius * np.sin(np.radians(bearing)) * 1.12,
        HEART[1] + radius * np.cos(np.radians(bearing)) * 0.92,
    )


def sketch(blocks: int, rng: np.random.Generator) -> Sketch:
    """Return rings and radial roads, woods at the rim, about ``blocks`` blocks."""
    bearings = np.arange(0, 360, 360 / RADIALS) + rng.uniform(-9, 9, RADIALS)
    outline = rough([_round(RADIUS * rng.uniform(0.88, 1.1), b) for b in range(0, 360, 18)], rng)
    mains: dict[str, LineString] = {}
    for radius, name in RINGS:
        ring = [_round(radius * rng.uniform(0.93, 1.07), b) for b in range(0, 360, 24)]
        # a ring that ends a little past its beginning is closed when the lines are noded
        mains[name] = curve([*ring, ring[0]])
    for count, bearing in enumerate(bearings, start=1):
        way = [
            _round(radius, bearing + turn)
            for radius, turn in zip(
                np.linspace(RINGS[0][0] * 0.85, RADIUS * 1.9, 8),
                rng.normal(0, 2.5, 8).cumsum(),
                strict=True,
            )
        ]
        mains[f"{count}. Ausfallstraße"] = curve(way)
    woods: dict[str, Polygon] = {}
    for count, bearing in enumerate((20, 75, 130, 200, 265, 310), start=1):
        x, y = _round(RADIUS * 0.86, bearing + rng.uniform(-10, 10))
        woods[f"Stadtwald {count}"] = pond(x, y, rng.uniform(700, 1_100), rng)
    for count, bearing in enumerate((50, 170, 290), start=1):
        x, y = _round(RADIUS * 0.38, bearing)
        woods[f"Park {count}"] = pond(x, y, 420, rng)
    wild = shapely.union_all(list(woods.values()))
    shapely.prepare(wild)
    # wanted sizes grow with the way from the heart; scaled so that their number fits
    built = float(outline.area - wild.intersection(outline).area)
    size = built / blocks * FROM_TARGET

    def target(x: float, y: float) -> float:
        if wild.contains(Point(x, y)):
            return max(WILD, 3 * size)
        away = float(np.hypot(x - HEART[0], y - HEART[1])) / RADIUS
        return size * (0.45 + 0.85 * min(away, 1.1))

    side = size**0.5
    return Sketch(
        outline=outline,
        mains=mains,
        target=target,
        open_land=woods,
        snap=0.2 * side,
        smallest=0.1 * size,
        thin=0.12 * side,
    )


def layout(town: Town, words: dict[str, Any]) -> Layout:
    """Return Bezirke, their social spaces, and quarters beside them."""
    everything = range(len(town.blocks))
    areas = [_area("grossstadt", "city", CITY, "")]
    bezirke = words["bezirke"]
    of_bezirk = grow(
        town.blocks,
        town.neighbours,
        everything,
        spread_seeds(town.blocks, everything, len(bezirke)),
    )
    areas += [
        _area(f"{n:02d}", "district", name, "grossstadt") for n, name in enumerate(bezirke, start=1)
    ]
    spaces, quarters = [""] * len(town.blocks), [""] * len(town.blocks)
    named = iter(words["social_spaces"])
    quarter_rows, space_rows = [], []
    for bezirk, bezirk_name in enumerate(bezirke):
        members = [n for n in everything if of_bezirk[n] == bezirk]
        seeds = spread_seeds(town.blocks, members, max(2, min(5, len(members) // 8)))
        for block, seed in grow(town.blocks, town.neighbours, members, seeds).items():
            spaces[block] = f"{bezirk + 1:02d}-{seed + 1}"
        space_rows += [
            _area(f"{bezirk + 1:02d}-{s + 1}", "social_space", next(named), f"{bezirk + 1:02d}")
            for s in range(len(seeds))
        ]
        seeds = spread_seeds(town.blocks, members, max(2, min(14, len(members) // 8)))
        for block, seed in grow(town.blocks, town.neighbours, members, seeds).items():
            quarters[block] = f"{bezirk + 1:02d}{seed + 1:02d}"
        quarter_rows += [
            _area(f"{bezirk + 1:02d}{q + 1:02d}", "quarter", f"{bezirk_name} {q + 1}", "grossstadt")
            for q in range(len(seeds))
        ]
    return Layout(areas + space_rows + quarter_rows, "social_space", spaces, "quarter", quarters)


def _area(area_id: str, level: str, name: str, parent: str) -> dict[str, str]:
    return {"area_id": area_id, "level": level, "name": name, "parent_id": parent}


def ground(town: Town, mains: dict[str, LineString], rng: np.random.Generator) -> list[Feature]:
    """Return what lies under the map."""
    kinds = dict.fromkeys(filter(None, town.open_land), "green")
    features: list[Feature] = [
        ({"kind": "green", "name": name}, shape) for name, shape in greens(town, kinds)
    ]
    for count, (radius, bearing) in enumerate(((2_700, 50), (5_900, 130), (6_000, 265)), start=1):
        lake = pond(*_round(radius, bearing), 230, rng)
        features.append(({"kind": "water", "name": f"See {count}"}, lake))
    river = curve([_round(r, b) for r, b in ((12_000, 250), (5_000, 240), (900, 200), (2_800, 110),
                                             (6_500, 95), (12_000, 85))])  # fmt: skip
    features.append(({"kind": "water", "name": "Fluss"}, river))
    rail = curve([_round(r, b) for r, b in ((10_500, 10), (4_000, 5), (1_000, 300), (4_500, 215),
                                            (10_500, 200))])  # fmt: skip
    features.append(({"kind": "rail", "name": "Bahn"}, rail))
    features += roads(mains, town)
    return features + neighbours(town.outline, HEART, NEIGHBOURS, rng)


def providers(words: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the city and 60 invented providers."""
    named = [("Großstadt, Jugendamt", "statutory"), ("Großstadt, Schulamt", "statutory")]
    named += [
        (f"{stem} {form}", kind)
        for form, kind in words["provider_forms"]
        for stem in words["provider_stems"]
    ]
    return [
        {
            "provider_id": f"T-{count:02d}",
            "name": name,
            "kind": kind,
            "contact": f"{phone(count)}, {slug(name)}@example.org",
            "website": "",
        }
        for count, (name, kind) in enumerate(named, start=1)
    ]


def _offers(
    count: int,
    words: dict[str, Any],
    provider_ids: Sequence[str],
    houses: Sequence[Address],
    areas: Layout,
    folder: Folder,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return ``count`` offers; the frequency of a category is its weight in the words."""
    kinds = words["categories"]
    weights = np.array([kind["weight"] for kind in kinds.values()], float)
    # each category at least once; hosts come before their guests
    drawn = [*range(len(kinds)), *rng.choice(len(kinds), count, p=weights / weights.sum())][:count]
    names = list(kinds)
    hosts: dict[str, list[int]] = {name: [] for name in names}
    area_ids = sorted(set(areas.lowest_ids))
    rows = []
    for number, pick in enumerate(sorted(int(n) for n in drawn), start=1):
        category = names[pick]
        kind = kinds[category]

        def one_of(values: Sequence[Any]) -> Any:
            return values[int(rng.integers(len(values)))]

        host = hosts.get(kind.get("host", ""), [])
        at = one_of(host) if host else int(rng.integers(len(houses)))
        hosts[category].append(at)
        house = houses[at]
        day = np.datetime64("2026-11-15") - int(rng.integers(0, 500))
        offer: dict[str, Any] = {
            "name": f"{one_of(kind['nouns'])} {house.street} {house.house_number}",
            "text": one_of(kind["texts"]),
            "category": category,
            "when": one_of(kind["when"]) if rng.random() < 0.9 else "",
            "status": str(rng.choice(["active", "paused", "closed"], p=[0.95, 0.03, 0.02])),
            "verified": str(day),
        }
        if ages := one_of(kind["ages"]):
            offer["ages"] = ages
        if category in ("day_care", "school"):
            offer["capacity"] = int(rng.integers(3, 20)) * (5 if category == "day_care" else 30)
        away = kind.get("mobile", False) or kind.get("protected", False)
        if away:
            area = "grossstadt" if kind.get("protected") else one_of(area_ids)
            offer |= {"area": area, "protected": kind.get("protected", False)}
            offer["name"] = f"{one_of(kind['nouns'])} {number}"
        row = offer_row(offer, number, one_of(provider_ids))
        row["offer_id"] = f"A-{number:05d}"
        if not away:
            placed(row, house, f"S-{house.address_id}", CITY, folder)
            if host:
                row["host_location_id"] = row["location_id"]
        rows.append(row)
    return rows


def write_large_city(path: Path, *, blocks: int = 4000, offers: int = 5000, seed: int = 7) -> None:
    """Write a large city to ``path``: about ``blocks`` blocks and exactly ``offers`` offers."""
    words = tomllib.loads((INVENTED / "large_city.toml").read_text(encoding="utf-8"))
    rng = np.random.default_rng(seed)
    strokes = sketch(blocks, rng)
    town = draw(strokes, rng)
    areas = layout(town, words)
    named = name_streets(town, areas)
    codes = {area: f"03{900 + n:03d}" for n, area in enumerate(sorted(set(areas.lowest_ids)))}
    houses = addresses(town, named, lambda block: codes[areas.lowest_ids[block]], rng, every=150)
    folder = Folder(path, CRS)
    ids = write_boundaries(
        folder, town, areas, named, ground(town, strokes.mains, rng), houses, CITY
    )

    def density(x: float, y: float) -> float:
        away = np.hypot(x - HEART[0], y - HEART[1]) / RADIUS
        return float(0.2 + np.exp(-((away / 0.5) ** 2)))

    write_population(folder, town, ids, density, PERSONS, rng)
    write_steering(folder, areas, town, houses, CITY, lambda n: phone(700 + n))
    rows = providers(words)
    provider_ids = [row["provider_id"] for row in rows]
    write_rows(folder, rows, _offers(offers, words, provider_ids, houses, areas, folder, rng))
    shutil.copyfile(INVENTED / "large_city_settings.toml", path / "city.toml")
    shutil.copyfile(SHIPPED_DATA / "categories.toml", path / "categories.toml")
