r"""The objective of a plan.

The formulas of `docs/model/objective.md`:

    national_security  max  sum_{t0 < t <= T+tail} beta^(t-t0) NS_t + W NS_T + E NS_{T+tail}
                           - sum_{p,i} price_p shortfall[p,i] + reward,  E = beta^(T+tail-t0) sum_{1 <= n <= n_E} beta^n
    min_budget         min  phi sum_t B_t        (every year's budget is phi times its data; targets must hold)
    earliest           min  Y,  t0+1 <= Y <= T        some plan keeps every hard target p with by_p = Y
                       max  national_security with this Y        of the plans that do
"""

from __future__ import annotations

from . import programmes, targets
from .model import Model


def value(m: Model) -> float:
    """Objective of `national_security`."""
    rule = m.s.objective
    total = sum(rule.discount ** (t - m.t0) * m.NS[t] for t in m.all_years) + rule.terminal * m.NS[m.T]
    last = m.all_years[-1]
    total += sum(rule.discount ** (last - m.t0 + n) for n in range(1, rule.end_years + 1)) * m.NS[last]
    return float(total - targets.penalties(m) + programmes.reward(m))
