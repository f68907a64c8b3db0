"""Every rule of a plan with both sides, its slack and its price: the table of constraints.

    money.budget[t]           sum_i S[i,t] + out[t]  <=  B_t + out[t-1]        programmes and changes of mode included
    money.carry[t]            out[t]                 <=  carry_share B_t
    money.ramp[i,t]           S[i,t]                 <=  (1 + ramp_growth) S[i,t-1] + ramp_step
    money.line_floor, _cap    S[i,t]                 >=, <=  floor, cap        where the line has one
    quadrants.exchange_*      y[i,t]                 >=, <=  share S[i,t]
    quadrants.exposure[t]     sum_i sigma_i y[i,t]   <=  E_t
    quadrants.shield[q,t]     spend that shields     >=  share of the quadrant's spend
    policies.<id>[...]        what the policy speaks of against its limit

    switching.near[i,v]       C[i,v-1]               <=  (1 - near) R[i,v-1]   where the stage chosen is not near
    switching.entry[i,v]      C[i,v-1]               >=  (1 - far) R[i,v-1]    where the line enters reach
    switching.ratchet[i,v]    steps of the stage     >=  0, <= 1
    switching.exchange_open   y[i,t]                 <=  0                     outside reach
    scale.minimum[i,p]        least S[i,t] of a plan >=  min_scale             where the line is on
    programmes.start[k]       starts                 <=  1
    programmes.requires[b,a]  first year of b        >=  last year of a + 1    where b is launched
    programmes.excludes[a,b]  starts of a and b      <=  1
    programmes.researchers[t] researchers            <=  those there are

    own.<name>                a constraint of the user's own, see own.py

A price is the change of the objective per unit of the right side, so it is >= 0 for <= and <= 0 for >= (the other way
round for `min_budget`, where less is better). The carry-over out[t] is the largest the rules allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.result import own as own_parts
from kctopt.result.discrete_rules import (
    band,
    exchange_shares,
    exposure_factors,
    programmes,
    rule_of_option,
    scale,
    switching,
)
from kctopt.result.fields import MONEY_UNIT, Columns, columns
from kctopt.result.rules import Rules, Sense, by_year, each
from kctopt.scenario.records import RUNGS, BandPolicy, Scenario, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights, target_lines
from kctopt.scenario.units import money_unit
from kctopt.simulate import Breach, Choices, Money, Trajectory, carry
from kctopt.simulate import breaches as find_breaches

LAWS = ("knowledge.", "ladder.", "substitution.", "diffusion.", "dependency.", "kct.", "security.", "objective.")
INNER = ("money.spend_of_line", "money.available", "money.profile", "money.carry[", "quadrants.exposure_limit")
NAMES = {  # rule -> row of the program, where they differ
    "money.carry[": "money.carry_limit[",
    "switching.near[": "switching.near_forced[",
}
OPTIONS = ("switching.", "modes.", "tranches.", "scale.", "programmes.")
PRICED = ("switching.near_forced[", "switching.entry[", "switching.exchange_open[")
TIGHT = 1e-6  # slack relative to max(1, |right side|) that counts as none; money in the unit of scenario/units.py
ROUND_OFF = 1e-12  # of the largest price of the same unit, below which one is what arithmetic leaves of 0


def breaches(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory | None, budget_scale: float | None
) -> list[Breach]:
    """Rules the plan breaks; `budget_scale` multiplies the budget (objective min_budget)."""
    factor = 1.0 if budget_scale is None else budget_scale
    return find_breaches(scenario, money, path, budget_scale=factor, choices=choices)


def constraints(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, prices: Mapping[str, float],
    budget_scale: float | None = None, own: OwnParts = NOTHING_OWN,
) -> Columns:  # fmt: skip
    """The table of constraints of a plan."""
    families = [
        *_money(scenario, money, choices, path, 1.0 if budget_scale is None else budget_scale),
        *_line_limits(scenario, money),
        *_quadrants(scenario, money, choices, path),
        *_policies(scenario, money, path),
        *switching(scenario, money, path),
        *scale(scenario, money),
        *programmes(scenario, choices, path),
    ]
    minimise = scenario.objective.kind == "min_budget" if own.objective is None else own.objective.sense == "minimize"
    parts = [
        _columns(family, prices, -1.0 if minimise else 1.0, money_unit(scenario)) for family in families if family.rule
    ]
    parts += [own_parts.constraint_rows(own, prices, minimise)]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table["price"] = _without_round_off(table["price"], table["unit"])
    return own_parts.without_switched_off(own, table)


def _without_round_off(price: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Prices with what arithmetic leaves of 0 as 0, by the largest price of the same unit; own rules have none."""
    size, found = np.nan_to_num(np.abs(price)), price.copy()
    for one in set(unit.tolist()) - {""}:
        same = unit == one
        found[same & ~np.isnan(price) & (size <= ROUND_OFF * size[same].max())] = 0.0
    return found


def user_prices(
    scenario: Scenario, choices: Choices, prices: Mapping[str, float], own: OwnParts = NOTHING_OWN
) -> dict[str, float]:
    """Prices of rules, without those of the laws, of inner rows and of rules that do not bind.

    Of the discrete options, only rows that money moves have a price: the others hold decisions, and prices take those
    as made.
    """
    found: dict[str, float] = {}
    mine = {row.name for row in own.rows}
    for row, price in prices.items():
        rule = None if not price else row if row in mine else rule_of(row, scenario, choices)
        if rule is not None:
            found[rule] = found.get(rule, 0.0) + price
    return found


def rule_of(row: str, scenario: Scenario, choices: Choices) -> str | None:
    """The rule that a row of the program stands for; None for a law or an inner row."""
    if row.startswith(("modes.limit[", "modes.floor[", "scale.minimum[")):
        return rule_of_option(row, scenario, choices)
    if row.startswith(OPTIONS):
        return row if row.startswith(PRICED) else None
    return None if row.startswith((*LAWS, *INNER)) else row


def _columns(family: Rules, prices: Mapping[str, float], worth: float, money: float) -> Columns:
    """The rows of a family; `money` is what amounts of money are measured by."""
    size = money if family.unit.startswith(MONEY_UNIT) else 1.0
    slack = family.right - family.left if family.sense == "<=" else family.left - family.right
    side = "max" if family.sense == "<=" else "min"
    keys = [key_of(name, side, prices) for name in family.rule]
    found = np.array([np.nan if key is None else abs(prices[key]) for key in keys])
    return columns(
        "constraints",
        {
            "rule": np.array(family.rule, dtype=object),
            "kind": family.kind,
            "line": np.array(family.line, dtype=object),
            "year": np.array(family.year),
            "left": family.left,
            "sense": family.sense,
            "right": family.right,
            "slack": slack,
            "binding": slack <= TIGHT * np.maximum(size, np.abs(family.right)),
            "price": found * worth * (1.0 if family.sense == "<=" else -1.0),
            "unit": family.unit,
        },
    )


def key_of(rule: str, side: str, prices: Mapping[str, float]) -> str | None:
    """Name under which a rule has a price: its own, that of the program's row, or that of a side of a share."""
    for name, row in NAMES.items():
        if rule.startswith(name):
            rule = row + rule.removeprefix(name)
    if rule in prices:
        return rule
    sided = rule.removesuffix("]") + f",{side}]"
    return sided if sided in prices else None


def _money(
    scenario: Scenario, money: Money, choices: Choices, path: Trajectory, budget_scale: float
) -> Iterator[Rules]:
    """Budget, carry-over and ramps."""
    rule, years, spend = scenario.money, scenario.horizon.years, money.spend
    budget = budget_scale * scenario.budget.at(np.array(years))
    out = carry(scenario, money, budget_scale, choices=choices)
    needed = spend.sum(axis=0) + path.programme_cost + path.change_cost
    brought = np.concatenate([[0.0], out[:-1]])
    limit = rule.carry_share * budget * np.array([may_carry(scenario, year) for year in years])
    yield by_year("money.budget[", years, needed + out, "<=", budget + brought, "budget")
    yield by_year("money.carry[", years, out, "<=", limit, "carry")
    start = np.array([[line.spend] for line in scenario.lines])
    before = np.concatenate([start, spend[:, :-1]], axis=1)
    yield each("money.ramp", scenario, spend, "<=", (1 + rule.ramp_growth) * before + rule.ramp_step)


def may_carry(scenario: Scenario, year: int) -> bool:
    """Whether money may be carried out of a year: inside a plan, and not into the year that the tail repeats."""
    horizon = scenario.horizon
    return year not in {plan.last for plan in horizon.plans} and not (horizon.tail and year == horizon.last_year - 1)


def _line_limits(scenario: Scenario, money: Money) -> Iterator[Rules]:
    """Floors and caps of lines, where there are any."""
    spend = money.spend
    floor = np.array([[line.floor] for line in scenario.lines]) + 0 * spend
    cap = np.array([[np.nan if line.cap is None else line.cap] for line in scenario.lines]) + 0 * spend
    yield each("money.line_floor", scenario, spend, ">=", floor, floor > 0)
    yield each("money.line_cap", scenario, spend, "<=", cap, ~np.isnan(cap))


def _quadrants(scenario: Scenario, money: Money, choices: Choices, path: Trajectory) -> Iterator[Rules]:
    """Exchange shares by quadrant, national exposure, the shield."""
    lines, years, spend = scenario.lines, scenario.horizon.years, money.spend
    place = [quadrant(scenario, i) for i in range(len(lines))]
    least, most = exchange_shares(scenario, choices, path)
    floor, cap = "quadrants.exchange_floor", "quadrants.exchange_cap"
    yield each(floor, scenario, money.exchange, ">=", least * spend, least > 0)
    yield each(cap, scenario, money.exchange, "<=", most * spend, most < 1)
    sensitivity = np.array([line.sensitivity for line in lines])[:, None]
    exposed = (sensitivity * exposure_factors(scenario, choices) * money.exchange).sum(axis=0)
    limit = scenario.cooperation.exposure_limit.at(np.array(years))
    yield by_year("quadrants.exposure[", years, exposed, "<=", limit, "exposure")
    part = np.array([min(1.0, line.security + line.moat) for line in lines])
    for rule in scenario.quadrants:
        inside = np.array([name == rule.id for name in place])
        if rule.shield_share > 0 and inside.any():
            shielding, total = (inside * part) @ spend, inside @ spend
            yield by_year(
                f"quadrants.shield[{rule.id},", years, shielding, ">=", rule.shield_share * total, "shield"
            )  # fmt: skip


def _policies(scenario: Scenario, money: Money, path: Trajectory) -> Iterator[Rules]:
    """The user's own rules."""
    for policy in scenario.policies:
        match policy:
            case SpendPolicy():
                yield _amount(scenario, money, policy)
            case SharePolicy():
                yield from _share(scenario, money, policy)
            case TargetPolicy():
                yield _target(scenario, path, policy)
            case BandPolicy():
                yield band(scenario, path, policy)


def _part(scenario: Scenario, money: Money, policy: SpendPolicy | SharePolicy, years: tuple[int, ...]) -> np.ndarray:
    """Money a policy speaks of, by year, shape (years,)."""
    strategic = money.strategic[:, RUNGS.index(policy.rung)] if policy.rung else money.strategic.sum(axis=1)
    match policy.track or ("strategic" if policy.rung else None):
        case "strategic":
            amount = strategic
        case "substitution":
            amount = money.substitution
        case "exchange":
            amount = money.exchange
        case _:
            amount = money.spend
    first = scenario.horizon.years[0]
    return np.asarray((spend_weights(scenario, policy) @ amount)[[year - first for year in years]])


def _amount(scenario: Scenario, money: Money, policy: SpendPolicy) -> Rules:
    years = policy_years(policy.years, scenario.horizon)
    part = _part(scenario, money, policy, years)
    sense: Sense = ">=" if policy.kind == "floor" else "<="
    line = policy.line or ""
    if policy.per == "total":
        return Rules(
            [f"policies.{policy.id}"], policy.kind, line, 0, part.sum(keepdims=True), sense, np.array([policy.amount])
        )
    names = [f"policies.{policy.id}[{year}]" for year in years]
    return Rules(names, policy.kind, line, list(years), part, sense, np.full(len(years), policy.amount))


def _share(scenario: Scenario, money: Money, policy: SharePolicy) -> Iterator[Rules]:
    years = policy_years(policy.years, scenario.horizon)
    part = _part(scenario, money, policy, years)
    first = scenario.horizon.years[0]
    total = money.spend.sum(axis=0)[[year - first for year in years]]
    names = [f"policies.{policy.id}[{year}]" for year in years]
    if policy.min is not None:
        yield Rules(names, "share", policy.line or "", list(years), part, ">=", policy.min * total)
    if policy.max is not None:
        yield Rules(names, "share", policy.line or "", list(years), part, "<=", policy.max * total)


def _target(scenario: Scenario, path: Trajectory, policy: TargetPolicy) -> Rules:
    chosen = list(target_lines(scenario, policy))
    at = policy.by - scenario.horizon.base_year
    asked = 1 - policy.max_dependency if policy.max_dependency is not None else float(policy.min_ratio or 0.0)
    lines = [scenario.lines[i].id for i in chosen]
    reached = path.usable[chosen, at] / path.rival[chosen, at]
    names = [f"policies.{policy.id}[{line}]" for line in lines]
    return Rules(names, "target", lines, policy.by, reached, ">=", np.full(len(lines), asked), "ratio to rival")
