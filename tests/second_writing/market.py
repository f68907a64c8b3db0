r"""The market that exchange opens.

The formulas of `docs/model/market.md`:

    G[i,t] <= g gamma_i ybar_i (1 - chi_kappa zeta_i e_t) (y[i,t]/ybar_i)^mu_m z[i,v(t),reach]^(1-mu_m)
    G_m[i,t] <= the same with y_m[i,t] and w[d(i),p(t),m] in place of y and z, times f_m,   G[i,t] <= sum_m G_m[i,t]
    M_t <= sum_i (G[i,t] - G0[i]) + the market gain of the cooperation modes
    G0[i] = g gamma_i ybar_i (1 - chi_kappa zeta_i e_t0) (y0[i]/ybar_i)^mu_m f[d(i)]

    G[i,t] = g gamma_i ybar_i (1 - chi_kappa zeta_i e_t) (y[i,t]/ybar_i)^mu_m f_m        f_m of the mode of d(i)
    G[i,t] = 0        where stages switch and i is not within reach,   G0[i] = 0 where it is not at the first review
    M_t0 = 0
"""

from __future__ import annotations

from . import modes, quadrants, switching
from .model import Model
from .numbers import Record


def gain(m: Model, i: Record, y: float, e: float) -> float:
    """G before the mode and the stage."""
    rule = m.s.cooperation
    opened = 1 - m.s.diffusion.exchange_control * quadrants.zeta(m, i) * e
    return float(rule.market_output * i.growth * m.ybar[i.id] * opened * (y / m.ybar[i.id]) ** rule.market_elasticity)


def G(m: Model, i: Record, t: int) -> float:
    """Economic power that the exchange of a line brings."""
    return gain(m, i, m.y[i.id, t], m.e(t)) * modes.factor(m, i, t) if switching.within_reach(m, i, t) else 0.0


def G0(m: Model, i: Record) -> float:
    """The same of the base year, or as stated beside yields."""
    given = ((m.s.calibration or {}).get("yields") or {}).get("values") or []
    stated = {entry["id"]: entry.get("market") for entry in given}.get(i.id)
    if stated is not None:
        return float(stated)
    if m.s.stages == "switching" and m.first[i.id] != switching.REACH:
        return 0.0
    return gain(m, i, m.y0[i.id], m.e(m.t0)) * modes.base_factor(m, i)


def gained(m: Model, t: int) -> float:
    """M."""
    if t == m.t0:
        return 0.0
    return sum(G(m, i, t) - G0(m, i) for i in m.lines) + modes.market(m, t)
