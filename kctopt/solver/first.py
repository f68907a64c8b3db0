"""A first plan for a program with integers, where the choices that the laws lead to at once have none.

    relaxed   the choices nearest to the answer of the program whose integers may be fractions, stages by the laws
    chosen    whole values that keep the rows and every tangent so far; HiGHS, where any answer will do
    settled   with these held, linear programs cut where their answer breaks a relation, until none does or none is left
    searched  a plan near that answer (discrete.py)

Tangents hold whatever is chosen, so those that rule out one choice rule out others like it. Choices without a plan are
not made again. The order is that of no clock: more time only goes further.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kctopt.simulate import Choices
from kctopt.solver.choice import another
from kctopt.solver.highs import End
from kctopt.solver.outcome import Status
from kctopt.solver.proof import Proof
from kctopt.solver.tangents import Tangents

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

CHOICES = 60  # tried at most
ROUNDS = 30  # of cuts with the integers held
RELAXED = 6  # of cuts with the integers as fractions
KEPT = 10**6  # rounds that a tangent is kept: without costs none has a price


class FirstPlan:
    """The search for any plan of one program."""

    def __init__(self, engine: DiscreteEngine, x: np.ndarray) -> None:
        self.engine, self.open = engine, engine.open
        self.whole = Proof(replace(self.open, cost=np.zeros(len(self.open.cost))), Tangents(self.open))
        self.whole.patience = KEPT
        self.whole.start(x, None)
        self.unproven = False  # whether a choice was left that is not proven to have no plan

    def find(self, gap: float) -> Status | None:
        """None when the engine has a plan, 'infeasible' when it is proven that there is none."""
        engine = self.engine
        end = self._cut(RELAXED)
        if end.status == "infeasible":
            return "infeasible"
        if end.status == "optimal" and self._tried(self._nearest(end.x), gap):
            return None
        for _ in range(CHOICES):
            end = self.whole.highs.run_mip(self.open.free_integers, None, engine._left(), gap=1.0)
            if len(end.x) == 0:
                break
            if self._tried(np.round(end.x[engine.columns]), gap):
                return None
        return "infeasible" if end.status == "infeasible" and not self.unproven else engine._stopped()

    def _nearest(self, x: np.ndarray) -> np.ndarray:
        """Whole values near an answer with fractions: what is chosen most, and the stages its money leads to."""
        engine, whole = self.engine, x.copy()
        whole[engine.columns] = np.round(x[engine.columns])
        found = engine.simulator.integers.choices(x)
        lawful = engine._lawful(x, Choices(mode=found.mode, routes=found.routes))
        return np.round(engine.integers_of(whole, lawful))

    def _tried(self, values: np.ndarray, gap: float) -> bool:
        """Whether there is a plan with these values now."""
        engine, columns = self.engine, self.engine.columns
        self.whole.highs.change_bounds(columns, values, values)
        end = self._cut(ROUNDS)
        self.whole.highs.change_bounds(columns, self.open.column_lower[columns], self.open.column_upper[columns])
        if end.status == "optimal":
            engine._try(values, end.x, gap)
            if engine.plan is not None:
                return True
            self.whole.cut(engine._last.x)
        self.unproven |= end.status != "infeasible" and engine.floor < np.inf
        self._exclude(values)
        return False

    def _cut(self, rounds: int) -> End:
        """The program as it stands, cut where its answer breaks a relation."""
        end = self.whole.run(self.engine._left())
        for _ in range(rounds):
            if end.status != "optimal" or self.whole.cut(end.x) == 0:
                break
            end = self.whole.run(self.engine._left())
        return end

    def _exclude(self, values: np.ndarray) -> None:
        """Not these values again: at least one that is 0 or 1 differs; where others are open, tangents must do."""
        row = another(self.open, self.engine.columns, values)
        if row is not None:
            self.whole.add_rows(row[0], np.array([row[1]]), np.array([np.inf]))
