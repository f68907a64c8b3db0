r"""Economic and military power, and national security.

The formulas of `docs/model/security.md`:

    EP_t + X_t <= 100 (1 + g_E)^(t-t0) (KCT_t/KCT_0)^eps_E + M_t
    MP_t + Y_t <= 100 (1 + g_M)^(t-t0) (KCT_t/KCT_0)^eps_1 (ZMS_t/ZMS_0)^eps_2
    NS_t <= EP^a MP^b K^c,  K = 100 KCT_t/KCT_0        also ces, leontief, linear

    a + b + c = 1        checked at reading, to 1e-9
    cobb_douglas  NS = EP^a MP^b K^c
    ces           NS = (a EP^rho + b MP^rho + c K^rho)^(1/rho)        as cobb_douglas where -1e-8 < rho < 1e-8
    leontief      NS = min(EP, MP, K)        of those with weight
    linear        NS = a EP + b MP + c K
    economy_ratio = ratio_E EP/EP_0,   military_ratio = ratio_M MP/MP_0        ratio_M and g_M of the index chosen
"""

from __future__ import annotations

from . import dependency, kct, market
from .model import Model, mean
from .numbers import Record


def power(m: Model, t: int) -> None:
    """EP, MP and NS of a year."""
    economy, military, technology, n = m.s.economy, m.s.military, m.KCT[t] / m.KCT[m.t0], t - m.t0
    m.M[t] = market.gained(m, t)
    level = 100 * (1 + economy.trend) ** n
    m.EP[t] = level * technology**economy.kct_elasticity + m.M[t] - m.X[t]
    lost = dependency.military_loss(m, t)
    level = 100 * (1 + index(m).trend) ** n
    shield = kct.ZMS(m, t) / kct.ZMS(m, m.t0)
    m.MP[t] = level * technology**military.kct_elasticity * shield**military.shield_elasticity - lost
    m.NS[t] = NS(m, [max(0.0, part) for part in (m.EP[t], m.MP[t], K(m, t))])


def index(m: Model) -> Record:
    """The published index of military power that is chosen."""
    return next(one for one in m.s.military.indices if one.id == m.s.military.index)


def K(m: Model, t: int) -> float:
    return 100 * m.KCT[t] / m.KCT[m.t0]


def NS(m: Model, parts: list[float]) -> float:
    """National security from EP, MP and K."""
    form = m.s.security
    weights = [form.economy, form.military, form.technology]
    there = [(part, w) for part, w in zip(parts, weights, strict=True) if w > 0]
    match form.form:
        case "leontief":
            return min(part for part, _ in there)
        case "linear":
            return float(sum(w * part for part, w in there))
        case _:
            return mean(parts, weights, form.rho if form.form == "ces" else 0.0)


def economy_ratio(m: Model, t: int) -> float:
    return float(m.s.economy.ratio * m.EP[t] / m.EP[m.t0])


def military_ratio(m: Model, t: int) -> float:
    return float(index(m).ratio * m.MP[t] / m.MP[m.t0])
