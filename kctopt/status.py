"""How solves and diagnoses end: members are strings, so `result.status == "optimal"` holds and JSON has the text.

| status | meaning | exit code |
|---|---|---|
| optimal | both bounds agree to the asked gap | 0 |
| limit | a plan, and a gap wider than asked where a limit or the search ended | 5 |
| interrupted | stopped by the user; a plan if there was one | 130 |
| infeasible | proven: no plan keeps all rules | 4 |
| no_plan | ended before a plan was found, with no proof that there is none | 6 |
| fault | the plan is better than its proven bound: one of the two is false, a bug in kctopt | 1 |
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a solve ended.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.Status("optimal") is kctopt.Status.OPTIMAL
    True
    >>> kctopt.Status.NO_PLAN == "no_plan"
    True
    """

    OPTIMAL = "optimal"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    NO_PLAN = "no_plan"
    FAULT = "fault"

    @property
    def exit_code(self) -> int:
        """What `kctopt solve` ends with."""
        return {"optimal": 0, "limit": 5, "interrupted": 130, "infeasible": 4, "no_plan": 6, "fault": 1}[self]


class DiagnosisStatus(StrEnum):
    """What a diagnosis found: a plan, a proof that there is none, or neither in its time.

    Examples
    --------
    >>> from kctopt.status import DiagnosisStatus
    >>> [str(status) for status in DiagnosisStatus]
    ['feasible', 'infeasible', 'unknown']
    """

    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        """What `kctopt diagnose` ends with."""
        return {"feasible": 0, "infeasible": 4, "unknown": 6}[self]


def known(text: str) -> Status | str:
    """The status of a name; a name that no run has stays as it is, for `verify` to find."""
    return Status(text) if text in Status._value2member_map_ else text
