"""Address points along the streets, and the ground a map needs: water, green, roads, neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from sro_geo.examples.drawing import Town
from sro_geo.examples.files import Feature

ADDRESS_COLUMNS = (
    "address_id", "street", "house_number", "postal_code", "city", "lon", "lat",
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One house: its number on a street and the point in metres."""

    address_id: str
    street: str
    house_number: str
    postal_code: str
    spot: Point
    block: int


def addresses(
    town: Town,
    named: Sequence[str],
    postal_code: Callable[[int], str],
    rng: np.random.Generator,
    *,
    every: float,
) -> list[Address]:
    """Return houses on both sides of the streets, odd numbers left, even ones right.

    Parameters
    ----------
    named
        Name of each street of ``town``.
    postal_code
        Gives the postal code of a block.
    every
        Mean distance in metres between two houses on one side: not every house is drawn.
    """
    roads = shapely.STRtree([street.geometry for street in town.streets])
    tree = shapely.STRtree(town.blocks)
    found = []
    for street, name in sorted(zip(town.streets, named, strict=True), key=lambda pair: pair[1]):
        if street.kind == "path":
            continue
        walked = 0.0
        for part in _from_south_west(street.geometry):
            for side in (1, -1):
                along = rng.uniform(18, 40)
                while along < part.length - 18:
                    away = 22.0 if street.kind == "main" else 15.0
                    spot = _beside(part, along, side * (away + rng.uniform(0, 5)))
                    number = 2 * int((walked + along) / (30 if street.kind == "main" else 16)) + (
                        1 if side > 0 else 2
                    )
                    along += every * rng.uniform(0.6, 1.4)
                    inside = tree.query(spot, predicate="within")
                    if not len(inside) or town.open_land[int(inside[0])]:
                        continue
                    # houses stand clear of the other streets at a corner
                    if len(roads.query(spot, predicate="dwithin", distance=12.0)):
                        continue
                    found.append((name, number, spot, int(inside[0])))
            walked += part.length
    unique: dict[tuple[str, int], tuple[str, int, Point, int]] = {}
    for house in found:
        unique.setdefault((house[0], house[1]), house)
    return [
        Address(f"{count:05d}", name, str(number), postal_code(block), spot, block)
        for count, (name, number, spot, block) in enumerate(
            (unique[key] for key in sorted(unique)), start=1
        )
    ]


def address_rows(houses: Sequence[Address], city: str, folder: Any) -> list[dict[str, Any]]:
    """Return the rows of ``addresses.csv``; ``folder`` turns metres into degrees."""
    rows = []
    for house in houses:
        spot = folder.degrees(house.spot, 6)
        rows.append(
            {
                "address_id": house.address_id,
                "street": house.street,
                "house_number": house.house_number,
                "postal_code": house.postal_code,
                "city": city,
                "lon": spot.x,
                "lat": spot.y,
            }
        )
    return rows


def _from_south_west(geometry: BaseGeometry) -> list[LineString]:
    lines = []
    for line in shapely.get_parts(geometry):
        (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
        lines.append(line if x0 + y0 <= x1 + y1 else line.reverse())
    return sorted(lines, key=lambda line: (sum(line.coords[0]), line.coords[0]))


def _beside(line: LineString, along: float, away: float) -> Point:
    here = np.asarray(line.interpolate(along).coords[0])
    ahead = np.asarray(line.interpolate(min(along + 2, line.length)).coords[0])
    behind = np.asarray(line.interpolate(max(along - 2, 0)).coords[0])
    way = (ahead - behind) / np.hypot(*(ahead - behind))
    return Point(*(here + np.array([-way[1], way[0]]) * away))


def greens(town: Town, kinds: dict[str, str]) -> list[tuple[str, BaseGeometry]]:
    """Return each wood, moor and park by name: its blocks, with softened corners."""
    found = []
    for name in sorted({land for land in town.open_land if kinds.get(land) == "green"}):
        blocks = [b for b, land in zip(town.blocks, town.open_land, strict=True) if land == name]
        shape = shapely.coverage_union_all(blocks)
        soft = shape.buffer(-30).buffer(22, quad_segs=3).simplify(4)
        found.append((name, soft))
    return found


def pond(x: float, y: float, radius: float, rng: np.random.Generator) -> Polygon:
    """Return a lake of irregular shape, ``radius`` in metres."""
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    wave = (
        1 + 0.18 * np.sin(2 * turn + rng.uniform(0, 6)) + 0.1 * np.sin(3 * turn + rng.uniform(0, 6))
    )
    return Polygon(
        np.column_stack([x + 1.25 * radius * wave * np.cos(turn), y + radius * wave * np.sin(turn)])
    )


def neighbours(
    outline: Polygon,
    heart: tuple[float, float],
    names: Sequence[tuple[str, float]],
    rng: np.random.Generator,
    *,
    width: float = 4_000.0,
) -> list[Feature]:
    """Return neighbouring municipalities as pieces of a ring around the town.

    ``names`` holds each name with the compass bearing (degrees) at which its piece begins,
    in clockwise order. Borders end at vertices of the outline, so nothing overlaps.
    """
    ring = np.asarray(outline.exterior.coords)[:-1]
    far = outline.buffer(width, quad_segs=6).simplify(150)
    bearings = np.degrees(np.arctan2(ring[:, 0] - heart[0], ring[:, 1] - heart[1])) % 360
    spokes = []
    for _, bearing in names:
        start = ring[int(np.argmin(np.abs((bearings - bearing + 180) % 360 - 180)))]
        way = np.array([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
        steps = np.linspace(0, 3 * width, 10)[:, None]
        bend = np.vstack([[[0, 0]], rng.normal(0, 120, (9, 2))])
        spokes.append(LineString(start + way * steps + bend))
    band = far.difference(outline)
    lines = [*spokes, band.boundary]
    pieces = [
        piece
        for piece in shapely.get_parts(shapely.polygonize([shapely.unary_union(lines)]))
        if band.contains(piece.representative_point())
    ]
    wanted: list[list[Polygon]] = [[] for _ in names]
    starts = np.array([bearing for _, bearing in names])
    for piece in pieces:
        spot = piece.intersection(far.exterior.buffer(width / 3)).centroid
        bearing = np.degrees(np.arctan2(spot.x - heart[0], spot.y - heart[1])) % 360
        wanted[int(np.argmin((bearing - starts) % 360))].append(piece)
    features: list[Feature] = []
    for (name, _), parts in zip(names, wanted, strict=True):
        shape = shapely.union_all(parts) if parts else MultiPolygon()
        features.append(({"kind": "neighbour", "name": name}, shape))
    return features


def roads(mains: dict[str, LineString], town: Town, *, width: float = 4_000.0) -> list[Feature]:
    """Return the main roads as simple lines, a little way beyond the town."""
    beyond = town.outline.buffer(width - 300).difference(town.outline)
    inside = {street.main: street.geometry for street in town.streets if street.main}
    return [
        (
            {"kind": "road", "name": name},
            shapely.line_merge(
                shapely.union_all([inside[name], line.intersection(beyond)], grid_size=0.1)
            ).simplify(3),
        )
        for name, line in mains.items()
        if name in inside
    ]
