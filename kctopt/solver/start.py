"""Plans to start from, which need no solver.

base      what the base year spent, repeated, or with part of its exchange
moved     money that fits other discrete choices: the spend of a line stays what it is as far as these let it,
          exchange is brought between the shares that stage and mode allow, the rest of the spend takes up the
          difference; a line switched off spends nothing; all money shrinks until programmes and changes of mode
          can be paid in every year
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kctopt.program import Program
from kctopt.scenario.limits import exchange_shares
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import REACH, review_of
from kctopt.scenario.select import exposed_part
from kctopt.simulator import Choices, Money, to_base_plan
from kctopt.simulator.costs import extra_cost
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.compiled import Compiled
from kctopt.solver.settings import BOXES


def typical(program: Program) -> np.ndarray:
    """Reference spend of each money column, billion CNY."""
    base, years = program.base, len(program.scenario.horizon.years)
    parts = [base.effort.ravel(), base.substitution, base.exchange]
    return np.concatenate([np.repeat(part, years) for part in parts])


def base_plan(program: Program, simulator: Simulator) -> np.ndarray:
    """Columns of the plan that repeats the base year's spend."""
    compiled, money = simulator.compiled, to_base_plan(program.scenario)
    x = np.clip(np.zeros(len(compiled.cost)), compiled.column_lower, compiled.column_upper)
    x[compiled.slots["money.strategic"]] = money.strategic.ravel()
    x[compiled.slots["money.substitution"]] = money.substitution.ravel()
    x[compiled.slots["money.exchange"]] = money.exchange.ravel()
    x[compiled.slots["money.spend"]] = money.spend.ravel()
    return x


def times(compiled: Compiled, x: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Columns with the money of each year multiplied."""
    x = x.copy()
    for name in ("money.strategic", "money.substitution", "money.exchange", "money.spend", "money.carry"):
        columns = compiled.slots[name]
        x[columns] *= np.tile(ratio, len(columns) // len(ratio))
    return x


def in_proportion(compiled: Compiled, x: np.ndarray, held: Mapping[str, np.ndarray]) -> np.ndarray:
    """Columns of a plan for other held data: the money of each year in proportion to its new budget."""
    c, x = compiled, x.copy()
    if "money.available" in held:
        before = c.column_lower[c.slots["money.available"]]
        x = times(c, x, held["money.available"] / np.where(before > 0, before, np.inf))
    for name, values in held.items():
        x[c.slots[name]] = values
    return x


def with_less_exchange(simulator: Simulator, x: np.ndarray) -> Candidate | None:
    """The best plan that keeps the rules with part of the exchange of x, the rest of it strategic money of its line.

    Part of all of it, or of what is exposed. Controls close exchange that the base year had: then its spend repeated
    breaks a rule, and this needs no solver.
    """
    slots, shapes = simulator.compiled.slots, simulator.shapes
    exchange, strategic = (x[slots[f"money.{track}"]] for track in ("exchange", "strategic"))
    by_rung = strategic.reshape(shapes["money.strategic"])
    whole = by_rung.sum(axis=1, keepdims=True)
    share = np.where(whole > 0, by_rung / np.where(whole > 0, whole, 1.0), 1.0 / by_rung.shape[1])
    by_line = exchange.reshape(shapes["money.exchange"])
    alone = np.where(exposed_part(simulator.scenario) > 0, 1.0, 0.0)
    cuts = [(1 - kept) * lines for lines in (np.ones(len(by_line)), alone) for kept in BOXES.exchange]
    points = np.repeat(x[None, :], len(cuts), axis=0)
    for point, cut in zip(points, cuts, strict=True):
        freed = cut[:, None] * by_line
        point[slots["money.exchange"]] = (by_line - freed).ravel()
        point[slots["money.strategic"]] = (by_rung + share * freed[:, None, :]).ravel()
    plans = [plan for plan in simulator.candidates(points) if plan.feasible]
    return min(plans, key=lambda plan: simulator.compiled.sign * plan.objective, default=None)


def moved(scenario: Scenario, money: Money, choices: Choices, off: np.ndarray, available: np.ndarray | None) -> Money:
    """The money of a plan for other choices.

    Parameters
    ----------
    off : lines x plans that are switched off.
    available : each year's budget, billion CNY; None where the budget is decided.
    """
    least, most = _shares(scenario, choices)
    spend = money.spend
    exchange = np.clip(money.exchange, least * spend, most * spend)
    strategic = money.strategic.sum(axis=1)
    share = np.where(
        strategic[:, None] > 0, money.strategic / np.where(strategic > 0, strategic, 1.0)[:, None], 1 / len(RUNGS)
    )
    rest = np.maximum(strategic + money.exchange - exchange, 0.0)
    shifted = Money(rest[:, None] * share, money.substitution, exchange)
    factor = ~np.repeat(off, _lengths(scenario), axis=1) * np.ones(spend.shape)
    if available is not None:
        total = (shifted.spend * factor).sum(axis=0)
        short = np.maximum(extra_cost(scenario, choices) - np.maximum(available - total, 0.0), 0.0)
        factor = (
            factor * np.clip(1 - short / np.where(total > 0, total, np.inf), 0.0, 1.0).min()
        )  # one for all years: ramps
    return replace(
        shifted, strategic=shifted.strategic * factor[:, None], substitution=shifted.substitution * factor,
        exchange=shifted.exchange * factor,
    )  # fmt: skip


def with_line(money: Money, other: Money, line: int, available: np.ndarray) -> Money:
    """The money of a plan with that of one line from another; the other lines shrink year by year until it fits."""
    spend, own = money.spend, other.spend[line]
    rest = spend.sum(axis=0) - spend[line]
    factor = np.clip((available - own) / np.where(rest > 0, rest, np.inf), 0.0, 1.0)
    strategic, substitution, exchange = money.strategic * factor, money.substitution * factor, money.exchange * factor
    strategic[line], substitution[line], exchange[line] = (
        other.strategic[line], other.substitution[line], other.exchange[line],
    )  # fmt: skip
    return Money(strategic, substitution, exchange)


def _lengths(scenario: Scenario) -> list[int]:
    return [plan.last - plan.first + 1 for plan in scenario.horizon.plans]


def _shares(scenario: Scenario, choices: Choices) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest share of exchange in the spend of each line and planned year, (lines, years)."""
    years = len(scenario.horizon.years)
    if choices.mode is None:
        least, most = (np.repeat(side[:, None], years, axis=1) for side in exchange_shares(scenario, None))
    else:
        by_mode = np.array([exchange_shares(scenario, mode) for mode in scenario.modes])  # (modes, 2, lines)
        ids = [domain.id for domain in scenario.domains]
        own = choices.mode[[ids.index(line.domain) for line in scenario.lines]]
        own = np.repeat(own, _lengths(scenario), axis=1)  # (lines, years)
        lines = np.arange(len(own))[:, None]
        least, most = by_mode[own, 0, lines], by_mode[own, 1, lines]
    if choices.stage is not None:
        within = choices.stage[:, review_of(scenario)[:years]] == REACH
        least, most = np.where(within, least, 0.0), np.where(within, most, 0.0)
    return least, most
