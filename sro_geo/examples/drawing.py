"""Draw a town: streets that bend, blocks between them that tile the town without a gap.

A sketch holds a few round-numbered strokes (outline, main roads, woods). The main roads cut
the outline into quarters, each quarter is cut in two again and again across its longer
side until its blocks have the size wanted there. Cuts end at junctions where one is near,
so side streets meet across a main road as they do in towns. All lines are then noded on a
grid of 0.1 m and turned into faces: neighbours share every vertex, T-junctions included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Points = Sequence[tuple[float, float]]

GRID = 0.1  # metres; coarser than 7 decimals of a degree, so vertices survive the rounding
CLOSE = 8.0  # metres
STREET_ANGLE = np.radians(28)  # two cuts that meet straighter than this are one street


@dataclass(frozen=True)
class Sketch:
    """The strokes a town grows from; lengths in metres of the projected CRS.

    ``mains`` are main roads by name, ``dividers`` main roads that also carry a border;
    ``target`` gives the wanted size of a block (m2) at a point, ``open_land`` polygons of
    wood, field and water by name, where blocks grow large and nobody lives. A block is at
    least ``smallest`` m2 and about ``thin`` m wide; a cut ends at a junction that is not
    farther than ``snap`` m.
    """

    outline: Polygon
    mains: dict[str, LineString]
    target: Callable[[float, float], float]
    open_land: dict[str, Polygon] = field(default_factory=dict)
    snap: float = 60.0
    smallest: float = 9_000.0
    thin: float = 28.0


@dataclass(frozen=True)
class Street:
    """A street along block edges; ``main`` is the name of its stroke, or empty."""

    geometry: BaseGeometry
    kind: str
    main: str


@dataclass(frozen=True)
class Town:
    """What was drawn: blocks as a valid coverage, which of them are open land, streets."""

    outline: Polygon
    blocks: list[Polygon]
    open_land: list[str]
    streets: list[Street]
    neighbours: dict[int, list[int]]


def curve(points: Points, *, step: float = 70.0) -> LineString:
    """Return a smooth line (Catmull-Rom) through ``points``, one vertex about every ``step`` m."""
    given = np.asarray(points, float)
    ends = np.vstack([2 * given[0] - given[1], given, 2 * given[-1] - given[-2]])
    parts = []
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        count = max(2, int(np.hypot(*(p2 - p1)) / step))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        parts.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    return LineString(np.vstack([*parts, given[-1:]])).simplify(1.0)


def rough(
    points: Points, rng: np.random.Generator, *, rounds: int = 3, size: float = 0.16
) -> Polygon:
    """Return the ring of ``points`` with its sides bent at random, as field borders are."""
    ring = np.asarray(points, float)
    for _ in range(rounds):
        after = np.roll(ring, -1, axis=0)
        side = after - ring
        normal = np.column_stack([-side[:, 1], side[:, 0]])
        bend = np.clip(rng.normal(0, size / 2, len(ring)), -size, size)
        middle = ring + side * rng.uniform(0.4, 0.6, len(ring))[:, None] + normal * bend[:, None]
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
        size *= 0.8
    return Polygon(ring)


class _Junctions:
    """Where streets meet, in squares of ``cell`` metres, to find the one near a point."""

    def __init__(self, cell: float) -> None:
        self.cell = cell
        self.squares: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def add(self, x: float, y: float) -> None:
        self.squares[(int(x // self.cell), int(y // self.cell))].append((x, y))

    def near(self, spot: tuple[float, float], ring: LineString) -> tuple[float, float]:
        """Return the nearest junction on ``ring`` within a cell's width, or the point itself."""
        x, y = spot
        column, row = int(x // self.cell), int(y // self.cell)
        found = [
            other
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for other in self.squares.get((i, j), ())
            if np.hypot(other[0] - x, other[1] - y) <= self.cell
        ]
        for other in sorted(found, key=lambda s: (np.hypot(s[0] - x, s[1] - y), s)):
            if ring.distance(Point(other)) < 0.01:
                return other
        # a vertex hardly beside the end of a street would leave an edge of a few centimetres
        vertices = np.asarray(ring.coords)
        away = np.hypot(vertices[:, 0] - x, vertices[:, 1] - y)
        closest = int(np.argmin(away))
        if away[closest] < CLOSE:
            return float(vertices[closest, 0]), float(vertices[closest, 1])
        return x, y


def _roundness(part: Polygon) -> float:
    return float(4 * np.pi * part.area / part.length**2)


def _halve(part: Polygon, line: LineString) -> tuple[Polygon, Polygon]:
    ring = LineString(part.exterior.coords)
    middle = list(line.coords)
    first, last = ring.project(Point(middle[0])), ring.project(Point(middle[-1]))
    if first > last:
        first, last, middle = last, first, middle[::-1]
    between = list(shapely.ops.substring(ring, first, last).coords)[1:-1]
    after = list(shapely.ops.substring(ring, last, ring.length).coords)[1:-1]
    before = list(shapely.ops.substring(ring, 0, first).coords)[:-1]
    one = Polygon([middle[0], *between, middle[-1], *middle[-2:0:-1]])
    return one, Polygon([*before, *middle, *after])


def _cut(part: Polygon, junctions: _Junctions, rng: np.random.Generator) -> LineString | None:
    """Return the best of a few lines across the longer side of ``part``."""
    box = np.asarray(part.minimum_rotated_rectangle.exterior.coords)[:4]
    sides = np.array([box[1] - box[0], box[2] - box[1]])
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    along = sides[int(np.argmax(lengths))] / lengths.max()
    long_way, heart = lengths.max(), np.asarray(part.centroid.coords[0])
    ring = LineString(part.exterior.coords)
    best, best_score = None, 0.0
    for _ in range(7):
        shift, turn, bow = rng.normal(0, [0.06, np.radians(5), 0.05])
        across = np.array(
            [
                -along[1] * np.cos(turn) - along[0] * np.sin(turn),
                along[0] * np.cos(turn) - along[1] * np.sin(turn),
            ]
        )
        middle = heart + along * shift * long_way
        ray = LineString([middle - across * 2 * long_way, middle + across * 2 * long_way])
        inside = shapely.get_parts(ray.intersection(part))
        inside = inside[shapely.get_type_id(inside) == 1]
        if not len(inside):
            continue
        chord = inside[int(np.argmin(shapely.distance(inside, Point(middle))))]
        start = np.asarray(junctions.near(chord.coords[0][:2], ring))
        end = np.asarray(junctions.near(chord.coords[-1][:2], ring))
        way = end - start
        width = float(np.hypot(*way))
        if width < 30:
            continue
        t = np.linspace(0, 1, max(2, int(width / 60)) + 1)[:, None]
        bent = start + way * t + np.array([-way[1], way[0]]) * bow * 4 * t * (1 - t)
        line = LineString(bent)
        if not part.contains(shapely.ops.substring(line, 0.03, 0.97, normalized=True)):
            continue
        halves = _halve(part, line)
        if not all(half.is_valid for half in halves):
            continue
        balance = min(half.area for half in halves) / part.area
        score = min(_roundness(half) for half in halves) * min(balance / 0.42, 1.0)
        if balance > 0.22 and score > best_score:
            best, best_score = line, score
    return best


def _subdivide(faces: list[Polygon], sketch: Sketch, rng: np.random.Generator) -> list[LineString]:
    junctions = _Junctions(sketch.snap)
    around = np.array(faces, dtype=object)
    for face in faces:
        for x, y in face.exterior.coords[:-1]:
            # only true corners count: a curve's vertices are no junctions
            if np.sum(shapely.dwithin(around, Point(x, y), 0.05)) >= 3:
                junctions.add(x, y)
    cuts, waiting = [], list(reversed(faces))
    while waiting:
        part = waiting.pop()
        heart = part.representative_point()
        if part.area <= sketch.target(heart.x, heart.y) * rng.uniform(0.8, 1.7):
            continue
        line = _cut(part, junctions, rng)
        if line is None:
            continue
        cuts.append(line)
        for x, y in (line.coords[0], line.coords[-1]):
            junctions.add(x, y)
        waiting.extend(_halve(part, line))
    return cuts


def _polygons(lines: list[BaseGeometry]) -> list[Polygon]:
    noded = shapely.unary_union(np.array(lines, dtype=object), grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    return sorted(faces, key=lambda face: face.representative_point().coords[0])


def edges(blocks: Sequence[Polygon]) -> dict[tuple[tuple[float, float], ...], list[int]]:
    """Return each segment of the blocks' rings with the (one or two) blocks it belongs to."""
    found: dict[tuple[tuple[float, float], ...], list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        for ring in [block.exterior, *block.interiors]:
            ends = [(round(x, 1), round(y, 1)) for x, y in ring.coords]
            for a, b in pairwise(ends):
                found[(a, b) if a < b else (b, a)].append(number)
    return found


def touching(blocks: Sequence[Polygon]) -> dict[int, dict[int, float]]:
    """Return for each block its neighbours with the length of the shared border in metres."""
    found: dict[int, dict[int, float]] = {number: {} for number in range(len(blocks))}
    for (a, b), sides in edges(blocks).items():
        if len(sides) == 2:
            length = float(np.hypot(a[0] - b[0], a[1] - b[1]))
            for one, other in (sides, sides[::-1]):
                found[one][other] = found[one].get(other, 0.0) + length
    return found


def _best_host(
    blocks: list[Polygon], number: int, shared: dict[int, float], mains: BaseGeometry
) -> int:
    """Return the neighbour with the longest border that no main road runs along."""

    def worth(other: int) -> float:
        border = blocks[number].boundary.intersection(blocks[other].boundary)
        return shared[other] * (0.01 if border.difference(mains).length < 5 else 1.0)

    return max(sorted(shared), key=worth)


def _merge_slivers(blocks: list[Polygon], sketch: Sketch) -> list[Polygon]:
    """Join what is too small or too thin for a block to a neighbour, smallest first."""
    mains = shapely.union_all(list(sketch.mains.values())).buffer(1.0)
    shapely.prepare(mains)
    merged = True
    while merged:
        around = touching(blocks)
        poor = [
            number
            for number, block in enumerate(blocks)
            if block.area < sketch.smallest or 2 * block.area / block.length < sketch.thin
        ]
        gone: set[int] = set()
        joint: list[Polygon] = []
        for number in sorted(poor, key=lambda n: (blocks[n].area, n)):
            if number in gone or not around[number]:
                continue
            other = _best_host(blocks, number, around[number], mains)
            joined = shapely.coverage_union_all([blocks[number], blocks[other]])
            if other not in gone and joined.geom_type == "Polygon" and not joined.interiors:
                gone |= {number, other}
                joint.append(joined)
        merged = bool(joint)
        blocks = [block for n, block in enumerate(blocks) if n not in gone] + joint
    return blocks


def _straight_on(cuts: list[LineString]) -> list[int]:
    """Return for each cut the number of its street: cuts that go straight on share one."""
    street = list(range(len(cuts)))

    def root(number: int) -> int:
        while street[number] != number:
            number = street[number]
        return number

    meeting: dict[tuple[float, float], list[tuple[int, float]]] = defaultdict(list)
    for number, line in enumerate(cuts):
        ends = np.asarray(line.coords)
        for here, towards in ((ends[0], ends[1]), (ends[-1], ends[-2])):
            way = towards - here
            spot = (round(float(here[0]), 1), round(float(here[1]), 1))
            meeting[spot].append((number, float(np.arctan2(way[1], way[0]))))
    for spot in sorted(meeting):
        free = meeting[spot]
        while len(free) > 1:
            (one, heading), rest = free[0], free[1:]
            bends = [abs((other - heading + 2 * np.pi) % (2 * np.pi) - np.pi) for _, other in rest]
            best = int(np.argmin(bends))
            if bends[best] < STREET_ANGLE:
                street[root(rest[best][0])] = root(one)
                rest.pop(best)
            free = rest
    return [root(number) for number in range(len(cuts))]


def _streets(
    blocks: list[Polygon], open_land: list[str], sketch: Sketch, cuts: list[LineString]
) -> list[Street]:
    names = list(sketch.mains)
    lines = [*sketch.mains.values(), *cuts]
    group = [*range(len(names)), *(len(names) + number for number in _straight_on(cuts))]
    inner = {ends: sides for ends, sides in edges(blocks).items() if len(sides) == 2}
    middles = shapely.points([((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in inner])
    tree = shapely.STRtree(lines)
    owner: dict[int, int] = {}
    for segment, line in tree.query_nearest(middles, all_matches=True).T:
        owner[int(segment)] = min(owner.get(int(segment), len(lines)), int(line))
    pieces: dict[tuple[int, bool], list[LineString]] = defaultdict(list)
    for segment, (ends, sides) in enumerate(inner.items()):
        number = group[owner[segment]]
        wild = all(open_land[side] for side in sides) and number >= len(names)
        pieces[(number, wild)].append(LineString(ends))
    streets = []
    for (number, wild), parts in sorted(pieces.items()):
        main = names[number] if number < len(names) else ""
        kind = "main" if main else "path" if wild else "residential"
        streets.append(Street(shapely.line_merge(shapely.union_all(parts)), kind, main))
    return streets


def draw(sketch: Sketch, rng: np.random.Generator) -> Town:
    """Return the town of ``sketch``: the same for the same seed of ``rng``."""
    first = [sketch.outline.exterior, *sketch.mains.values()]
    inside = [f for f in _polygons(first) if sketch.outline.contains(f.representative_point())]
    cuts = _subdivide(inside, sketch, rng)
    faces = _polygons([*(face.boundary for face in inside), *cuts])
    blocks = [face for face in faces if sketch.outline.contains(face.representative_point())]
    blocks = _merge_slivers(blocks, sketch)
    blocks = [shapely.normalize(block) for block in blocks]
    blocks.sort(key=lambda block: (-block.centroid.y, block.centroid.x))
    open_land = []
    for block in blocks:
        heart = block.representative_point()
        inside_of = [n for n, land in sketch.open_land.items() if land.contains(heart)]
        open_land.append(inside_of[0] if inside_of else "")
    neighbours = {number: sorted(others) for number, others in touching(blocks).items()}
    streets = _streets(blocks, open_land, sketch, cuts)
    outline = shapely.coverage_union_all(blocks)
    return Town(outline, blocks, open_land, streets, neighbours)
