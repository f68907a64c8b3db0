r"""Stocks by rung and capability.

The formulas of `docs/model/ladder.md`:

    k[i,r,t] <= (1 - delta_r) k[i,r,t-1] + q[i,r,t] + eta_r D[i,t] + G[i,r,t] - h[i,r,t]
    k[i,P,t] <= k[i,F,t],   k[i,R,t] <= k[i,P,t],   C[i,t] = sum_r omega_r k[i,r,t]

    free[i,r,t] = (1 - delta_r) k[i,r,t-1] + q[i,r,t] + eta_r D[i,t] + G[i,r,t]
    k[i,F,t] = max(0, free[i,F,t] - h[i,F,t])
    k[i,r,t] = min(k[i,r-1,t], max(0, free[i,r,t] - h[i,r,t]))        r-1 the rung before
"""

from __future__ import annotations

from .model import Model
from .numbers import Record


def climb(m: Model, i: Record, t: int) -> None:
    """k of every rung and C at the end of a year."""
    below = float("inf")
    for r in m.rungs:
        free = (1 - r.depreciation) * m.k[i.id, r.id, t - 1] + m.q[i.id, r.id, t] + r.inflow * m.D[i.id, t]
        free += m.G.get((i.id, r.id, t), 0.0)
        m.free[i.id, r.id, t] = max(0.0, free)
        below = min(below, max(0.0, free - m.h.get((i.id, r.id, t), 0.0)))
        m.k[i.id, r.id, t] = below
    m.C[i.id, t] = sum(r.capability_weight * m.k[i.id, r.id, t] for r in m.rungs)
