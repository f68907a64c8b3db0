"""`kctopt report`: one or several saved runs as a report to hand on."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from kctopt.cli.face import Face, common, progress, say


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN…")
@click.option(
    "--format", "formats", metavar="FORMAT,…", help="Any of html, pdf, docx, xlsx (several with commas).  [html]"
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File, without suffix for several.  [RUN-report]")
@common
def report(face: Face, runs: tuple[Path, ...], formats: str | None, output: Path | None) -> None:
    """Write a report on saved runs, in the language of --lang.

    It tells the question, the assumptions that differ from the model, the plan, what it is worth and how well that is
    proven, what binds, and the source of every number. Several runs are put side by side. The runs' folders are enough;
    files that exist are never replaced.
    """
    target, chosen = _asked(runs, formats, output)
    from kctopt.report.fonts import warning
    from kctopt.report.story import story
    from kctopt.report.write import report as write
    from kctopt.result import open_run

    results = [open_run(run) for run in runs]
    with progress("writing the report"):
        written = write(results, target, chosen, face.lang)
    if set(chosen) & {"pdf", "docx"}:
        told = warning(story(results, face.lang).texts())
        if told:
            say(told)
    if face.json:
        files = [str(path) for path in written]
        face.print_json({"schema_version": 1, "runs": [str(run) for run in runs], "lang": face.lang, "files": files})
    else:
        click.echo("\n".join(str(path) for path in written))


def _asked(runs: tuple[Path, ...], formats: str | None, output: Path | None) -> tuple[Path, list[str]]:
    """Where to write, without suffix, and in which formats; a suffix of -o counts as a format."""
    from kctopt.report.write import by_suffix

    target = output or Path(f"{runs[0].resolve().name}-report")
    asked = [part.strip().lower() for part in formats.split(",")] if formats else [""]
    named = [by_suffix(target, format) for format in asked]
    return named[0][0], [format for _, format in named]
