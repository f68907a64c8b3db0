r"""Dependency, and the loss from a cut-off.

The formulas of `docs/model/dependency.md`:

    dep[i,t] >= 1 - U[i,t]/R[i,t],   dep >= 0
    X_t >= e_t Lambda sum_i n_i dep[i,t] - shield * ZS_t,   X >= 0,   n_i = nu_i m[i,B] sigma_i / sum_j nu_j m[j,B]

    dep[i,t] = max(0, 1 - U[i,t]/R[i,t]),   X_t = max(0, e_t Lambda sum_i n_i dep[i,t] - shield * ZS_t)
    ZS_t = ZN[S,t] of the KCT value        0 where no domain has security lines
    n_i = 0        where no line is a bottleneck
"""

from __future__ import annotations

from .model import Model
from .model import m as member
from .numbers import Record


def dep(m: Model, i: Record, t: int) -> float:
    return max(0.0, 1 - m.U(i, t) / m.R[i.id, t])


def loss(m: Model, t: int) -> None:
    """X."""
    total = sum(j.exposure_weight * member(j, "B") for j in m.lines)
    choked = sum(i.exposure_weight * member(i, "B") * i.sensitivity * dep(m, i, t) for i in m.lines)
    full = m.e(t) * m.s.cut_off.loss * choked / total if total > 0 else 0.0
    m.X[t] = max(0.0, full - m.s.cut_off.shield * m.ZN.get(("S", t), 0.0))
