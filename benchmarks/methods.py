"""The ways to solve a program that are compared; each returns figures, times in seconds.

model    from the scenario's records to the program in the solver's own form
solve    the rest
gap      relative distance of the bounds; the one asked for is 1e-4 up to 20 lines, 1e-3 above, and a question's own
         for programs with integers
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
Method = Callable[[Scenario, float, Path], Figures]
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
    return 1e-4 if len(scenario.lines) <= SMALL else 1e-3


def richer(scenario: Scenario) -> Scenario:
    """The scenario with 5 % more money a year."""
    years = scenario.horizon.years
    amounts = CHANGE * scenario.budget.at(np.array(years))
    return scenario.model_copy(
        update={"budget": PositiveSeries({year: float(b) for year, b in zip(years, amounts, strict=True)})}
    )


def kctopt(scenario: Scenario, limit: float, cuts: Path) -> Figures:
    """Cold solve, then a warm one after the change of budget; the last linear program goes to the file `cuts`."""
    from kctopt.program import build
    from kctopt.solver import Engine

    start = time.perf_counter()
    engine = Engine(build(scenario))
    model = time.perf_counter() - start
    cold = engine.solve(asked(scenario), limit)
    total = time.perf_counter() - start
    memory = peak_memory()
    start = time.perf_counter()
    warm = engine.resolve(richer(scenario), asked(scenario), limit)
    warm_seconds = time.perf_counter() - start
    save_lp(engine, cuts)
    return {
        "model": model, "solve": total - model, "build": cold.seconds["build"], "compile": cold.seconds["compile"],
        "search": cold.seconds["search"], "proof": cold.seconds["proof"],
        "status": cold.status, "objective": cold.objective, "bound": cold.bound, "gap": cold.gap,
        "rounds": len(cold.rounds), "memory": memory, "warm": warm_seconds,
        "warm_status": warm.status, "warm_gap": warm.gap, "warm_objective": warm.objective,
    }  # fmt: skip


def kctopt_changed(scenario: Scenario, limit: float, _: Path) -> Figures:
    """Cold solve of the question that the warm one answers."""
    from kctopt.program import build
    from kctopt.solver import Engine

    start = time.perf_counter()
    engine = Engine(build(richer(scenario)))
    model = time.perf_counter() - start
    end = engine.solve(asked(scenario), limit)
    return {
        "model": model, "solve": time.perf_counter() - start - model, "status": end.status,
        "objective": end.objective, "bound": end.bound, "gap": end.gap, "rounds": len(end.rounds),
    }  # fmt: skip


def clarabel(scenario: Scenario, limit: float, _: Path) -> Figures:
    """The reference of the tests: cvxpy writes the program as cones, Clarabel solves it to its tolerance of 1e-8."""
    from tests.reference import reference

    settings = {} if len(scenario.lines) <= SMALL else {"direct_solve_method": "faer"}
    found = reference(scenario, time_limit=limit, **settings)
    return {
        "model": found.seconds_model, "solve": found.seconds_solve, "status": "optimal", "objective": found.objective,
        "gap": 1e-8, "rounds": int(found.problem.solver_stats.num_iters), "attempts": found.attempts,
    }  # fmt: skip


def scip(scenario: Scenario, limit: float, _: Path, gap: float | None = None) -> Figures:
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


def highs_lp(scenario: Scenario, limit: float, cuts: Path) -> Figures:
    """HiGHS alone, cold, on the linear program with kctopt's last cuts: interior point and crossover.

    Its gap is the distance of this program's optimum to the plan that the cuts belong to.
    """
    import highspy

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("solver", "ipx"), ("time_limit", limit)):
        solver.setOptionValue(option, value)
    with np.load(cuts) as data:
        arrays = {name: data[name] for name in data.files}
    start = time.perf_counter()
    solver.passModel(linear_program(arrays))
    model = time.perf_counter() - start
    solver.run()
    total = time.perf_counter() - start
    plan = float(arrays["plan"])
    bound = float(arrays["sign"] * (solver.getInfo().objective_function_value + arrays["offset"]))
    return {
        "model": model, "solve": total - model, "objective": plan, "bound": bound, "gap": abs(bound - plan) / abs(plan),
        "status": str(solver.getModelStatus()).rpartition(".k")[2].lower(),
        "rows": solver.getNumRow(), "columns": solver.getNumCol(),
    }  # fmt: skip


def kctopt_discrete(scenario: Scenario, limit: float, _: Path, gap: float) -> Figures:
    """Cold solve of a program with integers."""
    from kctopt.program import build
    from kctopt.solver.solve import engine_of

    start = time.perf_counter()
    engine = engine_of(build(scenario))
    model = time.perf_counter() - start
    end = engine.solve(gap, limit)
    return {
        "model": model, "solve": time.perf_counter() - start - model, "status": end.status, "objective": end.objective,
        "bound": end.bound, "gap": end.gap, "rounds": len(end.rounds),
    }  # fmt: skip


def asking(solver: Callable[..., Figures], question: Question) -> Method:
    """A solver on the scenario and the gap of a question; the size it is called with is left out."""

    def solve(_: Scenario, limit: float, cuts: Path) -> Figures:
        import kctopt as library

        return solver(library.load(question.scenario), limit, cuts, question.gap)

    return solve


def name_of(solver: str, question: Question) -> str:
    """Name of the method that puts a question to a solver."""
    return f"{solver}:{question.scenario}:{question.gap:g}"


METHODS: dict[str, Method] = {
    "kctopt": kctopt,
    "kctopt-changed": kctopt_changed,
    "clarabel": clarabel,
    "scip": scip,
    "highs-lp": highs_lp,
}
METHODS |= {name_of("kctopt", question): asking(kctopt_discrete, question) for question in QUESTIONS}
METHODS |= {name_of("scip", question): asking(scip, question) for question in QUESTIONS}


def save_lp(engine: Any, path: Path) -> None:
    """The linear program of the proof, as arrays: with its last cuts, or with tangents around the plan if it was
    proven without one."""
    if engine.plan is None:
        return
    if engine.proof.highs.rows == 0:
        engine.proof.start(engine.plan.x, None)
    lp = engine.proof.highs._highs.getLp()
    matrix = lp.a_matrix_
    np.savez(
        path, cost=lp.col_cost_, lower=lp.col_lower_, upper=lp.col_upper_, row_lower=lp.row_lower_,
        row_upper=lp.row_upper_, start=matrix.start_, index=matrix.index_, value=matrix.value_,
        rowwise=matrix.format_ == type(matrix.format_).kRowwise, sign=engine.compiled.sign,
        offset=engine.compiled.offset, plan=engine.plan.objective,
    )  # fmt: skip


def linear_program(arrays: dict[str, np.ndarray]) -> Any:
    """What `save_lp` wrote, as HiGHS takes it."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(arrays["cost"]), len(arrays["row_lower"])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = arrays["cost"], arrays["lower"], arrays["upper"]
    lp.row_lower_, lp.row_upper_ = arrays["row_lower"], arrays["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise if arrays["rowwise"] else highspy.MatrixFormat.kColwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = arrays["start"], arrays["index"], arrays["value"]
    return lp


def peak_memory() -> float:
    """Largest resident memory of this process so far, MiB."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)
