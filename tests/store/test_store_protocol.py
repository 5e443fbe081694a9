"""What every store does: written against the protocol, run on each make."""

from __future__ import annotations

import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.store import join_key, split_key
from sro_geo.tables import SPATIAL, TABLES

ONE_STORE = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def code_of(raised: pytest.ExceptionInfo[SroError]) -> str:
    """Return the code, after saying it in both languages."""
    for language in ("de", "en"):
        assert all(describe(raised.value, language))
    return raised.value.code


def population(rows: int, persons: float = 1.5) -> pd.DataFrame:
    """Return ``rows`` rows of population."""
    return pd.DataFrame(
        {
            "place_id": [f"{number:05d}" for number in range(rows)],
            "place_kind": "block",
            "reference_date": "2025-12-31",
            "age_from": 0,
            "persons": persons,
        }
    )


def test_every_table_starts_empty_with_all_its_columns(store):
    """An empty workspace has each table of the contract, with its dtypes and CRS."""
    frames = store.read_many(list(TABLES))
    for name, table in TABLES.items():
        frame = frames[name]
        extra = ["statistical_district_id"] if name == "blocks" else []
        columns = [*(column.name for column in table.columns), *extra]
        columns += [*(["geometry"] if table.geometry else []), "row_version"]
        assert columns == list(frame.columns)
        assert len(frame) == 0
        assert frame["row_version"].dtype == "Int64"
        if name in SPATIAL:
            assert frame.crs == store.city.crs


def test_rows_come_back_as_they_went_in(store, put, blocks, offers):
    """Text, numbers, flags, gaps and geometry survive; rows are ordered by key."""
    put("blocks", blocks.iloc[::-1])
    put("offers", offers)
    back = store.read("blocks")
    assert back["block_id"].tolist() == ["0101", "0201"]
    assert back["statistical_district_id"].tolist() == ["01", "02"]
    assert pd.isna(back["name"][1])
    assert shapely.equals(back.geometry, blocks.geometry).all()
    back = store.read("offers")
    assert {"Int64"} == {str(back[name].dtype) for name in ("age_min", "age_max", "row_version")}
    assert back["age_min"].tolist() == [6, pd.NA]
    assert back["low_threshold"].tolist() == [True, pd.NA]
    assert back["name"].tolist() == offers["name"].tolist()
    assert back["row_version"].tolist() == [1, 1]


def test_areas_and_lines_come_back_as_multi_parts(store, put, blocks, city):
    """One geometry type per layer, as QGIS expects: polygons become multi-polygons."""
    put("blocks", blocks)
    street = shapely.LineString([(565000, 5950000), (565100, 5950000)])
    put("streets", gpd.GeoDataFrame({"street_id": ["s"]}, geometry=[street], crs=city.crs))
    assert {"MultiPolygon"} == set(store.read("blocks").geom_type)
    assert {"MultiLineString"} == set(store.read("streets").geom_type)


def test_an_empty_geometry_is_a_missing_one(store, put, city):
    """A place without coordinates is missing, however the file spelt it."""
    frame = gpd.GeoDataFrame({"location_id": ["a"]}, geometry=[shapely.Point()], crs=city.crs)
    put("locations", frame)
    assert store.read("locations").geometry.isna().all()


def test_upsert_leaves_columns_alone_that_it_was_not_given(store, put, offers):
    """A file with two columns does not wipe out the others."""
    put("offers", offers)
    put("offers", pd.DataFrame({"offer_id": ["o-1"], "name": ["Jugendhaus"]}))
    row = store.read("offers").iloc[0]
    assert (row["name"], row["category"], row["row_version"]) == ("Jugendhaus", "youth_centre", 2)


def test_upsert_of_the_same_rows_changes_nothing(store, put, offers, locations):
    """Importing a file twice leaves no trace: no version, no audit, no revision."""
    put("locations", locations)
    put("offers", offers)
    before = store.revision(), len(store.changes(limit=1000))
    put("locations", locations)
    put("offers", offers)
    assert before == (store.revision(), len(store.changes(limit=1000)))
    assert {1} == set(store.read("offers")["row_version"])


def test_replace_deletes_what_is_not_there_any_more(store, put, offers):
    """Replace makes the frame the whole content and audits each difference."""
    put("offers", offers)
    put("offers", offers.iloc[1:].assign(name="Neu"), "replace")
    assert store.read("offers")["offer_id"].tolist() == ["o-2"]
    assert store.history("offers", "o-1")[0].before["name"] == "Jugendhaus „Süd“"
    assert store.history("offers", "o-2")[0].after == {"name": "Neu"}


def test_insert_refuses_an_id_that_is_taken(store, put, offers):
    """A new entry never overwrites an old one."""
    put("offers", offers)
    with pytest.raises(SroError) as raised:
        put("offers", offers.iloc[:1].assign(name="anders"), "insert")
    assert code_of(raised) == "id_taken"
    assert store.read("offers")["name"][0] == "Jugendhaus „Süd“"


def test_an_update_needs_the_version_it_was_made_from(store, put, offers):
    """Of two people who edit the same version, the second is told, with the first's name."""
    put("offers", offers)
    with store.transaction(actor="Erste", action="edit") as change:
        change.update("offers", "o-1", {"name": "Erste Fassung"}, expected_version=1)
    with pytest.raises(SroError) as raised:  # noqa: SIM117
        with store.transaction(actor="Zweite", action="edit") as change:
            change.update("offers", "o-1", {"name": "Zweite Fassung"}, expected_version=1)
    assert code_of(raised) == "edited_meanwhile"
    assert raised.value.params["actor"] == "Erste"
    assert store.read("offers")["name"][0] == "Erste Fassung"


def test_an_update_of_a_row_that_is_gone_says_so(store):
    """Neither update nor delete pretends."""
    for act in (
        lambda change: change.update("offers", "o-9", {"name": "x"}, expected_version=1),
        lambda change: change.delete("offers", ["o-9"]),
    ):
        with pytest.raises(SroError) as raised:  # noqa: SIM117
            with store.transaction(actor="Test", action="edit") as change:
                act(change)
        assert code_of(raised) == "row_missing"


def test_history_tells_what_changed_newest_first(store, put, offers):
    """Each entry names actor, action, reason and only the changed columns."""
    put("offers", offers)
    with store.transaction(actor="A. Muster", action="offer_edit", reason="Anruf") as change:
        change.update("offers", "o-1", {"age_min": 8, "low_threshold": False}, expected_version=1)
    with store.transaction(actor="A. Muster", action="offer_delete") as change:
        change.delete("offers", ["o-1"])
    deleted, edited, created = store.history("offers", "o-1")
    assert edited.before == {"age_min": 6, "low_threshold": True}
    assert edited.after == {"age_min": 8, "low_threshold": False}
    assert (edited.actor, edited.action, edited.reason) == ("A. Muster", "offer_edit", "Anruf")
    assert (deleted.after, deleted.before["age_min"]) == ({}, 8)
    assert (created.before, created.after["age_min"]) == ({}, 6)
    assert [entry.revision for entry in (deleted, edited, created)] == [3, 2, 1]
    assert [deleted, edited] == store.changes(limit=2)
    assert edited in store.changes(since=edited.at)
    assert store.changes(since="2999-01-01") == []
    assert store.changes(table="teams") == []


def test_a_bulk_import_leaves_one_entry_with_counts(store, put):
    """4,000 rows of population are one line of history, not 4,000."""
    put("population", population(4000))
    put("population", population(5000, persons=2.5), "replace")
    put("population", population(5001, persons=2.5))
    third, second, first = store.changes()
    assert first.after == {"inserted": 4000, "changed": 0, "rows": 4000}
    assert second.after == {"inserted": 5000, "deleted": 4000, "rows": 5000}
    assert third.after == {"inserted": 1, "changed": 0, "rows": 5001}
    versions = store.read("population")["row_version"].value_counts().to_dict()
    assert versions == {2: 5000, 1: 1}


def test_offers_are_audited_row_by_row_however_many(store, put):
    """Edited tables keep the history of each row through a large import."""
    many = pd.DataFrame(
        {
            "offer_id": [f"o-{number:04d}" for number in range(1500)],
            "name": "Angebot",
            "category": "club",
            "status": "active",
        }
    )
    put("offers", many)
    assert len(store.history("offers", "o-1499")) == 1


def test_nothing_of_a_failed_transaction_stays(store, put, offers):
    """All or nothing: neither rows nor audit nor revision."""
    before = store.revision()
    with pytest.raises(ZeroDivisionError):  # noqa: SIM117
        with store.transaction(actor="Test", action="import", idempotency_key="k") as change:
            change.upsert("offers", offers)
            raise ZeroDivisionError
    assert (before, 0, []) == (store.revision(), len(store.read("offers")), store.changes())
    with store.transaction(actor="Test", action="import", idempotency_key="k") as change:
        assert not change.repeated


def test_the_same_idempotency_key_writes_once(store, put, offers):
    """A click repeated after a lost answer does nothing and says so."""
    for repeated in (False, True):
        with store.transaction(actor="Test", action="new", idempotency_key="click-1") as change:
            assert repeated is change.repeated
            change.insert("offers", offers)
            change.update("offers", "o-1", {"name": "neu"}, expected_version=1)
            change.delete("offers", ["o-2"])
            change.replace("teams", pd.DataFrame({"team_id": ["t"], "name": ["T"]}))
    assert (store.revision(), len(store.read("offers"))) == (1, 1)
    assert store.read("offers")["row_version"][0] == 2


def test_a_reference_to_nothing_is_refused_whole(store, put, offers):
    """An offer cannot lie at a place that is not there; order within a transaction is free."""
    with pytest.raises(SroError) as raised:
        put("offers", offers.assign(location_id="l-1"))
    assert code_of(raised) == "reference_missing"
    assert tuple(raised.value.params[name] for name in ("table", "id", "parent")) == (
        "offers",
        "o-1",
        "locations",
    )
    assert len(store.read("offers")) == 0


def test_children_may_come_before_their_parents(store, offers, locations):
    """References count at the end of the transaction."""
    with store.transaction(actor="Test", action="import") as change:
        change.replace("offers", offers.assign(location_id="l-1"))
        change.replace("locations", locations)
    assert len(store.read("locations")) == 2


@pytest.mark.parametrize(
    ("code", "table", "values"),
    [
        ("id_missing", "teams", {"team_id": [None], "name": ["x"]}),
        ("id_missing", "teams", {"name": ["x"]}),
        ("id_doubled", "teams", {"team_id": ["t", "t"], "name": ["x", "y"]}),
        ("text_not_storable", "teams", {"team_id": ["t"], "name": ["a\0b"]}),
        ("text_not_storable", "teams", {"team_id": ["t"], "name": ["\ud800"]}),
        ("value_not_storable", "blocks", {"block_id": ["b"], "area_km2": [np.inf]}),
        ("value_not_storable", "offers", {"offer_id": ["b"], "age_min": ["sechs"]}),
        (
            "value_not_storable",
            "streets",
            {"street_id": ["s"], "geometry": [shapely.LineString([(0, 0), (np.inf, 1)])]},
        ),
        ("geometry_kind_wrong", "blocks", {"block_id": ["b"], "geometry": [shapely.Point(1, 2)]}),
    ],
)
def test_what_cannot_be_kept_is_refused(store, put, code, table, values):
    """Nothing is cut short or bent to fit."""
    with pytest.raises(SroError) as raised:
        put(table, pd.DataFrame(values, dtype=object))
    assert code == code_of(raised)
    assert len(store.read(table)) == 0


def test_geometry_in_another_crs_is_refused(store, put, blocks):
    """Degrees never pass for metres."""
    with pytest.raises(SroError) as raised:
        put("blocks", blocks.to_crs(4326))
    assert code_of(raised) == "crs_differs"


def test_the_third_dimension_is_dropped(store, put, city):
    """Heights have no use here; the layer is flat."""
    point = shapely.Point(565000, 5950000, 42)
    put("locations", gpd.GeoDataFrame({"location_id": ["a"]}, geometry=[point], crs=city.crs))
    assert not store.read("locations").has_z.any()


def test_composite_keys_have_one_row_id(store, put):
    """A row of two key columns is named by both, joined; any text can be part of it."""
    put("teams", pd.DataFrame({"team_id": ["t|1"], "name": ["Team"]}))
    put("responsibilities", pd.DataFrame({"area_id": ["nord\\ost"], "team_id": ["t|1"]}))
    row_id = join_key(["nord\\ost", "t|1"])
    with store.transaction(actor="Test", action="edit") as change:
        values = {"valid_from": "2026-01-01"}
        change.update("responsibilities", row_id, values, expected_version=1)
    assert len(store.history("responsibilities", row_id)) == 2


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_row_id_can_be_taken_apart_again(parts):
    """Joining and splitting are inverse."""
    assert tuple(parts) == split_key(join_key(parts), len(parts))


@ONE_STORE
@given(text=st.text(min_size=1))
def test_any_text_comes_back_or_is_refused(store, text):
    """Umlauts, quotes and emoji survive; a NUL is refused, not cut off."""
    frame = pd.DataFrame({"team_id": ["t"], "name": [text]})
    try:
        with store.transaction(actor=text, action="edit", reason=text) as change:
            change.replace("teams", frame)
    except SroError as why:
        assert "\0" in text
        assert why.code == "text_not_storable"
    else:
        assert [text] == store.read("teams")["name"].tolist()


def test_several_tables_are_read_as_of_one_moment(store, put, offers):
    """A change between two reads of a snapshot is not half seen."""
    teams = pd.DataFrame({"team_id": ["t"], "name": ["0"]})
    put("offers", offers.iloc[:1].assign(name="0"))
    put("teams", teams)
    stop = threading.Event()

    def keep_changing() -> None:
        for number in range(1, 10_000):
            with store.transaction(actor="Test", action="edit") as change:
                change.upsert("offers", offers.iloc[:1].assign(name=str(number)))
                change.upsert("teams", teams.assign(name=str(number)))
            if stop.is_set():
                return

    writer = threading.Thread(target=keep_changing)
    writer.start()
    try:
        seen = [store.read_many(["offers", "teams"]) for _ in range(30)]
    finally:
        stop.set()
        writer.join()
    assert all(both["offers"]["name"][0] == both["teams"]["name"][0] for both in seen)
    assert len({both["teams"]["name"][0] for both in seen}) > 1


def test_facts_about_the_workspace_are_kept(store):
    """Such as the digest of the data it was made from."""
    with store.transaction(actor="Test", action="init") as change:
        change.set_meta("sample_digest", "abc")
    assert (store.meta("sample_digest"), store.meta("nonsense")) == ("abc", None)
