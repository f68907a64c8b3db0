"""Plans as a study's file keeps them: money, choices and the lines and years that they are of, as bytes of NumPy.

packed(scenario, money, choices)     bytes, the same for the same plan
unpacked(content)                    the plan
plan.held(scenario)                  held in a scenario of the same lines and years
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.errors import UsageError
from kctopt.holding.plan import Plan, budgets_of, places
from kctopt.result.result import Result
from kctopt.result.run import open_run
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.simulator.choices import NO_CHOICES


def packed(
    scenario: Scenario, money: Money, choices: Choices = NO_CHOICES, *, budget_scale: float = 1.0, own: bool = False
) -> bytes:
    """A plan as bytes."""
    parts: dict[str, Any] = {f"money.{one.name}": getattr(money, one.name) for one in fields(Money)}
    parts |= {f"choices.{one.name}": getattr(choices, one.name) for one in fields(Choices)}
    parts |= {"budget_scale": budget_scale, "own": own, "places": np.array(places(scenario))}
    parts |= {"budgets": budgets_of(scenario)}
    content = io.BytesIO()
    arrays: dict[str, Any] = {name: np.asarray(part) for name, part in parts.items() if part is not None}
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def unpacked(content: bytes) -> Plan:
    """The plan in bytes that `packed` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        money = Money(*(parts[f"money.{one.name}"] for one in fields(Money)))
        names = {one.name: f"choices.{one.name}" for one in fields(Choices)}
        choices = Choices(**{name: parts[key] for name, key in names.items() if key in parts})
        scale, own, known = float(parts["budget_scale"]), bool(parts["own"]), tuple(map(str, parts["places"]))
        budgets = parts.get("budgets")  # an earlier file has none
    return Plan(money, choices, scale, None, own, known, budgets)


def plan_of(given: Any) -> Plan:
    """The plan of a result, or of the folder of a run. Raises UsageError where it has none."""
    result = open_run(Path(given), Result) if isinstance(given, str | Path) else given
    if result.money is None:
        raise UsageError(f"the run of {result.scenario.name} has no plan ({result.status}): nothing can be held fixed")
    scenario, scale = result.solved_scenario, result.budget_scale or 1.0
    return Plan(result.money, result.choices, scale, scenario, bool(result.own), (), budgets_of(scenario))


def packed_runs(folders: tuple[str, ...]) -> Iterator[tuple[str, str, bytes]]:
    """Name, folder and bytes of the plan of each run; a name is the folder's, or its path where two share one."""
    names = [Path(folder).name for folder in folders]
    for folder, name in zip(folders, names, strict=True):
        plan = plan_of(folder)
        assert plan.scenario is not None  # a run's
        content = packed(plan.scenario, plan.money, plan.choices, budget_scale=plan.budget_scale, own=plan.own)
        yield name if names.count(name) == 1 else folder, folder, content
