"""Certified values of scenarios between two others: solved once, warm where possible, and kept in a folder."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kctopt.cache import answers, json_text, stamped, untouched
from kctopt.cache import key as key_of_code
from kctopt.disk import write_text
from kctopt.errors import Infeasible, NoPlan, ProgramError, SolverError, WriteError
from kctopt.result.folder import RUN_FILE, read_json, sha256
from kctopt.result.unchanged import EDITED, UNREADABLE
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate

SCHEMA = 3


@dataclass(frozen=True)
class CertifiedValue:
    """What a scenario is worth: the plan found, and the bound that no plan can beat."""

    objective: float
    bound: float | None
    security: float  # national security of that plan in the last planned year

    @property
    def ends(self) -> tuple[float, float]:
        """The interval that holds the best value; open where there is no bound."""
        other = float("inf") if self.bound is None else self.bound
        return min(self.objective, other), max(self.objective, other)


def key(scenario: Scenario) -> str:
    """Hash of everything that bears on the value of a scenario: names and texts are left out."""
    said = scenario.model_dump_json(exclude={"name", "label", "intent", "provenance", "model", "model_sha256"})
    return hashlib.sha256(said.encode()).hexdigest()


def discrete(scenario: Scenario) -> bool:
    """Whether the program of a scenario has an integer left open."""
    from kctopt.program import build

    return build(scenario).discrete


class Values:
    """Values of scenarios by the engine, which goes on from the last scenario; `folder` keeps them between calls."""

    def __init__(
        self, folder: Path | None, gap: float, time_limit: float | None, log: Callable[[str], None] = warnings.warn
    ) -> None:
        self.folder, self.gap, self.time_limit, self.log = folder, gap, time_limit, log
        self.solves = 0
        run = None if folder is None else folder.parent / RUN_FILE
        self._run = sha256(run) if run is not None and run.is_file() else ""  # the run that the values are kept with
        self._engine: Any = None

    def known(self, scenario: Scenario) -> CertifiedValue | None:
        """The value kept of a scenario, proven to the gap asked by the same code; told where it was changed since."""
        file = self._file(scenario)
        if file is None or not file.is_file():
            return None
        try:
            kept = read_json(file)
            asked = {"schema_version": SCHEMA, "run_sha256": self._run}
            if answers(kept, "comparison", asked) and kept["gap"] <= self.gap:
                if untouched(kept, "comparison"):
                    return CertifiedValue(**kept["value"])
                self.log(f"{file}: {EDITED}")
        except (ValueError, KeyError, TypeError):
            self.log(f"{file}: {UNREADABLE}")
        return None

    def solved(self, scenario: Scenario, what: str) -> CertifiedValue:
        """Solve a scenario and keep its value. Raises Infeasible or NoPlan where there is none, named `what`."""
        outcome = self._outcome(scenario)
        self.solves += 1
        if outcome.status == "interrupted":
            raise KeyboardInterrupt
        if outcome.status == "infeasible":
            raise Infeasible(f"with {what} no plan keeps all rules, so no value of it can be compared")
        if outcome.money is None or outcome.objective is None:
            raise NoPlan(f"with {what} the limit was reached before a plan was found; allow more time")
        if outcome.status == "fault":
            raise SolverError(
                f"with {what} the plan, {outcome.objective:.8g}, is better than its proven bound, {outcome.bound:.8g}. "
                "This is a bug in kctopt: please report it"
            )
        path = simulate(scenario, outcome.money, choices=outcome.choices)
        last = len(scenario.horizon.years)
        value = CertifiedValue(outcome.objective, outcome.bound, float(path.security[last]))
        file = self._file(scenario)
        if file is not None and outcome.status == "optimal":
            kept = {"schema_version": SCHEMA, "versions": key_of_code("comparison"), "gap": self.gap}
            kept |= {"run_sha256": self._run, "with": what, "value": asdict(value)}
            try:
                write_text(file, json_text(stamped(kept)))
            except WriteError as error:  # the value is worth more than its copy
                warnings.warn(f"{error}; values are no longer kept", stacklevel=2)
                self.folder = None
        return value

    def _outcome(self, scenario: Scenario) -> Any:
        from kctopt.program import build
        from kctopt.solver.solve import engine_of

        if self._engine is not None:
            try:
                return self._engine.resolve_checked(scenario, self.gap, self.time_limit)
            except ProgramError:
                pass  # discrete decisions came or went: a new engine
        self._engine = engine_of(build(scenario))
        return self._engine.solve(self.gap, self.time_limit)

    def _file(self, scenario: Scenario) -> Path | None:
        return None if self.folder is None else self.folder / f"{key(scenario)}.json"
