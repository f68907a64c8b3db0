"""The one door to HiGHS: linear programs as arrays in, a checked end out.

| HiGHS model status | here |
|---|---|
| kOptimal | optimal |
| kInfeasible | infeasible |
| kUnbounded, kUnboundedOrInfeasible | unbounded |
| kTimeLimit, kIterationLimit, kSolutionLimit (nodes of a tree) | limit |
| any other, among them that of a run that did not take place; an error, whatever the model's status | failed |

Always a minimisation. Cold programs go by the interior-point method with crossover, warm ones by dual simplex with
Devex pricing, after a change of the objective by primal simplex. The time limit of HiGHS counts over all runs of one
object, so it is set to the run time so far plus the budget of the run. Every returned status and array length is
checked. Every run takes place in a thread of our own (threads.py); an interrupt from the keyboard stops it and is
passed on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from scipy import sparse

from kctopt.errors import SolverError
from kctopt.solver.arrays import Held, LinearProgram
from kctopt.solver.settings import WORK
from kctopt.solver.threads import apart

Method = Literal["ipx", "dual", "primal"]

ANY = 2**31 - 1  # of nodes of a tree, or iterations, where it may have any number
STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
    highspy.HighsModelStatus.kSolutionLimit: "limit",
}


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
    def seconds(self) -> float:
        """Run time of all runs so far."""
        return float(self._highs.getRunTime())

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._highs.getNumRow())

    def load(
        self, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray,
        rows: sparse.csr_array, row_lower: np.ndarray, row_upper: np.ndarray,
        unit: np.ndarray | None = None, cost_unit: float = 1.0,
    ) -> None:  # fmt: skip
        """Pass a whole program; `unit` of each column and `cost_unit`, the size of the objective, are powers of two."""
        count, columns = rows.shape
        if not (len(cost) == len(lower) == len(upper) == columns and len(row_lower) == len(row_upper) == count):
            raise SolverError("arrays of a linear program differ in length")
        program = LinearProgram(cost, rows, row_lower, row_upper, lower, upper)
        own = self._own = Held(program, np.ones(columns) if unit is None else unit, cost_unit)
        matrix, lp = own.handed(rows, own.size), highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, count
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = own.price(cost), lower / own.unit, upper / own.unit
        lp.row_lower_, lp.row_upper_ = row_lower / own.size, row_upper / own.size
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, count
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        self._given(self._highs.passModel(lp), "passModel")

    def add_rows(self, rows: sparse.csr_array, lower: np.ndarray, upper: np.ndarray) -> None:
        """Add rows in one batch."""
        if not rows.shape[0] == len(lower) == len(upper):
            raise SolverError("arrays of added rows differ in length")
        if rows.shape[0]:
            size = self._own.add(rows, lower, upper)
            matrix = self._own.handed(rows, size)
            arrays = (matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data)
            sides = (lower / size, upper / size)
            self._given(self._highs.addRows(rows.shape[0], *sides, matrix.nnz, *arrays), "addRows")

    def delete_rows(self, positions: np.ndarray) -> None:
        """Delete rows by position."""
        if len(positions):
            self._own.delete(positions)
            self._given(self._highs.deleteRows(len(positions), positions.astype(np.int32)), "deleteRows")

    def change_cost(self, cost: np.ndarray) -> None:
        """New costs of all columns; the basis stays."""
        if len(cost) != self._highs.getNumCol():
            raise SolverError("array of costs differs in length from the columns")
        positions = np.arange(len(cost), dtype=np.int32)
        self._given(self._highs.changeColsCost(len(cost), positions, self._own.price(cost)), "changeColsCost")

    def change_bounds(self, positions: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of some columns; the basis stays."""
        if not len(positions) == len(lower) == len(upper):
            raise SolverError("arrays of bounds differ in length")
        if len(positions):
            where, bounds = positions.astype(np.int32), self._own.bound(positions, lower, upper)
            self._given(self._highs.changeColsBounds(len(where), where, *bounds), "changeColsBounds")

    def linear_program(self) -> LinearProgram:
        """The program as it stands, cuts included: our own arrays, with every entry."""
        return self._own.program

    def ray(self) -> np.ndarray | None:
        """Prices of rows with which HiGHS says that the last program has no answer; None where it gives none.

        Interior points and presolve leave none: then the simplex method is asked again, for some iterations.
        """
        ray = self._ray()
        if ray is None:
            self.forget()
            self._do(self._highs.setOptionValue("presolve", "off"), "option presolve")
            try:
                status = self.run("dual", iterations=WORK.simplex_for_ray).status
            finally:
                self._do(self._highs.setOptionValue("presolve", "choose"), "option presolve")
            if status == "interrupted":
                raise KeyboardInterrupt
            ray = self._ray()
        return None if ray is None else ray / self._own.size

    def _ray(self) -> np.ndarray | None:
        """The ray of the last run, in HiGHS's units; HiGHS may solve again for it."""
        status, known, values = self._apart(self._highs.getDualRay)
        ray = np.array(values) if known and status != highspy.HighsStatus.kError else np.zeros(0)
        return ray if len(ray) == self.rows > 0 else None

    def change_integrality(self, positions: np.ndarray, kind: Any) -> None:
        """Make columns integer or continuous."""
        kinds = np.full(len(positions), int(kind), np.uint8)
        self._do(self._highs.changeColsIntegrality(len(positions), positions.astype(np.int32), kinds), "integrality")

    def basis(self) -> Any:
        """The present basis, to be given back with `set_basis`; None where there is none."""
        basis = self._highs.getBasis()
        return basis if basis.valid else None

    def set_basis(self, basis: Any) -> None:
        """Start the next run from a basis of the same columns; rows beyond those it knows are basic."""
        longer, kept = highspy.HighsBasis(), list(basis.row_status)[: self.rows]
        longer.col_status = basis.col_status
        longer.row_status = kept + [highspy.HighsBasisStatus.kBasic] * (self.rows - len(kept))
        longer.valid = True
        self._do(self._highs.setBasis(longer), "setBasis")

    def forget(self) -> None:
        """Start the next run from nothing; the program stays."""
        self._do(self._highs.clearSolver(), "clearSolver")

    def run(self, method: Method, time_limit: float = np.inf, iterations: int = ANY) -> End:
        """Solve, by so many iterations of the simplex method at most. An interrupt from the keyboard is passed on."""
        solver, simplex = ("ipx", 1) if method == "ipx" else ("simplex", 4 if method == "primal" else 1)
        budget = self.seconds + time_limit if np.isfinite(time_limit) else np.inf
        for option, value in (("solver", solver), ("simplex_strategy", simplex), ("time_limit", float(budget)),
            ("simplex_iteration_limit", iterations),
        ):  # fmt: skip
            self._do(self._highs.setOptionValue(option, value), f"option {option}")
        status = self._finished()
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        self.iterations += max(0, info.simplex_iteration_count)
        if status == "optimal" and not (solution.value_valid and solution.dual_valid):
            status = "failed"
        own = self._own
        row_dual, column_dual = np.array(solution.row_dual), np.array(solution.col_dual)
        if len(row_dual) == len(own.size):
            row_dual = row_dual * (own.cost_unit / own.size)
        if len(column_dual) == len(own.unit):
            column_dual = column_dual * (own.cost_unit / own.unit)
        x = np.array(solution.col_value)
        x = x * own.unit if len(x) == len(own.unit) else x
        return End(status, own.cost_unit * float(info.objective_function_value), x, row_dual, column_dual)

    def run_mip(
        self, integers: np.ndarray, start: np.ndarray | None, time_limit: float, gap: float = 1e-6, nodes: int = ANY
    ) -> End:
        """Solve with some columns integer, from a known answer if there is one; the columns are continuous again after.

        The objective of the end is the bound that HiGHS proved, not the value of its columns, minus infinity where it
        proved none or the run failed; the columns are empty where none were found.
        """
        own, everywhere = self._own, np.arange(self.rows, dtype=np.int32)
        self.change_integrality(integers, highspy.HighsVarType.kInteger)
        try:
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = start / own.unit
                self._do(self._highs.setSolution(solution), "setSolution")
            for option, value in (
                ("solver", "choose"), ("time_limit", float(time_limit)), ("mip_rel_gap", gap), ("mip_max_nodes", nodes),
            ):  # fmt: skip
                self._do(self._highs.setOptionValue(option, value), f"option {option}")
            self._given(self._highs.changeRowsBounds(self.rows, everywhere, *own.give()), "changeRowsBounds")
            status = self._finished()
            info, solution = self._highs.getInfo(), self._highs.getSolution()
        finally:
            self.change_integrality(integers, highspy.HighsVarType.kContinuous)
            sides = (own.program.low / own.size, own.program.high / own.size)
            self._given(self._highs.changeRowsBounds(self.rows, everywhere, *sides), "changeRowsBounds")
        # HiGHS fills the bound of a tree only where there is one to branch
        bound = (
            info.mip_dual_bound if len(integers) else info.objective_function_value if status == "optimal" else -np.inf
        )
        has_x = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible and solution.value_valid
        x = np.array(solution.col_value) * own.unit if has_x and status != "failed" else np.zeros(0)
        proven = own.cost_unit * float(bound) if status != "failed" else -np.inf
        return End(status, proven, x, np.zeros(self.rows), np.zeros(len(x)))

    def _finished(self) -> str:
        """Run to the end, and how it ended."""
        status = self._apart(self._highs.run)
        failed = status == highspy.HighsStatus.kError
        return "failed" if failed else STATUS.get(self._highs.getModelStatus(), "failed")

    def _apart(self, call: Callable[[], Any]) -> Any:
        """A call that may run HiGHS, in a thread of our own."""
        self._stop.asked = False
        return apart(call, self._stop.ask)

    def _given(self, status: Any, what: str) -> None:
        """Data must arrive as they are: a warning says that HiGHS changed them, so that it answers another program."""
        self._do(status, what)
        if status == highspy.HighsStatus.kWarning:
            raise SolverError(f"HiGHS changed what it was given with {what}: its answer would be of another program")

    def _do(self, status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refused {what}")


def version() -> str:
    """Version of HiGHS."""
    return str(_Silent().version())


def mip_case() -> float:
    """Objective that HiGHS finds for a case whose answer is 9: min 2x + 3z, x + z >= 4.5, 0 <= x, z <= 10, z integer.

    HiGHS 1.14.0 ends with 15 instead of 9 (x = 4.5) and calls it optimal.
    """
    highs = Highs()
    rows = sparse.csr_array(np.array([[1.0, 1.0]]))
    highs.load(np.array([2.0, 3.0]), np.zeros(2), np.full(2, 10.0), rows, np.array([4.5]), np.array([np.inf]))
    highs.change_integrality(np.array([1]), highspy.HighsVarType.kInteger)
    return highs.run("dual").objective
