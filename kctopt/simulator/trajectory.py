"""One run of the laws: money in, states and indices out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import kctopt.simulator.laws as laws
from kctopt.scenario.axes import spread
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.scenario.reviews import FAR, NEAR, REACH
from kctopt.scenario.select import target_lines
from kctopt.simulator.choices import NO_CHOICES, Choices, checked_choices
from kctopt.simulator.costs import change_cost, market, modes, programme_cost, researchers, rewards
from kctopt.simulator.course import Course, open_reach
from kctopt.simulator.money import Money, checked, with_tail
from kctopt.simulator.value import value
from kctopt.simulator.world import Array, Codes, World


@dataclass(frozen=True)
class Trajectory:
    """What a plan's money leads to; year axis last, n = 0 the base year, H planned and tail years."""

    stock: Array  # (..., L, 3, H+1) index points
    production: Array  # (..., L, 3, H) index points/year
    inflow: Array  # (..., L, H) index points/year
    binding: Codes  # (..., L, H) cap that sets the inflow: 0 far, 1 reach, 2 near; -1 in other forms
    leverage: Array  # (..., L, H) lead that holds without erosion, index points
    exchange_gain: Array  # (..., L, H) economic power that exchange brings, index points
    restraint: Array  # (..., L, 3, H) stock removed by restraint, chosen and held, index points
    programme_gain: Array  # (..., L, 3, H) expected gain of programmes that end, index points
    made: Array  # (..., L, H) substitutes gained, index points/year
    substitute: Array  # (..., L, H+1) index points
    capability: Array  # (..., L, H+1) index points
    usable: Array  # (..., L, H+1) index points
    rival: Array  # (..., L, H+1) index points
    gap: Array  # (..., L, H+1) (R - C) / R
    gap_band: Codes  # (..., L, H+1) position of the gap: 0 far, 1 within reach, 2 near
    review_stage: Codes  # (..., L, V) stage that each review sets: 0 far, 1 within reach, 2 near; -1 without switching
    stage: Codes  # (..., L, H+1) stage in force in the year; in the base year that of the first review
    dependency: Array  # (..., L, H+1) max(0, 1 - U/R)
    accelerator: Array  # (..., G, H+1) 100 in t0
    score: Array  # (..., G, 4, H+1) nan where a domain has no line of the type
    national_score: Array  # (..., 4, H+1) nan where no domain has the type
    kct_domain: Array  # (..., G, H+1) nan for a domain without lines
    kct: Array  # (..., H+1)
    technology: Array  # (..., H+1) 100 in t0
    loss: Array  # (..., H+1) loss of economic power from a cut-off, index points
    military_loss: Array  # (..., H+1) loss of military power from a cut-off, index points
    market: Array  # (..., H+1) economic power from exchange and cooperation modes over the base year's, index points
    economic: Array  # (..., H+1) 100 in t0 without losses
    military: Array  # (..., H+1) 100 in t0 without losses
    security: Array  # (..., H+1) 100 in t0 without losses
    programme_cost: Array  # (..., N) billion CNY
    change_cost: Array  # (..., N) of cooperation modes, billion CNY
    researchers: Array  # (..., N) in programmes, thousand persons
    objective: Array  # (...) discounted national security and rewards, less the price of missed soft targets
    shortfall: dict[str, Array]  # target policy id -> (..., its lines), ratio units


CORE_AXES = {  # axes of each array without draws
    **dict.fromkeys(("stock", "production", "score", "restraint", "programme_gain"), 3),
    **dict.fromkeys(("inflow", "binding", "leverage", "exchange_gain", "made", "substitute", "capability"), 2),
    **dict.fromkeys(("usable", "rival", "gap", "gap_band", "dependency", "accelerator", "national_score"), 2),
    **dict.fromkeys(("kct_domain", "review_stage", "stage"), 2),
    **dict.fromkeys(("kct", "technology", "loss", "military_loss", "market", "economic", "military", "security"), 1),
    **dict.fromkeys(("programme_cost", "change_cost", "researchers"), 1),
}


def simulate(
    scenario: Scenario, money: Money, world: World | None = None, choices: Choices = NO_CHOICES, hold: bool = False,
    gain: Array | None = None,
) -> Trajectory:  # fmt: skip
    """Put a plan's money and discrete choices through the exact laws.

    Parameters
    ----------
    scenario : gives the forms of the laws, the years and the targets.
    money : the plan; tiny negative amounts count as 0.
    world : the numbers of the laws, `World.of(scenario)` by default. Pass it when calling often, or to draw.
    choices : the plan's discrete choices; without stages, a scenario with switching follows the law year by year.
    hold : hold lines back, beyond the restraint chosen, to just where the stages chosen and bands allow.
    gain : stock that a mixture of programmes brings at the end of each year, (..., L, 3, H), index points, in place of
        what the routes chosen bring; their cost and reward are the caller's to count.

    Returns
    -------
    Trajectory : every state and index, over the draw axes of money, choices and world together. Its objective is
        always that of `national_security`; for `min_budget` see `budget_scale`.
    """
    world = World.of(scenario) if world is None else world
    tail = scenario.horizon.tail
    money, choices = checked(scenario, money), checked_choices(scenario, choices)
    strategic, substitution, exchange = (
        with_tail(np.maximum(track, 0.0), tail) for track in (money.strategic, money.substitution, money.exchange)
    )
    mode = modes(scenario, choices)
    reach = laws.reach_cap(world, exchange)
    gain_of_exchange = laws.market(world, exchange)
    if mode is not None:
        factor = world.mode_exchange[..., mode[:, world.plan][world.domain]]
        reach, gain_of_exchange = reach * factor, gain_of_exchange * factor
    effort = laws.lagged_effort(world, laws.effective_spend(world, strategic))
    stocks = _stocks(scenario, world, effort, reach, Course.of(scenario, world, choices, hold, gain))
    stocks |= laws.substitutes(world, substitution, stocks["capability"])
    if scenario.stages == "switching":
        gain_of_exchange = np.where(stocks["stage"][..., 1:] == REACH, gain_of_exchange, 0.0)
    stocks["exchange_gain"] = gain_of_exchange
    trajectory = _judged(scenario, world, choices, mode, stocks)
    chosen = () if choices.restraint is None else choices.restraint.shape[:-3]
    tracks = strategic.shape[:-3], substitution.shape[:-2], exchange.shape[:-2]
    own = trajectory.objective.shape, trajectory.programme_cost.shape[:-1], trajectory.change_cost.shape[:-1]
    people = trajectory.researchers.shape[:-1]  # these read numbers of the scenario that no world holds
    draws = np.broadcast_shapes(world.draws, *tracks, chosen, *own, people)
    return _with_draws(trajectory, draws) if draws else trajectory


def natural(scenario: Scenario, money: Money, choices: Choices = NO_CHOICES, world: World | None = None) -> Choices:
    """The same choices with the stages that the law leads to, year by year and without foresight.

    They keep every rule on stages but the one that exchange outside reach is closed (`without_closed_exchange`), unless
    a line leaps from far to near between two reviews: with the ratchet it then has to hold back.
    """
    if scenario.stages == "envelope":
        return choices
    return replace(choices, stage=simulate(scenario, money, world, replace(choices, stage=None)).review_stage)


def constant(scenario: Scenario, path: Trajectory, world: World | None = None) -> float:
    """The objective when every line keeps its base-year ratio to the rival, of any of the scenario's trajectories.

    What then moves national security is what no money moves: trends of economy and military, and controls.
    """
    world = World.of(scenario) if world is None else world
    ratio = np.broadcast_to((path.usable / path.rival)[..., :1], path.usable.shape)
    security = value(scenario, world, ratio, np.zeros(ratio.shape[-1]))["security"]
    return float(_objective(scenario, world, security, _shortfall(scenario, ratio), NO_CHOICES))


def _stocks(scenario: Scenario, world: World, effort: Array, reach: Array, course: Course) -> dict[str, Any]:
    """States of lines by the laws and the choices, with the stages in force and what was held back."""
    form = scenario.diffusion.form
    if course.chosen is not None:
        reach = open_reach(world, course.chosen, reach)
    stocks: dict[str, Any] = laws.years(form, world, effort, reach, course if course.active else None)
    if course.moves is not None:
        reach = open_reach(world, course.stages, reach)
    restraint, gain, stages = course.restraints(), course.gain, course.stages
    nothing = np.zeros(stocks["production"].shape[-3:])
    return stocks | {
        "binding": laws.binding(form, world, stocks["capability"], reach, stocks["inflow"]),
        "review_stage": stages,
        "stage": np.concatenate([stages[..., :1], stages[..., world.review]], axis=-1),
        "restraint": nothing if restraint is None else restraint,
        "programme_gain": nothing if gain is None else gain,
    }


def _judged(
    scenario: Scenario, world: World, choices: Choices, mode: Codes | None, stocks: dict[str, Any]
) -> Trajectory:
    """States with everything that follows from them."""
    capability, substitute = stocks["capability"], stocks["substitute"]
    ratio = (capability + substitute) / world.rival
    gained = stocks["exchange_gain"].sum(axis=-2) - world.market.sum(axis=-1)[..., None]
    brought = np.concatenate([np.zeros((*gained.shape[:-1], 1)), gained], axis=-1)
    if mode is not None:
        brought = brought + market(world, mode[:, world.plan])
    indices: dict[str, Any] = value(scenario, world, ratio, brought)
    shortfall = _shortfall(scenario, ratio)
    gap = 1 - capability / world.rival
    return Trajectory(
        **stocks,
        **indices,
        usable=capability + substitute,
        rival=world.rival,
        gap=gap,
        gap_band=_gap_band(world, gap),
        dependency=np.maximum(0.0, 1 - ratio),
        accelerator=laws.accelerator(world, capability),
        market=brought,
        programme_cost=programme_cost(scenario, choices.routes),
        change_cost=change_cost(scenario, choices),
        researchers=researchers(scenario, choices.routes),
        objective=_objective(scenario, world, indices["security"], shortfall, choices),
        shortfall=shortfall,
    )


def _with_draws(trajectory: Trajectory, draws: tuple[int, ...]) -> Trajectory:
    """The same, every array with all draw axes; those that lacked some become read-only views."""
    full: dict[str, Any] = {"objective": np.broadcast_to(trajectory.objective, draws)}
    for name, core in CORE_AXES.items():
        array = getattr(trajectory, name)
        shape = draws + array.shape[array.ndim - core :]
        full[name] = array if array.shape == shape else np.broadcast_to(array, shape)
    full["shortfall"] = {
        policy: np.broadcast_to(missing, draws + missing.shape[-1:]) for policy, missing in trajectory.shortfall.items()
    }
    return Trajectory(**full)


def _gap_band(world: World, gap: Array) -> Codes:
    """Band that the relative gap of each line-year lies in."""
    far, near = gap > spread(world.far, 2), gap < spread(world.near, 2)
    return np.where(far, FAR, np.where(near, NEAR, REACH))


def _shortfall(scenario: Scenario, ratio: Array) -> dict[str, Array]:
    """How far each target's lines stay below it, ratio units; hard targets included."""
    missing = {}
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy):
            reached = ratio[..., list(target_lines(scenario, policy)), policy.by - scenario.horizon.base_year]
            missing[policy.id] = np.maximum(0.0, spread(least_ratio(policy), 1) - reached)
    return missing


def least_ratio(policy: TargetPolicy) -> float:
    """The least U/R a target asks for."""
    if policy.min_ratio is not None:
        return policy.min_ratio
    assert policy.max_dependency is not None  # the record holds exactly one of the two
    return 1 - policy.max_dependency


def _objective(
    scenario: Scenario, world: World, security: Array, shortfall: dict[str, Array], choices: Choices
) -> Array:
    """Discounted security, the last planned year and the last of all once more, rewards, less missed soft targets."""
    years = np.arange(1, security.shape[-1])
    total = np.sum(world.discount[..., None] ** years * security[..., 1:], axis=-1)
    total = total + world.terminal * security[..., len(scenario.horizon.years)]
    after = np.arange(1, scenario.objective.end_years + 1)
    counted_on = np.sum(world.discount[..., None] ** (years[-1] + after), axis=-1)
    total = total + counted_on * security[..., -1]
    for policy in scenario.policies:
        if isinstance(policy, TargetPolicy) and policy.soft:
            total = total - policy.price * shortfall[policy.id].sum(axis=-1)
    return np.asarray(total + rewards(scenario, world, choices.routes))
