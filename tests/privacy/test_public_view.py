"""The view of outsiders opens the released snapshot and nothing else."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from sro_geo.settings import Settings
from tests.browser.conftest import ROOT, Server
from tests.browser.steps import settled, watch
from tests.privacy.watching import Watched, watched

_SERVED = "/component/sro_geo.ui.map_view.served"
#: Rooms that handle what was not released: the public process does not even load them.
BEHIND_THE_GATE = (
    "sro_geo.actions.releasing",
    "sro_geo.disclosure",
    "sro_geo.ui.cases_release",
)
MARK = b"NOT-FOR-THE-PUBLIC"


@dataclass(frozen=True)
class Public:
    """A public server on a folder in which others left their files."""

    server: Server
    seen: Watched
    workspace: Path


@pytest.fixture(scope="module")
def public(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    """The released snapshot beside files that are none of its business."""
    folder = tmp_path_factory.mktemp("public")
    workspace = folder / "workspace"
    workspace.mkdir()
    shutil.copy(shipped_workspace / "released.sqlite", workspace)
    for name in ("protected.sqlite", "sro.gpkg", "city.toml"):
        (workspace / name).write_bytes(MARK)
    seen = watched(folder / "watched", ROOT)
    env = {**seen.env, "SRO_MODE": "public", "TMPDIR": str(folder)}
    server = Server(ROOT / "app.py", workspace, folder / "log.txt", env)
    yield Public(server, seen, workspace)
    server.stop()


@pytest.mark.browser
def test_every_address_leads_to_released_figures(public: Public, chromium: Browser) -> None:
    """Also that of a page of the office, the very first time and later, and of its tabs."""
    context = chromium.new_context(locale="de-DE")
    watch(context)
    page = context.new_page()
    try:
        for address in ("data", "?view=Freigabe&year=2026&level=block", "offers", "where"):
            page.goto(f"{public.server.url}/{address}")
            settled(page)
            expect(page.get_by_role("heading", level=1)).to_have_text("Falldichte")
            # Elsewhere a note says that there is no such page, and lies above all else.
            tabs = page.get_by_role("tab").count() if address.startswith("?") else 0
            for tab in range(tabs):
                page.get_by_role("tab").nth(tab).click()
                settled(page)
            words = page.content()
            for word in ("Angreifen", "Vorschlagen", "Datei einlesen", str(public.workspace)):
                assert word not in words
    finally:
        context.close()
    _opens_nothing_else(public)


def _opens_nothing_else(public: Public) -> None:
    inside = {
        Path(name).relative_to(public.workspace).as_posix()
        for name in public.seen.of("read", "write")
        if Path(name).is_relative_to(public.workspace)
    }
    assert inside == {"released.sqlite"}
    assert {file.name for file in public.workspace.iterdir()} == {
        "released.sqlite",
        "protected.sqlite",
        "sro.gpkg",
        "city.toml",
    }
    loaded = set(public.seen.of("import"))
    assert "sro_geo.actions.cases" in loaded  # else nothing was watched
    assert loaded.isdisjoint(BEHIND_THE_GATE)


@pytest.mark.parametrize("between", ["/", "/../", "/%2e%2e/", "/..%2f", "/..%5c", "//", "/.%00./"])
@pytest.mark.parametrize("name", ["protected.sqlite", "released.sqlite", "sro.gpkg"])
@pytest.mark.parametrize("route", [_SERVED, "/component", "/app/static", "/media", "/_stcore"])
def test_no_way_leads_to_the_databases(public: Public, route: str, between: str, name: str) -> None:
    """Whatever the path says; a page of the app may come back, its bytes are no file."""
    for path in (f"{route}{between}{name}", f"{route}{between}workspace/{name}"):
        connection = http.client.HTTPConnection("127.0.0.1", public.server.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        assert MARK not in body
        assert not body.startswith(b"SQLite")


@pytest.mark.parametrize("mode", ["public", "PUBLIC", " public ", "Public", "öffentlich", "1"])
def test_a_mode_that_is_misspelt_does_not_open_the_office(mode: str) -> None:
    """Whoever sets it means to shut something."""
    assert Settings.from_env({"SRO_MODE": mode}).public


def test_without_a_mode_it_is_the_office() -> None:
    """As on the machine of a planner."""
    assert not Settings.from_env({}).public
    assert not Settings.from_env({"SRO_MODE": ""}).public
    assert not Settings.from_env({"SRO_MODE": "internal"}).public


@pytest.mark.parametrize("state", ["missing", "damaged"])
def test_an_outsider_is_told_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """Where the machine keeps its files is nobody's business."""
    import streamlit as st

    folder = tmp_path / "geheimer-ordner"
    folder.mkdir()
    if state == "damaged":
        (folder / "released.sqlite").write_bytes(b"SQLite format 3\0" + MARK)
    monkeypatch.setenv("SRO_MODE", "public")
    monkeypatch.setenv("SRO_WORKSPACE", str(folder))
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    st.cache_resource.clear()
    words = repr([element.proto for element in app.main])
    assert "released.sqlite" in words
    assert "geheimer-ordner" not in words
    assert list(folder.iterdir()) == [folder / "released.sqlite"] * (state == "damaged")
