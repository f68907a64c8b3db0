"""Plans to start from: what the base year spent, repeated."""

from __future__ import annotations

import numpy as np

from kctopt.program import Program
from kctopt.simulate import to_base_plan
from kctopt.solver.certificate import Simulator


def typical(program: Program) -> np.ndarray:
    """Reference spend of each money column, billion CNY."""
    base, years = program.base, len(program.scenario.horizon.years)
    parts = [base.effort.ravel(), base.substitution, base.exchange]
    return np.concatenate([np.repeat(part, years) for part in parts])


def base_plan(program: Program, simulator: Simulator) -> np.ndarray:
    """Columns of the plan that repeats the base year's spend."""
    compiled, money = simulator.compiled, to_base_plan(program.scenario)
    x = np.clip(np.zeros(len(compiled.cost)), compiled.column_lower, compiled.column_upper)
    x[compiled.slots["money.strategic"]] = money.strategic.ravel()
    x[compiled.slots["money.substitution"]] = money.substitution.ravel()
    x[compiled.slots["money.exchange"]] = money.exchange.ravel()
    x[compiled.slots["money.spend"]] = money.spend.ravel()
    return x
