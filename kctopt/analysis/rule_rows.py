"""Where each rule of a run stands in its program: what moves when its right side moves, and what that is worth.

| rule | moves |
|---|---|
| money.budget[t], quadrants.exposure[t] | the held column of the amount, so that all that follows from it counts |
| money.line_floor, money.line_cap | a bound of the line's spend |
| a rule that the program writes for several years or modes | all these rows |
| any other | its row |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.naming import Name
from kctopt.rules import Sense
from kctopt.rules.rows import Rows, row_of
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices
from kctopt.solver.compiled import Compiled
from kctopt.solver.newton import Point

if TYPE_CHECKING:
    from kctopt.solver.lagrangian_prices import LagrangianPrices

HELD = {"money.budget": "money.available", "quadrants.exposure": "quadrants.exposure_limit"}
LIMITS = ("money.line_floor", "money.line_cap")
NOTHING = 1e-6  # objective points per unit below which a price counts as 0


@dataclass(frozen=True)
class RuleRows:
    """One rule in a program: rows that loosen, columns held at its data, or one bound of a column."""

    sense: str
    rows: tuple[int, ...] = ()
    held: tuple[int, ...] = ()
    lower: tuple[int, ...] = ()
    upper: tuple[int, ...] = ()

    def price(self, compiled: Compiled, point: Point) -> float:
        """Change of the objective for one more unit on the right side, by the prices at a point."""
        worth = -compiled.sign * float(np.abs(point.rows[list(self.rows)]).sum()) * (1 if self.sense == "<=" else -1)
        columns = list(self.held + self.lower + self.upper)
        return worth + compiled.sign * float(point.columns[columns].sum()) + 0.0  # no -0

    def released(self, compiled: Compiled, free: LagrangianPrices) -> float | None:
        """The same with all discrete choices free; None where a line's own choices stand between."""
        columns = list(self.held + self.lower + self.upper)
        known = free.rows[list(self.rows)].all() and free.columns[columns].all()
        return self.price(compiled, free.point) if known else None

    def moved(self, compiled: Compiled, by: float) -> Compiled:
        """The program with this right side larger by an amount."""
        give = np.zeros(len(compiled.lower))
        give[list(self.rows)] = by if self.sense == "<=" else -by
        lower, upper = compiled.column_lower.copy(), compiled.column_upper.copy()
        lower[list(self.held + self.lower)] += by
        upper[list(self.held + self.upper)] += by
        return replace(
            compiled, lower=compiled.lower - give, upper=compiled.upper + give, column_lower=lower, column_upper=upper
        )


@dataclass(frozen=True)
class PricedRule:
    """A rule with its place in the program and its row of the table of constraints."""

    named: str
    place: RuleRows
    row: Mapping[str, Any]
    price: float
    released: float | None

    @property
    def tight(self) -> bool:
        """Whether it has a price or binds; a right side of 0 without a price follows from another decision."""
        return abs(self.price) > NOTHING or (bool(self.row["binding"]) and abs(float(self.row["right"])) > NOTHING)


class RuleIndex:
    """The rules of one program."""

    def __init__(self, scenario: Scenario, choices: Choices, compiled: Compiled) -> None:
        self._columns = {name: j for j, name in enumerate(compiled.names)}
        self._compiled = compiled
        self._rows: dict[str, list[int]] = {}
        rows = Rows(scenario, choices)
        for n, row in enumerate(compiled.row_names):
            rule = rows.rule(row)
            if rule is not None:
                self._rows.setdefault(rule, []).append(n)

    def of(self, rule: str, sense: Sense) -> RuleRows | None:
        """Where a rule stands; None where the program has nothing that stands for it."""
        name = Name.parse(rule)
        if name.head in HELD:
            j = self._columns.get(Name(HELD[name.head], *name.keys))
            if j is not None and self._compiled.column_lower[j] == self._compiled.column_upper[j]:
                return RuleRows(sense, held=(j,))
        if name.head in LIMITS:
            j = self._columns[Name("money.spend", *name.keys)]
            return RuleRows(sense, lower=(j,)) if name.family == "line_floor" else RuleRows(sense, upper=(j,))
        row = row_of(name, sense, self._rows)
        return None if row is None else RuleRows(sense, rows=tuple(self._rows[row]))


def together(parts: Mapping[RuleRows, float], compiled: Compiled, by: float) -> Compiled:
    """The program with several right sides larger, each by its weight times an amount."""
    for place, weight in parts.items():
        compiled = place.moved(compiled, by * weight)
    return compiled
