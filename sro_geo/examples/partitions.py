"""Put blocks together to areas in one piece whose borders run along streets."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import split

from sro_geo.examples.drawing import Town


def sides(town: Town, line: LineString) -> list[bool]:
    """Return for each block whether it lies left of ``line`` (which crosses the whole town)."""
    parts = split(town.outline.buffer(50), line).geoms
    # left of the line's first segment, seen in its direction
    middle = line.intersection(town.outline).interpolate(0.5, normalized=True)
    place = line.project(middle)
    a, b = (np.asarray(line.interpolate(place + d).coords[0]) for d in (-5, 5))
    left = Point(*((a + b) / 2 + np.array([-(b - a)[1], (b - a)[0]])))
    half = max(parts, key=lambda part: part.contains(left))
    return [bool(half.contains(block.representative_point())) for block in town.blocks]


def grow(
    blocks: Sequence[Polygon],
    neighbours: dict[int, list[int]],
    members: Sequence[int],
    seeds: Sequence[tuple[float, float]],
) -> dict[int, int]:
    """Return for each block of ``members`` the number of the seed it joins.

    Areas grow from the block at each seed over shared borders, nearest first; so each is in
    one piece, as long as ``members`` are.
    """
    inside = set(members)
    hearts = {number: np.asarray(blocks[number].centroid.coords[0]) for number in members}
    joined: dict[int, int] = {}
    waiting: list[tuple[float, int, int]] = []
    for seed, (x, y) in enumerate(seeds):
        spot = Point(x, y)
        start = min(members, key=lambda n: (blocks[n].distance(spot), n))
        heapq.heappush(waiting, (0.0, start, seed))
    while waiting:
        way, number, seed = heapq.heappop(waiting)
        if number in joined:
            continue
        joined[number] = seed
        for other in neighbours[number]:
            if other in inside and other not in joined:
                step = float(np.hypot(*(hearts[other] - hearts[number])))
                heapq.heappush(waiting, (way + step, other, seed))
    return joined


def spread_seeds(
    blocks: Sequence[Polygon], members: Sequence[int], count: int
) -> list[tuple[float, float]]:
    """Return ``count`` points spread over ``members``: each the farthest from those before."""
    spots = np.array([blocks[number].centroid.coords[0] for number in members])
    middle = shapely.MultiPoint(spots).centroid
    chosen = [int(np.argmax(np.hypot(spots[:, 0] - middle.x, spots[:, 1] - middle.y)))]
    away = np.full(len(spots), np.inf)
    for _ in range(min(count, len(spots)) - 1):
        last = spots[chosen[-1]]
        away = np.minimum(away, np.hypot(spots[:, 0] - last[0], spots[:, 1] - last[1]))
        chosen.append(int(np.argmax(away)))
    # one round of moving each seed to the middle of what lies nearest evens the sizes out
    for _ in range(6):
        seeds = spots[chosen]
        nearest = np.argmin(((spots[:, None] - seeds[None]) ** 2).sum(axis=2), axis=1)
        for number in range(len(chosen)):
            mine = np.flatnonzero(nearest == number)
            if len(mine):
                away = ((spots[mine] - spots[mine].mean(axis=0)) ** 2).sum(axis=1)
                chosen[number] = int(mine[np.argmin(away)])
    ordered = sorted((tuple(spots[number]) for number in chosen), key=lambda s: (-s[1], s[0]))
    return [(float(x), float(y)) for x, y in ordered]
