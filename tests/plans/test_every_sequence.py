"""Whatever a planner does in whatever order: every step can be undone and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sro_geo.plans import Move, Plan, gestures, replay
from tests.plans.drawing import drawn

CITY = "aaabbb aaabbb aaabbb cccddd c-cd.d cccddd"
BLOCKS = 35

some_blocks = st.lists(st.integers(0, BLOCKS - 1), max_size=12).map(lambda b: np.array(b, int))
any_number = st.integers(0, 10**6)


class Drawing(RuleBasedStateMachine):
    """Draws at random and keeps, beside the plan, every state it went through."""

    @initialize()
    def begin(self) -> None:
        """Begin with four spaces in two regions, a hole, and an unassigned block."""
        self.start = drawn(CITY, parents={"a": "n", "b": "n", "c": "s", "d": "s"})
        self.plan = self.start
        self.past: list[Plan] = []
        self.future: list[Plan] = []
        self.made = 0

    def _space(self, number: int) -> str | None:
        standing = self.plan.standing
        return standing[number % len(standing)].area_id if standing else None

    def _go(self, after: Plan) -> None:
        """Take a step, after checking that locks hold and no log entry is empty."""
        before = self.plan
        shut = before.locked()
        assert (after.area_ids_of_blocks()[shut] == before.area_ids_of_blocks()[shut]).all()
        moved = before.area_ids_of_blocks() != after.area_ids_of_blocks()
        entered = set(after.area_ids_of_blocks()[moved])
        assert not entered & before.locked_areas
        assert not before.locked_areas & after.gone
        assert set(after.left_out).isdisjoint(after.block_ids[moved])
        if len(after.moves) == len(before.moves):
            assert after.same_as(before)
        else:
            assert after.moves[:-1] == before.moves
            assert after.moves[-1].block_count == moved.sum()
            self.past.append(before)
            self.future.clear()
        self.plan = after

    @rule(blocks=some_blocks, to=any_number)
    def paint(self, blocks: np.ndarray, to: int) -> None:
        """Paint, sometimes to none."""
        self._go(gestures.paint(self.plan, blocks, self._space(to) if to % 7 else None))

    @rule(blocks=some_blocks)
    def split(self, blocks: np.ndarray) -> None:
        """Split by painting into a new space."""
        self.made += 1
        self._go(gestures.create_area(self.plan, f"new{self.made}", "New", blocks=blocks))

    @rule(one=any_number, other=any_number)
    def merge(self, one: int, other: int) -> None:
        """Merge two spaces, or one with itself."""
        if (into := self._space(other)) is not None:
            self._go(gestures.merge(self.plan, [self._space(one)], into))

    @rule(one=any_number, to=any_number)
    def delete(self, one: int, to: int) -> None:
        """Delete, the blocks to none or to another."""
        if (area := self._space(one)) is not None:
            self._go(gestures.delete(self.plan, area, to=self._space(to) if to % 2 else None))

    @rule(one=any_number, parent=st.sampled_from(["n", "s", "city", None]))
    def hang(self, one: int, parent: str | None) -> None:
        """Hang on another region."""
        if (area := self._space(one)) is not None:
            self._go(gestures.set_parent(self.plan, area, parent))

    @rule(one=any_number, name=st.sampled_from(["Mitte", "Süd", "<b>"]))
    def rename(self, one: int, name: str) -> None:
        """Give another name."""
        if (area := self._space(one)) is not None:
            self._go(gestures.rename(self.plan, area, name))

    @rule(one=any_number, blocks=some_blocks, shut=st.booleans())
    def lock(self, one: int, blocks: np.ndarray, shut: bool) -> None:
        """Lock or unlock a space and some blocks."""
        area = self._space(one)
        change = gestures.lock if shut else gestures.unlock
        self._go(change(self.plan, areas=[area] if area and one % 3 else [], blocks=blocks[:3]))

    @rule(a=st.integers(0, BLOCKS - 2), across=st.booleans(), remove=st.booleans())
    def link(self, a: int, across: bool, remove: bool) -> None:
        """Set or take away a bridge or a barrier."""
        change = gestures.bridge if across else gestures.barrier
        ids = self.plan.block_ids
        self._go(change(self.plan, ids[a], ids[a + 1], remove=remove))

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        """Go back one step, exactly."""
        self.future.append(self.plan)
        self.plan = gestures.undo(self.plan)
        assert self.plan.same_as(self.past.pop())

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        """Go forth again, exactly."""
        self.past.append(self.plan)
        self.plan = gestures.redo(self.plan)
        assert self.plan.same_as(self.future.pop())

    @invariant()
    def every_block_is_in_at_most_one_space_that_stands(self) -> None:
        """One code for each block, of a space that is not gone; ids are unique."""
        plan = self.plan
        assert plan.codes.shape == (BLOCKS,)
        assert plan.codes.min() >= -1
        assert set(plan.area_ids_of_blocks()) - {None} <= {a.area_id for a in plan.standing}
        ids = [a.area_id for a in (*plan.areas, *plan.above)]
        assert len(ids) == len(set(ids))

    @invariant()
    def the_log_tells_the_plan(self) -> None:
        """The log, written down and read again, leads from the start to the plan and back."""
        log = [Move.from_json(move.to_json()) for move in self.plan.moves]
        assert tuple(log) == self.plan.moves
        again = replay(self.start, log)
        assert again.same_as(self.plan)
        back = again
        for _ in log:
            back = gestures.undo(back)
        assert back.same_as(self.start)
        assert replace(back, moves=()).undone == tuple(reversed(log))


Drawing.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestEverySequence = Drawing.TestCase
