"""Plans in draws, chunk by chunk, each for many draws at once: outcomes and status of every draw."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kctopt.errors import UsageError
from kctopt.holding.in_draws import Hold, hold_plan
from kctopt.holding.plan import Plan, budgets_of
from kctopt.result.lawful import yardstick
from kctopt.scenario.records import Scenario
from kctopt.simulator import Money
from kctopt.simulator.choices import NO_CHOICES, checked_choices
from kctopt.study import outcomes as kinds
from kctopt.study.drawn import DrawnScenario
from kctopt.study.ensemble import Ensemble
from kctopt.study.records import Array, Draws
from kctopt.study.worlds import Group, Grouped, Numbers, world_of

ROOM = 2**28  # bytes for outcomes of lines and domains that nobody asked for by name
NUMBERS = 600_000  # stocks of a chunk: draws x lines x rungs x years that are held at once, for each array of a run


@dataclass
class DrawRun:
    """The simulation of all draws, chunk by chunk."""

    scenario: Scenario
    plan: Plan
    draws: Draws
    members: Grouped
    asked: list[str]
    hold: Hold
    values: dict[str, Array] = field(default_factory=dict)
    kept: dict[str, Numbers] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.draws.values)
        self.shares = _lawful_shares(self.scenario) if "value_of_planning" in self.asked else None
        for name in (*kinds.SCALARS, *(name for name in kinds.ASKED if name in self.asked), *kinds.NATION):
            self._room(name, kinds.axes(name, self.scenario), np.arange(count))
        rest = [*kinds.DOMAINS, *kinds.LINES]
        named = {name: kinds.axes(name, self.scenario) for name in rest}
        found = dict.fromkeys(place for group in self.members.groups for place in kinds.targets(group.drawn.scenario))
        if found:
            named[kinds.SHORTFALL] = {"policy": [f"{policy}[{line}]" for policy, line in found]}
        size = sum(8 * int(np.prod([len(part) for part in axes.values()])) for axes in named.values())
        some = np.unique(np.linspace(0, count - 1, max(1, min(count, ROOM // size))).round().astype(np.intp))
        for name, axes in named.items():
            self._room(name, axes, np.arange(count) if name in self.asked else some[: max(count, 0)])
        self.places = found
        self.slot = np.full(count, -1)
        self.slot[some[:count]] = np.arange(len(some[:count]))
        self.member: dict[str, NDArray[Any]] = {
            "status": np.full(count, "invalid", dtype=object), "reason": np.full(count, "", dtype=object),
            "broken": np.zeros(count, dtype=int), "rule": np.full(count, "", dtype=object),
            "breach": np.zeros(count), "unit": np.full(count, "", dtype=object), "relative": np.zeros(count),
            "factor": np.ones(count), "moved": np.zeros(count),
        }  # fmt: skip
        for draw, reason in self.members.refused.items():
            self.member["reason"][draw] = reason

    def _room(self, name: str, axes: dict[str, Any], kept: Numbers) -> None:
        self.labels[name], self.kept[name] = axes, kept
        self.values[name] = np.full((len(kept), *(len(part) for part in axes.values())), np.nan)

    def group(self, group: Group) -> None:
        """Simulate the draws of a group."""
        scenario = group.drawn.scenario
        try:
            choices = checked_choices(scenario, self.plan.choices)
        except ValueError as error:
            self.member["reason"][group.draws] = str(error)
            return
        for numbers, chunk in group.chunks(self.size_of(scenario)):
            self.chunk(numbers, chunk, replace(self.plan, choices=choices))

    @staticmethod
    def size_of(scenario: Scenario) -> int:
        """Draws of a chunk."""
        return max(20, NUMBERS // (len(scenario.lines) * len(scenario.rungs) * len(scenario.horizon.all_years)))

    def chunk(self, numbers: Numbers, chunk: DrawnScenario, held: Plan) -> None:
        """Simulate a plan in some draws; its money may have their axis."""
        world, found = world_of(chunk)
        shares = self.hold == "shares"
        own = (held.budgets, budgets_of(self.scenario)) if shares else (None, None)
        plan = hold_plan(chunk, world, held.money, held.choices, own=own[0], budget_scale=held.budget_scale)
        yard = None if self.shares is None else hold_plan(chunk, world, self.shares, NO_CHOICES, own=own[1]).path
        with np.errstate(all="ignore"):
            case = kinds.Case(chunk.scenario, world, plan.money, held.choices, plan.path, yard)
            objective = np.broadcast_to(plan.path.objective, chunk.count)
            found.add(found.kept & ~np.isfinite(objective), "objective", "the laws give no finite number")
            self._outcomes(numbers, case, found.kept)
        whole, judged = found.kept, plan.judged
        for n in np.flatnonzero(~whole):
            self.member["reason"][numbers[n]] = found.reason(int(n))
        good = numbers[whole]
        status = np.where(plan.moved > 0, "adjusted", "kept").astype(object)
        self.member["status"][good] = np.where(judged.broken > 0, "broken", status)[whole]
        told = {"broken": judged.broken, "breach": judged.amount, "relative": judged.worst}
        told |= {"rule": np.array(judged.rule, dtype=object), "unit": np.array(judged.unit, dtype=object)}
        told |= {"factor": plan.factor, "moved": plan.moved}
        for name, values in told.items():
            self.member[name][good] = values[whole]

    def _outcomes(self, numbers: Numbers, case: kinds.Case, whole: NDArray[np.bool_]) -> None:
        few = self.slot[numbers] >= 0
        for name, kept in self.values.items():
            if name == kinds.SHORTFALL:
                self._shortfall(numbers, case, whole)
                continue
            everywhere = len(self.kept[name]) == len(self.slot)
            chosen = whole if everywhere else whole & few
            if not chosen.any():
                continue
            values = kinds.READERS[name](case)
            values = np.broadcast_to(values, (len(numbers), *kept.shape[1:]))[chosen]
            kept[numbers[chosen] if everywhere else self.slot[numbers[chosen]]] = values

    def _shortfall(self, numbers: Numbers, case: kinds.Case, whole: NDArray[np.bool_]) -> None:
        everywhere = len(self.kept[kinds.SHORTFALL]) == len(self.slot)
        chosen = whole if everywhere else whole & (self.slot[numbers] >= 0)
        rows = numbers[chosen] if everywhere else self.slot[numbers[chosen]]
        here = kinds.targets(case.scenario)
        for column, place in enumerate(self.places):
            if place in here:
                policy, position = here[place]
                missing = np.broadcast_to(case.path.shortfall[policy][..., position], len(numbers))
                self.values[kinds.SHORTFALL][rows, column] = missing[chosen]

    def ensemble(self) -> Ensemble:
        """What was found."""
        found = self.values, self.kept, self.labels, self.member
        return Ensemble(self.scenario, self.draws, *found, self.plan.own, self.hold)


def _lawful_shares(scenario: Scenario) -> Money:
    """Money of the yardstick. Raises UsageError where no lawful one is known."""
    kept = yardstick(scenario)
    if kept.missed:
        raise UsageError(
            f"no value of planning in {scenario.name}: the base year's shares still break {', '.join(kept.missed)} "
            "when they are adjusted to be feasible; leave out outcomes=['value_of_planning']"
        )
    return kept.money
