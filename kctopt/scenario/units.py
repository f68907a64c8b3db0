"""The size of a scenario's money: what amounts are measured by wherever a tolerance needs something to be relative to.

Money is in billion CNY, and most scenarios spend about one a line and year; their unit is 1. Where all money is much
smaller or larger, the unit is the power of two nearest to what a line typically spends, so that a plan is judged and
solved alike whatever its money is counted in.
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.axes import vector
from kctopt.scenario.records import Scenario

USUAL = (2.0**-3, 2.0**7)  # spend of a line in a year, billion CNY, that is measured by 1


def money_unit(scenario: Scenario) -> float:
    """What amounts of money are measured by, billion CNY; a power of two."""
    return float(money_units(scenario))


def money_units(scenario: Scenario) -> np.ndarray:
    """The same of every draw, (...), where numbers of the scenario are drawn."""
    spend = vector(line.spend for line in scenario.lines)
    typical = spend.mean(axis=-1) if len(scenario.lines) else np.zeros(())
    budget = scenario.budget.at(np.array(scenario.horizon.years)).mean(axis=-1) / max(1, len(scenario.lines))
    return nearest_units(np.where(typical <= 0.0, budget, typical), USUAL)


def objective_unit(scenario: Scenario) -> float:
    """What the objective of a scenario is measured by: its money unit where it is money, else a point."""
    return money_unit(scenario) if scenario.objective.kind == "min_budget" else 1.0


def nearest(size: float, usual: tuple[float, float]) -> float:
    """The power of two nearest to a size; 1 for usual sizes, and where there is none."""
    return float(nearest_units(np.asarray(size), usual))


def nearest_units(size: np.ndarray, usual: tuple[float, float]) -> np.ndarray:
    """The same of every size."""
    plain = ~((size > 0.0) & (size < np.inf)) | ((usual[0] <= size) & (size <= usual[1]))
    return np.asarray(np.where(plain, 1.0, 2.0 ** np.round(np.log2(np.where(plain, 1.0, size)))))
