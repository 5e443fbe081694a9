"""Travel over the street network: shortest ways from the nearest point of the nearest street.

Ways are found by Dijkstra's algorithm (``scipy.sparse.csgraph``) over the nodes; offers are
tied into the network where they meet it, as nodes of their own, and places look up both ends
of their street. So nobody is moved to the nearest crossing first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sro_geo.city import City
from sro_geo.reach.network import Access, Network, Ways
from sro_geo.reach.travel import Reached, metres_per_minute, reached

#: Places further than this from every street are out of reach of the network.
ACCESS_LIMIT_M = 500.0
_BATCH_CELLS = 4_000_000  # nodes × sources at a time: 32 MB


@dataclass(frozen=True)
class OverNetwork:
    """Travel over a network; the way to and from the street is walked in either mode.

    ``metres_a_minute`` is the speed of the mode, ``leg_weight`` how many metres of the mode
    one metre of walking costs.
    """

    ways: Ways
    metres_a_minute: float
    leg_weight: float
    limit: float = ACCESS_LIMIT_M
    method: str = "network"

    def nearest(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes to the nearest offer and its position; see :class:`Travel`.

        The ways are as long for the old as for the young: they are kept for the next age.
        """
        x, y, xs, ys = (np.asarray(v, float) for v in (x, y, xs, ys))
        question = (x, y, xs, ys, self.leg_weight, self.limit)
        metres, index = self.ways.recent(question, lambda: self._nearest(x, y, xs, ys))
        return metres / self.metres_a_minute, index.copy()

    def _nearest(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        from scipy.sparse.csgraph import dijkstra

        metres = np.full(len(x), np.inf)
        index = np.full(len(x), -1, np.int64)
        place, offer = self._access(x, y), self._access(xs, ys)
        met, tied = np.flatnonzero(place.edge >= 0), np.flatnonzero(offer.edge >= 0)
        if len(met) and len(tied):
            nodes = len(self.ways.network.node_x)
            away, _, source = dijkstra(
                self._tied(offer, tied),
                indices=np.arange(nodes, nodes + len(tied)),
                min_only=True,
                return_predecessors=True,
            )
            start, end, back = self._ends(place, met)
            by_start, by_end = away[start] + place.along[met], away[end] + back
            forward = by_start <= by_end
            metres[met] = np.where(forward, by_start, by_end)
            from_node = np.where(forward, source[start], source[end])
            reachable = np.isfinite(metres[met])
            index[met[reachable]] = tied[from_node[reachable] - nodes]
            # On the same street the way need not touch a node.
            one, other, along = _same_edge(place, met, offer, tied)
            along += offer.leg[other]
            order = np.lexsort((other, along, one))
            one, first = np.unique(one[order], return_index=True)
            other, along = other[order][first], along[order][first]
            shorter = along < metres[one]
            metres[one[shorter]], index[one[shorter]] = along[shorter], other[shorter]
            metres[met] += place.leg[met]
        here, there = _same_points(x, y, xs, ys)
        here, best = np.unique(here, return_index=True)
        metres[here], index[here] = 0.0, there[best]
        return metres, index

    def within(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray, minutes: float
    ) -> Reached:
        """Return every pair at most ``minutes`` apart; see :class:`Travel`.

        Ways are sought from the side with fewer places.
        """
        x, y, xs, ys = (np.asarray(v, float) for v in (x, y, xs, ys))
        if not minutes >= 0:
            none = np.empty(0, np.int64)
            return Reached(none, none, np.empty(0))
        if len(x) < len(xs):
            demand, offer, took = self._pairs(x, y, xs, ys, minutes)
        else:
            offer, demand, took = self._pairs(xs, ys, x, y, minutes)
        return reached(demand, offer, took)

    def _pairs(
        self, x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray, minutes: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (from, to, minutes) of all pairs within reach, ways sought from x, y."""
        from scipy.sparse.csgraph import dijkstra

        begin, goal = self._access(x, y), self._access(xs, ys)
        tied, met = np.flatnonzero(begin.edge >= 0), np.flatnonzero(goal.edge >= 0)
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        here, there = _same_points(x, y, xs, ys)
        found.append((here, there, np.zeros(len(here))))
        nodes = len(self.ways.network.node_x)
        # A hair more than asked, then cut by the same division that `nearest` uses.
        limit = minutes * self.metres_a_minute * (1 + 1e-9) + 1e-9
        batch = max(1, _BATCH_CELLS // max(nodes, len(met), 1))
        start, end, back = self._ends(goal, met)
        for first in range(0, len(tied) if len(met) else 0, batch):
            some = tied[first : first + batch]
            away = dijkstra(
                self._tied(begin, some), indices=np.arange(nodes, nodes + len(some)), limit=limit
            )
            metres = np.minimum(away[:, start] + goal.along[met], away[:, end] + back)
            one, other, along = _same_edge(goal, met, begin, some)
            at = (np.searchsorted(some, other), np.searchsorted(met, one))
            np.minimum.at(metres, at, along + begin.leg[other])
            took = (metres + goal.leg[met]) / self.metres_a_minute
            row, column = np.nonzero(took <= minutes)
            apart = (x[some[row]] != xs[met[column]]) | (y[some[row]] != ys[met[column]])
            row, column = row[apart], column[apart]
            found.append((some[row], met[column], took[row, column]))
        one, other, took = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return one, other, took

    def _access(self, x: np.ndarray, y: np.ndarray) -> Access:
        """Return where places meet the network, the leg in metres of the mode."""
        met = self.ways.access(x, y, self.limit)
        return Access(met.edge, met.along, met.leg * self.leg_weight)

    def _ends(self, places: Access, met: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return both nodes of the places' edges, and the metres to the second."""
        net, edge = self.ways.network, places.edge[met]
        return net.start[edge], net.end[edge], net.length[edge] - places.along[met]

    def _tied(self, places: Access, some: np.ndarray) -> Any:
        """Return the graph with a node more for each place, linked to the ends of its edge."""
        from scipy.sparse import csr_matrix

        graph = self.ways.graph
        start, end, back = self._ends(places, some)
        along, leg = places.along[some], places.leg[some]
        loop = start == end
        there = np.where(loop, np.minimum(along, back), along) + leg
        metres = np.column_stack((there, back + leg)).ravel()
        columns = np.column_stack((start, end)).ravel()
        once = np.column_stack((np.ones(len(some), bool), ~loop)).ravel()
        size = graph.shape[0] + len(some)
        starts = graph.indptr[-1] + np.cumsum(2 - loop)
        parts = (
            np.concatenate((graph.data, metres[once])),
            np.concatenate((graph.indices, columns[once].astype(graph.indices.dtype))),
            np.concatenate((graph.indptr, starts.astype(graph.indptr.dtype))),
        )
        return csr_matrix(parts, shape=(size, size))


def over_network(
    network: Network,
    city: City,
    *,
    mode: str = "walk",
    age: int | None = None,
    limit: float = ACCESS_LIMIT_M,
) -> OverNetwork:
    """Return travel over the streets open to ``mode``, at the speed of ``age``.

    The way between a place and the nearest street is a straight line, walked; places further
    than ``limit`` metres from every street are out of reach.

    Raises ``SroError("mode_unknown")``.
    """
    speed = city.speed_kmh(mode, age)
    return OverNetwork(
        network.of(mode),
        metres_per_minute(speed),
        speed / city.speed_kmh("walk", age),
        limit,
    )


def _same_edge(
    places: Access, met: np.ndarray, offers: Access, tied: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (place, offer, metres along) of all pairs that meet the network on one edge."""
    order = np.argsort(offers.edge[tied], kind="stable")
    edges = offers.edge[tied][order]
    low = np.searchsorted(edges, places.edge[met], "left")
    count = np.searchsorted(edges, places.edge[met], "right") - low
    place = np.repeat(met, count)
    within = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    offer = tied[order[np.repeat(low, count) + within]]
    return place, offer, np.abs(places.along[place] - offers.along[offer])


def _same_points(
    x: np.ndarray, y: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (place, offer) of all pairs that lie on the very same point, ordered."""
    held, given = np.isfinite(x) & np.isfinite(y), np.isfinite(xs) & np.isfinite(ys)
    place, offer = np.flatnonzero(held), np.flatnonzero(given)
    spots = xs[offer] + 1j * ys[offer]
    order = np.argsort(spots, kind="stable")
    wanted = x[place] + 1j * y[place]
    low = np.searchsorted(spots[order], wanted, "left")
    count = np.searchsorted(spots[order], wanted, "right") - low
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(place, count), offer[order[np.repeat(low, count) + within]]
