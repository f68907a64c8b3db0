"""The one door to HiGHS: linear programs as arrays in, a checked end out.

| HiGHS model status | here |
|---|---|
| kOptimal | optimal |
| kInfeasible | infeasible |
| kUnbounded, kUnboundedOrInfeasible | unbounded |
| kTimeLimit, kIterationLimit | limit |
| kInterrupt | interrupted |
| any other | failed |

Always a minimisation. Cold programs go by the interior-point method with crossover, warm ones by dual simplex with
Devex pricing, after a change of the objective by primal simplex. The time limit of HiGHS counts over all runs of one
object, so it is set to the run time so far plus the budget of the run. Every returned status and array length is
checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
from scipy import sparse

from kctopt.errors import SolverError

Method = Literal["ipx", "dual", "primal"]

RAY = 5.0  # seconds for a program without presolve, to say why it has no answer
STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
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

    def __init__(self, threads: int = 1, interruptible: bool = True) -> None:
        """`interruptible` runs listen to the keyboard; others are for small programs, several at once in threads."""
        self._interruptible = interruptible
        self._highs = _Silent()
        for option, value in (
            ("threads", threads),
            ("simplex_dual_edge_weight_strategy", 1),
            ("random_seed", 0),
        ):
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        if interruptible:
            self._highs.HandleUserInterrupt = True
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
        _, known, values = self._highs.getDualRay()
        if not known:
            self.forget()
            self._do(self._highs.setOptionValue("presolve", "off"), "option presolve")
            status = self.run("dual", RAY).status
            self._do(self._highs.setOptionValue("presolve", "choose"), "option presolve")
            if status == "interrupted":
                raise KeyboardInterrupt
            _, known, values = self._highs.getDualRay()
        return np.array(values) if known else None

    def change_integrality(self, positions: np.ndarray, kind: Any) -> None:
        """Make columns integer or continuous."""
        kinds = np.full(len(positions), int(kind), np.uint8)
        self._do(self._highs.changeColsIntegrality(len(positions), positions.astype(np.int32), kinds), "integrality")

    def basis(self) -> Any:
        """The present basis, to be given back with `set_basis`."""
        return self._highs.getBasis()

    def set_basis(self, basis: Any) -> None:
        """Start the next run from a basis of the same shape."""
        self._do(self._highs.setBasis(basis), "setBasis")

    def forget(self) -> None:
        """Start the next run from nothing; the program stays."""
        self._do(self._highs.clearSolver(), "clearSolver")

    def run(self, method: Method, time_limit: float = np.inf) -> End:
        """Solve. An interrupt from the keyboard stops HiGHS, then ends the run as 'interrupted'."""
        solver, simplex = ("ipx", 1) if method == "ipx" else ("simplex", 4 if method == "primal" else 1)
        budget = self._highs.getRunTime() + time_limit if np.isfinite(time_limit) else np.inf
        for option, value in (("solver", solver), ("simplex_strategy", simplex), ("time_limit", float(budget))):
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        status = self._finished()
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        self.iterations += max(0, info.simplex_iteration_count)
        return End(
            status,
            float(info.objective_function_value),
            np.array(solution.col_value),
            np.array(solution.row_dual),
            np.array(solution.col_dual),
        )

    def run_mip(self, integers: np.ndarray, start: np.ndarray | None, time_limit: float, gap: float = 1e-6) -> End:
        """Solve with some columns integer, from a known answer if there is one; the columns are continuous again after.

        The objective of the end is the proven bound, not the value of its columns; these are empty where none were
        found.
        """
        self.change_integrality(integers, highspy.HighsVarType.kInteger)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = start
            self._do(self._highs.setSolution(solution), "setSolution")
        for option, value in (("solver", "choose"), ("time_limit", float(time_limit)), ("mip_rel_gap", gap)):
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        status = self._finished()
        info = self._highs.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = np.array(self._highs.getSolution().col_value) if found else np.zeros(0)
        end = End(status, float(info.mip_dual_bound), x, np.zeros(self.rows), np.zeros(len(x)))
        self.change_integrality(integers, highspy.HighsVarType.kContinuous)
        return end

    def _finished(self) -> str:
        """Run to the end; 'interrupted' after an interrupt, also where HiGHS was done before it could stop."""
        heard = self._wait()
        return "interrupted" if heard else STATUS.get(self._highs.getModelStatus(), "failed")

    def _wait(self) -> bool:
        """Run in a thread, so that the main thread hears the keyboard; whether it did."""
        heard = False
        if not self._interruptible:
            self._highs.run()
            return heard
        thread = self._highs.startSolve()
        while thread.is_alive():
            try:
                thread.join(0.05)
            except KeyboardInterrupt:
                heard = True
                self._highs.cancelSolve()
                thread.join()
        return heard

    def _do(self, status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refused {what}")


def version() -> str:
    """Version of HiGHS."""
    return str(_Silent().version())
