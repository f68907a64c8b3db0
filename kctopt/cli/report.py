"""`kctopt report`: one or several saved runs, or a study, as a report to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, Place, common, print_text, progress, say

if TYPE_CHECKING:
    from kctopt.report.content import Section, Story
    from kctopt.report.story import Appendix
    from kctopt.result.result import Result


@click.command(cls=Command)
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN…|FILE.duckdb",
    shell_complete=offering("run"),
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
@click.option("--open", "show", is_flag=True, help="Open the first file in the program that the machine has for it.")
@click.option("-o", "--output", type=Place(path_type=Path), help="File, without suffix for several.  [RUN-report]")
@common
def report(
    out: OutputOptions, runs: tuple[Path, ...], formats: str | None, output: Path | None, appendix: Appendix,
    study: Path | None, show: bool,
) -> None:  # fmt: skip
    """Write a report on saved runs, or on a swept study, in the language of --lang.

    Page one has the question, the answer, one table, one figure, how firm it is and what to decide next; behind it
    stand the plan, why, what it is worth, how well that is proven, what binds and what differs. Several runs are put
    side by side, with what each changed input explains. The runs' folders are enough; files that exist are never
    replaced.

    A study's file alone is told by itself: how its worlds ended, what came of them, where the money goes, what it
    hangs on and where it falls short.
    """
    from kctopt.errors import UsageError
    from kctopt.report.write import by_suffix

    asked = [part.strip().lower() for part in formats.split(",")] if formats else []
    swept = [run for run in runs if run.suffix == ".duckdb"]
    if swept and (len(runs) > 1 or study is not None):
        raise UsageError(f"{swept[0]} is a study: report it alone, or beside runs with --study {swept[0]}")
    name = runs[0].stem if swept else runs[0].resolve().name
    target, chosen = by_suffix(output or Path(f"{name}-report"), asked)
    if swept:
        told, written = _of_study(out, runs[0], target, chosen)
    else:
        told, written = _of_runs(out, runs, study, target, chosen, appendix)
    _say_lacking(told, chosen, out.written)
    if out.json:
        told_study = [str(one) for one in (*swept, study) if one is not None]
        named: dict[str, Any] = {} if swept else {"runs": [str(run) for run in runs]}
        named |= {"study": told_study[0]} if told_study else {}
        out.print_json({"schema_version": 1, **named, "lang": out.written, "files": written})
    else:
        print_text("\n".join(written))
    if show:
        click.launch(written[0])


def _of_runs(
    out: OutputOptions, runs: Sequence[Path], study: Path | None, target: Path, formats: Sequence[str],
    appendix: Appendix,
) -> tuple[Story, list[str]]:  # fmt: skip
    """Write the report of runs, with the chapter on a study where one is named."""
    from kctopt.analysis.saved import all_of
    from kctopt.api import open as open_run
    from kctopt.report.write import files, prepare, tell

    results = [open_run(run) for run in runs]
    prepare(results, formats, target)
    with progress("writing the report"):
        told = tell(results, out.written, formats, appendix, _worlds(study, results, out.written))
        written = [str(path) for path in files(told, results, target, formats)]
    for name, solves, sides in told.left_out:
        say(
            f"{name}: what each changed input explains is left out, since it takes {solves} solves; "
            f"`kctopt compare {sides} --attribution` makes them, and reports tell what it has proven"
        )
    for run in runs:
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
