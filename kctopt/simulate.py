"""The exact laws forward in time: what a plan's money does, in NumPy alone.

    q = pi * a * (1 + iota*sigma*(e - e0)) * z^lambda * (Acc/100)^psi * (k/100)^theta
    k = min along the ladder of (1 - delta) k + q + eta D,   C = sum_r omega_r k_r
    s = min((1 - delta_s) s + b (u/u_ref)^lambda_s, ceiling R),   U = C + s
    D = min(alpha C, kappa (R/100)^(1-mu) (y/y_ref)^mu (1 - chi_k sigma e), c (R - C + lev))

Flows of a year read the stocks at the end of the year before. Every bound of the optimisation program holds
here with equality, so the value of a plan is a true value, not a claim of the solver; nothing is shared with
the code that builds that program. One loop over years; everything else is vectorised over lines and draws.

| symbol | meaning | unit | name |
|---|---|---|---|
| x, u, y | spend by track | billion CNY/year | strategic, substitution, exchange |
| k, q, D | stock, new knowledge, diffusion inflow | index points (a year) | stock, production, inflow |
| C, s, U, R | capability, substitute, usable, rival's | index points, rival in t0 = 100 | capability ... rival |
| Acc, Z | accelerator index, type scores | 100 in t0; rival = 100 | accelerator, score |
| EP, MP, K, NS | economy, military, KCT, national security | 100 in t0 | economic, military, technology, security |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kctopt.scenario.calibrate import LAGS
from kctopt.scenario.records import Scenario, TargetPolicy
from kctopt.scenario.select import target_lines
from kctopt.world import Array, World

FAR, REACH, NEAR = 0, 1, 2
GEOMETRIC = 1e-9  # a CES exponent closer to 0 than this is taken as 0


@dataclass(frozen=True)
class Money:
    """A plan's money, billion CNY a year: lines L, rungs 3, planned years N; leading draw axes allowed."""

    strategic: Array  # (..., L, 3, N) x
    substitution: Array  # (..., L, N) u
    exchange: Array  # (..., L, N) y

    @property
    def spend(self) -> Array:
        """Spend of each line over all tracks, (..., L, N)."""
        return np.asarray(self.strategic.sum(axis=-2) + self.substitution + self.exchange)


@dataclass(frozen=True)
class Trajectory:
    """What a plan's money leads to; year axis last, n = 0 the base year, H planned and tail years."""

    stock: Array  # (..., L, 3, H+1) index points
    production: Array  # (..., L, 3, H) index points/year
    inflow: Array  # (..., L, H) index points/year
    binding: NDArray[np.int64]  # (..., L, H) cap that sets the inflow: 0 far, 1 reach, 2 near; -1 in other forms
    leverage: Array  # (..., L, H) lead that holds without erosion, index points
    made: Array  # (..., L, H) substitutes gained, index points/year
    substitute: Array  # (..., L, H+1) index points
    capability: Array  # (..., L, H+1) index points
    usable: Array  # (..., L, H+1) index points
    rival: Array  # (..., L, H+1) index points
    gap: Array  # (..., L, H+1) (R - C) / R
    stage: NDArray[np.int64]  # (..., L, H+1) 0 far, 1 within reach, 2 near
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
        always that of `national_security`; for `min_budget` see `rules.budget_scale`.
    """
    world = World.of(scenario) if world is None else world
    money = _checked(scenario, money)
    tail = scenario.horizon.tail
    effort = _lagged_effort(world, money.strategic, tail)
    flows = _reach_cap(world, _with_tail(money.exchange, tail))
    made = world.made_output[..., None, None] * (
        _with_tail(money.substitution, tail) / world.substitution[..., None]
    ) ** _each(world.made_elasticity, 2)
    stock, production, inflow, binding, leverage, accelerator = _years(scenario.diffusion.form, world, effort, flows)
    capability = np.einsum("...lrn,...r->...ln", stock, world.omega)
    substitute = _substitutes(world, made)
    usable = capability + substitute
    rival = np.broadcast_to(world.rival, usable.shape)
    gap = 1 - capability / rival
    stage = np.where(gap > _each(world.far, 2), FAR, np.where(gap < _each(world.near, 2), NEAR, REACH))
    ratio = usable / rival
    value = _value(scenario, world, ratio)
    shortfall = _shortfall(scenario, ratio)
    return Trajectory(
        stock=stock,
        production=production,
        inflow=inflow,
        binding=binding,
        leverage=leverage,
        made=made,
        substitute=substitute,
        capability=capability,
        usable=usable,
        rival=rival,
        gap=gap,
        stage=stage,
        dependency=np.maximum(0.0, 1 - ratio),
        accelerator=accelerator,
        objective=_objective(scenario, world, value["security"], shortfall),
        shortfall=shortfall,
        **value,
    )


def to_base_plan(scenario: Scenario) -> Money:
    """The base year's spend, split as in the base year, repeated in every planned year."""
    spend = np.array([line.spend for line in scenario.lines])
    exchange = np.array([line.exchange_share for line in scenario.lines]) * spend
    substitution = np.array([line.substitution_share for line in scenario.lines]) * spend
    by_rung = (spend - exchange - substitution)[:, None] * np.array([rung.spend_share for rung in scenario.rungs])
    years = np.ones(len(scenario.horizon.years))
    return Money(by_rung[:, :, None] * years, substitution[:, None] * years, exchange[:, None] * years)


def _each(value: Array, axes: int) -> Array:
    """A parameter with `axes` trailing axes of length 1, so that its draw axes meet those of the others."""
    return value.reshape(value.shape + (1,) * axes)


def _checked(scenario: Scenario, money: Money) -> Money:
    """Money as float arrays >= 0 of the scenario's shape; raises ValueError when the shape is another."""
    lines, years = len(scenario.lines), len(scenario.horizon.years)
    parts = {}
    for name, want in (
        ("strategic", (lines, 3, years)),
        ("substitution", (lines, years)),
        ("exchange", (lines, years)),
    ):
        part = np.asarray(getattr(money, name), dtype=float)
        if part.shape[-len(want) :] != want:
            raise ValueError(f"money.{name} has shape {part.shape}; this scenario needs (..., {str(want)[1:]}")
        parts[name] = np.maximum(part, 0.0)
    return Money(**parts)


def _with_tail(flow: Array, tail: int) -> Array:
    """A flow of planned years with its last year repeated over the tail."""
    return np.concatenate([flow, np.repeat(flow[..., -1:], tail, axis=-1)], axis=-1)


def _lagged_effort(world: World, strategic: Array, tail: int) -> Array:
    """z = lagged strategic spend over its reference, (..., L, 3, H); 0 where the reference is 0."""
    spend = _with_tail(strategic, tail)
    years = spend.shape[-1]
    past = world.history[..., ::-1]
    draws = np.broadcast_shapes(spend.shape[:-1], past.shape[:-1])
    known = np.concatenate([np.broadcast_to(past, (*draws, LAGS)), np.broadcast_to(spend, (*draws, years))], axis=-1)
    lagged = np.zeros(())
    for lag in range(LAGS):
        weight = world.lags[..., None, :, lag, None]
        lagged = lagged + weight * known[..., LAGS - lag : LAGS - lag + years]
    reference = world.effort[..., None]
    return np.divide(lagged, reference, out=np.zeros_like(lagged), where=reference > 0)


def _reach_cap(world: World, exchange: Array) -> Array:
    """Cap 2 of diffusion, which knows only exchange spend, the rival and controls, (..., L, H)."""
    mu = _each(world.exchange_elasticity, 2)
    open_share = 1 - _each(world.exchange_control, 2) * world.sensitivity[..., None] * world.control[..., None, 1:]
    effort = (exchange / world.exchange[..., None]) ** mu
    cap: Array = _each(world.exchange_output, 2) * (world.rival[..., :-1] / 100) ** (1 - mu) * effort * open_share
    return cap


def _years(form: str, world: World, effort: Array, reach: Array) -> tuple[Array, ...]:
    """The loop over years: stocks, production, inflow, binding cap, leverage and accelerators."""
    potential = _potential(world, effort)
    theta, psi = _each(world.stock_elasticity, 2), _each(world.accelerator_elasticity, 1)
    keep, eta = (1 - world.depreciation)[..., None, :], world.inflow_share[..., None, :]
    catch_up = _catch_up(world)
    spillover, moat = world.spillover, _each(world.leverage, 2) * world.moat
    start = _mix(spillover, np.einsum("...lr,...r->...l", world.stock, world.omega))
    k = world.stock
    stocks, made, inflows, caps, leads, indices = [k], [], [], [], [], []
    for n in range(potential.shape[-1]):
        C = _mix(k, world.omega)
        index = _index(_mix(spillover, C), start)
        lead = _mix(moat, C)[..., world.domain]
        D, cap = _inflow(form, world, C, lead, catch_up[..., n], world.rival[..., n], reach[..., n])
        boost = ((index / 100) ** psi)[..., world.domain]
        q = potential[..., n] * boost[..., None] * (k / 100) ** theta
        k = np.minimum.accumulate(np.maximum(keep * k + q + eta * D[..., None], 0.0), axis=-1)
        stocks.append(k)
        made.append(q)
        inflows.append(D)
        caps.append(cap)
        leads.append(lead)
        indices.append(index)
    indices.append(_index(_mix(spillover, _mix(k, world.omega)), start))
    return tuple(_over_years(part) for part in (stocks, made, inflows, caps, leads, indices))


def _mix(weights: Array, values: Array) -> Array:
    """Matrix times vector over draw axes."""
    return np.asarray(np.matmul(weights, values[..., None])[..., 0])


def _over_years(parts: list[Array]) -> Array:
    """Arrays of single years joined along a last axis; the first may lack the draw axes of the others."""
    if parts[0].shape != parts[-1].shape:
        parts = list(np.broadcast_arrays(*parts))
    return np.stack(parts, axis=-1)


def _potential(world: World, effort: Array) -> Array:
    """Production at base-year stock and accelerators, (..., L, 3, H)."""
    tightening = world.control[..., 1:] - world.control[..., :1]
    induced = 1 + _each(world.induced, 2) * world.sensitivity[..., None] * tightening[..., None, :]
    scale = _each(world.yield_factor, 2) * world.yields
    potential: Array = scale[..., None] * induced[..., None, :] * effort ** _each(world.effort_elasticity, 3)
    return potential


def _catch_up(world: World) -> Array:
    """c = share of the gap that closes in a year, (..., L, H)."""
    control = _each(world.catch_up_control, 2) * world.sensitivity[..., None] * world.control[..., None, 1:]
    return np.asarray(_each(world.catch_up, 2) * (1 - control))


def _index(value: Array, start: Array) -> Array:
    """A value relative to its start, 100 in t0; 100 throughout where the start is 0."""
    return np.divide(100 * value, start, out=np.full(np.broadcast_shapes(value.shape, start.shape), 100.0), where=start > 0)


def _inflow(
    form: str, world: World, C: Array, lead: Array, catch_up: Array, rival: Array, reach: Array
) -> tuple[Array, NDArray[np.int64]]:
    """D and the cap that sets it (-1 where the form has one cap)."""
    match form:
        case "three_stage":
            near = catch_up * (rival - C + lead)
            far = np.minimum(_each(world.absorption, 1) * C, reach)
            D = np.minimum(far, near)
            return D, np.where(near < far, NEAR, np.where(reach <= D, REACH, FAR))
        case "nelson_phelps":
            D = catch_up * (rival - C + lead)
        case "logistic":
            D = catch_up * C * (1 - C / rival)
        case _:
            D = np.zeros(np.broadcast_shapes(C.shape, catch_up.shape))
    return D, np.full(D.shape, -1)


def _substitutes(world: World, made: Array) -> Array:
    """s from what is made, what fades and the ceiling, (..., L, H+1)."""
    keep, ceiling = 1 - _each(world.fading, 1), _each(world.ceiling, 2) * world.rival
    stocks = [world.substitute]
    for n in range(made.shape[-1]):
        stocks.append(np.minimum(keep * stocks[-1] + made[..., n], ceiling[..., n + 1]))
    return _over_years(stocks)


def _value(scenario: Scenario, world: World, ratio: Array) -> dict[str, Array]:
    """From usable capability over the rival's, (..., L, H+1), to national security."""
    by_type = np.matmul(world.score, 100 * ratio[..., None, :, :])  # (..., 4, G, H+1)
    national = np.einsum("...kg,...kgn->...kn", world.national, by_type)
    kct_domain = _kct_domain(scenario.kct.form, world, by_type)
    kct = ces(kct_domain, world.domain_weights[..., None], world.rho_domains, axis=-2)
    relative = kct / kct[..., :1]
    absent = ~world.score.any(axis=-1)
    loss = _loss(world, ratio, national)
    economic, military = _economic(world, relative, loss), _military(world, relative, national)
    return {
        "score": np.moveaxis(np.where(absent[..., None], np.nan, by_type), -3, -2),
        "national_score": np.where(absent.all(axis=-1)[..., None], np.nan, national),
        "kct_domain": np.where((world.domain_weights > 0)[..., None], kct_domain, np.nan),
        "kct": kct,
        "technology": 100 * relative,
        "loss": loss,
        "economic": economic,
        "military": military,
        "security": _security(scenario.security.form, world, economic, military, 100 * relative),
    }


def ces(values: Array, weights: Array, rho: Array, axis: int) -> Array:
    """(sum w z^rho)^(1/rho) along an axis; the geometric mean at rho = 0. Zero weights are left out.

    A score of 0 with weight makes the whole 0 when rho <= 0.
    """
    values = np.where(weights > 0, values, 1.0)
    rho = _each(np.asarray(rho), values.ndim - np.ndim(rho)) if np.ndim(rho) else np.asarray(rho)
    flat = np.abs(rho) < GEOMETRIC
    if flat.all():
        return np.asarray(np.prod(values**weights, axis=axis))
    power = np.where(flat, 1.0, rho)
    with np.errstate(divide="ignore"):
        mean = np.sum(weights * values**power, axis=axis) ** np.squeeze(1 / power, axis=axis if power.ndim else ())
    if not flat.any():
        return np.asarray(mean)
    return np.where(np.squeeze(flat, axis=axis), np.prod(values**weights, axis=axis), mean)


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
    dependency = np.maximum(0.0, 1 - ratio)
    exposed = world.control * np.einsum("...l,...ln->...n", world.cut_off, dependency)
    return np.maximum(0.0, exposed - world.shield[..., None] * national[..., 3, :])


def _growth(trend: Array, years: int) -> Array:
    """(1 + trend)^n for n = 0 ... years."""
    return np.asarray((1 + trend[..., None]) ** np.arange(years + 1))


def _economic(world: World, relative: Array, loss: Array) -> Array:
    """EP: the trend, lifted by KCT, less the loss; 100 in t0."""
    path = (100 + loss[..., :1]) * _growth(world.economy_trend, relative.shape[-1] - 1)
    return np.asarray(path * relative ** world.economy_elasticity[..., None] - loss)


def _military(world: World, relative: Array, national: Array) -> Array:
    """MP: the trend, lifted by KCT and by the moat and security scores there are; 100 in t0."""
    path = 100 * _growth(world.military_trend, relative.shape[-1] - 1)
    path = path * relative ** world.military_elasticity[..., None]
    pair = world.national[..., 2:, :].any(axis=-1)  # (..., 2)
    if not pair.any():
        return np.asarray(path)
    shield = np.einsum("...k,...kn->...n", pair / np.maximum(pair.sum(axis=-1, keepdims=True), 1), national[..., 2:, :])
    return np.asarray(path * (shield / shield[..., :1]) ** world.military_shield[..., None])


def _security(form: str, world: World, economic: Array, military: Array, technology: Array) -> Array:
    """NS from its three parts, each 100 in t0; a power below 0 counts as 0."""
    parts = np.maximum(np.stack([economic, military, technology], axis=-2), 0.0)
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
