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
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .steps import watch

ROOT = Path(__file__).resolve().parents[2]
RUN = (sys.executable, "-m", "streamlit", "run")
HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
WIDE = {"width": 1280, "height": 900}
Serve = Callable[..., str]
expect.set_options(timeout=30_000)
OpenContext = Callable[..., BrowserContext]


class Server:
    """A running app on a port and a workspace of its own; it can be stopped and started again."""

    def __init__(self, script: Path | str, workspace: Path, log: Path, env: dict[str, str]) -> None:
        self.script, self.workspace, self.log = script, workspace, log
        self.env = {"SRO_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT), **env}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start the app and wait until it answers."""
        with self.log.open("ab") as output:  # the child keeps its own handle
            self.process = subprocess.Popen(
                [*RUN, str(self.script), "--server.port", str(self.port)],
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        pytest.fail(f"the app did not start: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End the app."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """``serve(app_path, env)`` starts the app once and returns its address."""
    running: dict[tuple[str, ...], Server] = {}

    def start(app_path: Path | str, env: dict[str, str] | None = None) -> str:
        key = (str(app_path), *(f"{k}={v}" for k, v in sorted((env or {}).items())))
        if key not in running:
            workspace = tmp_path_factory.mktemp("workspace")
            log = tmp_path_factory.mktemp("log") / "streamlit.txt"
            running[key] = Server(app_path, workspace, log, env or {})
        return running[key].url

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture(scope="session")
def shipped(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped workspace that the tests of the browser read; to be copied."""
    folder = tmp_path_factory.mktemp("shipped") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    return folder


@pytest.fixture(scope="module")
def dashboard(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard on a fresh copy of the shipped workspace, one for each module."""
    folder = tmp_path_factory.mktemp("dashboard")
    shutil.copytree(shipped, folder / "workspace")
    server = Server(ROOT / "app.py", folder / "workspace", folder / "streamlit.txt", {})
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text(errors="replace")


class Contexts:
    """Visitors, and the addresses beyond this machine that their pages asked for.

    Chromium resolves no other name (see ``chromium``), so nothing leaves; requests are
    watched and not routed, because routing would switch the browser's cache off.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.strangers: list[str] = []
        self.usual = self.start()

    def start(self, **options: Any) -> BrowserContext:
        """Return a new visitor with these options of the browser."""
        context = self.browser.new_context(**{"locale": "de-DE", "viewport": WIDE, **options})
        context.set_default_timeout(30_000)
        watch(context)
        context.on("request", lambda request: self._note(request.url))
        context.on("page", lambda page: page.on("websocket", lambda ws: self._note(ws.url)))
        return context

    def _note(self, url: str) -> None:
        if not url.startswith(HERE):
            self.strangers.append(url)


@pytest.fixture(scope="session")
def contexts(chromium: Browser) -> Contexts:
    """One context for most tests (its cache saves seconds), others on demand."""
    return Contexts(chromium)


@pytest.fixture
def open_context(contexts: Contexts) -> Iterator[OpenContext]:
    """``open_context()`` gives a new visitor; a request beyond this machine fails the test."""
    opened: list[BrowserContext] = []

    def start(**options: Any) -> BrowserContext:
        opened.append(contexts.start(**options))
        return opened[-1]

    contexts.strangers.clear()
    yield start
    for context in opened:
        context.close()
    assert contexts.strangers == []


@pytest.fixture
def offline_page(contexts: Contexts, open_context: OpenContext) -> Iterator[Page]:
    """A page of its own; any request beyond this machine is stopped and fails the test."""
    page = contexts.usual.new_page()
    yield page
    page.close()
