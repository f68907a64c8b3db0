"""Every objective through the engine: one solve, or for `earliest` a bisection over years with every step certified."""

from __future__ import annotations

import time
from dataclasses import replace

from kctopt.program import Program, build
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.engine import Engine, keep_own
from kctopt.solver.outcome import Outcome, Status


def solve(program: Program, gap: float = 1e-4, time_limit: float | None = None) -> Outcome:
    """Solve a program for the objective of its scenario.

    Parameters
    ----------
    program : from `kctopt.build`, with whatever its user has added.
    gap : relative distance of the two bounds at which the plan counts as optimal.
    time_limit : seconds for everything; for `earliest`, for all years together.
    """
    if program.scenario.objective.kind == "earliest":
        keep_own(
            program, "the objective 'earliest' builds the program again for each year",
            "set the year of the targets yourself, with the objective 'national_security'",
        )  # fmt: skip
        return earliest(program.scenario, gap, time_limit)
    return engine_of(program).solve(gap, time_limit)


def engine_of(program: Program) -> Engine:
    """The engine for a program: with integers, the one of discrete.py."""
    return DiscreteEngine(program) if program.discrete else Engine(program)


def earliest(scenario: Scenario, gap: float, time_limit: float | None) -> Outcome:
    """The first year at whose end every hard target can hold, and the best plan with that year.

    A target that can hold in a year need not be feasible in a later one when the rival grows, so the answer of the
    bisection is certified on both sides: feasible with a simulated plan in that year, proven infeasible the year
    before.
    """
    started = time.perf_counter()
    years, found, low = scenario.horizon.years, None, 0
    high = len(years) - 1
    unknown: Outcome | None = None
    while low <= high:
        left = None if time_limit is None else max(0.0, time_limit - (time.perf_counter() - started))
        middle = (low + high) // 2
        outcome = engine_of(build(_by(scenario, years[middle]))).solve(gap, left)
        if outcome.money is not None:
            found, high = replace(outcome, year=years[middle]), middle - 1
        elif outcome.status == "infeasible":
            low = middle + 1
        else:
            unknown = outcome
            break
    if unknown is not None:
        return unknown if found is None else replace(found, status=_weaker(unknown))
    return found if found is not None else Outcome("infeasible", seconds={"total": time.perf_counter() - started})


def _weaker(unknown: Outcome) -> Status:
    return "interrupted" if unknown.status == "interrupted" else "limit"


def _by(scenario: Scenario, year: int) -> Scenario:
    """The scenario with every hard target due at the end of `year`."""
    policies = tuple(
        policy.model_copy(update={"by": year}) if isinstance(policy, TargetPolicy) and not policy.soft else policy
        for policy in scenario.policies
    )
    objective = scenario.objective.model_copy(update={"kind": "national_security"})
    return scenario.model_copy(update={"policies": policies, "objective": objective})
