"""The editor of boundaries in a browser: paint feedback, mouse-up → figures, bytes a stroke.

Invented cities of 4,000 and 40,000 blocks in 24 spaces; the app runs as a user starts it,
and a mouse paints strokes over the map.
"""

from __future__ import annotations

import csv
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from playwright.sync_api import Page, WebSocket, sync_playwright

from benchmarks.page import FLAGS, start
from benchmarks.side_by_side import keep
from sro_geo.actions import planning
from sro_geo.actions.access import Actor
from sro_geo.actions.making import init_workspace
from sro_geo.actions.workspace import open_workspace
from sro_geo.settings import Settings

SIDE = 60.0
CORNER = (560_000.0, 5_930_000.0)
SPACES = (6, 4)
STROKES = 9
# (blocks across, blocks down, frame in ms, mouse-up → figures in s)
CITIES = ((80, 50, 16.0, 0.4), (250, 160, 50.0, 0.8))
SENT, RECEIVED = 2_000, 100_000
CITY = """
[city]
id = "raster"
name = { de = "Rasterstadt", en = "Grid city" }
crs = "EPSG:25832"

[[levels]]
level = "city"
name = { de = "Stadt", en = "City" }

[[levels]]
level = "region"
name = { de = "Region", en = "Region" }
parent = "city"

[[levels]]
level = "social_space"
name = { de = "Sozialraum", en = "Social space" }
parent = "region"
"""
CATEGORIES = """
[[groups]]
group = "treff"
name = { de = "Treffpunkte", en = "Meeting places" }
symbol = "circle"
colour = "#11366b"

[[categories]]
category = "treff"
name = { de = "Treff", en = "Meeting place" }
group = "treff"
"""


def write_city(folder: Path, across: int, down: int) -> Path:
    """Write a grid of bent blocks with people of three ages."""
    rng = np.random.default_rng(1)
    (folder / "boundaries").mkdir(parents=True)
    (folder / "population").mkdir()
    (folder / "city.toml").write_text(CITY, encoding="utf-8")
    (folder / "categories.toml").write_text(CATEGORIES, encoding="utf-8")
    corners = np.stack(np.meshgrid(np.arange(across + 1.0), np.arange(down + 1.0)), axis=-1) * SIDE
    corners += rng.uniform(-8, 8, corners.shape)
    into = pyproj.Transformer.from_crs(25832, 4326, always_xy=True)
    lon, lat = into.transform(corners[..., 0] + CORNER[0], corners[..., 1] + CORNER[1])
    features, people = [], []
    for row in range(down):
        for column in range(across):
            space = f"s{row * SPACES[1] // down}{column * SPACES[0] // across}"
            ring = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            block = f"{row * across + column:05d}"
            features.append(
                {
                    "type": "Feature",
                    "properties": {"block_id": block, "social_space_id": space},
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[lon[at], lat[at]] for at in [*ring, ring[0]]]],
                    },
                }
            )
            for low, high in ((0, 17), (18, 64), (65, "")):
                people.append((block, "block", "2025-12-31", low, high, int(rng.integers(0, 40))))
    blocks = {"type": "FeatureCollection", "features": features}
    (folder / "boundaries" / "blocks.geojson").write_text(json.dumps(blocks), encoding="utf-8")
    areas = [("stadt", "city", "Rasterstadt", ""), ("n", "region", "Nord", "stadt")]
    areas.append(("s", "region", "Süd", "stadt"))
    for j in range(SPACES[1]):
        for i in range(SPACES[0]):
            region = "s" if j < SPACES[1] // 2 else "n"
            areas.append((f"s{j}{i}", "social_space", f"Raum {j + 1}{i + 1}", region))
    _write(folder / "boundaries/areas.csv", ("area_id", "level", "name", "parent_id"), areas)
    head = ("place_id", "place_kind", "reference_date", "age_from", "age_to", "persons")
    _write(folder / "population/population.csv", head, people)
    return folder


def _write(file: Path, head: tuple[str, ...], rows: list[Any]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


# Waits until the sentence about the last gesture is another one.
_SHOWN = """(before) => new Promise((done) => {
    const end = performance.now() + 5000;
    const look = () => {
        const now = document.querySelector(".sro-last");
        if (now && now.textContent !== before) { done(performance.now()); }
        else if (performance.now() > end) { done(null); }
        else { requestAnimationFrame(look); }
    };
    look();
})"""
_EDITOR = "(map) => map.getRootNode().querySelector('.sro-editor').sroEditor"


def measured(page: Page, url: str) -> dict[str, Any]:
    """Paint strokes and return what they took."""
    sockets: list[WebSocket] = []
    traffic = {"sent": 0, "received": 0}
    page.on("websocket", lambda socket: sockets.append(socket))
    page.goto(f"{url}/boundaries")
    box_of = page.locator(".sro-editor-map[data-ready=true]")
    box_of.wait_for(timeout=60_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1500)
    for socket in sockets:
        socket.on("framesent", lambda data: _count(traffic, "sent", data))
        socket.on("framereceived", lambda data: _count(traffic, "received", data))
    box = box_of.bounding_box()
    assert box is not None
    frames: list[float] = []
    feedback: list[float] = []
    shown: list[float] = []
    sent: list[int] = []
    received: list[int] = []
    for stroke in range(STROKES):
        traffic.update(sent=0, received=0)
        before = page.locator(".sro-last").inner_text()
        # Each stroke goes to another space, from the middle outwards.
        page.keyboard.press(str(1 + stroke % 9)) if stroke else None
        x = box["x"] + box["width"] * (0.42 + 0.015 * stroke)
        y = box["y"] + box["height"] * (0.35 + 0.03 * stroke)
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(x + 3 * step, y + 25 * np.sin(step / 4))
        page.mouse.up()
        at = page.evaluate(_SHOWN, before)
        if at is None:
            continue  # the stroke met nothing that it could change
        shown.append(at - box_of.evaluate(f"(map) => ({_EDITOR})(map).sent"))
        times = box_of.evaluate(f"(map) => ({_EDITOR})(map).frames.splice(0)")
        frames += [t[0] for t in times]
        feedback += [t[1] for t in times]
        page.wait_for_timeout(1200)
        sent.append(traffic["sent"])
        received.append(traffic["received"])
    return {
        "paint_ms_median": round(statistics.median(frames), 1),
        "paint_ms_p95": round(float(np.percentile(frames, 95)), 1),
        "event_to_paint_ms_median": round(statistics.median(feedback), 1),
        "event_to_paint_ms_p95": round(float(np.percentile(feedback, 95)), 1),
        "mouse_up_to_figures_s": round(statistics.median(shown) / 1000, 3),
        "mouse_up_to_figures_s_worst": round(max(shown) / 1000, 3),
        "bytes_sent": max(sent),
        "bytes_received": max(received),
    }


def _count(traffic: dict[str, int], side: str, data: str | bytes) -> None:
    traffic[side] += len(data)


def main() -> None:
    """Measure both cities and keep the results."""
    for across, down, frame_ms, figures_s in CITIES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            settings = Settings(workspace=folder / "workspace")
            init_workspace(settings, write_city(folder / "city", across, down))
            workspace = open_workspace(settings)
            planning.new_plan(workspace, "Variante", actor=Actor("benchmark"))
            workspace.close()
            process, url = start(settings.workspace)
            try:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(
                        executable_path="/usr/bin/chromium", args=FLAGS
                    )
                    page = browser.new_page(
                        locale="de-DE", viewport={"width": 1280, "height": 1000}
                    )
                    found = measured(page, url)
                    browser.close()
            finally:
                process.terminate()
                process.wait(10)
        keep(
            f"editor_{across * down}",
            {
                "what": f"{across * down:,} blocks, 24 spaces, strokes of a mouse in Chromium",
                **found,
                "goal_paint_ms": frame_ms,
                "goal_figures_s": figures_s,
                "goal_bytes_sent": SENT,
                "goal_bytes_received": RECEIVED,
            },
        )


if __name__ == "__main__":
    main()
