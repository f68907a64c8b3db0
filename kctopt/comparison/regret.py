"""Regret: what a plan loses under a scenario, against the best plan for that scenario.

    regret[s, p] = best[s] - value of plan p under s          points of the objective of s

`best` is the value of the plan that was solved for s; a better one can be worth `room` more at most (its proven bound).
Every plan goes through the simulator with the numbers of s, as follows:

1. Its money of each year is taken in proportion to that year's budget of s (`scaled`; `kept` where the budgets agree).
2. Where that breaks a rule, the plan is mended at the least loss of value (`mended`, see mending.py): money is taken
   from where it was planned only as far as the rules ask, where that costs least, and put where it is worth most.
3. Where a rule on states (a hard target, a band) is broken still, it moves on the straight line towards the best plan
   of s, just as far as needed (`blended`); with other discrete choices there is no such line.
4. Of all plans that withdraw no more of the planned money than that one, the best is taken (improved.py).
5. If 2 and 3 fail, the plan is `infeasible` there, with the rules that it breaks.

Discrete choices of a plan go with it where s has the same options; stages follow the law. The money that remains is a
lawful plan of s, so regret is never below -room, and it is 0 for the plan of s itself.
Runs without a plan are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from kctopt.comparison.improved import improved
from kctopt.comparison.mending import Mend, mended, mends_of
from kctopt.result.result import Result
from kctopt.rules import breaches
from kctopt.rules.slopes import amounts, in_proportion
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import review_of
from kctopt.simulator import Choices, Money, World, natural, simulate, without_closed_exchange
from kctopt.simulator.choices import NO_CHOICES

HALVINGS = 20  # of the way towards the best plan
ROUND_OFF = 1e-9  # relative; of an objective that is simulated anew
SAME = 1e-9  # relative difference of money that counts as none
# Plans as other runs' scenarios let them be, by run and plan; a result never changes, and mending takes seconds.
_KNOWN: WeakKeyDictionary[Result, WeakKeyDictionary[Result, dict[bool, _Placed]]] = WeakKeyDictionary()
How = Literal["own", "kept", "scaled", "mended", "blended", "infeasible"]


@dataclass(frozen=True)
class RegretEntry:
    """One plan under one scenario."""

    scenario: str  # run whose scenario it is
    plan: str  # run whose plan it is
    how: How
    value: float | None  # of the scenario's objective; None where infeasible
    regret: float | None
    percent: float | None  # of the best value
    within_gap: bool | None  # regret no larger than what the proof leaves open
    moved: float | None  # share of the money that stands elsewhere than planned, after scaling
    withdrawn: float | None  # money taken from where it was planned, after scaling, billion CNY
    added: float | None  # money put where it was not planned, billion CNY
    broken: tuple[str, ...]  # rules that the scaled plan breaks there


@dataclass(frozen=True)
class Regret:
    """Every plan under every scenario, scenario by scenario, and the plan whose largest regret is smallest."""

    runs: tuple[str, ...]
    entries: tuple[RegretEntry, ...]
    best: Mapping[str, float]  # value of each scenario's own plan
    room: Mapping[str, float | None]  # by how much a better plan can beat it, None without a bound
    choice: str  # plan with the smallest largest regret; empty if every plan is infeasible somewhere
    largest: Mapping[str, float | None]  # largest regret of each plan; None if it is infeasible somewhere
    mends: tuple[Mend, ...] = ()  # what was changed in plans that break rules, entry by entry, the largest first
    left_out: Mapping[str, str] = field(default_factory=dict)  # runs without a plan, with their status

    def mends_of(self, entry: RegretEntry) -> tuple[Mend, ...]:
        """What was changed in a plan."""
        return tuple(mend for mend in self.mends if (mend.scenario, mend.plan) == (entry.scenario, entry.plan))

    def entry(self, scenario: str, plan: str) -> RegretEntry:
        """One entry of the matrix."""
        return next(entry for entry in self.entries if (entry.scenario, entry.plan) == (scenario, plan))


def planless(results: Mapping[str, Result]) -> dict[str, str]:
    """The runs without a plan, with their status."""
    return {name: result.status for name, result in results.items() if not result.has_plan}


def hindrance(results: Mapping[str, Result]) -> str:
    """Why these runs have no regret matrix, as a key of the words; empty when they have one."""
    if len(results) < 2:
        return "one"
    results = {name: result for name, result in results.items() if result.has_plan}
    if len(results) < 2:
        return "plan"
    if any(result.own for result in results.values()):
        return "own"
    if any(result.scenario.objective.kind != "national_security" for result in results.values()):
        return "kind"
    shapes = {_shape(result.scenario) for result in results.values()}
    return "shape" if len(shapes) > 1 else ""


def as_planned(own: Result, scenario: Scenario, world: World) -> tuple[Money, Choices]:
    """A plan held fixed under another scenario of the same lines and years, as step 1 has it; rules are not asked.

    Its money of each year is in proportion to that year's budget, its choices go with it where there are such.
    """
    assert own.money is not None
    return _chosen(scenario, in_proportion(own.money, own.scenario, scenario), own, world)


def alike(first: Scenario, second: Scenario) -> bool:
    """Whether a plan of one is money for the lines and years of the other."""
    return _shape(first) == _shape(second)


def _shape(scenario: Scenario) -> tuple[object, ...]:
    lines = tuple((line.id, line.domain) for line in scenario.lines)
    return scenario.horizon, lines, tuple(domain.id for domain in scenario.domains)


def regret(results: Mapping[str, Result], thorough: bool = True) -> Regret:
    """The matrix of runs that `hindrance` finds nothing against; those without a plan are left out.

    Without `thorough` step 4 is left out: plans that are mended may then lose less than is said, never more.
    """
    left_out = planless(results)
    results = {name: result for name, result in results.items() if name not in left_out}
    entries, mends = list[RegretEntry](), list[Mend]()
    for name, target in results.items():
        places = _KNOWN.setdefault(target, WeakKeyDictionary())
        for plan, own in results.items():
            placed_by = places.setdefault(own, {})
            if thorough not in placed_by and (thorough or True not in placed_by):
                world = World.of(target.solved_scenario)
                placed_by[thorough] = _own(target) if name == plan else _placed(target, world, own, thorough)
            placed = placed_by.get(True) or placed_by[thorough]
            entries.append(_entry(name, target, plan, placed))
            mends += mends_of(name, plan, target.solved_scenario, placed.planned, placed.money)
    largest: dict[str, float | None] = {}
    for plan in results:
        values = [entry.regret for entry in entries if entry.plan == plan]
        known = [value for value in values if value is not None]
        largest[plan] = max(known) if len(known) == len(values) else None
    ranked = sorted((value, plan) for plan, value in largest.items() if value is not None)
    return Regret(
        runs=tuple(results),
        entries=tuple(entries),
        best={name: float(result.objective or 0.0) for name, result in results.items()},
        room={name: _room(result) for name, result in results.items()},
        choice=ranked[0][1] if ranked else "",
        largest=largest,
        mends=tuple(mends),
        left_out=left_out,
    )


def _room(result: Result) -> float | None:
    return None if result.bound is None or result.objective is None else abs(result.bound - result.objective)


@dataclass(frozen=True)
class _Placed:
    """A plan as another scenario lets it be."""

    how: How
    value: float | None
    planned: Money | None = None  # in proportion to the budget; None where the plan stays as it is
    money: Money | None = None
    broken: tuple[str, ...] = ()


def _entry(name: str, target: Result, plan: str, placed: _Placed) -> RegretEntry:
    assert target.objective is not None
    if placed.value is None:
        return RegretEntry(name, plan, placed.how, None, None, None, None, None, None, None, placed.broken)
    lost = target.objective - placed.value
    room = _room(target)
    within = None if room is None else abs(lost) <= room
    share = 100 * lost / abs(target.objective) if target.objective else None
    moved, withdrawn, added = _changed(placed)
    return RegretEntry(
        name, plan, placed.how, placed.value, lost, share, within, moved, withdrawn, added, placed.broken
    )  # fmt: skip


def _changed(placed: _Placed) -> tuple[float, float, float]:
    """Share of the money that stands elsewhere than planned, money withdrawn and money added."""
    if placed.planned is None or placed.money is None:
        return 0.0, 0.0, 0.0
    change = amounts(placed.money) - amounts(placed.planned)
    withdrawn, added = float(np.maximum(-change, 0.0).sum()), float(np.maximum(change, 0.0).sum())
    total = float(placed.planned.spend.sum())
    return (withdrawn + added) / 2 / total if total > 0 else 0.0, withdrawn, added


def _own(target: Result) -> _Placed:
    """A plan under its own scenario: worth what the run says, where simulating it again differs by round-off alone."""
    value, said = target.simulated_objective, target.objective
    same = value is not None and said is not None and math.isclose(value, said, rel_tol=ROUND_OFF)
    return _Placed("own", said if same else value)


def _placed(target: Result, world: World, own: Result, thorough: bool) -> _Placed:
    """The plan of `own` under the scenario of `target`."""
    assert own.money is not None
    scenario = target.solved_scenario
    scaled = in_proportion(own.money, own.scenario, scenario)
    money, choices = _chosen(scenario, scaled, own, world)
    broken = _broken(scenario, world, money, choices)
    if not broken:
        same = np.abs(amounts(own.money) - amounts(scaled)).sum() <= SAME * own.money.spend.sum()
        return _Placed("kept" if same else "scaled", _value(scenario, world, money, choices), scaled, money)
    nearest = mended(scenario, world, money, choices)
    if nearest is None:
        return _Placed("infeasible", None, broken=broken)
    nearest, choices = _chosen(scenario, nearest, own, world)
    how: How = "mended"
    if _broken(scenario, world, nearest, choices):
        blended, how = _blended(target, world, nearest, choices), "blended"
        if blended is None:
            return _Placed("infeasible", None, broken=broken)
        nearest = blended
    value = _value(scenario, world, nearest, choices)
    if thorough and (better := improved(scenario, scaled, nearest, choices)) is not None:
        better, anew = _chosen(scenario, better, own, world)
        if not _broken(scenario, world, better, anew) and (worth := _value(scenario, world, better, anew)) > value:
            nearest, value = better, worth
    return _Placed(how, value, scaled, nearest, broken)


def _chosen(scenario: Scenario, money: Money, own: Result, world: World) -> tuple[Money, Choices]:
    """The plan's choices as far as the scenario has the same options; stages follow the law, and exchange them."""
    mode = (
        own.choices.mode if _same(scenario, own.scenario, "modes") and scenario.cooperation.choice != "none" else None
    )
    routes = own.choices.routes if _same(scenario, own.scenario, "programmes") else None
    choices = replace(NO_CHOICES, mode=mode, routes=routes)
    if scenario.stages != "switching":
        return money, choices
    choices = natural(scenario, money, choices, world)
    assert choices.stage is not None  # switching
    in_force = choices.stage[:, review_of(scenario)[: len(scenario.horizon.years)]]
    return without_closed_exchange(scenario, money, in_force), choices


def _same(first: Scenario, second: Scenario, part: str) -> bool:
    return bool([record.id for record in getattr(first, part)] == [record.id for record in getattr(second, part)])


def _broken(scenario: Scenario, world: World, money: Money, choices: Choices) -> tuple[str, ...]:
    path = simulate(scenario, money, world, choices)
    return tuple(breach.rule for breach in breaches(scenario, money, path, choices=choices))


def _value(scenario: Scenario, world: World, money: Money, choices: Choices) -> float:
    return float(simulate(scenario, money, world, choices).objective)


def _blended(target: Result, world: World, money: Money, choices: Choices) -> Money | None:
    """The lawful money nearest to `money` on the straight line to the best plan; None with other choices."""
    best, scenario = target.money, target.solved_scenario
    if best is None or not (choices.none and target.choices.none):
        return None
    low, high = 0.0, 1.0  # share of the best plan: high is lawful, low is not
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _broken(scenario, world, _between(money, best, middle), choices):
            low = middle
        else:
            high = middle
    return _between(money, best, high)


def _between(first: Money, second: Money, share: float) -> Money:
    return Money(
        first.strategic + share * (second.strategic - first.strategic),
        first.substitution + share * (second.substitution - first.substitution),
        first.exchange + share * (second.exchange - first.exchange),
    )
