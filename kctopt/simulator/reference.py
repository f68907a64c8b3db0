"""The yardsticks that a plan is held against: the plan "base year's shares", and the trend alone.

    share[i,k] = spend[i,k,t0] / sum_{j,l} spend[j,l,t0]        line i, k: rungs F, P, R, substitution, exchange
    reference:  spend[i,k,t] = share[i,k] B_t
    trend:      U[i,t] / R[i,t] = U[i,t0] / R[i,t0]             every line keeps its ratio to the rival

The reference plan spends every year's whole budget and carries nothing over. Its discrete decisions are those of the
base year: cooperation modes stay, no programme starts, nothing is held back, and stages follow the law year by year
without foresight. Where switching closes the exchange of a line, in the base year or later, that money is strategic
spend of the line, by the base-year shares of the rungs. It is simulated, never solved: whether it keeps the rules is
another question.

| symbol | meaning | unit | name |
|---|---|---|---|
| share | part of the base year's spend | share | |
| B_t | budget of the year | billion CNY/year | budget |
| U/R | usable capability over the rival's | ratio | usable, rival |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import review_years
from kctopt.simulator.money import Money, to_base_plan, without_closed_exchange
from kctopt.simulator.trajectory import Trajectory, constant, simulate
from kctopt.simulator.world import World


@dataclass(frozen=True)
class Reference:
    """The plan "base year's shares" with what it leads to, and what the trend alone is worth."""

    money: Money
    trajectory: Trajectory
    trend: float  # objective when every line keeps its base-year ratio to the rival

    @property
    def objective(self) -> float:
        """What the plan is worth, NS points over the years."""
        return float(self.trajectory.objective)


def reference(scenario: Scenario) -> Reference:
    """Both yardsticks of a scenario, by the laws that judge its plans."""
    world = World.of(scenario)
    money, path = shares(scenario, world)
    return Reference(money, path, constant(scenario, path, world))


def shares(scenario: Scenario, world: World) -> tuple[Money, Trajectory]:
    """The plan "base year's shares" and where it leads, over the draw axes of the world and the scenario."""
    money = to_shares(scenario)
    path = simulate(scenario, money, world)
    if scenario.stages == "switching":
        spread = money
        for _ in review_years(scenario):  # money moved before a review can change the stage it sets, never an earlier
            open_only = without_closed_exchange(scenario, spread, path.stage[..., 1 : 1 + len(scenario.horizon.years)])
            if np.array_equal(open_only.exchange, money.exchange):
                break
            money = open_only
            path = simulate(scenario, money, world)
    return money, path


def to_shares(scenario: Scenario) -> Money:
    """Every year's budget, split as the base year's spend is."""
    base = to_base_plan(scenario)
    spend = np.asarray(sum(line.spend for line in scenario.lines))
    scale = scenario.budget.at(np.array(scenario.horizon.years)) / spend[..., None]
    by_line = scale[..., None, :]
    return Money(base.strategic * by_line[..., None, :], base.substitution * by_line, base.exchange * by_line)
