r"""Cooperation modes: each domain is closed, guarded or open for a whole plan, and exchange works through the mode.

    sum_m w[d,p,m] = 1,   o[d,p] >= w[d,p,m] - w[d,p-1,m]        (before the first plan: the mode of the base year)
    sum_m y_m[i,t] = y[i,t],   y_m[i,t] <= ymax_m[i,t] w[d(i),p(t),m],   y_m[i,t] <= phi_m[i] S[i,t]
    y[i,t] >= psi_m[i] (S[i,t] - Smax[i,t] (2 - w[d(i),p(t),m] - z[i,v(t),reach]))
    D_m[i,t] <= f_m K[i,t] (y_m[i,t]/ybar_i)^mu w[d(i),p(t),m]^(1-mu)
    market gain = sum_d w_d (sum_m G_m w[d,p(t),m] - G_base)
    cost of changes in the first year of p = cost * sum_d o[d,p]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| w | 1 for the mode of a domain in a plan; the last plan's holds through the tail | 0 or 1 | mode | decision |
| o | 1 where the mode differs from the plan before | 0 or 1 | change | law |
| y_m | exchange spend under mode m | billion CNY/year | exchange | decision |
| D_m | knowledge inflow from it | index points/year | inflow | law |
| psi_m phi_m | least and largest share of exchange under mode m | share | limits.exchange_shares | model |
| f_m | factor on the inflow that exchange brings | ratio | modes.exchange | model |
| K | inflow at reference exchange | index points/year | diffusion.exchange_inflow | model |
| G_m | market gain if every domain were in mode m, whatever its exchange | index points | modes.market_gain | model |
| w_d | weight of a domain in the KCT value, summing to 1 | share | domains.weight | model |
| ymax Smax | exchange and spend that no plan exceeds | billion CNY/year | limits | data |

A mix of competition and cooperation by field of technology is the paper's (s.4.3), as quadrants; three modes a domain,
their factors and the cost of changing them are our hypotheses. Under `mask` psi_m and phi_m are the quadrant's, cut to
the mode's largest share; under `free` 0 and the mode's. Exposure counts y_m with the factor xi_m of its mode
(`quadrants`), the market gain adds to that of exchange (`market`), the cost enters the budget (`money`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Binary, Block, Constraint, NonNegativeReals, Skip, Var, quicksum
from kctopt.concave import ConcaveFamily, PowerProduct, add_family
from kctopt.formulation import always, domain_ids, line_ids, nothing, plan_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.limits import exchange_shares, most_exchange, most_spend
from kctopt.scenario.records import Scenario

Term = Callable[[str, int], Any]  # of line and year
TermByMode = Callable[[str, int, str], Any]  # of line, year and mode


def mode_ids(scenario: Scenario) -> list[str]:
    """Identifiers of the modes, in order."""
    return [mode.id for mode in scenario.modes]


def add_variables(block: Block, scenario: Scenario) -> None:
    """Modes and their changes by domain and plan, exchange and inflow by mode; none without a choice."""
    if scenario.cooperation.choice == "none":
        return
    lines, domains, horizon = line_ids(scenario), domain_ids(scenario), scenario.horizon
    modes, plans = mode_ids(scenario), [plan.id for plan in horizon.plans]
    block.mode = Var(domains, plans, modes, domain=Binary, bounds=(0, 1))
    block.change = Var(domains, plans, bounds=(0, 1))
    block.exchange = Var(lines, horizon.years, modes, domain=NonNegativeReals)
    if scenario.diffusion.form == "three_stage":
        block.inflow = Var(lines, horizon.all_years, modes, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, spend: Any, exchange: Any, exchange_inflow: np.ndarray,
    reach: Term = always,
) -> list[ConcaveFamily]:  # fmt: skip
    """The choice, exchange by mode and the inflow it brings.

    `spend` and `exchange` are those of a line, `exchange_inflow` is K, `reach` 1 where a line is within reach.
    """
    if scenario.cooperation.choice == "none":
        return []
    _add_choice(block, scenario)
    _add_split(block, scenario, exchange)
    _add_limits(block, scenario, spend, exchange, reach)
    return [_add_inflow(block, scenario, base, exchange_inflow)] if scenario.diffusion.form == "three_stage" else []


def inflow(block: Block, scenario: Scenario) -> Term | None:
    """What exchange brings by line and year over the modes; None where no mode is chosen."""
    if scenario.cooperation.choice == "none":
        return None
    return lambda i, t: quicksum(block.inflow[i, t, mode.id] for mode in scenario.modes)


def by_mode(block: Block, scenario: Scenario) -> tuple[TermByMode, TermByMode] | None:
    """Exchange spend of a line and the binary of its domain, by year and mode; None where no mode is chosen."""
    if scenario.cooperation.choice == "none":
        return None
    plan, domain = plan_ids(scenario), _domains(scenario)
    return lambda i, t, m: block.exchange[i, t, m], lambda i, t, m: block.mode[domain[i], plan[t], m]


def exposed(block: Block, scenario: Scenario) -> Term | None:
    """Exposed exchange by line and year, sum_m xi_m y_m; None where no mode is chosen."""
    if scenario.cooperation.choice == "none":
        return None
    return lambda i, t: quicksum(mode.exposure * block.exchange[i, t, mode.id] for mode in scenario.modes)


def market(block: Block, scenario: Scenario) -> Callable[[int], Any]:
    """Market gain of the chosen modes over those of the base year, by year."""
    if scenario.cooperation.choice == "none":
        return nothing
    plan, gain = plan_ids(scenario), {mode.id: mode.market_gain for mode in scenario.modes}
    used = {line.domain for line in scenario.lines if any(line.membership.values())}
    domains = [domain for domain in scenario.domains if domain.id in used]
    total = sum(domain.weight for domain in domains)
    terms = [(d.id, m, d.weight / total * (gain[m] - gain[d.mode])) for d in domains for m in gain]
    return lambda t: quicksum(points * block.mode[d, plan[t], m] for d, m, points in terms)


def change_cost(block: Block, scenario: Scenario) -> Callable[[int], Any]:
    """Cost of changing modes, paid from the budget of a plan's first year, by year."""
    price = scenario.cooperation.change_cost
    if scenario.cooperation.choice == "none" or price == 0:
        return nothing
    starts = {plan.first: plan.id for plan in scenario.horizon.plans}
    domains = domain_ids(scenario)
    return lambda t: price * quicksum(block.change[d, starts[t]] for d in domains) if t in starts else 0.0


def _add_choice(block: Block, scenario: Scenario) -> None:
    """One mode for each domain and plan; a mode that was not that of the plan before is a change."""
    plans, modes = [plan.id for plan in scenario.horizon.plans], mode_ids(scenario)
    start, before = {d.id: d.mode for d in scenario.domains}, dict(zip(plans[1:], plans, strict=False))

    def changed(b: Block, d: str, p: str, m: str) -> Any:
        last = b.mode[d, before[p], m] if p in before else float(start[d] == m)
        return b.change[d, p] >= b.mode[d, p, m] - last

    exactly_one = lambda b, d, p: quicksum(b.mode[d, p, m] for m in modes) == 1  # noqa: E731 - one Pyomo rule
    block.one_mode = Constraint(list(start), plans, rule=exactly_one)
    block.change_up = Constraint(list(start), plans, modes, rule=changed)


def _add_split(block: Block, scenario: Scenario, exchange: Any) -> None:
    """Exchange under the mode that its domain is in."""
    lines, years, modes = line_ids(scenario), scenario.horizon.years, mode_ids(scenario)
    row, plan, domain = {i: n for n, i in enumerate(lines)}, plan_ids(scenario), _domains(scenario)
    largest = {str(mode.id): most_exchange(scenario, mode) for mode in scenario.modes}

    def opened(b: Block, i: str, t: int, m: str) -> Any:
        most = float(largest[m][row[i], t - years[0]])
        return b.exchange[i, t, m] <= most * b.mode[domain[i], plan[t], m]

    split = lambda b, i, t: quicksum(b.exchange[i, t, m] for m in modes) == exchange[i, t]  # noqa: E731 - one rule
    block.split = Constraint(lines, years, rule=split)
    block.open = Constraint(lines, years, modes, rule=opened)


def _add_limits(block: Block, scenario: Scenario, spend: Any, exchange: Any, reach: Term) -> None:
    """Largest and least share of a line's spend under each mode."""
    lines, years, modes = line_ids(scenario), scenario.horizon.years, mode_ids(scenario)
    row, plan, domain = {i: n for n, i in enumerate(lines)}, plan_ids(scenario), _domains(scenario)
    shares = {str(mode.id): exchange_shares(scenario, mode) for mode in scenario.modes}
    largest = most_spend(scenario)

    def limit(b: Block, i: str, t: int, m: str) -> Any:
        return b.exchange[i, t, m] <= float(shares[m][1][row[i]]) * spend[i, t]

    def floor(b: Block, i: str, t: int, m: str) -> Any:
        share = float(shares[m][0][row[i]])
        if share == 0:
            return Skip
        released = (1 - b.mode[domain[i], plan[t], m]) + (1 - reach(i, t))
        return exchange[i, t] >= share * (spend[i, t] - float(largest[row[i], t - years[0]]) * released)

    block.limit = Constraint(lines, years, modes, rule=limit)
    block.floor = Constraint(lines, years, modes, rule=floor)


def _add_inflow(block: Block, scenario: Scenario, base: BaseYear, exchange_inflow: np.ndarray) -> ConcaveFamily:
    """Inflow under each mode: the diffusion cap in perspective form, closed where the mode is not chosen."""
    lines, years, last = line_ids(scenario), scenario.horizon.all_years, scenario.horizon.last_year
    row, plan, domain = {i: n for n, i in enumerate(lines)}, plan_ids(scenario), _domains(scenario)
    mu, modes = scenario.diffusion.exchange_elasticity, {str(mode.id): mode for mode in scenario.modes}

    def inflow(i: str, t: int, m: str) -> PowerProduct:
        effort = block.exchange[i, min(t, last), m] / float(base.exchange[row[i]])
        coefficient = modes[m].exchange * float(exchange_inflow[row[i], t - years[0]])
        factors = [(effort, mu), (block.mode[domain[i], plan[t], m], 1 - mu)]
        return PowerProduct(block.inflow[i, t, m], coefficient, factors)

    return add_family(block, "inflow_law", lines, years, list(modes), rule=inflow)


def _domains(scenario: Scenario) -> dict[str, str]:
    """Domain of each line."""
    return {line.id: line.domain for line in scenario.lines}
