"""A solved scenario as a program again: its discrete choices held, its money improved to the optimum, prices exact.

Analyses start here. The interior-point method goes to the end of what numbers can tell apart (convex.py), with its own
proof; Newton's method on the constraints that are active there (newton.py) finds the optimum itself; the simulator
judges both plans. Where Newton's method does not arrive, the last point stands, with its prices.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from kctopt.errors import SolverError
from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate, saved
from kctopt.solver.compiled import Compiled
from kctopt.solver.decomposition import Prices
from kctopt.solver.dual import dual_bound
from kctopt.solver.engine import Engine
from kctopt.solver.interior import Interior
from kctopt.solver.newton import Newton, Point, at_the_edge
from kctopt.solver.outcome import agreed
from kctopt.solver.settings import BOXES, GAPS, WORK
from kctopt.solver.solve import engine_of
from kctopt.solver.warm_start import plan_of


@dataclass(frozen=True)
class Polished:
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
        return self.engine.state.bound

    def prices(self) -> dict[str, float]:
        """Objective points per unit of the right side, by row of the program, held column and limit of a line."""
        return self.engine.compiled.prices_by_name(self.point.rows, self.point.columns)

    def value(self, compiled: Compiled) -> float | None:
        """The optimum of the same program with other right sides and bounds, simulated; None where it is not found.

        Infinitely bad where there is provably no plan. From the active set of the optimum; where that does not lead
        there (two rules that say the same cannot both hold with equality once one has moved), by interior points again.
        """
        with _changed(self.engine, compiled):
            plan = self._judged(self.newton.optimum(self.point, compiled)) if self.exact else None
            if plan is None:
                plan, point = _optimum(self.engine, self.plan.x, Newton(compiled, self.engine.tangents))
                if self.engine.convex.refuted:
                    return compiled.sign * np.inf
                plan = None if point is None and self.exact and self.engine.convex.gap() > GAPS.polish_bound else plan
        return None if plan is None else plan.objective

    def _judged(self, point: Point | None) -> Candidate | None:
        """The plan of a point, simulated; None where it breaks a rule."""
        plan = None if point is None else self.engine.simulator.candidate(point.x)
        return plan if plan is not None and plan.feasible else None


def polish(scenario: Scenario, money: Money, choices: Choices) -> Polished:
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
    engine.state.begin(np.inf)
    best, optimum = _optimum(engine, plan.x, newton, plan)
    plan = plan if best is None else best
    last, c = engine.convex.point, engine.compiled
    point = optimum or _prices(engine, plan) if last is None or optimum is not None else replace(last, x=plan.x)
    if point is None:
        raise SolverError("the linear program around the plan has no answer")
    if last is not None and engine.convex.gap() <= GAPS.polish_bound:
        engine.state.bound = c.sign * (engine.convex.value + c.offset)
    else:
        _prove(engine, plan, point)
    _check(scenario, engine, plan, point)
    return Polished(engine, plan, point, optimum is not None, newton)


def _prove(engine: Engine, plan: Candidate, point: Point) -> None:
    """A bound by line, by prices, or by the whole program, in turn."""
    state = engine.state
    state.begin(np.inf)
    state.plan, engine.decomposition = plan, None
    engine.prove_by_line(GAPS.polish_bound, Prices(point.x, point.rows, point.relations))
    if state.bound is None:
        state.bound = _proven(engine, point)
    if state.bound is None:
        engine.proof.start(plan.x, None)
        engine.prove(GAPS.polish_bound, WORK.polish_cuts)


def _check(scenario: Scenario, engine: Engine, plan: Candidate, point: Point) -> None:
    """That no plan is better than the bound proven for its choices, by more than it gains within the tolerance."""
    state, c = engine.state, engine.compiled
    if state.bound is None:
        return
    gained = max(state.gained(plan), saved(c, plan.x, point.rows, point.columns))
    bound = agreed(plan.objective, state.bound, c.sign, gained)
    if bound is None:
        raise SolverError(
            f"{scenario.name}: the plan, {plan.objective:.8g}, is better than its proven bound, {state.bound:.8g}. "
            "This is a bug in kctopt: please report it"
        )
    state.bound = bound


@contextmanager
def _changed(engine: Engine, compiled: Compiled) -> Iterator[None]:
    """The engine with other right sides and bounds for a while."""
    before = engine.compiled
    try:
        engine.state.hold(compiled)
        yield
    finally:
        engine.state.hold(before)


def _proven(engine: Engine, point: Point) -> float | None:
    """What prices prove of plans little worse than this one, which bounds columns that are open otherwise.

    The prices are those of the point, or, where they are not good enough, of the interior-point method.
    """
    c, value = engine.compiled, float(engine.compiled.cost @ point.x)
    near = c.with_row("level", c.cost, -np.inf, value + GAPS.level_of_prices * abs(value))
    lower, upper = propagate(near)
    best = dual_bound(c, engine.tangents, point, lower, upper)

    def enough(point: Point, mean: float) -> bool:
        nonlocal best
        best = (
            max(best, dual_bound(near, engine.tangents, point, lower, upper)) if mean < GAPS.level_of_prices else best
        )
        return value - best <= GAPS.polish_bound * max(1.0, abs(value)) or mean < 1e-10

    if not enough(point, np.inf):
        interior = Interior(near, engine.tangents, lower, upper)
        interior.minimise(c.cost, interior.start(point.x), enough)
    return c.sign * (best + c.offset) if value - best <= GAPS.level_of_prices * max(1.0, abs(value)) else None


def _optimum(
    engine: Engine, x: np.ndarray, newton: Newton, plan: Candidate | None = None
) -> tuple[Candidate | None, Point | None]:
    """The optimum from a point by interior points, then Newton's method; None for what is not found.

    Where several rules say the same, interior points share their price out; a linear program around the plan gives it
    to one of them, and tells Newton's method which rules are active.
    """
    engine.convex.run(x, GAPS.polish, plan)
    best, last = engine.convex.plan, engine.convex.point
    if best is None:
        return None, None
    for start in _starts(engine, best, last):
        optimum = None if start is None else newton.optimum(start)
        exact = None if optimum is None else engine.simulator.candidate(optimum.x)
        if optimum is not None and exact is not None:
            gained = saved(engine.compiled, best.x, optimum.rows, optimum.columns)
            if _is_better(engine, exact, best, gained):
                return exact, replace(optimum, x=exact.x)
    return best, None


def _starts(engine: Engine, best: Candidate, last: Point | None) -> Iterator[Point | None]:
    """Where Newton's method may start: each knows in another way which rules are active.

    Where several plans are as good (a budget that is least leaves some money free), interior points end between them
    and a search by linear programs at one of them.
    """
    yield _prices(engine, best)
    if last is not None:
        yield at_the_edge(engine.compiled, engine.tangents, last)
    corner = engine.search.improve(best, BOXES.near, GAPS.corner, lambda: np.inf, lambda rows, objective: None)
    if corner.feasible and _is_better(engine, corner, best, GAPS.corner_loss * abs(best.objective)):
        yield _prices(engine, corner)


def _is_better(engine: Engine, plan: Candidate, incumbent: Candidate, gained: float = 0.0) -> bool:
    """Whether a plan keeps the rules and is worth no less than another, to the last digits and what that one saved."""
    loss = engine.compiled.sign * (plan.objective - incumbent.objective)
    return plan.feasible and loss <= gained + 1e-9 * max(1.0, abs(incumbent.objective))


def _prices(engine: Engine, plan: Candidate) -> Point | None:
    """A plan with the prices of a linear program in a small box around it."""
    engine.search.near(plan.x, BOXES.prices, np.inf)
    prices, c = engine.search.prices, engine.compiled
    if prices is None:
        return None
    tangents, _ = engine.tangents.rows(engine.tangents.points(prices.x))
    columns = c.cost - c.rows.T @ prices.rows - tangents.T @ prices.relations
    return Point(plan.x, prices.rows, prices.relations, columns)
