"""`kctopt report`: one or several saved runs, or a study, as a report to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, print_text, progress, say
from kctopt.cli.runs import run_or_question, settled
from kctopt.cli.several import with_variants
from kctopt.cli.solve import SolveOptions
from kctopt.disk import RUNS

if TYPE_CHECKING:
    from kctopt.api import Question
    from kctopt.report.content import Section, Story
    from kctopt.report.story import Appendix
    from kctopt.result.result import Result


@click.command(cls=Command)
@click.argument(
    "sources", nargs=-1, required=True, metavar="RUN…|SCENARIO…|FILE.duckdb",
    shell_complete=offering("run", "scenario", "sweep"),
)  # fmt: skip
@click.option(
    "--format", "formats", metavar="FORMAT,…", help="Any of html, pdf, docx, pptx, xlsx (several with commas).  [html]"
)
@click.option(
    "--appendix",
    type=click.Choice(["none", "changed", "all"]),
    default="changed",
    show_default=True,
    help="Settings listed with their sources: none, those that differ from the model, or all.",
)
@click.option(
    "--study", type=click.Path(path_type=Path), metavar="FILE.duckdb",
    help="A swept study of the same scenario: adds the chapter on how firm the plan is over its worlds.",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Gap of what must be solved.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each scenario to solve.")
@click.option("--open", "show", is_flag=True, help="Open the first file in the program that the machine has for it.")
@click.option("-o", "--output", type=Place(path_type=Path), help="File, without suffix for several.  [RUN-report]")
@common
def report(
    out: OutputOptions, sources: tuple[str, ...], formats: str | None, output: Path | None, appendix: Appendix,
    study: Path | None, gap: float, time_limit: float | None, show: bool,
) -> None:  # fmt: skip
    """Write a report on saved runs, or on a swept study, in the language of --lang.

    Page one has the question, the answer, one table, one figure, how firm it is and what to decide next; behind it
    stand the plan, why, what it is worth, how well that is proven, what binds and what differs. Several runs are put
    side by side, with what each changed input explains. The runs' folders are enough; files that exist are never
    replaced.

    Of a scenario the finished run is taken, or it is solved first. A workbook with variants stands for its base and
    all of them: `kctopt report FILE.xlsx`.

    A study's file alone is told by itself: how its worlds ended, what came of them, where the money goes, what it
    hangs on and where it falls short.
    """
    from kctopt.errors import UsageError
    from kctopt.report.write import by_suffix

    asked = [part.strip().lower() for part in formats.split(",")] if formats else []
    swept = [Path(source) for source in sources if Path(source).suffix == ".duckdb"]
    if swept and (len(sources) > 1 or study is not None):
        raise UsageError(f"{swept[0]} is a study: report it alone, or beside runs with --study {swept[0]}")
    by_suffix(output or Path("report"), asked)  # what is wrong with these is told before anything is read
    options = SolveOptions(RUNS, gap, time_limit, {}, reuse=True)
    every = () if swept else with_variants(sources)
    sides = [run_or_question(source, options) for source in every]  # all are read before the first is solved
    name = swept[0].stem if swept else _name(every[0], sides[0])
    target, chosen = by_suffix(output or Path(f"{name}-report"), asked)
    results = [settled(source, side, options, reported=True) for source, side in zip(every, sides, strict=True)]
    if swept:
        told, written = _of_study(out, swept[0], target, chosen)
    else:
        told, written = _of_runs(out, results, study, target, chosen, appendix)
    _say_lacking(told, chosen, out.written)
    if out.json:
        told_study = [str(one) for one in (*swept, study) if one is not None]
        named: dict[str, Any] = {} if swept else {"runs": [str(result.run_dir) for result in results]}
        named |= {"study": told_study[0]} if told_study else {}
        out.print_json({"schema_version": 1, **named, "lang": out.written, "files": written})
    else:
        print_text("\n".join(written))
    if show:
        click.launch(written[0])


def _name(source: str, side: Result | Question) -> str:
    """What the report is called: as the run's folder, or as the scenario."""
    from kctopt.api import Question

    return side.scenario.name if isinstance(side, Question) else Path(source).resolve().name


def _of_runs(
    out: OutputOptions, results: Sequence[Result], study: Path | None, target: Path, formats: Sequence[str],
    appendix: Appendix,
) -> tuple[Story, list[str]]:  # fmt: skip
    """Write the report of runs, with the chapter on a study where one is named."""
    from kctopt.analysis.saved import all_of
    from kctopt.report.write import files, prepare, tell

    prepare(results, formats, target)
    with progress("writing the report"):
        told = tell(results, out.written, formats, appendix, _worlds(study, results, out.written))
        written = [str(path) for path in files(told, results, target, formats)]
    for name, solves, sides in told.left_out:
        say(
            f"{name}: what each changed input explains is left out, since it takes {solves} solves; "
            f"`kctopt compare {sides} --attribution` makes them, and reports tell what it has proven"
        )
    for run in [result.run_dir for result in results if result.run_dir is not None]:
        for place in all_of(run)[1]:
            say(f"{run / place} was changed since it was saved; the report leaves it out")
    return told, written


def _worlds(study: Path | None, results: Sequence[Result], lang: str) -> Sequence[Section]:
    """The chapter on a study; none where none is named."""
    if study is None:
        return ()
    from kctopt.study.firm import chapter
    from kctopt.study.swept import Swept

    return chapter(Swept(study), results, lang)


def _of_study(out: OutputOptions, study: Path, target: Path, formats: Sequence[str]) -> tuple[Story, list[str]]:
    """Write the report of a study alone."""
    from kctopt.study.firm import study_report
    from kctopt.study.swept import Swept

    with progress("writing the report"):
        told, written = study_report(Swept(study), target, formats, out.written)
    return told, [str(path) for path in written]


def _say_lacking(told: Story, formats: Sequence[str], lang: str) -> None:
    """Say which letters our font lacks, where files are set in it."""
    from kctopt.report.fonts import warning
    from kctopt.report.write import OWN_FONT

    lacking = warning(told.placed(), lang) if set(formats) & set(OWN_FONT) else ""
    if lacking:
        say(lacking)
