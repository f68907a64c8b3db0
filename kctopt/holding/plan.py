"""A plan to be held: its money as shares of each year's budget, and the discrete choices that go with it.

    m0[k,t] = m[k,t] B'[t] / B[t]                    every amount in proportion to the year's budget

k is a track or rung of a line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kctopt.errors import UsageError
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import review_of
from kctopt.simulator import Choices, Money, World, natural, without_closed_exchange
from kctopt.simulator.choices import NO_CHOICES, checked_choices
from kctopt.simulator.money import checked
from kctopt.simulator.world import Array


class Planned(Protocol):
    """Whatever has a plan: a result, or a `Plan` with its scenario."""

    @property
    def money(self) -> Money | None:
        """Its money; None where there is no plan."""

    @property
    def choices(self) -> Choices:
        """Its discrete choices."""

    @property
    def scenario(self) -> Scenario:
        """That it was made for."""


@dataclass(frozen=True)
class Plan:
    """What is held fixed: money, choices, and for a least budget its factor."""

    money: Money
    choices: Choices = NO_CHOICES
    budget_scale: float = 1.0
    scenario: Scenario | None = None  # that it was made for
    own: bool = False  # whether its user wrote rules or an objective, which draws do not judge
    places: tuple[str, ...] = ()  # its lines, then its years; none where they are not known
    budgets: Array | None = None  # (N,) that it was made for, billion CNY; None where they are not known

    def held(self, base: Scenario) -> Plan:
        """The plan as one of this scenario. Raises UsageError where it does not fit."""
        known = self.places or (places(self.scenario) if self.scenario is not None else ())
        if known and known != places(base):
            odd = ", ".join(sorted({*known} ^ {*places(base)})) or ", ".join(known)
            raise UsageError(f"the plan does not fit scenario {base.name}: it is of other lines or years ({odd})")
        try:
            money, choices = checked(base, self.money), checked_choices(base, self.choices)
        except ValueError as error:
            raise UsageError(f"the plan does not fit scenario {base.name}: {error}") from None
        budgets = budgets_of(base) if self.budgets is None else self.budgets
        return Plan(money, choices, self.budget_scale, base, self.own, known, budgets)


def places(scenario: Scenario) -> tuple[str, ...]:
    """Lines and planned years of a scenario, which a plan has to share."""
    return (*(line.id for line in scenario.lines), *map(str, scenario.horizon.years))


def budgets_of(scenario: Scenario) -> Array:
    """Budget of each planned year, (..., N), billion CNY."""
    return np.asarray(scenario.budget.at(np.array(scenario.horizon.years)))


def in_proportion(money: Money, own: Scenario, scenario: Scenario) -> Money:
    """The money of a plan for `own`, every year in proportion to the budget of `scenario`."""
    return as_shares(money, budgets_of(own), budgets_of(scenario))


def as_shares(money: Money, before: Array, after: Array) -> Money:
    """Money as shares of each year's budget, (N,), taken of other budgets, (..., N)."""
    factor = np.divide(after, before, out=np.ones(after.shape), where=before > 0)
    return Money(
        money.strategic * factor[..., None, None, :], money.substitution * factor[..., None, :],
        money.exchange * factor[..., None, :],
    )  # fmt: skip


def as_planned(own: Planned, scenario: Scenario, world: World) -> tuple[Money, Choices]:
    """A plan held fixed under another scenario of the same lines and years, as steps 1 and 2 have it.

    Rules are not asked: its money of each year is in proportion to that year's budget, its choices go with it where
    there are such.
    """
    assert own.money is not None
    return with_choices(scenario, in_proportion(own.money, own.scenario, scenario), own, world)


def with_choices(scenario: Scenario, money: Money, own: Planned, world: World) -> tuple[Money, Choices]:
    """Money with the plan's choices as far as the scenario has the same; stages follow the law, and exchange them."""
    mode = (
        own.choices.mode if _same(scenario, own.scenario, "modes") and scenario.cooperation.choice != "none" else None
    )
    routes = own.choices.routes if _same(scenario, own.scenario, "programmes") else None
    choices = replace(NO_CHOICES, mode=mode, routes=routes)
    if scenario.stages != "switching":
        return money, choices
    choices = natural(scenario, money, choices, world)
    assert choices.stage is not None  # switching
    in_force = choices.stage[:, review_of(scenario)[: len(scenario.horizon.years)]]
    return without_closed_exchange(scenario, money, in_force), choices


def _same(first: Scenario, second: Scenario, part: str) -> bool:
    return bool([record.id for record in getattr(first, part)] == [record.id for record in getattr(second, part)])


def alike(first: Scenario, second: Scenario) -> bool:
    """Whether a plan of one is money for the lines, domains and years of the other."""
    return shape_of(first) == shape_of(second)


def shape_of(scenario: Scenario) -> tuple[object, ...]:
    """What two scenarios share when a plan of one is money for the other."""
    lines = tuple((line.id, line.domain) for line in scenario.lines)
    return scenario.horizon, lines, tuple(domain.id for domain in scenario.domains)
