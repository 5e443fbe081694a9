"""Small street networks, and the ways over them found by networkx alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from sro_geo.tables import TABLES, conform
from tests.toy import shipped_city

CITY = shipped_city()
Point = tuple[float, float]


def streets(
    *lines: Sequence[Point], walk: Sequence[bool] = (), bike: Sequence[bool] = ()
) -> gpd.GeoDataFrame:
    """Return the table ``streets`` of these lines."""
    frame = gpd.GeoDataFrame(
        {"street_id": [str(n) for n in range(len(lines))]},
        geometry=[shapely.LineString(line) for line in lines],
        crs=CITY.crs,
    )
    for mode, known in (("walk", walk), ("bike", bike)):
        if known:
            frame[mode] = list(known)
    return conform(TABLES["streets"], frame)  # type: ignore[return-value]


def random_streets(seed: int, size: int = 6) -> list[list[Point]]:
    """Return a bent grid of streets with gaps, some of them longer than a block."""
    rng = np.random.default_rng(seed)
    corner = {
        (c, r): tuple(np.round(np.array((c, r)) * 100 + rng.uniform(-30, 30, 2), 2))
        for c in range(size)
        for r in range(size)
    }
    lines: list[list[Point]] = []
    for (c, r), spot in corner.items():
        for other in ((c + 1, r), (c, r + 1)):
            if other not in corner or rng.random() < 0.35:
                continue
            if lines and lines[-1][-1] == spot and rng.random() < 0.5:
                lines[-1].append(corner[other])
            else:
                lines.append([spot, corner[other]])
    return lines


def metres_by_networkx(
    lines: Sequence[Sequence[Point]], places: np.ndarray, offers: np.ndarray, limit: float
) -> np.ndarray:
    """Return the metres between places and offers, ``inf`` where there is no way.

    Every straight part of a street is an edge, every place a node on the nearest of them.
    """
    parts = [pair for line in lines for pair in pairwise(line)]
    shapes = [shapely.LineString(part) for part in parts]
    graph = nx.Graph()
    for (one, other), shape in zip(parts, shapes, strict=True):
        graph.add_edge(one, other, weight=shape.length)
    on_part: dict[int, list[tuple[str, float]]] = {}
    for kind, points in (("place", places), ("offer", offers)):
        for number, (x, y) in enumerate(points):
            spot = shapely.Point(x, y)
            graph.add_node((kind, number))
            part = int(np.argmin([shape.distance(spot) for shape in shapes]))
            leg = shapes[part].distance(spot)
            if leg > limit:
                continue
            foot, along = f"{kind} {number}", shapes[part].project(spot)
            graph.add_edge((kind, number), foot, weight=leg)
            one, other = parts[part]
            graph.add_edge(foot, one, weight=along)
            graph.add_edge(foot, other, weight=shapes[part].length - along)
            for before, there in on_part.setdefault(part, []):
                graph.add_edge(foot, before, weight=abs(along - there))
            on_part[part].append((foot, along))
    out = np.full((len(places), len(offers)), np.inf)
    for j in range(len(offers)):
        found = nx.single_source_dijkstra_path_length(graph, ("offer", j))
        for i in range(len(places)):
            out[i, j] = found.get(("place", i), np.inf)
    return out
