"""A mended plan made the best of those that withdraw no more of the planned money.

    max  V(m)      over m that keeps every rule,  sum (m0 - m)+ <= sum (m0 - m1)+,  sum m <= max(sum m0, sum m1)

m0 is the planned money, m1 the mended. Mending prices amounts one by one and cannot see what they are worth together;
here the program of the scenario decides, by interior points. Discrete decisions stay as they are in the mended plan.
"""

from __future__ import annotations

import numpy as np

from kctopt.program import build_near
from kctopt.rules.slopes import amounts
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money
from kctopt.solver.solve import engine_of
from kctopt.solver.warm_start import plan_of

GAP = 1e-4


def improved(scenario: Scenario, planned: Money, mended: Money, choices: Choices) -> Money | None:
    """The best money with the same choices and no more withdrawn than in the mended; None where none is found."""
    if scenario.objective.kind != "national_security":
        return None
    change = amounts(mended) - amounts(planned)
    tracks = {"strategic": planned.strategic, "substitution": planned.substitution, "exchange": planned.exchange}
    program = build_near(scenario, tracks, float(np.maximum(-change, 0.0).sum()), max(0.0, float(change.sum())))
    engine = engine_of(program)
    start = plan_of(engine, mended, choices)  # holds the integers at these choices
    engine.convex.run(start.x, GAP, start if start.feasible else None)
    plan = engine.convex.plan
    return None if plan is None else engine.simulator.money(plan.x)
