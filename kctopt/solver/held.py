"""Data that the program holds as columns, so that it can change without a rebuild and its price can be read."""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.scenario.records import Policy, Scenario, TargetPolicy


def held_columns(scenario: Scenario) -> dict[str, Any]:
    """Data that the program holds as columns, by variable."""
    years = scenario.horizon.years
    held: dict[str, Any] = {"quadrants.exposure_limit": scenario.cooperation.exposure_limit.at(years)}
    if scenario.objective.kind != "min_budget":  # there the money available is decided
        held["money.available"] = scenario.budget.at(years)
    for policy in scenario.policies:
        if policy.kind in ("floor", "cap"):
            held[f"policies.{policy.id}.amount"] = np.array([policy.amount])
        elif isinstance(policy, TargetPolicy):
            ratio = policy.min_ratio if policy.min_ratio is not None else 1 - (policy.max_dependency or 0.0)
            held[f"policies.{policy.id}.ratio"] = np.array([ratio])
    return held


def without_held(scenario: Scenario) -> Scenario:
    """The scenario with everything neutral that `held_columns` carries, and with names left out."""
    neutral: list[Policy] = []
    for policy in scenario.policies:
        if policy.kind in ("floor", "cap"):
            neutral.append(policy.model_copy(update={"amount": 0.0}))
        elif isinstance(policy, TargetPolicy):
            neutral.append(policy.model_copy(update={"min_ratio": None, "max_dependency": None}))
        else:
            neutral.append(policy)
    zero = type(scenario.budget)(0.0)
    cooperation = scenario.cooperation.model_copy(update={"exposure_limit": zero})
    names = {"name": "", "intent": "", "label": scenario.domains[0].label, "provenance": ()}
    kind = scenario.objective.kind
    return scenario.model_copy(
        update={
            "policies": tuple(neutral), "cooperation": cooperation, **names,
            "budget": scenario.budget if kind == "min_budget" else zero,
        }
    )  # fmt: skip
