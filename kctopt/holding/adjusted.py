"""A plan's money adjusted to be feasible, in many draws at once: every rule on money multiplies what it speaks of.

    m <- m (1 + t c),   t = (b - c m) / sum c^2 m       for a rule  c m >= b  that is broken
    S <- clip(s S, low, high),   sum S = the year's money       budget, carry-over, ramps, floors, caps, least scale

Rule after rule, round after round, until all hold (cyclic projections; Bregman 1967). c has a coefficient for each
line, track and year; s is one number a year, so that what a rule takes is spread over all else in proportion. Nothing
that is 0 gets money. Rules on states (targets, bands, stages) are not mended: that would be planning. What comes out is
judged by `verdict`; where the rules cannot hold together it still breaks one.

L. M. Bregman (1967), The relaxation method of finding the common point of convex sets, USSR Computational Mathematics
and Mathematical Physics 7 (3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kctopt.rules.case import Case
from kctopt.rules.slopes import EXCHANGE, RUNS, SUBSTITUTION, TRACKS, amounts, counted_tracks
from kctopt.scenario.axes import spread, vector
from kctopt.scenario.records import QUADRANTS, Line, SharePolicy, SpendPolicy
from kctopt.scenario.reviews import REACH
from kctopt.scenario.select import exposed_part, policy_years, quadrants, spend_weights
from kctopt.simulator import Money
from kctopt.simulator.budget import budgets
from kctopt.simulator.world import Array

Numbers = NDArray[np.intp]
ROUNDS = 200  # of all rules, at most
CLOSE = 1e-8  # relative breach at which a round is the last, a hundredth of the tolerance of rules
LEAST = 0.05  # of an amount stays when a rule would take more than all of it
SEED = 1e-4  # of its line's money: exchange that a floor can multiply where there is none
HALVINGS = 40  # of the factor of a year's money
LINES, YEAR, ALL = (-2,), (-3, -2), (-3, -2, -1)  # axes that a rule adds up: of a line, of a year, of all years


@dataclass(frozen=True)
class _Rule:
    """c m >= b, or <= b with sign -1; c is (..., L, tracks, N), and b is of the axes that are left."""

    weights: Array
    limit: Array
    axes: tuple[int, ...]
    sign: float

    def keep(self, money: Array, unit: Array) -> tuple[Array, Array]:
        """Money that keeps it, and by how much it was broken, (D,), relative to its limit."""
        now = (self.weights * money).sum(axis=self.axes, keepdims=True)
        short = np.maximum(self.sign * (self.limit - now), 0.0)
        breach = (short / np.maximum(np.abs(self.limit), unit)).max(axis=(-3, -2, -1))
        if not short.any():
            return money, breach
        size = (self.weights**2 * money).sum(axis=self.axes, keepdims=True)
        step = self.sign * np.divide(short, size, out=np.zeros(short.shape), where=size > 0)
        factor = 1 + step * self.weights
        return money * np.where(factor < 0, LEAST, factor), breach


def adjusted(case: Case) -> Money:
    """The money of a plan adjusted to be feasible in each draw.

    Parameters
    ----------
    case : Case
        The plan with its trajectory; its money has the draw axis of the scenario, (D, L, ..., N).

    Returns
    -------
    Money
        With the draw axis. A plan that keeps every rule on money stays as it is but for rounding.
    """
    money = amounts(case.money)
    unit = np.broadcast_to(np.asarray(case.unit, dtype=float), money.shape[:1])[:, None, None, None]
    rules, left = list(_rules(case)), np.arange(len(money))
    money, box = _seeded(case, money), _Box.of(case, money)
    for _ in range(ROUNDS):
        now, worst = money[left], np.zeros(len(left))
        for rule in rules:
            now, breach = _taken(rule, left, len(money)).keep(now, unit[left])
            worst = np.maximum(worst, breach)
        now, moved = box.keep(now, left)
        money[left] = now
        left = left[(worst > CLOSE) | (moved > CLOSE)]
        if not len(left):
            break
    return Money(money[..., :SUBSTITUTION, :], money[..., SUBSTITUTION, :], money[..., EXCHANGE, :])


def _taken(rule: _Rule, draws: Numbers, count: int) -> _Rule:
    """A rule in some of the draws."""
    parts = {name: getattr(rule, name) for name in ("weights", "limit")}
    return replace(rule, **{
        name: part[draws] if part.ndim == 4 and len(part) == count else part for name, part in parts.items()
    })  # fmt: skip


def _seeded(case: Case, money: Array) -> Array:
    """A little exchange where a floor asks for some and a plan has none."""
    least = case.exchange_shares[0]
    money = money.copy()
    seed = np.where(least > 0, SEED, 0.0) * money.sum(axis=-2)
    money[..., EXCHANGE, :] = np.maximum(money[..., EXCHANGE, :], seed)
    return money


def _rules(case: Case) -> Iterator[_Rule]:
    """Rules beside those of `_Box`."""
    track, zero = np.eye(TRACKS)[EXCHANGE][:, None], np.zeros((1, 1, 1))
    least, most = case.exchange_shares
    if case.scenario.stages == "switching":
        most = np.where(case.stage == REACH, most, 0.0)
    yield _Rule(track - most[..., None, :], zero, LINES, -1.0)
    if (least > 0).any():
        yield _Rule(track - least[..., None, :], zero, LINES, 1.0)
    exposed = (exposed_part(case.scenario)[..., None] * case.exposure_factor)[..., None, :] * track
    limit = case.scenario.cooperation.exposure_limit.at(np.array(case.years))
    yield _Rule(exposed, limit[..., None, None, :], YEAR, -1.0)
    yield from _shield(case)
    for policy in case.scenario.policies:
        if isinstance(policy, SpendPolicy | SharePolicy):
            yield from _policy(case, policy)


def _shield(case: Case) -> Iterator[_Rule]:
    part = np.minimum(1.0, vector(line.security + line.moat for line in case.scenario.lines))
    for rule in case.scenario.quadrants:
        inside = (quadrants(case.scenario) == QUADRANTS.index(rule.id)).astype(float)
        if np.any(rule.shield_share > 0) and inside.any():
            weights = inside * (part - spread(rule.shield_share, 1))
            yield _Rule(weights[..., None, None], np.zeros((1, 1, 1)), YEAR, 1.0)


def _policy(case: Case, policy: SpendPolicy | SharePolicy) -> Iterator[_Rule]:
    first, years = case.years[0], policy_years(policy.years, case.scenario.horizon)
    inside = np.isin(np.arange(len(case.years)), [year - first for year in years]).astype(float)
    weights = spend_weights(case.scenario, policy)[..., None, None] * counted_tracks(policy)[:, None]
    if isinstance(policy, SpendPolicy):
        axes, limit = (ALL if policy.per == "total" else YEAR), spread(np.asarray(policy.amount, dtype=float), 3)
        limit = np.asarray(limit if policy.per == "total" else limit * inside)
        yield _Rule(weights * inside, limit, axes, 1.0 if policy.kind == "floor" else -1.0)
        return
    for sign, share in ((1.0, policy.min), (-1.0, policy.max)):
        if share is not None:
            yield _Rule((weights - spread(np.asarray(share), 3)) * inside, np.zeros((1, 1, 1)), YEAR, sign)


@dataclass(frozen=True)
class _Box:
    """What lines and years may spend, with draw axes."""

    case: Case
    total: Array  # (D, N) money of each year as shares of its budget
    low: Array  # (D, L, N)
    high: Array  # (D, L, N) caps
    means: Array  # (D, N) budget less programmes and changes of mode
    carry: Array  # (D, N) largest carry-over

    @classmethod
    def of(cls, case: Case, money: Array) -> _Box:
        """The box of a plan."""
        spend, lines, years = money.sum(axis=-2), case.scenario.lines, case.years
        budget, carry = budgets(case.scenario, case.budget_scale)
        means = budget - case.trajectory.programme_cost - case.trajectory.change_cost
        floor, cap = (vector(values) for values in zip(*((line.floor, _cap(line)) for line in lines), strict=True))
        low, high = (np.broadcast_to(part[..., None], spend.shape).copy() for part in (floor, cap))
        scale = vector(line.min_scale for line in lines)
        for plan in case.scenario.horizon.plans:
            inside = slice(plan.first - years[0], plan.last - years[0] + 1)
            runs = (spend[..., inside].max(axis=-1) >= RUNS * scale) & (scale > 0)
            low[..., inside] = np.maximum(low[..., inside], (runs * scale)[..., None])
        growth, step = (spread(getattr(case.scenario.money, name), 1) for name in ("ramp_growth", "ramp_step"))
        for n in range(len(years) - 1, 0, -1):  # a floor asks for enough in the year before
            low[..., n - 1] = np.maximum(low[..., n - 1], (low[..., n] - step) / (1 + growth))
        shape = (len(money), len(years))
        return cls(case, spend.sum(axis=-2), low, high, np.broadcast_to(means, shape), np.broadcast_to(carry, shape))

    def keep(self, money: Array, draws: Numbers) -> tuple[Array, Array]:
        """Money of some draws that keeps it, and by what share of the year's money it moved, (D,)."""
        rule, spend = self.case.scenario.money, money.sum(axis=-2)
        growth, step = (_of_draws(getattr(rule, name), draws) for name in ("ramp_growth", "ramp_step"))
        start = vector(line.spend for line in self.case.scenario.lines)
        before = np.broadcast_to(start if start.ndim == 1 else start[draws], spend.shape[:-1])
        left, kept = np.zeros(len(draws)), spend.copy()
        for n in range(spend.shape[-1]):
            high = np.minimum(self.high[draws, :, n], (1 + growth) * before + step)
            low, means = np.minimum(self.low[draws, :, n], high), self.means[draws, n] + left
            total = np.minimum(np.maximum(self.total[draws, n], low.sum(axis=-1)), means)
            kept[..., n] = before = _between(spend[..., n], low, high, total)
            left = np.clip(means - before.sum(axis=-1), 0.0, self.carry[draws, n])
        factor = np.divide(kept, spend, out=np.ones(spend.shape), where=spend > 0)
        moved = np.abs(kept - spend).sum(axis=-2) / np.maximum(kept.sum(axis=-2), 1e-300)
        return money * factor[..., None, :], moved.max(axis=-1)


def _cap(line: Line) -> float:
    return np.inf if line.cap is None else line.cap


def _of_draws(number: object, draws: Numbers) -> Array:
    """A number that may be drawn, in some draws, (D, 1)."""
    values = np.asarray(number, dtype=float)
    return values[draws][:, None] if values.ndim else values


def _between(spend: Array, low: Array, high: Array, total: Array) -> Array:
    """clip(s spend, low, high) with the factor s that makes the sum `total`, as far as the limits let it, (D, L)."""
    least, most = np.full(len(spend), -30.0), np.full(len(spend), 30.0)  # log s
    for _ in range(HALVINGS):
        middle = (least + most) / 2
        enough = np.clip(np.exp(middle)[:, None] * spend, low, high).sum(axis=-1) >= total
        least, most = np.where(enough, least, middle), np.where(enough, middle, most)
    found = np.clip(np.exp(least)[:, None] * spend, low, high)
    free = np.where((found > low) & (found < high), found, 0.0)
    rest, room = total - (found - free).sum(axis=-1), free.sum(axis=-1)
    exact = np.divide(rest, room, out=np.ones(len(spend)), where=room > 0)
    return np.asarray(np.clip(np.where(free > 0, free * exact[:, None], found), low, high))
