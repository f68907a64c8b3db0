"""The best plan for one choice: the integers held at some values, money sought.

    inside    by interior points, with their proof (convex.py)
    tangents  where these do not end and the budget is decided, or as is asked: the outer approximation, see `_cut`
    search    where they do not end otherwise: sequential linear programs, whose end nothing proves

A plan counts when the simulator has put its money and choices through the exact laws.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.simulator import Choices, Money, natural
from kctopt.solver.certificate import Candidate
from kctopt.solver.compiled import Compiled
from kctopt.solver.convex import Convex
from kctopt.solver.decomposition import Prices
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.settings import BOXES, GAPS, WORK
from kctopt.solver.start import moved, with_less_exchange, with_line
from kctopt.solver.state import SolveState


class ChoiceSolver:
    """Solves one choice after the other; the best plan of all is the state's."""

    def __init__(self, state: SolveState, convex: Convex, search: SequentialLP) -> None:
        self.state, self.convex, self.search = state, convex, search
        self.open = state.open
        self.columns = np.flatnonzero(self.open.integer)
        starts = self.open.slots.get("programmes.start", np.zeros(0, int))
        self.starts = np.flatnonzero(np.isin(self.columns, starts))  # positions of programme starts among the integers
        self.decided = "money.scale" in self.open.slots  # the budget is
        self.values = np.zeros(0)  # of the integers, of the best plan
        self.last = Candidate(np.zeros(0), 0.0, np.inf, False)  # where the last search ended
        self.floor = -np.inf  # proven bound of the integers tried last, infinite where they have no plan
        self.forget()

    def forget(self) -> None:
        """Nothing is known of any choice."""
        self.state.plan = None
        self.tried: list[np.ndarray] = []
        self.floors: dict[bytes, float] = {}  # of integers whose best plan is known

    def with_stages(self, x: np.ndarray, choices: Choices) -> Choices:
        """The choices with the stages that the laws lead to at the money of x."""
        scenario = self.state.program.scenario
        if scenario.stages != "switching":
            return choices
        stage = natural(scenario, self.state.simulator.money(x), replace(choices, stage=None, restraint=None))
        return replace(choices, stage=stage.stage)

    def integers_of(self, x: np.ndarray, choices: Choices) -> np.ndarray:
        """Values of the integer columns for these choices; base modes and no programme where they say nothing."""
        simulator = self.state.simulator
        if choices.mode is None and "modes.mode" in self.open.slots:
            choices = replace(choices, mode=simulator.integers.base_modes())
        values = simulator.integers.written(x, choices, simulator.money(x))[self.columns]
        return np.asarray(np.clip(values, self.open.column_lower[self.columns], self.open.column_upper[self.columns]))

    def hold(self, values: np.ndarray, free: np.ndarray | None = None) -> None:
        """Hold the integers, but for those of `free` (positions among them)."""
        lower, upper = self.open.column_lower.copy(), self.open.column_upper.copy()
        held = np.setdiff1d(np.arange(len(values)), [] if free is None else free).astype(int)
        lower[self.columns[held]] = upper[self.columns[held]] = values[held]
        none = np.zeros(len(lower), bool)
        self.state.hold(replace(self.open, column_lower=lower, column_upper=upper, integer=none))

    def with_choices(self, x: np.ndarray, choices: Choices) -> np.ndarray:
        """Columns x with these choices, at which the integers are held from now on."""
        values = self.integers_of(x, choices)
        self.hold(values)
        x = x.copy()
        x[self.columns] = values
        return x

    def release(self) -> None:
        """All integers open again."""
        self.state.hold(self.open)

    def best_plan(
        self, values: np.ndarray, x: np.ndarray, gap: float, part: float = GAPS.predicted[0], whole: bool = False
    ) -> Candidate | None:
        """The best plan with integers at these values, from the money of x; kept if it beats the plan so far.

        `part` is that of the gap at which a search ends; `whole` asks for the outer approximation in its place.
        """
        state = self.state
        self.tried.append(values)
        best, state.plan, self.floor = state.plan, None, -np.inf
        self.hold(values)
        try:
            self.last = start = state.simulator.candidate(self._moved(x, values))
            ended = self._inside(start, gap) or self.floor == np.inf
            if not ended and (self.decided or whole):
                enough = np.inf if best is None else float(self.open.cost @ best.x)
                self.floor = self._cut(start if state.plan is None else state.plan, gap, enough)
                self.price()
            elif not ended:
                self._seek(start, BOXES.near if best is not None else BOXES.base, gap, part)
            self.floors[(values + 0.0).tobytes()] = self.floor
        finally:  # an interrupt must not lose the best plan
            plan, state.plan = state.plan, best
            if plan is not None and state.offer(plan):
                self.values = values
        return plan

    def _inside(self, start: Candidate, gap: float) -> bool:
        """The best plan with the integers as they are held, with its bound and prices; whether it was found."""
        convex = self.convex
        plan = start if start.feasible else with_less_exchange(self.state.simulator, start.x)
        try:
            convex.run(start.x, gap, plan)
        finally:
            self.state.plan, self.floor = convex.plan, convex.value
        reached = convex.gap() <= max(gap, GAPS.choice_found)
        if reached and convex.point is not None:
            self.search.prices = Prices(convex.point.x, convex.point.rows, convex.point.relations)
        return reached

    def _seek(self, start: Candidate, radius: float, gap: float, part: float) -> None:
        """A good plan with the integers as they are held, by the search."""
        near = self._near(start.x, gap, part)
        if near is not None and self.state.plan is None:
            self._penalised(near, radius, gap, part)

    def _penalised(self, start: Candidate, radius: float, gap: float, part: float = GAPS.predicted[0]) -> None:
        """The search at one penalty after the other, until it ends at a plan that keeps the rules."""
        for penalty in BOXES.penalties:
            self.last = self.search.advance(self.state, start, radius, gap, penalty, part)
            if self.last.feasible or self.state.left() <= 0:
                break

    def price(self) -> None:
        """Prices at a plan that is not the search's."""
        plan = self.state.plan
        if plan is not None:
            self.search.penalty = BOXES.penalties[0] * max(self.open.cost_unit, abs(plan.objective))
            self.search.near(plan.x, BOXES.near, self.state.left())

    def relaxed(self, values: np.ndarray, x: np.ndarray, gap: float, part: float) -> Candidate | None:
        """The best point with programmes as fractions, the other integers at these values, from the money of x.

        No plan, but at its prices programmes are worth what they cost; those of a plan without them prefer all.
        """
        state = self.state
        best, state.plan = state.plan, None
        self.hold(values, self.starts)
        state.simulator.mixed = True
        try:
            money = self._moved(x, values, self.starts)
            if self._inside(state.simulator.candidate(money), gap):
                return state.plan
            start = state.plan or self._near(money, gap, part)
            if start is not None:
                self._penalised(start, BOXES.near, gap, part)
            return state.plan if start is not None else None
        finally:
            state.simulator.mixed = False
            state.plan = best

    def _near(self, x: np.ndarray, gap: float, part: float) -> Candidate | None:
        """A feasible plan near x with the integers as they are held; the state may hold a better one already.

        Where money near x keeps its own rules and misses an entry by a little, the search goes on from there: money
        without any box is far from every good plan.
        """
        state, search = self.state, self.search
        start: Candidate | None = state.simulator.candidate(x)
        for radius in BOXES.choice:
            if start is not None and start.feasible:
                return start
            start = search.near(x, radius, state.left())
            if start is not None and not start.feasible:
                self.last = search.advance(state, start, BOXES.near, gap, BOXES.penalties[0], part)
                start = state.plan
        if start is not None:
            return start
        end = search.possible([x], state.left())
        self.floor = np.inf if end.status == "infeasible" else self.floor
        for penalty in BOXES.penalties if end.status == "optimal" else ():
            self.last = search.advance(state, state.simulator.candidate(end.x), 1.0, gap, penalty, part)
            if state.plan is not None:
                return state.plan
        return None

    def _cut(self, start: Candidate, gap: float, enough: float) -> float:
        """The best plan by tangents of the whole program, in `state.plan`; its start need not keep the rules.

        Kelley's cutting planes with a line search. Each round's linear program bounds the choice; the plan is the best
        of some steps towards its answer; a cut follows where that breaks a relation. Where many answers cost the same
        (the least scales of lines are all there is to pay) cutting one leads to the next: then a search in boxes finds
        one that keeps the rules. A search alone creeps where money is what is saved: its every step misses the targets
        by what tangents flatter.

        Returns the proven bound of the minimisation, infinite where the choice has no plan. Ends when plan and bound
        agree to a part of the gap, or the bound is `enough`: no plan of this choice is worth more time.
        """
        state = self.state
        proof, bound = OuterApproximation(state.compiled, state.tangents), -np.inf
        state.plan, still, searched = start if start.feasible else None, 0, False
        with state.spending("search"):
            proof.start(start.x, None)
            for _ in range(WORK.choice_cuts):
                end = proof.run(state.left())
                if end.status == "infeasible":
                    bound = np.inf
                if end.status != "optimal":
                    break
                before, bound = bound, max(bound, end.objective if proof.proven else -np.inf)
                state.approach(end.x)
                still = 0 if bound - before > GAPS.choice * gap * abs(bound) else still + 1
                if still >= WORK.choice_still and not searched and bound < enough:
                    self._search_from(proof, end.x, gap)
                    searched = True
                plan = state.plan
                value = np.inf if plan is None else float(state.compiled.cost @ plan.x)
                room = 0.0 if plan is None else GAPS.choice * gap * max(state.compiled.cost_unit, abs(plan.objective))
                if value - bound <= room or bound >= enough or state.left() <= 0 or proof.cut(end.x) == 0:
                    break
        return bound

    def _search_from(self, proof: OuterApproximation, x: np.ndarray, gap: float) -> None:
        """A plan near an answer by the search, kept where it beats the plan so far; its end sharpens the program."""
        state = self.state
        best, state.plan = state.plan, None
        try:
            self._penalised(state.simulator.candidate(x), BOXES.cut_search, gap)
        finally:  # an interrupt must not lose the best plan
            plan, state.plan = state.plan, best
            if plan is not None:
                state.offer(plan)
        proof.touch(self.last.x)

    def _moved(self, x: np.ndarray, values: np.ndarray, free: np.ndarray | None = None) -> np.ndarray:
        """Columns with these integers, but for those of `free`, and money that fits them."""
        x, slots = x.copy(), self.open.slots
        kept = [] if free is None else self.columns[free]
        fractions = x[kept]
        x[self.columns] = values
        available = None if self.decided else self.open.column_lower[slots["money.available"]]
        integers, money = self.state.simulator.integers, self.state.simulator.money(x)
        choices = integers.choices(x)
        if free is not None and len(free):
            x[kept], choices = fractions, replace(choices, routes=None)
            available = None if available is None else available - integers.mixed_cost(x)
        shifted = moved(self.state.program.scenario, money, choices, integers.off(x), available)
        return self._with_money(x, shifted)

    def _with_money(self, x: np.ndarray, money: Money) -> np.ndarray:
        """Columns x with this money."""
        x, parts = x.copy(), (money.strategic, money.substitution, money.exchange, money.spend)
        for name, part in zip(("strategic", "substitution", "exchange", "spend"), parts, strict=True):
            x[self.open.slots[f"money.{name}"]] = part.ravel()
        return x

    def with_line(self, x: np.ndarray, answer: np.ndarray, line: int) -> np.ndarray:
        """Columns x with the money and programmes of one line as another point has them; the other lines make room."""
        x, simulator = x.copy(), self.state.simulator
        starts = self.columns[self.starts]
        x[starts] = answer[starts]
        if self.decided:
            return self._with_money(x, simulator.money(answer))
        available = self.open.column_lower[self.open.slots["money.available"]] - simulator.integers.mixed_cost(x)
        return self._with_money(x, with_line(simulator.money(x), simulator.money(answer), line, available))


def another(compiled: Compiled, columns: np.ndarray, values: np.ndarray) -> tuple[sparse.csr_array, float] | None:
    """A row and its least value that whole values other than these keep; None where open integers are not 0 or 1.

    The no-good cut of Balas and Jeroslow.
    """
    lower, upper = compiled.column_lower[columns], compiled.column_upper[columns]
    free = upper - lower > 0.5
    if not ((lower[free] == 0.0) & (upper[free] == 1.0)).all():
        return None
    chosen, signs = columns[free], 1.0 - 2.0 * values[free]
    row = sparse.csr_array((signs, (np.zeros(len(chosen), int), chosen)), shape=(1, len(compiled.cost)))
    return row, 1.0 - float(values[free].sum())
