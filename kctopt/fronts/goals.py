"""What can be an objective: its name, its sense, its unit, and its row in the arrays of a program.

| name | better | what it is | unit |
|---|---|---|---|
| NS | more | the scenario's objective: national security over the years, with its penalties and rewards | NS points |
| EP, MP, KCT | more | economic, military power, KCT capability (base year = 100), same weights of years | points |
| spend | less | money of all years, with the costs of programmes and changes of mode | billion CNY |
| exposure | less | exchange weighted by sensitivity above a threshold, all years | billion CNY |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kctopt.errors import UsageError, suggest
from kctopt.scenario.records import Scenario
from kctopt.simulator import simulate
from kctopt.simulator.money import to_base_plan
from kctopt.solver.compiled import Compiled

MONEY = "billion CNY"
UNITS = {
    "NS": "NS points", "EP": "points", "MP": "points", "KCT": "points", "spend": MONEY, "exposure": MONEY,
}  # fmt: skip
NAMES = tuple(UNITS)
LESS = ("spend", "exposure")  # of which less is better
INDICES = {"EP": "security.economic", "MP": "security.military", "KCT": "kct.kct"}
FEWEST, MOST = 2, 3  # objectives


@dataclass(frozen=True)
class Goal:
    """An objective, to be minimised: cost @ x + offset; what people read has `sign` before it."""

    key: str
    cost: np.ndarray
    offset: float = 0.0
    sign: float = 1.0
    unit: str = ""

    def of(self, x: np.ndarray) -> float:
        """Its value at columns x, less being better."""
        return float(self.cost @ x + self.offset)

    def shown(self, value: float) -> float:
        """A value as people read it."""
        return self.sign * value if value else 0.0


def checked_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Two or three objectives, each once. Raises UsageError that names everything wrong."""
    asked = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    wrong = []
    known = {name.lower(): name for name in NAMES}
    for name in dict.fromkeys(asked):
        if str(name).lower() not in known:
            hint = suggest(str(name), NAMES, most=0) or f"known: {', '.join(NAMES)}"
            wrong.append(f"'{name}' is no objective; {hint}")
        elif asked.count(name) > 1:
            wrong.append(f"'{name}' stands twice: name each objective once")
    if not FEWEST <= len(asked) <= MOST:
        wrong.append(f"{len(asked)} objectives: name two or three, such as NS,spend")
    if wrong:
        raise UsageError("; ".join(wrong))
    return tuple(known[str(name).lower()] for name in asked)


def goals_of(names: Sequence[str], scenario: Scenario, compiled: Compiled) -> tuple[Goal, ...]:
    """Objectives of a scenario as rows of its arrays.

    Raises UsageError for a scenario with another objective than national security, or one that has nothing of a kind.
    """
    kind = scenario.objective.kind
    if kind != "national_security":
        raise UsageError(f"a front is drawn for national security; the objective of '{scenario.name}' is {kind}")
    return tuple(_goal(name, scenario, compiled) for name in names)


def _goal(name: str, scenario: Scenario, c: Compiled) -> Goal:
    """One objective."""
    sign = 1.0 if name in LESS else -1.0
    if name == "NS":
        return Goal(name, c.cost, c.offset, sign, UNITS[name])
    if name in INDICES:
        cost = np.zeros(len(c.cost))
        factor = 100.0 / _base_kct(scenario) if name == "KCT" else 1.0
        cost[c.slots[INDICES[name]]] = factor * c.cost[c.slots["security.security"]]
        return Goal(name, cost, 0.0, sign, UNITS[name])
    head, apart = ("money.budget", ("money.carry", "money.available", "money.scale")) if name == "spend" else (
        "quadrants.exposure", ("quadrants.exposure_limit",)
    )  # fmt: skip
    rows = [n for n, row in enumerate(c.row_names) if row.head == head]
    cost = np.zeros(len(c.cost))
    cost += np.asarray(c.rows[rows].sum(axis=0)).ravel()
    for other in apart:
        cost[c.slots.get(other, np.zeros(0, int))] = 0.0
    if not cost.any():
        raise UsageError(f"'{scenario.name}' has no {name}: nothing in it counts as that; leave the objective out")
    return Goal(name, cost, 0.0, sign, UNITS[name])


def _base_kct(scenario: Scenario) -> float:
    """KCT capability of the base year."""
    return float(simulate(scenario, to_base_plan(scenario)).kct[0])
