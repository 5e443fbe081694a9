"""A served app and a page that may talk to nobody but it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
RUN = (sys.executable, "-m", "streamlit", "run")
Serve = Callable[..., str]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, or a skip that says how to get it (a failure in CI)."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        word = "no Chromium: apt-get install chromium, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """``serve(app_path, env)`` starts the app once and returns its address."""
    running: dict[tuple[str, ...], tuple[subprocess.Popen[bytes], str]] = {}

    def start(app_path: Path | str, env: dict[str, str] | None = None) -> str:
        key = (str(app_path), *(f"{k}={v}" for k, v in sorted((env or {}).items())))
        if key in running:
            return running[key][1]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        workspace = tmp_path_factory.mktemp("workspace")
        log = tmp_path_factory.mktemp("log") / "streamlit.txt"
        url = f"http://127.0.0.1:{port}"
        with log.open("wb") as output:  # the child keeps its own handle
            process = subprocess.Popen(
                [*RUN, str(app_path), "--server.port", str(port)],
                cwd=ROOT,
                env={
                    **os.environ,
                    "SRO_WORKSPACE": str(workspace),
                    "PYTHONPATH": str(ROOT),
                    **(env or {}),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running[key] = (process, url)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                return url
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        pytest.fail(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")

    yield start
    for process, _ in running.values():
        process.terminate()
        process.wait(10)


@pytest.fixture
def offline_page(chromium: Browser) -> Iterator[Page]:
    """A page of its own; any request beyond this machine is stopped and fails the test."""
    context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    strangers: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert strangers == []
