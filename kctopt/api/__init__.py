"""What Python users call: load, variants, build, solve, diagnose, open, simulate, verify, compare, backcast, sweep, ….

    import kctopt

    result = kctopt.solve("baseline")
    print(result.summary())
    result.allocation  # a DataFrame

A source is the name of a bundled scenario, the path of a scenario file, or a Scenario, which passes the checks of a
file however it was made. Heavy packages are imported when a function needs them.

| file | content |
|---|---|
| question.py | what is asked: a source read, and solved |
| worlds.py | sweep, stochastic, simulate |
| result.py comparison.py diagnosis.py | the records of the parts below as users hold them: told, drawn, compared |
| collection.py | any number of results side by side |
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.api.question import Question as Question
from kctopt.api.question import diagnose_question as diagnose_question
from kctopt.api.question import loaded_of, tell
from kctopt.api.question import read as read
from kctopt.api.question import run_engine as run_engine
from kctopt.api.question import solve_question as solve_question
from kctopt.api.worlds import simulate as simulate
from kctopt.api.worlds import stochastic as stochastic
from kctopt.api.worlds import sweep as sweep
from kctopt.arguments import checked_gap, checked_limit, checked_place, wrong_source
from kctopt.disk import ready
from kctopt.progress import Listener, listening

if TYPE_CHECKING:
    from kctopt.api.comparison import Comparison
    from kctopt.api.diagnosis import Diagnosis
    from kctopt.api.question import Source
    from kctopt.api.result import Result
    from kctopt.backcasting.backcast import Backcast
    from kctopt.program import Program
    from kctopt.result.verify import Finding
    from kctopt.scenario.records import Scenario


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
    loaded = loaded_of(source, set=set, scale=scale, add=add)
    tell(loaded.notes)
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

    loaded = loaded_of(source, set=set)
    tell(loaded.notes)
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
    tell(question.notes)
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
    tell(question.notes)
    with listening(progress):
        return diagnose_question(question, time_limit)


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
    tell(note for side in sides if isinstance(side, Question) for note in side.notes)
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
