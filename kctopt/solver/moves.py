"""Money that fits new discrete choices: a start for the search when stages, modes, scale or programmes change.

The spend of a line stays what it is, as far as the choices let it: exchange is brought between the shares that stage
and mode allow, the rest of the spend takes up the difference; a line switched off spends nothing; all money shrinks
until programmes and changes of mode can be paid in every year.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kctopt.scenario.limits import exchange_shares
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import REACH, review_of
from kctopt.simulate import Choices, Money
from kctopt.simulate.costs import extra_cost


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
    found = Money(rest[:, None] * share, money.substitution, exchange)
    factor = ~np.repeat(off, _lengths(scenario), axis=1) * np.ones(spend.shape)
    if available is not None:
        total = (found.spend * factor).sum(axis=0)
        short = np.maximum(extra_cost(scenario, choices) - np.maximum(available - total, 0.0), 0.0)
        factor = (
            factor * np.clip(1 - short / np.where(total > 0, total, np.inf), 0.0, 1.0).min()
        )  # one for all years: ramps
    return replace(
        found, strategic=found.strategic * factor[:, None], substitution=found.substitution * factor,
        exchange=found.exchange * factor,
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
