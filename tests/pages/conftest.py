"""The pages run in this process, on a fresh copy of the shipped workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shipped(shipped_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped workspace for the pages; tests copy it once more."""
    folder = tmp_path_factory.mktemp("shipped") / "workspace"
    shutil.copytree(shipped_workspace, folder)
    return folder


@pytest.fixture
def workspace(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of its own for one test, named in the environment."""
    folder = tmp_path / "workspace"
    shutil.copytree(shipped, folder)
    monkeypatch.setenv("SRO_WORKSPACE", str(folder))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield folder
    st.cache_resource.clear()


@pytest.fixture
def open_page(workspace: Path) -> Callable[..., AppTest]:
    """``open_page("offers", age="12")`` runs the app on a page with an address."""

    def run(name: str = "start", **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        if name != "start":
            app.switch_page(f"pages/{name}.py")
            for key, value in address.items():
                app.query_params[key] = value
            app.run()
        return app

    return run
