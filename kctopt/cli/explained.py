"""What the commands of `kctopt explain` share: the run, `--fresh`, and how they end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import rich_click as click
from click import get_current_context
from click.exceptions import Exit

from kctopt.cli.analysis import MISPLACED
from kctopt.cli.found import offering
from kctopt.cli.output import common
from kctopt.cli.runs import run_folder
from kctopt.errors import WriteError


def explains(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command RUN, --fresh and the shared options; it ends with 3 where its analysis is not with the run.

    RUN may be a scenario or a variant of a workbook: its newest run is taken, or it is solved first.
    """

    @functools.wraps(function)
    def explained(*args: Any, source: str, **options: Any) -> None:
        function(*args, run=run_folder(source), **options)
        if get_current_context().meta.get(MISPLACED):
            raise Exit(WriteError.exit_code)

    fresh = click.option("--fresh", is_flag=True, help="Compute again what is saved with the run.")
    run = click.argument("source", metavar="RUN|SCENARIO", shell_complete=offering("run", "scenario"))
    return run(fresh(common(explained)))
