"""Auditing and protecting tables of cases: ours beside scipy and beside a plain greedy.

(a) The audit of 2 regions × 2 spaces × 4 help types, beside two linear programs of scipy for
each hidden cell. (b) A city of 60 spaces in 6 regions × 12 help types with their groups and
total, 5 years: what is hidden and how long it takes, beside a greedy that hides the smallest
published cell pinning each narrow one and looks again. Both answers of (b) are audited.

    python -m benchmarks.disclosure
"""

from __future__ import annotations

import sys
import time
from functools import partial
from statistics import median

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from benchmarks.side_by_side import compare, keep, milliseconds
from sro_geo.disclosure.attacker import Knowledge, bounds
from sro_geo.disclosure.program import Program
from sro_geo.disclosure.suppression import Problem, protect
from sro_geo.disclosure.table import prepared

SMALL_TO, WIDTH = 4, 5.0
SPACES, REGIONS, YEARS = 60, 6, 5
# A year of half a million inhabitants: running and ended, counselling included.
CASES = 7500
ROUNDS = 1
# Shares of the cases about as in the national statistics; 42 stands beside the total.
SHARES = {
    "27(2)": 0.04,
    "28": 0.38,
    "29": 0.015,
    "30": 0.06,
    "31": 0.13,
    "32": 0.02,
    "33": 0.07,
    "34": 0.10,
    "35": 0.01,
    "35a": 0.09,
    "41": 0.045,
    "42": 0.04,
}
GROUPS = [("29", "30", "31"), ("33", "34"), ("27(2)", "35")]


def crossed(spaces: int, regions: int, sums: list[tuple[int, ...]], types: int) -> sparse.csr_array:
    """Return cells × atoms: spaces, regions and city × help types and their sums."""
    region = np.arange(spaces) * regions // spaces
    areas = np.vstack([np.eye(spaces), np.arange(regions)[:, None] == region, np.ones((1, spaces))])
    kinds = np.vstack([np.eye(types), [[i in s for i in range(types)] for s in sums]])
    return sparse.csr_array(np.kron(areas, kinds))


def problem(matrix: sparse.csr_array, truth: np.ndarray) -> Problem:
    """Return the problem by the default rules; each hidden cell costs the same."""
    values, count = matrix @ truth, matrix.shape[0]
    return Problem(
        matrix,
        truth,
        (values >= 1) & (values <= SMALL_TO),
        values == 0,
        np.ones(count),
        np.full(count, WIDTH),
        np.full(len(truth), np.inf),
        np.ones(count),
        None,
        sparse.csr_array((0, len(truth))),
        np.zeros(0),
    )


def city() -> list[Problem]:
    """Return the years of a city: spaces of uneven size, counts by chance around their share."""
    rng = np.random.default_rng(1)
    names = list(SHARES)
    sums = [tuple(names.index(t) for t in group) for group in GROUPS]
    sums.append(tuple(range(len(names) - 1)))
    matrix = crossed(SPACES, REGIONS, sums, len(names))
    size = rng.gamma(4.0, 1.0, SPACES)
    need = rng.gamma(8.0, 1.0, (SPACES, len(names))) * size[:, None]
    mean = CASES * np.array(list(SHARES.values())) * need / need.sum(axis=0)
    return [problem(matrix, rng.poisson(mean).ravel().astype(float)) for _ in range(YEARS)]


def knowledge(task: Problem, hidden: np.ndarray) -> Knowledge:
    """Return what everybody knows once all but ``hidden`` is published."""
    values = task.matrix @ task.truth
    low, high = np.where(hidden, 1.0, values), np.where(hidden, np.inf, values)
    return Knowledge(task.matrix, low, high, task.atom_high)


def by_scipy(known: Knowledge, targets: sparse.csr_array) -> np.ndarray:
    """Return the intervals by two linear programs for each target, over real numbers."""
    same = known.low == known.high
    equal = {"A_eq": known.matrix[same], "b_eq": known.low[same]}
    other = {"A_ub": -known.matrix[~same], "b_ub": -known.low[~same]}
    ends = [
        [sign * linprog(sign * row, **equal, **other).fun for sign in (1.0, -1.0)]
        for row in targets.toarray()
    ]
    return np.array(ends)


def plain(task: Problem) -> np.ndarray:
    """Hide, for each narrow cell, the smallest published one that pins it; look again."""
    hidden, values = task.primary.copy(), task.matrix @ task.truth
    may = prepared(task).may
    known = knowledge(task, hidden)
    atom_high = np.full(len(task.truth), values.max() + 10)
    program = Program(known.matrix, known.low, known.high, np.zeros(len(atom_high)), atom_high)
    while True:
        asked = np.flatnonzero(hidden)
        interval = bounds(knowledge(task, hidden), task.matrix[asked], enough=WIDTH)
        narrow = asked[interval[:, 1] - interval[:, 0] < WIDTH]
        if not len(narrow):
            return hidden
        new: set[int] = set()
        for cell in narrow:
            row = task.matrix[[cell]].toarray()[0]
            found = [program.minimise(sign * row) for sign in (1.0, -1.0)]
            prices = np.abs([f.prices for f in found if f is not None]).max(axis=0)
            pins = np.flatnonzero((prices > 1e-7) & may & ~hidden)
            if len(pins) and not new & set(pins.tolist()):
                new.add(min(pins.tolist(), key=lambda i: (values[i], i)))
        more = np.array(sorted(new))
        hidden[more] = True
        program.rows(more, np.ones(len(more)), np.full(len(more), np.inf))


def narrowest(task: Problem, hidden: np.ndarray) -> float:
    """Return the width of the narrowest hidden cell, at most as far as it was asked for."""
    interval = bounds(knowledge(task, hidden), task.matrix[hidden], enough=WIDTH)
    return float((interval[:, 1] - interval[:, 0]).min(initial=np.inf))


def audit() -> None:
    """Compare the audit of a small table."""
    rng = np.random.default_rng(1)
    task = problem(crossed(4, 2, [(0, 1, 2, 3)], 4), rng.poisson(4.0, 16).astype(float))
    known, targets = knowledge(task, task.primary), task.matrix[task.primary]
    if not np.allclose(bounds(known, targets), by_scipy(known, targets)):
        raise SystemExit("the two audits differ")
    compare(
        "disclosure_audit",
        f"exact intervals of {targets.shape[0]} hidden cells, 4 spaces × 4 help types with margins",
        lambda: bounds(known, targets),
        lambda: by_scipy(known, targets),
        "scipy linprog, two programs for each cell",
        goal=5,
        rounds=25,
    )


def years() -> None:
    """Compare protecting five years of a city."""
    tasks = city()
    answers: dict[str, list[np.ndarray]] = {}

    def ours() -> None:
        done = []
        for year, task in enumerate(tasks):
            tell = partial(told, year)
            done.append(protect(task, progress=tell).hidden)
        answers["ours"] = done

    def told(year: int, share: float) -> None:
        if sys.stderr.isatty():
            print(f"\r{(year + share) / YEARS:4.0%}", end="", file=sys.stderr)

    def theirs() -> None:
        answers["peer"] = [plain(task) for task in tasks]

    start = time.process_time()
    ours()
    busy = (time.process_time() - start) * 1000
    pairs = [(milliseconds(ours), milliseconds(theirs)) for _ in range(ROUNDS)]
    mine, peers = (median(pair[side] for pair in pairs) for side in (0, 1))
    for name, hidden in answers.items():
        if min(map(narrowest, tasks, hidden)) < WIDTH:
            raise SystemExit(f"{name}: a hidden cell is too narrow")
    share = {name: round(float(np.mean(hidden)), 4) for name, hidden in answers.items()}
    keep(
        "disclosure_protect",
        {
            "what": f"protect and audit {YEARS} years of {SPACES} spaces in {REGIONS} regions"
            f" × {len(SHARES)} help types, {len(GROUPS)} groups and total",
            "ours_ms": round(mine, 1),
            "ours_processor_ms": round(busy, 1),
            "goal_ms": 10_000,
            "peer": "plain greedy: the smallest cell that pins a narrow one, then look again",
            "peer_ms": round(peers, 1),
            "ratio": round(peers / mine, 2),
            "small_share": round(float(np.mean([task.primary for task in tasks])), 4),
            "hidden_share": share["ours"],
            "peer_hidden_share": share["peer"],
            "goal_hidden_share": 0.37,
        },
    )


if __name__ == "__main__":
    audit()
    years()
