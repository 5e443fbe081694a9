"""Counts that were not released are in nothing that leaves the protected store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, WebSocket, expect

from sro_geo import cli
from sro_geo.actions.cases import case_table, cases_as_bytes, load_released, years_of
from sro_geo.actions.workspace import open_workspace
from sro_geo.settings import Settings
from tests.browser.conftest import ROOT, Server
from tests.browser.steps import settled, watch
from tests.privacy.counts import CHANGED, INDICATOR, UNRELEASED, Canary, files_below, plant

PAGES = ("start", "offers", "coverage", "cases", "where", "data")


@dataclass(frozen=True)
class Planted:
    """A workspace with counts that must be nowhere, and a folder for everything temporary."""

    workspace: Path
    canary: Canary
    folder: Path

    def env(self) -> dict[str, str]:
        """Return an environment whose temporary files can be looked through afterwards."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        return {"TMPDIR": str(self.folder / "tmp"), "SRO_EDITOR": "Anna"}


@pytest.fixture(scope="module")
def planted(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The shipped city with unreleased counts, proposals and an indicator of its own."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(shipped_workspace, folder / "workspace")
    workspace = open_workspace(Settings(workspace=folder / "workspace"))
    try:
        canary = plant(workspace)
    finally:
        workspace.close()
    return Planted(folder / "workspace", canary, folder)


@dataclass
class Received:
    """Every byte one visitor's browser was sent, by HTTP and by WebSocket."""

    parts: list[bytes] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Keep what comes from now on."""
        page.route("**/*", self._answered)
        page.on("websocket", self._websocket)
        page.on("console", lambda message: self.parts.append(message.text.encode()))

    def _answered(self, route: Route) -> None:
        # Asked for twice: a frame that is replaced takes its answers with it, and an answer
        # that is handed on does not count as one of this machine.
        answer = route.fetch()
        self.parts.append(f"{answer.url} {answer.headers}".encode())
        self.parts.append(answer.body())
        route.continue_()

    def _websocket(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda data: self.parts.append(_bytes(data)))

    def everything(self) -> bytes:
        """Return all of it."""
        return b"\n".join(self.parts)


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data


@pytest.fixture(scope="module")
def internal(planted: Planted) -> Iterator[Server]:
    """The dashboard of the office."""
    server = Server(ROOT / "app.py", planted.workspace, planted.folder / "log.txt", planted.env())
    yield server
    server.stop()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[tuple[Page, Received]]:
    """A browser with nothing in its cache, and what it receives."""
    context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    watch(context)
    page, received = context.new_page(), Received()
    received.listen(page)
    yield page, received
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def test_the_search_finds_counts_where_they_are(planted: Planted) -> None:
    """In the protected store, packed or spelt out; else the tests below would prove nothing."""
    canary = planted.canary
    assert len(canary.found((planted.workspace / "protected.sqlite").read_bytes())) > 1000
    number = min(canary.words)
    dotted = f"{int(number):,}".replace(",", ".")
    for words in (f"<b>{number}</b>", f"Fälle: {dotted}, mehr", f"[1,{number},2]", f"{number}.0"):
        assert canary.found(words) == {number}
    assert canary.found("7.393.913, 73939133") == set()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_the_office_receives_an_unreleased_count(
    internal: Server, planted: Planted, visitor: tuple[Page, Received], name: str
) -> None:
    """Every tab of it, whatever year and area the address asks for."""
    page, received = visitor
    asked = f"year={UNRELEASED}&cases_year={UNRELEASED}&level=block&version=plan-2&status=proposed"
    page.goto(f"{internal.url}/{'' if name == 'start' else name}?{asked}")
    settled(page)
    for tab in range(page.get_by_role("tab").count()):
        page.get_by_role("tab").nth(tab).click()
        settled(page)
    everything = received.everything()
    assert len(everything) > 1_000_000
    assert planted.canary.found(everything) == set()


@pytest.mark.browser
def test_trying_the_gate_tells_no_count(
    internal: Server, planted: Planted, visitor: tuple[Page, Received]
) -> None:
    """Neither the draft, nor what would hide less, nor the audit, nor a refusal."""
    page, received = visitor
    page.goto(f"{internal.url}/cases")
    settled(page)
    page.get_by_role("tab", name="Freigabe").click()
    settled(page)
    for button in ("Prüfen", "Angreifen", "Vorschlagen"):
        found = page.get_by_role("button", name=button).last
        expect(found).to_be_visible()
        found.click()
        settled(page)
    assert planted.canary.found(received.everything()) == set()


def test_downloads_hold_released_counts_alone(planted: Planted) -> None:
    """CSV and unpacked workbook of every year; the years are those with a release."""
    released = load_released(planted.workspace)
    assert UNRELEASED not in years_of(released)
    assert INDICATOR not in set(released.indicators["indicator"])
    for year in years_of(released):
        for ending in ("csv", "xlsx"):
            data = cases_as_bytes(released, case_table(released, year), ending)
            assert planted.canary.found(data) == set(), (year, ending)


VERBS = (
    ("cases", "--year", UNRELEASED, "--level", "city"),
    ("cases", "--year", CHANGED, "--level", "social_space", "--by", "help_type"),
    ("release", "list"),
    ("release", "approve", f"{UNRELEASED}-1"),
    ("release", "withdraw", f"{UNRELEASED}-2"),
    ("release", "propose", "--year", UNRELEASED, "--by", "none", "--dry-run"),
    ("release", "propose", "--year", CHANGED, "--by", "none", "--dry-run"),
    ("release", "propose", "--year", UNRELEASED, "--by", "none", "--ages", "6-11"),
    ("release", "propose", "--year", CHANGED, "--indicator", INDICATOR),
    ("check",),
    ("export", "offers", "offers.geojson"),
    ("export", "areas", "areas.xlsx"),
    ("export", "cases", "cases.csv"),
    ("export", "indicators", "indicators.csv"),
)  # fmt: skip


def test_no_verb_says_an_unreleased_count(
    planted: Planted,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On standard output, on standard error, or in a file it writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SRO_EDITOR", "Anna")
    for verb in VERBS:
        cli.main(["--workspace", str(planted.workspace), *map(str, verb), "--json"])
        said = "".join(capfd.readouterr())
        assert said, verb
        assert planted.canary.found(said) == set(), verb
    written = files_below(tmp_path)
    assert len(written) == 2
    for file in written:
        assert planted.canary.found(file.read_bytes()) == set(), file


def test_nothing_else_keeps_an_unreleased_count(internal: Server, planted: Planted) -> None:
    """Neither tables and history, nor what is served, nor the log, nor a temporary file."""
    for file in files_below(planted.folder):
        if file.name != "protected.sqlite":
            assert planted.canary.found(file.read_bytes()) == set(), file
