"""The rows of a list of cases are counted and gone: in no file, table, log or message."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook
from starlette.formparsers import MultiPartParser

from sro_geo.actions.workspace import Workspace
from tests.browser.conftest import ROOT
from tests.conftest import CommandLine
from tests.privacy.counts import files_below
from tests.privacy.watching import watched

YEAR = 2030
PERSON, BORN, TOWN, REFERENCE = "Kanarienvogel, Ida", "17.03.2019", "Zwitscherhausen", "AZ-73939133"
SIGNS = ("Kanarienvogel", "17.03.2019", "2019-03-17", "Zwitscherhausen", "AZ-73939133")
HEADER = (
    "Name",
    "Geburtsdatum",
    "Anschrift",
    "PLZ",
    "Ort",
    "Hilfeart",
    "Zählweise",
    "Aktenzeichen",
)


def _rows(workspace: Workspace) -> list[tuple[str, ...]]:
    """Return two cases at known addresses and one that nobody can place."""
    known = workspace.snapshot().tables["addresses"].head(2)
    town = workspace.city.names["de"]
    placed = [
        (PERSON, BORN, f"{row.street} {row.house_number}", "", town, "34", "Stichtag", REFERENCE)
        for row in known.itertuples()
    ]
    return [*placed, (PERSON, BORN, "Kanarienvogelweg 77", "", TOWN, "34", "Stichtag", REFERENCE)]


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    return "\n".join(";".join(row) for row in (HEADER, *rows)).encode()


def _xlsx(rows: list[tuple[str, ...]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (HEADER, *rows):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def telling(data: bytes | str) -> list[str]:
    """Return the signs of the person in some bytes."""
    raw = data.encode() if isinstance(data, str) else data
    return [sign for sign in SIGNS if sign.encode() in raw or sign.encode("utf-16-le") in raw]


@pytest.mark.parametrize(("ending", "written"), [("csv", _csv), ("xlsx", _xlsx)])
def test_a_list_over_a_pipe_leaves_sums_and_nothing_else(  # type: ignore[no-untyped-def]
    sro: CommandLine, opened: Workspace, tmp_path: Path, ending: str, written
) -> None:
    """No file but the databases is written to, not even one that is deleted again."""
    rows = _rows(opened)
    opened.close()
    seen = watched(tmp_path / "watched", ROOT)
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "sro_geo", "import", "cases", "-", "--list", "--name",
         f"liste.{ending}", "--year", str(YEAR), "--json"],
        input=written(rows),
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, **seen.env, "TMPDIR": str(tmp_path / "tmp"),
             "SRO_WORKSPACE": str(sro.workspace), "SRO_EDITOR": "Anna"},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert b"list_outside_city" in done.stdout or b"list_not_placed" in done.stdout
    assert telling(done.stdout + done.stderr) == []
    changed = {Path(name).name for name in seen.of("write")}
    assert {n for n in changed if not n.startswith(("sro.gpkg", "protected.sqlite"))} <= {"null"}
    for file in files_below(tmp_path):
        assert telling(file.read_bytes()) == [], file
    workspace = sro.open()
    try:
        held = workspace.protected.read_counts(YEAR)
        assert (held["case_count"].sum(), set(held["place_kind"])) == (2, {"block"})
        assert "cases" not in set(workspace.snapshot().tables["sources"]["table_name"])
    finally:
        workspace.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: [(*row[:5], "Kanarienvogel", *row[6:]) for row in rows],
        lambda rows: [(row[0], "17.03.2019 Kanarienvogel", *row[2:]) for row in rows],
        lambda rows: [(*row[:6], "Kanarienvogel", row[7]) for row in rows],
        lambda rows: [(*row, "Kanarienvogel") for row in rows],
        lambda rows: [(*row[:2], "Kanarienvogelweg 77", *row[3:]) for row in rows],
    ],
    ids=["help", "birth", "rule", "too long", "nobody placed"],
)
def test_a_refused_list_repeats_nobody(  # type: ignore[no-untyped-def]
    sro: CommandLine, opened: Workspace, tmp_path: Path, spoil
) -> None:
    """Rows and columns are named, not what stands in them."""
    file = tmp_path / "liste.csv"
    file.write_bytes(_csv(spoil(_rows(opened))))
    for more in (["--list"], []):
        said = sro("import", "cases", file, "--year", YEAR, *more, json=bool(more))
        assert said.status == 1
        assert telling(said.out + said.err) == []
    assert opened.protected.read_counts(YEAR).empty


def test_a_list_without_a_heading_line_repeats_nobody(
    sro: CommandLine, opened: Workspace, tmp_path: Path
) -> None:
    """Its first row is a person, and would be taken for the names of columns."""
    file = tmp_path / "liste.csv"
    file.write_bytes(b"\n".join(_csv(_rows(opened)).splitlines()[1:]))
    for more in (["--list"], []):
        said = sro("import", "cases", file, "--year", YEAR, *more)
        assert said.status == 1
        assert telling(said.out + said.err) == []


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "zip", "kml", "txt.pbf"])
def test_a_list_in_another_format_is_not_even_copied(
    sro: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Formats that need a temporary file are refused before there is one."""
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    for name in ("mkdtemp", "mkstemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    file = tmp_path / f"liste.{ending}"
    file.write_text(
        '{"type":"FeatureCollection","features":[{"properties":{"n":"Kanarienvogel"}}]}'
    )
    said = sro("import", "cases", file, "--list", "--year", YEAR)
    assert said.status == 1
    assert telling(said.out + said.err) == []


def test_an_upload_stays_in_memory() -> None:
    """The server would put a part of over a megabyte into a temporary file."""
    import sro_geo.ui.import_view  # noqa: F401 - the page with the only upload

    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    found = re.search(r"maxUploadSize = (\d+)", config)
    assert found
    assert MultiPartParser.spool_max_size >= int(found[1]) * 1024 * 1024
