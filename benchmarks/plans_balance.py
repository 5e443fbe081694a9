"""Balancing 2,000 and 10,000 blocks into 24 spaces to 5 %, beside GerryChain's tree seed.

Blocks are cells around scattered points; people are dense in the middle of the city. Ours
starts from uneven spaces (the nearest of 24 points each), changes them as little as it can
and may not make them less compact; GerryChain's ``recursive_tree_part`` draws anew and so
moves nearly everybody, which is told beside the time. GerryChain comes from
``requirements-bench.txt``; without it ours alone is measured.

    python -m benchmarks.plans_balance
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import shapely

from benchmarks.side_by_side import keep
from sro_geo.plans import Edges, edge_table, pieces
from sro_geo.plans.balancing import balance
from sro_geo.plans.compactness import polsby_popper

SPACES, TOLERANCE = 24, 0.05
GOALS = {2_000: 2.0, 10_000: 20.0}
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class UnevenCity:
    """Blocks, people and a compact but uneven start."""

    edges: Edges
    points: np.ndarray
    persons: np.ndarray
    codes: np.ndarray


def uneven_city(blocks: int, seed: int) -> UnevenCity:
    """Return a city whose fullest space holds two to four times the mean."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(blocks)))
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)[:blocks]
    points = at * 100.0 + 50 + rng.uniform(-35, 35, (blocks, 2))
    frame = shapely.box(0, 0, 100 * side, 100 * np.ceil(blocks / side))
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame, ordered=True)
    shapes = shapely.coverage_clean(shapely.intersection(shapely.get_parts(cells), frame))
    away = ((points - points.mean(0)) ** 2).sum(1)
    dense = np.exp(-away / (points.max() ** 2 / 5)) * rng.gamma(1.5, 1, blocks)
    persons = rng.poisson(20 + 120 * dense).astype(float)
    seeds = points[rng.choice(blocks, SPACES, replace=False)]
    codes = np.argmin(((points[:, None] - seeds) ** 2).sum(2), 1).astype(np.int32)
    return UnevenCity(edge_table(shapes), points, persons, codes)


def deviation(codes: np.ndarray, persons: np.ndarray) -> float:
    sums = np.bincount(codes, persons)
    return float(np.abs(sums / sums.mean() - 1).max())


def told(city: UnevenCity, codes: np.ndarray) -> dict[str, float]:
    """Return how even and compact a plan is and how many people it moves."""
    from scipy.optimize import linear_sum_assignment

    kept = np.zeros((SPACES, SPACES))
    np.add.at(kept, (city.codes, codes), city.persons)
    # New numbers are matched to the old ones so that the fewest people move.
    stay = kept[linear_sum_assignment(-kept)].sum() / city.persons.sum()
    return {
        "deviation": round(deviation(codes, city.persons), 4),
        "polsby_popper": round(float(np.mean(polsby_popper(codes, city.edges))), 3),
        "moved_share": round(float(1 - stay), 3),
    }


def ours(city: UnevenCity) -> np.ndarray:
    found = balance(
        city.codes, city.edges, {"persons": city.persons}, points=city.points, tolerance=TOLERANCE
    )
    return found.codes


def theirs(city: UnevenCity) -> np.ndarray:
    import networkx as nx
    from gerrychain.tree import recursive_tree_part

    graph = nx.Graph()
    graph.add_nodes_from((k, {"persons": p}) for k, p in enumerate(city.persons.tolist()))
    graph.add_edges_from(zip(city.edges.i.tolist(), city.edges.j.tolist(), strict=True))
    from gerrychain import Graph

    random.seed(1)
    parts = recursive_tree_part(
        Graph.from_networkx(graph),
        range(SPACES),
        pop_target=city.persons.sum() / SPACES,
        pop_col="persons",
        epsilon=TOLERANCE,
    )
    return np.array([parts[k] for k in range(len(city.codes))], np.int32)


def timed(action: Any, city: UnevenCity) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    codes = action(city)
    return time.perf_counter() - start, codes


def main() -> None:
    """Measure both sizes and write the results; stop where a goal is missed."""
    try:
        peer = f"GerryChain {version('gerrychain')} recursive_tree_part"
    except PackageNotFoundError:
        peer = ""
    for blocks, goal in GOALS.items():
        runs: list[dict[str, Any]] = []
        for seed in SEEDS:
            city = uneven_city(blocks, seed)
            seconds, codes = timed(ours, city)
            before, after = told(city, city.codes), told(city, codes)
            if (pieces(codes, city.edges) != 1).any():
                raise SystemExit("a space is in pieces")
            run: dict[str, Any] = {"start": before, "ours": {"seconds": round(seconds, 2), **after}}
            if peer:
                seconds, codes = timed(theirs, city)
                run["peer"] = {"seconds": round(seconds, 2), **told(city, codes)}
            runs.append(run)
        result: dict[str, Any] = {
            "what": f"{blocks} blocks into {SPACES} spaces to {TOLERANCE:.0%}, three cities",
            "ours_s": statistics.median(r["ours"]["seconds"] for r in runs),
            "ours_most_s": max(r["ours"]["seconds"] for r in runs),
            "goal_s": goal,
            "runs": runs,
        }
        if peer:
            result["peer"] = peer
            result["peer_s"] = statistics.median(r["peer"]["seconds"] for r in runs)
        keep(f"plans_balance_{blocks}", result)
        for run in runs:
            if run["ours"]["deviation"] > TOLERANCE:
                raise SystemExit("not even enough")
            if run["ours"]["polsby_popper"] < run["start"]["polsby_popper"]:
                raise SystemExit("less compact than the start")
        if result["ours_most_s"] > goal:
            raise SystemExit(f"{result['ours_most_s']} s")


if __name__ == "__main__":
    main()
