"""The money nearest to a plan that keeps the rules on money of another scenario.

    m0[k,t] = m[k,t] B'[t] / B[t]                    every amount in proportion to the year's budget
    min  sum cost(m' - m0) + cost of lines + unspent     over the money m' that keeps every rule on money

k is a track or rung of a line. The cost of a change rises in steps with its size relative to the amount, in both
directions, so that small changes of many amounts come before large changes of few. What leaves an amount should stay
on its line (a change of a line's spend costs once more), and money should not stay unspent. One linear program.

| rule | from |
|---|---|
| budget, carry-over, ramps, floors and caps of lines | money |
| exchange shares, exposure, shield | quadrants, with the modes and stages chosen |
| floors, caps and shares | policies |

Rules on states (targets, bands, stages) and least scale are not among them: the simulator judges those afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from kctopt.scenario.records import RUNGS, Scenario, SharePolicy, SpendPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights
from kctopt.simulate import Choices, Money, simulate
from kctopt.simulate.breach import Case
from kctopt.simulate.budget import budgets, needed
from kctopt.simulate.rules_options import exchange_shares, exposure_factor

STEPS = ((0.05, 1.0), (0.15, 2.0), (0.4, 4.0), (np.inf, 8.0))  # width relative to the amount, cost per unit of money
LINE = 3.0  # cost per unit by which a line's spend changes
UNSPENT = 50.0  # cost per unit that a year spends less
LEAST = 0.02  # amounts count as at least this share of their line's spend
TRACKS = 5  # rungs F, P, R, substitution, exchange
RUNG_TRACKS, SUBSTITUTION, EXCHANGE = (0, 1, 2), 3, 4


def in_proportion(money: Money, own: Scenario, scenario: Scenario) -> Money:
    """The money of a plan for `own`, every year in proportion to the budget of `scenario`."""
    years = np.array(scenario.horizon.years)
    before = own.budget.at(years)
    factor = np.divide(scenario.budget.at(years), before, out=np.ones(len(years)), where=before > 0)
    return Money(money.strategic * factor, money.substitution * factor, money.exchange * factor)


def lawful(scenario: Scenario, money: Money, choices: Choices) -> Money | None:
    """The nearest money that keeps the rules on money; None where there is none."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # HiGHS without Pyomo: half a second less at the start

    wanted = _flat(money)
    cost, most, rows, lower, upper = _program(scenario, wanted, _rules(scenario, money, choices))
    rules = LinearConstraint(rows, lower, upper)
    end = milp(cost, bounds=Bounds(0.0, most), constraints=rules, options={"presolve": False})  # takes 4 times as long
    if end.x is None:
        return None
    count = wanted.size * len(STEPS)
    change = (end.x[:count] - end.x[count : 2 * count]).reshape(len(STEPS), -1).sum(axis=0)
    return _money(scenario, np.maximum(wanted.ravel() + change, 0.0))


def _flat(money: Money) -> np.ndarray:
    """Money as one array, (lines, tracks, years)."""
    return np.concatenate([money.strategic, money.substitution[:, None], money.exchange[:, None]], axis=1)


def _money(scenario: Scenario, amounts: np.ndarray) -> Money:
    shaped = amounts.reshape(len(scenario.lines), TRACKS, len(scenario.horizon.years))
    return Money(shaped[:, :3], shaped[:, 3], shaped[:, EXCHANGE])


@dataclass
class _Rows:
    """Rows lower <= A m + C out <= upper over money m and carry-over out."""

    years: int
    money: list[sparse.csr_array] = field(default_factory=list)
    carry: list[sparse.csr_array] = field(default_factory=list)
    lower: list[np.ndarray] = field(default_factory=list)
    upper: list[np.ndarray] = field(default_factory=list)

    def add(
        self, rows: sparse.csr_array, lower: np.ndarray | float, upper: np.ndarray | float,
        carry: sparse.csr_array | None = None,
    ) -> None:  # fmt: skip
        """Add rows; a side may be one number for all."""
        count = rows.shape[0]
        self.money.append(rows)
        self.carry.append(sparse.csr_array((count, self.years)) if carry is None else carry)
        self.lower.append(np.broadcast_to(lower, count))
        self.upper.append(np.broadcast_to(upper, count))


def _kron(lines: np.ndarray, tracks: np.ndarray, years: np.ndarray) -> sparse.csr_array:
    """Rows over money (lines, tracks, years) from one matrix for each axis."""
    parts = [sparse.csr_array(np.atleast_2d(part)) for part in (lines, tracks, years)]
    return sparse.csr_array(sparse.kron(sparse.kron(parts[0], parts[1]), parts[2]))


def _rules(scenario: Scenario, money: Money, choices: Choices) -> _Rows:
    """Every rule on money of a scenario."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    rows = _Rows(years)
    _budget(scenario, money, choices, rows)
    every, spend, each_year = np.eye(lines), np.ones(TRACKS), np.eye(years)
    rule = scenario.money
    growth = np.eye(years) - (1 + rule.ramp_growth) * np.eye(years, k=-1)
    start = np.array([line.spend for line in scenario.lines])
    first = (1 + rule.ramp_growth) * start[:, None] * (np.arange(years) == 0)
    rows.add(_kron(every, spend, growth), -np.inf, (first + rule.ramp_step).ravel())
    floor = np.array([line.floor for line in scenario.lines])
    cap = np.array([np.inf if line.cap is None else line.cap for line in scenario.lines])
    rows.add(_kron(every, spend, each_year), np.repeat(floor, years), np.repeat(cap, years))
    _exchange(scenario, money, choices, rows)
    for policy in scenario.policies:
        match policy:
            case SpendPolicy():
                _amount(scenario, policy, rows)
            case SharePolicy():
                _share(scenario, policy, rows)
    return rows


def _budget(scenario: Scenario, money: Money, choices: Choices, rows: _Rows) -> None:
    """Spend and what is carried out within the budget and what is carried in; carry-over within its limit."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    budget, limit = budgets(scenario, 1.0)
    extra = needed(scenario, money, choices) - money.spend.sum(axis=0)
    carried = sparse.csr_array(np.eye(years) - np.eye(years, k=-1))
    rows.add(_kron(np.ones(lines), np.ones(TRACKS), np.eye(years)), -np.inf, budget - extra, carried)
    nothing = sparse.csr_array((years, lines * TRACKS * years))
    rows.add(nothing, 0.0, limit, sparse.csr_array(np.eye(years)))


def _exchange(scenario: Scenario, money: Money, choices: Choices, rows: _Rows) -> None:
    """Shares of exchange by line and year, national exposure, the shield."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    path = simulate(scenario, money, choices=choices)
    case = Case(scenario, money, choices, path, money.spend, 0.0, 1.0)
    least, most = exchange_shares(case)
    exchange = np.eye(TRACKS)[EXCHANGE]
    alone = _kron(np.eye(lines), exchange, np.eye(years))
    whole = _kron(np.eye(lines), np.ones(TRACKS), np.eye(years))
    rows.add(alone - sparse.csr_array(sparse.diags_array(most.ravel()) @ whole), -np.inf, 0.0)
    rows.add(alone - sparse.csr_array(sparse.diags_array(least.ravel()) @ whole), 0.0, np.inf)
    sensitivity = np.array([line.sensitivity for line in scenario.lines])[:, None]
    weight = sparse.csr_array(sparse.diags_array((sensitivity * exposure_factor(case)).ravel()) @ alone)
    by_year = sparse.csr_array(np.tile(np.eye(years), lines))
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    rows.add(sparse.csr_array(by_year @ weight), -np.inf, limit)
    part = np.array([min(1.0, line.security + line.moat) for line in scenario.lines])
    for rule in scenario.quadrants:
        inside = np.array([float(quadrant(scenario, i) == rule.id) for i in range(lines)])
        if rule.shield_share > 0 and inside.any():
            rows.add(_kron(inside * (part - rule.shield_share), np.ones(TRACKS), np.eye(years)), 0.0, np.inf)


def _tracks(policy: SpendPolicy | SharePolicy) -> np.ndarray:
    """Tracks whose money a policy counts, (tracks,)."""
    counted = {"strategic": RUNG_TRACKS, "substitution": (SUBSTITUTION,), "exchange": (EXCHANGE,)}
    if policy.rung:
        chosen: tuple[int, ...] = (RUNGS.index(policy.rung),)
    else:
        chosen = tuple(range(TRACKS)) if policy.track is None else counted[policy.track]
    return np.isin(np.arange(TRACKS), chosen).astype(float)


def _chosen_years(scenario: Scenario, text: str) -> np.ndarray:
    """Rows of the unit matrix of the years that a policy names."""
    first = scenario.horizon.years[0]
    return np.eye(len(scenario.horizon.years))[[year - first for year in policy_years(text, scenario.horizon)]]


def _amount(scenario: Scenario, policy: SpendPolicy, rows: _Rows) -> None:
    years = _chosen_years(scenario, policy.years)
    years = years.sum(axis=0) if policy.per == "total" else years
    part = _kron(spend_weights(scenario, policy), _tracks(policy), years)
    floor = policy.kind == "floor"
    rows.add(part, policy.amount if floor else -np.inf, np.inf if floor else policy.amount)


def _share(scenario: Scenario, policy: SharePolicy, rows: _Rows) -> None:
    years, weights = _chosen_years(scenario, policy.years), spend_weights(scenario, policy)
    part = _kron(weights, _tracks(policy), years)
    whole = _kron(np.ones(len(weights)), np.ones(TRACKS), years)
    if policy.min is not None:
        rows.add(part - policy.min * whole, 0.0, np.inf)
    if policy.max is not None:
        rows.add(part - policy.max * whole, -np.inf, 0.0)


Program = tuple[np.ndarray, np.ndarray, sparse.csr_array, np.ndarray, np.ndarray]


def _program(scenario: Scenario, wanted: np.ndarray, rules: _Rows) -> Program:
    """Costs, upper bounds, rows with their two sides.

    Columns: steps up, steps down, carry-over, lines up and down, unspent by year.
    """
    lines, _, years = wanted.shape
    flat, cells = wanted.ravel(), wanted.size
    size = np.maximum(wanted, LEAST * wanted.sum(axis=1, keepdims=True)).ravel()
    widths = np.array([[width] for width, _ in STEPS])
    up = np.where(np.isfinite(widths), widths, 0.0) * size  # of a line without money the last step still has no end
    up[~np.isfinite(widths[:, 0])] = np.inf
    down = np.minimum(widths, np.array([[0.05], [0.15], [0.4], [0.4]])) * flat  # together all there is
    cost = np.repeat([price for _, price in STEPS], cells)
    own = np.full(2 * lines * years, LINE)
    costs = np.concatenate([cost, cost, np.zeros(years), own, np.full(years, UNSPENT)])
    upper = np.concatenate([up.ravel(), down.ravel(), np.full(years + len(own) + years, np.inf)])

    def changes(rows: sparse.csr_array) -> list[sparse.csr_array]:
        return [rows] * len(STEPS) + [-rows] * len(STEPS)

    law, carry = sparse.vstack(rules.money, format="csr"), sparse.vstack(rules.carry, format="csr")
    line = _kron(np.eye(lines), np.ones(TRACKS), np.eye(years))
    total = _kron(np.ones(lines), np.ones(TRACKS), np.eye(years))
    one, idle = sparse.eye_array(lines * years, format="csr"), sparse.eye_array(years, format="csr")
    nothing = sparse.csr_array((lines * years, years))
    rows = sparse.block_array(
        [
            [sparse.hstack(changes(law)), carry, None, None, None],
            [sparse.hstack(changes(line)), nothing, -one, one, None],
            [sparse.hstack(changes(total)), None, None, None, idle],
        ],
        format="csr",
    )
    planned = law @ flat
    lower = np.concatenate([*rules.lower, np.zeros(lines * years + years)])
    higher = np.concatenate([*rules.upper, np.zeros(lines * years), np.full(years, np.inf)])
    lower[: len(planned)] -= planned
    higher[: len(planned)] -= planned
    return costs, upper, sparse.csr_array(rows), lower, higher
