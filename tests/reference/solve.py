"""The whole program of a scenario, handed to Clarabel."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.simulator import Money
from tests.reference.lines import State, write_lines
from tests.reference.money import Spend, write_money, write_policies, write_quadrants
from tests.reference.sketch import Array, Sketch, outline
from tests.reference.value import write_security, write_targets

# Clarabel's largest step and the factor on the objective; with its own defaults (.99, 1) the step length falls to
# nothing on some of these programs. More lines mean less weight of each, which asks for a larger factor (found by trial
# at 20 to 200 lines).
ATTEMPTS = ((0.9, 0.1), (0.9, 1.0), (0.7, 0.1), (0.9, 10.0), (0.7, 1.0))
SETTINGS = {"direct_solve_method": "qdldl"}  # faster than the threaded default up to some hundred lines


class InfeasibleError(Exception):
    """Clarabel proved that the scenario has no plan."""


@dataclass(frozen=True)
class Reference:
    """Optimum by cvxpy and Clarabel: objective in NS points (min_budget: billion CNY), money and timings."""

    objective: float
    money: Money
    budget_scale: float
    seconds_model: float  # writing and compiling the program once
    seconds_solve: float  # Clarabel, the attempt that came to the end
    attempts: int
    problem: cp.Problem


def reference(scenario: Scenario, **options: Any) -> Reference:
    """Solve a scenario (objective `national_security` or `min_budget`); `options` go to Clarabel."""
    start = time.perf_counter()
    sketch = outline(scenario)
    spend = write_money(sketch)
    write_policies(sketch, spend)
    write_quadrants(sketch, spend)
    state = write_lines(sketch, spend)
    lost = write_targets(sketch, state)
    objective = write_objective(sketch, spend, state, lost)
    writing = time.perf_counter() - start
    begun, more = time.perf_counter(), max(1.0, len(scenario.lines) / 20) ** 2.5
    for attempt, (step, factor) in enumerate(ATTEMPTS, start=1):
        if time.perf_counter() - begun > options.get("time_limit", np.inf):
            raise TimeoutError(f"Clarabel came to no end in {options['time_limit']:g} s")
        scale = factor * more
        problem = cp.Problem(type(objective)(scale * objective.args[0]), sketch.rules)
        start = time.perf_counter()
        if not solve(problem, SETTINGS | {"max_step_fraction": step} | options):
            continue
        solving = float(problem.solver_stats.solve_time)
        return Reference(
            objective=float(problem.value / scale),
            money=_money(spend),
            budget_scale=1.0 if spend.scale is None else float(spend.scale.value),
            seconds_model=writing + time.perf_counter() - start - solving,
            seconds_solve=solving,
            attempts=attempt,
            problem=problem,
        )
    raise RuntimeError("Clarabel came to no end with any of its settings")


def solve(problem: cp.Problem, options: dict[str, Any]) -> bool:
    """True when Clarabel came to the optimum, False when it ended early."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Solution may be inaccurate")
            problem.solve(solver=cp.CLARABEL, **options)
    except cp.SolverError:
        return False
    if problem.status == cp.INFEASIBLE:
        raise InfeasibleError("no plan keeps all rules")
    return bool(problem.status == cp.OPTIMAL)


def write_objective(sketch: Sketch, spend: Spend, state: State, lost: Any) -> Any:
    """National security over the years, or the smallest budget (soft targets do not count there)."""
    scenario, rule = sketch.scenario, sketch.scenario.objective
    if rule.kind == "min_budget":
        amount = scenario.budget.at(np.array(scenario.horizon.years)).sum()
        return cp.Minimize(amount * spend.scale)
    if rule.kind != "national_security":
        raise ValueError(f"no reference for the objective {rule.kind}")
    weight = rule.discount ** np.arange(1, sketch.years + 1)
    weight[sketch.planned - 1] += rule.terminal
    weight[-1] += (rule.discount ** (sketch.years + np.arange(1, rule.end_years + 1))).sum()
    return cp.Maximize(100 * weight @ write_security(sketch, state) - lost)


def _money(spend: Spend) -> Money:
    """The optimal money, tiny negative values of the interior point cut off."""

    def values(variable: cp.Variable) -> Array:
        return np.asarray(np.maximum(variable.value, 0.0), dtype=float)

    strategic = np.stack([values(variable) for variable in spend.strategic], axis=1)
    return Money(strategic=strategic, substitution=values(spend.substitution), exchange=values(spend.exchange))
