"""The engine: solving (solving.py), and solving again after a change of data or of the user's own parts."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from kctopt.arguments import checked_gap, wrong_source
from kctopt.brief import brief
from kctopt.errors import ProgramError
from kctopt.program import build
from kctopt.scenario.load import checked_values
from kctopt.scenario.records import Scenario
from kctopt.solver.convex import AIM
from kctopt.solver.held import held_columns, without_held
from kctopt.solver.outcome import Outcome
from kctopt.solver.own import own_names
from kctopt.solver.refused import keep_own
from kctopt.solver.solving import Solving, arrays_of
from kctopt.status import Status


class Engine(Solving):
    """Solves one program, and again after changes of its data, on persistent HiGHS objects."""

    def __repr__(self) -> str:
        return brief(
            self, self.program.scenario.name, "no plan yet" if self.plan is None else "with a plan to go on from"
        )

    def solve(self, gap: float = 1e-4, time_limit: float | None = None) -> Outcome:
        """Solve to a relative gap. See `Outcome` for what comes back; nothing is raised for an infeasible program.

        Raises UsageError for a gap or time limit that is none, ProgramError for a changed model that cannot be solved.
        """
        self._read_again()
        return super().solve(gap, time_limit)

    def resolve(
        self, scenario: Scenario, gap: float = 1e-4, time_limit: float | None = None, *, aim: float = AIM
    ) -> Outcome:
        """Solve again after the data changed.

        Budgets, limits, policy amounts and hard target ratios are columns held at their data, which are patched. After
        a change of other numbers the arrays are made anew. The last plan and a point on the way to it are kept while
        there are the same variables and rules. `aim` is the gap gone on to; with `gap` many worlds are solved quicker.

        Raises as `solve` does, and ScenarioErrors for a scenario that does not pass the checks of a file.
        """
        if not isinstance(scenario, Scenario):
            raise wrong_source(scenario, "a Scenario, as kctopt.load returns it")
        checked_gap(aim)
        return self.resolve_checked(checked_values(scenario), gap, time_limit, aim=aim)

    def resolve_checked(
        self, scenario: Scenario, gap: float = 1e-4, time_limit: float | None = None, *, aim: float = AIM
    ) -> Outcome:
        """`resolve` of a scenario that has passed its checks."""
        self._check(gap, time_limit)
        self._read_again()
        held, started = held_columns(scenario), time.perf_counter()
        same = without_held(scenario) == without_held(self.program.scenario)
        if not same:
            keep_own(
                own_names(self.program), "a change of other data than budgets, limits and amounts rebuilds the program",
                "build it yourself and add them again",
            )  # fmt: skip
            program = build(scenario)
            if program.discrete != self.discrete:
                raise ProgramError("this change switches discrete decisions on or off: solve it with a new engine")
            compiled = arrays_of(program)
            if self.plan is None or self.discrete or not compiled.alike(self.compiled):
                self.__init__(program, compiled)  # type: ignore[misc]
                return self.solve(gap, time_limit)
        self._begin(np.inf if time_limit is None else time_limit)
        x = None if self.plan is None else self._in_proportion(held)
        if same:
            self._patch(scenario, held)
        else:
            self.read = compiled
            self._take(program, compiled)
            self.seconds = {"build": program.seconds, "compile": time.perf_counter() - started - program.seconds}
        self.convex.aim = aim
        try:
            status = self._cold(gap) if x is None else self._warm(x, gap)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            self.convex.aim = AIM
        return self._outcome(status)

    def _read_again(self) -> None:
        """Begin anew where the user changed the model after it was read; data patched since then are patched again."""
        if not self.program.written:
            return
        program, scenario = self.program.as_written, self.program.scenario
        read = arrays_of(program)
        if read.same_as(self.read):
            return
        if program.discrete != self.discrete:
            raise ProgramError("integers were added, fixed or freed after this engine was made: make a new one")
        self.__init__(program, read)  # type: ignore[misc]
        self._patch(scenario, held_columns(scenario))

    def _in_proportion(self, held: dict[str, np.ndarray]) -> np.ndarray:
        """Columns of the last plan with the money of each year in proportion to its new budget."""
        assert self.plan is not None
        x = self.plan.x.copy()
        if "money.available" in held:
            before = self.compiled.column_lower[self.compiled.slots["money.available"]]
            x = self._times(x, held["money.available"] / np.where(before > 0, before, np.inf))
        for name, values in held.items():
            x[self.compiled.slots[name]] = values
        return x

    def _patch(self, scenario: Scenario, held: dict[str, np.ndarray]) -> None:
        """New bounds of the columns that hold data."""
        lower, upper = self.compiled.column_lower.copy(), self.compiled.column_upper.copy()
        for name, values in held.items():
            lower[self.compiled.slots[name]] = upper[self.compiled.slots[name]] = values
        self.program = self.program.with_data(scenario)
        self._use(replace(self.compiled, column_lower=lower, column_upper=upper))
