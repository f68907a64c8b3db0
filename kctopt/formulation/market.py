r"""The market that exchange opens: economic power from cooperation in technologies that grow.

    G[i,t] <= g gamma_i ybar_i (1 - chi_kappa zeta_i e_t) (y[i,t]/ybar_i)^mu_m z[i,v(t),reach]^(1-mu_m)
    G_m[i,t] <= the same with y_m[i,t] and w[d(i),p(t),m] in place of y and z, times f_m,   G[i,t] <= sum_m G_m[i,t]
    M_t <= sum_i (G[i,t] - G0[i]) + the market gain of the cooperation modes
    G0[i] = g gamma_i ybar_i (1 - chi_kappa zeta_i e_t0) (y0[i]/ybar_i)^mu_m f[d(i)]

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| G | economic power that the exchange of a line brings | index points | gain | law |
| g mu_m | gain at reference exchange, its elasticity | points/billion CNY, ratio | cooperation.market_* | model |
| gamma | growth potential | share | lines.growth | model |
| zeta | exposed part of the exchange, see the quadrants | share | exposed_part | model |
| ybar y0 | exchange spend: reference, of t0 | billion CNY/year | base.exchange, .exchange_0 | calibration |
| chi_kappa | cut under full controls, as of the inflow | share | diffusion.exchange_control | model |
| e | control intensity | share | controls.intensity | scenario |
| z | 1 where the line is within reach; left out without switching | 0 or 1 | switching.stage | decision |
| w f_m | mode of a domain and its factor on exchange | 0 or 1, ratio | modes.mode, .exchange | decision, model |
| M | economic power over that of the base year's exchange and modes | index points | gained | law |

That cooperation pays by growth and costs by sensitivity, quadrant by quadrant, is the paper's (s.4.3, Figure 3); the
law is our hypothesis. Where stages switch, G0 is 0 for the lines that are not within reach at the first review.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kctopt.algebra import Block, Constraint, NonNegativeReals, Reals, Var, quicksum
from kctopt.concave import ConcaveFamily, PowerProduct, add_family
from kctopt.formulation import always, line_ids
from kctopt.scenario.calibrate import BaseYear
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import exposed_part

Term = Callable[[str, int], Any]  # of line and year
TermByMode = Callable[[str, int, str], Any]  # of line, year and mode


def output(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """Gain at reference exchange for the planned and tail years, index points, shape (lines, years)."""
    growth = np.array([line.growth for line in scenario.lines])
    opened = 1 - scenario.diffusion.exchange_control * exposed_part(scenario)[:, None] * base.control[1:]
    return np.asarray((scenario.cooperation.market_output * growth * base.exchange)[:, None] * opened)


def add_variables(block: Block, scenario: Scenario) -> None:
    """Gain by line and year, and by mode where one is chosen, and M; none where exchange opens no market."""
    if scenario.cooperation.market_output == 0:
        return
    lines, years = line_ids(scenario), scenario.horizon.all_years
    modes = [mode.id for mode in scenario.modes] if scenario.cooperation.choice != "none" else []
    block.gain = (
        Var(lines, years, modes, domain=NonNegativeReals) if modes else Var(lines, years, domain=NonNegativeReals)
    )
    block.gained = Var(years, domain=Reals)


def add_constraints(
    block: Block, scenario: Scenario, base: BaseYear, *, exchange: Any, modes: Callable[[int], Any],
    reach: Term = always, by_mode: tuple[TermByMode, TermByMode] | None = None,
) -> list[ConcaveFamily]:  # fmt: skip
    """The gain of each line, and the nation's.

    `exchange` is exchange spend, `modes` the market gain of the cooperation modes, `reach` 1 where a line is within
    reach, `by_mode` the exchange spend and the binary of each mode where one is chosen.
    """
    if scenario.cooperation.market_output == 0:
        return []
    lines, years, last = line_ids(scenario), scenario.horizon.all_years, scenario.horizon.last_year
    row, most, mu = {i: n for n, i in enumerate(lines)}, output(scenario, base), scenario.cooperation.market_elasticity

    def gain(i: str, t: int) -> Any:
        level = float(most[row[i], t - years[0]])
        factors = [(exchange[i, min(t, last)] / float(base.exchange[row[i]]), mu)]
        if scenario.stages == "switching":
            factors.append((reach(i, t), 1 - mu))
        return PowerProduct(block.gain[i, t], level, factors) if level > 0 else block.gain[i, t] <= 0

    def gain_by_mode(i: str, t: int, m: str) -> Any:
        spend, chosen = by_mode  # type: ignore[misc]
        level = factor[m] * float(most[row[i], t - years[0]])
        factors = [(spend(i, min(t, last), m) / float(base.exchange[row[i]]), mu), (chosen(i, t, m), 1 - mu)]
        return PowerProduct(block.gain[i, t, m], level, factors) if level > 0 else block.gain[i, t, m] <= 0

    factor = {str(mode.id): mode.exchange for mode in scenario.modes}
    of, start = _gain_of(block, scenario), float(base.market.sum())
    block.nation = Constraint(
        years, rule=lambda b, t: b.gained[t] <= quicksum(of(i, t) for i in lines) - start + modes(t)
    )
    if by_mode is None:
        return [add_family(block, "market_law", lines, years, rule=gain)]
    return [add_family(block, "market_law", lines, years, list(factor), rule=gain_by_mode)]


def gained(block: Block, scenario: Scenario, modes: Callable[[int], Any]) -> Callable[[int], Any]:
    """M by year; `modes` is the market gain of the cooperation modes."""
    return (lambda t: block.gained[t]) if scenario.cooperation.market_output > 0 else modes


def _gain_of(block: Block, scenario: Scenario) -> Term:
    """G of a line by year, over the modes where one is chosen."""
    if scenario.cooperation.choice == "none":
        return lambda i, t: block.gain[i, t]
    return lambda i, t: quicksum(block.gain[i, t, mode.id] for mode in scenario.modes)
