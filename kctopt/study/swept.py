"""A study's file as it is read: members as they ended, and how far its sweep is."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.brief import brief
from kctopt.status import Status
from kctopt.study.store import Store
from kctopt.study.worker import Row

if TYPE_CHECKING:
    import pandas

ANSWERED = {"optimal", "infeasible", "invalid"}  # members whose answer is proven
INTERRUPTED, UNANSWERED = 130, 5
EXIT = {str(status): status.exit_code for status in Status} | {"invalid": 3}


class SweepStatus(StrEnum):
    """How far a sweep is.

    Examples
    --------
    >>> from kctopt.study.swept import SweepStatus
    >>> [str(status) for status in SweepStatus]
    ['complete', 'incomplete', 'interrupted']
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    INTERRUPTED = "interrupted"


class Swept:
    """A study's members as they ended, read from its file.

    Parameters
    ----------
    path : pathlib.Path
        The file that `kctopt.sweep` or `kctopt sweep` wrote.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kctopt.study.swept import Swept
    >>> swept = Swept(Path("studies/tight.duckdb"))
    >>> str(swept.status), len(swept.members)
    ('complete', 2)
    """

    def __init__(self, path: Path, interrupted: bool = False, failed: Row | None = None) -> None:
        self.path, self._interrupted, self.failed = path, interrupted, failed
        with Store(path) as store:
            self.about = store.about()
            self.missing = store.missing()

    def __repr__(self) -> str:
        ends = [f"{count} {name}" for name, count in self.counts().items()]
        return brief(self, self.about["name"], *ends, f"{self.missing} missing" if self.missing else "")

    @property
    def status(self) -> SweepStatus:
        """`complete`, `incomplete` (members are missing), or `interrupted` by whoever asked for it."""
        if self.missing == 0:
            return SweepStatus.COMPLETE
        return SweepStatus.INTERRUPTED if self._interrupted else SweepStatus.INCOMPLETE

    @cached_property
    def draws(self) -> pandas.DataFrame:
        """Values of the inputs, one row for each draw, one column for each input."""
        return self.table("draws")

    @cached_property
    def members(self) -> pandas.DataFrame:
        """One row for each member that has ended: scenario, draw, status, objective, bound, gap, reason, hash."""
        return self.table("members")

    @cached_property
    def outcomes(self) -> pandas.DataFrame:
        """National and domain indices of members with a plan: scenario, draw, outcome, domain, year, value."""
        return self.table("outcomes")

    @cached_property
    def allocation(self) -> pandas.DataFrame:
        """Money of members with a plan, billion CNY: scenario, draw, line, domain, type, plan, track, amount."""
        return self.table("allocation")

    @cached_property
    def work(self) -> pandas.DataFrame:
        """Seconds, CPU seconds and worker of each member: what differs from run to run."""
        return self.table("work")

    @cached_property
    def places(self) -> pandas.DataFrame:
        """Every member of the study, ended or not: scenario, draw, hash."""
        return self.table("places")

    def table(self, name: str) -> pandas.DataFrame:
        """A table of the file; `labels` has what people call scenarios, domains and lines."""
        with Store(self.path) as store:
            return store.table(name)

    def label(self, lang: str = "en") -> str:
        """What the study is called in a language."""
        labels = self.table("labels")
        own = labels.loc[labels["kind"] == "study", lang]
        return str(own.iloc[0] if len(own) else self.about["label"])

    def label_of(self, scenario: str, lang: str = "en") -> str:
        """What a scenario of the study is called in a language; its name where the file does not say."""
        labels = self.table("labels")
        own = labels.loc[(labels["kind"] == "scenario") & (labels["scenario"] == scenario), lang]
        return str(own.iloc[0]) if len(own) else scenario

    @cached_property
    def scenarios(self) -> list[str]:
        """Its scenarios, in their order."""
        return list(dict.fromkeys(map(str, self.places["scenario"])))

    def missing_of(self, scenario: str) -> int:
        """How many members of one scenario have not ended."""
        return int((self.places["scenario"] == scenario).sum() - (self.members["scenario"] == scenario).sum())

    def counts(self) -> dict[str, int]:
        """How many members ended in each status, the most frequent first."""
        return {str(name): int(count) for name, count in self.members["status"].value_counts().items()}

    @property
    def exit_code(self) -> int:
        """What `kctopt sweep` ends with: 0 where every member has an answer."""
        if self.failed is not None:
            return EXIT.get(self.failed.status, 1)
        if self.missing:
            return INTERRUPTED if self._interrupted else UNANSWERED
        return UNANSWERED if set(self.counts()) - ANSWERED else 0

    def data(self) -> dict[str, Any]:
        """What JSON prints."""
        from kctopt.study.sweep_text import kinds_of

        gaps = self.members["gap"].dropna()
        return {
            "schema_version": 1, "study": self.about["name"], "status": str(self.status), "file": str(self.path),
            "members": len(self.members), "missing": self.missing, "by_status": self.counts(),
            "worst_gap": float(gaps.max()) if len(gaps) else None, "reasons": kinds_of(self.members),
            "exit_code": self.exit_code,
        }  # fmt: skip

    def summary(self, lang: str = "en", scenario: str | None = None) -> str:
        """How members ended, their gaps beside the spread of what they differ in, and what is missing.

        Parameters
        ----------
        lang : str, default en
            Or `zh`.
        scenario : str, optional
            Of its members alone; all by default.

        Returns
        -------
        str
            A few lines.

        Examples
        --------
        >>> import kctopt
        >>> print(kctopt.open("studies/tight.duckdb").summary().splitlines()[0])
        tight: 2 members, complete
        """
        from kctopt.study.sweep_text import summary

        members, missing = self.members, self.missing
        if scenario is not None:
            members, missing = members[members["scenario"] == scenario], self.missing_of(scenario)
        return summary(self.about["name"], str(self.status), members, missing, lang)
