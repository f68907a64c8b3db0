"""The engine: interior points for plan and proof (convex.py); where these leave a gap, linear programs.

    search   sequential linear programs for a good plan (sequential_lp.py)
    proof    line by line (decomposition.py), or by the whole program (outer_approximation.py), in turn

again until the gap is as asked or time is out; and the same after a change of data or of the user's own parts.
"""

from __future__ import annotations

import time
from itertools import count

import numpy as np

from kctopt.arguments import checked_gap, checked_limit, wrong_source
from kctopt.brief import brief
from kctopt.errors import ProgramError
from kctopt.program import Program, build
from kctopt.progress import Listener, listened
from kctopt.scenario.load import checked_values
from kctopt.scenario.records import Scenario
from kctopt.scenario.units import objective_unit
from kctopt.solver.bounds import with_finite_bounds, with_largest_scale
from kctopt.solver.certificate import Candidate, Simulator
from kctopt.solver.compile import compile_program
from kctopt.solver.compiled import Compiled
from kctopt.solver.convex import Convex
from kctopt.solver.decomposition import Decomposition, Prices, line_of
from kctopt.solver.dual import reduced_costs
from kctopt.solver.held import held_columns, without_held
from kctopt.solver.highs import End
from kctopt.solver.outcome import Outcome
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.own import own_names
from kctopt.solver.refused import keep_own
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.settings import BOXES, GAPS
from kctopt.solver.start import base_plan, in_proportion, times, with_less_exchange
from kctopt.solver.state import SolveState
from kctopt.solver.tangents import Tangents
from kctopt.solver.thresholds import without_thresholds
from kctopt.status import Status


class Engine:
    """Solves one program, and again after changes of its data, on persistent HiGHS objects.

    Parameters
    ----------
    program : Program
        From `kctopt.build`, with whatever was added to it.
    read : Compiled, optional
        Its arrays, where they are known: with other costs, or more rows.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.solver import Engine
    >>> engine = Engine(kctopt.build("baseline"))
    >>> outcome = engine.solve()
    >>> outcome.status == "optimal"
    True
    """

    def __init__(self, program: Program, read: Compiled | None = None) -> None:
        self._anew(program, read)

    def _anew(self, program: Program, read: Compiled | None = None) -> None:
        """Begin with a program; `read` are its arrays, where they are known."""
        started = time.perf_counter()
        self.read = read or arrays_of(program)  # before any change of data
        self.state = SolveState(program, self.read)
        self.convex = Convex(self.state)
        self._equip()
        self.seconds = {"build": program.seconds, "compile": time.perf_counter() - started}

    def _equip(self) -> None:
        """What works on the arrays of the state, made for them."""
        self._search: SequentialLP | None = None
        self._proof: OuterApproximation | None = None
        self.decomposition: Decomposition | None = None

    def __repr__(self) -> str:
        known = "no plan yet" if self.state.plan is None else "with a plan to go on from"
        return brief(self, self.program.scenario.name, known)

    @property
    def program(self) -> Program:
        """The program with the data of the last solve."""
        return self.state.program

    @property
    def compiled(self) -> Compiled:
        """Its arrays as bounds and integers are held now."""
        return self.state.compiled

    @property
    def simulator(self) -> Simulator:
        """What judges plans."""
        return self.state.simulator

    @property
    def tangents(self) -> Tangents:
        """Tangents of its concave relations."""
        return self.state.tangents

    @property
    def search(self) -> SequentialLP:
        """The search by linear programs; made where it is first asked for."""
        if self._search is None:
            self._search = SequentialLP(self.simulator, self.tangents)
        return self._search

    @property
    def proof(self) -> OuterApproximation:
        """The proof by the whole program; made where it is first asked for."""
        if self._proof is None:
            self._proof = OuterApproximation(self.compiled, self.tangents)
        return self._proof

    @property
    def discrete(self) -> bool:
        """Whether integers are chosen."""
        return self.state.discrete

    @listened
    def solve(
        self, gap: float = 1e-4, time_limit: float | None = None, *, progress: Listener | None = None
    ) -> Outcome:  # fmt: skip
        """Solve to a relative gap.

        Parameters
        ----------
        gap : float, default 1e-4
            Relative distance of the two bounds at which the plan counts as optimal.
        time_limit : float, optional
            Seconds; 0 tries nothing.
        progress : callable, optional
            Given a `kctopt.Progress` at every round.

        Returns
        -------
        Outcome
            Nothing is raised for an infeasible program.

        Raises
        ------
        UsageError
            For a gap or time limit that is none.
        ProgramError
            For a changed model that cannot be solved.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.solver import Engine
        >>> engine = Engine(kctopt.build("baseline"))
        >>> outcome = engine.solve()
        >>> outcome.gap < 1e-4
        True
        """
        self._read_again()
        self._begin(gap, time_limit)
        try:
            self.state.tell("start")
            status = self._cold(gap)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self._ended(status)

    @listened
    def resolve(
        self, scenario: Scenario, gap: float = 1e-4, time_limit: float | None = None, *, aim: float = GAPS.aim,
        progress: Listener | None = None,
    ) -> Outcome:  # fmt: skip
        """Solve again after the data changed, from the last plan and a point on the way to it.

        Budgets, limits, policy amounts and hard target ratios are columns held at their data, which are patched. After
        a change of other numbers the arrays are made anew; other variables or rules make another program.

        Parameters
        ----------
        scenario : Scenario
            The changed one, as `kctopt.load` returns it.
        gap : float, default 1e-4
            As for `solve`.
        time_limit : float, optional
            As for `solve`.
        progress : callable, optional
            As for `solve`.
        aim : float, default 1e-6
            Gap gone on to; with that of `gap` many worlds are solved quicker.

        Returns
        -------
        Outcome
            With its own plan and proof.

        Raises
        ------
        ScenarioErrors
            For a scenario that does not pass the checks of a file.
        UsageError, ProgramError
            As for `solve`, and where the change would lose parts of your own.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.solver import Engine
        >>> engine = Engine(kctopt.build("baseline"))
        >>> outcome = engine.solve()
        >>> engine.resolve(kctopt.load("baseline", scale={"budget": 1.02})).objective > outcome.objective
        True
        """
        if not isinstance(scenario, Scenario):
            raise wrong_source(scenario, "a Scenario, as kctopt.load returns it")
        checked_gap(aim)
        return self.resolve_checked(checked_values(scenario), gap, time_limit, aim=aim)

    def resolve_checked(
        self, scenario: Scenario, gap: float = 1e-4, time_limit: float | None = None, *, aim: float = GAPS.aim
    ) -> Outcome:
        """`resolve` of a scenario that has passed its checks."""
        _check(gap, time_limit)
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
            if self.state.plan is None or self.discrete or not compiled.alike(self.compiled):
                self._anew(program, compiled)
                return self.solve(gap, time_limit)
        self._begin(gap, time_limit)
        x = None if self.state.plan is None else in_proportion(self.compiled, self.state.plan.x, held)
        if x is not None and not self.discrete and (start := self.convex.kept()) is not None:
            self.convex.begin_at(start, in_proportion(self.compiled, start.x, held))
        if same:
            self._patch(scenario, held)
        else:
            self.read = compiled
            self.state.take(program, compiled)
            self._equip()
            self.seconds = {"build": program.seconds, "compile": time.perf_counter() - started - program.seconds}
        return self._run(x, gap, aim)

    def solve_from(
        self, program: Program, compiled: Compiled, x: np.ndarray, gap: float, time_limit: float | None
    ) -> Outcome:
        """Solve another program of the same variables from columns x and where `convex` was told to begin.

        Goes on to the gap asked and no further.
        """
        self.read = compiled
        self.state.take(program, compiled)
        self._equip()
        self._begin(gap, time_limit)
        return self._run(x, gap, gap, loose=True)

    def _run(self, x: np.ndarray | None, gap: float, aim: float, loose: bool = False) -> Outcome:
        """Go on from columns x, or from the base year; to the gap aimed at, `loose` to no more than that."""
        self.convex.aim, self.convex.loose = aim, loose
        try:
            self.state.tell("start")
            status = self._cold(gap) if x is None else self._warm(x, gap)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            self.convex.aim, self.convex.loose = GAPS.aim, False
        return self._ended(status)

    def _ended(self, status: Status) -> Outcome:
        """The outcome of a solve that ended so, told to who listens."""
        self.state.silent = True  # prices may be solved for on the way
        return self.state.ended(self.outcome(status))

    def _begin(self, gap: float, time_limit: float | None) -> None:
        _check(gap, time_limit)
        self.state.begin(np.inf if time_limit is None else time_limit, gap)

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
        self._anew(program, read)
        self._patch(scenario, held_columns(scenario))

    def _patch(self, scenario: Scenario, held: dict[str, np.ndarray]) -> None:
        """New bounds of the columns that hold data."""
        self._use(self.program.with_data(scenario), self.state.open.holding(held))

    def _use(self, program: Program, compiled: Compiled) -> None:
        """Take over column bounds that changed."""
        self.state.patch(program, compiled)
        if self._proof is not None:
            self._proof.compiled = compiled
        if self.decomposition is not None:
            self.decomposition = self.decomposition.with_bounds(compiled)

    def _cold(self, gap: float) -> Status:
        """From the base year's plan: by the interior-point method, and by linear programs where that leaves a gap."""
        plan = self._first()
        self.state.plan = plan if plan.feasible else with_less_exchange(self.simulator, plan.x)
        self._inside(plan.x, gap)
        if self.convex.refuted:
            return Status.INFEASIBLE
        if self.state.gap() <= gap:
            return Status.OPTIMAL
        return self.state.stopped() if self.state.left() <= 0 else self._by_programs(plan, gap)

    def _warm(self, x: np.ndarray, gap: float) -> Status:
        """From a point kept on the way to the last plan, which itself serves in proportion to the new budget."""
        plan = self.simulator.candidate(x)
        self.state.plan = plan if plan.feasible else None
        self._inside(x, gap, warm=True)
        if self.convex.refuted:
            return Status.INFEASIBLE
        if self.state.gap() <= gap:
            return Status.OPTIMAL
        return self.state.stopped() if self.state.left() <= 0 else self._cold(gap)

    def _inside(self, x: np.ndarray, gap: float, warm: bool = False) -> None:
        """The interior-point method from a point; its plan and bound are kept, whatever ends it."""
        convex, c = self.convex, self.compiled
        try:
            convex.run(x, gap, self.state.plan, warm)
        finally:
            self.state.plan = convex.plan
            if convex.point is not None and np.isfinite(convex.value):
                left = reduced_costs(c, self.tangents, convex.point)
                rows = len(c.lower) + len(convex.point.relations)
                self.state.keep(convex.value, (convex.point.rows, left), rows)

    def _by_programs(self, plan: Candidate, gap: float) -> Status:
        """From a plan, or the best so far, by linear programs alone."""
        if self.state.plan is not None:
            plan = self.state.plan
            for penalty in BOXES.penalties:
                if self.search.advance(self.state, plan, BOXES.base, gap, penalty).feasible:
                    break
        else:
            self._use(self.program, with_finite_bounds(with_largest_scale(self.compiled)))
            status = self._feasible(plan.x, gap)
            if status is not None:
                return status
        return self._close(gap)

    def _feasible(self, x: np.ndarray, gap: float) -> Status | None:
        """Find a first plan from the point x, or prove that there is none; None when the state now has one.

        In turn: any answer of the tangents so far (none is the proof), then a search that pays for broken rules.
        Where the search ends short of the rules, tangents at its end make the next answer, or the proof, sharper.
        """
        state, points = self.state, [x]
        for penalty in (*BOXES.penalties, None):
            end = self.search.possible(points, state.left())
            if end.status != "optimal" or penalty is None:
                break
            last = self.search.advance(state, self.simulator.candidate(end.x), 1.0, gap, penalty)
            if state.plan is not None:
                return None
            points.append(last.x)
        return Status.INFEASIBLE if end.status == "infeasible" else state.stopped()

    def _first(self) -> Candidate:
        """The base year's spend repeated, or grown with the budget where that keeps the rules and is worth more."""
        c, simulator = self.compiled, self.simulator
        base = base_plan(self.program, simulator)
        plan = simulator.candidate(base)
        if "money.scale" in c.slots:
            return plan
        years = len(self.program.scenario.horizon.years)
        spent = base[c.slots["money.spend"]].reshape(-1, years).sum(axis=0)
        grown = simulator.candidate(times(c, base, c.column_lower[c.slots["money.available"]] / spent))
        better = grown.feasible and (not plan.feasible or self.state.gain(plan, grown) > 0)
        return grown if better else plan

    def _close(self, gap: float) -> Status:
        """Prove the plan line by line, searching on while that helps; then by the whole program."""
        state = self.state
        for part in (*GAPS.predicted[1:], 0.0):
            self.prove_by_line(gap, self.search.prices)
            if state.gap() <= gap:
                return Status.OPTIMAL
            if state.left() <= 0 and state.bound is not None:
                return Status.LIMIT
            if self.decomposition is None or not self.decomposition.possible:
                break
            assert state.plan is not None
            if part > 0:
                self.search.advance(state, state.plan, BOXES.near, gap, part=part)
        assert state.plan is not None
        self.proof.start(state.plan.x, self.search.basis())
        return self.prove(gap)

    def prove_by_line(self, gap: float, prices: Prices | None) -> None:
        """The bound line by line, at the prices of a program of the search."""
        state, plan = self.state, self.state.plan
        with state.spending("proof"):
            if self.decomposition is None:
                self.decomposition = Decomposition(
                    self.compiled, self.tangents, line_of(self.program, self.compiled), state.left
                )
            if self.decomposition.possible and prices is not None and plan is not None:
                value, room = float(self.compiled.cost @ plan.x), gap * abs(plan.objective)
                proof = self.decomposition.bound(prices, value - 0.9 * room, 0.02 * room)
                if proof.value is not None:
                    state.keep(proof.value, (proof.row_dual, proof.column_dual), len(self.decomposition.blocks))

    def prove(self, gap: float, rounds: int | None = None) -> Status:
        """Rounds of the outer approximation until the gap is closed, or so many are done."""
        state = self.state
        for _ in count() if rounds is None else range(rounds):
            end = self._bound()
            if end.status == "infeasible":  # a plan within the tolerance of rules that hold for none exactly is one
                return Status.INFEASIBLE if state.plan is None else Status.LIMIT
            if end.status != "optimal":
                return state.stopped()
            state.approach(end.x)
            if state.gap() <= gap:
                return Status.OPTIMAL
            if state.left() <= 0:
                return state.stopped()
            if self.proof.cut(end.x) == 0 and state.plan is not None:
                return Status.OPTIMAL if state.gap() <= gap else Status.LIMIT
        return state.stopped()

    def _bound(self) -> End:
        """One proof program; keeps the best bound."""
        with self.state.spending("proof"):
            end = self.proof.run(self.state.left())
        if end.status == "optimal" and self.proof.proven:
            self.state.keep(end.objective, (end.row_dual, end.column_dual), self.proof.highs.rows)
        return end

    def outcome(self, status: Status) -> Outcome:
        """Everything known at the end of a solve that ended so."""
        state, c = self.state, self.compiled
        if status != "infeasible":
            state.use_aside()
        if status == "limit" and state.gap() <= state.asked:  # by the bound kept aside
            status = Status.OPTIMAL
        seconds = {**self.seconds, **state.spent, "total": state.passed()}
        plan = state.plan
        if plan is None:
            bound = None if status == "infeasible" else state.bound
            return Outcome(status, bound=bound, seconds=seconds, rounds=state.rounds, sign=c.sign)
        scale = c.slots.get("money.scale")
        return Outcome(
            status, self.simulator.money(plan.x), plan.objective, state.bound, seconds, state.rounds,
            {} if state.duals is None else c.prices_by_name(*state.duals),
            float(plan.x[scale[0]]) if scale is not None else None,
            values=c.own_values(self.program.built, plan.x),
            names=c.names,
            point=plan.x,
            choices=self.simulator.integers.choices(plan.x),  # a band may hold a line back: no integer in that
            sign=c.sign,
            size=objective_unit(self.program.scenario),
            gained=state.gained(plan),
        )  # fmt: skip


def _check(gap: float, time_limit: float | None) -> None:
    """Refuse what is no gap or no limit (0 is: nothing is tried)."""
    checked_gap(gap)
    if time_limit != 0:
        checked_limit(time_limit)


def arrays_of(program: Program) -> Compiled:
    """A program as the engine solves it."""
    return without_thresholds(program, compile_program(program))
