"""A solved scenario as a program again: its discrete choices held, its money improved to the optimum, prices exact.

Analyses start here. The search takes the saved plan to a relative 1e-6, Newton's method to the optimum itself
(newton.py); the simulator judges the plan, and HiGHS proves at its prices that no plan with these choices is better.
Where Newton's method does not arrive, the best plan of the search stands, with the prices of its last program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from kctopt.errors import SolverError
from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.simulate import Choices, Money
from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate, saved
from kctopt.solver.compile import Compiled
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.dual import dual_bound
from kctopt.solver.engine import NEAR, Engine
from kctopt.solver.interior import Interior
from kctopt.solver.like import columns_of
from kctopt.solver.newton import Newton, Point
from kctopt.solver.outcome import agreed
from kctopt.solver.search import PRICES
from kctopt.solver.solve import engine_of
from kctopt.solver.split import Prices

PROMISES = (3e-7, 3e-8, 3e-9)  # relative gain at which the search stops before Newton's method is tried, in turn
AROUND = 0.02  # box around each amount in which prices are taken
PROVEN = 1e-6  # relative gap to which the bound is cut
SECOND = 1.2  # prices tell what breaking a rule by a little saves to first order; room for the second
WORSE = 0.01  # part of its value that a plan may be worse for prices to speak of it
PROVING = 60.0  # seconds it may take where neither lines nor prices prove one


@dataclass(frozen=True)
class Settled:
    """The best plan for the discrete choices of a run.

    `point` has columns and prices, `exact` says whether they are those of the optimum itself; `bound` is proven for
    these choices (None where no bound was found).
    """

    engine: Engine
    plan: Candidate
    point: Point
    exact: bool
    newton: Newton

    @property
    def bound(self) -> float | None:
        """What no plan with these choices can beat."""
        return self.engine.bound

    def prices(self) -> dict[str, float]:
        """Objective points per unit of the right side, by row of the program, held column and limit of a line."""
        return self.engine.priced(self.point.rows, self.point.columns)

    def value(self, compiled: Compiled) -> float | None:
        """The optimum of the same program with other right sides and bounds, simulated; None where it is not found.

        Infinitely bad where there is provably no plan. From the active set of the optimum; where that does not lead
        there (two rules that say the same cannot both hold with equality once one has moved), by the search again.
        """
        with _changed(self.engine, compiled):
            plan = self._judged(self.newton.optimum(self.point, compiled)) if self.exact else None
            if plan is None and self.engine.search.possible([self.plan.x], np.inf).status == "infeasible":
                return compiled.sign * np.inf
            plan = plan or self._sought()
        return None if plan is None else plan.objective

    def _judged(self, found: Point | None) -> Candidate | None:
        """The plan of a point, simulated; None where it breaks a rule."""
        plan = None if found is None else self.engine.simulator.candidate(found.x)
        return plan if plan is not None and plan.feasible else None

    def _sought(self) -> Candidate | None:
        """The optimum of the program as the engine has it now, from this plan by the search.

        Where Newton's method did not arrive at the optimum before, the best plan of the search stands for it, as there.
        """
        engine = self.engine
        start = engine.search.near(self.plan.x, AROUND, np.inf)  # keeps rules on money; targets it may miss by a little
        if start is None:
            return None
        for price in PRICES:
            plan = engine.search.improve(
                start, AROUND, PROMISES[0], lambda: np.inf, lambda rows, objective: None, price
            )
            if plan.feasible:
                plan, found = _optimum(engine, plan, Newton(engine.compiled, engine.tangents))
                return plan if found is not None or not self.exact else None
        return None


def settle(scenario: Scenario, money: Money, choices: Choices) -> Settled:
    """The program of a scenario at the best plan with these choices, from money that keeps its rules.

    Raises SolverError when the money does not keep them.
    """
    if scenario.objective.kind == "earliest":  # the scenario has the year found: what is left is the best plan for it
        objective = scenario.objective.model_copy(update={"kind": "national_security"})
        scenario = scenario.model_copy(update={"objective": objective})
    engine = engine_of(build(scenario))
    plan = plan_of(engine, money, choices)
    if not plan.feasible:
        raise SolverError(f"{scenario.name}: the plan breaks a rule of its program by {plan.violation:.2g} (relative)")
    newton = Newton(engine.compiled, engine.tangents)
    plan, found = _optimum(engine, plan, newton)
    point = _prices(engine, plan) if found is None else found
    engine._begin(PROVING)
    engine.plan, engine.split = plan, None
    engine._split_bound(PROVEN, Prices(point.x, point.rows, point.relations))
    if engine.bound is None:
        engine.bound = _proven(engine, point)
    if engine.bound is None:
        engine._started, engine._limit = time.perf_counter(), PROVING
        engine.proof.start(plan.x, None)
        engine._prove(PROVEN)
    _check(scenario, engine, plan, point)
    return Settled(engine, plan, point, found is not None, newton)


def _check(scenario: Scenario, engine: Engine, plan: Candidate, point: Point) -> None:
    """That no plan is better than the bound proven for its choices, by more than it gains within the tolerance."""
    if engine.bound is None:
        return
    gained = max(engine.gained(plan), saved(engine.compiled, plan.x, point.rows, point.columns))
    bound = agreed(plan.objective, engine.bound, engine.compiled.sign, gained)
    if bound is None:
        raise SolverError(
            f"{scenario.name}: the plan, {plan.objective:.8g}, is better than its proven bound, {engine.bound:.8g}. "
            "This is a fault of kctopt: please report it"
        )
    engine.bound = bound


@contextmanager
def _changed(engine: Engine, compiled: Compiled) -> Iterator[None]:
    """The engine with other right sides and bounds for a while."""
    before = engine.compiled
    try:
        engine.compiled = engine.search.compiled = engine.simulator.compiled = compiled
        yield
    finally:
        engine.compiled = engine.search.compiled = engine.simulator.compiled = before


def _proven(engine: Engine, point: Point) -> float | None:
    """What prices prove of plans little worse than this one, which bounds columns that are open otherwise.

    The prices are those of the point, or, where they are not good enough, of the interior-point method.
    """
    c, value = engine.compiled, float(engine.compiled.cost @ point.x)
    near = c.with_row("level", c.cost, -np.inf, value + WORSE * abs(value))
    lower, upper = propagate(near)
    best = dual_bound(c, engine.tangents, point, lower, upper)

    def enough(found: Point, mean: float) -> bool:
        nonlocal best
        best = max(best, dual_bound(near, engine.tangents, found, lower, upper)) if mean < WORSE else best
        return value - best <= PROVEN * max(1.0, abs(value)) or mean < 1e-10

    if not enough(point, np.inf):
        interior = Interior(near, engine.tangents, lower, upper)
        interior.minimise(c.cost, interior.start(point.x), enough)
    return c.sign * (best + c.offset) if value - best <= WORSE * max(1.0, abs(value)) else None


def plan_of(engine: Engine, money: Money, choices: Choices) -> Candidate:
    """The plan of a run; the integers of the program are held at its choices."""
    x = columns_of(engine, money, choices)
    if isinstance(engine, DiscreteEngine):
        engine._fix(engine.integers_of(x, choices))
        x[engine.columns] = engine.compiled.column_lower[engine.columns]
        if choices.restraint is not None and "switching.restraint" in engine.compiled.slots:
            held = engine.simulator.integers.held
            x[engine.compiled.slots["switching.restraint"]] = choices.restraint[held].ravel()
    return engine.simulator.candidate(x)


def _optimum(engine: Engine, plan: Candidate, newton: Newton) -> tuple[Candidate, Point | None]:
    """The optimum near a plan by search, then Newton's method; the best plan found, and None where it is not that."""
    for promise in PROMISES:
        plan = _improved(engine, plan, promise)
        found = newton.optimum(_prices(engine, plan))
        exact = None if found is None else engine.simulator.candidate(found.x)
        if (
            found is not None
            and exact is not None
            and _is_better(engine, exact, plan, saved(engine.compiled, plan.x, found.rows, found.columns))
        ):
            return exact, replace(found, x=exact.x)
    return plan, None


def _improved(engine: Engine, plan: Candidate, promise: float) -> Candidate:
    """A better plan by the search, or the same."""
    found = engine.search.improve(plan, NEAR, promise, lambda: np.inf, lambda rows, objective: None)
    prices, c = engine.search.prices, engine.compiled
    idle = np.zeros(len(plan.x))
    gained = 0.0 if prices is None else saved(c, plan.x, prices.rows[: len(c.lower)], idle)
    return found if found.feasible and _is_better(engine, found, plan, SECOND * gained) else plan


def _is_better(engine: Engine, one: Candidate, other: Candidate, gained: float = 0.0) -> bool:
    """Whether a plan keeps the rules and is worth no less than another, to the last digits and what that one saved."""
    loss = engine.compiled.sign * (one.objective - other.objective)
    return one.feasible and loss <= gained + 1e-9 * max(1.0, abs(other.objective))


def _prices(engine: Engine, plan: Candidate) -> Point:
    """A plan with the prices of a program in a small box around it."""
    engine.search.near(plan.x, AROUND, np.inf)
    prices, c = engine.search.prices, engine.compiled
    if prices is None:
        raise SolverError("the linear program around the plan has no answer")
    tangents, _ = engine.tangents.rows(engine.tangents.points(prices.x))
    columns = c.cost - c.rows.T @ prices.rows - tangents.T @ prices.relations
    return Point(plan.x, prices.rows, prices.relations, columns)
