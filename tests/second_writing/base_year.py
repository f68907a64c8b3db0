r"""The base year: what stands at the end of t0, and the yields that follow from it.

The formulas of `docs/model/base-year.md`:

    R[i,t0] = 100,   R[i,t] = R[i,t-1] (1 + g_i + shift_t)
    u0[i] = substitution_share_i * S0[i],   y0[i] = exchange_share_i * S0[i]
    x0[i,r] = spend_share_r * (S0[i] - u0[i] - y0[i])
    ubar_i = reference_share * S0[i],   ybar_i = exchange_reference * S0[i]
    x[i,r,t0-l] = x0[i,r] / (1 + history_growth)^l        l = 0 ... 5
    xbar[i,r] = w[r,0] x0[i,r] + sum_{l >= 1} w[r,l] x[i,r,t0+1-l]
    delta_s s0[i] = b (u0[i]/ubar_i)^lambda_s (C0[i]/R[i,t0])^theta_s        top[i,t0] where that is more
    s1[i] = min((1 - delta_s) s0[i] + v0[i], top[i,t0] R[i,t0+1]/R[i,t0])
    v0[i] = b (u0[i]/ubar_i)^lambda_s (C0[i]/R[i,t0])^theta_s
    C0[i] = U0[i] - s0[i],   k0[i,r] = p_r C0[i]
    C1[i] = (U0[i]/R[i,t0] + tau_i) R[i,t0+1] - s1[i],   k1[i,r] = p_r C1[i]
    a[i,r] = (k1[i,r] - (1 - delta_r) k0[i,r] - eta_r D0[i]) / (k0[i,r]/100)^theta

    sum_r omega_r p_r = 1,   sum_r omega_r = 1,   sum_r spend_share_r = 1,   sum_l w[r,l] = 1 for every r
    p_F >= p_P >= p_R,   exchange_share_i + substitution_share_i < 1
    C0[i] > 0        its substitutes lie below its capability, s0[i] < U0[i]
    a[i,r] > 0        the trend asks for more than inflow and stock alone bring

    three_stage    D0[i] = min(alpha C0[i], reach_0[i], near_0[i])
    nelson_phelps  D0[i] = near_0[i]
    logistic       D0[i] = c0[i] C0[i] (1 - C0[i]/R[i,t0])
    none           D0[i] = 0
    reach_0[i] = kappa (R[i,t0]/100)^(1-mu) (1 - chi_kappa sigma_i e_t0) (y0[i]/ybar_i)^mu f[d(i)]
    near_0[i] = c0[i] (R[i,t0] - C0[i] + h Mo[d(i),t0]),   c0[i] = c0 (1 - chi_c sigma_i e_t0)

    kept[i,r] = min((1 - delta_r) k0[i,r] + a[i,r] (k0[i,r]/100)^theta + eta_r D0[i], kept[i,r-1])
    carried[i] = (sum_r omega_r kept[i,r] + s0[i])/R[i,t0+1] - U0[i]/R[i,t0]
"""

from __future__ import annotations

from . import diffusion, substitution, switching
from .model import Model
from .numbers import Record


def read(m: Model) -> None:
    """Everything of t0, line by line."""
    s = m.s
    for i in m.lines:
        rival(m, i)
        history(m, i)
        u0 = i.substitution_share * i.spend
        m.ubar[i.id] = s.substitution.reference_share * i.spend
        m.ybar[i.id] = s.diffusion.exchange_reference * i.spend
        m.sub[i.id, m.t0] = substitution.steady(m, i, u0)
        m.C[i.id, m.t0] = i.capability - m.sub[i.id, m.t0]
        for r in m.rungs:
            m.k[i.id, r.id, m.t0] = r.profile * m.C[i.id, m.t0]
    switching.first(m)
    for i in m.lines:
        yields(m, i)


def rival(m: Model, i: Record) -> None:
    """R of every year."""
    m.R[i.id, m.t0] = 100.0
    for t in m.all_years:
        m.R[i.id, t] = m.R[i.id, t - 1] * (1 + i.rival_growth + m.shift(t))


def history(m: Model, i: Record) -> None:
    """Spend up to t0, and the lagged spend that is the reference."""
    m.y0[i.id] = i.exchange_share * i.spend
    for r in m.rungs:
        x0 = r.spend_share * (i.spend - i.substitution_share * i.spend - m.y0[i.id])
        m.x0[i.id, r.id] = x0
        for lag in range(6):
            m.x[i.id, r.id, m.t0 - lag] = x0 / (1 + m.s.money.history_growth) ** lag
        back = sum(r[f"lag_{lag}"] * m.x[i.id, r.id, m.t0 + 1 - lag] for lag in range(1, 6))
        m.xbar[i.id, r.id] = r.lag_0 * x0 + back


def yields(m: Model, i: Record) -> None:
    """What carries the line along its trend."""
    inflow = diffusion.base(m, i)
    growth = m.R[i.id, m.t0 + 1] / m.R[i.id, m.t0]
    after = (i.capability / m.R[i.id, m.t0] + i.trend) * m.R[i.id, m.t0 + 1] - substitution.next_one(m, i, growth)
    given = ((m.s.calibration or {}).get("yields") or {}).get("values") or []  # in place of what the data ask for
    stated = {entry["id"]: entry for entry in given}
    for r in m.rungs:
        k0 = m.k[i.id, r.id, m.t0]
        new = r.profile * after - (1 - r.depreciation) * k0 - r.inflow * inflow
        own = new / (k0 / 100) ** m.s.knowledge.stock_elasticity
        m.a[i.id, r.id] = stated[i.id][r.id] if stated else own


def carried(m: Model, i: Record) -> float:
    """The change of U/R in the first year that the yields bring, when base-year spend and exchange are kept."""
    inflow, below, own = diffusion.base(m, i), float("inf"), 0.0
    for r in m.rungs:
        k0 = m.k[i.id, r.id, m.t0]
        new = m.a[i.id, r.id] * (k0 / 100) ** m.s.knowledge.stock_elasticity
        below = min((1 - r.depreciation) * k0 + new + r.inflow * inflow, below)
        own += r.capability_weight * below
    return (own + m.sub[i.id, m.t0]) / m.R[i.id, m.t0 + 1] - i.capability / m.R[i.id, m.t0]
