"""The running server answers this machine alone, and hands out open geometry alone."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, Server

_SERVED = "/component/sro_geo.ui.map_view.served"
_HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def server(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a workspace of its own."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(shipped_workspace, folder / "workspace")
    running = Server(ROOT / "app.py", folder / "workspace", folder / "log.txt", {})
    yield running
    running.stop()


def answer(server: Server, method: str, path: str, **headers: str) -> int:
    """Return the status of one request; the path goes out as it is written."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_only_this_machine_reaches_the_server(server: Server) -> None:
    """No port is open to the network."""
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f"{server.port:04X}"
    addresses = {
        line[1].split(":")[0] for line in listening if line[1].endswith(port) and line[3] == "0A"
    }
    assert addresses == {"0100007F"}  # 127.0.0.1


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1", "http://evil.example"), ("evil.example", "http://evil.example")],
    ids=["another origin", "DNS rebinding"],
)
def test_pages_of_other_hosts_cannot_talk_to_the_app(
    server: Server, host: str, origin: str
) -> None:
    """Not even under a name that leads to this machine."""
    name, site = f"{host}:{server.port}", f"{origin}:{server.port}"
    status = answer(server, "GET", "/_stcore/stream", **_HANDSHAKE, Host=name, Origin=site)
    assert status == 403


def test_the_app_itself_can_talk_to_it(server: Server) -> None:
    """Otherwise the test above would prove nothing."""
    name = f"localhost:{server.port}"
    origin = f"http://{name}"
    status = answer(server, "GET", "/_stcore/stream", **_HANDSHAKE, Host=name, Origin=origin)
    assert status == 101


def test_uploads_without_a_token_are_refused(server: Server) -> None:
    """Cross-site request forgery."""
    assert answer(server, "PUT", "/_stcore/upload_file/a/b") == 403


@pytest.mark.parametrize("between", ["/", "/../", "/%2e%2e/", "/..%2f", "/..%5c", "//", "/.%00./"])
@pytest.mark.parametrize("name", ["sro.gpkg", "protected.sqlite", ""])
def test_no_way_leads_out_of_the_served_folder(server: Server, between: str, name: str) -> None:
    """Nor is its content listed."""
    assert answer(server, "GET", f"{_SERVED}{between}{name}") in (400, 404)


def test_nobody_drives_the_app_without_a_browser(server: Server) -> None:
    """The interface for programs is off."""
    status = answer(server, "POST", "/_stcore/agent/interact")
    assert status not in range(200, 300)
