r"""Cooperation quadrants: how much of a line's spend may and must go to exchange.

    phi_min S[i,t] <= y[i,t] <= phi_max S[i,t]                              by the quadrant of the line
    phi_min (S[i,t] - Smax[i,t] (1 - z[i,v(t),reach])) <= y[i,t]            the floor where stages switch
    sum_i zeta_i Y[i,t] <= E_t,   zeta_i = max(0, sigma_i - sigma_E)/(1 - sigma_E)  national exposure
    sum_{i in quadrant} min(1, m[i,S]+m[i,M]) S[i,t] >= share * sum_{i in quadrant} S[i,t]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| phi_min phi_max | least and largest share of exchange | share | quadrants.min_exchange, max_exchange | model |
| z | 1 where the line is within reach | 0 or 1 | switching.stage | decision |
| Smax | largest spend of the line that money allows | billion CNY/year | limits.most_spend | data |
| Y | exposed exchange: y, or with a choice of cooperation mode sum_m xi_m y_m | billion CNY/year | exposed | decision |
| sigma_E | sensitivity up to which exchange exposes nothing | share | cooperation.exposure_threshold | model |
| E | exposure limit (a variable held at its data, so that it has a price) | billion CNY/year | exposure_limit | data |
| share | least share of security and moat technology | share | quadrants.shield_share | model |

The four quadrants by sensitivity and growth, and the direction of each rule, are the paper's (s.4.3, Figure 3); the
thresholds and shares are ours. With a choice of cooperation mode the floor stands in the block `modes`, and the cap
takes the largest share that any mode allows. Exchange in fields of little sensitivity exposes nothing: the paper asks
to widen it, and limits only what is sensitive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, Skip, Var, quicksum
from kctopt.formulation import always, line_ids
from kctopt.scenario.limits import exchange_shares, modes_to_choose, most_spend
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import exposed_part, quadrant

Term = Callable[[str, int], Any]  # of line and year


def add_variables(block: Block, scenario: Scenario) -> None:
    """The exposure limit, a variable held at its data."""
    years = scenario.horizon.years
    limit = dict(zip(years, map(float, scenario.cooperation.exposure_limit.at(years)), strict=True))
    block.exposure_limit = Var(years, bounds=lambda _, t: (limit[t], limit[t]))


def add_constraints(
    block: Block, scenario: Scenario, *, spend: Any, exchange: Any, reach: Term = always, exposed: Term | None = None
) -> None:
    """Exchange shares, exposure and the shield.

    `spend` and `exchange` are those of a line, `reach` is 1 where a line is within reach, `exposed` what counts as
    exposed exchange where cooperation modes are chosen.
    """
    lines, years = line_ids(scenario), scenario.horizon.years
    part = dict(zip(lines, exposed_part(scenario).tolist(), strict=True))
    _add_shares(block, scenario, spend, exchange, reach)

    def exposure(b: Block, t: int) -> Any:
        at = (lambda i, t: exchange[i, t]) if exposed is None else exposed
        return quicksum(part[i] * at(i, t) for i in lines if part[i] > 0) <= b.exposure_limit[t]

    block.exposure = Constraint(years, rule=exposure)
    _add_shield(block, scenario, spend)


def _add_shares(block: Block, scenario: Scenario, spend: Any, exchange: Any, reach: Term) -> None:
    """Least and largest share of exchange."""
    lines, years, modes = line_ids(scenario), scenario.horizon.years, modes_to_choose(scenario)
    row, largest = {line: i for i, line in enumerate(lines)}, most_spend(scenario)
    shares = [exchange_shares(scenario, mode) for mode in modes]
    least, most = shares[0][0], np.max([share for _, share in shares], axis=0)

    def floor(b: Block, i: str, t: int) -> Any:
        share = float(least[row[i]])
        if share == 0 or modes != (None,):
            return Skip
        beyond = share * float(largest[row[i], t - years[0]]) * (1 - reach(i, t))
        return exchange[i, t] >= share * spend[i, t] - beyond

    def cap(b: Block, i: str, t: int) -> Any:
        share = float(most[row[i]])
        return exchange[i, t] <= share * spend[i, t] if share < 1 else Skip

    block.exchange_floor = Constraint(lines, years, rule=floor)
    block.exchange_cap = Constraint(lines, years, rule=cap)


def _add_shield(block: Block, scenario: Scenario, spend: Any) -> None:
    """Least share of security and moat technology in a quadrant's spend."""
    lines, years = line_ids(scenario), scenario.horizon.years
    rules = {rule.id: rule for rule in scenario.quadrants}
    own = {line: rules[quadrant(scenario, i)] for i, line in enumerate(lines)}  # type: ignore[index]
    shielding = {line.id: min(1.0, line.security + line.moat) for line in scenario.lines}

    def shield(b: Block, q: str, t: int) -> Any:
        share = rules[q].shield_share  # type: ignore[index]
        return quicksum((shielding[i] - share) * spend[i, t] for i in lines if own[i].id == q) >= 0

    held = sorted(rule.id for rule in scenario.quadrants if rule.shield_share > 0 and rule in own.values())
    block.shield = Constraint(held, years, rule=shield)
