"""The explorer without a page: a base held beside what the levers make of it.

    explorer = Explorer("baseline")
    state = State.read({"scale": {"budget": 0.9}})
    explorer.held(state).objective        the base's plan under the changed scenario, at once
    explorer.planned(state).objective     the plan that is best there, certified
    explorer.saved(state, "lean", folder) a file, solved anew as `kctopt solve` does

| answer | what it is |
|---|---|
| held | the base's money, every year in proportion to that year's budget (holding/plan.py), simulated |
| planned | the engine goes on from the base (solver/from_base.py): the same numbers in whatever order |
| saved | the file's scenario solved cold, with the settings of `kctopt solve`: what that command prints of it |
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from kctopt import api
from kctopt.api import Question
from kctopt.api.diagnosis import Diagnosis
from kctopt.api.diagnosis import diagnose as diagnosis_of
from kctopt.api.result import Result
from kctopt.arguments import checked_gap, checked_limit
from kctopt.disk import whole
from kctopt.errors import NoPlan, UsageError
from kctopt.explore.levers import Levers
from kctopt.explore.state import State
from kctopt.holding.plan import alike, as_planned
from kctopt.result.folder import RUN_FILE
from kctopt.result.run import open_run
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.dump import dump
from kctopt.scenario.filename import unfit
from kctopt.scenario.load import load
from kctopt.scenario.records import Label, Scenario
from kctopt.simulator import World, simulate
from kctopt.solver.from_base import FromBase
from kctopt.status import Status
from kctopt.study.members import Members

GAP = 1e-4  # as `kctopt solve` has it
SECONDS = 20.0  # for the plan of a state
KEPT = 64  # states whose answers are kept
Answer = TypeVar("Answer", Result, Diagnosis)


@dataclass(frozen=True)
class Held:
    """The base's plan under a changed scenario; `result` holds what it leads to, and no proof."""

    result: Result

    @property
    def objective(self) -> float | None:
        """Simulated value, NS points; None where the objective is no sum over years."""
        return self.result.objective

    @property
    def broken(self) -> list[str]:
        """Rules that the plan breaks there, each once."""
        return list(dict.fromkeys(breach.rule.head for breach in self.result.breaches))


@dataclass(frozen=True)
class Saved:
    """A state as a scenario file, and what `kctopt solve` makes of it."""

    text: str
    path: Path | None  # None where it was not written
    result: Result


class Explorer:
    """A base, what levers make of it, and the plans there.

    One thread at a time may ask for plans and diagnoses (`planned`, `diagnosed`, `saved`), since the engine is one;
    `held` and `scenario` may be asked for meanwhile.

    Parameters
    ----------
    source : str, pathlib.Path, Scenario or Result
        A scenario as `kctopt.load` takes it, or a run: a result, or its folder.
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
        self, source: str | Path | Scenario | Result, *, gap: float = GAP, time_limit: float | None = SECONDS
    ) -> None:
        self.gap, self.time_limit = checked_gap(gap), checked_limit(time_limit)
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

    def held(self, state: State) -> Held | None:
        """The base's plan held fixed under a state: money of each year in proportion to that year's budget.

        Parameters
        ----------
        state : State
            Where the levers stand.

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
        scenario = self.scenario(state)
        if not alike(self.base.scenario, scenario):
            return None
        world = World.of(scenario)
        money, choices = as_planned(self.base, scenario, world)
        path = simulate(scenario, money, world, choices)
        value = float(path.objective) if scenario.objective.kind == "national_security" else None
        result = Result(scenario, "held", value, None, None, False, {}, money, choices)
        result.__dict__["trajectory"] = path  # it is simulated already
        return Held(result)

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

    def file_text(self, state: State, name: str) -> str:
        """A scenario file that says what a state does: short where the base is bundled, else whole.

        Parameters
        ----------
        state : State
            Where the levers stand.
        name : str
            Its label.

        Returns
        -------
        str
            YAML.

        Raises
        ------
        ScenarioErrors
            With every fault found.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> print(Explorer("baseline").file_text(State.read({"scale": {"budget": 0.9}}), "Lean"))
        extends: baseline
        label: {en: "Lean", zh: "Lean"}
        intent: "baseline, moved in the explorer."
        scale:
          budget: 0.9
        <BLANKLINE>
        """
        base = self.base.scenario
        intent = f"{base.name}, moved in the explorer."
        if self.name:
            self.scenario(state)  # its faults are told here
            return state.file_text(base, self.name, name, intent)
        changed = load(base, **state.overlay(base)).scenario
        label = Label(en=name, zh=name)
        return dump(changed.model_copy(update={"label": label, "intent": intent, "name": name}))

    def saved(self, state: State, name: str, folder: Path | None = None) -> Saved:
        """A state as a file NAME.yaml, solved as `kctopt solve` solves it.

        Parameters
        ----------
        state : State
            Where the levers stand.
        name : str
            Of the scenario, and of its file.
        folder : pathlib.Path, optional
            Where the file is written; nowhere by default.

        Returns
        -------
        Saved
            Its result has the numbers that `kctopt solve NAME.yaml` prints, to the last digit, unless the time limit
            cut it off.

        Raises
        ------
        UsageError
            For a name that no file can have, or one that is there already.
        ScenarioErrors
            With every fault found.
        WriteError
            Where it cannot be written.

        Examples
        --------
        >>> from kctopt.explore.explorer import Explorer
        >>> from kctopt.explore.state import State
        >>> saved = Explorer("baseline").saved(State.read({"scale": {"budget": 0.98}}), "lean")
        >>> saved.path is None, str(saved.result.status)
        (True, 'optimal')
        """
        if why := unfit(name):
            raise UsageError(f"{name!r} cannot be the name of a scenario: {why[0]}; {why[1]}")
        text = self.file_text(state, name)
        path = None if folder is None else folder / f"{name}.yaml"
        if path is not None and path.exists():
            raise UsageError(f"{path.name} is there already: choose another name")
        with TemporaryDirectory(prefix="kctopt-") as place:
            file = Path(place) / f"{name}.yaml"
            file.write_text(text, encoding="utf-8", newline="\n")
            result = api.solve_question(api.read(file), gap=GAP, time_limit=self.time_limit)
        if result.status == "interrupted":
            raise KeyboardInterrupt
        if path is not None:
            whole(path, lambda at: at.write_text(text, encoding="utf-8", newline="\n"), replace=False)
        return Saved(text, path, result)

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
