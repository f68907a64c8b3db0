"""What is kept of a plan in a draw, under the names of a run's tables.

| outcomes | axes | table of a run |
|---|---|---|
| objective budget_scale value_of_planning | | run.json |
| security economic ... score_S | year | indices, the nation's |
| domain_kct domain_accelerator domain_score_B ... | domain, year | indices, a domain's |
| capability ... stock_R stage gap_band | line, year | capability, stages |
| shortfall | rule and line | constraints |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kctopt.scenario.axes import spread
from kctopt.scenario.calibrate import of_rungs
from kctopt.scenario.records import RUNGS, TYPES, Scenario, TargetPolicy
from kctopt.scenario.select import target_lines
from kctopt.simulator import Choices, Money, Trajectory, World, budget_scale
from kctopt.simulator.value import grown
from kctopt.study.records import Array


@dataclass(frozen=True)
class Case:
    """One plan in the draws of a chunk."""

    scenario: Scenario
    world: World
    money: Money
    choices: Choices
    path: Trajectory
    shares: Trajectory | None = None  # of the base year's shares, adjusted to be feasible and held like the plan


Reader = Callable[[Case], Array]


def _field(name: str) -> Reader:
    return lambda case: np.asarray(getattr(case.path, name))


def _flow(name: str) -> Reader:
    """A flow by year, nan in the base year."""

    def read(case: Case) -> Array:
        flow = np.asarray(getattr(case.path, name), dtype=float)
        return np.concatenate([np.full((*flow.shape[:-1], 1), np.nan), flow], axis=-1)

    return read


def _production(case: Case) -> Array:
    weights = of_rungs(case.scenario, "capability_weight")
    made = np.einsum("...r,...irn->...in", weights, case.path.production)
    return np.concatenate([np.full((*made.shape[:-1], 1), np.nan), made], axis=-1)


def _worth(case: Case) -> Array:
    """What the plan is worth beyond the base year's shares, made feasible and held like the plan, in the same draw."""
    if case.shares is None:
        return np.full(case.path.objective.shape, np.nan)
    return np.asarray(case.path.objective - case.shares.objective)


SCALARS: Mapping[str, Reader] = {
    "objective": _field("objective"),
    "budget_scale": lambda case: budget_scale(case.scenario, case.money, case.choices),
}
NATION: Mapping[str, Reader] = {
    **{name: _field(name) for name in ("security", "economic", "military", "technology")},
    **{name: _field(name) for name in ("loss", "military_loss", "market", "kct")},
    "economy_ratio": lambda case: spread(case.scenario.economy.ratio, 1) * grown(case.path.economic),
    "military_ratio": lambda case: spread(case.scenario.military.chosen.ratio, 1) * grown(case.path.military),
    **{f"score_{kind}": lambda case, k=k: case.path.national_score[..., k, :] for k, kind in enumerate(TYPES)},  # type: ignore[misc]
}
DOMAINS: Mapping[str, Reader] = {
    "domain_kct": _field("kct_domain"),
    "domain_accelerator": _field("accelerator"),
    **{f"domain_score_{kind}": lambda case, k=k: case.path.score[..., k, :] for k, kind in enumerate(TYPES)},  # type: ignore[misc]
}
LINES: Mapping[str, Reader] = {
    **{name: _field(name) for name in ("capability", "substitute", "usable", "rival", "gap", "dependency")},
    "production": _production,
    "inflow": _flow("inflow"),
    "exchange_gain": _flow("exchange_gain"),
    **{f"stock_{rung}": lambda case, r=r: case.path.stock[..., r, :] for r, rung in enumerate(RUNGS)},  # type: ignore[misc]
    "stage": _field("stage"),
    "gap_band": _field("gap_band"),
}
ASKED: Mapping[str, Reader] = {"value_of_planning": _worth}  # read where it is asked for: it takes a second simulation
SHORTFALL = "shortfall"  # of targets, ratio units: by policy and line
CODES = ("stage", "gap_band")  # 0 far, 1 within reach, 2 near; a stage of -1: stages do not switch
READERS: Mapping[str, Reader] = {**SCALARS, **ASKED, **NATION, **DOMAINS, **LINES}


def axes(name: str, scenario: Scenario) -> dict[str, list[str] | list[int]]:
    """Axes of an outcome behind its draws, with their labels."""
    years = {"year": [scenario.horizon.base_year, *scenario.horizon.all_years]}
    if name in NATION:
        return dict(years)
    if name in DOMAINS:
        return {"domain": [domain.id for domain in scenario.domains], **years}
    if name in LINES:
        return {"line": [line.id for line in scenario.lines], **years}
    return {}


def targets(scenario: Scenario) -> dict[tuple[str, str], tuple[str, int]]:
    """Every target by policy and line, with the policy and the position of the line in its shortfall."""
    return {
        (policy.id, scenario.lines[i].id): (policy.id, n)
        for policy in scenario.policies
        if isinstance(policy, TargetPolicy)
        for n, i in enumerate(target_lines(scenario, policy))
    }
