"""A good plan first: sequential linear programs in a box around the plan, every step judged by the simulator.

At the present plan each concave relation is replaced by one tangent; HiGHS solves the linear program with the money
kept in a box; of several steps towards its answer the simulator picks the best. The box of each amount of money shrinks
where its step turns back and grows where it keeps its direction, as in the method of moving asymptotes. A rule that a
full step breaks by a little (the tangent flatters the curve) is asked for that little more in the next program.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from kctopt.solver.certificate import FEASIBLE, Candidate, Simulator
from kctopt.solver.compile import Compiled
from kctopt.solver.highs import End, Highs
from kctopt.solver.tangents import Tangents

STEPS = np.array([0.25, 0.5, 0.75, 1.0])
GROW, TURN, SHRINK = 1.6, 0.5, 0.3
WIDEST = 2.0


class Search:
    """Searches of one program; keeps its HiGHS object and basis between plans."""

    def __init__(self, compiled: Compiled, tangents: Tangents, simulator: Simulator, size: np.ndarray) -> None:
        self.compiled, self.tangents, self.simulator = compiled, tangents, simulator
        self.size = size  # typical amount of each money column, billion CNY
        self.columns = simulator.money_columns
        self.shift = np.zeros(len(compiled.lower))
        self.highs = Highs()
        self.warm = False

    def possible(self, x: np.ndarray, time_limit: float) -> End:
        """Any answer of the linear rows with tangents at x, money unboxed and without an objective.

        With no costs the dual simplex starts dual feasible. 'infeasible' proves that no plan exists.
        """
        c = self.compiled
        rows, right = self.tangents.rows(self.tangents.points(x))
        matrix = sparse.vstack([c.rows, rows], format="csr")
        highs = Highs()
        highs.load(
            np.zeros(len(c.cost)), c.column_lower, c.column_upper, matrix,
            np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right]),
        )  # fmt: skip
        return highs.run("dual", time_limit)

    def improve(
        self, plan: Candidate, radius: float, tolerance: float, seconds_left: Callable[[], float],
        report: Callable[[int, float | None], None], rounds: int = 60,
    ) -> Candidate:  # fmt: skip
        """Improve a plan until the program promises less than `tolerance` (relative), or time is out."""
        box = np.full(len(self.columns), radius)
        turned = np.zeros(len(self.columns))
        for _ in range(rounds):
            half = box * np.maximum(plan.x[self.columns], 0.25 * self.size)
            end = self._solve(plan.x, half, seconds_left())
            if end.status == "infeasible" and not plan.feasible and box.max() < 1e6:
                box = box * 4  # the box, not the program, is too small
                continue
            if end.status != "optimal":
                break
            promised = -(end.objective + self.compiled.offset) - self._worth(plan)
            step, better = self._step(plan, end.x)
            box, turned = self._boxes(box, half, turned, end.x[self.columns] - plan.x[self.columns], step)
            plan = better
            report(self.highs.rows, plan.objective if plan.feasible else None)
            if plan.feasible and promised < tolerance * max(1.0, abs(plan.objective)):
                break
        return plan

    def _worth(self, plan: Candidate) -> float:
        """Objective of a plan, larger is better."""
        return -self.compiled.sign * plan.objective

    def _solve(self, x: np.ndarray, half: np.ndarray | None, time_limit: float) -> End:
        """The program with tangents at x and money within `half` of it."""
        c = self.compiled
        lower, upper = c.column_lower, c.column_upper
        if half is not None:
            lower, upper = lower.copy(), upper.copy()
            lower[self.columns] = np.maximum(lower[self.columns], x[self.columns] - half)
            upper[self.columns] = np.minimum(upper[self.columns], x[self.columns] + half)
        rows, right = self.tangents.rows(self.tangents.points(x))
        matrix = sparse.vstack([c.rows, rows], format="csr")
        basis = self.highs.basis() if self.warm else None
        self.highs.load(
            c.cost, lower, upper, matrix,
            np.concatenate([c.lower + np.maximum(self.shift, 0), np.full(len(right), -np.inf)]),
            np.concatenate([c.upper + np.minimum(self.shift, 0), right]),
        )  # fmt: skip
        if basis is not None:
            self.highs.set_basis(basis)
        end = self.highs.run("dual" if basis is not None else "ipx", time_limit)
        self.warm = self.warm or end.status == "optimal"
        return end

    def _step(self, plan: Candidate, target: np.ndarray) -> tuple[float, Candidate]:
        """The best step towards the target: feasible ones by worth, else the least violation."""
        found = self.simulator.candidates(plan.x + STEPS[:, None] * (target - plan.x))
        self.shift = self._broken(found[-1].x)
        feasible = [(self._worth(each), step, each) for step, each in zip(STEPS, found, strict=True) if each.feasible]
        if not feasible:
            least = min(found, key=lambda each: each.violation)
            return (1.0, least) if least.violation < plan.violation and not plan.feasible else (0.0, plan)
        worth, step, best = max(feasible, key=lambda entry: entry[0])
        return (step, best) if not plan.feasible or worth > self._worth(plan) else (0.0, plan)

    def _broken(self, x: np.ndarray) -> np.ndarray:
        """What each row is short of at x, signed as its right side would have to move; 0 where it holds."""
        body = self.compiled.rows @ x
        short = np.maximum(self.compiled.lower - body, 0.0) - np.maximum(body - self.compiled.upper, 0.0)
        return np.where(np.abs(short) > 0.01 * FEASIBLE, self.shift + 1.01 * short, 0.99 * self.shift)

    @staticmethod
    def _boxes(
        box: np.ndarray, half: np.ndarray, turned: np.ndarray, moved: np.ndarray, step: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Box of each amount after a step, and the direction it last took."""
        sign = np.sign(np.where(np.abs(moved) > 0.05 * half, moved, 0.0))
        onward = (sign * turned > 0) & (np.abs(moved) > 0.9 * half)
        box = np.where(sign * turned < 0, box * TURN, np.where(onward, np.minimum(box * GROW, WIDEST), box))
        box = box * (SHRINK if step == 0 else max(step, 0.5))
        return box, np.where(sign != 0, sign, turned)
