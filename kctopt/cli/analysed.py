"""What the commands of `kctopt explain` share: the run, options, and an analysis that is computed once and saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from kctopt.cli.face import common, say

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis


def explains(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command RUN, --fresh and the shared options."""
    fresh = click.option("--fresh", is_flag=True, help="Compute again what is saved with the run.")
    run = click.argument("run", type=click.Path(path_type=Path))
    return run(fresh(common(function)))


def once(run: Path, name: str, options: Mapping[str, Any], fresh: bool, compute: Callable[[], Analysis]) -> Analysis:
    """The analysis saved with the run, or the one that `compute` makes, then saved."""
    from kctopt.analysis import saved

    known = None if fresh else saved.find(run, name, options)
    if known is not None:
        say(f"computed before, in {known.place}; --fresh computes it again")
        return known
    return saved.save(run, compute())
