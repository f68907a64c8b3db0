"""What Python users call: load, variants, build, solve, diagnose, open, simulate, verify, compare, backcast, sweep, ….

    import kctopt

    result = kctopt.solve("baseline")
    print(result.summary())
    result.allocation  # a DataFrame

A source is the name of a bundled scenario, the path of a scenario file, or a Scenario, which passes the checks of a
file however it was made. Heavy packages are imported when a function needs them.

| file | content |
|---|---|
| result.py comparison.py diagnosis.py | the records of the parts below as users hold them: told, drawn, compared |
| collection.py | any number of results side by side |
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.arguments import checked_changes, checked_gap, checked_limit, checked_place, wrong_source
from kctopt.disk import ready
from kctopt.errors import InputNote
from kctopt.progress import Listener, listening

if TYPE_CHECKING:
    from kctopt.api.comparison import Comparison
    from kctopt.api.diagnosis import Diagnosis
    from kctopt.api.result import Result
    from kctopt.backcasting.backcast import Backcast
    from kctopt.holding.in_draws import Hold
    from kctopt.own import OwnParts
    from kctopt.program import Program
    from kctopt.recourse.measures import Kind
    from kctopt.recourse.stochastic import Stochastic
    from kctopt.recourse.tree import Tree
    from kctopt.result.verify import Finding
    from kctopt.scenario.load import Loaded
    from kctopt.scenario.records import Scenario
    from kctopt.simulator import Choices, Money
    from kctopt.solver import Outcome
    from kctopt.study.ensemble import Ensemble
    from kctopt.study.records import Draws, Study
    from kctopt.study.sweep import Sweep

    Source = str | Path | Scenario | Program


@dataclass(frozen=True)
class Question:
    """A scenario ready to be solved, and where it comes from."""

    scenario: Scenario
    origin: Mapping[str, str] = field(default_factory=dict)  # path -> file:line
    inputs: Mapping[str, str] = field(default_factory=dict)  # file -> sha256
    changes: Mapping[str, Any] = field(default_factory=dict)  # made on the way in, such as --set
    program: Program | None = None  # built already, perhaps with the user's own constraints
    own: OwnParts | None = None  # what the user changed in it
    seconds: float = 0.0  # spent reading
    notes: tuple[str, ...] = ()  # no faults of the input, but the user should know


def load(
    source: str | Path | Scenario, *, set: Mapping[str, Any] | None = None, scale: Mapping[str, Any] | None = None,
    add: Mapping[str, Any] | None = None,
) -> Scenario:  # fmt: skip
    """The scenario of a bundled name or a file, or a Scenario itself, checked and changed.

    Parameters
    ----------
    source : str, pathlib.Path or Scenario
        Name of a bundled scenario, path of a YAML file, folder or workbook, a workbook's variant (FILE.xlsx#NAME),
        or a scenario.
    set : mapping, optional
        Values by path, as `set:` in a scenario file.
    scale : mapping, optional
        Factors by path.
    add : mapping, optional
        Amounts to add by path; `policies` takes further policies.

    Returns
    -------
    Scenario
        Frozen; a changed one is a new one.

    Raises
    ------
    ScenarioErrors
        With every fault found. What is no fault but should be known is an `InputNote`, a warning.

    Examples
    --------
    >>> import kctopt
    >>> scenario = kctopt.load("baseline", scale={"budget": 0.95})
    >>> scenario.horizon.last_year
    2035
    """
    loaded = _loaded(source, set=set, scale=scale, add=add)
    _tell(loaded.notes)
    return loaded.scenario


def variants(source: str | Path) -> dict[str, str]:
    """The variants in a workbook: columns of its sheet of variants, each a scenario on that of the workbook.

    Parameters
    ----------
    source : str or pathlib.Path
        Path of a workbook, or of a folder with a scenario.xlsx.

    Returns
    -------
    dict of str to str
        By name, in the order of the columns, what `load`, `solve` and all others take: FILE.xlsx#NAME. Empty for a
        scenario without variants.

    Raises
    ------
    ScenarioErrors
        Where the workbook cannot be read.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.variants("plan.xlsx")
    {'tight': 'plan.xlsx#tight', 'open': 'plan.xlsx#open'}
    >>> kctopt.load("plan.xlsx#tight").name
    'plan-tight'
    """
    from kctopt.scenario.several import variants as variants_of

    if not isinstance(source, str | Path):
        raise wrong_source(source, "the path of a workbook")
    return variants_of(source)


def build(source: str | Path | Scenario, *, set: Mapping[str, Any] | None = None) -> Program:
    """The program of a scenario, which can be extended before it is solved.

    Parameters
    ----------
    source : str, pathlib.Path or Scenario
        As for `load`.
    set : mapping, optional
        Values by path.

    Returns
    -------
    Program
        Its `model` is a Pyomo model, written when it is first read.

    Raises
    ------
    ScenarioErrors
        With every fault of the input.

    Examples
    --------
    >>> import kctopt
    >>> program = kctopt.build("baseline")
    >>> program.model.name
    'baseline'
    """
    from kctopt.program import build as build_program

    loaded = _loaded(source, set=set)
    _tell(loaded.notes)
    return build_program(loaded.scenario)


def solve(
    source: Source,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    set: Mapping[str, Any] | None = None,
    save: str | Path | None = None,
    progress: Listener | None = None,
) -> Result:
    """Solve a scenario: a plan, its value by simulation, and a proven bound.

    Parameters
    ----------
    source : str, pathlib.Path, Scenario or Program
        As for `load`, or a program from `build`.
    gap : float, default 1e-4
        Relative distance of the two bounds at which the plan counts as optimal.
    time_limit : float, optional
        Seconds; the best certified plan is returned when they are over.
    set : mapping, optional
        Values by path, as `set:` in a scenario file.
    save : str or pathlib.Path, optional
        Folder for the run; a new one beside it (`-2`, `-3`, …) if it exists. Nothing is saved by default.
    progress : callable, optional
        Given a `kctopt.Progress` at every round; StopIteration in it ends the solve with the best certified plan.

    Returns
    -------
    Result
        Read its `status` first: `limit` means a plan whose gap is wider than asked, `infeasible` and `no_plan` mean
        that there is none, `fault` that its two bounds contradict each other (a RuntimeWarning says so too).

    Raises
    ------
    ScenarioErrors
        With every fault of the input.
    ProgramError
        Where a program was changed in a way that cannot be solved.
    WriteError
        Where `save` cannot be written, before anything is solved.

    References
    ----------
    `docs/solving.md` has the method and its literature.

    Examples
    --------
    >>> import kctopt
    >>> result = kctopt.solve("baseline")
    >>> result.status == "optimal", result.verified
    (True, True)
    """
    gap, time_limit = checked_gap(gap), checked_limit(time_limit)
    target = None if save is None else checked_place("save", save, "the folder for the run")
    question = read(source, set)
    _tell(question.notes)
    if target is not None:
        ready(target)
    with listening(progress):
        result = solve_question(question, gap=gap, time_limit=time_limit)
    if result.status == "fault":
        warnings.warn(
            f"{result.scenario.name}: the plan, {result.objective:.8g}, is better than its proven bound, "
            f"{result.bound:.8g}: one of them is false. This is a bug in kctopt: please report it",
            RuntimeWarning, stacklevel=2,
        )  # fmt: skip
    return result if target is None else result.saved(target)


def diagnose(
    source: Source, *, time_limit: float | None = 60.0, set: Mapping[str, Any] | None = None,
    progress: Listener | None = None,
) -> Diagnosis:  # fmt: skip
    """Why a scenario has no plan: the smallest sets of rules that conflict, and how far each would have to be relaxed.

    Parameters
    ----------
    source : str, pathlib.Path, Scenario or Program
        As for `solve`.
    time_limit : float, default 60
        Seconds; when they are over, what is proven by then is returned (`stopped` says so). None for no limit.
    set : mapping, optional
        Values by path.
    progress : callable, optional
        Given a `kctopt.Progress` at every step; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Diagnosis
        Its `status` is `feasible` (with a simulated plan), `infeasible` or `unknown`.

    Raises
    ------
    ScenarioErrors
        Where the input contradicts itself.

    References
    ----------
    J. W. Chinneck (2008), Feasibility and Infeasibility in Optimization, Springer: the deletion filter.

    Examples
    --------
    >>> import kctopt
    >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
    >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
    >>> str(found.status), [member.rule for member in found.conflicts[0]][0]
    ('infeasible', 'policies.surge')
    """
    time_limit = checked_limit(time_limit)
    question = read(source, set)
    _tell(question.notes)
    with listening(progress):
        return diagnose_question(question, time_limit)


def diagnose_question(
    question: Question, time_limit: float | None = 60.0, folder: Path | None = None
) -> Diagnosis:  # fmt: skip
    """Diagnose what `read` returned; `folder` keeps what is found until the end, for the next time."""
    from kctopt.api.diagnosis import diagnose as diagnosis_of

    asked = question.program or question.scenario
    return diagnosis_of(asked, question.origin, time_limit, own=question.own, folder=folder)


def sweep(
    study: str | Path | Study, *, out: str | Path | None = None, gap: float = 1e-4, time_limit: float | None = None,
    executor: Executor | str | None = None, workers: int = 1, fail_fast: bool = False, draws: Draws | None = None,
    progress: Listener | None = None,
) -> Sweep:  # fmt: skip
    """Every draw of a study re-optimised with proof, kept in one file as members end; what is there stays.

    Tables are the same bit by bit whatever the executor, the number of workers and the order in which members end,
    unless a time limit cuts members off.

    Parameters
    ----------
    study : str, pathlib.Path or Study
        Path of a study file, or a study.
    out : str or pathlib.Path, optional
        The DuckDB file; `studies/NAME.duckdb` by default. One that exists is gone on with.
    gap : float, default 1e-4
        Relative distance of the two bounds at which a member counts as optimal.
    time_limit : float, optional
        Seconds for each member.
    executor : concurrent.futures.Executor or str, optional
        Who solves: any executor, or `local`, `dask://HOST:PORT`, `mpi`, `ray`.
    workers : int, default 1
        Processes of `local`. With more than one, a script keeps what it does under `if __name__ == "__main__":`.
    fail_fast : bool, default False
        Stop at the first member that is not optimal.
    draws : Draws, optional
        Draws made elsewhere, in place of those of the study's own sample.
    progress : callable, optional
        Given a `kctopt.Progress` whenever members end; StopIteration in it ends the sweep with what is there.

    Returns
    -------
    Sweep
        Members that fail are rows with their reason. An interrupt leaves the status `interrupted`.

    Raises
    ------
    ScenarioErrors
        With every fault of the study file.
    UsageError
        For an executor that is none, or a file of another study.
    RunError
        Where another process has the file.
    WriteError
        Where the file cannot be written; a copy elsewhere has what had ended, where some place takes it.

    Examples
    --------
    >>> import kctopt
    >>> sweep = kctopt.sweep("tight.yaml", out="studies/tight.duckdb")
    >>> sweep.members["status"].unique().tolist()
    ['optimal', 'infeasible']
    """
    from kctopt.study.executors import checked_executor, checked_workers
    from kctopt.study.sweep import run as run_sweep

    gap, time_limit, workers = checked_gap(gap), checked_limit(time_limit), checked_workers(workers)
    name = checked_executor(executor if isinstance(executor, str) else "local")
    asked, drawn = _study(study, draws)
    place = Path("studies") / f"{asked.name}.duckdb" if out is None else checked_place("out", out, "the study's file")
    with listening(progress):
        return run_sweep(
            asked, drawn, place, gap=gap, time_limit=time_limit, fail_fast=fail_fast,
            executor=None if isinstance(executor, str) else executor, name=name, workers=workers,
        )  # fmt: skip


def stochastic(
    tree: str | Path | Mapping[str, Any] | Tree, *, measure: Kind = "expected", confidence: float = 0.95,
    weight: float = 1.0, also: Iterable[str] = (), gap: float = 1e-4, time_limit: float | None = None,
    save: str | Path | None = None, lang: str = "en", progress: Listener | None = None,
) -> Stochastic:  # fmt: skip
    """The first plan decided before the state of the world is known, the second one when it is, with proof.

    Parameters
    ----------
    tree : str, pathlib.Path, mapping or Tree
        Name of a bundled tree, path of a tree file, or a mapping with its keys, whose `of` may be a Scenario.
    measure : str, default "expected"
        What is optimised over courses: `expected`, `cvar`, `worst`, `expected_regret`, `worst_regret`.
    confidence : float, default 0.95
        Of CVaR: the share of probability outside its tail.
    weight : float, default 1.0
        Of CVaR, the rest being the expected value.
    also : iterable of str, optional
        What is worked out beside the plan, for the expected value: `probabilities` (each from 0 to 1: where the order
        of money in the first plan switches), `prices` (of non-anticipativity, by line), `waiting` (by domain).
    gap : float, default 1e-4
        Relative distance of the two bounds of every solve at which its plan counts as optimal.
    time_limit : float, optional
        Seconds for each solve.
    save : str or pathlib.Path, optional
        Folder for the tree and a run of every course; nothing is saved by default.
    lang : str, default "en"
        Language of labels, `en` or `zh`.
    progress : callable, optional
        Given a `kctopt.Progress` at every round; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Stochastic
        Read its `status` first: as for `solve`.

    Raises
    ------
    ScenarioErrors
        With every fault of the tree file.
    UsageError
        For a scenario with discrete decisions or another objective than national security.
    WriteError
        Where `save` cannot be written, before anything is solved.

    References
    ----------
    J. R. Birge and F. Louveaux (2011), Introduction to Stochastic Programming, Springer.

    Examples
    --------
    >>> import kctopt
    >>> done = kctopt.stochastic("hazard.yaml")
    >>> done.status == "optimal", done.values["recourse"].high >= 0
    (True, True)
    """
    from kctopt.recourse.decide import decide
    from kctopt.recourse.load import load_tree
    from kctopt.recourse.measures import Measure
    from kctopt.recourse.tree import Tree

    gap, time_limit, how = checked_gap(gap), checked_limit(time_limit), Measure(measure, confidence, weight)
    target = None if save is None else checked_place("save", save, "the folder for the tree")
    if not isinstance(tree, str | Path | Mapping | Tree):
        raise wrong_source(tree, "the name of a bundled tree, the path of a tree file, a mapping, or a Tree")
    asked = tree if isinstance(tree, Tree) else load_tree(tree, lang)
    _tell(asked.notes)
    if target is not None:
        ready(target)
    with listening(progress):
        done = decide(asked, how, gap=gap, time_limit=time_limit, also=tuple([also] if isinstance(also, str) else also))
    if target is not None:
        done.save(target)
    return done


def _study(study: Any, draws: Draws | None) -> tuple[Study, Draws]:
    """A study read and drawn, its notes told."""
    from kctopt.study.records import Study

    if not isinstance(study, str | Path | Study):
        raise wrong_source(study, "the path of a study file, or a Study")
    if not isinstance(study, Study):
        from kctopt.study.load import load_study

        study = load_study(study)
    _tell(study.notes)
    if draws is None:
        from kctopt.study.sample import draw

        draws = draw(study)
    return study, draws


def open(run: str | Path) -> Any:
    """The result saved in a run folder, or the sweep in a study's file.

    Parameters
    ----------
    run : str or pathlib.Path
        The folder, or a file that ends in `.duckdb`.

    Returns
    -------
    Result or Sweep
        As it was saved; tables are read when they are first asked for.

    Raises
    ------
    RunError
        Where the folder holds no run that can be read, or the file no study.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.open("runs/baseline").verified
    True
    """
    from kctopt.api.result import Result
    from kctopt.result.run import open_run

    place = checked_place("run", run, "a run folder or the file of a study")
    if place.suffix == ".duckdb":
        from kctopt.study.sweep import Sweep

        return Sweep(place)
    return open_run(place, Result)


def verify(run: str | Path) -> list[Finding]:
    """Everything that is wrong with a saved run, worked out from its files alone.

    Parameters
    ----------
    run : str or pathlib.Path
        The folder.

    Returns
    -------
    list of Finding
        Each with `check`, `place` and `message`; empty when the run holds.

    Raises
    ------
    RunError
        Where the folder holds no run.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.verify("runs/baseline")
    []
    """
    from kctopt.result.verify import verify as findings_of

    return findings_of(checked_place("run", run, "a run folder"))


def compare(
    base: Result | Source, *others: Result | Source, attribution: bool = False, gap: float = 1e-4,
    time_limit: float | None = None, progress: Listener | None = None,
) -> Comparison:  # fmt: skip
    """Compare BASE with others: inputs, results, limits, regret; changes are OTHER less BASE.

    Parameters
    ----------
    base : Result, str, pathlib.Path, Scenario or Program
        A result, a run folder, or a scenario that is solved first.
    *others : Result, str, pathlib.Path, Scenario or Program
        What is compared with it.
    attribution : bool, default False
        Also work out what each changed input explains (Shapley values); solves the scenarios in between.
    gap : float, default 1e-4
        For what must be solved, as in `solve`.
    time_limit : float, optional
        Seconds for each solve.
    progress : callable, optional
        Given a `kctopt.Progress` at every round and step; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Comparison
        With a pair for each other run, and the regret matrix where there is one.

    Raises
    ------
    UsageError
        Where runs cannot be compared or attributed.

    References
    ----------
    L. S. Shapley (1953), A value for n-person games, in Contributions to the Theory of Games II, Princeton.

    Examples
    --------
    >>> import kctopt
    >>> base = kctopt.open("runs/baseline")
    >>> comparison = kctopt.compare(base, base)
    >>> comparison.pairs[0].objective.delta
    0.0
    """
    from kctopt.api.comparison import compare as compare_results
    from kctopt.comparison.attribution import Attribution, attribute

    def explain(first: Result, second: Result) -> Attribution:
        folder = None if second.run_dir is None else second.run_dir / "compare"
        return attribute(first, second, folder=folder, gap=gap, time_limit=time_limit)

    gap, time_limit = checked_gap(gap), checked_limit(time_limit)
    sides = [_run_or_question(source) for source in (base, *others)]  # all are read before the first is solved
    _tell(note for side in sides if isinstance(side, Question) for note in side.notes)
    with listening(progress):
        results = [_settled(side, gap, time_limit) if isinstance(side, Question) else side for side in sides]
        return compare_results(*results, attribution=explain if attribution else None)


def backcast(model: str | Path) -> Backcast:
    """Start the laws in an earlier year, with the money and controls that were, and hold them against what happened.

    Parameters
    ----------
    model : str or pathlib.Path
        Name of a bundled model with observations, or path of such a folder: a model.yaml with its tables,
        observations.csv and ranges.csv.

    Returns
    -------
    Backcast
        `held` says whether the laws hold; its tables are DataFrames.

    Raises
    ------
    ScenarioErrors
        With every fault found.

    Examples
    --------
    >>> import kctopt
    >>> found = kctopt.backcast("kct-2019")
    >>> "simulated" in found.paths.columns
    True
    """
    from kctopt.backcasting.backcast import backcast as backcast_of

    if not isinstance(model, str | Path):
        raise wrong_source(model, "the name of a bundled model or the path of a folder")
    return backcast_of(model)


def simulate(
    plan: Result | Money | str | Path, scenario: Scenario | str | Path | None = None, *, draws: Any,
    choices: Choices | None = None, outcomes: Iterable[str] = (), hold: Hold = "shares",
) -> Ensemble:  # fmt: skip
    """Hold a plan fixed and run the exact laws in many draws of uncertain numbers.

    No scenario is built for a draw: the base year, its yields and the laws are worked out for all draws at once, with
    the same digits as `load` with the numbers of the draw. Draws that no scenario file could hold are `invalid`, with
    the reason; in the others the plan is held against every rule.

    Parameters
    ----------
    plan : Result, str, pathlib.Path or kctopt.simulator.Money
        A result, the folder of a run, or money: billion CNY a year, of lines L, rungs 3 and planned years N.
    scenario : Scenario, str or pathlib.Path, optional
        What the paths of the draws speak of; by default that of the study, else that of the plan. Of a study of
        several scenarios name one (`kctopt.study.fixed_plan.simulate_each` takes all).
    draws : kctopt.study.records.Draws, kctopt.study.records.Study, str, pathlib.Path or pandas.DataFrame
        Draws, a study or the path of a study file, which says how they are made, or a table with one column a path
        of the scenario and one row a draw, whose values are set.
    choices : kctopt.simulator.Choices, optional
        Discrete choices that go with money; a result has its own.
    outcomes : iterable of str, optional
        Outcomes of lines or domains of which every draw is kept, and `value_of_planning`, which takes a second
        simulation. Without a name, lines and domains are kept of as many draws as 256 MiB hold, spread evenly.
    hold : str, default "shares"
        `shares`: the plan's money goes in proportion to each year's budget of a draw, as `compare` takes plans of other
        scenarios, and is adjusted to be feasible where that breaks a rule on money (status `adjusted`). `amounts`: it
        stays as planned, and where a draw's budget does not pay for it the plan is `broken`.

    Returns
    -------
    Ensemble
        Outcomes, quantiles by year, and the status of every draw.

    Raises
    ------
    ScenarioErrors
        With every path of the draws that names nothing.
    RunError
        For a folder that holds no run.
    UsageError
        For a plan that does not fit the scenario, an outcome that is none, or another word for `hold`.

    Examples
    --------
    >>> import kctopt, pandas
    >>> draws = pandas.DataFrame({"controls.intensity": [0.2, 0.4, 1.2]})
    >>> ensemble = kctopt.simulate("runs/baseline", draws=draws)
    >>> ensemble.status["status"].tolist()
    ['kept', 'kept', 'invalid']
    >>> ensemble.status["reason"][2]
    'controls.intensity: is 1.2; it must be at most 1'
    >>> len(ensemble.outcomes["security"])
    3
    """
    from kctopt.simulator.choices import NO_CHOICES
    from kctopt.study.fixed_plan import simulate as simulate_plan

    chosen = choices or NO_CHOICES
    return simulate_plan(plan, scenario, draws=draws, choices=chosen, outcomes=outcomes, hold=hold)


def _settled(question: Question, gap: float, time_limit: float | None) -> Result:
    """The result of one of several questions; an interrupt ends the work on all of them."""
    result = solve_question(question, gap=gap, time_limit=time_limit)
    if result.status == "interrupted":
        raise KeyboardInterrupt
    return result


def _run_or_question(source: Result | Source) -> Result | Question:
    """A result as it is, one saved in a folder, or a scenario to be solved."""
    from kctopt.api.result import Result
    from kctopt.result.folder import RUN_FILE
    from kctopt.result.run import open_run

    if isinstance(source, Result):
        return source
    if isinstance(source, str | Path) and (Path(source) / RUN_FILE).is_file():
        return open_run(Path(source), Result)
    return read(source)


def _tell(notes: Iterable[str]) -> None:
    """Notes on the input, as warnings at the call of the function that tells them."""
    for note in notes:
        warnings.warn(note, InputNote, stacklevel=3)


def read(source: Source, set: Mapping[str, Any] | None = None) -> Question:
    """A source with its origin; raises ScenarioErrors with every fault found."""
    start = time.perf_counter()
    changes = checked_changes("set", set)
    if not _readable(source):
        return _built(source, changes)
    loaded = _loaded(source, set=changes)
    return Question(
        scenario=loaded.scenario,
        origin={path: str(origin) for path, origin in loaded.origin.items()},
        inputs=loaded.hashes,
        changes=changes,
        notes=loaded.notes,
        seconds=time.perf_counter() - start,
    )


def _readable(source: Any) -> bool:
    """Whether a source is a name, a path or a Scenario."""
    from kctopt.scenario.records import Scenario

    return isinstance(source, str | Path | Scenario)


def _loaded(source: Any, **changes: Mapping[str, Any] | None) -> Loaded:
    """A name, a path or a Scenario, read and checked with changes by path."""
    from kctopt.scenario.load import load as load_scenario

    if not _readable(source):
        raise wrong_source(source, "the name of a bundled scenario, the path of a file, or a Scenario")
    return load_scenario(source, **{name: checked_changes(name, change) for name, change in changes.items()})


def _built(source: Any, changes: Mapping[str, Any]) -> Question:
    """A question from a Program, which takes no changes."""
    from kctopt.errors import UsageError
    from kctopt.program import Program

    if not isinstance(source, Program):
        accepted = "the name of a bundled scenario, the path of a file, a Scenario, or a Program from `build`"
        raise wrong_source(source, accepted)
    if changes:
        raise UsageError("set= changes scenarios, and a Program is built already: give set= to build")
    from kctopt.solver.own import own_parts

    start = time.perf_counter()
    own = own_parts(source)
    return Question(source.scenario, program=source, own=own, seconds=time.perf_counter() - start)


def solve_question(
    question: Question, *, gap: float = 1e-4, time_limit: float | None = None, command: str = ""
) -> Result:
    """Solve what `read` returned; `command` is kept in the record of the run."""
    from kctopt.api.result import Result

    start = time.perf_counter()
    outcome = run_engine(question, gap, time_limit)
    took = time.perf_counter() - start
    return Result.of(
        question.scenario,
        outcome,
        seconds={"read": question.seconds, "total": question.seconds + took},
        origin=question.origin,
        inputs=question.inputs,
        options={"gap": gap, "time_limit": time_limit, "set": question.changes},
        command=command,
        **({"own": question.own.at(outcome.names, outcome.point)} if question.own else {}),
    )


def run_engine(question: Question, gap: float, time_limit: float | None) -> Outcome:
    """Build the program, unless the question brings one, and solve it."""
    from kctopt.program import build as build_program
    from kctopt.solver import solve as solve_program

    program = question.program if question.program is not None else build_program(question.scenario)
    return solve_program(program, gap, time_limit, question.own)
