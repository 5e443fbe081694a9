"""Heidelberg: a real extract of OpenStreetMap as the walking and cycling network of a city."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sro_geo.city import load_city
from sro_geo.exchange import prepare
from sro_geo.reach import build_network, needs_crossings, over_network, straight_line
from sro_geo.store.geopackage import create_store
from tests.toy import DATA, ROOT

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")
EXTRACT = REAL / "osm" / "heidelberg.osm.pbf"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not EXTRACT.is_file(), reason=f"no {EXTRACT} (set SRO_REALDATA)"),
]

HEIDELBERG = """
[city]
id = "heidelberg"
name = { de = "Heidelberg", en = "Heidelberg" }
crs = "EPSG:25832"
bounds = [8.55, 49.33, 8.82, 49.48]

[[levels]]
level = "city"
name = { de = "Stadt", en = "City" }

[[levels]]
level = "district"
name = { de = "Stadtteil", en = "District" }
parent = "city"

[travel]
detour_factor = 1.3
"""
# Both sides of the Neckar, 250 m apart, 300 m and more from the next bridge.
NORTH, SOUTH = (8.6995, 49.4142), (8.7, 49.4115)


@pytest.fixture(scope="module")
def heidelberg(tmp_path_factory):
    """The city's configuration, the extract as prepared, and how long that took."""
    folder = tmp_path_factory.mktemp("heidelberg")
    (folder / "city.toml").write_text(HEIDELBERG, encoding="utf-8")
    (folder / "categories.toml").write_bytes((DATA / "categories.toml").read_bytes())
    city = load_city(folder)
    start = time.perf_counter()
    prepared = prepare("streets", EXTRACT, city)
    return city, prepared, time.perf_counter() - start


@pytest.fixture(scope="module")
def network(heidelberg):
    """The network of the whole extract."""
    return build_network(heidelberg[1].frames["streets"])


def test_every_way_with_a_highway_is_taken_in(heidelberg, tmp_path):
    """25,359 of them, twelve ways called Buchenweg, in seconds, stored and read."""
    city, prepared, seconds = heidelberg
    streets = prepared.frames["streets"]
    assert [] == [f for f in prepared.faults if f.severity != "note"]
    assert 25_359 == len(streets) == streets["street_id"].nunique()
    assert 12 == (streets["name"] == "Buchenweg").sum()
    assert streets.loc[streets["name"] == "Buchenweg", "walk"].all()
    assert not streets[["walk", "bike"]].isna().any(axis=None)
    start = time.perf_counter()
    with create_store(tmp_path, city) as store:
        with store.transaction(actor="test", action="import streets") as tx:
            tx.upsert("streets", streets)
        held = store.read("streets")
    pd.testing.assert_series_equal(
        held.set_index("street_id")["bike"], streets.set_index("street_id")["bike"].sort_index()
    )
    assert seconds + time.perf_counter() - start < 20


def test_the_network_of_a_real_city_hangs_together(heidelberg, network):
    """One large part on foot and by bike; scraps are few and short."""
    assert not needs_crossings(heidelberg[1].frames["streets"])
    walk, bike = network.of("walk").extent, network.of("bike").extent
    assert 25_000 < walk.nodes < 40_000
    assert walk.nodes > bike.nodes > 15_000
    for extent in (walk, bike):
        assert extent.largest_share > 0.95
        assert extent.parts - extent.fragments < 15


def test_ways_over_streets_are_longer_than_the_straight_line(heidelberg, network):
    """Never shorter; by about the detour factor in the middle of the city."""
    city = heidelberg[0]
    x, y, xs, ys = _places(network, 2000, 60)
    over, _ = over_network(network, city).nearest(x, y, xs, ys)
    straight, _ = straight_line(city).nearest(x, y, xs, ys)
    direct = straight / city.detour_factor
    assert (over >= direct - 1e-9).all()
    far = np.isfinite(over) & (direct > 4)
    assert 1.1 < np.median(over[far] / direct[far]) < 1.7
    assert np.isfinite(over).mean() > 0.98


def test_the_river_is_a_barrier(heidelberg, network):
    """Across the Neckar it is a few minutes as the crow flies and many by the next bridge."""
    import pyproj

    city = heidelberg[0]
    move = pyproj.Transformer.from_crs(4326, city.crs, always_xy=True)
    (x, y), (xs, ys) = (np.array([move.transform(*spot)]).T for spot in (NORTH, SOUTH))
    over = over_network(network, city).nearest(x, y, xs, ys)[0][0]
    direct = straight_line(city).nearest(x, y, xs, ys)[0][0] / city.detour_factor
    assert direct < 5
    assert 2 * direct < over < np.inf


def _places(network, demand, offers):
    """Return places beside streets around the middle of the city."""
    rng = np.random.default_rng(11)
    walk = network.walk[network.piece_edge]
    middle = np.median(network.pieces[walk], axis=0)[:2]
    near = walk & (np.hypot(*(network.pieces[:, :2] - middle).T) < 4000)
    spots = network.pieces[rng.choice(np.flatnonzero(near), demand + offers), :2]
    spots = spots + rng.normal(0, 25, spots.shape)
    return (*spots[:demand].T, *spots[demand:].T)
