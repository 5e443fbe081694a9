"""Intervals of hidden sums: exact for whole numbers, never feigned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sro_geo.disclosure.attacker import Knowledge, bounds
from sro_geo.errors import SroError
from tests.disclosure.attacking import crossed, enumerated, solved


def knows(rows: Any, low: Any, high: Any, atom_high: Any = np.inf) -> Knowledge:
    """Make an attacker's knowledge from a table of statements."""
    matrix = np.asarray(rows, dtype=float)
    return Knowledge(
        sparse.csr_array(matrix),
        np.asarray(low, dtype=float),
        np.asarray(high, dtype=float),
        np.broadcast_to(np.asarray(atom_high, dtype=float), matrix.shape[1]).copy(),
    )


def atoms(count: int) -> sparse.csr_array:
    """Ask for each atom."""
    return sparse.csr_array(np.eye(count))


@st.composite
def small(draw: st.DrawFn) -> tuple[Knowledge, sparse.csr_array, np.ndarray]:
    """Statements true of a few small atoms, questions, and the truth."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, statements = draw(st.integers(1, 5)), draw(st.integers(0, 6))
    truth = rng.integers(0, 4, count).astype(float)
    rows = (rng.random((statements, count)) < draw(st.sampled_from([0.3, 0.6]))).astype(float)
    sums = rows @ truth
    kind = rng.integers(0, 4, statements)
    low = np.where(kind == 0, sums, np.maximum(sums - rng.integers(0, 3, statements), 0))
    high = np.where(kind == 0, sums, sums + rng.integers(0, 3, statements))
    high[kind == 3] = np.inf
    known = knows(rows, low, high, truth + rng.integers(0, 3, count))
    questions = (rng.random((3, count)) < 0.6).astype(float)
    return known, sparse.csr_array(np.vstack([questions, np.eye(count)])), truth


def test_two_hidden_of_a_published_three_are_one_or_two() -> None:
    """[1, 2] for both: the attacker knows that a hidden cell is no zero."""
    known = knows([[1, 1], [1, 0], [0, 1]], [3, 1, 1], [3, np.inf, np.inf])
    assert bounds(known, atoms(2)).tolist() == [[1, 2], [1, 2]]


def test_whole_numbers_leave_less_room_than_real_ones() -> None:
    """At most 1, where half of each atom would allow 1.5."""
    known = knows([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [0] * 3, [1] * 3)
    assert bounds(known, sparse.csr_array(np.ones((1, 3)))).tolist() == [[0, 1]]


def test_a_width_that_only_fractions_reach_is_not_enough() -> None:
    """[1, 1]: three pairs of 1 to 1 each with a common spare would be 1 to 1.5."""
    known = knows([[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]], [0, 0, 0, 1], [1, 1, 1, 9])
    found = bounds(known, sparse.csr_array(np.ones((1, 3))), enough=0.5)
    assert found.tolist() == [[1, 1]]


@given(small())
@settings(max_examples=200, deadline=None)
def test_the_intervals_are_those_of_all_worlds_one_by_one(
    case: tuple[Knowledge, sparse.csr_array, np.ndarray],
) -> None:
    """Every possible table of up to five atoms is tried."""
    known, questions, _ = case
    assert bounds(known, questions).tolist() == enumerated(known, questions, 9).tolist()


@given(small(), st.integers(0, 6), st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_interval_that_is_wide_enough_is_part_of_the_whole_one(
    case: tuple[Knowledge, sparse.csr_array, np.ndarray], enough: int, told: bool
) -> None:
    """Never wider than the truth; complete where it is not wide enough."""
    known, questions, truth = case
    whole = enumerated(known, questions, 9)
    start = np.vstack([truth, truth + 100, -truth - 1]) if told else None
    found = bounds(known, questions, enough=enough, witnesses=start)
    assert (found[:, 0] >= whole[:, 0]).all()
    assert (found[:, 1] <= whole[:, 1]).all()
    wide = found[:, 1] - found[:, 0] >= enough
    assert found[~wide].tolist() == whole[~wide].tolist()


@given(small())
@settings(max_examples=100, deadline=None)
def test_what_fits_no_world_is_refused(
    case: tuple[Knowledge, sparse.csr_array, np.ndarray],
) -> None:
    """An error, and only where trying all worlds finds none."""
    known, questions, _ = case
    other = Knowledge(known.matrix, known.low, known.low.copy(), known.atom_high)
    expected = enumerated(other, questions, 9)
    if expected is None:
        with pytest.raises(SroError) as caught:
            bounds(other, questions)
        assert caught.value.code == "disclosure_inconsistent"
    else:
        assert bounds(other, questions).tolist() == expected.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_a_town_agrees_with_another_solver(seed: int) -> None:
    """scipy finds the same intervals for areas × groups of help types, with and without limits."""
    rng = np.random.default_rng(seed)
    tree = [(0,), (1,), (2,), (3,), (0, 1), (2, 3), (0, 2), (0, 1, 2, 3)]
    types = [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]
    matrix = crossed(tree, types)
    truth = rng.poisson(4, 12).astype(float)
    sums = matrix @ truth
    hidden = ((sums > 0) & (sums < 5)) | (rng.random(len(sums)) < 0.4)
    low = np.where(hidden, np.minimum(sums, 1), sums)
    limit = np.where(rng.random(12) < 0.5, np.inf, truth + rng.integers(0, 9, 12))
    known = Knowledge(matrix, low, np.where(hidden, np.inf, sums), limit)
    targets = sparse.csr_array(matrix[hidden])
    assert bounds(known, targets).tolist() == solved(known, targets).tolist()
    twice = sparse.csr_array(sparse.vstack([matrix, matrix]))
    again = Knowledge(twice, np.tile(low, 2), np.tile(known.high, 2), limit)
    assert bounds(again, targets).tolist() == bounds(known, targets).tolist()


def test_without_a_limit_a_sum_may_be_anything() -> None:
    """From what is known to infinity; an atom beside it that is limited stays limited."""
    known = knows([[1, 1, 0], [0, 0, 1]], [3, 0], [np.inf, 4])
    assert bounds(known, atoms(3)).tolist() == [[0, np.inf], [0, np.inf], [0, 4]]
    total = sparse.csr_array([[1.0, 1.0, 1.0]])
    assert bounds(known, total).tolist() == [[3, np.inf]]
    assert bounds(known, total, enough=5).tolist() == [[3, np.inf]]


def test_halves_that_fit_are_no_world() -> None:
    """Each two of three are 1 together: real numbers can, whole ones cannot."""
    known = knows([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1] * 3, [1] * 3)
    for targets in (atoms(3), sparse.csr_array((0, 3))):
        with pytest.raises(SroError, match="disclosure_inconsistent"):
            bounds(known, targets)


def test_empty_questions_and_empty_knowledge_have_answers() -> None:
    """No question: no interval. No atom: 0. No statement: everything."""
    nothing = knows(np.zeros((0, 2)), [], [])
    assert bounds(nothing, sparse.csr_array((0, 2))).shape == (0, 2)
    assert bounds(nothing, atoms(2)).tolist() == [[0, np.inf]] * 2
    assert bounds(knows(np.zeros((1, 0)), [0], [0]), sparse.csr_array((1, 0))).tolist() == [[0, 0]]
    with pytest.raises(SroError, match="disclosure_inconsistent"):
        bounds(knows(np.zeros((1, 0)), [2], [2]), sparse.csr_array((1, 0)))


def test_large_numbers_stay_exact() -> None:
    """Totals of a million, one hidden 3 beside a hidden 7: the difference counts."""
    rows = [[1, 1, 1], [0, 0, 1], [1, 0, 0], [0, 1, 0]]
    known = knows(rows, [1_000_010, 1_000_000, 1, 1], [1_000_010, 1_000_000, np.inf, np.inf])
    assert bounds(known, atoms(3)).tolist() == [[1, 9], [1, 9], [1e6, 1e6]]


def test_the_search_can_be_stopped() -> None:
    """The caller's word ends it, at once or on the way."""
    known = knows([[1, 1]], [9], [9])
    asked = 0

    def later() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    for stop in (lambda: True, later):
        with pytest.raises(SroError) as caught:
            bounds(known, atoms(2), stop=stop)
        assert caught.value.code == "disclosure_stopped"
