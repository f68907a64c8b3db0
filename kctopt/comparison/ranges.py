"""Whether OTHER's money lies in BASE's near-optimal ranges.

The near-optimal range of an amount runs from the least to the most it has in any lawful plan of BASE that is worth at
least the best less EPSILON of the value of planning there, as `kctopt explain ranges` has it; where planning has no
value, the best less NEAR of itself. So one lawful plan that is worth that much lies in all ranges at once, and nothing
needs to be solved to see it: OTHER's money under BASE's scenario is an entry of the regret matrix.

| answer | OTHER's money under BASE's scenario |
|---|---|
| inside | is lawful as it is, or in proportion to the budget, and loses at most that: every amount is in its range |
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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kctopt.analysis.saved import ranges_of
from kctopt.analysis.tolerance import EPSILON, NOTHING, OBJECTIVE, PLANNING
from kctopt.analysis.traits import cells
from kctopt.comparison.regret import Regret
from kctopt.result.result import Result
from kctopt.scenario.records import TYPES

ROUND = 0.05  # billion CNY: amounts that read the same with one digit are the same

NEAR = 0.005  # share of the best value that a near-optimal plan may lose where planning has no value
ANSWERS = {"own": "inside", "kept": "inside", "scaled": "inside", "mended": "adapted", "blended": "adapted"}


@dataclass(frozen=True)
class RangeCheck:
    """OTHER's money as a plan of BASE's scenario."""

    answer: Literal["inside", "adapted", "open", "infeasible"]
    near: float  # share that a near-optimal plan may lose
    near_of: str  # of what: planning (the value of planning in BASE) or objective (the best value)
    percent: float | None  # of the same that is lost
    moved: float | None  # share of the money that had to move to keep BASE's rules


def range_check(matrix: Regret, results: Mapping[str, Result], base: str, other: str) -> RangeCheck:
    """OTHER's plan against BASE's near-optimal plans, from the regret matrix."""
    entry, value = matrix.entry(base, other), results[base].value_of_planning
    if value is not None and value.value > NOTHING * max(1.0, abs(value.plan)):
        near, near_of, lost = EPSILON, PLANNING, entry.regret
        lost = None if lost is None else 100 * lost / value.value
    else:
        near, near_of, lost = NEAR, OBJECTIVE, entry.percent
    if lost is None:
        return RangeCheck("infeasible", near, near_of, None, None)
    answer = ANSWERS[entry.how] if lost <= 100 * near else "open"
    return RangeCheck(answer, near, near_of, lost, entry.moved)  # type: ignore[arg-type]


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
    epsilon: float  # share that BASE's plans may lose
    epsilon_of: str  # of what: planning (the value of planning) or objective (the optimum)

    @property
    def beyond(self) -> float:
        """How far the amount lies outside what is proven."""
        return max(self.least_proven - self.other, self.other - self.most_proven, 0.0)


def cell_ranges(base: Result, other: Result) -> tuple[CellRange, ...]:
    """OTHER's amounts beside the ranges saved in BASE's run, farthest outside first; none where none are saved.

    Of several saved ranges those nearest the optimum are taken.
    """
    nearest = ranges_of(base.run_dir)
    if nearest is None or not other.has_plan:
        return ()
    money, horizon = cells(other), other.scenario.horizon
    epsilon, of = nearest.about["epsilon"], nearest.about.get("epsilon_of", OBJECTIVE)
    domains, plans = [domain.id for domain in other.scenario.domains], [plan.id for plan in horizon.plans]
    ranges = []
    for row in nearest.tables["cells"].records:
        domain, kind, plan = (str(row[key]) for key in ("domain", "type", "plan"))
        if domain in domains and plan in plans:
            amount = float(money[domains.index(domain), TYPES.index(kind), plans.index(plan)])
            ends = {key: float(row[key]) for key in ("least", "least_proven", "most", "most_proven")}
            answer = _answer(amount, ends)
            ranges.append(CellRange(domain, kind, plan, amount, **ends, answer=answer, epsilon=epsilon, epsilon_of=of))
    return tuple(sorted(ranges, key=lambda cell: -cell.beyond))


def _answer(amount: float, ends: dict[str, float]) -> Literal["inside", "outside", "undecided"]:
    if ends["least"] - ROUND <= amount <= ends["most"] + ROUND:
        return "inside"
    inside_proven = ends["least_proven"] - ROUND <= amount <= ends["most_proven"] + ROUND
    return "undecided" if inside_proven else "outside"
