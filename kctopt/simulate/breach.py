"""A broken rule, and what every check of a plan reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulate.choices import Choices
from kctopt.simulate.money import Money
from kctopt.simulate.trajectory import Trajectory
from kctopt.simulate.world import Array

MONEY = "billion CNY"
POINTS = "index points"


@dataclass(frozen=True)
class Breach:
    """One broken rule."""

    rule: str  # name as in the program and in prices, e.g. money.ramp[chips-B,2027]
    kind: str  # family: sign budget carry ramp line_floor line_cap floor cap share target exchange_floor near scale ...
    place: str  # line, year, quadrant or policy it concerns
    amount: float  # by how much it is broken, > 0 (nan where a number is missing)
    unit: str
    message: str  # the whole in a sentence


@dataclass(frozen=True)
class Case:
    """What every check reads: the plan with its spend, and how much slack counts as none."""

    scenario: Scenario
    money: Money
    choices: Choices
    trajectory: Trajectory
    spend: Array  # (L, N) billion CNY
    tolerance: float
    budget_scale: float

    @cached_property
    def unit(self) -> float:
        """What money is measured by, billion CNY."""
        return money_unit(self.scenario)

    @property
    def years(self) -> tuple[int, ...]:
        """Planned years."""
        return self.scenario.horizon.years

    def beyond(self, amount: Array, limit: Array, unit: float = 1.0) -> Iterator[tuple[int, ...]]:
        """Positions where `amount` exceeds `limit` by more than the tolerance; `unit` is what both are measured by."""
        return beyond(amount, limit, self.tolerance, unit)


def beyond(amount: Array, limit: Array, tolerance: float, unit: float = 1.0) -> Iterator[tuple[int, ...]]:
    """Positions where `amount` exceeds `limit` by more than tolerance x max(unit, |limit|)."""
    within = amount - limit <= tolerance * np.maximum(unit, np.abs(limit))
    return (tuple(int(i) for i in position) for position in np.argwhere(~within))


def by_line(case: Case, rule: str, amount: Array, limit: Array, say: Callable[[int, int], str]) -> Iterator[Breach]:
    """Breaches of a rule on every line and year, arrays (L, N)."""
    for i, n in case.beyond(amount, limit, case.unit):
        line, year = case.scenario.lines[i].id, case.years[n]
        excess = float(amount[i, n] - limit[i, n])
        text = f"{line}, {year}: {say(i, n)}; off by {excess:.6g} {MONEY}"
        yield Breach(f"{rule}[{line},{year}]", rule.partition(".")[2], f"{line}, {year}", excess, MONEY, text)
