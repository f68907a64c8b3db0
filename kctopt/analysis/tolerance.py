"""How much less than the optimum a plan may be worth to be near it: a share of what planning is worth.

| epsilon of | a plan x is near the optimum V* when | for |
|---|---|---|
| planning | V(x) >= V* - epsilon (V* - V(reference)) | the default: no plan moves the trend in the objective |
| objective | V(x) >= V* - epsilon abs(V*) | on request, and where planning has no value above nothing |

`reference` is the plan "base year's shares", adjusted to be feasible where it breaks rules (result/lawful.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kctopt.result.result import Result

EPSILON = 0.01
PLANNING, OBJECTIVE = KINDS = ("planning", "objective")
NOTHING = 1e-6  # value of planning, relative to the objective, from which on it is more than round-off


@dataclass(frozen=True)
class Tolerance:
    """Epsilon of a yardstick, which lies between the plan and `reference`; None: between the plan and zero."""

    epsilon: float
    reference: float | None  # objective of the base year's shares
    instead: str = ""  # why the objective took the place of planning: own, min_budget, earliest, unlawful or nothing

    @classmethod
    def asked(cls, result: Result, epsilon: float, of: str, optimum: float) -> Tolerance:
        """The tolerance for a run whose best plan is worth `optimum`; of the objective where planning is worth none."""
        if of == OBJECTIVE:
            return cls(epsilon, None)
        if result.no_value:
            return cls(epsilon, None, result.no_value)
        base = result.yardstick.objective
        if optimum - base <= NOTHING * max(1.0, abs(optimum)):
            return cls(epsilon, None, "nothing")
        return cls(epsilon, base)

    @property
    def of(self) -> str:
        """What epsilon is a share of."""
        return OBJECTIVE if self.reference is None else PLANNING

    def yardstick(self, value: float) -> float:
        """What epsilon is a share of, for a plan worth `value`, in the unit of the objective."""
        return abs(value) if self.reference is None else value - self.reference

    def room(self, value: float) -> float:
        """By how much a plan may fall short of one worth `value`."""
        return self.epsilon * self.yardstick(value)

    def facts(self, value: float) -> dict[str, Any]:
        """The tolerance around the best plan as plain data."""
        return {
            "epsilon": self.epsilon, "epsilon_of": self.of, "instead": self.instead, "reference": self.reference,
            "yardstick": self.yardstick(value), "room": self.room(value),
        }  # fmt: skip


def room_of(about: Mapping[str, Any]) -> float:
    """By how much plans of a saved analysis may fall short; those of before know a share of the objective alone."""
    return float(about.get("room", about["epsilon"] * abs(about["objective"])))
