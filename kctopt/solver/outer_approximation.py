"""The proof second: tangents near the plan make one linear program whose optimum bounds every plan.

Three tangents a relation (at the plan, and with its first argument a fifth smaller and larger) hold each curve from
both sides; more rounds cut where the program's answer violates a relation. Cuts that stay slack are purged.
This is the cutting-plane method of Kelley, outer approximation in the words of Duran and Grossmann.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.solver.arrays import LinearProgram
from kctopt.solver.bounds import propagate
from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import linear_bound, mended, refuted
from kctopt.solver.highs import ANY, End, Highs
from kctopt.solver.settings import TOLERANCES, WORK
from kctopt.solver.tangents import Tangents


class OuterApproximation:
    """The outer approximation of one program on a persistent HiGHS object."""

    def __init__(self, compiled: Compiled, tangents: Tangents, small: bool = False) -> None:
        """`small` programs start with the dual simplex and may run several at once in threads."""
        self.compiled, self.tangents, self.small = compiled, tangents, small
        self.highs = Highs(interruptible=not small)
        self.fixed = len(compiled.lower)
        self.idle = np.zeros(0, int)  # rounds each cut has been slack
        self.loaded = False
        self.patience = WORK.cut_patience
        self.proven = True  # whether the objective of the last optimal end stands on its own prices
        self._passed: tuple[Compiled, np.ndarray, np.ndarray] | None = None  # bounds passed on, of which program

    def start(self, x: np.ndarray, basis: Any | None) -> None:
        """Load the linear rows with tangents around x; `basis` of a program with fewer cuts starts the simplex."""
        c = self.compiled
        rows, right = self.tangents.around(x)
        matrix = sparse.vstack([c.rows, rows], format="csr")
        free = np.full(len(right), -np.inf)
        self.highs.load(
            c.cost, c.column_lower, c.column_upper, matrix,
            np.concatenate([c.lower, free]), np.concatenate([c.upper, right]), c.unit, c.cost_unit,
        )  # fmt: skip
        self.idle = np.zeros(len(right), int)
        if basis is not None:
            self.highs.set_basis(basis)
        self.loaded = basis is not None

    def run(self, time_limit: float, iterations: int = ANY) -> End:
        """Solve, by so many iterations of simplex at most; the objective of an optimal end bounds the program."""
        end = self.highs.run("dual" if self.loaded or self.small else "ipx", time_limit, iterations)
        if end.status == "failed":  # numerical trouble of a warm start
            self.highs.forget()
            end = self.highs.run("dual" if self.small else "ipx", time_limit)
        if end.status == "optimal":
            self.loaded = True
            slack = np.abs(end.row_dual[self.fixed :]) < 1e-12
            self.idle = np.where(slack, self.idle + 1, 0)
            program = self._bounded()
            value = linear_bound(program, end.row_dual)  # nothing is left to the solver's tolerance
            if not np.isfinite(value):
                value = linear_bound(program, mended(program, end.row_dual))
            # where prices are still left over on a column without a bound, the objective is HiGHS's and proves nothing
            self.proven = bool(np.isfinite(value))
            end = replace(end, objective=value) if self.proven else end
        elif end.status == "infeasible" and not refuted(self._bounded(), self.highs):
            end = replace(end, status="failed")
        return end

    def _bounded(self) -> LinearProgram:
        """The program as it stands, with the bounds of columns that rows and relations pass on."""
        program = self.highs.linear_program()
        if program.finite:
            return program
        if self._passed is None or self._passed[0] is not self.compiled:
            self._passed = (self.compiled, *propagate(self.compiled))
        return program.within(*self._passed[1:])

    def afresh(self, time_limit: float) -> End:
        """Solve from nothing by interior points, where the simplex method's answer does not hold."""
        self.highs.forget()
        return self.highs.run("ipx", time_limit)

    def cut(self, x: np.ndarray) -> int:
        """Add tangents at x where x violates a relation; returns how many."""
        scale = np.maximum(1.0, np.abs(np.concatenate([r.bound(x) for r in self.compiled.relations] or [np.zeros(0)])))
        chosen = self.tangents.excess(x) > TOLERANCES.violated * scale
        rows, right = self.tangents.rows(self.tangents.points(x), chosen, TOLERANCES.steepest)
        # a tangent at the smallest argument may not reach x: adding it again would never end
        deep = rows @ x - right > 0.1 * TOLERANCES.violated * scale[chosen]
        rows, right = rows[deep], right[deep]
        self._purge()
        self.add_rows(rows, np.full(len(right), -np.inf), right)
        return len(right)

    def touch(self, x: np.ndarray, chosen: np.ndarray | None = None) -> None:
        """Add the tangents at x of every relation, or of those that a mask chooses."""
        rows, right = self.tangents.rows(self.tangents.points(x), chosen)
        self.add_rows(rows, np.full(len(right), -np.inf), right)

    def add_rows(self, rows: sparse.csr_array, lower: np.ndarray, upper: np.ndarray) -> None:
        """Add rows, which count as cuts."""
        self.highs.add_rows(rows, lower, upper)
        self.idle = np.concatenate([self.idle, np.zeros(len(lower), int)])

    def _purge(self) -> None:
        """Delete cuts that have been slack for some rounds; they are basic, so the basis survives."""
        old = self.idle >= self.patience
        self.highs.delete_rows(self.fixed + np.flatnonzero(old))
        self.idle = self.idle[~old]
