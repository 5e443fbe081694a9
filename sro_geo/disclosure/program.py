"""Linear programs that are asked again and again with small changes, solved by HiGHS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from sro_geo.errors import SroError

Floats = np.ndarray[Any, np.dtype[np.float64]]
Stop = Callable[[], bool] | None

# How far a value of the solver may be from the whole number it stands for.
NEAR = 1e-6


def heed(stop: Stop) -> None:
    """Raise ``SroError("disclosure_stopped")`` if the caller wants no more."""
    if stop is not None and stop():
        raise SroError("disclosure_stopped")


@dataclass(frozen=True)
class Optimum:
    """The best value, where it is reached, and the price of each row there (LP only)."""

    value: float
    at: Floats
    prices: Floats


class Program:
    """``row_low <= matrix @ x <= row_high``, ``low <= x <= high``; whole columns where marked.

    The solver keeps its last basis: asking again after a small change is cheap.
    """

    def __init__(
        self,
        matrix: sparse.csr_array,
        row_low: Floats,
        row_high: Floats,
        low: Floats,
        high: Floats,
        *,
        whole: np.ndarray | None = None,
        stop: Stop = None,
    ) -> None:
        import highspy  # late: most of the program never asks

        self._highspy: Any = highspy
        self._matrix = matrix
        self.row_low, self.row_high = row_low.astype(float), row_high.astype(float)
        self.low, self.high = low.astype(float), high.astype(float)
        self._whole = np.ones(len(low), dtype=bool) if whole is None else whole
        self._stop = stop
        self._cost = np.zeros(len(low))
        self._solver = self._new(whole=False)
        self._columns = np.arange(len(low), dtype=np.int32)

    def rows(self, index: np.ndarray, low: Floats, high: Floats) -> None:
        """Set other limits of some rows."""
        self.row_low[index], self.row_high[index] = low, high
        for i, a, b in zip(index.tolist(), low.tolist(), high.tolist(), strict=True):
            self._solver.changeRowBounds(i, a, b)

    def columns(self, index: np.ndarray, low: Floats, high: Floats) -> None:
        """Set other limits of some columns."""
        self.low[index], self.high[index] = low, high
        for i, a, b in zip(index.tolist(), low.tolist(), high.tolist(), strict=True):
            self._solver.changeColBounds(i, a, b)

    def minimise(self, cost: Floats) -> Optimum | None:
        """Return the optimum over real numbers, None where nothing is possible."""
        heed(self._stop)
        changed = self._columns[cost != self._cost]
        if len(changed):
            self._solver.changeColsCost(len(changed), changed, cost[changed])
            self._cost = cost.copy()
        return self._run(self._solver)

    def minimise_whole(self, cost: Floats, *, nodes: int | None = None) -> Optimum | None:
        """Return the optimum over whole numbers, None where nothing is possible.

        With ``nodes`` None also where so many nodes of the search brought no proof: a bound
        on the work that is the same on every machine.
        """
        heed(self._stop)
        solver = self._new(whole=True, cost=cost)
        if nodes is not None:
            solver.setOptionValue("mip_max_nodes", nodes)
        return self._run(solver, long=True)

    def point(self, optimum: Optimum | None) -> Floats | None:
        """Return the whole numbers at an optimum if they keep every limit exactly."""
        if optimum is None:
            return None
        x = np.rint(optimum.at)
        if np.abs(x - optimum.at).max(initial=0.0) > NEAR:
            return None
        sums = self._matrix @ x
        kept = (sums >= self.row_low).all() and (sums <= self.row_high).all()
        return x if kept and (x >= self.low).all() and (x <= self.high).all() else None

    def _new(self, *, whole: bool, cost: Floats | None = None) -> Any:
        highspy, matrix = self._highspy, self._matrix
        solver = highspy.Highs()
        options: dict[str, Any] = {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": 0,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.0,
            "mip_feasibility_tolerance": 1e-9,
        }
        if not whole:
            options |= {"presolve": "off", "solver": "simplex"}
        for option, value in options.items():
            solver.setOptionValue(option, value)
        lp = highspy.HighsLp()
        rows, columns = matrix.shape
        lp.num_col_, lp.num_row_ = columns, rows
        lp.col_cost_ = np.zeros(columns) if cost is None else cost
        lp.col_lower_, lp.col_upper_ = self.low, self.high
        lp.row_lower_, lp.row_upper_ = self.row_low, self.row_high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data.astype(float)
        if whole:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(w)] for w in self._whole]
        solver.passModel(lp)
        return solver

    def _run(self, solver: Any, *, long: bool = False) -> Optimum | None:
        failure: list[BaseException] = []

        def ask(event: Any) -> None:
            # An exception must not pass through the solver: it is kept and raised afterwards.
            try:
                heed(self._stop)
            except BaseException as raised:
                failure.append(raised)
            if failure:
                event.interrupt()

        if long and self._stop is not None:
            solver.cbMipInterrupt.subscribe(ask)
        solver.run()
        if long and self._stop is not None:
            solver.disableCallbacks()
        if failure:
            raise failure[0]
        status, kinds = solver.getModelStatus(), self._highspy.HighsModelStatus
        if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            return None
        if status == kinds.kSolutionLimit:
            return None  # only where the number of nodes was limited
        if status not in (kinds.kOptimal, kinds.kModelEmpty):
            raise RuntimeError(f"the solver ended without an answer: {status}")
        found = solver.getSolution()
        at = np.array(found.col_value, dtype=float)
        return Optimum(
            float(solver.getInfo().objective_function_value),
            at if len(at) else np.zeros(self._matrix.shape[1]),
            np.array(found.row_dual, dtype=float),
        )
