"""Sums of money for the sheets of a results workbook, in the unit of money of the language."""

from __future__ import annotations

import numpy as np

from kctopt.errors import cell_name
from kctopt.language import money_number
from kctopt.result.discrete import programme_costs
from kctopt.result.result import Result
from kctopt.scenario.records import Scenario


def spent(result: Result, lang: str, **where: str | int) -> float:
    """Sum of the allocation where columns have these values."""
    table = result.columns("allocation")
    kept = np.ones(len(table["amount"]), dtype=bool)
    for name, value in where.items():
        kept &= table[name] == value
    return money_number(table["amount"][kept].sum(), lang)


def programme_cost(result: Result, lang: str, domain: str) -> np.ndarray:
    """Money for programmes on lines of a domain by planned year, (years,)."""
    scenario = result.scenario
    own = {line.id for line in scenario.lines if line.domain == domain}
    total = np.zeros(len(scenario.horizon.years))
    costs = programme_costs(scenario, result.choices) if scenario.programmes else ()
    for programme, cost in zip(scenario.programmes, costs, strict=True):
        if programme.line in own:
            total += money_number(1.0, lang) * cost
    return total


def by_plan(scenario: Scenario, costs: np.ndarray) -> list[float]:
    """Sums of amounts by planned year over each plan."""
    years = np.array(scenario.horizon.years)
    return [float(costs[(years >= plan.first) & (years <= plan.last)].sum()) for plan in scenario.horizon.plans]


def cell(row: int, column: int) -> str:
    """The name of a cell, both counted from 0."""
    return cell_name(row + 1, column + 1)
