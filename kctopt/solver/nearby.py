r"""All plans that are nearly as good as the best: how far a sum of money can go among them, attained and proven.

    least or most of  w'x  over the program  with  cost'x <= level

A plan is within epsilon of the optimum when it falls short of it by no more than epsilon of the optimum less a
reference value, which is 0 unless it is given. The optimum
itself lies between the plan found and the proven bound, so there are two levels, and each answer takes the careful one:

| answer | level | so |
|---|---|---|
| attained | epsilon off the proven bound | the plan, simulated, is within epsilon of the true optimum |
| proven | epsilon off the plan found | no plan within epsilon of the true optimum goes further |

An end is found by the interior-point method (interior.py). Its prices prove the outer value (dual.py), the linear
program of the rules alone proves what no plan exceeds; its money, moved back towards the best plan as far as the
simulator asks for, is the attained one.

Ends are confirmed by other means: solves with the money pinned just inside and just outside.

| pinned | solve | confirmed when |
|---|---|---|
| inside | the best plan with the money at the pin or beyond: the search, then interior points | it is within epsilon |
| outside | HiGHS, a linear program that bounds every plan with the money at the pin or beyond | none is |

Neither uses the point that the range was found by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from kctopt.errors import RunError
from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import dual_bound, linear_bound, refuted
from kctopt.solver.highs import Highs
from kctopt.solver.interior import Interior
from kctopt.solver.newton import Point
from kctopt.solver.polish import Polished
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.settings import BOXES, GAPS, TOLERANCES, WORK
from kctopt.solver.tangents import Tangents

ROW = "level"  # name of the row that keeps plans near the best
SIZE = 10.0  # of the costs, which the interior-point method likes


@dataclass(frozen=True)
class RangeEnd:
    """One end of a range: the money of a simulated plan, what no plan goes beyond, and the columns of that plan."""

    attained: float
    proven: float
    x: np.ndarray


@dataclass(frozen=True, eq=False)
class Nearby:
    """The plans near the best one of a program with its discrete choices held; small enough to be sent to a process.

    `careful` is the value of the minimisation that attained plans keep, the row `level` of `compiled` the other.
    """

    compiled: Compiled
    tangents: Tangents
    simulator: Simulator
    best: Candidate
    room: float  # epsilon of the best plan's value less the reference
    careful: float
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, settled: Polished, epsilon: float, bound: float | None, reference: float | None = None) -> Nearby:
        """The plans within epsilon of a settled run's optimum, which lies between its plan and `bound`.

        Epsilon is a share of the optimum, or of what it is above `reference`. Raises RunError when there is no bound,
        or epsilon allows less than the gap leaves open.
        """
        engine = settled.engine
        c, sign = engine.compiled, engine.compiled.sign
        value = sign * settled.plan.objective
        if bound is None:
            raise RunError("the run has no proven bound, so nothing can be said to be near its optimum")
        ends = min(sign * bound, value), value
        rooms = [epsilon * (abs(end) if reference is None else sign * reference - end) for end in ends]
        careful, level = (end + room for end, room in zip(ends, rooms, strict=True))
        if careful < value:
            size = max(1e-9, abs(value))
            raise RunError(
                f"epsilon {epsilon:g} allows a plan to fall short by {rooms[1] / size:.2g} of the objective, less than "
                f"the gap of the run, {(value - ends[0]) / size:.2g}: the plan itself is not known to be that near the "
                "optimum; take a larger --epsilon, or solve again with a smaller --gap"
            )
        light = engine.program.without_parts()
        simulator = engine.simulator.on(light, c)
        near = c.with_row(ROW, c.cost, -np.inf, level - c.offset)
        return cls(near, engine.tangents, simulator, settled.plan, rooms[1], careful, *propagate(near))

    def keeps(self, plan: Candidate) -> bool:
        """Whether a plan keeps the rules and is within epsilon of the true optimum."""
        return plan.feasible and self.compiled.sign * plan.objective <= self.careful

    def end(self, weights: np.ndarray, side: int, limit: float = -np.inf) -> RangeEnd:
        """The least (side 1) or most (side -1) of weights @ x.

        `limit` is what the rules alone prove, see `limit`.
        """
        search = _Search(self, weights, side, limit)
        search.run()
        return search.end()

    def limit(self, weights: np.ndarray, side: int) -> float:
        """What no plan that keeps the rules goes beyond, near the best or not; proven by HiGHS's prices."""
        highs = self._rules
        highs.change_cost(side * weights)
        end = highs.run("primal", np.inf)
        if end.status != "optimal":
            highs.forget()
            end = highs.run("dual", np.inf)
        if end.status != "optimal":
            return -side * np.inf
        return side * linear_bound(highs.linear_program().within(*self._wide), end.row_dual)

    @cached_property
    def rules(self) -> Compiled:
        """The program without the level."""
        c = self.compiled
        return replace(c, rows=c.rows[:-1], lower=c.lower[:-1], upper=c.upper[:-1], row_names=c.row_names[:-1])

    @cached_property
    def _wide(self) -> tuple[np.ndarray, np.ndarray]:
        """Bounds of the columns that the rules pass on."""
        return propagate(self.rules)

    @cached_property
    def _rules(self) -> Highs:
        """The rules, with tangents around the best plan."""
        c, highs = self.rules, Highs()
        rows, right = self.tangents.around(self.best.x)
        highs.load(
            np.zeros(len(c.cost)), c.column_lower, c.column_upper, sparse.vstack([c.rows, rows], format="csr"),
            np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right]), c.unit,
        )  # fmt: skip
        highs.run("dual", np.inf)
        return highs

    @cached_property
    def interior(self) -> Interior:
        """The interior-point method on the program."""
        return Interior(self.compiled, self.tangents, self.lower, self.upper)

    def towards(self, x: np.ndarray) -> Candidate:
        """The plan furthest from the best one towards the money of x that is within epsilon."""
        low, high, best = 0.0, 1.0, self.best
        for _ in range(WORK.rounds_between):
            parts = np.linspace(low, high, WORK.points_between)[1:]
            plans = self.simulator.candidates(self.best.x + parts[:, None] * (x - self.best.x))
            kept = next((n for n, plan in enumerate(plans) if not self.keeps(plan)), len(plans))
            if kept:
                low, best = float(parts[kept - 1]), plans[kept - 1]
            if kept == len(plans):
                break
            high = float(parts[kept])
            if high - low < TOLERANCES.part_of_way:
                break
        return best

    def __getstate__(self) -> dict[str, object]:
        """Without what holds a solver."""
        made = ("rules", "_rules", "_wide", "interior")
        return {name: value for name, value in self.__dict__.items() if name not in made}


class _Search:
    """One end: the best of what the points of the method attain and prove."""

    def __init__(self, near: Nearby, weights: np.ndarray, side: int, limit: float) -> None:
        self.near, self.weights, self.side = near, weights, side
        c = near.compiled
        self.scale = max(1.0, abs(float(weights @ near.best.x)))
        self.share = GAPS.weight_of_objective / max(near.room, 1e-9)
        cost = SIZE * (side * weights / self.scale + self.share * c.cost)
        self.program = replace(c, cost=cost)
        self.proven = side * limit if np.isfinite(limit) else -np.inf
        self.plan = near.best
        self.late = 0  # points seen after complementarity is small

    def run(self) -> None:
        if not self._done():
            interior = self.near.interior
            interior.minimise(self.program.cost, interior.start(self.near.best.x), self._try)

    def end(self) -> RangeEnd:
        """Attained and proven, in the user's sense; a proven value never inside the attained one."""
        attained = self._money(self.plan)
        return RangeEnd(self.side * attained, self.side * min(self.proven, attained), self.plan.x)

    def _money(self, plan: Candidate) -> float:
        return self.side * float(self.weights @ plan.x)

    def _done(self) -> bool:
        return self._money(self.plan) - self.proven <= GAPS.range_end * self.scale

    def _try(self, point: Point, mean: float) -> bool:
        """Take over what a point proves and attains."""
        if mean > TOLERANCES.tried_complementarity:
            return False
        level = self.near.compiled.upper[-1]
        bound = dual_bound(self.program, self.near.tangents, point, self.near.lower, self.near.upper)
        self.proven = max(self.proven, self.scale * (bound / SIZE - self.share * level))
        if self.side * float(self.weights @ point.x) < self._money(self.plan):
            plan = self.near.towards(point.x)
            if self._money(plan) < self._money(self.plan):
                self.plan = plan
        self.late += mean < TOLERANCES.last_complementarity
        return self._done() or self.late > WORK.late_points


def confirm_inside(near: Nearby, weights: np.ndarray, side: int, attained: float) -> bool:
    """Whether the search finds a plan within epsilon with the money just inside what was attained."""
    best = float(weights @ near.best.x)
    pin = side * (attained + side * _margin(near, weights))
    if side * best <= pin:
        return True  # the best plan is one
    c = _with_pin(near, side * weights, pin)
    simulator = near.simulator.on(near.simulator.program, c)
    search = SequentialLP(simulator, near.tangents)
    for radius in BOXES.pinned:
        plan = search.near(near.best.x, radius, np.inf)
        if plan is not None and plan.feasible:
            plan = search.improve(plan, radius, GAPS.pinned, lambda: np.inf, lambda rows, objective: None)
            if near.keeps(plan):
                return True
    kept = False

    def enough(point: Point, mean: float) -> bool:
        nonlocal kept
        kept = mean < 1e-3 and near.keeps(simulator.candidate(point.x))
        return kept or mean < 1e-9

    interior = Interior(c, near.tangents, near.lower, near.upper)
    interior.minimise(c.cost, interior.start(near.best.x), enough)
    return kept


def confirm_outside(near: Nearby, weights: np.ndarray, side: int, proven: float) -> bool:
    """Whether HiGHS proves that no plan within epsilon has its money just outside what was proven."""
    pin = side * (proven - side * _margin(near, weights))
    if side * near.limit(weights, side) > pin:
        return True  # the rules allow none
    c, level = _with_pin(near, side * weights, pin), float(near.compiled.upper[-1])
    last = near.best.x

    def enough(point: Point, mean: float) -> bool:
        nonlocal last
        last = point.x
        return mean < 1e-3 and dual_bound(c, near.tangents, point, near.lower, near.upper) > level

    interior = Interior(c, near.tangents, near.lower, near.upper)
    interior.minimise(c.cost, interior.start(near.best.x), enough)
    rows, right = near.tangents.rows(near.tangents.points(last))
    highs = Highs()
    highs.load(
        c.cost, c.column_lower, c.column_upper, sparse.vstack([c.rows, rows], format="csr"),
        np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right]), c.unit, c.cost_unit,
    )  # fmt: skip
    end = highs.run("ipx", np.inf)
    program = highs.linear_program().within(near.lower, near.upper)
    if end.status == "infeasible":
        return refuted(program, highs)
    return end.status == "optimal" and linear_bound(program, end.row_dual) > level


def _margin(near: Nearby, weights: np.ndarray) -> float:
    return TOLERANCES.pin_margin * max(1.0, abs(float(weights @ near.best.x)))


def _with_pin(near: Nearby, weights: np.ndarray, most: float) -> Compiled:
    """The program without its level and with weights @ x <= most."""
    return near.rules.with_row("money.pin", weights, -np.inf, most)
