"""What each changed input explains, as a report asks for it: where the scenarios in between are little work.

Work is counted, never timed, so that a report says the same on every machine: the work of a scenario is its technology
lines times its planned years, and a report solves scenarios of MOST in all, the pairs in the order of its runs. One
with discrete decisions takes a search whose length no such count tells; pairs with these are left out too. What is
left out is named, with the reason. Values are kept in the other run's folder, where `kctopt compare --attribution`
keeps them as well: what has once been solved there is told in any report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kctopt.comparison.attribution import Attribution, attribute
from kctopt.comparison.certified import discrete
from kctopt.disk import ready
from kctopt.errors import KctoptError, WriteError

if TYPE_CHECKING:
    from kctopt.result.result import Result
    from kctopt.scenario.records import Scenario

MOST = 10_000  # lines x years of the scenarios that a report solves: 50 of kct-2035
GAP = 1e-4  # of each of them


@dataclass(frozen=True)
class LeftOut:
    """Why no attribution of a run is told, and how many scenarios in between it takes that nobody has solved yet."""

    reason: Literal["work", "discrete", "fault"]
    programs: int = 0


class Explainer:
    """The attribution of one pair after another, within the work of one report."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.left_out: dict[int, LeftOut] = {}  # by identity of the other result

    def __call__(self, base: Result, other: Result) -> Attribution | None:
        """The attribution of a pair; None where it is left out, or where there is none."""
        why = LeftOut("fault")

        def admit(missing: Sequence[Scenario]) -> None:
            nonlocal why
            if missing and any(discrete(end.scenario) for end in (base, other)):
                why = LeftOut("discrete", len(missing))
                raise _TooMuchError
            work = sum(len(scenario.lines) * len(scenario.horizon.years) for scenario in missing)
            if work > self.most:
                why = LeftOut("work", len(missing))
                raise _TooMuchError
            self.most -= work

        try:
            return attribute(base, other, folder=_folder(other), gap=GAP, admit=admit, log=lambda _: None)
        except KctoptError:  # left out, or a scenario in between has no plan, or a user's own parts are in the models
            self.left_out[id(other)] = why
            return None


class _TooMuchError(KctoptError):
    """More work than a report does."""


def _folder(other: Result) -> Path | None:
    """Where values are kept; None where nothing can be written."""
    folder = None if other.run_dir is None else other.run_dir / "compare"
    try:
        if folder is not None:
            ready(folder / "value.json", folder=False)
    except WriteError:
        return None
    return folder
