"""The one door to HiGHS: linear programs as arrays in, a checked end out.

| HiGHS model status | here |
|---|---|
| kOptimal | optimal |
| kInfeasible | infeasible |
| kUnbounded, kUnboundedOrInfeasible | unbounded |
| kTimeLimit, kIterationLimit | limit |
| any other, among them that of a run that did not take place; an error, whatever the model's status | failed |

Always a minimisation. Cold programs go by the interior-point method with crossover, warm ones by dual simplex with
Devex pricing, after a change of the objective by primal simplex. The time limit of HiGHS counts over all runs of one
object, so it is set to the run time so far plus the budget of the run. Every returned status and array length is
checked. Every run takes place in a thread of our own (threads.py); an interrupt from the keyboard stops it and is
passed on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
from scipy import sparse

from kctopt.errors import SolverError
from kctopt.solver.threads import apart

Method = Literal["ipx", "dual", "primal"]

RAY = 5.0  # seconds for a program without presolve, to say why it has no answer
STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
}


@dataclass(frozen=True)
class LinearProgram:
    """min cost @ x over  low <= rows @ x <= high,  lower <= x <= upper."""

    cost: np.ndarray
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether every column has both bounds."""
        return bool(np.isfinite(self.lower).all() and np.isfinite(self.upper).all())

    def within(self, lower: np.ndarray, upper: np.ndarray) -> LinearProgram:
        """The program with columns inside these bounds too."""
        return replace(self, lower=np.maximum(self.lower, lower), upper=np.minimum(self.upper, upper))


class _Silent(highspy.Highs):  # type: ignore[misc]
    """HiGHS prints its banner to stdout when callbacks are enabled at construction; silence it before that."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


class _Stop:
    """Asked by HiGHS from time to time whether to go on; holds no Highs object, which would then hold itself."""

    asked = False

    def ask(self) -> None:
        """Stop at the next question."""
        self.asked = True

    def __call__(self, event: Any) -> None:
        """The question."""
        if self.asked:
            event.interrupt()


@dataclass(frozen=True)
class End:
    """End of a run: status of the table above, objective, columns, duals of rows and columns."""

    status: str
    objective: float
    x: np.ndarray
    row_dual: np.ndarray
    column_dual: np.ndarray


class Highs:
    """A persistent HiGHS object; rows are only ever added at the end and deleted by position."""

    def __init__(self, interruptible: bool = True) -> None:
        """`interruptible` runs stop at once at the keyboard's word; others are for programs that end soon."""
        self._stop = _Stop()
        self._highs = _Silent()
        for option, value in (
            ("threads", 1),
            ("simplex_dual_edge_weight_strategy", 1),
            ("random_seed", 0),
        ):
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        if interruptible:
            for hook in (self._highs.cbSimplexInterrupt, self._highs.cbIpmInterrupt, self._highs.cbMipInterrupt):
                hook.subscribe(self._stop)
        else:
            self._highs.disableCallbacks()  # they call into Python from every iteration
        self.iterations = 0

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._highs.getNumRow())

    def load(
        self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray,
        rows: sparse.csr_array, row_lower: np.ndarray, row_upper: np.ndarray,
    ) -> None:  # fmt: skip
        """Pass a whole program; a basis of the same shape survives with `keep_basis`."""
        count, columns = rows.shape
        if not (len(cost) == len(lower) == len(upper) == columns and len(row_lower) == len(row_upper) == count):
            raise SolverError("arrays of a linear program differ in length")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, count
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
        lp.row_lower_, lp.row_upper_ = row_lower, row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, count
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        self._do(self._highs.passModel(lp), "passModel")

    def add_rows(self, rows: sparse.csr_array, lower: np.ndarray, upper: np.ndarray) -> None:
        """Add rows in one batch."""
        if not rows.shape[0] == len(lower) == len(upper):
            raise SolverError("arrays of added rows differ in length")
        if rows.shape[0]:
            arrays = (rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data)
            self._do(self._highs.addRows(rows.shape[0], lower, upper, rows.nnz, *arrays), "addRows")

    def delete_rows(self, positions: np.ndarray) -> None:
        """Delete rows by position."""
        if len(positions):
            self._do(self._highs.deleteRows(len(positions), positions.astype(np.int32)), "deleteRows")

    def change_cost(self, cost: np.ndarray) -> None:
        """New costs of all columns; the basis stays."""
        if len(cost) != self._highs.getNumCol():
            raise SolverError("array of costs differs in length from the columns")
        positions = np.arange(len(cost), dtype=np.int32)
        self._do(self._highs.changeColsCost(len(cost), positions, cost), "changeColsCost")

    def change_bounds(self, positions: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of some columns; the basis stays."""
        if not len(positions) == len(lower) == len(upper):
            raise SolverError("arrays of bounds differ in length")
        if len(positions):
            where = positions.astype(np.int32)
            self._do(self._highs.changeColsBounds(len(where), where, lower, upper), "changeColsBounds")

    def linear_program(self) -> LinearProgram:
        """The program as it stands, cuts included."""
        lp = self._highs.getLp()
        matrix, shape = lp.a_matrix_, (lp.num_row_, lp.num_col_)
        arrays = (np.array(matrix.value_), np.array(matrix.index_), np.array(matrix.start_))
        rowwise = matrix.format_ == highspy.MatrixFormat.kRowwise
        rows = sparse.csr_array(arrays, shape=shape) if rowwise else sparse.csc_array(arrays, shape=shape).tocsr()
        sides = (np.array(lp.row_lower_), np.array(lp.row_upper_))
        return LinearProgram(np.array(lp.col_cost_), rows, *sides, np.array(lp.col_lower_), np.array(lp.col_upper_))

    def ray(self) -> np.ndarray | None:
        """Prices of rows with which HiGHS says that the last program has no answer; None where it gives none.

        Interior points and presolve leave none: then the simplex method is asked again, for some seconds.
        """
        ray = self._ray()
        if ray is None:
            self.forget()
            self._do(self._highs.setOptionValue("presolve", "off"), "option presolve")
            try:
                self.run("dual", RAY)
            finally:
                self._do(self._highs.setOptionValue("presolve", "choose"), "option presolve")
            ray = self._ray()
        return ray

    def _ray(self) -> np.ndarray | None:
        """The ray of the last run; HiGHS may solve again for it."""
        status, known, values = self._apart(self._highs.getDualRay)
        found = np.array(values) if known and status != highspy.HighsStatus.kError else np.zeros(0)
        return found if len(found) == self.rows > 0 else None

    def change_integrality(self, positions: np.ndarray, kind: Any) -> None:
        """Make columns integer or continuous."""
        kinds = np.full(len(positions), int(kind), np.uint8)
        self._do(self._highs.changeColsIntegrality(len(positions), positions.astype(np.int32), kinds), "integrality")

    def basis(self) -> Any:
        """The present basis, to be given back with `set_basis`; None where there is none."""
        basis = self._highs.getBasis()
        return basis if basis.valid else None

    def set_basis(self, basis: Any) -> None:
        """Start the next run from a basis of the same shape."""
        self._do(self._highs.setBasis(basis), "setBasis")

    def forget(self) -> None:
        """Start the next run from nothing; the program stays."""
        self._do(self._highs.clearSolver(), "clearSolver")

    def run(self, method: Method, time_limit: float = np.inf) -> End:
        """Solve. An interrupt from the keyboard stops HiGHS and is passed on."""
        solver, simplex = ("ipx", 1) if method == "ipx" else ("simplex", 4 if method == "primal" else 1)
        budget = self._highs.getRunTime() + time_limit if np.isfinite(time_limit) else np.inf
        for option, value in (("solver", solver), ("simplex_strategy", simplex), ("time_limit", float(budget))):
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        status = self._finished()
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        self.iterations += max(0, info.simplex_iteration_count)
        if status == "optimal" and not (solution.value_valid and solution.dual_valid):
            status = "failed"
        return End(
            status,
            float(info.objective_function_value),
            np.array(solution.col_value),
            np.array(solution.row_dual),
            np.array(solution.col_dual),
        )

    def run_mip(self, integers: np.ndarray, start: np.ndarray | None, time_limit: float, gap: float = 1e-6) -> End:
        """Solve with some columns integer, from a known answer if there is one; the columns are continuous again after.

        The objective of the end is the proven bound, not the value of its columns, and minus infinity where the run
        failed; the columns are empty where none were found.
        """
        self.change_integrality(integers, highspy.HighsVarType.kInteger)
        try:
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = start
                self._do(self._highs.setSolution(solution), "setSolution")
            for option, value in (("solver", "choose"), ("time_limit", float(time_limit)), ("mip_rel_gap", gap)):
                self._do(self._highs.setOptionValue(option, value), f"option {option}")
            status = self._finished()
            info, solution = self._highs.getInfo(), self._highs.getSolution()
        finally:
            self.change_integrality(integers, highspy.HighsVarType.kContinuous)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible and solution.value_valid
        x = np.array(solution.col_value) if found and status != "failed" else np.zeros(0)
        bound = float(info.mip_dual_bound) if status != "failed" else -np.inf
        return End(status, bound, x, np.zeros(self.rows), np.zeros(len(x)))

    def _finished(self) -> str:
        """Run to the end, and how it ended."""
        status = self._apart(self._highs.run)
        failed = status == highspy.HighsStatus.kError
        return "failed" if failed else STATUS.get(self._highs.getModelStatus(), "failed")

    def _apart(self, call: Callable[[], Any]) -> Any:
        """A call that may run HiGHS, in a thread of our own."""
        self._stop.asked = False
        return apart(call, self._stop.ask)

    def _do(self, status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refused {what}")


def version() -> str:
    """Version of HiGHS."""
    return str(_Silent().version())
