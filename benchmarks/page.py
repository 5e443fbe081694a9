"""The offer page in a cold browser with 500 offers: ready, filter change, bytes, remounts.

The app runs as a user starts it, on a workspace of the invented large city with 500
offers; Chromium starts with an empty profile for each cold load.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from benchmarks.side_by_side import keep
from sro_geo.actions.making import init_workspace
from sro_geo.examples.large_city import write_large_city
from sro_geo.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
MAP = "iframe[title^=streamlit_folium]"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def start(workspace: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app and return it with its address once it is healthy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "SRO_WORKSPACE": str(workspace)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    return process, url


def change(page: Page, age: int) -> tuple[float, int]:
    """Type an age; return seconds until the new count is shown, and bytes received."""
    received = 0

    def frame(payload: str | bytes) -> None:
        nonlocal received
        received += len(payload)

    handlers = _SOCKETS[page]
    for web_socket in handlers:
        web_socket.on("framereceived", frame)
    field = page.get_by_label("Alter", exact=True)
    field.fill(str(age))
    begun = time.perf_counter()
    field.press("Enter")
    page.get_by_text(f"für {age}-Jährige").wait_for()
    shown = time.perf_counter() - begun
    page.wait_for_timeout(500)
    for web_socket in handlers:
        web_socket.remove_listener("framereceived", frame)
    return shown, received


_SOCKETS: dict[Page, list[WebSocket]] = {}


def main() -> None:
    """Measure and write the result."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        source, workspace = Path(folder) / "source", Path(folder) / "workspace"
        write_large_city(source, offers=500)
        init_workspace(Settings(workspace=workspace), source)
        process, url = start(workspace)
        try:
            cold, changes, sizes, remounts = [], [], [], 0
            for attempt in range(4):
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                seconds, page = opened(browser, url)
                if attempt:  # the first load also starts the server's own caches
                    cold.append(seconds)
                inside = next(f for f in page.frames if "streamlit_folium" in f.url)
                inside.evaluate("() => { window.kept = true }")
                for age in (12, 7, 16):
                    shown, size = change(page, age)
                    changes.append(shown)
                    sizes.append(size)
                inside = next(f for f in page.frames if "streamlit_folium" in f.url)
                remounts += not inside.evaluate("() => window.kept === true")
                browser.close()
        finally:
            process.terminate()
            process.wait(10)
        keep(
            "page",
            {
                "what": "offer page, 500 offers of the invented large city",
                "cold_ready_s": round(statistics.median(cold), 2),
                "goal_cold_ready_s": 3,
                "filter_shown_s": round(statistics.median(changes), 3),
                "goal_filter_shown_s": 0.4,
                "received_kb_per_filter": round(statistics.median(sizes) / 1000, 1),
                "map_remounts": remounts,
            },
        )


def opened(browser: Browser, url: str) -> tuple[float, Page]:
    """Open the offer page in a new profile; return seconds until list and map are drawn."""
    page = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900}).new_page()
    _SOCKETS[page] = []
    page.on("websocket", lambda opened: _SOCKETS[page].append(opened))
    begun = time.perf_counter()
    page.goto(f"{url}/offers")
    page.get_by_role("list", name="Gefundene Angebote").wait_for()
    page.frame_locator(MAP).locator("#map_div[data-ready=true]").wait_for()
    return time.perf_counter() - begun, page


if __name__ == "__main__":
    main()
