"""An editor in a process of its own: changes rows until stopped, says which are safe.

``python editor.py WORKSPACE NAME count|insert SECONDS`` prints a line for each edit *after*
the store acknowledged it. A line that was printed is a promise.
"""

import sys
import time
from pathlib import Path

import pandas as pd
import shapely

from sro_geo.city import load_city
from sro_geo.store import open_store

workspace, name, what, seconds = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
with open_store(workspace, load_city(workspace), busy_seconds=30) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        if what == "insert":
            key = f"{name}-{number:05d}"
            with store.transaction(actor=name, action="new", idempotency_key=key) as change:
                place = {"location_id": [key], "address": ["Buchenweg"]}
                point = [shapely.Point(565000 + number, 5950000 + number)]
                change.insert("locations", pd.DataFrame({**place, "geometry": point}))
                offer = {"offer_id": [key], "name": ["x"], "category": ["club"]}
                more = {"status": ["active"], "location_id": [key]}
                change.insert("offers", pd.DataFrame({**offer, **more}))
            print(key, flush=True)
            continue
        with store.transaction(actor=name, action="count") as change:
            # Read inside the transaction: nobody else can write meanwhile.
            frames = store.read_many(["offers", "locations"])
            offer, place = (frames[table].iloc[0] for table in ("offers", "locations"))
            more = {"capacity": int(offer["capacity"]) + 1}
            change.update("offers", "o", more, expected_version=offer["row_version"])
            moved = {"geometry": shapely.Point(place.geometry.x + 1, place.geometry.y)}
            change.update("locations", "l", moved, expected_version=place["row_version"])
        print(number, flush=True)
