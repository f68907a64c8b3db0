"""Columns of a program at a plan's money and choices."""

from __future__ import annotations

from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.simulate import Choices, Money
from kctopt.solver.settled import plan_of
from kctopt.solver.solve import engine_of

UNDETERMINED = ("money.carry",)  # columns that a plan's money and choices leave open


def simulated_columns(scenario: Scenario, money: Money, choices: Choices) -> dict[str, float]:
    """Columns of the program that a plan's money and choices determine, by name."""
    engine = engine_of(build(_plain(scenario)))
    x, c = plan_of(engine, money, choices).x, engine.compiled
    open_ones = {c.names[j] for name in UNDETERMINED for j in c.slots[name]}
    return {name: float(value) for name, value in zip(c.names, x, strict=True) if name not in open_ones}


def _plain(scenario: Scenario) -> Scenario:
    """For the objective `earliest`, which no plan's columns depend on, national security."""
    if scenario.objective.kind != "earliest":
        return scenario
    return scenario.model_copy(
        update={"objective": scenario.objective.model_copy(update={"kind": "national_security"})}
    )
