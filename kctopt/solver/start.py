"""Plans to start from: what the base year spent, repeated, or with part of its exchange."""

from __future__ import annotations

import numpy as np

from kctopt.program import Program
from kctopt.simulate import to_base_plan
from kctopt.solver.certificate import Candidate, Simulator

EXCHANGE = (0.5, 0.25, 0.1, 0.0)  # parts of its exchange that a plan keeps, where all of it breaks a rule


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


def with_less_exchange(simulator: Simulator, x: np.ndarray) -> Candidate | None:
    """The best plan that keeps the rules with part of the exchange of x, the rest of it strategic money of its line.

    Controls close exchange that the base year had: then its spend repeated breaks a rule, and this needs no solver.
    """
    slots, shapes = simulator.compiled.slots, simulator.shapes
    exchange, strategic = (x[slots[f"money.{track}"]] for track in ("exchange", "strategic"))
    by_rung = strategic.reshape(shapes["money.strategic"])
    whole = by_rung.sum(axis=1, keepdims=True)
    share = np.where(whole > 0, by_rung / np.where(whole > 0, whole, 1.0), 1.0 / by_rung.shape[1])
    freed = exchange.reshape(shapes["money.exchange"])[:, None, :]
    points = np.repeat(x[None, :], len(EXCHANGE), axis=0)
    for point, kept in zip(points, EXCHANGE, strict=True):
        point[slots["money.exchange"]] = kept * exchange
        point[slots["money.strategic"]] = (by_rung + share * (1 - kept) * freed).ravel()
    plans = [plan for plan in simulator.candidates(points) if plan.feasible]
    return min(plans, key=lambda plan: simulator.compiled.sign * plan.objective, default=None)
