"""What the plans of two runs are worth beyond the base year's shares, and what of the change is planning's.

    objective = trend + (reference - trend) + value        so its change is the sum of theirs

The best plan's value of planning lies between `value` and `at_most` (result/planning.py), so its change lies within

    OTHER.value - BASE.at_most   ...   OTHER.at_most - BASE.value
"""

from __future__ import annotations

from dataclasses import dataclass

from kctopt.result.result import Result


@dataclass(frozen=True)
class PlanningChange:
    """Change of the value of planning from BASE to OTHER, and the two other parts of the objective's change."""

    base: float
    other: float
    delta: float
    low: float | None  # of the best plans, by the proofs; None while a bound is missing
    high: float | None
    within_gap: bool | None
    trend: float  # change of what the trend alone brings
    shares: float  # change of what the base year's shares, adjusted to be feasible, add to it
    objective: float  # change of the whole: trend + shares + delta


def planning_change(base: Result, other: Result) -> PlanningChange | None:
    """The change between two runs whose objectives are subtracted; None where one has no value of planning."""
    first, second = base.value_of_planning, other.value_of_planning
    if first is None or second is None:
        return None
    delta = second.value - first.value
    low = high = within = None
    if first.at_most is not None and second.at_most is not None:
        low, high = sorted((second.value - first.at_most, second.at_most - first.value))
        within = abs(delta) <= abs(first.at_most - first.value) + abs(second.at_most - second.value)
    return PlanningChange(
        first.value, second.value, delta, low, high, within,
        second.trend - first.trend, second.shares - first.shares, second.plan - first.plan,
    )  # fmt: skip
