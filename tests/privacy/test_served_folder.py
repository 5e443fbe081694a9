"""The folder that is served holds what the map needs, and nobody else's scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sro_geo.maps import assets
from sro_geo.ui import map_view


def test_a_script_that_was_there_before_is_not_trusted(tmp_path: Path) -> None:
    """A workspace from elsewhere may bring one under the name of ours."""
    name = assets.publish(tmp_path, "a.js", b"ours")
    assets._OURS.clear()
    (tmp_path / name).write_bytes(b"theirs")
    assert assets.publish(tmp_path, "a.js", b"ours") == name
    assert (tmp_path / name).read_bytes() == b"ours"


@pytest.mark.parametrize("case", ["a link", "reading only"])
def test_neither_a_link_nor_a_workspace_for_reading_is_served(tmp_path: Path, case: str) -> None:
    """A link to the workspace itself would hand the databases out."""
    if case == "a link":
        (tmp_path / "served").symlink_to(tmp_path)
    folder = map_view.served_folder(tmp_path, case == "reading only")
    assert tmp_path not in (folder, *folder.parents)
    assert folder.stat().st_mode & 0o777 == 0o700
