"""A workspace that is missing, read-only, full, damaged, newer or busy says so plainly."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.store import create_store, open_store


@pytest.fixture
def closed(workspace, city, offers, sample):
    """A workspace with two offers that nobody has open."""
    with (
        create_store(workspace, city, settings_from=sample) as store,
        store.transaction(actor="Test", action="import") as change,
    ):
        change.upsert("offers", offers)
    return workspace


def refusal(act, *arguments, **options) -> SroError:
    """Return the error, after saying it in both languages."""
    with pytest.raises(SroError) as raised:
        act(*arguments, **options)
    for language in ("de", "en"):
        assert all(describe(raised.value, language))
    return raised.value


def test_a_missing_workspace_is_not_created_by_opening_it(tmp_path, city):
    """Opening never makes files."""
    assert refusal(open_store, tmp_path / "nowhere", city).code == "workspace_missing"
    assert refusal(open_store, tmp_path, city).code == "workspace_missing"
    assert list(tmp_path.iterdir()) == []


def test_creating_never_overwrites(closed, city):
    """Neither the GeoPackage nor a protected database that was left alone."""
    assert refusal(create_store, closed, city).code == "workspace_exists"
    (closed / "sro.gpkg").unlink()
    assert refusal(create_store, closed, city).code == "workspace_exists"


def test_an_interrupted_creation_leaves_no_workspace(tmp_path, city, monkeypatch):
    """The GeoPackage appears whole or not at all."""
    from sro_geo.store import schema

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "create_workspace", fail)
    with pytest.raises(KeyboardInterrupt):
        create_store(tmp_path / "w", city)
    assert not list((tmp_path / "w").glob("*.gpkg*"))


def _truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 100)


def _scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = os.urandom(64)
    file.write_bytes(content)


def _other_program(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE holiday_photos (id)")
    connection.close()


def _lose_a_table(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE IF EXISTS teams")
        connection.execute("DROP TABLE sro_meta")
    connection.close()


@pytest.mark.parametrize("name", ["sro.gpkg", "protected.sqlite"])
@pytest.mark.parametrize(
    "harm",
    [
        _truncate,
        _scramble,
        _other_program,
        _lose_a_table,
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\0" * 40960),
        lambda file: file.write_bytes(os.urandom(40960)),
    ],
    ids=["truncated", "scrambled", "other", "table lost", "nothing", "zero bytes", "random bytes"],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(closed, city, name, harm):
    """What is left of it may still be needed: opening changes not a byte."""
    harm(closed / name)
    before = (closed / name).read_bytes()
    assert refusal(open_store, closed, city).code == "workspace_damaged"
    assert refusal(open_store, closed, city, read_only=True).code == "workspace_damaged"
    assert (closed / name).read_bytes() == before


def test_a_lost_protected_file_is_damage(closed, city):
    """A fresh empty one would hide the loss."""
    (closed / "protected.sqlite").unlink()
    error = refusal(open_store, closed, city)
    assert (error.code, "protected.sqlite" in error.params["detail"]) == ("workspace_damaged", True)


def test_damage_found_while_reading_is_told(store, put, blocks):
    """A geometry that is no geometry, put there by another program."""
    put("blocks", blocks)
    store._connection().execute("DROP TRIGGER rtree_blocks_geometry_update6")
    store._connection().execute("UPDATE blocks SET geometry = x'4750000100000000ff'")
    assert refusal(store.read, "blocks").code == "workspace_damaged"


@pytest.mark.parametrize(("version", "code"), [(2, "newer"), (0, "older"), (99, "newer")])
@pytest.mark.parametrize("name", ["sro.gpkg", "protected.sqlite"])
def test_another_version_is_neither_read_nor_changed(closed, city, name, version, code):
    """A newer program may have changed the meaning of a column."""
    with sqlite3.connect(closed / name) as connection:
        connection.execute(
            "UPDATE sro_meta SET value = ? WHERE key = 'schema_version'", (str(version),)
        )
    connection.close()
    error = refusal(open_store, closed, city)
    assert (error.code, error.params["found"]) == (f"workspace_{code}", version)


def test_the_workspace_of_another_city_is_not_mixed_up(closed, city):
    """Other areas, other CRS: refused by name."""
    from dataclasses import replace

    other = refusal(open_store, closed, replace(city, city_id="flensburg"))
    assert (other.code, other.params["found"]) == ("workspace_other_city", "norderstedt")
    moved = refusal(open_store, closed, replace(city, crs="EPSG:25833"))
    assert (moved.code, moved.params["found"]) == ("workspace_other_crs", "EPSG:25832")


def test_a_second_writer_waits_and_then_is_told(closed, city, offers):
    """Waiting has an end; nothing is half written."""
    with (
        open_store(closed, city) as first,
        open_store(closed, city, busy_seconds=0.1) as second,
        first.transaction(actor="Eins", action="edit") as change,
    ):
        change.delete("offers", ["o-1"])
        error = refusal(lambda: second.transaction(actor="Zwei", action="edit").__enter__())
        assert error.code == "workspace_busy"
        assert len(second.read("offers")) == 2


def test_a_full_disk_undoes_the_change_and_keeps_the_rest(store, put, offers):
    """SQLITE_FULL in the middle of an import."""
    put("offers", offers)
    sql = store._connection()
    pages = sql.execute("PRAGMA page_count").fetchone()[0]
    sql.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = pd.DataFrame(
        {"team_id": [f"t{n}" for n in range(900)], "name": "x" * 200, "contact": "y" * 200}
    )
    assert refusal(put, "teams", many).code == "workspace_full"
    assert (len(store.read("offers")), len(store.read("teams"))) == (2, 0)
    sql.execute("PRAGMA max_page_count = 1000000")
    put("teams", many)
    assert len(store.read("teams")) == 900
    assert sql.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_full_disk_while_writing_files_is_told(tmp_path, city, sample, monkeypatch):
    """ENOSPC from the file system itself."""

    def no_space(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", no_space)
    error = refusal(create_store, tmp_path / "w", city, settings_from=sample)
    assert error.code == "workspace_full"


def test_a_store_opened_for_reading_reads_and_refuses_to_write(closed, city):
    """By wish, beside a writer, seeing the writer's changes."""
    with open_store(closed, city) as writer, open_store(closed, city, read_only=True) as reader:
        with writer.transaction(actor="Test", action="edit") as change:
            change.update("offers", "o-1", {"name": "Neu"}, expected_version=1)
        assert reader.read_only
        assert reader.read("offers")["name"][0] == "Neu"
        error = refusal(lambda: reader.transaction(actor="x", action="y").__enter__())
        assert error.code == "workspace_read_only"


READ_ONLY = """
import os, sys, tempfile
from pathlib import Path
from sro_geo.city import load_city
from sro_geo.errors import SroError
from sro_geo.store import create_store, open_store
workspace = Path(sys.argv[1])
city = load_city(workspace)
if os.geteuid() == 0:
    # Root may write anywhere, so become somebody else; before that, import all there is.
    with tempfile.TemporaryDirectory() as name, create_store(Path(name) / "w", city) as store:
        store.read_many(["blocks", "offers"])
        store.backup(Path(name) / "b.zip")
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
with open_store(workspace, city) as store:
    assert store.read_only
    print(len(store.read("offers")), store.revision(), len(store.history("offers", "o-1")))
    try:
        with store.transaction(actor="x", action="y") as change:
            change.delete("offers", ["o-1"])
    except SroError as why:
        print(why.code)
    store.backup(Path(sys.argv[2]) / "backup.zip")
try:
    create_store(workspace / "new", city)
except SroError as why:
    print(why.code)
print(sorted(file.name for file in workspace.iterdir()))
"""


@pytest.mark.parametrize("left_over", [False, True], ids=["clean", "with a log"])
def test_a_read_only_folder_is_read(closed, city, elsewhere, left_over):
    """On a read-only share: reading and backup work, writing says why not."""
    with tempfile.TemporaryDirectory() as name:
        folder, copy, target = Path(name), Path(name) / "w", Path(name) / "out"
        if left_over:
            # A process that was killed leaves its log and its shared memory behind.
            with open_store(closed, city) as store:
                with store.transaction(actor="Test", action="edit") as change:
                    change.update("offers", "o-1", {"name": "Neu"}, expected_version=1)
                shutil.copytree(closed, copy)
        else:
            shutil.copytree(closed, copy)
        target.mkdir()
        for path in (folder, target):
            path.chmod(0o777)
        for file in copy.iterdir():
            file.chmod(0o444)
        copy.chmod(0o555)
        done = elsewhere(READ_ONLY, copy, target)
        copy.chmod(0o755)
        assert done.returncode == 0, done.stderr
        read, refused, created, files = done.stdout.splitlines()
    assert read == ("2 2 2" if left_over else "2 1 1")
    assert (refused, created) == ("workspace_read_only", "workspace_read_only")
    if not left_over:
        assert files == str(["categories.toml", "city.toml", "protected.sqlite", "sro.gpkg"])
