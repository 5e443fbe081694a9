"""A workspace of the shipped city, made once and copied for each test that writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.settings import Settings


@pytest.fixture(scope="session")
def made(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped workspace for the actions; tests that write copy it once more."""
    folder = tmp_path_factory.mktemp("made") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    return folder


@pytest.fixture
def town(made: Path, tmp_path: Path) -> Iterator[Workspace]:
    """An open copy of the shipped workspace."""
    folder = tmp_path / "workspace"
    shutil.copytree(made, folder)
    workspace = open_workspace(Settings(workspace=folder))
    yield workspace
    workspace.close()
