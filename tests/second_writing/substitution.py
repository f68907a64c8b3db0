r"""Substitutes.

The formulas of `docs/model/substitution.md`:

    s[i,t] <= (1 - delta_s) s[i,t-1] + v[i,t],   v[i,t] <= b (u[i,t]/ubar_i)^lambda_s,   s[i,t] <= ceiling R[i,t]

    s[i,t] = min((1 - delta_s) s[i,t-1] + b (u[i,t]/ubar_i)^lambda_s, ceiling R[i,t])
"""

from __future__ import annotations

from .model import Model
from .numbers import Record


def substitute(m: Model, i: Record, t: int) -> None:
    """s at the end of a year."""
    law = m.s.substitution
    v = law.output * (m.u[i.id, t] / m.ubar[i.id]) ** law.elasticity
    m.sub[i.id, t] = min((1 - law.depreciation) * m.sub[i.id, t - 1] + v, law.ceiling * m.R[i.id, t])
