"""Every way of writing asks who may, and refuses where only reading was switched on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.editing import (
    close_offer,
    confirm_offer,
    duplicate_offer,
    reopen_offer,
    save_offer,
)
from sro_geo.actions.exporting import export_file
from sro_geo.actions.importing import import_file
from sro_geo.actions.making import init_workspace
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.errors import SroError
from sro_geo.settings import Settings

Action = Callable[[Workspace, Actor], object]
CSV = b"provider_id,name\nneu,Neu\n"


def _first(workspace: Workspace) -> str:
    return str(workspace.snapshot().directory["offer_id"].iloc[0])


EDITS: dict[str, Action] = {
    "save": lambda w, a: save_offer(w, {"name": "x"}, actor=a, offer_id=_first(w)),
    "confirm": lambda w, a: confirm_offer(w, _first(w), actor=a, expected_version=1),
    "close": lambda w, a: close_offer(w, _first(w), actor=a, expected_version=1),
    "reopen": lambda w, a: reopen_offer(w, _first(w), actor=a, expected_version=1),
    "duplicate": lambda w, a: duplicate_offer(w, _first(w), "x", actor=a, idempotency_key="k"),
}
IMPORTS: dict[str, Action] = {
    "import": lambda w, a: import_file(w, "providers", CSV, name="a.csv", actor=a),
}
BACKUPS: dict[str, Action] = {
    "backup": lambda w, a: w.backup(w.settings.workspace.with_name("b.zip"), a),
}
READS: dict[str, Action] = {
    "export": lambda w, a: export_file(
        w.snapshot(), "offers", w.settings.workspace.with_name("o.csv"), actor=a
    ),
}
EVERYTHING = EDITS | IMPORTS | BACKUPS | READS
MAY = {
    "reader": READS,
    "coordinator": READS | EDITS,
    "planner": READS | EDITS | IMPORTS,
    "administrator": EVERYTHING,
    "nobody in particular": {},
}


@pytest.mark.parametrize("role", MAY)
def test_what_a_role_may_is_done_and_everything_else_is_refused(
    opened: Workspace, role: str
) -> None:
    """Denied unless listed, whoever calls and from wherever."""
    actor = Actor("Test", role)
    before = opened.store.revision()
    refused = set()
    for name, action in EVERYTHING.items():
        try:
            action(opened, actor)
        except SroError as error:
            if error.code != "not_allowed":
                continue  # allowed, but this version of the entry is no longer the latest
            refused.add(name)
    assert refused == set(EVERYTHING) - set(MAY[role])
    writes = set(MAY[role]) & set(EDITS | IMPORTS)
    assert (opened.store.revision() > before) is bool(writes)


@pytest.mark.parametrize("name", EDITS | IMPORTS)
def test_a_program_started_for_reading_changes_nothing(opened: Workspace, name: str) -> None:
    """Whatever the role; a backup only reads."""
    settings = dataclasses.replace(opened.settings, read_only=True)
    reading = open_workspace(settings)
    try:
        with pytest.raises(SroError, match="read_only_mode"):
            EVERYTHING[name](reading, Actor("Test"))
        assert reading.store.revision() == opened.store.revision()
    finally:
        reading.close()


def test_a_program_started_for_reading_makes_no_workspace(tmp_path: Path) -> None:
    """Neither by init nor by opening one that is missing."""
    settings = Settings(workspace=tmp_path / "workspace", read_only=True)
    for attempt in (lambda: init_workspace(settings, None), lambda: open_workspace(settings)):
        with pytest.raises(SroError, match="read_only_mode"):
            attempt()
    assert list(tmp_path.iterdir()) == []
