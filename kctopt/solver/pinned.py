"""The ends of a range confirmed by other means: solves with the money pinned just inside and just outside.

| pinned | solve | confirmed when |
|---|---|---|
| inside | the best plan with the money at the pin or beyond: the search, then interior points | it is within epsilon |
| outside | HiGHS, a linear program that bounds every plan with the money at the pin or beyond | none is |

Neither uses the point that the range was found by.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import dual_bound, linear_bound, refuted
from kctopt.solver.highs import Highs
from kctopt.solver.interior import Interior
from kctopt.solver.nearby import Nearby
from kctopt.solver.newton import Point
from kctopt.solver.search import Search
from kctopt.solver.start import typical

MARGIN = 2e-3  # of max(1, the money of the best plan): how far inside and outside the pins stand
RADII = (0.1, 0.4, 2.0, 10.0)  # boxes around the best plan in which one with the money at the pin is sought, in turn
PROMISE = 1e-7  # relative gain at which the search stops


def inside(near: Nearby, weights: np.ndarray, side: int, attained: float) -> bool:
    """Whether the search finds a plan within epsilon with the money just inside what was attained."""
    best = float(weights @ near.best.x)
    pin = side * (attained + side * _margin(near, weights))
    if side * best <= pin:
        return True  # the best plan is one
    c = _with_pin(near, side * weights, pin)
    simulator = near.simulator.on(near.simulator.program, c)
    search = Search(c, near.tangents, simulator, typical(simulator.program))
    for radius in RADII:
        plan = search.near(near.best.x, radius, np.inf)
        if plan is not None and plan.feasible:
            plan = search.improve(plan, radius, PROMISE, lambda: np.inf, lambda rows, objective: None)
            if near.keeps(plan):
                return True
    kept = False

    def enough(point: Point, mean: float) -> bool:
        nonlocal kept
        kept = mean < 1e-3 and near.keeps(simulator.candidate(point.x))
        return kept or mean < 1e-9

    interior = Interior(c, near.tangents, near.lower, near.upper)
    interior.minimise(c.cost, interior.start(near.best.x), enough)
    return kept


def outside(near: Nearby, weights: np.ndarray, side: int, proven: float) -> bool:
    """Whether HiGHS proves that no plan within epsilon has its money just outside what was proven."""
    pin = side * (proven - side * _margin(near, weights))
    if side * near.limit(weights, side) > pin:
        return True  # the rules allow none
    c, level = _with_pin(near, side * weights, pin), float(near.compiled.upper[-1])
    found = near.best.x

    def enough(point: Point, mean: float) -> bool:
        nonlocal found
        found = point.x
        return mean < 1e-3 and dual_bound(c, near.tangents, point, near.lower, near.upper) > level

    interior = Interior(c, near.tangents, near.lower, near.upper)
    interior.minimise(c.cost, interior.start(near.best.x), enough)
    rows, right = near.tangents.rows(near.tangents.points(found))
    highs = Highs()
    highs.load(
        c.cost, c.column_lower, c.column_upper, sparse.vstack([c.rows, rows], format="csr"),
        np.concatenate([c.lower, np.full(len(right), -np.inf)]), np.concatenate([c.upper, right]), c.unit, c.worth,
    )  # fmt: skip
    end = highs.run("ipx", np.inf)
    program = highs.linear_program().within(near.lower, near.upper)
    if end.status == "infeasible":
        return refuted(program, highs)
    return end.status == "optimal" and linear_bound(program, end.row_dual) > level


def _margin(near: Nearby, weights: np.ndarray) -> float:
    return MARGIN * max(1.0, abs(float(weights @ near.best.x)))


def _with_pin(near: Nearby, weights: np.ndarray, most: float) -> Compiled:
    """The program without its level and with weights @ x <= most."""
    return near.rules.with_row("money.pin", weights, -np.inf, most)
