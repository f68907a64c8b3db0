"""What the budget pays for: all spend, programmes and changes of cooperation mode, and what may be carried over."""

from __future__ import annotations

import numpy as np

from kctopt.scenario.axes import spread
from kctopt.scenario.records import Scenario
from kctopt.simulator.choices import NO_CHOICES, Choices
from kctopt.simulator.costs import extra_cost
from kctopt.simulator.money import Money
from kctopt.simulator.world import Array


def carry(scenario: Scenario, money: Money, budget_scale: float = 1.0, *, choices: Choices = NO_CHOICES) -> Array:
    """Money carried out of each planned year when as much as possible is, (..., N), billion CNY."""
    budget, limit = budgets(scenario, budget_scale)
    spend = needed(scenario, money, choices)
    out = np.zeros(np.broadcast_shapes(spend.shape, budget.shape, limit.shape))
    left = np.zeros(out.shape[:-1])
    for n in range(spend.shape[-1]):
        left = np.clip(left + budget[..., n] - spend[..., n], 0.0, limit[..., n])
        out[..., n] = left
    return out


def budget_scale(scenario: Scenario, money: Money, choices: Choices = NO_CHOICES) -> Array:
    """The least factor on all budgets that pays for a plan, carry-over and discrete choices included, (...).

    Any run of years must be paid from its budgets and what may be carried into it, so the factor is the
    largest ratio of spend to those means over all runs.
    """
    budget, limit = budgets(scenario, 1.0)
    spend = needed(scenario, money, choices)
    scale = np.zeros(spend.shape[:-1])
    for first in range(budget.shape[-1]):
        means = np.cumsum(budget[..., first:], axis=-1) + (limit[..., first - 1, None] if first else 0.0)
        asked = np.cumsum(spend[..., first:], axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(asked > 0, asked / means, 0.0)
        scale = np.maximum(scale, ratio.max(axis=-1))
    return scale


def needed(scenario: Scenario, money: Money, choices: Choices) -> Array:
    """Money that a plan takes from each planned year's budget, programmes and changes of mode included, (..., N)."""
    return np.asarray(money.spend.sum(axis=-2) + extra_cost(scenario, choices))


def budgets(scenario: Scenario, scale: float) -> tuple[Array, Array]:
    """Budget and largest carry-out of each planned year, (..., N) each, billion CNY."""
    years = scenario.horizon.years
    budget = scale * scenario.budget.at(np.array(years))
    closed = {plan.last for plan in scenario.horizon.plans}
    if scenario.horizon.tail:
        closed.add(years[-1] - 1)  # the tail repeats the last year, and would repeat money carried into it
    limit = spread(scenario.money.carry_share, 1) * budget * np.array([year not in closed for year in years])
    return budget, limit
