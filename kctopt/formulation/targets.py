r"""Targets: end-of-year floors on U/R or caps on dependency for chosen lines, hard, or soft at a price.

    U[i,by_p]/R[i,by_p] + shortfall[p,i] >= ratio_p        for every line i of target p
    i of p: inside its domain and line where it names them,   m[i,k] >= 1/2 where it names a type k
    ratio_p = min_ratio_p,   or 1 - max_dependency_p        a cap on dependency is a floor

Where targets cannot hold, the program of how near a plan can come takes their place:

    max share        with U[i,by_p]/R[i,by_p] >= share * ratio_p on every line of every target,  0 <= share <= 1

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| ratio | least usable capability over the rival's (a variable held at its data) | ratio | policies.<id>.ratio | data |
| shortfall | amount missed, soft targets only | ratio | policies.<id>.shortfall | law |
| share | part of what the targets ask that all their lines reach | share | share | decision |

Reversing dependence in the security field within two five-year plans is the paper's aim (s.4.2); which lines and how
far is the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kctopt.algebra import Block, Constraint, Objective, Var, maximize, quicksum
from kctopt.formulation import add_rule
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.scenario.select import target_lines

MOST = 10.0  # no ratio asked for is larger: a bound lets the proof take the program apart


def required_ratio(policy: TargetPolicy) -> float:
    """Least U/R that the target asks for."""
    return 1 - policy.max_dependency if policy.max_dependency is not None else float(policy.min_ratio or 0.0)


def add_constraints(block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, substitute: Any) -> list[Any]:
    """Targets on `block` by policy id; returns the priced shortfalls of the soft ones."""
    penalties: list[Any] = []
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy):
            penalties += _add_target(block, scenario, base, policy, capability, substitute)
    return penalties


def _add_target(
    block: Block, scenario: Scenario, base: BaseYear, policy: TargetPolicy, capability: Any, substitute: Any
) -> list[Any]:
    """One target: a row for each selected line."""
    positions = {scenario.lines[i].id: i for i in target_lines(scenario, policy)}
    asked, year = required_ratio(policy), policy.by
    ratio = Var(bounds=(asked, asked))
    block.add_component(f"{policy.id}.ratio", ratio)
    shortfall = Var(list(positions), bounds=(0.0, max(MOST, asked))) if policy.soft else None
    if shortfall is not None:
        block.add_component(f"{policy.id}.shortfall", shortfall)

    def reached(_: Block, i: str) -> Any:
        rival = float(base.rival[positions[i], year - scenario.horizon.base_year])
        reach = (capability[i, year] + substitute[i, year]) / rival
        return reach + (shortfall[i] if shortfall is not None else 0.0) - ratio >= 0

    add_rule(block, policy.id, Constraint(list(positions), rule=reached))
    return [policy.price * quicksum(shortfall[i] for i in positions)] if shortfall is not None else []


def add_nearest(
    model: Block, scenario: Scenario, base: BaseYear, asked: Sequence[TargetPolicy], *,
    capability: Any, substitute: Any,
) -> None:  # fmt: skip
    """On the model itself: the share of what targets ask, its rows `nearest[<id>,<line>]`, its objective `best`."""
    rows = {
        (policy.id, scenario.lines[i].id): (policy, float(base.rival[i, policy.by - scenario.horizon.base_year]))
        for policy in asked
        for i in target_lines(scenario, policy)
    }
    model.share = Var(bounds=(0.0, 1.0))

    def reached(m: Block, policy: str, i: str) -> Any:
        target, rival = rows[policy, i]
        return (capability[i, target.by] + substitute[i, target.by]) / rival - required_ratio(target) * m.share >= 0

    model.nearest = Constraint(list(rows), rule=reached)
    model.best = Objective(expr=model.share, sense=maximize)
