"""The table of constraints: every rule of a plan with both sides, its slack and its price.

The rules are those of `kctopt.rules`, and own.<name> for constraints of the user's own (own.py). A price is the change
of the objective per unit of the right side, so it is >= 0 for <= and <= 0 for >= (the other way round for `min_budget`,
where less is better). Soft targets are listed too; the carry-over is the largest the rules allow.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.result import own as own_parts
from kctopt.result.fields import Columns, columns
from kctopt.rules import Case, Family, families
from kctopt.rules.rows import Rows, row_of
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulator import Choices, Money, Trajectory

TIGHT = 1e-6  # slack relative to max(1, |right side|) that counts as none; money in the unit of scenario/units.py
ROUND_OFF = 1e-12  # of the largest price of the same unit, below which one is what arithmetic leaves of 0


def constraints(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, prices: Mapping[str, float],
    budget_scale: float | None = None, own: OwnParts = NOTHING_OWN,
) -> Columns:  # fmt: skip
    """The table of constraints of a plan."""
    case = Case(scenario, money, choices, path, 1.0 if budget_scale is None else budget_scale)
    minimise = scenario.objective.kind == "min_budget" if own.objective is None else own.objective.sense == "minimize"
    worth, unit = -1.0 if minimise else 1.0, money_unit(scenario)
    parts = [part for family in families(case) if (part := _columns(family, prices, worth, unit))]
    parts += [own_parts.constraint_rows(own, prices, minimise)]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table["price"] = _without_round_off(table["price"], table["unit"])
    return own_parts.without_switched_off(own, table)


def _without_round_off(price: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Prices with what arithmetic leaves of 0 as 0, by the largest price of the same unit; own rules have none."""
    size, cleaned = np.nan_to_num(np.abs(price)), price.copy()
    for name in set(unit.tolist()) - {""}:
        same = unit == name
        cleaned[same & ~np.isnan(price) & (size <= ROUND_OFF * size[same].max())] = 0.0
    return cleaned


def user_prices(
    scenario: Scenario, choices: Choices, prices: Mapping[str, float], own: OwnParts = NOTHING_OWN
) -> dict[str, float]:
    """Prices of rules, without those of the laws, of inner rows and of rules that do not bind.

    Of the discrete options, only rows that money moves have a price: the others hold decisions, and prices take those
    as made.
    """
    totals: dict[str, float] = {}
    mine, rows = {row.name for row in own.rows}, Rows(scenario, choices)
    for row, price in prices.items():
        rule = None if not price else row if row in mine else rows.rule(row)
        if rule is not None:
            totals[rule] = totals.get(rule, 0.0) + price
    return totals


def _columns(family: Family, prices: Mapping[str, float], worth: float, money: float) -> Columns:
    """The rows of a family, none if it lists none; `money` is what amounts of money are measured by."""
    places = family.places
    if not places:
        return {}
    left, right = family.sides(places)
    slack = right - left if family.sense == "<=" else left - right
    names = [family.name(place) for place in places]
    keys = [row_of(name, family.sense, prices) for name in names]
    sizes = np.array([np.nan if key is None else abs(prices[key]) for key in keys])
    return columns(
        "constraints",
        {
            "rule": np.array(names, dtype=object),
            "kind": family.of,
            "line": np.array(family.lines(places), dtype=object),
            "year": np.array(family.years(places)),
            "left": left,
            "sense": family.sense,
            "right": right,
            "slack": slack,
            "binding": slack <= TIGHT * np.maximum(family.size(money), np.abs(right)),
            "price": sizes * worth * (1.0 if family.sense == "<=" else -1.0),
            "unit": family.unit,
        },
    )
