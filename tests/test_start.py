"""A first plan at any limit: where what the base year spent breaks a rule, with less exchange."""

from __future__ import annotations

import pytest

import kctopt
from kctopt.program import build
from kctopt.rules import breaches
from kctopt.solver.engine import Engine
from kctopt.solver.solve import solve
from kctopt.solver.start import base_plan, with_less_exchange


@pytest.mark.parametrize("name", ["autarky", "sanctions-escalation", "modes", "switching", "baseline"])
def test_no_time_at_all_leaves_a_plan_with_a_bound(name: str) -> None:
    scenario = kctopt.load(name)
    outcome = solve(build(scenario), time_limit=0.0)
    assert outcome.status == "limit"
    assert outcome.money is not None and outcome.objective is not None and outcome.bound is not None
    assert breaches(scenario, outcome.money, choices=outcome.choices) == []
    assert outcome.objective <= outcome.bound


def test_the_money_stays_with_its_line() -> None:
    engine = Engine(build(kctopt.load("sanctions-escalation")))
    x = base_plan(engine.program, engine.simulator)
    assert not engine.simulator.candidate(x).feasible
    plan = with_less_exchange(engine.simulator, x)
    assert plan is not None and plan.feasible
    before, after = engine.simulator.money(x), engine.simulator.money(plan.x)
    assert after.spend == pytest.approx(before.spend)
    assert after.exchange.sum() < before.exchange.sum()
    assert after.substitution == pytest.approx(before.substitution)
