"""Releases: one proposes, another approves; the ledger remembers, the snapshot shows."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.cases import case_table, cells_of, load_released, years_of
from sro_geo.actions.importing import import_file
from sro_geo.actions.releasing import (
    ReleaseBlocked,
    ReleaseInfo,
    approve_release,
    audit_releases,
    coarser_cuts,
    draft_release,
    list_releases,
    propose_release,
    read_ledger,
    rules_of,
    withdraw_release,
)
from sro_geo.actions.sample_releases import LEDGER, main
from sro_geo.actions.workspace import Workspace, open_workspace
from sro_geo.disclosure import Cut
from sro_geo.errors import SroError
from sro_geo.settings import SHIPPED_DATA, Settings
from sro_geo.store import restore_backup
from sro_geo.store.released import RELEASED
from tests.conftest import CommandLine

ANNA, BEN = Actor("Anna Schmidt"), Actor("Ben Öztürk")
TOTALS = Cut(("city", "region", "social_space"))
GROUPS = Cut(("city", "region", "social_space"), "group")
YEARS = [2021, 2022, 2023, 2024, 2025]


@pytest.fixture
def fresh(unreleased: CommandLine) -> Iterator[Workspace]:
    """The shipped city with its counts and nothing released, open."""
    workspace = unreleased.open()
    yield workspace
    workspace.close()


def reopened(workspace: Workspace, **settings: Any) -> Workspace:
    """The same folder, opened anew with other settings."""
    workspace.close()
    return open_workspace(dataclasses.replace(workspace.settings, **settings), create=False)


def proposed(workspace: Workspace, year: int = 2025, cut: Cut = TOTALS, by: Actor = ANNA) -> str:
    """Propose a year and return the id."""
    return propose_release(workspace, year, actor=by, cut=cut).release.release_id


def released(workspace: Workspace, year: int = 2025, cut: Cut = TOTALS) -> str:
    """Propose as one and approve as another."""
    release_id = proposed(workspace, year, cut)
    approve_release(workspace, release_id, actor=BEN)
    return release_id


def shown_years(workspace: Workspace) -> list[int]:
    """Years of the released snapshot."""
    return years_of(load_released(workspace.settings.workspace))


def status(workspace: Workspace) -> dict[str, str]:
    """What the ledger says of each release."""
    return {info.release_id: info.status for info in list_releases(workspace, actor=ANNA)}


def refusal(call: Any, *arguments: Any, **more: Any) -> str:
    """The code of the error a call ends with."""
    with pytest.raises(SroError) as error:
        call(*arguments, **more)
    return error.value.code


def city_toml(workspace: Workspace, words: str) -> None:
    """Write something below the settings of the city."""
    file = workspace.settings.workspace / "city.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{words}\n", encoding="utf-8")


# --- two people ------------------------------------------------------------------------


def test_what_one_proposes_and_another_approves_is_shown(fresh: Workspace):
    """Nothing before the second person, the figures after; withdrawn they are gone again."""
    assert [] == shown_years(fresh)
    release_id = proposed(fresh)
    assert ([], {"2025-1": "proposed"}) == (shown_years(fresh), status(fresh))

    info = approve_release(fresh, release_id, actor=BEN, note="geprüft")
    assert ("approved", "Anna Schmidt", "Ben Öztürk") == (
        info.status,
        info.proposed_by,
        info.decided_by,
    )
    table = case_table(load_released(fresh.settings.workspace), 2025)
    assert {"released"} == set(cells_of(table, "social_space")["status"])

    assert "withdrawn" == withdraw_release(fresh, release_id, actor=ANNA).status
    assert ([], {"2025-1": "withdrawn"}) == (shown_years(fresh), status(fresh))
    assert ["2025-1"] == [r.release_id for r in read_ledger(fresh.protected).ever_released()]


@pytest.mark.parametrize(
    "name",
    [
        "Anna Schmidt",
        "ANNA SCHMIDT",
        "  anna \u00a0 schmidt ",
        "Anna\u200b Schmidt",
        "\uff21nna Schmidt",
    ],
)
def test_nobody_approves_under_another_spelling(fresh: Workspace, name: str):
    """Case, blanks, invisible signs and wide letters do not make a second person."""
    release_id = proposed(fresh)
    assert "release_same_person" == refusal(approve_release, fresh, release_id, actor=Actor(name))
    assert ([], {release_id: "proposed"}) == (shown_years(fresh), status(fresh))


@pytest.mark.parametrize("name", ["", "  ", "\u200b"])
def test_somebody_without_a_name_neither_proposes_nor_approves(fresh: Workspace, name: str):
    """Two people have to be known for a release."""
    nobody = Actor(name)
    assert "release_name_missing" == refusal(propose_release, fresh, 2025, actor=nobody, cut=TOTALS)
    assert {} == status(fresh)
    release_id = proposed(fresh)
    assert "release_name_missing" == refusal(approve_release, fresh, release_id, actor=nobody)
    assert {release_id: "proposed"} == status(fresh)


@pytest.mark.parametrize("role", ["reader", "coordinator", "nobody"])
def test_other_roles_are_refused(fresh: Workspace, role: str):
    """Proposing and approving is for planners and administrators."""
    release_id = proposed(fresh)
    other = Actor("Ben", role)
    assert "not_allowed" == refusal(propose_release, fresh, 2024, actor=other, cut=TOTALS)
    assert "not_allowed" == refusal(draft_release, fresh, 2024, actor=other, cut=TOTALS)
    assert "not_allowed" == refusal(approve_release, fresh, release_id, actor=other)
    assert "not_allowed" == refusal(withdraw_release, fresh, release_id, actor=other)
    assert {release_id: "proposed"} == status(fresh)


def test_a_rejected_proposal_was_never_released(fresh: Workspace):
    """It stays in the ledger, is no knowledge of anybody, and cannot be approved any more."""
    release_id = proposed(fresh)
    assert "rejected" == withdraw_release(fresh, release_id, actor=BEN, note="zu früh").status
    assert () == read_ledger(fresh.protected).ever_released()
    assert "release_not_proposed" == refusal(approve_release, fresh, release_id, actor=BEN)
    assert "release_not_open" == refusal(withdraw_release, fresh, release_id, actor=BEN)
    assert "release_unknown" == refusal(approve_release, fresh, "2025-9", actor=BEN)
    assert "2025-2" == proposed(fresh)
    assert {"2025-1": "rejected", "2025-2": "proposed"} == status(fresh)


def test_the_list_of_releases_has_no_figure(fresh: Workspace):
    """What, when, by whom, how many cells and how many of them hidden; no count."""
    released(fresh, cut=GROUPS)
    info = list_releases(fresh, actor=Actor("x", "reader"))[0]
    assert {field.name for field in dataclasses.fields(ReleaseInfo)} == set(vars(info))
    assert (2025, "cases", "plan-1", "group") == (
        info.year,
        info.subject,
        info.version,
        info.by_type,
    )
    assert 0 < info.hidden < info.cells


# --- what the gate says ----------------------------------------------------------------


def test_one_year_in_two_cuts(fresh: Workspace):
    """The totals first, the groups later: what was read before is the same and stays open."""
    released(fresh)
    before = case_table(load_released(fresh.settings.workspace), 2025)
    released(fresh, cut=GROUPS)
    after = case_table(load_released(fresh.settings.workspace), 2025)

    assert ("2025-1", "2025-2") == after.release_ids
    for level in TOTALS.levels:
        first, second = cells_of(before, level), cells_of(after, level)
        assert list(first["count"]) == list(second["count"])
        parts = cells_of(after, level, by="group")
        assert len(parts) > len(second)
    assert {"suppressed"} <= set(cells_of(after, "social_space", by="group")["status"])
    found = audit_releases(fresh, actor=ANNA)
    assert (2, ()) == (found.releases, found.violations)
    assert found.cells_hidden and found.narrowest_interval and found.narrowest_interval >= 5


def test_two_proposals_at_once_do_not_take_the_same_id(fresh: Workspace, monkeypatch: Any):
    """Who was slower is told that something has changed, and nothing of theirs is written."""
    import sro_geo.actions.releasing as releasing

    made = draft_release(fresh, 2025, actor=BEN, cut=TOTALS)
    proposed(fresh)
    monkeypatch.setattr(releasing, "draft_release", lambda *a, **k: made)
    assert "changed_meanwhile" == refusal(propose_release, fresh, 2025, actor=BEN, cut=TOTALS)
    assert {"2025-1": "proposed"} == status(fresh)


def test_a_coarser_cut_hides_less(fresh: Workspace):
    """Every alternative offered hides less than what was asked for."""
    fine = dataclasses.replace(GROUPS, by_type="help_type")
    share = draft_release(fresh, 2025, actor=ANNA, cut=fine).hidden_share
    offered = coarser_cuts(fresh, 2025, actor=ANNA, cut=fine)
    assert offered and all(hidden < share for _, hidden in offered)
    assert Cut(fine.levels, "none") in [cut for cut, _ in offered]


def test_a_year_without_counts_is_said(fresh: Workspace):
    """And which years there are."""
    with pytest.raises(SroError) as error:
        draft_release(fresh, 2019, actor=ANNA, cut=TOTALS)
    assert ("cases_none_stored", "2021, 2022, 2023, 2024, 2025") == (
        error.value.code,
        error.value.params["known"],
    )


def test_a_stopped_draft_writes_nothing(fresh: Workspace):
    """Somebody who waits too long may go."""
    call = {"actor": ANNA, "cut": GROUPS, "stop": lambda: True}
    assert "disclosure_stopped" == refusal(propose_release, fresh, 2025, **call)
    assert {} == status(fresh)


def test_progress_is_told(fresh: Workspace):
    """From 0 to 1 and never back."""
    told: list[float] = []
    draft_release(fresh, 2025, actor=ANNA, cut=GROUPS, progress=told.append)
    assert told and told == sorted(told) and 0 <= told[0] <= told[-1] <= 1


# --- changed data and redrawn areas ----------------------------------------------------


def counts_file(tmp_path: Path, year: int, change: Any) -> Path:
    """The counts of 2025 as those of a year; ``change(rows)`` may alter them."""
    with (SHIPPED_DATA / "cases/cases.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["year"] == "2025"]
    rows = [{**row, "year": str(year)} for row in rows]
    change(rows)
    file = tmp_path / f"cases-{year}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return file


def one_more(rows: list[dict[str, str]]) -> None:
    """One case more than before, somewhere."""
    rows[0]["case_count"] = str(int(rows[0]["case_count"]) + 1)


def test_a_blocked_release_says_why_and_writes_nothing(fresh: Workspace, tmp_path: Path):
    """A published sum that changes by one tells of one family; no reason holds a number."""
    released(fresh)
    import_file(fresh, "cases", counts_file(tmp_path, 2025, one_more), actor=ANNA)
    before, revision = status(fresh), fresh.protected.revision()
    with pytest.raises(ReleaseBlocked) as blocked:
        propose_release(fresh, 2025, actor=ANNA, cut=TOTALS)

    assert "release_blocked" == blocked.value.code
    assert {"revision_small_difference"} == {v.code for v in blocked.value.violations}
    assert [{}] == [dict(v.params) for v in blocked.value.violations]
    assert (before, revision) == (status(fresh), fresh.protected.revision())


def test_a_proposal_whose_counts_have_changed_is_not_approved(fresh: Workspace, tmp_path: Path):
    """What was proposed is no longer what is held; it waits, and can be rejected."""
    release_id = proposed(fresh)
    import_file(fresh, "cases", counts_file(tmp_path, 2025, one_more), actor=ANNA)
    with pytest.raises(ReleaseBlocked) as blocked:
        approve_release(fresh, release_id, actor=BEN)
    assert {"release_outdated"} == {v.code for v in blocked.value.violations}
    assert ({release_id: "proposed"}, []) == (status(fresh), shown_years(fresh))


def test_the_other_way_of_counting_is_refused(fresh: Workspace, tmp_path: Path):
    """One year is released in one way of counting; the held one is the one drafted."""
    released(fresh)

    def as_stock(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["counting_rule"] = "stock"

    import_file(fresh, "cases", counts_file(tmp_path, 2025, as_stock), actor=ANNA)
    made = draft_release(fresh, 2025, actor=ANNA, cut=TOTALS)
    assert ("running_and_ended", ()) == (made.release.counting_rule, made.violations)


def redrawn(tmp_path: Path) -> Path:
    """The shipped blocks, one of Nord-West now in Nord-Ost."""
    document = json.loads((SHIPPED_DATA / "boundaries/blocks.geojson").read_text(encoding="utf-8"))
    blocks = [feature["properties"] for feature in document["features"]]
    next(b for b in blocks if b["social_space_id"] == "nord-west")["social_space_id"] = "nord-ost"
    file = tmp_path / "blocks.geojson"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_redrawn_plan_does_not_isolate_a_block(fresh: Workspace, tmp_path: Path):
    """A released year is not recast where the difference is one block; a new year may begin."""
    released(fresh)
    import_file(fresh, "blocks", redrawn(tmp_path), actor=ANNA)
    plan = fresh.snapshot().current.version
    assert "plan-1" != plan
    with pytest.raises(ReleaseBlocked) as blocked:
        propose_release(fresh, 2025, actor=ANNA, cut=TOTALS)
    assert "differencing_atom" in {v.code for v in blocked.value.violations}
    assert {"2025-1": "approved"} == status(fresh)

    import_file(fresh, "cases", counts_file(tmp_path, 2026, one_more), actor=ANNA)
    released(fresh, 2026)
    shown = load_released(fresh.settings.workspace)
    assert ["plan-1", plan] == [case_table(shown, year).version for year in (2025, 2026)]
    assert {"plan-1", plan} == set(shown.areas["version"])
    assert () == audit_releases(fresh, actor=ANNA).violations


# --- rules of the city -----------------------------------------------------------------


def test_stricter_rules_of_the_city_are_used(fresh: Workspace):
    """Up to nine hidden where the city says so; the release remembers the rules it was made by."""
    usual = draft_release(fresh, 2025, actor=ANNA, cut=GROUPS)
    city_toml(fresh, '[disclosure]\nsmall_to = 9\nnote = "Beschluss"\nset_by = "Leitung"')
    made = draft_release(fresh, 2025, actor=ANNA, cut=GROUPS)

    assert (9, 10) == (made.release.rules.small_to, made.release.rules.width)
    assert usual.hidden_share < made.hidden_share
    assert not made.release.cells["count"].dropna().between(1, 9).any()
    release_id = proposed(fresh, cut=GROUPS)
    approve_release(fresh, release_id, actor=BEN)
    told = load_released(fresh.settings.workspace).releases[0]["rules"]
    assert {"small_to": 9, "width": 10, "min_denominator": 100, "min_population": 300} == told


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ('small_to = 3\nnote = "x"\nset_by = "y"', "rules_weaker"),
        ('width = 2\nnote = "x"\nset_by = "y"', "rules_weaker"),
        ('min_population = 10\nnote = "x"\nset_by = "y"', "rules_weaker"),
        ('min_denominator = 0\nnote = "x"\nset_by = "y"', "rules_weaker"),
        ('small_to = "9"\nnote = "x"\nset_by = "y"', "rules_weaker"),
        ("small_to = 9", "rules_note_missing"),
        ("smal_to = 9", "rules_unknown"),
    ],
)
def test_weaker_or_unexplained_rules_are_refused(fresh: Workspace, words: str, code: str):
    """No draft is made at all."""
    city_toml(fresh, f"[disclosure]\n{words}")
    assert code == refusal(rules_of, fresh.snapshot())
    assert code == refusal(draft_release, fresh, 2025, actor=ANNA, cut=TOTALS)


def test_rules_that_are_no_section_are_refused(fresh: Workspace):
    """``disclosure = 3`` is a mistake in the file, not a traceback."""
    file = fresh.settings.workspace / "city.toml"
    file.write_text("disclosure = 3\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert "city_setting_wrong" == refusal(fresh.snapshot)


# --- the folder ------------------------------------------------------------------------


def test_a_read_only_workspace_releases_nothing(fresh: Workspace):
    """Refused at once, before the gate has worked; what is there can be read and audited."""
    release_id = released(fresh)
    waiting = proposed(fresh, 2024)
    closed = reopened(fresh, read_only=True)
    assert "read_only_mode" == refusal(propose_release, closed, 2023, actor=ANNA, cut=TOTALS)
    assert "read_only_mode" == refusal(approve_release, closed, waiting, actor=BEN)
    assert "read_only_mode" == refusal(withdraw_release, closed, release_id, actor=BEN)
    assert {release_id: "approved", waiting: "proposed"} == status(closed)
    assert 1 == audit_releases(closed, actor=ANNA).releases
    closed.close()


def test_a_backup_keeps_ledger_and_snapshot(fresh: Workspace, tmp_path: Path):
    """Both come back as they were, and what was released is known to the next release."""
    release_id = released(fresh)
    shown = load_released(fresh.settings.workspace).digest
    fresh.backup(tmp_path / "backup.zip", ANNA)
    target = tmp_path / "restored"
    restore_backup(tmp_path / "backup.zip", target)
    assert shown == load_released(target).digest
    restored = open_workspace(Settings(workspace=target), create=False)
    assert {release_id: "approved"} == status(restored)
    restored.close()


def test_a_lost_snapshot_is_written_again_from_the_ledger(fresh: Workspace):
    """The same figures as before, as soon as somebody opens the workspace to work in it."""
    released(fresh)
    folder = fresh.settings.workspace
    before = load_released(folder)
    (folder / RELEASED).unlink()
    closed = reopened(fresh, read_only=True)
    assert "released_missing" == refusal(load_released, folder)
    again = reopened(closed, read_only=False)
    after = load_released(folder)
    assert before.cells.equals(after.cells) and before.releases == after.releases
    again.close()


def test_without_an_approval_no_snapshot_is_made_on_opening(fresh: Workspace):
    """There is nothing to show; the file is written with the first release."""
    folder = fresh.settings.workspace
    (folder / RELEASED).unlink()
    again = reopened(fresh)
    assert not (folder / RELEASED).exists()
    released(again)
    assert [2025] == shown_years(again)
    again.close()


def test_a_ledger_that_cannot_be_read_hinders_nobody_else(fresh: Workspace, monkeypatch: Any):
    """Offers and areas open as ever; the page of cases says what is missing."""

    def damaged(store: Any) -> None:
        raise SroError("ledger_damaged")

    released(fresh)
    folder = fresh.settings.workspace
    (folder / RELEASED).unlink()
    monkeypatch.setattr("sro_geo.actions.releasing.read_ledger", damaged)
    again = reopened(fresh)
    assert len(again.snapshot().directory)
    assert "released_missing" == refusal(load_released, folder)
    again.close()


def test_an_indicator_its_source_has_published_is_shown_at_once(fresh: Workspace):
    """It needs no release; one that is not marked so stays unseen."""
    rows = ["indicator,area_id,year,numerator,denominator,published,source"]
    rows += [f"own_rate,{area},2025,37,1500,nein,Amt" for area in ("nord-ost", "nord-west")]
    rows += [f"sgb2_rate,{area},2026,371,1500,ja,Agentur" for area in ("nord-ost", "nord-west")]
    import_file(fresh, "indicators", "\n".join(rows).encode(), name="i.csv", actor=ANNA)
    shown = load_released(fresh.settings.workspace).indicators
    assert 2 == int((shown["year"] == 2026).sum())
    assert "own_rate" not in set(shown["indicator"])


# --- what is shipped -------------------------------------------------------------------


def test_the_shipped_city_comes_with_five_released_years(shipped_workspace: Path):
    """Right after ``init``; each year has cells that are shown and cells that are hidden."""
    shown = load_released(shipped_workspace)
    assert YEARS == years_of(shown)
    for year in YEARS:
        found = set(case_table(shown, year).cells["status"])
        assert {"released", "suppressed"} <= found, year
    workspace = open_workspace(Settings(workspace=shipped_workspace), create=False)
    assert {"approved"} == set(status(workspace).values())
    people = {(i.proposed_by, i.decided_by) for i in list_releases(workspace, actor=ANNA)}
    assert all(one != other and one and other for one, other in people)
    workspace.close()


@pytest.mark.parametrize("year", [2021, 2025])
def test_the_shipped_cut_proposed_again_is_no_revision(shipped_workspace: Path, year: int):
    """The counts shipped are those the shipped ledger was made from."""
    workspace = open_workspace(Settings(workspace=shipped_workspace), create=False)
    cut = Cut(TOTALS.levels, "help_type")
    made = draft_release(workspace, year, actor=ANNA, cut=cut)
    assert () == made.violations
    before = read_ledger(workspace.protected).release(f"{year}-2")
    both = (before.cells, made.release.cells)
    hidden, again = (list(cells.loc[cells["status"] == "suppressed"].index) for cells in both)
    assert hidden == again
    workspace.close()


@pytest.mark.long
def test_an_attack_on_the_shipped_releases_finds_nothing(shipped_workspace: Path):
    """Every hidden cell is uncertain by five or more, with all releases and rules known."""
    workspace = open_workspace(Settings(workspace=shipped_workspace), create=False)
    found = audit_releases(workspace, actor=ANNA)
    assert ((), 15) == (found.violations, found.releases)
    assert found.narrowest_interval is not None and found.narrowest_interval >= 5
    assert found.cells_hidden > 5 * len(YEARS)
    workspace.close()


@pytest.mark.long
def test_the_shipped_ledger_is_made_by_the_kept_script(tmp_path: Path):
    """To the letter."""
    shutil.copytree(SHIPPED_DATA, tmp_path / "data")
    main(tmp_path / "data")
    made = (tmp_path / "data" / LEDGER).read_text(encoding="utf-8")
    assert (SHIPPED_DATA / LEDGER).read_text(encoding="utf-8") == made
