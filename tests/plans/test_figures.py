"""Figures of a plan: the same as plain GeoPandas finds by dissolving and grouping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.plans import (
    Columns,
    OutlineCache,
    Plan,
    PlanArea,
    Rate,
    compare,
    edge_table,
    gestures,
    measure,
    outlines,
    touched,
)
from sro_geo.plans.compactness import cut_length, polsby_popper, reock
from sro_geo.plans.figures import estimated_cases, figures
from tests.plans.drawing import drawn, grid, squares

DATA = Path(__file__).parents[2] / "data"
FOUR = "aabb aabb ccdd ccdd"
TREE = {"a": "n", "b": "n", "c": "s", "d": "s"}


def by_geopandas(plan: Plan, level: str, geometry: np.ndarray, columns: dict[str, Any]) -> Any:
    """Return the figures of a level by dissolve and groupby, indexed by area id."""
    codes, areas = plan.codes_at(level)
    ids = np.array([*(a.area_id for a in areas), None], object)[codes]
    frame = gpd.GeoDataFrame({"area": ids, **columns}, geometry=geometry, crs="EPSG:25832")
    frame = frame[frame["area"].notna()]
    shapes = frame.dissolve("area", method="coverage").geometry
    table = frame.groupby("area")[list(columns)].sum()
    table["area_km2"] = shapes.area / 1e6
    table["polsby_popper"] = 4 * np.pi * shapes.area / shapes.length**2
    every = gpd.GeoSeries(shapely.coverage_union_all(geometry), crs="EPSG:25832").boundary.iloc[0]
    table["border_m"] = [b.difference(every.buffer(1e-6)).length for b in shapes.boundary]
    return table


def check(plan: Plan, geometry: np.ndarray, columns: dict[str, Any], tol: float = 1e-9) -> None:
    """Compare every level with the plain way."""
    mine = measure(plan, columns, edges=edge_table(geometry)).table()
    for level in plan.levels:
        theirs = by_geopandas(plan, level, geometry, columns)
        own = mine[mine["level"] == level].reindex(theirs.index)
        for figure in (*columns, "area_km2", "polsby_popper"):
            np.testing.assert_allclose(own[figure], theirs[figure], rtol=tol)
        np.testing.assert_allclose(own["border_m"], theirs["border_m"], atol=0.01)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_figures_are_those_of_plain_geopandas(seed: int) -> None:
    """Any assignment, some blocks unassigned, on three levels."""
    rng = np.random.default_rng(seed)
    plan = drawn(FOUR, parents=TREE)
    plan = gestures.paint(plan, rng.integers(0, 16, 4), "b")
    plan = gestures.paint(plan, rng.integers(0, 16, 3), "c")
    plan = gestures.paint(plan, rng.integers(0, 16, 2), None)
    columns = {"population": rng.integers(0, 90, 16), "offers": rng.integers(0, 2, 16) * 1.0}
    check(plan, squares(FOUR).geometry.to_numpy(), columns)


def test_figures_of_the_shipped_city_are_those_of_plain_geopandas() -> None:
    """443 blocks, five spaces, with a stroke across a border."""
    blocks = gpd.read_file(DATA / "boundaries" / "blocks.geojson").to_crs("EPSG:25832")
    codes, names = pd.factorize(blocks["social_space_id"].to_numpy(object))
    plan = Plan(
        "p",
        "P",
        "draft",
        None,
        "set",
        ("city", "social_space"),
        blocks["block_id"].to_numpy(object),
        codes.astype(np.int32),
        tuple(PlanArea(n, "social_space", n, "city") for n in names),
        (PlanArea("city", "city", "City"),),
    )
    population = np.random.default_rng(1).integers(0, 400, len(blocks))
    geometry = blocks.geometry.to_numpy()
    check(plan, geometry, {"population": population}, 1e-7)
    check(gestures.paint(plan, np.arange(40), names[1]), geometry, {"p": population}, 1e-7)


def test_sums_leave_unassigned_blocks_out() -> None:
    """Areas without blocks have the sum 0."""
    codes = np.array([0, 0, -1, 2], np.int32)
    found = figures(codes, 3, {"persons": np.array([1, 2, 4, 8])})
    assert found["persons"].tolist() == [3, 0, 8]


def test_an_unknown_number_makes_only_its_own_area_unknown() -> None:
    """Suppressed is not zero: the sum over it is not known."""
    codes = np.array([0, 0, 1], np.int32)
    found = figures(codes, 2, {"cases": np.array([1, np.nan, 3.0])})
    np.testing.assert_array_equal(found["cases"], [np.nan, 3])


def test_rates_are_formed_from_sums() -> None:
    """Two blocks of 10 of 100 and 0 of 900 make 1 in 100, not 5; nobody makes no rate."""
    plan = drawn("aab")
    columns = {"under_18": np.array([10, 0, 0]), "population": np.array([100, 900, 0])}
    found = measure(plan, columns, rates=[Rate("share", "under_18", "population")])
    np.testing.assert_array_equal([found.of("share")[a] for a in "ab"], [1.0, np.nan])


def test_deviation_is_measured_from_the_mean_of_the_level() -> None:
    """Three spaces of 10, 20 and 30: half less, as much, half more."""
    plan = drawn("abc", parents={"a": "n", "b": "n", "c": "s"})
    found = measure(plan, {"population": np.array([10, 20, 30])}, balance=["population"])
    away = found.of("population_deviation")
    assert [away[a] for a in ("a", "b", "c", "n", "s")] == [-0.5, 0, 0.5, 0, 0]


def test_what_is_made_of_estimates_is_an_estimate() -> None:
    """The mark goes on to rates and deviations, and into the comparison."""
    plan = drawn("ab")
    columns = {"cases": np.array([1.0, 3]), "population": np.array([10, 10])}
    found = measure(
        plan,
        columns,
        rates=[Rate("rate", "cases", "population")],
        balance=["cases", "population"],
        estimated=["cases"],
    )
    assert found.estimated == {"cases", "rate", "cases_deviation"}
    table = compare(found, found)
    assert set(table.loc[table["estimated"], "figure"]) == set(found.estimated)


def test_pieces_of_a_region_join_across_its_spaces() -> None:
    """a and b touch: two spaces, one region in one piece; a barrier parts it again."""
    plan = drawn("ab.a", parents={"a": "n", "b": "n"})
    edges = edge_table(squares("ab.a").geometry.to_numpy())
    found = measure(plan, {}, edges=edges).of("pieces")
    assert (found["a"], found["b"], found["n"]) == (2, 1, 2)
    bridged = gestures.bridge(plan, "0001", "0003")
    assert measure(bridged, {}, edges=edges).of("pieces")["n"] == 1
    barred = gestures.barrier(plan, "0000", "0001")
    assert measure(barred, {}, edges=edges).of("pieces")["n"] == 3


def test_old_new_and_difference_of_what_was_touched() -> None:
    """A block moves from a to b inside one region: both, the region and the city are told."""
    before = drawn(FOUR, parents=TREE)
    after = gestures.paint(before, "0001", "b")
    columns = Columns.of({"population": np.arange(16)})
    assert touched(before, after) == {"a", "b", "n", "city"}
    table = compare(measure(before, columns), measure(after, columns), touched(before, after))
    rows = table.set_index("area_id")[["before", "after", "difference"]]
    assert rows.loc["a"].tolist() == [10, 9, -1]
    assert rows.loc["b"].tolist() == [18, 19, 1]
    assert rows.loc["n"].tolist() == [28, 28, 0]
    assert touched(before, gestures.rename(before, "a", "A2")) == frozenset()
    assert touched(before, gestures.set_parent(before, "a", "s")) == {"a", "n", "s", "city"}


def test_an_area_that_one_plan_lacks_is_unknown_there() -> None:
    """Missing is not zero."""
    before = drawn(FOUR, parents=TREE)
    after = gestures.create_area(gestures.merge(before, ["a"], "b"), "e", "E", blocks=["0303"])
    columns = {"population": np.ones(16)}
    table = compare(measure(before, columns), measure(after, columns), touched(before, after))
    rows = table.set_index("area_id")[["before", "after"]]
    np.testing.assert_array_equal(rows.loc[["a", "e"]], [[4, np.nan], [np.nan, 1]])


def test_estimated_cases_keep_the_released_sums() -> None:
    """Spread by persons; suppressed stays unknown; where nobody lives it is spread evenly."""
    place = np.array(["x", "x", "y", "z", "z", None], object)
    persons = np.array([30, 10, 5, 0, 0, 9])
    found = estimated_cases(persons, place, {"x": 8, "y": None, "z": 3})
    np.testing.assert_array_equal(found, [6, 2, np.nan, 1.5, 1.5, np.nan])


def test_compactness_of_a_square_of_four_and_of_a_row() -> None:
    """2 × 2: 4π·4/64 = π/4. 4 × 1: 4π·4/100. Reock: area over the circle around it."""
    edges = edge_table(grid(4, 2))
    square = np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int32)
    np.testing.assert_allclose(polsby_popper(square, edges), [np.pi / 4] * 2)
    assert cut_length(square, edges) == 200
    row = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    np.testing.assert_allclose(polsby_popper(row, edges, 3), [16 * np.pi / 100] * 2 + [np.nan])
    assert cut_length(row, edges) == 400
    shapes = outlines(grid(4, 2), square, [0])
    assert reock({"a": shapes[0]})["a"] == pytest.approx(2 / np.pi)
    assert np.isnan(reock({"a": shapely.Polygon()})["a"])
    assert reock({}) == {}


def test_a_circle_is_as_compact_as_can_be() -> None:
    """Both measures are 1 for a circle, whatever its size."""
    circle = shapely.Point(0, 0).buffer(500, quad_segs=256)
    edges = edge_table(np.array([circle], object))
    assert polsby_popper(np.array([0]), edges)[0] == pytest.approx(1, abs=1e-4)
    assert reock({"a": circle})["a"] == pytest.approx(1, abs=1e-4)


def test_a_ring_counts_its_inner_border() -> None:
    """3 × 3 without the middle: area 8, perimeter 12 + 4."""
    ring = np.array([0, 0, 0, 0, 1, 0, 0, 0, 0], np.int32)
    value = polsby_popper(ring, edge_table(grid(3, 3)))
    np.testing.assert_allclose(value, [4 * np.pi * 8 / 256, np.pi / 4])


def test_outlines_are_the_unions_of_their_blocks_and_kept() -> None:
    """Touched areas only; the same members give the same shape at once; empty ones have none."""
    geometry, codes = grid(6, 6), (np.arange(36) % 6 // 2).astype(np.int32)
    cache = OutlineCache(most=2)
    found = outlines(geometry, codes, [0, 2, 7], cache=cache)
    assert set(found) == {0, 2}
    for area, shape in found.items():
        assert shape.equals(shapely.union_all(geometry[codes == area]))
    again = outlines(geometry, 2 - codes, [0, 2], cache=cache)
    assert again[0] is found[2]
    assert again[2] is found[0]
    outlines(geometry, codes, [1], cache=cache)
    assert len(cache) == 2
