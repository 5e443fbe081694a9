"""A city to redraw, for the benchmarks of plans: blocks in a grid, bent so that none is square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from sro_geo.plans import Columns, Edges, Plan, PlanArea, edge_table

AGES = 10
SIDE = 200


@dataclass(frozen=True)
class RedrawnCity:
    """40,000 blocks of eight corners in 24 spaces and 2 regions, with 45 figures per block."""

    geometry: np.ndarray
    edges: Edges
    plan: Plan
    columns: Columns
    stroke: np.ndarray


def redrawn_city(spaces: int = 24, seed: int = 1) -> RedrawnCity:
    """Return the city and a stroke: 60 blocks along the border of the first two spaces."""
    rng = np.random.default_rng(seed)
    # Corners at every half side, each moved a little: neighbours keep sharing them.
    at = np.stack(np.meshgrid(*[np.arange(2 * SIDE + 1) * 50.0] * 2), axis=-1)
    at += rng.uniform(-8, 8, at.shape)
    row, column = (2 * a.ravel() for a in np.mgrid[:SIDE, :SIDE])
    around = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    corners = np.stack([at[row + up, column + right] for up, right in around], axis=1)
    geometry = shapely.polygons(corners)
    across = 4 if spaces >= 8 else 2
    down = spaces // across
    codes = (row * down // (2 * SIDE)) * across + column * across // (2 * SIDE)
    areas = [PlanArea(f"s{k}", "social_space", f"S {k}", "ns"[k % 2 == 0]) for k in range(spaces)]
    above = [PlanArea(r, "region", r, "city") for r in "ns"]
    plan = Plan(
        "p",
        "P",
        "draft",
        None,
        "set",
        ("city", "region", "social_space"),
        np.array([f"{k:05d}" for k in range(len(geometry))], object),
        codes.astype(np.int32),
        tuple(areas),
        (PlanArea("city", "city", "City"), *above),
    )
    named = {"population": rng.integers(0, 90, len(geometry))}
    named |= {f"figure_{k}": rng.integers(0, 30, len(geometry)) for k in range(44)}
    stroke = np.flatnonzero((codes == 1) & (column < 2 * (SIDE // across + 2)) & (row < 60))
    return RedrawnCity(geometry, edge_table(geometry), plan, Columns.of(named), stroke)
