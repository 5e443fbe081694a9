"""Shapes as a table wants them: the right kind, valid, and together a coverage."""

from __future__ import annotations

import numpy as np
import shapely

from sro_geo.exchange.records import FaultLog

_TYPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}
OVERLAP_M2 = 1.0
GAP_M = 0.5  # a gap narrower than this is not meant


def of_kind(shapes: np.ndarray, kind: str, rows: np.ndarray, log: FaultLog) -> np.ndarray:
    """Return the shapes that are of ``kind`` (point, line, area, any), the others as faults.

    A multipoint of one point is that point. A polygon where a point is wanted, and the
    fitting parts of a collection, are offered as a repair.
    """
    out = shapes.copy()
    if kind == "any":
        return out
    for position, shape in enumerate(shapes):
        if shape is None or shape.geom_type in _TYPES[kind]:
            continue
        row, found = int(rows[position]), shape.geom_type
        parts = shapely.get_parts(shape)
        if kind == "point" and len(parts) == 1 and parts[0].geom_type == "Point":
            out[position] = parts[0]
            continue
        if kind == "point" and found in _TYPES["area"]:
            valid = shape if shape.is_valid else shapely.make_valid(shape)
            out[position] = shapely.point_on_surface(valid)
            log.add("area_for_point", row=row, column="geometry", severity="repair", found=found)
            continue
        fitting = parts_of(parts, kind) if found == "GeometryCollection" else None
        out[position] = fitting
        if fitting is None:
            log.add("geometry_kind_wrong", row=row, column="geometry", found=found, wanted=kind)
        else:
            log.add("geometry_mixed", row=row, column="geometry", severity="repair", wanted=kind)
    return out


def parts_of(parts: np.ndarray, kind: str) -> shapely.Geometry | None:
    """Return the parts of one kind as one shape, None where there is none."""
    flat = shapely.get_parts(parts)
    fitting = [p for p in flat if p.geom_type in _TYPES[kind] and not p.is_empty]
    if not fitting:
        return None
    if len(fitting) == 1:
        return fitting[0]
    many = {"point": shapely.multipoints, "line": shapely.multilinestrings}
    return many.get(kind, shapely.multipolygons)(fitting)


def mended(shapes: np.ndarray, rows: np.ndarray, log: FaultLog) -> np.ndarray:
    """Return polygons made valid, each mending offered as a repair that says where and what.

    ``shapely.make_valid``; lines and points that fall out of it are dropped. A polygon of
    which nothing is left is an error.
    """
    out = shapes.copy()
    held = np.array([s is not None for s in shapes], bool)
    broken = held.copy()
    broken[held] = ~shapely.is_valid(shapes[held])
    for position in np.flatnonzero(broken):
        reason = str(shapely.is_valid_reason(shapes[position]))
        whole = shapely.make_valid(shapes[position])
        out[position] = parts_of(np.array([whole]), "area")
        row = int(rows[position])
        if out[position] is None or out[position].area <= 0:
            out[position] = None
            log.add("geometry_collapsed", row=row, column="geometry", reason=reason)
        else:
            log.add(
                "geometry_invalid",
                row=row,
                column="geometry",
                severity="repair",
                reason=reason,
                parts=int(shapely.get_num_geometries(out[position])),
            )
    return out


def check_tiling(
    shapes: np.ndarray, ids: np.ndarray, rows: np.ndarray, log: FaultLog, *, overlap: str = "error"
) -> None:
    """List polygons that overlap, and those whose edge does not match the neighbour's.

    Overlaps above ``OVERLAP_M2`` are listed pair by pair; edges by
    ``shapely.coverage_invalid_edges`` (GEOS): a sliver or a gap narrower than it looks.
    """
    held = np.flatnonzero([s is not None for s in shapes])
    if len(held) < 2:
        return
    some = shapes[held]
    edges = shapely.coverage_invalid_edges(some, gap_width=GAP_M)
    bad = np.flatnonzero(~shapely.is_empty(edges))
    if not len(bad):
        return
    tree = shapely.STRtree(some[bad])
    left, right = tree.query(some[bad], predicate="intersects")
    pairs = left < right
    left, right = bad[left[pairs]], bad[right[pairs]]
    shared = shapely.area(shapely.intersection(some[left], some[right]))
    overlapping: set[int] = set()
    for one, other, area in zip(left, right, shared, strict=True):
        if area > OVERLAP_M2:
            overlapping |= {int(one), int(other)}
            a, b = held[one], held[other]
            log.add(
                "areas_overlap",
                row=int(rows[b]),
                column="geometry",
                severity=overlap,
                id=str(ids[b]),
                other=str(ids[a]),
                other_row=int(rows[a]),
                area=round(float(area), 1),
            )
    edge_only = np.zeros(len(shapes), bool)
    edge_only[held[[int(b) for b in bad if int(b) not in overlapping]]] = True
    names = ", ".join(str(i) for i in ids[edge_only][:10])
    log.counted("edges_unmatched", edge_only, rows, column="geometry", ids=names)
