"""A scenario's front as data: points with plans and proofs, their tables, knee and hypervolume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.analysis.traits import Trait, traits
from kctopt.brief import brief, counted
from kctopt.fronts.front import Found, Front
from kctopt.fronts.goals import Goal
from kctopt.fronts.measures import hypervolume, knee
from kctopt.fronts.tables import changes_table, money_table, points_table, rules_table
from kctopt.result.result import Result
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.solver.outcome import Outcome, relative_gap
from kctopt.status import Status
from kctopt.table import Table

if TYPE_CHECKING:
    import pandas

SCHEMA = 1


@dataclass(frozen=True, repr=False)
class Drawn:
    """The front of a scenario as data; `kctopt.Pareto` adds what is told, drawn and written."""

    scenario: Scenario
    goals: tuple[Goal, ...]
    front: Front
    discrete: bool
    asked: float
    seconds: float = 0.0
    command: str = ""
    created: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        names = ",".join(goal.key for goal in self.goals)
        return brief(self, self.scenario.name, names, self.status, counted(len(self.front.points), "point"))

    @property
    def status(self) -> Status:
        """How the search ended."""
        return self.front.status

    @property
    def exit_code(self) -> int:
        """What `kctopt pareto` ends with: as `kctopt solve` does."""
        return self.status.exit_code

    @property
    def gap(self) -> float:
        """Largest gap between neighbours, a share of the ranges."""
        return self.front.gap

    @property
    def solves(self) -> int:
        """How many certified solves it took."""
        return self.front.solves

    @property
    def points(self) -> pandas.DataFrame:
        """Points with their outcomes and bounds."""
        return self.table("points").frame

    @cached_property
    def in_ranges(self) -> np.ndarray:
        """Points in ranges, (points, objectives): the best of each objective 0, its worst 1."""
        z = np.array([point.z for point in self.front.points])
        return np.asarray((z - self.front.best) / (self.front.nadir - self.front.best))

    @cached_property
    def knee(self) -> int | None:
        """Number of the point furthest from the plane through the ends, from 1 on; None where there is none."""
        found = knee(self.in_ranges)
        return None if found is None else found + 1

    @cached_property
    def hypervolume(self) -> float:
        """Share of the box between the best values and the worst ones that the points dominate."""
        return hypervolume(self.in_ranges, np.ones(len(self.goals)))

    @cached_property
    def results(self) -> list[Result]:
        """The plan of every point as a result; its bound is that of all plans, where one was proven."""
        keys = [goal.key for goal in self.goals]
        bound = -float(self.front.ideal[keys.index("NS")]) if "NS" in keys else None
        return [self._result(point, bound) for point in self.front.points]

    def _result(self, point: Found, bound: float | None) -> Result:
        solved = point.solved
        assert solved.money is not None  # a point has a plan
        value = float(simulate(self.scenario, solved.money, choices=solved.choices).objective)
        near = bound is not None and relative_gap(value, bound) <= (solved.gap or 0.0)
        outcome = Outcome(
            Status.OPTIMAL if near else Status.LIMIT, solved.money, value, bound, {"total": solved.seconds},
            choices=solved.choices, gained=1e-6 * abs(value),
        )  # fmt: skip
        return Result.of(self.scenario, outcome, inputs=dict(self.inputs), command=self.command)

    @cached_property
    def traits(self) -> list[dict[Trait, str]]:
        """Kind of plan, point by point."""
        return [traits(result) for result in self.results]

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All tables: points, money, rules and, of two objectives, changes."""
        own = points_table(self.goals, self._records()), money_table(self.results), rules_table(self.traits)
        return (*own, changes_table(self.traits)) if len(self.goals) == 2 else own

    def table(self, name: str) -> Table:
        """A table: points, money, rules or, of two objectives, changes.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Table
            Rows under columns that say what they hold.

        Raises
        ------
        KeyError
            Where there is no such table.

        Examples
        --------
        >>> import kctopt
        >>> front = kctopt.pareto("world.yaml", "NS,spend", between=0.05)
        >>> front.table("points").frame["NS"].is_monotonic_decreasing
        True
        """
        return {table.title: table for table in self.tables}[name]

    def _records(self) -> list[dict[str, Any]]:
        goals, rows = self.goals, []
        for n, point in enumerate(self.front.points, 1):
            mixed = point.bound is None
            levels = {f"level_{goal.key}": None for goal in goals} | {
                f"level_{goals[k].key}": goals[k].shown(level) for k, level in point.solved.levels.items()
            }  # fmt: skip
            rows.append({
                "point": n, **{goal.key: goal.shown(float(v)) for goal, v in zip(goals, point.z, strict=True)},
                "optimised": "" if mixed else goals[point.main].key,
                "bound": None if point.bound is None else goals[point.main].shown(point.bound), **levels,
                "end": ", ".join(goals[k].key for k in point.end), "knee": n == self.knee, "gap": point.solved.gap,
            })  # fmt: skip
        return rows

    def data(self) -> dict[str, Any]:
        """What JSON prints, and the record of the folder."""
        front, goals = self.front, self.goals
        pairs = zip(goals, front.best, front.ideal, front.nadir, strict=True)
        return {
            "schema_version": SCHEMA, "scenario": self.scenario.name, "status": str(self.status),
            "exit_code": self.exit_code,
            "objectives": [
                {
                    "name": goal.key, "unit": goal.unit, "better": "less" if goal.sign > 0 else "more",
                    "best": goal.shown(float(best)), "bound": goal.shown(float(ideal)),
                    "worst": goal.shown(float(worst)),
                }
                for goal, best, ideal, worst in pairs
            ],
            "worst_is": "exact" if len(goals) == 2 else "estimate",
            "between": front.gap, "between_asked": self.asked, "discrete": self.discrete, "solves": front.solves,
            "knee": self.knee, "hypervolume": self.hypervolume,
            **{table.title: table.records for table in self.tables},
            "seconds": round(self.seconds, 4), "command": self.command, "created": self.created,
            "versions": dict(self.versions), "inputs": dict(self.inputs),
        }  # fmt: skip
