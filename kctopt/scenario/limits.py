"""Largest amounts that the rules leave, whatever the plan: data that bound what discrete decisions switch on and off.

    S[i,t] <= min(cap_i, (1 + ramp_growth) Smax[i,t-1] + ramp_step, B[t] + carry_share B[t-1] - floors of the others)
    y[i,t] <= min(phi Smax[i,t], E[t] / (zeta_i xi))

| symbol | meaning | unit | name |
|---|---|---|---|
| Smax | largest spend of a line | billion CNY/year | most_spend |
| phi | largest share of exchange, by quadrant and cooperation mode | share | exchange_shares |
| E xi | exposure limit, factor of the mode on exposure | billion CNY/year, ratio | exposure_limit, modes.exposure |
| zeta | exposed part of the exchange of a line | share | exposed_part |
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.options import Mode
from kctopt.scenario.records import Scenario
from kctopt.scenario.select import exposed_part, quadrant


def modes_to_choose(scenario: Scenario) -> tuple[Mode | None, ...]:
    """The cooperation modes that a plan chooses from; None stands for no such choice."""
    return (None,) if scenario.cooperation.choice == "none" else scenario.modes


def exchange_shares(scenario: Scenario, mode: Mode | None) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest share of each line's spend that goes to exchange, each (lines,).

    Without a mode those of the quadrant, under `mask` those of the quadrant within the mode's, else the mode's.
    """
    rules = {rule.id: rule for rule in scenario.quadrants}
    own = [rules[quadrant(scenario, i)] for i in range(len(scenario.lines))]  # type: ignore[index]
    least = np.array([rule.min_exchange for rule in own])
    most = np.array([rule.max_exchange for rule in own])
    if mode is None:
        return least, most
    if scenario.cooperation.choice == "mask":
        return np.minimum(least, mode.max_exchange), np.minimum(most, mode.max_exchange)
    return np.zeros(len(own)), np.full(len(own), mode.max_exchange)


def most_spend(scenario: Scenario) -> np.ndarray:
    """Largest spend of each line in each planned year, (lines, years); the budget counts where it is data."""
    rule, years = scenario.money, scenario.horizon.years
    caps = np.array([np.inf if line.cap is None else line.cap for line in scenario.lines])
    floors = np.array([line.floor for line in scenario.lines])
    money = np.full(len(years), np.inf)
    if scenario.objective.kind != "min_budget":
        budget = scenario.budget.at(np.array(years))
        money = budget + rule.carry_share * np.concatenate([[0.0], budget[:-1]])
    others, spend, most = floors.sum() - floors, np.array([line.spend for line in scenario.lines]), []
    for limit in money:
        spend = np.minimum(np.minimum(caps, (1 + rule.ramp_growth) * spend + rule.ramp_step), limit - others)
        spend = np.maximum(spend, 0.0)
        most.append(spend)
    return np.stack(most, axis=-1)


def most_exchange(scenario: Scenario, mode: Mode | None) -> np.ndarray:
    """Largest exchange spend of each line in each planned year under a mode, (lines, years)."""
    exposed = (exposed_part(scenario) * (1.0 if mode is None else mode.exposure))[:, None]
    limit = scenario.cooperation.exposure_limit.at(np.array(scenario.horizon.years))
    allowed = np.divide(limit, exposed, out=np.full((len(exposed), len(limit)), np.inf), where=exposed > 0)
    _, share = exchange_shares(scenario, mode)
    return np.asarray(np.minimum(share[:, None] * most_spend(scenario), allowed))
