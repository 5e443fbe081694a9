"""The offer layer beside one ``folium.Marker`` per offer: server time and size of a rerun.

Both go through the same ``st_folium`` in one run, up to the point where Streamlit would
send the arguments; the size is that of the arguments as JSON.

    python -m benchmarks.offer_map [OFFERS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
import streamlit_folium

from sro_geo.city import City, load_city
from sro_geo.maps.base_map import Addresses, base_map
from sro_geo.maps.ground import Ground
from sro_geo.maps.offer_layer import offer_layer
from sro_geo.settings import SHIPPED_DATA

RESULTS = Path(__file__).parent / "results" / "offer_map.json"
RUNS = 5


def invented(count: int, city: City) -> pd.DataFrame:
    """Return ``count`` offers spread over the city's bounds, with names of usual length."""
    chance = np.random.default_rng(1)
    west, south, east, north = city.bounds or (9.9, 53.6, 10.1, 53.8)
    return pd.DataFrame(
        {
            "offer_id": [f"offer-{i:04d}" for i in range(count)],
            "name": [f"Offener Treff für Familien, Straße {i}" for i in range(count)],
            "group": chance.choice(list(city.groups), count),
            "lat": chance.uniform(south, north, count),
            "lon": chance.uniform(west, east, count),
        }
    )


def sent(base: folium.Map, layer: folium.FeatureGroup) -> int:
    """Return the bytes st_folium hands to Streamlit."""
    caught: dict[str, Any] = {}

    def component(**arguments: Any) -> dict[str, Any]:
        arguments.pop("on_change")
        caught.update(arguments)
        return {}

    original = streamlit_folium._component_func
    streamlit_folium._component_func = component
    try:
        streamlit_folium.st_folium(base, key="map", returned_objects=[], feature_group_to_add=layer)
    finally:
        streamlit_folium._component_func = original
    return len(json.dumps(caught, ensure_ascii=False).encode())


def measured(rerun: Callable[[], int]) -> dict[str, float]:
    """Return median seconds and bytes of ``rerun``; the first run warms up."""
    size = rerun()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        rerun()
        seconds.append(time.perf_counter() - start)
    return {"milliseconds": round(statistics.median(seconds) * 1000, 2), "bytes": size}


def compare(count: int) -> dict[str, Any]:
    """Return both measurements for ``count`` offers and their ratios."""
    city = load_city(SHIPPED_DATA)
    points = invented(count, city)
    bounds = city.bounds or (9.9, 53.6, 10.1, 53.8)
    addresses = Addresses(leaflet="../leaflet", served="../served")

    with tempfile.TemporaryDirectory() as folder:

        def ours() -> int:
            base = base_map(
                Ground("ground.bin", bounds, 0),
                city=city,
                folder=Path(folder),
                addresses=addresses,
            )
            return sent(base, offer_layer(points, city.groups))

        def markers() -> int:
            base = folium.Map([53.7, 10.0], zoom_start=12, tiles=None)
            layer = folium.FeatureGroup()
            for row in points.itertuples():
                folium.Marker([row.lat, row.lon], tooltip=row.name).add_to(layer)
            return sent(base, layer)

        one, other = measured(ours), measured(markers)
    return {
        "offers": count,
        "offer_layer": one,
        "folium_markers": other,
        "times_faster": round(other["milliseconds"] / one["milliseconds"], 1),
        "times_smaller": round(other["bytes"] / one["bytes"], 1),
    }


def main() -> None:
    """Measure, print one line for each number of offers, and write the results."""
    counts = [int(word) for word in sys.argv[1:]] or [120, 500, 2000]
    results = [compare(count) for count in counts]
    for result in results:
        ours, theirs = result["offer_layer"], result["folium_markers"]
        print(
            f"{result['offers']:>6} offers: "
            f"{ours['milliseconds']:.1f} ms, {ours['bytes'] / 1000:.1f} kB; "
            f"one Marker each {theirs['milliseconds']:.0f} ms, {theirs['bytes'] / 1000:.0f} kB: "
            f"{result['times_faster']}x faster, {result['times_smaller']}x smaller"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
