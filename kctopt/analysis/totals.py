"""Numbers of a scenario that stand in several rules at once, and how far each of these moves with them.

| number | one more unit | moves |
|---|---|---|
| budget, exposure limit | 1 billion CNY over a plan or over all years | each year, in proportion |
| amount of a policy | 1 billion CNY, each year where it is yearly | each of its rows by 1 |
| least or largest share of a policy or quadrant | 1 percentage point | each row by 1 % of what the share is of |
| target | a hundredth of the rival's level | each line by it |
| floor, cap or least scale of a line, ramp step, researchers | 1 unit | each of its rows by 1 |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kctopt.naming import Name
from kctopt.result.fields import MONEY_UNIT
from kctopt.scenario.records import Scenario

if TYPE_CHECKING:
    from kctopt.analysis.rule_rows import PricedRule

POINT = "percentage point"
TARGET_POINT = "hundredth of the rival's level"
YEARLY = {"budget": "budget", "exposure": "cooperation.exposure_limit"}  # kinds whose years add up


@dataclass(frozen=True)
class Total:
    """A number of the scenario, the rules it stands in with the weight of each, and a typical size for steps."""

    named: str
    kind: str
    number: str
    span: str
    per: str
    amount: float
    parts: tuple[tuple[PricedRule, float], ...]


def totals_of(scenario: Scenario, priced: Iterable[PricedRule]) -> list[Total]:
    """Every number that has a price."""
    rules = list(priced)
    totals = [
        total for kind in YEARLY for total in _yearly(scenario, kind, [r for r in rules if r.row["kind"] == kind])
    ]
    named: dict[tuple[str, str, str], list[PricedRule]] = {}
    for rule in rules:
        if rule.row["kind"] not in YEARLY and rule.row["kind"] != "own":
            named.setdefault((rule.named, rule.row["kind"], rule.row["sense"]), []).append(rule)
    totals += [_number(scenario, *key, parts) for key, parts in named.items()]
    return [total for total in totals if any(rule.price for rule, _ in total.parts)]


def _yearly(scenario: Scenario, kind: str, rules: list[PricedRule]) -> list[Total]:
    """Budgets or exposure limits of each plan and of all years, in proportion to the years."""
    if not rules or (scenario.objective.kind == "min_budget" and kind == "budget"):
        return []
    spans = [(plan.id, range(plan.first, plan.last + 1)) for plan in scenario.horizon.plans]
    if len(spans) > 1:
        spans.append(("", range(scenario.horizon.years[0], scenario.horizon.last_year + 1)))
    totals = []
    for span, years in spans:
        own = [(rule, _amount(scenario, kind, rule.row["year"])) for rule in rules if rule.row["year"] in years]
        whole = sum(amount for _, amount in own)
        if whole > 0:
            parts = tuple((rule, amount / whole) for rule, amount in own)
            totals.append(Total(kind, kind, YEARLY[kind], span, MONEY_UNIT, whole / len(own), parts))
    return totals


def _amount(scenario: Scenario, kind: str, year: int) -> float:
    series = scenario.budget if kind == "budget" else scenario.cooperation.exposure_limit
    return float(series.at(year))


def _number(scenario: Scenario, named: str, kind: str, sense: str, rules: list[PricedRule]) -> Total:
    """The number behind the rows of one rule."""
    policy = next((policy for policy in scenario.policies if policy.id == named), None)
    field, share = _field(scenario, named, kind, sense)
    unit = str(rules[0].row["unit"])
    size = max(abs(float(rule.row["right"])) for rule in rules)
    if share is not None:
        parts = tuple((rule, 0.01 * float(rule.row["right"]) / share) for rule in rules if share > 0)
        return Total(named, kind, field, "", POINT, 1.0, parts)
    if policy is not None and policy.kind == "target":
        return Total(named, kind, field, "", TARGET_POINT, 1.0, tuple((rule, 0.01) for rule in rules))
    return Total(named, kind, field, "", unit, size, tuple((rule, 1.0) for rule in rules))


def _field(scenario: Scenario, named: str, kind: str, sense: str) -> tuple[str, float | None]:
    """Path of the number, and its value where it is a share of something."""
    rule = Name.parse(named)
    policy = next((policy for policy in scenario.policies if policy.id == named), None)
    if policy is not None:
        return _policy_field(policy, named, sense)
    if rule.block == "quadrants":
        name = {"exchange_floor": "min_exchange", "exchange_cap": "max_exchange", "shield": "shield_share"}[kind]
        share = next(
            (float(getattr(quadrant, name)) for quadrant in scenario.quadrants if quadrant.id == rule.key), 0.0
        )
        chosen = scenario.cooperation.choice != "none" and kind != "shield"
        return (str(rule), None) if chosen else (f"quadrants[{rule.key}].{name}", share)
    fields = {"money.line_floor": "floor", "money.line_cap": "cap", "scale.minimum": "min_scale"}
    if rule.head in fields:
        return f"lines[{rule.key}].{fields[rule.head]}", None
    known = {"money.ramp": "money.ramp_step", "programmes.researchers": "catalogue.researchers"}
    if rule.head == "money.carry":
        return "money.carry_share", scenario.money.carry_share
    return known.get(rule.head, named), None


def _policy_field(policy: object, named: str, sense: str) -> tuple[str, float | None]:
    """The number of a policy."""
    path, kind = f"policies[{named}]", getattr(policy, "kind", "")
    if kind == "share":
        name = "min" if sense == ">=" else "max"
        return f"{path}.{name}", float(getattr(policy, name))
    if kind == "target":
        return f"{path}.{'min_ratio' if getattr(policy, 'min_ratio', None) is not None else 'max_dependency'}", None
    return f"{path}.{'width' if kind == 'band' else 'amount'}", None
