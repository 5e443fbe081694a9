"""The file is a valid GeoPackage: checked against the standard, and by GDAL elsewhere."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sro_geo.city import City
from sro_geo.store import create_store, open_store
from sro_geo.store.connection import connect
from sro_geo.tables import SPATIAL, TABLES


@pytest.fixture
def sql(store):
    """A second connection to the file, as the store's own."""
    connection = connect(store.file)
    yield connection
    connection.close()


def brute_bounds(store, table):
    """Return {fid: bounds} computed by shapely, the slow and certain way."""
    connection = connect(store.file, read_only=True)
    rows = connection.execute(f"SELECT fid, geometry FROM {table}").fetchall()
    connection.close()
    from sro_geo.store.geometry import decode

    shapes = decode([blob for _, blob in rows])
    return {
        fid: shapely.bounds(shape)
        for (fid, _), shape in zip(rows, shapes, strict=True)
        if shape is not None
    }


def assert_rtree_is_right(store, table):
    """The R-tree holds each geometry once; its 32-bit boxes enclose the true ones tightly."""
    expected = brute_bounds(store, table)
    connection = connect(store.file, read_only=True)
    found = {
        row[0]: row[1:]
        for row in connection.execute(
            f"SELECT id, minx, miny, maxx, maxy FROM rtree_{table}_geometry"
        )
    }
    said = connection.execute(f"SELECT rtreecheck('rtree_{table}_geometry')").fetchone()[0]
    connection.close()
    assert said == "ok"
    assert set(found) == set(expected)
    for fid, bounds in expected.items():
        assert np.allclose(found[fid], bounds, rtol=2e-7, atol=1e-6)
        assert (found[fid][0] <= bounds[0]) and (found[fid][2] >= bounds[2])


def test_the_header_says_geopackage_1_4(sql):
    """Requirements 2 and 3: application id and version."""
    assert sql.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47
    assert sql.execute("PRAGMA user_version").fetchone()[0] == 10300
    assert sql.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert sql.execute("PRAGMA foreign_key_check").fetchall() == []
    assert sql.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_the_reference_systems_are_there(sql, city):
    """Requirements 10 to 12: undefined ones, WGS 84 and the city's, with well-known text."""
    rows = dict(sql.execute("SELECT srs_id, definition FROM gpkg_spatial_ref_sys"))
    assert set(rows) == {-1, 0, 4326, 25832}
    assert rows[-1] == rows[0] == "undefined"
    assert rows[25832].startswith('PROJCS["ETRS89 / UTM zone 32N"')
    assert {row[0] for row in sql.execute("SELECT DISTINCT srs_id FROM gpkg_geometry_columns")} == {
        25832
    }


def test_every_table_is_registered(sql):
    """Spatial tables are layers with an index, the others attributes; keys as required."""
    kinds = dict(sql.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds == {name: "features" if name in SPATIAL else "attributes" for name in TABLES}
    types = dict(sql.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert types == {
        "blocks": "MULTIPOLYGON",
        "areas": "MULTIPOLYGON",
        "cells": "POINT",
        "locations": "POINT",
        "addresses": "POINT",
        "streets": "MULTILINESTRING",
        "basemap": "GEOMETRY",
    }
    indexed = {row[0] for row in sql.execute("SELECT table_name FROM gpkg_extensions")}
    assert indexed == set(SPATIAL)
    for name in TABLES:
        first = sql.execute(f"PRAGMA table_info({name})").fetchone()
        assert (first[1], first[2], first[3], first[5]) == ("fid", "INTEGER", 1, 1)
        unique = [row for row in sql.execute(f"PRAGMA index_list({name})") if row[2]]
        columns = [row[2] for row in sql.execute(f"PRAGMA index_info({unique[0][1]})")]
        assert columns == list(TABLES[name].key)


def test_the_index_is_the_one_gdal_makes(sql, elsewhere, tmp_path, city):
    """Tables, triggers and their text are those of GDAL's own GeoPackage 1.4."""
    done = elsewhere(
        "import sys, geopandas, shapely\n"
        "frame = geopandas.GeoDataFrame({'a': [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=25832)"
        "\nframe.to_file(sys.argv[1], layer='blocks', VERSION='1.4', GEOMETRY_NAME='geometry')",
        tmp_path / "gdal.gpkg",
    )
    assert done.returncode == 0, done.stderr
    query = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'rtree_blocks_%'"

    def squeeze(connection):
        return {
            name: re.sub(r'[\s"]+', "", text).lower() for name, text in connection.execute(query)
        }

    gdal = sqlite3.connect(tmp_path / "gdal.gpkg")
    assert squeeze(sql) == squeeze(gdal)
    gdal.close()


def test_index_extent_and_time_follow_every_change(store, sql, put, locations, city):
    """Insert, move, empty, fill and delete: R-tree and gpkg_contents keep up."""

    def contents():
        return sql.execute(
            "SELECT min_x, min_y, max_x, max_y, last_change FROM gpkg_contents"
            " WHERE table_name = 'locations'"
        ).fetchone()

    def move(to, version, row_id="l-1"):
        with store.transaction(actor="Test", action="move") as change:
            change.update("locations", row_id, {"geometry": to}, expected_version=version)
        assert_rtree_is_right(store, "locations")

    assert contents()[:4] == (None, None, None, None)
    put("locations", locations)
    assert_rtree_is_right(store, "locations")
    assert contents()[:4] == (565010, 5950010, 565010, 5950010)
    before = contents()[4]
    move(shapely.Point(565020.123456, 5950020), 1)
    move(shapely.Point(565000, 5950000), 1, "l-2")
    assert contents()[:4] == (565000, 5950000, 565020.123456, 5950020)
    assert before <= contents()[4]
    move(None, 2)
    move(shapely.Point(565030, 5950000), 3)
    with store.transaction(actor="Test", action="delete") as change:
        change.delete("locations", ["l-2"])
    assert_rtree_is_right(store, "locations")
    assert contents()[:4] == (565030, 5950000, 565030, 5950000)


def test_the_index_survives_bulk_imports(store, put, city):
    """Replace and upsert of thousands of rows leave a right R-tree."""
    rng = np.random.default_rng(7)
    xy = rng.uniform((560000, 5945000), (570000, 5955000), (3000, 2))
    frame = gpd.GeoDataFrame(
        {"address_id": [f"a{n}" for n in range(3000)], "street": "Buchenweg"},
        geometry=shapely.points(xy),
        crs=city.crs,
    )
    put("addresses", frame.iloc[:2000], "replace")
    put("addresses", frame.iloc[1000:].assign(geometry=frame.geometry.translate(5, 5)))
    assert_rtree_is_right(store, "addresses")
    put("addresses", frame.iloc[:1500], "replace")
    assert_rtree_is_right(store, "addresses")
    assert len(store.read("addresses")) == 1500


READ = """
import json, sys, pyogrio
file = sys.argv[1]
layers = {name: kind for name, kind in pyogrio.list_layers(file)}
info = pyogrio.read_info(file, layer="blocks")
blocks = pyogrio.read_dataframe(file, layer="blocks", bbox=(565000, 5950000, 565050, 5950050))
offers = pyogrio.read_dataframe(file, layer="offers", fid_as_index=True)
print(json.dumps({
    "layers": layers, "crs": info["crs"], "type": info["geometry_type"], "n": info["features"],
    "bounds": list(info["total_bounds"]), "fid": info["fid_column"],
    "blocks": blocks["block_id"].tolist(), "names": offers["name"].tolist(),
    "dates": offers["verified_on"].astype(str).tolist(),
    "flags": str(offers["low_threshold"].dtype),
}))
"""


def test_gdal_reads_it_in_another_process(store, put, blocks, offers, elsewhere):
    """Layers, CRS, extent, spatial filter, umlauts and dates, while the store is open."""
    put("blocks", blocks)
    put("offers", offers)
    done = elsewhere("import warnings; warnings.simplefilter('error')" + READ, store.file)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["layers"] == {
        name: {"blocks": "MultiPolygon", "areas": "MultiPolygon", "streets": "MultiLineString"}.get(
            name, "Unknown" if name == "basemap" else "Point"
        )
        if name in SPATIAL
        else None
        for name in TABLES
    }
    assert (told["crs"], told["type"], told["n"]) == ("EPSG:25832", "MultiPolygon", 2)
    assert told["bounds"] == [565000, 5950000, 565200, 5950100]
    assert told["blocks"] == ["0101"]
    assert told["names"] == ["Jugendhaus „Süd“", "Straßensozialarbeit"]
    assert told["dates"][0].startswith("2026-05-01")


def test_what_another_program_adds_is_read(store, put, locations, elsewhere):
    """A point added in QGIS (GDAL, another process) shows up, and the index stays right."""
    put("locations", locations)
    done = elsewhere(
        "import sys, geopandas, shapely\n"
        "geopandas.GeoDataFrame({'location_id': ['q'], 'address': ['Ä']},"
        " geometry=[shapely.Point(565033, 5950033)], crs=25832)"
        ".to_file(sys.argv[1], layer='locations', mode='a')",
        store.file,
    )
    assert done.returncode == 0, done.stderr
    row = store.read("locations").set_index("location_id").loc["q"]
    assert (row["address"], row.geometry.x, row["row_version"]) == ("Ä", 565033, 1)
    assert_rtree_is_right(store, "locations")


def test_the_store_imports_no_gdal(elsewhere):
    """GDAL drops the locks of a process that has the file open: the store must not know it."""
    done = elsewhere(
        "import sys, sro_geo.store, geopandas\n"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('pyogrio', 'fiona', 'osgeo', 'streamlit')])"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_protected_file_is_private(store):
    """Mode 0600 from its first byte, tightened again if a copy loosened it."""
    file = store.protected_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    open_store(store.workspace, store.city).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_column_that_came_later_is_added_on_opening(store, workspace: Path, city: City):
    """A workspace from before estimates: it opens, and its numbers count as counted."""
    store.close()
    older = sqlite3.connect(workspace / "sro.gpkg")
    older.execute(
        "INSERT INTO population (place_id, place_kind, reference_date, age_from, persons)"
        " VALUES ('b', 'block', '2024-12-31', 0, 5)"
    )
    older.execute("ALTER TABLE population DROP COLUMN estimated")
    older.commit()
    older.close()
    with open_store(workspace, city) as again:
        assert [True] == again.read("population")["estimated"].isna().to_list()


def test_a_level_added_to_the_city_gets_its_column(store, put, blocks, city: City):
    """city.toml may gain a parallel level later."""
    put("blocks", blocks)
    from dataclasses import replace

    from sro_geo.city import Level

    parish = Level("parish", {"de": "Gemeinde"}, {"de": "Gemeinden"}, "city", "parallel")
    wider = replace(city, levels=(*city.levels, parish))
    with open_store(store.workspace, wider, read_only=True) as reading:
        assert reading.read("blocks")["parish_id"].isna().all()
    with open_store(store.workspace, wider) as writing:
        with writing.transaction(actor="Test", action="import") as change:
            change.upsert("blocks", blocks.assign(parish_id="p1"))
        assert writing.read("blocks")["parish_id"].tolist() == ["p1", "p1"]


def test_each_thread_has_its_own_connection(store, put, offers):
    """Streamlit runs every script in a thread of its own; closing reaches them all."""
    import threading

    put("offers", offers)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(store.read("offers")))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8
    store.close()
    with pytest.raises(RuntimeError):
        store.read("offers")
    assert not Path(f"{store.file}-wal").exists()


def test_tables_that_came_later_are_made_on_opening(city, tmp_path):
    """An earlier workspace gets them, empty; one that is only read is whole without them."""
    from sro_geo.store.schema import TABLES_SINCE

    create_store(tmp_path / "w", city).close()
    with sqlite3.connect(tmp_path / "w" / "sro.gpkg") as connection:
        for name in TABLES_SINCE:
            connection.execute(f"DROP TABLE {name}")
            connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (name,))
    connection.close()
    with open_store(tmp_path / "w", city, read_only=True) as store:
        assert all(store.read(name).empty for name in TABLES_SINCE)
    with open_store(tmp_path / "w", city) as store:
        assert all(store.read(name).empty for name in TABLES_SINCE)
        with store.transaction(actor="a", action="b") as tx:
            tx.set_meta("x", "y")
    with sqlite3.connect(tmp_path / "w" / "sro.gpkg") as connection:
        there = {row[0] for row in connection.execute("SELECT table_name FROM gpkg_contents")}
    connection.close()
    assert set(TABLES_SINCE) <= there


def test_a_table_can_be_read_in_part(store, put, blocks):
    """``where`` keeps rows by value; an unknown column is a mistake of the caller."""
    put("blocks", blocks)
    assert ["0201"] == list(store.read("blocks", where={"block_id": "0201"})["block_id"])
    assert store.read("blocks", where={"block_id": "x"}).empty
    with pytest.raises(KeyError):
        store.read("blocks", where={"nothing": "x"})


def test_the_audit_does_not_repeat_the_log_of_gestures(store, put):
    """A variant's document and a step are kept once: the audit says who and when."""
    plan = {"plan_id": "p", "name": "P", "status": "draft", "block_set": "x"}
    put("plans", pd.DataFrame([plan]))
    put("variants", pd.DataFrame([{"plan_id": "p", "content": "{}", "steps": 0}]))
    with store.transaction(actor="Anna", action="draw") as change:
        change.update("variants", "p", {"content": '{"a":1}', "steps": 1}, expected_version=1)
        step = {"plan_id": "p", "number": 1, "content": "{}", "undone": False}
        change.insert("moves", pd.DataFrame([step]))
        change.update("moves", "p|1", {"undone": True}, expected_version=1)
    [last, first] = store.history("variants", "p")
    assert ({"steps": 1}, {"plan_id": "p", "steps": 0}) == (last.after, first.after)
    assert '{"a":1}' == store.read("variants")["content"].iloc[0]
    assert [True] == store.read("moves", where={"plan_id": "p"})["undone"].tolist()
    assert {"variants", "moves"} <= store.changed_tables(0)
