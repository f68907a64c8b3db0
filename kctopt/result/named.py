"""The user's named rules: what an author can change, one name each, as tables, prices and diagnoses speak of them.

| rule | what it says | where it is set |
|---|---|---|
| policies.<id> | the policy | policies[<id>] |
| money.budget[t] | money of a year | budget |
| money.carry | largest part of a year's budget carried over | money.carry_share |
| money.ramp | largest growth of a line's spend | money.ramp_growth, ramp_step |
| money.line_floor[i] money.line_cap[i] | least and largest spend of a line | lines[i].floor, cap |
| quadrants.exchange_floor[q] exchange_cap[q] | least, largest exchange | quadrants[q].min_exchange, max_exchange |
| quadrants.shield[q] | least share of types S and M | quadrants[q].shield_share |
| quadrants.exposure[t] | largest exposed exchange of a year | cooperation.exposure_limit |
| modes.exchange_cap | largest share of exchange by mode, where modes are chosen freely | modes[m].max_exchange |
| scale.minimum[i] | off, or at least the efficient scale | lines[i].min_scale |
| switching.near entry ratchet exchange_open | what decides stages and what they close | stages, diffusion, switching |
| programmes.requires[k] excludes[k] | what comes before k, what not beside it | programmes[k].requires, excludes |
| programmes.researchers[t] | researchers of all programmes in a year | catalogue.researchers |
| anything else | a constraint that the user added to the model | |

The rows of the program and the breaches of the simulator are instances of these rules; `RuleNames.of` tells of which.
Everything else is a law of the model or bookkeeping, and no rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kctopt.own import family as own_family
from kctopt.result.fields import MONEY_UNIT, POINTS
from kctopt.scenario.records import BandPolicy, Policy, Scenario, Series, SharePolicy, SpendPolicy
from kctopt.scenario.reviews import thresholds
from kctopt.scenario.select import quadrant

BLOCKS = (
    "money", "knowledge", "ladder", "substitution", "diffusion", "quadrants", "switching", "modes", "scale",
    "dependency", "kct", "security", "policies", "objective", "tranches", "programmes",
)  # fmt: skip
LAST_TO_GO = ("policies.", "money.budget[", "money.line_", "scale.", "quadrants.exposure[")  # of a set, in this order
SWITCHING = {
    "switching.near_forced": "switching.near", "switching.near": "switching.near", "switching.entry": "switching.entry",
    "switching.ratchet": "switching.ratchet", "switching.step": "switching.ratchet",
    "switching.exchange_open": "switching.exchange_open",
}  # fmt: skip


@dataclass(frozen=True)
class NamedRule:
    """A rule with what it asks.

    `amount` is what stands in the scenario, in `unit`; None where that is a share or no number, so that giving way is
    told in `unit` alone. `size` makes amounts of different rules comparable: giving way by it counts as 1.
    """

    name: str
    kind: str
    sense: Literal[">=", "<="]
    amount: float | None
    unit: str
    size: float
    paths: tuple[str, ...]  # values of the scenario that say it


class RuleNames:
    """The named rules of one scenario."""

    def __init__(self, scenario: Scenario, own: Collection[str] = ()) -> None:
        """`own` names constraints that a user put on blocks of kctopt's."""
        self.scenario, self._own = scenario, own
        self._lines = {line.id: line for line in scenario.lines}
        self._quadrant = {line.id: quadrant(scenario, i) for i, line in enumerate(scenario.lines)}
        self._policies: dict[str, Policy] = {policy.id: policy for policy in scenario.policies}
        self._budget = scenario.objective.kind != "min_budget"  # there the money is decided
        self._mean = float(np.mean([line.spend for line in scenario.lines]))  # billion CNY a year

    def of(self, row: str) -> str | None:
        """The rule that a row of the program, or a breach of the simulator, is an instance of."""
        family, _, rest = row.rstrip("]").partition("[")
        first = rest.partition(",")[0]
        if own_family(row) in self._own or "." not in family or family.partition(".")[0] not in BLOCKS:
            return own_family(row)
        if family.startswith("policies."):
            return family
        match family:
            case "money.budget":
                return row if self._budget else None
            case "quadrants.exposure" | "programmes.researchers":
                return row
            case "money.carry" | "money.carry_limit":
                return "money.carry"
            case "money.ramp":
                return family
            case "quadrants.exchange_floor" | "modes.floor":
                return f"quadrants.exchange_floor[{self._quadrant[first]}]"
            case "quadrants.exchange_cap" | "modes.limit":
                free = self.scenario.cooperation.choice == "free"
                return "modes.exchange_cap" if free else f"quadrants.exchange_cap[{self._quadrant[first]}]"
            case "money.line_floor" | "money.line_cap" | "scale.minimum" | "quadrants.shield":
                return f"{family}[{first}]"
            case "programmes.requires" | "programmes.excludes":
                return f"{family}[{first}]"
        return SWITCHING.get(family)

    def rule(self, name: str) -> NamedRule:
        """What a named rule asks, and where that is said."""
        family, _, key = name.rstrip("]").partition("[")
        if name in self._own:
            return NamedRule(name, "own", "<=", None, "", 1.0, ())
        if family.startswith("policies."):
            return self._policy(name, self._policies[family.removeprefix("policies.")])
        group = family.partition(".")[0]
        match group:
            case "money" | "scale":
                return self._money(name, family, key)
            case "quadrants" | "modes":
                return self._exchange(name, family, key)
            case "programmes":
                return self._programmes(name, family, key)
            case "switching":
                return self._switching(name)
        return NamedRule(name, "own", "<=", None, "", 1.0, ())

    def _policy(self, name: str, policy: Policy) -> NamedRule:
        path = f"policies[{policy.id}]"
        if isinstance(policy, SpendPolicy):
            sense: Literal[">=", "<="] = ">=" if policy.kind == "floor" else "<="
            size = max(policy.amount, 0.01 * self._mean)
            return NamedRule(name, policy.kind, sense, policy.amount, MONEY_UNIT, size, (f"{path}.amount",))
        if isinstance(policy, SharePolicy):
            sense, field = (">=", "min") if policy.min is not None else ("<=", "max")
            share = float(getattr(policy, field) or 0.01)
            size = share * self._mean * len(self._lines)
            return NamedRule(name, "share", sense, None, MONEY_UNIT, size, (f"{path}.{field}",))
        if isinstance(policy, BandPolicy):
            return NamedRule(name, "band", "<=", policy.width, "ratio to rival", policy.width, (f"{path}.width",))
        if policy.max_dependency is not None:
            most = policy.max_dependency
            return NamedRule(name, "dependency", "<=", most, "share", max(0.01, 1 - most), (f"{path}.max_dependency",))
        asked = float(policy.min_ratio or 0.0)
        return NamedRule(name, "target", ">=", asked, "ratio to rival", max(asked, 0.01), (f"{path}.min_ratio",))

    def _money(self, name: str, family: str, key: str) -> NamedRule:
        scenario, rule = self.scenario, self.scenario.money
        match family:
            case "money.budget":
                amount = float(scenario.budget.at(int(key)))
                size = max(amount, 0.01 * self._mean)
                return NamedRule(name, "budget", "<=", amount, MONEY_UNIT, size, at("budget", scenario.budget, key))
            case "money.carry":
                size = max(rule.carry_share, 0.01) * float(np.mean(scenario.budget.at(scenario.horizon.years)))
                return NamedRule(name, "carry", "<=", None, MONEY_UNIT, size, ("money.carry_share",))
            case "money.ramp":
                paths, size = ("money.ramp_growth", "money.ramp_step"), rule.ramp_step + rule.ramp_growth * self._mean
                return NamedRule(name, "ramp", "<=", rule.ramp_step, MONEY_UNIT, max(size, 0.01 * self._mean), paths)
        line = self._lines[key]
        field = {"money.line_floor": "floor", "money.line_cap": "cap", "scale.minimum": "min_scale"}[family]
        amount, sense = float(getattr(line, field) or 0.0), "<=" if field == "cap" else ">="
        kind = {"floor": "line_floor", "cap": "line_cap", "min_scale": "scale"}[field]
        size = max(amount, 0.01 * self._mean)
        return NamedRule(name, kind, sense, amount, MONEY_UNIT, size, (f"lines[{key}].{field}",))  # type: ignore[arg-type]

    def _exchange(self, name: str, family: str, key: str) -> NamedRule:
        scenario = self.scenario
        if family == "quadrants.exposure":
            limit = scenario.cooperation.exposure_limit
            amount, paths = float(limit.at(int(key))), at("cooperation.exposure_limit", limit, key)
            return NamedRule(name, "exposure", "<=", amount, MONEY_UNIT, max(amount, 0.01 * self._mean), paths)
        if family == "modes.exchange_cap":
            paths = tuple(f"modes[{mode.id}].max_exchange" for mode in scenario.modes)
            return NamedRule(name, "mode_cap", "<=", None, MONEY_UNIT, 0.1 * self._mean, paths)
        kind = family.partition(".")[2]
        field = {"exchange_floor": "min_exchange", "exchange_cap": "max_exchange", "shield": "shield_share"}[kind]
        share = next(float(getattr(rule, field)) for rule in scenario.quadrants if rule.id == key)
        sense: Literal[">=", "<="] = "<=" if kind == "exchange_cap" else ">="
        members = sum(place == key for place in self._quadrant.values()) if kind == "shield" else 1
        size = max(share, 0.01) * self._mean * members
        return NamedRule(name, kind, sense, None, MONEY_UNIT, size, (f"quadrants[{key}].{field}",))

    def _programmes(self, name: str, family: str, key: str) -> NamedRule:
        limit = self.scenario.catalogue.researchers
        if family == "programmes.researchers" and limit is not None:
            amount, paths = float(limit.at(int(key))), at("catalogue.researchers", limit, key)
            return NamedRule(name, "researchers", "<=", amount, "thousand persons", max(amount, 0.01), paths)
        kind = family.partition(".")[2]
        return NamedRule(name, kind, ">=", None, "programmes", 1.0, (f"programmes[{key}].{kind}",))

    def _switching(self, name: str) -> NamedRule:
        far, near = (float(part.mean()) for part in thresholds(self.scenario))
        match name.partition(".")[2]:
            case "near":
                return NamedRule(name, "near", "<=", None, POINTS, 100 * max(1 - near, 0.01), ("diffusion.near",))
            case "entry":
                return NamedRule(name, "entry", ">=", None, POINTS, 100 * max(1 - far, 0.01), ("diffusion.far",))
            case "ratchet":
                return NamedRule(name, "ratchet", "<=", None, "stages", 1.0, ("switching.ratchet",))
        return NamedRule(name, "exchange_open", "<=", None, MONEY_UNIT, 0.1 * self._mean, ("stages",))


def at(path: str, series: Series, year: str) -> tuple[str, ...]:
    """Paths of the points that give a series its value in a year: its own, or those on both sides."""
    if not isinstance(series.root, dict):
        return (path,)
    before = [point for point in series.root if point <= int(year)]
    after = [point for point in series.root if point >= int(year)]
    ends = ([max(before)] if before else []) + ([min(after)] if after else [])
    return tuple(f"{path}.{point}" for point in dict.fromkeys(ends))


def by_author(names: Iterable[str]) -> list[str]:
    """Rules in the order in which a diagnosis tries to do without them: those of the model first, policies last."""

    def rank(name: str) -> int:
        return next((-n for n, start in enumerate(LAST_TO_GO) if name.startswith(start)), -len(LAST_TO_GO))

    return sorted(names, key=lambda name: (rank(name), name))
