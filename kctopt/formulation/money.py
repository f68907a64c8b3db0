r"""Money: yearly budgets with carry-over, ramps, floors and caps, and the user's spending policies.

    sum_i S[i,t] + out[t] + cost[t] <= B[t] + out[t-1],    S[i,t] = sum_r x[i,r,t] + u[i,t] + y[i,t]
    out[t] <= carry_share * B[t]        where money may be carried,   out[t] = 0 elsewhere,   out[t0] = 0
    may be carried: t is not the last year of a plan,   t < T,   and t < T-1 where tail > 0
    S[i,t] <= (1 + ramp_growth) * S[i,t-1] + ramp_step

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| x | strategic spend by rung | billion CNY/year | strategic | decision |
| u | emergency-substitution spend | billion CNY/year | substitution | decision |
| y | exchange spend | billion CNY/year | exchange | decision |
| S | spend of a line | billion CNY/year | spend | sum |
| out | money carried into the next year of the plan | billion CNY | carry | decision |
| cost | cost of other decisions: changes of cooperation mode, programmes | billion CNY/year | costs | other blocks |
| B | money available (a variable held at its data, so that it has a price) | billion CNY/year | available | data |

No money is carried into the last planned year when tail years follow: they repeat that year's spend, so money carried
into it would be counted once for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kctopt.algebra import Block, Constraint, NonNegativeReals, Skip, Var, quicksum
from kctopt.formulation import add_rule, line_ids, nothing
from kctopt.scenario.records import RUNGS, Scenario, SharePolicy, SpendPolicy
from kctopt.scenario.select import policy_years, spend_weights


def may_carry(scenario: Scenario, year: int) -> bool:
    """Whether money may be carried out of `year`: inside a plan, and not into the year the tail repeats."""
    horizon = scenario.horizon
    ends = {plan.last for plan in horizon.plans}
    return year not in ends and not (horizon.tail and year == horizon.last_year - 1)


def add_variables(block: Block, scenario: Scenario) -> None:
    """Spend by track, spend of a line, carry-over and available money."""
    lines, years = line_ids(scenario), scenario.horizon.years
    amounts = dict(zip(years, map(float, scenario.budget.at(years)), strict=True))
    block.strategic = Var(lines, RUNGS, years, domain=NonNegativeReals)
    block.substitution = Var(lines, years, domain=NonNegativeReals)
    block.exchange = Var(lines, years, domain=NonNegativeReals)
    floors = {line.id: (line.floor, line.cap) for line in scenario.lines}
    block.spend = Var(lines, years, bounds=lambda _, i, t: floors[i])
    block.carry = Var(years, bounds=lambda _, t: (0.0, None if may_carry(scenario, t) else 0.0))
    if scenario.objective.kind == "min_budget":
        block.scale = Var(domain=NonNegativeReals)
        block.available = Var(years, domain=NonNegativeReals)
        block.profile = Constraint(years, rule=lambda b, t: b.available[t] == amounts[t] * b.scale)
    else:
        block.available = Var(years, bounds=lambda _, t: (amounts[t], amounts[t]))


def add_constraints(
    block: Block, policies: Block, scenario: Scenario, *, costs: Callable[[int], Any] = nothing
) -> None:
    """Budget, carry-over and ramps on `block`; the user's floors, caps and shares on `policies`, by id.

    `costs` gives what a year's budget pays beside the spend of the lines.
    """
    lines, years = line_ids(scenario), scenario.horizon.years
    rule, start = scenario.money, {line.id: line.spend for line in scenario.lines}

    def spend(b: Block, i: str, t: int) -> Any:
        return b.spend[i, t] == quicksum(b.strategic[i, r, t] for r in RUNGS) + b.substitution[i, t] + b.exchange[i, t]

    def budget(b: Block, t: int) -> Any:
        brought = b.carry[t - 1] if t > years[0] else 0.0
        return quicksum(b.spend[i, t] for i in lines) + b.carry[t] + costs(t) - brought <= b.available[t]

    def carry_limit(b: Block, t: int) -> Any:
        return b.carry[t] <= rule.carry_share * b.available[t] if may_carry(scenario, t) else Skip

    def ramp(b: Block, i: str, t: int) -> Any:
        before = b.spend[i, t - 1] if t > years[0] else start[i]
        return b.spend[i, t] <= (1 + rule.ramp_growth) * before + rule.ramp_step

    block.spend_of_line = Constraint(lines, years, rule=spend)
    block.budget = Constraint(years, rule=budget)
    block.carry_limit = Constraint(years, rule=carry_limit)
    block.ramp = Constraint(lines, years, rule=ramp)
    for policy in scenario.policies:
        if isinstance(policy, SpendPolicy):
            _add_amount(block, policies, scenario, policy)
        elif isinstance(policy, SharePolicy):
            _add_share(block, policies, scenario, policy)


def add_changes(block: Block, tracks: Sequence[tuple[Any, Sequence[float]]], most: float, more: float) -> None:
    """Money taken from planned amounts, `most` in all, and added to them, with the sum of both at most `more`.

    `tracks` are spending variables, each with its planned amounts in the order of its index.
    """
    flat = [
        (var, amount) for variable, planned in tracks for var, amount in zip(variable.values(), planned, strict=True)
    ]
    block.taken = Var(range(len(flat)), domain=NonNegativeReals)
    block.added = Var(range(len(flat)), domain=NonNegativeReals)
    block.moves = Constraint(range(len(flat)), rule=lambda b, n: flat[n][0] == flat[n][1] - b.taken[n] + b.added[n])
    taken, added = quicksum(block.taken.values()), quicksum(block.added.values())
    block.withdrawn = Constraint(expr=taken <= most)
    block.total = Constraint(expr=added - taken <= more)


def part(block: Block, scenario: Scenario, policy: SpendPolicy | SharePolicy, year: int) -> Any:
    """Spend in `year` that a policy speaks of, weighted by membership."""
    weights = spend_weights(scenario, policy)
    rungs = [policy.rung] if policy.rung else list(RUNGS)
    tracks = (
        [policy.track] if policy.track else ["strategic"] if policy.rung else ["strategic", "substitution", "exchange"]
    )
    terms = []
    for line, weight in zip(scenario.lines, weights, strict=True):
        if weight == 0:
            continue
        for track in tracks:
            variable = getattr(block, track)
            keys = [(line.id, r, year) for r in rungs] if track == "strategic" else [(line.id, year)]
            terms += [float(weight) * variable[key] for key in keys]
    return quicksum(terms)


def _add_amount(block: Block, policies: Block, scenario: Scenario, policy: SpendPolicy) -> None:
    """A floor or cap, each year or on the total; the amount is a variable held at its data."""
    years = policy_years(policy.years, scenario.horizon)
    amount = Var(bounds=(policy.amount, policy.amount))
    policies.add_component(f"{policy.id}.amount", amount)

    def limited(money: Any) -> Any:
        return money - amount >= 0 if policy.kind == "floor" else money - amount <= 0

    if policy.per == "total":
        rule = Constraint(expr=limited(quicksum(part(block, scenario, policy, t) for t in years)))
    else:
        rule = Constraint(years, rule=lambda _, t: limited(part(block, scenario, policy, t)))
    add_rule(policies, policy.id, rule)


def _add_share(block: Block, policies: Block, scenario: Scenario, policy: SharePolicy) -> None:
    """Least and largest share of each year's total spend."""
    years, lines = policy_years(policy.years, scenario.horizon), line_ids(scenario)

    def share(_: Block, t: int, side: str) -> Any:
        money, total = part(block, scenario, policy, t), quicksum(block.spend[i, t] for i in lines)
        return money - policy.min * total >= 0 if side == "min" else money - policy.max * total <= 0

    sides = [side for side, limit in (("min", policy.min), ("max", policy.max)) if limit is not None]
    add_rule(policies, policy.id, Constraint(years, sides, rule=share))
