"""A workspace is made whole or not at all, whoever else is making it at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sro_geo.actions.making import init_workspace
from sro_geo.actions.workspace import open_workspace
from sro_geo.errors import SroError
from sro_geo.settings import Settings
from tests.actions.second_city import write_rows, write_second_city
from tests.conftest import CommandLine
from tests.toy import ROOT


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Files of the second city."""
    return write_second_city(tmp_path / "source")


def test_a_faulty_source_leaves_nothing_behind(
    empty_sro: CommandLine, source: Path, tmp_path: Path
):
    """Every fault of every file is told; folders made on the way are taken away again."""
    offers = [
        {"offer_id": "1", "name": "", "category": "dorftreff", "status": "active"},
        {"offer_id": "2", "name": "B", "category": "zirkus", "status": "active"},
    ]
    write_rows(source / "offers/offers.csv", offers)
    write_rows(source / "steering/teams.csv", [{"team_id": "", "name": "Team"}])
    empty_sro.workspace = tmp_path / "deep" / "down" / "workspace"
    said = empty_sro("init", "--from", source)

    assert (1, "input_refused") == (said.status, said.json["error"]["code"])
    errors = [fault for fault in said.json["faults"] if fault["severity"] == "error"]
    assert {
        ("offers.csv", 2, "name"),
        ("offers.csv", 3, "category"),
        ("teams.csv", 2, "team_id"),
    } == {(f["file"], f["row"], f["column"]) for f in errors}
    assert ["source"] == [entry.name for entry in tmp_path.iterdir()]


def test_a_source_that_is_no_city_is_said(empty_sro: CommandLine, tmp_path: Path):
    """A folder without ``city.toml``."""
    said = empty_sro("init", "--from", tmp_path)

    assert (1, "source_missing") == (said.status, said.json["error"]["code"])
    assert not empty_sro.workspace.exists()


def test_an_unreadable_table_is_an_error_not_a_half_made_workspace(
    empty_sro: CommandLine, source: Path
):
    """A file that is no table at all stops everything."""
    (source / "offers/offers.csv").write_bytes(b"\x00\x01\x02" * 300)
    said = empty_sro("init", "--from", source)

    assert (1, "file_not_text") == (said.status, said.json["error"]["code"])
    assert not empty_sro.workspace.exists()


def test_an_empty_folder_is_filled(empty_sro: CommandLine, source: Path):
    """An administrator may have made the folder already."""
    empty_sro.workspace.mkdir()

    assert 0 == empty_sro("init", "--from", source).status
    assert 0 == empty_sro("check").status


def test_a_link_to_an_empty_folder_is_filled_where_it_leads(
    empty_sro: CommandLine, source: Path, tmp_path: Path
):
    """The workspace may lie on another disk."""
    (tmp_path / "disk").mkdir()
    empty_sro.workspace.symlink_to(tmp_path / "disk")

    assert 0 == empty_sro("init", "--from", source).status
    assert (tmp_path / "disk" / "sro.gpkg").is_file()
    assert empty_sro.workspace.is_symlink()


def test_a_folder_with_other_things_is_left_alone(empty_sro: CommandLine, source: Path):
    """Nobody's files are moved or mixed."""
    empty_sro.workspace.mkdir()
    (empty_sro.workspace / "letter.txt").write_text("x", encoding="utf-8")

    assert "workspace_not_empty" == empty_sro("init", "--from", source).json["error"]["code"]
    assert ["letter.txt"] == [entry.name for entry in empty_sro.workspace.iterdir()]


def test_two_processes_at_once_end_with_one_good_workspace(source: Path, tmp_path: Path):
    """Whoever is second finds it made; nothing lies about."""
    folder = tmp_path / "here" / "workspace"
    command = [sys.executable, "-m", "sro_geo", "--workspace", str(folder), "init"]
    both = [
        subprocess.Popen([*command, "--from", str(source)], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate()[1].decode() for process in both]

    assert 0 in [process.returncode for process in both]
    assert "Traceback" not in "".join(said)
    assert ["workspace"] == [entry.name for entry in folder.parent.iterdir()]
    workspace = open_workspace(Settings(workspace=folder), create=False)
    assert 18 == len(workspace.snapshot().tables["blocks"])
    workspace.close()


def test_a_workspace_made_meanwhile_is_opened(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another process finishes between the look and the making: its workspace is used."""
    import sro_geo.actions.workspace as module

    settings = Settings(workspace=tmp_path / "workspace", sample=source)
    init_workspace(settings, source)
    looked = iter([False])
    there = module.is_there
    monkeypatch.setattr(module, "is_there", lambda target: next(looked, there(target)))
    workspace = open_workspace(settings)

    assert "musterkreis" == workspace.city.city_id
    workspace.close()


def test_a_write_in_between_is_never_lost(
    county: CommandLine, source: Path, monkeypatch: pytest.MonkeyPatch
):
    """An import that was prepared on older tables is prepared again, then written."""
    import sro_geo.actions.importing as importing
    from sro_geo.actions.access import Actor

    workspace = county.open()
    real, calls = importing.prepare_import, []

    def prepare_slowly(*arguments, **words):
        prepared = real(*arguments, **words)
        calls.append(prepared)
        monkeypatch.setattr(importing, "_partition", meanwhile)
        return prepared

    def meanwhile(snapshot, prepared):
        if len(calls) == 1:
            other = county.open()
            with other.store.transaction(actor="other", action="note") as tx:
                tx.set_meta("noted", "meanwhile")
            other.close()
        return None, []

    monkeypatch.setattr(importing, "prepare_import", prepare_slowly)
    file = source / "steering/teams.csv"
    report = importing.import_file(workspace, "teams", file, actor=Actor("x"))
    workspace.close()

    assert (2, True) == (len(calls), report.written)


def test_without_permission_to_create_it_stays_missing(tmp_path: Path):
    """A page that must not create says so."""
    with pytest.raises(SroError, match="workspace_missing"):
        open_workspace(Settings(workspace=tmp_path / "nothing"), create=False)
