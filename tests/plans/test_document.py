"""A variant as a document: exact there and back, small, and refused when it is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sro_geo.errors import SroError
from sro_geo.plans import Plan, PlanArea, gestures
from sro_geo.plans.document import Log, from_document, to_document
from tests.plans.drawing import drawn


def row_of(plan: Plan) -> dict[str, str | None]:
    """The row of ``plans`` that belongs to a plan."""
    names = ("plan_id", "name", "status", "parent_plan_id", "block_set", "author", "reason")
    return {name: getattr(plan, name) for name in names}


def again(plan: Plan, log: Log | None = None) -> tuple[Plan, Log]:
    """A plan written and read."""
    return from_document(to_document(plan, log), row_of(plan), plan.block_ids, plan.block_set)


def test_everything_drawn_comes_back():
    """Codes, areas that are gone, locks, bridges and barriers."""
    plan = drawn("aab abb -cc", parents={"a": "nord", "b": "nord", "c": "sued"})
    plan = gestures.merge(plan, ["b"], "a")
    plan = gestures.create_area(plan, "007", "Süd „x“", parent_id="sued", blocks=["0200"])
    plan = gestures.lock(plan, areas=["c"], blocks=["0000"])
    plan = gestures.barrier(gestures.bridge(plan, "0200", "0002"), "0000", "0001")
    log = Log(7, 2, (6, 5))

    back, said = again(plan, log)

    assert back.same_as(plan)
    assert (back.block_set, back.levels, back.parent_plan_id) == (
        plan.block_set,
        plan.levels,
        plan.parent_plan_id,
    )
    assert log == said


@given(st.lists(st.integers(-1, 3), min_size=6, max_size=6))
def test_any_assignment_comes_back(codes: list[int]):
    """Unassigned blocks and empty areas included."""
    plan = drawn("abc dda", codes=np.array(codes, np.int32))
    assert again(plan)[0].same_as(plan)


def test_forty_thousand_blocks_stay_small():
    """24 areas of 40,000 blocks: a few kilobytes when they lie together, 40 at most."""
    ids = np.array([f"{n:06d}" for n in range(40_000)], object)
    areas = tuple(PlanArea(f"s{n}", "social_space", f"S {n}", None) for n in range(24))
    side = np.arange(40_000)
    patches = ((side // 200) // 34 * 4 + (side % 200) // 50).astype(np.int32)
    plan = Plan("p", "P", "draft", None, "x", ("social_space",), ids, patches, areas)
    noisy = patches.copy()
    noisy[::97] = 5

    assert len(to_document(plan)) < 6_000
    assert len(to_document(Plan("p", "P", "draft", None, "x", ("s",), ids, noisy, areas))) < 40_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"count": 1e99}',
        *(
            json.dumps({**json.loads(to_document(drawn("ab"))), **wrong})
            for wrong in (
                {"codes": "x"},
                {"count": 3},
                {"count": -1},
                {"areas": []},
                {"areas": [["a"]]},
                {"log": [1]},
                {"marks": {"bridges": [["a"]]}},
            )
        ),
    ],
)
def test_what_is_no_document_is_said(text: str):
    """``plan_unreadable``, never a traceback."""
    plan = drawn("ab")
    with pytest.raises(SroError) as error:
        from_document(text, row_of(plan), plan.block_ids, plan.block_set)
    assert "plan_unreadable" == error.value.code


def test_another_block_version_is_said():
    """A plan holds only for the blocks it was drawn on."""
    plan = drawn("ab")
    with pytest.raises(SroError) as error:
        from_document(to_document(plan), row_of(plan), plan.block_ids, "other")
    assert "plan_other_blocks" == error.value.code
