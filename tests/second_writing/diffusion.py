r"""Inflow of knowledge.

The formulas of `docs/model/diffusion.md`:

    far    D[i,t] <= alpha C[i,t-1]
    reach  D[i,t] <= K[i,t] (y[i,t]/ybar_i)^mu,  K = kappa (R[i,t-1]/100)^(1-mu) (1 - chi_kappa sigma_i e_t)
    near   D[i,t] <= c[i,t] (R[i,t-1] - C[i,t-1] + l[i,t]),  c = c0 (1 - chi_c sigma_i e_t),  l = h * Mo[d(i),t-1]
    Mo[d,t] = sum_{j in d} w_j m[j,M] C[j,t] / sum_{j in d} w_j m[j,M]
    switching  D[i,t] <= K[i,t] (y[i,t]/ybar_i)^mu z[i,v(t),reach]^(1-mu)       in place of reach
    modes      D[i,t] <= sum_m D_m[i,t]                                         in place of reach

    three_stage    D[i,t] = min(alpha C[i,t-1], reach, c[i,t] (R[i,t-1] - C[i,t-1] + l[i,t]))
    reach          K[i,t] (y[i,t]/ybar_i)^mu f_m        with f_m of the mode that d(i) is in
    reach          0        where stages switch and i is not within reach
    nelson_phelps  D[i,t] = c[i,t] (R[i,t-1] - C[i,t-1] + l[i,t])
    logistic       D[i,t] = c[i,t] C[i,t-1] (1 - C[i,t-1]/R[i,t-1])
    none           D[i,t] = 0

    gap[i,t] = 1 - C[i,t]/R[i,t]        far where gap > far,   near where gap < near,   else within reach
"""

from __future__ import annotations

from . import modes, switching
from .model import Model
from .model import m as member
from .numbers import Record


def least(m: Model, i: Record, t: int, reach: float, e: float) -> float:
    """D of year t with a cap on reach and the controls in force, from the stocks of t-1."""
    rule, C, R = m.s.diffusion, m.C[i.id, t - 1], m.R[i.id, t - 1]
    c = rule.catch_up * (1 - rule.catch_up_control * i.sensitivity * e)
    near = c * (R - C + rule.leverage * Mo(m, i, t - 1))
    if rule.form == "three_stage":
        return float(min(rule.absorption * C, reach, near))
    if rule.form == "nelson_phelps":
        return float(near)
    return float(c * C * (1 - C / R)) if rule.form == "logistic" else 0.0


def K(m: Model, i: Record, t: int, e: float) -> float:
    """Inflow at reference exchange."""
    rule = m.s.diffusion
    open_part = 1 - rule.exchange_control * i.sensitivity * e
    return float(rule.exchange_output * (m.R[i.id, t - 1] / 100) ** (1 - rule.exchange_elasticity) * open_part)


def Mo(m: Model, i: Record, t: int) -> float:
    """Moat capability of the line's domain."""
    moats = [(j.weight * member(j, "M"), m.C[j.id, t]) for j in m.of[i.domain]]
    total = sum(w for w, _ in moats)
    return sum(w * C for w, C in moats) / total if total > 0 else 0.0


def inflow(m: Model, i: Record, t: int) -> None:
    """D of a planned or tail year."""
    reach = K(m, i, t, m.e(t)) * (m.y[i.id, t] / m.ybar[i.id]) ** m.s.diffusion.exchange_elasticity
    reach *= modes.factor(m, i, t) if switching.within_reach(m, i, t) else 0.0
    m.D[i.id, t] = least(m, i, t, reach, m.e(t))


def base(m: Model, i: Record) -> float:
    """D0, of the page on the base year: controls, exchange and mode of t0."""
    e = m.e(m.t0)
    reach = K(m, i, m.t0 + 1, e) * (m.y0[i.id] / m.ybar[i.id]) ** m.s.diffusion.exchange_elasticity
    reach *= modes.base_factor(m, i)
    if m.s.stages == "switching" and m.first[i.id] != switching.REACH:
        reach = 0.0
    return least(m, i, m.t0 + 1, reach, e)


def gap(m: Model, i: Record, t: int) -> float:
    """Relative gap of own capability."""
    return float(1 - m.C[i.id, t] / m.R[i.id, t])


def gap_band(m: Model, i: Record, t: int) -> int:
    """The band of the gap in the tables: 0 far, 1 within reach, 2 near."""
    g = gap(m, i, t)
    return 0 if g > m.s.diffusion.far else 2 if g < m.s.diffusion.near else 1
