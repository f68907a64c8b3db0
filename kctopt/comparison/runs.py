"""The runs of a comparison: a name for each, and what a reader must know of it before reading a difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kctopt.result.own import question_hash
from kctopt.result.result import Result
from kctopt.result.schemas import scenario_hash


@dataclass(frozen=True)
class Run:
    """One run as a comparison names it."""

    name: str
    scenario: str
    status: str
    objective_kind: str
    objective: float | None  # of the plan, simulated
    bound: float | None  # proven
    gap: float | None
    verified: bool
    trend: float | None  # objective with every line's ratio to the rival kept; None without a value of planning
    reference: float | None  # objective of the base year's shares, adjusted to be feasible where they break rules
    unlawful: float | None  # of these shares as they are, where they break rules
    value_of_planning: float | None  # objective of the plan less that
    value_at_most: float | None  # of any plan, proven
    scenario_sha256: str
    kctopt: str  # version that solved it
    created: str
    run_dir: str


Solved = TypeVar("Solved", bound=Result)


def named(results: Iterable[Solved]) -> dict[str, Solved]:
    """Results by name: the run folder's, else the scenario's; one that is taken gets -2, -3, …"""
    by_name: dict[str, Solved] = {}
    for result in results:
        stem = result.scenario.name if result.run_dir is None else Path(result.run_dir).resolve().name
        name, number = stem, 1
        while name in by_name:
            number += 1
            name = f"{stem}-{number}"
        by_name[name] = result
    return by_name


def described(name: str, result: Result) -> Run:
    """What a comparison says of a run."""
    value = result.value_of_planning
    return Run(
        name=name,
        scenario=result.scenario.name,
        status=result.status,
        objective_kind=result.scenario.objective.kind,
        objective=result.objective,
        bound=result.bound,
        gap=result.gap,
        verified=result.verified,
        trend=None if value is None else value.trend,
        reference=None if value is None else value.reference,
        unlawful=None if value is None else value.unlawful,
        value_of_planning=None if value is None else value.value,
        value_at_most=None if value is None else value.at_most,
        scenario_sha256=question_hash(scenario_hash(result.scenario), result.own),
        kctopt=result.versions.get("kctopt", ""),
        created=result.created,
        run_dir="" if result.run_dir is None else str(result.run_dir),
    )
