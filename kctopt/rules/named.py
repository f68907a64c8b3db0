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
from dataclasses import dataclass, replace

import numpy as np

from kctopt.naming import Name
from kctopt.rules.family import MONEY, PERSONS, RATIO, Sense
from kctopt.scenario.records import BandPolicy, Policy, Scenario, Series, SharePolicy, SpendPolicy
from kctopt.scenario.reviews import thresholds
from kctopt.scenario.select import quadrant

BLOCKS = (
    "money", "knowledge", "ladder", "substitution", "diffusion", "quadrants", "switching", "modes", "market",
    "scale", "dependency", "kct", "security", "policies", "objective", "tranches", "programmes",
)  # fmt: skip
SHARE = "share"
EXPOSURE = "cooperation.exposure_limit"
LAST_TO_GO = ("policies.", "money.budget[", "money.line_", "scale.", "quadrants.exposure[")  # of a set, in this order
SWITCHING = {
    "switching.near_forced": "switching.near", "switching.near": "switching.near", "switching.entry": "switching.entry",
    "switching.ratchet": "switching.ratchet", "switching.step": "switching.ratchet",
    "switching.exchange_open": "switching.exchange_open",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A number that a user enters and that a rule asks to be kept: '<=' is at most that much, '>=' at least."""

    path: str
    amount: float
    sense: Sense
    own_unit: bool = True  # whether rows of the program break the rule in the unit of this number


@dataclass(frozen=True)
class NamedRule:
    """A rule with what it asks.

    `amount` is what stands in the scenario, in the `unit` in which it is entered; None where no or several numbers say
    it. `size` makes breaches of different rules comparable: breaking its rows by that much counts as 1.
    """

    name: Name
    kind: str
    sense: Sense
    amount: float | None
    unit: str
    size: float
    paths: tuple[str, ...]  # values of the scenario that say it
    entries: tuple[Entry, ...] = ()  # numbers to change so that it gives way

    @property
    def own_unit(self) -> bool:
        """Whether its rows are broken in the unit in which it is entered."""
        return all(entry.own_unit for entry in self.entries)


def _rule(name: Name, kind: str, entry: Entry, unit: str, size: float, paths: tuple[str, ...] = ()) -> NamedRule:
    """A rule that one number says."""
    return NamedRule(name, kind, entry.sense, entry.amount, unit, size, paths or (entry.path,), (entry,))


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

    def of(self, row: str) -> Name | None:
        """The rule that a row of the program, or a breach of the simulator, is an instance of."""
        name = Name.parse(row)
        if name.head in self._own or name.block not in BLOCKS:
            return Name(name.head)
        if name.block == "policies":
            return Name(name.head)
        match name.head:
            case "money.budget":
                return name if self._budget else None
            case "quadrants.exposure" | "programmes.researchers":
                return name
            case "money.carry" | "money.carry_limit":
                return Name("money.carry")
            case "money.ramp":
                return Name(name.head)
            case "quadrants.exchange_floor" | "modes.floor":
                return Name("quadrants.exchange_floor", self._quadrant[name.key])
            case "quadrants.exchange_cap" | "modes.limit":
                free = self.scenario.cooperation.choice == "free"
                return Name("modes.exchange_cap") if free else Name("quadrants.exchange_cap", self._quadrant[name.key])
            case "money.line_floor" | "money.line_cap" | "scale.minimum" | "quadrants.shield":
                return Name(name.head, name.key)
            case "programmes.requires" | "programmes.excludes":
                return Name(name.head, name.key)
        rule = SWITCHING.get(name.head)
        return None if rule is None else Name(rule)

    def rule(self, name: str) -> NamedRule:
        """What a named rule asks, and where that is said."""
        parsed = Name.parse(name)
        if parsed in self._own:
            return NamedRule(parsed, "own", "<=", None, "", 1.0, ())
        match parsed.block:
            case "policies":
                return self._policy(parsed, self._policies[parsed.family])
            case "money" | "scale":
                return self._money(parsed)
            case "quadrants" | "modes":
                return self._exchange(parsed)
            case "programmes":
                return self._programmes(parsed)
            case "switching":
                return self._switching(parsed)
        return NamedRule(parsed, "own", "<=", None, "", 1.0, ())

    def _policy(self, name: Name, policy: Policy) -> NamedRule:
        path = f"policies[{policy.id}]"
        if isinstance(policy, SpendPolicy):
            entry = Entry(f"{path}.amount", policy.amount, ">=" if policy.kind == "floor" else "<=")
            return _rule(name, policy.kind, entry, MONEY, max(policy.amount, 0.01 * self._mean))
        if isinstance(policy, SharePolicy):
            sides: tuple[tuple[str, float | None, Sense], ...] = (("min", policy.min, ">="), ("max", policy.max, "<="))
            said = [Entry(f"{path}.{field}", x, sense, own_unit=False) for field, x, sense in sides if x is not None]
            size = (said[0].amount or 0.01) * self._mean * len(self._lines)
            rule = _rule(name, "share", said[0], SHARE, size)
            return rule if len(said) == 1 else replace(rule, amount=None, entries=tuple(said))
        if isinstance(policy, BandPolicy):
            entry = Entry(f"{path}.width", policy.width, "<=")
            return _rule(name, "band", entry, RATIO, policy.width)
        if policy.max_dependency is not None:
            entry = Entry(f"{path}.max_dependency", policy.max_dependency, "<=")
            return _rule(name, "dependency", entry, SHARE, max(0.01, 1 - policy.max_dependency))
        entry = Entry(f"{path}.min_ratio", float(policy.min_ratio or 0.0), ">=")
        return _rule(name, "target", entry, RATIO, max(entry.amount, 0.01))

    def _money(self, name: Name) -> NamedRule:
        scenario, rule, key = self.scenario, self.scenario.money, name.key
        match name.head:
            case "money.budget":
                return self._yearly(name, "budget", "budget", scenario.budget, key)
            case "money.carry":
                size = max(rule.carry_share, 0.01) * float(np.mean(scenario.budget.at(scenario.horizon.years)))
                entry = Entry("money.carry_share", rule.carry_share, "<=", own_unit=False)
                return _rule(name, "carry", entry, SHARE, size)
            case "money.ramp":
                paths, size = ("money.ramp_growth", "money.ramp_step"), rule.ramp_step + rule.ramp_growth * self._mean
                entry = Entry("money.ramp_step", rule.ramp_step, "<=")
                return _rule(name, "ramp", entry, MONEY, max(size, 0.01 * self._mean), paths)
        line = self._lines[key]
        field = {"money.line_floor": "floor", "money.line_cap": "cap", "scale.minimum": "min_scale"}[name.head]
        amount = float(getattr(line, field) or 0.0)
        kind = {"floor": "line_floor", "cap": "line_cap", "min_scale": "scale"}[field]
        entry = Entry(f"lines[{key}].{field}", amount, "<=" if field == "cap" else ">=")
        return _rule(name, kind, entry, MONEY, max(amount, 0.01 * self._mean))

    def _yearly(self, name: Name, kind: str, path: str, series: Series, year: str, unit: str = MONEY) -> NamedRule:
        """A rule on one year's value of a series, entered for that year."""
        entry = Entry(f"{path}.{year}", float(series.at(int(year))), "<=")
        least = 0.01 * self._mean if unit == MONEY else 0.01
        return _rule(name, kind, entry, unit, max(entry.amount, least), at(path, series, year))

    def _exchange(self, name: Name) -> NamedRule:
        scenario, key = self.scenario, name.key
        if name.head == "quadrants.exposure":
            return self._yearly(name, "exposure", EXPOSURE, scenario.cooperation.exposure_limit, key)
        if name.head == "modes.exchange_cap":
            said = tuple(
                Entry(f"modes[{mode.id}].max_exchange", mode.max_exchange, "<=", own_unit=False)
                for mode in scenario.modes
            )
            paths = tuple(entry.path for entry in said)
            return NamedRule(name, "mode_cap", "<=", None, SHARE, 0.1 * self._mean, paths, said)
        kind = name.family
        field = {"exchange_floor": "min_exchange", "exchange_cap": "max_exchange", "shield": "shield_share"}[kind]
        share = next(float(getattr(rule, field)) for rule in scenario.quadrants if rule.id == key)
        sense: Sense = "<=" if kind == "exchange_cap" else ">="
        members = sum(place == key for place in self._quadrant.values()) if kind == "shield" else 1
        entry = Entry(f"quadrants[{key}].{field}", share, sense, own_unit=False)
        return _rule(name, kind, entry, SHARE, max(share, 0.01) * self._mean * members)

    def _programmes(self, name: Name) -> NamedRule:
        limit, key = self.scenario.catalogue.researchers, name.key
        if name.head == "programmes.researchers" and limit is not None:
            return self._yearly(name, "researchers", "catalogue.researchers", limit, key, PERSONS)
        kind = name.family
        return NamedRule(name, kind, ">=", None, "programmes", 1.0, (f"programmes[{key}].{kind}",))

    def _switching(self, name: Name) -> NamedRule:
        far, near = (float(part.mean()) for part in thresholds(self.scenario))
        match name.family:
            case "near":
                entry = Entry("diffusion.near", self.scenario.diffusion.near, ">=", own_unit=False)
                return _rule(name, "near", entry, SHARE, 100 * max(1 - near, 0.01))
            case "entry":
                entry = Entry("diffusion.far", self.scenario.diffusion.far, "<=", own_unit=False)
                return _rule(name, "entry", entry, SHARE, 100 * max(1 - far, 0.01))
            case "ratchet":
                return NamedRule(name, "ratchet", "<=", None, "stages", 1.0, ("switching.ratchet",))
        return NamedRule(name, "exchange_open", "<=", None, MONEY, 0.1 * self._mean, ("stages",))


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
