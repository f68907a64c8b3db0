r"""Objective: discounted national security with a terminal weight and a tail, or the smallest budget.

    national_security  max  sum_{t0 < t <= T+tail} beta^(t-t0) NS_t + W NS_T + E NS_{T+tail}
                           - sum_{p,i} price_p shortfall[p,i] + reward,  E = beta^(T+tail-t0) sum_{1 <= n <= n_E} beta^n
    min_budget         min  phi sum_t B_t        (every year's budget is phi times its data; targets must hold)
    earliest           min  Y,  t0+1 <= Y <= T        some plan keeps every hard target p with by_p = Y
                       max  national_security with this Y        of the plans that do

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| beta | discount | ratio | objective.discount | scenario |
| W | terminal weight | ratio | objective.terminal | scenario |
| n_E | years for which NS of the last year of all counts on | years | objective.end_years | scenario |
| phi | budget scale | ratio | money.scale | decision |
| reward | expected reward of programmes done in time | NS points | programmes.reward | programmes |

In the tail every line keeps its spend of the last year, so that money with a lag is not wasted at the horizon; its last
year counts on, since money of the last plan goes on working after it.
"""

from __future__ import annotations

from typing import Any

from kctopt.algebra import Block, Objective, maximize, minimize, quicksum
from kctopt.scenario.records import Scenario


def year_weights(scenario: Scenario) -> dict[int, float]:
    """Weight of NS in each planned and tail year."""
    horizon, rule = scenario.horizon, scenario.objective
    weights = {t: rule.discount ** (t - horizon.base_year) for t in horizon.all_years}
    weights[horizon.last_year] += rule.terminal
    last = horizon.all_years[-1]
    weights[last] += sum(rule.discount ** (last - horizon.base_year + n) for n in range(1, rule.end_years + 1))
    return weights


def add_objective(
    block: Block, scenario: Scenario, *, security: Any, available: Any, penalties: list[Any], reward: Any = 0.0
) -> None:
    """The one objective of the model."""
    if scenario.objective.kind == "min_budget":
        total = quicksum(available[t] for t in scenario.horizon.years)
        block.value = Objective(expr=total, sense=minimize)
        return
    weighted = quicksum(weight * security[t] for t, weight in year_weights(scenario).items())
    block.value = Objective(expr=weighted - quicksum(penalties) + reward, sense=maximize)
