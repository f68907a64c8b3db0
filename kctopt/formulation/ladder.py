r"""Stocks and ladder: functional, performance and reliability stocks, and capability from them.

    k[i,r,t] <= (1 - delta_r) k[i,r,t-1] + q[i,r,t] + eta_r D[i,t] + G[i,r,t] - h[i,r,t]
    k[i,P,t] <= k[i,F,t],   k[i,R,t] <= k[i,P,t],   C[i,t] = sum_r omega_r k[i,r,t]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| k | stock of a rung | index points | stock | law |
| C | capability | index points, rival in t0 = 100 | capability | law |
| delta | depreciation | 1/year | rungs.depreciation | model |
| eta | part of the inflow that reaches the rung | ratio | rungs.inflow | model |
| omega | weight of the rung in capability | share | rungs.capability_weight | model |
| G | expected gain of programmes that end in the year | index points/year | gain | programmes |
| h | restraint: capability not built | index points/year | restraint | switching |

The order functional, performance, reliability is the paper's (s.4.2, FCT -> PCT -> RCT); that it acts as a ladder of
stocks is our hypothesis. Stock may be discarded (<=), which keeps the set convex; it is worth something only where
stages switch or a band holds, and there h says how much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var, quicksum
from kctopt.formulation import line_ids, nothing, with_base
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import RUNGS, Rung, Scenario

Term = Callable[[str, str, int], Any]  # of line, rung and year


def add_variables(block: Block, scenario: Scenario) -> None:
    """Stocks by line, rung and year; capability by line and year."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    block.stock = Var(lines, RUNGS, years, domain=NonNegativeReals)
    block.capability = Var(lines, years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, production: Any, inflow: Any, gain: Term = nothing,
    restraint: Term = nothing,
) -> None:  # fmt: skip
    """Accumulation, the ladder and capability; `gain` and `restraint` add to and take from what accumulates."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    rungs: dict[str, Rung] = {rung.id: rung for rung in scenario.rungs}
    keys = [(i, r) for i in lines for r in RUNGS]
    before = with_base(block.stock, base.stock.ravel(), keys, scenario.horizon.base_year)

    def accumulation(b: Block, i: str, r: str, t: int) -> Any:
        rung = rungs[r]
        kept = (1 - rung.depreciation) * before((i, r), t - 1)
        built = kept + production[i, r, t] + rung.inflow * inflow[i, t]
        return b.stock[i, r, t] <= built + gain(i, r, t) - restraint(i, r, t)

    def capability(b: Block, i: str, t: int) -> Any:
        return b.capability[i, t] == quicksum(rungs[r].capability_weight * b.stock[i, r, t] for r in RUNGS)

    steps = list(zip(RUNGS[1:], RUNGS[:-1], strict=True))
    lower = dict(steps)
    block.accumulation = Constraint(lines, RUNGS, years, rule=accumulation)
    block.ladder = Constraint(
        lines, RUNGS[1:], years, rule=lambda b, i, r, t: b.stock[i, r, t] <= b.stock[i, lower[r], t]
    )
    block.capability_of_line = Constraint(lines, years, rule=capability)
