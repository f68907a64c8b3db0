r"""Least scale: in each plan a line is off, or every year spends at least its efficient scale.

    S[i,t] >= scale_i o[i,p(t)],   S[i,t] <= Smax[i,t] o[i,p(t)]        for the lines with a scale

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| o | 1 where the line runs in a plan | 0 or 1 | on | decision |
| scale | efficient scale | billion CNY/year | lines.min_scale | model |
| Smax | spend that no plan exceeds | billion CNY/year | limits.most_spend | data |

That research has a least efficient scale is our hypothesis, by line; the two plans are the paper's (s.4.2). A line with
a floor runs in every plan, and one whose money cannot reach its scale in some year of a plan is off in it.
"""

from __future__ import annotations

from typing import Any

from kctopt.algebra import Binary, Block, Constraint, Var
from kctopt.formulation import line_ids, plan_ids
from kctopt.scenario.limits import most_spend
from kctopt.scenario.records import Scenario


def add_variables(block: Block, scenario: Scenario) -> None:
    """Running or off, by line with a scale and plan."""
    lines = {line.id: line for line in scenario.lines if line.min_scale > 0}
    if not lines:
        return
    plans = {plan.id: plan for plan in scenario.horizon.plans}
    row, largest = {i: n for n, i in enumerate(line_ids(scenario))}, most_spend(scenario)

    def decided(_: Block, i: str, p: str) -> tuple[int, int]:
        first = scenario.horizon.years[0]
        most = largest[row[i], plans[p].first - first : plans[p].last - first + 1].min()
        return int(lines[i].floor > 0), int(most >= lines[i].min_scale or lines[i].floor > 0)

    block.on = Var(list(lines), list(plans), domain=Binary, bounds=decided)


def add_constraints(block: Block, scenario: Scenario, *, spend: Any) -> None:
    """At least the scale, or nothing; `spend` is the spend of a line."""
    lines, years = {line.id: line for line in scenario.lines if line.min_scale > 0}, scenario.horizon.years
    if not lines:
        return
    row, plan, largest = {i: n for n, i in enumerate(line_ids(scenario))}, plan_ids(scenario), most_spend(scenario)

    def minimum(b: Block, i: str, t: int) -> Any:
        return spend[i, t] >= lines[i].min_scale * b.on[i, plan[t]]

    def off(b: Block, i: str, t: int) -> Any:
        return spend[i, t] <= float(largest[row[i], t - years[0]]) * b.on[i, plan[t]]

    block.minimum = Constraint(list(lines), years, rule=minimum)
    block.off = Constraint(list(lines), years, rule=off)
