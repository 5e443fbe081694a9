"""A first partition from nothing: blocks put together to a given number of even areas.

Two ways are tried and the better one kept. *Cutting*: the blocks are cut in two along a
line across their longer direction, each half again, in proportion to what the areas are
to hold. *Growing*: seeds far apart grow by the block beside them, the emptiest area
first. Loose pieces are given to the area they touch most, and the borders evened out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from sro_geo.errors import SroError
from sro_geo.plans.balancing import Balanced, balance
from sro_geo.plans.flips import Pair

if TYPE_CHECKING:
    from sro_geo.plans.edges import Edges


@dataclass(frozen=True)
class Seeded:
    """A first partition: ``codes`` 0 … k-1 for the blocks asked about, -1 elsewhere.

    ``bridges`` are the pairs of blocks (positions) that were taken as neighbours although
    they do not touch, because an island has to belong somewhere.
    """

    codes: np.ndarray
    bridges: tuple[Pair, ...]
    deviation: float
    compactness: float
    ended: str


def seed_partition(
    edges: Edges,
    points: np.ndarray,
    columns: Mapping[str, np.ndarray],
    count: int,
    *,
    among: np.ndarray | None = None,
    weights: Mapping[str, float] | None = None,
    bridges: tuple[Pair, ...] = (),
    barriers: tuple[Pair, ...] = (),
    tolerance: float = 0.05,
    perimeter_weight: float = 1.0,
    progress: Callable[[float, float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Seeded:
    """Return ``count`` contiguous areas with nearly even sums.

    Parameters
    ----------
    points
        Middle of each block in metres, shape (n, 2).
    columns, weights, tolerance, perimeter_weight, progress, stop
        As in :func:`sro_geo.plans.balancing.balance`.
    among
        Mask of the blocks to divide; default all.

    Raises
    ------
    SroError
        ``seed_count`` for fewer than two areas or more areas than blocks, and what
        ``balance`` raises.
    """
    n = edges.block_count
    inside = np.ones(n, bool) if among is None else np.asarray(among, bool)
    blocks = np.flatnonzero(inside)
    if not 2 <= count <= len(blocks):
        raise SroError("seed_count", count=count, blocks=len(blocks))
    points = np.asarray(points, float)
    links = _links(edges, inside, bridges, barriers)
    added = _to_islands(links, blocks, points)
    graph = _graph(np.vstack([links, np.array(added, np.int64).reshape(-1, 2)]), n)
    load = _load(columns, weights, blocks, n)
    best: Balanced | None = None
    for start in (_cut(blocks, points, load, count), _grow(blocks, points, load, count, graph)):
        whole = _pieces_joined(start, graph, load, count)
        found = balance(
            whole,
            edges,
            columns,
            weights=weights,
            points=points,
            bridges=(*bridges, *added),
            barriers=barriers,
            tolerance=tolerance,
            perimeter_weight=perimeter_weight,
            # Nobody has an area yet: nobody is moved.
            cost_weight=0.0,
            progress=progress,
            stop=stop,
        )
        if best is None or _rank(found, tolerance) < _rank(best, tolerance):
            best = found
        if found.ended == "cancelled":
            break
    assert best is not None
    return Seeded(best.codes, added, best.deviation, best.compactness, best.ended)


def _rank(found: Balanced, tolerance: float) -> tuple[float, float]:
    return (max(0.0, found.deviation - tolerance), -found.compactness)


def _links(
    edges: Edges, inside: np.ndarray, bridges: tuple[Pair, ...], barriers: tuple[Pair, ...]
) -> np.ndarray:
    """Return pairs of blocks that count as neighbours, both inside."""
    n = len(inside)
    pairs = np.column_stack([edges.i, edges.j]).astype(np.int64)
    walls = np.sort(np.array([*barriers], np.int64).reshape(-1, 2), axis=1)
    pairs = pairs[~np.isin(pairs @ [n, 1], walls @ [n, 1])]
    pairs = np.vstack([pairs, np.array([*bridges], np.int64).reshape(-1, 2)])
    both: np.ndarray = pairs[inside[pairs].all(1)]
    return both


def _graph(pairs: np.ndarray, n: int) -> sparse.csr_array:
    twice = np.vstack([pairs, pairs[:, ::-1]])
    return sparse.coo_array((np.ones(len(twice)), (twice[:, 0], twice[:, 1])), (n, n)).tocsr()


def _to_islands(links: np.ndarray, blocks: np.ndarray, points: np.ndarray) -> tuple[Pair, ...]:
    """Return the shortest bridges from each part that lies apart to the largest."""
    added: list[Pair] = []
    pairs = links
    while True:
        labels = csgraph.connected_components(_graph(pairs, len(points)), directed=False)[1]
        own = labels[blocks]
        sizes = np.bincount(own)
        if np.count_nonzero(sizes) < 2:
            return tuple(added)
        main = own == int(np.argmax(sizes))
        away, at = cKDTree(points[blocks[main]]).query(points[blocks[~main]])
        near = int(np.argmin(away))
        pair = sorted((int(blocks[~main][near]), int(blocks[main][at[near]])))
        added.append((pair[0], pair[1]))
        pairs = np.vstack([pairs, pair])


def _load(
    columns: Mapping[str, np.ndarray],
    weights: Mapping[str, float] | None,
    blocks: np.ndarray,
    n: int,
) -> np.ndarray:
    """Return one number per block for the first draft: its share in all columns that count."""
    load = np.zeros(n)
    for name, values in columns.items():
        weight = 1.0 if weights is None else float(weights.get(name, 0.0))
        filled = np.nan_to_num(np.asarray(values, float))
        if weight > 0 and filled[blocks].sum() > 0:
            load += weight * filled / filled[blocks].sum()
    if not load[blocks].sum():
        raise SroError("balance_nothing")
    return load


def _cut(blocks: np.ndarray, points: np.ndarray, load: np.ndarray, count: int) -> np.ndarray:
    codes = np.full(len(points), -1, np.int64)

    def halve(part: np.ndarray, first: int, areas: int) -> None:
        if areas == 1:
            codes[part] = first
            return
        place = points[part] - points[part].mean(0)
        _, axes = np.linalg.eigh(place.T @ place)
        axis = axes[:, -1] * (1.0 if axes[np.argmax(np.abs(axes[:, -1])), -1] > 0 else -1.0)
        order = part[np.lexsort((part, place @ axis))]
        less = areas // 2
        wanted = load[part].sum() * less / areas
        # Between what lies before a block and after it, the middle decides.
        reached = np.cumsum(load[order]) - load[order] / 2
        at = int(np.clip(np.searchsorted(reached, wanted), less, len(order) - (areas - less)))
        halve(np.sort(order[:at]), first, less)
        halve(np.sort(order[at:]), first + less, areas - less)

    halve(blocks, 0, count)
    return codes


def _grow(
    blocks: np.ndarray,
    points: np.ndarray,
    load: np.ndarray,
    count: int,
    graph: sparse.csr_array,
) -> np.ndarray:
    """Grow areas from seeds that lie far apart; each takes the block nearest to its seed."""
    place = points[blocks]
    away = ((place - np.average(place, axis=0, weights=load[blocks])) ** 2).sum(1)
    seeds: list[int] = []
    for _ in range(count):
        seeds.append(int(np.argmax(away)))
        away = (
            np.minimum(away, ((place - place[seeds[-1]]) ** 2).sum(1))
            if seeds[1:]
            else ((place - place[seeds[0]]) ** 2).sum(1)
        )
        away[seeds] = -1.0
    codes = np.full(len(points), -1, np.int64)
    fronts: list[list[tuple[float, int]]] = [[] for _ in seeds]
    queue: list[tuple[float, int]] = []
    held = np.zeros(count)

    def take(block: int, area: int) -> None:
        codes[block] = area
        held[area] += load[block]
        start = points[blocks[seeds[area]]]
        for b in graph.indices[graph.indptr[block] : graph.indptr[block + 1]].tolist():
            if codes[b] < 0:
                heapq.heappush(fronts[area], (float(((points[b] - start) ** 2).sum()), b))
        heapq.heappush(queue, (float(held[area]), area))

    for area, seed in enumerate(seeds):
        codes[blocks[seed]] = area
    for area, seed in enumerate(seeds):
        take(int(blocks[seed]), area)
    while queue:
        _, area = heapq.heappop(queue)
        while fronts[area] and codes[fronts[area][0][1]] >= 0:
            heapq.heappop(fronts[area])
        if fronts[area]:
            take(heapq.heappop(fronts[area])[1], area)
    return codes


def _pieces_joined(
    codes: np.ndarray, graph: sparse.csr_array, load: np.ndarray, count: int
) -> np.ndarray:
    """Give every piece but the fullest of each area to the area it touches most."""
    codes = codes.copy()
    pairs = graph.tocoo()
    i, j = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    while True:
        same = codes[i] == codes[j]
        inner = sparse.coo_array((np.ones(same.sum()), (i[same], j[same])), graph.shape)
        labels = csgraph.connected_components(inner.tocsr(), directed=False)[1]
        area = np.full(labels.max() + 1, -1)
        area[labels] = codes
        held = np.bincount(labels, load) + 1e-12 * np.bincount(labels)
        order = np.lexsort((np.arange(len(area)), -held))
        order = order[area[order] >= 0]
        main = order[np.unique(area[order], return_index=True)[1]]
        loose = np.setdiff1d(order, main)
        if not loose.size:
            return codes
        # One at a time, the smallest first: what it joins may tie another one in.
        piece = int(loose[np.argmin(held[loose])])
        out = (labels[i] == piece) & (labels[j] != piece)
        codes[labels == piece] = int(np.argmax(np.bincount(codes[j[out]], minlength=count)))
