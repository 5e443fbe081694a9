"""Shortest ways on 200,000 nodes from 500 offers: ours beside networkx, in one run, as a ratio."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from benchmarks.side_by_side import compare, keep, milliseconds
from sro_geo.city import City, load_city
from sro_geo.reach import Network, build_network, over_network

SIDE = 448  # 448² = 200,704 crossings
OFFERS = 500


def grid_streets(seed: int = 3) -> gpd.GeoDataFrame:
    """Return bent streets 100 m apart, one in five blocks without its street."""
    rng = np.random.default_rng(seed)
    spots = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1) * 100.0
    spots = np.round(spots + rng.uniform(-25, 25, spots.shape), 2)
    east = np.stack((spots[:, :-1], spots[:, 1:]), axis=2).reshape(-1, 2, 2)
    north = np.stack((spots[:-1], spots[1:]), axis=2).reshape(-1, 2, 2)
    lines = np.concatenate((east, north))
    lines = lines[rng.random(len(lines)) > 0.2]
    return gpd.GeoDataFrame(geometry=shapely.linestrings(lines))


def networkx_graph(network: Network) -> nx.Graph:
    """Return the same edges as a graph of networkx."""
    graph = nx.Graph()
    edges = zip(network.start.tolist(), network.end.tolist(), network.length.tolist(), strict=True)
    graph.add_weighted_edges_from(edges)
    return graph


def networkx_metres(network: Network, offers: np.ndarray) -> dict[int, float]:
    """Return metres from every node to the nearest offer, as a user of networkx gets them."""
    graph = networkx_graph(network)
    found: dict[int, float] = nx.multi_source_dijkstra_path_length(graph, set(offers.tolist()))
    return found


def main(city: City) -> None:
    """Measure and write the results."""
    streets = grid_streets()
    network = build_network(streets)
    travel = over_network(network, city)
    rng = np.random.default_rng(4)
    x, y = network.node_x, network.node_y
    # Scraps of the grid cut off from the rest are no place to start.
    part = travel.ways.part
    whole = part == np.bincount(part).argmax()
    chosen = rng.choice(np.flatnonzero(whole), OFFERS, replace=False)
    xs, ys = x[chosen], y[chosen]
    # The places are met with the streets once; each round asks for offers it has not seen.
    travel.nearest(x, y, xs[:1], ys[:1])
    rounds = count()

    def ours() -> np.ndarray:
        shift = next(rounds) * 1e-6
        return travel.nearest(x, y, xs + shift, ys)[0]

    def theirs() -> dict[int, float]:
        return networkx_metres(network, chosen)

    peer = theirs()
    wanted = np.array([peer.get(n, np.inf) for n in range(len(x))]) / travel.metres_a_minute
    if whole.mean() < 0.99 or not np.allclose(ours()[whole], wanted[whole], atol=1e-4):
        raise SystemExit("the two ways differ")
    what = (
        f"{len(x):,} nodes, {len(network.length):,} edges, {OFFERS} offers: nearest of every node"
    )
    compare(
        "network_nearest",
        what + " (streets and places met before, offers new)",
        ours,
        theirs,
        "networkx: Graph of the same edges, multi_source_dijkstra_path_length",
        goal=20,
        rounds=5,
    )
    keep(
        "network_build",
        {
            "what": what,
            "networkx_build_ms": round(milliseconds(lambda: networkx_graph(network))),
            "build_ms": round(milliseconds(lambda: build_network(streets))),
            "everything_cold_ms": round(
                milliseconds(
                    lambda: over_network(build_network(streets), city).nearest(x, y, xs, ys)
                )
            ),
        },
    )


if __name__ == "__main__":
    main(load_city(Path(__file__).parent.parent / "data"))
