"""Which blocks are neighbours, and along how many metres: the edge table of a coverage.

Built once per block version; contiguity and compactness of any plan follow from it by
counting. Two blocks are neighbours when they share a stretch of border (rook), not when
they merely meet in a corner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph


@dataclass(frozen=True, eq=False)
class Edges:
    """Neighbouring blocks and the measures of each block.

    ``i`` and ``j`` are positions of blocks, ``i < j``, sorted, each pair once; ``shared_m``
    the length of their common border. ``exterior_m``, ``size_m2`` and ``perimeter_m`` hold
    one value per block: border without a neighbour (rim of the city, holes), area, and
    length of the whole border.
    """

    i: np.ndarray
    j: np.ndarray
    shared_m: np.ndarray
    exterior_m: np.ndarray
    size_m2: np.ndarray
    perimeter_m: np.ndarray

    def __len__(self) -> int:
        return len(self.i)

    @property
    def block_count(self) -> int:
        """Number of blocks."""
        return len(self.size_m2)


def edge_table(geometry: np.ndarray) -> Edges:
    """Return the edge table of polygons that form a valid coverage.

    Parameters
    ----------
    geometry
        Polygons or multipolygons in a projected CRS (metres). Shared borders must agree
        vertex by vertex, as ``boundaries.check_coverage`` asks; borders that do not agree
        count as exterior.
    """
    n = len(geometry)
    owner, ends = _segments(geometry)
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    key = _keys(ends)
    order = np.argsort(key, kind="stable")
    key, owner, length, ends = key[order], owner[order], length[order], ends[order]
    alone = np.ones(len(key), bool)
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    # A segment belongs to one or two blocks; more only where the coverage is not valid.
    step = 1
    while step < len(key):
        at = np.flatnonzero(key[step:] == key[:-step])
        if not at.size:
            break
        at = at[_same(ends[at], ends[at + step])]
        alone[at] = alone[at + step] = False
        pairs.append((at, at + step))
        step += 1
    first = np.concatenate([p[0] for p in pairs]) if pairs else np.empty(0, np.int64)
    second = np.concatenate([p[1] for p in pairs]) if pairs else np.empty(0, np.int64)
    apart = owner[first] != owner[second]
    first, second = first[apart], second[apart]
    low = np.minimum(owner[first], owner[second]).astype(np.int64)
    high = np.maximum(owner[first], owner[second]).astype(np.int64)
    pair, place = np.unique(low * n + high, return_inverse=True)
    return Edges(
        i=(pair // max(n, 1)).astype(np.int32),
        j=(pair % max(n, 1)).astype(np.int32),
        shared_m=np.bincount(place, length[first], len(pair)),
        exterior_m=np.bincount(owner[alone], length[alone], n),
        size_m2=shapely.area(geometry),
        perimeter_m=shapely.length(geometry),
    )


def _segments(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return owner and ``x1, y1, x2, y2`` of every stretch of border, lesser end first."""
    parts, block = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = points + 0.0  # -0.0 and 0.0 are the same place
    inner = ring[1:] == ring[:-1]
    start, end = points[:-1][inner], points[1:][inner]
    owner = block[part][ring[:-1][inner]]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.hstack([np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)])
    real = (ends[:, 0] != ends[:, 2]) | (ends[:, 1] != ends[:, 3])
    return owner[real], ends[real]


def _keys(ends: np.ndarray) -> np.ndarray:
    """Return one whole number per segment; equal segments have equal ones.

    Sorting one column of whole numbers is several times faster than sorting four of
    coordinates; whoever uses a key compares the segments themselves as well.
    """
    bits = np.ascontiguousarray(ends).view(np.uint64)
    key: np.ndarray = np.zeros(len(ends), np.uint64)
    for column in range(4):
        key = (key ^ bits[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    same: np.ndarray = (a == b).all(axis=1)
    return same


def piece_labels(
    codes: np.ndarray,
    edges: Edges,
    *,
    bridges: np.ndarray | Sequence[tuple[int, int]] = (),
    barriers: np.ndarray | Sequence[tuple[int, int]] = (),
) -> tuple[int, np.ndarray]:
    """Return how many pieces there are in all, and for each block the number of its piece.

    Parameters
    ----------
    codes
        Area of each block, -1 where unassigned; unassigned neighbours form pieces too.
    bridges, barriers
        Pairs of positions of blocks (k × 2): joined although they do not touch, or held
        apart although they do. A bridge counts only inside one area.
    """
    i, j = edges.i, edges.j
    keep = codes[i] == codes[j]
    walls = _pairs(barriers)
    if len(walls):
        keep &= ~np.isin(
            _pair_keys(i, j, len(codes)), _pair_keys(walls[:, 0], walls[:, 1], len(codes))
        )
    i, j = i[keep], j[keep]
    links = _pairs(bridges)
    if len(links):
        links = links[codes[links[:, 0]] == codes[links[:, 1]]]
        i, j = np.concatenate([i, links[:, 0]]), np.concatenate([j, links[:, 1]])
    if len(links):
        order = np.argsort(i, kind="stable")
        i, j = i[order], j[order]
    return components(i, j, len(codes))


def components(i: np.ndarray, j: np.ndarray, size: int) -> tuple[int, np.ndarray]:
    """Return number and labels of the components of a graph; ``i`` sorted."""
    rows = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(i, minlength=size), out=rows[1:])
    links = (np.ones(len(i)), j.astype(np.int32, copy=False), rows)
    graph = sparse.csr_array(links, shape=(size, size))
    count, labels = csgraph.connected_components(graph, directed=False)
    return int(count), labels


def pieces(
    codes: np.ndarray,
    edges: Edges,
    *,
    area_count: int | None = None,
    bridges: np.ndarray | Sequence[tuple[int, int]] = (),
    barriers: np.ndarray | Sequence[tuple[int, int]] = (),
) -> np.ndarray:
    """Return the number of pieces of each area: 0 where empty, 1 where contiguous.

    ``area_count`` is the length of the answer (default: as far as the codes go).
    """
    size = int(codes.max(initial=-1)) + 1 if area_count is None else area_count
    count, labels = piece_labels(codes, edges, bridges=bridges, barriers=barriers)
    area = np.full(count, -1, np.int64)
    area[labels] = codes
    found: np.ndarray = np.bincount(area[area >= 0], minlength=size)
    return found


def _pairs(pairs: np.ndarray | Iterable[tuple[int, int]]) -> np.ndarray:
    return np.asarray(pairs if isinstance(pairs, np.ndarray) else list(pairs), int).reshape(-1, 2)


def _pair_keys(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    keys: np.ndarray = np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b)
    return keys
