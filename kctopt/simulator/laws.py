"""The stocks forward in time: knowledge, ladder, diffusion, substitutes.

    q = a (1 + iota sigma (e - e0)) z^lambda (Acc/100)^psi (k/100)^theta
    k = min along the ladder of (1 - delta) k + q + eta D + gain - h,   C = sum_r omega_r k_r
    s = min((1 - delta_s) s + b (u/u_ref)^lambda_s (C/R)^theta_s, top)
    D = min(alpha C, kappa (R/100)^(1-mu) (y/y_ref)^mu (1 - chi_k sigma e) f, c (R - C + lev))

Flows of a year read the stocks at the end of the year before. Gain and restraint h are those of `course`, which also
says when the second cap of D is closed; f is the factor of the cooperation mode.
"""

from __future__ import annotations

import numpy as np

from kctopt.scenario.axes import mix, spread
from kctopt.scenario.calibrate import LAGS
from kctopt.scenario.reviews import FAR, NEAR, REACH
from kctopt.simulator.course import Course, ladder
from kctopt.simulator.world import Array, Codes, World, over_years


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


def effective_spend(world: World, strategic: Array) -> Array:
    """Strategic spend, (..., L, 3, H), by what it is worth on rungs with tranches.

    A curve eff(z) of z = spend over base-year spend runs straight between the ends of tranches and is flat beyond.
    """
    if not len(world.curve):
        return strategic
    line, rung = world.curve.T
    base, spend = world.history[..., line, rung, 0, None], strategic[..., line, rung, :]
    ratio, size = spend / np.where(base > 0, base, np.inf), np.diff(world.upto)
    slope = np.diff(world.effect) / np.where(size > 0, size, np.inf)
    inside = np.clip(ratio[..., None] - world.upto[..., None, :-1], 0.0, size[..., None, :])
    effect = base * (slope[..., None, :] * inside).sum(axis=-1)
    effective = np.broadcast_to(strategic, (*effect.shape[:-2], *strategic.shape[-3:])).copy()
    effective[..., line, rung, :] = effect
    return effective


def reach_cap(world: World, exchange: Array) -> Array:
    """Cap 2 of diffusion, which knows only exchange spend, the rival and controls, (..., L, H)."""
    mu = spread(world.exchange_elasticity, 2)
    open_share = 1 - spread(world.exchange_control, 2) * world.sensitivity[..., None] * world.control[..., None, 1:]
    effort = (exchange / world.exchange[..., None]) ** mu
    cap: Array = spread(world.exchange_output, 2) * (world.rival[..., :-1] / 100) ** (1 - mu) * effort * open_share
    return cap


def market(world: World, exchange: Array) -> Array:
    """G = economic power that the exchange of lines brings, (..., L, H), index points.

    g gamma y_ref (1 - chi_k zeta e) (y/y_ref)^mu_m, by exchange spend (..., L, H).
    """
    open_share = 1 - spread(world.exchange_control, 2) * world.exposed[..., None] * world.control[..., None, 1:]
    level = spread(world.market_output, 1) * world.growth * world.exchange
    effort = (exchange / world.exchange[..., None]) ** spread(world.market_elasticity, 2)
    return np.asarray(level[..., None] * open_share * effort)


def years(form: str, world: World, effort: Array, reach: Array, course: Course | None = None) -> dict[str, Array]:
    """The loop over years; `course` tells what discrete choices do inside it.

    Gives stock (..., L, 3, H+1), capability (..., L, H+1), production (..., L, 3, H), inflow and leverage (..., L, H).
    """
    potential, catch_up, rival = _potential(world, effort), _catch_up(world), world.rival
    theta, psi = spread(world.stock_elasticity, 2), spread(world.accelerator_elasticity, 1)
    keep, eta = (1 - world.depreciation)[..., None, :], world.inflow_share[..., None, :]
    absorption, (spillover, none) = spread(world.absorption, 1), world.accelerators
    moat, omega, domain = spread(world.leverage, 2) * world.moat, world.omega[..., None, :], world.domain
    k = world.stock
    C = _over_rungs(k * omega)
    stocks, capabilities, produced, inflows, leads = [k], [C], [], [], []
    for n in range(potential.shape[-1]):
        boost = ((mix(spillover, C) + none) ** psi)[..., domain]
        lead = mix(moat, C)[..., domain]
        cap = reach[..., n] if course is None else course.cap(n, C, reach[..., n])
        D = _inflow(form, absorption, C, catch_up[..., n], rival[..., n], lead, cap)
        q = potential[..., n] * boost[..., None] * (k / 100) ** theta
        k = keep * k + q + eta * D[..., None]
        k = ladder(k) if course is None else course.settled(n, k)
        C = _over_rungs(k * omega)
        stocks.append(k)
        capabilities.append(C)
        produced.append(q)
        inflows.append(D)
        leads.append(lead)
    return {
        "stock": over_years(stocks),
        "capability": over_years(capabilities),
        "production": over_years(produced),
        "inflow": over_years(inflows),
        "leverage": over_years(leads),
    }


def _over_rungs(parts: Array) -> Array:
    """Sum over the rungs, (..., L); along so short an axis much faster than `sum`, and the same digits."""
    total = parts[..., 0] + parts[..., 1]
    for rung in range(2, parts.shape[-1]):
        total = total + parts[..., rung]
    return np.asarray(total)


def accelerator(world: World, capability: Array) -> Array:
    """Acc: accelerator index of domains, 100 in t0, (..., G, H+1)."""
    weights, none = world.accelerators
    return np.asarray(100 * (np.matmul(weights, capability) + none[..., None]))


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


def substitutes(world: World, substitution: Array, capability: Array) -> dict[str, Array]:
    """v and s by the year's substitution spend: made (..., L, H) and substitute (..., L, H+1)."""
    effort = (substitution / world.substitution[..., None]) ** spread(world.made_elasticity, 2)
    leaning = (capability[..., :-1] / world.rival[..., :-1]) ** spread(world.made_capability, 2)
    keep, most = 1 - spread(world.fading, 1), most_substitutes(world)
    made = np.where(most[..., 1:] > 0, spread(world.made_output, 2) * effort * leaning, 0.0)
    stocks = [world.substitute]
    for n in range(made.shape[-1]):
        stocks.append(np.minimum(keep * stocks[-1] + made[..., n], most[..., n + 1]))
    return {"made": made, "substitute": over_years(stocks)}


def most_substitutes(world: World) -> Array:
    """top: what substitutes can replace, a part of what controls so far deny of the base year's gap, (..., L, H+1)."""
    so_far = np.maximum.accumulate(world.control, axis=-1)
    missing = (world.sensitivity * world.gap)[..., None] * so_far[..., None, :]
    limited = np.isfinite(world.denied_ceiling)
    limit = np.where(limited, world.denied_ceiling, 0)
    share = np.where(spread(limited, 2), spread(limit, 2) * missing, np.inf)
    return np.asarray(np.minimum(spread(world.ceiling, 2), share) * world.rival)
