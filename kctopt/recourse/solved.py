"""The end of a solve over states, and the extensive form of linear programs solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kctopt.errors import SolverError, UsageError
from kctopt.recourse.extensive import Extensive
from kctopt.solver.arrays import LinearProgram
from kctopt.solver.dual import linear_bound
from kctopt.solver.highs import Highs
from kctopt.status import Status

EXACT = 1e-9  # relative gap asked of HiGHS's trees


@dataclass(frozen=True)
class Solved:
    """End of a solve over states, values as the programs have them: a plan's `value`, no better one than `bound`.

    `points` has the columns of every state; `costs` are those of the states as a minimisation.
    """

    status: Status
    value: float | None = None
    bound: float | None = None
    points: tuple[np.ndarray, ...] = ()
    costs: tuple[float, ...] = ()
    form: Extensive | None = field(default=None, repr=False)
    rows: np.ndarray | None = field(default=None, repr=False)  # prices of its rows, as a minimisation
    relations: np.ndarray | None = field(default=None, repr=False)  # of its concave relations
    x: np.ndarray | None = field(default=None, repr=False)  # the point whose prices they are

    @property
    def feasible(self) -> bool:
        """Whether there is a plan."""
        return self.value is not None


def solve_linear(form: Extensive, time_limit: float = np.inf) -> Solved:
    """The extensive form of linear programs by HiGHS; the bound of one without integers by its own prices."""
    c = form.compiled
    if c.relations:
        raise UsageError("the programs have concave relations: give the simulators that judge their plans")
    highs, integers = Highs(), c.free_integers
    highs.load(c.cost, c.column_lower, c.column_upper, c.rows, c.lower, c.upper, c.unit, c.cost_unit)
    end = highs.run_mip(integers, None, time_limit, EXACT) if len(integers) else highs.run("dual", time_limit)
    if end.status == "infeasible":
        return Solved(Status.INFEASIBLE, form=form)
    if end.status not in ("optimal", "limit"):
        raise SolverError(f"the program of all states ended '{end.status}': nothing may bound its objective")
    if not len(end.x):
        return Solved(Status.NO_PLAN, form=form)
    x = end.x.copy()
    x[integers] = np.round(x[integers])
    bound, rows = end.objective, None
    if not len(integers):
        program = LinearProgram(c.cost, c.rows, c.lower, c.upper, c.column_lower, c.column_upper)
        bound, rows = max(linear_bound(program, end.row_dual), -np.inf), end.row_dual
    return ended(form, form.completed(x), bound, Status.OPTIMAL if end.status == "optimal" else Status.LIMIT, rows)


def ended(form: Extensive, x: np.ndarray, bound: float, status: Status, rows: np.ndarray | None) -> Solved:
    """The end of a solve with a plan; `bound` is that of the minimisation, without its offset."""
    c, costs = form.compiled, form.costs(x)
    value = c.sign * form.measure.of(costs.tolist(), form.probability.tolist(), form.best)
    return Solved(
        status, value, c.sign * (bound + c.offset) if np.isfinite(bound) else None,
        tuple(x[place] for place in form.places), tuple(costs.tolist()), form, rows,
    )  # fmt: skip
