"""The command line stays light: it pulls in nothing that only pages, maps or solvers need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toy import ROOT

HEAVY = ("streamlit", "folium", "matplotlib", "scipy.optimize", "highspy", "pyogrio", "openpyxl")
ASK = """
import sys
from sro_geo.cli import main
words = sys.argv[1:]
if words:
    main(words)
print("loaded:", *[name for name in {heavy!r} if name in sys.modules])
"""


def loaded(*words: str, workspace: Path | None = None) -> list[str]:
    """Return the heavy packages a process has loaded after a verb."""
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(heavy=HEAVY), *words],
        cwd=ROOT,
        env={**os.environ, "SRO_WORKSPACE": str(workspace or "")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].removeprefix("loaded:").split()


def test_importing_the_command_line_loads_nothing_heavy():
    """Not even pandas is needed to print the help."""
    assert [] == loaded()
    code = "import sys, sro_geo.cli; print('pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "False" == done.stdout.strip()


@pytest.mark.parametrize(
    "words", [("where", "53.7", "10"), ("offers", "--near", "53.7", "10", "--text", "kita")]
)
def test_asking_loads_nothing_heavy(shipped_workspace: Path, words: tuple[str, ...]):
    """An answer takes half a second, not five."""
    assert [] == loaded(*words, workspace=shipped_workspace)
