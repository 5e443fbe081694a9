"""The ledger: two people, nothing forgotten, nothing hidden in it."""

from __future__ import annotations

import json

import pytest

from sro_geo.disclosure import (
    Cut,
    Event,
    Ledger,
    Release,
    ReleasedTable,
    approve,
    released_tables,
)
from sro_geo.errors import SroError
from tests.disclosure.towns import BANDS, Case, four_spaces

CUT = Cut(("city", "region", "social_space"), "help_type", ("under_18",))


@pytest.fixture
def town():
    """A town of four spaces with a table approved."""
    town = four_spaces()
    town.cases[2021] = [
        Case(f"b{i}", "34" if i % 3 else "28", BANDS[1], "city", 2 + 3 * (i % 4)) for i in range(8)
    ]
    town.released(2021, "v1", CUT)
    return town


@pytest.mark.parametrize(
    "name",
    ["Anna", " anna ", "ANNA", "A\u200bnna", "An\u00adna", "\uff21nna", "Anna\n", "\ufeffAnna"],
)
def test_the_same_person_in_another_spelling_is_refused(town, name):
    """release_same_person: signs that nobody sees do not make a second person."""
    town.proposed(town.drafted(2021, "v1", CUT))
    with pytest.raises(SroError, match="release_same_person"):
        approve(town.ledger, "r1", by=name, at="now")


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\n"])
def test_nobody_is_no_second_person(town, name):
    """release_name_missing, for who approves and for who proposes."""
    town.proposed(town.drafted(2021, "v1", CUT))
    with pytest.raises(SroError, match="release_name_missing"):
        approve(town.ledger, "r1", by=name, at="now")


def test_composed_and_decomposed_letters_are_one_name(town):
    """“Jörg” written in two ways is one Jörg."""
    made = town.drafted(2021, "v1", CUT)
    release = Release(**{**vars(made.release), "proposed_by": "Jo\u0308rg  Meier"})
    town.ledger = town.ledger.adding(release=release)
    with pytest.raises(SroError, match="release_same_person"):
        approve(town.ledger, "r1", by="j\u00f6rg meier", at="now")


def test_what_is_decided_is_not_approved_again(town):
    """release_not_proposed for approved, rejected and withdrawn; release_unknown for others."""
    with pytest.raises(SroError, match="release_not_proposed"):
        approve(town.ledger, "r0", by="Bert", at="now")
    town.proposed(town.drafted(2021, "v1", CUT))
    town.ledger = town.ledger.adding(event=Event("r1", "rejected", "now", "Bert"))
    with pytest.raises(SroError, match="release_not_proposed"):
        approve(town.ledger, "r1", by="Bert", at="now")
    with pytest.raises(SroError, match="release_unknown"):
        approve(town.ledger, "r9", by="Bert", at="now")


def test_a_withdrawn_table_is_not_shown_but_remembered(town):
    """Not current, for ever among those once released."""
    town.ledger = town.ledger.adding(event=Event("r0", "withdrawn", "later", "Bert"))
    assert town.ledger.status("r0") == "withdrawn"
    assert town.ledger.current() == ()
    assert released_tables(town.ledger) == ()
    assert [release.release_id for release in town.ledger.ever_released()] == ["r0"]


def test_the_ledger_comes_back_from_its_rows(town):
    """The same text from what was read as from what was written."""
    events = [(i, *event.to_row()) for i, event in enumerate(town.ledger.events)]
    again = Ledger.from_rows(
        [release.to_row() for release in town.ledger.releases],
        events,
        [version.to_row() for version in town.ledger.versions.values()],
    )
    assert [r.to_json() for r in again.releases] == [r.to_json() for r in town.ledger.releases]
    assert again.events == town.ledger.events
    assert again.status("r0") == "approved"
    read, written = again.versions["v1"], town.ledger.versions["v1"]
    assert read.members.equals(written.members[list(read.members)])
    assert (read.names, read.parents) == (written.names, written.parents)
    assert Event.from_json(town.ledger.events[0].to_json()) == town.ledger.events[0]


def test_a_damaged_entry_is_said():
    """ledger_damaged, and nothing of the entry in it."""
    with pytest.raises(SroError, match="ledger_damaged"):
        Release.from_json("{}")
    with pytest.raises(SroError, match="ledger_damaged"):
        Release.from_json('{"cells": 7')


def test_a_release_holds_no_hidden_number(town):
    """No count in a hidden cell, and no field that tells why it is hidden."""
    release = town.ledger.release("r0")
    held = json.loads(release.to_json())
    hidden = [i for i, s in enumerate(held["cells"]["status"]) if s == "suppressed"]
    assert hidden
    assert {held["cells"]["count"][i] for i in hidden} == {None}
    assert set(held["cells"]) == {
        "area_id",
        "level",
        "name",
        "help_type",
        "age_group",
        "place",
        "status",
        "count",
        "denominator",
    }


def test_nothing_shows_numbers_by_accident(town):
    """repr of a release and of a released table names it and no more."""
    release = town.ledger.release("r0")
    assert "cells" not in repr(release)
    (table,) = released_tables(town.ledger)
    assert repr(table) == "ReleasedTable(r0, cases)"


def test_only_the_gate_makes_a_released_table(town):
    """A TypeError for everybody else."""
    (table,) = released_tables(town.ledger)
    with pytest.raises(TypeError):
        ReleasedTable(object(), table.meta, table.cells)
    with pytest.raises(TypeError):
        ReleasedTable(None, {}, table.cells)


def test_who_changes_the_cells_changes_a_copy(town):
    """The table stays as it was released."""
    (table,) = released_tables(town.ledger)
    before = table.cells
    changed = table.cells
    changed.loc[:, "count"] = 1
    assert table.cells.equals(before)
    with pytest.raises(TypeError):
        table.meta["year"] = 1
