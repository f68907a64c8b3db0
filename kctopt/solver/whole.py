"""The proof by the whole program with integers, where its blocks do not do.

They do not where some column has no finite bound, or where nothing is left to branch on and a gap is left.

level     what no plan better than the known one goes beyond bounds columns that are open otherwise (the money of
          `min_budget`); the proof then goes block by block after all
relaxed   one linear program of tangents with the integers as fractions, cut until it gains little
whole     the same with whole numbers by HiGHS, whose bound is kept; the plan for its choice (choice.py), which is then
          left out with its own bound kept; cuts at its answer
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kctopt.solver.bounds import propagate
from kctopt.solver.choice import ChoiceSolver, another
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import ANY
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.settings import GAPS, TOLERANCES, WORK
from kctopt.solver.tangents import Tangents
from kctopt.status import Status


def levelled(compiled: Compiled, value: float) -> Compiled:
    """The program with the column bounds that plans keep which cost no more than a known one; integers as they are.

    Its bounds hold for every plan that is better, so what it proves holds for the best. The program itself where it
    has finite bounds already.
    """
    if all(np.isfinite(side).all() for side in propagate(compiled)):
        return compiled
    near = compiled.with_row(
        "level", compiled.cost, -np.inf, value + TOLERANCES.above_level * max(compiled.cost_unit, abs(value))
    )
    lower, upper = propagate(near)
    room = TOLERANCES.above_level * np.maximum(1.0, np.maximum(np.abs(lower), np.abs(upper)))
    lower = np.where(np.isneginf(compiled.column_lower), lower - room, compiled.column_lower)
    upper = np.where(np.isposinf(compiled.column_upper), upper + room, compiled.column_upper)
    return replace(compiled, column_lower=lower, column_upper=upper)


def prove(choices: ChoiceSolver, gap: float, nodes: int = ANY) -> Status:
    """Bounds by the whole program, and plans for its answers, until the gap is as asked or time is out.

    HiGHS's trees have that many nodes at most; one that is left early ends this.
    """
    state, c = choices.state, choices.open
    proof, closed = OuterApproximation(c, Tangents(c)), np.inf  # the least bound of choices that are left out
    assert state.plan is not None
    proof.patience = WORK.cuts_kept
    proof.start(state.plan.x, None)
    _relaxed(choices, proof, gap)
    for _ in range(WORK.whole_trees):
        if state.gap() <= gap or state.left() <= 0:
            break
        with state.spending("mip"):
            end = proof.highs.run_mip(c.free_integers, None, state.left(), GAPS.whole * gap, nodes)
        bound = min(closed, np.inf if end.status == "infeasible" else end.objective)
        if end.status != "failed" and np.isfinite(bound):
            state.keep(bound, None, proof.highs.rows)
        if len(end.x) == 0 or state.gap() <= gap:
            break
        values = np.round(end.x[choices.columns]) + 0.0
        floor = _floor(choices, values, end.x, gap)
        others = another(c, choices.columns, values) if floor >= _enough(choices, gap) else None
        if others is not None:
            closed = min(closed, floor)
            proof.add_rows(others[0], np.array([others[1]]), np.array([np.inf]))
        cuts = proof.cut(end.x)
        if end.status == "limit" or (others is None and cuts == 0):
            break
    return Status.OPTIMAL if state.gap() <= gap else Status.LIMIT


def _floor(choices: ChoiceSolver, values: np.ndarray, x: np.ndarray, gap: float) -> float:
    """The proven bound of a choice, whose best plan is then known."""
    known = choices.floors.get(values.tobytes(), -np.inf)
    if known == -np.inf:
        choices.best_plan(values, x, gap, whole=True)
        known = choices.floor
    return known


def _enough(choices: ChoiceSolver, gap: float) -> float:
    """The bound from which on a choice has nothing better by the gap asked."""
    plan = choices.state.plan
    assert plan is not None
    return float(choices.open.cost @ plan.x) - gap * abs(plan.objective)


def _relaxed(choices: ChoiceSolver, proof: OuterApproximation, gap: float) -> None:
    """Rounds of the program with its integers as fractions."""
    state = choices.state
    assert state.plan is not None
    before, room = -np.inf, gap * max(choices.open.cost_unit, abs(state.plan.objective))
    with state.spending("proof"):
        for _ in range(WORK.whole_relaxed_cuts):
            end = proof.run(state.left())
            if end.status != "optimal":
                break
            state.keep(end.objective, None, proof.highs.rows)
            if state.gap() <= gap or end.objective - before < GAPS.relaxed_gain * room or proof.cut(end.x) == 0:
                break
            before = end.objective
