"""Rows of the program and the rules that they stand for.

A rule has rows of its own name, with these exceptions:

| row | rule |
|---|---|
| money.carry_limit, switching.near_forced | money.carry, switching.near |
| modes.limit, modes.floor[i,t,m] | quadrants.exchange_cap, exchange_floor[i,t], where the mode is the one chosen |
| scale.minimum[i,t] | scale.minimum[i,p], p the plan of t |
| policies.<id>[t,min], [t,max] | policies.<id>[t], the side of a share |
| laws, and rows that only keep books | none |
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from kctopt.naming import Name
from kctopt.rules.family import Sense
from kctopt.scenario.records import Scenario
from kctopt.simulator import Choices
from kctopt.simulator.costs import modes

LAWS = {"knowledge", "ladder", "substitution", "diffusion", "dependency", "kct", "security", "objective"}
BOOKS = {"money.spend_of_line", "money.available", "money.profile", "money.carry", "quadrants.exposure_limit"}
OPTIONS = {"switching", "modes", "tranches", "scale", "programmes"}
PRICED = {"switching.near_forced", "switching.entry", "switching.exchange_open"}  # rows of options that money moves
WRITTEN = {"money.carry": "money.carry_limit", "switching.near": "switching.near_forced"}  # rule -> its rows
BY_MODE = {"modes.limit": "quadrants.exchange_cap", "modes.floor": "quadrants.exchange_floor"}


class Rows:
    """Rules of the rows of one program, whose plan has made its choices."""

    def __init__(self, scenario: Scenario, choices: Choices) -> None:
        horizon = scenario.horizon
        self._plan = {str(t): plan.id for plan in horizon.plans for t in range(plan.first, plan.last + 1)}
        self._mode: dict[tuple[str, str], str] = {}
        chosen = modes(scenario, choices)
        if chosen is not None:
            domain = {entry.id: g for g, entry in enumerate(scenario.domains)}
            first = [plan.first for plan in horizon.plans]
            at = np.searchsorted(first, horizon.years, side="right") - 1
            self._mode = {
                (line.id, str(year)): scenario.modes[chosen[domain[line.domain], p]].id
                for line in scenario.lines for year, p in zip(horizon.years, at, strict=True)
            }  # fmt: skip

    def rule(self, row: str) -> Name | None:
        """The rule that a row stands for, under the name of its rows; None for a law or books."""
        name = Name.parse(row)
        if name.head in BY_MODE:
            line, year, mode = name.keys
            return Name(BY_MODE[name.head], line, year) if self._mode[line, year] == mode else None
        if name.head == "scale.minimum":
            line, year = name.keys
            return Name(name.head, line, self._plan[year])
        if name.block in OPTIONS:
            return name if name.head in PRICED else None
        return None if name.block in LAWS or name.head in BOOKS else name


def row_of(rule: Name, sense: Sense, there: Container[str]) -> Name | None:
    """The name among those `there` under which a rule has rows or a price: its own, or that of a side of a share."""
    row = Name(WRITTEN.get(rule.head, rule.head), *rule.keys)
    sided = Name(row.head, *row.keys, "max" if sense == "<=" else "min")
    return next((name for name in (row, sided) if name in there), None)
