"""Rules on money: budget, carry-over, ramps, line limits, policies and quadrants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from kctopt.scenario.records import Quadrant, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import exposed_part, policy_years, quadrant, spend_weights
from tests.reference.sketch import Sketch


@dataclass(frozen=True)
class Spend:
    """Money by planned year: strategic by rung, substitution, exchange, their sum; each (lines, N), billion CNY."""

    strategic: list[cp.Variable]
    substitution: cp.Variable
    exchange: cp.Variable
    total: Any
    scale: cp.Variable | None  # phi of min_budget


def write_money(sketch: Sketch) -> Spend:
    """Decisions and the rules on money: budget with carry-over, ramps, floors and caps."""
    scenario, lines, years = sketch.scenario, sketch.scenario.lines, sketch.planned
    shape = (len(lines), years)
    strategic = [cp.Variable(shape, nonneg=True) for _ in scenario.rungs]
    substitution, exchange = cp.Variable(shape, nonneg=True), cp.Variable(shape, nonneg=True)
    scale = cp.Variable(nonneg=True) if scenario.objective.kind == "min_budget" else None
    total = sketch.named(sum(strategic) + substitution + exchange)
    spend = Spend(strategic, substitution, exchange, total, scale)
    write_budget(sketch, spend)
    rule = scenario.money
    before = cp.hstack([sketch.base.spend[:, None], total[:, :-1]]) if years > 1 else sketch.base.spend[:, None]
    sketch.rules.append(total <= (1 + rule.ramp_growth) * before + rule.ramp_step)
    sketch.rules.append(total >= np.array([[line.floor] for line in lines]) @ np.ones((1, years)))
    capped = [i for i, line in enumerate(lines) if line.cap is not None]
    if capped:
        sketch.rules.append(total[capped] <= np.array([[lines[i].cap] for i in capped]) @ np.ones((1, years)))
    return spend


def write_budget(sketch: Sketch, spend: Spend) -> None:
    """Yearly budget; money is carried over inside a plan only, and never into a last year that the tail repeats."""
    horizon = sketch.scenario.horizon
    amount = sketch.scenario.budget.at(np.array(horizon.years))
    budget = amount if spend.scale is None else amount * spend.scale
    out = cp.Variable(sketch.planned, nonneg=True)
    carried = cp.hstack([0, out[:-1]]) if sketch.planned > 1 else np.zeros(1)
    sketch.rules.append(cp.sum(spend.total, axis=0) + out <= budget + carried)
    sketch.rules.append(out <= sketch.scenario.money.carry_share * budget)
    closed = {plan.last for plan in horizon.plans}
    if horizon.tail > 0:
        closed.add(horizon.last_year - 1)
    sketch.rules.extend(out[n] == 0 for n, year in enumerate(horizon.years) if year in closed)


def part(spend: Spend, policy: SpendPolicy | SharePolicy) -> Any:
    """The spend a policy speaks of, (lines, N)."""
    if policy.rung is not None:
        return spend.strategic["FPR".index(policy.rung)]
    match policy.track:
        case "strategic":
            return sum(spend.strategic)
        case "substitution":
            return spend.substitution
        case "exchange":
            return spend.exchange
    return spend.total


def write_policies(sketch: Sketch, spend: Spend) -> None:
    """Floors, caps and shares; targets come later."""
    horizon = sketch.scenario.horizon
    for policy in sketch.scenario.policies:
        if isinstance(policy, TargetPolicy):
            continue
        chosen = [horizon.years.index(year) for year in policy_years(policy.years, horizon)]
        money = (spend_weights(sketch.scenario, policy) @ part(spend, policy))[chosen]
        if isinstance(policy, SharePolicy):
            total = cp.sum(spend.total, axis=0)[chosen]
            if policy.min is not None:
                sketch.rules.append(money >= policy.min * total)
            if policy.max is not None:
                sketch.rules.append(money <= policy.max * total)
            continue
        amount = cp.sum(money) if policy.per == "total" else money
        sketch.rules.append(amount >= policy.amount if policy.kind == "floor" else amount <= policy.amount)


def write_quadrants(sketch: Sketch, spend: Spend) -> None:
    """Exchange limits of each line's quadrant, the exposure budget and the shield of quadrants."""
    scenario = sketch.scenario
    rules: dict[str, Quadrant] = {rule.id: rule for rule in scenario.quadrants}
    place = [quadrant(scenario, i) for i in range(len(scenario.lines))]
    least = np.array([[rules[name].min_exchange] for name in place])
    most = np.array([[rules[name].max_exchange] for name in place])
    sketch.rules.append(spend.exchange >= cp.multiply(least @ np.ones((1, sketch.planned)), spend.total))
    sketch.rules.append(spend.exchange <= cp.multiply(most @ np.ones((1, sketch.planned)), spend.total))
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    sketch.rules.append(exposed_part(sketch.scenario) @ spend.exchange <= limit)
    shielding = np.minimum(1, sketch.member[:, 2] + sketch.member[:, 3])
    for name, rule in rules.items():
        inside = np.array([float(other == name) for other in place])
        if rule.shield_share > 0 and inside.any():
            sketch.rules.append((inside * (shielding - rule.shield_share)) @ spend.total >= 0)
