"""Limits that began or ceased to bind.

A rule binds where its slack is nothing (1e-6 of the right side), and is free from a slack of 0.1 % on. What lies
between counts as neither, so that the last digits of a search do not read as a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.result.fields import MONEY_UNIT
from kctopt.result.result import Result
from kctopt.scenario.units import money_unit

FREE = 1e-3  # slack relative to max(1, |right side|) from which on a rule counts as free


@dataclass(frozen=True)
class LimitChange:
    """A family of rules that began or ceased to bind, or that only one scenario has, with its years."""

    rule: str  # without the year
    kind: str
    line: str
    change: Literal["began", "ceased", "new", "gone"]
    years: tuple[int, ...]  # empty for a rule over all years
    price: float | None  # dearest, of OTHER where it binds there, else of BASE; objective per unit
    unit: str


Key = tuple[str, str]


def limit_changes(base: Result, other: Result) -> tuple[LimitChange, ...]:
    """What began or ceased to bind, the dearest first."""
    shared = {0, *base.scenario.horizon.years} & {0, *other.scenario.horizon.years}
    first, second = _rules(base, shared), _rules(other, shared)
    families: dict[tuple[str, str], list[_Rule]] = {}
    for key in dict.fromkeys([*first, *second]):
        change, rule = _change(first.get(key), second.get(key))
        if change and rule is not None:
            families.setdefault((rule.family, change), []).append(rule)
    limits = [_joined(change, rules) for (_, change), rules in families.items()]
    return tuple(sorted(limits, key=lambda limit: -abs(limit.price or 0.0)))


@dataclass(frozen=True)
class _Rule:
    family: str
    kind: str
    line: str
    year: int
    binding: bool
    free: bool
    price: float
    unit: str


def _rules(result: Result, years: set[int]) -> dict[Key, _Rule]:
    """Rules of these years; year 0 stands for rules over several."""
    table = result.columns("constraints")
    names = ("rule", "sense", "kind", "line", "year", "binding", "slack", "right", "price", "unit")
    rules, money = {}, money_unit(result.scenario)
    for rule, sense, kind, line, year, binding, slack, right, price, unit in zip(
        *(table[name].tolist() for name in names), strict=True
    ):
        if year not in years:
            continue
        family = rule.replace(f",{year}]", "]").replace(f"[{year}]", "") if year else rule
        free = bool(slack > FREE * max(money if unit.startswith(MONEY_UNIT) else 1.0, abs(right)))
        rules[rule, sense] = _Rule(family, kind, line, year, binding, free, price, unit)
    return rules


def _change(mine: _Rule | None, yours: _Rule | None) -> tuple[str, _Rule | None]:
    """What happened to a rule, and the side that binds."""
    if mine is None:
        return ("new", yours) if yours is not None and yours.binding else ("", None)
    if yours is None:
        return ("gone", mine) if mine.binding else ("", None)
    if mine.free and yours.binding:
        return "began", yours
    return ("ceased", mine) if mine.binding and yours.free else ("", None)


def _joined(change: str, rules: list[_Rule]) -> LimitChange:
    prices = [rule.price for rule in rules if not np.isnan(rule.price)]
    years = tuple(sorted({rule.year for rule in rules if rule.year}))
    price = max(prices, key=abs) if prices else None
    first = rules[0]
    return LimitChange(first.family, first.kind, first.line, change, years, price, first.unit)  # type: ignore[arg-type]
