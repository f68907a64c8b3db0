"""The engine for programs with integers: a plan for one choice at a time, a proof over all of them.

    regimes    the stages the laws lead to, the best plan with them, the stages that plan leads to, until they repeat
    prices     of the plans found so far, and between them (solver/prices.py, solver/master.py)
    proof      at these prices, part by part (solver/split.py), each part over all its configurations
    proposals  plans for what the parts prefer (solver/proposals.py), integers fixed (solver/convex.py)
    branching  on the line that would lose most by the plan's choice, best bound first (solver/branching.py)

A plan counts when the simulator has put its money and choices through the exact laws.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from kctopt.program import Program
from kctopt.scenario.records import Scenario
from kctopt.simulate import Choices, Money, natural
from kctopt.solver.branching import Tree
from kctopt.solver.certificate import Candidate
from kctopt.solver.choice import solve_choice
from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import reduced_costs
from kctopt.solver.engine import Engine
from kctopt.solver.first import FirstPlan
from kctopt.solver.moves import moved, with_line
from kctopt.solver.outcome import Outcome
from kctopt.solver.search import PRICES
from kctopt.solver.solving import NEAR, PROMISES, RADIUS
from kctopt.solver.split import Prices, Split, line_of
from kctopt.solver.start import base_plan, with_less_exchange
from kctopt.solver.whole import levelled, prove
from kctopt.status import Status

RADII = (0.1, 0.4, 2.0)  # boxes in which a plan that keeps the rules is sought, in turn
REPEATS = 4  # passes of the regimes' iteration
SURE = 1e-5  # relative gap to which the best plan of a choice counts as found
NODES = 2000  # of HiGHS's trees in the first proof as a whole
ASIDE, RELAXED = 0.2, 1e-4  # part of a time limit for a first bound, and relative gap to which it goes
CLOSE = 1e-3  # relative distance of plan and bound of its choice within which prices are those of the choice
PRICING = 20.0  # seconds that the prices at the end may take


class DiscreteEngine(Engine):
    """Solves one program with integers, and again after changes of its data."""

    discrete = True

    def __init__(self, program: Program, read: Compiled | None = None) -> None:
        super().__init__(program, read)
        self.open = self.compiled
        self.columns = np.flatnonzero(self.open.integer)
        starts = self.open.slots.get("programmes.start", np.zeros(0, int))
        self.starts = np.flatnonzero(np.isin(self.columns, starts))  # positions of programme starts among the integers
        self.values = np.zeros(0)  # of the integers, of the best plan
        self.tried: list[np.ndarray] = []
        self.decided = "money.scale" in self.open.slots  # the budget is
        self.floor = -np.inf  # proven bound of the integers tried last, infinite where they have no plan
        self.floors: dict[bytes, float] = {}  # of integers whose best plan is known
        self.cycle = 0  # length of the cycle the regimes ended in, 0 for none

    def _begin(self, limit: float) -> None:
        super()._begin(limit)
        self._spent["mip"] = 0.0

    def _cold(self, gap: float) -> Status:
        """From the base year's plan and the stages it leads to."""
        self.plan, self.tried, self.floors = None, [], {}
        x = self._grown()
        self._relax_aside(x)
        choices = self._lawful(x, Choices())
        self._repeat(self.integers_of(x, choices), x, gap)
        if self.plan is None and (status := FirstPlan(self, x).find(gap)) is not None:
            return status
        return self._close(gap)

    def _relax_aside(self, x: np.ndarray) -> None:
        """A first bound, for the case that time ends before the proof: integers as fractions."""
        if not np.isfinite(self._limit):
            return
        self._released()
        limit, self._limit = self._limit, self._limit - (1.0 - ASIDE) * self._left()
        try:
            self.convex.run(x, RELAXED, seeking=False)
        finally:
            self._limit = limit
            if np.isfinite(self.convex.value):
                self.aside = self.open.sign * (self.convex.value + self.open.offset), None

    def _released(self) -> None:
        """All integers open again."""
        self.compiled = self.search.compiled = self.simulator.compiled = self.open

    def _unheld(self) -> Compiled:
        return self.open

    def _warm(self, x: np.ndarray, gap: float) -> Status:
        """From the last plan's choices."""
        self.plan, self.tried, self.floors = None, [], {}
        self._relax_aside(x)
        self._try(self.values, x, gap)
        return self._cold(gap) if self.plan is None else self._close(gap)

    def _patch(self, scenario: Scenario, held: dict[str, np.ndarray]) -> None:
        """New bounds of the columns that hold data, in the open program."""
        self.compiled = self.open
        if self.split is not None and self.split.compiled is not self.open:
            self.split = None  # its bounds are those of plans better than one that may be none now
        super()._patch(scenario, held)
        self.open = self.compiled

    def _grown(self) -> np.ndarray:
        """The base year's spend repeated, in proportion to the budget."""
        base = base_plan(self.program, self.simulator)
        if "money.available" not in self.compiled.slots or self.decided:
            return base
        years = len(self.program.scenario.horizon.years)
        spent = base[self.compiled.slots["money.spend"]].reshape(-1, years).sum(axis=0)
        return self._times(base, self.compiled.column_lower[self.compiled.slots["money.available"]] / spent)

    def _lawful(self, x: np.ndarray, choices: Choices) -> Choices:
        """The choices with the stages that the laws lead to at the money of x."""
        if self.program.scenario.stages != "switching":
            return choices
        stage = natural(self.program.scenario, self.simulator.money(x), replace(choices, stage=None, restraint=None))
        return replace(choices, stage=stage.stage)

    def integers_of(self, x: np.ndarray, choices: Choices) -> np.ndarray:
        """Values of the integer columns for these choices; base modes and no programme where they say nothing."""
        if choices.mode is None and "modes.mode" in self.open.slots:
            choices = replace(choices, mode=self._base_modes())
        x = self.simulator.integers.written(x, choices, self.simulator.money(x))
        values = x[self.columns]
        return np.asarray(np.clip(values, self.open.column_lower[self.columns], self.open.column_upper[self.columns]))

    def _base_modes(self) -> np.ndarray:
        scenario = self.program.scenario
        ids = [mode.id for mode in scenario.modes]
        plans = len(scenario.horizon.plans)
        return np.array([[ids.index(domain.mode)] * plans for domain in scenario.domains])

    def _repeat(self, values: np.ndarray, x: np.ndarray, gap: float) -> None:
        """Stages, the best plan with them, the stages it leads to, and so on until they repeat."""
        seen: list[np.ndarray] = []
        for _ in range(REPEATS):
            found = self._try(values, x, gap)
            seen.append(values)
            if found is None or self._left() <= 0:
                return
            x = found.x
            values = self.integers_of(x, self._lawful(x, self.simulator.integers.choices(x)))
            again = [n for n, before in enumerate(reversed(seen), 1) if np.array_equal(before, values)]
            if again:
                self.cycle = again[0] if again[0] > 1 else 0
                return

    def _try(
        self, values: np.ndarray, x: np.ndarray, gap: float, promise: float = PROMISES[0], whole: bool = False
    ) -> Candidate | None:
        """The best plan with integers at these values, from the money of x; kept if it beats the plan so far.

        By interior points with their proof; where these do not end, by the search, whose end nothing proves, or, where
        the budget is decided or `whole` is asked, by choice.py.
        """
        self.tried.append(values)
        best, self.plan, self.floor = self.plan, None, -np.inf
        self._fix(values)
        try:
            self._last = start = self.simulator.candidate(self._moved(x, values))
            ended = self._seek_inside(start, gap) or self.floor == np.inf
            if not ended and (self.decided or whole):
                enough = np.inf if best is None else float(self.open.cost @ best.x)
                self.floor = solve_choice(self, start if self.plan is None else self.plan, gap, enough)
                self._price()
            elif not ended:
                self._seek(start, NEAR if best is not None else RADIUS, gap, promise)
            self.floors[(values + 0.0).tobytes()] = self.floor
        finally:  # an interrupt must not lose the best plan
            found, self.plan = self.plan, best
            if found is not None and (best is None or self._gain(best, found) > 0):
                self.plan, self.values = found, values
        return found

    def _seek_inside(self, start: Candidate, gap: float) -> bool:
        """The best plan with the integers as they are held, with its bound and prices; whether it was found."""
        convex = self.convex
        plan = start if start.feasible else with_less_exchange(self.simulator, start.x)
        try:
            convex.run(start.x, gap, plan)
        finally:
            self.plan, self.floor = convex.plan, convex.value
        found = convex.gap() <= max(gap, SURE)
        if found and convex.point is not None:
            self.search.prices = Prices(convex.point.x, convex.point.rows, convex.point.relations)
        return found

    def _seek(self, start: Candidate, radius: float, gap: float, promise: float) -> None:
        """A good plan with the integers as they are held, by the search."""
        near = self._near(start.x, gap, promise)
        if near is None or self.plan is not None:
            return
        for price in PRICES:  # of broken rules
            self._improve(near, radius, gap, price, promise)
            if self._last.feasible:
                break

    def _price(self) -> None:
        """Prices at a plan that is not the search's."""
        if self.plan is not None:
            self.search.price = PRICES[0] * max(self.open.worth, abs(self.plan.objective))
            self.search.near(self.plan.x, NEAR, self._left())

    def loose(self, values: np.ndarray, x: np.ndarray, gap: float, promise: float, seconds: float) -> Candidate | None:
        """The best point with programmes as fractions, the other integers at these values, from the money of x.

        No plan, but at its prices programmes are worth what they cost; those of a plan without them prefer all.
        """
        best, self.plan, limit = self.plan, None, self._limit
        self._limit = min(limit, time.perf_counter() - self._started + seconds)
        self._fix(values, self.starts)
        self.simulator.mixed = True
        try:
            start = self._near(self._moved(x, values, self.starts), gap, promise)
            if start is None:
                return None
            for price in PRICES:
                self._improve(start, NEAR, gap, price, promise)
                if self._last.feasible:
                    break
            return self.plan
        finally:
            self.simulator.mixed = False
            self.plan, self._limit = best, limit

    def _fix(self, values: np.ndarray, free: np.ndarray | None = None) -> None:
        """Hold the integers, but for those of `free` (positions among them)."""
        lower, upper = self.open.column_lower.copy(), self.open.column_upper.copy()
        held = np.setdiff1d(np.arange(len(values)), [] if free is None else free).astype(int)
        lower[self.columns[held]] = upper[self.columns[held]] = values[held]
        none = np.zeros(len(lower), bool)
        fixed = replace(self.open, column_lower=lower, column_upper=upper, integer=none)
        self.compiled = self.search.compiled = self.simulator.compiled = fixed

    def _near(self, x: np.ndarray, gap: float, promise: float) -> Candidate | None:
        """A feasible plan near x with the integers as they are held; `plan` may hold a better one already.

        Where money near x keeps its own rules and misses an entry by a little, the search goes on from there: money
        without any box is far from every good plan.
        """
        start: Candidate | None = self.simulator.candidate(x)
        for radius in RADII:
            if start is not None and start.feasible:
                return start
            start = self.search.near(x, radius, self._left())
            if start is not None and not start.feasible:
                self._improve(start, NEAR, gap, PRICES[0], promise)
                start = self.plan
        if start is not None:
            return start
        end = self.search.possible([x], self._left())
        self.floor = np.inf if end.status == "infeasible" else self.floor
        for price in PRICES if end.status == "optimal" else ():
            self._improve(self.simulator.candidate(end.x), 1.0, gap, price, promise)
            if self.plan is not None:
                return self.plan
        return None

    def _moved(self, x: np.ndarray, values: np.ndarray, free: np.ndarray | None = None) -> np.ndarray:
        """Columns with these integers, but for those of `free`, and money that fits them."""
        x, slots = x.copy(), self.open.slots
        kept = [] if free is None else self.columns[free]
        fractions = x[kept]
        x[self.columns] = values
        available = None if self.decided else self.open.column_lower[slots["money.available"]]
        integers, money = self.simulator.integers, self.simulator.money(x)
        choices = integers.choices(x)
        if free is not None and len(free):
            x[kept], choices = fractions, replace(choices, routes=None)
            available = None if available is None else available - integers.mixed_cost(x)
        found = moved(self.program.scenario, money, choices, integers.off(x), available)
        return self._with_money(x, found)

    def _with_money(self, x: np.ndarray, money: Money) -> np.ndarray:
        """Columns x with this money."""
        x, parts = x.copy(), (money.strategic, money.substitution, money.exchange, money.spend)
        for name, part in zip(("strategic", "substitution", "exchange", "spend"), parts, strict=True):
            x[self.open.slots[f"money.{name}"]] = part.ravel()
        return x

    def with_line(self, x: np.ndarray, answer: np.ndarray, line: int) -> np.ndarray:
        """Columns x with the money and programmes of one line as another point has them; the other lines make room."""
        x = x.copy()
        starts = self.columns[self.starts]
        x[starts] = answer[starts]
        if self.decided:
            return self._with_money(x, self.simulator.money(answer))
        available = self.open.column_lower[self.open.slots["money.available"]] - self.simulator.integers.mixed_cost(x)
        return self._with_money(x, with_line(self.simulator.money(x), self.simulator.money(answer), line, available))

    def _outcome(self, status: Status) -> Outcome:
        """Everything known at the end; prices hold while the discrete choices stay as they are."""
        if self.plan is not None:
            self._fix(self.values)
            self.duals = self._prices_of_choice()
        return replace(super()._outcome(status), cycle=self.cycle)

    def _prices_of_choice(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Duals of rows and columns at the best plan of the choice, by interior points, else by line."""
        assert self.plan is not None
        limit, self._limit = self._limit, time.perf_counter() - self._started + PRICING
        try:
            self.convex.run(self.plan.x, SURE, self.plan)
        finally:
            self._limit = limit
        point = self.convex.point
        if point is not None and self.convex.gap() <= CLOSE:
            return point.rows, reduced_costs(self.compiled, self.tangents, point)
        near = self.search.near(self.plan.x, NEAR, PRICING)
        prices = self.search.prices if near is not None else None  # else they are of other choices
        fixed = Split(self._levelled(self.compiled), self.tangents, line_of(self.program, self.compiled), self._left)
        found = fixed.bound(prices, np.inf, 1e-6) if prices is not None and fixed.possible else None
        return (found.row_dual, found.column_dual) if found is not None and found.value is not None else None

    def _close(self, gap: float) -> Status:
        """Prove the plan part by part, with better plans found on the way; a decided budget as a whole first.

        The scale of a budget joins all lines, so that parts know little of it.
        """
        assert self.plan is not None
        if self._left() > 0 and self.decided and prove(self, gap, NODES) == "optimal":
            return Status.OPTIMAL
        if self._left() <= 0:
            return Status.LIMIT  # a first bound is kept aside
        if self.split is None or self.split.compiled is not self.open:
            started = time.perf_counter()
            self.split = Split(self._levelled(self.open), self.tangents, line_of(self.program, self.open), self._left)
            self._spent["proof"] += time.perf_counter() - started
        if not self.split.possible:
            return prove(self, gap)
        if self.search.prices is None:  # the plan is the first money that was tried, and time may be out
            self._fix(self.values)
            self._price()
        if self.search.prices is None:
            return Status.LIMIT
        status = Tree(self, self.split, gap).explore()
        return prove(self, gap) if status == "limit" and self._left() > 0 else status  # nothing is left to branch on

    def _levelled(self, compiled: Compiled) -> Compiled:
        """A program with the bounds that every plan keeps which is no worse than the present one."""
        assert self.plan is not None
        return levelled(compiled, float(compiled.cost @ self.plan.x))
