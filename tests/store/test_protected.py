"""The protected store keeps raw counts to itself, forgets replaced ones, and never rewrites."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pandas as pd
import pytest

from sro_geo.errors import SroError
from sro_geo.i18n import describe
from sro_geo.store import ProtectedStore, create_store, open_store
from sro_geo.store import protected as module
from sro_geo.store.connection import connect

CANARY = "Kanarienvogelblock"
RULE = {"counting_rule": "stock", "unit": "cases"}
LEDGER = ("ledger_releases", "ledger_events", "ledger_versions")
# A count nobody would write into an error by chance.
RARE = 918273


@pytest.fixture
def workspace(workspace: Path, city, sample) -> Path:
    """A workspace that nobody has open."""
    create_store(workspace, city, settings_from=sample).close()
    return workspace


@pytest.fixture
def protected(workspace: Path) -> ProtectedStore:
    """The protected store of a new workspace."""
    return ProtectedStore(workspace)


def counts(*rows: tuple, **more: object) -> pd.DataFrame:
    """Return counts of (place, help type, count), for ages 0 to 17."""
    names = ["place_id", "help_type", "case_count"]
    said = {"place_kind": "block", "age_from": 0, "age_to": 17, "place_of_help": "unknown"}
    return pd.DataFrame(list(rows), columns=names).assign(**said | more)


def refusal(act, *arguments, **options) -> SroError:
    """Return the error, after saying it in both languages."""
    with pytest.raises(SroError) as raised:
        act(*arguments, **options)
    for language in ("de", "en"):
        assert all(describe(raised.value, language))
    return raised.value


def held(protected: ProtectedStore, year: int | None = None) -> dict[tuple[str, str], int]:
    """Return {(place, help type): count}."""
    frame = protected.read_counts(year)
    keys = zip(frame["place_id"], frame["help_type"], strict=True)
    return dict(zip(keys, frame["case_count"], strict=True))


def traces(workspace: Path, text: str = CANARY) -> list[str]:
    """Return the files of the workspace that hold the text's bytes."""
    files = sorted(file for file in workspace.iterdir() if file.is_file())
    return [file.name for file in files if text.encode() in file.read_bytes()]


def strip(workspace: Path) -> None:
    """Take the tables away: a protected file of the state before them."""
    sql = sqlite3.connect(workspace / "protected.sqlite")
    for table in ("cases", "indicators", "ledger_events", "ledger_releases", "ledger_versions"):
        sql.execute(f"DROP TABLE {table}")
    sql.execute("DELETE FROM sro_meta WHERE key = 'revision'")
    sql.commit()
    sql.close()


# -- counts ------------------------------------------------------------------------------


def test_counts_come_back_as_they_were_given(protected):
    """Ids keep their zeros, an open age is missing, a 0 is a 0."""
    frame = counts(("007", "31", 3), ("008", "31", 0)).assign(age_to=[None, 17])
    protected.replace_counts(frame, year=2024, **RULE)
    back = protected.read_counts()
    assert list(back.columns) == [
        "place_id",
        "place_kind",
        "version",
        "year",
        "help_type",
        "age_from",
        "age_to",
        "counting_rule",
        "unit",
        "place_of_help",
        "case_count",
    ]
    assert back["place_id"].tolist() == ["007", "008"]
    assert back["age_to"].isna().tolist() == [True, False]
    assert back["case_count"].tolist() == [3, 0]
    assert back["version"].tolist() == ["", ""]
    assert str(back["case_count"].dtype) == "int64"
    assert str(back["age_to"].dtype) == "Int64"


def test_nothing_held_is_an_empty_frame_of_the_same_form(protected):
    """Before any import."""
    empty = protected.read_counts()
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    full = protected.read_counts()
    assert len(empty) == 0
    assert (empty.dtypes == full.dtypes).all()
    assert len(protected.read_indicators()) == 0
    assert protected.read_ledger() == ((), (), ())


def test_years_are_told(protected):
    """In order, each once."""
    assert protected.years() == []
    for year in (2024, 2022):
        protected.replace_counts(counts(("a", "31", 1), ("b", "31", 1)), year=year, **RULE)
    assert protected.years() == [2022, 2024]
    assert held(protected, 2022) == {("a", "31"): 1, ("b", "31"): 1}


def test_an_import_replaces_what_it_speaks_of(protected):
    """Its help types in its year, rule and unit; blocks that it leaves out are gone."""
    protected.replace_counts(
        counts(("a", "31", 1), ("b", "31", 2), ("a", "34", 3)), year=2024, **RULE
    )
    protected.replace_counts(counts(("a", "31", 4)), year=2023, **RULE)
    protected.replace_counts(counts(("a", "31", 5)), year=2024, **RULE | {"unit": "young_people"})
    protected.replace_counts(counts(("a", "31", 9)), year=2024, **RULE)
    here = protected.read_counts(2024).query("unit == 'cases'")
    assert here.set_index(["place_id", "help_type"])["case_count"].to_dict() == {
        ("a", "31"): 9,
        ("a", "34"): 3,
    }
    assert held(protected, 2023) == {("a", "31"): 4}
    assert protected.read_counts(2024).query("unit == 'young_people'")["case_count"].tolist() == [5]


def test_counts_of_blocks_replace_those_of_areas(protected):
    """The same cases would count twice otherwise."""
    protected.replace_counts(
        counts(("S1", "31", 7), place_kind="area", version="p-1"), year=2024, **RULE
    )
    assert protected.read_counts()["version"].tolist() == ["p-1"]
    protected.replace_counts(counts(("a", "31", 7)), year=2024, **RULE)
    assert held(protected) == {("a", "31"): 7}


def test_help_types_without_a_row_can_be_replaced_too(protected):
    """A corrected file that no longer has the type."""
    protected.replace_counts(counts(("a", "31", 1), ("a", "34", 3)), year=2024, **RULE)
    protected.replace_counts(counts(("a", "31", 1)), year=2024, help_types=["34"], **RULE)
    assert held(protected) == {("a", "31"): 1}


@pytest.mark.parametrize(
    "change",
    [
        {"case_count": -RARE},
        {"case_count": RARE + 0.5},
        {"case_count": f"{RARE} Fälle"},
        {"case_count": None},
        {"case_count": float("inf")},
        {"case_count": 10**30 + RARE},
        {"place_id": None},
        {"place_kind": "house"},
        {"help_type": "a\0b"},
        {"age_from": -1},
        {"age_from": 18},
        {"version": "p-1"},
        {"place_kind": "area"},
        {"place_id": "b"},
    ],
    ids=str,
)
def test_a_count_that_cannot_be_is_refused_whole_and_not_repeated(protected, change):
    """What was there stays, and the words hold no count."""
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    frame = counts(("a", "31", RARE), ("b", "31", RARE)).astype(object)
    for name, value in change.items():
        frame[name] = frame.get(name, "")
        frame.loc[0, name] = value
    error = refusal(protected.replace_counts, frame, year=2024, **RULE)
    assert error.code in ("value_not_storable", "text_not_storable", "id_doubled")
    said = f"{error} {error.__cause__} {describe(error, 'de')} {describe(error, 'en')}"
    assert str(RARE) not in said
    assert error.__suppress_context__ or error.__context__ is None
    assert held(protected) == {("a", "31"): 1}


def test_a_frame_of_another_year_is_a_mistake_of_the_caller(protected):
    """Rather than filed under the wrong one."""
    frame = counts(("a", "31", 1)).assign(year=2023)
    with pytest.raises(ValueError, match="year"):
        protected.replace_counts(frame, year=2024, **RULE)


def test_the_file_itself_takes_no_cell_twice(protected):
    """Open ages included, which SQL holds for unequal."""
    frame = counts(("a", "31", 1)).assign(age_to=None)
    protected.replace_counts(frame, year=2024, **RULE)
    sql = connect(protected.file)
    with pytest.raises(sqlite3.IntegrityError):
        sql.execute("INSERT INTO cases SELECT * FROM cases")
    sql.close()


def test_the_revision_grows_with_each_change_and_with_nothing_else(protected):
    """Caches are named after it."""
    assert protected.revision() == 0
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    protected.read_counts()
    assert protected.revision() == 1
    with protected.transaction() as change:
        change.read_ledger()
    with pytest.raises(ZeroDivisionError), protected.transaction() as change:
        change.add_version("p-1", "{}")
        raise ZeroDivisionError
    assert protected.revision() == 1
    with protected.transaction() as change:
        change.add_version("p-1", "{}")
        change.add_release("r-1", "{}", at="2026-01-01")
    assert protected.revision() == 2


# -- indicators --------------------------------------------------------------------------


INDICATOR = {
    "indicator": "sgb2_under_15",
    "area_id": "01",
    "level": "social_space",
    "year": 2023,
    "numerator": 120.0,
    "denominator": 900.0,
    "value": None,
    "status": "given",
    "published": True,
    "source": "Sozialatlas",
    "reference_date": "2023-12-31",
}


def test_indicators_are_replaced_by_key(protected):
    """Suppressed at source is no number and stays told."""
    masked = {**INDICATOR, "area_id": "02", "numerator": None, "status": "suppressed_at_source"}
    protected.upsert_indicators(pd.DataFrame([INDICATOR, masked]))
    protected.upsert_indicators(pd.DataFrame([{**INDICATOR, "numerator": 121.0}]))
    back = protected.read_indicators()
    assert back["numerator"].isna().tolist() == [False, True]
    assert back["numerator"][0] == 121
    assert back["status"].tolist() == ["given", "suppressed_at_source"]
    assert back["published"].tolist() == [True, True]
    assert back["area_id"].tolist() == ["01", "02"]


@pytest.mark.parametrize(
    "change",
    [{"status": "missing"}, {"status": "unknown"}, {"value": float("inf")}, {"year": None}],
)
def test_an_indicator_that_cannot_be_is_refused(protected, change):
    """A hidden value with a number among them."""
    frame = pd.DataFrame([{**INDICATOR, **change}])
    assert refusal(protected.upsert_indicators, frame).code == "value_not_storable"
    assert len(protected.read_indicators()) == 0


# -- what must be gone -------------------------------------------------------------------


def test_replaced_counts_are_gone_from_every_byte(protected, workspace):
    """However often the rows moved before; nothing is left beside the file either."""
    for turn in range(4):
        rows = [(f"b{n}-{'x' * (n * turn % 97)}", "31", n % 7) for n in range(400)]
        rows[200] = (f"{CANARY}-{turn}", "31", 3)
        protected.replace_counts(counts(*rows), year=2024, **RULE)
        assert traces(workspace, f"{CANARY}-{turn}") == ["protected.sqlite"]
    assert all(traces(workspace, f"{CANARY}-{turn}") == [] for turn in range(3))
    protected.replace_counts(counts(("b", "31", 1)), year=2024, **RULE)
    assert traces(workspace) == []
    assert sorted(file.name for file in workspace.iterdir()) == [
        "categories.toml",
        "city.toml",
        "protected.sqlite",
        "sro.gpkg",
    ]


def test_a_replaced_indicator_is_gone_from_every_byte(protected, workspace):
    """Its source and value with it."""
    protected.upsert_indicators(pd.DataFrame([{**INDICATOR, "source": CANARY}]))
    assert traces(workspace)
    protected.upsert_indicators(pd.DataFrame([INDICATOR]))
    assert traces(workspace) == []


def test_a_refused_or_undone_change_leaves_no_byte(protected, workspace):
    """More of it than fits into the memory of SQLite is written before it is undone."""
    rows = [(f"{CANARY}{n}" + "y" * 300, "31", 1) for n in range(20_000)]
    with pytest.raises(ZeroDivisionError), protected.transaction() as change:
        change._sql.execute("PRAGMA cache_size = 10")
        change.replace_counts(counts(*rows), year=2024, **RULE)
        assert traces(workspace)
        raise ZeroDivisionError
    assert traces(workspace) == []
    assert protected.years() == []


@pytest.mark.parametrize("next_time", ["a change", "an opening"])
def test_a_reader_in_the_way_only_delays_the_wiping(protected, workspace, city, next_time):
    """The change is kept; the leftovers go with the next change or opening."""
    protected.replace_counts(counts((CANARY, "31", 1)), year=2024, **RULE)
    protected.replace_counts(counts(("a", "34", 1)), year=2023, **RULE)
    reader = connect(protected.file, read_only=True)
    plain = module.wipe

    def wipe_beside_a_reader(connection: object) -> None:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cases").fetchone()
        plain(connection)  # type: ignore[arg-type]

    # The reader comes between the commit and the rebuilding.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "wipe", wipe_beside_a_reader)
        protected.replace_counts(counts(("b", "31", 2)), year=2024, **RULE)
    assert held(protected, 2024) == {("b", "31"): 2}
    pending = "SELECT value FROM sro_meta WHERE key = 'wipe_pending'"
    assert reader.execute(pending).fetchone() == ("1",)
    reader.close()
    if next_time == "a change":
        protected.replace_counts(counts(("a", "34", 2)), year=2022, **RULE)
    else:
        open_store(workspace, city).close()
    after = connect(protected.file, read_only=True)
    assert after.execute(pending).fetchone() is None
    after.close()
    assert traces(workspace) == []


def test_nothing_of_it_reaches_the_file_that_qgis_opens(protected, workspace, city):
    """No row, no audit entry, no source, no new revision there."""
    with open_store(workspace, city) as store:
        before = store.revision()
        protected.replace_counts(counts((CANARY, "31", 1)), year=2024, **RULE)
        protected.upsert_indicators(pd.DataFrame([{**INDICATOR, "source": CANARY}]))
        with protected.transaction() as change:
            change.add_release(CANARY, f'"{CANARY}"', at="2026-01-01")
            change.add_event(CANARY, "approved", at="2026-01-02", actor=CANARY)
        assert store.revision() == before
        assert store.changes(limit=-1) == []
        assert len(store.read("sources")) == 0
    assert traces(workspace) == ["protected.sqlite"]


def test_the_file_and_its_journal_are_for_their_owner_alone(protected, workspace):
    """Mode 0600, while a change is under way too."""
    with protected.transaction() as change:
        change._sql.execute("PRAGMA cache_size = 10")
        rows = [(f"b{n}" + "y" * 300, "31", 1) for n in range(2_000)]
        change.replace_counts(counts(*rows), year=2024, **RULE)
        journal = workspace / "protected.sqlite-journal"
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert not journal.exists()
    assert stat.S_IMODE(protected.file.stat().st_mode) == 0o600


def test_sorting_and_rebuilding_use_no_temporary_file(protected):
    """The system's temporary folder is not ours to protect."""
    with protected.transaction() as change:
        assert change._sql.execute("PRAGMA temp_store").fetchone() == (2,)
        assert change._sql.execute("PRAGMA secure_delete").fetchone() == (1,)


# -- the ledger --------------------------------------------------------------------------


@pytest.fixture
def ledger(protected):
    """A ledger with one approved release and one that was only proposed."""
    with protected.transaction() as change:
        change.add_version("p-1", '{"areas": []}')
        change.add_release("r-1", '{"year": 2023}', at="2026-01-01")
        change.add_release("r-2", '{"year": 2024}', at="2026-01-02")
        change.add_event("r-1", "approved", at="2026-01-03", actor="B. Muster", note="gut")
    return protected


def test_the_ledger_comes_back_in_order(ledger):
    """As raw rows: the gate knows how to read them."""
    releases, events, versions = ledger.read_ledger()
    assert releases == (
        ("r-1", '{"year": 2023}', "2026-01-01"),
        ("r-2", '{"year": 2024}', "2026-01-02"),
    )
    assert events == ((1, "r-1", "approved", "2026-01-03", "B. Muster", "gut"),)
    assert versions == (("p-1", '{"areas": []}'),)


def test_an_entry_is_added_once(ledger):
    """The same version again is no news, a different one under its name is refused."""
    with ledger.transaction() as change:
        change.add_version("p-1", '{"areas": []}')
        other = refusal(change.add_version, "p-1", "{}")
        again = refusal(change.add_release, "r-1", "{}", at="2026-02-01")
        nowhere = refusal(change.add_event, "r-9", "approved", at="2026-02-01", actor="B")
        with pytest.raises(ValueError, match="event"):
            change.add_event("r-1", "forgotten", at="2026-02-01", actor="B")
        number = change.add_event("r-2", "rejected", at="2026-02-01", actor="B")
    assert [error.code for error in (other, again, nowhere)] == [
        "id_taken",
        "id_taken",
        "row_missing",
    ]
    assert number == 2


@pytest.mark.parametrize(
    "statement",
    [
        *(f"DELETE FROM {table}" for table in LEDGER),
        *(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in LEDGER),
        "UPDATE ledger_releases SET content = '{}'",
        "UPDATE OR REPLACE ledger_releases SET release_id = 'r-1' WHERE release_id = 'r-2'",
        "UPDATE ledger_events SET event = 'rejected'",
        "UPDATE ledger_events SET note = ''",
        "UPDATE ledger_versions SET content = '{}'",
        "REPLACE INTO ledger_releases VALUES ('r-1', '{}', '1999-01-01')",
        "REPLACE INTO ledger_releases (rowid, release_id, content, at) VALUES (1, 'x', '{}', '')",
        "REPLACE INTO ledger_versions (rowid, version, content) VALUES (1, 'x', '{}')",
        "REPLACE INTO ledger_events (rowid, release_id, event, at, actor, note)"
        " VALUES (1, 'r-2', 'approved', '', '', '')",
        "INSERT INTO ledger_releases VALUES ('r-1', '{}', '')"
        " ON CONFLICT DO UPDATE SET content = '{}'",
        "INSERT INTO ledger_events (release_id, event, at, actor, note)"
        " VALUES ('r-1', 'forgotten', '', '', '')",
    ],
)
def test_the_ledger_cannot_be_rewritten(ledger, statement):
    """Not by the store's own connection, nor by whoever else opens the file."""
    before = ledger.read_ledger()
    for sql in (connect(ledger.file), sqlite3.connect(ledger.file)):
        with pytest.raises(sqlite3.DatabaseError):
            sql.execute(statement)
        sql.close()
    assert ledger.read_ledger() == before


def test_two_who_decide_at_once_decide_one_after_the_other(ledger):
    """Each sees in the transaction what the other did: only one approval is written."""
    done: list[bool] = []

    def approve(actor: str) -> None:
        with ledger.transaction() as change:
            decided = {event[1] for event in change.read_ledger().events}
            if "r-2" not in decided:
                change.add_event("r-2", "approved", at="2026-02-01", actor=actor)
            done.append("r-2" not in decided)

    threads = [threading.Thread(target=approve, args=(name,)) for name in "ABCDEF"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 5 + [True]
    assert len(ledger.read_ledger().events) == 2


def test_a_second_writer_waits_and_then_is_told(protected, workspace):
    """Reading goes on meanwhile."""
    second = ProtectedStore(workspace, busy_seconds=0.1)
    with protected.transaction() as change:
        change.add_version("p-1", "{}")
        assert refusal(second.transaction().__enter__).code == "workspace_busy"
        assert second.read_ledger().versions == ()
    assert second.read_ledger().versions == (("p-1", "{}"),)


# -- the file ----------------------------------------------------------------------------


def test_a_workspace_from_before_gets_the_tables_on_opening(workspace, city):
    """It is neither damaged nor older; the version of the schema stays."""
    strip(workspace)
    open_store(workspace, city).close()
    sql = connect(workspace / "protected.sqlite", read_only=True)
    there = {row[0] for row in sql.execute("SELECT name FROM sqlite_master")}
    version = sql.execute("SELECT value FROM sro_meta WHERE key = 'schema_version'").fetchone()
    sql.close()
    assert {"cases", "indicators", *LEDGER} <= there
    assert version == ("1",)


def test_a_workspace_from_before_reads_as_empty_where_nothing_may_be_written(workspace, city):
    """Not a byte of it changes."""
    strip(workspace)
    before = (workspace / "protected.sqlite").read_bytes()
    open_store(workspace, city, read_only=True).close()
    protected = ProtectedStore(workspace, read_only=True)
    assert (len(protected.read_counts()), len(protected.read_indicators())) == (0, 0)
    assert protected.read_ledger() == ((), (), ())
    assert (protected.years(), protected.revision()) == ([], 0)
    error = refusal(protected.replace_counts, counts(("a", "31", 1)), year=2024, **RULE)
    assert error.code == "workspace_read_only"
    assert (workspace / "protected.sqlite").read_bytes() == before


def test_a_workspace_from_before_gets_the_tables_with_the_first_change(workspace):
    """Where a program opens the protected store alone."""
    strip(workspace)
    protected = ProtectedStore(workspace)
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    assert protected.years() == [2024]


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE ledger_versions",
        "DROP TABLE cases",
        "DROP TRIGGER ledger_events_keeps",
        "DROP TRIGGER ledger_releases_only_adds",
    ],
)
def test_a_part_that_was_lost_is_damage(protected, workspace, city, harm):
    """An empty ledger in its place would hide the loss."""
    sql = sqlite3.connect(protected.file)
    sql.execute(harm)
    sql.commit()
    sql.close()
    assert refusal(open_store, workspace, city).code == "workspace_damaged"
    assert refusal(protected.read_ledger).code == "workspace_damaged"
    assert refusal(protected.transaction().__enter__).code == "workspace_damaged"


def test_a_lost_file_is_told_and_not_made_anew(protected, workspace):
    """Nor a lost folder."""
    protected.file.unlink()
    assert refusal(protected.read_counts).code == "workspace_damaged"
    assert refusal(protected.transaction().__enter__).code == "workspace_damaged"
    assert not protected.file.exists()
    assert refusal(ProtectedStore(workspace / "no").years).code == "workspace_missing"


def test_a_full_disk_undoes_the_change_and_keeps_the_rest(protected):
    """Half an import is none."""
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    rows = [(f"b{n}" + "y" * 300, "31", 1) for n in range(2_000)]

    def too_much() -> None:
        with protected.transaction() as change:
            pages = change._sql.execute("PRAGMA page_count").fetchone()[0]
            change._sql.execute(f"PRAGMA max_page_count = {pages + 5}")
            change.replace_counts(counts(*rows), year=2024, **RULE)

    assert refusal(too_much).code == "workspace_full"
    assert held(protected) == {("a", "31"): 1}


KILLED = """
import os, sys
from pathlib import Path
import pandas as pd
from sro_geo.store import ProtectedStore
names = [sys.argv[2] + str(n) + "y" * 300 for n in range(3000)]
frame = pd.DataFrame({"place_id": names, "place_kind": "block", "help_type": "31", "age_from": 0,
                      "age_to": 17, "place_of_help": "unknown", "case_count": 1})
with ProtectedStore(Path(sys.argv[1])).transaction() as change:
    change._sql.execute("PRAGMA cache_size = 10")
    change.replace_counts(frame, year=2024, counting_rule="stock", unit="cases")
    os._exit(9)
"""


def test_a_program_killed_within_a_change_leaves_the_state_before(
    protected, workspace, city, elsewhere
):
    """The next opening undoes it, and no byte of it stays."""
    protected.replace_counts(counts(("a", "31", 1)), year=2024, **RULE)
    assert elsewhere(KILLED, workspace, CANARY).returncode == 9
    assert "protected.sqlite" in traces(workspace)
    open_store(workspace, city).close()
    assert traces(workspace) == []
    assert held(protected) == {("a", "31"): 1}


def test_opening_the_workspace_holds_no_connection_to_it(workspace, city):
    """Reading pages never have it open."""
    with open_store(workspace, city) as store:
        store.read_many(["blocks", "offers"])
        descriptors = [link.resolve().name for link in Path("/proc/self/fd").iterdir()]
    assert "protected.sqlite" not in descriptors
