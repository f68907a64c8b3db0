"""A plan as rules read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kctopt.scenario.axes import vector
from kctopt.scenario.records import QUADRANTS, Quadrant, Scenario
from kctopt.scenario.reviews import REACH
from kctopt.scenario.select import quadrant, quadrants
from kctopt.scenario.units import money_units
from kctopt.simulator import Choices, Money, Trajectory
from kctopt.simulator.costs import modes
from kctopt.simulator.world import Array, Codes


@dataclass(frozen=True)
class Case:
    """A plan with what follows from it.

    What is told of it (messages, quadrants by name) is of a scenario without draws. Where numbers of the scenario are
    drawn, its trajectory has their draw axes, and so have both sides of every rule; money may have them
    too, choices have none.
    """

    scenario: Scenario
    money: Money
    choices: Choices
    trajectory: Trajectory
    budget_scale: float = 1.0  # factor on every year's budget (`min_budget`)
    carried: Array | None = None  # money the plan says it carries out of each year, (N,); None: as much as it may

    @cached_property
    def spend(self) -> Array:
        """Spend of each line, (..., L, N), billion CNY."""
        return self.money.spend

    @cached_property
    def unit(self) -> Array:
        """What money is measured by, (...), billion CNY."""
        return money_units(self.scenario)

    @cached_property
    def lines(self) -> list[str]:
        """Ids of the lines."""
        return [line.id for line in self.scenario.lines]

    @property
    def years(self) -> tuple[int, ...]:
        """Planned years."""
        return self.scenario.horizon.years

    @cached_property
    def stage(self) -> Codes:
        """Stage in force by line and planned year, (..., L, N); -1 without switching."""
        return self.trajectory.stage[..., 1 : len(self.years) + 1]

    @cached_property
    def quadrant(self) -> list[Quadrant]:
        """Quadrant of each line."""
        rules: dict[str, Quadrant] = {rule.id: rule for rule in self.scenario.quadrants}
        return [rules[quadrant(self.scenario, i)] for i in range(len(self.lines))]

    @cached_property
    def mode(self) -> Codes | None:
        """Mode of each line's domain in each planned year, (L, N); None without modes."""
        chosen = modes(self.scenario, self.choices)
        if chosen is None:
            return None
        domains = [domain.id for domain in self.scenario.domains]
        of_line = [domains.index(line.domain) for line in self.scenario.lines]
        first = [plan.first for plan in self.scenario.horizon.plans]
        return chosen[of_line][:, np.searchsorted(first, self.years, side="right") - 1]

    @cached_property
    def exchange_shares(self) -> tuple[Array, Array]:
        """Least and largest share of a line's spend on exchange, (..., L, N) each.

        A cooperation mode narrows the limits of a quadrant (mask) or takes their place (free), and a line that is not
        within reach has no floor on exchange.
        """
        everywhere = np.ones(self.spend.shape)
        least, most = (self._by_quadrant(name)[..., None] * everywhere for name in ("min_exchange", "max_exchange"))
        if self.scenario.stages == "switching":
            least = np.where(self.stage == REACH, least, 0.0)
        if self.mode is None:
            return least, most
        limit = vector(entry.max_exchange for entry in self.scenario.modes)[..., self.mode]
        if self.scenario.cooperation.choice == "free":
            return np.zeros_like(least), limit
        return np.minimum(least, limit), np.minimum(most, limit)

    @cached_property
    def exposure_factor(self) -> Array:
        """xi: factor on exposure by mode, (..., L, N)."""
        if self.mode is None:
            return np.ones(self.spend.shape)
        return vector(entry.exposure for entry in self.scenario.modes)[..., self.mode]

    def _by_quadrant(self, name: str) -> Array:
        """A number of the quadrant of each line, (..., L)."""
        rules: dict[str, Any] = {rule.id: getattr(rule, name) for rule in self.scenario.quadrants}
        numbers, place = vector(rules.get(each, np.nan) for each in QUADRANTS), quadrants(self.scenario)
        draws = np.broadcast_shapes(numbers.shape[:-1], place.shape[:-1])
        numbers, place = (np.broadcast_to(part, (*draws, part.shape[-1])) for part in (numbers, place))
        return np.take_along_axis(numbers, place, axis=-1)
