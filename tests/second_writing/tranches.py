r"""What spend is worth where a rung has tranches.

The formulas of `docs/model/tranches.md`:

    xe[i,r,t] = sum_n (effect_{n-1} b_n + slope_n (part_n - upto_{n-1} b_n)),   sum_n b_n = 1
    upto_{n-1} b_n <= part_n <= upto_n b_n,   sum_n part_n <= x[i,r,t],   b_n binary

    xe[i,r,t] = x0[i,r] effect_{n-1} + slope_n (x[i,r,t] - x0[i,r] upto_{n-1})        n the tranche of x[i,r,t]/x0[i,r]
    xe[i,r,t] = x0[i,r] effect_N        beyond the last
    slope_n = (effect_n - effect_{n-1}) / (upto_n - upto_{n-1}),   upto_0 = effect_0 = 0

The binaries only say in which tranche the spend lies.
"""

from __future__ import annotations

from .model import Model


def worth(m: Model) -> None:
    """xe of every planned year, on the rungs with a curve."""
    for step in m.s.tranches:
        m.curves.setdefault((step.line, step.rung), []).append((step.upto, step.effect))
    for (i, r), points in m.curves.items():
        for t in m.years:
            m.xe[i, r, t] = m.x0[i, r] * effect(sorted(points), m.x[i, r, t] / m.x0[i, r])


def effect(points: list[tuple[float, float]], ratio: float) -> float:
    """The curve, all over base-year spend."""
    start, reached = 0.0, 0.0
    for upto, worth_there in points:
        if ratio <= upto:
            return reached + (worth_there - reached) / (upto - start) * (ratio - start)
        start, reached = upto, worth_there
    return reached
