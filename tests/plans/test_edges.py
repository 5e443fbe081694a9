"""Neighbours and pieces: the same as libpysal and networkx find."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from sro_geo.plans import Edges, edge_table, piece_labels, pieces
from tests.plans.drawing import grid

DATA = Path(__file__).parents[2] / "data"


def pairs(edges: Edges) -> set[tuple[int, int]]:
    """Return neighbours as pairs."""
    return set(zip(edges.i.tolist(), edges.j.tolist(), strict=True))


def by_libpysal(geometry: np.ndarray) -> set[tuple[int, int]]:
    """Return rook neighbours as libpysal finds them."""
    graph = Graph.build_contiguity(gpd.GeoSeries(geometry, crs="EPSG:25832"), rook=True)
    table = graph.adjacency[graph.adjacency > 0].reset_index()
    both = zip(table["focal"], table["neighbor"], strict=True)
    return {(int(a), int(b)) for a, b in both if a < b}


def by_networkx(codes: np.ndarray, edges: Edges, count: int, bridges=(), barriers=()) -> list[int]:
    """Return pieces per area as networkx counts them."""
    graph = nx.Graph(list(zip(edges.i.tolist(), edges.j.tolist(), strict=True)))
    graph.add_nodes_from(range(len(codes)))
    graph.remove_edges_from(barriers)
    graph.add_edges_from(bridges)
    return [
        nx.number_connected_components(graph.subgraph(np.flatnonzero(codes == k).tolist()))
        for k in range(count)
    ]


def check(geometry: np.ndarray) -> Edges:
    """Compare with libpysal, and with lengths that shapely measures."""
    edges = edge_table(geometry)
    assert pairs(edges) == by_libpysal(geometry)
    shared = shapely.length(shapely.intersection(geometry[edges.i], geometry[edges.j]))
    np.testing.assert_allclose(edges.shared_m, shared, rtol=1e-6)
    n = len(geometry)
    rim = np.bincount(edges.i, edges.shared_m, n) + np.bincount(edges.j, edges.shared_m, n)
    np.testing.assert_allclose(edges.exterior_m + rim, edges.perimeter_m, atol=1e-6)
    union = shapely.coverage_union_all(shapely.get_parts(geometry))
    assert edges.exterior_m.sum() == pytest.approx(shapely.length(union))
    return edges


def test_squares_meet_along_sides_not_in_corners() -> None:
    """Four squares have four common sides of 100 m; the corner in the middle is none."""
    edges = check(grid(2, 2))
    assert pairs(edges) == {(0, 1), (0, 2), (1, 3), (2, 3)}
    assert edges.shared_m.tolist() == [100] * 4
    assert edges.exterior_m.tolist() == [200] * 4
    assert edges.size_m2.tolist() == [10_000] * 4


def test_no_block_and_one_block_have_no_neighbours() -> None:
    """The smallest cities."""
    assert len(edge_table(np.empty(0, object))) == 0
    one = edge_table(grid(1, 1))
    assert (len(one), one.exterior_m.tolist()) == (0, [400.0])


def test_a_block_in_a_hole_is_a_neighbour_of_the_block_around_it() -> None:
    """An island in a lake of the other, and a block in two parts."""
    inner = shapely.box(1, 1, 2, 2)
    ring = shapely.difference(shapely.box(0, 0, 3, 3), inner)
    two = shapely.MultiPolygon([shapely.box(3, 0, 4, 3), shapely.box(9, 9, 10, 10)])
    edges = check(np.array([ring, inner, two], object))
    assert pairs(edges) == {(0, 1), (0, 2)}
    assert edges.shared_m.tolist() == [4, 3]


def test_the_sign_of_zero_does_not_part_neighbours() -> None:
    """-0.0 and 0.0 are one place."""
    west = shapely.Polygon([(-1, 0.0), (-0.0, -0.0), (-0.0, 1), (-1, 1)])
    east = shapely.Polygon([(0.0, 0.0), (1, 0.0), (1, 1), (0.0, 1)])
    assert pairs(edge_table(np.array([west, east], object))) == {(0, 1)}


def test_blocks_lying_on_each_other_are_all_paired() -> None:
    """No valid coverage, but no wrong answer either: three of the same make three pairs."""
    edges = edge_table(np.array([shapely.box(0, 0, 1, 1)] * 3, object))
    assert pairs(edges) == {(0, 1), (0, 2), (1, 2)}
    assert edges.exterior_m.tolist() == [0, 0, 0]


def test_the_shipped_city_has_the_neighbours_libpysal_finds() -> None:
    """443 blocks drawn from streets."""
    blocks = gpd.read_file(DATA / "boundaries" / "blocks.geojson").to_crs("EPSG:25832")
    check(blocks.geometry.to_numpy())


@given(st.integers(0, 2**32 - 1), st.integers(5, 40))
@settings(max_examples=30, deadline=None)
def test_any_tiling_has_the_neighbours_libpysal_finds(seed: int, count: int) -> None:
    """Voronoi cells merged at random: holes, multipolygons, long borders."""
    rng = np.random.default_rng(seed)
    points = shapely.MultiPoint(rng.uniform(0, 1000, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, tolerance=0))
    label = rng.integers(0, max(count // 2, 1), len(cells))
    merged = [shapely.coverage_union_all(cells[label == k]) for k in np.unique(label)]
    check(np.array(merged, object))


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.integers(1, 5))
@settings(max_examples=80, deadline=None)
def test_pieces_are_those_networkx_counts(seed: int, width: int, height: int, k: int) -> None:
    """With bridges and barriers, and unassigned blocks between."""
    rng = np.random.default_rng(seed)
    n = width * height
    edges, codes = edge_table(grid(width, height)), rng.integers(-1, k, n).astype(np.int32)
    bridges = rng.integers(0, n, (rng.integers(0, 4), 2))
    walls = rng.permutation(len(edges))[: rng.integers(0, 4)]
    barriers = np.column_stack([edges.j[walls], edges.i[walls]])
    kept = [b for b in bridges.tolist() if sorted(b) not in np.sort(barriers).tolist()]
    found = pieces(codes, edges, area_count=k, bridges=np.array(kept, int), barriers=barriers)
    assert found.tolist() == by_networkx(codes, edges, k, kept, barriers.tolist())


def test_a_bridge_joins_and_a_barrier_parts() -> None:
    """One row of four blocks: a a b a."""
    edges, codes = edge_table(grid(4, 1)), np.array([0, 0, 1, 0], np.int32)
    assert pieces(codes, edges).tolist() == [2, 1]
    assert pieces(codes, edges, bridges=[(1, 3)]).tolist() == [1, 1]
    assert pieces(codes, edges, bridges=[(1, 2)]).tolist() == [2, 1]
    assert pieces(codes, edges, barriers=[(1, 0)]).tolist() == [3, 1]
    assert pieces(codes, edges, area_count=3).tolist() == [2, 1, 0]
    count, labels = piece_labels(codes, edges)
    assert (count, labels[0] == labels[1], labels[1] == labels[3]) == (3, True, False)
