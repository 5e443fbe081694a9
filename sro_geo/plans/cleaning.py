"""Cleaning on import: blocks that nearly fit together are made one coverage, or refused.

Corners that differ by noise are drawn together, slivers between blocks filled, small
overlaps given to one of the two, crossed outlines mended. Everything that was changed is
told with its place. Holes (a lake, a neighbour's enclave) and islands are no faults: they
are left and named. What is too large to be an accident is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from sro_geo.errors import SroError

# Noise is what lies below; corners of one outline are further apart than that.
NOISE_M = 0.01
GAP_M = 1.0
OVERLAP_M = 2.0
OVERLAP_SHARE = 0.05
_TOLD_M2 = 1e-3
_SMALLEST_SNAP_M = 1e-8
_TUCK_M = 1e-4
_LOOSE_M = 1e-6


@dataclass(frozen=True)
class Change:
    """One thing changed, or found and left.

    ``kind`` is ``mended`` (a crossed outline), ``moved`` (corners drawn together),
    ``overlap`` (taken from all but one of the ``blocks``), ``gap`` (filled, given to the
    block named), ``hole`` or ``island`` (both left as they are). ``blocks`` are positions,
    ``geometry`` the place, ``size_m2`` its area; ``most_m`` the furthest a corner moved.
    """

    kind: str
    blocks: tuple[int, ...]
    geometry: shapely.Geometry
    size_m2: float = 0.0
    most_m: float = 0.0


@dataclass(frozen=True)
class Cleaned:
    """A valid coverage, block by block as given, and what was changed on the way."""

    geometry: np.ndarray
    changes: tuple[Change, ...]

    @property
    def changed(self) -> bool:
        """True when any block is not exactly what it was."""
        return any(change.kind not in ("hole", "island") for change in self.changes)


def clean_coverage(
    geometry: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    gap_m: float = GAP_M,
    overlap_m: float = OVERLAP_M,
) -> Cleaned:
    """Return polygons as a valid coverage.

    Corners are snapped at six times the noise found (at least 1e-8 m), which restores all
    shared borders where the default of the library leaves many apart.

    Parameters
    ----------
    geometry
        Polygons or multipolygons in metres.
    names
        Names or ids for messages; default the positions.
    gap_m, overlap_m
        Gaps up to this width are filled, overlaps up to this width resolved; a wider
        overlap is refused when it is more than a twentieth of the smaller block too.

    Raises
    ------
    SroError
        ``coverage_not_polygons``, ``coverage_overlaps``, ``coverage_block_vanishes``,
        ``coverage_unclean``.
    """
    names = [str(k) for k in range(len(geometry))] if names is None else names
    changes: list[Change] = []
    whole = _mended(np.asarray(geometry, object), names, changes)
    if not len(whole):
        return Cleaned(whole, ())
    notches = _notches(whole, gap_m)
    fits = shapely.coverage_is_valid(whole, gap_width=gap_m) and not loose_corners(whole).size
    if fits and not notches:
        return Cleaned(whole, (*changes, *_left_as_they_are(whole)))
    overlaps = _overlaps(whole, names, overlap_m)
    noise = _noise(whole)
    if notches:
        noise = max(noise, _TUCK_M)
    given = whole
    whole = whole.copy()
    for notch in notches:
        # Tucked a little under its neighbours, so that no hair is left between.
        tucked = shapely.buffer(notch.geometry, _TUCK_M, join_style="mitre")
        whole[notch.blocks[0]] = shapely.union(whole[notch.blocks[0]], tucked)
    clean = shapely.coverage_clean(
        whole, snapping_distance=max(6 * noise, _SMALLEST_SNAP_M), gap_width=gap_m
    )
    clean = _as_given(clean)
    empty = np.flatnonzero(shapely.is_empty(clean) | (shapely.area(clean) <= 0))
    if empty.size:
        raise SroError("coverage_block_vanishes", block=names[empty[0]])
    faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(clean)) | ~shapely.is_valid(clean)
    faulty[loose_corners(clean)] = True
    if faulty.any():
        raise SroError("coverage_unclean", count=int(faulty.sum()))
    changes += overlaps
    changes += [*notches, *_gaps(whole, clean)]
    changes += _moved(given, clean)
    return Cleaned(clean, (*changes, *_left_as_they_are(clean)))


def loose_corners(geometry: np.ndarray) -> np.ndarray:
    """Return positions of blocks with a corner of a neighbour on a border that lacks it.

    Where that corner is off the border by the last digit alone, a coverage check passes,
    and yet the two blocks would not count as neighbours there.
    """
    rings, block = _rings(geometry)
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    owner = block[ring]
    inner = ring[1:] == ring[:-1]
    start, end, owner = spots[:-1][inner], spots[1:][inner], owner[:-1][inner]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.hstack([np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)])
    alone = ~pd.DataFrame(ends).duplicated(keep=False).to_numpy()
    ends, owner = ends[alone], owner[alone]
    corners = np.unique(ends.reshape(-1, 2), axis=0)
    tree = shapely.STRtree(shapely.linestrings(ends.reshape(-1, 2, 2)))
    corner, edge = tree.query(shapely.points(corners), predicate="dwithin", distance=_LOOSE_M)
    tips = ends[edge].reshape(-1, 2, 2) - corners[corner][:, None]
    between = (np.hypot(tips[..., 0], tips[..., 1]) > 2 * _LOOSE_M).all(1)
    found: np.ndarray = np.unique(owner[edge[between]])
    return found


def _rings(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, block = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, block[part]


def _mended(geometry: np.ndarray, names: Sequence[str], changes: list[Change]) -> np.ndarray:
    """Return valid polygons; parts of a mended outline that are no area are dropped."""
    kinds = shapely.get_type_id(geometry)
    wrong = np.flatnonzero(~np.isin(kinds, [3, 6]) | shapely.is_empty(geometry))
    if wrong.size:
        raise SroError("coverage_not_polygons", block=names[wrong[0]])
    whole: np.ndarray = shapely.force_2d(geometry)
    for at in np.flatnonzero(~shapely.is_valid(whole)).tolist():
        if not np.isfinite(shapely.get_coordinates(whole[at])).all():
            raise SroError("coverage_not_polygons", block=names[at])
        made = shapely.get_parts(shapely.make_valid(whole[at], method="structure"))
        made = shapely.get_parts(made[np.isin(shapely.get_type_id(made), [3, 6])])
        if not len(made):
            raise SroError("coverage_block_vanishes", block=names[at])
        before = whole[at]
        whole[at] = made[0] if len(made) == 1 else shapely.multipolygons(made)
        size = abs(float(before.area) - float(whole[at].area))
        changes.append(Change("mended", (at,), whole[at].representative_point(), size))
    return whole


def _as_given(clean: np.ndarray) -> np.ndarray:
    """Return polygons where a block is in one piece, as the plain forms come."""
    out = clean.copy()
    for at in np.flatnonzero(shapely.get_type_id(clean) != 3).tolist():
        parts = [p for p in shapely.get_parts(clean[at]) if shapely.get_type_id(p) == 3]
        out[at] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return out


def _width(shape: np.ndarray) -> np.ndarray:
    """Return the width of long thin shapes: that of a rectangle of this area and length."""
    area, half = shapely.area(shape), shapely.length(shape) / 2
    width: np.ndarray = (half - np.sqrt(np.maximum(half**2 - 4 * area, 0))) / 2
    return width


def _overlaps(whole: np.ndarray, names: Sequence[str], overlap_m: float) -> list[Change]:
    tree = shapely.STRtree(whole)
    a, b = tree.query(whole, predicate="intersects")
    a, b = a[a < b], b[a < b]
    # Where insides do not meet there is no overlap; the rest is cut to see how much.
    meet = ~shapely.touches(whole[a], whole[b])
    a, b = a[meet], b[meet]
    common = shapely.intersection(whole[a], whole[b])
    size = shapely.area(common)
    smaller = np.minimum(shapely.area(whole[a]), shapely.area(whole[b]))
    out = []
    for k in np.flatnonzero(size > _TOLD_M2).tolist():
        parts = shapely.get_parts(common[k])
        parts = parts[shapely.area(parts) > 0]
        if _width(parts).max() > overlap_m and size[k] > OVERLAP_SHARE * smaller[k]:
            raise SroError(
                "coverage_overlaps",
                first=names[a[k]],
                second=names[b[k]],
                size_m2=round(float(size[k])),
            )
        shape = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
        out.append(Change("overlap", (int(a[k]), int(b[k])), shape, float(size[k])))
    return out


def _noise(whole: np.ndarray) -> float:
    """Return how far apart corners lie that should be one; 0 where all agree."""
    spots = np.unique(shapely.get_coordinates(whole), axis=0)
    pairs = cKDTree(spots).query_pairs(NOISE_M, output_type="ndarray")
    if not len(pairs):
        return 0.0
    away = np.hypot(*(spots[pairs[:, 0]] - spots[pairs[:, 1]]).T)
    # A few close corners of fine drawings are no noise: the bulk tells.
    return float(min(np.quantile(away, 0.99) * 1.5, away.max()))


def _notches(whole: np.ndarray, gap_m: float) -> list[Change]:
    """Return slivers between two blocks that are open towards the outside.

    No coverage tool sees them, but the blocks would not count as neighbours.
    """
    union = shapely.union_all(whole)
    wider = shapely.buffer(union, gap_m / 2, join_style="mitre")
    closed = shapely.buffer(wider, -gap_m / 2, join_style="mitre")
    pieces = shapely.get_parts(shapely.difference(closed, shapely.union(union, _filled(union))))
    # Long and thin: the corner between two blocks is no sliver.
    # Narrower than noise is not a sliver either, but the play that buffering allows itself.
    pieces = pieces[(_width(pieces) > NOISE_M) & (shapely.length(pieces) > 8 * gap_m)]
    tree = shapely.STRtree(whole)
    out = []
    for piece in pieces:
        near = np.sort(tree.query(piece, predicate="dwithin", distance=_TUCK_M))
        rim = shapely.buffer(whole[near], _TUCK_M)
        beside = shapely.length(shapely.intersection(rim, shapely.boundary(piece)))
        if np.count_nonzero(beside > piece.length / 5) > 1:
            block = int(near[int(np.argmax(beside))])
            out.append(Change("gap", (block,), piece, float(piece.area)))
    return out


def _filled(union: shapely.Geometry) -> shapely.Geometry:
    """Return the holes of a union, which are the matter of others."""
    parts = shapely.get_parts(union)
    return shapely.union_all([shapely.Polygon(r) for p in parts for r in p.interiors])


def _gaps(whole: np.ndarray, clean: np.ndarray) -> list[Change]:
    """Return slivers between blocks that were filled, with the block that got them."""
    filled = shapely.difference(clean, whole)
    pieces, block = shapely.get_parts(filled, return_index=True)
    real = shapely.area(pieces) > _TOLD_M2
    pieces, block = pieces[real], block[real]
    if not len(pieces):
        return []
    # What a neighbour had before is no gap but an overlap resolved.
    spots = shapely.point_on_surface(pieces)
    taken = np.unique(shapely.STRtree(whole).query(spots, predicate="within")[0])
    free = np.setdiff1d(np.arange(len(pieces)), taken)
    return [Change("gap", (int(block[k]),), pieces[k], float(pieces[k].area)) for k in free]


def _moved(whole: np.ndarray, clean: np.ndarray) -> list[Change]:
    """Return the corners that are no longer where they were, as one change."""
    before, owner = shapely.get_coordinates(whole, return_index=True)
    after = shapely.get_coordinates(clean)
    away, _ = cKDTree(after).query(before)
    at = np.flatnonzero((away > 0) & (away <= NOISE_M * 6))
    if not at.size:
        return []
    spots = shapely.multipoints(np.unique(before[at], axis=0))
    blocks = tuple(np.unique(owner[at]).tolist())
    return [Change("moved", blocks, spots, most_m=float(away[at].max()))]


def _left_as_they_are(clean: np.ndarray) -> list[Change]:
    """Return holes in the whole and parts that lie apart from the largest."""
    union = shapely.coverage_union_all(shapely.get_parts(clean))
    parts = shapely.get_parts(union)
    out = []
    rings, _ = shapely.get_rings(parts, return_index=True)
    outer = set(shapely.get_exterior_ring(parts))
    tree = shapely.STRtree(clean)
    for ring in rings:
        if ring in outer:
            continue
        hole = shapely.Polygon(ring)
        beside = tuple(np.sort(tree.query(hole, predicate="touches")).tolist())
        inside = shapely.difference(hole, union)
        if inside.area > _TOLD_M2:
            out.append(Change("hole", beside, hole, float(hole.area)))
    largest = int(np.argmax(shapely.area(parts)))
    for at, part in enumerate(parts):
        if at != largest:
            own = tree.query(part, predicate="intersects")
            own = own[shapely.area(shapely.intersection(clean[own], part)) > 0]
            out.append(Change("island", tuple(np.sort(own).tolist()), part, float(part.area)))
    return out
