"""Labels of every kind of sheet: inside their area or with a line to it, none on another."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
import shapely

from sro_geo.cartography import palette
from sro_geo.cartography.sheet import SIZES, Box, MapSheet
from tests.cartography import sheet_towns as towns
from tests.cartography.sheet_kinds import KINDS

OWN = {
    "districts": towns.shipped,
    "spaces": lambda: towns.shipped("social_space"),
    "sixty": towns.invented,
}
REAL = {"norderstedt": towns.norderstedt, "flensburg": towns.flensburg}
# Kinds that name every area of the town.
ALL_NAMED = {"area", "circle", "change", "coverage", "offers"}
_LINE = re.compile(r'<path d="M([\d.-]+) ([\d.-]+)L([\d.-]+) ([\d.-]+)" stroke="#fff"')
_CIRCLE = re.compile(rf'<circle cx="([\d.-]+)" cy="([\d.-]+)" r="([\d.]+)" fill="{palette.CIRCLE}"')


def shape(path: str) -> shapely.Geometry:
    """The area that a path of lines encloses."""
    out = shapely.Polygon()
    for ring in path.split("Z"):
        points = [tuple(map(float, p.split())) for p in re.findall(r"[\d.-]+ [\d.-]+", ring)]
        if len(points) > 2:
            out = out.symmetric_difference(shapely.Polygon(points).buffer(0))
    return out


def faults(sheet: MapSheet) -> list[str]:
    """What is wrong with the labels of a sheet, read from its drawing and its boxes alone."""
    found = []
    shapes: dict[str, list[shapely.Geometry]] = {}
    for spot in sheet.spots:
        # Outlines to point at are a little coarser than those drawn.
        shapes.setdefault(spot.area_id, []).append(shape(spot.path).buffer(1.2))
    boxes = [(b, shapely.box(b.x0, b.y0, b.x1, b.y1)) for b in sheet.label_boxes]
    for (a, one), (b, other) in combinations(boxes, 2):
        if one.intersects(other):
            found.append(f"{a.area_id} on {b.area_id}")
    for b, box in boxes:
        if not b.leader and not any(s.contains(box) for s in shapes[b.area_id]):
            found.append(f"{b.area_id} outside")
        if b.x0 < 0 or b.y0 < 0 or b.x1 > sheet.width or b.y1 > sheet.height:
            found.append(f"{b.area_id} off the sheet")
    lines = [tuple(map(float, m)) for m in _LINE.findall(sheet.svg)]
    for b, _ in boxes:
        own = [
            line for line in lines
            if b.x0 - 0.1 <= line[0] <= b.x1 + 0.1 and b.y0 - 0.1 <= line[1] <= b.y1 + 0.1
        ]  # fmt: skip
        ends = [shapely.Point(line[2:]) for line in own]
        if b.leader and not any(s.contains(end) for s in shapes[b.area_id] for end in ends):
            found.append(f"{b.area_id} without a line into it")
    circles = [
        shapely.Point(float(x), float(y)).buffer(float(r)) for x, y, r in _CIRCLE.findall(sheet.svg)
    ]
    if sheet.frame:
        x, y, wide, high = sheet.frame
        on_map = shapely.box(x, y, x + wide, y + high)
        circles = [c for c in circles if on_map.contains(c.centroid)]
    for b, box in boxes:
        if any(c.intersection(box).area > 1 for c in circles):
            found.append(f"{b.area_id} under a circle")
    return found


def check(sheet: MapSheet, kind: str, count: int) -> None:
    """No fault; every area named where the kind names all."""
    assert [] == faults(sheet)
    named = [b.area_id for b in sheet.label_boxes]
    if kind in ALL_NAMED:
        assert count == len(named) == len(set(named))
    elif kind == "before_after":
        assert 4 == len(named)
    else:
        assert named


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("town", OWN)
def test_labels_hold_their_rule(town: str, kind: str) -> None:
    """The shipped city on both its levels and a city of sixty spaces, on a slide."""
    own = OWN[town]()
    check(KINDS[kind](own, "16:9"), kind, len(own.areas))


@pytest.mark.parametrize("size", [s for s in SIZES if s != "16:9"])
@pytest.mark.parametrize("kind", KINDS)
def test_labels_hold_their_rule_on_paper(kind: str, size: str) -> None:
    """A whole page and half a page, the districts of the shipped city."""
    own = towns.shipped()
    check(KINDS[kind](own, size), kind, len(own.areas))


@pytest.mark.realdata
@pytest.mark.skipif(not towns.REAL.is_dir(), reason="SRO_REALDATA is not set")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("town", REAL)
def test_labels_hold_their_rule_in_real_towns(town: str, kind: str) -> None:
    """The outline of Norderstedt with invented spaces, the thirteen districts of Flensburg."""
    own = REAL[town]()
    check(KINDS[kind](own, "16:9"), kind, len(own.areas))


def test_the_rule_is_really_looked_at() -> None:
    """A label moved onto another, out of its area, off the sheet; a line taken away."""
    sheet = KINDS["area"](towns.shipped(), "16:9")
    inside = [b for b in sheet.label_boxes if not b.leader]
    beside = next(b for b in sheet.label_boxes if b.leader)

    def moved(box: Box, x: float, y: float) -> MapSheet:
        other = replace(box, x0=box.x0 + x, x1=box.x1 + x, y0=box.y0 + y, y1=box.y1 + y)
        boxes = tuple(other if b is box else b for b in sheet.label_boxes)
        return replace(sheet, label_boxes=boxes)

    one, other = next(pairwise(inside))
    onto = moved(one, other.x0 - one.x0, other.y0 - one.y0)
    assert {f"{one.area_id} on {other.area_id}", f"{one.area_id} outside"} <= set(faults(onto))
    assert f"{one.area_id} outside" in faults(moved(one, 60, 0))
    assert f"{one.area_id} off the sheet" in faults(moved(one, -900, 0))
    bare = replace(sheet, svg=_LINE.sub("<path ", sheet.svg))
    assert f"{beside.area_id} without a line into it" in faults(bare)
    circles = KINDS["circle"](towns.shipped("social_space"), "16:9")
    high = next(b for b in circles.label_boxes if b.area_id != "nord-west")
    lower = replace(high, y0=high.y0 - 30)
    covered = replace(circles, label_boxes=(lower,))
    assert any("under a circle" in f for f in faults(covered))
