r"""Regime switching: the stage of a line as a state decided at reviews, and restraint that keeps a line short of it.

    sum_s z[i,v,s] = 1,   s in far, reach, near;   z[i,first review] is data
    z[i,v,far] <= z[i,v-,far],   z[i,v,near] >= z[i,v-,near],   z[i,v,near] <= 1 - z[i,v-,far]      ratchet, step
    C[i,v-1] <= (1 - near[i,v]) R[i,v-1] (1 - z[i,v,near]) + Cmax[i,v-1] z[i,v,near]               near is forced
    C[i,v-1] >= (1 - far[i,v]) R[i,v-1] (z[i,v-,far] - z[i,v,far])                                 entry
    C[i,v-1] >= (1 - far[i,v]) R[i,v-1] (1 - z[i,v,far])                                           without ratchet
    y[i,t] <= ymax[i,t] z[i,v(t),reach]                                                            exchange

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| z | 1 in the stage that is in force from review v to the next | 0 or 1 | stage | decision |
| v v- v(t) | a review (first year of its period), the one before, the one in force in t | year | review_years | data |
| far near | relative gap above which a line is far, at which it is near | share | thresholds | model, scenario |
| h | restraint: capability not built, which leaves the ladder | index points/year | restraint | decision |
| Cmax | capability that no plan exceeds | index points | most_capability | data |
| ymax | exchange spend that no plan exceeds | billion CNY/year | limits.most_exchange | data |

Three stages by the gap, with no cooperation in the first, diffusion leading in the second and institutional constraint
in the third, are the paper's (s.2, Figure 1). That exchange closes outside the second, reviews, thresholds, the ratchet
and restraint are our hypotheses. More capability can be harmful here, since it ends exchange; so holding back is a
variable of its own, for lines that can still become near and for lines in a band. To be further along than one must is
allowed. The cap that closes outside reach stands in `diffusion`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Binary, Block, Constraint, NonNegativeReals, Skip, Var, quicksum
from kctopt.formulation import always, line_ids, nothing
from kctopt.scenario.calibrate import LAGS, BaseYear
from kctopt.scenario.limits import modes_to_choose, most_exchange, most_spend
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import (
    FAR,
    NEAR,
    REACH,
    STAGES,
    held_lines,
    review_of,
    review_years,
    thresholds,
    tranche_curves,
)


def add_variables(block: Block, scenario: Scenario, base: BaseYear, *, most: np.ndarray | None) -> None:
    """Restraint of the lines that may be held, stages by line and review; `most` is Cmax, where stages switch."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    held = [lines[n] for n in held_lines(scenario, base.stage)]
    if held:
        block.restraint = Var(held, RUNGS, years, domain=NonNegativeReals)
    if most is None:
        return
    reviews, possible = review_years(scenario), possible_stages(scenario, base, most)
    bounds = {
        (i, v, s): (float(possible[n, m, k] and possible[n, m].sum() == 1), float(possible[n, m, k]))
        for n, i in enumerate(lines)
        for m, v in enumerate(reviews)
        for k, s in enumerate(STAGES)
    }
    block.stage = Var(lines, reviews, STAGES, domain=Binary, bounds=lambda _, i, v, s: bounds[i, v, s])


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, exchange: Any, most: np.ndarray | None
) -> None:
    """The moves between stages, what forces and allows them, and exchange only within reach."""
    if most is None:
        return
    lines, reviews = line_ids(scenario), review_years(scenario)
    undecided = possible_stages(scenario, base, most).sum(axis=2) > 1
    later = [(i, v) for n, i in enumerate(lines) for m, v in enumerate(reviews) if undecided[n, m]]
    stages = lambda b, i, v: quicksum(b.stage[i, v, s] for s in STAGES) == 1  # noqa: E731 - one Pyomo rule
    block.one_stage = Constraint(lines, reviews, rule=stages)
    if scenario.switching.ratchet:
        _add_ratchet(block, dict(zip(reviews[1:], reviews, strict=False)), later)
    _add_thresholds(block, scenario, base, later, capability, most)
    _add_exchange(block, scenario, exchange)


def within_reach(block: Block, scenario: Scenario) -> Callable[[str, int], Any]:
    """1 in the years in which a line is within reach, by line and year."""
    if scenario.stages != "switching":
        return always
    review = _review_in_force(scenario)
    return lambda i, t: block.stage[i, review[t], "reach"]


def restraint(block: Block, scenario: Scenario, base: BaseYear) -> Callable[[str, str, int], Any]:
    """h by line, rung and year; 0 for the lines that are never held."""
    lines = line_ids(scenario)
    held = {lines[n] for n in held_lines(scenario, base.stage)}
    return (lambda i, r, t: block.restraint[i, r, t] if i in held else 0.0) if held else nothing


def possible_stages(scenario: Scenario, base: BaseYear, most: np.ndarray) -> np.ndarray:
    """Stages that a line can be in at each review, by the first stage and what it can reach; (lines, reviews, 3)."""
    far, _ = thresholds(scenario)
    now, stages = np.arange(3) == base.stage[:, None], []
    for m, year in enumerate(review_years(scenario)):
        if m > 0:
            n = year - 1 - scenario.horizon.base_year
            enters = most[:, n] >= (1 - far[:, m]) * base.rival[:, n]
            before, now = now, np.ones_like(now)
            if scenario.switching.ratchet:
                now[:, FAR] = before[:, FAR]
                now[:, REACH] = before[:, REACH] | (before[:, FAR] & enters)
                now[:, NEAR] = before[:, NEAR] | before[:, REACH]
            else:
                now[:, [REACH, NEAR]] = enters[:, None]
        stages.append(now)
    return np.stack(stages, axis=1)


def most_capability(
    scenario: Scenario, base: BaseYear, *, spillover: np.ndarray, yields: np.ndarray, catch_up: np.ndarray,
    exchange_inflow: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Cmax: capability that no plan within the rules on money exceeds, (lines, planned + tail + 1), t0 first.

    Every rung of every line gets all the money its line can get; the inputs are the coefficients of the laws. A
    second pass opens exchange only where, by the first, a line can be within reach.
    """
    effort = _most_effort(scenario, base) ** scenario.knowledge.effort_elasticity
    made = np.maximum(yields, 0.0) * effort
    reach = exchange_inflow * _most_exchange_effort(scenario, base)
    most = _forward(scenario, base, spillover, made, catch_up, reach)
    within = possible_stages(scenario, base, most)[:, review_of(scenario), REACH]
    return _forward(scenario, base, spillover, made, catch_up, np.where(within, reach, 0.0))


def _add_ratchet(block: Block, before: dict[int, int], later: list[tuple[str, int]]) -> None:
    """Stages only move on, one at a time; `before` gives the review before each."""

    def ratchet(b: Block, i: str, v: int, s: str) -> Any:
        now, last = b.stage[i, v, s], b.stage[i, before[v], s]
        return now <= last if s == "far" else now >= last

    block.ratchet = Constraint(later, ("far", "near"), rule=ratchet)
    block.step = Constraint(later, rule=lambda b, i, v: b.stage[i, v, "near"] + b.stage[i, before[v], "far"] <= 1)


def _add_thresholds(
    block: Block, scenario: Scenario, base: BaseYear, later: list[tuple[str, int]], capability: Any, most: np.ndarray
) -> None:
    """Near is forced at its threshold; within reach needs capability at the threshold of far."""
    reviews, (far, near) = review_years(scenario), thresholds(scenario)
    row, t0 = {line: n for n, line in enumerate(line_ids(scenario))}, scenario.horizon.base_year
    before = dict(zip(reviews[1:], reviews, strict=False))

    def forced(b: Block, i: str, v: int) -> Any:
        n, year = row[i], v - 1 - t0
        limit = float((1 - near[n, reviews.index(v)]) * base.rival[n, year])
        if most[n, year] <= limit:
            return Skip  # no plan gets there
        short = b.stage[i, v, "far"] + b.stage[i, v, "reach"]
        return capability[i, v - 1] <= limit * short + float(most[n, year]) * b.stage[i, v, "near"]

    def entry(b: Block, i: str, v: int) -> Any:
        n = row[i]
        least = float((1 - far[n, reviews.index(v)]) * base.rival[n, v - 1 - t0])
        start = b.stage[i, before[v], "far"] if scenario.switching.ratchet else 1.0
        return capability[i, v - 1] >= least * (start - b.stage[i, v, "far"])

    block.near_forced = Constraint(later, rule=forced)
    block.entry = Constraint(later, rule=entry)


def _add_exchange(block: Block, scenario: Scenario, exchange: Any) -> None:
    """Exchange is open only within reach."""
    lines, years, review = line_ids(scenario), scenario.horizon.years, _review_in_force(scenario)
    largest = np.max([most_exchange(scenario, mode) for mode in modes_to_choose(scenario)], axis=0)
    most = {(i, t): float(largest[n, m]) for n, i in enumerate(lines) for m, t in enumerate(years)}

    def exchange_open(b: Block, i: str, t: int) -> Any:
        return exchange[i, t] <= most[i, t] * b.stage[i, review[t], "reach"]

    block.exchange_open = Constraint(lines, years, rule=exchange_open)


def _review_in_force(scenario: Scenario) -> dict[int, int]:
    """Year of the review in force in each planned and tail year."""
    reviews = review_years(scenario)
    return {t: reviews[v] for t, v in zip(scenario.horizon.all_years, review_of(scenario), strict=True)}


def _forward(
    scenario: Scenario, base: BaseYear, spillover: np.ndarray, made: np.ndarray, catch_up: np.ndarray,
    reach: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The laws year by year, each at the largest arguments: (lines, years + 1)."""
    law, keep = scenario.knowledge, np.array([1 - rung.depreciation for rung in scenario.rungs])
    eta, omega = (np.array([getattr(rung, n) for rung in scenario.rungs]) for n in ("inflow", "capability_weight"))
    alpha, extra, pending = scenario.diffusion.absorption, *_most_gain(scenario)
    start, domain = (
        spillover @ base.capability,
        [[d.id for d in scenario.domains].index(x.domain) for x in scenario.lines],
    )
    stock, capability = base.stock, [base.capability]
    for n in range(made.shape[2]):
        ratio = np.divide(spillover @ capability[-1], start, out=np.ones_like(start), where=start > 0)
        boost = ratio[domain] ** law.accelerator_elasticity
        close, lead = catch_up[:, n], scenario.diffusion.leverage * (base.moat @ capability[-1])
        crossing = close * (base.rival[:, n] + lead) / np.maximum(alpha + close, 1e-12)  # C where far and near meet
        inflow = np.minimum(alpha * np.minimum(capability[-1], crossing), reach[:, n])
        stock = keep * stock + made[..., n] * boost[:, None] * (stock / 100) ** law.stock_elasticity
        stock = stock + eta * inflow[:, None] + extra[..., n]
        stock = np.minimum.accumulate(stock - pending[..., n], axis=1) + pending[..., n]
        capability.append(np.minimum.accumulate(stock, axis=1) @ omega)
    return np.stack(capability, axis=-1)


def _most_effort(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """Lagged effective spend over its reference with all of a line's money on each rung, (lines, 3, years)."""
    tail, years = scenario.horizon.tail, len(scenario.horizon.all_years)
    spend = np.pad(most_spend(scenario), ((0, 0), (0, tail)), mode="edge")
    effective = np.repeat(spend[:, None, :], 3, axis=1)
    for (i, r), (upto, effect) in tranche_curves(scenario).items():
        reference = base.history[i, r, 0]
        effective[i, r] = reference * np.interp(spend[i] / reference, upto, np.maximum.accumulate(effect))
    known = np.concatenate([base.history[:, :, ::-1], effective], axis=2)
    lags = np.array([rung.lags for rung in scenario.rungs])
    lagged = sum(lags[:, lag, None] * known[:, :, LAGS - lag : LAGS - lag + years] for lag in range(LAGS))
    return np.asarray(lagged / np.where(base.effort > 0, base.effort, np.inf)[:, :, None])


def _most_exchange_effort(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """Largest f_m (y/ybar)^mu over the modes, (lines, years)."""
    efforts = []
    for mode in modes_to_choose(scenario):
        effort = most_exchange(scenario, mode) / base.exchange[:, None]
        factor = 1.0 if mode is None else mode.exchange
        efforts.append(factor * effort**scenario.diffusion.exchange_elasticity)
    return np.pad(np.max(efforts, axis=0), ((0, 0), (0, scenario.horizon.tail)), mode="edge")


def _most_gain(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """What programmes can add to a stock in a year, and what may still come later of that, each (lines, 3, years).

    A gain counts from the first year it can come, and loses nothing until the last; the second number keeps the
    ladder from cutting what has not come yet.
    """
    years, row = scenario.horizon.all_years, {line: n for n, line in enumerate(line_ids(scenario))}
    added, pending = np.zeros((2, len(row), 3, len(years)))
    for programme in scenario.programmes:
        rung = RUNGS.index(programme.rung)
        gain = programme.gain * programme.chance(programme.most_routes)
        ends = [start + programme.duration - 1 - years[0] for start in (programme.first_start, programme.last_start)]
        first, last = ends[0], min(ends[1], len(scenario.horizon.years) - 1)
        if first <= last:
            added[row[programme.line], rung, first] += gain
            added[row[programme.line], rung, first + 1 : last + 1] += scenario.rungs[rung].depreciation * gain
            pending[row[programme.line], rung, first:last] += gain
    return added, pending
