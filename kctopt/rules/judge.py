"""All rules of a plan, and those that it breaks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.exchange import quadrants
from kctopt.rules.family import Breach, Family
from kctopt.rules.money import scale, signs, spending
from kctopt.rules.policies import policies
from kctopt.rules.programmes import programmes
from kctopt.rules.stages import restraint_signs, stages
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulator import Choices, Money, Trajectory, simulate
from kctopt.simulator.choices import NO_CHOICES, checked_choices
from kctopt.simulator.money import checked
from kctopt.simulator.world import Array, Codes

TABLE = (spending, quadrants, policies, stages, scale, programmes)
TOLD = (spending, scale, policies, quadrants, stages, programmes)
TOLERANCE = 1e-6  # slack relative to max(1, size of the limit) that counts as none; for money, 1 is its unit


def families(case: Case) -> Iterator[Family]:
    """Every rule of a plan, in the order in which the table lists them."""
    for group in TABLE:
        yield from group(case)


def breaches(
    scenario: Scenario,
    money: Money,
    trajectory: Trajectory | None = None,
    tolerance: float = TOLERANCE,
    *,
    budget_scale: float = 1.0,
    carried: Array | None = None,
    choices: Choices = NO_CHOICES,
) -> list[Breach]:
    """Every rule that one plan (no draw axes) breaks; empty when it breaks none.

    Parameters
    ----------
    trajectory : the plan's, if at hand.
    tolerance : slack relative to max(1, size of the limit); for money, 1 is the unit of scenario/units.py.
    budget_scale : factor on every year's budget (`min_budget`).
    carried : money the plan says it carries out of each year, (N,); by default as much as the rules allow.
    choices : the plan's discrete choices; without stages, rules on them judge those that the law leads to.
    """
    money, choices = checked(scenario, money), checked_choices(scenario, choices)
    unit, first = money_unit(scenario), [*signs(scenario, money), *restraint_signs(scenario, choices)]
    broken = [breach for family in first for breach in family.breaches(unit, tolerance)]
    known = money.strategic, money.substitution, money.exchange, choices.restraint
    if not all(np.isfinite(part).all() for part in known if part is not None):
        return broken  # nothing else can be judged
    path = simulate(scenario, money, choices=choices) if trajectory is None else trajectory
    case = Case(scenario, money, choices, path, budget_scale, None if carried is None else np.asarray(carried, float))
    return broken + [breach for group in TOLD for family in group(case) for breach in family.breaches(unit, tolerance)]


@dataclass(frozen=True)
class Verdict:
    """How one plan keeps the rules in each of D draws."""

    broken: Codes  # (D,) number of rules that it breaks
    worst: Array  # (D,) largest breach over what its rule is measured by: the unit of the rule or its limit; 0 if none
    amount: Array  # (D,) the same in the unit of the rule
    rule: tuple[str, ...]  # (D,) the rule broken most, "" where all are kept
    unit: tuple[str, ...]  # (D,) of the amount


def verdict(case: Case, draws: int, tolerance: float = TOLERANCE) -> Verdict:
    """How a plan keeps every rule in each draw of a scenario whose numbers are drawn.

    Parameters
    ----------
    case : the plan; its trajectory has one leading draw axis, or none.
    draws : number of draws.
    tolerance : as for `breaches`.
    """
    count, worst, amount = np.zeros(draws, dtype=int), np.zeros(draws), np.zeros(draws)
    rules, units = np.full(draws, "", dtype=object), np.full(draws, "", dtype=object)
    first = [*signs(case.scenario, case.money), *restraint_signs(case.scenario, case.choices)]
    for family in [*first, *families(case)]:
        if family.message is None or not math.prod(family.shape):
            continue
        over, measure = (
            part.reshape(*part.shape[: part.ndim - len(family.shape)], -1) for part in family.over(case.unit)
        )
        broken = ~(over <= tolerance * measure)
        if not broken.any():
            continue
        size = np.broadcast_to(np.where(broken, over / measure, 0.0), (draws, over.shape[-1]))
        count += np.broadcast_to(broken.sum(axis=-1), draws)
        place = size.argmax(axis=-1)
        most = size[np.arange(draws), place]
        for d in np.flatnonzero(~(most <= worst)):
            spot = tuple(int(n) for n in np.unravel_index(place[d], family.shape))
            rules[d], units[d] = str(family.name(spot)), family.unit
        amount = np.where(most > worst, np.broadcast_to(over, size.shape)[np.arange(draws), place], amount)
        worst = np.maximum(worst, most)
    return Verdict(count, worst, amount, tuple(rules), tuple(units))
