"""Where the map's files are served from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from sro_geo.ui import map_view


def test_files_lie_in_the_workspace(tmp_path: Path) -> None:
    """So that a second start finds them."""
    assert map_view.served_folder(tmp_path) == (tmp_path / "served").resolve()


def test_without_a_writable_workspace_they_lie_in_a_private_folder(tmp_path: Path) -> None:
    """Nobody else may put a script there; the same folder for the whole process."""
    folder = map_view.served_folder(tmp_path / "missing")
    assert folder.stat().st_mode & 0o077 == 0
    assert folder == map_view.served_folder(tmp_path / "missing")


def test_the_font_is_the_one_streamlit_brings() -> None:
    """Its address is relative to the frame, so it works under a sub-path too."""
    address = map_view._font()
    name = address.removeprefix("../../static/media/")
    assert (Path(st.__file__).parent / "static" / "static" / "media" / name).is_file()
