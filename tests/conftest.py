"""A workspace made from the shipped data once, copied for each test, and the command line."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from sro_geo import cli
from sro_geo.actions.making import SAMPLE_LEDGER, init_workspace
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.settings import SHIPPED_DATA, Settings
from tests.actions.second_city import write_second_city

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Busy machines are slow, not wrong: no example fails for its time.
# A busy machine is no fault of a test: neither its deadline nor how slowly data are drawn.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@dataclass(frozen=True)
class Said:
    """What one call of the command line gave back."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output; NaN and Infinity are no JSON."""

        def refuse(constant: str) -> None:
            raise ValueError(f"{constant} is no JSON")

        return json.loads(self.out, parse_constant=refuse)

    @property
    def codes(self) -> set[str]:
        """Codes of the faults or notes of an import."""
        document = self.json
        return {fault["code"] for fault in document.get("faults", document.get("notes", []))}


@dataclass
class CommandLine:
    """Calls ``python -m sro_geo … --json`` in this process on one workspace."""

    workspace: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object, json: bool = True) -> Said:
        """Run one verb and return what it said."""
        self.capsys.readouterr()
        words = ["--workspace", str(self.workspace), *map(str, arguments)]
        status = cli.main([*words, "--json"] if json else words)
        said = self.capsys.readouterr()
        return Said(status, said.out, said.err)

    def open(self) -> Workspace:
        """Open the workspace beside the command line; the caller closes it."""
        return open_workspace(Settings(workspace=self.workspace), create=False)

    def tables(self) -> dict[str, Any]:
        """Return every table but the notes on what was imported when."""
        workspace = self.open()
        try:
            return {k: v for k, v in workspace.snapshot().tables.items() if k != "sources"}
        finally:
            workspace.close()

    def revision(self) -> int:
        """Return the number of the latest change."""
        workspace = self.open()
        try:
            return workspace.store.revision()
        finally:
            workspace.close()


@pytest.fixture(scope="session")
def shipped_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made from the shipped data; tests copy it and leave it alone."""
    folder = tmp_path_factory.mktemp("made") / "workspace"
    init_workspace(Settings(workspace=folder), None)
    return folder


@pytest.fixture
def empty_sro(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line where there is no workspace yet."""
    return CommandLine(tmp_path / "workspace", capsys)


@pytest.fixture(scope="session")
def unreleased_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped city with its counts and before any release: the gate is quick there."""
    folder = tmp_path_factory.mktemp("unreleased")
    shutil.copytree(SHIPPED_DATA, folder / "data")
    (folder / "data" / SAMPLE_LEDGER).unlink()
    init_workspace(Settings(workspace=folder / "workspace"), folder / "data")
    return folder / "workspace"


@pytest.fixture
def unreleased(unreleased_workspace: Path, empty_sro: CommandLine) -> CommandLine:
    """The command line on a copy of the shipped city before any release."""
    shutil.copytree(unreleased_workspace, empty_sro.workspace)
    return empty_sro


@pytest.fixture
def sro(shipped_workspace: Path, empty_sro: CommandLine) -> CommandLine:
    """The command line on a copy of the shipped workspace."""
    shutil.copytree(shipped_workspace, empty_sro.workspace)
    return empty_sro


@pytest.fixture(scope="session")
def county_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the second city, of other levels and in another zone."""
    folder = tmp_path_factory.mktemp("county")
    source = write_second_city(folder / "source")
    init_workspace(Settings(workspace=folder / "workspace"), source)
    return folder / "workspace"


@pytest.fixture
def county(county_workspace: Path, empty_sro: CommandLine) -> CommandLine:
    """The command line on a copy of the second city."""
    shutil.copytree(county_workspace, empty_sro.workspace)
    return empty_sro


@pytest.fixture
def opened(sro: CommandLine) -> Iterator[Workspace]:
    """A copy of the shipped workspace, open."""
    workspace = sro.open()
    yield workspace
    workspace.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, or a skip that says how to get it (a failure in CI)."""
    from playwright.sync_api import sync_playwright  # late: most tests need no browser

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        word = "no Chromium: apt-get install chromium, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()
