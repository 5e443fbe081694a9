"""The street network: where streets meet, how long they are, who may use them.

Streets meet where they share a corner, and nowhere else: a bridge crosses a railway without
meeting it, and a railway without a bridge parts two streets however close they lie. So a
barrier counts without being known. Streets drawn by hand mostly have no corner where they
cross; ``node_crossings`` puts one there (and then bridges are not known any more).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from sro_geo.errors import SroError

if TYPE_CHECKING:
    import geopandas as gpd

MODES = ("walk", "bike")
#: Corners closer than this are one: coordinates are compared in whole centimetres.
CENTIMETRE = 0.01
#: Drawn streets that pass each other's ends within this many metres meet.
DRAWN_GRID_M = 0.25
#: A part of the network is a fragment, where no way starts, if it is shorter than this many
#: metres and than this share of the longest part: a footway whose link nobody has mapped.
FRAGMENT_M, FRAGMENT_SHARE = 1000.0, 0.01


@dataclass(frozen=True)
class Access:
    """Where places meet the network of one mode, arrays of shape (places,).

    ``edge`` is -1 for a place too far from any street; ``along`` the metres from the start
    of the edge, ``leg`` the metres from the place to it.
    """

    edge: np.ndarray
    along: np.ndarray
    leg: np.ndarray


class Recent:
    """The last answers to questions about arrays, so that the same is not asked twice."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: dict[bytes, Any] = {}

    def __call__(self, question: tuple[object, ...], answer: Callable[[], Any]) -> Any:
        """Return the answer to ``question`` (arrays and plain values), made where not kept."""
        digest = hashlib.blake2b(digest_size=16)
        for part in question:
            digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
            digest.update(b"|")
        key = digest.digest()
        kept = self._answers
        if key not in kept:
            made = answer()
            # A new dictionary each time: other threads may be reading the old one.
            self._answers = dict([*kept.items(), (key, made)][-self._size :])
            return made
        return kept[key]


@dataclass(frozen=True)
class Extent:
    """What a network is, in figures: for the page and for plausibility."""

    nodes: int
    edges: int
    kilometres: float
    parts: int
    fragments: int
    largest_share: float


@dataclass(frozen=True)
class Network:
    """Streets as edges between the nodes where they meet or end.

    ``node_x``, ``node_y`` in metres; an edge runs from ``start`` to ``end`` over ``length``
    metres; ``walk`` and ``bike`` say who may use it. Pieces are the straight parts of edges,
    ``(pieces, 4)`` as x, y, x, y; ``piece_edge`` is the edge a piece belongs to,
    ``piece_along`` the metres along it at which the piece begins.
    """

    node_x: np.ndarray
    node_y: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length: np.ndarray
    walk: np.ndarray
    bike: np.ndarray
    pieces: np.ndarray
    piece_edge: np.ndarray
    piece_along: np.ndarray
    _ways: dict[str, Ways] = field(default_factory=dict, compare=False, repr=False)

    def of(self, mode: str) -> Ways:
        """Return the part of the network open to ``mode``, made once."""
        if mode not in MODES:
            raise SroError("mode_unknown", mode=mode)
        if mode not in self._ways:
            self._ways[mode] = Ways(self, self.walk if mode == "walk" else self.bike)
        return self._ways[mode]


@dataclass(frozen=True)
class Ways:
    """The network of one mode: ``usable`` says which edges belong to it."""

    network: Network
    usable: np.ndarray
    #: metres to the nearest of some offers, whatever the speed; see ``routes``
    recent: Recent = field(default_factory=lambda: Recent(64), compare=False, repr=False)
    _met: Recent = field(default_factory=lambda: Recent(16), compare=False, repr=False)

    @cached_property
    def graph(self) -> Any:
        """Metres between neighbouring nodes, a symmetric CSR matrix; the shortest counts."""
        from scipy.sparse import csr_matrix

        net = self.network
        start, end = net.start[self.usable], net.end[self.usable]
        length = net.length[self.usable]
        real = start != end
        rows = np.concatenate((start[real], end[real]))
        columns = np.concatenate((end[real], start[real]))
        metres = np.concatenate((length[real], length[real]))
        # A matrix built of triples adds up edges between the same two nodes: keep the shortest.
        order = np.lexsort((metres, columns, rows))
        rows, columns, metres = rows[order], columns[order], metres[order]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        size = len(net.node_x)
        starts = np.searchsorted(rows[first], np.arange(size + 1)).astype(np.int32)
        parts = (metres[first], columns[first].astype(np.int32), starts)
        return csr_matrix(parts, shape=(size, size))

    @cached_property
    def part(self) -> np.ndarray:
        """Number of the connected part each node lies in."""
        from scipy.sparse.csgraph import connected_components

        _, labels = connected_components(self.graph, directed=False)
        found: np.ndarray = labels
        return found

    @cached_property
    def _part_metres(self) -> np.ndarray:
        used = self.part[self.network.start[self.usable]]
        count = int(self.part.max()) + 1 if len(self.part) else 0
        metres: np.ndarray = np.bincount(used, self.network.length[self.usable], minlength=count)
        return metres

    @cached_property
    def _fragment(self) -> np.ndarray:
        """Mask over the parts: too short to be meant."""
        metres = self._part_metres
        longest = float(metres.max()) if len(metres) else 0.0
        short: np.ndarray = metres < min(FRAGMENT_M, FRAGMENT_SHARE * longest)
        return short

    @cached_property
    def extent(self) -> Extent:
        """Figures of this network: nodes, edges, kilometres, connected parts."""
        metres = self._part_metres
        ends = np.concatenate(
            (self.network.start[self.usable], self.network.end[self.usable]),
        )
        used = np.unique(self.part[ends]) if len(ends) else np.empty(0, np.int64)
        total = float(metres.sum())
        return Extent(
            nodes=len(np.unique(ends)),
            edges=int(np.count_nonzero(self.usable)),
            kilometres=total / 1000,
            parts=len(used),
            fragments=int(np.count_nonzero(self._fragment[used])),
            largest_share=float(metres.max()) / total if total else 0.0,
        )

    @cached_property
    def _open(self) -> np.ndarray:
        """Positions of the pieces at which a way may start."""
        edges = self.usable.copy()
        if edges.any():
            edges &= ~self._fragment[self.part[self.network.start]]
        return np.flatnonzero(edges[self.network.piece_edge])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(
            shapely.linestrings(self.network.pieces[self._open].reshape(-1, 2, 2))
        )

    def access(self, x: np.ndarray, y: np.ndarray, limit: float) -> Access:
        """Return where places meet the network: the nearest point of the nearest street.

        Places further than ``limit`` metres, or without coordinates, meet it nowhere.
        """
        met: Access = self._met((x, y, limit), lambda: self._meet(x, y, limit))
        return met

    def _meet(self, x: np.ndarray, y: np.ndarray, limit: float) -> Access:
        edge = np.full(len(x), -1, np.int64)
        along, leg = np.zeros(len(x)), np.full(len(x), np.inf)
        held = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(held) or not len(self._open):
            return Access(edge, along, leg)
        found, piece = self._tree.query_nearest(
            shapely.points(x[held], y[held]), max_distance=limit, all_matches=False
        )
        place, piece = held[found], self._open[piece]
        x1, y1, x2, y2 = self.network.pieces[piece].T
        east, north = x2 - x1, y2 - y1
        long = np.hypot(east, north)
        share = ((x[place] - x1) * east + (y[place] - y1) * north) / (long * long)
        share = np.clip(share, 0.0, 1.0)
        edge[place] = self.network.piece_edge[piece]
        along[place] = self.network.piece_along[piece] + share * long
        leg[place] = np.hypot(x[place] - x1 - share * east, y[place] - y1 - share * north)
        return Access(edge, along, leg)


def needs_crossings(streets: gpd.GeoDataFrame) -> bool:
    """Tell whether nothing is known of who may use these streets, as with drawn ones.

    Streets of OpenStreetMap say it, and share a corner where they meet.
    """
    return bool(streets[list(MODES)].isna().to_numpy().all())


def build_network(streets: gpd.GeoDataFrame, *, node_crossings: bool = False) -> Network:
    """Return the network of the table ``streets``, in its CRS (metres).

    Nodes are where streets end and where they share a corner, to the centimetre. A street of
    which nothing is known (``walk``, ``bike`` missing) is open to both. One-way streets are
    open both ways: people on foot do not mind, and for cycling it is a screening.

    Parameters
    ----------
    node_crossings
        Put a node wherever two streets cross or touch: for streets drawn by hand.

    Raises
    ------
    SroError
        ``network_empty``, where no street has a length.
    """
    held = streets[streets.geometry.notna()]
    lines, row = shapely.get_parts(held.geometry.to_numpy(), return_index=True)
    use = {mode: _known(held, mode)[row] for mode in MODES}
    lines = shapely.force_2d(lines)
    if node_crossings and len(lines):
        lines, use = _noded(lines, use)
    points, line = shapely.get_coordinates(lines, return_index=True)
    sound = np.isfinite(points).all(axis=1)
    points, line = points[sound], line[sound]
    vertex, first = _vertices(points)
    # A corner that only repeats the one before it makes no piece.
    moved = np.ones(len(vertex), bool)
    moved[1:] = (vertex[1:] != vertex[:-1]) | (line[1:] != line[:-1])
    vertex, line, points = vertex[moved], line[moved], points[moved]
    if len(vertex) < 2 or not (line[1:] == line[:-1]).any():
        raise SroError("network_empty", streets=len(streets))
    return _linked(points[:, 0], points[:, 1], vertex, line, use, first)


def _known(streets: gpd.GeoDataFrame, mode: str) -> np.ndarray:
    if mode not in streets:
        return np.ones(len(streets), bool)
    values: np.ndarray = streets[mode].astype("boolean").fillna(True).to_numpy(bool)
    return values


def _vertices(points: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the number of each corner, equal for corners that are one, and how many."""
    whole = np.round(points / CENTIMETRE).astype(np.int64)
    east, north = whole[:, 0] - whole[:, 0].min(initial=0), whole[:, 1]
    # East and north in one number: faster to compare than two, exact up to 20,000 km.
    both = east * np.int64(2_000_000_000) + (north - north.min(initial=0))
    vertex, unique = pd.factorize(both)
    return vertex.astype(np.int64), len(unique)


def _linked(
    x: np.ndarray,
    y: np.ndarray,
    vertex: np.ndarray,
    line: np.ndarray,
    use: dict[str, np.ndarray],
    count: int,
) -> Network:
    """Cut the lines at the corners they share and number what comes out."""
    ends = np.ones(len(vertex), bool)  # the first and the last corner of a line
    same = line[1:] == line[:-1]
    ends[1:-1] = ~(same[1:] & same[:-1])
    cut = ends | (np.bincount(vertex, minlength=count)[vertex] > 1)
    # Pieces run from corner i to corner i + 1 of the same line.
    piece = np.flatnonzero(same)
    long = np.hypot(x[piece + 1] - x[piece], y[piece + 1] - y[piece])
    opens = cut[piece]  # a piece that begins at a node begins an edge
    edge = np.cumsum(opens) - 1
    total = np.cumsum(long)
    first = np.flatnonzero(opens)
    before = total[first] - long[first]
    last = np.append(first[1:], len(piece)) - 1
    nodes, ordinal = np.unique(vertex[cut], return_inverse=True)
    number = np.full(count, -1, np.int64)
    number[nodes] = np.arange(len(nodes))
    node_x, node_y = np.empty(len(nodes)), np.empty(len(nodes))
    node_x[ordinal], node_y[ordinal] = x[cut], y[cut]
    owner = line[piece[first]]
    return Network(
        node_x=node_x,
        node_y=node_y,
        start=number[vertex[piece[first]]],
        end=number[vertex[piece[last] + 1]],
        length=np.bincount(edge, long),
        walk=use["walk"][owner],
        bike=use["bike"][owner],
        pieces=np.column_stack((x[piece], y[piece], x[piece + 1], y[piece + 1])),
        piece_edge=edge,
        piece_along=total - long - before[edge],
    )


def _noded(
    lines: np.ndarray, use: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the lines cut wherever they cross or touch, and what is known of the parts.

    Snap rounding (OverlayNG of GEOS) on a grid of ``DRAWN_GRID_M``. Where two streets lie on
    one another, the part they share is open to whoever may use either.
    """
    whole = shapely.union_all(lines, grid_size=DRAWN_GRID_M)
    parts = shapely.get_parts(whole)
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    part, owner = shapely.STRtree(lines).query(middle, "dwithin", distance=2 * DRAWN_GRID_M)
    out = {}
    for mode, allowed in use.items():
        out[mode] = np.zeros(len(parts), bool)
        np.logical_or.at(out[mode], part, allowed[owner])
    return parts, out
