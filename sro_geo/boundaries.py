"""Geometry of blocks and areas: checks, unions, and the block set's fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


@dataclass(frozen=True)
class CoverageCheck:
    """Whether polygons tile a region: positions of blocks that overlap or leave a gap."""

    invalid: tuple[int, ...]
    faulty_edges: tuple[int, ...]

    @property
    def valid(self) -> bool:
        """True when every polygon is valid and shared edges match vertex by vertex."""
        return not self.invalid and not self.faulty_edges


def check_coverage(geometry: np.ndarray) -> CoverageCheck:
    """Check that polygons form a coverage: valid each, no overlap, shared edges identical.

    Parameters
    ----------
    geometry
        Array of polygons in one CRS.

    Returns
    -------
    Positions of invalid polygons, and of polygons with an edge that does not match its
    neighbour's (``shapely.coverage_invalid_edges``; a gap is a hole between such edges).
    """
    valid = shapely.is_valid(geometry)
    if not valid.all():
        return CoverageCheck(tuple(np.flatnonzero(~valid).tolist()), ())
    edges = shapely.coverage_invalid_edges(geometry)
    bad = ~shapely.is_empty(edges)
    return CoverageCheck((), tuple(np.flatnonzero(bad).tolist()))


def dissolve(geometry: np.ndarray, labels: np.ndarray) -> dict[str, shapely.Geometry]:
    """Return the union of the polygons of each label, by coverage union.

    The polygons must form a valid coverage: ``coverage_union_all`` does not notice when
    they do not. Falls back to ``unary_union`` for a label whose polygons do not.
    """
    out: dict[str, shapely.Geometry] = {}
    order = pd.Series(np.arange(len(labels))).groupby(pd.Series(labels, dtype="object"))
    for label, positions in order:
        parts = geometry[positions.to_numpy()]
        # Multipolygons are legal blocks, but a coverage is made of polygons.
        flat = shapely.get_parts(parts)
        merged = shapely.coverage_union_all(flat)
        if not shapely.is_valid(merged) or not np.isclose(
            shapely.area(merged), shapely.area(flat).sum(), rtol=1e-9
        ):
            merged = shapely.union_all(flat)
        out[str(label)] = merged
    return out


def block_set(blocks: gpd.GeoDataFrame) -> str:
    """Return a fingerprint of ids and geometry; a plan holds only for the set it was made on."""
    ordered = blocks.sort_values("block_id")
    digest = hashlib.sha256()
    for block_id, wkb in zip(
        ordered["block_id"],
        shapely.to_wkb(shapely.normalize(ordered.geometry.to_numpy()), byte_order=1),
        strict=True,
    ):
        digest.update(str(block_id).encode())
        digest.update(wkb)
    return digest.hexdigest()[:16]
