"""Runs on a command line: a folder, or the scenario, file or workbook variant whose saved run is meant.

| command | of a scenario that has no run in `runs/` |
|---|---|
| compare, report | solves it first; a saved run must be finished, to the gap asked |
| explain, export, simulate | solves it first; the newest saved run with a plan counts, whatever its gap |
| verify | says which command makes one; the newest saved run counts, whatever became of it |
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.cli.output import named, say
from kctopt.cli.solve import SolveOptions, answered, asked
from kctopt.disk import RUNS
from kctopt.errors import RunError

if TYPE_CHECKING:
    from kctopt.api import Question
    from kctopt.api.result import Result

GAP = 1e-4  # of what must be solved where the command has no --gap


def run_or_question(source: str, options: SolveOptions) -> Result | Question:
    """A saved run, or a scenario to be solved."""
    from kctopt.api.result import Result
    from kctopt.result.run import open_run

    place = _folder_or_question(source, options)
    return open_run(place, Result) if isinstance(place, Path) else place


def _folder_or_question(source: str, options: SolveOptions) -> Path | Question:
    """The folder of a run, or a scenario."""
    from kctopt.result.folder import RUN_FILE, hint
    from kctopt.scenario.bundled import bundled_scenarios

    place = Path(source)
    if (place / RUN_FILE).is_file() or (place.is_dir() and source not in bundled_scenarios() and not _is_study(place)):
        return place
    if not (place.exists() or place.suffix or source in bundled_scenarios()):
        near = hint(place, bundled_scenarios())
        raise RunError(
            f"no run folder or scenario named '{source}'; {near}"
            if near
            else f"no run folder or scenario named '{source}'"
        )
    return asked(source, options)


def settled(source: str, side: Result | Question, options: SolveOptions, *, reported: bool = False) -> Result:
    """The run of a source; a scenario is solved now, or its finished run taken, and that is said."""
    from kctopt.api import Question

    if not isinstance(side, Question):
        return side
    result = answered(side, options)
    if result.status == "interrupted":
        raise KeyboardInterrupt
    if reported:
        say(f"{source}: a scenario; its run is {result.run_dir}")
    else:
        say(f"{source}: a scenario, solved for this comparison; its run is {result.run_dir}")
    named(result.run_dir)
    return result


def run_folder(source: str, *, solve: bool = True) -> Path:
    """The folder of a run: the one named, or that of a scenario; without `solve` it must be there."""
    from kctopt.api import Question
    from kctopt.result.reuse import latest

    options = SolveOptions(RUNS, GAP, None, {}, reuse=True)
    side = _folder_or_question(source, options)
    if not isinstance(side, Question):
        return side  # whatever is in it
    place = latest(RUNS, side.scenario, side.inputs, planned=solve)
    if place is not None:
        say(f"{source}: a scenario; its run is {place}")
        return place
    if not solve:
        raise RunError(f"{source}: a scenario that has no run in {RUNS}; `kctopt solve {source}` makes one")
    result = settled(source, side, options, reported=True)
    assert result.run_dir is not None  # `settled` saves it
    return result.run_dir


def _is_study(place: Path) -> bool:
    return (place / "scenario.yaml").is_file()
