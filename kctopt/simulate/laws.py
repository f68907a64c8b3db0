"""The stocks forward in time: knowledge, ladder, diffusion, substitutes.

    q = a (1 + iota sigma (e - e0)) z^lambda (Acc/100)^psi (k/100)^theta
    k = min along the ladder of (1 - delta) k + q + eta D,   C = sum_r omega_r k_r
    s = min((1 - delta_s) s + b (u/u_ref)^lambda_s, ceiling R)
    D = min(alpha C, kappa (R/100)^(1-mu) (y/y_ref)^mu (1 - chi_k sigma e), c (R - C + lev))

Flows of a year read the stocks at the end of the year before.
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.calibrate import LAGS
from kctopt.simulate.world import Array, Codes, World, mix, spread

FAR, REACH, NEAR = 0, 1, 2


def lagged_effort(world: World, spend: Array) -> Array:
    """z = lagged strategic spend over its reference, (..., L, 3, H); 0 where the reference is 0."""
    years = spend.shape[-1]
    past = world.history[..., ::-1]
    draws = np.broadcast_shapes(spend.shape[:-1], past.shape[:-1])
    known = np.concatenate([np.broadcast_to(past, (*draws, LAGS)), np.broadcast_to(spend, (*draws, years))], axis=-1)
    lagged = np.zeros(())
    for lag in range(LAGS):
        weight = world.lags[..., None, :, lag, None]
        lagged = lagged + weight * known[..., LAGS - lag : LAGS - lag + years]
    reference = world.effort[..., None]
    return np.asarray(lagged / np.where(reference > 0, reference, np.inf))


def reach_cap(world: World, exchange: Array) -> Array:
    """Cap 2 of diffusion, which knows only exchange spend, the rival and controls, (..., L, H)."""
    mu = spread(world.exchange_elasticity, 2)
    open_share = 1 - spread(world.exchange_control, 2) * world.sensitivity[..., None] * world.control[..., None, 1:]
    effort = (exchange / world.exchange[..., None]) ** mu
    cap: Array = spread(world.exchange_output, 2) * (world.rival[..., :-1] / 100) ** (1 - mu) * effort * open_share
    return cap


def years(form: str, world: World, effort: Array, reach: Array) -> dict[str, Array]:
    """The loop over years.

    Gives stock (..., L, 3, H+1), capability (..., L, H+1), production (..., L, 3, H), inflow and leverage (..., L, H).
    """
    potential, catch_up, rival = _potential(world, effort), _catch_up(world), world.rival
    theta, psi = spread(world.stock_elasticity, 2), spread(world.accelerator_elasticity, 1)
    keep, eta = (1 - world.depreciation)[..., None, :], world.inflow_share[..., None, :]
    absorption, (spillover, none) = spread(world.absorption, 1), world.accelerators
    moat, omega, domain = spread(world.leverage, 2) * world.moat, world.omega[..., None, :], world.domain
    k = world.stock
    C = (k * omega).sum(axis=-1)
    stocks, capabilities, produced, inflows, leads = [k], [C], [], [], []
    for n in range(potential.shape[-1]):
        boost = ((mix(spillover, C) + none) ** psi)[..., domain]
        lead = mix(moat, C)[..., domain]
        D = _inflow(form, absorption, C, catch_up[..., n], rival[..., n], lead, reach[..., n])
        q = potential[..., n] * boost[..., None] * (k / 100) ** theta
        k = np.minimum.accumulate(np.maximum(keep * k + q + eta * D[..., None], 0.0), axis=-1)
        C = (k * omega).sum(axis=-1)
        stocks.append(k)
        capabilities.append(C)
        produced.append(q)
        inflows.append(D)
        leads.append(lead)
    return {
        "stock": _over_years(stocks),
        "capability": _over_years(capabilities),
        "production": _over_years(produced),
        "inflow": _over_years(inflows),
        "leverage": _over_years(leads),
    }


def accelerator(world: World, capability: Array) -> Array:
    """Acc: accelerator index of domains, 100 in t0, (..., G, H+1)."""
    weights, none = world.accelerators
    return np.asarray(100 * (np.matmul(weights, capability) + none[..., None]))


def _over_years(parts: list[Array]) -> Array:
    """Arrays of single years joined along a last axis; the first ones may lack the draw axes of the others."""
    if parts[0].shape != parts[-1].shape:
        parts = list(np.broadcast_arrays(*parts))
    return np.stack(parts, axis=-1)


def _potential(world: World, effort: Array) -> Array:
    """Production at base-year stock and accelerators, (..., L, 3, H)."""
    tightening = world.control[..., 1:] - world.control[..., :1]
    induced = 1 + spread(world.induced, 2) * world.sensitivity[..., None] * tightening[..., None, :]
    scale = spread(world.yield_factor, 2) * world.yields
    potential: Array = scale[..., None] * induced[..., None, :] * effort ** spread(world.effort_elasticity, 3)
    return potential


def _catch_up(world: World) -> Array:
    """c = share of the gap that closes in a year, (..., L, H)."""
    control = spread(world.catch_up_control, 2) * world.sensitivity[..., None] * world.control[..., None, 1:]
    return np.asarray(spread(world.catch_up, 2) * (1 - control))


def _inflow(form: str, absorption: Array, C: Array, catch_up: Array, rival: Array, lead: Array, reach: Array) -> Array:
    """D of one year from the capability at the end of the year before, (..., L)."""
    match form:
        case "three_stage":
            D = np.minimum(np.minimum(absorption * C, reach), catch_up * (rival - C + lead))
        case "nelson_phelps":
            D = catch_up * (rival - C + lead)
        case "logistic":
            D = catch_up * C * (1 - C / rival)
        case _:
            D = 0.0 * C
    return np.asarray(D)


def binding(form: str, world: World, capability: Array, reach: Array, inflow: Array) -> Codes:
    """Which cap sets the inflow, the first where they tie; -1 in the forms with a single cap."""
    if form != "three_stage":
        return np.full(inflow.shape, -1)
    far = spread(world.absorption, 2) * capability[..., :-1]
    return np.where(far <= inflow, FAR, np.where(reach <= inflow, REACH, NEAR))


def made(world: World, substitution: Array) -> Array:
    """v = substitutes gained by the year's substitution spend, (..., L, H)."""
    effort = substitution / world.substitution[..., None]
    return np.asarray(spread(world.made_output, 2) * effort ** spread(world.made_elasticity, 2))


def substitutes(world: World, made: Array) -> Array:
    """s from what is made, what fades and the ceiling, (..., L, H+1)."""
    keep, ceiling = 1 - spread(world.fading, 1), spread(world.ceiling, 2) * world.rival
    stocks = [world.substitute]
    for n in range(made.shape[-1]):
        stocks.append(np.minimum(keep * stocks[-1] + made[..., n], ceiling[..., n + 1]))
    return _over_years(stocks)
