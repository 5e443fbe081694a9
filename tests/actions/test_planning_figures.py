"""Figures of drawn plans beside a count by hand, and what a change means for families."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.coverage import CoverageQuestion, coverage
from sro_geo.actions.planning import load_plan, new_plan, save
from sro_geo.actions.planning_changes import (
    changes_as_bytes,
    compare_plans,
    family_changes,
    team_by_area,
)
from sro_geo.actions.planning_figures import (
    block_columns,
    cases_per_block,
    outlines_of,
    plan_figures,
    plan_warnings,
    uncovered_per_block,
)
from sro_geo.actions.planning_words import summary
from sro_geo.actions.workspace import Workspace
from sro_geo.plans import Plan, gestures

ANNA = Actor("Anna")
ASKED = CoverageQuestion(("youth_centre",), "10-13", 15.0)


@pytest.fixture
def redrawn(town: Workspace) -> Plan:
    """A saved variant in which 20 blocks of Nord-West belong to Nord-Ost."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    before = load_plan(town.snapshot(), plan_id)
    west = np.flatnonzero(before.codes == before.code("nord-west"))[:20]
    return save(town, before, gestures.paint(before, west, "nord-ost"), actor=ANNA)


def by_pandas(town: Workspace, plan: Plan) -> pd.DataFrame:
    """Persons of each block of the newest date with the area of the plan."""
    rows = town.snapshot().tables["population"]
    rows = rows[rows["reference_date"] == rows["reference_date"].max()]
    area = dict(zip(plan.block_ids, plan.area_ids_of_blocks(), strict=True))
    return rows.assign(area=rows["place_id"].map(area))


def test_persons_are_those_of_plain_pandas(town, redrawn):
    """Sums of a draft by area: everybody, under 18, and a stored band."""
    figures = plan_figures(town.snapshot(), redrawn)
    rows = by_pandas(town, redrawn)
    for name, mask in (
        ("population", rows["age_from"] >= 0),
        ("under_18", rows["age_to"].fillna(200) <= 17),
        ("10-13", (rows["age_from"] == 10) & (rows["age_to"] == 13)),
    ):
        wanted = rows[mask].groupby("area")["persons"].sum().to_dict()
        held = figures.of(name)
        assert wanted == {area: held[area] for area in wanted}
    assert held["nord"] == held["nord-ost"] + held["nord-west"]


def test_offers_are_counted_where_they_stand(town, redrawn):
    """Closed, protected and mobile ones not; categories add up to the whole."""
    snapshot = town.snapshot()
    figures = plan_figures(snapshot, redrawn)
    d = snapshot.directory
    area = dict(zip(redrawn.block_ids, redrawn.area_ids_of_blocks(), strict=True))
    shown = d[(d["status"] != "closed") & ~d["protected"].fillna(False) & d["block_id"].notna()]
    wanted = shown["block_id"].map(area).value_counts().to_dict()
    assert wanted == {key: figures.of("offers")[key] for key in wanted}
    kinds = [name for name in figures.figures if name.startswith("offers:")]
    total = sum(figures.of(kind)["norderstedt"] for kind in kinds)
    assert figures.of("offers")["norderstedt"] == total == len(shown)


def test_uncovered_persons_are_those_of_the_coverage_page(town, redrawn):
    """Counted by block and by ``coverage`` on the same plan they agree."""
    snapshot = town.snapshot()
    figures = plan_figures(snapshot, redrawn, question=ASKED)
    answer = coverage(snapshot, CoverageQuestion(*_asked(), plan_id=redrawn.plan_id))
    told = answer.areas("social_space").set_index("area_id")["uncovered"]
    assert {a: pytest.approx(v) for a, v in told.items()} == {
        a: figures.of("uncovered")[a] for a in told.index
    }
    force = coverage(snapshot, ASKED)
    assert force.total == answer.total
    assert not force.areas("social_space").equals(answer.areas("social_space"))
    lost = uncovered_per_block(snapshot, ASKED).sum()
    assert force.total["uncovered"] == pytest.approx(lost)


def _asked() -> tuple:
    return ASKED.categories, ASKED.group, ASKED.minutes


def test_cases_are_estimated_from_released_totals(town, redrawn):
    """What was released for areas in force stays whole; suppressed is unknown, not none."""
    snapshot = town.snapshot()
    released = {"nord-ost": 40.0, "nord-west": 60.0, "sued-ost": None, "sued-west": 10.0}
    cases = cases_per_block(snapshot, released)
    force = load_plan(snapshot)
    own = force.codes == force.code("nord-west")
    assert 60.0 == pytest.approx(cases[own].sum())
    figures = plan_figures(snapshot, redrawn, released=released)
    moved = force.codes != redrawn.codes
    assert figures.of("cases")["nord-ost"] == pytest.approx(40 + cases[moved].sum())
    assert math.isnan(figures.of("cases")["sued-ost"])
    assert {"cases", "cases_per_1000"} <= figures.estimated
    young = block_columns(snapshot)["under_21"]
    assert cases[moved].sum() == pytest.approx(60 * young[moved].sum() / young[own].sum())


def test_two_plans_side_by_side(town, redrawn):
    """Old, new, difference; moved blocks and persons; the matrix adds up to everybody."""
    snapshot = town.snapshot()
    found = compare_plans(snapshot, None, redrawn.plan_id)
    people = block_columns(snapshot)["population"]
    moved = load_plan(snapshot).codes != redrawn.codes
    assert (found.moved_blocks, found.moved_population) == (20, people[moved].sum())
    assert found.kept == pytest.approx(1 - people[moved].sum() / people.sum())
    assert found.retention["population"].sum() == people.sum()
    assert found.touched == {"nord-ost", "nord-west", "nord", "norderstedt"}
    old, new = found.of("nord-ost", "population")
    assert new - old == people[moved].sum()
    assert math.isfinite(found.of("nord-ost", "reock")[1])
    assert found.of("sued-ost", "population")[0] == found.of("sued-ost", "population")[1]


def test_a_drawing_not_saved_has_figures_too(town):
    """The page shows them before anything is written."""
    snapshot = town.snapshot()
    force = load_plan(snapshot)
    draft = gestures.delete(_draft(force), "sued-ost", to="sued-west")
    found = compare_plans(snapshot, None, draft)
    old, new = found.of("sued-ost", "population")
    assert old > 0
    assert math.isnan(new)
    assert "sued-ost" not in outlines_of(snapshot, draft)
    assert plan_warnings(snapshot, gestures.paint(draft, np.array([0]), None))


def _draft(plan: Plan) -> Plan:
    from dataclasses import replace

    return replace(plan, status="draft")


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_comparison_in_words(town, redrawn, language):
    """Each number in the sentences is one of the figures."""
    snapshot = town.snapshot()
    found = compare_plans(snapshot, None, redrawn)
    words = summary(found, language)
    dot = {"de": ".", "en": ","}[language]
    persons = f"{round(found.moved_population):,}".replace(",", dot)
    assert "20" in words[0]
    assert persons in words[1]
    assert any("Nord-Ost" in sentence for sentence in words)
    same = compare_plans(snapshot, None, load_plan(snapshot))
    assert 1 == len(summary(same, language))


def test_whose_team_changes(town, redrawn):
    """Persons from team to team; streets and offers of the moved blocks; a table to hand out."""
    snapshot = town.snapshot()
    teams = team_by_area(snapshot, redrawn, "2026-06-01")
    assert {"nord-ost", "nord-west", "sued-ost", "sued-west"} == set(teams)
    found = family_changes(snapshot, None, redrawn, released={"nord-west": 60.0})
    people = block_columns(snapshot)["population"]
    moved = load_plan(snapshot).codes != redrawn.codes
    [row] = found.moved.to_dict("records")
    assert (row["from"], row["to"]) == (teams["nord-west"], teams["nord-ost"])
    assert row["population"] == people[moved].sum()
    assert found.teams["population"].sum() == people.sum()
    assert set(found.offers["from"]) <= {"nord-west"}
    assert len(found.streets)
    text = changes_as_bytes(snapshot, found, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {"spaces", "teams", "streets", "offers"} >= {r["part"] for r in rows}
    assert {"Beispieldaten, erfunden für dieses Programm"} == {r["data_note"] for r in rows}
    assert any(r["cases_estimated"] for r in rows)


def test_a_new_space_has_no_team_until_somebody_is_named(town):
    """Persons of a new id go from their team to none, unless its region has one."""
    snapshot = town.snapshot()
    draft = _draft(load_plan(snapshot))
    draft = gestures.create_area(draft, "neu", "Neu", parent_id="nord", blocks=draft.block_ids[:5])
    found = family_changes(snapshot, None, draft)
    assert found.moved["to"].isna().all()
