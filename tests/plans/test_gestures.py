"""Gestures one by one, drawn as pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sro_geo.errors import SroError
from sro_geo.plans import Move, apply, gestures, marks_of, plan_of, replay, tables_of
from tests.plans.drawing import drawn, picture_of, squares
from tests.toy import shipped_city

FOUR = "aabb aabb ccdd ccdd"


def refused(code: str):
    """Expect an error with this code."""
    return pytest.raises(SroError, match=rf"^{code}\(")


def test_painted_blocks_change_area_and_no_others() -> None:
    """Ids, positions and masks name the same blocks."""
    plan = drawn(FOUR)
    assert picture_of(gestures.paint(plan, ["0001", "0101"], "b")) == "abbb abbb ccdd ccdd"
    by_place = gestures.paint(plan, np.array([1, 5]), "b")
    by_mask = gestures.paint(plan, np.isin(np.arange(16), [1, 5]), "b")
    assert by_place.same_as(by_mask)
    assert picture_of(by_mask) == "abbb abbb ccdd ccdd"
    assert picture_of(plan) == "aabb aabb ccdd ccdd"


def test_painting_to_none_takes_the_assignment_away() -> None:
    """The block stays, its area is empty."""
    assert picture_of(gestures.paint(drawn(FOUR), "0000", None)) == "-abb aabb ccdd ccdd"


def test_a_whole_district_moves_in_one_step() -> None:
    """One step, named for what it was."""
    plan = gestures.whole(drawn(FOUR), ["0000", "0001", "0100", "0101"], "d")
    assert picture_of(plan) == "ddbb ddbb ccdd ccdd"
    assert [(m.kind, m.block_count) for m in plan.moves] == [("whole", 4)]


def test_locked_blocks_and_areas_are_left_out_and_named() -> None:
    """The rest of the stroke is drawn all the same."""
    plan = gestures.lock(drawn(FOUR), areas=["b"], blocks=["0000"])
    out = gestures.paint(plan, ["0000", "0001", "0002"], "c")
    assert picture_of(out) == "acbb aabb ccdd ccdd"
    assert out.left_out == ("0000", "0002")
    into = gestures.paint(plan, ["0001", "0002"], "b")
    assert (picture_of(into), into.left_out) == (picture_of(plan), ("0001",))
    assert into.moves == plan.moves
    free = gestures.unlock(plan, areas=["b"], blocks=["0000"])
    assert gestures.paint(free, ["0000", "0001", "0002"], "c").left_out == ()


def test_merged_areas_are_gone_unless_a_lock_holds_a_block() -> None:
    """The area with the locked block stays with that block alone."""
    plan = drawn(FOUR)
    one = gestures.merge(plan, ["a", "c"], "b")
    assert picture_of(one) == "bbbb bbbb bbdd bbdd"
    assert [a.area_id for a in one.standing] == ["b", "d"]
    held = gestures.merge(gestures.lock(plan, blocks=["0000"]), ["a"], "b")
    assert picture_of(held) == "abbb bbbb ccdd ccdd"
    assert [a.area_id for a in held.standing] == ["a", "b", "c", "d"]


def test_deleting_leaves_blocks_unassigned_or_gives_them_on() -> None:
    """An area of a level above goes only when nothing hangs on it."""
    plan = drawn(FOUR, parents={"a": "n", "b": "n", "c": "s", "d": "s"})
    assert picture_of(gestures.delete(plan, "a")) == "--bb --bb ccdd ccdd"
    assert picture_of(gestures.delete(plan, "a", to="c")) == "ccbb ccbb ccdd ccdd"
    with refused("area_has_parts"):
        gestures.delete(plan, "n")
    bare = gestures.set_parent(gestures.set_parent(plan, "a", "s"), "b", "s")
    assert "n" not in {a.area_id for a in gestures.delete(bare, "n").standing_above}


def test_a_new_area_takes_its_blocks_in_one_step() -> None:
    """Ids are never used twice in a plan, not even after the area is gone."""
    plan = drawn(FOUR, parents={"a": "n"})
    new = gestures.create_area(plan, "e", " Mitte ", parent_id="n", blocks=["0101", "0102"])
    assert picture_of(new) == "aabb aeeb ccdd ccdd"
    assert (new.area("e").name, new.area("e").parent_id, len(new.moves)) == ("Mitte", "n", 1)
    assert gestures.next_area_id(new) == "social_space-6"
    with refused("area_exists"):
        gestures.create_area(gestures.delete(new, "e"), "e", "Mitte")
    region = gestures.create_area(plan, "w", "West", level="region", parent_id="city")
    assert region.area("w").level == "region"


def test_regions_follow_the_parents_of_their_spaces() -> None:
    """Hanging a space on another region moves its blocks there."""
    plan = drawn("ab", parents={"a": "n", "b": "s"})
    codes, regions = gestures.set_parent(plan, "b", "n").codes_at("region")
    assert [regions[c].area_id for c in codes] == ["n", "n"]
    codes, _ = gestures.set_parent(plan, "b", None).codes_at("region")
    assert codes.tolist() == [0, -1]
    codes, tops = gestures.set_parent(plan, "b", "city").codes_at("city")
    assert [tops[c].area_id for c in codes] == ["city", "city"]


def test_renaming_keeps_the_id() -> None:
    """A new name, one step."""
    plan = gestures.rename(drawn(FOUR), "a", "Nord-West")
    assert plan.area("a").name == "Nord-West"
    assert gestures.rename(plan, "a", "Nord-West").moves == plan.moves


def test_bridge_and_barrier_exclude_each_other() -> None:
    """The later one holds; both can be taken away."""
    plan = gestures.barrier(drawn(FOUR), "0001", "0000")
    assert plan.barriers == {("0000", "0001")}
    plan = gestures.bridge(plan, "0000", "0001")
    assert (plan.bridges, plan.barriers) == ({("0000", "0001")}, frozenset())
    assert gestures.bridge(plan, "0001", "0000", remove=True).bridges == frozenset()


def test_undo_and_redo_end_where_the_log_ends() -> None:
    """Nothing to undo is no error; a new gesture ends what could be redone."""
    plan = drawn(FOUR)
    assert gestures.undo(plan) is plan
    assert gestures.redo(plan) is plan
    there = gestures.paint(plan, "0000", "b")
    back = gestures.undo(there)
    assert back.same_as(plan)
    assert gestures.redo(back).same_as(there)
    assert gestures.paint(back, "0001", "b").undone == ()


@pytest.mark.parametrize(
    ("code", "gesture"),
    [
        ("block_unknown", lambda p: gestures.paint(p, ["0000", "101"], "b")),
        ("block_unknown", lambda p: gestures.paint(p, np.array([16]), "b")),
        ("block_unknown", lambda p: gestures.paint(p, np.array([-1]), "b")),
        ("area_unknown", lambda p: gestures.paint(p, ["0000"], "x")),
        ("area_unknown", lambda p: gestures.paint(gestures.delete(p, "a"), ["0000"], "a")),
        ("area_unknown", lambda p: gestures.merge(p, ["x"], "a")),
        ("area_unknown", lambda p: gestures.lock(p, areas=["x"])),
        ("area_exists", lambda p: gestures.create_area(p, "a", "A")),
        ("area_exists", lambda p: gestures.create_area(p, "city", "A")),
        ("area_name_empty", lambda p: gestures.rename(p, "a", "  ")),
        ("area_name_empty", lambda p: gestures.create_area(p, " ", "A")),
        ("level_unknown", lambda p: gestures.create_area(p, "e", "E", level="district")),
        ("area_parent_level", lambda p: gestures.set_parent(p, "a", "b")),
        ("area_parent_level", lambda p: gestures.set_parent(p, "city", "city")),
        ("link_to_itself", lambda p: gestures.bridge(p, "0000", "0000")),
        ("plan_adopted", lambda p: gestures.paint(replace(p, status="adopted"), "0000", "b")),
    ],
)
def test_what_cannot_be_meant_is_refused(code, gesture) -> None:
    """A clear error, and the plan as it was."""
    plan = drawn(FOUR)
    with refused(code):
        gesture(plan)
    assert picture_of(plan) == "aabb aabb ccdd ccdd"


def test_a_log_of_another_plan_is_refused() -> None:
    """A step fits only the drawing it was made on."""
    move = gestures.paint(drawn(FOUR), "0000", "b").moves[0]
    with refused("move_does_not_fit"):
        replay(drawn("cabb aabb ccdd ccdd"), [move])
    with refused("move_does_not_fit"):
        apply(drawn(FOUR), move, back=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        '{"kind":1}',
        '{"kind":"paint","blocks":[["a","b","0000"]]}',
        '{"kind":"paint","blocks":[["a",1,["0000"]]]}',
        '{"kind":"paint","areas":[[null,null]]}',
        '{"kind":"paint","areas":[[null,["a","b","c"]]]}',
        '{"kind":"paint","marks":[["codes",["a"],[]]]}',
        '{"kind":"paint","marks":[["bridges",[["a"]],[]]]}',
        "[" * 10000,
    ],
)
def test_an_unreadable_step_is_refused(text: str) -> None:
    """Whatever stands in the file, the answer is one clear error."""
    with refused("move_unreadable"):
        Move.from_json(text)


def test_a_step_is_kept_as_the_changed_blocks_alone() -> None:
    """A stroke of two blocks takes a line."""
    move = gestures.paint(drawn(FOUR), ["0000", "0002"], "c").moves[0]
    assert move.to_json() == ('{"kind":"paint","blocks":[["a","c",["0000"]],["b","c",["0002"]]]}')


def test_tables_and_log_bring_the_plan_back_with_every_step() -> None:
    """After loading, undo still finds areas that were merged away."""
    city = shipped_city()
    plan = drawn(FOUR, parents={"a": "n", "b": "n", "c": "s", "d": "s"})
    plan = gestures.lock(gestures.merge(plan, ["a"], "b"), blocks=["0303"])
    plan = gestures.undo(gestures.paint(gestures.bridge(plan, "0000", "0303"), "0000", None))
    row, areas, assigned = tables_of(plan)
    again = plan_of(
        city,
        squares(FOUR),
        row,
        areas,
        assigned,
        marks=marks_of(plan),
        moves=[Move.from_json(m.to_json()) for m in plan.moves],
        undone=plan.undone,
    )
    assert picture_of(again) == picture_of(plan) == "bbbb bbbb ccdd ccdd"
    assert marks_of(again) == marks_of(plan)
    assert picture_of(gestures.redo(again)) == "-bbb bbbb ccdd ccdd"
    while again.moves:
        again = gestures.undo(again)
    assert picture_of(again) == "aabb aabb ccdd ccdd"
    assert {a.area_id: a.parent_id for a in again.standing} == {
        "a": "n",
        "b": "n",
        "c": "s",
        "d": "s",
    }


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("plan_other_blocks", lambda row, areas, done: ({**row, "block_set": "x"}, areas, done)),
        ("block_unknown", lambda row, areas, done: (row, areas, done.replace("0101", "101"))),
        ("block_twice", lambda row, areas, done: (row, areas, done.replace("0101", "0000"))),
        ("area_unknown", lambda row, areas, done: (row, areas[areas["area_id"] != "b"], done)),
    ],
)
def test_tables_that_do_not_fit_are_refused(code, change) -> None:
    """Another block version, unknown or repeated ids."""
    with refused(code):
        plan_of(shipped_city(), squares(FOUR), *change(*tables_of(drawn(FOUR))))


def test_parents_in_a_circle_end() -> None:
    """A circle from outside must not hang; the blocks are in no area of that level."""
    plan = drawn("ab", parents={"a": "n", "b": "n"})
    loop = [replace(a, parent_id="n") if a.area_id == "n" else a for a in plan.above]
    codes, _ = replace(plan, above=tuple(loop)).codes_at("city")
    assert codes.tolist() == [-1, -1]


def test_a_locked_area_without_blocks_stays() -> None:
    """It is held whether or not it has blocks; merging takes the other way."""
    plan = gestures.create_area(drawn(FOUR), "new", "New")
    plan = gestures.lock(plan, areas=["new"])
    first = plan.standing[0].area_id
    assert "new" not in gestures.merge(plan, ["new"], first).gone
    assert "new" not in gestures.delete(plan, "new").gone
