"""What a protected place leaves behind in the files of a workspace: nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError
from tests.privacy import canary


def test_the_search_for_traces_finds_an_open_place(opened: Workspace) -> None:
    """Otherwise the tests below would prove nothing."""
    canary.add(opened)
    found = {trace.split(": ")[1] for trace in canary.traces(opened)}
    assert found >= {"address", "geometry", "R-tree"}


def test_a_place_that_becomes_protected_is_gone_from_every_byte(opened: Workspace) -> None:
    """From rows, history, free pages, the log, and the nodes of the R-tree."""
    offer = canary.add(opened)
    canary.protect(opened, offer)
    assert canary.traces(opened) == []


def test_the_rtree_still_finds_the_other_places(opened: Workspace) -> None:
    """It is laid out anew; QGIS reads through it."""
    canary.protect(opened, canary.add(opened))
    locations = opened.store.read("locations")
    connection = opened.store._connection()  # type: ignore[attr-defined]
    query = "SELECT count(*) FROM rtree_locations_geometry"
    assert connection.execute(query).fetchone() == (int(locations.geometry.notna().sum()),)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    canary.add(opened)  # the triggers work on the new tree
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_deleted_workspace_takes_no_more_edits(opened: Workspace) -> None:
    """The open file would still take them, and nobody would ever find them."""
    shutil.rmtree(opened.settings.workspace)
    with pytest.raises(SroError, match="workspace_missing"):
        canary.add(opened)


def test_a_replaced_workspace_takes_no_more_edits(opened: Workspace, tmp_path: Path) -> None:
    """A backup restored beneath a running program."""
    folder = opened.settings.workspace
    folder.rename(tmp_path / "old")
    shutil.copytree(tmp_path / "old", folder)
    with pytest.raises(SroError, match="workspace_replaced"):
        canary.add(opened)


@pytest.mark.parametrize("name", ["sro.gpkg", "sro.gpkg-wal", "protected.sqlite-shm"])
def test_a_backup_never_takes_the_place_of_the_workspace(opened: Workspace, name: str) -> None:
    """Nor of the logs beside the databases, which hold the latest edits."""
    with pytest.raises(SroError, match="backup_not_written"):
        opened.backup(opened.settings.workspace / name, canary.EDITOR)


def test_the_protected_database_and_backups_are_for_their_owner_alone(
    opened: Workspace, tmp_path: Path
) -> None:
    """Mode 0600, whatever the umask."""
    backup = tmp_path / "backup.zip"
    opened.backup(backup, canary.EDITOR)
    for file in (backup, opened.settings.workspace / "protected.sqlite"):
        assert file.stat().st_mode & 0o777 == 0o600
