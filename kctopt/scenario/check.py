"""Checks across records, all at once."""

from __future__ import annotations

from kctopt.scenario.build import Builder
from kctopt.scenario.nodes import Faults, Node
from kctopt.scenario.records import Scenario


def checked(root: Node, faults: Faults) -> Scenario:
    """The scenario of a tree. Raises ScenarioErrors with every fault found."""
    groups = Builder(root, faults).groups()
    if faults:
        raise faults.errors()
    return Scenario.model_validate(groups)
