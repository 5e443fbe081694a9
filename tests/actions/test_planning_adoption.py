"""A plan comes into force: refused with every reason, or dated, with the past kept."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.adopting import AdoptionRefused, adopt, adoption_findings
from sro_geo.actions.asking import where
from sro_geo.actions.planning import list_plans, load_plan, new_plan, save, withdraw
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError
from sro_geo.plans import gestures

ANNA = Actor("Anna")


def next_to(town: Workspace, plan_id: str, area: str = "nord-ost") -> int:
    """A block of another area beside one of the area."""
    from sro_geo.actions.planning_figures import ground_of

    snapshot = town.snapshot()
    plan, edges = load_plan(snapshot, plan_id), ground_of(snapshot).edges
    code = plan.code(area)
    beside = (plan.codes[edges.i] == code) & (plan.codes[edges.j] != code)
    return int(edges.j[np.flatnonzero(beside)[0]])


def gesture(town: Workspace, plan_id: str, draw) -> None:
    """Draw and save."""
    before = load_plan(town.snapshot(), plan_id)
    save(town, before, draw(before), actor=ANNA)


@pytest.fixture
def moved(town: Workspace) -> tuple[str, str, float, float]:
    """A variant with one block more in Nord-Ost: its id, the block, and where that lies."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    at = next_to(town, plan_id)
    gesture(town, plan_id, lambda plan: gestures.paint(plan, np.array([at]), "nord-ost"))
    snapshot = town.snapshot()
    block = snapshot.tables["blocks"].iloc[at]
    spot = block.geometry.representative_point()
    return plan_id, str(block["block_id"]), *snapshot.degrees(spot.x, spot.y)


def test_what_stands_in_the_way_is_listed(town):
    """Unassigned blocks, pieces and an empty area: all reasons at once, nothing written."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    force = load_plan(town.snapshot())
    far = np.flatnonzero(force.codes == force.code("sued-west"))[-1]
    gesture(town, plan_id, lambda p: gestures.paint(p, np.array([far]), "nord-ost"))
    gesture(town, plan_id, lambda p: gestures.paint(p, np.array([0]), None))
    gesture(town, plan_id, lambda p: gestures.create_area(p, "leer", "Leer", parent_id="nord"))
    revision = town.store.revision()
    with pytest.raises(AdoptionRefused) as refused:
        adopt(town, plan_id, "2027-01-01", actor=ANNA)
    rules = {finding.rule for finding in refused.value.findings}
    assert {"plan_blocks_unassigned", "plan_area_in_pieces", "plan_area_empty"} == rules
    assert list(refused.value.findings) == adoption_findings(town.snapshot(), plan_id)
    assert revision == town.store.revision()


def test_from_a_day_to_come(town, moved):
    """Until the day before all is as it was; from the day on the block belongs elsewhere."""
    plan_id, _, lat, lon = moved
    snapshot = town.snapshot()
    before = where(snapshot, lat, lon, date="2027-06-30").place.areas["social_space"].id
    areas = snapshot.tables["areas"]
    old = load_plan(snapshot).plan_id
    done = adopt(town, plan_id, "2027-07-01", actor=ANNA, reason="Beschluss 12")
    assert (done.ended, done.valid_to, done.without_team) == (old, None, ())
    now = town.snapshot(dt.date(2027, 6, 30))
    assert where(now, lat, lon).place.areas["social_space"].id == before != "nord-ost"
    assert areas.equals(now.tables["areas"])
    assert "nord-ost" == where(now, lat, lon, date="2027-07-01").place.areas["social_space"].id
    assert before == where(now, lat, lon, date="2027-06-30").place.areas["social_space"].id
    later = town.snapshot(dt.date(2027, 7, 1))
    assert plan_id == later.current.version == list_plans(later)[0].plan_id
    assert "nord-ost" == where(later, lat, lon).place.areas["social_space"].id
    assert "team-nord-ost" == where(later, lat, lon).team.id


def test_from_today_the_areas_are_those_of_the_plan(town, moved):
    """The table that QGIS shows holds the new outlines at once."""
    plan_id, block, lat, lon = moved
    today = town.snapshot().today.isoformat()
    adopt(town, plan_id, today, actor=ANNA)
    snapshot = town.snapshot()
    assert {plan_id} == set(snapshot.tables["areas"]["version"])
    assert "nord-ost" == where(snapshot, lat, lon).place.areas["social_space"].id
    assert "nord-ost" == snapshot.current.members.loc[block, "social_space"]
    shape = snapshot.tables["blocks"].set_index("block_id").geometry[block]
    outline = snapshot.tables["areas"].set_index("area_id").geometry["nord-ost"]
    assert outline.buffer(0.01).contains(shape)


def test_an_adopted_plan_never_changes(town, moved):
    """Its tables hold the drawing; nobody draws in it, and it is not adopted twice."""
    plan_id = moved[0]
    drawn = load_plan(town.snapshot(), plan_id)
    adopt(town, plan_id, "2027-07-01", actor=ANNA)
    held = load_plan(town.snapshot(), plan_id)
    assert ("adopted", True) == (held.status, np.array_equal(held.codes, drawn.codes))
    assert held.area_ids_of_blocks().tolist() == drawn.area_ids_of_blocks().tolist()
    for call in (
        lambda: adopt(town, plan_id, "2028-01-01", actor=ANNA),
        lambda: withdraw(town, plan_id, actor=ANNA),
        lambda: gestures.paint(held, np.array([0]), None),
    ):
        with pytest.raises(SroError) as error:
            call()
        assert "plan_adopted" == error.value.code


def test_a_plan_between_two_others_ends_with_the_later_one(town, moved):
    """Adopted for July after one for 2028 was: it holds until then."""
    late = new_plan(town, "später", actor=ANNA)
    adopt(town, late, "2028-01-01", actor=ANNA)
    done = adopt(town, moved[0], "2027-07-01", actor=ANNA)
    assert "2028-01-01" == done.valid_to
    held = {p.plan_id: (p.valid_from, p.valid_to) for p in list_plans(town.snapshot())}
    assert ("2027-07-01", "2028-01-01") == held[moved[0]]
    assert (None, "2027-07-01") == held["plan-1"]
    assert ("2028-01-01", None) == held[late]
    with pytest.raises(SroError) as error:
        adopt(town, new_plan(town, "noch einer", actor=ANNA), "2028-01-01", actor=ANNA)
    assert "plan_date_taken" == error.value.code


def test_bridges_go_on_in_the_variants_of_an_adopted_plan(town):
    """Two pieces held together by a bridge may be adopted, and so may what follows from it."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    force = load_plan(town.snapshot())
    far = np.flatnonzero(force.codes == force.code("sued-west"))[-1]
    own = force.block_ids[np.flatnonzero(force.codes == force.code("nord-ost"))[0]]
    gesture(town, plan_id, lambda p: gestures.paint(p, np.array([far]), "nord-ost"))
    gesture(town, plan_id, lambda p: gestures.bridge(p, p.block_ids[far], own))
    adopt(town, plan_id, "2027-07-01", actor=ANNA)
    child = new_plan(town, "danach", plan_id, actor=ANNA)
    assert [] == adoption_findings(town.snapshot(), child)


def test_a_date_is_needed(town, moved):
    """``2027-13-01`` is none."""
    with pytest.raises(SroError) as error:
        adopt(town, moved[0], "2027-13-01", actor=ANNA)
    assert "plan_date_malformed" == error.value.code


def test_areas_without_a_team_and_areas_that_end_are_reported(town):
    """The coordinator learns what is left to settle."""
    plan_id = new_plan(town, "Entwurf", actor=ANNA)
    gesture(town, plan_id, lambda p: gestures.merge(p, ["sued-ost"], "sued-west"))
    at = next_to(town, plan_id)
    gesture(
        town,
        plan_id,
        lambda p: gestures.create_area(p, "neu", "Neu", parent_id="sued", blocks=np.array([at])),
    )
    try:
        done = adopt(town, plan_id, "2027-07-01", actor=ANNA)
    except AdoptionRefused as refused:
        pytest.fail(str(refused.findings))
    assert (("neu", "Neu"),) == done.without_team
    assert ("sued-ost", "Süd-Ost") in done.areas_ended
