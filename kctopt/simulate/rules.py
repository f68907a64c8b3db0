"""Rules of a scenario that a plan breaks, named as in the program and told in the user's words.

The laws need no check here: the simulator applies them (the substitution ceiling among them). What a plan can
break is a rule on money, a policy or an exchange rule; each breach says where, by how much and in which unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kctopt.scenario.records import TYPE_NAMES, BandPolicy, Scenario, Selection, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights, target_lines
from kctopt.scenario.units import money_unit
from kctopt.simulate.breach import MONEY, Breach, Case, beyond, by_line
from kctopt.simulate.budget import budgets, carry
from kctopt.simulate.choices import NO_CHOICES, Choices, checked_choices
from kctopt.simulate.costs import extra_cost
from kctopt.simulate.money import Money, checked
from kctopt.simulate.rules_options import band, exchange_shares, exposure_factor, mode_words, programmes, scale
from kctopt.simulate.rules_stages import restraint_sign, stages
from kctopt.simulate.trajectory import Trajectory, least_ratio, simulate
from kctopt.simulate.world import Array


def breaches(
    scenario: Scenario,
    money: Money,
    trajectory: Trajectory | None = None,
    tolerance: float = 1e-6,
    *,
    budget_scale: float = 1.0,
    carried: Array | None = None,
    choices: Choices = NO_CHOICES,
) -> list[Breach]:
    """Every rule that one plan (no draw axes) breaks; empty when it breaks none.

    Parameters
    ----------
    trajectory : the plan's, if at hand.
    tolerance : slack relative to max(1, size of the limit); for money, 1 is the unit of scenario/units.py.
    budget_scale : factor on every year's budget (`min_budget`).
    carried : money the plan says it carries out of each year, (N,); by default as much as the rules allow.
    choices : the plan's discrete choices; without stages, rules on them judge those that the law leads to.
    """
    money, choices = checked(scenario, money), checked_choices(scenario, choices)
    found = [*_sign(scenario, money, tolerance), *restraint_sign(scenario, choices, tolerance)]
    known = money.strategic, money.substitution, money.exchange, choices.restraint
    if not all(np.isfinite(part).all() for part in known if part is not None):
        return found  # nothing else can be judged
    trajectory = simulate(scenario, money, choices=choices) if trajectory is None else trajectory
    case = Case(scenario, money, choices, trajectory, money.spend, tolerance, budget_scale)
    found += [*_budget(case, carried), *_ramp(case), *_line_limits(case), *scale(case)]
    for policy in scenario.policies:
        match policy:
            case SpendPolicy():
                found += _spend_policy(case, policy)
            case SharePolicy():
                found += _share_policy(case, policy)
            case TargetPolicy():
                found += _target(case, policy)
            case BandPolicy():
                found += band(case, policy)
    return [*found, *_exchange(case), *_shield(case), *_exposure(case), *stages(case), *programmes(case)]


def _sign(scenario: Scenario, money: Money, tolerance: float) -> Iterator[Breach]:
    rungs = [f"strategic {rung.id}" for rung in scenario.rungs]
    tracks = dict(zip(rungs, np.moveaxis(money.strategic, 1, 0), strict=True))
    tracks |= {"substitution": money.substitution, "exchange": money.exchange}
    unit = money_unit(scenario)
    for track, amount in tracks.items():
        for i, n in beyond(np.where(np.isfinite(amount), -amount, np.nan), np.zeros(amount.shape), tolerance, unit):
            line, year, value = scenario.lines[i].id, scenario.horizon.years[n], float(amount[i, n])
            says = f"is {value:.6g} {MONEY}: money cannot be negative" if np.isfinite(value) else "is not a number"
            rule = f"money.sign[{line},{track.replace(' ', '.')},{year}]"
            yield Breach(rule, "sign", f"{line}, {year}", -value, MONEY, f"{line}, {year}: {track} spend {says}")


def _budget(case: Case, carried: Array | None) -> Iterator[Breach]:
    budget, limit = budgets(case.scenario, case.budget_scale)
    if carried is None:
        out = carry(case.scenario, case.money, case.budget_scale, choices=case.choices)
    else:
        out = np.asarray(carried, dtype=float)
        yield from _carried(case, out, limit)
    means = budget + np.concatenate([[0.0], out[:-1]])
    spend, extra = case.spend.sum(axis=0), extra_cost(case.scenario, case.choices)
    asked = spend + extra if carried is None else spend + extra + out
    for (n,) in case.beyond(asked, means, case.unit):
        year, amount = case.years[n], float(asked[n] - means[n])
        uses = f"spend of {spend[n]:.6g}"
        uses += f" and {extra[n]:.6g} for programmes and changes of mode" if extra[n] else ""
        uses += f" and {out[n]:.6g} carried out" if carried is not None and out[n] else ""
        has = f"the budget of {budget[n]:.6g}" + (f" and {out[n - 1]:.6g} carried in" if n and out[n - 1] else "")
        text = f"{year}: {uses} exceeds {has} by {amount:.6g} {MONEY}"
        yield Breach(f"money.budget[{year}]", "budget", str(year), amount, MONEY, text)


def _carried(case: Case, out: Array, limit: Array) -> Iterator[Breach]:
    for (n,) in case.beyond(np.maximum(out, -out), np.where(out < 0, 0.0, limit), case.unit):
        year, amount = case.years[n], float(out[n] - limit[n] if out[n] >= 0 else -out[n])
        text = f"{year}: {out[n]:.6g} {MONEY} carried out where 0 to {limit[n]:.6g} may be"
        yield Breach(f"money.carry[{year}]", "carry", str(year), amount, MONEY, text)


def _ramp(case: Case) -> Iterator[Breach]:
    rule = case.scenario.money
    start = np.array([[line.spend] for line in case.scenario.lines])
    before = np.concatenate([start, case.spend[:, :-1]], axis=1)
    limit = (1 + rule.ramp_growth) * before + rule.ramp_step
    return by_line(
        case, "money.ramp", case.spend, limit,
        lambda i, n: f"spend grows from {before[i, n]:.6g} to {case.spend[i, n]:.6g}, at most {limit[i, n]:.6g} can be "
        f"absorbed (ramp)",
    )  # fmt: skip


def _line_limits(case: Case) -> Iterator[Breach]:
    lines, spend = case.scenario.lines, case.spend
    floor = np.array([[line.floor] for line in lines]) + 0 * spend
    cap = np.array([[np.inf if line.cap is None else line.cap] for line in lines]) + 0 * spend
    capped = np.isfinite(cap)
    yield from by_line(
        case, "money.line_floor", -spend, -floor,
        lambda i, n: f"spend of {spend[i, n]:.6g} is below the line's floor of {floor[i, n]:.6g}",
    )  # fmt: skip
    yield from by_line(
        case, "money.line_cap", np.where(capped, spend, 0.0), np.where(capped, cap, 0.0),
        lambda i, n: f"spend of {spend[i, n]:.6g} is above the line's cap of {cap[i, n]:.6g}",
    )  # fmt: skip


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
    sign = -1 if least else 1
    found = case.beyond(sign * part, sign * limit, case.unit)
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
        for (n,) in case.beyond(sign * part[chosen], sign * limit, case.unit):
            year, amount = years[n], float(abs(part[chosen][n] - limit[n]))
            now = part[chosen][n] / total[chosen][n] if total[chosen][n] else 0.0
            text = f"policy {policy.id}, {year}: {_subject(policy)} is {now:.2%} of the year's spend, at {word} "
            text += f"{share:.2%} is asked; {'short' if sign < 0 else 'over'} by {amount:.6g} {MONEY}"
            yield Breach(f"policies.{policy.id}[{year}]", "share", f"policy {policy.id}, {year}", amount, MONEY, text)


def _target(case: Case, policy: TargetPolicy) -> Iterator[Breach]:
    if policy.soft:
        return
    trajectory = case.trajectory
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
    spend, exchange = case.spend, case.money.exchange
    own = [quadrant(case.scenario, i) for i in range(len(case.scenario.lines))]
    mode = mode_words(case)
    lowest, highest = exchange_shares(case)
    least, most = lowest * spend, highest * spend

    def say(word: str, limit: Array) -> Callable[[int, int], str]:
        return lambda i, n: (
            f"exchange of {exchange[i, n]:.6g} is {word} {limit[i, n]:.6g} "
            f"({own[i]} quadrant, {mode[i][n]}spend {spend[i, n]:.6g})"
        )

    yield from by_line(case, "quadrants.exchange_floor", -exchange, -least, say("below the least", least))
    yield from by_line(case, "quadrants.exchange_cap", exchange, most, say("above the most", most))


def _shield(case: Case) -> Iterator[Breach]:
    lines = case.scenario.lines
    part = np.array([min(1.0, line.security + line.moat) for line in lines])
    for rule in case.scenario.quadrants:
        inside = np.array([quadrant(case.scenario, i) == rule.id for i in range(len(lines))], dtype=float)
        shield, least = (inside * part) @ case.spend, rule.shield_share * (inside @ case.spend)
        for (n,) in case.beyond(-shield, -least, case.unit):
            year, amount = case.years[n], float(least[n] - shield[n])
            text = f"{rule.id} quadrant, {year}: security and moat lines receive {shield[n]:.6g} {MONEY}, at least "
            text += f"{least[n]:.6g} ({rule.shield_share:.0%}) is asked; short by {amount:.6g}"
            place = f"{rule.id}, {year}"
            yield Breach(f"quadrants.shield[{rule.id},{year}]", "shield", place, amount, MONEY, text)


def _exposure(case: Case) -> Iterator[Breach]:
    sensitivity = np.array([line.sensitivity for line in case.scenario.lines])
    exposed = sensitivity @ (exposure_factor(case) * case.money.exchange)
    limit = case.scenario.cooperation.exposure_limit.at(np.array(case.years))
    for (n,) in case.beyond(exposed, limit, case.unit):
        year, amount = case.years[n], float(exposed[n] - limit[n])
        text = f"{year}: exchange weighted by sensitivity is {exposed[n]:.6g} {MONEY}, at most {limit[n]:.6g} may be "
        text += f"exposed; over by {amount:.6g}"
        yield Breach(f"quadrants.exposure[{year}]", "exposure", str(year), amount, MONEY, text)
