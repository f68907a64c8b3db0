"""`kctopt export`: a saved run for other programs and for slides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, print_text, progress, say
from kctopt.cli.runs import run_folder
from kctopt.errors import UsageError
from kctopt.language import translate

if TYPE_CHECKING:
    from kctopt.api.result import Result
    from kctopt.exchange.iamc import Naming


@click.command(cls=Command)
@click.argument("source", metavar="RUN|SCENARIO|FILE.duckdb", shell_complete=offering("run", "scenario", "sweep"))
@click.option(
    "--to", "--format", "formats", metavar="FORMAT,…",
    help="excel (or xlsx), iamc, netcdf or datapackage (several with commas).",
)  # fmt: skip
@click.option("--figures", metavar="FORMAT,…", help="Draw the figures, as png, svg or pdf (several with commas).")
@click.option("-o", "--output", type=Place(path_type=Path), help="New folder for the files.  [exports/RUN]")
@click.option("--region", default="China", show_default=True, help="Name of the nation in IAMC files.")
@click.option("--scenario", metavar="NAME", help="Name of the scenario in IAMC files.  [default: its own]")
@click.option(
    "--cny-per-usd", "rate", type=Number(min=0, min_open=True), metavar="RATE", help="Tell money of IAMC files in USD."
)
@common
def export(
    out: OutputOptions, source: str, formats: str | None, figures: str | None, output: Path | None, region: str,
    scenario: str | None, rate: float | None,
) -> None:  # fmt: skip
    """Write a saved run, or a study's file, as files for other programs and for slides.

    `kctopt export RUN --to excel` writes a workbook with charts and all tables, `--to iamc` the variables that pyam
    reads, `--to netcdf` arrays for xarray, `--to datapackage` the tables as one zip file; `--figures png,svg` draws the
    figures. Labels are in the language of --lang. Of a study, `kctopt export FILE.duckdb --to excel,iamc,netcdf` writes
    quantiles over its members, and to netCDF the members themselves. Of a scenario or a variant (FILE.xlsx#NAME) the
    newest run in runs/ is taken, or it is solved first.
    """
    if formats is None and figures is None:
        raise UsageError("say what to export: --to excel,iamc,netcdf,datapackage or --figures png,svg,pdf")
    from kctopt.api import open as open_run
    from kctopt.disk import ready
    from kctopt.exchange import files
    from kctopt.exchange.iamc import Naming
    from kctopt.extras import need
    from kctopt.report.catalogue import checked

    formats = ",".join("excel" if name.strip().lower() == "xlsx" else name for name in (formats or "").split(","))
    naming = Naming(region, scenario, rate)
    if Path(source).suffix == ".duckdb":
        if figures:
            raise UsageError("--figures are of runs; of a study take --to excel, which has a chart")
        export_study(out, Path(source), formats, output, naming)
        return
    wanted = files.checked(formats)
    pictures = [checked(format.strip()) for format in figures.split(",")] if figures else []
    need([*(f"export {format}" for format in wanted), *(["figures"] if pictures else [])])
    run = run_folder(source)
    result = open_run(run)
    target = output or Path("exports") / run.resolve().name
    ready(target)

    def fill(folder: Path) -> None:
        for format in wanted:
            files.write(result, format, folder, out.written, naming)
        if pictures:
            draw_figures(out, result, pictures, folder)

    deliver(out, run, target, fill)


def export_study(out: OutputOptions, run: Path, formats: str, output: Path | None, naming: Naming) -> None:
    """Write a study's file in its formats."""
    from kctopt.api import open as open_study
    from kctopt.disk import ready
    from kctopt.extras import need
    from kctopt.study.exported import checked, write

    wanted = checked(formats)
    need([f"export {format}" for format in wanted])
    sweep = open_study(run)
    target = output or Path("exports") / run.stem
    ready(target)

    def fill(folder: Path) -> None:
        for format in wanted:
            write(sweep, format, folder, out.written, naming)

    deliver(out, run, target, fill)


def deliver(out: OutputOptions, run: Path, target: Path, fill: Callable[[Path], None]) -> None:
    """Write the folder and name its files."""
    from kctopt.disk import write_folder

    with progress(f"exporting {run.name}"):
        place = write_folder(target, fill)
    written = sorted(path.name for path in place.iterdir())
    if out.json:
        out.print_json({"schema_version": 1, "run_dir": str(run), "output": str(place), "files": written})
    else:
        print_text("\n".join(str(place / name) for name in written))


def draw_figures(out: OutputOptions, result: Result, formats: Sequence[str], folder: Path) -> None:
    """Draw every figure into `folder`, and say which letters no font has."""
    from kctopt.report.catalogue import files
    from kctopt.report.fonts import warning
    from kctopt.report.view import View, labels

    view = View(result, out.written)
    for name, content in files(view, formats):
        (folder / name).write_bytes(content)
    place = translate("label", out.lang)
    told = warning(((place, label) for label in labels(view)), out.lang)
    if told:
        say(told)
