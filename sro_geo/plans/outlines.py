"""Outlines of areas by coverage union, kept as long as their blocks stay the same."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
import shapely

from sro_geo.boundaries import dissolve


class OutlineCache:
    """Outlines by membership: undo, redo and untouched areas cost nothing.

    Belongs to one block version; ``most`` outlines are kept, those used longest ago go.
    """

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._held: OrderedDict[bytes, shapely.Geometry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: bytes) -> shapely.Geometry | None:
        """Return the outline of a membership, None where it is not held."""
        shape = self._held.get(key)
        if shape is not None:
            self._held.move_to_end(key)
        return shape

    def put(self, key: bytes, shape: shapely.Geometry) -> None:
        """Keep an outline."""
        self._held[key] = shape
        while len(self._held) > self._most:
            self._held.popitem(last=False)


def outlines(
    geometry: np.ndarray,
    codes: np.ndarray,
    areas: Iterable[int],
    *,
    cache: OutlineCache | None = None,
) -> dict[int, shapely.Geometry]:
    """Return the outline of each of ``areas`` (codes); an area without blocks has none.

    Parameters
    ----------
    geometry
        Blocks as a valid coverage, in the order of ``codes``.
    areas
        The touched areas: only these are drawn.
    """
    cache = OutlineCache() if cache is None else cache
    found: dict[int, shapely.Geometry] = {}
    for area in areas:
        members = np.flatnonzero(codes == area)
        if not members.size:
            continue
        key = hashlib.blake2b(members.astype(np.int32).tobytes(), digest_size=16).digest()
        shape = cache.get(key)
        if shape is None:
            shape = _union(geometry[members])
            cache.put(key, shape)
        found[int(area)] = shape
    return found


def _union(parts: np.ndarray) -> shapely.Geometry:
    if (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON).all():
        merged = shapely.coverage_union_all(parts)
        if shapely.is_valid(merged) and np.isclose(
            shapely.area(merged), shapely.area(parts).sum(), rtol=1e-9
        ):
            return merged
    [merged] = dissolve(parts, np.zeros(len(parts), np.int8)).values()
    return merged
