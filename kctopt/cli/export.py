"""`kctopt export`: a saved run for other programs and for slides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from kctopt.cli.face import Face, common, progress, say
from kctopt.errors import UsageError

if TYPE_CHECKING:
    from kctopt.result import Result


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--figures", metavar="FORMAT,…", help="Draw the figures, as png, svg or pdf (several with commas).")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="New folder for the files.  [exports/RUN]")
@common
def export(face: Face, run: Path, figures: str | None, output: Path | None) -> None:
    """Write a saved run as files for other programs and for slides.

    `kctopt export RUN --figures png,svg` draws the figures, labelled in the language of --lang.
    """
    if figures is None:
        raise UsageError("say what to export: --figures png,svg,pdf")
    from kctopt.report.catalogue import checked
    from kctopt.result import open_run
    from kctopt.result.folder import write_folder

    formats = [checked(format.strip()) for format in figures.split(",")]
    result = open_run(run)
    with progress(f"drawing {run.name}"):
        place = write_folder(
            output or Path("exports") / run.name, lambda folder: draw_figures(face, result, formats, folder)
        )
    written = sorted(path.name for path in place.iterdir())
    if face.json:
        face.print_json({"schema_version": 1, "run_dir": str(run), "output": str(place), "files": written})
    else:
        click.echo("\n".join(str(place / name) for name in written))


def draw_figures(face: Face, result: Result, formats: Sequence[str], folder: Path) -> None:
    """Draw every figure into `folder`, and say which letters no font has."""
    from kctopt.report.catalogue import files
    from kctopt.report.fonts import warning
    from kctopt.report.view import View, labels

    view = View(result, face.lang)
    for name, content in files(view, formats):
        (folder / name).write_bytes(content)
    told = warning(labels(view))
    if told:
        say(told)
