"""The rules on money of a scenario as linear rows.

| rule | from |
|---|---|
| budget, carry-over, ramps, floors and caps of lines | money |
| exchange shares, exposure, shield; no exchange outside reach | quadrants, with the modes and stages chosen |
| least scale of lines that a plan runs; nothing on lines that it leaves off | lines |
| floors, caps and shares | policies |

Rules on states (targets, bands, stages) are not among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from kctopt.rules.case import Case
from kctopt.scenario.records import RUNGS, Scenario, SharePolicy, SpendPolicy
from kctopt.scenario.reviews import REACH
from kctopt.scenario.select import exposed_part, policy_years, quadrant, spend_weights
from kctopt.simulator import Choices, Money, simulate
from kctopt.simulator.budget import budgets, needed

RUNS = 0.5  # of its least scale from which on a line counts as run
TRACKS = 5  # rungs F, P, R, substitution, exchange
RUNG_TRACKS, SUBSTITUTION, EXCHANGE = (0, 1, 2), 3, 4


def amounts(money: Money) -> np.ndarray:
    """Money as one array, (..., lines, tracks, years)."""
    rest = money.substitution[..., None, :], money.exchange[..., None, :]
    return np.concatenate([money.strategic, *rest], axis=-2)


def money_of(scenario: Scenario, flat: np.ndarray) -> Money:
    """Amounts (..., lines x tracks x years) as money."""
    shaped = flat.reshape(*flat.shape[:-1], len(scenario.lines), TRACKS, len(scenario.horizon.years))
    return Money(shaped[..., :3, :], shaped[..., SUBSTITUTION, :], shaped[..., EXCHANGE, :])


@dataclass
class RuleSlopes:
    """Rows lower <= A m + C out <= upper over money m, (lines x tracks x years), and carry-over out."""

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

    def matrix(self) -> sparse.csr_array:
        """A and C side by side."""
        money, carry = sparse.vstack(self.money, format="csr"), sparse.vstack(self.carry, format="csr")
        return sparse.csr_array(sparse.hstack([money, carry]))

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper sides."""
        return np.concatenate(self.lower), np.concatenate(self.upper)


def _kron(lines: np.ndarray, tracks: np.ndarray, years: np.ndarray) -> sparse.csr_array:
    """Rows over money (lines, tracks, years) from one matrix for each axis."""
    parts = [sparse.csr_array(np.atleast_2d(part)) for part in (lines, tracks, years)]
    return sparse.csr_array(sparse.kron(sparse.kron(parts[0], parts[1]), parts[2]))


def rules_on_money(scenario: Scenario, money: Money, choices: Choices) -> RuleSlopes:
    """Every rule on money of a scenario; `money` decides which lines run and which of them exchange."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    rows = RuleSlopes(years)
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
    _scale(scenario, money, rows)
    _exchange(scenario, money, choices, rows)
    for policy in scenario.policies:
        match policy:
            case SpendPolicy():
                _amount(scenario, policy, rows)
            case SharePolicy():
                _share(scenario, policy, rows)
    return rows


def _budget(scenario: Scenario, money: Money, choices: Choices, rows: RuleSlopes) -> None:
    """Spend and what is carried out within the budget and what is carried in; carry-over within its limit."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    budget, limit = budgets(scenario, 1.0)
    extra = needed(scenario, money, choices) - money.spend.sum(axis=0)
    carried = sparse.csr_array(np.eye(years) - np.eye(years, k=-1))
    rows.add(_kron(np.ones(lines), np.ones(TRACKS), np.eye(years)), -np.inf, budget - extra, carried)
    nothing = sparse.csr_array((years, lines * TRACKS * years))
    rows.add(nothing, 0.0, limit, sparse.csr_array(np.eye(years)))


def _scale(scenario: Scenario, money: Money, rows: RuleSlopes) -> None:
    """Lines with a least scale: at least that where a plan runs them, nothing where it leaves them off."""
    lines, years = len(scenario.lines), scenario.horizon.years
    for i, line in enumerate(scenario.lines):
        for plan in scenario.horizon.plans if line.min_scale else ():
            inside = [plan.first <= year <= plan.last for year in years]
            run = bool(money.spend[i, inside].max() >= RUNS * line.min_scale)
            spend = _kron(np.eye(lines)[i], np.ones(TRACKS), np.eye(len(years))[inside])
            rows.add(spend, line.min_scale if run else 0.0, np.inf if run else 0.0)


def _exchange(scenario: Scenario, money: Money, choices: Choices, rows: RuleSlopes) -> None:
    """Shares of exchange by line and year, national exposure, the shield."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    path = simulate(scenario, money, choices=choices)
    case = Case(scenario, money, choices, path)
    least, most = case.exchange_shares
    if scenario.stages == "switching":
        most = np.where(path.stage[:, 1 : years + 1] == REACH, most, 0.0)
    exchange = np.eye(TRACKS)[EXCHANGE]
    alone = _kron(np.eye(lines), exchange, np.eye(years))
    whole = _kron(np.eye(lines), np.ones(TRACKS), np.eye(years))
    rows.add(alone - sparse.csr_array(sparse.diags_array(most.ravel()) @ whole), -np.inf, 0.0)
    rows.add(alone - sparse.csr_array(sparse.diags_array(least.ravel()) @ whole), 0.0, np.inf)
    weight = sparse.csr_array(
        sparse.diags_array((exposed_part(scenario)[:, None] * case.exposure_factor).ravel()) @ alone
    )
    by_year = sparse.csr_array(np.tile(np.eye(years), lines))
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    rows.add(sparse.csr_array(by_year @ weight), -np.inf, limit)
    part = np.array([min(1.0, line.security + line.moat) for line in scenario.lines])
    for rule in scenario.quadrants:
        inside = np.array([float(quadrant(scenario, i) == rule.id) for i in range(lines)])
        if rule.shield_share > 0 and inside.any():
            rows.add(_kron(inside * (part - rule.shield_share), np.ones(TRACKS), np.eye(years)), 0.0, np.inf)


def counted_tracks(policy: SpendPolicy | SharePolicy) -> np.ndarray:
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


def _amount(scenario: Scenario, policy: SpendPolicy, rows: RuleSlopes) -> None:
    years = _chosen_years(scenario, policy.years)
    years = years.sum(axis=0) if policy.per == "total" else years
    part = _kron(spend_weights(scenario, policy), counted_tracks(policy), years)
    floor = policy.kind == "floor"
    rows.add(part, policy.amount if floor else -np.inf, np.inf if floor else policy.amount)


def _share(scenario: Scenario, policy: SharePolicy, rows: RuleSlopes) -> None:
    years, weights = _chosen_years(scenario, policy.years), spend_weights(scenario, policy)
    part = _kron(weights, counted_tracks(policy), years)
    whole = _kron(np.ones(len(weights)), np.ones(TRACKS), years)
    if policy.min is not None:
        rows.add(part - policy.min * whole, 0.0, np.inf)
    if policy.max is not None:
        rows.add(part - policy.max * whole, -np.inf, 0.0)
