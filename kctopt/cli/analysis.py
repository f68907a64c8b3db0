"""What the commands of `kctopt explain` share: the run, options, and an analysis that is computed once and saved."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context
from click.exceptions import Exit

from kctopt.cli.found import offering
from kctopt.cli.output import common, say
from kctopt.errors import WriteError

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis

_MISPLACED = "kctopt.misplaced"  # in the context's meta: an analysis could not be saved with its run


def explains(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command RUN, --fresh and the shared options; it ends with 3 where its analysis is not with the run."""

    @functools.wraps(function)
    def explained(*args: Any, **options: Any) -> None:
        function(*args, **options)
        if get_current_context().meta.get(_MISPLACED):
            raise Exit(WriteError.exit_code)

    fresh = click.option("--fresh", is_flag=True, help="Compute again what is saved with the run.")
    run = click.argument("run", type=click.Path(path_type=Path), shell_complete=offering("run"))
    return run(fresh(common(explained)))


def once(run: Path, name: str, options: Mapping[str, Any], fresh: bool, compute: Callable[[], Analysis]) -> Analysis:
    """The analysis saved with the run, or the one that `compute` makes, then saved; first whether it can be."""
    from kctopt.analysis import saved
    from kctopt.disk import ready

    known = None if fresh else saved.find(run, name, options, say)
    if known is not None:
        say(f"computed before, in {known.place}; --fresh computes it again")
        return known
    ready(run / saved.FOLDER / name)
    return keep(run, compute())


def keep(run: Path, analysis: Analysis) -> Analysis:
    """Save an analysis with its run; where that cannot be after all, say where it is."""
    from kctopt.analysis import saved

    try:
        return saved.save(run, analysis)
    except WriteError as error:
        say(str(error))
        get_current_context().meta[_MISPLACED] = True
        return replace(analysis, place=error.kept)
