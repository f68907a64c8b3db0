r"""Substitutes.

The formulas of `docs/model/substitution.md`:

    s[i,t] <= (1 - delta_s) s[i,t-1] + v[i,t],   s[i,t] <= top[i,t]
    v[i,t] <= b (u[i,t]/ubar_i)^lambda_s (C[i,t-1]/R[i,t-1])^theta_s,   v[i,t] <= 0 where top[i,t] = 0
    top[i,t] = min(ceiling, ceiling_d sigma_i f_t max(0, 1 - U0[i]/R[i,t0])) R[i,t]
    f_t = max_{t0 <= n <= t} e_n

    s[i,t] = min((1 - delta_s) s[i,t-1] + v[i,t], top[i,t])
"""

from __future__ import annotations

from scipy.optimize import brentq

from .model import Model
from .numbers import Record


def top(m: Model, i: Record, t: int) -> float:
    """Most that substitutes can replace."""
    law, missing = m.s.substitution, max(0.0, 1 - i.capability / m.R[i.id, m.t0])
    share = law.ceiling
    if law.denied_ceiling is not None:
        share = min(share, law.denied_ceiling * i.sensitivity * most_denied(m, t) * missing)
    return float(share * m.R[i.id, t])


def most_denied(m: Model, t: int) -> float:
    """f: the largest control intensity so far."""
    return max(m.e(n) for n in range(m.t0, t + 1))


def made(m: Model, i: Record, u: float, able: float) -> float:
    """v by spend and own capability over the rival's."""
    law = m.s.substitution
    return float(law.output * (u / m.ubar[i.id]) ** law.elasticity * able**law.capability_elasticity)


def substitute(m: Model, i: Record, t: int) -> None:
    """s at the end of a year."""
    v = made(m, i, m.u[i.id, t], m.C[i.id, t - 1] / m.R[i.id, t - 1]) if top(m, i, t) > 0 else 0.0
    m.sub[i.id, t] = min((1 - m.s.substitution.depreciation) * m.sub[i.id, t - 1] + v, top(m, i, t))


def steady(m: Model, i: Record, u: float) -> float:
    """s0, of the page on the base year: as much is made as fades."""
    most, R = top(m, i, m.t0), m.R[i.id, m.t0]

    def more(s: float) -> float:
        return made(m, i, u, max(0.0, i.capability - s) / R) - m.s.substitution.depreciation * s

    return most if more(most) >= 0 else brentq(more, 0.0, most, xtol=1e-15, rtol=1e-14)


def next_one(m: Model, i: Record, growth: float) -> float:
    """s1, of the page on the base year: the base year's spend once more, at its controls."""
    s, u0 = m.sub[i.id, m.t0], i.substitution_share * i.spend
    v = made(m, i, u0, m.C[i.id, m.t0] / m.R[i.id, m.t0])
    return float(min((1 - m.s.substitution.depreciation) * s + v, top(m, i, m.t0) * growth))
