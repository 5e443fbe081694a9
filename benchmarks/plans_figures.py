"""All figures after one gesture at 40,000 blocks, and the same beside GerryChain's flip.

Ours counts everything anew: 45 sums, a rate, a deviation, area, border, compactness and
pieces, on three levels, and the old figures beside the new ones. GerryChain updates what a
flip touches; it is given the same blocks, the same stroke and updaters for the same
figures of the lowest level, and knows neither regions nor the comparison.

    python -m benchmarks.plans_figures
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.redrawn_city import RedrawnCity, redrawn_city
from benchmarks.side_by_side import compare, keep, milliseconds
from sro_geo.plans import Figures, Plan, Rate, figures, gestures, measure, touched
from sro_geo.plans.edges import edge_table

OPTIONS: dict[str, Any] = {
    "rates": [Rate("rate", "figure_0", "population")],
    "balance": ["population"],
}


def measured(city: RedrawnCity, plan: Plan) -> Figures:
    """Return all figures of a plan."""
    return measure(plan, city.columns, edges=city.edges, **OPTIONS)


def gesture(city: RedrawnCity, before: Figures) -> Any:
    """Paint, count, and put old beside new."""
    after = gestures.paint(city.plan, city.stroke, "s0")
    return figures.compare(before, measured(city, after), touched(city.plan, after))


def gerrychain_partition(city: RedrawnCity) -> Any:
    """Return GerryChain's partition of the same city with the same figures."""
    from gerrychain import GeographicPartition, Graph
    from gerrychain.constraints import contiguity
    from gerrychain.updaters import Tally

    graph = nx.Graph()
    rim = city.edges.exterior_m
    for block in range(len(city.geometry)):
        graph.add_node(
            block,
            area=city.edges.size_m2[block],
            space=int(city.plan.codes[block]),
            boundary_node=bool(rim[block] > 0),
            boundary_perim=float(rim[block]),
            **dict(zip(city.columns.names, city.columns.values[block].tolist(), strict=True)),
        )
    triples = zip(
        city.edges.i.tolist(), city.edges.j.tolist(), city.edges.shared_m.tolist(), strict=True
    )
    graph.add_edges_from((i, j, {"shared_perim": metres}) for i, j, metres in triples)
    updaters: dict[str, Any] = {name: Tally(name, alias=name) for name in city.columns.names}
    updaters["pieces"] = lambda p: {
        k: len(parts) for k, parts in contiguity.contiguous_components(p).items()
    }
    return GeographicPartition(Graph.from_networkx(graph), "space", updaters)


def flip(partition: Any, stroke: list[int], names: tuple[str, ...]) -> Any:
    """Move the stroke and read every figure."""
    after = partition.flip(dict.fromkeys(stroke, 0), True)
    out = {name: after[name] for name in (*names, "area", "perimeter", "pieces")}
    out["polsby_popper"] = {
        k: 4 * np.pi * out["area"][k] / out["perimeter"][k] ** 2 for k in out["area"]
    }
    return out


def agree(city: RedrawnCity, ours: Figures, theirs: Any) -> None:
    """Stop unless both find the same figures."""
    for name in (*city.columns.names, "polsby_popper", "pieces"):
        mine = ours.of(name)
        for k, value in theirs[name].items():
            if not np.isclose(mine[f"s{k}"], value, rtol=1e-6):
                raise SystemExit(f"the two differ in {name}: {mine[f's{k}']} and {value}")


def main() -> None:
    """Measure, compare, write the results."""
    city = redrawn_city()
    before = measured(city, city.plan)
    gesture(city, before)
    times, worked = [], []
    for _ in range(31):
        start = time.process_time()
        times.append(milliseconds(lambda: gesture(city, before)))
        worked.append((time.process_time() - start) * 1000)
    after = measured(city, gestures.paint(city.plan, city.stroke, "s0"))
    keep(
        "plans_figures",
        {
            "what": f"all {len(after.figures)} figures of {len(after.area_ids)} areas, old and "
            f"new, after a stroke of {len(city.stroke)} of {len(city.geometry)} blocks",
            "ours_ms": round(statistics.median(times), 3),
            "processor_ms": round(statistics.median(worked), 3),
            "fastest_ms": round(min(times), 3),
            "slowest_ms": round(max(times), 3),
            "goal_ms": 10,
            "edge_table_once_ms": round(
                statistics.median([milliseconds(lambda: edge_table(city.geometry)) for _ in "abc"])
            ),
        },
    )
    partition = gerrychain_partition(city)
    stroke, names = city.stroke.tolist(), city.columns.names
    agree(city, after, flip(partition, stroke, names))
    compare(
        "plans_flip",
        f"the same gesture, GerryChain with {len(names)} tallies, perimeter and pieces",
        lambda: gesture(city, before),
        lambda: flip(partition, stroke, names),
        "gerrychain GeographicPartition.flip",
        goal=1,
    )


if __name__ == "__main__":
    main()
