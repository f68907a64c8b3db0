"""`kctopt sweep`: every draw of a study re-optimised with proof."""

from __future__ import annotations

from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, progress, say


@click.command(cls=Command)
@click.argument("study", metavar="STUDY")
@click.option(
    "-o", "--output", type=Place(dir_okay=False, path_type=Path), metavar="FILE.duckdb",
    help="The study's file; one that exists is continued.  [default: studies/NAME.duckdb]",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that solve.")
@click.option(
    "--executor", default="local", show_default=True, metavar="NAME",
    help="Who solves: local, dask://HOST:PORT, mpi (under mpiexec) or ray.",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Relative gap of each member.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each member.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first member that is not optimal.")
@common
def sweep(
    out: OutputOptions, study: str, output: Path | None, workers: int, executor: str, gap: float,
    time_limit: float | None, fail_fast: bool,
) -> None:  # fmt: skip
    """Re-optimise every draw of a study, each with its own proof.

    Members are written to one DuckDB file as they end; the same command goes on where it was stopped, and solves
    nothing twice. Members without a plan are rows with their reason. Ends with 0 where every member has an answer, 5
    where some ran out of time or failed, 130 where it was interrupted; with --fail-fast as `kctopt solve` does.
    """
    from kctopt import api

    with progress(f"sweeping {study}"):
        done = api.sweep(
            study, out=output, gap=gap, time_limit=time_limit, executor=executor, workers=workers, fail_fast=fail_fast
        )
    if out.json:
        out.print_json(done.data())
    else:
        click.echo(done.summary(out.lang))
    say(f"saved in: {done.path}")
    raise Exit(done.exit_code)
