r"""Co-development: lines whose capabilities, each over its rival's, stay within a band of each other.

    C[i,t]/R[i,t] - C[j,t]/R[j,t] <= width        for every ordered pair of lines of the group, in its years

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| width | largest difference between any two lines of the group | ratio | policies.<id>.width | data |

A line that would run ahead can be held back: its capability is not built. That lithography, etching and deposition are
to be developed together is the paper's (s.4.4); that a band expresses it is our hypothesis.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

from kctopt.algebra import Block, Constraint
from kctopt.formulation import add_rule, line_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import BandPolicy, Scenario
from kctopt.scenario.select import policy_years


def add_constraints(block: Block, scenario: Scenario, base: BaseYear, *, capability: Any) -> None:
    """Bands on `block` by policy id: a row for each ordered pair of lines and each year."""
    row = {line: n for n, line in enumerate(line_ids(scenario))}
    t0 = scenario.horizon.base_year

    def ratio(i: str, t: int) -> Any:
        return capability[i, t] / float(base.rival[row[i], t - t0])

    def band(policy: BandPolicy) -> Any:
        keys = [
            (i, j, t) for i, j in permutations(policy.lines, 2) for t in policy_years(policy.years, scenario.horizon)
        ]
        return Constraint(keys, rule=lambda _, i, j, t: ratio(i, t) - ratio(j, t) <= policy.width)

    for policy in scenario.policies:
        if isinstance(policy, BandPolicy):
            add_rule(block, policy.id, band(policy))
