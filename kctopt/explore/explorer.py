"""The explorer without a page: a base held beside what the levers make of it.

    explorer = Explorer("baseline")
    state = State.read({"scale": {"budget": 0.9}})
    explorer.held(state).objective        the base's plan under the changed scenario, at once
    explorer.planned(state).objective     the plan that is best there, certified

| answer | what it is |
|---|---|
| held | the base's plan, simulated: in proportion to each budget, adjusted to be feasible (holding/in_draws.py) |
| planned | the engine goes on from the base (solver/from_base.py): the same numbers in whatever order |
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kctopt import api
from kctopt.api import Question
from kctopt.api.diagnosis import Diagnosis
from kctopt.api.diagnosis import diagnose as diagnosis_of
from kctopt.api.result import Result
from kctopt.arguments import checked_gap, checked_limit
from kctopt.errors import NoPlan, UsageError
from kctopt.explore.levers import Levers
from kctopt.explore.state import State
from kctopt.explore.study import OpenStudy
from kctopt.holding.in_draws import hold_plan
from kctopt.holding.plan import alike, as_planned, budgets_of
from kctopt.result.folder import RUN_FILE
from kctopt.result.run import open_run
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money, World, simulate
from kctopt.solver.from_base import FromBase
from kctopt.status import Status
from kctopt.study.drawn import DrawnScenario
from kctopt.study.members import Members

GAP = 1e-4  # as `kctopt solve` has it
SECONDS = 20.0  # for the plan of a state
KEPT = 64  # states whose answers are kept
Answer = TypeVar("Answer", Result, Diagnosis)


@dataclass(frozen=True)
class Held:
    """The base's plan under a changed scenario; `result` holds what it leads to, and no proof."""

    result: Result
    moved: float = 0.0  # share of its money that stands elsewhere, so that rules on money hold

    @property
    def objective(self) -> float | None:
        """Simulated value, NS points; None where the objective is no sum over years."""
        return self.result.objective

    @property
    def broken(self) -> list[str]:
        """Rules that the plan breaks there, each once."""
        return list(dict.fromkeys(breach.rule.head for breach in self.result.breaches))


class Explorer:
    """A base, what levers make of it, and the plans there.

    One thread at a time may ask for plans and diagnoses (`planned`, `diagnosed`, `save` of saving.py), since the
    engine is one; `held` and `scenario` may be asked for meanwhile.

    Parameters
    ----------
    source : str, pathlib.Path, Scenario, Result or OpenStudy
        A scenario as `kctopt.load` takes it, a run: a result, or its folder, or a swept study.
    gap : float, default 1e-4
        Relative distance of the two bounds at which a plan counts as optimal.
    time_limit : float, default 20
        Seconds for the plan of a state, and for the base.

    Attributes
    ----------
    base : Result
        What all is held against: the run, or the scenario solved.
    levers : Levers
        What can be moved.
    study : OpenStudy or None
        Where it was opened from one: its base is the study's scenario.

    Raises
    ------
    ScenarioErrors
        With every fault of the scenario.
    UsageError
        For a run that holds constraints or an objective of its user's own, which no scenario file says.
    NoPlan
        Where the base has no plan.

    Examples
    --------
    >>> from kctopt.explore.explorer import Explorer
    >>> from kctopt.explore.state import State
    >>> explorer = Explorer("baseline")
    >>> lean = State.read({"scale": {"budget": 0.98}})
    >>> explorer.planned(lean).objective < explorer.base.objective
    True
    """

    def __init__(
        self, source: str | Path | Scenario | Result | OpenStudy, *, gap: float = GAP,
        time_limit: float | None = SECONDS,
    ) -> None:  # fmt: skip
        self.gap, self.time_limit = checked_gap(gap), checked_limit(time_limit)
        self.study = source if isinstance(source, OpenStudy) else None
        source = source.base if isinstance(source, OpenStudy) else source
        self.name = source if isinstance(source, str) and source in bundled_scenarios() else ""
        run = source if isinstance(source, Result) else _run(source)
        question = None if run is not None else api.read(source)  # type: ignore[arg-type]
        if run is not None and run.own:
            raise UsageError(
                f"the run of {run.scenario.name} has constraints or an objective of its user's own, which no scenario "
                "file says: explore a run without them"
            )
        scenario = run.scenario if run is not None else question.scenario  # type: ignore[union-attr]
        self._warm = FromBase(scenario, self.time_limit)
        self.base = run if run is not None else self._solved(question)  # type: ignore[arg-type]
        if not self.base.has_plan:
            raise NoPlan(f"{scenario.name} has no plan ({self.base.status}): nothing can be held against it")
        self.levers = Levers(scenario, self.base.origin)
        self._members, self._lock = Members(scenario), threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Result | Diagnosis] = OrderedDict()

    def _solved(self, question: Question) -> Result:
        """The base as `kctopt solve` has it; what the warm engine began with is that already."""
        known = self._warm.outcome
        if known is None or self.gap != GAP:
            return api.solve_question(question, gap=self.gap, time_limit=self.time_limit)
        return Result.of(
            question.scenario, known, origin=question.origin, inputs=question.inputs, options=self._options
        )

    @property
    def _options(self) -> Mapping[str, float | None]:
        return {"gap": self.gap, "time_limit": self.time_limit}

    def scenario(self, state: State) -> Scenario:
        """The base with what a state changes, checked as a file is.

        Parameters
        ----------
        state : State
            Where the levers stand.

        Returns
        -------
        Scenario
            Without rows of provenance.

        Raises
        ------
        ScenarioErrors
            With every fault found.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> explorer = Explorer("baseline")
        >>> explorer.scenario(State.read({"set": {"money.carry_share": 0.2}})).money.carry_share
        0.2
        """
        with self._lock:
            return self._members.scenario(state.overlay(self.base.scenario))

    def held(self, state: State, plan: Result | None = None) -> Held | None:
        """A plan held fixed under a state as studies hold it: in proportion to each year's budget, made feasible.

        Parameters
        ----------
        state : State
            Where the levers stand.
        plan : Result, optional
            The base's by default.

        Returns
        -------
        Held or None
            None where the plan is of other lines or years.

        Raises
        ------
        ScenarioErrors
            With every fault found.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> explorer = Explorer("baseline")
        >>> abs(explorer.held(State()).objective - explorer.base.objective) < 1e-6
        True
        """
        scenario, plan = self.scenario(state), plan or self.base
        if not alike(plan.scenario, scenario) or plan.money is None:
            return None
        world = World.of(scenario)
        _, choices = as_planned(plan, scenario, world)
        held = hold_plan(
            DrawnScenario(scenario, (), 1), world, plan.money, choices, own=budgets_of(plan.scenario),
            budget_scale=plan.budget_scale or 1.0,
        )  # fmt: skip
        money, path, moved = held.money, held.path, float(held.moved[0])
        if moved:  # what was adjusted has an axis of draws
            money = Money(money.strategic[0], money.substitution[0], money.exchange[0])
            path = simulate(scenario, money, world, choices)
        value = float(path.objective) if scenario.objective.kind == "national_security" else None
        result = Result(scenario, "held", value, None, None, False, {}, money, choices)
        result.__dict__["trajectory"] = path  # it is simulated already
        return Held(result, moved)

    def solved(self, state: State) -> Result | None:
        """The plan of a state where it is known already; nothing is solved."""
        known = self._known("plan", state)
        return self.base if not state.data else known if isinstance(known, Result) else None

    def planned(self, state: State) -> Result:
        """The best plan of a state with its proof, found from the base.

        Parameters
        ----------
        state : State
            Where the levers stand.

        Returns
        -------
        Result
            Read its `status` first.

        Raises
        ------
        ScenarioErrors
            With every fault found.
        KeyboardInterrupt
            Where a listener asked to stop.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> explorer = Explorer("baseline")
        >>> result = explorer.planned(State.read({"set": {"controls.intensity": 0.6}}))
        >>> result.status == "optimal", result.verified
        (True, True)
        """
        known = self._known("plan", state)
        if isinstance(known, Result):
            return known
        if not state.data:
            return self.base
        scenario = self.scenario(state)
        outcome = self._warm.solve(scenario, self.gap, self.time_limit)
        if outcome.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        return self._keep("plan", state, Result.of(scenario, outcome, options=self._options))

    def diagnosed(self, state: State) -> Diagnosis:
        """Why a state has no plan: the rules that collide, by how much, and what loosening them would take.

        Parameters
        ----------
        state : State
            Where the levers stand.

        Returns
        -------
        Diagnosis
            As `kctopt.diagnose` returns it, in the explorer's time limit.

        Raises
        ------
        ScenarioErrors
            With every fault found.
        KeyboardInterrupt
            Where a listener asked to stop.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> surge = {"kind": "floor", "domain": "ai", "amount": 250, "years": "2026"}
        >>> found = Explorer("baseline").diagnosed(State.read({"policies": {"surge": surge}}))
        >>> [member.rule for member in found.conflicts[0]][0]
        'policies.surge'
        """
        known = self._known("diagnosis", state)
        if isinstance(known, Diagnosis):
            return known
        found = diagnosis_of(self.scenario(state), {}, self.time_limit, attain=False)
        return self._keep("diagnosis", state, found)

    def _known(self, kind: str, state: State) -> Result | Diagnosis | None:
        with self._lock:
            known = self._kept.get((kind, state.text))
            if known is not None:
                self._kept.move_to_end((kind, state.text))
            return known

    def _keep(self, kind: str, state: State, answer: Answer) -> Answer:
        with self._lock:
            self._kept[kind, state.text] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return answer


def _run(source: object) -> Result | None:
    """The run of a folder that holds one."""
    if isinstance(source, str | Path) and (Path(source) / RUN_FILE).is_file():
        return open_run(Path(source), Result)
    return None
