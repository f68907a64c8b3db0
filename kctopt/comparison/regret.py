"""Regret: what a plan loses under a scenario, against the best plan for that scenario.

    regret[s, p] = best[s] - value of plan p under s          points of the objective of s

`best` is the value of the plan that was solved for s; a better one can be worth `room` more at most (its proven bound).
Every plan is held in the scenario s and simulated there, as kctopt/holding/placed.py says step by step: in proportion
to its budget, mended where it breaks a rule, blended with the best plan of s, or infeasible. The money that remains is
a lawful plan of s, so regret is never below -room, and it is 0 for the plan of s itself. Runs without a plan are left
out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from kctopt.comparison.mends import Mend, mends_of
from kctopt.holding.placed import How, Placed, placed
from kctopt.holding.plan import shape_of
from kctopt.result.result import Result
from kctopt.rules.slopes import amounts
from kctopt.simulator import World

ROUND_OFF = 1e-9  # relative; of an objective that is simulated anew
# Plans as other runs' scenarios let them be, by run and plan; a result never changes, and mending takes seconds.
_KNOWN: WeakKeyDictionary[Result, WeakKeyDictionary[Result, dict[bool, Placed]]] = WeakKeyDictionary()


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
    shapes = {shape_of(result.scenario) for result in results.values()}
    return "shape" if len(shapes) > 1 else ""


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
                placed_by[thorough] = _own(target) if name == plan else _under(target, own, thorough)
            held = placed_by.get(True) or placed_by[thorough]
            entries.append(_entry(name, target, plan, held))
            mends += mends_of(name, plan, target.solved_scenario, held.planned, held.money)
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


def _entry(name: str, target: Result, plan: str, held: Placed) -> RegretEntry:
    assert target.objective is not None
    if held.value is None:
        return RegretEntry(name, plan, held.how, None, None, None, None, None, None, None, held.broken)
    lost = target.objective - held.value
    room = _room(target)
    within = None if room is None else abs(lost) <= room
    share = 100 * lost / abs(target.objective) if target.objective else None
    moved, withdrawn, added = _changed(held)
    return RegretEntry(
        name, plan, held.how, held.value, lost, share, within, moved, withdrawn, added, held.broken
    )  # fmt: skip


def _changed(held: Placed) -> tuple[float, float, float]:
    """Share of the money that stands elsewhere than planned, money withdrawn and money added."""
    if held.planned is None or held.money is None:
        return 0.0, 0.0, 0.0
    change = amounts(held.money) - amounts(held.planned)
    withdrawn, added = float(np.maximum(-change, 0.0).sum()), float(np.maximum(change, 0.0).sum())
    total = float(held.planned.spend.sum())
    return (withdrawn + added) / 2 / total if total > 0 else 0.0, withdrawn, added


def _own(target: Result) -> Placed:
    """A plan under its own scenario: worth what the run says, where simulating it again differs by round-off alone."""
    value, said = target.simulated_objective, target.objective
    same = value is not None and said is not None and math.isclose(value, said, rel_tol=ROUND_OFF)
    return Placed("own", said if same else value)


def _under(target: Result, own: Result, thorough: bool) -> Placed:
    """The plan of `own` under the scenario of `target`."""
    scenario = target.solved_scenario
    return placed(scenario, World.of(scenario), own, target, thorough)
