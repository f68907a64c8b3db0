"""By how much a number that the user enters must change so that a plan keeps the rule it says.

A plan breaks a rule in the unit of its rows, mostly money; a share or a threshold is entered in its own unit. How much
of that a plan takes follows from its breaches at two values, since they are affine in the number. What is told is
rounded towards what works, and the plan must keep the rules of the scenario that has the rounded numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kctopt.analysis.rounding import no_less, no_more
from kctopt.analysis.verdicts import Step
from kctopt.errors import ScenarioErrors
from kctopt.rules import Breach
from kctopt.rules.named import Entry, NamedRule
from kctopt.scenario.parameter import changed
from kctopt.scenario.records import Scenario

TO = 6  # digits of the number to which a value is changed
STEP, LEAST = 1e-2, 1e-2  # first change tried, of the value or of this
FINER, TRIES = 100.0, 3  # where no breach is left after it
MORE = 1e-3  # relative step to the next number tried where the rounded one is not enough
AGAIN = 3

Judged = Callable[[Scenario], Mapping[str, list[Breach]]]  # breaches of one plan in a scenario, by rule


def steps_of(
    scenario: Scenario,
    rules: Sequence[NamedRule],
    taken: Mapping[str, float],
    judged: Judged,
    may_break: frozenset[str],
) -> dict[str, tuple[Step, ...]] | None:
    """Changes of the numbers of some rules with which a plan breaks none but those in `may_break`; None without any.

    `taken` is by how much the plan breaks each rule, in the unit of its rows.
    """
    needed: dict[str, list[tuple[Entry, float]]] = {
        rule.name: _needed(scenario, rule, taken[rule.name], judged) for rule in rules
    }
    numberless = {rule.name for rule in rules if not rule.entries}
    if any(not changes for name, changes in needed.items() if name not in numberless):
        return None
    for n in range(AGAIN):
        more = 1 + n * MORE
        steps = {name: tuple(step(entry, by * more) for entry, by in changes) for name, changes in needed.items()}
        strict = [(change.path, level(change)) for group in steps.values() for change in group]
        try:
            left = judged(entered(scenario, dict(strict)))
        except ScenarioErrors:  # beyond what the number can be
            return None
        if set(left) <= may_break | numberless:
            return steps
    return None


def step(entry: Entry, by: float) -> Step:
    """The change of a number by an amount, rounded up, and where it leads: either, as printed, is enough."""
    lower, rounded = entry.sense == ">=", float(no_less(by))
    to = max(0.0, entry.amount - rounded) if lower else entry.amount + rounded
    return Step(entry.path, entry.sense, entry.amount, rounded, float(no_more(to, TO) if lower else no_less(to, TO)))


def exact(entry: Entry, by: float) -> Step:
    """The same, not rounded."""
    return Step(
        entry.path, entry.sense, entry.amount, by, entry.amount - by if entry.sense == ">=" else entry.amount + by
    )


def level(step: Step) -> float:
    """The number that a change by its rounded amount leads to, which is not past the rounded number."""
    return max(0.0, step.before - step.by) if step.sense == ">=" else step.before + step.by


def entered(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with numbers entered at paths, as `set:` takes them. Raises ScenarioErrors."""
    return changed(scenario, values)


def _needed(scenario: Scenario, rule: NamedRule, taken: float, judged: Judged) -> list[tuple[Entry, float]]:
    """The numbers of a rule that must change, each with by how much."""
    if rule.own_unit:
        return [(entry, taken) for entry in rule.entries]
    before = _excess(rule, judged(scenario))
    changes = [(entry, _change(scenario, rule, entry, before, judged)) for entry in rule.entries]
    return [(entry, by) for entry, by in changes if by > 0]


def _change(scenario: Scenario, rule: NamedRule, entry: Entry, before: Mapping[str, float], judged: Judged) -> float:
    """By how much one number must change so that the breaches that depend on it end; 0 where none does."""
    by = STEP * max(abs(entry.amount), LEAST)
    for _ in range(TRIES):
        value = entry.amount - by if entry.sense == ">=" else entry.amount + by
        try:
            after = _excess(rule, judged(entered(scenario, {entry.path: value})))
        except ScenarioErrors:
            return 0.0
        roots = [
            by * amount / (amount - after[row]) if row in after else by
            for row, amount in before.items()
            if after.get(row, 0.0) < amount
        ]
        if not roots or max(roots) > by:
            break
        by /= FINER
    return max(roots, default=0.0)


def _excess(rule: NamedRule, broken: Mapping[str, list[Breach]]) -> dict[str, float]:
    """By how much each row of a rule is broken."""
    return {breach.rule: breach.amount for breach in broken.get(rule.name, [])}
