"""Labels: inside their area, or beside it with a line; never on one another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

from sro_geo.cartography.label_search import Field, Place, Wanted, search
from sro_geo.cartography.text_widths import shortened, text_width, wrapped
from tests.cartography import font_widths

FRAME = (0.0, 0.0, 800.0, 560.0)


def found(wanted, **more):
    """Search places for ``wanted``."""
    return search(wanted, [Field(w.shape) for w in wanted], FRAME, **more)


def box_of(place: Place, want: Wanted):
    """The box of a label."""
    width, height = want.sizes[place.size]
    return shapely.box(
        place.x - width / 2, place.y - height / 2, place.x + width / 2, place.y + height / 2
    )


def test_a_label_stands_in_the_middle_of_a_square():
    """100 by 20 in a square of 200: the middle, to the step of the lattice."""
    (place,) = found([Wanted("a", shapely.box(100, 100, 300, 300), ((100, 20),))])
    assert place is not None and place.line_to is None
    assert (place.x, place.y) == pytest.approx((200, 200), abs=6)


def test_a_label_keeps_off_a_symbol_and_off_water():
    """Both in the left half: the label stands right of them."""
    square = shapely.box(100, 100, 400, 300)
    symbols = np.array([[180.0, 190.0], [200.0, 210.0], [220.0, 200.0]])
    water = shapely.box(100, 190, 240, 220)
    want = Wanted("a", square, ((90, 30),))
    (place,) = found([want], symbols=symbols, water=water)
    own = box_of(place, want)
    assert own.intersection(water).area <= 0.08 * own.area
    assert not any(own.buffer(6).contains(shapely.Point(*s)) for s in symbols)


def test_what_does_not_fit_stands_beside_with_a_line():
    """A label of 80 for an area of 40: beside it, clear of the neighbour's label."""
    small, large = shapely.box(300, 200, 340, 240), shapely.box(340, 200, 640, 400)
    wanted = [
        Wanted("small", small, ((80, 20), (84, 24)), (1,)),
        Wanted("large", large, ((120, 40),)),
    ]
    beside, inside = found(wanted)
    assert inside.line_to is None
    assert small.contains(shapely.Point(beside.line_to))
    assert not box_of(beside, wanted[0]).intersects(box_of(inside, wanted[1]))
    assert found(wanted, lines=False)[0] is None


def test_nothing_stands_on_what_is_taken_or_beyond_the_frame():
    """The scale bar takes the lower half: the label is above it and on the map."""
    want = Wanted("a", shapely.box(700, 100, 900, 300), ((90, 30),))
    (place,) = found([want], taken=[(0, 200, 800, 560)])
    own = box_of(place, want)
    assert own.bounds[3] <= 200 and own.bounds[2] <= FRAME[2]


def test_an_area_without_a_shape_has_no_label():
    """Empty, and a line without area."""
    line = shapely.LineString([(0, 0), (9, 9)])
    assert found([Wanted("a", s, ((9, 9),)) for s in (shapely.Polygon(), line)]) == [None, None]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 30))
def test_random_towns_hold_the_rule(seed, count):
    """Inside or with a line, no two on one another, no line through a label."""
    rng = np.random.default_rng(seed)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(rng.uniform(150, 450, (count, 2))))
    )
    cells = [shapely.intersection(c, shapely.box(100, 100, 600, 480)) for c in cells]
    wanted = [
        Wanted(str(i), c, ((w, 36), (w * 0.6, 22), (w * 0.7 + 8, 20)), (2,))
        for i, (c, w) in enumerate(zip(cells, rng.uniform(40, 130, len(cells)), strict=True))
    ]
    places = found(wanted)
    boxes = []
    for place, want in zip(places, wanted, strict=True):
        if place is None:
            continue
        own = box_of(place, want)
        assert shapely.box(*FRAME).covers(own)
        if place.line_to is None:
            assert want.shape.contains(own)
        else:
            assert want.shape.buffer(1e-6).covers(shapely.Point(place.line_to))
            near = shapely.ops.nearest_points(own, shapely.Point(place.line_to))[0]
            boxes.append((None, shapely.LineString([near, place.line_to])))
        boxes.append((want.area_id, own))
    labels = [b for a, b in boxes if a is not None]
    assert not any(a.intersects(b) for a, b in combinations(labels, 2))


@pytest.mark.parametrize("bold", [False, True])
def test_text_is_never_wider_than_said_in_either_font(bold):
    """Names in Source Sans and in the font as wide as Arial; kerning only makes them narrower."""
    if not font_widths.LIBERATION.exists():
        pytest.skip("the font is not installed")
    for words in (
        "Mühlenberg-Südwest",
        "Fälle je 1.000 unter 21-Jährige",
        "AVAWA Toß 38 %",
        "n. a.",
    ):
        said = text_width(words, 100, bold=bold)
        for font in (font_widths.source_sans(bold), font_widths.liberation_sans(bold)):
            measured = font.getlength(words) / 10
            assert measured <= said + 0.5
        assert said <= 1.3 * max(
            f(bold).getlength(words) / 10
            for f in (font_widths.source_sans, font_widths.liberation_sans)
        )


def test_long_words_are_wrapped_and_cut_with_an_ellipsis():
    """Two lines at most, none wider than the room; one word too long is cut."""
    lines = wrapped("Ein sehr langer Titel, der nicht auf eine Zeile geht " * 5, 20, 300, most=2)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert all(text_width(line, 20) <= 300 for line in lines)
    assert shortened("Donaudampfschifffahrt", 20, 60).endswith("…")
    assert wrapped("", 20, 300) == ()
