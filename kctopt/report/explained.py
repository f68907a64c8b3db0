"""What each changed input explains, as a report asks for it: where the scenarios in between are quick to solve.

A scenario in between takes about as long as the slower of its two ends did. Beyond MOST seconds in all, the report
leaves the attribution out and says that it has not been worked out. Values are kept in the other run's folder, as
`kctopt compare --attribution` keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kctopt.comparison.attribution import Attribution, attribute, planned
from kctopt.comparison.groups import groups
from kctopt.disk import ready
from kctopt.errors import KctoptError, WriteError

if TYPE_CHECKING:
    from kctopt.result.result import Result

MOST = 120.0  # seconds that the scenarios in between may take together
GAP, LIMIT = 1e-4, 60.0  # of each of them


def explained(base: Result, other: Result) -> Attribution | None:
    """The attribution of a pair; None where it would take long, or where there is none."""
    changed = planned(groups(base.scenario, other.scenario))
    slower = max(float(result.seconds.get("total") or 0.0) for result in (base, other))
    if max(0, len(changed.subsets) - 2) * slower > MOST:
        return None
    folder = None if other.run_dir is None else other.run_dir / "compare"
    try:
        if folder is not None:
            ready(folder / "value.json", folder=False)
    except WriteError:
        folder = None
    try:
        return attribute(base, other, folder=folder, gap=GAP, time_limit=LIMIT, log=lambda _: None)
    except KctoptError:  # a scenario in between has no plan, or a user's own parts cannot be solved again
        return None
