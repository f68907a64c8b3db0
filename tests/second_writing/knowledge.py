r"""Knowledge production, year by year.

The formulas of `docs/model/knowledge.md`:

    q[i,r,t] <= A[i,r,t] * (xt[i,r,t]/xbar[i,r])^lambda * (Acc[d(i),t-1]/100)^psi * (k[i,r,t-1]/100)^theta
    xt[i,r,t] = sum_l w[r,l] x[i,r,t-l],   A = a * yield_factor * (1 + iota sigma_i (e_t - e_t0))
    Acc[d,t]  = 100 * sum_e Omega[d,e] Ac[e,t] / sum_e Omega[d,e] Ac[e,t0]          100 where no accelerator reaches d
    Ac[e,t]   = sum_{j in e} w_j m[j,A] C[j,t] / sum_{j in e} w_j m[j,A]

    xt[i,r,t] = sum_l w[r,l] x[i,r,min(t-l,T)],   l = 0 ... 5,   (xt/xbar)^lambda = 0 where xbar = 0
    production[i,t] = sum_r omega_r q[i,r,t]        the column of the table capability
"""

from __future__ import annotations

from .model import Model
from .model import m as member
from .numbers import Record


def accelerators(m: Model, t: int) -> None:
    """Acc of every domain from the capabilities of a year."""
    for e in m.domains:
        m.Ac[e.id, t] = Ac(m, e, t)
    for d in m.domains:
        now = sum(o.strength * m.Ac[o.source, t] for o in m.s.spillovers if o.target == d.id)
        first = sum(o.strength * m.Ac[o.source, m.t0] for o in m.s.spillovers if o.target == d.id)
        m.Acc[d.id, t] = 100 * now / first if first > 0 else 100.0


def Ac(m: Model, e: Record, t: int) -> float:
    """Accelerator capability of a domain."""
    total = sum(j.weight * member(j, "A") for j in m.of[e.id])
    return sum(j.weight * member(j, "A") * m.C[j.id, t] for j in m.of[e.id]) / total if total > 0 else 0.0


def produce(m: Model, i: Record, r: Record, t: int) -> None:
    """q from lagged effort, accelerators and stock."""
    law = m.s.knowledge
    spent = m.xe if (i.id, r.id) in m.curves else m.x  # history counts as it is
    xt = sum(r[f"lag_{lag}"] * (spent if t - lag > m.t0 else m.x)[i.id, r.id, min(t - lag, m.T)] for lag in range(6))
    xbar = m.xbar[i.id, r.id]
    A = m.a[i.id, r.id] * law.yield_factor * (1 + law.induced_innovation * i.sensitivity * (m.e(t) - m.e(m.t0)))
    m.q[i.id, r.id, t] = (
        A
        * ((xt / xbar) ** law.effort_elasticity if xbar > 0 else 0.0)
        * (m.Acc[i.domain, t - 1] / 100) ** law.accelerator_elasticity
        * (m.k[i.id, r.id, t - 1] / 100) ** law.stock_elasticity
    )


def production(m: Model, i: Record, t: int) -> float:
    """The column `production`."""
    return sum(r.capability_weight * m.q[i.id, r.id, t] for r in m.rungs)
