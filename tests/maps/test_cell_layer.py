"""Cells: geometry once by address, a byte for each in a rerun, and no figure in the file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from streamlit_folium import _get_feature_group_string

from sro_geo.cartography.classes import COLOURS, class_words
from sro_geo.city import load_city
from sro_geo.maps.base_map import Addresses, base_map
from sro_geo.maps.cell_layer import NO_VALUE, Cells, cell_layer, publish_cells
from sro_geo.maps.ground import Ground
from sro_geo.maps.packing import unpack
from sro_geo.settings import SHIPPED_DATA

CELLS = Cells("cells-01.bin", (9.9, 53.6, 10.1, 53.8), 3)


def layer(classes: Any, cells: Cells = CELLS, **options: Any) -> folium.FeatureGroup:
    """Return a layer with the usual colours and words."""
    words = class_words()
    return cell_layer(cells, classes, served="../served", colours=COLOURS, words=words, **options)


def bytes_of(made: folium.FeatureGroup) -> list[int]:
    """Return the bytes of a layer as the browser reads them."""
    (child,) = [c for c in made._children.values() if hasattr(c, "data")]
    return list(base64.b64decode(json.loads(child.data)["classes"]))


def test_forty_thousand_cells_take_less_than_100_kilobytes_a_rerun(tmp_path: Path) -> None:
    """Everything that is sent when a threshold changes."""
    chance = np.random.default_rng(1)
    many = Cells("cells-01.bin", CELLS.bounds, 40_000)
    made = layer(chance.integers(0, 7, 40_000), many, outlined=chance.random(40_000) < 0.3)
    addresses = Addresses(leaflet="../leaflet", served="../served")
    ground = Ground("ground-01.bin", CELLS.bounds, 1)
    base = base_map(ground, city=load_city(SHIPPED_DATA), folder=tmp_path, addresses=addresses)
    assert len(_get_feature_group_string(made, base).encode()) < 60_000


def test_class_hatching_and_gap_share_a_byte() -> None:
    """A cell without a value is neither hatched nor part of the gap."""
    made = layer([2, 6, NO_VALUE], hatched=[True, False, True], outlined=[True, True, True])
    assert bytes_of(made) == [2 + 64 + 128, 6 + 128, NO_VALUE]


@pytest.mark.parametrize("classes", [[0, 1], [0, 1, 7], [0, 1, -1]])
def test_classes_that_do_not_fit_are_refused(classes: list[int]) -> None:
    """One for each cell, and each with a colour."""
    with pytest.raises(ValueError, match="class"):
        layer(classes)


def test_neighbouring_cells_of_the_grid_share_their_corners(tmp_path: Path) -> None:
    """Stored in another projection they still are the squares of the census grid."""
    centres = gpd.GeoSeries.from_xy([4_310_050, 4_310_150], [3_390_050] * 2, crs=3035)
    frame = gpd.GeoDataFrame(geometry=centres.to_crs(25832))
    cells = publish_cells(tmp_path, frame)
    header, (left, right) = unpack((tmp_path / cells.file).read_bytes())
    assert header["shares"] == [1, 1]
    assert {tuple(c) for c in left[[1, 2]]} == {tuple(c) for c in right[[0, 3]]}
    square = gpd.GeoSeries([shapely.Polygon(left)], crs=4326).to_crs(3035)
    assert square.area[0] == pytest.approx(10_000, rel=0.01)


def test_places_off_the_grid_become_squares_around_them(tmp_path: Path) -> None:
    """In the projection of the city; a place without a point keeps its number."""
    points = [shapely.Point(565_013, 5_950_007), None, shapely.Point(565_999, 5_950_321)]
    frame = gpd.GeoDataFrame(geometry=points, crs=25832)
    cells = publish_cells(tmp_path, frame, side=50)
    header, parts = unpack((tmp_path / cells.file).read_bytes())
    assert (cells.count, header["shares"]) == (3, [1, 0, 1])
    square = gpd.GeoSeries([shapely.Polygon(parts[0])], crs=4326).to_crs(25832)
    assert square.centroid[0].distance(points[0]) < 0.2


def test_blocks_keep_their_holes_and_their_order(tmp_path: Path) -> None:
    """A ring each; a block without a shape is never seen."""
    outer = shapely.box(565_000, 5_950_000, 566_000, 5_951_000)
    hole = shapely.box(565_400, 5_950_400, 565_600, 5_950_600)
    frame = gpd.GeoDataFrame(geometry=[outer - hole, None, hole], crs=25832)
    header, _ = unpack((tmp_path / publish_cells(tmp_path, frame).file).read_bytes())
    assert header["shares"] == [2, 0, 1]


def test_only_geometry_is_served_and_the_same_only_once(tmp_path: Path) -> None:
    """The address has no login: neither ids nor persons may be in the file."""
    frame = gpd.GeoDataFrame(
        {"block_id": ["geheim"], "persons": [4711]},
        geometry=[shapely.box(565_000, 5_950_000, 566_000, 5_951_000)],
        crs=25832,
    )
    first, second = publish_cells(tmp_path, frame), publish_cells(tmp_path, frame)
    assert first == second
    content = (tmp_path / first.file).read_bytes()
    assert b"geheim" not in content
    assert b"persons" not in content
    assert len(list(tmp_path.iterdir())) == 1


def test_a_city_without_cells_has_a_layer_too(tmp_path: Path) -> None:
    """An empty workspace still has a map."""
    nothing = publish_cells(tmp_path, gpd.GeoDataFrame(geometry=[], crs=25832))
    assert bytes_of(layer([], nothing)) == []
