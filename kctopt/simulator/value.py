"""From usable capability to national security: scores, KCT value, loss, economic and military power.

Z[d,k] = sum_i w_i m_ik 100 U/R / sum_i w_i m_ik           KCT_d by form,  KCT = CES_rho_d(KCT_d; w_d)
X  = max(0, max(e, d) Lambda sum_i nu_i m_iB sigma_i dep / sum_i nu_i m_iB - shield Z_S)
Y  = max(e, d) Lambda_M sum_i nu_i m_i sigma_i dep / sum_i nu_i m_i,   m_i = min(1, m_iM + m_iS)
EP = 100 (1+g_E)^n (KCT/KCT_0)^eps_E - X + market
MP = 100 (1+g_M)^n (KCT/KCT_0)^eps_1 (Z_MS/Z_MS0)^eps_2 - Y      NS by form, of EP, MP and K = 100 KCT/KCT_0
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.axes import spread
from kctopt.scenario.exponents import geometric
from kctopt.scenario.records import Scenario
from kctopt.simulator.world import Array, World, denied


def value(scenario: Scenario, world: World, ratio: Array, market: Array) -> dict[str, Array]:
    """From usable capability over the rival's, (..., L, H+1), to national security.

    `market` (..., H+1) is the economic power that exchange and cooperation modes bring over the base year's.
    """
    by_type = np.matmul(world.score, 100 * ratio[..., None, :, :])  # (..., 4, G, H+1)
    national = np.einsum("...kg,...kgn->...kn", world.national, by_type)
    kct_domain = _kct_domain(scenario.kct.form, world, by_type)
    kct = ces(kct_domain, world.domain_weights[..., None], world.rho_domains, axis=-2)
    relative = kct / kct[..., :1]
    absent = np.asarray(world.score.sum(axis=-1) == 0)
    loss, military_loss = _loss(world, ratio, national), _struck(world, world.military_cut_off, ratio)
    economic = _economic(world, relative, loss) + market
    military = _military(world, relative, national, military_loss)
    return {
        "score": np.moveaxis(np.where(absent[..., None], np.nan, by_type), -3, -2),
        "national_score": np.where(np.asarray(absent.all(axis=-1))[..., None], np.nan, national),
        "kct_domain": np.where((world.domain_weights > 0)[..., None], kct_domain, np.nan),
        "kct": kct,
        "technology": 100 * relative,
        "loss": loss,
        "military_loss": military_loss,
        "economic": economic,
        "military": military,
        "security": _security(scenario.security.form, world, economic, military, 100 * relative),
    }


def grown(power: Array) -> Array:
    """A power over that of t0, (..., H+1); nan where a cut-off brings it to nothing in t0."""
    return np.asarray(power / np.where(power[..., :1] > 0, power[..., :1], np.nan))


def ces(values: Array, weights: Array, rho: Array, axis: int) -> Array:
    """(sum w z^rho)^(1/rho) along an axis; the geometric mean at rho = 0. Zero weights are left out.

    A score of 0 with weight makes the whole 0 when rho <= 0. Worked out in logarithms, which no exponent overflows:
    around the geometric mean where rho moves little, from the largest term elsewhere.
    """
    values = np.where(weights > 0, values, 1.0)
    rho = spread(rho, -axis)
    flat = np.asarray(geometric(rho))
    if flat.all():
        return np.asarray(np.prod(values**weights, axis=axis))
    power = np.where(flat, 1.0, rho)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log = np.log(values)
        middle = np.sum(weights * log, axis=axis, keepdims=True)
        bent = power * (log - middle)
        small = np.abs(bent).max(axis=axis, keepdims=True) <= 1.0  # false where a score is 0
        near = (
            middle + np.log1p(np.sum(weights * np.expm1(np.where(small, bent, 0.0)), axis=axis, keepdims=True)) / power
        )
        terms = np.where(weights > 0, power * log, -np.inf)
        top = terms.max(axis=axis, keepdims=True)
        far = (top + np.log(np.sum(weights * np.exp(terms - top), axis=axis, keepdims=True))) / power
        far = np.where(np.isinf(top), -np.inf, far)  # a score of 0 below rho 0, or nothing but such scores
        mean = np.exp(np.where(flat, middle, np.where(small, near, far)))
    return np.asarray(mean.squeeze(axis))


def _kct_domain(form: str, world: World, by_type: Array) -> Array:
    """KCT value of each domain from its type scores (..., 4, G, H+1)."""
    weights = world.type_weights[..., None]
    match form:
        case "nested":
            alpha = world.multiplier[..., None]
            return np.asarray(by_type[..., 1, :, :] ** alpha * ces(by_type, weights, world.rho, -3) ** (1 - alpha))
        case "ces":
            return ces(by_type, weights, world.rho, -3)
        case "cobb_douglas":
            return np.asarray(np.prod(by_type**weights, axis=-3))
        case "leontief":
            return np.asarray(np.where(weights > 0, by_type, np.inf).min(axis=-3))
        case _:
            return np.asarray(np.sum(by_type * weights, axis=-3))


def _loss(world: World, ratio: Array, national: Array) -> Array:
    """X: loss from a cut-off, less what security technology shields."""
    choked = _struck(world, world.cut_off, ratio)
    return np.asarray(np.maximum(0.0, choked - world.shield[..., None] * national[..., 3, :]))


def _struck(world: World, weights: Array, ratio: Array) -> Array:
    """What a cut-off takes by weights (..., L) of dependencies, index points, (..., H+1)."""
    return np.asarray(denied(world) * np.einsum("...l,...ln->...n", weights, np.maximum(0.0, 1 - ratio)))


def _growth(trend: Array, years: int) -> Array:
    """(1 + trend)^n for n = 0 ... years."""
    return np.asarray((1 + trend[..., None]) ** np.arange(years + 1))


def _economic(world: World, relative: Array, loss: Array) -> Array:
    """EP: the trend, lifted by KCT, less the loss; 100 in t0 without it."""
    path = 100 * _growth(world.economy_trend, relative.shape[-1] - 1)
    return np.asarray(path * relative ** world.economy_elasticity[..., None] - loss)


def _military(world: World, relative: Array, national: Array, loss: Array) -> Array:
    """MP: the trend, lifted by KCT and by moat and security scores there are, less the loss; 100 in t0 without it."""
    path = 100 * _growth(world.military_trend, relative.shape[-1] - 1)
    path = path * relative ** world.military_elasticity[..., None]
    pair = world.national[..., 2:, :].any(axis=-1)  # (..., 2)
    if not pair.any():
        return np.asarray(path - loss)
    shield = np.einsum("...k,...kn->...n", pair / np.maximum(pair.sum(axis=-1, keepdims=True), 1), national[..., 2:, :])
    return np.asarray(path * (shield / shield[..., :1]) ** world.military_shield[..., None] - loss)


def _security(form: str, world: World, economic: Array, military: Array, technology: Array) -> Array:
    """NS from its three parts, each 100 in t0 without losses; a power below 0 counts as 0."""
    parts = np.maximum(np.stack(np.broadcast_arrays(economic, military, technology), axis=-2), 0.0)
    weights = world.security_weights[..., None]
    match form:
        case "cobb_douglas":
            return np.asarray(np.prod(parts**weights, axis=-2))
        case "ces":
            return ces(parts, weights, world.security_rho, -2)
        case "leontief":
            return np.asarray(np.where(weights > 0, parts, np.inf).min(axis=-2))
        case _:
            return np.asarray(np.sum(parts * weights, axis=-2))
