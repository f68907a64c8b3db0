"""Every objective through the engine: one solve, or for `earliest` a bisection over years with every step certified."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

from kctopt.own import OwnParts
from kctopt.program import Program, build
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.engine import Engine
from kctopt.solver.outcome import Outcome
from kctopt.solver.own import own_names
from kctopt.solver.own_objective import refuse_endless, refuse_one_sided, settled_by_bounds
from kctopt.solver.refused import keep_own
from kctopt.status import Status


def solve(program: Program, gap: float = 1e-4, time_limit: float | None = None, own: OwnParts | None = None) -> Outcome:
    """Solve a program for the objective of its scenario.

    Parameters
    ----------
    program : from `kctopt.build`, with whatever its user has added.
    gap : relative distance of the two bounds at which the plan counts as optimal.
    time_limit : seconds for everything; for `earliest`, for all years together.
    own : what the user changed in the model, where that is known.
    """
    if program.scenario.objective.kind == "earliest":
        keep_own(
            own.names if own else own_names(program), "the objective 'earliest' builds the program again for each year",
            "set the year of the targets yourself, with the objective 'national_security'",
        )  # fmt: skip
        return earliest(program.scenario, gap, time_limit)
    engine = engine_of(program)
    refuse_endless(program, engine.compiled)
    if own is None or own.objective is None:
        return engine.solve(gap, time_limit)
    refuse_one_sided(engine)
    outcome = settled_by_bounds(engine) or engine.solve(gap, time_limit)
    return replace(outcome, size=own.objective.size)


def engine_of(program: Program) -> Engine:
    """The engine for a program: with integers, the one of discrete.py."""
    return DiscreteEngine(program) if program.discrete else Engine(program)


def earliest(scenario: Scenario, gap: float, time_limit: float | None) -> Outcome:
    """The first year at whose end every hard target can hold, and the best plan with that year.

    Bisection finds a year. A target that can hold in a year need not be feasible in a later one when the rival grows,
    so every earlier year that bisection passed over is then tried from the first on: the answer is a simulated plan
    in its year and a proof for each year before, `impossible_by` the last of these proofs without a hole.
    """
    started, years = time.perf_counter(), scenario.horizon.years
    tried: dict[int, Outcome] = {}

    def solved(year: int) -> Outcome:
        left = None if time_limit is None else max(0.0, time_limit - (time.perf_counter() - started))
        tried[year] = engine_of(build(_by(scenario, year))).solve(gap, left)
        return tried[year]

    certain = _bisect(years, solved)
    for year in years:
        if not certain or (year in tried and tried[year].money is not None):
            break
        certain = year in tried or _goes_on(solved(year))
    proven = list(takewhile(lambda year: year in tried and tried[year].status == "infeasible", years))
    seconds = {"total": time.perf_counter() - started}
    known: dict[str, Any] = {"impossible_by": proven[-1] if proven else None, "seconds": seconds}
    first = min((year for year, outcome in tried.items() if outcome.money is not None), default=None)
    stopped = next((outcome for outcome in tried.values() if not _goes_on(outcome)), None)
    if first is None:
        return replace(stopped or Outcome(Status.INFEASIBLE), **known)
    best = replace(tried[first], year=first, **known | {"seconds": tried[first].seconds | seconds})
    return best if certain else replace(best, status=_weaker(stopped))


def _bisect(years: Sequence[int], solved: Callable[[int], Outcome]) -> bool:
    """Halve the years until one that can be and the one before it are known; False where a solve was stopped."""
    low, high = 0, len(years) - 1
    while low <= high:
        middle = (low + high) // 2
        outcome = solved(years[middle])
        if not _goes_on(outcome):
            return False
        low, high = (low, middle - 1) if outcome.money is not None else (middle + 1, high)
    return True


def settled(outcome: Outcome) -> bool:
    """Whether a solve says that a plan exists or that there is none."""
    return outcome.money is not None or outcome.status == "infeasible"


def _goes_on(outcome: Outcome) -> bool:
    """Whether other years may be tried after a solve."""
    return settled(outcome) and outcome.status != "interrupted"


def _weaker(stopped: Outcome | None) -> Status:
    return Status.INTERRUPTED if stopped is not None and stopped.status == "interrupted" else Status.LIMIT


def _by(scenario: Scenario, year: int) -> Scenario:
    """The scenario with every hard target due at the end of `year`."""
    policies = tuple(
        policy.model_copy(update={"by": year}) if isinstance(policy, TargetPolicy) and not policy.soft else policy
        for policy in scenario.policies
    )
    objective = scenario.objective.model_copy(update={"kind": "national_security"})
    return scenario.model_copy(update={"policies": policies, "objective": objective})
