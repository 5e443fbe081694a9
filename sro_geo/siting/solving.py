"""The proof: the covering problem as a mixed-integer program, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sro_geo.siting.problem import Problem
from sro_geo.siting.watching import Watch

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Solved:
    """Sites found, and what no answer exceeds (persons less ``least`` for each site)."""

    chosen: list[int]
    bound: float


def solve(problem: Problem, count: int, least: float, start: list[int], watch: Watch) -> Solved:
    """Maximise the persons covered, less ``least`` for each site, over up to ``count`` sites.

    One thread, a fixed seed and no gap: the same problem gives the same answer. It begins
    with the sites ``start`` and is never worse. When ``watch`` says stop, the best so far
    comes back.
    """
    import highspy  # late: most of the program never asks for a site

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": _TOLERANCE,
        # The answer is good and the bound close already: what is missing is branching.
        "mip_heuristic_effort": 0.0,
        "mip_allow_restart": False,
        "mip_pool_soft_limit": 100,
    }
    for option, value in options.items():
        solver.setOptionValue(option, value)
    if watch.seconds_left is not None:
        solver.setOptionValue("time_limit", watch.seconds_left)
    groups = _together(problem)
    solver.passModel(_model(highspy, problem, groups, count, least))
    solver.setSolution(_start(highspy, problem, groups, start))

    found, bound = -np.inf, np.inf
    failure: list[BaseException] = []
    mip = highspy.cb.HighsCallbackType.kCallbackMipInterrupt

    def ask(event: Any) -> None:
        nonlocal found, bound
        if event.callback_type == mip:
            found = float(event.data_out.mip_primal_bound)
            bound = float(event.data_out.mip_dual_bound)
        # An exception must not pass through the solver: it is kept and raised afterwards.
        try:
            stop = bool(failure) or watch(found, bound)
        except BaseException as raised:
            failure.append(raised)
            stop = True
        if stop:
            event.interrupt()

    solver.cbMipInterrupt.subscribe(ask)
    solver.cbSimplexInterrupt.subscribe(ask)
    solver.run()
    solver.disableCallbacks()
    if failure:
        raise failure[0]

    info = solver.getInfo()
    chosen = start
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        x = np.array(solver.getSolution().col_value[: problem.sites])
        chosen = np.flatnonzero(x > 0.5).tolist()
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return Solved(chosen, float(info.objective_function_value))
    watch.stopped = watch.stopped or "time_limit"
    return Solved(chosen, min(bound, float(info.mip_dual_bound)))


def _together(problem: Problem) -> np.ndarray:
    """Return the groups that several sites cover: the others count with their only site."""
    return np.flatnonzero(np.diff(problem.starts) > 1)


def _model(highspy: Any, problem: Problem, groups: np.ndarray, count: int, least: float) -> Any:
    """Return the program: sites are 0 or 1, a group is covered at most as its sites are."""
    m, g = problem.sites, len(groups)
    sizes = np.diff(problem.starts)
    alone = np.flatnonzero(sizes == 1)
    worth = np.bincount(
        problem.covering[problem.starts[alone]], problem.persons[alone], minlength=m
    )
    # Rows: covered group − its sites ≤ 0, then the number of sites.
    row_sizes = sizes[groups] + 1
    starts = np.concatenate([[0], np.cumsum(row_sizes)])
    index = np.empty(starts[-1] + m, np.int32)
    value = np.empty(starts[-1] + m)
    first = starts[:-1]
    is_group = np.zeros(starts[-1], dtype=bool)
    is_group[first] = True
    index[first] = m + np.arange(g)
    several = np.repeat(sizes > 1, sizes)
    index[: starts[-1]][~is_group] = problem.covering[several]
    value[: starts[-1]] = np.where(is_group, 1.0, -1.0)
    index[starts[-1] :] = np.arange(m)
    value[starts[-1] :] = 1.0

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = m + g, g + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate([worth - least, problem.persons[groups]])
    lp.col_lower_ = np.zeros(m + g)
    lp.col_upper_ = np.ones(m + g)
    lp.row_lower_ = np.full(g + 1, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([np.zeros(g), [float(count)]])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = m + g, g + 1
    lp.a_matrix_.start_ = np.append(starts, starts[-1] + m).astype(np.int32)
    lp.a_matrix_.index_ = index
    lp.a_matrix_.value_ = value
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole] * m + [real] * g
    return lp


def _start(highspy: Any, problem: Problem, groups: np.ndarray, chosen: list[int]) -> Any:
    """Return the values of all columns for the sites to begin with."""
    x = np.zeros(problem.sites)
    x[chosen] = 1.0
    if len(problem.persons):
        covered = np.add.reduceat(x[problem.covering], problem.starts[:-1]) > 0
    else:
        covered = np.zeros(0, dtype=bool)
    solution = highspy.HighsSolution()
    solution.col_value = [*x.tolist(), *covered[groups].astype(float).tolist()]
    return solution
