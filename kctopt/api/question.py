"""A question: a scenario ready to be solved, read from whatever a user gives, and what is made of it.

A source is the name of a bundled scenario, the path of a scenario file, a Scenario, which passes the checks of a file
however it was made, or a Program.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.arguments import checked_changes, wrong_source
from kctopt.errors import InputNote

if TYPE_CHECKING:
    from kctopt.api.diagnosis import Diagnosis
    from kctopt.api.result import Result
    from kctopt.own import OwnParts
    from kctopt.program import Program
    from kctopt.scenario.load import Loaded
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


def tell(notes: Iterable[str], level: int = 3) -> None:
    """Notes on the input, as warnings at the call of the function that tells them, `level` frames up."""
    for note in notes:
        warnings.warn(note, InputNote, stacklevel=level)


def read(source: Source, set: Mapping[str, Any] | None = None) -> Question:
    """A source with its origin; raises ScenarioErrors with every fault found."""
    start = time.perf_counter()
    changes = checked_changes("set", set)
    if not _readable(source):
        return _built(source, changes)
    loaded = loaded_of(source, set=changes)
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


def loaded_of(source: Any, **changes: Mapping[str, Any] | None) -> Loaded:
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


def diagnose_question(
    question: Question, time_limit: float | None = 60.0, folder: Path | None = None
) -> Diagnosis:  # fmt: skip
    """Diagnose what `read` returned; `folder` keeps what is found until the end, for the next time."""
    from kctopt.api.diagnosis import diagnose as diagnosis_of

    asked = question.program or question.scenario
    return diagnosis_of(asked, question.origin, time_limit, own=question.own, folder=folder)


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
