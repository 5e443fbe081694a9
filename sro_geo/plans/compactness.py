"""How compact areas are, from the edge table: no geometry is built for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from sro_geo.plans.edges import Edges


def border_lengths(codes: np.ndarray, edges: Edges, area_count: int) -> np.ndarray:
    """Return for each area the metres of its border with other areas and unassigned blocks."""
    start, end = codes[edges.i], codes[edges.j]
    cut = start != end
    length = edges.shared_m[cut]
    found: np.ndarray = (
        np.bincount(start[cut] + 1, length, area_count + 1)[1:]
        + np.bincount(end[cut] + 1, length, area_count + 1)[1:]
    )
    return found


def cut_length(codes: np.ndarray, edges: Edges) -> float:
    """Return the metres of border that run between different areas, each metre once."""
    return float(edges.shared_m[codes[edges.i] != codes[edges.j]].sum())


def polsby_popper(codes: np.ndarray, edges: Edges, area_count: int | None = None) -> np.ndarray:
    """Return 4π × area ÷ perimeter² of each area: 1 for a circle, NaN where it is empty.

    The perimeter is the whole border, holes included (Polsby and Popper, 1991).

    Parameters
    ----------
    codes
        Area of each block, -1 where unassigned.
    area_count
        Length of the answer (default: as far as the codes go).
    """
    count = int(codes.max(initial=-1)) + 1 if area_count is None else area_count
    size = np.bincount(codes + 1, edges.size_m2, count + 1)[1:]
    rim = np.bincount(codes + 1, edges.exterior_m, count + 1)[1:]
    return roundness(size, rim + border_lengths(codes, edges, count))


def roundness(size_m2: np.ndarray, perimeter_m: np.ndarray) -> np.ndarray:
    """Return 4π × area ÷ perimeter², NaN where there is no perimeter."""
    value = np.full(len(size_m2), np.nan)
    np.divide(4 * np.pi * size_m2, perimeter_m**2, out=value, where=perimeter_m > 0)
    return value


def reock(outlines: Mapping[str, shapely.Geometry]) -> dict[str, float]:
    """Return area ÷ area of the smallest circle around it, by key; NaN where it is empty.

    Reock (1961).
    """
    shapes = np.array(list(outlines.values()), object)
    radius = shapely.minimum_bounding_radius(shapes)
    value = np.full(len(shapes), np.nan)
    np.divide(shapely.area(shapes), np.pi * radius**2, out=value, where=radius > 0)
    return dict(zip(outlines, value.tolist(), strict=True))
