"""One plan under the scenario of another run, step by step, with what it keeps of its value.

1. Its money of each year is taken in proportion to that year's budget (`scaled`; `kept` where the budgets agree).
2. Where that breaks a rule, the plan is mended at the least loss of value (`mended`, see least_loss.py): money is taken
   from where it was planned only as far as the rules ask, where that costs least, and put where it is worth most.
3. Where a rule on states (a hard target, a band) is broken still, it moves on the straight line towards the best plan
   there, just as far as needed (`blended`); with other discrete choices there is no such line.
4. Of all plans that withdraw no more of the planned money than that one, the best is taken (improved.py).
5. If 2 and 3 fail, the plan is `infeasible` there, with the rules that it breaks.

Discrete choices of a plan go with it where the scenario has the same options; stages follow the law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.holding.improved import improved
from kctopt.holding.least_loss import mended
from kctopt.holding.plan import Planned, in_proportion, with_choices
from kctopt.rules import breaches
from kctopt.rules.slopes import amounts
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, World, simulate

HALVINGS = 20  # of the way towards the best plan
SAME = 1e-9  # relative difference of money that counts as none
How = Literal["own", "kept", "scaled", "mended", "blended", "infeasible"]


@dataclass(frozen=True)
class Placed:
    """A plan as another scenario lets it be."""

    how: How
    value: float | None
    planned: Money | None = None  # in proportion to the budget; None where the plan stays as it is
    money: Money | None = None
    broken: tuple[str, ...] = ()


def placed(scenario: Scenario, world: World, own: Planned, best: Planned, thorough: bool = True) -> Placed:
    """A plan under a scenario whose best plan is `best`; without `thorough` step 4 is left out."""
    assert own.money is not None
    scaled = in_proportion(own.money, own.scenario, scenario)
    money, choices = with_choices(scenario, scaled, own, world)
    broken = _broken(scenario, world, money, choices)
    if not broken:
        same = np.abs(amounts(own.money) - amounts(scaled)).sum() <= SAME * own.money.spend.sum()
        return Placed("kept" if same else "scaled", _value(scenario, world, money, choices), scaled, money)
    nearest = mended(scenario, world, money, choices)
    if nearest is None:
        return Placed("infeasible", None, broken=broken)
    nearest, choices = with_choices(scenario, nearest, own, world)
    how: How = "mended"
    if _broken(scenario, world, nearest, choices):
        blended, how = _blended(scenario, world, nearest, choices, best), "blended"
        if blended is None:
            return Placed("infeasible", None, broken=broken)
        nearest = blended
    value = _value(scenario, world, nearest, choices)
    if thorough and (better := improved(scenario, scaled, nearest, choices)) is not None:
        better, anew = with_choices(scenario, better, own, world)
        if not _broken(scenario, world, better, anew) and (worth := _value(scenario, world, better, anew)) > value:
            nearest, value = better, worth
    return Placed(how, value, scaled, nearest, broken)


def _broken(scenario: Scenario, world: World, money: Money, choices: Choices) -> tuple[str, ...]:
    path = simulate(scenario, money, world, choices)
    return tuple(breach.rule for breach in breaches(scenario, money, path, choices=choices))


def _value(scenario: Scenario, world: World, money: Money, choices: Choices) -> float:
    return float(simulate(scenario, money, world, choices).objective)


def _blended(scenario: Scenario, world: World, money: Money, choices: Choices, best: Planned) -> Money | None:
    """The lawful money nearest to `money` on the straight line to the best plan; None with other choices."""
    if best.money is None or not (choices.none and best.choices.none):
        return None
    low, high = 0.0, 1.0  # share of the best plan: high is lawful, low is not
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _broken(scenario, world, _between(money, best.money, middle), choices):
            low = middle
        else:
            high = middle
    return _between(money, best.money, high)


def _between(first: Money, second: Money, share: float) -> Money:
    return Money(
        first.strategic + share * (second.strategic - first.strategic),
        first.substitution + share * (second.substitution - first.substitution),
        first.exchange + share * (second.exchange - first.exchange),
    )
