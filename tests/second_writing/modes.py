r"""Cooperation modes.

The formulas of `docs/model/modes.md`:

    sum_m w[d,p,m] = 1,   o[d,p] >= w[d,p,m] - w[d,p-1,m]        (before the first plan: the mode of the base year)
    sum_m y_m[i,t] = y[i,t],   y_m[i,t] <= ymax_m[i,t] w[d(i),p(t),m],   y_m[i,t] <= phi_m[i] S[i,t]
    y[i,t] >= psi_m[i] (S[i,t] - Smax[i,t] (2 - w[d(i),p(t),m] - z[i,v(t),reach]))
    D_m[i,t] <= f_m K[i,t] (y_m[i,t]/ybar_i)^mu w[d(i),p(t),m]^(1-mu)
    market gain = sum_d w_d (sum_m G_m w[d,p(t),m] - G_base)
    cost of changes in the first year of p = cost * sum_d o[d,p]

    mask  psi_m[i] = min(phi_min, max_exchange_m),   phi_m[i] = min(phi_max, max_exchange_m)
    free  psi_m[i] = 0,   phi_m[i] = max_exchange_m

A plan puts all of y on the mode it chose, so that the split over modes and its binaries are not needed.
"""

from __future__ import annotations

from .model import Model
from .numbers import Record


def none(m: Model) -> bool:
    return bool(m.s.cooperation.choice == "none")


def named(m: Model, name: str) -> Record:
    return next(mode for mode in m.s.modes if mode.id == name)


def chosen(m: Model, d: Record, p: int) -> Record:
    """Mode of a domain in a plan; that of the base year where the plan states none."""
    mode = m.choices.get("mode")
    at = [one.id for one in m.domains].index(d.id)
    return named(m, d.mode) if mode is None else m.s.modes[int(mode[at, p])]


def factor(m: Model, i: Record, t: int) -> float:
    """f of the mode in force."""
    return 1.0 if none(m) else float(chosen(m, m.domain[i.id], m.p(t)).exchange)


def base_factor(m: Model, i: Record) -> float:
    """f of the base year's mode."""
    return 1.0 if none(m) else float(named(m, m.domain[i.id].mode).exchange)


def exposure(m: Model, i: Record, t: int) -> float:
    """xi of the mode in force."""
    return 1.0 if none(m) else float(chosen(m, m.domain[i.id], m.p(t)).exposure)


def shares(m: Model, i: Record, t: int, least: float, most: float) -> tuple[float, float]:
    """psi and phi of a line from those of its quadrant."""
    if none(m):
        return least, most
    limit = chosen(m, m.domain[i.id], m.p(t)).max_exchange
    return (0.0, limit) if m.s.cooperation.choice == "free" else (min(least, limit), min(most, limit))


def market(m: Model, t: int) -> float:
    """Market gain against the base year, over the domains that have lines."""
    if none(m) or t == m.t0:
        return 0.0
    there = [d for d in m.domains if m.of[d.id]]
    total = sum(d.weight for d in there)
    gain = sum(d.weight * (chosen(m, d, m.p(t)).market_gain - named(m, d.mode).market_gain) for d in there)
    return float(gain / total)


def cost(m: Model, t: int) -> float:
    """Cost of the changes that begin in a year."""
    firsts = [first for first, _ in m.plans]
    if none(m) or t not in firsts:
        return 0.0
    p = firsts.index(t)
    before = [named(m, d.mode) if p == 0 else chosen(m, d, p - 1) for d in m.domains]
    changed = [chosen(m, d, p).id != old.id for d, old in zip(m.domains, before, strict=True)]
    return float(m.s.cooperation.change_cost * sum(changed))
