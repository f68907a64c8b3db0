"""A diagnosis as Python users hold it: its records, told and saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kctopt.analysis import diagnose as analysed
from kctopt.analysis.attainable import Nearest
from kctopt.analysis.diagnose import TIME_LIMIT, Member, objective
from kctopt.analysis.diagnosis_text import sentence, text
from kctopt.analysis.verdicts import Plan
from kctopt.arguments import checked_place
from kctopt.brief import as_html
from kctopt.disk import or_kept, write_folder
from kctopt.language import checked_lang
from kctopt.own import OwnParts
from kctopt.program import Program
from kctopt.result.folder import write_json
from kctopt.result.run import dump_scenario
from kctopt.scenario.records import Scenario
from kctopt.table import Column, write_csv

FILE = "diagnosis.json"
TABLE = "conflicts.csv"


class Diagnosis(analysed.Diagnosis):
    """What keeps a scenario from having a plan; `plan` is one where it has.

    What is in `conflicts` is proven even where time ran out, except that a conflict may hold more rules than it must
    (its `minimal` is False then).

    Attributes
    ----------
    status : DiagnosisStatus
        `feasible`, `infeasible` or `unknown`.
    conflicts : tuple of tuple of Member
        The rules of each conflict, with amounts in the unit in which they are entered.
    repair_values : dict of str to float
        Numbers to enter, by path, with which every rule holds; empty where none was found.
    origin : mapping of str to str
        Place of each value, `file:line`, by path.
    seconds : float
        The time taken.
    stopped : bool
        Whether the limit ended it early.

    Examples
    --------
    >>> import kctopt
    >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
    >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
    >>> found.exit_code
    4
    """

    def _repr_html_(self) -> str:
        conflicts = {f"conflict {number}": said for number, said in enumerate(self.sentences(), 1)}
        return as_html(
            f"Diagnosis of {self.scenario.name}", {"status": self.status, **conflicts, "more": ".text() .conflicts"}
        )

    def text(self, lang: str = "en") -> str:
        """The diagnosis in words.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            Lines for a terminal.

        Examples
        --------
        >>> import kctopt
        >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
        >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
        >>> "surge" in found.text()
        True
        """
        return "\n".join(text(self, checked_lang(lang)))

    def sentences(self, lang: str = "en") -> list[str]:
        """What conflicts, where it is set, what would have to be relaxed.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        list of str
            A sentence for each conflict.

        Examples
        --------
        >>> import kctopt
        >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
        >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
        >>> len(found.sentences("zh")) == len(found.conflicts)
        True
        """
        checked_lang(lang)
        return [sentence(self, n, lang) for n in range(len(self.conflicts))]

    def data(self) -> dict[str, Any]:
        """The diagnosis as JSON prints it.

        Returns
        -------
        dict
            Plain values.

        Examples
        --------
        >>> import kctopt
        >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
        >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
        >>> found.data()["schema_version"]
        1
        """
        conflicts = [
            {
                "rules": [asdict(member) for member in members],
                "minimal": conflict.minimal, "integer": conflict.integer, "laws": list(conflict.laws),
                "together_shown": conflict.together is not None and conflict.together.shown,
            }
            for conflict, members in zip(self.findings.conflicts, self.conflicts, strict=True)
        ]  # fmt: skip
        return {
            "schema_version": 1,
            "scenario": self.scenario.name,
            "status": self.status,
            "conflicts": conflicts,
            "complete": self.findings.complete,
            "repair": self.repair,
            "repair_values": self.repair_values,
            "repair_shown": bool(self.findings.repair and self.findings.repair.shown),
            "sentences": {lang: self.sentences(lang) for lang in ("en", "zh")},
            "attainable": None if self.attained is None else list(map(asdict, self._nearest())),
            "plan": None if self.plan is None else self._plan_data(self.plan),
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
        }

    def save(self, folder: str | Path) -> Path:
        """Write diagnosis.json, conflicts.csv and scenario.yaml to a new folder.

        Parameters
        ----------
        folder : str or pathlib.Path
            The folder; one beside it if it exists.

        Returns
        -------
        pathlib.Path
            Where it went.

        Raises
        ------
        WriteError
            Where that cannot be; they are then kept where the error says.

        Examples
        --------
        >>> import kctopt
        >>> surge = {"id": "surge", "kind": "floor", "domain": "ai", "amount": 250, "years": 2026}
        >>> found = kctopt.diagnose(kctopt.load("baseline", add={"policies": surge}))
        >>> found.save("why").name
        'why'
        """
        target = checked_place("folder", folder, "the folder for the diagnosis")

        def fill(place: Path) -> None:
            write_json(place / FILE, self.data())
            (place / "scenario.yaml").write_text(dump_scenario(self.scenario), encoding="utf-8", newline="\n")
            keys = ["conflict", *Member.__dataclass_fields__, "repair"]
            rows = (
                [number, *map(_cell, asdict(member).values()), self.repair.get(member.rule)]
                for number, members in enumerate(self.conflicts, 1)
                for member in members
            )
            write_csv(place / TABLE, [Column(key) for key in keys], rows)

        return or_kept(target, lambda place: write_folder(place, fill))

    def _nearest(self) -> list[Nearest]:
        return [] if self.attained is None else [self.attained.together, *self.attained.alone]

    def _plan_data(self, plan: Plan) -> dict[str, Any]:
        spend = plan.money.spend.sum(axis=0)
        years = self.scenario.horizon.years
        return {
            "objective": objective(self.scenario, plan),
            "spend": {str(year): round(float(amount), 6) for year, amount in zip(years, spend, strict=True)},
        }


def diagnose(
    source: Scenario | Program, origin: Mapping[str, str] | None = None, time_limit: float | None = TIME_LIMIT,
    attain: bool = True, own: OwnParts | None = None, folder: Path | None = None, proven: bool = False,
) -> Diagnosis:  # fmt: skip
    """Find the rules that keep a scenario, or a program with constraints of the user's own, from having a plan.

    `folder` is where what is found is kept until the end, so that an interrupted diagnosis goes on from there; `proven`
    that a solve proved that there is no plan.
    """
    return analysed.diagnose(source, Diagnosis, origin, time_limit, attain, own, folder, proven)


def _cell(value: Any) -> Any:
    """A value as a cell; several in one are joined by ';'."""
    if isinstance(value, tuple):
        return ";".join(f"{part['path']}={part['to']}" if isinstance(part, dict) else str(part) for part in value)
    return value
