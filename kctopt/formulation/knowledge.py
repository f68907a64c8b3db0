r"""Knowledge production: ideas from lagged effort, helped by accelerators and by the stock already there.

    q[i,r,t] <= A[i,r,t] * (xt[i,r,t]/xbar[i,r])^lambda * (Acc[d(i),t-1]/100)^psi * (k[i,r,t-1]/100)^theta
    xt[i,r,t] = sum_l w[r,l] x[i,r,t-l],   A = a * yield_factor * (1 + iota sigma_i (e_t - e_t0))
    Acc[d,t]  = 100 * sum_e Omega[d,e] Ac[e,t] / sum_e Omega[d,e] Ac[e,t0]          100 where no accelerator reaches d
    Ac[e,t]   = sum_{j in e} w_j m[j,A] C[j,t] / sum_{j in e} w_j m[j,A]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| q | knowledge produced | index points/year | production | law |
| xt | lagged spend | billion CNY/year | effort | x (its effective part xe where there are tranches) and history |
| xbar | lagged spend of t0+1 with the spend of t0 kept | billion CNY/year | base.effort | calibration |
| a | yield | index points/year | base.yields | calibration |
| Acc | accelerator index of a domain, read by its lines | base year = 100 | accelerator | C, spillovers |
| Ac | accelerator capability of a domain; one without accelerators is left out | index points | | C, memberships |
| Omega | spillover to d (target) from e (source); rows of a pair add up, without a row 0 | ratio | spillovers | model |
| lambda psi theta | elasticities, sum <= 1 | ratio | knowledge.* | model |

Functional work pays in a year, reliability in three or more (lags w). Cobb-Douglas idea production and its elasticities
are our hypothesis; the paper (s.2) says only that accelerators raise the output of inventions elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Var, quicksum
from kctopt.concave import ConcaveFamily, PowerProduct, add_family
from kctopt.formulation import domain_ids, line_ids, with_base
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import RUNGS, Line, Scenario


def spillover_weights(scenario: Scenario) -> np.ndarray:
    """Weight of each line's capability in each domain's accelerator index, (domains, lines), before scaling.

    The accelerators of a domain count together, by their weights, so that it does not matter into how many lines
    they are cut.
    """
    strength: dict[tuple[str, str], float] = {}
    for spill in scenario.spillovers:
        pair = (spill.target, spill.source)
        strength[pair] = strength.get(pair, 0.0) + spill.strength
    whole: dict[str, float] = {}
    for line in scenario.lines:
        whole[line.domain] = whole.get(line.domain, 0.0) + line.weight * line.accelerator

    def weight(target: str, line: Line) -> float:
        reached = strength.get((target, line.domain), 0.0)
        return reached * line.weight * line.accelerator / whole[line.domain] if line.accelerator else 0.0

    return np.array([[weight(domain.id, line) for line in scenario.lines] for domain in scenario.domains])


def add_variables(block: Block, scenario: Scenario) -> None:
    """Production by line, rung and year; accelerator index by domain and year."""
    years = scenario.horizon.all_years
    block.production = Var(line_ids(scenario), RUNGS, years, domain=NonNegativeReals)
    block.accelerator = Var(domain_ids(scenario), years, domain=NonNegativeReals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, strategic: Any, stock: Any, capability: Any
) -> list[ConcaveFamily]:
    """The accelerator index (linear) and production (concave); `strategic` is spend by what it counts for."""
    lines, domains, years = line_ids(scenario), domain_ids(scenario), scenario.horizon.all_years
    weights = spillover_weights(scenario)
    level = weights @ base.capability
    scaled = dict(zip(domains, 100 * weights / np.where(level > 0, level, 1.0)[:, None], strict=True))
    row = {line: i for i, line in enumerate(lines)}

    def index(b: Block, d: str, t: int) -> Any:
        used = np.flatnonzero(scaled[d])
        if not len(used):
            return b.accelerator[d, t] == 100.0
        return b.accelerator[d, t] == quicksum(float(scaled[d][j]) * capability[lines[j], t] for j in used)

    block.accelerator_index = Constraint(domains, years, rule=index)
    keys = [(i, r) for i in lines for r in RUNGS]
    stock_at = with_base(stock, base.stock.ravel(), keys, scenario.horizon.base_year)
    accelerator_at = with_base(
        block.accelerator, np.full(len(domains), 100.0), list(domains), scenario.horizon.base_year
    )
    effort = _effort(scenario, base, strategic)
    factor = yield_factor(scenario, base) * base.yields[:, :, None]
    law = scenario.knowledge

    def production(i: str, r: str, t: int) -> PowerProduct:
        position, rung = row[i], RUNGS.index(r)
        domain = scenario.lines[position].domain
        factors = [
            (effort(position, rung, t), law.effort_elasticity),
            (accelerator_at(domain, t - 1) / 100, law.accelerator_elasticity),
            (stock_at((i, r), t - 1) / 100, law.stock_elasticity),
        ]
        coefficient = float(factor[position, rung, t - years[0]])
        return PowerProduct(block.production[i, r, t], coefficient, [f for f in factors if f[1] > 0])

    return [add_family(block, "production_law", lines, RUNGS, years, rule=production)]


def yield_factor(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """Scenario multiplier of the yields with induced innovation, shape (lines, 1, planned + tail)."""
    sensitivity = np.array([line.sensitivity for line in scenario.lines])
    tighter = base.control[1:] - base.control[0]
    induced = 1 + scenario.knowledge.induced_innovation * sensitivity[:, None] * tighter
    return np.asarray(scenario.knowledge.yield_factor * induced[:, None, :])


def _effort(scenario: Scenario, base: BaseYear, strategic: Any) -> Any:
    """Lagged spend over its reference, for line and rung positions and a year; a number where all of it is history."""
    horizon, lines = scenario.horizon, line_ids(scenario)

    def effort(i: int, r: int, t: int) -> Any:
        known, terms = 0.0, []
        for lag, weight in enumerate(scenario.rungs[r].lags):
            year, share = t - lag, weight / base.effort[i, r]
            if weight == 0:
                continue
            if year <= horizon.base_year:
                known += share * base.history[i, r, horizon.base_year - year]
            else:
                terms.append(float(share) * strategic[lines[i], RUNGS[r], min(year, horizon.last_year)])
        return quicksum(terms) + float(known) if terms else float(known)

    return effort
