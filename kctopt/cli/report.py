"""`kctopt report`: one or several saved runs as a report to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, Place, common, print_text, progress, say

if TYPE_CHECKING:
    from kctopt.report.story import Appendix


@click.command(cls=Command)
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN…", shell_complete=offering("run")
)
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
@click.option("--open", "show", is_flag=True, help="Open the first file in the program that the machine has for it.")
@click.option("-o", "--output", type=Place(path_type=Path), help="File, without suffix for several.  [RUN-report]")
@common
def report(
    out: OutputOptions, runs: tuple[Path, ...], formats: str | None, output: Path | None, appendix: Appendix, show: bool
) -> None:
    """Write a report on saved runs, in the language of --lang.

    Page one has the question, the answer, one table, one figure, how firm it is and what to decide next; behind it
    stand the plan, why, what it is worth, how well that is proven, what binds and what differs. Several runs are put
    side by side, with what each changed input explains. The runs' folders are enough; files that exist are never
    replaced.
    """
    from kctopt.analysis.saved import all_of
    from kctopt.api import open as open_run
    from kctopt.report.fonts import warning
    from kctopt.report.write import OWN_FONT, by_suffix, files, prepare, tell

    asked = [part.strip().lower() for part in formats.split(",")] if formats else []
    target, chosen = by_suffix(output or Path(f"{runs[0].resolve().name}-report"), asked)
    results = [open_run(run) for run in runs]
    prepare(results, chosen, target)
    with progress("writing the report"):
        told = tell(results, out.written, chosen, appendix)
        written = [str(path) for path in files(told, results, target, chosen)]
    for run in runs:
        for place in all_of(run)[1]:
            say(f"{run / place} was changed since it was saved; the report leaves it out")
    lacking = warning(told.placed(), out.lang) if set(chosen) & set(OWN_FONT) else ""
    if lacking:
        say(lacking)
    if out.json:
        out.print_json({"schema_version": 1, "runs": [str(run) for run in runs], "lang": out.written, "files": written})
    else:
        print_text("\n".join(written))
    if show:
        click.launch(written[0])
