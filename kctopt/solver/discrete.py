"""The engine for programs with integers: a plan for one choice at a time, a proof over all of them.

    regimes    the stages the laws lead to, the best plan with them, the stages that plan leads to, until they repeat
    prices     of the plans found so far, and between them (lagrangian.py, lagrangian.py)
    proof      at these prices, block by block (solver/decomposition.py), each block over all its configurations
    proposals  plans for what the blocks prefer (solver/proposals.py), one choice at a time (solver/choice.py)
    branching  on the line that would lose most by the plan's choice, best bound first (solver/branching.py)

A plan counts when the simulator has put its money and choices through the exact laws.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices
from kctopt.solver.branching import Tree
from kctopt.solver.choice import ChoiceSolver
from kctopt.solver.compiled import Compiled
from kctopt.solver.decomposition import Decomposition, line_of
from kctopt.solver.dual import reduced_costs
from kctopt.solver.engine import Engine
from kctopt.solver.first import FirstPlan
from kctopt.solver.outcome import Outcome
from kctopt.solver.settings import BOXES, GAPS, WORK
from kctopt.solver.start import base_plan, times
from kctopt.solver.state import Duals
from kctopt.solver.whole import levelled, prove
from kctopt.status import Status


class DiscreteEngine(Engine):
    """Solves one program with integers, and again after changes of its data."""

    def _equip(self) -> None:
        super()._equip()
        self.choices = ChoiceSolver(self.state, self.convex, self.search)
        self.cycle = 0  # length of the cycle the regimes ended in, 0 for none

    def _cold(self, gap: float) -> Status:
        """From the base year's plan and the stages it leads to."""
        choices = self.choices
        choices.forget()
        x = self.grown()
        self.relax_aside(x)
        self._repeat(choices.integers_of(x, choices.with_stages(x, Choices())), x, gap)
        if self.state.plan is None and (status := FirstPlan(choices, x).find(gap)) is not None:
            return status
        return self._close(gap)

    def relax_aside(self, x: np.ndarray) -> None:
        """A first bound, for the case that time ends before the proof: integers as fractions."""
        state, convex = self.state, self.convex
        if not np.isfinite(state.limit):
            return
        self.choices.release()
        try:
            with state.part_of_time(BOXES.aside_time):
                convex.run(x, GAPS.aside, seeking=False)
        finally:
            if np.isfinite(convex.value):
                state.aside = state.open.sign * (convex.value + state.open.offset)

    def _warm(self, x: np.ndarray, gap: float) -> Status:
        """From the last plan's choices."""
        self.choices.forget()
        self.relax_aside(x)
        self.choices.best_plan(self.choices.values, x, gap)
        return self._cold(gap) if self.state.plan is None else self._close(gap)

    def _patch(self, scenario: Scenario, held: dict[str, np.ndarray]) -> None:
        """New bounds of the columns that hold data, in the open program."""
        if self.decomposition is not None and self.decomposition.compiled is not self.state.open:
            self.decomposition = None  # its bounds are those of plans better than one that may be none now
        super()._patch(scenario, held)

    def grown(self) -> np.ndarray:
        """The base year's spend repeated, in proportion to the budget."""
        c = self.compiled
        base = base_plan(self.program, self.simulator)
        if "money.available" not in c.slots or self.choices.decided:
            return base
        spent = base[c.slots["money.spend"]].reshape(-1, len(self.program.scenario.horizon.years)).sum(axis=0)
        return times(c, base, c.column_lower[c.slots["money.available"]] / spent)

    def _repeat(self, values: np.ndarray, x: np.ndarray, gap: float) -> None:
        """Stages, the best plan with them, the stages it leads to, and so on until they repeat."""
        seen: list[np.ndarray] = []
        for _ in range(WORK.regime_passes):
            plan = self.choices.best_plan(values, x, gap)
            seen.append(values)
            if plan is None or self.state.left() <= 0:
                return
            x = plan.x
            values = self.choices.integers_of(x, self.choices.with_stages(x, self.simulator.integers.choices(x)))
            again = [n for n, before in enumerate(reversed(seen), 1) if np.array_equal(before, values)]
            if again:
                self.cycle = again[0] if again[0] > 1 else 0
                return

    def outcome(self, status: Status) -> Outcome:
        """Everything known at the end; prices hold while the discrete choices stay as they are."""
        if self.state.plan is not None:
            self.choices.hold(self.choices.values)
            self.state.duals = self._prices_of_choice()
        return replace(super().outcome(status), cycle=self.cycle)

    def _prices_of_choice(self) -> Duals | None:
        """Duals of rows and columns at the best plan of the choice, by interior points, else by line."""
        state, convex = self.state, self.convex
        assert state.plan is not None
        with state.without_limit():  # one run and one program, even where time is out
            convex.run(state.plan.x, GAPS.choice_found, state.plan)
        point = convex.point
        if point is not None and convex.gap() <= GAPS.prices_of_choice:
            return point.rows, reduced_costs(self.compiled, self.tangents, point)
        near = self.search.near(state.plan.x, BOXES.near, np.inf)
        prices = self.search.prices if near is not None else None  # else they are of other choices
        decomposition = Decomposition(
            self._levelled(self.compiled), self.tangents, line_of(self.program, self.compiled), state.left
        )
        bound = decomposition.bound(prices, np.inf, 1e-6) if prices is not None and decomposition.possible else None
        return (bound.row_dual, bound.column_dual) if bound is not None and bound.value is not None else None

    def _close(self, gap: float) -> Status:
        """Prove the plan block by block, with better plans found on the way; a decided budget as a whole first.

        The scale of a budget joins all lines, so that blocks know little of it.
        """
        state, choices = self.state, self.choices
        if state.left() > 0 and choices.decided and prove(choices, gap, WORK.first_tree_nodes) == "optimal":
            return Status.OPTIMAL
        if state.left() <= 0:
            return Status.LIMIT  # a first bound is kept aside
        if self.decomposition is None or self.decomposition.compiled is not state.open:
            with state.spending("proof"):
                lines = line_of(self.program, state.open)
                self.decomposition = Decomposition(self._levelled(state.open), self.tangents, lines, state.left)
        if not self.decomposition.possible:
            return prove(choices, gap)
        if self.search.prices is None:  # the plan is the first money that was tried, and time may be out
            choices.hold(choices.values)
            choices.price()
        if self.search.prices is None:
            return Status.LIMIT
        status = Tree(choices, self.decomposition, gap).explore()
        if status == "limit" and state.left() > 0:  # nothing is left to branch on
            return prove(choices, gap)
        return status

    def _levelled(self, compiled: Compiled) -> Compiled:
        """A program with the bounds that every plan keeps which is no worse than the present one."""
        assert self.state.plan is not None
        return levelled(compiled, float(compiled.cost @ self.state.plan.x))
