"""Programmes near the optimum: which ones every plan launches, which can be dropped or launched, which none launches.

| verdict | programme of the run | shown by |
|---|---|---|
| dropped | launched | a simulated plan without it that is within epsilon |
| launched | not launched | a simulated plan with it that is within epsilon |
| must, never | launched, not launched | HiGHS: with its start held, fractions of all other choices allowed, none is |
| open | either | neither was found |

A plan without a programme is without those that need it too; one with it has those it needs, each as early as it can
be. All other discrete choices stay as in the run, the money is searched anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.progress import step
from kctopt.table import Column

if TYPE_CHECKING:
    from kctopt.cache import Steps
    from kctopt.result.result import Result
    from kctopt.scenario.options import Programme
    from kctopt.scenario.records import Scenario
    from kctopt.simulator import Choices
    from kctopt.solver.nearby import Nearby
    from kctopt.solver.polish import Polished

GAP = 1e-3  # of the search for a plan with other programmes, at most
FINER = 0.1  # the same over what such a plan may fall short by
WAYS = 3  # first years that are tried for a programme

PROGRAMMES = (
    Column("programme", "string", "programme"),
    Column("run", "string", "in the run: off, or the first year and the parallel routes"),
    Column("verdict", "string", "must, dropped, never, launched or open"),
    Column("loss", "number", "what the plan found with the other decision gives up, in the unit of the objective"),
    Column("bound", "number", "proven: no plan with the other decision is worth more than this"),
)


def programmes(result: Result, settled: Polished, near: Nearby, steps: Steps) -> list[dict[str, Any]]:
    """One row for each programme of the catalogue that the program can start."""
    from kctopt.solver.discrete import DiscreteEngine

    engine, scenario = settled.engine, result.solved_scenario
    if not isinstance(engine, DiscreteEngine) or "programmes.start" not in engine.compiled.slots:
        return []
    rows = []
    for number, programme in enumerate(scenario.programmes):
        key = f"programme {programme.id}"
        if steps.get(key) is None:
            step(f"programmes, {number + 1} of {len(scenario.programmes)}")
            steps.put(key, _asked(engine, near, scenario, result.choices, number))
        rows.append({"programme": programme.id, "run": _run(scenario, result.choices, number), **steps.get(key)})
    return rows


def _run(scenario: Scenario, choices: Choices, number: int) -> str:
    """What the run does with a programme, as traits have it."""
    routes = np.zeros(1) if choices.routes is None else choices.routes[number]
    if not routes.any():
        return "off"
    start = int(np.argmax(routes > 0))
    return f"{scenario.horizon.years[start]} x {int(routes[start])}"


def _asked(engine: Any, near: Nearby, scenario: Scenario, choices: Choices, number: int) -> dict[str, Any]:
    """Verdict, loss and bound of one programme."""
    from kctopt.solver.other_choices import bound_with, plan_with

    launched = choices.routes is not None and bool(choices.routes[number].any())
    losses, gap = [], min(GAP, FINER * near.room / max(1e-9, abs(near.best.objective)))
    for routes in _without(scenario, choices, number) if launched else _with(scenario, choices, number):
        plan = plan_with(engine, near.best.x, replace(choices, routes=routes), gap)
        if plan is not None:
            losses.append(-near.compiled.sign * (near.best.objective - plan.objective))
            if near.keeps(plan):
                verdict = "dropped" if launched else "launched"
                return {"verdict": verdict, "loss": losses[-1], "bound": None}
    sign, level = near.compiled.sign, float(near.compiled.upper[-1]) + near.compiled.offset
    bound = bound_with(engine, near.best.x, scenario.programmes[number].id, not launched, level)
    proven = bound is not None and sign * bound > level
    verdict = ("must" if launched else "never") if proven else "open"
    finite = bound is not None and np.isfinite(bound)
    return {"verdict": verdict, "loss": min(losses, default=None), "bound": bound if finite else None}


def _without(scenario: Scenario, choices: Choices, number: int) -> Iterator[np.ndarray]:
    """Starts without a programme and without all that need it."""
    assert choices.routes is not None  # it is launched
    routes, ids = choices.routes.copy(), [programme.id for programme in scenario.programmes]
    gone = {number}
    needs = [{ids.index(name) for name in programme.required} for programme in scenario.programmes]
    while more := {k for k, need in enumerate(needs) if need & gone} - gone:
        gone |= more
    routes[sorted(gone)] = 0
    yield routes


def _with(scenario: Scenario, choices: Choices, number: int) -> Iterator[np.ndarray]:
    """Starts with a programme and what it needs, from the first years it can start, without what it excludes."""
    years = scenario.horizon.years
    ids = [programme.id for programme in scenario.programmes]
    base = np.zeros((len(ids), len(years)), int) if choices.routes is None else choices.routes
    tried = 0
    for start in scenario.programmes[number].starts:
        routes = base.copy()
        if _placed(scenario.programmes, ids, routes, number, start, years):
            yield routes
            tried += 1
        if tried == WAYS:
            return


def _placed(
    programmes: tuple[Programme, ...], ids: list[str], routes: np.ndarray, number: int, start: int,
    years: tuple[int, ...],
) -> bool:  # fmt: skip
    """Put a start, and those it needs before it, into `routes`; False where there is no time."""
    programme = programmes[number]
    if start not in years or start + programme.duration - 1 > years[-1]:
        return False
    for name in programme.required:
        need = ids.index(name)
        before = programmes[need]
        if routes[need].any():
            if years[int(np.argmax(routes[need] > 0))] + before.duration > start:
                return False
        else:
            first = next((year for year in before.starts if year + before.duration <= start), None)
            if first is None or not _placed(programmes, ids, routes, need, first, years):
                return False
    for k, other in enumerate(programmes):
        if other.id in programme.excluded or programme.id in other.excluded:
            routes[k] = 0
    routes[number] = 0
    routes[number, years.index(start)] = 1
    return True
