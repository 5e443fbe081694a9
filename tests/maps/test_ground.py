"""The ground holds what is drawn, and only open geometry."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from sro_geo.city import City, load_city
from sro_geo.maps.assets import publish, tidy
from sro_geo.maps.ground import encode_ground, publish_ground
from sro_geo.maps.packing import unpack
from sro_geo.settings import SHIPPED_DATA

WEST, SOUTH = 565_000.0, 5_950_000.0


@pytest.fixture
def city() -> City:
    """The shipped configuration."""
    return load_city(SHIPPED_DATA)


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """A town of two spaces, the eastern one with a hole, and an area nobody has drawn."""
    west = shapely.box(WEST, SOUTH, WEST + 1000, SOUTH + 2000)
    east = shapely.box(WEST + 1000, SOUTH, WEST + 2000, SOUTH + 2000)
    lake = shapely.Point(WEST + 1500, SOUTH + 1000).buffer(200)
    return gpd.GeoDataFrame(
        {
            "area_id": ["007", "a", "b", "c"],
            "level": ["city", "social_space", "social_space", "social_space"],
            "name": ["Town", "West", "East", "Nowhere"],
            "cases": [1, 2, 3, 4],
        },
        geometry=[west.union(east), west, east.difference(lake), None],
        crs=25832,
    )


def test_areas_keep_their_ids_names_and_exact_rings(city: City, areas: gpd.GeoDataFrame) -> None:
    """Ids keep their zeros, a hole is a ring of its own, an area without shape is left out."""
    data, _ = encode_ground(city=city, areas=areas)
    header, parts = unpack(data)
    assert header["areas"] == ["007", "a", "b"]
    assert header["shares"] == [1, 1, 2]
    assert header["names"] == ["Town", "West", "East"]
    ring = shapely.get_coordinates(areas.to_crs(4326).geometry[1].exterior)[:-1]
    np.testing.assert_allclose(parts[1], ring, atol=1e-6)


def test_no_other_column_leaves_with_the_ground(city: City, areas: gpd.GeoDataFrame) -> None:
    """A served file has no login: figures in the table stay out of it."""
    data, _ = encode_ground(city=city, areas=areas)
    assert b"cases" not in data


def test_lines_stay_open_and_polygons_close(city: City, areas: gpd.GeoDataFrame) -> None:
    """A stream is not filled like the pond that came in one collection with it."""
    stream = shapely.LineString([(WEST, SOUTH), (WEST + 500, SOUTH + 900)])
    pond = shapely.Point(WEST + 300, SOUTH + 300).buffer(50)
    basemap = gpd.GeoDataFrame(
        {"feature_id": ["w", "p"], "kind": ["water", "green"], "name": ["Bach", None]},
        geometry=[shapely.GeometryCollection([pond, stream]), shapely.Point(WEST, SOUTH)],
        crs=25832,
    )
    header, _ = unpack(encode_ground(city=city, areas=areas, basemap=basemap)[0])
    assert list(zip(header["kinds"], header["closed"], strict=True))[:2] == [
        ("water", 1),
        ("water", 0),
    ]
    assert "green" not in header["kinds"]


def test_names_are_placed_inside_their_area(city: City, areas: gpd.GeoDataFrame) -> None:
    """Best place first, none in the hole, each with its room."""
    header, _ = unpack(encode_ground(city=city, areas=areas)[0])
    shapes = areas.to_crs(4326).geometry[:3]
    for shape, places in zip(shapes, header["places"], strict=True):
        assert places
        for lon, lat, room in places:
            assert shape.buffer(1e-6).contains(shapely.Point(lon, lat))
            assert 0 < room <= 2001


def test_the_same_ground_is_written_once(
    city: City, areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Its name is its content: another content, another name."""
    first = publish_ground(tmp_path, city=city, areas=areas)
    assert first == publish_ground(tmp_path, city=city, areas=areas)
    assert [file.name for file in tmp_path.iterdir()] == [first.file]
    other = publish_ground(tmp_path, city=city, areas=areas.iloc[:2])
    assert other.file != first.file


def test_a_city_without_areas_shows_its_configured_bounds(city: City) -> None:
    """An empty workspace still has a map."""
    nothing = gpd.GeoDataFrame({"area_id": [], "level": [], "name": []}, geometry=[], crs=25832)
    assert encode_ground(city=city, areas=nothing)[1] == city.bounds


def test_only_old_files_are_tidied_away(tmp_path: Path) -> None:
    """An open browser may still ask for yesterday evening's."""
    import os

    old, kept, new = (publish(tmp_path, f"{n}.bin", n.encode()) for n in ("old", "kept", "new"))
    for name in (old, kept):
        os.utime(tmp_path / name, (1, 1))
    tidy(tmp_path, keep=[kept])
    assert {kept, new} == {file.name for file in tmp_path.iterdir()}
