"""A plan of the world with every discrete option on, its choices made by hand: it keeps every rule.

ai-M gets so much money that it would become near in 2027 or 2028; it is held back to the limit in 2027 and 2028 and
released at the last review. chips closes its cooperation in the second plan. Both programmes run, the race with all
of its three routes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fakes import FakeOutcome, fake_outcome
from worlds import options

from kctopt import Result
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH
from kctopt.simulator import Choices, Money, simulate, to_base_plan

STAGES = np.array([[FAR] * 4, [REACH] * 4, [NEAR] * 4, [REACH, REACH, REACH, NEAR]])
MODES = np.array([[1, 0], [2, 2]])  # chips: guarded, closed; ai: open as in the base year
ROUTES = np.array([[1, 0, 0, 0], [0, 0, 3, 0]])


def decided(**overrides: Any) -> tuple[Scenario, Money, Choices]:
    """The scenario, its money and its choices."""
    scenario = options(**overrides)
    money = to_base_plan(scenario)
    strategic = money.strategic.copy()
    strategic[3] *= 1.5
    exchange = money.exchange.copy()
    exchange[3, 3] = 0.0  # near from 2029 on
    money = replace(money, strategic=strategic, exchange=exchange)
    choices = Choices(stage=STAGES, mode=MODES, routes=ROUTES)
    held = simulate(scenario, money, choices=choices, hold=True)
    return scenario, money, replace(choices, restraint=held.restraint)


def decided_outcome(**overrides: Any) -> FakeOutcome:
    """The plan as an outcome of the engine."""
    scenario, money, choices = decided(**overrides)
    return fake_outcome(scenario, money=money, choices=choices)


def decided_result(**overrides: Any) -> Result:
    """The plan as a result."""
    scenario, money, choices = decided(**overrides)
    return Result.of(scenario, fake_outcome(scenario, money=money, choices=choices), options={"gap": 1e-4})
