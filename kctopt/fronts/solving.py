r"""Certified solves of one program for a mix of its objectives, the others held at levels.

    min  sum_k v_k g_k(x)      g_k(x) <= level_k,      all rules of the program

The prices y <= 0 of a solve prove more than its own bound. For the outcome z of every plan, whatever the levels,

    sum_k v_k z_k + sum_k (-y_k) z_k  >=  bound at the levels - sum_k y_k level_k

since a plan keeps the levels that are its own outcome (weak duality; the bounds of columns are those of the program
without levels).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kctopt.fronts.goals import Goal
from kctopt.fronts.hull import Cut
from kctopt.program import Program
from kctopt.simulator import Choices, Money
from kctopt.simulator.choices import NO_CHOICES
from kctopt.solver.bounds import propagate, with_largest_scale
from kctopt.solver.compiled import Compiled
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.dual import balanced, linear_bound, tangent_program
from kctopt.solver.engine import Engine
from kctopt.solver.outcome import Outcome, relative_gap
from kctopt.solver.start import base_plan
from kctopt.solver.units import cost_unit_of
from kctopt.status import Status

ROW = "pareto"  # head of the names of rows that hold levels

Levels = Mapping[int, float]  # by position of the objective


@dataclass(frozen=True)
class Solved:
    """End of one solve: outcome of its plan, proven bound of the mix at its levels, what its prices prove of all."""

    status: Status
    mix: np.ndarray
    levels: Levels
    z: np.ndarray | None = None  # simulated, less is better
    bound: float | None = None  # of mix @ z, where the levels are kept
    cut: Cut | None = None
    money: Money | None = None
    choices: Choices = NO_CHOICES
    gap: float | None = None  # relative distance of plan and bound
    seconds: float = 0.0


@dataclass
class Solver:
    """Solves of one program of kctopt, each warm from a point on the way to the first where nothing is discrete."""

    program: Program
    goals: Sequence[Goal]
    read: Compiled
    gap: float = 1e-4
    time_limit: float | None = None
    solved: int = 0
    engine: Engine | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        c = self.read
        self.most = self._most()
        for k, goal in enumerate(self.goals):
            c = c.with_row(f"{ROW}[{goal.key}]", goal.cost, -np.inf, self.most[k] - goal.offset)
        self.open, self.first = c, len(self.read.lower)
        self.lower, self.upper = propagate(with_largest_scale(c))
        engine = Engine(self.program, self.read)
        x = base_plan(self.program, engine.simulator)
        base = engine.simulator.candidate(x)
        self.base = np.array([goal.of(base.x) for goal in self.goals])
        self.shift = np.where(self.base >= 0, np.maximum(np.abs(self.base), 1e-3), 0.0)  # no mix is near 0

    @property
    def discrete(self) -> bool:
        """Whether anything in the program is chosen from a list."""
        return self.program.discrete

    def _most(self) -> np.ndarray:
        """What no plan is worse than, in each objective."""
        lower, upper = propagate(with_largest_scale(self.read))
        found = []
        for goal in self.goals:
            used = np.flatnonzero(goal.cost)
            cost = goal.cost[used]
            found.append(float(cost @ np.where(cost > 0, upper[used], lower[used])) + goal.offset)
        return np.array(found)

    def solve(self, mix: np.ndarray, levels: Levels | None = None) -> Solved:
        """The best plan for a mix of objectives, others held at levels."""
        levels = dict(levels or {})
        compiled = self._compiled(mix, levels)
        if self.discrete:
            engine: Engine = DiscreteEngine(self.program, compiled)
            outcome = engine.solve(self.gap, self.time_limit)
        elif self.engine is None:
            engine = self.engine = Engine(self.program, compiled)
            outcome = engine.solve(self.gap, self.time_limit)
        else:
            engine = self.engine
            start = engine.convex.kept(centred=True)
            plan = engine.state.plan
            x = base_plan(self.program, engine.simulator) if plan is None else plan.x
            engine.convex.begin_at(start, x)
            outcome = engine.solve_from(self.program, compiled, x, self.gap, self.time_limit)
        self.solved += 1
        if outcome.status == Status.INTERRUPTED:
            raise KeyboardInterrupt
        return self._ended(engine, outcome, mix, levels)

    def _compiled(self, mix: np.ndarray, levels: Levels) -> Compiled:
        """The arrays for a mix and levels."""
        c, upper = self.open, self.open.upper.copy()
        for k, level in levels.items():
            upper[self.first + k] = level - self.goals[k].offset
        pairs = list(zip(mix, self.goals, strict=True))
        cost = np.sum([weight * goal.cost for weight, goal in pairs], axis=0)
        offset = float(sum(weight * goal.offset for weight, goal in pairs) + mix @ self.shift)
        return replace(c, cost=cost, offset=offset, sign=1.0, upper=upper, cost_unit=cost_unit_of(cost, c.unit))

    def _ended(self, engine: Engine, outcome: Outcome, mix: np.ndarray, levels: Levels) -> Solved:
        """What a solve attained and proved."""
        if outcome.objective is None or outcome.point is None:
            return Solved(outcome.status, mix, levels, seconds=outcome.seconds["total"])
        z = np.array([goal.of(outcome.point) for goal in self.goals])
        bound = None if outcome.bound is None else outcome.bound - float(mix @ self.shift)
        cut = None if self.discrete else self._cut(engine, mix, levels)
        gap = None if bound is None else relative_gap(float(mix @ (z + self.shift)), bound + float(mix @ self.shift))
        return Solved(
            outcome.status, mix, levels, z, bound, cut, outcome.money, outcome.choices, gap, outcome.seconds["total"]
        )

    def _cut(self, engine: Engine, mix: np.ndarray, levels: Levels) -> Cut | None:
        """The most that prices of a solve prove of every plan; None where its method ended without any."""
        c, own = self._compiled(mix, levels), slice(self.first, self.first + len(self.goals))
        held = np.array([levels.get(k, self.most[k]) for k in range(len(self.goals))])
        best: Cut | None = None
        strongest = -np.inf
        for point in (engine.convex.point, engine.convex.last):
            if point is None:
                continue
            prices = np.concatenate([point.rows, point.relations])
            prices[own] = np.minimum(prices[own], 0.0)
            plain = tangent_program(c, engine.tangents, point.x, self.lower, self.upper)
            for program in (plain, balanced(c, engine.tangents, point.x, plain, prices)):
                value = linear_bound(program, prices) + c.offset - float(mix @ self.shift)
                if value > strongest:
                    strongest = value
                    with np.errstate(invalid="ignore"):
                        back = np.where(prices[own] < 0, prices[own] * held, 0.0)
                    best = Cut(mix - prices[own], float(value - back.sum()))
        return best
