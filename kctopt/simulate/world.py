"""Everything the simulator reads from a scenario, as arrays; each may carry leading draw axes.

Shapes below are the trailing ones: L lines, G domains, 3 rungs, 4 types (order B A M S), H planned and tail
years. A scalar is a 0-d array. Replace a field (`dataclasses.replace`) by one with leading axes to draw it
alone, or `stack` the worlds of several scenarios to draw everything that follows from it, yields included.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.records import TYPES, Scenario

Array = NDArray[np.float64]
Codes = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class World:
    """Parameters of the exact laws."""

    # base year
    stock: Array  # (L, 3) k in t0, index points
    substitute: Array  # (L,) s in t0, index points
    history: Array  # (L, 3, 6) strategic spend in t0-l, billion CNY
    effort: Array  # (L, 3) reference lagged spend, billion CNY
    substitution: Array  # (L,) reference substitution spend, billion CNY
    exchange: Array  # (L,) reference exchange spend, billion CNY
    yields: Array  # (L, 3) a, index points/year
    rival: Array  # (L, H+1) R, index points
    control: Array  # (H+1,) e
    sensitivity: Array  # (L,) sigma
    # rungs
    omega: Array  # (3,) weight in capability
    depreciation: Array  # (3,) delta_r
    inflow_share: Array  # (3,) eta_r
    lags: Array  # (3, 6) w[r, l]
    # knowledge
    effort_elasticity: Array  # lambda
    accelerator_elasticity: Array  # psi
    stock_elasticity: Array  # theta
    induced: Array  # iota
    yield_factor: Array
    spillover: Array  # (G, L) Omega[d, d(j)] m_jA
    # substitution
    made_elasticity: Array  # lambda_s
    fading: Array  # delta_s
    made_output: Array  # b, index points/year
    ceiling: Array
    # diffusion
    absorption: Array  # alpha
    exchange_output: Array  # kappa
    exchange_elasticity: Array  # mu
    exchange_control: Array  # chi_kappa
    catch_up: Array  # c0
    catch_up_control: Array  # chi_c
    leverage: Array  # h
    moat: Array  # (G, L) weights that give a domain's moat capability
    far: Array
    near: Array
    # value
    cut_off: Array  # (L,) loss at full control and full dependency, index points
    shield: Array
    score: Array  # (4, G, L) weights of type scores, each row sums to 1 or is 0
    national: Array  # (4, G) weights of domains in national type scores, rows sum to 1 or are 0
    multiplier: Array  # (G,) exponent of the accelerator score, nested form
    type_weights: Array  # (4, G) normalised over the types a domain has (nested: over B, M, S)
    rho: Array
    domain_weights: Array  # (G,) normalised over domains with lines
    rho_domains: Array
    economy_trend: Array
    economy_elasticity: Array  # eps_E
    military_trend: Array
    military_elasticity: Array  # eps_1
    military_shield: Array  # eps_2
    security_weights: Array  # (3,) economy, military, technology
    security_rho: Array
    discount: Array  # beta
    terminal: Array  # W
    # position of each line's domain, (L,) int, without draws
    domain: NDArray[np.intp]

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        """The world of one scenario, without draw axes."""
        parts = _base(scenario) | _rungs(scenario) | _laws(scenario) | _domains(scenario) | _value(scenario)
        arrays = {name: np.asarray(value, dtype=float) for name, value in parts.items()}
        return cls(**arrays, domain=_domain(scenario))

    @classmethod
    def stack(cls, worlds: list[Self]) -> Self:
        """Worlds of scenarios with the same lines, domains and years, along one new leading draw axis."""
        names = [field.name for field in fields(cls) if field.name != "domain"]
        arrays = {name: np.stack([getattr(world, name) for world in worlds]) for name in names}
        return cls(**arrays, domain=worlds[0].domain)


def _domain(scenario: Scenario) -> NDArray[np.intp]:
    position = {domain.id: g for g, domain in enumerate(scenario.domains)}
    return np.array([position[line.domain] for line in scenario.lines], dtype=np.intp)


def _base(scenario: Scenario) -> dict[str, Any]:
    base = calibrate(scenario)
    return {
        "stock": base.stock,
        "substitute": base.substitute,
        "history": base.history,
        "effort": base.effort,
        "substitution": base.substitution,
        "exchange": base.exchange,
        "yields": base.yields,
        "rival": base.rival,
        "control": base.control,
        "sensitivity": [line.sensitivity for line in scenario.lines],
    }


def _rungs(scenario: Scenario) -> dict[str, Any]:
    rungs = scenario.rungs
    return {
        "omega": [rung.capability_weight for rung in rungs],
        "depreciation": [rung.depreciation for rung in rungs],
        "inflow_share": [rung.inflow for rung in rungs],
        "lags": [rung.lags for rung in rungs],
    }


def _laws(scenario: Scenario) -> dict[str, Any]:
    knowledge, emergency, flow = scenario.knowledge, scenario.substitution, scenario.diffusion
    return {
        "effort_elasticity": knowledge.effort_elasticity,
        "accelerator_elasticity": knowledge.accelerator_elasticity,
        "stock_elasticity": knowledge.stock_elasticity,
        "induced": knowledge.induced_innovation,
        "yield_factor": knowledge.yield_factor,
        "made_elasticity": emergency.elasticity,
        "fading": emergency.depreciation,
        "made_output": emergency.output,
        "ceiling": emergency.ceiling,
        "absorption": flow.absorption,
        "exchange_output": flow.exchange_output,
        "exchange_elasticity": flow.exchange_elasticity,
        "exchange_control": flow.exchange_control,
        "catch_up": flow.catch_up,
        "catch_up_control": flow.catch_up_control,
        "leverage": flow.leverage,
        "far": flow.far,
        "near": flow.near,
    }


def _domains(scenario: Scenario) -> dict[str, Any]:
    """What couples lines: accelerators between domains, moats and scores inside them."""
    lines, domain = scenario.lines, _domain(scenario)
    member = np.array([[line.membership[kind] for line in lines] for kind in TYPES])
    within = np.equal.outer(np.arange(len(scenario.domains)), domain)  # (G, L)
    weight = np.array([line.weight for line in lines])
    position = {entry.id: g for g, entry in enumerate(scenario.domains)}
    strength = np.zeros((len(position), len(position)))
    for spill in scenario.spillovers:
        strength[position[spill.target], position[spill.source]] += spill.strength
    exposed = np.array([line.exposure_weight for line in lines]) * member[0]
    sensitivity = np.array([line.sensitivity for line in lines])
    return {
        "spillover": strength[:, domain] * member[1],
        "moat": _shares(within * weight * member[2], -1),
        "score": _shares(within * (weight * member)[:, None, :], -1),
        "cut_off": scenario.cut_off.loss * _shares(exposed, -1) * sensitivity,
        "shield": scenario.cut_off.shield,
    }


def _value(scenario: Scenario) -> dict[str, Any]:
    kct, economy, military = scenario.kct, scenario.economy, scenario.military
    security = scenario.security
    lines, domain = scenario.lines, _domain(scenario)
    member = np.array([[line.membership[kind] for line in lines] for kind in TYPES])
    has = np.array([[bool((member[k, domain == g] > 0).any()) for g in range(len(scenario.domains))] for k in range(4)])
    weight = np.array([entry.weight for entry in scenario.domains])
    multiplier, type_weights = _type_weights(scenario, has)
    return {
        "national": _shares(weight * has, -1),
        "multiplier": multiplier,
        "type_weights": type_weights,
        "rho": kct.rho,
        "domain_weights": _shares(weight * has.any(axis=0), -1),
        "rho_domains": kct.rho_domains,
        "economy_trend": economy.trend,
        "economy_elasticity": economy.kct_elasticity,
        "military_trend": military.chosen.trend,
        "military_elasticity": military.kct_elasticity,
        "military_shield": military.shield_elasticity,
        "security_weights": (security.economy, security.military, security.technology),
        "security_rho": security.rho,
        "discount": scenario.objective.discount,
        "terminal": scenario.objective.terminal,
    }


def _type_weights(scenario: Scenario, has: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Exponent of the accelerator score (G,) and weights of the other types (4, G), by form.

    Nested: a domain without accelerators has exponent 0, one with nothing else exponent 1.
    """
    weights, nested = scenario.kct.weights, scenario.kct.form == "nested"
    used = has.copy()
    used[1] &= not nested
    stated = np.array([weights.B, weights.A, weights.M, weights.S])[:, None] * used
    stated = np.where(stated.any(axis=0), stated, used)  # a domain whose types all weigh 0 weighs them equally
    multiplier = np.where(used.any(axis=0), scenario.kct.multiplier, 1.0) * has[1] * nested
    return multiplier, _shares(stated, 0)


def _shares(weights: Array, axis: int) -> Array:
    """Weights scaled to sum to 1 along an axis; all-zero ones stay zero."""
    total = weights.sum(axis=axis, keepdims=True)
    shares: Array = np.divide(weights, total, out=np.zeros_like(weights, dtype=float), where=total > 0)
    return shares


def spread(value: Array, axes: int) -> Array:
    """A parameter with `axes` trailing axes of length 1, so that its draw axes meet those of the others."""
    return value.reshape(value.shape + (1,) * axes)
