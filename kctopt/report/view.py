"""A result seen in one language: its words, its labels and the numbers that figures and sentences are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.language import LANGUAGES, money_digits, money_number, plan_name, translate
from kctopt.report.words import WORDS
from kctopt.result.discrete import programme_costs
from kctopt.result.tables import main_type, plan_of
from kctopt.scenario.chinese import MONEY_UNITS, price_unit, shown_unit
from kctopt.scenario.records import TYPES, Scenario
from kctopt.table import Column, column

if TYPE_CHECKING:
    from kctopt.result.result import Result

PARTS = ("economic", "military", "technology")  # of national security, as `indices` names them
PROGRAMMES, CHANGES = "programmes", "mode_changes"  # types of spend beside those of the lines


@dataclass(frozen=True)
class Spend:
    """What one domain spends on one type of technology in a planned year.

    `type` is B, A, M or S for spend on lines, `programmes` for the catalogue of programmes; costs of changing
    cooperation modes have the type `mode_changes` and no domain.
    """

    domain: str
    type: str
    plan: str
    year: int
    amount: float


@dataclass(frozen=True)
class View:
    """A result and the language in which it is told (en or zh)."""

    result: Result
    lang: str = "en"

    @property
    def scenario(self) -> Scenario:
        """The scenario of the result."""
        return self.result.scenario

    def text(self, key: str, **values: Any) -> str:
        """The words for `key`, filled in."""
        return translate(WORDS[key], self.lang, **values)

    def label(self, kind: str, id: str) -> str:
        """Label of a record of the scenario: domains, lines, rungs, quadrants, programmes, modes."""
        entry = next((entry for entry in getattr(self.scenario, kind) if entry.id == id), None)
        if entry is None:
            return self.text("nation") if kind == "domains" else id
        return str(entry.label.text(self.lang))

    def unit(self, unit: str) -> str:
        """A unit in words of the language."""
        return shown_unit(unit, self.lang)

    def price_unit(self, unit: str) -> str:
        """A unit that a price is for."""
        return price_unit(unit, self.lang)

    def amount(self, number: float, unit: str) -> float:
        """A number with a unit; money in that of the language."""
        return money_number(number, self.lang) if unit in MONEY_UNITS else number

    def plan(self, plan: str) -> str:
        """What a planning period is called."""
        return plan_name(plan, self.lang)

    def money_column(self, label: str, digits: int = 1) -> Column:
        """A column of amounts in the language's unit of money, with so many digits where that is a billion CNY."""
        return column(label, f",.{money_digits(digits, self.lang)}f")

    def share_column(self, label: str, digits: int = 1) -> Column:
        """A column of shares, as percentages."""
        return column(label, f".{digits}%", LANGUAGES[self.lang].percent)

    def grade(self, grade: str) -> str:
        """A grade of a source."""
        return {"assumption": self.text("assumed"), "user": self.text("by_user")}.get(grade, grade)

    @property
    def title(self) -> str:
        """Label of the scenario."""
        label = self.scenario.label
        return label.text(self.lang)

    def joined(self, parts: Sequence[str]) -> str:
        """A list as people write it."""
        return LANGUAGES[self.lang].series(parts)

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return LANGUAGES[self.lang].space

    @property
    def colon(self) -> str:
        """A colon before a text."""
        return LANGUAGES[self.lang].colon

    def cell(self, domain: str, kind: str) -> str:
        """A domain and a type as one name."""
        between = ": " if LANGUAGES[self.lang].cases else "·"
        return f"{self.label('domains', domain)}{between}{self.text(kind)}"

    @property
    def landmarks(self) -> list[int]:
        """The base year and the last year of every plan."""
        horizon = self.scenario.horizon
        return [horizon.base_year, *(plan.last for plan in horizon.plans)]

    @property
    def years(self) -> list[int]:
        """The base year and the planned years."""
        return [self.scenario.horizon.base_year, *self.scenario.horizon.years]

    @property
    def kinds(self) -> list[str]:
        """Types that some line has as its main one, then `programmes` where some are launched."""
        types = {main_type(line) for line in self.scenario.lines}
        return [kind for kind in TYPES if kind in types] + (
            [PROGRAMMES] if self.result.columns("programmes")["selected"].any() else []
        )

    def index(self, name: str, year: int) -> float:
        """One national index."""
        return self.result.index(name, year)


def spend(result: Result, lang: str) -> list[Spend]:
    """All money of the planned years by domain, type and year, in the unit of money of the language.

    Programmes that are not launched are left out.
    """
    scenario, horizon = result.scenario, result.scenario.horizon
    sums: dict[tuple[str, str, int], float] = {}
    table = result.columns("allocation")
    for domain, kind, year, amount in zip(
        *(table[name].tolist() for name in ("domain", "type", "year", "amount")), strict=True
    ):
        sums[domain, kind, year] = sums.get((domain, kind, year), 0.0) + amount
    home = {line.id: line.domain for line in scenario.lines}
    if scenario.programmes:
        for programme, costs in zip(
            scenario.programmes, programme_costs(scenario, result.choices).tolist(), strict=True
        ):
            if not any(costs):
                continue
            for year, amount in zip(horizon.years, costs, strict=True):
                key = home[programme.line], PROGRAMMES, year
                sums[key] = sums.get(key, 0.0) + amount
    path = result.trajectory
    if path is not None and path.change_cost.sum() > 0:
        sums |= {("", CHANGES, year): float(cost) for year, cost in zip(horizon.years, path.change_cost, strict=True)}
    return [
        Spend(domain, kind, plan_of(horizon, year), year, money_number(amount, lang))
        for (domain, kind, year), amount in sums.items()
    ]


def totals(rows: Iterable[Spend], *by: str) -> dict[tuple[Any, ...], float]:
    """Sums of spend by some of its fields."""
    sums: dict[tuple[Any, ...], float] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in by)
        sums[key] = sums.get(key, 0.0) + row.amount
    return sums


def budget(result: Result, lang: str) -> float:
    """Money available over the planned years, in the unit of money of the language.

    For `min_budget` what the plan needs of it.
    """
    scale = 1.0 if result.budget_scale is None else result.budget_scale
    return money_number(scale * result.scenario.budget.at(np.array(result.scenario.horizon.years)).sum(), lang)


def states(result: Result, column: str, table: str = "capability") -> dict[tuple[str, int], Any]:
    """A column of a table of lines and years as line, year -> value."""
    columns = result.columns(table)
    keys = zip(columns["line"].tolist(), columns["year"].tolist(), strict=True)
    return dict(zip(keys, columns[column].tolist(), strict=True))


def labels(view: View) -> list[str]:
    """The labels of a scenario as figures and reports show them."""
    scenario = view.scenario
    kinds = ("domains", "lines", "rungs", "quadrants", "programmes", "modes")
    return [view.title, *(view.label(kind, entry.id) for kind in kinds for entry in getattr(scenario, kind))]
