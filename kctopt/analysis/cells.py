"""The money of a domain, a type and a planning period, as a sum of columns of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kctopt.analysis.traits import shares
from kctopt.result.result import Result
from kctopt.scenario.records import TYPES
from kctopt.table import Column

if TYPE_CHECKING:
    from kctopt.solver.polish import Polished

CELL = (
    Column("domain", "string", "domain"),
    Column("type", "string", "type: B, A, M or S; lines of several types count by their memberships"),
    Column("plan", "string", "planning period"),
)


@dataclass(frozen=True, eq=False)
class SpendCell:
    """A domain, a type and a planning period, with the weight of each column of the program in its money."""

    domain: str
    type: str
    plan: str
    base: float
    spend: float
    weights: np.ndarray

    @property
    def key(self) -> str:
        """Name of the cell among the steps."""
        return f"{self.domain} {self.type} {self.plan}"

    @property
    def head(self) -> dict[str, str]:
        """What names it in tables."""
        return {"domain": self.domain, "type": self.type, "plan": self.plan}


def cells(result: Result, settled: Polished) -> Iterator[SpendCell]:
    """Every cell that some line belongs to."""
    scenario, compiled = result.solved_scenario, settled.engine.compiled
    assert result.money is not None  # there is a plan
    inside, member = shares(result.scenario)
    columns = compiled.slots["money.spend"].reshape(len(scenario.lines), -1)
    base = np.array([line.spend for line in scenario.lines])
    for d, domain in enumerate(scenario.domains):
        for k, kind in enumerate(TYPES):
            part = inside[:, d] * member[:, k]
            for plan in scenario.horizon.plans if part.any() else ():
                years = [n for n, year in enumerate(scenario.horizon.years) if plan.first <= year <= plan.last]
                weights = np.zeros(len(compiled.cost))
                weights[columns[:, years]] = part[:, None]
                spend = float(part @ result.money.spend[:, years].sum(axis=1))
                yield SpendCell(domain.id, kind, plan.id, float(part @ base) * len(years), spend, weights)
