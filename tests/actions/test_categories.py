"""Kinds of offers go into categories.toml, and everybody who has the workspace open sees them."""

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.categories import CategoriesFile
from sro_geo.actions.importing import import_file
from sro_geo.city import load_city
from sro_geo.errors import SroError

NEW = """
[[groups]]
group = "cooking"
name = { de = "Kochen" }
symbol = "star"
colour = "#335f12"

[[categories]]
category = "cooking_club"
name = { de = "Kochtreff", en = "Cooking club" }
group = "cooking"

[[categories]]
category = "youth_centre"
name = { de = "Jugendhaus", en = "Open youth work" }
section = "11"
group = "youth"
"""
WHO = Actor("Anna")


def take(town, text=NEW, **more):
    """Import categories into an open workspace."""
    return import_file(town, "categories", text.encode(), name="neu.toml", actor=WHO, **more)


def test_an_open_workspace_sees_new_categories_and_keeps_its_comments(opened):
    """The rest of the file stays as it was."""
    file = opened.settings.workspace / "categories.toml"
    before, old = opened.snapshot(), file.read_text(encoding="utf-8")
    report = take(opened)
    city = opened.snapshot().city
    assert ({"categories": 1, "category_groups": 1}, 1) == (
        report.added,
        report.changed["categories"],
    )
    assert "Kochtreff" == city.categories["cooking_club"].names["de"]
    assert "Jugendhaus" == city.categories["youth_centre"].names["de"]
    assert set(before.city.categories) < set(city.categories)
    assert load_city(opened.settings.workspace) == city == opened.city
    new = file.read_text(encoding="utf-8")
    assert old.splitlines()[:4] == new.splitlines()[:4]
    assert old.count("\n[[") + 2 == new.count("\n[[")
    assert "categories" in set(opened.snapshot().tables["sources"]["table_name"])
    assert before.revision < opened.snapshot().revision


def test_a_dry_run_writes_nothing(opened):
    """Neither the file nor the store."""
    before = opened.snapshot()
    take(opened, dry_run=True)
    assert before is opened.snapshot()


def test_the_same_file_again_changes_nothing(opened):
    """It is said, and the file is not touched."""
    take(opened)
    file = opened.settings.workspace / "categories.toml"
    stamp = file.stat().st_mtime_ns
    report = take(opened)
    assert ({"categories": 0, "category_groups": 0}, stamp) == (
        report.changed,
        file.stat().st_mtime_ns,
    )


def test_an_offer_may_have_the_new_category_at_once(opened):
    """No restart in between."""
    take(opened)
    data = b"name;category;service_area\nKochen am Kamp;cooking_club;nord-west\n"
    import_file(opened, "offers", data, name="offers.csv", actor=WHO)
    found = opened.snapshot().directory
    assert ["cooking"] == found.loc[found["category"] == "cooking_club", "group"].to_list()


def test_where_the_file_cannot_be_written_nothing_is(opened, monkeypatch):
    """The store forgets what it was about to note."""
    revision = opened.store.revision()

    def full(file, data):
        raise SroError("file_not_writable", file=str(file), reason="disk full")

    monkeypatch.setattr("sro_geo.actions.categories.replace_file", full)
    with pytest.raises(SroError, match="disk full") as refused:
        take(opened)
    assert ("categories_not_written", revision) == (refused.value.code, opened.store.revision())


def test_where_the_store_fails_last_the_file_is_put_back(opened):
    """No new categories without a word on where they came from."""
    file = opened.settings.workspace / "categories.toml"
    before = file.read_bytes()
    categories = CategoriesFile(opened.settings.workspace)
    prepared = opened.snapshot()
    from sro_geo.actions.importing import prepare_import

    frames = prepare_import(opened, "categories", NEW.encode(), name="neu.toml").frames
    with pytest.raises(RuntimeError), categories:
        categories.put(prepared.city, frames)
        assert before != file.read_bytes()
        raise RuntimeError("the commit failed")
    assert before == file.read_bytes()


def test_settings_changed_by_hand_are_seen(opened):
    """Only what tables hang on must stay: levels, id and CRS."""
    file = opened.settings.workspace / "city.toml"
    text = file.read_text(encoding="utf-8")
    opened.snapshot()
    file.write_text(text.replace("stale_after_days = 365", "stale_after_days = 30"))
    assert 30 == opened.snapshot().city.stale_after_days
    file.write_text(text.replace("EPSG:25832", "EPSG:25833"))
    with pytest.raises(SroError, match="city_changed"):
        opened.snapshot()
    file.write_text(text)
    assert opened.snapshot().city.crs == "EPSG:25832"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_of_categories_comes_in_again_unchanged(sro, tmp_path, ending):
    """Through the command line."""
    file = tmp_path / f"arten.{ending}"
    assert 0 == sro("export", "categories", file).status
    again = sro("import", "categories", file)
    assert (0, {"categories": 0}, {"categories": 0}) == (
        again.status,
        again.json["added"],
        again.json["changed"],
    )
