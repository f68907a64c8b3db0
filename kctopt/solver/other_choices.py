"""Plans with other discrete choices than a settled run's, and what a choice is worth at most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kctopt.simulator import Choices
from kctopt.solver.certificate import Candidate
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.settings import WORK


def plan_with(engine: DiscreteEngine, x: np.ndarray, choices: Choices, gap: float) -> Candidate | None:
    """The best plan found with these choices, from the money of x; None where none keeps the rules."""
    engine.state.begin(np.inf)
    engine.state.plan = None
    return engine.choices.best_plan(engine.choices.integers_of(x, choices), x, gap)


def bound_with(engine: DiscreteEngine, x: np.ndarray, programme: str, launched: bool, enough: float) -> float | None:
    """What no plan that launches a programme, or does not, can exceed; None where HiGHS has no answer.

    All integers may be fractions. Infinitely bad where there is no such plan. Cuts end where the bound of the
    minimisation exceeds `enough`.
    """
    c = engine.state.open
    starts = np.flatnonzero([name.startswith(f"programmes.start[{programme},") for name in c.names])
    upper, row = c.column_upper.copy(), np.zeros(len(c.cost))
    if launched:
        row[starts] = 1.0
    else:
        upper[starts] = np.minimum(upper[starts], 0.0)
    least = 1.0 if launched else -np.inf
    held = replace(c, column_upper=upper).with_row("launched", row, least, np.inf)
    proof, bound = OuterApproximation(held, engine.tangents), None
    proof.start(x, None)
    for _ in range(WORK.other_choice_cuts):
        end = proof.run(np.inf)
        if end.status == "infeasible":
            return c.sign * np.inf
        if end.status != "optimal":
            break
        bound = end.objective + c.offset
        if bound > enough or proof.cut(end.x) == 0:
            break
    return None if bound is None else c.sign * bound
