"""The convex engine: the interior-point method first, every point of it judged outside.

    plan        the money of a point through the simulator (certificate.py)
    bound       what the prices of the point prove by themselves (dual.py), inside the proven bounds of the columns
    refutation  where no plan is, prices grow without end, and prove that the program has no answer
    end         when plan and bound agree, when the method has nothing more, or when time is out

None of these needs a solver, so the last point of a run that is stopped gives a plan and a bound like any other. A run
goes on to `AIM`, which costs a few steps more, so that everyone gets the same digits whatever gap was asked.

A change of data starts from a point of the central path at which products are still large: the optimum itself lies at
the edge, and from there the method is slow to leave. Its columns are moved by what the laws make of its money after the
change, less what they made of it before, so that few of the laws are broken at the start.

A run that is to go no further than the gap asked (`loose`) also tries tangents that are moved along their laws
(`balanced` of dual.py): these prove from points whose prices are not settled yet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from kctopt.solver.bounds import least_of, propagate, with_largest_scale
from kctopt.solver.certificate import Candidate, saved
from kctopt.solver.dual import balanced, linear_bound, outgrown, tangent_program
from kctopt.solver.interior import LAST, Interior, Iterate
from kctopt.solver.newton import Point
from kctopt.solver.settings import GAPS, TOLERANCES, WORK
from kctopt.solver.state import SolveState


@dataclass(frozen=True)
class Start:
    """Where runs of changed programs begin: an iterate of a solved one, its method, and steps that it took.

    `lifted` are the columns that the laws of that program make of the iterate's money.
    """

    central: Iterate
    lifted: np.ndarray
    interior: Interior
    steps: int

    @property
    def x(self) -> np.ndarray:
        """Columns of the iterate."""
        return np.asarray(self.central.x * self.interior.unit)


class Convex:
    """Runs of the method on a program as its bounds are now; what the last one found.

    `plan` is the best plan, `value` the proven bound of the minimisation (infinite where it is proven that there is no
    plan), `point` the one whose prices prove it.
    """

    def __init__(self, state: SolveState) -> None:
        self.state, self.aim, self.loose = state, GAPS.aim, False
        self.plan: Candidate | None = None
        self.value = -np.inf
        self.point: Point | None = None
        self._central: Iterate | None = None
        self._start: Start | None = None  # of warm runs, with the money that they begin with
        self._money = np.zeros(0)
        self._interior: Interior | None = None
        self._afresh = 0  # steps of the last run from afar: a warm one is given no more
        self._last: Point | None = None

    def run(
        self, x: np.ndarray, gap: float, plan: Candidate | None = None, warm: bool = False, seeking: bool = True
    ) -> None:
        """From a point, or `warm` where `begin_at` says, held columns as x has them; `plan` is what is to be beaten.

        What was found by then is here even if the keyboard ends the run. Without `seeking` no plan is looked for, as
        where integers are fractions, and the bound is as near the optimum as the gap asks.
        """
        self.plan, self.value, self.point = plan, -np.inf, None
        self._aim, self._judged, self._still, self._last = min(gap, self.aim) if seeking else gap, False, 0, None
        self._seeking, self._cost = seeking, np.inf if plan is None else self.state.compiled.sign * plan.objective
        start = self._start if warm else None
        self._steps, self._patience = 0, np.inf if start is None else start.steps
        self._broken = self._least_broken = np.inf  # violation of the last point's plan, and the least so far
        self._proving, started = 0.0, time.perf_counter()
        try:
            interior = self._prepared()
            self._pairs, interior.eager = interior.pairs, self.loose
            first = interior.start(x) if start is None else interior.again(start.central, x, self._shift(start))
            interior.minimise(self.state.compiled.cost, first, self._done, self._keep)
            if start is None:
                self._afresh = self._steps
            self._judge()
            self._without_dust()
        except KeyboardInterrupt:
            self._judge()
            raise
        finally:
            self.state.spent["proof"] += self._proving
            self.state.spent["search"] += time.perf_counter() - started - self._proving

    def _shift(self, start: Start) -> np.ndarray:
        """What the laws make of the money to begin with, less what those of the start's program made of its own."""
        return np.asarray(self.state.simulator.candidate(self._money).x - start.lifted)

    def kept(self, centred: bool = False) -> Start | None:
        """Where runs of changed programs may begin; None before a first run.

        The points of a run from afar break rules until its last steps. One that is `centred` breaks none: it costs a
        few steps, and spares more than that in each of many runs.
        """
        if self._central is None or self._interior is None:
            return None
        if self._start is None or self._start.central is not self._central:
            interior, central = self._interior, self._central
            if centred:
                central = interior.centred(self.state.compiled.cost, central, TOLERANCES.centred)
            lifted = self.state.simulator.candidate(central.x * interior.unit).x
            self._central, self._start = central, Start(central, lifted, interior, self._afresh)
        return self._start

    def begin_at(self, start: Start | None, money: np.ndarray) -> None:
        """Begin the next warm run there, its money as these columns have it, whatever was run since it was kept."""
        self._start, self._money = start, money
        if start is not None:
            self._central, self._interior, self._afresh = start.central, start.interior, start.steps

    @property
    def last(self) -> Point | None:
        """The last point of the run."""
        return self._last

    @property
    def refuted(self) -> bool:
        """Whether it is proven that there is no plan."""
        return bool(self.value == np.inf)

    def gap(self) -> float:
        """Relative distance of plan and bound."""
        if self.plan is None or not np.isfinite(self.value):
            return np.inf
        c = self.state.compiled
        left = c.sign * self.plan.objective - (self.value + c.offset)
        return max(0.0, float(left)) / max(TOLERANCES.least_objective * c.cost_unit, abs(self.plan.objective))

    def _prepared(self) -> Interior:
        """The method for the program as it is now; made anew where its shape has changed."""
        c = self.state.compiled
        self._lower, self._upper = propagate(with_largest_scale(c))
        self._least = least_of(c, self._lower, self._upper)
        before = self._interior
        if before is None or not before.fits(c, self._lower, self._upper):
            self._interior = Interior(c, self.state.tangents, self._lower, self._upper, before)
            if before is not None:
                self._interior.system.order_like(before.system)
        assert self._interior is not None
        return self._interior

    def _keep(self, now: Iterate, mean: float) -> None:
        if mean > TOLERANCES.central or self._central is None:
            self._central = now

    def _done(self, point: Point, mean: float) -> bool:
        """Judge a point that is near enough, or the last before time is out; whether to stop."""
        self._last, self._judged = point, False
        c = self.state.compiled
        self._steps += 1
        if self.state.left() <= 0 or self._steps > self._patience:
            return True
        size = max(c.cost_unit, abs(float(c.cost @ point.x + c.offset)))
        assert self._interior is not None
        if not self.state.discrete:  # else prices serve the proof of other choices too: the nearer, the better
            least = GAPS.loose_complementarity if self.loose else GAPS.complementarity
            self._interior.last = max(LAST, least * self._aim * size / (c.cost_unit * self._pairs))
        judged_from = GAPS.loose_judged_from if self.loose else GAPS.judged_from
        if mean * self._pairs > judged_from * self._aim * size:
            self.state.note("search", len(c.lower) + len(point.relations), self.plan, self.value)
            return False
        before = self._apart(point, size)
        self._judge()
        after = self._apart(point, size)
        gained = after < 0.9 * before or (after == np.inf and self._broken < 0.9 * self._least_broken)
        self._least_broken = min(self._broken, self._least_broken)
        self._still = 0 if gained else self._still + 1
        return after <= self._aim or self._still > WORK.points_without_gain or self.refuted

    def _apart(self, point: Point, size: float) -> float:
        """Relative distance of the bound from the plan, or from the point where no plan is looked for."""
        return self.gap() if self._seeking else (float(self.state.compiled.cost @ point.x) - self.value) / size

    def _judge(self) -> None:
        """What the last point attains and proves; large prices where no plan is known may prove that none is."""
        point, c, simulator = self._last, self.state.compiled, self.state.simulator
        if point is None or self._judged:
            return
        self._judged = True
        if self._seeking:
            self._meet(simulator.candidate(point.x), point)
        started = time.perf_counter()
        program = tangent_program(c, self.state.tangents, point.x, self._lower, self._upper)
        prices = np.concatenate([point.rows, point.relations])
        value = max(linear_bound(program, prices), self._least)
        if self.loose:
            value = max(value, linear_bound(balanced(c, self.state.tangents, point.x, program, prices), prices))
        if value > self.value:
            self.value, self.point = value, point
        if self.plan is None and outgrown(program, prices, c.cost_unit):
            self.value = np.inf
        self._proving += time.perf_counter() - started
        self.state.note("search", len(prices), self.plan, self.value)

    def _meet(self, candidate: Candidate, point: Point) -> None:
        """Keep a plan if it is the best, by its value less what it gains by breaking rules within the tolerance."""
        self._broken = candidate.violation
        if not candidate.feasible:
            return
        c = self.state.compiled
        cost = c.sign * candidate.objective + saved(c, candidate.x, point.rows, point.columns)
        if self.plan is None or cost < self._cost:
            self.plan, self._cost = candidate, cost

    def _without_dust(self) -> None:
        """The plan with money that is all but at a bound moved there: inside, no amount is ever quite 0."""
        c, simulator = self.state.compiled, self.state.simulator
        if self.plan is None:
            return
        x, at = self.plan.x.copy(), simulator.money_columns
        for bounds in (c.column_lower, c.column_upper):
            x[at] = np.where(np.abs(x[at] - bounds[at]) < TOLERANCES.dust * c.unit[at], bounds[at], x[at])
        clean = simulator.candidate(x)
        loss = -self.state.gain(self.plan, clean)
        if clean.feasible and loss <= GAPS.loss_without_dust * max(c.cost_unit, abs(self.plan.objective)):
            self.plan = clean
