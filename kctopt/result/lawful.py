"""The base year's shares adjusted to be feasible: the least change of their money that keeps the rules.

    min  sum_{i,k,t} m log(m / m0) - m       over money m that keeps every rule on money
         sum_{i,k} m[i,k,t] = B_t            as far as the rules allow

m0 are the base year's shares of every year's budget, k is a track or rung of line i. The distance is relative entropy,
by which tables of accounts are balanced (RAS; Bacharach 1970): each rule multiplies what it speaks of by a factor, what
it takes is spread over all else in proportion, nothing goes to 0 that need not, and there is one answer. It is found by
Newton's method, a program of least squares a step. Stages are read off the simulated path, and the money is balanced
again until both agree. What comes out is judged by the simulator. Rules on states (hard targets, bands, stages) are not
mended: that would be planning. Where one is broken no lawful yardstick is known.

M. Bacharach (1970), Biproportional Matrices and Input-Output Change, Cambridge University Press.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.rules import breaches
from kctopt.rules.slopes import TRACKS, amounts, money_of, rules_on_money
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulator import Choices, Money, reference, simulate
from kctopt.solver.least_squares import Squares, nearest

ROUNDS = 3  # of balancing, each with the stages that the last one led to
STEPS = 12  # of Newton's method
CLOSE = 1e-4  # relative change of amounts at which it ends
LEAST = 1e-3  # amounts are moved as if they were at least this share of the line's spend
UNSPENT = 100.0  # price of a budget not met, over that of doubling an amount: rules alone keep money from being spent


@dataclass(frozen=True)
class Yardstick:
    """What plans are held against: the base year's shares, adjusted to be feasible where they break rules."""

    objective: float  # NS points over the years
    unlawful: float | None  # objective of the shares as they are; None where they break no rule
    moved: float  # share of their money that is moved
    broken: tuple[str, ...]  # rules that the shares break as they are
    missed: tuple[str, ...]  # rules that are broken even so: no lawful yardstick is known
    trend: float  # objective when every line keeps its base-year ratio to the rival
    money: Money


def yardstick(scenario: Scenario) -> Yardstick:
    """The yardstick of a scenario: simulated, and balanced where the base year's shares break a rule."""
    base = reference(scenario)
    money, broken = base.money, _broken(scenario, base.money)
    if not broken:
        return Yardstick(base.objective, None, 0.0, (), (), base.trend, money)
    missed = broken
    for _ in range(ROUNDS):
        balanced = _balanced(scenario, base.money, money)
        if balanced is None:
            break
        money, missed = balanced, _broken(scenario, balanced)
        if not missed or scenario.stages != "switching":
            break
    return Yardstick(
        float(simulate(scenario, money).objective), base.objective, _moved(base.money, money), broken, missed,
        base.trend, money,
    )  # fmt: skip


def _broken(scenario: Scenario, money: Money) -> tuple[str, ...]:
    """Rules that money breaks, each once."""
    return tuple(dict.fromkeys(breach.rule.head for breach in breaches(scenario, money)))


def _moved(money: Money, other: Money) -> float:
    """Share of the money that stands elsewhere, or is not spent."""
    return float(np.abs(amounts(other) - amounts(money)).sum() / 2 / money.spend.sum())


def _balanced(scenario: Scenario, base: Money, money: Money) -> Money | None:
    """`base` with the least change that keeps the rules on money, at the stages that `money` leads to."""
    unit = money_unit(scenario)
    planned = (amounts(base) / unit).ravel()
    size = _sizes(amounts(base) / unit)
    squares = _squares(scenario, base, money, size)
    whole, at, found = planned >= size, size, None  # of nearly nothing: squares, not entropy
    for _ in range(STEPS):
        target = np.where(whole, at * (1 - np.log(at / size)), planned)
        point = nearest(squares.about(1 / at, target))
        if point is None:
            break
        before, found = found, np.maximum(point[: size.size], 0.0)
        if before is not None and (np.abs(found - before) <= CLOSE * size).all():
            break
        at = np.where(whole, np.maximum(at * np.exp(found / at - 1), LEAST * size), size)  # by the rules' prices
    return None if found is None else money_of(scenario, found * unit)


def _sizes(planned: np.ndarray) -> np.ndarray:
    """What changes are measured by, (cells,): amounts (lines, tracks, years), those of nearly nothing as a little."""
    of_line = np.broadcast_to(planned.sum(axis=1, keepdims=True), planned.shape)
    return np.asarray(np.maximum(np.maximum(planned, LEAST * of_line), LEAST**2 * planned.mean()).ravel())


def _squares(scenario: Scenario, base: Money, money: Money, size: np.ndarray) -> Squares:
    """Rules on money and every year's sum, over amounts, carry-over, and what is spent less or more than the budget."""
    unit, years = money_unit(scenario), len(scenario.horizon.years)
    planned, idle = amounts(base) / unit, np.zeros(3 * years)
    rules = rules_on_money(scenario, money, Choices())
    lower, upper = rules.sides()
    sums = sparse.csr_array(np.tile(np.eye(years), len(scenario.lines) * TRACKS))
    each_year, none = sparse.eye_array(years), sparse.csr_array((years, years))
    rows = sparse.vstack([
        sparse.hstack([rules.matrix(), sparse.csr_array((len(lower), 2 * years))]),
        sparse.hstack([sums, none, each_year, -each_year]),
    ])  # fmt: skip
    budget = planned.sum(axis=(0, 1))
    return Squares(
        np.concatenate([1 / size, idle]), np.concatenate([planned.ravel(), idle]),
        np.concatenate([np.zeros(size.size + years), np.full(2 * years, UNSPENT)]), sparse.csr_array(rows),
        np.concatenate([lower / unit, budget]), np.concatenate([upper / unit, budget]),
    )  # fmt: skip
