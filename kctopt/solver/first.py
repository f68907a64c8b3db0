"""A first plan for a program with integers, where the choices that the laws lead to at once have none.

    around    the choices nearest to the best point whose integers are fractions, by interior points; the user's own
              integers both ways
    relaxed   the choices nearest to the answer of the program whose integers may be fractions, stages by the laws
    chosen    whole values that keep the rows and every tangent so far; HiGHS, where any answer will do
    lesser    the same with options taken out, all but one, then one (stages and scale of the base year, base modes, no
              programme); their plans are plans of the whole, and fewer choices are left to make
    settled   with these held, linear programs cut where their answer breaks a relation, until none does or none is left
    searched  a plan near that answer (choice.py)

Tangents hold whatever is chosen, so those that rule out one choice rule out others like it. Choices without a plan are
not made again. The order is that of no clock (but for the seconds HiGHS may take for what is tried first): more time
only goes further.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from kctopt.simulator import Choices
from kctopt.solver.choice import ChoiceSolver, another
from kctopt.solver.highs import End
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.settings import GAPS, WORK
from kctopt.solver.tangents import Tangents
from kctopt.status import Status

QUICK = 5.0  # seconds of one tree of HiGHS of what is tried first: its root alone may go on for minutes
OPTIONS = ("switching.stage", "modes.mode", "programmes.start", "scale.on")


class FirstPlan:
    """The search for any plan of one program."""

    def __init__(self, choices: ChoiceSolver, x: np.ndarray) -> None:
        self.choices, self.state, self.open, self.x = choices, choices.state, choices.open, x
        self.whole = OuterApproximation(replace(self.open, cost=np.zeros(len(self.open.cost))), Tangents(self.open))
        self.whole.patience = WORK.cuts_kept
        self.whole.start(x, None)
        self.base = choices.integers_of(x, choices.with_stages(x, Choices()))
        self.lower, self.upper = self.open.column_lower[choices.columns], self.open.column_upper[choices.columns]
        self.unproven = False  # whether a choice was left that is not proven to have no plan

    def find(self, gap: float) -> Status | None:
        """None when there is a plan, 'infeasible' when it is proven that there is none."""
        state = self.state
        if self._around(gap):
            return None
        end = self._cut(WORK.first_relaxed_cuts)
        if end.status == "infeasible":
            return Status.INFEASIBLE
        if end.status == "optimal" and self._tried(self._nearest(end.x), gap):
            return None
        every = np.zeros(0, int)
        few = [(held, WORK.first_few, QUICK) for held in (every, *self._lesser())]
        for held, count, seconds in (*few, (every, WORK.first_choices, np.inf)):
            end = self._among(held, count, seconds, gap)
            if state.plan is not None:
                return None
            if state.left() <= 0 or (end.status == "infeasible" and not len(held)):
                break
        return (
            Status.INFEASIBLE if end.status == "infeasible" and not len(held) and not self.unproven else state.stopped()
        )

    def _around(self, gap: float) -> bool:
        """Whether choices nearest to the best point with integers as fractions have a plan."""
        state, columns, convex = self.state, self.choices.columns, self.choices.convex
        self.choices.release()
        convex.run(self.x, GAPS.fractions_of_first, seeking=False)
        if convex.last is None:
            return False
        x = convex.last.x
        nearest = self._nearest(x)
        slots = [slot for name, slot in self.open.slots.items() if name not in state.program.built]
        own = np.flatnonzero(np.isin(columns, np.concatenate([np.zeros(0, int), *slots])))
        odd = own[np.argsort(-np.abs(x[columns[own]] - nearest[own]), kind="stable")][: WORK.both_ways]
        ends = [(np.floor(x[columns[n]]), np.ceil(x[columns[n]])) for n in odd]
        away = sorted(product(*ends), key=lambda each: float(np.abs(np.array(each) - x[columns[odd]]).sum()))
        for values in away:
            nearest[odd] = values
            self.choices.best_plan(nearest.copy(), x, gap)
            if state.plan is not None or state.left() <= 0:
                break
        return state.plan is not None

    def _lesser(self) -> list[np.ndarray]:
        """Positions of the integers of options to take out, most first; none where the first choice tried is that."""
        slots, columns = self.open.slots, self.choices.columns
        options = [np.flatnonzero(np.isin(columns, slots[name])) for name in OPTIONS if name in slots]
        if len(options) < 2:
            return []
        others = [np.setdiff1d(np.concatenate(options), option) for option in options]
        return others if len(options) == 2 else [*others, *options]

    def _among(self, held: np.ndarray, count: int, seconds: float, gap: float) -> End:
        """Choices made and tried with some integers at their base values; the last answer of HiGHS."""
        columns = self.choices.columns
        before = self.lower, self.upper
        self.lower, self.upper = before[0].copy(), before[1].copy()
        self.lower[held] = self.upper[held] = self.base[held]
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
        for _ in range(count):
            end = self.whole.highs.run_mip(self.open.free_integers, None, min(seconds, self.state.left()), gap=1.0)
            if len(end.x) == 0 or self._tried(np.round(end.x[columns]), gap):
                break
        self.lower, self.upper = before
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
        return end

    def _nearest(self, x: np.ndarray) -> np.ndarray:
        """Whole values near an answer with fractions: what is chosen most, and the stages its money leads to."""
        choices, whole = self.choices, x.copy()
        whole[choices.columns] = np.round(x[choices.columns])
        wanted = self.state.simulator.integers.choices(x)
        chosen = choices.with_stages(x, Choices(mode=wanted.mode, routes=wanted.routes))
        return np.round(choices.integers_of(whole, chosen))

    def _tried(self, values: np.ndarray, gap: float) -> bool:
        """Whether there is a plan with these values now."""
        choices, columns = self.choices, self.choices.columns
        self.whole.highs.change_bounds(columns, values, values)
        end = self._cut(WORK.first_cuts)
        self.whole.highs.change_bounds(columns, self.lower, self.upper)
        if end.status == "optimal":
            choices.best_plan(values, end.x, gap)
            if self.state.plan is not None:
                return True
            self.whole.cut(choices.last.x)
        self.unproven |= end.status != "infeasible" and choices.floor < np.inf
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
        end = self.whole.run(self.state.left(), WORK.simplex_without_costs)
        if end.status == "limit" and self.state.left() > 0:
            self.whole.highs.forget()
            self.whole.loaded = False
            end = self.whole.run(self.state.left())
        return end

    def _exclude(self, values: np.ndarray) -> None:
        """Not these values again: at least one that is 0 or 1 differs; where others are open, tangents must do."""
        row = another(self.open, self.choices.columns, values)
        if row is not None:
            self.whole.add_rows(row[0], np.array([row[1]]), np.array([np.inf]))
