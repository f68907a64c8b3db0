"""Every rule of a plan with both sides, its slack and its price: the table of constraints.

    money.budget[t]           sum_i S[i,t] + out[t]  <=  B_t + out[t-1]
    money.carry[t]            out[t]                 <=  carry_share B_t
    money.ramp[i,t]           S[i,t]                 <=  (1 + ramp_growth) S[i,t-1] + ramp_step
    money.line_floor, _cap    S[i,t]                 >=, <=  floor, cap        where the line has one
    quadrants.exchange_*      y[i,t]                 >=, <=  share S[i,t]
    quadrants.exposure[t]     sum_i sigma_i y[i,t]   <=  E_t
    quadrants.shield[q,t]     spend that shields     >=  share of the quadrant's spend
    policies.<id>[...]        what the policy speaks of against its limit

    anything else             a constraint the user added to the model: only its price is known here

A price is the change of the objective per unit of the right side, so it is >= 0 for <= and <= 0 for >= (the other way
round for `min_budget`, where less is better). The carry-over out[t] is the largest the rules allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.result.fields import MONEY_UNIT, Columns, columns, from_rows
from kctopt.scenario.records import RUNGS, Scenario, SharePolicy, SpendPolicy, TargetPolicy
from kctopt.scenario.select import policy_years, quadrant, spend_weights, target_lines
from kctopt.simulate import Breach, Money, Trajectory, carry
from kctopt.simulate import breaches as find_breaches

LAWS = ("knowledge.", "ladder.", "substitution.", "diffusion.", "dependency.", "kct.", "security.", "objective.")
INNER = ("money.spend_of_line", "money.available", "money.profile", "money.carry[", "quadrants.exposure_limit")
NAMES = {"money.carry[": "money.carry_limit["}  # rule -> row of the program, where they differ
TIGHT = 1e-6  # slack relative to max(1, |right side|) that counts as none

Sense = Literal["<=", ">="]


@dataclass(frozen=True)
class Rules:
    """A family of rules of one kind; arrays of one length, or scalars for all."""

    rule: list[str]
    kind: str
    line: list[str] | str
    year: list[int] | int
    left: np.ndarray
    sense: Sense
    right: np.ndarray
    unit: str = MONEY_UNIT


def breaches(scenario: Scenario, money: Money, path: Trajectory | None, scale: float | None) -> list[Breach]:
    """Rules the plan breaks; `scale` multiplies the budget (objective min_budget)."""
    return find_breaches(scenario, money, path, budget_scale=1.0 if scale is None else scale)


def constraints(
    scenario: Scenario, money: Money, path: Trajectory, prices: Mapping[str, float], scale: float | None = None
) -> Columns:
    """The table of constraints of a plan."""
    families = [
        *_money(scenario, money, 1.0 if scale is None else scale),
        *_line_limits(scenario, money),
        *_quadrants(scenario, money),
        *_policies(scenario, money, path),
    ]
    worth = -1.0 if scenario.objective.kind == "min_budget" else 1.0
    used: set[str] = set()
    parts = [_columns(family, prices, worth, used) for family in families if family.rule]
    parts += [_own(prices, used)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def user_prices(prices: Mapping[str, float]) -> dict[str, float]:
    """Prices of rules, without those of the laws, of inner rows and of rules that do not bind."""
    return {rule: price for rule, price in prices.items() if price and not rule.startswith((*LAWS, *INNER))}


def _own(prices: Mapping[str, float], used: set[str]) -> Columns:
    """Rows for constraints that the user added to the model."""
    names = [rule for rule in prices if rule not in used and not rule.startswith(("money.", "quadrants.", "policies."))]
    blank = ("own", "", 0, np.nan, "", np.nan, np.nan)
    return from_rows("constraints", [(rule, *blank, prices[rule] != 0, prices[rule], "") for rule in names])


def _columns(family: Rules, prices: Mapping[str, float], worth: float, used: set[str]) -> Columns:
    slack = family.right - family.left if family.sense == "<=" else family.left - family.right
    side = "max" if family.sense == "<=" else "min"
    keys = [_key(name, side, prices) for name in family.rule]
    used.update(key for key in keys if key is not None)
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
            "binding": slack <= TIGHT * np.maximum(1.0, np.abs(family.right)),
            "price": found * worth * (1.0 if family.sense == "<=" else -1.0),
            "unit": family.unit,
        },
    )


def _key(rule: str, side: str, prices: Mapping[str, float]) -> str | None:
    """Name under which a rule has a price: its own, that of the program's row, or that of a side of a share."""
    for name, row in NAMES.items():
        if rule.startswith(name):
            rule = row + rule.removeprefix(name)
    if rule in prices:
        return rule
    sided = rule.removesuffix("]") + f",{side}]"
    return sided if sided in prices else None


def _names(rule: str, scenario: Scenario) -> list[str]:
    """rule[line,year] for every line and planned year, years inside lines."""
    return [f"{rule}[{line.id},{year}]" for line in scenario.lines for year in scenario.horizon.years]


def _each(
    rule: str, scenario: Scenario, left: np.ndarray, sense: Sense, right: np.ndarray, keep: np.ndarray | None = None
) -> Rules:
    """A rule on every line and year, arrays (lines, years); `keep` (lines,) leaves lines out."""
    years = scenario.horizon.years
    chosen = np.repeat(np.ones(len(scenario.lines), dtype=bool) if keep is None else keep, len(years))
    lines = [line.id for line in scenario.lines for _ in years]
    return Rules(
        [name for name, kept in zip(_names(rule, scenario), chosen, strict=True) if kept],
        rule.partition(".")[2],
        [line for line, kept in zip(lines, chosen, strict=True) if kept],
        np.tile(years, len(scenario.lines))[chosen].tolist(),
        left.ravel()[chosen],
        sense,
        right.ravel()[chosen],
    )


def _by_year(rule: str, years: tuple[int, ...], left: np.ndarray, sense: Sense, right: np.ndarray, kind: str) -> Rules:
    return Rules([f"{rule}{year}]" for year in years], kind, "", list(years), left, sense, right)


def _money(scenario: Scenario, money: Money, scale: float) -> Iterator[Rules]:
    """Budget, carry-over and ramps."""
    rule, years, spend = scenario.money, scenario.horizon.years, money.spend
    budget = scale * scenario.budget.at(np.array(years))
    out = carry(scenario, money, scale)
    brought = np.concatenate([[0.0], out[:-1]])
    limit = rule.carry_share * budget * np.array([may_carry(scenario, year) for year in years])
    yield _by_year("money.budget[", years, spend.sum(axis=0) + out, "<=", budget + brought, "budget")
    yield _by_year("money.carry[", years, out, "<=", limit, "carry")
    start = np.array([[line.spend] for line in scenario.lines])
    before = np.concatenate([start, spend[:, :-1]], axis=1)
    yield _each("money.ramp", scenario, spend, "<=", (1 + rule.ramp_growth) * before + rule.ramp_step)


def may_carry(scenario: Scenario, year: int) -> bool:
    """Whether money may be carried out of a year: inside a plan, and not into the year that the tail repeats."""
    horizon = scenario.horizon
    return year not in {plan.last for plan in horizon.plans} and not (horizon.tail and year == horizon.last_year - 1)


def _line_limits(scenario: Scenario, money: Money) -> Iterator[Rules]:
    """Floors and caps of lines, where there are any."""
    spend = money.spend
    floor = np.array([[line.floor] for line in scenario.lines]) + 0 * spend
    cap = np.array([[np.nan if line.cap is None else line.cap] for line in scenario.lines]) + 0 * spend
    yield _each("money.line_floor", scenario, spend, ">=", floor, floor[:, 0] > 0)
    yield _each("money.line_cap", scenario, spend, "<=", cap, ~np.isnan(cap[:, 0]))


def _quadrants(scenario: Scenario, money: Money) -> Iterator[Rules]:
    """Exchange shares by quadrant, national exposure, the shield."""
    lines, years, spend = scenario.lines, scenario.horizon.years, money.spend
    rules = {rule.id: rule for rule in scenario.quadrants}
    place = [quadrant(scenario, i) for i in range(len(lines))]
    least = np.array([[rules[name].min_exchange] for name in place])  # type: ignore[index]
    most = np.array([[rules[name].max_exchange] for name in place])  # type: ignore[index]
    floor, cap = "quadrants.exchange_floor", "quadrants.exchange_cap"
    yield _each(floor, scenario, money.exchange, ">=", least * spend, least[:, 0] > 0)
    yield _each(cap, scenario, money.exchange, "<=", most * spend, most[:, 0] < 1)
    exposed = np.array([line.sensitivity for line in lines]) @ money.exchange
    limit = scenario.cooperation.exposure_limit.at(np.array(years))
    yield _by_year("quadrants.exposure[", years, exposed, "<=", limit, "exposure")
    part = np.array([min(1.0, line.security + line.moat) for line in lines])
    for rule in scenario.quadrants:
        inside = np.array([name == rule.id for name in place])
        if rule.shield_share > 0 and inside.any():
            shielding, total = (inside * part) @ spend, inside @ spend
            yield _by_year(
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
