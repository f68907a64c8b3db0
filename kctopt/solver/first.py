"""A first plan for a program with integers, where the choices that the laws lead to at once have none.

    around    the choices nearest to the best point whose integers are fractions, by interior points; the user's own
              integers both ways
    relaxed   the choices nearest to the answer of the program whose integers may be fractions, stages by the laws
    chosen    whole values that keep the rows and every tangent so far; HiGHS, where any answer will do
    lesser    the same with options taken out, all but one, then one (stages and scale of the base year, base modes, no
              programme); their plans are plans of the whole, and fewer choices are left to make
    settled   with these held, linear programs cut where their answer breaks a relation, until none does or none is left
    searched  a plan near that answer (discrete.py)

Tangents hold whatever is chosen, so those that rule out one choice rule out others like it. Choices without a plan are
not made again. The order is that of no clock (but for the seconds HiGHS may take for what is tried first): more time
only goes further.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from kctopt.simulate import Choices
from kctopt.solver.choice import another
from kctopt.solver.highs import End
from kctopt.solver.proof import Proof
from kctopt.solver.tangents import Tangents
from kctopt.status import Status

if TYPE_CHECKING:
    from kctopt.solver.discrete import DiscreteEngine

CHOICES = 60  # tried at most, with all options
FEW = 6  # tried at most before, and with options taken out
QUICK = 5.0  # seconds of one tree of HiGHS there and of one simplex, which may go on for minutes where little is left
OPTIONS = ("switching.stage", "modes.mode", "programmes.start", "scale.on")
ROUNDS = 30  # of cuts with the integers held
RELAXED = 20  # of cuts with the integers as fractions
CLOSE, BOTH_WAYS = 1e-3, 3  # relative gap of the best point with fractions; own integers that are tried both ways
KEPT = 10**6  # rounds that a tangent is kept: without costs none has a price


class FirstPlan:
    """The search for any plan of one program."""

    def __init__(self, engine: DiscreteEngine, x: np.ndarray) -> None:
        self.engine, self.open, self.x = engine, engine.open, x
        self.whole = Proof(replace(self.open, cost=np.zeros(len(self.open.cost))), Tangents(self.open))
        self.whole.patience = KEPT
        self.whole.start(x, None)
        self.base = engine.integers_of(x, engine._lawful(x, Choices()))
        self.lower, self.upper = self.open.column_lower[engine.columns], self.open.column_upper[engine.columns]
        self.unproven = False  # whether a choice was left that is not proven to have no plan

    def find(self, gap: float) -> Status | None:
        """None when the engine has a plan, 'infeasible' when it is proven that there is none."""
        engine = self.engine
        if self._around(gap):
            return None
        end = self._cut(RELAXED)
        if end.status == "infeasible":
            return Status.INFEASIBLE
        if end.status == "optimal" and self._tried(self._nearest(end.x), gap):
            return None
        every = np.zeros(0, int)
        few = [(held, FEW, QUICK) for held in (every, *self._lesser())]
        for held, count, seconds in (*few, (every, CHOICES, np.inf)):
            end = self._among(held, count, seconds, gap)
            if engine.plan is not None:
                return None
            if engine._left() <= 0 or (end.status == "infeasible" and not len(held)):
                break
        none = end.status == "infeasible" and not len(held) and not self.unproven
        return Status.INFEASIBLE if none else engine._stopped()

    def _around(self, gap: float) -> bool:
        """Whether choices nearest to the best point with integers as fractions have a plan."""
        engine, columns = self.engine, self.engine.columns
        engine._released()
        engine.convex.run(self.x, CLOSE, seeking=False)
        if engine.convex.last is None:
            return False
        x = engine.convex.last.x
        nearest = self._nearest(x)
        slots = [slot for name, slot in self.open.slots.items() if name not in engine.program.built]
        own = np.flatnonzero(np.isin(columns, np.concatenate([np.zeros(0, int), *slots])))
        odd = own[np.argsort(-np.abs(x[columns[own]] - nearest[own]), kind="stable")][:BOTH_WAYS]
        ends = [(np.floor(x[columns[n]]), np.ceil(x[columns[n]])) for n in odd]
        away = sorted(product(*ends), key=lambda each: float(np.abs(np.array(each) - x[columns[odd]]).sum()))
        for values in away:
            nearest[odd] = values
            engine._try(nearest.copy(), x, gap)
            if engine.plan is not None or engine._left() <= 0:
                break
        return engine.plan is not None

    def _lesser(self) -> list[np.ndarray]:
        """Positions of the integers of options to take out, most first; none where the first choice tried is that."""
        slots, columns = self.open.slots, self.engine.columns
        options = [np.flatnonzero(np.isin(columns, slots[name])) for name in OPTIONS if name in slots]
        if len(options) < 2:
            return []
        others = [np.setdiff1d(np.concatenate(options), one) for one in options]
        return others if len(options) == 2 else [*others, *options]

    def _among(self, held: np.ndarray, count: int, seconds: float, gap: float) -> End:
        """Choices made and tried with some integers at their base values; the last answer of HiGHS."""
        engine, columns = self.engine, self.engine.columns
        before = self.lower, self.upper
        self.lower, self.upper = before[0].copy(), before[1].copy()
        self.lower[held] = self.upper[held] = self.base[held]
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
        for _ in range(count):
            end = self.whole.highs.run_mip(self.open.free_integers, None, min(seconds, engine._left()), gap=1.0)
            if len(end.x) == 0 or self._tried(np.round(end.x[columns]), gap):
                break
        self.lower, self.upper = before
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
        return end

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
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
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
        end = self._run()
        for _ in range(rounds):
            if end.status != "optimal" or self.whole.cut(end.x) == 0:
                break
            end = self._run()
        return end

    def _run(self) -> End:
        """The program as it stands; without costs the simplex method may go round, then interior points take over."""
        end = self.whole.run(min(QUICK, self.engine._left()))
        if end.status == "limit" and self.engine._left() > 0:
            self.whole.highs.forget()
            self.whole.loaded = False
            end = self.whole.run(self.engine._left())
        return end

    def _exclude(self, values: np.ndarray) -> None:
        """Not these values again: at least one that is 0 or 1 differs; where others are open, tangents must do."""
        row = another(self.open, self.engine.columns, values)
        if row is not None:
            self.whole.add_rows(row[0], np.array([row[1]]), np.array([np.inf]))
