"""Take the pictures of the README from the running app: ``python docs/pictures.py [NAME …]``.

Starts the app on a workspace of its own made from the shipped data, with one variant drawn
in it, on a free port, and looks at it with the installed Chromium (or the one named in
``CHROMIUM``). Nothing but this machine is asked. Writes ``docs/pictures/*.png``: all of them,
or those named.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = Path(__file__).resolve().parent / "pictures"
DESK = {"width": 1280, "height": 1000}
TALL = {"width": 1280, "height": 1150}
PHONE = {"width": 390, "height": 844}
NEAR = "age=12&near=Sensenkamp+20&minutes=15&lang=de"
# name of the picture: address, viewport, text that tells the page is there, kind of map
VIEWS = {
    "offers": (f"offers?{NEAR}", DESK, "Angebote", "folium"),
    "card": (f"offers?{NEAR}&offer=A-001", DESK, "Jugendhaus Mitte", "folium"),
    "where": ("where?near=Sensenkamp+20&lang=de", DESK, "Zuständiges Team", "folium"),
    "coverage": ("coverage?lang=de", TALL, "erreichen", "folium"),
    # A help with figures that are shown, and some that are not.
    "cases": ("cases?year=2022&help=31&lang=de", TALL, "Schraffiert heißt", "folium"),
    "boundaries": ("boundaries?plan=plan-2&lang=de", TALL, "seit Beginn", "editor"),
    "committee": ("committee?lang=de", TALL, "Worte auf dieser Folie", "slides"),
    "data": ("data?lang=de", DESK, "Hinweise", ""),
    "phone": (f"offers?{NEAR}", PHONE, "Angebote", "folium"),
}


@contextmanager
def running_app(workspace: Path) -> Iterator[str]:
    """Serve the app until the block ends; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {**os.environ, "SRO_WORKSPACE": str(workspace)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("the app did not start") from None
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def drawn_in(workspace: Path) -> Path:
    """Make a workspace from the shipped data, with a variant in which one district moved."""
    for words in (
        ["init"],
        ["plan", "new", "Variante A"],
        ["plan", "move", "plan-2", "nord-ost", "--district", "04"],
        ["story", "new", "Ausschuss im März", "--template", "gap_report", "--age-group", "10-13"],
    ):
        command = [sys.executable, "-m", "sro_geo", "--workspace", str(workspace), *words]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return workspace


def take(page: Page, url: str, name: str) -> None:
    """Open one view, wait until it is all there, and keep a picture of it."""
    address, _, words, kind = VIEWS[name]
    page.goto(f"{url}/{address}")
    page.locator(".sro-foot").wait_for()
    expect(page.get_by_text(re.compile(words)).first).to_be_visible()
    if kind == "folium":
        frame = page.frame_locator("iframe[title^=streamlit_folium]")
        frame.locator("#map_div[data-ready=true]").wait_for()
    elif kind == "editor":
        page.locator(".sro-editor-map[data-ready=true]").wait_for()
        page.mouse.move(0, 0)
    elif kind == "slides":
        page.get_by_role("button", name=re.compile("erreichen kein Angebot")).first.click()
        page.mouse.move(0, 0)
    # Nothing moves any more: two pictures in a row are the same.
    before = b""
    for _ in range(20):
        page.wait_for_timeout(400)
        now = page.screenshot()
        if now == before:
            break
        before = now
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def take_all(browser: Browser, url: str, names: list[str]) -> None:
    """Take pictures, each on a fresh page."""
    for name in names:
        _, viewport, _, _ = VIEWS[name]
        context = browser.new_context(locale="de-DE", viewport=viewport, device_scale_factor=1)
        page = context.new_page()
        page.set_default_timeout(30_000)
        take(page, url, name)
        context.close()


def main() -> None:
    """Start app and browser, take the pictures, stop both."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium: apt-get install chromium, or name one in CHROMIUM")
    names = sys.argv[1:] or list(VIEWS)
    if unknown := set(names) - set(VIEWS):
        raise SystemExit(f"no such picture: {', '.join(sorted(unknown))}")
    PICTURES.mkdir(exist_ok=True)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(drawn_in(Path(folder) / "workspace")) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        take_all(browser, url, names)
        browser.close()


if __name__ == "__main__":
    main()
