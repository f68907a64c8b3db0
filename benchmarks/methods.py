"""The ways to solve a program that are compared; each returns figures, times in seconds.

model    from the scenario's records to the program in the solver's own form
solve    the rest
cpu      process seconds of model and solve together, all threads
gap      relative distance of the bounds; the one asked for is 1e-6, from 1000 lines on 1e-5, from 5000 on 1e-4, and
         a question's own for programs with integers
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.scenario.records import PositiveSeries, Scenario

Figures = dict[str, Any]
Method = Callable[[Scenario, float], Figures]
CHANGE = 1.05  # of the budget, before the warm re-solve
SMALL = 20  # lines


@dataclass(frozen=True)
class Question:
    """A bundled scenario with integers: the gap asked for and the seconds each solver gets."""

    scenario: str
    gap: float
    limit: float


QUESTIONS = (
    Question("switching", 1e-3, 60.0),
    Question("switching", 3e-4, 300.0),
    Question("modes", 1e-3, 300.0),
    Question("lines-baseline", 5e-3, 300.0),
)


def asked(scenario: Scenario) -> float:
    """The gap asked for."""
    lines = len(scenario.lines)
    return 1e-6 if lines < 1000 else 1e-5 if lines < 5000 else 1e-4


def richer(scenario: Scenario) -> Scenario:
    """The scenario with 5 % more money a year."""
    years = scenario.horizon.years
    amounts = CHANGE * scenario.budget.at(np.array(years))
    return scenario.model_copy(
        update={"budget": PositiveSeries({year: float(b) for year, b in zip(years, amounts, strict=True)})}
    )


def kctopt(scenario: Scenario, limit: float) -> Figures:
    """Cold solve, then a warm one after the change of budget."""
    from kctopt.program import build
    from kctopt.solver import Engine

    start, cpu = time.perf_counter(), time.process_time()
    engine = Engine(build(scenario))
    model = time.perf_counter() - start
    cold = engine.solve(asked(scenario), limit)
    total, spent = time.perf_counter() - start, time.process_time() - cpu
    memory = peak_memory()
    start, cpu = time.perf_counter(), time.process_time()
    warm = engine.resolve(richer(scenario), asked(scenario), limit)
    warm_seconds, warm_spent = time.perf_counter() - start, time.process_time() - cpu
    return {
        "model": model, "solve": total - model, "build": cold.seconds["build"], "compile": cold.seconds["compile"],
        "search": cold.seconds["search"], "proof": cold.seconds["proof"],
        "status": cold.status, "objective": cold.objective, "bound": cold.bound, "gap": cold.gap,
        "rounds": len(cold.rounds), "memory": memory, "cpu": spent, "warm": warm_seconds, "warm_cpu": warm_spent,
        "warm_status": warm.status, "warm_gap": warm.gap, "warm_objective": warm.objective,
    }  # fmt: skip


def kctopt_changed(scenario: Scenario, limit: float) -> Figures:
    """Cold solve of the question that the warm one answers."""
    from kctopt.program import build
    from kctopt.solver import Engine

    start, cpu = time.perf_counter(), time.process_time()
    engine = Engine(build(richer(scenario)))
    model = time.perf_counter() - start
    end = engine.solve(asked(scenario), limit)
    return {
        "model": model, "solve": time.perf_counter() - start - model, "cpu": time.process_time() - cpu,
        "status": end.status, "objective": end.objective, "bound": end.bound, "gap": end.gap, "rounds": len(end.rounds),
    }  # fmt: skip


def clarabel(scenario: Scenario, limit: float) -> Figures:
    """The reference of the tests: cvxpy writes the program as cones, Clarabel solves it to its tolerance of 1e-8."""
    from tests.reference import reference

    settings = {} if len(scenario.lines) <= SMALL else {"direct_solve_method": "faer"}
    cpu = time.process_time()
    found = reference(scenario, time_limit=limit, **settings)
    return {
        "cpu": time.process_time() - cpu,
        "model": found.seconds_model, "solve": found.seconds_solve, "status": "optimal", "objective": found.objective,
        "gap": 1e-8, "rounds": int(found.problem.solver_stats.num_iters), "attempts": found.attempts,
    }  # fmt: skip


def scip(scenario: Scenario, limit: float, gap: float | None = None) -> Figures:
    """The exact nonlinear Pyomo model, handed to SCIP as an .nl file."""
    from pyscipopt import Model

    from kctopt.program import build

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.nl"
        build(scenario).model.write(str(path))
        solver = Model()
        solver.hideOutput()
        solver.readProblem(str(path))
    model = time.perf_counter() - start
    solver.setParam("limits/gap", gap or asked(scenario))
    solver.setParam("limits/time", limit)
    solver.optimize()
    found = solver.getNSols() > 0
    objective, bound = (solver.getPrimalbound() if found else None), solver.getDualbound()
    return {
        "model": model, "solve": time.perf_counter() - start - model, "status": solver.getStatus(),
        "objective": objective, "bound": bound, "gap": abs(bound - objective) / abs(objective) if objective else None,
        "rounds": int(solver.getNNodes()),
    }  # fmt: skip


def kctopt_discrete(scenario: Scenario, limit: float, gap: float) -> Figures:
    """Cold solve of a program with integers."""
    from kctopt.program import build
    from kctopt.solver.solve import engine_of

    start, cpu = time.perf_counter(), time.process_time()
    engine = engine_of(build(scenario))
    model = time.perf_counter() - start
    end = engine.solve(gap, limit)
    return {
        "model": model, "solve": time.perf_counter() - start - model, "cpu": time.process_time() - cpu,
        "status": end.status, "objective": end.objective, "bound": end.bound, "gap": end.gap, "rounds": len(end.rounds),
    }  # fmt: skip


def asking(solver: Callable[..., Figures], question: Question) -> Method:
    """A solver on the scenario and the gap of a question; the size it is called with is left out."""

    def solve(_: Scenario, limit: float) -> Figures:
        import kctopt as library

        return solver(library.load(question.scenario), limit, question.gap)

    return solve


def name_of(solver: str, question: Question) -> str:
    """Name of the method that puts a question to a solver."""
    return f"{solver}:{question.scenario}:{question.gap:g}"


METHODS: dict[str, Method] = {
    "kctopt": kctopt,
    "kctopt-changed": kctopt_changed,
    "clarabel": clarabel,
    "scip": scip,
}
METHODS |= {name_of("kctopt", question): asking(kctopt_discrete, question) for question in QUESTIONS}
METHODS |= {name_of("scip", question): asking(scip, question) for question in QUESTIONS}


def peak_memory() -> float:
    """Largest resident memory of this process so far, MiB."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)
