"""Everything the simulator reads from a scenario, as arrays; each may carry leading draw axes.

Shapes below are the trailing ones: L lines, G domains, 3 rungs, 4 types (order B A M S), H planned and tail
years, M cooperation modes, K programmes, C tranche curves of T points, B lines in bands. Replace
a field (`dataclasses.replace`) by one with leading axes to draw it alone, or `stack` the worlds of several scenarios
to draw everything that follows from it, yields included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Annotated, Any, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario.axes import mix, spread, vector
from kctopt.scenario.calibrate import BaseYear, calibrate, denial_path, lag_weights, of_lines, of_rungs
from kctopt.scenario.records import TYPES, Scenario
from kctopt.scenario.select import exposed_part
from kctopt.simulator.world_options import options, positions

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger[Any]]
Scalar = Annotated[Array, 0]  # the number is that of the axes without draws
Vector = Annotated[Array, 1]
Matrix = Annotated[Array, 2]
Cube = Annotated[Array, 3]


@dataclass(frozen=True)
class World:
    """Parameters of the exact laws."""

    # base year
    stock: Matrix  # (L, 3) k in t0, index points
    substitute: Vector  # (L,) s in t0, index points
    gap: Vector  # (L,) max(0, 1 - U/R) in t0
    history: Cube  # (L, 3, 6) strategic spend in t0-l, billion CNY
    effort: Matrix  # (L, 3) reference lagged spend, billion CNY
    substitution: Vector  # (L,) reference substitution spend, billion CNY
    exchange: Vector  # (L,) reference exchange spend, billion CNY
    yields: Matrix  # (L, 3) a, index points/year
    rival: Matrix  # (L, H+1) R, index points
    control: Vector  # (H+1,) e
    denial: Vector  # (H+1,) d
    sensitivity: Vector  # (L,) sigma
    # rungs
    omega: Vector  # (3,) weight in capability
    depreciation: Vector  # (3,) delta_r
    inflow_share: Vector  # (3,) eta_r
    lags: Matrix  # (3, 6) w[r, l]
    # knowledge
    effort_elasticity: Scalar  # lambda
    accelerator_elasticity: Scalar  # psi
    stock_elasticity: Scalar  # theta
    induced: Scalar  # iota
    yield_factor: Scalar
    spillover: Matrix  # (G, L) Omega[d, d(j)] times the part of j in the accelerators of its domain
    # substitution
    made_elasticity: Scalar  # lambda_s
    made_capability: Scalar  # theta_s
    fading: Scalar  # delta_s
    made_output: Scalar  # b, index points/year
    ceiling: Scalar
    denied_ceiling: Scalar  # inf where there is none
    # diffusion
    absorption: Scalar  # alpha
    exchange_output: Scalar  # kappa
    exchange_elasticity: Scalar  # mu
    exchange_control: Scalar  # chi_kappa
    catch_up: Scalar  # c0
    catch_up_control: Scalar  # chi_c
    leverage: Scalar  # h
    market_output: Scalar  # g, index points/billion CNY
    market_elasticity: Scalar  # mu_m
    growth: Vector  # (L,) gamma
    exposed: Vector  # (L,) zeta, exposed part of the exchange
    market: Vector  # (L,) G in t0, index points
    moat: Matrix  # (G, L) weights that give a domain's moat capability
    far: Scalar
    near: Scalar
    # value
    cut_off: Vector  # (L,) loss at full control and full dependency, index points
    military_cut_off: Vector  # (L,) the same of military power
    shield: Scalar
    score: Cube  # (4, G, L) weights of type scores, each row sums to 1 or is 0
    national: Matrix  # (4, G) weights of domains in national type scores, rows sum to 1 or are 0
    multiplier: Vector  # (G,) exponent of the accelerator score, nested form
    type_weights: Matrix  # (4, G) normalised over the types a domain has (nested: over B, M, S)
    rho: Scalar
    domain_weights: Vector  # (G,) normalised over domains with lines
    rho_domains: Scalar
    economy_trend: Scalar
    economy_elasticity: Scalar  # eps_E
    military_trend: Scalar
    military_elasticity: Scalar  # eps_1
    military_shield: Scalar  # eps_2
    security_weights: Vector  # (3,) economy, military, technology
    security_rho: Scalar
    discount: Scalar  # beta
    terminal: Scalar  # W
    # discrete options
    first: Vector  # (L,) stage at the first review
    far_control: Scalar  # chi_far
    near_control: Scalar  # chi_near
    mode_exchange: Vector  # (M,) f
    market_gain: Vector  # (M,) G, index points
    gain: Vector  # (K,) stock on success, index points
    success: Vector  # (K,) probability that one route succeeds
    reward: Vector  # (K,) objective points
    upto: Matrix  # (C, T) spend over base-year spend at the ends of tranches
    effect: Matrix  # (C, T) effective spend there
    band: Cube  # (H, B, B) most by which one ratio to the rival may exceed another
    # positions, without draws
    domain: NDArray[np.intp]  # (L,) of lines among domains
    review: NDArray[np.intp]  # (H,) of years among reviews
    plan: NDArray[np.intp]  # (H,) of years among plans
    base_mode: NDArray[np.intp]  # (G,) of base-year modes among modes
    programme: NDArray[np.intp]  # (K, 2) line and rung
    curve: NDArray[np.intp]  # (C, 2) line and rung
    banded: NDArray[np.intp]  # (B,) lines

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        """The world of one scenario, without draw axes."""
        base = calibrate(scenario)
        parts = _base(scenario, base) | _rungs(scenario) | _laws(scenario) | _domains(scenario) | _value(scenario)
        arrays = {name: np.asarray(value, dtype=float) for name, value in (parts | options(scenario, base)).items()}
        places: dict[str, Any] = {"domain": _domain(scenario)} | positions(scenario)
        return cls(**arrays, **places)

    @cached_property
    def draws(self) -> tuple[int, ...]:
        """Shape of the draw axes of all numbers together, () without draws."""
        shapes = {array.shape[: array.ndim - axes] for name, axes in _axes() for array in [getattr(self, name)]}
        return np.broadcast_shapes(*shapes)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Position of each review's first year."""
        return tuple(int(n) for n in np.flatnonzero(np.diff(self.review, prepend=-1)))

    @cached_property
    def accelerators(self) -> tuple[Array, Array]:
        """Weights (G, L) of the accelerator index of domains, 1 in t0, and its value (G,) where they are all 0."""
        start = mix(self.spillover, (self.stock * self.omega[..., None, :]).sum(axis=-1))[..., None]
        weights = self.spillover / np.where(start > 0, start, np.inf)
        return weights, (start[..., 0] <= 0).astype(float)

    @classmethod
    def stack(cls, worlds: list[Self]) -> Self:
        """Worlds of scenarios with the same lines, domains, years and options, along one new leading draw axis."""
        drawn = {name: np.stack([getattr(world, name) for world in worlds]) for name, _ in _axes()}
        return replace(worlds[0], **drawn)


@cache
def _axes() -> tuple[tuple[str, int], ...]:
    """Each number of a world with its count of axes without draws."""
    hints = get_type_hints(World, include_extras=True)
    return tuple((name, hint.__metadata__[0]) for name, hint in hints.items() if hasattr(hint, "__metadata__"))


def _domain(scenario: Scenario) -> NDArray[np.intp]:
    position = {domain.id: g for g, domain in enumerate(scenario.domains)}
    return np.array([position[line.domain] for line in scenario.lines], dtype=np.intp)


def _base(scenario: Scenario, base: BaseYear) -> dict[str, Any]:
    return {
        "stock": base.stock,
        "substitute": base.substitute,
        "gap": base.gap,
        "market": base.market,
        "growth": of_lines(scenario, "growth"),
        "exposed": exposed_part(scenario),
        "history": base.history,
        "effort": base.effort,
        "substitution": base.substitution,
        "exchange": base.exchange,
        "yields": base.yields,
        "rival": base.rival,
        "control": base.control,
        "denial": denial_path(scenario),
        "sensitivity": of_lines(scenario, "sensitivity"),
    }


def _rungs(scenario: Scenario) -> dict[str, Any]:
    return {
        "omega": of_rungs(scenario, "capability_weight"),
        "depreciation": of_rungs(scenario, "depreciation"),
        "inflow_share": of_rungs(scenario, "inflow"),
        "lags": lag_weights(scenario),
    }


def _laws(scenario: Scenario) -> dict[str, Any]:
    knowledge, emergency, flow = scenario.knowledge, scenario.substitution, scenario.diffusion
    cooperation = scenario.cooperation
    return {
        "effort_elasticity": knowledge.effort_elasticity,
        "accelerator_elasticity": knowledge.accelerator_elasticity,
        "stock_elasticity": knowledge.stock_elasticity,
        "induced": knowledge.induced_innovation,
        "yield_factor": knowledge.yield_factor,
        "made_elasticity": emergency.elasticity,
        "made_capability": emergency.capability_elasticity,
        "fading": emergency.depreciation,
        "made_output": emergency.output,
        "ceiling": emergency.ceiling,
        "denied_ceiling": np.inf if emergency.denied_ceiling is None else emergency.denied_ceiling,
        "absorption": flow.absorption,
        "exchange_output": flow.exchange_output,
        "exchange_elasticity": flow.exchange_elasticity,
        "exchange_control": flow.exchange_control,
        "catch_up": flow.catch_up,
        "catch_up_control": flow.catch_up_control,
        "leverage": flow.leverage,
        "market_output": cooperation.market_output,
        "market_elasticity": cooperation.market_elasticity,
        "far": flow.far,
        "near": flow.near,
    }


def _domains(scenario: Scenario) -> dict[str, Any]:
    """What couples lines: accelerators between domains, moats and scores inside them."""
    member, rule = _membership(scenario), scenario.cut_off
    within = np.equal.outer(np.arange(len(scenario.domains)), _domain(scenario))  # (G, L)
    weighted = of_lines(scenario, "weight")[..., None, :] * member
    exposed, sensitivity = of_lines(scenario, "exposure_weight"), of_lines(scenario, "sensitivity")
    shielding = np.minimum(1.0, member[..., 2, :] + member[..., 3, :])
    return {
        "spillover": np.matmul(_strength(scenario), _shares(within * weighted[..., 1:2, :], -1)),
        "moat": _shares(within * weighted[..., 2:3, :], -1),
        "score": _shares(within * weighted[..., None, :], -1),
        "cut_off": spread(rule.loss, 1) * _shares(exposed * member[..., 0, :], -1) * sensitivity,
        "military_cut_off": spread(rule.military_loss, 1) * _shares(exposed * shielding, -1) * sensitivity,
        "shield": rule.shield,
    }


def _membership(scenario: Scenario) -> Array:
    """m, (..., 4, L)."""
    return vector((vector(line.membership[kind] for line in scenario.lines) for kind in TYPES), axes=1)


def _strength(scenario: Scenario) -> Array:
    """Omega by target and source, (..., G, G)."""
    position = {entry.id: g for g, entry in enumerate(scenario.domains)}
    strength: list[list[Any]] = [[0.0] * len(position) for _ in position]
    for spill in scenario.spillovers:
        row = strength[position[spill.target]]
        row[position[spill.source]] = row[position[spill.source]] + spill.strength
    return vector(map(vector, strength), axes=1)


def _value(scenario: Scenario) -> dict[str, Any]:
    kct, economy, military = scenario.kct, scenario.economy, scenario.military
    security = scenario.security
    member, domain = _membership(scenario), _domain(scenario)
    has = np.stack([(member[..., domain == g] > 0).any(axis=-1) for g in range(len(scenario.domains))], axis=-1)
    weight = vector(entry.weight for entry in scenario.domains)
    multiplier, type_weights = _type_weights(scenario, has)
    return {
        "national": _shares(weight[..., None, :] * has, -1),
        "multiplier": multiplier,
        "type_weights": type_weights,
        "rho": kct.rho,
        "domain_weights": _shares(weight * has.any(axis=-2), -1),
        "rho_domains": kct.rho_domains,
        "economy_trend": economy.trend,
        "economy_elasticity": economy.kct_elasticity,
        "military_trend": military.chosen.trend,
        "military_elasticity": military.kct_elasticity,
        "military_shield": military.shield_elasticity,
        "security_weights": vector((security.economy, security.military, security.technology)),
        "security_rho": security.rho,
        "discount": scenario.objective.discount,
        "terminal": scenario.objective.terminal,
    }


def _type_weights(scenario: Scenario, has: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Exponent of the accelerator score (..., G) and weights of the other types (..., 4, G), by form.

    Nested: a domain without accelerators has exponent 0, one with nothing else exponent 1.
    """
    weights, nested = scenario.kct.weights, scenario.kct.form == "nested"
    used = has.copy()
    used[..., 1, :] &= not nested
    stated = vector((weights.B, weights.A, weights.M, weights.S))[..., None] * used
    stated = np.where(stated.any(axis=-2, keepdims=True), stated, used)  # types that all weigh 0 weigh equally
    multiplier = np.where(used.any(axis=-2), spread(scenario.kct.multiplier, 1), 1.0) * has[..., 1, :] * nested
    return multiplier, _shares(stated, -2)


def _shares(weights: Array, axis: int) -> Array:
    """Weights scaled to sum to 1 along an axis; all-zero ones stay zero."""
    total = weights.sum(axis=axis, keepdims=True)
    shares: Array = np.divide(weights, total, out=np.zeros_like(weights, dtype=float), where=total > 0)
    return shares


def denied(world: World) -> Array:
    """Share of supply that controls or a shock deny, (..., H+1)."""
    return np.asarray(np.maximum(world.control, world.denial))


def over_years(parts: list[Array]) -> Array:
    """Arrays of single years joined along a last axis; some may lack axes of the others."""
    joined = np.empty((*np.broadcast_shapes(*{part.shape for part in parts}), len(parts)))
    for n, part in enumerate(parts):
        joined[..., n] = part
    return joined
