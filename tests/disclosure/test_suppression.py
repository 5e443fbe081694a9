"""What is hidden beside the small numbers: enough, no more than needed, and never silently less."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sro_geo.disclosure.attacker import Knowledge
from sro_geo.disclosure.suppression import Problem, Protection, protect
from sro_geo.errors import SroError
from tests.disclosure.attacking import crossed, enumerated, solved


def problem(matrix: Any, truth: Any, **other: Any) -> Problem:
    """Make a problem by the rule of the house: 1 to 4 hidden, zeros open, width 5."""
    matrix = sparse.csr_array(np.asarray(sparse.csr_array(matrix).toarray(), dtype=float))
    truth = np.asarray(truth, dtype=float)
    values, count = matrix @ truth, matrix.shape[0]
    given = {
        "primary": (values >= 1) & (values <= 4),
        "open": values == 0,
        "hidden_low": np.ones(count),
        "required": np.full(count, 5.0),
        "atom_high": np.full(len(truth), np.inf),
        "cost": np.ones(count),
        "earlier": None,
        "watched": sparse.csr_array((0, len(truth))),
        "watched_required": np.zeros(0),
    }
    return Problem(matrix, truth, **(given | other))


def known(task: Problem, hidden: np.ndarray) -> Knowledge:
    """Return what the world knows when all but ``hidden`` is published."""
    values = task.matrix @ task.truth
    low, high = np.where(hidden, task.hidden_low, values), np.where(hidden, np.inf, values)
    matrix, limit = task.matrix, task.atom_high
    if task.earlier is not None:
        matrix = sparse.csr_array(sparse.vstack([matrix, task.earlier.matrix]))
        low = np.concatenate([low, task.earlier.low])
        high = np.concatenate([high, task.earlier.high])
        limit = np.minimum(limit, task.earlier.atom_high)
    return Knowledge(matrix, low, high, limit)


def too_narrow(task: Problem, hidden: np.ndarray, most: int = 0) -> tuple[set[int], set[int]]:
    """Return the hidden cells and watched sums that another solver finds too narrow."""
    targets = sparse.vstack([task.matrix, task.watched], format="csr")
    required = np.concatenate([task.required, task.watched_required])
    asked = np.append(np.flatnonzero(hidden), np.arange(len(hidden), targets.shape[0]))
    asked = asked.astype(int)
    questions = sparse.csr_array(targets[asked])
    world = known(task, hidden)
    interval = enumerated(world, questions, most) if most else solved(world, questions)
    bad = asked[interval[:, 1] - interval[:, 0] < required[asked]]
    return set(bad[bad < len(hidden)].tolist()), set(
        (bad[bad >= len(hidden)] - len(hidden)).tolist()
    )


def sound(task: Problem, answer: Protection, most: int = 0) -> None:
    """Assert that an answer keeps every promise, as another solver sees it."""
    assert answer.hidden[task.primary].all()
    assert not answer.hidden[task.open & ~task.primary].any()
    cells, sums = too_narrow(task, answer.hidden, most)
    assert cells == set(answer.failures)
    assert sums == set(answer.watched_failures)
    assert all(task.primary[i] for i in answer.failures)
    if answer.failures or answer.watched_failures:
        # Failing means: even with everything hidden that can be, and published what cannot.
        every = task.primary | ~task.open
        while True:
            cells, sums = too_narrow(task, every, most)
            drop = [i for i in cells if not task.primary[i]]
            if not drop:
                break
            every[drop] = False
        assert cells == set(answer.failures)
        assert sums == set(answer.watched_failures)
    truth = np.concatenate([task.matrix @ task.truth, task.watched @ task.truth])
    assert answer.bounds is not None
    assert (answer.bounds[:, 0] <= truth).all()
    assert (answer.bounds[:, 1] >= truth).all()
    shown = ~answer.hidden
    assert (answer.bounds[: len(shown)][shown] == truth[: len(shown), None][shown]).all()


def cheapest(task: Problem, most: int) -> float:
    """Return the cost of the cheapest choice that fails where all do; every choice is tried."""
    free = np.flatnonzero(~task.primary & ~task.open)
    answer = protect(task)
    wanted = (set(answer.failures), set(answer.watched_failures))
    best = np.inf
    for choice in product([False, True], repeat=len(free)):
        hidden = task.primary.copy()
        hidden[free] = choice
        cost = float(task.cost[hidden].sum())
        if cost < best and too_narrow(task, hidden, most) == wanted:
            best = cost
    return best


@st.composite
def tiny(draw: st.DrawFn) -> Problem:
    """Two by two with margins, or any sums of three atoms; narrow widths; prices differ."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        matrix = crossed([(0,), (1,), (0, 1)], [(0,), (1,), (0, 1)])
    else:
        matrix = sparse.csr_array((rng.random((draw(st.integers(1, 6)), 3)) < 0.6).astype(float))
    cells, count = matrix.shape
    truth = rng.integers(0, 5, count).astype(float)
    values = matrix @ truth
    watched = sparse.csr_array((rng.random((draw(st.integers(0, 1)), count)) < 0.6).astype(float))
    earlier = None
    if draw(st.booleans()):
        rows = (rng.random((2, count)) < 0.6).astype(float)
        sums = rows @ truth
        high = np.array([sums[0], sums[1] + 2])
        low = np.array([sums[0], max(0.0, sums[1] - 1)])
        earlier = Knowledge(sparse.csr_array(rows), low, high, np.full(count, np.inf))
    width = float(draw(st.integers(1, 4)))
    return problem(
        matrix,
        truth,
        primary=(values >= 1) & (values <= draw(st.integers(1, 3))),
        open=(values == 0) | (rng.random(cells) < 0.1),
        hidden_low=np.minimum(rng.integers(0, 2, cells), values),
        required=np.full(cells, width),
        atom_high=truth + rng.integers(0, 4, count),
        cost=rng.integers(1, 5, cells).astype(float),
        earlier=earlier,
        watched=watched,
        watched_required=np.full(watched.shape[0], width),
    )


def town(seed: int, mean: float = 4.0, spaces: int = 4, **other: Any) -> Problem:
    """Spaces in two regions and a city × four help types in two groups and a total."""
    rng = np.random.default_rng(seed)
    half = spaces // 2
    tree = [(i,) for i in range(spaces)]
    tree += [tuple(range(half)), tuple(range(half, spaces)), tuple(range(spaces))]
    types = [(0,), (1,), (2,), (3,), (0, 1), (2, 3), (0, 1, 2, 3)]
    return problem(crossed(tree, types), rng.poisson(mean, spaces * 4), **other)


@given(tiny(), st.sampled_from([0, 150]))
@settings(max_examples=150, deadline=None)
def test_no_hidden_cell_is_too_narrow_in_any_world(task: Problem, exact_cells: int) -> None:
    """All worlds of a tiny table are tried, for the cheapest and for the quick choice."""
    sound(task, protect(task, exact_cells=exact_cells), most=9)


@given(tiny())
@settings(max_examples=60, deadline=None)
def test_the_choice_for_a_small_table_is_the_cheapest(task: Problem) -> None:
    """Every choice is tried; what is said to be exact costs as much as the best."""
    answer = protect(task)
    assert answer.exact
    assert float(task.cost[answer.hidden].sum()) == cheapest(task, most=9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("exact_cells", [0, 150])
def test_a_town_is_safe_from_another_solver(seed: int, exact_cells: int) -> None:
    """No failure, and scipy finds no interval narrower than five."""
    task = town(seed, mean=2.0 + 2 * seed)
    answer = protect(task, exact_cells=exact_cells)
    assert answer.failures == ()
    sound(task, answer)


def test_exact_hides_no_more_than_quick() -> None:
    """The proven choice is at most as large, over some towns."""
    for seed in range(3):
        task = town(seed)
        proven, quick = protect(task), protect(task, exact_cells=0)
        assert proven.exact
        assert proven.hidden.sum() <= quick.hidden.sum()


@pytest.mark.parametrize("exact_cells", [0, 150])
@pytest.mark.parametrize("seed", range(4))
def test_what_was_released_before_and_watched_sums_count(seed: int, exact_cells: int) -> None:
    """A second table with other areas stays safe together with the first."""
    first = town(seed, mean=6.0)
    before = protect(first)
    rng = np.random.default_rng(seed)
    tree = [(0, 2), (1, 3), (0, 1, 2, 3)]
    matrix = crossed(tree, [(0,), (1,), (2,), (3,), (0, 1, 2, 3)])
    small = np.flatnonzero((first.truth > 0) & (first.truth < 5))
    watched = sparse.vstack(
        [first.matrix[before.hidden], sparse.csr_array(np.eye(16)[small])], format="csr"
    )
    task = problem(
        matrix,
        first.truth,
        earlier=known(first, before.hidden),
        watched=sparse.csr_array(watched),
        watched_required=np.full(watched.shape[0], 5.0),
        cost=rng.integers(1, 4, matrix.shape[0]).astype(float),
    )
    sound(task, protect(task, exact_cells=exact_cells))


def test_the_same_sum_twice_is_hidden_twice() -> None:
    """A region of one space: both or none."""
    tree = [(0,), (1,), (2,), (0,), (1, 2), (0, 1, 2)]
    task = problem(crossed(tree, [(0,), (1,), (0, 1)]), [2, 9, 8, 7, 30, 40])
    answer = protect(task)
    twice = crossed(tree, [(0,), (1,), (0, 1)]).toarray()
    assert (answer.hidden[:3] == answer.hidden[9:12]).all()
    assert (twice[:3] == twice[9:12]).all()
    sound(task, answer)


def test_nothing_to_hide_hides_nothing() -> None:
    """No cell, no case, no small number: nothing hidden, and that is exact."""
    none = protect(problem(np.zeros((0, 0)), []))
    assert (none.hidden.tolist(), none.exact, none.failures) == ([], True, ())
    zeros = protect(problem(crossed([(0,), (1,), (0, 1)], [(0,), (1,), (0, 1)]), [0, 0, 0, 0]))
    assert (zeros.hidden.any(), zeros.exact, zeros.failures) == (False, True, ())
    large = protect(problem(crossed([(0,), (1,), (0, 1)], [(0,), (1,), (0, 1)]), [9, 8, 7, 6]))
    assert (large.hidden.any(), large.exact, large.failures) == (False, True, ())


def test_a_city_of_three_cases_shows_only_its_zeros() -> None:
    """Three cases: every sum that holds one is hidden, and wide."""
    square = crossed([(0,), (1,), (0, 1)], [(0,), (1,), (0, 1)])
    task = problem(square, [1, 0, 0, 2])
    answer = protect(task)
    assert (answer.hidden == (task.matrix @ task.truth > 0)).all()
    assert answer.failures == ()
    sound(task, answer)


def test_what_cannot_be_protected_is_said() -> None:
    """One case among two children: narrower than five whatever is hidden."""
    task = problem([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [1, 20], atom_high=np.array([2.0, 90.0]))
    answer = protect(task)
    assert answer.failures == (0,)
    assert answer.hidden.tolist() == [True, False, False]
    sound(task, answer)


def test_a_cell_that_is_narrow_anyway_may_be_as_narrow_as_it_is() -> None:
    """With the width that two children allow the same cell is protected by another."""
    task = problem(
        [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
        [1, 20],
        atom_high=np.array([2.0, 90.0]),
        required=np.array([1.0, 1.0, 1.0]),
    )
    answer = protect(task)
    assert answer.failures == ()
    assert answer.hidden.sum() == 2
    sound(task, answer)


def test_a_small_number_published_before_is_a_failure() -> None:
    """Stricter rules do not bring back what everybody has read."""
    before = Knowledge(
        sparse.csr_array([[1.0, 0.0]]), np.array([3.0]), np.array([3.0]), np.full(2, np.inf)
    )
    answer = protect(problem([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [3, 9], earlier=before))
    assert answer.failures == (0,)


def test_a_watched_sum_that_is_already_known_is_a_failure() -> None:
    """The watched sum is the total, and the total has to stay published."""
    task = problem(
        np.array([[1.0, 1.0]]),
        [3, 9],
        open=np.array([True]),
        watched=sparse.csr_array([[1.0, 1.0], [1.0, 0.0]]),
        watched_required=np.array([5.0, 5.0]),
    )
    answer = protect(task)
    assert (answer.failures, answer.watched_failures) == ((), (0,))


def test_numbers_against_what_is_known_are_refused() -> None:
    """More cases than children; a hidden 0 that is said to be at least 1; another total."""
    pair = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    other = Knowledge(
        sparse.csr_array([[1.0, 1.0]]), np.array([7.0]), np.array([7.0]), np.full(2, np.inf)
    )
    for task in (
        problem(pair, [3, 9], atom_high=np.array([2.0, 50.0])),
        problem(pair, [0, 9], primary=np.array([True, False, False])),
        problem(pair, [3, 9], earlier=other),
        problem(pair, [3, 9.5]),
    ):
        with pytest.raises(SroError) as caught:
            protect(task)
        assert caught.value.code == "disclosure_inconsistent"
        assert dict(caught.value.params) == {}


def test_a_zero_may_be_hidden_where_the_few_inhabitants_are_the_reason() -> None:
    """hidden_low 0: the zero is hidden like the others and wide enough."""
    values = crossed([(0,), (1,), (2,), (0, 1, 2)], [(0,), (1,), (0, 1)])
    task = problem(values, [0, 9, 8, 9, 12, 7])
    few = np.zeros(12, bool)
    few[:3] = True
    task = replace(task, primary=few, open=~few & (values @ task.truth == 0), hidden_low=1.0 - few)
    answer = protect(task)
    assert answer.hidden[:3].all()
    assert answer.failures == ()
    sound(task, answer)


def test_the_answer_is_the_same_every_time() -> None:
    """Nothing depends on chance or on who asks first."""
    task = town(3, spaces=6)
    for cells in (0, 150):
        first, second = (protect(task, exact_cells=cells) for _ in range(2))
        assert first.hidden.tolist() == second.hidden.tolist()


def test_progress_grows_to_one_and_stop_is_heard() -> None:
    """What is told only grows; a stop on the way ends with its code."""
    told: list[float] = []
    protect(town(1), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    for turns in (0, 3, 40):
        left = turns

        def stop() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        with pytest.raises(SroError) as caught:
            protect(town(1), stop=stop)
        assert caught.value.code == "disclosure_stopped"
