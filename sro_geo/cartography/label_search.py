"""Where the names of areas stand: inside their area, or beside it with a line to it.

All in units of the sheet, y pointing down. For each area a lattice says which of its
points are inside; sums over the lattice then answer for every place at once whether a
label of some size lies wholly inside. The place found is checked exactly before it is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage

from sro_geo.cartography.lines_and_boxes import clear_grid, crossed, on_boxes

Floats = npt.NDArray[np.float64]

# Lattice points in the bounding box of one area, and the finest and coarsest step.
_POINTS, _FINEST, _COARSEST = 5000, 1.5, 4.0
# Places tried exactly before the next size is tried.
_TRIES = 12
# What a symbol below a label costs, beside 1 for a label at the very border of its area.
_SYMBOL = 0.3
_WATER = 0.35
# Lattice of places beside the areas, and what each unit of the line to a label costs there.
_BESIDE_STEP = 9.0
_LINE = 0.01
_ON_CITY = 1.1
_GAP = 4.0
# Places beside an area that are checked exactly, and how many of them at once.
_MOST_BESIDE, _AT_ONCE = 6000, 60


@dataclass(frozen=True)
class Wanted:
    """One label: its area, and the sizes it may have, best first.

    Parameters
    ----------
    shape
        The area in units of the sheet.
    sizes
        Width and height of each way to write it.
    beside, last
        Which of the sizes are for a place beside the area, and which are for inside where
        there is no such place either; best first. All others are for inside.
    margin
        Distance kept from the border of the area.
    """

    area_id: str
    shape: shapely.Geometry
    sizes: tuple[tuple[float, float], ...]
    beside: tuple[int, ...] = ()
    margin: float = 3.0
    last: tuple[int, ...] = ()


@dataclass(frozen=True)
class Place:
    """The middle of a label, which size it has, and where its line ends (None: it is inside)."""

    x: float
    y: float
    size: int
    line_to: tuple[float, float] | None = None


class Field:
    """The lattice of one area."""

    def __init__(self, shape: shapely.Geometry) -> None:
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
        self.polygon = max(parts, key=lambda p: p.area) if parts else shapely.Polygon()
        if self.polygon.is_empty:
            self.pole = (0.0, 0.0)
            return
        shapely.prepare(self.polygon)
        west, north, east, south = self.polygon.bounds
        step = math.sqrt(max((east - west) * (south - north), 1.0) / _POINTS)
        self.step = min(max(step, _FINEST), _COARSEST)
        self.x = np.arange(west, east + self.step, self.step)
        self.y = np.arange(north, south + self.step, self.step)
        inside = shapely.contains_xy(self.polygon, *np.meshgrid(self.x, self.y))
        self.sums = _sums(inside)
        deep = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(int(np.argmax(deep)), deep.shape)
        self.pole = (float(self.x[column]), float(self.y[row]))

    def inside(self, width: float, height: float) -> tuple[npt.NDArray[np.bool_], float, float]:
        """Return where a box has room, and how far its middle is from that corner."""
        across = math.ceil(width / self.step) + 1
        down = math.ceil(height / self.step) + 1
        if self.polygon.is_empty or across >= len(self.x) or down >= len(self.y):
            return np.zeros((0, 0), bool), 0.0, 0.0
        found = _boxes(self.sums, across + 1, down + 1) == (across + 1) * (down + 1)
        return found, across * self.step / 2, down * self.step / 2

    def has_room(self, width: float, height: float) -> bool:
        """Tell whether a box of that size seems to lie inside anywhere."""
        return not self.polygon.is_empty and bool(self.inside(width, height)[0].any())


def _sums(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int64)
    sums[1:, 1:] = mask.cumsum(0).cumsum(1)
    return sums


def _boxes(sums: npt.NDArray[np.int64], across: int, down: int) -> npt.NDArray[np.int64]:
    """Return the sum over the box that begins at each point of the lattice."""
    return (
        sums[down:, across:]
        - sums[:-down, across:]
        - sums[down:, :-across]
        + sums[:-down, :-across]
    )


def search(
    wanted: Sequence[Wanted],
    fields: Sequence[Field],
    frame: tuple[float, float, float, float],
    *,
    taken: Sequence[tuple[float, float, float, float]] = (),
    symbols: Floats | None = None,
    symbol_radius: float = 8.0,
    water: shapely.Geometry | None = None,
    lines: bool = True,
) -> list[Place | None]:
    """Return the place of each label; None where there is room for none at all.

    Parameters
    ----------
    fields
        Lattice of each area, as in ``wanted``.
    frame
        x0, y0, x1, y1 of the map: no label leaves it.
    taken
        Boxes that stay free: scale bar, north arrow.
    symbols
        (n, 2) places of symbols; a label above one is possible but avoided.
    water
        Avoided if there is room elsewhere.
    lines
        Whether a label may stand beside its area with a line to it.
    """
    points = np.empty((0, 2)) if symbols is None else symbols
    boxes = [tuple(float(v) for v in box) for box in taken]
    places: list[Place | None] = [None] * len(wanted)
    for i, (want, field) in enumerate(zip(wanted, fields, strict=True)):
        if field.polygon.is_empty:
            continue
        own = [k for k in range(len(want.sizes)) if k not in {*want.beside, *want.last}]
        place = _inside(want, own, field, frame, boxes, points, symbol_radius, water)
        if place is not None:
            places[i] = place
            boxes.append(_box(place, want))
    segments: list[tuple[float, ...]] = []
    beside = (wanted, fields, places, frame, boxes, segments, points, symbol_radius)
    if lines:
        _beside_all(*beside, crossing=None)
    for i, (want, field) in enumerate(zip(wanted, fields, strict=True)):
        if places[i] is None and not field.polygon.is_empty:
            place = _inside(want, want.last, field, frame, boxes, points, symbol_radius, water)
            if place is not None:
                places[i] = place
                boxes.append(_box(place, want))
    # A line across another one is better than no name.
    if lines:
        _beside_all(*beside, crossing=len(taken))
    return places


def _box(place: Place, want: Wanted) -> tuple[float, float, float, float]:
    width, height = want.sizes[place.size]
    return (
        place.x - width / 2, place.y - height / 2, place.x + width / 2, place.y + height / 2,
    )  # fmt: skip


def _holds(box: tuple[float, ...], point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _free(
    x: Floats, y: Floats, width: float, height: float, boxes: Sequence[tuple[float, ...]]
) -> npt.NDArray[np.bool_]:
    """Tell of each middle whether its box keeps clear of all ``boxes``."""
    if not boxes:
        return np.ones(len(x), bool)
    x0, y0, x1, y1 = np.array(boxes, float).T
    w, h = width / 2 + _GAP, height / 2 + _GAP
    hit = (
        (x[:, None] - w < x1) & (x[:, None] + w > x0) & (y[:, None] - h < y1)
        & (y[:, None] + h > y0)
    )  # fmt: skip
    return np.asarray(~hit.any(axis=1))


def _covered(
    x: Floats, y: Floats, width: float, height: float, points: Floats, radius: float
) -> Floats:
    """Return how many symbols the box around each middle touches."""
    if not len(points):
        return np.zeros(len(x))
    near = (np.abs(x[:, None] - points[:, 0]) < width / 2 + radius) & (
        np.abs(y[:, None] - points[:, 1]) < height / 2 + radius
    )
    return np.asarray(near.sum(axis=1), float)


def _inside(
    want: Wanted,
    sizes: Sequence[int],
    field: Field,
    frame: tuple[float, float, float, float],
    boxes: Sequence[tuple[float, ...]],
    points: Floats,
    radius: float,
    water: shapely.Geometry | None,
) -> Place | None:
    west, north, east, south = field.polygon.bounds
    if len(points):
        r = radius
        near = (points[:, 0] > west - r) & (points[:, 0] < east + r)
        near &= (points[:, 1] > north - r) & (points[:, 1] < south + r)
        points = points[near]
    wet = None
    if water is not None and not water.is_empty:
        wet = shapely.clip_by_rect(water, west, north, east, south)
        wet = None if wet.is_empty else wet
    for size in sizes:
        width, height = want.sizes[size]
        wide, high = width + 2 * want.margin, height + 2 * want.margin
        room, right, down = field.inside(wide, high)
        if not room.any():
            continue
        rows, columns = np.nonzero(room)
        depth = ndimage.distance_transform_edt(np.pad(room, 1))[1:-1, 1:-1][rows, columns]
        x, y = field.x[columns] + right, field.y[rows] + down
        ok = (x - width / 2 > frame[0]) & (x + width / 2 < frame[2])
        ok &= (y - height / 2 > frame[1]) & (y + height / 2 < frame[3])
        ok &= _free(x, y, width, height, boxes)
        if not ok.any():
            continue
        x, y, depth = x[ok], y[ok], depth[ok]
        away = np.hypot(x - field.pole[0], y - field.pole[1]) / math.sqrt(field.polygon.area)
        cost = away - depth / depth.max() + _SYMBOL * _covered(x, y, width, height, points, radius)
        if wet is not None:
            best = np.argsort(cost)[:: max(1, len(cost) // 150)]
            cost, x, y = cost[best], x[best], y[best]
            own = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            cost = cost + _WATER * (
                shapely.area(shapely.intersection(own, wet)) > width * height * 0.08
            )
        for k in np.argsort(cost)[:_TRIES]:
            box = shapely.box(x[k] - wide / 2, y[k] - high / 2, x[k] + wide / 2, y[k] + high / 2)
            if field.polygon.contains(box):
                return Place(float(x[k]), float(y[k]), size)
    return None


def _beside_all(
    wanted: Sequence[Wanted],
    fields: Sequence[Field],
    places: list[Place | None],
    frame: tuple[float, float, float, float],
    boxes: list[tuple[float, ...]],
    segments: list[tuple[float, ...]],
    points: Floats,
    radius: float,
    crossing: int | None,
) -> None:
    """Fill ``places`` that are still empty with places beside the areas."""
    left = [i for i, p in enumerate(places) if p is None and not fields[i].polygon.is_empty]
    if not left:
        return
    # A lattice of the whole frame: which points lie in an area.
    x = np.arange(frame[0], frame[2] + _BESIDE_STEP, _BESIDE_STEP)
    y = np.arange(frame[1], frame[3] + _BESIDE_STEP, _BESIDE_STEP)
    across, down = np.meshgrid(x, y)
    city = shapely.union_all([f.polygon.buffer(1.0) for f in fields if not f.polygon.is_empty])
    shapely.prepare(city)
    sums = _sums(shapely.contains_xy(city, across, down))
    # What is far from the rim has the fewest places: it comes first.
    rim = city.boundary
    left.sort(key=lambda i: -shapely.distance(rim, shapely.Point(fields[i].pole)))
    for i in left:
        for size in wanted[i].beside:
            width, height = wanted[i].sizes[size]
            place, line = _beside(
                fields[i].pole, width, height, size, (x, y, sums), frame, boxes, segments, points,
                radius, crossing,
            )  # fmt: skip
            if place is not None and line is not None:
                places[i] = place
                boxes.append(_box(place, wanted[i]))
                segments.append(line)
                break


def _beside(
    pole: tuple[float, float],
    width: float,
    height: float,
    size: int,
    lattice: tuple[Floats, Floats, npt.NDArray[np.int64]],
    frame: tuple[float, float, float, float],
    boxes: Sequence[tuple[float, ...]],
    segments: Sequence[tuple[float, ...]],
    points: Floats,
    radius: float,
    crossing: int | None,
) -> tuple[Place | None, tuple[float, ...] | None]:
    """Return the best place beside an area.

    With ``crossing`` its line may cross other lines, and so many of the first boxes.
    """
    xs, ys, sums = lattice
    across, down = math.ceil(width / _BESIDE_STEP), math.ceil(height / _BESIDE_STEP)
    if across + 1 >= len(xs) or down + 1 >= len(ys):
        return None, None
    share = _boxes(sums, across + 1, down + 1) / ((across + 1) * (down + 1))
    middle_x = xs[: share.shape[1]] + across * _BESIDE_STEP / 2
    middle_y = ys[: share.shape[0]] + down * _BESIDE_STEP / 2
    ok = clear_grid(middle_x, middle_y, width / 2 + _GAP, height / 2 + _GAP, boxes)
    ok &= (middle_x - width / 2 >= frame[0] + _GAP) & (middle_x + width / 2 <= frame[2] - _GAP)
    ok &= ((middle_y - height / 2 >= frame[1] + _GAP) & (middle_y + height / 2 <= frame[3] - _GAP))[
        :, None
    ]
    # The point the line leads to stays free, and so does a little around it.
    ok &= (np.abs(middle_x - pole[0]) > width / 2 + 8) | (
        np.abs(middle_y - pole[1]) > height / 2 + 8
    )[:, None]
    rows, columns = np.nonzero(ok)
    x, y, on_city = middle_x[columns], middle_y[rows], share[rows, columns]
    if not len(x):
        return None, None
    start_x = np.clip(pole[0], x - width / 2, x + width / 2)
    start_y = np.clip(pole[1], y - height / 2, y + height / 2)
    long = np.hypot(pole[0] - start_x, pole[1] - start_y)
    cost = (
        _LINE * long + _ON_CITY * on_city + _SYMBOL * _covered(x, y, width, height, points, radius)
    )
    order = np.argsort(cost, kind="stable")
    # What stands where the line ends (the area's own circle) is no hindrance.
    walls = [b for b in boxes[crossing or 0 :] if not _holds(b, pole)]
    across_walls = np.array(walls, float).reshape(-1, 4)
    drawn = np.array(segments, float).reshape(-1, 4)
    second: tuple[Place, tuple[float, ...]] | None = None
    # The best places come first; most often one of the first is clear.
    for begin in range(0, min(len(order), _MOST_BESIDE), _AT_ONCE):
        some = order[begin : begin + _AT_ONCE]
        ends = np.tile(pole, (len(some), 1))
        lines = np.column_stack([start_x[some], start_y[some], ends])
        own = np.column_stack(
            [x[some] - width / 2 - 1, y[some] - height / 2 - 1,
             x[some] + width / 2 + 1, y[some] + height / 2 + 1]
        )  # fmt: skip
        clear = ~on_boxes(lines, across_walls).any(axis=1)
        clear &= ~on_boxes(drawn, own).any(axis=0)
        for uncrossed in (True, False):
            fine = clear & ~crossed(lines, drawn).any(axis=1) if uncrossed else clear
            if not fine.any() or (not uncrossed and second is not None):
                continue
            first = int(np.argmax(fine))
            k = some[first]
            found = Place(float(x[k]), float(y[k]), size, pole), tuple(lines[first].tolist())
            if uncrossed:
                return found
            second = found
    return (None, None) if second is None or crossing is None else second
