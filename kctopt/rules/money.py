"""Rules on money: signs, budgets and carry-over, ramps, floors and caps of lines, least scale.

    money.sign[i,k,t]         amount                 >=  0
    money.budget[t]           sum_i S[i,t] + out[t]  <=  B_t + out[t-1]        programmes and changes of mode included
    money.carry[t]            out[t]                 >=, <=  0, carry_share B_t
    money.ramp[i,t]           S[i,t]                 <=  (1 + ramp_growth) S[i,t-1] + ramp_step
    money.line_floor, _cap    S[i,t]                 >=, <=  floor, cap        where the line has one
    scale.minimum[i,p]        least S[i,t] of a plan >=  min_scale             where the line is on

The carry-over out[t] is the largest the rules allow, unless the plan says what it carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kctopt.rules.case import Case
from kctopt.rules.family import MONEY, Axis, Family, by_line, by_year
from kctopt.scenario.axes import spread, vector
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, carry
from kctopt.simulator.budget import budgets
from kctopt.simulator.world import Array

ON = 1e-6  # spend relative to the efficient scale, or to the unit of money, from which on a line counts as on


def signs(scenario: Scenario, money: Money) -> Iterator[Family]:
    """No amount is negative, and each is a number."""
    rungs = [f"strategic {rung.id}" for rung in scenario.rungs]
    tracks = dict(zip(rungs, np.moveaxis(money.strategic, -2, 0), strict=True))
    tracks |= {"substitution": money.substitution, "exchange": money.exchange}
    lines, years = [line.id for line in scenario.lines], scenario.horizon.years
    for track, amount in tracks.items():

        def message(i: int, _: int, n: int, under: float, track: str = track) -> str:
            says = f"is {-under:.6g} {MONEY}: money cannot be negative" if np.isfinite(under) else "is not a number"
            return f"{lines[i]}, {years[n]}: {track} spend {says}"

        axes = Axis(lines, lines=lines), Axis([track.replace(" ", ".")]), by_year(years)
        known = np.where(np.isfinite(amount), amount, np.nan)[..., :, None, :]
        yield Family("money.sign", axes, known, ">=", np.zeros(()), message, listed=False)


def spending(case: Case) -> Iterator[Family]:
    """Budget, carry-over, ramps, floors and caps of lines."""
    scenario, path, years, spend = case.scenario, case.trajectory, case.years, case.spend
    budget, limit = budgets(scenario, case.budget_scale)
    out = case.carried
    if out is None:
        out = carry(scenario, case.money, case.budget_scale, choices=case.choices)
    total, extra = spend.sum(axis=-2), path.programme_cost + path.change_cost
    brought = np.concatenate([np.zeros((*out.shape[:-1], 1)), out[..., :-1]], axis=-1)

    def over(n: int, amount: float) -> str:
        uses = f"spend of {total[n]:.6g}"
        uses += f" and {extra[n]:.6g} for programmes and changes of mode" if extra[n] else ""
        uses += f" and {out[n]:.6g} carried out" if out[n] else ""
        has = f"the budget of {budget[n]:.6g}" + (f" and {brought[n]:.6g} carried in" if brought[n] else "")
        return f"{years[n]}: {uses} exceeds {has} by {amount:.6g} {MONEY}"

    def carried(n: int, _: float) -> str:
        return f"{years[n]}: {out[n]:.6g} {MONEY} carried out where 0 to {limit[n]:.6g} may be"

    needed = total + path.programme_cost + path.change_cost
    by = (by_year(years),)
    yield Family("money.budget", by, needed + out, "<=", budget + brought, over)
    yield Family("money.carry", by, out, ">=", np.zeros(()), carried, listed=False)
    yield Family("money.carry", by, out, "<=", limit, carried)
    yield from _lines(case)


def _lines(case: Case) -> Iterator[Family]:
    lines, years, spend, rule = case.scenario.lines, case.years, case.spend, case.scenario.money
    start, floor = (vector(getattr(line, name) for line in lines)[..., None] for name in ("spend", "floor"))
    cap = vector(np.inf if line.cap is None else line.cap for line in lines)[..., None]
    draws = np.broadcast_shapes(start.shape[:-1], spend.shape[:-1])
    before = np.concatenate(
        [np.broadcast_to(start, (*draws, 1)), np.broadcast_to(spend[..., :-1], (*draws, len(years) - 1))], axis=-1
    )
    absorbed = (1 + spread(rule.ramp_growth, 2)) * before + spread(rule.ramp_step, 2)

    def said(i: int, n: int, says: str, amount: float) -> str:
        return f"{lines[i].id}, {years[n]}: {says}; off by {amount:.6g} {MONEY}"

    def grown(i: int, n: int, amount: float) -> str:
        says = f"spend grows from {before[i, n]:.6g} to {spend[i, n]:.6g}, at most {absorbed[i, n]:.6g} can be "
        return said(i, n, says + "absorbed (ramp)", amount)

    def below(i: int, n: int, amount: float) -> str:
        return said(i, n, f"spend of {spend[i, n]:.6g} is below the line's floor of {floor[i, 0]:.6g}", amount)

    def above(i: int, n: int, amount: float) -> str:
        return said(i, n, f"spend of {spend[i, n]:.6g} is above the line's cap of {cap[i, 0]:.6g}", amount)

    axes = by_line(case), by_year(years)
    yield Family("money.ramp", axes, spend, "<=", absorbed, grown)
    yield Family("money.line_floor", axes, spend, ">=", floor, below, listed=floor > 0)
    yield Family("money.line_cap", axes, spend, "<=", cap, above, listed=np.isfinite(cap))


def scale(case: Case) -> Iterator[Family]:
    """Least spend of a line in a plan against its efficient scale; 0 is asked of a line that is off."""
    lines, plans, first = case.scenario.lines, case.scenario.horizon.plans, case.years[0]
    asked = vector(line.min_scale for line in lines)[..., None]
    if not asked.any():
        return
    spent = [case.spend[..., plan.first - first : plan.last - first + 1] for plan in plans]
    least = np.stack([part.min(axis=-1) for part in spent], axis=-1)
    on = np.stack([is_on(part, asked[..., 0], spread(case.unit, 1)) for part in spent], axis=-1)

    def small(i: int, p: int, amount: float) -> str:
        spend = spent[p][i]
        low, high = plans[p].first + int(spend.argmin()), plans[p].first + int(spend.argmax())
        text = f"{lines[i].id}, plan {plans[p].id}: spend of {least[i, p]:.6g} in {low} is below the efficient scale "
        text += f"of {lines[i].min_scale:.6g}, and the line is not off ({spend.max():.6g} in {high}); short by "
        return f"{text}{amount:.6g} {MONEY}"

    axes = by_line(case), Axis([plan.id for plan in plans], years=[plan.first for plan in plans])
    limit = np.where(asked > 0, asked * on, -np.inf)
    yield Family("scale.minimum", axes, least, ">=", limit, small, listed=asked > 0)


def is_on(spend: Array, min_scale: Array, unit: Any) -> Array:
    """Whether lines with a least scale run, from their spend by year, (..., years); `unit` is that of money."""
    return np.asarray(spend.max(axis=-1) > ON * np.maximum(unit, min_scale))
