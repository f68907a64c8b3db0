r"""Substitution track: emergency replacements of what is denied, which come quickly, fade and lean on own capability.

    s[i,t] <= (1 - delta_s) s[i,t-1] + v[i,t],   s[i,t] <= top[i,t]
    v[i,t] <= b (u[i,t]/ubar_i)^lambda_s (C[i,t-1]/R[i,t-1])^theta_s,   v[i,t] <= 0 where top[i,t] = 0
    top[i,t] = min(ceiling, ceiling_d sigma_i f_t max(0, 1 - U0[i]/R[i,t0])) R[i,t]
    f_t = max_{t0 <= n <= t} e_n

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| s | substitutes in use | index points | substitute | law |
| v | substitutes made | index points/year | made | law |
| ubar | reference spend | billion CNY/year | base.substitution | calibration |
| b | output at reference spend and the rival's capability | index points/year | substitution.output | model |
| lambda_s theta_s | elasticities, sum <= 1 | ratio | substitution.elasticity, .capability_elasticity | model |
| top | most that substitutes can replace | index points | base.most_substitute | calibration |
| ceiling | largest substitutes over the rival's capability | share | substitution.ceiling | model |
| ceiling_d | the same over what is denied of the base year's gap | share | substitution.denied_ceiling | model |
| f | largest control intensity so far | share | controls.intensity | scenario |

The two tracks, short-term emergency replacement and long-term autonomous strategy, are the paper's (s.4.2); the law
is our hypothesis. Usable capability is U = C + s. A line that is level or ahead in t0, or of which nothing is denied,
has nothing to replace: top = 0, and so is s. Without a ceiling_d the other ceiling holds alone.
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
    limit = {(i, t): float(base.most_substitute[n, m + 1]) for n, i in enumerate(lines) for m, t in enumerate(years)}
    block.substitute = Var(lines, years, bounds=lambda _, i, t: (0.0, limit[i, t]))
    block.made = Var(lines, years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, spend: Any, capability: Any
) -> list[ConcaveFamily]:
    """Decay of substitutes (linear) and their making (concave); `spend` is substitution spend."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    law, last = scenario.substitution, scenario.horizon.last_year
    t0 = scenario.horizon.base_year
    before = with_base(block.substitute, base.substitute, list(lines), t0)
    able = with_base(capability, base.capability, list(lines), t0)
    row = {line: n for n, line in enumerate(lines)}
    reference = dict(zip(lines, map(float, np.asarray(base.substitution)), strict=True))

    def decay(b: Block, i: str, t: int) -> Any:
        return b.substitute[i, t] <= (1 - law.depreciation) * before(i, t - 1) + b.made[i, t]

    def making(i: str, t: int) -> Any:
        if base.most_substitute[row[i], t - t0] == 0:
            return block.made[i, t] <= 0
        factors = [
            (spend[i, min(t, last)] / reference[i], law.elasticity),
            (able(i, t - 1) / float(base.rival[row[i], t - t0 - 1]), law.capability_elasticity),
        ]
        return PowerProduct(block.made[i, t], law.output, [factor for factor in factors if factor[1] > 0])

    block.decay = Constraint(lines, years, rule=decay)
    return [add_family(block, "making_law", lines, years, rule=making)]
