"""The next best site: exact, repeatable, and honest about what is not proven."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sro_geo.errors import SroError
from sro_geo.siting import Sites, best_sites


def ask(reach: np.ndarray, persons: Any, count: int, **options: Any) -> Sites:
    """Ask for sites; ``reach`` is a table of places × candidates, candidates are a, b, c, …"""
    places, candidates = reach.shape
    demand, offer = np.nonzero(reach)
    covered = options.pop("covered", np.zeros(places, bool))
    ids = options.pop("ids", [chr(97 + i) for i in range(candidates)])
    pairs = SimpleNamespace(demand=demand, offer=offer)
    return best_sites(ids, persons, covered, pairs, count, **options)


def reached_by(reach: np.ndarray, persons: np.ndarray, sites: tuple[int, ...]) -> float:
    """Return the persons these candidates reach."""
    return float(persons[reach[:, list(sites)].any(axis=1)].sum())


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A few places and candidates; persons whole or not."""
    places, candidates = draw(st.integers(1, 14)), draw(st.integers(1, 7))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    reach = rng.random((places, candidates)) < draw(st.sampled_from([0.15, 0.4, 0.7]))
    persons = rng.integers(0, 9, places).astype(float)
    return reach, persons * draw(st.sampled_from([1.0, 0.37]))


def hard_town(seed: int = 1, places: int = 700, candidates: int = 70) -> tuple[Any, Any]:
    """A town where each candidate reaches many others' persons: the bound alone proves nothing."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 10, (2, places))
    at, up = rng.uniform(0, 10, (2, candidates))
    reach = np.hypot(x[:, None] - at, y[:, None] - up) < 2.3
    return reach, rng.integers(0, 30, places).astype(float)


def test_the_best_two_are_not_the_greedy_two() -> None:
    """b alone reaches most, but a and c together reach everybody."""
    reach = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], bool)
    found = ask(reach, [3, 4, 4, 3], 2)
    assert found.chosen == ("a", "c")
    assert found.gains == (7, 7)
    assert (found.covered_after, found.optimality_gap, found.complete) == (14, 0, True)


@given(towns(), st.integers(1, 4), st.sampled_from([0.0, 1.0, 3.0, 4.5]))
@settings(max_examples=100, deadline=None)
def test_no_other_choice_is_better(
    town: tuple[np.ndarray, np.ndarray], count: int, minimum: float
) -> None:
    """Every choice of up to ``count`` candidates, tried one by one."""
    reach, persons = town
    found = ask(reach, persons, count, minimum_gain=minimum)
    best = max(
        reached_by(reach, persons, sites) - minimum * len(sites)
        for size in range(count + 1)
        for sites in combinations(range(reach.shape[1]), size)
    )
    assert best == pytest.approx(found.covered_after - minimum * len(found.chosen), abs=1e-6)
    assert all(gain >= max(minimum, 1e-9) - 1e-6 for gain in found.gains)
    assert found.complete
    assert found.optimality_gap == 0


@given(towns(), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_gains_fall_and_add_up(town: tuple[np.ndarray, np.ndarray], count: int) -> None:
    """The first site adds most; together they make the difference."""
    reach, persons = town
    covered = np.arange(len(persons)) % 3 == 0
    found = ask(reach, persons, count, covered=covered)
    assert found.covered_before == pytest.approx(persons[covered].sum())
    assert found.covered_before + sum(found.gains) == pytest.approx(found.covered_after)
    assert list(found.gains) == sorted(found.gains, reverse=True)


@given(towns())
@settings(max_examples=40, deadline=None)
def test_more_sites_never_reach_fewer(town: tuple[np.ndarray, np.ndarray]) -> None:
    """Covered after is monotone in the number of sites."""
    reach, persons = town
    after = [ask(reach, persons, count).covered_after for count in range(1, 6)]
    assert after == sorted(after)


@given(towns(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_rows_changes_nothing(
    town: tuple[np.ndarray, np.ndarray], chance: Any
) -> None:
    """Not of candidates, nor of places, nor of pairs."""
    reach, persons = town
    rows, columns = list(range(len(persons))), list(range(reach.shape[1]))
    chance.shuffle(rows)
    chance.shuffle(columns)
    ids = [chr(97 + i) for i in columns]
    assert ask(reach, persons, 3) == ask(reach[rows][:, columns], persons[rows], 3, ids=ids)


def test_a_pair_that_comes_twice_counts_once() -> None:
    """Two entrances of one house."""
    pairs = SimpleNamespace(demand=np.array([0, 0, 1]), offer=np.array([0, 0, 0]))
    found = best_sites(["a"], [2.0, 3.0], [False, False], pairs, 1)
    assert found.gains == (5,)


def test_locked_sites_are_chosen_whatever_they_add() -> None:
    """Their persons are not counted again for another."""
    reach = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], bool)
    found = ask(reach, [5, 1, 4], 2, locked=["a"])
    assert found.chosen == ("a", "c")
    nothing = ask(reach & [True, False, False], [0, 1, 4], 2, locked=["a"], minimum_gain=2)
    assert (nothing.chosen, nothing.gains) == (("a",), (0,))


@given(towns(), st.integers(2, 4))
@settings(max_examples=40, deadline=None)
def test_with_a_locked_site_the_rest_is_still_best(
    town: tuple[np.ndarray, np.ndarray], count: int
) -> None:
    """Against every choice that contains the locked one."""
    reach, persons = town
    found = ask(reach, persons, count, locked=["a"])
    others = range(1, reach.shape[1])
    best = max(
        reached_by(reach, persons, (0, *sites))
        for size in range(min(count, reach.shape[1]))
        for sites in combinations(others, size)
    )
    assert "a" in found.chosen
    assert best == pytest.approx(found.covered_after)


def test_forbidden_sites_are_never_chosen() -> None:
    """Although they would be best."""
    reach = np.array([[1, 0], [1, 1]], bool)
    assert ask(reach, [5, 1], 2, forbidden=["a"]).chosen == ("b",)


def test_a_school_is_preferred_to_a_field_that_is_as_good() -> None:
    """The rank decides between equals, then the id."""
    reach = np.ones((2, 3), bool)
    assert ask(reach, [5, 1], 1, rank=[1, 0, 0]).chosen == ("b",)
    assert ask(reach, [5, 1], 1).chosen == ("a",)


def test_it_stops_when_the_next_adds_less_than_the_minimum() -> None:
    """A gain of just the minimum is enough."""
    reach = np.eye(4, dtype=bool)
    assert ask(reach, [9, 5, 4, 1], 4, minimum_gain=4).gains == (9, 5, 4)
    assert ask(reach, [9, 5, 4, 1], 4, minimum_gain=4.1).gains == (9, 5)


@pytest.mark.parametrize(
    ("persons", "covered", "columns"),
    [([0, 0], [0, 0], 2), ([3, 4], [1, 1], 2), ([3, 4], [0, 0], 0)],
    ids=["nobody lives there", "all are covered", "no candidates"],
)
def test_where_nothing_is_to_be_gained_nothing_is_chosen(
    persons: list[int], covered: list[int], columns: int
) -> None:
    """An empty answer that is proven, not an error."""
    found = ask(np.ones((2, columns), bool), persons, 3, covered=np.array(covered, bool))
    assert (found.chosen, found.gains, found.complete) == ((), (), True)
    assert found.covered_before == found.covered_after


def test_candidates_that_reach_nobody_are_not_chosen() -> None:
    """Neither is anything when there are no places at all."""
    assert ask(np.zeros((3, 2), bool), [1, 2, 3], 2).chosen == ()
    assert ask(np.zeros((0, 2), bool), [], 2).chosen == ()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"count": 0}, "site_count"),
        ({"count": 11}, "site_count"),
        ({"count": 1, "locked": ["a", "b"]}, "site_count"),
        ({"count": 1, "locked": ["z"]}, "site_unknown"),
        ({"count": 1, "locked": ["a"], "forbidden": ["a"]}, "site_locked_and_forbidden"),
        ({"count": 1, "minimum_gain": -1}, "site_minimum_gain"),
        ({"count": 1, "minimum_gain": float("nan")}, "site_minimum_gain"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], code: str) -> None:
    """By a code that the edge puts into words."""
    with pytest.raises(SroError) as refused:
        ask(np.ones((1, 2), bool), [1], **options)
    assert refused.value.code == code


def test_broken_input_is_a_mistake_of_the_program() -> None:
    """Shapes and numbers are checked before anything is solved."""
    with pytest.raises(ValueError, match="persons"):
        ask(np.ones((1, 1), bool), [float("nan")], 1)
    with pytest.raises(ValueError, match="different ids"):
        ask(np.ones((1, 2), bool), [1], 1, ids=["a", "a"])


@pytest.mark.parametrize("seed", [1, 2])
def test_it_agrees_with_another_solver_on_a_town(seed: int) -> None:
    """The textbook program, unmerged, given to SciPy."""
    reach, persons = hard_town(seed)
    places, candidates = reach.shape
    rows = sparse.hstack([-sparse.csr_matrix(reach.astype(float)), sparse.eye(places)])
    number = np.r_[np.ones(candidates), np.zeros(places)][None]
    reference = milp(
        np.r_[np.zeros(candidates), -persons],
        constraints=[LinearConstraint(rows, -np.inf, 0), LinearConstraint(number, -np.inf, 5)],
        integrality=np.r_[np.ones(candidates), np.zeros(places)],
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0},
    )
    ids = [f"{i:03d}" for i in range(candidates)]
    assert -reference.fun == pytest.approx(ask(reach, persons, 5, ids=ids).covered_after)


def test_a_cancelled_search_returns_the_best_so_far_and_says_so() -> None:
    """With the share that may be missing."""
    reach, persons = hard_town()
    ids = [f"{i:03d}" for i in range(reach.shape[1])]
    found = ask(reach, persons, 6, ids=ids, cancelled=lambda: True)
    assert (found.complete, found.stopped) == (False, "cancelled")
    assert len(found.chosen) == 6
    best = ask(reach, persons, 6, ids=ids).covered_after
    assert found.covered_after <= best
    assert found.covered_after + 1e-6 >= best * (1 - found.optimality_gap)


def test_the_time_limit_ends_the_search() -> None:
    """No time at all still gives an answer."""
    reach, persons = hard_town()
    ids = [f"{i:03d}" for i in range(reach.shape[1])]
    found = ask(reach, persons * 0.37, 6, ids=ids, time_limit=0)
    assert (found.complete, found.stopped) == (False, "time_limit")
    assert 0 < found.optimality_gap < 1


def test_progress_is_told_in_persons_and_its_exception_reaches_the_caller() -> None:
    """Streamlit ends a run by an exception; it must not pass through the solver."""
    reach, persons = hard_town()
    covered = np.arange(len(persons)) < 9
    ids = [f"{i:03d}" for i in range(reach.shape[1])]
    told: list[tuple[float, float]] = []
    found = ask(
        reach, persons, 6, ids=ids, covered=covered, progress=lambda a, b: told.append((a, b))
    )
    assert told
    slack = 1e-6  # sums of the solver and of numpy differ in the last digits
    assert all(0 < so_far <= found.covered_after + slack for so_far, _ in told)
    assert all(found.covered_after <= most + slack for _, most in told)

    def stop(so_far: float, most: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(reach, persons, 6, ids=ids, progress=stop)


@pytest.mark.parametrize("how", ["cancelled", "progress"])
def test_the_solver_itself_can_be_stopped(how: str) -> None:
    """Cancelling and exceptions are heard while HiGHS works, not only before."""
    from sro_geo.siting.problem import merged
    from sro_geo.siting.solving import solve
    from sro_geo.siting.watching import Watch

    reach, persons = hard_town(3, 3000, 150)
    problem = merged(*np.nonzero(reach), persons, reach.shape[1])

    def fail(found: float, possible: float) -> None:
        raise KeyboardInterrupt

    start = [0, 1, 2]
    if how == "cancelled":
        watch = Watch(None, lambda: True, None)
        solved = solve(problem, 8, 0.0, start, watch)
        assert watch.stopped == "cancelled"
        assert solved.bound >= persons[reach[:, solved.chosen].any(axis=1)].sum()
    else:
        with pytest.raises(KeyboardInterrupt):
            solve(problem, 8, 0.0, start, Watch(fail, None, None))


def test_the_command_line_starts_without_the_solver() -> None:
    """HiGHS is loaded when somebody asks for a site."""
    code = "import sys, sro_geo.cli, sro_geo.siting; print('highspy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
