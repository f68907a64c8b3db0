"""The value of planning: what a plan is worth beyond the base year's shares, and where its money goes beside weights.

    value = V(plan) - V(reference)          at most  bound - V(reference)
    V(plan) = trend + (V(reference) - trend) + value

V is the objective by simulation, `reference` every year's budget split as the base year's spend is (simulator/
reference.py), with the least change that keeps the rules where it breaks some (lawful.py); `trend` what comes when
every line keeps its ratio to the rival. Where no such change is known there is no value, nor for objectives in money or
in years, and those that a user wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from kctopt.result.discrete import programme_costs
from kctopt.result.lawful import Yardstick
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, Trajectory

AGREE = 1e-6  # relative distance at which two objectives are the same number


@dataclass(frozen=True)
class ValueOfPlanning:
    """What a plan is worth beyond the base year's shares, NS points over the years.

    `value` is the plan's objective less the reference plan's, both simulated. `trend` + (`reference` - `trend`) +
    `value` make up `plan`.
    """

    value: float
    at_most: float | None  # of any plan: the proven bound less the reference plan; None without a bound
    plan: float  # objective of the plan
    reference: float  # of every year's budget split as the base year's spend is, adjusted where that breaks rules
    trend: float  # when every line keeps its base-year ratio to the rival
    broken: tuple[str, ...] = ()  # rules that the base year's shares break as they are
    unlawful: float | None = None  # objective of the base year's shares as they are, where they break rules
    moved: float = 0.0  # share of their money that is moved so that they keep the rules

    @property
    def shares(self) -> float:
        """What money by the base year's shares adds to the trend."""
        return self.reference - self.trend


@dataclass(frozen=True)
class DomainShare:
    """A domain's part of the money beside its part in the base year and its weight in the national KCT value."""

    domain: str
    share: float  # of the plan's money, programmes included
    base_share: float  # of the base year's spend
    weight: float
    beyond_weight: float  # share less weight


def value_of_planning(
    base: Yardstick, path: Trajectory, objective: float | None, bound: float | None
) -> ValueOfPlanning | None:
    """What the plan of a trajectory is worth beyond the yardstick of its scenario; None where no lawful one is known.

    A bound of another objective than the plan's own is one of other laws, and says nothing here.
    """
    if base.missed:
        return None
    plan = float(path.objective)
    same = objective is not None and abs(plan - objective) <= AGREE * max(1.0, abs(plan))
    return ValueOfPlanning(
        plan - base.objective, bound - base.objective if same and bound is not None else None,
        plan, base.objective, base.trend, base.broken, base.unlawful, base.moved,
    )  # fmt: skip


def as_data(value: ValueOfPlanning | None) -> dict[str, Any] | None:
    """A value of planning as JSON prints it."""
    return None if value is None else asdict(value) | {"broken": list(value.broken)}


def from_data(data: Mapping[str, Any] | None) -> ValueOfPlanning | None:
    """A value of planning as a record has it; raises TypeError where it is none."""
    if data is None:
        return None
    value = ValueOfPlanning(**data)
    return replace(value, broken=tuple(value.broken))


def domain_shares(scenario: Scenario, money: Money, choices: Choices) -> tuple[DomainShare, ...]:
    """Every domain's share of the money less its weight, in the scenario's order."""
    domain = {line.id: line.domain for line in scenario.lines}
    spent = dict.fromkeys((entry.id for entry in scenario.domains), 0.0)
    base = dict(spent)
    for line, amount in zip(scenario.lines, money.spend.sum(axis=-1).tolist(), strict=True):
        spent[line.domain] += amount
        base[line.domain] += line.spend
    if scenario.programmes:
        costs = programme_costs(scenario, choices).sum(axis=1).tolist()
        for programme, cost in zip(scenario.programmes, costs, strict=True):
            spent[domain[programme.line]] += cost
    whole, before = sum(spent.values()), sum(base.values())
    weights = sum(entry.weight for entry in scenario.domains)
    shares = []
    for entry in scenario.domains:
        share, weight = _part(spent[entry.id], whole), entry.weight / weights
        shares.append(DomainShare(entry.id, share, _part(base[entry.id], before), weight, share - weight))
    return tuple(shares)


def _part(amount: float, whole: float) -> float:
    return amount / whole if whole else 0.0
