"""The proof by the whole program with integers, where it cannot be taken apart: some column has no finite bound.

level     what no plan better than the known one goes beyond bounds columns that are open otherwise (the money of
          `min_budget`); the proof then goes part by part after all
relaxed   one linear program of tangents with the integers as fractions, cut until it gains little
whole     the same with whole numbers by HiGHS, whose bound is kept; the plan for its choice; cuts at its answer
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kctopt.solver.bounds import propagate
from kctopt.solver.compile import Compiled
from kctopt.solver.outcome import Status
from kctopt.solver.proof import Proof
from kctopt.solver.tangents import Tangents

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


def prove(engine: DiscreteEngine, gap: float) -> Status:
    """Bounds by the whole program, and plans for its answers, until the gap is as asked or time is out."""
    proof = Proof(engine.open, Tangents(engine.open))
    assert engine.plan is not None
    proof.patience = KEPT
    proof.start(engine.plan.x, None)
    _relaxed(engine, proof, gap)
    for _ in range(WHOLE):
        if engine._gap() <= gap or engine._left() <= 0:
            break
        end = proof.highs.run_mip(engine.open.free_integers, None, engine._left(), SHARE * gap)
        if end.status in ("optimal", "limit") and np.isfinite(end.objective):
            engine._keep(end.objective, np.zeros(0), np.zeros(0), proof.highs.rows)
        if len(end.x) == 0 or engine._gap() <= gap:
            break
        values = np.round(end.x[engine.columns])
        if not any(np.array_equal(values, tried) for tried in engine.tried):
            engine._try(values, end.x, gap)
            proof.cut(engine._last.x)
        if proof.cut(end.x) == 0:
            break
    return "optimal" if engine._gap() <= gap else "limit"


def _relaxed(engine: DiscreteEngine, proof: Proof, gap: float) -> None:
    """Rounds of the program with its integers as fractions."""
    assert engine.plan is not None
    before, room = -np.inf, gap * max(engine.open.worth, abs(engine.plan.objective))
    for _ in range(RELAXED):
        end = proof.run(engine._left())
        if end.status != "optimal":
            break
        engine._keep(end.objective, np.zeros(0), np.zeros(0), proof.highs.rows)
        if engine._gap() <= gap or end.objective - before < LITTLE * room or proof.cut(end.x) == 0:
            break
        before = end.objective
