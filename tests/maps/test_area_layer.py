"""Areas in classes: shapes once by address, words and classes each run, no figure in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
import shapely
from streamlit_folium import _get_feature_group_string

from sro_geo.city import load_city
from sro_geo.maps.area_layer import Areas, area_layer, publish_areas
from sro_geo.maps.assets import SCRIPTS
from sro_geo.maps.base_map import Addresses, base_map
from sro_geo.maps.ground import Ground
from sro_geo.maps.packing import unpack
from sro_geo.settings import SHIPPED_DATA

AREAS = Areas("areas-01.bin", ("a", "b", "c"), (9.9, 53.6, 10.1, 53.8))
COLOURS = ("#e6eef4", "#134f80")
LABELS = [("Nord", "44"), ("Süd", "n. a."), ("West", "k. D.")]
NASTY = "</script>${x}`{{y}}<img src=x onerror=z>map_12ab"


def layer(**changes: Any) -> folium.FeatureGroup:
    """Return a layer of one area with a class, one hidden and one missing."""
    usual = {"states": [1, "suppressed", "missing"], "colours": COLOURS, "labels": LABELS}
    return area_layer(AREAS, served="../served", **{**usual, **changes})


def data_of(made: folium.FeatureGroup) -> dict[str, Any]:
    """Return the data of a layer as the browser reads them."""
    (child,) = [c for c in made._children.values() if hasattr(c, "data")]
    data: dict[str, Any] = json.loads(child.data)
    return data


def frame(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    """Return a table of areas."""
    ids = [f"id{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"area_id": ids, **columns}, geometry=list(shapes), crs=25832)


def square(column: float, side: float = 1000) -> shapely.Polygon:
    """Return a square near the invented town."""
    return shapely.box(565_000 + column * side, 5_950_000, 565_000 + (column + 1) * side, 5_951_000)


def test_the_file_holds_shapes_and_no_id_name_or_figure(tmp_path: Path) -> None:
    """The address has no login; the same shapes are written once."""
    table = frame(square(0), square(1), name=["Norddorf", "Suddorf"], rate=[4711.5, 815.25])
    first, again = publish_areas(tmp_path, table), publish_areas(tmp_path, table.assign(rate=1.0))
    assert first == again
    assert first.ids == ("id0", "id1")
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    for word in (b"id0", b"dorf", b"4711", b"815", b"rate"):
        assert word not in content
    header, parts = unpack(content)
    assert set(header) == {"bounds", "count", "shares", "places", "parts", "unit"}
    assert len(parts) == 2


def test_areas_keep_their_order_holes_and_gaps(tmp_path: Path) -> None:
    """An area without a shape keeps its place; the level above comes after them."""
    hole = shapely.box(565_400, 5_950_400, 565_600, 5_950_600)
    both = shapely.box(565_000, 5_950_000, 567_000, 5_951_000)
    table = frame(square(0) - hole, None, shapely.MultiPolygon([square(1), square(3)]))
    areas = publish_areas(tmp_path, table, upper=frame(both))
    header, _ = unpack((tmp_path / areas.file).read_bytes())
    assert (header["count"], header["shares"]) == (3, [2, 0, 2, 1])
    assert [bool(places) for places in header["places"]] == [True, False, True]
    assert areas.bounds[0] < areas.bounds[2]


def test_no_areas_make_a_layer_too(tmp_path: Path) -> None:
    """An empty workspace still has a map."""
    nothing = publish_areas(tmp_path, frame())
    made = area_layer(nothing, served="..", states=[], colours=[], labels=[])
    assert data_of(made)["ids"] == []


def test_a_layer_says_states_inks_and_highlight() -> None:
    """Dark ink on pale, white on dark; unknown ids are passed over."""
    data = data_of(layer(highlight=["c", "gone"]))
    assert data["states"] == [1, "suppressed", "missing"]
    assert data["inks"] == ["#1b2733", "#ffffff"]
    assert data["highlight"] == [2]
    assert data["file"] == "../served/areas-01.bin"
    assert data_of(layer(highlight="a"))["highlight"] == [0]
    assert data_of(layer())["highlight"] == []


def test_without_tips_name_and_state_are_told() -> None:
    """In the language asked for."""
    assert data_of(layer(language="en"))["tips"] == [
        ["Nord", "44"],
        ["Süd", "not shown (confidential)"],
        ["West", "no data"],
    ]
    assert data_of(layer(tips=[["a", "b"], [], ["c"]]))["tips"] == [["a", "b"], [], ["c"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"states": [0, 1]},
        {"states": [0, 1, 2]},
        {"states": [0, 1, -1]},
        {"states": [0, 1, "hidden"]},
        {"labels": LABELS[:2]},
        {"tips": [["a"]]},
        {"circles": [1.0]},
        {"circles": [float("nan"), None, None]},
        {"circles": [-1.0, None, None]},
        {"circles": [None, 4.0, None]},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    """One of each for every area, a colour for each class, no circle for a hidden figure."""
    with pytest.raises(ValueError, match=r"area|class|state|radius"):
        layer(**changes)


def test_hostile_words_stay_data(tmp_path: Path) -> None:
    """Names, values and tooltips reach the browser letter for letter and nowhere as code."""
    made = layer(labels=[(NASTY, NASTY)] * 3, tips=[[NASTY, NASTY]] * 3)
    assert data_of(made)["labels"][0] == [NASTY, NASTY]
    addresses = Addresses(leaflet="../leaflet", served="../served")
    ground = Ground("ground-01.bin", AREAS.bounds, 1)
    base = base_map(ground, city=load_city(SHIPPED_DATA), folder=tmp_path, addresses=addresses)
    script = _get_feature_group_string(made, base)
    for mark in ("</script", "${", "`", "{{", "<img", "map_12ab"):
        assert mark not in script


def test_the_scripts_write_words_as_text_only() -> None:
    """No markup is made of data."""
    folder = Path(__file__).parents[2] / "sro_geo" / "maps"
    for name in ("areas.js", "area_labels.js"):
        assert name in SCRIPTS
        assert "innerHTML" not in (folder / name).read_text(encoding="utf-8")


def test_sixty_areas_take_little_in_a_rerun(tmp_path: Path) -> None:
    """Names, values and tooltips of sixty areas: below 20 kilobytes."""
    many = Areas("areas-01.bin", tuple(f"SR{i:02d}" for i in range(60)), AREAS.bounds)
    made = area_layer(
        many, served="../served", states=[i % 2 for i in range(60)], colours=COLOURS,
        labels=[(f"Sozialraum {i}", "44") for i in range(60)],
        tips=[[f"Sozialraum {i}", "44 je 1.000", "39 bis 50"] for i in range(60)],
    )  # fmt: skip
    addresses = Addresses(leaflet="../leaflet", served="../served")
    ground = Ground("ground-01.bin", AREAS.bounds, 1)
    base = base_map(ground, city=load_city(SHIPPED_DATA), folder=tmp_path, addresses=addresses)
    assert len(_get_feature_group_string(made, base).encode()) < 20_000
