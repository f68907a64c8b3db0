"""`kctopt explore`: a page on this machine with levers, and the plan that is best under them."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, common, print_text, progress, say
from kctopt.extras import need


@click.command(cls=Command)
@click.argument(
    "base", default="baseline", metavar="[RUN|SCENARIO]", shell_complete=offering("run", "scenario"),
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
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
@common
def explore(
    out: OutputOptions, base: str, gap: float, time_limit: float, folder: Path, port: int, no_browser: bool
) -> None:  # fmt: skip
    """Open a page with levers for a scenario or a run: what a plan held fixed is worth, and the best plan with proof.

    The page answers on this machine alone, at an address that holds a secret; its state stands in the address too.
    Ctrl-C ends it.
    """
    need(["explore"])
    from kctopt.explore.explorer import Explorer
    from kctopt.explore.serve import serve

    with progress(f"solving {base}"):
        explorer = Explorer(base, gap=gap, time_limit=time_limit)

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
