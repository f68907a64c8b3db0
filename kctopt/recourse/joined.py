"""The extensive form of kctopt's own programs: interior points on the joined arrays, every state simulated.

    plan     the money of a point, shared before a branch, through the simulator of every state (certificate.py)
    bound    what the prices of the point prove of the whole by themselves (dual.py)

Both are those of one scenario's engine (convex.py): the whole is a program like any other, and its simulator is those
of its states side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kctopt.recourse.extensive import Extensive
from kctopt.recourse.solved import Solved, ended
from kctopt.solver.bounds import least_cost
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.convex import Convex, Start
from kctopt.solver.outcome import agreed
from kctopt.solver.start import base_plan
from kctopt.solver.state import SolveState
from kctopt.solver.tangents import Tangents
from kctopt.status import Status


class JoinedSimulator(Simulator):
    """Simulators of states side by side: a plan keeps the rules where it keeps those of every state."""

    def __init__(self, form: Extensive, judges: Sequence[Simulator]) -> None:
        self.form, self.judges, self.compiled, self.mixed = form, judges, form.compiled, False
        pairs = zip(judges, form.places, strict=True)
        self.money_columns = np.unique(np.concatenate([place[judge.money_columns] for judge, place in pairs]))

    def candidates(self, x: np.ndarray) -> list[Candidate]:
        """Points of the whole (n, columns), each state through its own simulator."""
        form, x = self.form, x.copy()
        pairs = list(zip(self.judges, form.places, strict=True))
        parts = [judge.candidates(x[:, place]) for judge, place in pairs]
        found = []
        for n, whole in enumerate(x):
            mine = [part[n] for part in parts]
            for candidate, place in zip(mine, form.places, strict=True):
                whole[place] = candidate.x
            costs = [judge.compiled.sign * each.objective for judge, each in zip(self.judges, mine, strict=True)]
            value = form.compiled.sign * form.measure.of(costs, form.probability.tolist(), form.best)
            broken = max(each.violation for each in mine)
            found.append(Candidate(form.completed(whole), value, broken, all(each.feasible for each in mine)))
        return found


class JoinedState(SolveState):
    """The state of a solve of the whole."""

    def __init__(self, form: Extensive, judges: Sequence[Simulator]) -> None:
        self.program, self.open, self.discrete = judges[0].program, form.compiled, False
        self.simulator: JoinedSimulator = JoinedSimulator(form, judges)
        self.tangents = Tangents(form.compiled)
        self.plan: Candidate | None = None
        self.begin(np.inf)

    def take_form(self, form: Extensive) -> None:
        """Take over a form that differs in its costs alone."""
        self.open = form.compiled
        self.simulator.form = form
        self.hold(form.compiled)


class Joined:
    """A whole that is solved, and again with other probabilities from where the first solve was on its way."""

    def __init__(self, form: Extensive, judges: Sequence[Simulator]) -> None:
        self.judges, self.state = judges, JoinedState(form, judges)
        self.convex = Convex(self.state)
        self.start: Start | None = None

    def solve(self, form: Extensive, gap: float, time_limit: float | None) -> Solved:
        """The best plan for all states together, and its proven bound; `form` differs in its costs alone."""
        state, convex = self.state, self.convex
        state.take_form(form)
        state.begin(np.inf if time_limit is None else time_limit, gap)
        state.tell("start")
        x, plan = self._first(form)
        try:
            convex.begin_at(self.start, x)
            convex.run(x, gap, plan, warm=self.start is not None)
            status = Status.OPTIMAL if convex.gap() <= gap else Status.LIMIT
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        if self.start is None and status == Status.OPTIMAL:
            self.start = convex.kept()
        return self._ended(form, status)

    def _first(self, form: Extensive) -> tuple[np.ndarray, Candidate | None]:
        """Columns and a plan to begin with: those of the last solve, or the money of the base year."""
        simulator, last = self.state.simulator, self.convex.plan
        if self.start is not None and last is not None:
            plan = simulator.candidate(last.x)
            return plan.x, plan if plan.feasible else None
        x = np.zeros(len(form.compiled.names))
        for judge, place in zip(self.judges, form.places, strict=True):
            c = judge.compiled
            x[place] = np.clip(base_plan(judge.program, judge), c.column_lower, c.column_upper)
        plan = simulator.candidate(form.completed(x))
        return plan.x, plan if plan.feasible else None

    def _ended(self, form: Extensive, status: Status) -> Solved:
        """What the run attained and proved."""
        state, convex, c = self.state, self.convex, form.compiled
        if convex.refuted:
            return Solved(Status.INFEASIBLE, form=form)
        point = convex.point
        proven = max(convex.value, least_cost(c))
        if convex.plan is None:
            bound = c.sign * (proven + c.offset) if np.isfinite(proven) else None
            return Solved(status if status == Status.INTERRUPTED else Status.NO_PLAN, bound=bound, form=form)
        end = ended(form, convex.plan.x, proven, status, None if point is None else point.rows)
        if point is not None:
            end = replace(end, relations=point.relations, x=point.x)
        assert end.value is not None
        if end.bound is None:
            return end
        state.duals = None if point is None else (point.rows, point.columns)
        bound = agreed(end.value, end.bound, c.sign, state.gained(convex.plan))
        return replace(end, status=Status.FAULT) if bound is None else replace(end, bound=bound)


def solve_joined(form: Extensive, judges: Sequence[Simulator], gap: float, time_limit: float | None) -> Solved:
    """The best plan for all states together, and its proven bound."""
    return Joined(form, judges).solve(form, gap, time_limit)


def proven_alone(form: Extensive, judge: Simulator, gap: float) -> float:
    """What no plan of one state is better than, whatever its costs are; the simulator says nothing of other costs."""
    state, c = JoinedState(form, (judge,)), form.compiled
    state.begin(np.inf, gap)
    convex = Convex(state)
    convex.run(np.clip(base_plan(judge.program, judge), c.column_lower, c.column_upper), gap, seeking=False)
    return float(c.sign * (convex.value + c.offset))
