r"""Dependency, and the losses from a cut-off.

The formulas of `docs/model/dependency.md`:

    dep[i,t] >= 1 - U[i,t]/R[i,t],   dep >= 0
    X_t >= max(e_t, d_t) Lambda sum_i n_i dep[i,t] - shield * ZS_t,   X >= 0
    Y_t >= max(e_t, d_t) Lambda_M sum_i n'_i dep[i,t]
    n_i = nu_i m[i,B] sigma_i / sum_j nu_j m[j,B],   n'_i = the same with min(1, m[i,M] + m[i,S]) in place of m[i,B]
    d_t = max(denial_t, (1 - recovery) d_{t-1})

    dep[i,t] = max(0, 1 - U[i,t]/R[i,t]),   X_t = max(0, max(e_t, d_t) Lambda sum_i n_i dep[i,t] - shield * ZS_t)
    Y_t = max(e_t, d_t) Lambda_M sum_i n'_i dep[i,t],   d_t0 = denial_t0
    ZS_t = ZN[S,t] of the KCT value        0 where no domain has security lines
    n_i = 0        where no line is a bottleneck,   n'_i = 0 where none is a moat or security technology
"""

from __future__ import annotations

from .model import Model, series
from .model import m as member
from .numbers import Record


def dep(m: Model, i: Record, t: int) -> float:
    return max(0.0, 1 - m.U(i, t) / m.R[i.id, t])


def loss(m: Model, t: int) -> None:
    """X."""
    choked = struck(m, t, {i.id: member(i, "B") for i in m.lines})
    m.X[t] = max(0.0, m.s.cut_off.loss * choked - m.s.cut_off.shield * m.ZN.get(("S", t), 0.0))


def military_loss(m: Model, t: int) -> float:
    """Y."""
    return m.s.cut_off.military_loss * struck(m, t, {i.id: min(1.0, member(i, "M") + member(i, "S")) for i in m.lines})


def struck(m: Model, t: int, membership: dict[str, float]) -> float:
    """What is denied, times the dependency of lines by their membership."""
    total = sum(j.exposure_weight * membership[j.id] for j in m.lines)
    parts = sum(i.exposure_weight * membership[i.id] * i.sensitivity * dep(m, i, t) for i in m.lines)
    return float(denied(m, t) * parts / total) if total > 0 else 0.0


def denied(m: Model, t: int) -> float:
    """Share of supply that controls or a shock deny."""
    shock = 0.0
    for n in range(m.t0, t + 1):
        shock = max(series(m.s.cut_off.denial, n), (1 - m.s.cut_off.recovery) * shock)
    return max(m.e(t), shock)
