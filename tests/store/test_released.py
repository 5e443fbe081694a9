"""The released snapshot stands alone, is replaced whole, and holds no hidden number."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.store import read_released, write_released
from sro_geo.store.released import RELEASED

WHEN = "2026-02-01T10:00:00.000Z"


def refusal(act, *arguments, **options) -> SroError:
    """Return the error, after saying it in both languages."""
    with pytest.raises(SroError) as raised:
        act(*arguments, **options)
    for language in ("de", "en"):
        assert all(describe(raised.value, language))
    return raised.value


@pytest.fixture
def content(city) -> dict[str, Any]:
    """A city with one region of two spaces; a released, a hidden and a missing cell."""
    left, right = (shapely.box(565000 + x, 5950000, 565100 + x, 5950100) for x in (0, 100))
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["R", "01", "02"],
            "level": ["region", "social_space", "social_space"],
            "name": ["Mitte", "Am Markt", "„Süd“ <b>"],
            "parent_id": [None, "R", "R"],
            "version": "p-1",
            "valid_from": ["2020-01-01"] * 3,
            "valid_to": None,
            "row_version": 7,
        },
        geometry=[shapely.union(left, right), left, right],
        crs=city.crs,
    )
    basemap = gpd.GeoDataFrame(
        {"feature_id": ["w"], "kind": ["water"], "name": [None]},
        geometry=[shapely.LineString([(565000, 5950000), (565100, 5950100)])],
        crs=city.crs,
    )
    cells = pd.DataFrame(
        {
            "release_id": "r-1",
            "area_id": ["R", "01", "02", "02"],
            "level": ["region", "social_space", "social_space", "social_space"],
            "name": ["Mitte", "Am Markt", "Süd", "Süd"],
            "help_type": pd.Series([None, None, None, "31"], dtype="str"),
            "age_group": None,
            "place": None,
            "status": ["released", "suppressed", "released", "missing"],
            "count": pd.array([25, None, 0, None], dtype="Int64"),
            "denominator": [900.0, 400.0, 500.0, None],
            "primary": [False, True, False, False],
        }
    )
    indicators = pd.DataFrame(
        {
            "indicator": "sgb2_under_15",
            "area_id": ["01", "02"],
            "level": "social_space",
            "year": 2024,
            "numerator": [120.0, None],
            "denominator": [900.0, 500.0],
            "value": None,
            "status": ["given", "suppressed_at_source"],
            "published": True,
            "source": "Sozialatlas",
            "reference_date": "2024-12-31",
        }
    )
    release = {
        "release_id": "r-1",
        "subject": "cases",
        "year": 2024,
        "counting_rule": "stock",
        "unit": "cases",
        "version": "p-1",
        "cut": {"levels": ["region", "social_space"], "by_type": "none"},
        "rules": {"small_to": 4, "width": 5},
        "approved_at": "2026-01-31",
    }
    return {
        "city": city,
        "areas": areas,
        "basemap": basemap,
        "releases": [release],
        "cells": cells,
        "indicators": indicators,
        "published_at": WHEN,
    }


@pytest.fixture
def file(tmp_path, content) -> Path:
    """The snapshot in a folder of its own."""
    write_released(tmp_path, **content)
    return tmp_path / RELEASED


def test_the_snapshot_comes_back_as_it_was_written(file, content, city):
    """Released, suppressed and missing stay apart; what was not asked for is left out."""
    back = read_released(file)
    assert back.cells["status"].tolist() == ["released", "suppressed", "released", "missing"]
    assert back.cells["count"].tolist() == [25, pd.NA, 0, pd.NA]
    assert back.cells["help_type"].isna().tolist() == [True, True, True, False]
    assert back.cells["area_id"].tolist() == ["R", "01", "02", "02"]
    assert list(back.cells.columns) == [*content["cells"].columns.drop("primary")]
    assert str(back.cells["count"].dtype) == "Int64"
    assert back.indicators["numerator"].isna().tolist() == [False, True]
    assert back.releases == tuple(content["releases"])
    assert back.published_at == WHEN
    assert back.areas["parent_id"].isna().tolist() == [True, False, False]
    assert "row_version" not in back.areas
    assert_geodataframe_equal(
        back.areas[["area_id", "geometry"]],
        content["areas"][["area_id", "geometry"]],
        check_dtype=False,
    )
    assert back.areas.crs == city.crs
    assert back.basemap.geometry.equals(content["basemap"].geometry)


def test_the_city_is_told_as_far_as_a_map_needs_it(file, city):
    """Its rooms and thresholds stay inside."""
    told = read_released(file).city
    same = ["city_id", "names", "crs", "levels", "sample_data", "source_note", "bounds"]
    for name in [*same, "border_tolerance_m"]:
        assert getattr(told, name) == getattr(city, name)
    assert (told.thresholds, told.categories, told.groups) == ((), {}, {})
    assert told.speed_kmh("walk", None) > 0


def test_a_snapshot_may_be_empty(tmp_path, content):
    """After the last release was withdrawn: the frames keep their form."""
    none = {name: content[name].iloc[:0] for name in ("areas", "cells", "indicators")}
    write_released(tmp_path, **{**content, **none, "basemap": None, "releases": []})
    back = read_released(tmp_path / RELEASED)
    assert [len(back.areas), len(back.basemap), len(back.cells)] == [0, 0, 0]
    assert back.releases == ()
    assert back.areas.crs == content["city"].crs
    write_released(tmp_path, **content)
    full = read_released(tmp_path / RELEASED)
    for name in ("cells", "indicators", "areas", "basemap"):
        assert (getattr(back, name).dtypes == getattr(full, name).dtypes).all()


@pytest.mark.parametrize("status", ["suppressed", "missing"])
def test_a_count_beside_a_hidden_cell_is_refused(file, content, status):
    """Whoever made the table; the snapshot before stays, and the count is not repeated."""
    before = file.read_bytes()
    content["cells"].loc[0, "status"] = status
    with pytest.raises(ValueError, match="has a count") as raised:
        write_released(file.parent, **content)
    assert "25" not in str(raised.value)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [RELEASED]


def test_a_released_cell_without_a_count_is_refused(tmp_path, content):
    """It would read as missing."""
    content["cells"].loc[1, "status"] = "released"
    with pytest.raises(ValueError, match="no count"):
        write_released(tmp_path, **content)


def test_a_status_nobody_knows_is_refused(tmp_path, content):
    """It might mean anything."""
    content["cells"].loc[1, "status"] = "secret"
    assert refusal(write_released, tmp_path, **content).code == "value_not_storable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "value"), [("published", False), ("status", "missing"), ("published", None)]
)
def test_an_indicator_that_is_not_public_is_refused(tmp_path, content, column, value):
    """Not published, or a number beside one that is not given."""
    content["indicators"] = content["indicators"].astype({"published": "boolean"})
    content["indicators"].loc[0, column] = value
    with pytest.raises(ValueError, match="indicators"):
        write_released(tmp_path, **content)


@pytest.mark.parametrize("name", ["vintage", "reason", "cells", "note"])
def test_a_fact_about_a_release_that_is_not_to_be_told_is_refused(tmp_path, content, name):
    """Only what is named goes out."""
    content["releases"][0][name] = "x"
    with pytest.raises(ValueError, match=name):
        write_released(tmp_path, **content)


def test_a_cell_of_no_release_is_refused(tmp_path, content):
    """Nobody approved it."""
    content["cells"].loc[0, "release_id"] = "r-0"
    with pytest.raises(ValueError, match="release"):
        write_released(tmp_path, **content)


def test_areas_in_another_crs_are_refused(tmp_path, content):
    """They would lie elsewhere."""
    content["areas"] = content["areas"].to_crs(25833)
    assert refusal(write_released, tmp_path, **content).code == "crs_differs"


def test_the_snapshot_is_readable_for_all_and_alone_in_its_folder(file):
    """Mode 0644 whatever the umask; no log, no journal, nothing unfinished."""
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    read_released(file)
    assert [path.name for path in file.parent.iterdir()] == [RELEASED]


def test_the_umask_does_not_hide_it_from_the_public_view(tmp_path, content):
    """Which runs as another user."""
    mask = os.umask(0o077)
    try:
        write_released(tmp_path, **content)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / RELEASED).stat().st_mode) == 0o644


READ = """
import os, sys
import geopandas
from pathlib import Path
from sro_geo.store import read_released
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
back = read_released(Path(sys.argv[1]))
print(len(back.cells), len(back.areas), back.city.city_id)
print("pyogrio" in sys.modules)
"""


def test_it_is_read_where_nothing_may_be_written(file, elsewhere):
    """By another user, from a read-only folder with no other file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "Öffentlich #1 100%?"
        folder.mkdir()
        shutil.copyfile(file, folder / RELEASED)
        Path(name).chmod(0o755)
        (folder / RELEASED).chmod(0o444)
        folder.chmod(0o555)
        done = elsewhere(READ, folder / RELEASED)
        left = [path.name for path in folder.iterdir()]
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["4 3 norderstedt", "False"]
    assert left == [RELEASED]


def test_a_reader_sees_one_state_or_the_next(file, content):
    """The new file takes the place of the old one; who has the old one open keeps it."""
    old = read_released(file)
    with file.open("rb") as still_open:
        content["cells"].loc[0, "count"] = 26
        write_released(file.parent, **content)
        assert len(still_open.read()) > 0
    new = read_released(file)
    assert (old.cells["count"][0], new.cells["count"][0]) == (25, 26)
    assert old.digest != new.digest


def test_the_digest_names_the_content(file, tmp_path):
    """The same file elsewhere has the same."""
    (tmp_path / "copy").mkdir()
    copy = shutil.copyfile(file, tmp_path / "copy" / RELEASED)
    assert read_released(copy).digest == read_released(file).digest


def test_a_failed_writing_leaves_the_old_one(file, content, monkeypatch):
    """Nothing unfinished stays beside it."""
    before = file.read_bytes()

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    assert refusal(write_released, file.parent, **content).code == "workspace_full"
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [RELEASED]


def test_a_replaced_snapshot_leaves_nothing_in_the_new_one(file, content):
    """A withdrawn release is gone from the file, byte by byte."""
    content["cells"].loc[0, "name"] = "Kanarienvogel"
    write_released(file.parent, **content)
    assert b"Kanarienvogel" in file.read_bytes()
    content["cells"].loc[0, "name"] = "Mitte"
    write_released(file.parent, **content)
    assert b"Kanarienvogel" not in file.read_bytes()


# -- what is wrong with it ---------------------------------------------------------------


def _sql(*statements: str):
    def harm(file: Path) -> None:
        sql = sqlite3.connect(file)
        for statement in statements:
            sql.execute(statement)
        sql.commit()
        sql.close()

    return harm


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no database" * 999),
        lambda file: file.write_bytes(b"\0" * 40960),
        lambda file: os.truncate(file, file.stat().st_size // 2),
        lambda file: file.write_bytes(file.read_bytes()[:16] + os.urandom(40960)),
        _sql("DROP TABLE cells"),
        _sql("ALTER TABLE cells DROP COLUMN place"),
        _sql("DROP TABLE sro_meta"),
        _sql("DELETE FROM sro_meta"),
        _sql("PRAGMA application_id = 1"),
        _sql("UPDATE sro_meta SET value = 'x' WHERE key = 'schema_version'"),
        _sql("UPDATE sro_meta SET value = '{}' WHERE key = 'city'"),
        _sql("UPDATE sro_meta SET value = '[1]' WHERE key = 'city'"),
        _sql("UPDATE sro_meta SET value = 'no json' WHERE key = 'city'"),
        _sql("UPDATE sro_meta SET value = replace(value, 'EPSG', 'NONE') WHERE key = 'city'"),
        _sql("UPDATE areas SET geometry = x'00'"),
        _sql("UPDATE releases SET content = '[]'"),
        _sql("DELETE FROM releases"),
        _sql("PRAGMA ignore_check_constraints = ON", "UPDATE cells SET status = 'suppressed'"),
        _sql("PRAGMA ignore_check_constraints = ON", "UPDATE indicators SET status = 'missing'"),
    ],
)
def test_a_damaged_snapshot_is_told_and_left_as_it_is(file, harm):
    """A hidden cell with a number in it is damage too."""
    harm(file)
    before = file.read_bytes()
    assert refusal(read_released, file).code == "released_damaged"
    assert file.read_bytes() == before


def test_a_snapshot_of_a_newer_program_is_not_guessed_at(file):
    """A column may mean something else by then."""
    _sql("UPDATE sro_meta SET value = '2' WHERE key = 'schema_version'", "DROP TABLE cells")(file)
    error = refusal(read_released, file)
    assert (error.code, error.params["found"]) == ("released_newer", 2)


def test_a_missing_snapshot_is_told_and_not_made(tmp_path):
    """Nothing was released yet."""
    assert refusal(read_released, tmp_path / RELEASED).code == "released_missing"
    assert refusal(read_released, tmp_path / "no" / RELEASED).code == "released_missing"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_told(tmp_path):
    """A folder under the name."""
    (tmp_path / RELEASED).mkdir()
    assert refusal(read_released, tmp_path / RELEASED).code == "released_unreadable"


def test_the_other_databases_are_no_snapshot(store):
    """Pointing the public view at the wrong file shows nothing."""
    for file in (store.file, store.protected_file):
        assert refusal(read_released, file).code == "released_damaged"
