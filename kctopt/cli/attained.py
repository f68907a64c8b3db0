"""What `kctopt solve` adds for a scenario whose targets cannot hold: how near a plan can come, saved with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kctopt.cli.analysis import keep
from kctopt.cli.output import progress, say
from kctopt.cli.signals import ending

if TYPE_CHECKING:
    from kctopt.analysis.attainable import Attainable
    from kctopt.api.result import Result


def attained(result: Result) -> Attainable | None:
    """How near the hard targets of an infeasible run can come; worked out once and kept in the run's folder.

    None where that is not known and the command is asked to end.
    """
    if result.status != "infeasible" or result.run_dir is None:
        return None
    from kctopt.analysis import saved
    from kctopt.analysis.attainable import GAP, SECONDS, Attainable, attainable, hard_targets

    if not hard_targets(result.scenario):
        return None
    seconds = min(SECONDS, result.options.get("time_limit") or SECONDS)
    options = {"gap": GAP, "time_limit": seconds}
    known = saved.find(result.run_dir, "attainable", options, say)
    if known is not None:
        return Attainable.of(known)
    if ending():
        return None
    with progress(f"{result.scenario.name}: no plan keeps all rules; how near the targets can come"):
        nearest = attainable(result.scenario, time_limit=seconds)
    if nearest is not None:
        keep(result.run_dir, nearest.analysis(options))
    return nearest


def attained_lines(result: Result, lang: str) -> list[str]:
    """The answer, a line each; none where the question does not arise."""
    nearest = attained(result)
    return [] if nearest is None else nearest.sentences(result.scenario, lang)


def attained_record(result: Result) -> list[dict[str, Any]] | None:
    """The answer as JSON prints it: one object a target and solve."""
    nearest = attained(result)
    return None if nearest is None else nearest.table().records
