"""`kctopt backcast`: the laws started in an earlier year, against what happened."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, Place, common, progress
from kctopt.errors import UsageError


@click.command(cls=Command)
@click.argument("model")
@click.option("-o", "--output", type=Place(path_type=Path), help="Save the tables as CSV and JSON in this new folder.")
@click.option("--figures", metavar="FORMAT,…", help="Draw the figure there, as png, svg or pdf (several with commas).")
@common
def backcast(out: OutputOptions, model: str, output: Path | None, figures: str | None) -> None:
    """Simulate past years and hold them against what happened.

    MODEL is a bundled model with observations (`kct-2019`) or a folder with model.yaml, observations.csv and
    ranges.csv. Each line starts in the year of its first figure, with the money and controls of the time. It
    reports the errors against no change and against the last trend, which parameters fit within their ranges, and
    which line no value fits. Ends with 0 whether the law holds or not.
    """
    from kctopt.api import backcast as backcast_of
    from kctopt.disk import ready, write_folder
    from kctopt.extras import need
    from kctopt.report.catalogue import checked
    from kctopt.report.draw import drawn

    if figures is not None and output is None:
        raise UsageError("--figures needs a folder for them: -o FOLDER")
    formats = [checked(name.strip()) for name in figures.split(",")] if figures else []
    need(["figures"] if formats else [])
    if output is not None:
        ready(output)
    with progress(f"back-casting {model}"):
        backcast = backcast_of(model)

    def fill(folder: Path) -> None:
        backcast.write(folder)
        for kind in formats:
            (folder / f"backcast.{kind}").write_bytes(drawn(backcast.chart(out.lang), kind))

    place = None if output is None else write_folder(output, fill)
    if out.json:
        out.print_json(backcast.data() | ({} if place is None else {"output": str(place)}))
        return
    click.echo(backcast.text(out.lang))
    if place is not None:
        click.echo("\n" + "\n".join(str(path) for path in sorted(place.iterdir())))
