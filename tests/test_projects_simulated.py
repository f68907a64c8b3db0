"""Programmes, tranches and bands: the rows of the program and the simulator say the same of any plan."""

from __future__ import annotations

import numpy as np
import pytest
from equations import Equations
from lawful_plans import broken, columns
from projects import BAND, CATALOGUE, STEPS
from pytest import approx
from worlds import tiny

from kctopt.formulation.programmes import ways
from kctopt.formulation.tranches import scenario_curves
from kctopt.rules import breaches
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.simulator import Choices, Money, Trajectory, simulate, to_base_plan

LAWS = ("ladder.", "knowledge.", "tranches.")


def random_plan(scenario: Scenario, seed: int) -> tuple[Money, Choices]:
    """Spend around the base year's, and programmes as they come."""
    rng, base = np.random.default_rng(seed), to_base_plan(scenario)
    parts = [
        part * np.exp(rng.normal(0, 0.4, part.shape)) for part in (base.strategic, base.substitution, base.exchange)
    ]
    routes = np.zeros((len(scenario.programmes), len(scenario.horizon.years)), int)
    for k, programme in enumerate(scenario.programmes):
        start, count = rng.choice(ways(programme, scenario.horizon.years))
        routes[k, start - scenario.horizon.years[0]] = count * (rng.random() < 0.6)
    return Money(*parts), Choices(routes=routes)


def starts(scenario: Scenario, choices: Choices) -> np.ndarray:
    first = scenario.horizon.years[0]
    keys = [
        (k, t - first, n) for k, one in enumerate(scenario.programmes) for t, n in ways(one, scenario.horizon.years)
    ]
    assert choices.routes is not None
    return np.array([float(choices.routes[k, t] == n) for k, t, n in keys])


def tranches(scenario: Scenario, money: Money) -> dict[str, np.ndarray]:
    """Columns of the tranches that a plan's spend lies in."""
    within, part, effective = [], [], []
    lines, first = [line.id for line in scenario.lines], scenario.horizon.years[0]
    for (i, r, t), curve in scenario_curves(scenario, calibrate(scenario)).items():
        spend = min(float(money.strategic[lines.index(i), RUNGS.index(r), t - first]), curve.amounts[-1])
        inside = np.array([piece.first < spend <= piece.last for piece in curve.pieces], float)
        within.append(inside)
        part.append(spend * inside)
        effective.append(np.interp(spend, curve.amounts, curve.effects))
    return {
        "tranches.within": np.array(within),
        "tranches.part": np.array(part),
        "tranches.effective": np.array(effective),
    }


def as_columns(rules: Equations, scenario: Scenario, money: Money, choices: Choices, t: Trajectory) -> np.ndarray:
    x = columns(rules, scenario, money, t, choices)
    for name, values in {"programmes.start": starts(scenario, choices), **tranches(scenario, money)}.items():
        x[rules.compiled.slots[name]] = values.ravel()
    return x


@pytest.mark.parametrize("seed", range(8))
def test_a_simulated_plan_meets_the_rows_of_its_laws_and_breaks_the_rules_the_simulator_names(seed: int) -> None:
    scenario = tiny(programmes=CATALOGUE, tranches=STEPS, policies=[BAND], catalogue={"researchers": 3.0})
    rules = Equations(scenario)
    for number in range(12):
        money, choices = random_plan(scenario, 100 * seed + number)
        trajectory = simulate(scenario, money, choices=choices)
        x = as_columns(rules, scenario, money, choices, trajectory)
        assert list(broken(rules, x, *LAWS)) == []
        # production is exactly what the law allows, and nothing else reaches the functional rung
        slack = [-group.excess(x)[n] for name, (group, n) in rules.relation.items() if name.startswith("knowledge.")]
        assert slack == approx(np.zeros(len(slack)), abs=1e-8)
        built = (rules.compiled.upper - rules.compiled.rows @ x)[
            [n for name, n in rules.row.items() if name.startswith("ladder.accumulation") and ",F," in name]
        ]
        assert built == approx(np.zeros(len(built)), abs=1e-8)
        mine = set(broken(rules, x, "programmes.", "policies."))
        named = {one.rule for one in breaches(scenario, money, choices=choices)}
        assert {_by_pair(rule) for rule in mine} == {r for r in named if r.startswith(("programmes.", "policies."))}


def _by_pair(rule: str) -> str:
    """The program asks for prerequisites year by year, the simulator once."""
    return rule.rpartition(",")[0] + "]" if rule.startswith("programmes.requires") else rule
