"""Whether OTHER's money lies in BASE's near-optimal ranges.

The near-optimal range of an amount runs from the least to the most it has in any lawful plan of BASE that is worth at
least (1 - NEAR) of the best. So one lawful plan that is worth that much lies in all ranges at once, and nothing needs
to be solved to see it: OTHER's money under BASE's scenario is an entry of the regret matrix.

| answer | OTHER's money under BASE's scenario |
|---|---|
| inside | is lawful as it is, or in proportion to the budget, and loses at most NEAR: every amount is in its range |
| adapted | the same holds for the plan mended at the least loss; where that differs from OTHER's, nothing is said |
| open | loses more: some amounts may be in their ranges and others not, together they are no near-optimal plan |
| infeasible | no lawful money near it was found |

Where BASE's run has its ranges saved (`kctopt explain ranges`), every amount of OTHER is held against its own range:

| answer | the amount in OTHER |
|---|---|
| inside | lies between the least and the most that near-optimal plans of BASE attain |
| outside | is proven to be in no near-optimal plan of BASE |
| undecided | lies between what is attained and what is proven |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kctopt.analysis.saved import ranges_of
from kctopt.analysis.traits import cells
from kctopt.comparison.regret import Regret
from kctopt.result.result import Result
from kctopt.scenario.records import TYPES

ROUND = 0.05  # billion CNY: amounts that read the same with one digit are the same

NEAR = 0.005  # share of the best value that a near-optimal plan may lose
ANSWERS = {"own": "inside", "kept": "inside", "scaled": "inside", "mended": "adapted", "blended": "adapted"}


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


@dataclass(frozen=True)
class CellRange:
    """An amount of OTHER beside BASE's near-optimal range of it, billion CNY; the ends are attained and proven."""

    domain: str
    type: str
    plan: str
    other: float
    least: float
    least_proven: float
    most: float
    most_proven: float
    answer: Literal["inside", "outside", "undecided"]
    epsilon: float  # share of the optimum that BASE's plans may lose

    @property
    def beyond(self) -> float:
        """How far the amount lies outside what is proven."""
        return max(self.least_proven - self.other, self.other - self.most_proven, 0.0)


def cell_ranges(base: Result, other: Result) -> tuple[CellRange, ...]:
    """OTHER's amounts beside the ranges saved in BASE's run, farthest outside first; none where none are saved.

    Of several saved ranges those of the smallest epsilon are taken.
    """
    nearest = ranges_of(base.run_dir)
    if nearest is None or not other.has_plan:
        return ()
    money, horizon = cells(other), other.scenario.horizon
    domains, plans = [domain.id for domain in other.scenario.domains], [plan.id for plan in horizon.plans]
    ranges = []
    for row in nearest.tables["cells"].records:
        domain, kind, plan = (str(row[key]) for key in ("domain", "type", "plan"))
        if domain in domains and plan in plans:
            amount = float(money[domains.index(domain), TYPES.index(kind), plans.index(plan)])
            ends = {key: float(row[key]) for key in ("least", "least_proven", "most", "most_proven")}
            answer = _answer(amount, ends)
            ranges.append(
                CellRange(domain, kind, plan, amount, **ends, answer=answer, epsilon=nearest.about["epsilon"])
            )
    return tuple(sorted(ranges, key=lambda cell: -cell.beyond))


def _answer(amount: float, ends: dict[str, float]) -> Literal["inside", "outside", "undecided"]:
    if ends["least"] - ROUND <= amount <= ends["most"] + ROUND:
        return "inside"
    inside_proven = ends["least_proven"] - ROUND <= amount <= ends["most_proven"] + ROUND
    return "undecided" if inside_proven else "outside"
