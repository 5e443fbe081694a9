"""Pieces of each space at 40,000 blocks beside networkx, whose graph is built beforehand.

python -m benchmarks.plans_contiguity
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from benchmarks.redrawn_city import redrawn_city
from benchmarks.side_by_side import compare
from sro_geo.plans import gestures, pieces


def by_networkx(graph: nx.Graph, codes: np.ndarray, count: int) -> list[int]:
    """Return pieces per space, space by space."""
    members = [np.flatnonzero(codes == k).tolist() for k in range(count)]
    return [nx.number_connected_components(graph.subgraph(one)) for one in members]


def main() -> None:
    """Compare 24 and 4 spaces; stop if the counts differ."""
    for spaces in (24, 4):
        city = redrawn_city(spaces)
        codes = gestures.paint(city.plan, city.stroke[::2], "s0").codes
        graph = nx.Graph(list(zip(city.edges.i.tolist(), city.edges.j.tolist(), strict=True)))
        mine, theirs = pieces(codes, city.edges), by_networkx(graph, codes, spaces)
        if mine.tolist() != theirs:
            raise SystemExit(f"the two differ: {mine} and {theirs}")
        compare(
            "plans_contiguity" if spaces == 24 else "plans_contiguity_4_spaces",
            f"pieces of {spaces} spaces of {len(codes)} blocks",
            lambda codes=codes, city=city: pieces(codes, city.edges),
            lambda codes=codes, graph=graph, n=spaces: by_networkx(graph, codes, n),
            "networkx number_connected_components",
            goal=20,
        )


if __name__ == "__main__":
    main()
