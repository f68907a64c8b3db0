r"""Cooperation quadrants: how much of a line's spend may and must go to exchange.

    phi_min S[i,t] <= y[i,t] <= phi_max S[i,t]                              by the quadrant of the line
    sum_i sigma_i y[i,t] <= E_t                                             national exposure
    sum_{i in quadrant} min(1, m[i,S]+m[i,M]) S[i,t] >= share * sum_{i in quadrant} S[i,t]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| phi_min phi_max | least and largest share of exchange | share | quadrants.min_exchange, max_exchange | model |
| E | exposure limit (a variable held at its data, so that it has a price) | billion CNY/year | exposure_limit | data |
| share | least share of security and moat technology | share | quadrants.shield_share | model |

The four quadrants by sensitivity and growth, and the direction of each rule, are the paper's (s.4.3, Figure 3); the
thresholds and shares are ours.
"""

from __future__ import annotations

from typing import Any

from pyomo.environ import Block, Constraint, Var, quicksum

from kctopt.formulation import line_ids
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import quadrant


def add_variables(block: Block, scenario: Scenario) -> None:
    """The exposure limit, a variable held at its data."""
    years = scenario.horizon.years
    limit = dict(zip(years, map(float, scenario.cooperation.exposure_limit.at(years)), strict=True))
    block.exposure_limit = Var(years, bounds=lambda _, t: (limit[t], limit[t]))


def add_constraints(block: Block, scenario: Scenario, *, spend: Any, exchange: Any) -> None:
    """Exchange shares, exposure and the shield; `spend` is the spend of a line."""
    lines, years = line_ids(scenario), scenario.horizon.years
    rules = {rule.id: rule for rule in scenario.quadrants}
    own = {line: rules[quadrant(scenario, i)] for i, line in enumerate(lines)}  # type: ignore[index]
    sensitivity = {line.id: line.sensitivity for line in scenario.lines}
    shielding = {line.id: min(1.0, line.security + line.moat) for line in scenario.lines}

    def floor(b: Block, i: str, t: int) -> Any:
        share = own[i].min_exchange
        return exchange[i, t] >= share * spend[i, t] if share > 0 else Constraint.Skip

    def cap(b: Block, i: str, t: int) -> Any:
        share = own[i].max_exchange
        return exchange[i, t] <= share * spend[i, t] if share < 1 else Constraint.Skip

    def exposure(b: Block, t: int) -> Any:
        return quicksum(sensitivity[i] * exchange[i, t] for i in lines) <= b.exposure_limit[t]

    def shield(b: Block, q: str, t: int) -> Any:
        share = rules[q].shield_share  # type: ignore[index]
        return quicksum((shielding[i] - share) * spend[i, t] for i in lines if own[i].id == q) >= 0

    held = sorted(rule.id for rule in scenario.quadrants if rule.shield_share > 0 and rule in own.values())
    block.exchange_floor = Constraint(lines, years, rule=floor)
    block.exchange_cap = Constraint(lines, years, rule=cap)
    block.exposure = Constraint(years, rule=exposure)
    block.shield = Constraint(held, years, rule=shield)
