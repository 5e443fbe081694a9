"""A backup is one file, complete, private, made while others work; restoring checks it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
import warnings
import zipfile

import pandas as pd
import pytest

from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.store import (
    ProtectedStore,
    open_store,
    read_released,
    restore_backup,
    write_released,
)
from sro_geo.store.backup import PROTECTED
from sro_geo.store.released import RELEASED

ENTRIES = ["categories.toml", "city.toml", "protected.sqlite", "sro.gpkg"]


def refusal(act, *arguments, **options) -> SroError:
    """Return the error, after saying it in both languages."""
    with pytest.raises(SroError) as raised:
        act(*arguments, **options)
    for language in ("de", "en"):
        assert all(describe(raised.value, language))
    return raised.value


@pytest.fixture
def zipped(store, put, offers, blocks, tmp_path):
    """A backup of a workspace with offers and blocks."""
    put("offers", offers)
    put("blocks", blocks)
    file = tmp_path / "Sicherung.zip"
    store.backup(file)
    return file


def test_a_backup_holds_the_four_files_and_is_private(store, zipped, tmp_path):
    """Mode 0600, nothing unfinished beside it, the open database untouched."""
    with zipfile.ZipFile(zipped) as archive:
        assert sorted(archive.namelist()) == ENTRIES
        assert archive.testzip() is None
    assert stat.S_IMODE(zipped.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        store.workspace.name,
        "Sicherung.zip",
    ]
    store.backup(zipped)
    assert len(store.read("offers")) == 2


def test_a_restored_workspace_is_the_same(store, zipped, tmp_path, city):
    """Rows, versions, history and the modes of the files."""
    restore_backup(zipped, tmp_path / "neu" / "w")
    with open_store(tmp_path / "neu" / "w", city) as back:
        for table in ("offers", "blocks"):
            pd.testing.assert_frame_equal(store.read(table), back.read(table))
        assert store.changes() == back.changes()
        assert stat.S_IMODE(back.protected_file.stat().st_mode) == 0o600
        with back.transaction(actor="Test", action="edit") as change:
            change.delete("offers", ["o-1"])
    assert len(store.read("offers")) == 2
    assert [path.name for path in (tmp_path / "neu").iterdir()] == ["w"]


def test_a_backup_during_writes_is_of_one_moment(store, put, offers, tmp_path, city):
    """Two tables changed together are together in every backup, and none is stale."""
    teams = pd.DataFrame({"team_id": ["t"], "name": ["0"]})
    stop = threading.Event()

    def keep_changing() -> None:
        for number in range(1, 100_000):
            with store.transaction(actor="Test", action="edit") as change:
                change.upsert("offers", offers.iloc[:1].assign(name=str(number)))
                change.upsert("teams", teams.assign(name=str(number)))
            if stop.is_set():
                return

    put("offers", offers.iloc[:1].assign(name="0"))
    put("teams", teams)
    writer = threading.Thread(target=keep_changing)
    writer.start()
    try:
        for number in range(5):
            before = store.revision()
            store.backup(tmp_path / f"{number}.zip")
            restore_backup(tmp_path / f"{number}.zip", tmp_path / f"w{number}")
            with open_store(tmp_path / f"w{number}", city) as back:
                assert back.read("offers")["name"][0] == back.read("teams")["name"][0]
                assert back.revision() >= before
    finally:
        stop.set()
        writer.join()


def test_a_backup_is_not_written_over_the_workspace(store, tmp_path):
    """Nor into a folder that is not there; an old backup survives a failed one."""
    assert refusal(store.backup, store.file).code == "backup_not_written"
    assert refusal(store.backup, tmp_path / "no" / "b.zip").code == "backup_not_written"
    assert len(store.read("offers")) == 0


def test_a_failed_backup_leaves_the_old_one(store, zipped, tmp_path, monkeypatch):
    """The new file takes its place only when it is complete."""
    before = zipped.read_bytes()

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", no_space)
    assert refusal(store.backup, zipped).code == "workspace_full"
    assert zipped.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_restoring_never_overwrites(store, zipped, tmp_path):
    """A workspace, or whatever else lies there, stays."""
    assert refusal(restore_backup, zipped, store.workspace).code == "workspace_exists"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").touch()
    assert refusal(restore_backup, zipped, tmp_path / "photos").code == "folder_not_empty"
    (tmp_path / "empty").mkdir()
    restore_backup(zipped, tmp_path / "empty")
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == ENTRIES


def test_templates_of_the_citys_own_come_back(store, tmp_path):
    """What a backup holds is all that people made, and no file that only lay there."""
    folder = store.workspace / "templates"
    folder.mkdir()
    (folder / "kurz.toml").write_text("pages = []")
    (folder / "notes.txt").write_text("x")
    store.backup(tmp_path / "Sicherung.zip")
    restore_backup(tmp_path / "Sicherung.zip", tmp_path / "neu")
    back = sorted((tmp_path / "neu" / "templates").iterdir())
    assert [("kurz.toml", "pages = []")] == [(file.name, file.read_text()) for file in back]


def _with_entry(name, content=b"x"):
    def change(file):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile warns of doubled names
            with zipfile.ZipFile(file, "a") as archive:
                archive.writestr(name, content)

    return change


def _without_database(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("sro.gpkg", b"")


def _not_a_database(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("sro.gpkg", b"no" * 9999)
        archive.writestr("protected.sqlite", b"no" * 9999)


def _flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize(
    "harm",
    [
        _with_entry("../evil"),
        _with_entry("/etc/evil"),
        _with_entry("folder/"),
        _with_entry("more.txt"),
        _with_entry("templates/../evil.toml"),
        _with_entry("templates/evil.sh"),
        _with_entry("sro.gpkg"),
        _without_database,
        _not_a_database,
        _flip_a_byte,
        lambda file: file.write_bytes(file.read_bytes()[:-2000]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no zip" * 100),
    ],
    ids=[
        "../",
        "absolute",
        "folder",
        "extra",
        "template/../",
        "no template",
        "doubled",
        "incomplete",
        "nonsense",
        "flipped",
        "cut",
        "empty",
        "nozip",
    ],
)
def test_a_strange_or_broken_backup_is_refused_whole(zipped, tmp_path, harm):
    """Nothing of it is unpacked."""
    harm(zipped)
    assert refusal(restore_backup, zipped, tmp_path / "new").code == "backup_damaged"
    assert not (tmp_path / "new").exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_backup_that_unpacks_to_too_much_is_refused(zipped, tmp_path):
    """Sizes are looked at before anything is unpacked."""
    error = refusal(restore_backup, zipped, tmp_path / "new", max_bytes=1000)
    assert (error.code, error.params["detail"]) == ("backup_damaged", "too large")


def test_a_missing_backup_is_told(tmp_path):
    """Instead of a traceback."""
    assert refusal(restore_backup, tmp_path / "b.zip", tmp_path / "new").code == "backup_missing"


def test_a_plain_copy_would_be_stale(store, put, offers, tmp_path):
    """Why a backup is not a copy: the last edits wait in the write-ahead log."""
    put("offers", offers)
    copy = tmp_path / "copy.gpkg"
    shutil.copyfile(store.file, copy)
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT count(*) FROM offers").fetchone()[0] == 0
    connection.close()


@pytest.fixture
def published(store, city, blocks):
    """A workspace with raw counts and a released snapshot."""
    frame = pd.DataFrame(
        {
            "place_id": ["0101"],
            "place_kind": "block",
            "help_type": "31",
            "age_from": 0,
            "age_to": 17,
            "place_of_help": "unknown",
            "case_count": 3,
        }
    )
    protected = ProtectedStore(store.workspace)
    protected.replace_counts(frame, year=2024, counting_rule="stock", unit="cases")
    with protected.transaction() as change:
        change.add_release("r-1", "{}", at="2026-01-01")
    areas = blocks.rename(columns={"block_id": "area_id"}).assign(
        level="social_space",
        name="A",
        parent_id=None,
        version="p-1",
        valid_from=None,
        valid_to=None,
    )
    write_released(
        store.workspace,
        city=city,
        areas=areas,
        basemap=None,
        releases=[],
        cells=pd.DataFrame(
            {"release_id": [], "area_id": [], "level": [], "status": [], "count": []}
        ),
        indicators=pd.DataFrame(
            {"indicator": [], "area_id": [], "level": [], "year": [], "status": []}
        ),
        published_at="2026-02-01",
    )
    return store


def test_raw_counts_the_ledger_and_the_snapshot_come_back(published, tmp_path, city):
    """The protected file stays private, the snapshot the same to the byte."""
    published.backup(tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "neu")
    old, new = published.workspace, tmp_path / "neu"
    modes = {name: stat.S_IMODE((new / name).stat().st_mode) for name in (PROTECTED, RELEASED)}
    assert modes == {PROTECTED: 0o600, RELEASED: 0o644}
    with open_store(new, city):
        before, after = ProtectedStore(old), ProtectedStore(new)
        pd.testing.assert_frame_equal(before.read_counts(), after.read_counts())
        assert after.read_ledger() == before.read_ledger()
        assert after.revision() == before.revision()
    assert read_released(new / RELEASED).digest == read_released(old / RELEASED).digest
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_a_restored_ledger_is_still_append_only(published, tmp_path):
    """The triggers come along."""
    published.backup(tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "neu")
    connection = sqlite3.connect(tmp_path / "neu" / PROTECTED)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM ledger_releases")
    connection.close()


def test_a_broken_snapshot_does_not_spoil_the_backup(published, tmp_path, city):
    """It can be published anew; the rest could not."""
    (published.workspace / RELEASED).write_bytes(b"broken")
    published.backup(tmp_path / "b.zip")
    restore_backup(tmp_path / "b.zip", tmp_path / "neu")
    with open_store(tmp_path / "neu", city):
        assert ProtectedStore(tmp_path / "neu").years() == [2024]
    assert refusal(read_released, tmp_path / "neu" / RELEASED).code == "released_damaged"


def test_a_backup_is_not_written_over_the_snapshot(published):
    """It is part of the workspace."""
    file = published.workspace / RELEASED
    assert refusal(published.backup, file).code == "backup_not_written"
