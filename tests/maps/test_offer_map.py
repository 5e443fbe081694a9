"""The strings that make the offer map: constant base, one small layer, no stranger."""

from __future__ import annotations

import json
import re
from pathlib import Path

import folium
import pandas as pd
import pytest
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from sro_geo.cartography import leaflet
from sro_geo.city import City, load_city
from sro_geo.errors import SroError
from sro_geo.maps import assets
from sro_geo.maps.base_map import Addresses, GroundMap, base_map
from sro_geo.maps.ground import Ground
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.settings import SHIPPED_DATA

GROUND = Ground("ground-0123.bin", (9.9, 53.6, 10.1, 53.8), 10)


@pytest.fixture
def city() -> City:
    """The shipped configuration."""
    return load_city(SHIPPED_DATA)


def build(city: City, folder: Path, **options: str) -> GroundMap:
    """Return a base map in ``folder``."""
    addresses = Addresses(leaflet="../leaflet", served="../served")
    return base_map(GROUND, city=city, folder=folder, addresses=addresses, **options)


def points(count: int) -> pd.DataFrame:
    """Return ``count`` offers along a line."""
    return pd.DataFrame(
        {
            "offer_id": [f"o_{i}" for i in range(count)],
            "name": [f"Familienzentrum in der Straße {i}" for i in range(count)],
            "group": ["youth", "sport"] * (count // 2) + ["youth"] * (count % 2),
            "lat": [53.7 + i * 1e-4 for i in range(count)],
            "lon": [10.0 - i * 1e-4 for i in range(count)],
        }
    )


def data_of(layer: folium.FeatureGroup) -> dict[str, object]:
    """Return the data of a layer as the browser reads them."""
    (offers,) = [c for c in layer._children.values() if hasattr(c, "data")]
    found: dict[str, object] = json.loads(offers.data)
    return found


def test_leaflet_comes_from_the_installed_package() -> None:
    """Script, style and pictures lie in one folder; Django was not imported for it."""
    folder = assets.leaflet_folder()
    assert (folder / "leaflet.js").is_file()
    assert (folder / "images").is_dir()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way to mend it."""
    monkeypatch.setattr(leaflet, "LEAFLET_PACKAGE", "no-such-package")
    with pytest.raises(SroError, match="leaflet_missing"):
        leaflet.leaflet_folder()


def test_no_address_leaves_the_machine(city: City, tmp_path: Path) -> None:
    """Neither folium's own maps nor ours name another host."""
    assets.use_local_leaflet("../leaflet")
    ours = build(city, tmp_path)
    addresses = [
        address
        for made in (folium.Map(tiles=None), ours)
        for _, address in (*made.default_js, *made.default_css)
    ]
    assert addresses
    assert [a for a in addresses if not a.startswith("../")] == []
    assert "http" not in _get_map_string(ours)
    for file in (*assets.SCRIPTS, assets.STYLE):
        text = Path(assets.__file__).with_name(file).read_text(encoding="utf-8")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text), file


def test_the_base_script_is_the_same_in_every_run(city: City, tmp_path: Path) -> None:
    """The frame is made anew only when ground or language change."""
    first, second = (_get_map_string(build(city, tmp_path)) for _ in range(2))
    assert first == second
    english = _get_map_string(build(city, tmp_path, language="en"))
    assert generate_js_hash(first, "k") != generate_js_hash(english, "k")
    other = Ground("ground-4567.bin", GROUND.bounds, 10)
    addresses = Addresses(leaflet="../leaflet", served="../served")
    moved = _get_map_string(base_map(other, city=city, folder=tmp_path, addresses=addresses))
    assert generate_js_hash(first, "k") != generate_js_hash(moved, "k")


def test_tiles_are_named_only_when_asked_for(city: City, tmp_path: Path) -> None:
    """By the administrator's setting, with the attribution."""
    plain = build(city, tmp_path).parameters
    assert json.loads(plain)["tiles"] is None
    tiled = build(city, tmp_path, tiles_url="https://t/{z}/{x}/{y}.png", tiles_attribution="© T")
    assert json.loads(tiled.parameters)["tiles"] == {
        "url": "https://t/{z}/{x}/{y}.png",
        "attribution": "© T",
    }


def test_five_hundred_offers_take_less_than_50_kilobytes(city: City, tmp_path: Path) -> None:
    """Base script and layer together, as they are sent on every run."""
    made = build(city, tmp_path)
    script = _get_map_string(made)
    layer = _get_feature_group_string(offer_layer(points(500), city.groups), made)
    assert len((script + layer).encode()) < 50_000


def test_offers_without_a_point_and_protected_ones_stay_out(city: City) -> None:
    """Mobile offers have no point; a protected place never gets one on a map."""
    frame = points(3)
    frame.loc[0, "lat"] = float("nan")
    frame["protected"] = pd.array([False, True, None], dtype="boolean")
    assert data_of(offer_layer(frame, city.groups))["id"] == ["o_2"]


def test_coordinates_come_back_within_a_metre(city: City) -> None:
    """They travel as steps of a hundred-thousandth of a degree."""
    data = data_of(offer_layer(points(50), city.groups))
    lat = pd.Series(data["lat"]).cumsum() / 1e5
    assert (lat - points(50)["lat"]).abs().max() <= 0.51e-5


def test_an_unknown_group_still_shows(city: City) -> None:
    """As a grey circle after the known groups; dimmed offers are listed by position."""
    frame = points(2).assign(group=["sport", "unheard of"], dimmed=[False, True])
    data = data_of(offer_layer(frame, city.groups))
    assert data["group"] == [list(city.groups).index("sport"), len(city.groups)]
    assert data["dimmed"] == [1]


def test_no_offers_at_all_make_a_layer_too(city: City) -> None:
    """A filter may leave nothing."""
    data = data_of(offer_layer(points(0), city.groups, here=(53.7, 10.0), reach_m=800.0))
    assert data["id"] == []
    assert (data["here"], data["reach"]) == ([53.7, 10.0], 800.0)
