"""The engine: compile, interior points for plan and proof (convex.py); where these leave a gap, linear programs.

These search for a good plan and prove it line by line or as a whole, again until the gap is as asked or time is out.
"""

from __future__ import annotations

import time
from typing import Literal

import numpy as np

from kctopt.arguments import checked_gap, checked_limit
from kctopt.program import Program
from kctopt.scenario.units import objective_unit
from kctopt.solver.bounds import least_cost, with_finite_bounds, with_largest_scale
from kctopt.solver.certificate import FEASIBLE, Candidate, Simulator, saved
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Compiled
from kctopt.solver.convex import Convex
from kctopt.solver.dual import reduced_costs
from kctopt.solver.highs import End
from kctopt.solver.interior import Iterate
from kctopt.solver.named import own_values, prices_by_name
from kctopt.solver.outcome import LEAST, Outcome, Round, agreed
from kctopt.solver.proof import Proof
from kctopt.solver.search import PRICES, Search
from kctopt.solver.split import Prices, Split, line_of
from kctopt.solver.start import base_plan, typical, with_less_exchange
from kctopt.solver.tangents import Tangents
from kctopt.solver.thresholds import without_thresholds
from kctopt.status import Status

LINE_SEARCH = np.linspace(0.1, 1.0, 10)[:, None]
PROMISES = (0.3, 0.08, 0.02)  # the search stops when a program promises less than this part of the gap asked, in turn
RADIUS = 0.3  # box of the search from the base year's plan, relative to each amount
SEARCHING = 0.8  # part of the time left that one program of the search may take
NEAR = 0.1  # box of a search from a good plan


class Solving:
    """Solves one program, on persistent HiGHS objects."""

    discrete = False  # whether integers are chosen

    def __init__(self, program: Program, read: Compiled | None = None) -> None:
        """`read` are the arrays of the program, where they are known."""
        started = time.perf_counter()
        self.read = read or arrays_of(program)  # before any change of data
        self._take(program, self.read)
        self.seconds = {"build": program.seconds, "compile": time.perf_counter() - started}
        self.convex = Convex(self)
        self.plan: Candidate | None = None
        self.duals: tuple[np.ndarray, np.ndarray] | None = None  # of rows and of columns, where the bound was proven
        self.bound: float | None = None
        self.aside: tuple[float | None, tuple[np.ndarray, np.ndarray] | None]  # a first bound and its duals
        self._asked = np.inf
        self._begin(np.inf)

    def _take(self, program: Program, compiled: Compiled) -> None:
        """Take over a program and its arrays."""
        self.program, self.compiled = program, compiled
        self.simulator = Simulator(program, compiled)
        self.tangents = Tangents(compiled)
        self.search = Search(compiled, self.tangents, self.simulator, typical(program))
        self.proof = Proof(compiled, self.tangents)
        self.split: Split | None = None

    def solve(self, gap: float = 1e-4, time_limit: float | None = None) -> Outcome:
        """Solve to a relative gap. See `Outcome` for what comes back; nothing is raised for an infeasible program.

        Raises UsageError for a gap or time limit that is none.
        """
        self._check(gap, time_limit)
        self._begin(np.inf if time_limit is None else time_limit)
        try:
            status = self._cold(gap)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self._outcome(status)

    def _check(self, gap: float, time_limit: float | None) -> None:
        """Refuse what is no gap or no limit (0 is: nothing is tried); the gap is what the status will say of."""
        self._asked = checked_gap(gap)
        if time_limit != 0:
            checked_limit(time_limit)

    def _begin(self, limit: float) -> None:
        self._started, self._limit = time.perf_counter(), limit
        self._spent = {"search": 0.0, "proof": 0.0}
        self._rounds: list[Round] = []
        self.bound, self.duals = None, None
        self.aside = None, None

    def _left(self) -> float:
        return max(0.0, self._limit - (time.perf_counter() - self._started))

    def _cold(self, gap: float) -> Status:
        """From the base year's plan: by the interior-point method, and by linear programs where that leaves a gap."""
        plan = self._first()
        self.plan = plan if plan.feasible else with_less_exchange(self.simulator, plan.x)
        self._inside(plan.x, gap)
        if self.convex.refuted:
            return Status.INFEASIBLE
        if self._gap() <= gap:
            return Status.OPTIMAL
        return self._stopped() if self._left() <= 0 else self._by_programs(plan, gap)

    def _inside(self, x: np.ndarray, gap: float, start: Iterate | None = None) -> None:
        """The interior-point method from a point; its plan and bound are kept, whatever ends it."""
        convex, c = self.convex, self.compiled
        try:
            convex.run(x, gap, self.plan, start)
        finally:
            self.plan = convex.plan
            if convex.point is not None and np.isfinite(convex.value):
                left = reduced_costs(c, self.tangents, convex.point)
                self._keep(convex.value, convex.point.rows, left, len(c.lower) + len(convex.point.relations))

    def _by_programs(self, plan: Candidate, gap: float) -> Status:
        """From a plan, or the best so far, by linear programs alone."""
        if self.plan is not None:
            plan = self.plan
            for price in PRICES:
                self._improve(plan, RADIUS, gap, price)
                if self._last.feasible:
                    break
        else:
            self._use(with_finite_bounds(with_largest_scale(self.compiled)))
            status = self._feasible(plan.x, gap)
            if status is not None:
                return status
        return self._close(gap)

    def _first(self) -> Candidate:
        """The base year's spend repeated, or grown with the budget where that keeps the rules and is worth more."""
        base = base_plan(self.program, self.simulator)
        plan = self.simulator.candidate(base)
        if "money.scale" in self.compiled.slots:
            return plan
        years = len(self.program.scenario.horizon.years)
        spent = base[self.compiled.slots["money.spend"]].reshape(-1, years).sum(axis=0)
        budget = self.compiled.column_lower[self.compiled.slots["money.available"]]
        grown = self.simulator.candidate(self._times(base, budget / spent))
        better = grown.feasible and (not plan.feasible or self._gain(plan, grown) > 0)
        return grown if better else plan

    def _gain(self, before: Candidate, after: Candidate) -> float:
        """How much better one plan is than another, in the sense of the objective."""
        return -self.compiled.sign * (after.objective - before.objective)

    def _times(self, x: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        """Columns with the money of each year multiplied."""
        x = x.copy()
        for name in ("money.strategic", "money.substitution", "money.exchange", "money.spend", "money.carry"):
            columns = self.compiled.slots[name]
            x[columns] *= np.tile(ratio, len(columns) // len(ratio))
        return x

    def _close(self, gap: float) -> Status:
        """Prove the plan line by line, searching on while that helps; then by the whole program."""
        assert self.plan is not None
        for promise in (*PROMISES[1:], 0.0):
            self._split_bound(gap, self.search.prices)
            if self._gap() <= gap:
                return Status.OPTIMAL
            if self._left() <= 0 and self.bound is not None:
                return Status.LIMIT
            if self.split is None or not self.split.possible:
                break
            if promise > 0:
                self._improve(self.plan, NEAR, gap, promise=promise)
        self.proof.start(self.plan.x, self.search.basis())
        return self._prove(gap)

    def _use_aside(self) -> None:
        """Take over the first bound where none is better; where that says little, the bounds of the columns."""
        bound, duals = self.aside
        worse = self.bound is None or bound is None or self.compiled.sign * (bound - self.bound) > 0
        if bound is not None and worse:
            self.bound, self.duals = bound, self.duals if duals is None else duals
        if self.bound is None or self._gap() >= 1.0:
            least = self.compiled.sign * (least_cost(self._unheld()) + self.compiled.offset)
            if np.isfinite(least) and (self.bound is None or self.compiled.sign * (least - self.bound) > 0):
                self.bound = least

    def _unheld(self) -> Compiled:
        """The program with all its choices open."""
        return self.compiled

    def _split_bound(self, gap: float, prices: Prices | None) -> None:
        """The bound line by line, at the prices of a program of the search."""
        started = time.perf_counter()
        if self.split is None:
            self.split = Split(self.compiled, self.tangents, line_of(self.program, self.compiled), self._left)
        if self.split.possible and prices is not None and self.plan is not None:
            value, room = float(self.compiled.cost @ self.plan.x), gap * abs(self.plan.objective)
            found = self.split.bound(prices, value - 0.9 * room, 0.02 * room)
            if found.value is not None:
                self._keep(found.value, found.row_dual, found.column_dual, len(self.split.parts))
        self._spent["proof"] += time.perf_counter() - started

    def _keep(self, value: float, row_dual: np.ndarray, column_dual: np.ndarray, rows: int) -> None:
        """Keep a proven bound of the minimisation if it is the best so far, with its duals."""
        bound = self.compiled.sign * (value + self.compiled.offset)
        if self.bound is None or self.compiled.sign * (bound - self.bound) > 0:
            self.bound, self.duals = bound, (row_dual, column_dual)
        self._note("proof", rows, self.plan)

    def _note(self, phase: Literal["search", "proof"], rows: int, plan: Candidate | None) -> None:
        """A round for the log, with the best plan so far."""
        objective = plan.objective if plan is not None else None
        bound = self.bound if phase == "proof" else None
        self._rounds.append(Round(phase, bound, objective, rows, time.perf_counter() - self._started))

    def _feasible(self, x: np.ndarray, gap: float) -> Status | None:
        """Find a first plan from the point x, or prove that there is none; None when `plan` now holds one.

        In turn: any answer of the tangents so far (none is the proof), then a search that pays for broken rules.
        Where the search ends short of the rules, tangents at its end make the next answer, or the proof, sharper.
        """
        points = [x]
        for price in PRICES:
            end = self.search.possible(points, self._left())
            if end.status != "optimal":
                return Status.INFEASIBLE if end.status == "infeasible" else self._stopped()
            self._improve(self.simulator.candidate(end.x), 1.0, gap, price)
            if self.plan is not None:
                return None
            points.append(self._last.x)
        end = self.search.possible(points, self._left())
        return Status.INFEASIBLE if end.status == "infeasible" else self._stopped()

    def _warm(self, x: np.ndarray, gap: float) -> Status:
        """From a point kept on the way to the last plan, which itself serves in proportion to the new budget."""
        plan = self.simulator.candidate(x)
        self.plan = plan if plan.feasible else None
        self._inside(x, gap, self.convex.central)
        if self.convex.refuted:
            return Status.INFEASIBLE
        if self._gap() <= gap:
            return Status.OPTIMAL
        return self._stopped() if self._left() <= 0 else self._cold(gap)

    def _improve(
        self, plan: Candidate, radius: float, gap: float, price: float = PRICES[0], promise: float = PROMISES[0]
    ) -> None:
        """Search from a plan; keeps the best that it met and that keeps the rules."""
        started = time.perf_counter()

        def report(rows: int, objective: float | None) -> None:
            self._rounds.append(Round("search", None, objective, rows, time.perf_counter() - self._started))

        def allowed() -> float:
            return SEARCHING * self._left()

        self.search.best = self.plan
        try:
            self._last = self.search.improve(plan, radius, promise * gap, allowed, report, price)
        finally:  # an interrupt must not lose the best plan
            self.plan = self.search.best
            self._spent["search"] += time.perf_counter() - started

    def _prove(self, gap: float) -> Status:
        """Rounds of the outer approximation until the gap is closed."""
        while True:
            end = self._bound()
            if end.status == "infeasible":  # a plan within the tolerance of rules that hold for none exactly is one
                return Status.INFEASIBLE if self.plan is None else Status.LIMIT
            if end.status != "optimal":
                return self._stopped()
            self._approach(end.x)
            if self._gap() <= gap:
                return Status.OPTIMAL
            if self._left() <= 0:
                return self._stopped()
            if self.proof.cut(end.x) == 0 and self.plan is not None:
                return Status.OPTIMAL if self._gap() <= gap else Status.LIMIT

    def _bound(self) -> End:
        """One proof program; keeps the best bound."""
        started = time.perf_counter()
        end = self.proof.run(self._left())
        self._spent["proof"] += time.perf_counter() - started
        if end.status == "optimal" and self.proof.proven:
            self._keep(end.objective, end.row_dual, end.column_dual, self.proof.highs.rows)
        return end

    def _approach(self, x: np.ndarray) -> None:
        """Step from the plan towards the program's answer as far as the simulator gains."""
        start = self.plan.x if self.plan is not None else x
        for each in self.simulator.candidates(start + LINE_SEARCH * (x - start)):
            if each.feasible and (self.plan is None or self._gain(self.plan, each) > 0):
                self.plan = each

    def _gap(self) -> float:
        if self.plan is None or self.bound is None:
            return np.inf
        plan, sign = self.plan, self.compiled.sign
        bound = agreed(plan.objective, self.bound, sign, self.gained(plan))
        left = 0.0 if bound is None else sign * (plan.objective - bound)  # None is a fault, told by the outcome
        return left / max(LEAST * self.compiled.worth, abs(plan.objective))

    def _stopped(self) -> Status:
        return Status.LIMIT if self.plan is not None else Status.NO_PLAN

    def _use(self, compiled: Compiled) -> None:
        """Take over column bounds that changed."""
        self.compiled = self.search.compiled = self.proof.compiled = compiled
        self.simulator.update(self.program, compiled)
        if self.split is not None:
            self.split = self.split.with_bounds(compiled)

    def _outcome(self, status: Status) -> Outcome:
        """Everything known at the end."""
        if status != "infeasible":
            self._use_aside()
        if status == "limit" and self._gap() <= self._asked:  # by the bound kept aside
            status = Status.OPTIMAL
        seconds = {**self.seconds, **self._spent, "total": time.perf_counter() - self._started}
        if self.plan is None:
            bound = None if status == "infeasible" else self.bound
            return Outcome(status, bound=bound, seconds=seconds, rounds=self._rounds, sign=self.compiled.sign)
        scale = self.compiled.slots.get("money.scale")
        return Outcome(
            status,
            self.simulator.money(self.plan.x),
            self.plan.objective,
            self.bound,
            seconds,
            self._rounds,
            {} if self.duals is None else self.priced(*self.duals),
            float(self.plan.x[scale[0]]) if scale is not None else None,
            values=own_values(self.compiled, self.program.built, self.plan.x),
            names=self.compiled.names,
            point=self.plan.x,
            choices=self.simulator.integers.choices(self.plan.x),  # a band may hold a line back: no integer in that
            sign=self.compiled.sign,
            size=objective_unit(self.program.scenario),
            gained=self.gained(self.plan),
        )

    def gained(self, plan: Candidate) -> float:
        """Most that a plan can have gained by breaking rules within the tolerance, at the prices of the bound."""
        if self.duals is None or len(self.duals[0]) < len(self.compiled.lower):
            return FEASIBLE * max(self.compiled.worth, abs(plan.objective))  # a bound over integers has no prices
        return saved(self.compiled, plan.x, self.duals[0][: len(self.compiled.lower)], self.duals[1])

    def priced(self, row_dual: np.ndarray, column_dual: np.ndarray) -> dict[str, float]:
        """Duals of rows and columns as objective points per unit of the right side, by name."""
        return prices_by_name(self.compiled, row_dual, column_dual)


def arrays_of(program: Program) -> Compiled:
    """A program as the engine solves it."""
    return without_thresholds(program, compile_program(program))
