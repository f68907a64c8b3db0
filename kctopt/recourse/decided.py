"""A tree as it was decided: plans by course, bounds, and the values of knowing, planning and waiting, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.brief import brief
from kctopt.recourse.further import Further
from kctopt.recourse.measures import Measure
from kctopt.recourse.tree import Leaf, Tree
from kctopt.recourse.values import Bracket
from kctopt.simulator import Choices, Money, simulate
from kctopt.simulator.choices import NO_CHOICES
from kctopt.solver.outcome import relative_gap
from kctopt.status import Status
from kctopt.table import Column, Table

if TYPE_CHECKING:
    import pandas

SCHEMA = 1
BRACKETS = ("rp", "ws", "eev", "committed", "evpi", "vss", "recourse")


def by_domain(tree: Tree, spend: np.ndarray, *, first: bool) -> np.ndarray:
    """Money by domain before the first branch, or from it on, billion CNY; `spend` is (lines, years)."""
    horizon = tree.scenario.horizon
    before = np.array(horizon.years) < tree.branches[0]
    total = spend[:, before if first else ~before].sum(axis=1)
    domains = [line.domain for line in tree.scenario.lines]
    return np.array([total[[d == domain.id for d in domains]].sum() for domain in tree.scenario.domains])


@dataclass(frozen=True)
class Course:
    """A course of the world: the plan it is met with, and what it would be worth if it were known."""

    leaf: Leaf
    value: float | None  # NS points, simulated
    money: Money | None
    known: Bracket | None
    status: Status  # of the solve in which it is known
    choices: Choices = NO_CHOICES


@dataclass(frozen=True)
class Hedge:
    """Money by domain before the first branch, billion CNY; the plan is `rp`, `ev`, `worst`, or a course known."""

    plan: str
    amounts: tuple[float, ...]


@dataclass(frozen=True, repr=False)
class Decided:
    """A tree as it was decided, as data; `kctopt.Stochastic` adds what is told and written."""

    tree: Tree
    measure: Measure
    status: Status
    value: float | None  # of the measure: NS points; of a regret, points short of the best
    bound: float | None
    courses: tuple[Course, ...]
    values: Mapping[str, Bracket | None] = field(default_factory=dict)  # by the names of BRACKETS
    hedges: tuple[Hedge, ...] = ()
    blocked: tuple[str, ...] = ()  # courses that have no plan even where they are known
    ev_infeasible: tuple[str, ...] = ()  # courses in which the plan for the mean leaves no plan
    ev_defined: bool = True  # whether courses have the same rules, so that there is a world of the mean
    ev_courses: tuple[float | None, ...] = ()
    committed_infeasible: bool = False
    further: Further = field(default_factory=Further)
    gap_asked: float = 1e-4
    seconds: float = 0.0
    command: str = ""
    created: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        facts = [f"value={self.value:.6g}"] if self.value is not None else []
        return brief(self, self.tree.name, self.status, *facts)

    @property
    def gap(self) -> float | None:
        """Relative distance of the two bounds; None while one of them is missing."""
        return None if self.value is None or self.bound is None else relative_gap(self.value, self.bound)

    @property
    def exit_code(self) -> int:
        """What `kctopt stochastic` ends with: as `kctopt solve` does."""
        return self.status.exit_code

    @property
    def hedging(self) -> pandas.DataFrame:
        """Money by domain before the first branch, billion CNY, in this plan and those it is held against."""
        return self.table("hedging").frame

    @property
    def recourse(self) -> pandas.DataFrame:
        """Money by domain from the first branch on, billion CNY, course by course."""
        return self.table("recourse").frame

    def table(self, name: str) -> Table:
        """A table: courses, hedging, recourse or security; where asked for, probabilities, shortfalls, switches,
        prices or waiting.

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
        >>> kctopt.stochastic("hazard.yaml").table("courses").frame["probability"].tolist()
        [0.4, 0.6]
        """
        return {table.title: table for table in self.tables()}[name]

    def money(self, *, first: bool) -> Table:
        """Money by domain, billion CNY: of the plans before the first branch, or of every course from it on."""
        tree, branch = self.tree, self.tree.branches[0]
        years = tree.scenario.horizon.years
        span = f"{years[0]}-{branch - 1}" if first else f"{branch}-{years[-1]}"
        plans = {hedge.plan: list(hedge.amounts) for hedge in self.hedges} if first else {
            course.leaf.name: by_domain(tree, course.money.spend, first=False).tolist()
            for course in self.courses if course.money is not None
        }  # fmt: skip
        what = "plan" if first else "course"
        columns = (
            Column(what, "string", "plan" if first else "course of the world"), Column("domain", "string", "domain"),
            Column("years", "string", "years"), Column("amount", "number", "money", "billion CNY"),
        )  # fmt: skip
        ids = [domain.id for domain in tree.scenario.domains]
        rows = [(plan, ids[d], span, amount) for plan, amounts in plans.items() for d, amount in enumerate(amounts)]
        return Table("hedging" if first else "recourse", columns, tuple(rows))

    def outcomes(self) -> Table:
        """Every course: probability, and its value under the plan, if it were known, under the plan for the mean."""
        columns = (
            Column("course", "string", "course of the world"), Column("probability", "number", "probability", "share"),
            Column("value", "number", "objective under the plan", "NS points"),
            Column("known", "number", "objective if it were known from the start", "NS points"),
            Column("known_bound", "number", "proven bound of that", "NS points"),
            Column("mean_plan", "number", "objective under the plan for the mean", "NS points"),
        )  # fmt: skip
        rows = []
        for n, course in enumerate(self.courses):
            after = self.ev_courses[n] if n < len(self.ev_courses) else None
            known = (None, None) if course.known is None else (course.known.value, course.known.high)
            rows.append((course.leaf.name, course.leaf.probability, course.value, *known, after))
        return Table("courses", columns, tuple(rows))

    def security(self) -> Table:
        """National security by year in every course, and its mean by probability; base year = 100."""
        columns = (
            Column("course", "string", "course of the world, or expected"), Column("year", "integer", "year"),
            Column("security", "number", "national security", "base year = 100"),
        )  # fmt: skip
        horizon = self.tree.scenario.horizon
        years = [horizon.base_year, *horizon.years]
        rows: list[tuple[str, int, float]] = []
        total = np.zeros(len(years))
        for course in self.courses:
            if course.money is None:
                return Table("security", columns, ())
            path = simulate(course.leaf.scenario, course.money, choices=course.choices).security[: len(years)]
            total += course.leaf.probability * path
            rows += [(course.leaf.name, year, float(value)) for year, value in zip(years, path, strict=True)]
        rows += [("expected", year, float(value)) for year, value in zip(years, total, strict=True)]
        return Table("security", columns, tuple(rows))

    def tables(self) -> tuple[Table, ...]:
        """All tables."""
        own = self.outcomes(), self.money(first=True), self.money(first=False), self.security()
        return *own, *self.further.tables(self.tree)

    def data(self) -> dict[str, Any]:
        """What JSON prints, and the record of the folder."""
        return {
            "schema_version": SCHEMA, "tree": self.tree.name, "scenario": self.tree.scenario.name,
            "status": str(self.status), "exit_code": self.exit_code,
            "measure": self.measure.data(),
            "value": self.value, "bound": self.bound, "gap": self.gap, "gap_asked": self.gap_asked,
            "values": {
                name: None if one is None else {"value": one.value, "low": one.low, "high": one.high}
                for name, one in self.values.items()
            },
            "infeasible": {"known": list(self.blocked), "mean_plan": list(self.ev_infeasible)},
            "branches": list(self.tree.branches), "states": self.tree.data()["states"],
            **{table.title: table.records for table in self.tables()},
            "seconds": round(self.seconds, 4), "command": self.command, "created": self.created,
            "versions": dict(self.versions), "inputs": dict(self.tree.hashes), "notes": list(self.tree.notes),
        }  # fmt: skip
