"""A result: the plan, its two bounds and everything a planner reads from them.

`objective` is the value of the plan's money under the exact laws (the simulator's number), `bound` is what HiGHS
proves that no plan can beat; `gap` is their relative distance. A result is `verified` when a plan exists, breaks
no rule and the simulator finds the objective that is claimed.

Its `status` is one of `kctopt.status`.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from kctopt.cache import installed_versions
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.result import discrete, tables
from kctopt.result import own as own_rows
from kctopt.result.constraints import constraints, user_prices
from kctopt.result.fields import TABLES, Columns, frame, from_rows
from kctopt.result.lawful import Yardstick, yardstick
from kctopt.result.planning import AGREE, DomainShare, ValueOfPlanning, domain_shares, value_of_planning
from kctopt.result.provenance import provenance
from kctopt.rules import Breach, breaches
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices, Money, Trajectory, simulate
from kctopt.simulator.choices import NO_CHOICES
from kctopt.status import Status, known

if TYPE_CHECKING:
    import pandas

    from kctopt.solver import Outcome


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A solved scenario as data; `kctopt.Result` adds what is told, drawn, compared and written."""

    scenario: Scenario
    status: Status | str  # text that is no status is kept, for `verify` to find
    objective: float | None  # of the plan, simulated
    bound: float | None  # proven by HiGHS
    gap: float | None  # |bound - objective| / |objective|
    verified: bool
    seconds: Mapping[str, float | None]
    money: Money | None = None
    choices: Choices = NO_CHOICES
    prices: Mapping[str, float] = field(default_factory=dict)  # rule -> objective points per unit of right side
    values: Mapping[str, float] = field(default_factory=dict)  # variables the user added to the model, by name
    own: OwnParts = NOTHING_OWN  # what the user changed in the model
    budget_scale: float | None = None  # objective min_budget
    year: int | None = None  # objective earliest
    impossible_by: int | None = None  # earliest: proven of every year up to this one that the targets cannot hold
    cycle: int = 0  # regimes: length of the cycle in which fixing, spending and reading them off ended; 0: settled
    rounds: tuple[Mapping[str, Any], ...] = ()
    log: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)  # path -> file:line
    inputs: Mapping[str, str] = field(default_factory=dict)  # file -> sha256
    options: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    created: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    run_dir: Path | None = None
    _read: Mapping[str, Columns] | None = None  # tables as read from a run folder
    _said: ValueOfPlanning | None = None  # the value of planning as run.json says it

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", known(self.status))

    @classmethod
    def of(
        cls, scenario: Scenario, outcome: Outcome, *, seconds: Mapping[str, float] | None = None,
        own: OwnParts = NOTHING_OWN, **about: Any,
    ) -> Self:  # fmt: skip
        """The result of an outcome.

        Parameters
        ----------
        seconds : time of parts the outcome knows nothing of, such as `read`; `total` is what all took so far.
        own : what the user changed in the model, with the values of the plan.
        about : origin, inputs, options and command, as the fields of the result.
        """
        spent = {"read": 0.0, "mip": None} | dict(outcome.seconds) | dict(seconds or {})
        result = cls(
            scenario=scenario,
            status=outcome.status,
            objective=outcome.objective,
            bound=outcome.bound,
            gap=outcome.gap,
            verified=False,
            seconds=spent,
            money=outcome.money,
            choices=outcome.choices,
            prices=user_prices(scenario, outcome.choices, outcome.prices, own),
            values=outcome.values,
            own=own,
            budget_scale=outcome.budget_scale,
            year=outcome.year,
            impossible_by=outcome.impossible_by,
            cycle=outcome.cycle,
            rounds=tuple(asdict(entry) for entry in outcome.rounds),
            log=outcome.log,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            versions=installed_versions(),
            **about,
        )
        start = time.perf_counter()
        holds = result.holds
        took = time.perf_counter() - start
        spent |= {"simulate": took, "total": (spent.get("total") or 0.0) + took}
        return replace(result, verified=holds, seconds=spent)

    def __repr__(self) -> str:
        parts = [self.scenario.name, self.status]
        if self.objective is not None:
            parts.append(f"objective={self.objective:.6g}")
        if self.bound is not None and self.gap is not None:
            parts.append(f"bound={self.bound:.6g}, gap={self.gap:.2g}")
        return f"Result({', '.join(parts)}, verified={self.verified})"

    @property
    def holds(self) -> bool:
        """Whether the plan keeps every rule and is worth what is claimed."""
        value = self.simulated_objective
        if self.money is None or self.objective is None or value is None:
            return False
        agree = abs(value - self.objective) <= AGREE * max(1.0, abs(self.objective))
        return agree and not self.breaches

    @property
    def breaches(self) -> list[Breach]:
        """Rules that the plan breaks: of the scenario, but for those that the user switched off, and the user's own."""
        if self.money is None:
            return []
        factor = 1.0 if self.budget_scale is None else self.budget_scale
        broken = breaches(self.solved_scenario, self.money, self.trajectory, budget_scale=factor, choices=self.choices)
        return [breach for breach in broken if not own_rows.switched_off(self.own, breach.rule)] + own_rows.breaches(
            self.own
        )

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to read."""
        return self.money is not None

    @cached_property
    def solved_scenario(self) -> Scenario:
        """The scenario the plan answers: for `earliest`, with every hard target due in the year found."""
        if self.year is None:
            return self.scenario
        due = tuple(
            policy.model_copy(update={"by": self.year}) if policy.kind == "target" and not policy.soft else policy
            for policy in self.scenario.policies
        )
        return self.scenario.model_copy(update={"policies": due})

    @cached_property
    def trajectory(self) -> Trajectory | None:
        """What the plan's money and choices lead to, simulated; arrays with the year last."""
        return None if self.money is None else simulate(self.solved_scenario, self.money, choices=self.choices)

    @property
    def simulated_objective(self) -> float | None:
        """The objective of the plan, computed anew from its money, or by the user's own objective from its columns."""
        if self.trajectory is None:
            return None
        if self.own.objective is not None:
            return own_rows.objective_value(self.own)
        match self.scenario.objective.kind:
            case "min_budget":
                budget = self.scenario.budget.at(np.array(self.scenario.horizon.years)).sum()
                return None if self.budget_scale is None else float(self.budget_scale * budget)
            case _:
                return float(self.trajectory.objective)

    @cached_property
    def value_of_planning(self) -> ValueOfPlanning | None:
        """What the plan is worth beyond the base year's shares, NS points over the years; None where there is none.

        Examples
        --------
        >>> import kctopt
        >>> worth = kctopt.open("runs/baseline").value_of_planning
        >>> worth.trend < worth.reference < worth.plan <= worth.reference + worth.at_most
        True
        """
        if self._said is not None or self.trajectory is None or self.no_value:
            return self._said
        return value_of_planning(self.yardstick, self.trajectory, self.objective, self.bound)

    @cached_property
    def yardstick(self) -> Yardstick:
        """What plans of the scenario are held against: the base year's shares, adjusted where they break rules."""
        return yardstick(self.scenario)

    @property
    def no_value(self) -> str:
        """Why a plan has no value of planning: own, min_budget, earliest or unlawful; empty where it has one."""
        if self.own.objective is not None:
            return "own"
        kind = self.scenario.objective.kind
        if kind != "national_security":
            return kind
        return "" if self._said is not None or not self.yardstick.missed else "unlawful"

    @cached_property
    def domain_shares(self) -> tuple[DomainShare, ...]:
        """Every domain's share of the money, in the base year too, and less its weight; empty without a plan."""
        return () if self.money is None else domain_shares(self.scenario, self.money, self.choices)

    def columns(self, name: str) -> Columns:
        """Table `name` as NumPy arrays by column."""
        if self._read is not None:
            return self._read[name]
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    @cached_property
    def _made(self) -> dict[str, Columns]:
        return {}

    def _make(self, name: str) -> Columns:
        if name == "provenance":
            return provenance(self.scenario, self.origin)
        if self.money is None or self.trajectory is None:
            return from_rows(name, [])
        scenario = self.solved_scenario
        match name:
            case "allocation":
                return tables.allocation(scenario, self.money)
            case "constraints":
                return constraints(
                    scenario, self.money, self.choices, self.trajectory, self.prices, self.budget_scale, self.own
                )
            case "variables":
                return own_rows.variable_rows(self.own)
            case "capability":
                return tables.capability(scenario, self.trajectory)
            case "stages":
                return tables.stages(scenario, self.trajectory)
            case "indices":
                return tables.indices(scenario, self.trajectory)
            case "regimes":
                return discrete.regimes(scenario, self.trajectory)
            case "restraint":
                return discrete.restraint(scenario, self.choices)
            case "cooperation":
                return discrete.cooperation(scenario, self.money, self.choices)
            case "programmes":
                return discrete.programmes(scenario, self.choices)
        raise KeyError(f"no table {name}; there are {', '.join(TABLES)}")

    @cached_property
    def allocation(self) -> pandas.DataFrame:
        """Spend by line, planned year, track and rung, billion CNY."""
        return frame("allocation", self.columns("allocation"))

    @cached_property
    def capability(self) -> pandas.DataFrame:
        """State of every line by year, index points."""
        return frame("capability", self.columns("capability"))

    @cached_property
    def stages(self) -> pandas.DataFrame:
        """Stage of competition and binding diffusion cap of every line by year."""
        return frame("stages", self.columns("stages"))

    @cached_property
    def indices(self) -> pandas.DataFrame:
        """National and domain indices by year."""
        return frame("indices", self.columns("indices"))

    @cached_property
    def constraints(self) -> pandas.DataFrame:
        """Every rule with its two sides, its slack and its price."""
        return frame("constraints", self.columns("constraints"))

    @cached_property
    def variables(self) -> pandas.DataFrame:
        """Variables that the user added to the model or limited, with value and bounds."""
        return frame("variables", self.columns("variables"))

    @cached_property
    def regimes(self) -> pandas.DataFrame:
        """Stage of every line from each review on (regime switching)."""
        return frame("regimes", self.columns("regimes"))

    @cached_property
    def restraint(self) -> pandas.DataFrame:
        """Capability that the plan does not build, by line, rung and year."""
        return frame("restraint", self.columns("restraint"))

    @cached_property
    def cooperation(self) -> pandas.DataFrame:
        """Cooperation mode of every domain in each plan."""
        return frame("cooperation", self.columns("cooperation"))

    @cached_property
    def programmes(self) -> pandas.DataFrame:
        """Every programme of the catalogue, launched or not."""
        return frame("programmes", self.columns("programmes"))

    @cached_property
    def provenance(self) -> pandas.DataFrame:
        """Every value of the scenario with unit, source, grade and the line that set it."""
        return frame("provenance", self.columns("provenance"))

    def index(self, name: str, year: int, domain: str = "") -> float:
        """One value of the table of indices.

        Parameters
        ----------
        name : str
            Such as `security`, `economy` or `kct`.
        year : int
            The year.
        domain : str, optional
            Of which domain; the nation if it is not given.

        Returns
        -------
        float
            Base year = 100 for national security; ratio to the rival for power.

        Raises
        ------
        KeyError
            Where there is no such index.

        Examples
        --------
        >>> import kctopt
        >>> result = kctopt.open("runs/baseline")
        >>> round(result.index("security", result.scenario.horizon.base_year), 6)
        100.0
        """
        table = self.columns("indices")
        row = (table["index"] == name) & (table["year"] == year) & (table["domain"] == domain)
        if not row.any():
            raise KeyError(f"no index {name!r} for {domain or 'the nation'} in {year}")
        return float(table["value"][row][0])
