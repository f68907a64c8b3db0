r"""Substitution track: emergency replacements that come quickly, fade, and never reach the frontier.

    s[i,t] <= (1 - delta_s) s[i,t-1] + v[i,t],   v[i,t] <= b (u[i,t]/ubar_i)^lambda_s,   s[i,t] <= ceiling R[i,t]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| s | substitutes in use | index points | substitute | law |
| v | substitutes made | index points/year | made | law |
| ubar | reference spend | billion CNY/year | base.substitution | calibration |
| b | output at reference spend | index points/year | substitution.output | model |
| ceiling | largest substitute over the rival's capability | share | substitution.ceiling | model |

The two tracks, short-term emergency replacement and long-term autonomous strategy, are the paper's (s.4.2); the law
is our hypothesis. Usable capability is U = C + s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var
from kctopt.concave import ConcaveFamily, PowerProduct, add_family
from kctopt.formulation import line_ids, with_base
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario


def add_variables(block: Block, scenario: Scenario, base: BaseYear) -> None:
    """Substitutes with their ceiling, and substitutes made."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    ceiling = scenario.substitution.ceiling * base.rival
    limit = {(i, t): float(ceiling[n, m + 1]) for n, i in enumerate(lines) for m, t in enumerate(years)}
    block.substitute = Var(lines, years, bounds=lambda _, i, t: (0.0, limit[i, t]))
    block.made = Var(lines, years, domain=NonNegativeReals)


def add_constraints(block: Block, scenario: Scenario, base: BaseYear, *, spend: Any) -> list[ConcaveFamily]:
    """Decay of substitutes (linear) and their making (concave); `spend` is substitution spend."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    law, last = scenario.substitution, scenario.horizon.last_year
    before = with_base(block.substitute, base.substitute, list(lines), scenario.horizon.base_year)
    reference = dict(zip(lines, map(float, np.asarray(base.substitution)), strict=True))

    def decay(b: Block, i: str, t: int) -> Any:
        return b.substitute[i, t] <= (1 - law.depreciation) * before(i, t - 1) + b.made[i, t]

    def making(i: str, t: int) -> PowerProduct:
        return PowerProduct(block.made[i, t], law.output, [(spend[i, min(t, last)] / reference[i], law.elasticity)])

    block.decay = Constraint(lines, years, rule=decay)
    return [add_family(block, "making_law", lines, years, rule=making)]
