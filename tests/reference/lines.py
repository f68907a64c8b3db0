"""What happens on each line: stocks by rung, knowledge production, diffusion and substitutes.

Arrays run over lines (rows) and years 1 ... H (columns), in units of 100 index points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np
from scipy import sparse

from kctopt.scenario.records import TYPES
from kctopt.scenario.select import exposed_part
from tests.reference.money import Spend
from tests.reference.sketch import Array, Sketch


@dataclass(frozen=True)
class State:
    """Stocks after each year as ratios to 100 points: capability, usable capability over the rival's (lines, H)."""

    capability: Any
    ratio: Any
    market: Any  # economic power that exchange brings over the base year's, (H,)


def write_lines(sketch: Sketch, spend: Spend) -> State:
    """Stocks by rung, diffusion and substitutes of every line."""
    scenario, base, shape = sketch.scenario, sketch.base, (len(sketch.scenario.lines), sketch.years)
    stocks = [cp.Variable(shape, nonneg=True) for _ in scenario.rungs]
    capability = sketch.named(
        sum(rung.capability_weight * stock for rung, stock in zip(scenario.rungs, stocks, strict=True))
    )
    before = shifted(base.capability, capability)
    inflow = write_diffusion(sketch, spend, before)
    accelerator = write_accelerator(sketch, before)
    for r, (rung, stock) in enumerate(zip(scenario.rungs, stocks, strict=True)):
        last = shifted(base.stock[:, r], stock)
        new = write_production(sketch, spend, r, accelerator, last)
        sketch.rules.append(stock <= (1 - rung.depreciation) * last + new + rung.inflow * inflow)
    sketch.rules.extend([stocks[1] <= stocks[0], stocks[2] <= stocks[1]])
    usable = capability + write_substitution(sketch, spend, before)
    ratio = sketch.named(cp.multiply(100 / base.rival[:, 1:], usable))
    return State(capability, ratio, write_market(sketch, spend))


def shifted(first: Array, later: Any) -> Any:
    """Values a year before: `first` (in points) and then all but the last column of `later`."""
    column = first[:, None] / 100
    return cp.hstack([column, later[:, :-1]]) if later.shape[1] > 1 else cp.Constant(column)


def write_production(sketch: Sketch, spend: Spend, r: int, accelerator: Any, last: Any) -> Any:
    """New knowledge q[i,r,t] of one rung, (lines, H): lagged effort, accelerators and the stock already there."""
    base, rule = sketch.base, sketch.scenario.knowledge
    induced = 1 + rule.induced_innovation * np.outer(sketch.sensitivity, base.control[1:] - base.control[0])
    yields = rule.yield_factor * base.yields[:, [r]] * induced / 100
    factors = [
        (effort(sketch, spend, r), rule.effort_elasticity),
        (accelerator, rule.accelerator_elasticity),
        (last, rule.stock_elasticity),
    ]
    return cp.multiply(yields, sketch.product(factors))


def effort(sketch: Sketch, spend: Spend, r: int) -> Any:
    """Lagged spend on one rung over its reference, (lines, H); 0 where the reference is 0."""
    base, lags = sketch.base, sketch.scenario.rungs[r].lags
    weights, past = np.zeros((sketch.planned, sketch.years)), np.zeros((len(base.spend), sketch.years))
    for n in range(1, sketch.years + 1):
        for back, share in enumerate(lags):
            if n - back >= 1:
                weights[min(n - back, sketch.planned) - 1, n - 1] += share
            else:
                past[:, n - 1] += share * base.history[:, r, back - n]
    reference = base.effort[:, [r]]
    scale = np.divide(1, reference, out=np.zeros_like(reference), where=reference > 0)
    return cp.multiply(scale, spend.strategic[r] @ weights + past)


def write_accelerator(sketch: Sketch, before: Any) -> Any:
    """Accelerator index of each line's domain at the end of the year before, base year = 1, (lines, H)."""
    ids = [domain.id for domain in sketch.scenario.domains]
    strength = np.zeros((len(ids), len(ids)))
    for row in sketch.scenario.spillovers:
        strength[ids.index(row.target), ids.index(row.source)] = row.strength
    parts = sketch.home * sketch.weight * sketch.member[:, TYPES.index("A")]
    weights = strength @ np.divide(parts, total := parts.sum(axis=1, keepdims=True), where=total > 0, out=0 * parts)
    start = weights @ sketch.base.capability / 100
    has = start > 0
    scaled = np.where(has[:, None], weights / np.where(has, start, 1)[:, None], 0)
    index = sketch.named(sparse.csr_array(scaled) @ before + np.outer(~has, np.ones(sketch.years)))
    return sparse.csr_array(sketch.home.T) @ index


def write_market(sketch: Sketch, spend: Spend) -> Any:
    """Economic power that exchange brings over the base year's, in units of 100 points, (H,)."""
    base, rule = sketch.base, sketch.scenario.cooperation
    if rule.market_output == 0:
        return np.zeros(sketch.years)
    growth, part = np.array([line.growth for line in sketch.scenario.lines]), exposed_part(sketch.scenario)
    opened = 1 - sketch.scenario.diffusion.exchange_control * np.outer(part, base.control[1:])
    level = (rule.market_output * growth * base.exchange)[:, None] * opened / 100
    spent = cp.multiply(1 / base.exchange[:, None], kept(sketch, spend.exchange))
    gain = cp.multiply(level, sketch.product([(spent, rule.market_elasticity)]))
    return cp.sum(gain, axis=0) - base.market.sum() / 100


def write_substitution(sketch: Sketch, spend: Spend, before: Any) -> Any:
    """Substitutes s[i,t], (lines, H): made from spend, own capability and room left, fading, up to their ceiling."""
    base, rule = sketch.base, sketch.scenario.substitution
    spent = cp.multiply(1 / base.substitution[:, None], kept(sketch, spend.substitution))
    able = cp.multiply(100 / base.rival[:, :-1], before)
    factors = [(spent, rule.elasticity), (able, rule.capability_elasticity)]
    made = rule.output / 100 * sketch.product(factors)
    stock = cp.Variable(spent.shape, nonneg=True)
    sketch.rules.append(stock <= (1 - rule.depreciation) * shifted(base.substitute, stock) + made)
    sketch.rules.append(stock <= base.most_substitute[:, 1:] / 100)
    return stock


def kept(sketch: Sketch, money: Any) -> Any:
    """Money by planned year -> by year with the tail, which keeps the last year's."""
    return money @ np.eye(sketch.planned)[:, np.minimum(np.arange(sketch.years), sketch.planned - 1)]


def write_diffusion(sketch: Sketch, spend: Spend, before: Any) -> Any:
    """Net inflow of knowledge D[i,t], free sign, (lines, H)."""
    base, rule = sketch.base, sketch.scenario.diffusion
    rival, control = base.rival[:, :-1] / 100, np.outer(sketch.sensitivity, base.control[1:])
    catch_up = rule.catch_up * (1 - rule.catch_up_control * control)
    near = cp.multiply(catch_up, rival - before + rule.leverage * write_moat(sketch, before))
    match rule.form:
        case "none":
            return np.zeros(rival.shape)
        case "nelson_phelps":
            return near
        case "logistic":
            flow = cp.Variable(rival.shape)
            sketch.rules.append(
                flow <= cp.multiply(catch_up, before) - cp.multiply(catch_up / rival, cp.square(before))
            )
            return flow
    spent = cp.multiply(1 / base.exchange[:, None], kept(sketch, spend.exchange))
    power = rule.exchange_elasticity
    output = rule.exchange_output / 100 * rival ** (1 - power) * (1 - rule.exchange_control * control)
    reach = cp.multiply(output, sketch.product([(spent, power)]))
    return sketch.least([rule.absorption * before, reach, near])


def write_moat(sketch: Sketch, before: Any) -> Any:
    """Moat capability of each line's domain at the end of the year before, (lines, H); 0 where it has none."""
    weights = sketch.home * sketch.weight * sketch.member[:, TYPES.index("M")]
    shares = weights / np.where(weights.sum(axis=1) > 0, weights.sum(axis=1), 1)[:, None]
    return sparse.csr_array(sketch.home.T) @ sketch.named(sparse.csr_array(shares) @ before)
