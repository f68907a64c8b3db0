r"""Diffusion of knowledge from the rival in three stages of competition and cooperation.

    far    D[i,t] <= alpha C[i,t-1]
    reach  D[i,t] <= K[i,t] (y[i,t]/ybar_i)^mu,  K = kappa (R[i,t-1]/100)^(1-mu) (1 - chi_kappa sigma_i e_t)
    near   D[i,t] <= c[i,t] (R[i,t-1] - C[i,t-1] + l[i,t]),  c = c0 (1 - chi_c sigma_i e_t),  l = h * Mo[d(i),t-1]
    Mo[d,t] = sum_{j in d} w_j m[j,M] C[j,t] / sum_{j in d} w_j m[j,M]
    switching  D[i,t] <= K[i,t] (y[i,t]/ybar_i)^mu z[i,v(t),reach]^(1-mu)       in place of reach
    modes      D[i,t] <= sum_m D_m[i,t]                                         in place of reach

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| D | net knowledge inflow, free sign | index points/year | inflow | law |
| alpha | absorption | 1/year | diffusion.absorption | model |
| kappa mu | inflow at reference exchange and its elasticity | index points/year, ratio | diffusion.exchange_* | model |
| c0 | share of the gap closed a year | 1/year | diffusion.catch_up | model |
| e | control intensity | share | controls.intensity | scenario |
| l | leverage: a lead that the domain's moats hold | index points | diffusion.leverage | model |
| Mo | moat capability of a domain | index points, rival in t0 = 100 | moat | C, memberships |
| z | 1 where the line is within reach | 0 or 1 | switching.stage | decision |
| D_m | inflow under each cooperation mode | index points/year | modes.inflow | law |

The three stages and which mechanism leads in each are the paper's (s.2, Figure 1); the caps are our hypothesis. The
least of the three is concave, so the stages need no binaries. Under `stages: switching` the stage is a decision, and
the diffusion cap closes outside reach; with a choice of cooperation mode, exchange works through the mode of the
domain. Other forms: `nelson_phelps` (near alone), `logistic` D <= c C (1 - C/R), `none`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Reals, Var, quicksum
from kctopt.concave import ConcaveFamily, Parabola, PowerProduct, add_family
from kctopt.formulation import always, line_ids, with_base
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario

Term = Callable[[str, int], Any]  # of line and year


def add_variables(block: Block, scenario: Scenario) -> None:
    """Net inflow by line and year, of free sign."""
    block.inflow = Var(line_ids(scenario), scenario.horizon.all_years, domain=Reals)


def catch_up(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """c[i,t] for the planned and tail years, shape (lines, years)."""
    sensitivity = np.array([line.sensitivity for line in scenario.lines])
    rule = scenario.diffusion
    return np.asarray(rule.catch_up * (1 - rule.catch_up_control * sensitivity[:, None] * base.control[1:]))


def exchange_inflow(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """K[i,t]: inflow at reference exchange for the planned and tail years, shape (lines, years)."""
    rule = scenario.diffusion

    def at(i: int, n: int) -> float:
        open_part = 1 - rule.exchange_control * scenario.lines[i].sensitivity * float(base.control[n + 1])
        frontier = (float(base.rival[i, n]) / 100) ** (1 - rule.exchange_elasticity)
        return float(rule.exchange_output * frontier * open_part)

    years = range(len(scenario.horizon.all_years))
    return np.array([[at(i, n) for n in years] for i in range(len(scenario.lines))])


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, capability: Any, exchange: Any, reach: Term = always,
    inflow: Term | None = None,
) -> list[ConcaveFamily]:  # fmt: skip
    """The caps of the chosen form.

    `exchange` is exchange spend, `reach` 1 where a line is within reach, `inflow` what exchange brings where
    cooperation modes are chosen.
    """
    lines, years = line_ids(scenario), scenario.horizon.all_years
    before = with_base(capability, base.capability, list(lines), scenario.horizon.base_year)
    match scenario.diffusion.form:
        case "none":
            block.no_inflow = Constraint(lines, years, rule=lambda b, i, t: b.inflow[i, t] <= 0)
            return []
        case "nelson_phelps":
            _add_near(block, scenario, base, capability, before)
            return []
        case "logistic":
            return [_add_logistic(block, scenario, base, before)]
        case "three_stage":
            alpha = scenario.diffusion.absorption
            block.far = Constraint(lines, years, rule=lambda b, i, t: b.inflow[i, t] <= alpha * before(i, t - 1))
            _add_near(block, scenario, base, capability, before)
            return _add_reach(block, scenario, base, exchange, reach, inflow)


def moat_weights(scenario: Scenario, base: BaseYear) -> dict[str, dict[str, float]]:
    """Weights of the lines in the moat capability of each domain; domains without moat lines are left out."""
    lines = line_ids(scenario)
    weights: dict[str, dict[str, float]] = {}
    for i, line in enumerate(scenario.lines):
        row = base.moat[i]
        if line.domain not in weights and row.any():
            weights[line.domain] = {lines[j]: float(row[j]) for j in np.flatnonzero(row)}
    return weights


def _add_near(block: Block, scenario: Scenario, base: BaseYear, capability: Any, before: Any) -> None:
    """The institutional cap: catching up, slowed by controls, negative beyond parity plus leverage."""
    lines, years, t0 = line_ids(scenario), scenario.horizon.all_years, scenario.horizon.base_year
    weights = moat_weights(scenario, base)
    start = dict(zip(lines, map(float, base.capability), strict=True))
    base_moat = [sum(w * start[i] for i, w in row.items()) for row in weights.values()]
    block.moat = Var(list(weights), years, domain=NonNegativeReals)
    block.moat_of_domain = Constraint(
        list(weights),
        years,
        rule=lambda b, d, t: b.moat[d, t] == quicksum(w * capability[i, t] for i, w in weights[d].items()),
    )
    moat_at = with_base(block.moat, np.array(base_moat), list(weights), t0)
    row = {line: i for i, line in enumerate(lines)}
    rate, held = catch_up(scenario, base), scenario.diffusion.leverage

    def near(b: Block, i: str, t: int) -> Any:
        position, domain = row[i], scenario.lines[row[i]].domain
        leverage = held * moat_at(domain, t - 1) if domain in weights else 0.0
        gap = float(base.rival[position, t - 1 - t0]) - before(i, t - 1)
        return b.inflow[i, t] <= float(rate[position, t - 1 - t0]) * (gap + leverage)

    block.near = Constraint(lines, years, rule=near)


def _add_reach(
    block: Block, scenario: Scenario, base: BaseYear, exchange: Any, within: Term, inflow: Term | None
) -> list[ConcaveFamily]:
    """The diffusion cap: exchange effort, cut by controls, closed outside reach; or what the modes bring."""
    lines, years, rule = line_ids(scenario), scenario.horizon.all_years, scenario.diffusion
    if inflow is not None:
        block.reach = Constraint(lines, years, rule=lambda b, i, t: b.inflow[i, t] <= inflow(i, t))
        return []
    row, first, last = {line: i for i, line in enumerate(lines)}, years[0], scenario.horizon.last_year
    coefficient, mu = exchange_inflow(scenario, base), rule.exchange_elasticity

    def reach(i: str, t: int) -> PowerProduct:
        effort = exchange[i, min(t, last)] / float(base.exchange[row[i]])
        factors = [(effort, mu)]
        if scenario.stages == "switching":
            factors.append((within(i, t), 1 - mu))
        return PowerProduct(block.inflow[i, t], float(coefficient[row[i], t - first]), factors)

    return [add_family(block, "reach", lines, years, rule=reach)]


def _add_logistic(block: Block, scenario: Scenario, base: BaseYear, before: Any) -> ConcaveFamily:
    """Benhabib-Spiegel: slow when far, slow when near."""
    lines, years = line_ids(scenario), scenario.horizon.all_years
    row, rate, first = {line: i for i, line in enumerate(lines)}, catch_up(scenario, base), years[0]

    def logistic(i: str, t: int) -> Parabola:
        position, n = row[i], t - first
        return Parabola(block.inflow[i, t], float(rate[position, n]), before(i, t - 1), float(base.rival[position, n]))

    return add_family(block, "logistic", lines, years, rule=logistic)
