"""Certified solves at many settings of one run's data, kept on disk as they come.

A point is one setting: its scenario and what the solve ended with. `Solver` solves them one after the other on one
engine, so that a change of held data alone (budget, limits, amounts) starts from the last plan; a setting that the
engine cannot take over is built anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.analysis.traits import KINDS, Trait, traits
from kctopt.errors import KctoptError, RunError, ScenarioErrors, UsageError, suggest
from kctopt.progress import step
from kctopt.result.result import Result
from kctopt.simulator import Choices, Money
from kctopt.solver import Engine, Outcome, solve
from kctopt.solver.warm_start import warm_starts

if TYPE_CHECKING:
    from kctopt.cache import Steps
    from kctopt.scenario.records import Scenario

FAILED = "failed"  # status of a setting whose solve ended in an error


@dataclass(frozen=True, eq=False)
class Setting:
    """One setting and its end: the result of its solve, or None and the reason in `message`."""

    key: str
    result: Result | None
    message: str = ""

    @property
    def status(self) -> str:
        """Status of the result, or `failed`."""
        return FAILED if self.result is None else self.result.status

    @property
    def settled(self) -> bool:
        """Whether the point says something certain: a plan with a bound, or that there is none."""
        if self.result is None or self.status in ("no_plan", "fault"):
            return False
        return self.status == "infeasible" or (self.result.verified and self.result.bound is not None)

    @cached_property
    def traits(self) -> dict[Trait, str]:
        """Traits of the plan; none where the point is not settled."""
        return traits(self.result) if self.result is not None and self.settled else {}

    def row(self) -> dict[str, Any]:
        """Status and certificate, for tables."""
        result = self.result
        return {
            "status": self.status,
            "objective": None if result is None else result.objective,
            "bound": None if result is None else result.bound,
            "gap": None if result is None else result.gap,
            "message": self.message,
        }


class Solver:
    """Solves settings of one run, each once."""

    def __init__(self, steps: Steps, gap: float, time_limit: float | None, over: str = "") -> None:
        self.steps, self.gap, self.time_limit, self.over = steps, gap, time_limit, over
        self.solved = 0  # in this call, without what was kept
        self._engine: Engine | None = None

    def point(self, key: str, scenario: Callable[[], Scenario]) -> Setting:
        """The point of a setting; a fault of its data or a failed solve makes a point without a result.

        An interruption is raised; what was solved before stays on disk.
        """
        try:
            there = scenario()
        except ScenarioErrors as error:
            more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
            return Setting(key, None, f"{error.faults[0].path}: {error.faults[0].message}{more}")
        known = self.steps.get(key)
        if known is None:
            step(f"{self.over} {key}".strip())
            known = self._solve(there)
            self.steps.put(key, known)
        if "message" in known:
            return Setting(key, None, known["message"])
        return Setting(key, Result.of(there, outcome_of(known)))

    def _solve(self, scenario: Scenario) -> dict[str, Any]:
        try:
            outcome = self._outcome(scenario)
        except KctoptError as error:
            self._engine = None
            return {"message": f"{type(error).__name__}: {error}"}
        if outcome.status == "interrupted":
            raise KeyboardInterrupt
        self.solved += 1
        return data_of(outcome)

    def _outcome(self, scenario: Scenario) -> Outcome:
        """A certified solve, warm where the engine can."""
        from kctopt.program import build
        from kctopt.solver.solve import engine_of

        if scenario.objective.kind == "earliest":
            return solve(build(scenario), self.gap, self.time_limit)
        if self._engine is not None and same_shape(self._engine.program.scenario, scenario):
            return self._engine.resolve_checked(scenario, self.gap, self.time_limit)
        self._engine = engine_of(build(scenario))
        return self._engine.solve(self.gap, self.time_limit)


def same_shape(first: Scenario, second: Scenario) -> bool:
    """Whether an engine for one scenario may take over the other: nothing but held data differs."""
    from kctopt.solver.held import without_held

    return without_held(first) == without_held(second)


def loss_of(plan: Outcome | Result, best: Result) -> float | None:
    """By how much at most a plan falls short of the optimum of the setting of `best`, relative to its own value.

    Measured against the proven bound there, so it is at least the true shortfall; None without a bound.
    """
    if plan.objective is None or best.bound is None:
        return None
    smaller_is_better = best.scenario.objective.kind == "min_budget"
    short = plan.objective - best.bound if smaller_is_better else best.bound - plan.objective
    return short / max(1e-9, abs(plan.objective))


def comparable(here: Result, there: Result) -> bool:
    """Whether the money and choices of the plan there fit the scenario here."""
    first, second = here.scenario, there.scenario
    same = (
        first.horizon == second.horizon
        and first.stages == second.stages
        and first.switching.reviews == second.switching.reviews
    )
    groups = ("domains", "lines", "modes", "programmes")
    return same and all(
        [each.id for each in getattr(first, group)] == [each.id for each in getattr(second, group)] for group in groups
    )


def like(here: Result, there: Result) -> list[Outcome]:
    """Plans for the scenario here like the one there (see `plans_like`); none where it does not fit."""
    if there.money is None or not comparable(here, there):
        return []
    return list(warm_starts(here.solved_scenario, there.money, there.choices, there.solved_scenario))


def as_good(here: Result, plans: Sequence[Outcome], gap: float) -> list[dict[Trait, str]]:
    """Traits of those plans here whose loss is within `gap`, or within the gap of `here` if that is wider."""
    allowed = max(gap, here.gap or 0.0) * (1 + 1e-6)
    losses = [loss_of(plan, here) for plan in plans]
    good = [plan for plan, loss in zip(plans, losses, strict=True) if loss is not None and loss <= allowed]
    return [traits(Result.of(here.scenario, plan)) for plan in good]


def known_kinds(kinds: Sequence[str]) -> None:
    """Raises UsageError for a kind of trait that there is not."""
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"there is no kind of trait '{kind}'; {suggest(kind, KINDS, most=20)}")


def needs_only_its_scenario(result: Result) -> None:
    """Refuse a run that its scenario does not reproduce. Raises RunError."""
    changed = result.own.names
    if changed:
        raise RunError(
            f"{result.scenario.name}: the run was solved with changes that its user made in the model "
            f"({', '.join(changed[:3])}{', …' if len(changed) > 3 else ''}); "
            "solving its scenario again would leave them out"
        )


def data_of(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain data."""
    money, choices = outcome.money, outcome.choices
    return {
        "status": outcome.status,
        "objective": outcome.objective,
        "bound": outcome.bound,
        "budget_scale": outcome.budget_scale,
        "year": outcome.year,
        "sign": outcome.sign,
        "prices": dict(outcome.prices),
        "seconds": outcome.seconds.get("total"),
        "money": None if money is None else {name: part.tolist() for name, part in _parts(money).items()},
        "choices": {name: None if part is None else part.tolist() for name, part in vars(choices).items()},
    }


def _parts(money: Money) -> dict[str, np.ndarray]:
    return {"strategic": money.strategic, "substitution": money.substitution, "exchange": money.exchange}


def outcome_of(data: Mapping[str, Any]) -> Outcome:
    """The outcome that `data_of` wrote."""
    money = data["money"]
    choices = {name: None if part is None else np.array(part) for name, part in data["choices"].items()}
    return Outcome(
        data["status"],
        None if money is None else Money(**{name: np.array(part) for name, part in money.items()}),
        data["objective"],
        data["bound"],
        {"total": data["seconds"] or 0.0},
        prices=data["prices"],
        budget_scale=data["budget_scale"],
        year=data["year"],
        sign=data.get("sign", -1.0 if data["budget_scale"] is None else 1.0),
        choices=Choices(**choices),
    )
