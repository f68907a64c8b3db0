"""Whether OTHER's money lies in BASE's near-optimal ranges.

The near-optimal range of an amount runs from the least to the most it has in any lawful plan of BASE that is worth at
least (1 - NEAR) of the best. So one lawful plan that is worth that much lies in all ranges at once, and nothing needs
to be solved to see it: OTHER's money under BASE's scenario is an entry of the regret matrix.

| answer | OTHER's money under BASE's scenario |
|---|---|
| inside | is lawful as it is, or in proportion to the budget, and loses at most NEAR: every amount is in its range |
| adapted | the same holds for the nearest lawful money; where that differs from OTHER's, nothing is said |
| open | loses more: some amounts may be in their ranges and others not, together they are no near-optimal plan |
| infeasible | no lawful money near it was found |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kctopt.comparison.regret import Regret

NEAR = 0.005  # share of the best value that a near-optimal plan may lose
ANSWERS = {"own": "inside", "kept": "inside", "scaled": "inside", "adapted": "adapted", "blended": "adapted"}


@dataclass(frozen=True)
class RangeCheck:
    """OTHER's money as a plan of BASE's scenario."""

    answer: Literal["inside", "adapted", "open", "infeasible"]
    near: float  # share of the best value that counts as near-optimal
    percent: float | None  # of the best value that is lost
    moved: float | None  # share of the money that had to move to keep BASE's rules


def range_check(matrix: Regret, base: str, other: str) -> RangeCheck:
    """OTHER's plan against BASE's near-optimal plans, from the regret matrix."""
    entry = matrix.entry(base, other)
    if entry.percent is None:
        return RangeCheck("infeasible", NEAR, None, None)
    near = entry.percent <= 100 * NEAR
    answer = ANSWERS[entry.how] if near else "open"
    return RangeCheck(answer, NEAR, entry.percent, entry.moved)  # type: ignore[arg-type]
