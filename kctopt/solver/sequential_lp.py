"""A good plan first: sequential linear programs in a box around the plan, every step judged by the simulator.

At the present plan each concave relation is replaced by one tangent; HiGHS solves the linear program with the money
kept in a box; of several steps towards its answer the simulator picks the best. The box of each amount of money shrinks
where its step turns back and grows where it keeps its direction, as in the method of moving asymptotes (Svanberg). An
entry into a stage that a full step misses by a little (the tangent flatters the curve) is asked for that little more in
the next program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.compiled import Compiled
from kctopt.solver.decomposition import Prices
from kctopt.solver.dual import refuted
from kctopt.solver.highs import End, Highs
from kctopt.solver.settings import BOXES, GAPS, WORK
from kctopt.solver.start import typical
from kctopt.solver.state import SolveState
from kctopt.solver.tangents import Tangents

STEPS = np.array([0.25, 0.5, 0.75, 1.0])


class SequentialLP:
    """Searches of one program; keeps its HiGHS object and basis between plans."""

    def __init__(self, simulator: Simulator, tangents: Tangents) -> None:
        self.simulator, self.tangents = simulator, tangents
        self.size = typical(simulator.program)  # of each money column, billion CNY
        self.columns = simulator.money_columns
        self.elastic = _elastic_rows(self.compiled)
        self.penalty = 0.0
        names = [self.compiled.row_names[row] for row in self.elastic]
        self.entry = np.array([name.startswith("switching.entry[") for name in names], bool)
        self.more = np.zeros((2, len(self.elastic)))  # by which rows of entry are tightened, below and above
        self.highs = Highs()
        self._basis: Any = None
        self.prices: Prices | None = None  # of the last program solved
        self.best: Candidate | None = None  # best plan that the last search met and that keeps the rules

    @property
    def compiled(self) -> Compiled:
        """The program as its bounds are now."""
        return self.simulator.compiled

    def basis(self) -> Any:
        """Basis of the last program in terms of the program's own columns; None when there is none to use."""
        return self._basis if len(self.elastic) == 0 else None

    def possible(self, points: list[np.ndarray], time_limit: float) -> End:
        """Any answer of the linear rows with tangents around the points, money unboxed and without an objective.

        With no costs the dual simplex starts dual feasible; where it goes round without getting on, interior points
        take over. 'infeasible' proves that no plan exists.
        """
        c = self.compiled
        parts = [self.tangents.around(x) for x in points]
        right = np.concatenate([right for _, right in parts])
        highs = Highs()
        highs.load(
            np.zeros(len(c.cost)), c.column_lower, c.column_upper,
            sparse.vstack([c.rows, *(rows for rows, _ in parts)], format="csr"),
            np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right]), c.unit,
        )  # fmt: skip
        end = highs.run("dual", time_limit, WORK.simplex_without_costs)
        if end.status == "limit" and highs.seconds < time_limit:
            highs.forget()
            end = highs.run("ipx", time_limit - highs.seconds)
        if end.status == "infeasible":
            proven = refuted(highs.linear_program().within(*propagate(c)), highs)
            end = end if proven else replace(end, status="failed")
        return end

    def near(self, x: np.ndarray, radius: float, time_limit: float) -> Candidate | None:
        """The answer of one program around columns that need not keep the rules; None where there is none."""
        half = radius * np.maximum(x[self.columns], 0.25 * self.size)
        end = self._solve(self.simulator.candidate(x).x, half, time_limit)
        return self.simulator.candidate(end.x[: len(self.compiled.cost)]) if end.status == "optimal" else None

    def improve(
        self, plan: Candidate, radius: float, tolerance: float, seconds_left: Callable[[], float],
        report: Callable[[int, float | None], None], penalty: float = BOXES.penalties[0],
    ) -> Candidate:  # fmt: skip
        """Improve a plan until the program predicts a gain of less than `tolerance` (relative), or time is out.

        `best` is the best plan met that keeps the rules, also where an interrupt ends the search. `penalty` is the
        price of breaking an elastic rule, in objectives per unit.
        """
        self.penalty = penalty * max(self.compiled.cost_unit, abs(plan.objective))
        return self._improve(plan, radius, tolerance, seconds_left, report)

    def advance(
        self, state: SolveState, plan: Candidate, radius: float, gap: float, penalty: float = BOXES.penalties[0],
        part: float = GAPS.predicted[0],
    ) -> Candidate:  # fmt: skip
        """Improve a plan in a solve, until less than a `part` of the gap is predicted; where the search ended.

        The best plan met that keeps the rules is the state's, whatever ends the search.
        """

        def report(rows: int, objective: float | None) -> None:
            state.round("search", rows, objective)

        self.best = state.plan
        with state.spending("search"):
            try:
                return self.improve(
                    plan, radius, part * gap, lambda: BOXES.part_of_time * state.left(), report, penalty
                )
            finally:  # an interrupt must not lose the best plan
                state.plan = self.best

    def _improve(
        self, plan: Candidate, radius: float, tolerance: float, seconds_left: Callable[[], float],
        report: Callable[[int, float | None], None],
    ) -> Candidate:  # fmt: skip
        """Improve a plan at the present penalty."""
        self.more[:], self.best = 0.0, None
        self._meet([plan])
        box = np.full(len(self.columns), radius)
        turned, missing = np.zeros(len(self.columns)), list[float]()
        for _ in range(WORK.search_rounds):
            half = box * np.maximum(plan.x[self.columns], 0.25 * self.size)
            end = self._solve(plan.x, half, seconds_left())
            if end.status != "optimal":
                break
            predicted = -(end.objective + self.compiled.offset) - self._merit(plan)
            step, better = self._step(plan, end.x[: len(self.compiled.cost)])
            box, turned = _boxes(box, half, turned, end.x[self.columns] - plan.x[self.columns], step)
            plan = better
            report(self.highs.rows, None if self.best is None else self.best.objective)
            missing.append(np.inf if self.best is not None else self._broken(plan.x))
            hopeless = (
                self.best is None
                and len(missing) > WORK.hopeful_rounds
                and missing[-1] > BOXES.nearer * missing[-1 - WORK.hopeful_rounds]
            )
            if hopeless or predicted < tolerance * max(self.compiled.cost_unit, abs(plan.objective)):
                break
        return plan

    def _meet(self, plans: list[Candidate]) -> None:
        """Keep the best plan; the search itself may go on to one that is worth more and breaks a rule a little."""
        for plan in plans:
            if plan.feasible and (self.best is None or self._merit(plan) > self._merit(self.best)):
                self.best = plan

    def _merit(self, plan: Candidate) -> float:
        """Objective of a plan less the penalty of the rules it breaks; larger is better."""
        merit = -self.compiled.sign * plan.objective
        return merit - self.penalty * self._broken(plan.x) if len(self.elastic) else merit

    def _broken(self, x: np.ndarray) -> float:
        """Sum of what the elastic rows are short of, beyond a small margin that the program asks for."""
        return float(self._missing(x).sum())

    def _missing(self, x: np.ndarray) -> np.ndarray:
        """What each elastic row is short of, from below and from above, shape (2, rows)."""
        body = self.compiled.rows[self.elastic] @ x
        low, high = self._limits()
        return np.asarray(np.maximum(np.array([low - body, body - high]), 0.0))

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Limits of the elastic rows, tightened by half the tolerance unless that leaves no room."""
        low, high = self.compiled.lower[self.elastic], self.compiled.upper[self.elastic]
        tolerance = self.simulator.tolerance
        margin = np.where(high - low > tolerance, 0.5 * tolerance, 0.0)
        return low + margin, high - margin

    def _solve(self, x: np.ndarray, half: np.ndarray, time_limit: float) -> End:
        """The program with tangents at x and money within `half` of it."""
        c = self.compiled
        lower, upper = c.column_lower.copy(), c.column_upper.copy()
        lower[self.columns] = np.maximum(lower[self.columns], x[self.columns] - half)
        upper[self.columns] = np.minimum(upper[self.columns], x[self.columns] + half)
        rows, right = self.tangents.rows(self.tangents.points(x))
        row_lower, row_upper = c.lower.copy(), c.upper.copy()
        low, high = self._limits()
        row_lower[self.elastic], row_upper[self.elastic] = low + self.more[0], high - self.more[1]
        matrix = sparse.vstack([c.rows, rows], format="csr")
        slack = _slack_columns(self.elastic, matrix.shape[0])
        extra = slack.shape[1]
        self.highs.load(
            np.concatenate([c.cost, np.full(extra, self.penalty)]),
            np.concatenate([lower, np.zeros(extra)]), np.concatenate([upper, np.full(extra, np.inf)]),
            sparse.hstack([matrix, slack], format="csr") if extra else matrix,
            np.concatenate([row_lower, np.full(len(right), -np.inf)]), np.concatenate([row_upper, right]),
            np.concatenate([c.unit, np.ones(extra)]), c.cost_unit,
        )  # fmt: skip
        if self._basis is not None:
            self.highs.set_basis(self._basis)
        end = self.highs.run("dual" if self._basis is not None else "ipx", time_limit)
        self._basis = self.highs.basis() if end.status == "optimal" else None
        if end.status == "optimal":
            count = len(c.lower)
            self.prices = Prices(x, end.row_dual[:count], end.row_dual[count:])
        return end

    def _step(self, plan: Candidate, target: np.ndarray) -> tuple[float, Candidate]:
        """The step of most worth towards the target; none that loses."""
        plans = self.simulator.candidates(plan.x + STEPS[:, None] * (target - plan.x))
        self._meet(plans)
        if len(self.elastic):
            more = np.maximum(0.5 * self.more, self.more + self._missing(plans[-1].x))
            self.more = np.where(self.entry, more, 0.0)
        merit, number = max((self._merit(each), number) for number, each in enumerate(plans))
        return (float(STEPS[number]), plans[number]) if merit > self._merit(plan) else (0.0, plan)


def _boxes(
    box: np.ndarray, half: np.ndarray, turned: np.ndarray, moved: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Box of each amount after a step, and the direction it last took."""
    sign = np.sign(np.where(np.abs(moved) > 0.05 * half, moved, 0.0))
    onward = (sign * turned > 0) & (np.abs(moved) > 0.9 * half)
    box = np.where(
        sign * turned < 0, box * BOXES.turn, np.where(onward, np.minimum(box * BOXES.grow, BOXES.widest), box)
    )
    box = box * (BOXES.shrink if step == 0 else max(step, 0.5))
    return box, np.where(sign != 0, sign, turned)


def _elastic_rows(compiled: Compiled) -> np.ndarray:
    """Rows that a lifted plan can break: policies and a user's own rows on columns that the laws determine."""
    decided = np.zeros(len(compiled.cost), bool)
    for name, columns in compiled.slots.items():
        if name.startswith(("money.", "policies.")) or "." not in name:
            decided[columns] = True
    own = np.array([name.block in ("policies", "") or name.head == "switching.entry" for name in compiled.row_names])
    produced = compiled.rows[:, ~decided].indptr
    return np.flatnonzero(own & (np.diff(produced) > 0))


def _slack_columns(elastic: np.ndarray, rows: int) -> sparse.csr_array:
    """One column that lifts and one that lowers each elastic row."""
    count = len(elastic)
    values = np.concatenate([np.ones(count), -np.ones(count)])
    return sparse.csr_array((values, (np.tile(elastic, 2), np.arange(2 * count))), shape=(rows, 2 * count))
