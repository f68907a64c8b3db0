"""Many changed scenarios, each solved from one and the same base: no answer depends on what was solved before it.

    base      solved once, cold; its plan and one central iterate are kept (convex.py)
    changed   the engine is put back to these, then resolves: the same numbers whichever worker asks, in any order

Programs with integers, the objective `earliest` and programs of another shape are solved cold, each by itself. The gap
gone on to is the one asked, not the finer one of a single solve: a thousand worlds are solved for their differences.
"""

from __future__ import annotations

from dataclasses import dataclass

from kctopt.arguments import checked_gap, checked_limit
from kctopt.errors import KctoptError
from kctopt.program import Program, build
from kctopt.scenario.records import Scenario
from kctopt.solver.certificate import Candidate
from kctopt.solver.compiled import Compiled
from kctopt.solver.convex import Start
from kctopt.solver.engine import Engine, arrays_of
from kctopt.solver.held import held_columns, without_held
from kctopt.solver.outcome import Outcome
from kctopt.solver.solve import solve
from kctopt.solver.start import in_proportion
from kctopt.status import Status


@dataclass(frozen=True)
class _Kept:
    """The base as it was solved."""

    program: Program
    compiled: Compiled
    plan: Candidate
    start: Start
    neutral: Scenario  # without the data held as columns


class FromBase:
    """Solves scenarios that differ from a base in their numbers.

    Parameters
    ----------
    base : Scenario
        As `kctopt.load` returns it.
    time_limit : float, optional
        Seconds for the base. What came of it by then serves; where that is no plan, each scenario is solved by itself.

    Raises
    ------
    KeyboardInterrupt
        Where the base's solve is interrupted.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.solver.from_base import FromBase
    >>> base = kctopt.load("baseline")
    >>> worlds = FromBase(base)
    >>> richer = kctopt.load(base, scale={"budget": 1.02})
    >>> first = worlds.solve(richer).objective
    >>> poorer = worlds.solve(kctopt.load(base, scale={"budget": 0.98})).objective
    >>> poorer < first == worlds.solve(richer).objective
    True
    """

    def __init__(self, base: Scenario, time_limit: float | None = None) -> None:
        self._kept: _Kept | None = None
        self.outcome: Outcome | None = None  # of the base, as `solve` of it alone ends; None where that was not asked
        if base.objective.kind == "earliest":
            return
        try:
            program = build(base)
            if program.discrete:
                return
            self._engine = engine = Engine(program)
            self.outcome = engine.solve(time_limit=time_limit)
            ended = self.outcome.status
        except KctoptError:  # a base that cannot be solved helps nobody; each scenario says itself what is wrong
            return
        if ended is Status.INTERRUPTED:
            raise KeyboardInterrupt
        plan, start = engine.state.plan, engine.convex.kept(centred=True)
        if plan is not None and start is not None:
            self._kept = _Kept(program, engine.read, plan, start, without_held(base))

    @property
    def warm(self) -> bool:
        """Whether there is a solved base to go on from."""
        return self._kept is not None

    def solve(self, scenario: Scenario, gap: float = 1e-4, time_limit: float | None = None) -> Outcome:
        """Plan and proof of a scenario that has passed its checks.

        Parameters
        ----------
        scenario : Scenario
            As `kctopt.load` returns it.
        gap : float, default 1e-4
            Relative distance of the two bounds at which the plan counts as optimal.
        time_limit : float, optional
            Seconds.

        Returns
        -------
        Outcome
            Nothing is raised for an infeasible scenario.

        Raises
        ------
        UsageError
            For a gap or time limit that is none.

        Examples
        --------
        >>> import kctopt
        >>> from kctopt.solver.from_base import FromBase
        >>> base = kctopt.load("baseline")
        >>> FromBase(base).solve(base, gap=1e-3).gap < 1e-3
        True
        """
        gap, time_limit, kept = checked_gap(gap), checked_limit(time_limit), self._kept
        if kept is None or scenario.objective.kind == "earliest":
            return solve(build(scenario), gap, time_limit)
        held = held_columns(scenario)
        if without_held(scenario) == kept.neutral:
            program, compiled = kept.program.with_data(scenario), kept.compiled.holding(held)
        else:
            program = build(scenario)
            if program.discrete:
                return solve(program, gap, time_limit)
            compiled = arrays_of(program)
            if not compiled.alike(kept.compiled):
                return solve(program, gap, time_limit)
        x, money = (in_proportion(kept.compiled, columns, held) for columns in (kept.plan.x, kept.start.x))
        self._engine.convex.begin_at(kept.start, money)
        return self._engine.solve_from(program, compiled, x, gap, time_limit)
