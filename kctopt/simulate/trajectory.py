"""One run of the laws: money in, states and indices out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.scenario.select import target_lines
from kctopt.simulate import laws
from kctopt.simulate.money import Money, checked, with_tail
from kctopt.simulate.value import value
from kctopt.simulate.world import Array, Codes, World, spread


@dataclass(frozen=True)
class Trajectory:
    """What a plan's money leads to; year axis last, n = 0 the base year, H planned and tail years."""

    stock: Array  # (..., L, 3, H+1) index points
    production: Array  # (..., L, 3, H) index points/year
    inflow: Array  # (..., L, H) index points/year
    binding: Codes  # (..., L, H) cap that sets the inflow: 0 far, 1 reach, 2 near; -1 in other forms
    leverage: Array  # (..., L, H) lead that holds without erosion, index points
    made: Array  # (..., L, H) substitutes gained, index points/year
    substitute: Array  # (..., L, H+1) index points
    capability: Array  # (..., L, H+1) index points
    usable: Array  # (..., L, H+1) index points
    rival: Array  # (..., L, H+1) index points
    gap: Array  # (..., L, H+1) (R - C) / R
    stage: Codes  # (..., L, H+1) 0 far, 1 within reach, 2 near
    dependency: Array  # (..., L, H+1) max(0, 1 - U/R)
    accelerator: Array  # (..., G, H+1) 100 in t0
    score: Array  # (..., G, 4, H+1) nan where a domain has no line of the type
    national_score: Array  # (..., 4, H+1) nan where no domain has the type
    kct_domain: Array  # (..., G, H+1) nan for a domain without lines
    kct: Array  # (..., H+1)
    technology: Array  # (..., H+1) 100 in t0
    loss: Array  # (..., H+1) loss from cut-off, index points
    economic: Array  # (..., H+1) 100 in t0
    military: Array  # (..., H+1) 100 in t0
    security: Array  # (..., H+1) 100 in t0
    objective: Array  # (...) discounted national security less the price of missed soft targets
    shortfall: dict[str, Array]  # target policy id -> (..., its lines), ratio units


CORE_AXES = {  # axes of each array without draws
    **dict.fromkeys(("stock", "production", "score"), 3),
    **dict.fromkeys(("inflow", "binding", "leverage", "made", "substitute", "capability", "usable", "rival"), 2),
    **dict.fromkeys(("gap", "stage", "dependency", "accelerator", "national_score", "kct_domain"), 2),
    **dict.fromkeys(("kct", "technology", "loss", "economic", "military", "security"), 1),
}


def simulate(scenario: Scenario, money: Money, world: World | None = None) -> Trajectory:
    """Put a plan's money through the exact laws.

    Parameters
    ----------
    scenario : gives the forms of the laws, the years and the targets.
    money : the plan; tiny negative amounts count as 0.
    world : the numbers of the laws, `World.of(scenario)` by default. Pass it when calling often, or to draw.

    Returns
    -------
    Trajectory : every state and index, over the draw axes of money and world together. Its objective is
        always that of `national_security`; for `min_budget` see `budget_scale`.
    """
    world = World.of(scenario) if world is None else world
    form, tail = scenario.diffusion.form, scenario.horizon.tail
    money = checked(scenario, money)
    strategic, substitution, exchange = (
        with_tail(np.maximum(track, 0.0), tail) for track in (money.strategic, money.substitution, money.exchange)
    )
    reach = laws.reach_cap(world, exchange)
    stocks = laws.years(form, world, laws.lagged_effort(world, strategic), reach)
    made = laws.made(world, substitution)
    capability, substitute = stocks["capability"], laws.substitutes(world, made)
    ratio = (capability + substitute) / world.rival
    indices = value(scenario, world, ratio)
    shortfall = _shortfall(scenario, ratio)
    gap = 1 - capability / world.rival
    trajectory = Trajectory(
        **stocks,
        **indices,
        binding=laws.binding(form, world, capability, reach, stocks["inflow"]),
        made=made,
        substitute=substitute,
        usable=capability + substitute,
        rival=world.rival,
        gap=gap,
        stage=_stage(world, gap),
        dependency=np.maximum(0.0, 1 - ratio),
        accelerator=laws.accelerator(world, capability),
        objective=_objective(scenario, world, indices["security"], shortfall),
        shortfall=shortfall,
    )
    draws = np.broadcast_shapes(world.draws, strategic.shape[:-3], substitution.shape[:-2], exchange.shape[:-2])
    return _with_draws(trajectory, draws) if draws else trajectory


def _with_draws(trajectory: Trajectory, draws: tuple[int, ...]) -> Trajectory:
    """The same, every array with all draw axes; those that lacked some become read-only views."""
    full: dict[str, Any] = {"objective": np.broadcast_to(trajectory.objective, draws)}
    for name, core in CORE_AXES.items():
        array = getattr(trajectory, name)
        full[name] = np.broadcast_to(array, draws + array.shape[array.ndim - core :])
    full["shortfall"] = {
        policy: np.broadcast_to(missing, draws + missing.shape[-1:]) for policy, missing in trajectory.shortfall.items()
    }
    return Trajectory(**full)


def _stage(world: World, gap: Array) -> Codes:
    """Stage of each line-year by its relative gap."""
    far, near = gap > spread(world.far, 2), gap < spread(world.near, 2)
    return np.where(far, laws.FAR, np.where(near, laws.NEAR, laws.REACH))


def _shortfall(scenario: Scenario, ratio: Array) -> dict[str, Array]:
    """How far each target's lines stay below it, ratio units; hard targets included."""
    missing = {}
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy):
            reached = ratio[..., list(target_lines(scenario, policy)), policy.by - scenario.horizon.base_year]
            missing[policy.id] = np.maximum(0.0, least_ratio(policy) - reached)
    return missing


def least_ratio(policy: TargetPolicy) -> float:
    """The least U/R a target asks for."""
    if policy.min_ratio is not None:
        return policy.min_ratio
    assert policy.max_dependency is not None  # the record holds exactly one of the two
    return 1 - policy.max_dependency


def _objective(scenario: Scenario, world: World, security: Array, shortfall: dict[str, Array]) -> Array:
    """Discounted security, the last planned year once more, less the price of missed soft targets."""
    years = np.arange(1, security.shape[-1])
    total = np.sum(world.discount[..., None] ** years * security[..., 1:], axis=-1)
    total = total + world.terminal * security[..., len(scenario.horizon.years)]
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy) and policy.soft:
            total = total - policy.price * shortfall[policy.id].sum(axis=-1)
    return np.asarray(total)
