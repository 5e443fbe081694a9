"""Variants in the workspace: one gesture one transaction, steps back, and two planners at once."""

from __future__ import annotations

import numpy as np
import pytest

from sro_geo.actions.access import Actor
from sro_geo.actions.planning import (
    list_plans,
    load_plan,
    new_plan,
    propose,
    redo,
    rename_plan,
    reopen,
    save,
    steps,
    steps_of,
    undo,
    withdraw,
)
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError
from sro_geo.plans import Plan, gestures

ANNA, BERT = Actor("Anna"), Actor("Bert")


def some(plan: Plan, area: str, count: int = 3) -> np.ndarray:
    """Some blocks that are not in the area."""
    return np.flatnonzero(plan.codes != plan.code(area))[:count]


@pytest.fixture
def drawn(town: Workspace) -> str:
    """Id of a variant of the plan in force."""
    return new_plan(town, "Entwurf", actor=ANNA)


def painted(town: Workspace, plan_id: str, area: str, count: int = 3) -> Plan:
    """Draw one stroke and save it."""
    before = load_plan(town.snapshot(), plan_id)
    return save(town, before, gestures.paint(before, some(before, area, count), area), actor=ANNA)


def code_of(call, *arguments, **named) -> str:
    """The code of the error a call ends with."""
    with pytest.raises(SroError) as error:
        call(*arguments, **named)
    return error.value.code


def test_a_variant_begins_as_the_plan_in_force(town, drawn):
    """Same blocks, same areas, a draft with a parent; the list puts the one in force first."""
    snapshot = town.snapshot()
    first, second = list_plans(snapshot)
    mine = load_plan(snapshot, drawn)
    assert (first.in_force, first.status) == (True, "adopted")
    assert (second.plan_id, second.parent, second.status) == (drawn, first.plan_id, "draft")
    assert np.array_equal(mine.codes, load_plan(snapshot).codes)
    assert mine.areas == load_plan(snapshot).areas


def test_drafts_are_not_among_the_adopted_tables(town, drawn):
    """No row of ``assignments`` or ``plan_areas`` comes from a variant."""
    painted(town, drawn, "nord-ost")
    tables = town.snapshot().tables
    assert drawn not in set(tables["assignments"]["plan_id"]) | set(tables["plan_areas"]["plan_id"])
    assert "moves" not in tables


def test_one_gesture_is_one_revision_and_one_row_of_the_log(town, drawn):
    """The variant and its log are written together."""
    before = town.store.revision()
    painted(town, drawn, "nord-ost")
    assert before + 1 == town.store.revision()
    [step] = steps(town, drawn)
    assert (step.number, step.kind, step.blocks, step.author) == (1, "paint", 3, "Anna")


def test_another_process_sees_the_same_drawing(town, drawn, tmp_path):
    """What was saved is what is read from the file."""
    from sro_geo.actions.workspace import open_workspace

    after = painted(town, drawn, "nord-ost")
    other = open_workspace(town.settings)
    assert load_plan(other.snapshot(), drawn).same_as(after)
    other.close()


def test_steps_back_and_again_without_limit(town, drawn):
    """Ten strokes, ten steps back to the beginning, ten again: each state as it was."""
    states = [load_plan(town.snapshot(), drawn)]
    areas = [area.area_id for area in states[0].areas]
    for k in range(10):
        states.append(painted(town, drawn, areas[k % len(areas)], k + 1))
    assert (10, 0) == steps_of(town.snapshot(), drawn)
    for state in states[-2::-1]:
        assert undo(town, drawn, actor=ANNA).same_as(state)
    assert undo(town, drawn, actor=ANNA).same_as(states[0])
    assert (0, 10) == steps_of(town.snapshot(), drawn)
    for state in states[1:]:
        assert redo(town, drawn, actor=ANNA).same_as(state)
    assert redo(town, drawn, actor=ANNA).same_as(states[-1])


def test_a_gesture_after_a_step_back_keeps_the_undone_rows(town, drawn):
    """Nothing is deleted from the log; what was taken back before cannot be done again."""
    painted(town, drawn, "nord-ost")
    second = painted(town, drawn, "nord-west")
    undo(town, drawn, actor=ANNA)
    third = painted(town, drawn, "sued-ost")
    assert [(3, False), (2, True), (1, False)] == [(s.number, s.undone) for s in steps(town, drawn)]
    assert redo(town, drawn, actor=ANNA).same_as(third)
    undo(town, drawn, actor=ANNA)
    assert redo(town, drawn, actor=ANNA).same_as(third)
    assert not third.same_as(second)


def test_two_planners_on_one_variant(town, drawn):
    """The second is told who was faster and keeps the drawing as a variant of its own."""
    seen = load_plan(town.snapshot(), drawn)
    mine = gestures.paint(seen, some(seen, "nord-ost", 5), "nord-ost")
    painted(town, drawn, "sued-ost")

    with pytest.raises(SroError) as error:
        save(town, seen, mine, actor=BERT)
    assert "variant_saved_meanwhile" == error.value.code
    assert "Anna" == error.value.params["actor"]
    own = new_plan(town, "Entwurf", mine, actor=BERT)
    assert load_plan(town.snapshot(), own).same_as(mine)
    assert "Entwurf (2)" == load_plan(town.snapshot(), own).name


def test_two_processes_at_the_same_moment(town, drawn):
    """Whoever commits second is refused, though both had read the same state."""
    snapshot = town.snapshot()
    seen = load_plan(snapshot, drawn)
    mine = gestures.paint(seen, some(seen, "nord-ost"), "nord-ost")
    real, town.snapshot = town.snapshot, lambda: snapshot  # type: ignore[method-assign]
    other = gestures.paint(seen, some(seen, "sued-ost"), "sued-ost")
    save(town, seen, other, actor=ANNA)
    assert "variant_saved_meanwhile" == code_of(save, town, seen, mine, actor=BERT)
    town.snapshot = real  # type: ignore[method-assign]
    assert load_plan(town.snapshot(), drawn).same_as(other)
    assert 1 == len(steps(town, drawn))


def test_a_double_click_saves_once(town, drawn):
    """The same gesture sent twice is one row of the log."""
    seen = load_plan(town.snapshot(), drawn)
    mine = gestures.paint(seen, some(seen, "nord-ost"), "nord-ost")
    save(town, seen, mine, actor=ANNA)
    revision = town.store.revision()
    assert save(town, seen, mine, actor=ANNA).same_as(mine)
    assert revision == town.store.revision()


def test_adopted_and_proposed_plans_are_not_drawn_in(town, drawn):
    """Each says what to do instead."""
    force = load_plan(town.snapshot())
    assert "plan_adopted" == code_of(save, town, force, force, actor=ANNA)
    propose(town, drawn, actor=ANNA, reason="für den Ausschuss")
    assert "plan_proposed" == code_of(undo, town, drawn, actor=ANNA)
    reopen(town, drawn, actor=ANNA)
    painted(town, drawn, "nord-ost")


def test_a_variant_put_aside_comes_back_with_its_log(town, drawn):
    """Out of the list, not out of the workspace."""
    painted(town, drawn, "nord-ost")
    withdraw(town, drawn, actor=ANNA)
    snapshot = town.snapshot()
    assert drawn not in {plan.plan_id for plan in list_plans(snapshot)}
    assert [drawn] == [plan.plan_id for plan in list_plans(snapshot, withdrawn=True)]
    assert "plan_withdrawn" == code_of(undo, town, drawn, actor=ANNA)
    reopen(town, drawn, actor=ANNA)
    undo(town, drawn, actor=ANNA)
    assert (0, 1) == steps_of(town.snapshot(), drawn)


def test_names(town, drawn):
    """Renamed, never empty, never twice; the one in force keeps its name."""
    rename_plan(town, drawn, "  Variante   B ", actor=ANNA)
    assert "Variante B" == load_plan(town.snapshot(), "Variante B").name
    assert "plan_name_empty" == code_of(new_plan, town, " ", actor=ANNA)
    force = list_plans(town.snapshot())[0].plan_id
    assert "plan_adopted" == code_of(rename_plan, town, force, "x", actor=ANNA)
    assert "plan_unknown" == code_of(load_plan, town.snapshot(), "plan-99")


def test_readers_do_not_draw(town, drawn):
    """Drawing is for planners."""
    reader = Actor("Lea", "reader")
    assert "not_allowed" == code_of(new_plan, town, "x", actor=reader)
    assert "not_allowed" == code_of(undo, town, drawn, actor=reader)


def test_the_areas_of_a_draft_follow_each_gesture(town, drawn):
    """``version(plan_id=…)`` of a draft is drawn anew after a gesture, and only then."""
    first = town.snapshot().version(plan_id=drawn)
    assert first is town.snapshot().version(plan_id=drawn)
    after = painted(town, drawn, "nord-ost")
    second = town.snapshot().version(plan_id=drawn)
    lowest = town.city.lowest.level
    assert list(second.members[lowest]) == list(after.area_ids_of_blocks())
    areas = second.of_level(lowest).set_index("area_id").geometry
    whole = second.blocks.geometry.to_numpy()[after.codes == after.code("nord-ost")]
    assert areas["nord-ost"].area == pytest.approx(sum(shape.area for shape in whole))


def test_a_gesture_reads_two_rows_not_the_city(town, drawn):
    """Blocks, the areas in force, the directory and the gazetteer stay as they are."""
    before = town.snapshot()
    kept = (before.current, before.directory, before.gazetteer, before.tables["blocks"])
    painted(town, drawn, "nord-ost")
    rename_plan(town, drawn, "Anders", actor=ANNA)
    now = town.snapshot()
    again = (now.current, now.directory, now.gazetteer, now.tables["blocks"])
    assert all(a is b for a, b in zip(kept, again, strict=True))


def test_the_history_holds_no_documents(town, drawn):
    """The audit says who drew and when; what was drawn lies in the log, once."""
    painted(town, drawn, "nord-ost")
    entries = town.store.history("variants", drawn)
    assert entries[0].actor == "Anna"
    assert all("content" not in {**e.before, **e.after} for e in entries)


def test_a_drafts_areas_are_those_its_tables_would_make(town, drawn):
    """Members of every level and outlines as after adoption, parallel levels included."""
    import pandas as pd

    from sro_geo.areas import area_version
    from sro_geo.plans import tables_of

    before = load_plan(town.snapshot(), drawn)
    after = gestures.delete(before, "sued-ost")
    after = gestures.create_area(after, "neu", "Neu", parent_id="nord", blocks=before.block_ids[:9])
    save(town, before, after, actor=ANNA)
    snapshot = town.snapshot()
    t = snapshot.tables
    row, own, assigned = tables_of(load_plan(snapshot, drawn))
    wanted = area_version(
        town.city,
        t["blocks"],
        pd.DataFrame([row]),
        own,
        assigned,
        t["parallel_areas"],
        t["basemap"][:0],
        on="2026-01-01",
        plan_id=drawn,
    )
    found = snapshot.version(plan_id=drawn)
    assert wanted.members.where(wanted.members.notna(), None).equals(found.members)
    old, new = (v.areas.set_index("area_id").sort_index() for v in (wanted, found))
    assert list(old.index) == list(new.index)
    assert old["name"].tolist() == new["name"].tolist()
    assert new.area.fillna(0).tolist() == pytest.approx(old.area.fillna(0).tolist())
    assert found.areas.crs == wanted.areas.crs
