"""The history is append-only, but for addresses of places that became protected."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sro_geo.store import open_store
from sro_geo.store.connection import connect

CANARY = "Kanarienvogelstraße 77"


def traces(workspace: Path) -> list[str]:
    """Return the files of the workspace that hold the canary's bytes."""
    return [
        file.name
        for file in sorted(workspace.iterdir())
        if CANARY.encode() in file.read_bytes() or b"565123.75" in file.read_bytes()
    ]


def places(city, number: int = 1) -> gpd.GeoDataFrame:
    """Return places with the canary's address among others."""
    rng = random.Random(3)
    frame = gpd.GeoDataFrame(
        {
            "location_id": [f"l-{n}" for n in range(number)],
            "address": [f"Weg {n} " + "x" * rng.randrange(200) for n in range(number)],
        },
        geometry=[shapely.Point(565000 + n, 5950000) for n in range(number)],
        crs=city.crs,
    )
    frame.loc[number // 2, "address"] = CANARY
    frame.loc[number // 2, "geometry"] = shapely.Point(565123.75, 5950000)
    return frame


def protect(store, row_id: str) -> None:
    """Take a place out of the directory as an action would, in the least lucky order."""
    with store.transaction(actor="Test", action="protect") as change:
        change.forget("locations", row_id, ["address", "postal_code", "city", "geometry"])
        change.delete("locations", [row_id])


def test_a_protected_address_is_gone_from_every_byte(store, put, city):
    """From rows, history, free pages and the log, however often it moved before."""
    put("locations", places(city, 400))
    for turn in range(3):
        moved = places(city, 400).assign(city="y" * (turn * 90 + 1))
        put("locations", moved.sample(frac=0.6, random_state=1))
    assert traces(store.workspace)
    others = len(store.changes(limit=-1))
    protect(store, "l-200")
    assert traces(store.workspace) == []
    store.close()
    assert traces(store.workspace) == []
    with open_store(store.workspace, city) as again:
        assert len(again.changes(limit=-1)) == others + 1
        history = again.history("locations", "l-200")
        assert {entry.before.get("address") for entry in history} == {None}
        assert history[0].before["location_id"] == "l-200"
        assert again.meta("scrub_pending") is None


def test_an_old_value_is_gone_though_the_row_stays(store, put, city):
    """An offer that becomes protected keeps its other columns and their history."""
    put("locations", places(city))
    with store.transaction(actor="Test", action="protect") as change:
        change.update("locations", "l-0", {"address": None, "geometry": None}, expected_version=1)
        change.update("locations", "l-0", {"city": "Norderstedt"}, expected_version=2)
        change.forget("locations", "l-0", ["address", "geometry"])
    assert traces(store.workspace) == []
    newest, middle, created = store.history("locations", "l-0")
    assert newest.after == {"city": "Norderstedt"}
    assert middle.before == {"address": None, "geometry": None}
    assert created.after["location_id"] == "l-0"


def test_reasons_that_may_name_the_place_are_emptied(store, put, city):
    """Free text cannot be searched for every spelling; it can be kept if that is wished."""
    plain = places(city).assign(address="Weg 1", geometry=None)
    put("locations", plain, reason=f"Umzug nach {CANARY}")
    with store.transaction(actor="Test", action="keep") as change:
        change.forget("locations", "l-0", ["address"], reasons=False)
    assert traces(store.workspace)
    with store.transaction(actor="Test", action="protect") as change:
        change.forget("locations", "l-0", [])
    assert traces(store.workspace) == []


def test_a_reader_in_the_way_only_delays_the_wiping(store, put, city):
    """The next change finishes it."""
    put("locations", places(city))
    reader = connect(store.file, read_only=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM locations").fetchone()
    protect(store, "l-0")
    assert store.meta("scrub_pending") == "1"
    reader.close()
    put("teams", pd.DataFrame({"team_id": ["t"], "name": ["T"]}))
    assert store.meta("scrub_pending") is None
    assert traces(store.workspace) == []


def test_an_undone_transaction_forgets_nothing(store, put, city):
    """Forgetting is part of the transaction."""
    put("locations", places(city))
    with pytest.raises(ZeroDivisionError), store.transaction(actor="x", action="y") as change:
        change.forget("locations", "l-0", ["address"])
        raise ZeroDivisionError
    assert store.history("locations", "l-0")[0].after["address"] == CANARY


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'somebody else'",
        "UPDATE audit SET at = '1999-01-01', scrubbed = 'address'",
        """UPDATE audit SET "after" = '{}'""",
        """UPDATE audit SET "after" = json_set("after", '$.name', 'x'), scrubbed = 'name'""",
        """UPDATE audit SET "after" = json_set("after", '$.more', 1), scrubbed = 'more'""",
        """UPDATE audit SET "after" = 'no json', scrubbed = 'name'""",
        "UPDATE audit SET reason = 'other', scrubbed = 'reason'",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
    ],
)
def test_the_history_cannot_be_rewritten(store, put, offers, statement):
    """Not by the store's own connection, nor by whoever else opens the file."""
    put("offers", offers, reason="Brief")
    before = store.changes()
    for sql in (connect(store.file), sqlite3.connect(store.file)):
        with pytest.raises(sqlite3.DatabaseError):
            sql.execute(statement)
        sql.close()
    assert store.changes() == before
