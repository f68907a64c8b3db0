"""Where a solve stands: one object that the engines, the searches, the tree and the analyses are given.

    problem     the program, its arrays as bounds and integers are held now, tangents, the simulator that judges plans
    incumbent   the best plan, the proven bound, the duals that prove it
    clock       the limit, seconds by phase, rounds

What may change the incumbent changes it here, so nobody keeps a copy of it, and an interrupt finds it as it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np

from kctopt.program import Program
from kctopt.progress import SOLVER, report
from kctopt.solver.bounds import least_cost
from kctopt.solver.certificate import Candidate, Simulator, saved
from kctopt.solver.compiled import Compiled
from kctopt.solver.outcome import Outcome, Round, agreed, relative_gap
from kctopt.solver.settings import TOLERANCES
from kctopt.solver.tangents import Tangents
from kctopt.status import Status

Duals = tuple[np.ndarray, np.ndarray]  # of rows and of columns
Phase = Literal["search", "proof"]

STEPS = np.linspace(0.1, 1.0, 10)[:, None]  # parts of the way to an answer that are tried


class SolveState:
    """The state of solves of one program."""

    def __init__(self, program: Program, compiled: Compiled) -> None:
        self.take(program, compiled)
        self.plan: Candidate | None = None
        self.begin(np.inf)

    def take(self, program: Program, compiled: Compiled) -> None:
        """Take over a program and its arrays; the incumbent plan stays."""
        self.program, self.open = program, compiled
        self.discrete = program.discrete  # whether integers are chosen; the user's model may change later
        self.simulator, self.tangents = Simulator(program, compiled), Tangents(compiled)

    @property
    def compiled(self) -> Compiled:
        """The arrays as they are held now; `open` has all integers open."""
        return self.simulator.compiled

    def hold(self, compiled: Compiled) -> None:
        """The same program with other bounds of its columns."""
        self.simulator.compiled = compiled

    def patch(self, program: Program, compiled: Compiled) -> None:
        """New data in the bounds of columns, of a program of the same shape."""
        self.program, self.open = program, compiled
        self.simulator.update(program, compiled)

    def begin(self, limit: float, asked: float = np.inf) -> None:
        """A new solve of at most `limit` seconds to the relative gap `asked`; the plan before may serve as a start."""
        self.started, self.limit, self.asked = time.perf_counter(), limit, asked
        self.spent = {"search": 0.0, "proof": 0.0} | ({"mip": 0.0} if self.discrete else {})
        self.rounds: list[Round] = []
        self.silent = False  # whether who listens is told nothing for now
        self.told: tuple[float | None, float | None] = None, None  # best plan and bound that were
        self.bound: float | None = None
        self.duals: Duals | None = None
        self.aside: float | None = None  # a first bound, for the case that time ends before the proof

    def passed(self) -> float:
        """Seconds since the solve began."""
        return time.perf_counter() - self.started

    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.limit - self.passed())

    @contextmanager
    def part_of_time(self, part: float) -> Iterator[None]:
        """No more than a part of the time left."""
        limit, self.limit = self.limit, self.limit - (1.0 - part) * self.left()
        try:
            yield
        finally:
            self.limit = limit

    @contextmanager
    def without_limit(self) -> Iterator[None]:
        """As long as it takes: for work that is counted, and that belongs to an answer even where time is out."""
        limit, self.limit = self.limit, np.inf
        try:
            yield
        finally:
            self.limit = limit

    @contextmanager
    def spending(self, phase: str) -> Iterator[None]:
        """Seconds that count as a phase's."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[phase] += time.perf_counter() - started

    def note(self, phase: Phase, rows: int, plan: Candidate | None, proven: float = -np.inf) -> None:
        """A round for the log, with the best plan so far; `proven` is a bound of the minimisation not kept yet."""
        self.round(phase, rows, None if plan is None else plan.objective, proven)

    def round(self, phase: Phase, rows: int, objective: float | None, proven: float = -np.inf) -> None:
        """The same with the value of the plan."""
        self.rounds.append(Round(phase, self.bound if phase == "proof" else None, objective, rows, self.passed()))
        c = self.compiled
        bound = c.sign * (proven + c.offset) if np.isfinite(proven) and not self.discrete else self.bound
        self.tell(phase, None if self.simulator.mixed else objective, bound)

    def tell(self, phase: str, objective: float | None = None, bound: float | None = None) -> None:
        """Tell who listens the best plan and the best bound by now."""
        if self.silent:
            return
        c = self.compiled
        best, proven = self.told
        if objective is not None and (best is None or c.sign * (objective - best) < 0):
            best = objective
        if bound is not None and (proven is None or c.sign * (bound - proven) > 0):
            proven = bound
        self.told = best, proven
        gap = None if best is None or proven is None else relative_gap(best, proven, c.cost_unit)
        SOLVER.debug("%s: %s, plan %s, bound %s, gap %s", self.program.scenario.name, phase, best, proven, gap)
        report(phase, best, proven, gap)

    def ended(self, outcome: Outcome) -> Outcome:
        """Tell who listens how the solve ended."""
        cut = " (cut off by the time limit)" if self.left() <= 0 and outcome.status in ("limit", "no_plan") else ""
        ended = outcome.objective, outcome.bound, outcome.gap
        text = "%s: %s%s, plan %s, bound %s, gap %s, %.2f s"
        SOLVER.info(text, self.program.scenario.name, outcome.status, cut, *ended, self.passed())
        report("end", *ended)
        return outcome

    def keep(self, value: float, duals: Duals | None, rows: int) -> None:
        """Keep a proven bound of the minimisation if it is the best so far, with its duals."""
        bound = self.compiled.sign * (value + self.compiled.offset)
        if self.bound is None or self.compiled.sign * (bound - self.bound) > 0:
            self.bound, self.duals = bound, duals
        self.note("proof", rows, self.plan)

    def use_aside(self) -> None:
        """Take over the first bound where none is better; where that says little, the bounds of the columns."""
        c = self.compiled
        if self.aside is not None and (self.bound is None or c.sign * (self.aside - self.bound) > 0):
            self.bound = self.aside
        if self.bound is None or self.gap() >= 1.0:
            least = c.sign * (least_cost(self.open) + c.offset)
            if np.isfinite(least) and (self.bound is None or c.sign * (least - self.bound) > 0):
                self.bound = least

    def offer(self, plan: Candidate) -> bool:
        """Keep a plan that keeps the rules if it beats the best; whether it did."""
        better = plan.feasible and (self.plan is None or self.gain(self.plan, plan) > 0)
        if better:
            self.plan = plan
        return better

    def gain(self, before: Candidate, after: Candidate) -> float:
        """How much better one plan is than another, in the sense of the objective."""
        return -self.compiled.sign * (after.objective - before.objective)

    def gap(self) -> float:
        """Relative distance of plan and bound; infinite while one of them is missing."""
        if self.plan is None or self.bound is None:
            return np.inf
        plan, sign = self.plan, self.compiled.sign
        bound = agreed(plan.objective, self.bound, sign, self.gained(plan))
        left = 0.0 if bound is None else sign * (plan.objective - bound)  # None is a fault, told by the outcome
        return left / max(TOLERANCES.least_objective * self.compiled.cost_unit, abs(plan.objective))

    def gained(self, plan: Candidate) -> float:
        """Most that a plan can have gained by breaking rules within the tolerance, at the prices of the bound."""
        if self.duals is None:
            size = max(self.compiled.cost_unit, abs(plan.objective))
            return TOLERANCES.feasible * size  # a bound over integers has no prices
        return saved(self.compiled, plan.x, self.duals[0][: len(self.compiled.lower)], self.duals[1])

    def stopped(self) -> Status:
        """How a solve ends that found nothing more to do, or was stopped."""
        return Status.LIMIT if self.plan is not None else Status.NO_PLAN

    def approach(self, x: np.ndarray) -> None:
        """Step from the plan towards a program's answer as far as the simulator gains."""
        start = self.plan.x if self.plan is not None else x
        for plan in self.simulator.candidates(start + STEPS * (x - start)):
            self.offer(plan)
