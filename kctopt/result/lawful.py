"""The base year's shares made lawful: the least change of their money that keeps the rules.

    min  sum_{i,k,t} (m - m0)^2 / m0         over money m that keeps every rule
         sum_{i,k} m[i,k,t] = B_t            as far as the rules allow

m0 are the base year's shares of every year's budget, k is a track or rung of line i. The distance is the one by which
tables of accounts are balanced (Friedlander 1961): what a rule takes is spread over all else in proportion, so that
nothing is planned beyond what the rules ask for, and there is one answer. Rules on money are rows. Where hard targets
or bands are missed they are rows with the slopes of the laws, asked for by as much more as the last answer was short
of them. Stages are read off the simulated path, and the money is balanced again until both agree. What comes out is
judged by the simulator: where it breaks a rule, no lawful yardstick is known.

D. Friedlander (1961), A technique for estimating a contingency table, given the marginal totals and some supplementary
data, Journal of the Royal Statistical Society A 124, 412-420.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kctopt.rules import breaches
from kctopt.rules.slopes import TRACKS, amounts, money_of, room_of_states, rules_on_money
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit
from kctopt.simulate import Choices, Money, Reference, World, reference, simulate
from kctopt.solver.least_squares import Squares, nearest

ROUNDS = 6  # of balancing, each with the stages and slopes that the last one led to
LEAST = 1e-3  # amounts are moved as if they were at least this share of the line's spend
UNSPENT = 100.0  # price of a budget not met, over that of doubling an amount: rules alone keep money from being spent
RISE = 0.05  # of an amount, by which slopes are taken
MARGIN = 1e-7  # room asked of rules on states
BATCH = 256  # plans simulated at once


@dataclass(frozen=True)
class Yardstick:
    """What plans are held against: the base year's shares, made lawful where they break rules."""

    objective: float | None  # None where no lawful one is known
    unlawful: float | None  # objective of the shares as they are; None where they break no rule
    moved: float  # share of the money that was moved
    broken: tuple[str, ...]  # rules that the shares break as they are
    trend: float  # objective when every line keeps its base-year ratio to the rival
    money: Money


def yardstick(scenario: Scenario) -> Yardstick:
    """The yardstick of a scenario: simulated, and balanced where the base year's shares break a rule."""
    base = reference(scenario)
    broken = tuple(dict.fromkeys(breach.rule.head for breach in breaches(scenario, base.money, base.trajectory)))
    if not broken:
        return Yardstick(base.objective, None, 0.0, (), base.trend, base.money)
    money = balanced(scenario, base)
    if money is None:
        return Yardstick(None, base.objective, 0.0, broken, base.trend, base.money)
    moved = float(np.abs(amounts(money) - amounts(base.money)).sum() / 2 / base.money.spend.sum())
    return Yardstick(float(simulate(scenario, money).objective), base.objective, moved, broken, base.trend, money)


def balanced(scenario: Scenario, base: Reference) -> Money | None:
    """The base year's shares with the least change of money that keeps all rules; None where none was found."""
    world, unit, money = World.of(scenario), money_unit(scenario), base.money
    size = _sizes(amounts(base.money) / unit)
    more: np.ndarray | None = None  # by how much more than is missing rules on states are asked for
    for _ in range(ROUNDS):
        squares = _squares(scenario, base.money, money, size)
        room = room_of_states(scenario, simulate(scenario, money, world))
        if more is not None:
            more = more + np.maximum(MARGIN - room, 0.0)
        elif room.min(initial=0.0) < 0:
            more = np.zeros(len(room))
        if more is not None:
            squares = _with_states(squares, *_slopes(scenario, world, money, room, size), more)
        point = nearest(squares)
        if point is None:
            return None
        money = money_of(scenario, np.maximum(point[: size.size], 0.0) * unit)
        if not breaches(scenario, money):
            return money
    return None


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


def _slopes(
    scenario: Scenario, world: World, money: Money, room: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of the room of rules on states, (rules, cells), by unit of money, and the room that these give at none."""
    unit, now = money_unit(scenario), amounts(money).ravel()
    by = RISE * np.maximum(now / unit, size)
    tried = now + np.diag(by * unit)
    rooms = [
        room_of_states(scenario, simulate(scenario, money_of(scenario, tried[n : n + BATCH]), world))
        for n in range(0, len(tried), BATCH)
    ]
    slopes = ((np.concatenate(rooms) - room) / by[:, None]).T
    return slopes, room - slopes @ (now / unit)


def _with_states(squares: Squares, slopes: np.ndarray, at_none: np.ndarray, more: np.ndarray) -> Squares:
    """The same with rules on states, linear in money."""
    wide = sparse.csr_array((len(slopes), squares.rows.shape[1] - slopes.shape[1]))
    rows = sparse.vstack([squares.rows, sparse.hstack([sparse.csr_array(slopes), wide])])
    return Squares(
        squares.weight, squares.target, squares.cost, sparse.csr_array(rows),
        np.concatenate([squares.lower, MARGIN + more - at_none]),
        np.concatenate([squares.upper, np.full(len(slopes), np.inf)]),
    )  # fmt: skip
