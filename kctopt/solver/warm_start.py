"""Plans of other cases as columns of a program: what a run decided, and plans like it under changed data.

A plan like another one, under changed data: its money in proportion to the budgets, mended where rules break.

An analysis that asks whether the plan of another case would do as well here needs a plan that keeps the rules here.
Nothing is proven by it: the plan returned is worth what the simulator says, and there may be better ones like it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.program import build
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulator import Choices, Money, budget_scale, carry
from kctopt.simulator.costs import extra_cost
from kctopt.solver.certificate import Candidate
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.engine import Engine
from kctopt.solver.outcome import Outcome
from kctopt.solver.settings import BOXES
from kctopt.solver.solve import engine_of
from kctopt.status import Status


def warm_starts(scenario: Scenario, money: Money, choices: Choices, before: Scenario) -> Iterator[Outcome]:
    """Plans of a scenario like one of `before`, the most alike first; each keeps every rule, none has a bound.

    Both scenarios have the same lines, years and options. At most two plans come: the money in proportion to the
    budgets if it keeps the rules, and the answer of one linear program in the smallest box around it that has one.
    """
    engine = engine_of(build(scenario))
    x = columns_of(engine, _in_proportion(scenario, money, choices, before), choices)
    if isinstance(engine, DiscreteEngine):
        x = engine.choices.with_choices(x, choices)
    candidate = engine.simulator.candidate(x)
    if candidate.feasible:
        yield _outcome(engine, candidate.x, candidate.objective)
    for radius in BOXES.warm_start:
        near = engine.search.near(x, radius, np.inf)
        if near is not None and near.feasible:
            yield _outcome(engine, near.x, near.objective)
            return


def _in_proportion(scenario: Scenario, money: Money, choices: Choices, before: Scenario) -> Money:
    """Money of each year times what its budget has grown by, after discrete decisions are paid."""
    if scenario.objective.kind == "min_budget":
        return money
    years = np.array(scenario.horizon.years)
    paid = extra_cost(scenario, choices)
    room = [np.maximum(given.budget.at(years) - paid, 1e-9 * money_unit(scenario)) for given in (scenario, before)]
    ratio = room[0] / room[1]
    return Money(money.strategic * ratio, money.substitution * ratio, money.exchange * ratio)


def columns_of(engine: Engine, money: Money, choices: Choices) -> np.ndarray:
    """Columns of the program with this money; what the laws determine is left to the simulator."""
    compiled, scenario = engine.compiled, engine.program.scenario
    x = np.clip(np.zeros(len(compiled.cost)), compiled.column_lower, compiled.column_upper)
    slots, scale = compiled.slots, 1.0
    if "money.scale" in slots:
        scale = float(budget_scale(scenario, money, choices))
        x[slots["money.scale"]] = scale
        x[slots["money.available"]] = scale * scenario.budget.at(np.array(scenario.horizon.years))
    parts = {"strategic": money.strategic, "substitution": money.substitution, "exchange": money.exchange}
    for name, part in (parts | {"spend": money.spend, "carry": carry(scenario, money, scale, choices=choices)}).items():
        x[slots[f"money.{name}"]] = part.ravel()
    return x


def _outcome(engine: Engine, x: np.ndarray, objective: float) -> Outcome:
    scale = engine.compiled.slots.get("money.scale")
    return Outcome(
        Status.LIMIT,
        engine.simulator.money(x),
        objective,
        choices=engine.simulator.integers.choices(x),
        budget_scale=float(x[scale[0]]) if scale is not None else None,
        sign=engine.compiled.sign,
    )


def plan_of(engine: Engine, money: Money, choices: Choices) -> Candidate:
    """The plan of a run; the integers of the program are held at its choices."""
    x = columns_of(engine, money, choices)
    if isinstance(engine, DiscreteEngine):
        x = engine.choices.with_choices(x, choices)
        if choices.restraint is not None and "switching.restraint" in engine.compiled.slots:
            held = engine.simulator.integers.held
            x[engine.compiled.slots["switching.restraint"]] = choices.restraint[held].ravel()
    return engine.simulator.candidate(x)


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
