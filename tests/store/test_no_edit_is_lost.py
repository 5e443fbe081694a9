"""What was acknowledged is there: beside other editors, beside QGIS, after a power cut."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import shapely

from sro_geo.store import create_store, open_store
from sro_geo.store.connection import connect
from sro_geo.store.geometry import decode

ROOT = Path(__file__).parents[2]
EDITOR = Path(__file__).with_name("editor.py")
READER = """
import sys, time, pyogrio
end, n = time.monotonic() + float(sys.argv[2]), 0
print("ready", flush=True)
while time.monotonic() < end:
    assert len(pyogrio.read_dataframe(sys.argv[1], layer="locations")) == 1
    assert pyogrio.read_info(sys.argv[1], layer="offers")["features"] == 1
    n += 1
print(n)
"""


def start(*command: object) -> subprocess.Popen[str]:
    """Start Python elsewhere and wait until it has imported everything."""
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(*processes: subprocess.Popen[str]) -> None:
    """Let all of them begin together."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def assert_intact(workspace: Path) -> None:
    """Pages, references and R-trees are whole."""
    connection = connect(workspace / "sro.gpkg")
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    rows = connection.execute("SELECT fid, geometry FROM locations").fetchall()
    boxes = connection.execute("SELECT id, minx, maxx FROM rtree_locations_geometry").fetchall()
    check = "SELECT rtreecheck('rtree_locations_geometry')"
    assert connection.execute(check).fetchone()[0] == "ok"
    connection.close()
    points = decode([blob for _, blob in rows])
    found = {fid: (west, east) for fid, west, east in boxes}
    assert set(found) == {fid for fid, _ in rows}
    for (fid, _), point in zip(rows, points, strict=True):
        assert found[fid][0] <= point.x <= found[fid][1]


@pytest.fixture
def counter(workspace, city, sample):
    """A workspace with one offer at one place, counted up by editors."""
    with (
        create_store(workspace, city, settings_from=sample) as store,
        store.transaction(actor="Test", action="new") as change,
    ):
        start_at = {"location_id": ["l"], "geometry": [shapely.Point(565000, 5950000)]}
        change.insert("locations", pd.DataFrame(start_at))
        offer = {"offer_id": ["o"], "name": ["x"], "category": ["club"], "status": ["active"]}
        change.insert("offers", pd.DataFrame({**offer, "capacity": [0]}))
    return workspace


def test_two_editors_and_a_gdal_reader_lose_nothing(counter, city):
    """Two processes edit one row while a third reads with GDAL all the time.

    In one process this lost every fifth edit: GDAL drops the locks of the process it reads in.
    """
    seconds = 1.2
    editors = [start(EDITOR, counter, name, "count", seconds) for name in ("a", "b")]
    reader = start("-c", READER, counter / "sro.gpkg", seconds + 0.3)
    go(*editors)
    acknowledged = sum(len(process.communicate()[0].split()) for process in editors)
    read = int(reader.communicate()[0].split()[-1])
    assert [process.returncode for process in (*editors, reader)] == [0, 0, 0]
    with open_store(counter, city) as store:
        offer, place = store.read("offers").iloc[0], store.read("locations").iloc[0]
        assert offer["capacity"] == acknowledged > 0
        assert place.geometry.x == 565000 + acknowledged
        assert offer["row_version"] == 1 + acknowledged
        assert len(store.history("offers", "o")) == 1 + acknowledged
        assert store.revision() == 1 + acknowledged
    assert read > 0
    assert_intact(counter)


def test_threads_of_one_process_take_turns(counter, city):
    """Ten edits by each of four threads, as many sessions of the app would."""
    errors = []
    with open_store(counter, city) as store:

        def edit() -> None:
            try:
                for _ in range(10):
                    with store.transaction(actor="Test", action="count") as change:
                        # Read inside the transaction: nobody else can write meanwhile.
                        row = store.read("offers").iloc[0]
                        more = {"capacity": int(row["capacity"]) + 1}
                        change.update("offers", "o", more, expected_version=row["row_version"])
            except Exception as why:
                errors.append(why)

        threads = [threading.Thread(target=edit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert store.read("offers")["capacity"][0] == 40


def test_a_killed_editor_loses_nothing_it_promised(workspace, city, sample):
    """kill -9 at random moments, three rounds of two writers: every printed line is there.

    An edit that was committed but not acknowledged is found by its idempotency key, so
    repeating it does no harm.
    """
    create_store(workspace, city, settings_from=sample).close()
    rng, promised, rounds = random.Random(1), [], 3
    for turn in range(rounds):
        names = [f"{turn}{letter}" for letter in "ab"]
        editors = [start(EDITOR, workspace, name, "insert", 20) for name in names]
        go(*editors)
        time.sleep(0.2 + rng.random() * 0.3)
        for process in editors:
            process.kill()
        for name, process in zip(names, editors, strict=True):
            lines = process.communicate()[0].split()
            promised += lines
            assert process.returncode == -9
            with open_store(workspace, city) as store:
                attempt = f"{name}-{len(lines) + 1:05d}"
                there = attempt in set(store.read("offers")["offer_id"])
                with store.transaction(
                    actor="x", action="again", idempotency_key=attempt
                ) as change:
                    assert change.repeated is there
    assert len(promised) > 0
    with open_store(workspace, city) as store:
        offers, places = store.read("offers"), store.read("locations")
        assert set(promised) <= set(offers["offer_id"])
        assert set(offers["offer_id"]) == set(places["location_id"])
        assert len(promised) <= len(offers) <= len(promised) + 2 * rounds
        audited = {entry.row_id for entry in store.changes(table="offers", limit=-1)}
        assert audited == set(offers["offer_id"])
    assert_intact(workspace)
