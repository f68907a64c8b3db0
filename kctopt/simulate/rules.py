"""Rules of a scenario that a plan breaks, named as in the program and told in the user's words.

The laws need no check here: the simulator applies them (the substitution ceiling among them). What a plan can
break is a rule on money, a policy or an exchange rule; each breach says where, by how much and in which unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from kctopt.scenario.records import TYPE_NAMES, Quadrant, Scenario, Selection, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights, target_lines
from kctopt.simulate.money import Money, checked
from kctopt.simulate.trajectory import Trajectory, least_ratio, simulate
from kctopt.simulate.world import Array

MONEY = "billion CNY"


@dataclass(frozen=True)
class Breach:
    """One broken rule."""

    rule: str  # name as in the program and in prices, e.g. money.ramp[chips-B,2027]
    kind: str  # family: sign budget carry ramp line_floor line_cap floor cap share target exchange_floor ...
    place: str  # line, year, quadrant or policy it concerns
    amount: float  # by how much it is broken, > 0 (nan where a number is missing)
    unit: str
    message: str  # the whole in a sentence


@dataclass(frozen=True)
class Case:
    """What every check reads: the plan with its spend, and how much slack counts as none."""

    scenario: Scenario
    money: Money
    spend: Array  # (L, N) billion CNY
    tolerance: float
    budget_scale: float

    @property
    def years(self) -> tuple[int, ...]:
        """Planned years."""
        return self.scenario.horizon.years

    def beyond(self, amount: Array, limit: Array) -> Iterator[tuple[int, ...]]:
        """Positions where `amount` exceeds `limit` by more than tolerance x max(1, |limit|)."""
        within = amount - limit <= self.tolerance * np.maximum(1.0, np.abs(limit))
        return (tuple(int(i) for i in position) for position in np.argwhere(~within))


def breaches(
    scenario: Scenario,
    money: Money,
    trajectory: Trajectory | None = None,
    tolerance: float = 1e-6,
    *,
    budget_scale: float = 1.0,
    carried: Array | None = None,
) -> list[Breach]:
    """Every rule that one plan (no draw axes) breaks; empty when it breaks none.

    Parameters
    ----------
    trajectory : the plan's, if at hand; only hard targets need it.
    tolerance : slack relative to max(1, size of the limit).
    budget_scale : factor on every year's budget (`min_budget`).
    carried : money the plan says it carries out of each year, (N,); by default as much as the rules allow.
    """
    money = checked(scenario, money)
    case = Case(scenario, money, money.spend, tolerance, budget_scale)
    found = list(_sign(case))
    if not all(np.isfinite(part).all() for part in (money.strategic, money.substitution, money.exchange)):
        return found  # nothing else can be judged
    trajectory = simulate(scenario, money) if trajectory is None else trajectory
    found += [*_budget(case, carried), *_ramp(case), *_line_limits(case)]
    for policy in scenario.policies:
        match policy:
            case SpendPolicy():
                found += _spend_policy(case, policy)
            case SharePolicy():
                found += _share_policy(case, policy)
            case TargetPolicy():
                found += _target(case, policy, trajectory)
    return [*found, *_exchange(case), *_shield(case), *_exposure(case)]


def carry(scenario: Scenario, money: Money, budget_scale: float = 1.0) -> Array:
    """Money carried out of each planned year when as much as possible is, (..., N), billion CNY."""
    budget, limit = _budgets(scenario, budget_scale)
    spend = money.spend.sum(axis=-2)
    out = np.zeros(spend.shape)
    left = np.zeros(spend.shape[:-1])
    for n in range(spend.shape[-1]):
        left = np.clip(left + budget[n] - spend[..., n], 0.0, limit[n])
        out[..., n] = left
    return out


def budget_scale(scenario: Scenario, money: Money) -> Array:
    """The least factor on all budgets that pays for a plan, carry-over included, (...).

    Any run of years must be paid from its budgets and what may be carried into it, so the factor is the
    largest ratio of spend to those means over all runs.
    """
    budget, limit = _budgets(scenario, 1.0)
    spend = money.spend.sum(axis=-2)
    scale = np.zeros(spend.shape[:-1])
    for first in range(len(budget)):
        means = np.cumsum(budget[first:]) + (limit[first - 1] if first else 0.0)
        needed = np.cumsum(spend[..., first:], axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(needed > 0, needed / means, 0.0)
        scale = np.maximum(scale, ratio.max(axis=-1))
    return scale


def _budgets(scenario: Scenario, scale: float) -> tuple[Array, Array]:
    """Budget and largest carry-out of each planned year, (N,) each, billion CNY."""
    years = scenario.horizon.years
    budget = scale * scenario.budget.at(np.array(years))
    closed = {plan.last for plan in scenario.horizon.plans}
    if scenario.horizon.tail:
        closed.add(years[-1] - 1)  # the tail repeats the last year, and would repeat money carried into it
    limit = scenario.money.carry_share * budget * np.array([year not in closed for year in years])
    return budget, limit


def _sign(case: Case) -> Iterator[Breach]:
    rungs = [f"strategic {rung.id}" for rung in case.scenario.rungs]
    tracks = dict(zip(rungs, np.moveaxis(case.money.strategic, 1, 0), strict=True))
    tracks |= {"substitution": case.money.substitution, "exchange": case.money.exchange}
    for track, amount in tracks.items():
        for i, n in case.beyond(np.where(np.isfinite(amount), -amount, np.nan), np.zeros(amount.shape)):
            line, year, value = case.scenario.lines[i].id, case.years[n], float(amount[i, n])
            says = f"is {value:.6g} {MONEY}: money cannot be negative" if np.isfinite(value) else "is not a number"
            rule = f"money.sign[{line},{track.replace(' ', '.')},{year}]"
            yield Breach(rule, "sign", f"{line}, {year}", -value, MONEY, f"{line}, {year}: {track} spend {says}")


def _budget(case: Case, carried: Array | None) -> Iterator[Breach]:
    budget, limit = _budgets(case.scenario, case.budget_scale)
    out = carry(case.scenario, case.money, case.budget_scale) if carried is None else np.asarray(carried, dtype=float)
    if carried is not None:
        yield from _carried(case, out, limit)
    means = budget + np.concatenate([[0.0], out[:-1]])
    spend = case.spend.sum(axis=0)
    needed = spend if carried is None else spend + out
    for (n,) in case.beyond(needed, means):
        year, amount = case.years[n], float(needed[n] - means[n])
        uses = f"spend of {spend[n]:.6g}" + (f" and {out[n]:.6g} carried out" if carried is not None and out[n] else "")
        has = f"the budget of {budget[n]:.6g}" + (f" and {out[n - 1]:.6g} carried in" if n and out[n - 1] else "")
        text = f"{year}: {uses} exceeds {has} by {amount:.6g} {MONEY}"
        yield Breach(f"money.budget[{year}]", "budget", str(year), amount, MONEY, text)


def _carried(case: Case, out: Array, limit: Array) -> Iterator[Breach]:
    for (n,) in case.beyond(np.maximum(out, -out), np.where(out < 0, 0.0, limit)):
        year, amount = case.years[n], float(out[n] - limit[n] if out[n] >= 0 else -out[n])
        text = f"{year}: {out[n]:.6g} {MONEY} carried out where 0 to {limit[n]:.6g} may be"
        yield Breach(f"money.carry[{year}]", "carry", str(year), amount, MONEY, text)


def _ramp(case: Case) -> Iterator[Breach]:
    rule = case.scenario.money
    start = np.array([[line.spend] for line in case.scenario.lines])
    before = np.concatenate([start, case.spend[:, :-1]], axis=1)
    limit = (1 + rule.ramp_growth) * before + rule.ramp_step
    return _by_line(
        case, "money.ramp", case.spend, limit,
        lambda i, n: f"spend grows from {before[i, n]:.6g} to {case.spend[i, n]:.6g}, at most {limit[i, n]:.6g} can be "
        f"absorbed (ramp)",
    )  # fmt: skip


def _line_limits(case: Case) -> Iterator[Breach]:
    lines, spend = case.scenario.lines, case.spend
    floor = np.array([[line.floor] for line in lines]) + 0 * spend
    cap = np.array([[np.inf if line.cap is None else line.cap] for line in lines]) + 0 * spend
    capped = np.isfinite(cap)
    yield from _by_line(
        case, "money.line_floor", -spend, -floor,
        lambda i, n: f"spend of {spend[i, n]:.6g} is below the line's floor of {floor[i, n]:.6g}",
    )  # fmt: skip
    yield from _by_line(
        case, "money.line_cap", np.where(capped, spend, 0.0), np.where(capped, cap, 0.0),
        lambda i, n: f"spend of {spend[i, n]:.6g} is above the line's cap of {cap[i, n]:.6g}",
    )  # fmt: skip


def _by_line(case: Case, rule: str, amount: Array, limit: Array, say: Callable[[int, int], str]) -> Iterator[Breach]:
    """Breaches of a rule on every line and year, arrays (L, N)."""
    for i, n in case.beyond(amount, limit):
        line, year = case.scenario.lines[i].id, case.years[n]
        excess = float(amount[i, n] - limit[i, n])
        text = f"{line}, {year}: {say(i, n)}; off by {excess:.6g} {MONEY}"
        yield Breach(f"{rule}[{line},{year}]", rule.partition(".")[2], f"{line}, {year}", excess, MONEY, text)


def _part(case: Case, policy: SpendPolicy | SharePolicy) -> Array:
    """Money a policy speaks of in each planned year, (N,)."""
    rungs = [rung.id for rung in case.scenario.rungs]
    strategic = case.money.strategic.sum(axis=1)
    if policy.rung is not None:
        strategic = case.money.strategic[:, rungs.index(policy.rung)]
    tracks = {"strategic": strategic, "substitution": case.money.substitution, "exchange": case.money.exchange}
    if policy.track is not None:
        part = tracks[policy.track]
    else:
        part = strategic if policy.rung is not None else case.spend
    return np.asarray(spend_weights(case.scenario, policy) @ part)


def _subject(policy: Selection) -> str:
    """What a policy speaks of, in words."""
    rung, track = getattr(policy, "rung", None), getattr(policy, "track", None)
    words = [f"{track} spend" if track else "spend"]
    words += [f"on rung {rung}"] if rung else []
    words += [f"on {policy.line}"] if policy.line else []
    words += [f"on {TYPE_NAMES[policy.type]} lines"] if policy.type else []
    words += [f"in {policy.domain}"] if policy.domain else []
    return " ".join(words)


def _spend_policy(case: Case, policy: SpendPolicy) -> Iterator[Breach]:
    years = policy_years(policy.years, case.scenario.horizon)
    part = _part(case, policy)[[year - case.years[0] for year in years]]
    places = [str(year) for year in years]
    if policy.per == "total":
        part, places = part.sum(keepdims=True), [f"{years[0]}-{years[-1]}" if len(years) > 1 else str(years[0])]
    limit, least = np.full(part.shape, policy.amount), policy.kind == "floor"
    found = case.beyond(-part, -limit) if least else case.beyond(part, limit)
    for (n,) in found:
        amount = abs(float(part[n]) - policy.amount)
        rule = f"policies.{policy.id}" + ("" if policy.per == "total" else f"[{places[n]}]")
        asks = "at least" if least else "at most"
        text = (
            f"policy {policy.id}, {places[n]}: {_subject(policy)} is {part[n]:.6g} {MONEY}, {asks} {policy.amount:.6g} "
        )
        text += f"is asked; {'short' if least else 'over'} by {amount:.6g}"
        yield Breach(rule, policy.kind, f"policy {policy.id}, {places[n]}", amount, MONEY, text)


def _share_policy(case: Case, policy: SharePolicy) -> Iterator[Breach]:
    part, total = _part(case, policy), case.spend.sum(axis=0)
    for sign, share, word in ((-1, policy.min, "least"), (1, policy.max, "most")):
        if share is None:
            continue
        years = policy_years(policy.years, case.scenario.horizon)
        chosen = [year - case.years[0] for year in years]
        limit = share * total[chosen]
        for (n,) in case.beyond(sign * part[chosen], sign * limit):
            year, amount = years[n], float(abs(part[chosen][n] - limit[n]))
            now = part[chosen][n] / total[chosen][n] if total[chosen][n] else 0.0
            text = f"policy {policy.id}, {year}: {_subject(policy)} is {now:.2%} of the year's spend, at {word} "
            text += f"{share:.2%} is asked; {'short' if sign < 0 else 'over'} by {amount:.6g} {MONEY}"
            yield Breach(f"policies.{policy.id}[{year}]", "share", f"policy {policy.id}, {year}", amount, MONEY, text)


def _target(case: Case, policy: TargetPolicy, trajectory: Trajectory) -> Iterator[Breach]:
    if policy.soft:
        return
    lines, least = target_lines(case.scenario, policy), least_ratio(policy)
    n = policy.by - case.scenario.horizon.base_year
    reached = trajectory.usable[list(lines), n] / trajectory.rival[list(lines), n]
    for (j,) in case.beyond(-reached, np.full(len(lines), -least)):
        line, amount = case.scenario.lines[lines[j]].id, float(least - reached[j])
        if policy.max_dependency is None:
            says = f"the ratio to the rival is {reached[j]:.4g}, at least {least:.4g} is asked"
        else:
            says = f"dependency is {max(0.0, 1 - reached[j]):.4g}, at most {policy.max_dependency:.4g} is asked"
        text = f"policy {policy.id}, {line}, end of {policy.by}: {says}; off by {amount:.4g}"
        yield Breach(f"policies.{policy.id}[{line}]", "target", f"policy {policy.id}, {line}", amount, "ratio", text)


def _exchange(case: Case) -> Iterator[Breach]:
    rules: dict[str, Quadrant] = {rule.id: rule for rule in case.scenario.quadrants}
    own = [rules[quadrant(case.scenario, i)] for i in range(len(case.scenario.lines))]
    spend, exchange = case.spend, case.money.exchange
    least = np.array([[rule.min_exchange] for rule in own]) * spend
    most = np.array([[rule.max_exchange] for rule in own]) * spend

    def say(word: str, limit: Array) -> Callable[[int, int], str]:
        return lambda i, n: (
            f"exchange of {exchange[i, n]:.6g} is {word} {limit[i, n]:.6g} "
            f"({own[i].id} quadrant, spend {spend[i, n]:.6g})"
        )

    yield from _by_line(case, "quadrants.exchange_floor", -exchange, -least, say("below the least", least))
    yield from _by_line(case, "quadrants.exchange_cap", exchange, most, say("above the most", most))


def _shield(case: Case) -> Iterator[Breach]:
    lines = case.scenario.lines
    part = np.array([min(1.0, line.security + line.moat) for line in lines])
    for rule in case.scenario.quadrants:
        inside = np.array([quadrant(case.scenario, i) == rule.id for i in range(len(lines))], dtype=float)
        shield, least = (inside * part) @ case.spend, rule.shield_share * (inside @ case.spend)
        for (n,) in case.beyond(-shield, -least):
            year, amount = case.years[n], float(least[n] - shield[n])
            text = f"{rule.id} quadrant, {year}: security and moat lines receive {shield[n]:.6g} {MONEY}, at least "
            text += f"{least[n]:.6g} ({rule.shield_share:.0%}) is asked; short by {amount:.6g}"
            place = f"{rule.id}, {year}"
            yield Breach(f"quadrants.shield[{rule.id},{year}]", "shield", place, amount, MONEY, text)


def _exposure(case: Case) -> Iterator[Breach]:
    exposed = np.array([line.sensitivity for line in case.scenario.lines]) @ case.money.exchange
    limit = case.scenario.cooperation.exposure_limit.at(np.array(case.years))
    for (n,) in case.beyond(exposed, limit):
        year, amount = case.years[n], float(exposed[n] - limit[n])
        text = f"{year}: exchange weighted by sensitivity is {exposed[n]:.6g} {MONEY}, at most {limit[n]:.6g} may be "
        text += f"exposed; over by {amount:.6g}"
        yield Breach(f"quadrants.exposure[{year}]", "exposure", str(year), amount, MONEY, text)
