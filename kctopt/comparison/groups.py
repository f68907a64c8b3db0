"""The inputs in which two scenarios differ, in groups that can change one by one, and scenarios in between.

| group | holds |
|---|---|
| budget, controls, money, … | a whole setting of the scenario |
| policies[semis-floor] | a policy that differs, or that one of the two has |
| lines[domain=quantum].growth | a column of the lines of a domain, where both have the same lines |
| programmes[etching] | a programme, where both have the same catalogue |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kctopt.scenario.check import checked
from kctopt.scenario.nodes import Faults, Origin, from_python
from kctopt.scenario.records import Label, Line, Policy, Record, Scenario

TEXTS = ("schema_version", "name", "label", "intent", "model", "model_sha256", "provenance")


def groups(base: Scenario, other: Scenario) -> tuple[str, ...]:
    """Names of the groups that differ, in the order of the scenario."""
    changed: list[str] = []
    for name in type(base).model_fields:
        if name in TEXTS:
            continue
        mine, yours = getattr(base, name), getattr(other, name)
        if name == "policies":
            changed += _policies(mine, yours)
        elif not _same(mine, yours):
            changed += _inside(name, mine, yours)
    return tuple(changed)


def between(base: Scenario, other: Scenario, chosen: Iterable[str]) -> Scenario:
    """BASE with these groups as in OTHER, checked like any scenario. Raises ScenarioErrors."""
    names = set(chosen)
    updates: dict[str, Any] = {name: getattr(other, name) for name in names if name in type(base).model_fields}
    if any(name.startswith("policies[") for name in names):
        updates["policies"] = _mixed_policies(base, other, names)
    if any(name.startswith("lines[") for name in names):
        updates["lines"] = tuple(
            _mixed_line(mine, yours, names) for mine, yours in zip(base.lines, other.lines, strict=True)
        )
    if any(name.startswith("programmes[") for name in names):
        updates["programmes"] = tuple(
            yours if f"programmes[{mine.id}]" in names else mine
            for mine, yours in zip(base.programmes, other.programmes, strict=True)
        )
    mixed = base.model_copy(update=updates)
    return checked(from_python(mixed, Origin(f"{base.name} with {', '.join(sorted(names))}")), Faults())


def _same(first: Any, second: Any) -> bool:
    """Whether two values say the same, labels and other texts left out."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, Record) and type(first) is type(second) and not isinstance(first, Label):
        return all(_same(getattr(first, name), getattr(second, name)) for name in type(first).model_fields)
    return isinstance(first, Label) or bool(first == second)


def _policies(first: tuple[Policy, ...], second: tuple[Policy, ...]) -> list[str]:
    mine, yours = ({policy.id: policy for policy in side} for side in (first, second))
    return [f"policies[{name}]" for name in dict.fromkeys([*mine, *yours]) if mine.get(name) != yours.get(name)]


def _inside(name: str, first: Any, second: Any) -> list[str]:
    """Groups inside a setting that differs."""
    listed = name in ("lines", "programmes") and [record.id for record in first] == [record.id for record in second]
    if not listed:
        return [name]
    if name == "programmes":
        return [f"programmes[{one.id}]" for one, two in zip(first, second, strict=True) if not _same(one, two)]
    changed: dict[str, None] = {}
    for mine, yours in zip(first, second, strict=True):
        if mine.domain != yours.domain:
            return [name]
        for column in Line.model_fields:
            if not _same(getattr(mine, column), getattr(yours, column)):
                changed[f"lines[domain={mine.domain}].{column}"] = None
    return list(changed)


def _mixed_line(mine: Line, yours: Line, names: set[str]) -> Line:
    columns = (name for name in Line.model_fields if f"lines[domain={mine.domain}].{name}" in names)
    return mine.model_copy(update={name: getattr(yours, name) for name in columns})


def _mixed_policies(base: Scenario, other: Scenario, names: set[str]) -> tuple[Policy, ...]:
    yours = {policy.id: policy for policy in other.policies}
    known = {policy.id for policy in base.policies}
    mixed = []
    for policy in base.policies:
        if f"policies[{policy.id}]" not in names:
            mixed.append(policy)
        elif policy.id in yours:
            mixed.append(yours[policy.id])
    return (
        *mixed,
        *(policy for policy in other.policies if policy.id not in known and f"policies[{policy.id}]" in names),
    )
