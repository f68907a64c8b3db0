"""Checks of the user's rules: what each policy speaks of, and floors that no budget can meet.

Money of a year lies in cells: a line and one of the three rungs, substitution or exchange. A policy weighs
the cells; policies whose cells do not overlap add up, and only those are added here, so that a floor on a
domain and a floor on a type may share money.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from kctopt.scenario.axes import spread
from kctopt.scenario.nodes import Location
from kctopt.scenario.problem import Problem, Problems
from kctopt.scenario.record import above, apart
from kctopt.scenario.records import (
    RUNGS,
    BandPolicy,
    Record,
    Scenario,
    Selection,
    SharePolicy,
    SpendPolicy,
    TargetPolicy,
)
from kctopt.scenario.select import WrongYears, policy_years, spend_weights, target_lines

NAMED = 3  # floors of lines that a message names one by one
CELLS = (*RUNGS, "substitution", "exchange")


def policy_span(policy: Record, scenario: Scenario) -> Problems:
    """Years inside the plan."""
    years = scenario.horizon.years
    if isinstance(policy, TargetPolicy) and policy.by not in years:
        message = f"{policy.by} lies outside the planned years {years[0]}-{years[-1]}"
        yield Problem(("by",), message, "name one of them, or move horizon.last_year")
    if isinstance(policy, SpendPolicy | SharePolicy | BandPolicy):
        try:
            policy_years(policy.years, scenario.horizon)
        except WrongYears as error:
            yield Problem(("years",), str(error), error.hint)


def policy_terms(policy: Record, _: Scenario) -> Problems:
    """A track that has the rung, shares in order."""
    if isinstance(policy, SpendPolicy | SharePolicy) and policy.rung and policy.track not in (None, "strategic"):
        message = f"rung {policy.rung} is strategic spend, and track {policy.track} has no rungs"
        yield Problem(("rung",), message, "leave one of the two out", (("track",),))
    if isinstance(policy, SharePolicy):
        if policy.min is None and policy.max is None:
            yield Problem((), "a share policy that says neither min nor max", "give at least one")
        elif policy.min is not None and policy.max is not None and above(policy.min, policy.max):
            least, most = apart(policy.min, policy.max)
            message = f"min {least} lies above max {most}"
            yield Problem(("min",), message, "swap or change them", (("max",),))


def policy_selections(policy: Record, scenario: Scenario) -> Problems:
    """A policy that applies to no line would be without effect, in silence."""
    if not isinstance(policy, Selection):
        return
    domains, lines = {entry.id for entry in scenario.domains}, {entry.id for entry in scenario.lines}
    if policy.domain not in (None, *domains) or policy.line not in (None, *lines):
        return  # the unknown name is reported
    parts = [f"{name} {getattr(policy, name)}" for name in ("domain", "type", "line") if getattr(policy, name)]
    hint = "widen the selection, or take the policy out"
    if not spend_weights(scenario, policy).any():
        yield Problem((), f"applies to no line: none has {', '.join(parts)}", hint)
    elif isinstance(policy, TargetPolicy) and not target_lines(scenario, policy):
        message = f"applies to no line: none with {', '.join(parts)} has a membership of one half or more"
        yield Problem((), message, hint)


def floors_within_budget(scenario: Scenario) -> Problems:
    """Floors of a year must fit in its budget; floors of several years in the money until then."""
    if scenario.objective.kind == "min_budget":
        return
    years = scenario.horizon.years
    budget = scenario.budget.at(np.array(years))
    available = with_carry(scenario, budget)
    broken = []
    for n, year in enumerate(years):
        total, parts, floors = least_spend(scenario, year)
        if above(total, available[n]):
            broken.append((year, total, available[n], parts, floors))
    if broken:
        year, total, money, parts, floors = max(broken, key=lambda short: short[1] - short[2])
        others = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        need, has = apart(total, money)
        message = f"floors of {year}{others} need {need} billion CNY ({parts}), the budget has {has}"
        of_policy = [where for where in floors if where[0] == "policies"]
        wheres = (*of_policy, *_knots(scenario, year), *(where for where in floors if where[0] == "lines"))
        yield Problem(wheres[0], message, "lower a floor or raise the budget", wheres[1:])
    for i, policy in enumerate(scenario.policies):
        if isinstance(policy, SpendPolicy) and policy.kind == "floor" and policy.per == "total":
            span = _years(scenario, policy)
            money = float(budget[: years.index(span[-1]) + 1].sum()) if span else np.inf
            if above(policy.amount, money):
                amount, sum_ = apart(policy.amount, money)
                message = f"floor {amount} billion CNY until {span[-1]}; the budgets until then sum to {sum_}"
                knots = tuple(dict.fromkeys(place for year in years[: years.index(span[-1]) + 1]
                                             for place in _knots(scenario, year)))  # fmt: skip
                yield Problem(("policies", i, "amount"), message, "lower the floor or raise the budget", knots)


def _knots(scenario: Scenario, year: int) -> tuple[Location, ...]:
    """Places of the numbers that make the budget of a year: its own, or those of the years around it."""
    points = scenario.budget.root
    if not isinstance(points, dict):
        return (("budget",),)
    if year in points:
        return (("budget", year),)
    before, after = [stated for stated in points if stated < year], [stated for stated in points if stated > year]
    return tuple(("budget", knot) for knot in (*([max(before)] if before else []), *([min(after)] if after else [])))


def floors_below_caps(scenario: Scenario) -> Problems:
    """A floor cannot lie above a cap on the same money, nor least shares above the whole."""
    spend = [(i, policy) for i, policy in enumerate(scenario.policies) if isinstance(policy, SpendPolicy)]
    floors = [(i, policy) for i, policy in spend if policy.kind == "floor"]
    caps = [(i, policy) for i, policy in spend if policy.kind == "cap"]
    for (i, floor), (j, cap) in product(floors, caps):
        same = floor.per == cap.per and (floor.per == "year" or floor.years == cap.years)
        years = sorted(set(_years(scenario, floor)) & set(_years(scenario, cap)))
        if (
            same
            and years
            and above(floor.amount, cap.amount)
            and (cells(scenario, cap) >= cells(scenario, floor)).all()
        ):
            least, most = apart(floor.amount, cap.amount)
            message = f"floor {least} lies above the cap of policy '{cap.id}' ({most}) in {years[0]}"
            hint = "lower the floor, raise the cap or take one out"
            yield Problem(("policies", i, "amount"), message, hint, (("policies", j, "amount"),))
    yield from _line_limits(scenario, floors, caps)
    yield from _least_shares(scenario)


def cells(scenario: Scenario, policy: SpendPolicy | SharePolicy) -> np.ndarray:
    """Weight of each cell of a year's money in a policy, shape (lines, 5): rungs, substitution, exchange."""
    if policy.rung is not None:
        part = [name == policy.rung for name in CELLS]
    elif policy.track is not None:
        part = [name == policy.track or (policy.track == "strategic" and name in RUNGS) for name in CELLS]
    else:
        part = [True] * len(CELLS)
    return np.outer(spend_weights(scenario, policy), part)


def _line_limits(
    scenario: Scenario, floors: list[tuple[int, SpendPolicy]], caps: list[tuple[int, SpendPolicy]]
) -> Problems:
    largest = np.array([np.inf if line.cap is None else line.cap for line in scenario.lines])
    for i, floor in floors:
        weight = spend_weights(scenario, floor)
        room = float(weight[weight > 0] @ largest[weight > 0])
        if weight.any() and floor.per == "year" and above(floor.amount, room):
            amount, most = apart(floor.amount, room)
            caps_of = tuple(("lines", int(n), "cap") for n in np.flatnonzero(weight))
            message = f"floor {amount} lies above the caps of its lines, which sum to {most}"
            yield Problem(("policies", i, "amount"), message, "lower the floor or raise the lines' caps", caps_of)
    for i, cap in caps:
        least = float(spend_weights(scenario, cap) @ np.array([line.floor for line in scenario.lines]))
        if cap.per == "year" and cap.track is None and cap.rung is None and above(least, cap.amount):
            amount, sum_ = apart(cap.amount, least)
            weight = spend_weights(scenario, cap)
            floors_of = tuple(("lines", n, "floor") for n, line in enumerate(scenario.lines) if weight[n] * line.floor)
            message = f"cap {amount} lies below the floors of its lines, which sum to {sum_}"
            yield Problem(("policies", i, "amount"), message, "raise the cap or lower the lines' floors", floors_of)


def _least_shares(scenario: Scenario) -> Problems:
    for year in scenario.horizon.years:
        shares = [
            (policy.min, i, cells(scenario, policy))
            for i, policy in enumerate(scenario.policies)
            if isinstance(policy, SharePolicy) and policy.min and year in _years(scenario, policy)
        ]
        taken = _apart(shares)
        total = sum(amount for amount, _, _ in taken)
        if above(total, 1):
            names = ", ".join(f"{scenario.policies[i].id} {amount:g}" for amount, i, _ in taken)
            message = f"least shares of {year} sum to {apart(total, 1)[0]} ({names})"
            places = [("policies", i, "min") for _, i, _ in taken]
            hint = "shares of money that do not overlap sum to at most 1"
            yield Problem(places[0], message, hint, tuple(places[1:]))
            return


def least_spend(scenario: Scenario, year: int) -> tuple[float, str, list[Location]]:
    """Least total spend that the floors of a year imply, what it is made of, and the places of its numbers."""
    line_floor = np.array([line.floor for line in scenario.lines])
    floors = [
        (policy.amount, i, cells(scenario, policy))
        for i, policy in enumerate(scenario.policies)
        if isinstance(policy, SpendPolicy)
        and policy.kind == "floor"
        and policy.per == "year"
        and year in _years(scenario, policy)
    ]
    taken = _apart(floors)
    free = np.ones(len(line_floor), bool)
    for _, _, weight in taken:
        free &= ~weight.any(axis=1)
    total = sum(amount for amount, _, _ in taken) + float(line_floor[free].sum())
    if not taken or total < line_floor.sum():
        lines = np.flatnonzero(line_floor)
        places: list[Location] = [("lines", int(i), "floor") for i in lines]
        named = [f"lines[{scenario.lines[i].id}].floor {line_floor[i]:g}" for i in lines]
        return float(line_floor.sum()), ", ".join(named) if len(named) <= NAMED else "floors of lines", places
    parts = [f"{scenario.policies[i].id} {amount:g}" for amount, i, _ in taken]
    lines = np.flatnonzero(line_floor * free)
    named = [f"lines[{scenario.lines[i].id}].floor {line_floor[i]:g}" for i in lines]
    parts += named if len(named) <= NAMED else [f"floors of other lines {line_floor[free].sum():g}"]
    places = [("policies", i, "amount") for _, i, _ in taken]
    return total, ", ".join(parts), [*places, *(("lines", int(i), "floor") for i in lines)]


def _apart(floors: list[tuple[float, int, np.ndarray]]) -> list[tuple[float, int, np.ndarray]]:
    """Floors that do not overlap, largest first, so that their amounts add up."""
    taken: list[tuple[float, int, np.ndarray]] = []
    for floor in sorted(floors, key=lambda floor: (-floor[0], floor[1])):
        if floor[2].any() and not any(((floor[2] > 0) & (other[2] > 0)).any() for other in taken):
            taken.append(floor)
    return taken


def with_carry(scenario: Scenario, budget: np.ndarray) -> np.ndarray:
    """Most money a year can have, (..., years): its budget and what the year before may carry over inside the plan."""
    first = {plan.first for plan in scenario.horizon.plans}
    before = np.concatenate([np.zeros((*budget.shape[:-1], 1)), budget[..., :-1]], axis=-1)
    carried = before * spread(scenario.money.carry_share, 1)
    return budget + np.where([year in first for year in scenario.horizon.years], 0.0, carried)


def _years(scenario: Scenario, policy: SpendPolicy | SharePolicy) -> tuple[int, ...]:
    try:
        return policy_years(policy.years, scenario.horizon)
    except ValueError:
        return ()  # reported


NOTHING: tuple[str, ...] = ()
ENTRY_CHECKS = (
    (("horizon",), policy_span),
    (NOTHING, policy_terms),
    (("domains", "lines"), policy_selections),
)
CHECKS = (
    (("policies", "horizon", "lines", "budget", "money", "objective"), floors_within_budget),
    (("policies", "horizon", "lines"), floors_below_caps),
)
