"""What discrete choices cost and bring beside the laws: programmes, changes of cooperation mode, the market.

cost[t] = sum_k n_k cost_k(t - start)      gain = n routes: gain_k (1 - (1 - p_k)^n) at the end of the last year
change[t] = change_cost x domains whose mode in the plan that starts in t is another than before
market[t] = sum_d w_d (G(mode in t) - G(base-year mode))
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.scenario.axes import vector
from kctopt.scenario.options import Programme
from kctopt.scenario.records import Scenario
from kctopt.simulator.choices import Choices
from kctopt.simulator.world import Array, Codes, World


def started(scenario: Scenario, routes: Codes | None) -> Iterator[tuple[int, Programme, int, int]]:
    """Position, programme, position of the first year and routes of everything that starts."""
    if routes is not None:
        for k, n in np.argwhere(routes > 0):
            yield int(k), scenario.programmes[k], int(n), int(routes[k, n])


def programme_cost(scenario: Scenario, routes: Codes | None) -> Array:
    """Cost of programmes in each planned year, (..., N), billion CNY."""
    total = np.zeros(len(scenario.horizon.years))
    for _, programme, n, count in started(scenario, routes):
        total = _added(total, n, count * vector(programme.costs))
    return total


def researchers(scenario: Scenario, routes: Codes | None) -> Array:
    """Researchers of running programmes in each planned year, (..., N), thousand persons."""
    total = np.zeros(len(scenario.horizon.years))
    for _, programme, n, count in started(scenario, routes):
        total = _added(total, n, count * vector([programme.researchers] * programme.duration))
    return total


def _added(total: Array, first: int, amounts: Array) -> Array:
    """Amounts of the years from position `first` on, (..., years), added to a total, (..., N), as far as it reaches."""
    amounts = amounts[..., : total.shape[-1] - first]
    total = np.broadcast_to(total, (*np.broadcast_shapes(total.shape[:-1], amounts.shape[:-1]), total.shape[-1])).copy()
    total[..., first : first + amounts.shape[-1]] += amounts
    return total


def base_mode(scenario: Scenario) -> Codes | None:
    """Mode of each domain in the base year, (G,); None without modes."""
    if scenario.cooperation.choice == "none":
        return None
    position = {mode.id: n for n, mode in enumerate(scenario.modes)}
    return np.array([position[domain.mode] for domain in scenario.domains])


def modes(scenario: Scenario, choices: Choices) -> Codes | None:
    """Mode of each domain in each plan, (G, P), the base year's where none is chosen; None without modes."""
    base = base_mode(scenario)
    if base is None or choices.mode is not None:
        return choices.mode
    return np.repeat(base[:, None], len(scenario.horizon.plans), axis=1)


def change_cost(scenario: Scenario, choices: Choices) -> Array:
    """Cost of changing modes in each planned year, (..., N), billion CNY."""
    total, base = np.zeros(len(scenario.horizon.years)), base_mode(scenario)
    if choices.mode is not None and base is not None:
        before = np.concatenate([base[:, None], choices.mode[:, :-1]], axis=1)
        changed = (choices.mode != before).sum(axis=0)
        for plan, count in zip(scenario.horizon.plans, changed, strict=True):
            cost = vector([scenario.cooperation.change_cost])
            total = _added(total, plan.first - scenario.horizon.years[0], count * cost)
    return total


def extra_cost(scenario: Scenario, choices: Choices) -> Array:
    """Money that discrete choices take from each planned year's budget, (..., N), billion CNY."""
    return programme_cost(scenario, choices.routes) + change_cost(scenario, choices)


def programme_gain(scenario: Scenario, world: World, routes: Codes) -> Array:
    """Expected stock gained at the end of each year, (..., L, 3, H), index points."""
    years, draws = len(world.plan), np.broadcast_shapes(world.gain.shape[:-1], world.success.shape[:-1])
    total = np.zeros((*draws, len(scenario.lines), len(scenario.rungs), years))
    for k, programme, n, count in started(scenario, routes):
        line, rung = world.programme[k]
        end = n + programme.duration - 1
        if end < years:
            total[..., line, rung, end] += world.gain[..., k] * chance(world, k, count)
    return total


def rewards(scenario: Scenario, world: World, routes: Codes | None) -> Array:
    """Expected rewards of programmes that end by their deadline, (...), objective points."""
    total = np.zeros(())
    for k, programme, n, count in started(scenario, routes):
        end = scenario.horizon.years[n] + programme.duration - 1
        if programme.deadline is None or end <= programme.deadline:
            total = total + world.reward[..., k] * chance(world, k, count)
    return total


def chance(world: World, k: int, routes: int) -> Array:
    """Probability that a programme succeeds, (...)."""
    return np.asarray(1 - (1 - world.success[..., k]) ** routes)


def market(world: World, mode: Codes) -> Array:
    """Economic power gained by modes of domains (G, H) against those of the base year, (..., H+1), index points."""
    gain = world.market_gain[..., mode] - world.market_gain[..., world.base_mode][..., None]
    by_year = (world.domain_weights[..., None] * gain).sum(axis=-2)
    return np.concatenate([np.zeros((*by_year.shape[:-1], 1)), by_year], axis=-1)
