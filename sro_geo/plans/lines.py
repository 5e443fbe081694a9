"""Lines, lassos and rectangles: which blocks lie on which side, and inside.

Whole blocks only: a block lies where its interior point lies. To cut the blocks
themselves is a matter of ``refining``.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from sro_geo.areas import assign_points
from sro_geo.errors import SroError
from sro_geo.plans.moves import PlanArea
from sro_geo.plans.plan import Plan
from sro_geo.plans.steps import step

_NEAR_M = 0.01
_SHORT_OF = 0.25
_LEAST_M = 50.0
_GAP_M = 60.0


def interior_points(geometry: np.ndarray) -> np.ndarray:
    """Return a point inside each block; compute once per block version."""
    spots: np.ndarray = shapely.point_on_surface(geometry)
    return spots


def blocks_in(points: np.ndarray, polygon: shapely.Geometry) -> np.ndarray:
    """Return a mask of the blocks whose interior point lies in a lasso or rectangle.

    Raises
    ------
    SroError
        ``lasso_crosses_itself``, ``lasso_empty`` for fewer than three different corners.
    """
    if polygon.is_empty or polygon.area == 0:
        # A figure of eight can have no area at all: then its corners tell.
        corners = np.unique(shapely.get_coordinates(polygon), axis=0)
        raise SroError("lasso_crosses_itself" if len(corners) > 3 else "lasso_empty")
    if not polygon.is_valid:
        raise SroError("lasso_crosses_itself")
    shapely.prepare(polygon)
    inside: np.ndarray = shapely.intersects(polygon, points)
    return inside


def split(
    plan: Plan,
    area_id: str,
    line: shapely.Geometry,
    geometry: np.ndarray,
    *,
    new_id: str,
    name: str,
    points: np.ndarray | None = None,
) -> Plan:
    """Divide an area by a line; the part north or west of it becomes a new area.

    North where the line runs rather east and west, west where it runs rather north and
    south. A line that crosses twice gives all that lies on that side. Locked blocks stay
    (``left_out``). A line that ends a little short of the outline is prolonged.

    Parameters
    ----------
    line
        LineString or MultiLineString in the CRS of the blocks, metres.
    geometry
        The blocks of the plan, in its order.
    points
        Their interior points, where known.

    Raises
    ------
    SroError
        ``line_empty``, ``line_crosses_itself``, ``line_outside``, ``line_ends_inside``,
        ``line_splits_nothing``; ``area_unknown``, ``area_exists``, ``area_name_empty``.
    """
    if not name.strip() or not new_id.strip():
        raise SroError("area_name_empty")
    area = plan.area(area_id)
    own = np.flatnonzero(plan.codes == plan.code(area_id))
    side = _side(own, line, geometry, points, area.name)
    codes = plan.codes.copy()
    codes[own[side]] = len(plan.areas)
    return step(
        plan,
        "split",
        codes=codes,
        new=[PlanArea(new_id, plan.level, name.strip(), area.parent_id)],
    )


def shift_border(
    plan: Plan,
    a: str,
    b: str,
    line: shapely.Geometry,
    geometry: np.ndarray,
    *,
    points: np.ndarray | None = None,
) -> Plan:
    """Let the border between two areas run along a line, in one step.

    Each area keeps the side on which more of it lies. Raises as :func:`split` does.
    """
    first, second = plan.code(a), plan.code(b)
    if first == second:
        raise SroError("border_of_one", area=plan.area(a).name)
    own = np.flatnonzero(np.isin(plan.codes, [first, second]))
    names = f"{plan.area(a).name}, {plan.area(b).name}"
    side = _side(own, line, geometry, points, names)
    size = shapely.area(geometry[own])
    of_first = plan.codes[own] == first
    stays = size[side & of_first].sum() + size[~side & ~of_first].sum()
    codes = plan.codes.copy()
    codes[own] = np.where(side == (2 * stays >= size.sum()), first, second)
    return step(plan, "shift", codes=codes)


def along_street(
    streets: gpd.GeoDataFrame, name: str, near: shapely.Geometry
) -> shapely.LineString:
    """Return a named street as one line, prolonged through the area ``near``.

    Pieces are joined over gaps (crossings, missing stretches) of up to 60 m; of side
    branches and double carriageways the longest way through is taken. Streets of the same
    name elsewhere are left aside.

    Raises
    ------
    SroError
        ``street_unknown``, ``street_not_near``.
    """
    wanted = " ".join(name.split()).casefold()
    names = streets["name"].astype("object")
    named = names.map(lambda n: isinstance(n, str) and " ".join(n.split()).casefold() == wanted)
    rows = streets[named.to_numpy(bool)]
    if rows.empty:
        raise SroError("street_unknown", street=name)
    merged = shapely.union_all(rows.geometry.to_numpy())
    zones = shapely.get_parts(shapely.buffer(merged, _GAP_M / 2))
    inside = shapely.length(shapely.intersection(shapely.intersection(zones, merged), near))
    at = int(np.argmax(inside))
    if inside[at] <= _NEAR_M:
        raise SroError("street_not_near", street=name)
    line = _way_through(shapely.intersection(merged, zones[at]))
    west, south, east, north = near.bounds
    return prolonged(line, near, most=float(np.hypot(east - west, north - south)))


def prolonged(line: shapely.LineString, area: shapely.Geometry, *, most: float) -> shapely.Geometry:
    """Return the line with ends inside ``area`` carried on straight to its outline.

    An end that would have to go further than ``most`` metres, or meets the line itself
    first, stays where it is.
    """
    out = line
    for end in (0, -1):
        spots = shapely.get_coordinates(out)
        tip = spots[end]
        if not shapely.contains_properly(area, shapely.Point(tip)):
            continue
        before = spots[::-1] if end == 0 else spots
        # The direction of the last metres, not of the last jitter of a hand.
        away = np.hypot(*(before - tip).T)
        far = np.flatnonzero(away >= min(5.0, away.max()))
        base = before[far[-1]]
        if not away.any():
            continue
        ahead = (tip - base) / np.hypot(*(tip - base))
        ray = shapely.LineString([tip, tip + ahead * (most + 1.0)])
        meets = shapely.intersection(ray, shapely.boundary(area))
        if meets.is_empty:
            continue
        reach = float(shapely.distance(shapely.Point(tip), meets))
        if reach > most:
            continue
        tip_on = tip + ahead * (reach + 1.0)
        spots = np.vstack([tip_on, spots]) if end == 0 else np.vstack([spots, tip_on])
        longer = shapely.LineString(spots)
        if longer.is_simple or not out.is_simple:
            out = longer
    return out


def _side(
    own: np.ndarray,
    line: shapely.Geometry,
    geometry: np.ndarray,
    points: np.ndarray | None,
    name: str,
) -> np.ndarray:
    """Return a mask over ``own``: the blocks north or west of the line (inside of a ring)."""
    lines = _checked(line)
    if not len(own):
        raise SroError("line_outside", area=name)
    shapes = geometry[own]
    outline = shapely.coverage_union_all(shapely.get_parts(shapes))
    if not outline.is_valid:
        outline = shapely.union_all(shapes)
    touched = shapely.intersection(shapely.MultiLineString(lines), outline)
    if touched.is_empty:
        raise SroError("line_outside", area=name)
    most = max(_LEAST_M, _SHORT_OF * float(shapely.length(touched)))
    closed = [one for one in lines if one.is_ring]
    lines = [one if one.is_ring else prolonged(one, outline, most=most) for one in lines]
    if not closed:
        lines = _towards_north_or_east(lines, outline)
    rim = shapely.boundary(outline)
    drawn = shapely.snap(shapely.MultiLineString(lines), rim, _NEAR_M)
    faces = shapely.get_parts(
        shapely.polygonize([*shapely.get_parts(shapely.union_all([rim, drawn]))])
    )
    faces = faces[shapely.covers(outline, shapely.point_on_surface(faces))]
    left = _left_of(faces, lines)
    spots = interior_points(shapes) if points is None else points[own]
    of_block = assign_points(faces, shapely.get_x(spots), shapely.get_y(spots))
    lost = np.flatnonzero(of_block < 0)
    if lost.size:
        of_block[lost] = shapely.STRtree(faces).nearest(spots[lost])
    side: np.ndarray = left[of_block]
    if closed and not shapely.is_ccw(closed[0]):
        side = ~side
    # A block whose middle lies on the line stays where it is.
    side = side & ~shapely.dwithin(spots, drawn, 1e-6)
    if side.all() or not side.any():
        ends = [shapely.Point(spot) for one in lines for spot in (one.coords[0], one.coords[-1])]
        short = not closed and any(shapely.contains_properly(outline, end) for end in ends)
        if short:
            raise SroError("line_ends_inside", area=name)
        raise SroError("line_splits_nothing", area=name)
    return side


def _checked(line: shapely.Geometry) -> list[shapely.LineString]:
    parts = shapely.get_parts(line)
    lines = [part for part in parts if shapely.get_type_id(part) in (1, 2) and part.length > 0]
    if not lines or not np.isfinite(shapely.get_coordinates(lines)).all():
        raise SroError("line_empty")
    # Nobody draws finer than a tenth of a millimetre; less only makes noding fragile.
    fine = shapely.set_precision(np.array(lines, object), 1e-4, mode="pointwise")
    lines = [one for one in shapely.remove_repeated_points(fine) if one.length > 0]
    if not lines:
        raise SroError("line_empty")
    merged = shapely.line_merge(shapely.MultiLineString(lines))
    lines = [shapely.LineString(part.coords) for part in shapely.get_parts(merged)]
    if not shapely.is_simple(shapely.remove_repeated_points(np.array(lines, object))).all():
        raise SroError("line_crosses_itself")
    return lines


def _towards_north_or_east(
    lines: list[shapely.LineString], outline: shapely.Geometry
) -> list[shapely.LineString]:
    """Turn lines so that their left is north (line east-west) or west (line north-south)."""
    inside = shapely.intersection(shapely.MultiLineString(lines), outline)
    west, south, east, north = (lines[0] if inside.is_empty else inside).bounds
    axis = 0 if east - west >= north - south else 1
    return [
        one if one.coords[-1][axis] >= one.coords[0][axis] else shapely.reverse(one)
        for one in lines
    ]


def _left_of(faces: np.ndarray, lines: list[shapely.LineString]) -> np.ndarray:
    """Tell for each face whether it lies left of the lines.

    The stretches of its border that lie on a line tell, by their direction; a face that
    no line touches goes by the nearest point of the lines.
    """
    left = np.zeros(len(faces), bool)
    whole = shapely.MultiLineString(lines)
    turned = shapely.orient_polygons(faces)
    for at, face in enumerate(turned):
        spots = [shapely.get_coordinates(ring) for ring in (face.exterior, *face.interiors)]
        start = np.vstack([ring[:-1] for ring in spots])
        end = np.vstack([ring[1:] for ring in spots])
        middle = (start + end) / 2
        on = shapely.dwithin(shapely.points(middle), whole, 2 * _NEAR_M)
        on &= shapely.dwithin(shapely.points(start), whole, 2 * _NEAR_M)
        on &= shapely.dwithin(shapely.points(end), whole, 2 * _NEAR_M)
        if not on.any():
            spot = shapely.get_coordinates(shapely.point_on_surface(face))[0]
            left[at] = _turn(spot, lines) >= 0
            continue
        # A counter-clockwise border runs with the line where the face is on its left.
        votes = 0.0
        for a, b, m in zip(start[on], end[on], middle[on], strict=True):
            heading = _heading(m, lines)
            votes += float((b - a) @ heading)
        left[at] = votes > 0
    return left


def _nearest(spot: np.ndarray, lines: list[shapely.LineString]) -> tuple[np.ndarray, np.ndarray]:
    """Return start and end of the stretch of the lines nearest to a spot."""
    start = np.vstack([shapely.get_coordinates(one)[:-1] for one in lines])
    end = np.vstack([shapely.get_coordinates(one)[1:] for one in lines])
    along = end - start
    square = np.maximum((along**2).sum(1), 1e-18)
    share = np.clip(((spot - start) * along).sum(1) / square, 0, 1)
    away = np.hypot(*(start + share[:, None] * along - spot).T)
    # Two stretches that meet in the nearest corner: the one that faces the spot squarely.
    near = np.flatnonzero(away <= away.min() + 1e-9)
    cross = np.abs(
        along[near, 0] * (spot - start[near])[:, 1] - along[near, 1] * (spot - start[near])[:, 0]
    ) / np.sqrt(square[near])
    best = near[int(np.argmax(cross))]
    return start[best], end[best]


def _heading(spot: np.ndarray, lines: list[shapely.LineString]) -> np.ndarray:
    start, end = _nearest(spot, lines)
    heading: np.ndarray = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)
    return heading


def _turn(spot: np.ndarray, lines: list[shapely.LineString]) -> float:
    start, end = _nearest(spot, lines)
    along, off = end - start, spot - start
    return float(along[0] * off[1] - along[1] * off[0])


def _way_through(lines: shapely.Geometry) -> shapely.LineString:
    """Return the longest of the shortest ways through a street's pieces, gaps bridged."""
    merged = shapely.line_merge(shapely.union_all(shapely.get_parts(lines)))
    parts = shapely.get_parts(merged)
    ends = np.array([[p.coords[0], p.coords[-1]] for p in parts])[..., :2].reshape(-1, 2)
    nodes, node = np.unique(np.round(ends, 6), axis=0, return_inverse=True)
    node = node.reshape(-1, 2)
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for at, (a, b) in enumerate(node.tolist()):
        pair = (min(a, b), max(a, b))
        if a != b and (pair not in best or parts[at].length < best[pair][0]):
            best[pair] = (float(parts[at].length), at)
    if not best:
        return shapely.LineString(parts[int(np.argmax(shapely.length(parts)))].coords)
    for a, b in sorted(cKDTree(nodes).query_pairs(_GAP_M)):
        # A gap counts more than its length: a way along the street comes first.
        best.setdefault((a, b), (3 * float(np.hypot(*(nodes[a] - nodes[b]))), -1))
    pairs = np.array(list(best))
    cost = np.array([metres for metres, _ in best.values()])
    graph = sparse.coo_array((cost, (pairs[:, 0], pairs[:, 1])), (len(nodes),) * 2)
    away, before = csgraph.dijkstra(graph.tocsr(), directed=False, return_predecessors=True)
    away[~np.isfinite(away)] = -1
    first, last = divmod(int(np.argmax(away)), len(nodes))
    spots: list[np.ndarray] = [nodes[last][None, :]]
    while last != first:
        previous = int(before[first, last])
        at = best[(min(previous, last), max(previous, last))][1]
        if at >= 0:
            way = shapely.get_coordinates(parts[at])
            spots.append(way[::-1] if node[at, 1] == last and node[at, 0] == previous else way)
        else:
            spots.append(nodes[previous][None, :])
        last = previous
    return shapely.remove_repeated_points(shapely.LineString(np.vstack(spots)), 1e-3)
