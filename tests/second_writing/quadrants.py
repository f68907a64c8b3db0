r"""Exchange rules of the quadrants, exposure and shield.

The formulas of `docs/model/quadrants.md`:

    phi_min S[i,t] <= y[i,t] <= phi_max S[i,t]                              by the quadrant of the line
    phi_min (S[i,t] - Smax[i,t] (1 - z[i,v(t),reach])) <= y[i,t]            the floor where stages switch
    sum_i zeta_i Y[i,t] <= E_t,   zeta_i = max(0, sigma_i - sigma_E)/(1 - sigma_E)  national exposure
    sum_{i in quadrant} min(1, m[i,S]+m[i,M]) S[i,t] >= share * sum_{i in quadrant} S[i,t]

    widen    sigma_i < sensitivity_threshold,    gamma_i >= growth_threshold
    active   sigma_i < sensitivity_threshold,    gamma_i < growth_threshold
    managed  sigma_i >= sensitivity_threshold,   gamma_i >= growth_threshold
    barrier  sigma_i >= sensitivity_threshold,   gamma_i < growth_threshold
"""

from __future__ import annotations

from collections.abc import Iterator

from . import modes, switching
from .model import Model, series
from .model import m as member
from .numbers import Record


def quadrant(m: Model, i: Record) -> Record:
    rule = m.s.cooperation
    grows = i.growth >= rule.growth_threshold
    if i.sensitivity >= rule.sensitivity_threshold:
        name = "managed" if grows else "barrier"
    else:
        name = "widen" if grows else "active"
    return next(q for q in m.s.quadrants if q.id == name)


def zeta(m: Model, i: Record) -> float:
    """Part of a line's exchange that is exposed."""
    threshold = m.s.cooperation.exposure_threshold
    return float(max(0.0, i.sensitivity - threshold) / (1 - threshold))


def broken(m: Model) -> Iterator[tuple[str, float, float]]:
    for i in m.lines:
        q = quadrant(m, i)
        for t in m.years:
            least, most = modes.shares(m, i, t, q.min_exchange, q.max_exchange)
            least = least if switching.within_reach(m, i, t) else 0.0
            yield f"quadrants.exchange_floor[{i.id},{t}]", -m.y[i.id, t], -least * m.S[i.id, t]
            yield f"quadrants.exchange_cap[{i.id},{t}]", m.y[i.id, t], most * m.S[i.id, t]
    for t in m.years:
        exposed = sum(zeta(m, i) * modes.exposure(m, i, t) * m.y[i.id, t] for i in m.lines)
        yield f"quadrants.exposure[{t}]", exposed, series(m.s.cooperation.exposure_limit, t)
        for q in m.s.quadrants:
            own = [i for i in m.lines if quadrant(m, i).id == q.id]
            shield = sum(min(1.0, member(i, "S") + member(i, "M")) * m.S[i.id, t] for i in own)
            yield f"quadrants.shield[{q.id},{t}]", -shield, -q.shield_share * sum(m.S[i.id, t] for i in own)
