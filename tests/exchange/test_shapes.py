"""GeoJSON: what is wrong with shapes, where they lie, and whether they tile the city."""

import json

import pytest
import shapely

from tests.exchange.files import (
    CITY,
    KNOWN,
    TOY,
    codes,
    degrees,
    geojson_bytes,
    point,
    square,
    take,
)
from tests.toy import ORIGIN, shipped_city

ID = {"block_id": "1", "social_space_id": "A", "statistical_district_id": "a"}


def blocks(*geometries, crs=None, **more):
    """Prepare blocks of these geometries."""
    features = [({**ID, "block_id": str(i + 1)}, g) for i, g in enumerate(geometries)]
    return take("blocks", geojson_bytes(features, crs), "a.geojson", **more)


def ring(*corners):
    """Return a polygon of corners in metres from the origin, as they are given."""
    return {"type": "Polygon", "coordinates": [[list(degrees(x, y)) for x, y in corners]]}


def metres(side=100):
    """Return a square in EPSG:25832."""
    x, y = ORIGIN
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return {"type": "Polygon", "coordinates": [[list(c) for c in corners]]}


def test_squares_that_tile_are_taken_in():
    """In the city's CRS, with their area."""
    prepared = blocks(square(0, 0), square(100, 0))
    frame = prepared.frames["blocks"]
    assert prepared.faults == ()
    assert (str(frame.crs), list(frame["area_km2"].round(4))) == ("EPSG:25832", [0.01, 0.01])
    assert list(frame["social_space_id"]) == ["A", "A"]


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:EPSG::25832", "EPSG:25832", "urn:ogc:def:crs:EPSG:9.9:25832"]
)
def test_the_crs_a_file_states_is_honoured(name):
    """In the forms programs write it."""
    prepared = blocks(metres(), crs=name)
    assert (prepared.faults, prepared.crs) == ((), "EPSG:25832")
    assert prepared.frames["blocks"].area.round(3).to_list() == [10000]


def test_a_crs_that_is_a_path_is_never_followed():
    """Only codes are looked up."""
    for name in ("/etc/passwd", "+proj=pipeline +step +proj=hgridshift +grids=@x", "EPSG:999999"):
        assert "crs_unknown" in codes(blocks(square(0, 0), crs=name), "error")


def test_metres_labelled_degrees_are_offered_as_a_repair():
    """GeoJSON without a crs means degrees."""
    prepared = blocks(metres())
    assert (codes(prepared, "repair"), prepared.refused) == (["crs_metres"], True)
    consented = blocks(metres(), repair=True)
    assert (consented.refused, consented.crs) == (False, "EPSG:25832")
    assert consented.frames["blocks"].area.round(3).to_list() == [10000]


def test_degrees_labelled_metres_are_offered_as_a_repair():
    """The other way round."""
    assert codes(blocks(square(0, 0), crs="EPSG:25832"), "repair") == ["crs_degrees"]


def test_gauss_krueger_labelled_degrees_is_recognised():
    """EPSG:31467 with its false easting of 3,500,000."""
    import pyproj

    move = pyproj.Transformer.from_crs(25832, 31467, always_xy=True)
    corners = [list(move.transform(*c)) for c in metres()["coordinates"][0]]
    prepared = blocks({"type": "Polygon", "coordinates": [corners]})
    (fault,) = prepared.faults
    assert (fault.code, fault.params["crs"]) == ("crs_metres", "EPSG:31467")


def test_metres_that_fit_nowhere_are_an_error():
    """The user has to name the CRS."""
    shape = {"type": "Polygon", "coordinates": [[[9e6, 9e6], [9e6 + 9, 9e6], [9e6, 9e6 + 9]]]}
    assert "crs_unrecognised" in codes(blocks(shape), "error")


def test_swapped_axes_are_offered_as_a_repair():
    """Latitude first."""
    swapped = square(0, 0)
    swapped["coordinates"] = [[[y, x] for x, y in swapped["coordinates"][0]]]
    prepared = blocks(swapped, square(100, 0))
    (fault,) = prepared.faults
    assert (fault.code, fault.severity, fault.row) == ("coordinates_swapped", "repair", 1)
    assert blocks(swapped, repair=True).frames["blocks"].area.round().to_list() == [10000]


def test_shapes_beyond_the_bounds_are_listed():
    """Each with where it lies."""
    far = ring((50_000, 0), (50_100, 0), (50_100, 100), (50_000, 0))
    prepared = blocks(square(0, 0), far)
    assert [(f.code, f.row) for f in prepared.faults] == [("outside_bounds", 2)]


def test_a_city_without_bounds_has_nothing_outside():
    """Nobody said where it ends."""
    far = ring((50_000, 0), (50_100, 0), (50_100, 100), (50_000, 0))
    assert blocks(far, city=shipped_city(bounds=None)).faults == ()


def test_a_bow_tie_is_mended_with_consent():
    """Two triangles, and the place of the fault is said."""
    tie = ring((0, 0), (100, 100), (100, 0), (0, 100), (0, 0))
    prepared = blocks(tie)
    (fault,) = prepared.faults
    assert (fault.code, fault.params["parts"], prepared.refused) == ("geometry_invalid", 2, True)
    assert "Self-intersection" in fault.params["reason"]
    mended = blocks(tie, repair=True)
    assert not mended.refused
    assert mended.frames["blocks"].geometry.is_valid.all()


def test_an_unclosed_ring_is_closed_with_consent():
    """Its last corner leads back to the first."""
    prepared = blocks(ring((0, 0), (100, 0), (100, 100), (0, 100)))
    assert (codes(prepared), prepared.refused) == (["ring_unclosed"], True)
    assert prepared.frames["blocks"].area.round().to_list() == [10000]


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ('{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 3], [4, 5]]]}', "geometry_not_finite"),
        (
            '{"type": "Polygon", "coordinates": [[[1e999, 1], [2, 3], [4, 5]]]}',
            "geometry_not_finite",
        ),
        (
            '{"type": "Polygon", "coordinates": [[[null, 1], [2, 3], [4, 5]]]}',
            "geometry_not_finite",
        ),
        ('{"type": "Polygon", "coordinates": []}', "geometry_empty"),
        ('{"type": "Polygon", "coordinates": [[]]}', "geometry_empty"),
        ('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}', "geometry_too_short"),
        ('{"type": "Polygon", "coordinates": [[["a", 2], [3, 4], [5, 6]]]}', "geometry_malformed"),
        ('{"type": "Curve", "coordinates": [1, 2]}', "geometry_malformed"),
        ("7", "geometry_malformed"),
        ("null", "geometry_missing"),
    ],
)
def test_a_shape_that_cannot_be_built_is_a_fault_of_its_row(geometry, code):
    """And of no other, and only once."""
    good = json.dumps(square(0, 0))
    features = ",".join(
        f'{{"type":"Feature","properties":{{"block_id":"{i}","social_space_id":"A",'
        f'"statistical_district_id":"a"}},"geometry":{shape}}}'
        for i, shape in enumerate((good, geometry))
    )
    data = f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
    faults = take("blocks", data, "a.geojson").faults
    assert [(f.code, f.row, f.severity) for f in faults] == [(code, 2, "error")]


def test_heights_are_dropped_and_counted():
    """Nothing here needs them."""
    high = square(0, 0)
    high["coordinates"] = [[[*c, 12.5] for c in high["coordinates"][0]]]
    prepared = blocks(high, square(100, 0))
    assert codes(prepared, "note") == ["height_dropped"]
    assert not prepared.frames["blocks"].has_z.any()


def test_the_wrong_kind_of_shape_is_a_fault():
    """A point is no block."""
    assert codes(blocks(point(10, 10)), "error") == ["geometry_kind_wrong"]


def test_the_polygons_of_a_collection_are_taken_with_consent():
    """Its points and lines are not."""
    mixed = {"type": "GeometryCollection", "geometries": [square(0, 0), point(1, 1)]}
    assert codes(blocks(mixed), "repair") == ["geometry_mixed"]
    assert blocks(mixed, repair=True).frames["blocks"].geom_type.to_list() == ["Polygon"]


def test_overlaps_are_listed_pair_by_pair():
    """Every place belongs to exactly one block."""
    faults = blocks(square(0, 0), square(50, 0), square(300, 0)).faults
    assert [(f.code, f.row, f.params["other_row"]) for f in faults] == [("areas_overlap", 2, 1)]
    assert faults[0].params["area"] == pytest.approx(5000, abs=1)


def test_edges_that_do_not_match_are_said():
    """A corner of the neighbour lies in the middle of the edge: no overlap, no coverage."""
    prepared = blocks(square(0, 0), square(100, 50))
    assert codes(prepared) == ["edges_unmatched"]


def test_doubled_ids_are_a_fault():
    """An id stands for one block."""
    features = [(ID, square(0, 0)), (ID, square(100, 0))]
    assert codes(take("blocks", geojson_bytes(features), "a.geojson")) == ["id_doubled"]


def test_blocks_of_unknown_areas_are_a_fault():
    """With the ids that look like it."""
    features = [({**ID, "social_space_id": "Z"}, square(0, 0))]
    prepared = take("blocks", geojson_bytes(features), "a.geojson")
    assert [(f.code, f.column) for f in prepared.faults] == [("area_unknown", "social_space_id")]


def test_a_table_without_shapes_is_no_file_of_blocks():
    """Said once."""
    prepared = take("blocks", b"block_id;name\n1;A\n")
    assert "geometry_missing_in_file" in codes(prepared, "error")


def areas(rows, **more):
    """Prepare areas of (id, level, parent)."""
    lines = ["area_id;level;name;parent_id", *(f"{i};{lv};{i};{p}" for i, lv, p in rows)]
    return take("areas", "\n".join(lines).encode(), **more)


def test_areas_without_shapes_name_level_and_parent():
    """Levels by key or by name."""
    prepared = areas([("01", "Statistischer Bezirk", "city"), ("X", "social_space", "nord")])
    frame = prepared.frames["areas"]
    assert prepared.faults == ()
    assert list(frame["level"]) == ["statistical_district", "social_space"]
    assert list(frame.columns) == ["area_id", "level", "name", "parent_id"]


def test_an_unknown_level_or_parent_is_a_fault():
    """With those there are."""
    prepared = areas([("1", "Kiez", "city"), ("2", "region", "west"), ("3", "region", "3")])
    assert [(f.code, f.row) for f in prepared.faults] == [
        ("level_unknown", 2),
        ("parent_unknown", 3),
        ("parent_itself", 4),
    ]


def test_a_parent_may_stand_in_the_same_file():
    """In any order."""
    assert areas([("a", "social_space", "r"), ("r", "region", "city")]).faults == ()


def test_one_foreign_parent_right_below_the_top_is_the_city():
    """Offices call their city by a key of their own."""
    prepared = areas([("1", "region", "STGM01"), ("2", "region", "STGM01")])
    assert codes(prepared) == ["parent_is_city"]
    assert prepared.frames["areas"]["parent_id"].isna().all()


def test_areas_with_shapes_keep_names_and_default_to_the_lowest_level():
    """ "03 Nordstadt" is a name; the level is assumed aloud."""
    features = [
        ({"AREA_ID": "STGT03", "AREA_NAME": "03 Nordstadt"}, square(0, 0)),
        ({"AREA_ID": "STGT04", "AREA_NAME": "Norderstedt, Stadt"}, square(100, 0)),
    ]
    prepared = take("areas", geojson_bytes(features), "a.geojson")
    frame = prepared.frames["areas"]
    assert codes(prepared) == ["level_assumed"]
    assert list(frame["name"]) == ["03 Nordstadt", "Norderstedt, Stadt"]
    assert frame["geometry"].map(lambda g: isinstance(g, shapely.Polygon)).all()


def test_what_is_known_is_not_changed():
    """Preparing reads the workspace and leaves it alone."""
    before = TOY.tables["blocks"].copy()
    blocks(square(0, 0))
    assert KNOWN.blocks is not None
    assert KNOWN.blocks.equals(before)
    assert CITY.bounds is not None
