"""The walk on real data in the README, run as it stands there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_docs import README, ROOT, code_blocks

REAL = Path(os.environ.get("SRO_REALDATA") or ROOT.parent / "shared" / "realdata")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (set SRO_REALDATA)"),
]


def run(command, folder):
    """Run lines of a shell that stops at the first refusal; returns what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "SRO_REALDATA": str(REAL), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-e", "-c", command.replace("build/", f"{folder}/")],
        cwd=ROOT,
        env=env,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def offers(workspace):
    """All offers of a workspace, as the command line gives them."""
    found = run(f"python -m sro_geo --workspace {workspace} offers --json", workspace)
    return json.loads(found)["offers"]


def test_the_walk_in_the_readme_works_and_ends_with_the_numbers_it_names(tmp_path):
    """68 institutions in Norderstedt, 66 with a point; 146 in Flensburg; who reaches what."""
    walk = next(block for block in code_blocks(README) if "real_cities.py" in block)
    lines = walk.replace("SRO_REALDATA=/path/to/realdata ", "").splitlines()
    left = ("streamlit", "python -m benchmarks")  # the second writes its result into the repository
    said = run("\n".join(line for line in lines if not line.startswith(left)), tmp_path)
    assert "ready for init" in said
    norderstedt = offers(tmp_path / "norderstedt-workspace")
    assert 68 == len(norderstedt)
    assert 66 == sum(offer["lat"] is not None for offer in norderstedt)
    assert 64 == sum(offer["area_id"] is not None for offer in norderstedt)
    flensburg = offers(tmp_path / "flensburg-workspace")
    assert 70 + 76 == len(flensburg)
    assert 13 == len({offer["area_id"] for offer in flensburg if offer["area_id"]})
    found = coverage(tmp_path / "norderstedt-workspace", "--category school --age-group under_18")
    assert (11_116, 8_171, 2_945) == tuple(
        found[name] for name in ("population", "covered", "uncovered")
    )
    assert 925 == found["outside"]
    asked = "--category youth_centre --age-group 10-13"
    heidelberg = tmp_path / "heidelberg-workspace"
    assert 0.56 == round(coverage(heidelberg, asked)["share"], 2)
    assert 0.45 == round(coverage(heidelberg, f"{asked} --method network")["share"], 2)


def coverage(workspace, asked):
    """The answer of the command line for 15 minutes."""
    command = f"python -m sro_geo --workspace {workspace} coverage {asked} --minutes 15 --json"
    return json.loads(run(command, workspace))
