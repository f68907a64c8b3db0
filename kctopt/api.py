"""What Python users call: load, build, solve, diagnose, open, verify, compare.

    import kctopt

    result = kctopt.solve("baseline")
    print(result.summary())
    result.allocation  # a DataFrame

A source is the name of a bundled scenario, the path of a scenario file, or a Scenario. Heavy packages are imported
when a function needs them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kctopt.analysis.diagnose import Diagnosis
    from kctopt.comparison import Comparison
    from kctopt.own import OwnParts
    from kctopt.program import Program
    from kctopt.result import Result
    from kctopt.result.verify import Finding
    from kctopt.scenario.records import Scenario
    from kctopt.solver import Outcome

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


def load(source: str | Path, *, set: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario of a bundled name or a file; `set` changes values by path, as `set:` in a file does.

    Raises ScenarioErrors with every fault found.
    """
    return read(source, set).scenario


def build(source: str | Path | Scenario, *, set: Mapping[str, Any] | None = None) -> Program:
    """The program of a scenario; its `model` is a Pyomo model that can be extended before it is solved."""
    from kctopt.program import build as build_program

    return build_program(read(source, set).scenario)


def solve(
    source: Source,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    set: Mapping[str, Any] | None = None,
    save: str | Path | None = None,
) -> Result:
    """Solve a scenario.

    Parameters
    ----------
    source : name, path, Scenario, or a Program from `build`.
    gap : relative distance of the two bounds at which the plan counts as optimal.
    time_limit : seconds; the best certified plan is returned when they are over.
    set : changes of values by path, as `set:` in a scenario file.
    save : folder for the run; a new one beside it (`-2`, `-3`, …) if it exists. Nothing is saved by default.

    Returns
    -------
    Result
        Read its `status` first; `limit` means a plan whose gap is wider than asked, `infeasible` and `no_plan` mean
        that there is none.
    """
    result = solve_question(read(source, set), gap=gap, time_limit=time_limit)
    return result if save is None else result.saved(save)


def diagnose(source: Source, *, time_limit: float | None = 60.0, set: Mapping[str, Any] | None = None) -> Diagnosis:
    """Why a scenario has no plan: the smallest sets of rules that collide, and by how much each would have to give.

    Parameters
    ----------
    source : name, path, Scenario, or a Program from `build`.
    time_limit : seconds; when they are over, what is proven by then is returned (`stopped` says so).
    set : changes of values by path, as `set:` in a scenario file.

    Returns
    -------
    Diagnosis : `status` is `feasible` (with a simulated plan), `infeasible` or `unknown`; `print(it.text())` tells it.
        Raises ScenarioErrors where the input contradicts itself.
    """
    from kctopt.analysis.diagnose import diagnose as diagnosis_of

    question = read(source, set)
    return diagnosis_of(question.program or question.scenario, question.origin, time_limit, own=question.own)


def open(run: str | Path) -> Result:
    """The result saved in a run folder."""
    from kctopt.result import open_run

    return open_run(run)


def verify(run: str | Path) -> list[Finding]:
    """Everything that is wrong with a saved run, worked out from its files alone; empty when it holds."""
    from kctopt.result.verify import verify as findings_of

    return findings_of(run)


def compare(
    base: Result | Source, *others: Result | Source, attribution: bool = False, gap: float = 1e-4,
    time_limit: float | None = None,
) -> Comparison:  # fmt: skip
    """Compare BASE with others: inputs, results, limits, regret; changes are OTHER less BASE.

    Parameters
    ----------
    base, others : results, run folders, or scenarios by name, path or record, which are solved first.
    attribution : also work out what each changed input explains; solves the scenarios in between.
    gap, time_limit : for what must be solved, as in `solve`.
    """
    from kctopt.comparison import compare as compare_results
    from kctopt.comparison.attribution import Attribution, attribute

    def explain(first: Result, second: Result) -> Attribution:
        folder = None if second.run_dir is None else second.run_dir / "compare"
        return attribute(first, second, folder=folder, gap=gap, time_limit=time_limit)

    results = [_result(source, gap, time_limit) for source in (base, *others)]
    return compare_results(*results, attribution=explain if attribution else None)


def _result(source: Result | Source, gap: float, time_limit: float | None) -> Result:
    """A result as it is, one saved in a folder, or that of a scenario."""
    from kctopt.result import Result
    from kctopt.result.folder import RUN_FILE

    if isinstance(source, Result):
        return source
    if isinstance(source, str | Path) and (Path(source) / RUN_FILE).is_file():
        return open(source)
    return solve(source, gap=gap, time_limit=time_limit)


def read(source: Source, set: Mapping[str, Any] | None = None) -> Question:
    """A source with its origin; raises ScenarioErrors with every fault found."""
    start = time.perf_counter()
    changes = dict(set or {})
    if not isinstance(source, str | Path):
        return _given(source, changes)
    from kctopt.scenario.load import load as load_files

    found = load_files(source, set=changes)
    return Question(
        scenario=found.scenario,
        origin={path: str(origin) for path, origin in found.origin.items()},
        inputs=found.hashes,
        changes=changes,
        notes=found.notes,
        seconds=time.perf_counter() - start,
    )


def _given(source: Scenario | Program, changes: Mapping[str, Any]) -> Question:
    """A question from an object in memory, which takes no changes."""
    from kctopt.errors import UsageError
    from kctopt.scenario.records import Scenario

    if changes:
        raise UsageError("set= changes scenarios by name or path; change a Scenario with model_copy(update=...)")
    if isinstance(source, Scenario):
        return Question(source)
    from kctopt.solver.own import own_parts

    start = time.perf_counter()
    own = own_parts(source)
    return Question(source.scenario, program=source, own=own, seconds=time.perf_counter() - start)


def solve_question(
    question: Question, *, gap: float = 1e-4, time_limit: float | None = None, command: str = ""
) -> Result:
    """Solve what `read` returned; `command` is kept in the record of the run."""
    from kctopt.result import Result

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
