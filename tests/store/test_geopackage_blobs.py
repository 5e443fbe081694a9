"""GeoPackage blobs: whatever goes in comes out, and GDAL's own variants are understood."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.store.geometry import SQL_FUNCTIONS, WrongKind, decode, encode, promote

metres = st.floats(-1e7, 1e7)
points = st.builds(shapely.Point, metres, metres)
lines = st.lists(st.tuples(metres, metres), min_size=2, max_size=6).map(shapely.LineString)
boxes = st.tuples(metres, metres, st.floats(1, 1e4), st.floats(1, 1e4)).map(
    lambda box: shapely.box(box[0], box[1], box[0] + box[2], box[1] + box[3])
)
singles = points | lines | boxes
anything = singles | st.lists(singles, min_size=1, max_size=3).map(shapely.GeometryCollection)


@given(st.lists(anything | st.none(), max_size=6))
def test_any_geometry_comes_back_exactly(geometries):
    """To the last bit, in order, with the gaps."""
    back = decode(encode(promote(geometries, "any"), 25832))
    assert len(back) == len(geometries)
    for before, after in zip(geometries, back, strict=True):
        assert before is after is None or shapely.equals_identical(before, after)


@given(anything)
def test_the_triggers_see_the_bounds(geometry):
    """ST_MinX and the others read header, point or WKB alike, GDAL's bare blobs included."""
    blob = encode(promote([geometry], "any"), 25832)[0]
    bare = struct.pack("<2sBBi", b"GP", 0, 1, 25832) + shapely.to_wkb(geometry, byte_order=0)
    west, south, east, north = shapely.bounds(geometry)
    expected = {"ST_MinX": west, "ST_MaxX": east, "ST_MinY": south, "ST_MaxY": north}
    for name, value in expected.items():
        assert SQL_FUNCTIONS[name](blob) == value
        assert SQL_FUNCTIONS[name](bare) == value
    assert SQL_FUNCTIONS["ST_IsEmpty"](blob) == 0


@given(st.lists(boxes, min_size=1, max_size=4), st.lists(lines, min_size=1, max_size=4))
def test_single_parts_are_promoted(polygons, strings):
    """A layer has one type; the shape stays the same."""
    for kind, singles_of, name in (
        ("area", polygons, "MultiPolygon"),
        ("line", strings, "MultiLineString"),
    ):
        out = promote([*singles_of, None], kind)
        assert {geometry.geom_type for geometry in out[:-1]} == {name}
        assert all(multi.geoms[0] == one for multi, one in zip(out, singles_of, strict=False))


def test_the_input_is_left_alone():
    """Promoting works on a copy."""
    given_geometries = np.array([shapely.box(0, 0, 1, 1), shapely.Point()], dtype=object)
    promote(given_geometries, "any")
    assert given_geometries[1] is not None


@pytest.mark.parametrize("kind", ["area", "line", "point"])
def test_the_wrong_kind_is_named_with_its_place(kind):
    """The first misfit, by position."""
    with pytest.raises(WrongKind) as raised:
        promote([None, shapely.MultiPoint([(0, 0), (1, 1)])], kind)
    assert (raised.value.position, raised.value.found) == (1, "MultiPoint")


@pytest.mark.parametrize("blob", [b"", b"GP", b"XX\x00\x01\x00\x00\x00\x00", b"GP\x00\xff1234"])
def test_a_broken_blob_is_an_error(blob):
    """Never a wrong shape."""
    with pytest.raises((ValueError, shapely.errors.ShapelyError)):
        decode([blob])
