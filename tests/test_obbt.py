"""Bounds of capability by part: no plan exceeds them, and they are tighter than what propagation finds."""

from __future__ import annotations

import numpy as np
from test_discrete import three

from kctopt.program import build
from kctopt.solver.decomposition import Decomposition, line_of
from kctopt.solver.discrete import DiscreteEngine
from kctopt.solver.obbt import tightened


def test_no_plan_exceeds_the_bounds_and_they_are_tighter() -> None:
    engine = DiscreteEngine(build(three(horizon__plan_length=3)))
    assert engine.solve(1e-3).status == "optimal"
    assert engine.state.plan is not None
    decomposition = Decomposition(engine.state.open, engine.tangents, line_of(engine.program, engine.state.open))
    capability = engine.state.open.slots["ladder.capability"]
    before = (decomposition.lower.copy(), decomposition.upper.copy())
    lower, upper = tightened(decomposition, before, engine.state.plan.x, capability, lambda: np.inf)
    x = engine.state.plan.x
    assert (x >= lower - 1e-6).all()
    assert (x <= upper + 1e-6).all()
    assert (upper <= before[1] + 1e-6).all()
    assert (upper[capability] < 0.99 * before[1][capability]).any()
    for block in decomposition.blocks:  # as they were
        np.testing.assert_array_equal(block.compiled.column_upper, before[1][block.columns])


def test_without_time_only_propagation_tightens() -> None:
    engine = DiscreteEngine(build(three(horizon__plan_length=3)))
    engine.solve(0.05)
    assert engine.state.plan is not None
    decomposition = Decomposition(engine.state.open, engine.tangents, line_of(engine.program, engine.state.open))
    before = (decomposition.lower.copy(), decomposition.upper.copy())
    capability = engine.state.open.slots["ladder.capability"]
    quick = tightened(decomposition, before, engine.state.plan.x, capability, lambda: 0.0)[1]
    whole = tightened(decomposition, before, engine.state.plan.x, capability, lambda: np.inf)[1]
    assert (engine.state.plan.x[capability] <= whole[capability] + 1e-6).all()
    assert (whole[capability] <= quick[capability] + 1e-6).all()
    assert (whole[capability] < 0.99 * quick[capability]).any()
