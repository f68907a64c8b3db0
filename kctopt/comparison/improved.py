"""A mended plan made the best of those that withdraw no more of the planned money.

    max  V(m)      over m that keeps every rule,  sum (m0 - m)+ <= sum (m0 - m1)+,  sum m <= max(sum m0, sum m1)

m0 is the planned money, m1 the mended. Mending prices amounts one by one and cannot see what they are worth together;
here the program of the scenario decides, solved like any other. A scenario with discrete decisions keeps m1: there
the choices of the plan hold, and their program is another.
"""

from __future__ import annotations

import numpy as np

from kctopt.comparison.lawful import amounts
from kctopt.program import build_near
from kctopt.scenario.records import Scenario
from kctopt.simulate import Money
from kctopt.solver.engine import Engine

GAP, SECONDS = 1e-4, 10.0


def improved(scenario: Scenario, planned: Money, mended: Money) -> Money | None:
    """The best money with no more withdrawn than in the mended; None where the program cannot tell."""
    change = amounts(mended) - amounts(planned)
    tracks = {"strategic": planned.strategic, "substitution": planned.substitution, "exchange": planned.exchange}
    program = build_near(scenario, tracks, float(np.maximum(-change, 0.0).sum()), max(0.0, float(change.sum())))
    if program.discrete or scenario.objective.kind != "national_security":
        return None
    return Engine(program).solve(GAP, SECONDS).money
