"""`kctopt explore`: a page on this machine with levers, and the plan that is best under them."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, print_text, progress, say
from kctopt.errors import UsageError
from kctopt.extras import need

if TYPE_CHECKING:
    from kctopt.explore.explorer import Explorer


@click.command(cls=Command)
@click.argument(
    "base", default="baseline", metavar="[RUN|SCENARIO|STUDY]",
    shell_complete=offering("run", "scenario", "study"),
)  # fmt: skip
@click.option("--gap", type=Number(min=0, min_open=True), default=1e-4, show_default=True, help="Gap of every plan.")
@click.option(
    "--time-limit", type=Number(min=0, min_open=True), default=20.0, show_default=True, metavar="SECONDS",
    help="For each plan; when they are over, the best one is shown with its gap.",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path(),
    help="Where the page saves scenarios.  [default: this folder]",
)  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the page.  [default: a free one]")
@click.option(
    "--export",
    type=Place(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write a page that needs no server, with plans of a grid of levers or the members of a study, and end.",
)
@click.option(
    "--lever",
    "levers",
    multiple=True,
    metavar="ID[=LOW:HIGH]",
    help="A lever of that grid, again for more.  [default: budgets, control intensity, the rival's growth]",
)
@click.option("--points", type=click.IntRange(2, 50), help="Of each lever of that grid.  [default: 3]")
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
@common
def explore(
    out: OutputOptions, base: str, gap: float, time_limit: float, folder: Path, port: int, export: Path | None,
    levers: tuple[str, ...], points: int | None, no_browser: bool,
) -> None:  # fmt: skip
    """Open a page with levers for a scenario or a run: what a plan held fixed is worth, and the best plan with proof.

    Of a swept study (its FILE.duckdb, or its name) the page shows the members too, and loads the one that is chosen.

    The page answers on this machine alone, at an address that holds a secret; its state stands in the address too.
    Ctrl-C ends it.

    With --export a page of plans that were solved before is written to a folder, which any file server shows:
    `python -m http.server -d DIR`.
    """
    if export is None and (levers or points is not None):
        raise UsageError("--lever and --points say which plans a page has that is written: add --export DIR")
    need(["explore"])
    from kctopt.explore.explorer import Explorer
    from kctopt.explore.serve import serve
    from kctopt.explore.study import OpenStudy, study_file

    file = study_file(base)
    with progress(f"solving {base}"):
        explorer = Explorer(base if file is None else OpenStudy(file), gap=gap, time_limit=time_limit)

    if export is not None:
        _export(out, explorer, export, levers, points)
        return

    def ready(address: str) -> None:
        address += f"#lang={out.lang}"
        if out.json:
            out.print_json({"schema_version": 1, "address": address})
        else:
            print_text(address)
        say("The page answers on this machine alone; Ctrl-C ends it.")
        if not no_browser:
            webbrowser.open(address)

    serve(explorer, folder, ready, port)


def _export(out: OutputOptions, explorer: Explorer, folder: Path, levers: tuple[str, ...], points: int | None) -> None:
    """Write the page, and tell what it has."""
    from kctopt.explore.exported import export, told
    from kctopt.explore.grid import POINTS, Grid

    grid = None
    if explorer.study is None or levers or points:
        grid = Grid.of(explorer.levers, levers, points or POINTS)
        for lever, values in grid.axes:
            say(f"lever {lever.id}: {', '.join(f'{value:g}' for value in values)}")
    with progress("solving the plans of the grid"):
        done = export(explorer, grid, folder)
    if out.json:
        out.print_json(told(done))
    else:
        print_text(str(done.folder))
    say(
        f"{done.plans} states, {done.without} without a plan, {done.bytes / 1e6:.0f} MB; "
        f"`python -m http.server -d {done.folder}` shows the page"
    )
