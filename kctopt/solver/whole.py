"""The proof by the whole program with integers, where its parts do not do.

They do not where some column has no finite bound, or where nothing is left to branch on and a gap is left.

level     what no plan better than the known one goes beyond bounds columns that are open otherwise (the money of
          `min_budget`); the proof then goes part by part after all
relaxed   one linear program of tangents with the integers as fractions, cut until it gains little
whole     the same with whole numbers by HiGHS, whose bound is kept; the plan for its choice (choice.py), which is then
          left out with its own bound kept; cuts at its answer
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kctopt.solver.bounds import propagate
from kctopt.solver.choice import another
from kctopt.solver.compiled import Compiled
from kctopt.solver.highs import NODES
from kctopt.solver.proof import Proof
from kctopt.solver.tangents import Tangents
from kctopt.status import Status

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

ABOVE = 1e-6  # relative distance of the level from the plan
RELAXED, WHOLE = 20, 100  # rounds
LITTLE = 0.05  # part of the gap asked below which a round of the relaxed program gains too little
SHARE = 0.2  # of the gap asked, to which HiGHS solves each whole program
KEPT = 10**6  # rounds that a cut is kept: programs with whole numbers leave no prices


def levelled(compiled: Compiled, value: float) -> Compiled:
    """The program with the column bounds that plans keep which cost no more than a known one; integers as they are.

    Its bounds hold for every plan that is better, so what it proves holds for the best. The program itself where it
    has finite bounds already.
    """
    if all(np.isfinite(side).all() for side in propagate(compiled)):
        return compiled
    near = compiled.with_row("level", compiled.cost, -np.inf, value + ABOVE * max(compiled.worth, abs(value)))
    lower, upper = propagate(near)
    room = ABOVE * np.maximum(1.0, np.maximum(np.abs(lower), np.abs(upper)))
    lower = np.where(np.isneginf(compiled.column_lower), lower - room, compiled.column_lower)
    upper = np.where(np.isposinf(compiled.column_upper), upper + room, compiled.column_upper)
    return replace(compiled, column_lower=lower, column_upper=upper)


def prove(engine: DiscreteEngine, gap: float, nodes: int = NODES) -> Status:
    """Bounds by the whole program, and plans for its answers, until the gap is as asked or time is out.

    HiGHS's trees have that many nodes at most; one that is left early ends this.
    """
    proof, closed = Proof(engine.open, Tangents(engine.open)), np.inf  # the least bound of choices that are left out
    assert engine.plan is not None
    proof.patience = KEPT
    proof.start(engine.plan.x, None)
    _relaxed(engine, proof, gap)
    for _ in range(WHOLE):
        if engine._gap() <= gap or engine._left() <= 0:
            break
        started = time.perf_counter()
        end = proof.highs.run_mip(engine.open.free_integers, None, engine._left(), SHARE * gap, nodes)
        engine._spent["mip"] += time.perf_counter() - started
        bound = min(closed, np.inf if end.status == "infeasible" else end.objective)
        if end.status != "failed" and np.isfinite(bound):
            engine._keep(bound, np.zeros(0), np.zeros(0), proof.highs.rows)
        if len(end.x) == 0 or engine._gap() <= gap:
            break
        values = np.round(end.x[engine.columns]) + 0.0
        floor = _floor(engine, values, end.x, gap)
        others = another(engine.open, engine.columns, values) if floor >= _enough(engine, gap) else None
        if others is not None:
            closed = min(closed, floor)
            proof.add_rows(others[0], np.array([others[1]]), np.array([np.inf]))
        cuts = proof.cut(end.x)
        if end.status == "limit" or (others is None and cuts == 0):
            break
    return Status.OPTIMAL if engine._gap() <= gap else Status.LIMIT


def _floor(engine: DiscreteEngine, values: np.ndarray, x: np.ndarray, gap: float) -> float:
    """The proven bound of a choice, whose best plan the engine then knows."""
    known = engine.floors.get(values.tobytes(), -np.inf)
    if known == -np.inf:
        engine._try(values, x, gap, whole=True)
        known = engine.floor
    return known


def _enough(engine: DiscreteEngine, gap: float) -> float:
    """The bound from which on a choice has nothing better by the gap asked."""
    assert engine.plan is not None
    return float(engine.open.cost @ engine.plan.x) - gap * abs(engine.plan.objective)


def _relaxed(engine: DiscreteEngine, proof: Proof, gap: float) -> None:
    """Rounds of the program with its integers as fractions."""
    assert engine.plan is not None
    started = time.perf_counter()
    before, room = -np.inf, gap * max(engine.open.worth, abs(engine.plan.objective))
    for _ in range(RELAXED):
        end = proof.run(engine._left())
        if end.status != "optimal":
            break
        engine._keep(end.objective, np.zeros(0), np.zeros(0), proof.highs.rows)
        if engine._gap() <= gap or end.objective - before < LITTLE * room or proof.cut(end.x) == 0:
            break
        before = end.objective
    engine._spent["proof"] += time.perf_counter() - started
