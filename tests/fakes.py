"""A stand-in for the engine: the base year's spend as the plan, its bound a little above."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from kctopt.rules import breaches
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import exposed_part
from kctopt.simulator import Choices, Money, simulate, to_base_plan
from kctopt.simulator.choices import NO_CHOICES
from kctopt.solver.convex import Convex
from kctopt.solver.outcome import Round


@dataclass(frozen=True)
class FakeOutcome:
    """What `Program.solve` returns, as far as results need it."""

    status: str
    money: Money | None
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: dict[str, float | None] = field(default_factory=lambda: {"build": 0.1, "compile": 0.1, "search": 0.2})
    rounds: list[Round] = field(default_factory=lambda: [Round("search", None, 1.0, 10, 0.1)])
    prices: dict[str, float] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    budget_scale: float | None = None
    year: int | None = None
    impossible_by: int | None = None
    cycle: int = 0
    choices: Choices = NO_CHOICES
    log: str = "solver said: 完成\n"


def kept_plan(scenario: Scenario) -> Money:
    """A plan that keeps every rule of the scenario: the base plan, exchange held inside its quadrant's limits."""
    money = to_base_plan(scenario)
    broken = {breach.rule for breach in breaches(scenario, money)}
    if any(rule.startswith("quadrants.exchange_cap") for rule in broken):
        cut = replace(money, exchange=money.exchange * 0.1)
        rest = (money.exchange - cut.exchange)[:, None, :] * np.array([0.5, 0.3, 0.2])[:, None]
        money = replace(cut, strategic=cut.strategic + rest)
    if any(rule.startswith("quadrants.exposure") for rule in broken):
        part = exposed_part(scenario)
        limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
        kept = np.minimum(1.0, 0.999 * limit / np.maximum(part @ money.exchange, 1e-9))
        freed = (part > 0)[:, None] * (1 - kept) * money.exchange
        rest = freed[:, None, :] * np.array([0.5, 0.3, 0.2])[:, None]
        money = replace(money, exchange=money.exchange - freed, strategic=money.strategic + rest)
    return money


def fake_outcome(
    scenario: Scenario,
    status: str = "optimal",
    money: Money | None = None,
    choices: Choices = NO_CHOICES,
    **fields: Any,
) -> FakeOutcome:
    """An outcome of a status; one without a plan for `infeasible` and `no_plan`."""
    if status in ("infeasible", "no_plan"):
        return FakeOutcome(status, None, None, None, None, **fields)
    money = kept_plan(scenario) if money is None else money
    objective = float(simulate(scenario, money, choices=choices).objective)
    bound = objective * (1 + (5e-5 if status == "optimal" else 5e-3))
    gap = (bound - objective) / objective
    fields.setdefault("prices", {f"money.budget[{scenario.horizon.years[0]}]": 0.25})
    return FakeOutcome(status, money, objective, bound, gap, choices=choices, **fields)


def weaken(monkeypatch: pytest.MonkeyPatch, part: float) -> None:
    """Make the bounds of the interior-point method weaker by a part of the objective; they stay true."""
    whole = Convex.run

    def weaker(self: Convex, *given: Any) -> None:
        whole(self, *given)
        self.value -= part * abs(self.plan.objective) if self.plan is not None else 0.0

    monkeypatch.setattr(Convex, "run", weaker)
