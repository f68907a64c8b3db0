"""An analysis that is computed once and saved with its run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click import get_current_context

from kctopt.cli.output import say
from kctopt.errors import WriteError

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis

MISPLACED = "kctopt.misplaced"  # in the context's meta: an analysis could not be saved with its run


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
        get_current_context().meta[MISPLACED] = True
        return replace(analysis, place=error.kept)
